//! The words of the rule book: what a rule may say, as read from TOML and as used by the calculations.

use crate::core::date::Date;
use rust_decimal::Decimal;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant),+ }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$variant => $word),+ })
            }
        }
    };
}

words! {
    /// Shape of a rule's value.
    Kind {
        /// One value.
        Scalar = "scalar",
        /// The menu from which an election is made.
        Choice = "choice",
        /// One value for each named key (a track, an arrangement).
        Table = "table",
        /// Knots of a function that is linear between them.
        PiecewiseLinear = "piecewise_linear",
        /// Steps: each value holds up to and including its upper bound.
        Bands = "bands",
    }
}
words! {
    /// What a value counts.
    Unit {
        /// A fraction of one.
        Share = "share",
        /// Dollars.
        Usd = "usd",
        /// Dollars per beneficiary per month.
        UsdPbpm = "usd_pbpm",
        /// A whole number of people, months or things.
        Count = "count",
        /// A calendar year.
        Year = "year",
        /// A calendar date.
        Date = "date",
        /// A word from a closed list that the calculation knows.
        Text = "text",
    }
}
words! {
    /// The calendar by which a rule is in force.
    Clock {
        /// The year of performance.
        PerformanceYear = "performance_year",
        /// The year of payment: performance year + 2 in the Quality Payment Program.
        PaymentYear = "payment_year",
    }
}
words! {
    /// Standing of a rule in law.
    Status {
        /// In a statute or final rule.
        Enacted = "enacted",
        /// In the Code of Federal Regulations.
        Codified = "codified",
        /// In a proposed rule; used only when asked for.
        Proposed = "proposed",
        /// Set by the user.
        Override = "override",
    }
}
words! {
    /// How a value was checked.
    Confidence {
        /// Read in the primary text.
        Primary = "primary",
        /// Reproduced from data that CMS published.
        Recomputed = "recomputed",
        /// Read in a secondary source.
        Secondary = "secondary",
        /// From professional knowledge only; results that use it say so.
        Recalled = "recalled",
        /// The user's own.
        User = "user",
    }
}

/// Years in which a rule is in force, by one clock; `to` is open where absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Applies {
    /// Calendar that `from` and `to` count in.
    pub clock: Clock,
    /// First year.
    pub from: u16,
    /// Last year, inclusive.
    pub to: Option<u16>,
}

impl Applies {
    /// Whether the rule is in force in this year of its clock.
    #[must_use]
    pub fn covers(&self, year: u16) -> bool {
        self.from <= year && self.to.is_none_or(|to| year <= to)
    }
}

impl fmt::Display for Applies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clock = self.clock.to_string().replace('_', " ");
        match self.to {
            Some(to) if to == self.from => write!(f, "{clock} {to}"),
            Some(to) => write!(f, "{clock}s {} to {to}", self.from),
            None => write!(f, "{clock}s from {}", self.from),
        }
    }
}

/// A rule as TOML holds it, before any check but those of its types.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawRule {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) unit: Unit,
    pub(crate) applies: Applies,
    pub(crate) known_from: Option<Date>,
    pub(crate) status: Option<Status>,
    pub(crate) confidence: Option<Confidence>,
    #[serde(default)]
    pub(crate) recalled: Vec<String>,
    pub(crate) value: toml::Value,
    #[serde(default)]
    pub(crate) cites: Vec<String>,
    #[serde(default)]
    pub(crate) note: String,
}

/// Where a rule can be read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Short name by which rules cite it.
    pub id: String,
    /// Title of the document.
    pub title: String,
    /// Paragraph or page.
    #[serde(default)]
    pub paragraph: String,
    /// When the document took this form.
    pub date: Option<Date>,
    /// Where it is published.
    #[serde(default)]
    pub link: String,
}

/// One number, word or date.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scalar {
    /// A number, exactly as written.
    Number(Decimal),
    /// A word.
    Text(String),
    /// A date.
    Date(Date),
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(n) => n.fmt(f),
            Self::Text(t) => f.write_str(t),
            Self::Date(d) => d.fmt(f),
        }
    }
}

/// What a rule says, by kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// One value.
    Scalar(Scalar),
    /// A menu.
    Choice(Vec<Scalar>),
    /// One value a key.
    Table(BTreeMap<String, Scalar>),
    /// Knots (x, y), x increasing.
    PiecewiseLinear(Vec<(Decimal, Decimal)>),
    /// Steps (upper bound, value); the last upper bound is open.
    Bands(Vec<(Option<Decimal>, Decimal)>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn list<T>(items: impl IntoIterator<Item = T>, show: impl Fn(T) -> String) -> String {
            items.into_iter().map(show).collect::<Vec<_>>().join(", ")
        }
        let text = match self {
            Self::Scalar(s) => s.to_string(),
            Self::Choice(menu) => list(menu, ToString::to_string),
            Self::Table(map) => list(map, |(k, v)| format!("{k}: {v}")),
            Self::PiecewiseLinear(knots) => list(knots, |(x, y)| format!("{x} -> {y}")),
            Self::Bands(steps) => {
                list(steps, |(u, v)| u.map_or_else(|| format!("above: {v}"), |u| format!("to {u}: {v}")))
            }
        };
        f.write_str(&text)
    }
}

/// A checked rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Dotted name of the quantity.
    pub id: String,
    /// Shape of the value.
    pub kind: Kind,
    /// What the value counts.
    pub unit: Unit,
    /// When the rule is in force.
    pub applies: Applies,
    /// When it became known.
    pub known_from: Date,
    /// Standing in law.
    pub status: Status,
    /// How it was checked.
    pub confidence: Confidence,
    /// Keys of a table whose values are recalled, whatever the confidence of the others.
    pub recalled: Vec<String>,
    /// What it says.
    pub value: Value,
    /// Ids of the sources it rests on.
    pub cites: Vec<String>,
    /// Anything a reader should know.
    pub note: String,
    /// File or mapping it came from.
    pub file: String,
    /// 0 for the shipped book, then one more for each override, which wins over those below.
    pub layer: u16,
}
