//! The criteria of Advanced APMs a second time, step by step in decimals, straight from the rule book: it explains a row.

mod marginal;

use super::trace::{Trace, count, dollars, percent, truth};
use crate::core::apm::{AUTHORITIES, FORMS, Limits, MEDICAID, PAYERS, Payer, Row, TRIGGERS, Verdict, catalogue};
use crate::core::error::Result;
use crate::core::round::Ratio;
use crate::core::rulebook::{AsOf, Book, Rule, Taken, Value};
use rust_decimal::Decimal;

/// What the steps come to: authority, CEHRT, quality, risk, and all together.
pub type Verdicts = [Verdict; 5];

/// Three-valued logic: `None` is not known.
type Truth = Option<bool>;

fn both(a: Truth, b: Truth) -> Truth {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn either(a: Truth, b: Truth) -> Truth {
    both(a.map(|a| !a), b.map(|b| !b)).map(|neither| !neither)
}

fn said(value: Truth) -> String {
    match value {
        Some(true) => "pass",
        Some(false) => "fail",
        None => "unknown",
    }
    .to_owned()
}

fn share(ppb: i64) -> Decimal {
    Decimal::new(ppb, 9)
}

fn part(ratio: Ratio) -> Decimal {
    Decimal::from(ratio.n) / Decimal::from(ratio.d)
}

fn shown(value: Option<i64>, show: impl Fn(i64) -> String) -> String {
    value.map_or_else(|| "not given".to_owned(), show)
}

fn word(words: &[&str], code: Option<i64>) -> String {
    let found = code.and_then(|code| words.get(usize::try_from(code).ok()?));
    found.map_or("not given", |word| word).replace('_', " ")
}

struct Reader<'b> {
    taken: Taken<'b>,
    payer: Payer,
    /// What the catalogue says of the program.
    catalogue: Option<&'b Rule>,
}

impl<'b> Reader<'b> {
    fn rule(&mut self, field: &str) -> Option<&'b Rule> {
        self.taken.rule(&format!("advanced_apm.{}.{field}", self.payer.word()))
    }

    fn number(&mut self, field: &str) -> Result<Decimal> {
        self.taken.number(&format!("advanced_apm.{}.{field}", self.payer.word()))
    }

    fn says(&mut self, field: &str, word: &str) -> bool {
        self.rule(field).is_some_and(|rule| rule.value.to_string() == word)
    }

    fn lists(&mut self, field: &str, word: &str) -> bool {
        matches!(self.rule(field).map(|rule| &rule.value),
            Some(Value::Choice(menu)) if menu.iter().any(|entry| entry.to_string() == word))
    }
}

/// The steps of one row; `program` and arrangement are those whose terms stand behind it.
pub fn explain(
    book: &Book,
    as_of: AsOf,
    row: &Row,
    program: Option<(&str, &str)>,
    trace: &mut Trace,
) -> Result<Verdicts> {
    let payer = if row.payer == Some(0) { Payer::Medicare } else { Payer::Other };
    let year = u16::try_from(row.year).unwrap_or(0);
    let behind = program.map(|(program, arrangement)| catalogue::behind(book, as_of, program, arrangement, year));
    let catalogue = behind.and_then(|entries| entries.first().map(|entry| entry.rule));
    let mut book = Reader { taken: book.read(year, as_of), payer, catalogue };
    let apm = authority(&mut book, row, trace);
    let cehrt = cehrt(&mut book, row, trace)?;
    let quality = quality(&mut book, row, trace);
    let risk = risk(&mut book, row, program, trace)?;
    let all = [cehrt, quality, risk].into_iter().fold(apm, both);
    let inputs =
        [("authority", said(apm)), ("CEHRT", said(cehrt)), ("quality", said(quality)), ("risk", said(risk))];
    let answer = match all {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    };
    trace.step("advanced APM", "every criterion passes", &inputs, answer.into(), &[]);
    Ok([apm, cehrt, quality, risk, all].map(Verdict::of))
}

fn authority(book: &mut Reader<'_>, row: &Row, trace: &mut Trace) -> Truth {
    let (field, words, value, formula): (_, &[&str], _, _) = match book.payer {
        Payer::Medicare => {
            ("authorities", &AUTHORITIES, row.authority, "the model rests on an authority that makes an APM")
        }
        Payer::Other => ("payers", &PAYERS, row.payer, "the payer is one whose arrangements count"),
    };
    let found = value.and_then(|code| words.get(usize::try_from(code).ok()?));
    let verdict = found.map(|word| book.lists(field, word));
    let name = if book.payer == Payer::Medicare { "authority" } else { "payer" };
    trace.step(name, formula, &[(name, word(words, value))], said(verdict), &[book.rule(field), book.catalogue]);
    verdict
}

fn cehrt(book: &mut Reader<'_>, row: &Row, trace: &mut Trace) -> Result<Truth> {
    let by_share = book.says("cehrt", "share");
    let own = if by_share {
        let least = book.number("cehrt.share")?;
        row.cehrt_share.map(|given| share(given) >= least)
    } else {
        row.cehrt_required
    };
    let own = own.or(row.program_cehrt);
    let authority = row.authority.and_then(|code| AUTHORITIES.get(usize::try_from(code).ok()?));
    let stands_in = authority.is_some_and(|word| book.says("cehrt.payment_adjustment", word));
    let verdict = either(own, if stands_in { row.cehrt_adjustment } else { Some(false) });
    let mut inputs = if by_share {
        let least = book.number("cehrt.share")?;
        vec![("share of clinicians", shown(row.cehrt_share, |s| percent(share(s)))), ("needed", percent(least))]
    } else {
        vec![("use required", truth(row.cehrt_required))]
    };
    if stands_in {
        inputs.push(("payment adjustment for use", truth(row.cehrt_adjustment)));
    }
    if row.program_cehrt.is_some() {
        inputs.push(("as the catalogue says of the program", truth(row.program_cehrt)));
    }
    let rules = [book.rule("cehrt"), if by_share { book.rule("cehrt.share") } else { None }, book.catalogue];
    trace.step(
        "CEHRT",
        "use of certified EHR technology is required as the year asks",
        &inputs,
        said(verdict),
        &rules,
    );
    Ok(verdict)
}

fn quality(book: &mut Reader<'_>, row: &Row, trace: &mut Trace) -> Truth {
    let own = row.linked.is_some() || row.comparable.is_some() || row.outcome.is_some();
    let rules = [book.rule("outcome_measure"), book.catalogue];
    if let (Some(known), false) = (row.program_quality, own) {
        let inputs = [("as the catalogue says of the program", truth(Some(known)))];
        let formula = "payment depends on measures comparable with those of MIPS, an outcome measure among them";
        trace.step("quality", formula, &inputs, said(Some(known)), &rules);
        return Some(known);
    }
    let must_compare = book.says("outcome_measure", "comparable");
    let measure = both(row.outcome, if must_compare { row.outcome_comparable } else { Some(true) });
    let outcome = either(measure, row.no_outcome_available);
    let verdict = both(both(row.linked, row.comparable), outcome);
    let inputs = [
        ("linked to payment", truth(row.linked)),
        ("comparable measure", truth(row.comparable)),
        ("outcome measure", truth(row.outcome)),
        ("comparable itself", if must_compare { truth(row.outcome_comparable) } else { "not asked for".into() }),
        ("none available", truth(row.no_outcome_available)),
    ];
    let formula = "linked to payment, and a comparable measure, and an outcome measure unless none is available";
    trace.step("quality", formula, &inputs, said(verdict), &rules);
    verdict
}

/// Rules of a program that bound its losses.
fn of_program<'b>(book: &mut Reader<'b>, program: Option<(&str, &str)>) -> Vec<Option<&'b Rule>> {
    let Some((program, arrangement)) = program else { return Vec::new() };
    let fields = [
        "risk",
        "loss_rate",
        "loss_limit.benchmark",
        "loss_limit.revenue",
        "loss_limit.amount",
        "elected_cap.lowest",
        "elected_cap.highest",
        "gross_cap",
        "incentive.quality",
        "incentive.utilization",
        "revenue.lowest",
    ];
    let states = |rule: &&Rule| !matches!(&rule.value, Value::Table(table) if !table.contains_key(arrangement));
    fields.iter().map(|field| book.taken.rule(&format!("{program}.{field}")).filter(states)).collect()
}

fn limits(row: &Row, limits: &Limits, least: [Decimal; 2], revenue_counts: bool) -> Truth {
    let [of_revenue, of_expected] = least;
    let known = row.revenue.zip(row.expected).filter(|(revenue, expected)| *revenue > 0 && *expected > 0);
    if limits.of_revenue.is_none() && limits.of_expected.is_none() && limits.amount.is_none() {
        return Some(true);
    }
    let revenue = limits.of_revenue.map(|limit| part(limit) >= of_revenue && revenue_counts);
    let expected = limits.of_expected.map(|limit| part(limit) >= of_expected);
    if limits.amount.is_none() && revenue != Some(false) && expected != Some(false) {
        return Some(true);
    }
    if let Some((revenue, expected)) = known {
        let (revenue, expected) = (Decimal::from(revenue), Decimal::from(expected));
        let amounts = [
            limits.of_revenue.map(|limit| part(limit) * revenue),
            limits.of_expected.map(|limit| part(limit) * expected),
            limits.amount.map(Decimal::from),
        ];
        let most = amounts.into_iter().flatten().min()?;
        return Some(most >= of_expected * expected || (revenue_counts && most >= of_revenue * revenue));
    }
    (expected == Some(false) && (revenue == Some(false) || !revenue_counts)).then_some(false)
}

fn stated(given: Option<i64>, row: &Row, base: Option<i64>, least: Decimal) -> Truth {
    let of_dollars = || {
        let (loss, base) = row.maximum_loss.zip(base.filter(|base| *base > 0))?;
        Some(Decimal::from(loss) >= least * Decimal::from(base))
    };
    given.map(|given| share(given) >= least).or_else(of_dollars)
}

fn risk(book: &mut Reader<'_>, row: &Row, program: Option<(&str, &str)>, trace: &mut Trace) -> Result<Truth> {
    let least = [book.number("risk.of_revenue")?, book.number("risk.of_expected")?];
    let guaranteed =
        row.form.and_then(|code| FORMS.get(usize::try_from(code).ok()?)) == Some(&"forgo_guaranteed_payment");
    let bears = row.form.map(|form| form != 0);
    let general_form = both(both(bears, Some(!guaranteed)), row.trigger.map(|trigger| trigger == 0));
    let inputs = [("form", word(&FORMS, row.form)), ("brought about by", word(&TRIGGERS, row.trigger))];
    let formula =
        "payment is withheld, rates are cut or losses repaid where actual expenditures exceed expected ones";
    trace.step("form of risk", formula, &inputs, said(general_form), &[]);

    let defined = if book.payer == Payer::Medicare { Some(true) } else { row.revenue_defined };
    let amount = match &row.exposure {
        Some(exposure) if !exposure.two_sided => Some(false),
        Some(exposure) => {
            let counts = defined == Some(true);
            let (low, high) =
                (limits(row, &exposure.least, least, counts), limits(row, &exposure.most, least, counts));
            if low == Some(true) {
                Some(true)
            } else if high == Some(false) {
                Some(false)
            } else {
                None
            }
        }
        None => either(
            stated(row.of_expected, row, row.expected, least[1]),
            both(defined, stated(row.of_revenue, row, row.revenue, least[0])),
        ),
    };
    let mut inputs = vec![("of revenue, needed", percent(least[0])), ("of expected, needed", percent(least[1]))];
    let of = |ratio: Option<Ratio>| ratio.map_or_else(|| "no limit".to_owned(), |ratio| percent(part(ratio)));
    if bears == Some(false) {
        inputs.push(("losses", "none are owed".to_owned()));
    } else if let Some(exposure) = &row.exposure {
        inputs.push(("limit of revenue", of(exposure.least.of_revenue)));
        inputs.push(("limit of expected, at least", of(exposure.least.of_expected)));
        inputs.push(("at most", of(exposure.most.of_expected)));
    } else {
        inputs.push(("of revenue", shown(row.of_revenue, |s| percent(share(s)))));
        inputs.push(("of expected", shown(row.of_expected, |s| percent(share(s)))));
    }
    let money = |cents: i64| dollars(Decimal::new(cents, 2));
    inputs.push(("maximum loss", shown(row.maximum_loss, money)));
    inputs.push(("revenue", shown(row.revenue, money)));
    inputs.push(("expected expenditures", shown(row.expected, money)));
    let mut rules = vec![book.rule("risk.of_revenue"), book.rule("risk.of_expected")];
    rules.extend(of_program(book, program));
    let formula = "the most that can be lost reaches a share of revenue or of expected expenditures";
    trace.step("nominal amount", formula, &inputs, said(amount), &rules);

    let slope =
        if book.payer == Payer::Other { marginal::reaches_least(book, row, least[1], trace)? } else { Some(true) };
    let general = both(both(general_form, amount), slope);
    let home = if row.home == Some(false) { Some(false) } else { home(book, row, bears, trace)? };
    let capitation = row.capitation;
    let expanded = if book.payer == Payer::Medicare { row.expanded } else { Some(false) };
    let verdict = either(either(capitation, expanded), either(home, general));
    let inputs = [
        ("full capitation", truth(capitation)),
        ("expanded medical home", truth(expanded)),
        ("medical home standard", said(home)),
        ("general standard", said(general)),
    ];
    trace.step("financial risk", "one of the standards is met", &inputs, said(verdict), &[]);
    Ok(verdict)
}

fn home(book: &mut Reader<'_>, row: &Row, bears: Truth, trace: &mut Trace) -> Result<Truth> {
    let least = book.number("medical_home.of_revenue")?;
    let amount = stated(row.of_revenue, row, row.revenue, least);
    let limit =
        book.taken.optional_integer(&format!("advanced_apm.{}.medical_home.size_limit", book.payer.word()))?;
    let limit = limit.unwrap_or(i64::MAX);
    let (size, clinicians) = if book.says("medical_home.size_test", "list_at_most") {
        let each = row.lists.map(|list| list.map(|n| n <= limit));
        let lists = row.lists.map(|list| shown(list, count)).join(", ");
        (each.into_iter().fold(Some(true), both), lists)
    } else if book.says("medical_home.size_test", "organization_below") {
        let exempt = if book.rule("medical_home.size_exempt").is_some() { row.round_1 } else { Some(false) };
        (either(exempt, row.organization.map(|n| n < limit)), shown(row.organization, count))
    } else {
        (Some(true), "no limit".to_owned())
    };
    let admitted = book.payer == Payer::Medicare
        || row.payer == Some(MEDICAID)
        || book.rule("medical_home.aligned").is_some();
    let verdict = both(both(row.home, Some(admitted)), both(size, both(bears, amount)));
    let inputs = [
        ("medical home", truth(row.home)),
        ("clinicians", clinicians),
        ("size", said(size)),
        ("of revenue, needed", percent(least)),
        ("amount", said(amount)),
    ];
    let rules = [
        book.rule("medical_home.of_revenue"),
        book.rule("medical_home.size_test"),
        book.rule("medical_home.size_limit"),
    ];
    let formula = "a medical home within its size limit stands to owe or forgo the lower share of revenue";
    trace.step("medical home standard", formula, &inputs, said(verdict), &rules);
    Ok(verdict)
}
