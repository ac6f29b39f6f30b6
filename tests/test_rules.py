"""The rule book: what it holds, how it is asked, and how it is overridden."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

import judge
import sharedsavings as ss

METHODS = {
    "payment_amount.qp": 0,
    "payment_amount.partial_qp": 1,
    "patient_count.qp": 2,
    "patient_count.partial_qp": 3,
}


# ---- what it holds


@pytest.mark.parametrize("option", ["medicare", "all_payer", "all_payer.medicare_minimum"])
def test_the_book_holds_the_published_table_of_thresholds(option):
    book = ss.rules.load()
    table = {"medicare": judge.MEDICARE, "all_payer": judge.ALL_PAYER}.get(option)
    table = table or dict.fromkeys(judge.ALL_PAYER, judge.MINIMUM)
    for method, at in METHODS.items():
        for year in range(2010, 2036):
            found = book.find(f"qp.{option}.{method}", year)
            value = Decimal(found["value"]) * 100 if found else None
            assert value == (table[year][at] if year in table else None)


def test_the_book_holds_the_published_parameters_of_levels():
    book = ss.rules.load()
    fields = {
        "mssp.sharing_rate": "share",
        "mssp.payment_limit": "payment_limit",
        "mssp.loss_rate": "loss_rate",
        "mssp.loss_limit.revenue": "revenue_limit",
        "mssp.loss_limit.benchmark": "benchmark_limit",
    }
    for year in range(2013, 2031):
        ran = judge.tracks(year)
        assert set(book.find("mssp.arrangements", year)["value"]) == set(ran)
        for id_, field in fields.items():
            levels = {track: getattr(judge.LEVELS[track], field) for track in ran}
            levels = {track: percent for track, percent in levels.items() if percent is not None}
            rule = book.find(id_, year)
            stated = rule["value"] if rule else {}
            assert {track: Decimal(rate) * 100 for track, rate in stated.items()} == levels, (id_, year)
        menu = book.find("mssp.minimum_rate.elections", year)
        rates = [Decimal(rate.numerator) / rate.denominator for rate in judge.MENU] if year >= 2016 else None
        assert (menu and [Decimal(rate) for rate in menu["value"]]) == rates
        fixed = book.find("mssp.minimum_rate.fixed", year)
        assert (fixed and fixed["value"]) == (None if year >= 2016 else {"2": "0.02"})
        withheld = judge.withheld(year, None)
        assert Decimal(book.find("mssp.sequestration", year)["value"]) == Decimal(withheld.numerator) / (
            withheld.denominator
        )


def test_the_early_loss_limits_of_track_2_are_those_of_the_published_table():
    book = ss.rules.load()
    for year in range(2013, 2022):
        for count, id_ in enumerate(("first_year", "second_year"), 1):
            limit = judge.benchmark_limit("2", year, year, count)
            value = book.find(f"mssp.loss_limit.benchmark.{id_}", year)["value"]
            assert {track: Decimal(share) for track, share in value.items()} == {
                "2": Decimal(limit.numerator) / limit.denominator
            }


def test_every_rule_of_the_shipped_book_is_cited_dated_and_graded():
    book = ss.rules.load()
    sources = book.sources()
    for rule in book.rules():
        assert rule["cites"], rule["id"]
        assert set(rule["cites"]) <= set(sources)
        assert dt.date.fromisoformat(rule["known_from"]) <= dt.date(2026, 12, 31)
        assert rule["status"] in ("enacted", "codified", "proposed")
        assert rule["confidence"] in ("primary", "recomputed", "secondary", "recalled")
        assert rule["text"]
    for source in sources.values():
        assert source["title"]


def test_the_digest_names_the_book_and_nothing_else_changes_it():
    assert re.fullmatch(r"[0-9a-f]{64}", ss.rules.load().digest)
    assert ss.rules.load().digest == ss.rules.load({}).digest == ss.rules.shipped().digest
    one = {"qp.medicare.payment_amount.qp": "0.5"}
    assert ss.rules.load(one).digest == ss.rules.load(dict(one)).digest != ss.rules.load().digest
    assert repr(ss.rules.load()).startswith(f"<RuleBook {ss.rules.load().version} ")


# ---- asking it


def test_a_difference_of_a_day_lists_what_the_statute_of_2026_changed_and_nothing_else():
    table = ss.rules.diff("2026-02-02", "2026-02-03")
    expected = {
        (f"qp.{option}.{method}", "2026", f"0.{judge.MEDICARE[2025][at]}", f"0.{judge.MEDICARE[2026][at]}")
        for option in ("medicare", "all_payer")
        for method, at in METHODS.items()
    }
    expected.add(("incentive.percent", "2028", "0", "0.031"))
    assert {row[:4] for row in table.rows} == expected
    assert len(table.rows) == 9
    assert all("pl-119-75" in row[4] for row in table.rows)
    assert "2026-02-02" in str(table)


def test_differences_tell_runs_of_years_and_what_was_not_known():
    frozen = ss.rules.diff("2020-12-26", dt.date(2020, 12, 27), prefix="qp.")
    assert {row[1] for row in frozen.rows} == {"2021 to 2022"}
    assert len(frozen.rows) == 8
    back = ss.rules.diff("2020-12-27", "2020-12-26", prefix="qp.")
    assert {(row[0], row[3], row[2]) for row in back.rows} == {(row[0], row[2], row[3]) for row in frozen.rows}
    first = ss.rules.diff("2016-11-03", "2016-11-04", prefix="qp.medicare.payment_amount.qp")
    assert [row[1:4] for row in first.rows] == [
        ("2017 to 2018", "-", "0.25"),
        ("2019 to 2020", "-", "0.50"),
        ("2021 to 2022", "-", "0.75"),
        ("2023", "-", "0.75"),
        ("2024", "-", "0.75"),
        ("2025", "-", "0.75"),
        ("2026", "-", "0.75"),
        ("2027 on", "-", "0.75"),
    ]


def test_there_is_no_difference_between_a_date_and_itself():
    assert ss.rules.diff("2022-01-01", "2022-01-01").rows == []
    assert ss.rules.diff(None, None).rows == []
    assert ss.rules.diff("2026-07-16", None).rows == []


def test_a_rule_is_shown_with_all_its_versions_the_strongest_last():
    table = ss.rules.show("qp.medicare.payment_amount.qp")
    assert table.columns == ("years", "value", "status", "confidence", "known from", "cites", "note")
    assert table.rows[0][:3] == ("2017 to 2018", "0.25", "codified")
    assert table.rows[-1][:5] == ("2026", "0.50", "enacted", "secondary", "2026-02-03")
    assert any(note.startswith("[pl-119-75] ") for note in table.notes)
    assert "<table>" in table._repr_html_()


def test_a_rule_is_shown_as_it_stood_for_a_year_on_a_date():
    id_ = "qp.medicare.payment_amount.qp"
    assert [row[1] for row in ss.rules.show(id_, year=2026).rows] == ["0.50"]
    assert [row[1] for row in ss.rules.show(id_, year=2026, as_of="2026-02-02").rows] == ["0.75"]
    assert len(ss.rules.show(id_, as_of="2017-01-01").rows) == 4


def test_what_is_not_in_the_book_is_told_with_a_suggestion():
    with pytest.raises(ss.NotModelledError, match=r"no rule 'qp\.medicare\.payment\.qp'\. Did you mean `qp\."):
        ss.rules.show("qp.medicare.payment.qp")
    with pytest.raises(ss.NotModelledError, match="has no version for 2010"):
        ss.rules.show("qp.medicare.payment_amount.qp", year=2010)
    with pytest.raises(ss.NotModelledError, match="has no version for 2020 known on 2010-01-01"):
        ss.rules.show("qp.medicare.payment_amount.qp", year=2020, as_of="2010-01-01")
    with pytest.raises(ss.NotModelledError, match="was not known on 2010-01-01"):
        ss.rules.show("qp.medicare.payment_amount.qp", as_of="2010-01-01")
    with pytest.raises(ss.NotModelledError, match=r"no rule begins with 'pqrs'\. Did you mean"):
        ss.rules.list("pqrs")


@pytest.mark.parametrize("date", ["2026", "2026-02-30", "20260203", "3 February 2026", "2026-W06-2", 2026, ""])
def test_dates_are_written_in_one_way(date):
    for ask in (
        lambda: ss.rules.diff(date, None),
        lambda: ss.rules.show("qp.medicare.payment_amount.qp", as_of=date),
    ):
        with pytest.raises(ss.InputError, match="is not a date written yyyy-mm-dd"):
            ask()


def test_dates_may_be_objects_of_any_kind():
    for date in (dt.date(2026, 2, 2), dt.datetime(2026, 2, 2, 23, 59), pd.Timestamp("2026-02-02 12:00")):
        assert ss.rules.diff(date, None).rows == ss.rules.diff("2026-02-02", None).rows
        one = ss.qp_status_one(
            performance_year=2026, payments_attributed=60, payments_eligible=100, as_of=date
        )  # fmt: skip
        assert one.status == "partial_qp"


def test_rules_are_listed_by_prefix():
    everything = ss.rules.list()
    ids = [row[0] for row in everything.rows]
    assert ids == sorted(set(ids))
    assert {row[0] for row in ss.rules.list("qp.").rows} == {id_ for id_ in ids if id_.startswith("qp.")}
    assert len(ss.rules.list("qp.medicare.").rows) == 4
    assert ss.rules.load().digest[:12] in everything.title
    assert {row[3] for row in ss.rules.list("qp.medicare").rows} == {"2017 to ..."}
    assert {row[3] for row in ss.rules.list("mssp.sharing_rate").rows} == {"2013 to ..."}


# ---- overrides that are read


ID = "qp.medicare.payment_amount.qp"


def threshold(book: ss.rules.RuleBook, year: int) -> str:
    return book.find(ID, year)["value"]


@pytest.mark.parametrize(
    ("rules", "values"),
    [
        ({ID: "0.6"}, ["0.6"] * 4),
        ({ID: {"value": "0.6"}}, ["0.6"] * 4),
        ({ID: {"value": "0.6", "from": 2025}}, ["0.25", "0.50", "0.6", "0.6"]),
        ({ID: {"value": "0.6", "to": 2019}}, ["0.6", "0.6", "0.75", "0.75"]),
        ({ID: {"value": "0.6", "from": 2019, "to": 2025}}, ["0.25", "0.6", "0.6", "0.75"]),
        ({"set": {ID: "0.6"}}, ["0.6"] * 4),
    ],
)
def test_a_mapping_sets_a_rule_for_all_its_years_or_some(rules, values):
    book = ss.rules.load(rules)
    assert [threshold(book, year) for year in (2017, 2019, 2025, 2030)] == values
    assert threshold(ss.rules.load(), 2017) == "0.25"


TOML = f"""
[book]
version = "frozen"

[set]
"{ID}" = {{ value = "0.50", from = 2025 }}

[[source]]
id = "letter"
title = "A letter to the editor"

[[rule]]
id = "{ID}"
kind = "scalar"
unit = "share"
applies = {{ clock = "performance_year", from = 2031, to = 2031 }}
known_from = 2030-01-01
status = "proposed"
confidence = "user"
value = "0.9"
cites = ["letter"]
"""


def test_a_file_may_set_rules_add_rules_and_name_itself(tmp_path):
    path = tmp_path / "frozen.toml"
    path.write_text(TOML)
    for rules in (path, str(path)):
        book = ss.rules.load(rules)
        assert book.version == f"{ss.rules.load().version} + frozen"
        assert threshold(book, 2030) == "0.50"
        assert book.sources()["letter"]["title"] == "A letter to the editor"
        assert {rule["file"] for rule in book.rules(ID)} >= {str(path)}


def test_proposed_rules_count_only_when_asked_for_and_then_say_so(tmp_path):
    path = tmp_path / "frozen.toml"
    path.write_text(TOML)
    frame = pd.DataFrame({"payments_attributed": [60.0], "payments_eligible": [100.0]})
    enacted = ss.qp_status(frame, performance_year=2031, rules=path)
    proposed = ss.qp_status(frame, performance_year=2031, rules=path, proposed=True)
    assert [r.frame["status"][0] for r in (enacted, proposed)] == ["qp", "partial_qp"]
    assert any("`qp.medicare.payment_amount.qp` (0.9)" in warning for warning in proposed.warnings)


def test_a_mapping_may_hold_whole_rules_with_dates():
    rule = {
        "id": ID,
        "kind": "scalar",
        "unit": "share",
        "applies": {"clock": "performance_year", "from": 2026, "to": 2026},
        "known_from": dt.date(2026, 6, 1),
        "value": "0.55",
    }
    book = ss.rules.load({"rule": [rule]})
    assert threshold(book, 2026) == "0.55"
    assert book.find(ID, 2026, "2026-05-31")["value"] == "0.50"


def test_overrides_may_be_laid_over_overrides():
    first = ss.rules.load({ID: "0.6"})
    second = first.overlay({ID: {"value": "0.7", "from": 2030}})
    assert [threshold(second, year) for year in (2020, 2030)] == ["0.6", "0.7"]
    assert len({ss.rules.load().digest, first.digest, second.digest}) == 3
    assert ss.rules.load(second) is second


def test_a_rule_that_the_user_set_is_shown_as_such():
    table = ss.rules.show(ID, year=2025, rules={ID: "0.6"})
    assert [row[1:5] for row in table.rows] == [("0.6", "override", "user", "-")]
    changed = ss.rules.diff("2026-02-02", "2026-02-03", rules={ID: "0.6"})
    assert len(changed.rows) == 8


# ---- overrides that are refused


def rule_text(**changes: str) -> str:
    keys = {
        "id": f'"{ID}"',
        "kind": '"scalar"',
        "unit": '"share"',
        "applies": '{ clock = "performance_year", from = 2026 }',
        "value": '"0.5"',
    } | changes
    return "[[rule]]\n" + "\n".join(f"{key} = {text}" for key, text in keys.items() if text)


REFUSED = {
    "broken TOML": ("[[rule]\nid = 3", [], "Mend the TOML"),
    "unknown part": ("[rules]\nx = 1", ["key `rules`"], "unknown key"),
    "unknown key of the book": ('[book]\nname = "x"', ["key `name`"], "unknown key in [book]"),
    "unknown key of a rule": (rule_text(valeu='"0.5"'), [f"rule `{ID}`", "`valeu`"], "unknown field"),
    "rule without a value": (rule_text(value=""), [f"rule `{ID}`", "`value`"], "missing field"),
    "rule without an id": (rule_text(id=""), ["rule `number 1`", "`id`"], "missing field"),
    "number in place of text": (rule_text(value="0.5"), [f"rule `{ID}`", "key `value`"], "0.5 is not a string"),
    "percentage": (rule_text(value='"50"'), [f"rule `{ID}`", "key `value`"], '50 is not a share: write 50 % as "0.50"'),
    "no number": (rule_text(value='"half"'), [f"rule `{ID}`", "key `value`"], '"half" is not a decimal number'),
    "exponent": (rule_text(value='"5e-1"'), [f"rule `{ID}`", "key `value`"], "is not a decimal number"),
    "ten decimals": (rule_text(value='"0.1234567891"'), ["key `value`"], "more than nine decimals"),
    "unknown kind": (rule_text(kind='"number"'), [f"rule `{ID}`"], "unknown variant `number`"),
    "unknown unit": (rule_text(unit='"percent"'), [f"rule `{ID}`"], "unknown variant `percent`"),
    "unknown clock": (rule_text(applies='{ clock = "fiscal_year", from = 2026 }'), [f"rule `{ID}`"], "unknown variant"),
    "end before beginning": (
        rule_text(applies='{ clock = "performance_year", from = 2026, to = 2025 }'),
        [f"rule `{ID}`", "key `applies`"],
        "`to` lies before `from`",
    ),
    "other clock": (
        rule_text(applies='{ clock = "payment_year", from = 2026 }'),
        [f"rule `{ID}`", "key `applies`"],
        "the clock differs from that in",
    ),
    "other unit": (
        rule_text(unit='"count"', value='"5"'),
        [f"rule `{ID}`", "key `unit`"],
        "the unit differs from that",
    ),
    "bad id": (rule_text(id='"QP medicare"'), ["key `id`"], "is not a rule id"),
    "unknown source": (rule_text(cites='["nowhere"]'), [f"rule `{ID}`", "key `cites`"], 'no source "nowhere"'),
    "source twice": (
        '[[source]]\nid = "pl-119-75"\ntitle = "x"',
        ["rule `pl-119-75`", "key `id`"],
        "source stated twice",
    ),
    "no such day": (rule_text(known_from='"2026-02-30"'), [f"rule `{ID}`"], "is not a date written yyyy-mm-dd"),
    "overlap": (
        rule_text() + "\n" + rule_text(applies='{ clock = "performance_year", from = 2020, to = 2026 }'),
        [f"rule `{ID}`", "key `applies`"],
        "overlaps",
    ),
    "gap": (
        rule_text(id='"mine.rate"', applies='{ clock = "performance_year", from = 2020, to = 2020 }')
        + "\n"
        + rule_text(id='"mine.rate"'),
        ["rule `mine.rate`", "key `applies`"],
        "no rule for 2021 to 2025",
    ),
    "menu with an entry twice": (
        rule_text(id='"mine.menu"', kind='"choice"', value='["0", "0.0"]'),
        ["rule `mine.menu`", "key `value`"],
        "none twice",
    ),
    "empty table": (rule_text(id='"mine.t"', kind='"table"', value="{}"), ["key `value`"], "the table is empty"),
    "falling knots": (
        rule_text(id='"mine.k"', kind='"piecewise_linear"', value='[["2", "0"], ["1", "1"]]'),
        ["rule `mine.k`", "key `value`"],
        "x increasing",
    ),
    "bands without an end": (
        rule_text(id='"mine.b"', kind='"bands"', value='[["1", "0"]]'),
        ["rule `mine.b`", "key `value`"],
        'the last must be "inf"',
    ),
    "part of a person": (
        rule_text(id='"mine.n"', unit='"count"', value='"2.5"'),
        ["rule `mine.n`", "key `value`"],
        "2.5 is not a count",
    ),
    "unknown setting": ('[set]\n"qp.medicare.payments.qp" = "0.5"', ["`qp.medicare.payments.qp`"], "Did you mean `qp."),
    "unknown key of a setting": (
        f'[set]\n"{ID}" = {{ value = "0.5", until = 2026 }}',
        [f"rule `{ID}`", "key `until`"],
        "unknown key",
    ),
    "year as text": (
        f'[set]\n"{ID}" = {{ value = "0.5", from = "2026" }}',
        [f"rule `{ID}`", "key `from`"],
        "is not a year",
    ),
    "year out of range": (
        f'[set]\n"{ID}" = {{ value = "0.5", from = -5 }}',
        [f"rule `{ID}`", "key `from`"],
        "-5 is not a year",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_malformed_file_is_refused_with_file_rule_and_key(tmp_path, name):
    text, places, problem = REFUSED[name]
    path = tmp_path / "my rules.toml"
    path.write_text(text)
    with pytest.raises(ss.RuleBookError) as caught:
        ss.rules.load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    for place in places:
        assert place in message
    assert problem in message
    # What to do ends the message.
    assert len(message.rsplit(". ", 1)[-1]) > 8


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.toml"):
        ss.rules.load(tmp_path / "nowhere.toml")
    with pytest.raises(OSError, match=re.escape(tmp_path.name)):
        ss.rules.load(tmp_path)
    path = tmp_path / "latin.toml"
    path.write_bytes(b'note = "caf\xe9"')
    with pytest.raises(ss.RuleBookError, match=r"latin\.toml: .*utf-8.*Save it as UTF-8"):
        ss.rules.load(path)


def test_floats_are_refused_as_they_are_not_exact():
    with pytest.raises(
        ss.RuleBookError, match=rf'rules=: key `{ID}`: a float is not exact\. Write it as text: "0\.50"'
    ):
        ss.rules.load({ID: 0.5})
    with pytest.raises(ss.RuleBookError, match="key `value`: a float is not exact"):
        ss.rules.load({ID: {"value": 0.5}})
    with pytest.raises(ss.RuleBookError, match="is not a string"):
        ss.rules.load({ID: 1})


@pytest.mark.parametrize("rules", [5, ["a"], object(), {ID: None}, {5: "0.5"}])
def test_what_can_be_no_rule_book_is_refused(rules):
    with pytest.raises(TypeError):
        ss.rules.load(rules)


@pytest.mark.parametrize(
    ("id", "value", "told"),
    [
        (ID, "-0.1", "-0.1 is below zero"),
        ("mssp.sequestration", "-0.02", "-0.02 is below zero"),
        ("mssp.loss_rate", {key: "-0.3" if key == "E" else "0.3" for key in
                            ("1+", "2", "3", "C", "D", "E", "ENHANCED")}, "E: -0.3 is below zero"),
    ],
)  # fmt: skip
def test_a_share_below_nothing_is_refused_with_file_rule_and_key(tmp_path, id, value, told):
    with pytest.raises(ss.RuleBookError, match=rf"rules=: rule `{re.escape(id)}`: key `value`: {told}"):
        ss.rules.load({id: {"value": value, "from": 2022} if isinstance(value, dict) else value})
    if isinstance(value, str):
        path = tmp_path / "mine.toml"
        path.write_text(f'[set]\n"{id}" = "{value}"\n')
        with pytest.raises(ss.RuleBookError, match=rf"mine\.toml: rule `{re.escape(id)}`: key `value`"):
            ss.rules.load(path)


def test_an_adjustment_of_revenue_may_lie_below_nothing():
    lower = ss.rules.load({"primary_care_first.revenue.lowest": "-0.20"})
    practice = pd.DataFrame(
        {"performance_year": [2023], "primary_care_revenue": [1e6], "performance_adjustment": [-0.2]}
    )
    assert ss.settle(practice, program="pcf", rules=lower).frame["earned"].tolist() == [-200_000]


def rule_of(id: str, value: str = '"0.05"', kind: str = "scalar", unit: str = "share") -> str:
    applies = '{ clock = "performance_year", from = 2022, to = 2026 }'
    return f'[[rule]]\nid = "{id}"\nkind = "{kind}"\nunit = "{unit}"\napplies = {applies}\nvalue = {value}\n'


@pytest.mark.parametrize(
    "id",
    ["reach.paymnt_limit", "reech.payment_limit", "mssp.sequestraton", "cpc_plus.incentive.qualty",
     "reach.sharing_rate.bands.globl", "mssp.benchmark.425_601.regional_cap.uper", "iota.payment_limit", "mssp"],
)  # fmt: skip
def test_a_rule_that_no_calculation_reads_is_refused_by_its_id(tmp_path, id):
    path = tmp_path / "mine.toml"
    path.write_text(rule_of(id))
    with pytest.raises(
        ss.RuleBookError, match=rf"mine\.toml: rule `{re.escape(id)}`: key `id`: no calculation reads it"
    ):
        ss.rules.load(path)


@pytest.mark.parametrize(
    "text",
    [
        rule_of("reach.payment_limit"),
        rule_of("iota.incentive.gate"),
        rule_of("kcc.sharing_rate.bands.graduated_1", '[["0.02", "0.5"], ["inf", "0.3"]]', "bands"),
        rule_of("mssp.benchmark.own.regional_cap.upper"),
        # A program of one's own may say what it likes.
        rule_of("harbor.arrangements", '["SHARED"]', "choice", "text") + rule_of("harbor.remark", '"x"', unit="text"),
    ],
)
def test_a_rule_that_is_read_though_the_shipped_book_has_none_is_taken(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    assert ss.rules.load(path).digest != ss.rules.load().digest


def test_a_table_that_leaves_out_a_track_is_refused_with_what_stands_there():
    for setting, left_out, values in (
        ({"E": "0.60"}, '"1", "2"', "1 is 0.50, 2 is 0.60 for performance years 2013 to 2015"),
        ({"value": {"E": "0.60"}, "from": 2022}, '"A", "B", "C", "D", "ENHANCED"', "A is 0.40, B is 0.40, C is 0.50"),
    ):
        expected = rf"rule `mssp\.sharing_rate`: key `value`: leaves out {left_out}\. State every key; {values}"
        with pytest.raises(ss.RuleBookError, match=expected):
            ss.rules.load({"mssp.sharing_rate": setting})


def test_a_word_that_the_calculation_does_not_know_is_refused_with_those_that_it_does():
    frame = pd.DataFrame({"benchmark": [1], "expenditures": [1], "beneficiaries": [9_000], "track": ["E"]})
    with pytest.raises(
        ss.RuleBookError,
        match=r"rules=: rule `mssp\.sharing_rate\.quality`: key `value`: is \"always\": it must be none, standard",
    ):
        ss.settle(frame, performance_year=2024, rules={"mssp.sharing_rate.quality": "always"})


def test_verbs_take_rules_in_every_form(tmp_path):
    path: Path = tmp_path / "mine.toml"
    path.write_text(f'[set]\n"{ID}" = "0.6"\n')
    frame = pd.DataFrame({"payments_attributed": [60.0, 59.99], "payments_eligible": [100.0] * 2})
    for rules in (path, str(path), {ID: "0.6"}, ss.rules.load(path)):
        assert ss.qp_status(frame, performance_year=2027, rules=rules).frame["status"].tolist() == ["qp", "partial_qp"]
        one = ss.qp_status_one(performance_year=2027, payments_attributed=60, payments_eligible=100, rules=rules)
        assert one.status == "qp"


@pytest.mark.parametrize(
    ("program", "year", "day", "known"),
    [
        ("reach", 2021, "2021-04-01", True),
        ("reach", 2026, "2025-05-01", False),
        ("reach", 2026, "2025-07-01", True),
        ("cjr", 2020, "2016-01-01", True),
        ("cjr", 2022, "2021-05-02", False),
        ("cjr", 2022, "2021-05-03", True),
    ],
)
def test_years_are_known_from_the_papers_that_tell_their_terms(program, year, day, known):
    """Direct Contracting began on 2021-04-01; 86 FR 23571 extended CJR; the terms of 2026 are in papers of 2025."""
    told = ss.rules.load().find(f"{program}.arrangements", year, day, False)
    assert (told is not None) is known
