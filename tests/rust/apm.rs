//! Advanced APM criteria: the rows that are decided in integers against the reference in decimals, and properties.

use crate::support::{Cells, NOW, Random, book};
use sharedsavings::core::apm::reason::{COLUMNS, SHARES, TRUTHS};
use sharedsavings::core::apm::{
    Exposure, Facts, Given, Inputs, Levels, PAYERS, Payer, Plan, Row, Verdict, catalogue, decide, run,
    verdict_and, verdict_or,
};
use sharedsavings::core::kernel::Column;
use sharedsavings::core::programs::{Family, programs};
use sharedsavings::core::reference::{Trace, apm as reference};
use sharedsavings::core::round::{PPB, Ratio};
use sharedsavings::core::settle::{self, Discount, GrossCap};
use std::collections::BTreeMap;

const YEARS: std::ops::RangeInclusive<i64> = 2017..=2027;

fn plan() -> Plan {
    Plan::new(&book(), NOW, &YEARS.collect::<Vec<_>>()).unwrap()
}

/// A row whose numbers lie at and about the lines that decide.
fn given(random: &mut Random) -> Given {
    let mut row: Given = [None; COLUMNS.len()];
    for (at, slot) in row.iter_mut().enumerate() {
        let near = |random: &mut Random, lines: &[i64]| random.pick(lines) + random.between(-1, 1);
        let value = match at {
            0 => random.between(2017, 2027),
            1 => random.between(0, PAYERS.len() as i64 - 1),
            2 => random.between(0, 5),
            12 => random.between(0, 4),
            13 => random.between(0, 1),
            4 => near(random, &[PPB / 2, PPB / 4 * 3]),
            at if SHARES.contains(&at) => {
                near(random, &[PPB / 100 * 3, PPB / 100 * 4, PPB / 100 * 5, PPB / 100 * 8, PPB / 40])
            }
            16 => near(random, &[300_000, 500_000, 800_000]),
            17 | 18 | 31 => random.pick(&[10_000_000, 10_000_000, 10_000_000, 0]),
            21..=24 => near(random, &[50, 20]),
            at if TRUTHS.contains(&at) => random.between(0, 1),
            _ => continue,
        };
        *slot = match random.between(0, 9) {
            0 if at > 0 => Some(None),
            1 | 2 if at > 0 => None,
            _ => Some(Some(value)),
        };
    }
    if random.one_in(2) {
        // Mostly rows that pass all but risk.
        for at in [7, 8, 9, 10] {
            row[at] = Some(Some(1));
        }
        (row[2], row[4], row[5]) = (Some(Some(1)), Some(Some(PPB)), Some(Some(1)));
    }
    row
}

fn levels(random: &mut Random) -> Levels {
    let count = random.between(1, 4);
    let mut upper = 0;
    let mut steps = Vec::new();
    for at in 0..count {
        upper += random.between(1, 60) * (PPB / 1000);
        let open = at == count - 1 && random.one_in(4);
        steps.push((if open { i64::MAX } else { upper }, random.between(0, 20) * (PPB / 20)));
    }
    Levels::new(steps).unwrap()
}

fn facts() -> Vec<(String, String, i64, Facts)> {
    let book = book();
    let mut out = Vec::new();
    for program in programs(&book, NOW).into_iter().filter(|p| p.family == Family::SharedSavings).map(|p| p.id) {
        let plan = settle::Plan::new(&book, &program, NOW).unwrap();
        for year in YEARS {
            for (arrangement, terms) in plan.arrangements.iter().zip(plan.year(year).iter().flat_map(|y| &y.terms))
            {
                let (mut facts, _) = catalogue::facts(&book, NOW, &program, arrangement, year as u16);
                facts.terms = *terms;
                if terms.is_some() {
                    out.push((program.clone(), arrangement.clone(), year, facts));
                }
            }
        }
    }
    out
}

#[test]
fn integers_and_the_reference_in_decimals_decide_alike() {
    let (book, plan, facts) = (book(), plan(), facts());
    let mut random = Random::new(414);
    let mut seen = BTreeMap::<(u8, &str), u32>::new();
    for _ in 0..60_000 {
        let mut given = given(&mut random);
        let levels = random.one_in(2).then(|| levels(&mut random));
        let known = random.one_in(3).then(|| &facts[random.between(0, facts.len() as i64 - 1) as usize]);
        if let Some((_, _, year, _)) = known {
            given[0] = Some(Some(*year));
        }
        let row = Row::new(&given, levels.as_ref(), known.map(|k| &k.3));
        let Some(medicare) = row.is_medicare() else { continue };
        let payer = if medicare { Payer::Medicare } else { Payer::Other };
        let Some(criteria) = plan.get(row.year, payer) else { continue };
        let decided = decide(&row, criteria, payer);
        let program = known.map(|k| (k.0.as_str(), k.1.as_str()));
        let told = reference::explain(&book, NOW, &row, program, &mut Trace::default()).unwrap();
        let verdicts = [decided.apm.0, decided.cehrt.0, decided.quality.0, decided.risk.0, decided.answer];
        assert_eq!(verdicts, told, "{row:?}");
        *seen.entry((decided.answer as u8, payer.word())).or_default() += 1;
    }
    // Every answer was met for either kind of payer.
    assert_eq!(seen.len(), 6, "{seen:?}");
    assert!(seen.values().all(|n| *n > 100), "{seen:?}");
}

#[test]
fn a_row_that_gives_more_risk_never_passes_less() {
    let plan = plan();
    let order = |verdict| [Verdict::Fail, Verdict::Unknown, Verdict::Pass].iter().position(|v| *v == verdict);
    let mut random = Random::new(1415);
    for _ in 0..20_000 {
        let given = given(&mut random);
        let levels = levels(&mut random);
        let mut more = given;
        for at in [14, 15, 16] {
            more[at] = more[at].map(|v| v.map(|v| v + random.between(0, PPB / 100)));
        }
        let verdict = |given: &Given| {
            let row = Row::new(given, Some(&levels), None);
            let payer = if row.is_medicare()? { Payer::Medicare } else { Payer::Other };
            Some(decide(&row, plan.get(row.year, payer)?, payer).risk.0)
        };
        let (Some(less), Some(more)) = (verdict(&given), verdict(&more)) else { continue };
        assert!(order(more) >= order(less), "{given:?}");
    }
}

#[test]
fn averages_of_marginal_risk_lie_between_the_least_and_the_most_share_and_no_product_overflows() {
    let mut random = Random::new(1420);
    for _ in 0..20_000 {
        let mut steps: Vec<(i64, i64)> =
            (0..random.between(1, 6)).map(|_| (random.magnitude(1000 * PPB), random.between(0, PPB))).collect();
        steps.sort_unstable();
        steps.dedup_by_key(|step| step.0);
        let Some(levels) = Levels::new(steps.clone()) else { continue };
        let minimum = random.between(0, PPB / 10);
        let levels = if random.one_in(2) { levels.after(minimum, random.one_in(2)) } else { levels };
        let Some(marginal) = levels.marginal(PPB / 100 * 3, PPB / 25) else { continue };
        let top = levels.steps().iter().map(|step| step.1).max().unwrap();
        let ratio = |(n, d): (i128, i128)| n as f64 / d as f64;
        let slack = 1.0 + f64::EPSILON * 8.0;
        assert!(ratio(marginal.highest) <= top as f64 / PPB as f64 * slack, "{steps:?}");
        assert!(ratio(marginal.highest) * slack >= ratio(marginal.all_levels), "{steps:?}");
        assert!(ratio(marginal.all_levels) >= 0.0);
    }
}

#[test]
fn text_of_marginal_bands_is_read_or_refused() {
    assert_eq!(Levels::parse("0.04: 0, 0.10: 0.40").unwrap().steps(), [(PPB / 25, 0), (PPB / 10, PPB / 5 * 2)]);
    assert_eq!(Levels::parse("inf: 1").unwrap().steps(), [(i64::MAX, PPB)]);
    for text in
        ["", "0.1", "0.1: x", "x: 0.1", "0: 0.3", "0.1: -0.3", "0.1: 1.01", "inf: 0.3, 0.1: 0.2", "1e99: 0.1"]
    {
        assert!(Levels::parse(text).is_err(), "{text}");
    }
}

#[test]
fn three_valued_logic_is_that_of_kleene() {
    let all = [Verdict::Fail, Verdict::Pass, Verdict::Unknown];
    // Truth as a number: fail 0, unknown 1, pass 2; then "and" is the least and "or" the greatest.
    let rank = |verdict: Verdict| match verdict {
        Verdict::Fail => 0,
        Verdict::Unknown => 1,
        Verdict::Pass => 2,
    };
    for a in all {
        for b in all {
            assert_eq!(rank(verdict_and(&[a, b])), rank(a).min(rank(b)));
            assert_eq!(rank(verdict_or(&[a, b])), rank(a).max(rank(b)));
        }
    }
}

/// What is owed for losses of fifty times the benchmark is what the exposure says, with much revenue and with little.
#[test]
fn the_most_that_can_be_lost_is_the_most_that_is_settled() {
    let book = book();
    let benchmark = 100_000_000_000;
    let (mut bounded, mut unbounded) = (0, 0);
    for program in programs(&book, NOW).into_iter().filter(|p| p.family == Family::SharedSavings).map(|p| p.id) {
        let plan = settle::Plan::new(&book, &program, NOW).unwrap();
        for year in YEARS.filter_map(|year| plan.year(year)) {
            for terms in year.terms.iter().flatten() {
                let Some(down) = &terms.down else { continue };
                let exposure = Exposure::of(down, None);
                for (limits, revenue, first) in [
                    (exposure.least, benchmark * 10, true),
                    (exposure.most, benchmark * 10, false),
                    (exposure.least, benchmark / 10, true),
                ] {
                    let elected_cap = match down.cap {
                        GrossCap::Elected { lowest, highest } => {
                            let cap = if first { lowest } else { highest };
                            Some(cap.n * (PPB / cap.d))
                        }
                        _ => None,
                    };
                    let row = settle::Row {
                        benchmark,
                        expenditures: benchmark * 50,
                        beneficiaries: 50_000,
                        quality_score: Some(0),
                        quality_standard_met: Some(false),
                        alternative_standard_met: Some(false),
                        participant_revenue: Some(revenue),
                        two_sided_year: Some(if first { 1 } else { 3 }),
                        discount: match down.discount {
                            Discount::Given { lowest, .. } => Some(lowest.n * (PPB / lowest.d)),
                            _ => None,
                        },
                        elected_cap,
                        ..settle::Row::default()
                    };
                    let settled = settle::settle(year, terms, &row).unwrap();
                    let of = |ratio: Ratio, base: i64| {
                        (i128::from(ratio.n) * i128::from(base) / i128::from(ratio.d)) as i64
                    };
                    let by_revenue = limits.of_revenue.map_or(i64::MAX, |r| of(r, revenue));
                    let by_expected = |base: i64| limits.of_expected.map_or(i64::MAX, |e| of(e, base));
                    let owed = -settled.earned;
                    let (low, high) =
                        (by_expected(settled.target).min(by_revenue), by_expected(benchmark).min(by_revenue));
                    if high == i64::MAX {
                        assert!(owed > benchmark, "{program}: {owed}");
                        unbounded += 1;
                    } else {
                        // A limit is a part of the target or of the benchmark: one of them.
                        assert!(
                            [low, high].iter().any(|limit| (limit - owed).abs() <= 1),
                            "{program}: {owed}, {low}, {high}"
                        );
                        bounded += 1;
                    }
                }
            }
        }
    }
    assert!(bounded > 100 && unbounded > 30, "{bounded}, {unbounded}");
}

#[test]
fn a_frame_is_decided_as_its_rows_are() {
    let plan = plan();
    let mut random = Random::new(99);
    let rows: Vec<Given> = (0..9000).map(|_| given(&mut random)).collect();
    let value = |row: &Given, at: usize| match (at, row[at]) {
        // A frame has a column or has it not: absent is null here, but for what is assumed.
        (1, None) => Some(0),
        (_, value) => value.flatten(),
    };
    let cells: Vec<Cells> =
        (0..COLUMNS.len()).map(|at| Cells(rows.iter().map(|r| value(r, at)).collect())).collect();
    let facts = BTreeMap::new();
    let columns = std::array::from_fn(|at| Some(&cells[at] as &dyn Column));
    let inputs = Inputs { columns, levels: &[], facts: &facts };
    let [one, two] = [1, 2].map(|threads| run(&plan, &inputs, Some(threads)).unwrap());
    assert_eq!((&one.codes, &one.reason), (&two.codes, &two.reason));
    let mut decided = 0;
    for (at, row) in rows.iter().enumerate() {
        let filled: Given = std::array::from_fn(|column| Some(value(row, column)));
        let row = Row::new(&filled, None, None);
        let twice = filled[16].flatten().is_some();
        if one.reason[at] != 0 {
            assert!(row.year < 2019 || row.payer.is_none() || twice);
            continue;
        }
        let payer = if row.payer == Some(0) { Payer::Medicare } else { Payer::Other };
        let alone = decide(&row, plan.get(row.year, payer).unwrap(), payer);
        assert_eq!(one.codes[9][at], alone.answer as u8);
        decided += 1;
    }
    assert!(decided > 2000, "{decided}");
}

#[test]
fn every_rule_of_the_catalogue_says_yes_no_or_unknown_and_stands_behind_a_model() {
    let book = book();
    for rule in book.rules().filter(|rule| rule.id.starts_with("apm.")) {
        let sharedsavings::core::rulebook::Value::Table(table) = &rule.value else { panic!("{}", rule.id) };
        let parts = rule.id.split('.').count();
        let needed: &[&str] = if parts == 2 {
            &["name", "kind", "scope"]
        } else {
            &["track", "advanced", "mips_apm", "medical_home_model", "authority", "cehrt", "quality"]
        };
        assert!(needed.iter().all(|key| table.contains_key(*key)), "{}", rule.id);
        for key in ["advanced", "mips_apm", "medical_home_model", "cehrt", "quality"] {
            let word = table.get(key).map(ToString::to_string);
            assert!(word.is_none_or(|word| ["yes", "no", "unknown"].contains(&word.as_str())), "{}", rule.id);
        }
        for key in ["start", "end"] {
            let day = table.get(key).map(ToString::to_string);
            assert!(day.is_none_or(|day| day.parse::<sharedsavings::core::date::Date>().is_ok()), "{}", rule.id);
        }
        if parts == 3 {
            let model = rule.id.rsplit_once('.').unwrap().0;
            let to = rule.applies.to.unwrap_or(rule.applies.from);
            for year in [rule.applies.from, to] {
                assert!(book.find(model, year, NOW).is_some(), "{model} in {year}");
            }
        }
    }
}
