//! The normal distribution and Student's t, as far as intervals and probabilities need them.

use std::f64::consts::PI;

/// Beyond this many standard deviations a probability is none or one to double precision.
const FAR: f64 = 8.0;

/// Probability that a standard normal variable is at most `x`.
fn normal(x: f64) -> f64 {
    if x.abs() > FAR {
        return if x > 0.0 { 1.0 } else { 0.0 };
    }
    // phi(x) (x + x^3/3 + x^5/(3 5) + ...), which converges for every x.
    let (mut term, mut sum, mut odd) = (x, x, 1.0);
    while term.abs() > sum.abs() * f64::EPSILON {
        odd += 2.0;
        term *= x * x / odd;
        sum += term;
    }
    (1.0 / 2.0 + sum * (-x * x / 2.0).exp() / (2.0 * PI).sqrt()).clamp(0.0, 1.0)
}

fn ln_gamma(x: f64) -> f64 {
    // Stirling's series, far enough out that three terms are exact to double precision.
    let (mut x, mut shift) = (x, 0.0);
    while x < 30.0 {
        shift += x.ln();
        x += 1.0;
    }
    let inverse = 1.0 / x;
    let series = inverse / 12.0 - inverse.powi(3) / 360.0 + inverse.powi(5) / 1260.0;
    (x - 1.0 / 2.0) * x.ln() - x + (2.0 * PI).ln() / 2.0 + series - shift
}

/// Regularised incomplete beta function, by its continued fraction.
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(b, a, 1.0 - x);
    }
    let front = (a * x.ln() + b * (-x).ln_1p() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b)).exp() / a;
    let tiny = f64::MIN_POSITIVE;
    let away = |v: f64| if v.abs() < tiny { tiny } else { v };
    // Lentz: value = 1 / (1 + d1 / (1 + d2 / ...)).
    let (mut value, mut c, mut d) = (1.0, 1.0, 0.0);
    for step in 0..500 {
        let m = f64::from(step / 2);
        let numerator = if step == 0 {
            1.0
        } else if step % 2 == 0 {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        };
        d = 1.0 / away(1.0 + numerator * d);
        c = away(1.0 + numerator / c);
        value *= c * d;
        if (c * d - 1.0).abs() < 4.0 * f64::EPSILON && step > 0 {
            break;
        }
    }
    front * (value - 1.0)
}

/// Probability that Student's t with `df` degrees of freedom, infinite for the normal, is at most `x`.
#[must_use]
pub fn cumulative(x: f64, df: f64) -> f64 {
    if df.is_infinite() {
        return normal(x);
    }
    let tail = incomplete_beta(df / 2.0, 1.0 / 2.0, df / (df + x * x)) / 2.0;
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// The value that a variable is at most with this probability, by bisection.
#[must_use]
pub fn quantile(probability: f64, df: f64) -> f64 {
    let (mut low, mut high) = (-1.0, 1.0);
    while cumulative(low, df) > probability && low > -1e9 {
        low *= 2.0;
    }
    while cumulative(high, df) < probability && high < 1e9 {
        high *= 2.0;
    }
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if cumulative(middle, df) < probability { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 2e-4, "{a} {b}");
    }

    #[test]
    fn quantiles_are_those_of_printed_tables() {
        // Percentage points of the normal and of t, as every textbook prints them.
        for (p, df, printed) in [
            (0.975, f64::INFINITY, 1.95996),
            (0.90, f64::INFINITY, 1.28155),
            (0.975, 1.0, 12.7062),
            (0.90, 1.0, 3.0777),
            (0.975, 5.0, 2.5706),
            (0.975, 10.0, 2.2281),
            (0.90, 30.0, 1.3104),
            (0.975, 120.0, 1.9799),
        ] {
            close(quantile(p, df), printed);
        }
    }

    #[test]
    fn tails_add_up_and_many_degrees_of_freedom_are_normal() {
        for x in [-3.5, -1.0, 0.0, 0.7, 2.2, 6.0] {
            for df in [1.0, 4.0, 40.0, f64::INFINITY] {
                assert!((cumulative(x, df) + cumulative(-x, df) - 1.0).abs() < 1e-12);
            }
            close(cumulative(x, 1e6), cumulative(x, f64::INFINITY));
        }
        close(cumulative(1.0, 1.0), 0.75);
    }
}
