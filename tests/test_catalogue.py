"""The catalogue of models, and whether it agrees with what the terms of the rule book come to."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest

import sharedsavings as ss
from sharedsavings.catalogue import ANSWERS

EVERYTHING = ss.models()


def computed():
    """Every row of the catalogue that can be settled, beside what its terms come to."""
    for entry in EVERYTHING:
        if entry.program is None or entry.arrangement is None or entry.performance_year < 2017:
            continue
        frame = pd.DataFrame([{"program": entry.program, "track": entry.arrangement}])
        told = ss.advanced_apm(frame, performance_year=entry.performance_year, invalid="null").frame
        if told["reason"].item() == "program_not_running":
            yield entry, None
            continue
        yield entry, ss.advanced_apm_of(entry.program, entry.arrangement, performance_year=entry.performance_year,
                                        authority=entry.authority, **own_cehrt(entry))  # fmt: skip


def own_cehrt(entry):
    """Tracks of one arrangement may differ in CEHRT alone: CJR."""
    known = {"yes": True, "no": False, "unknown": None}[entry.cehrt]
    share = None if known is None else float(known)
    return {"cehrt_required": known, "cehrt_share": share}


# Where the catalogue and the terms may say different things, and why.
WHY = {
    "list": "no list of that year was seen: the catalogue says unknown, where the terms decide",
    "election": "the ACO elects its corridor: at 2 percent it fails, at 5 percent it passes",
    "month": "fees of medical homes are paid by the month, or of primary care revenue: all revenue is not in the book",
    "revenue": "a limit below 3 percent of expected expenditures may still be 8 percent of revenue",
}


def why(entry, found):
    if found is None:
        return None
    if entry.advanced == "unknown":
        return "list"
    risk = found.reasons.get("risk")
    if risk == "depends_on_election" and entry.model == "vermont":
        return "election"
    if risk == "missing_amount_of_risk" and entry.medical_home_model == "yes":
        return "month"
    if risk == "depends_on_revenue" and (entry.model, entry.track) == ("eom", "Risk Arrangement 1"):
        return "revenue"
    return None


def test_every_difference_between_the_catalogue_and_the_terms_is_named():
    rows, agreed, seen, unnamed = 0, 0, Counter(), []
    for entry, found in computed():
        rows += 1
        answer = "not running" if found is None else found.advanced_apm
        if answer == entry.advanced:
            agreed += 1
            continue
        reason = why(entry, found)
        seen[reason] += 1
        if reason is None:
            unnamed.append((entry.performance_year, entry.model, entry.track, entry.advanced, answer, found))
    assert not unnamed
    assert set(seen) == set(WHY)
    # No row says yes where the terms say no, or no where they say yes, unless the list was not seen.
    assert rows > 180
    assert agreed > rows // 2


def test_no_designation_is_contradicted_by_the_terms():
    for entry, found in computed():
        if found is not None and "unknown" not in (entry.advanced, found.advanced_apm):
            assert found.advanced_apm == entry.advanced, (entry, found)


@pytest.mark.parametrize(
    ("program", "arrangement", "year", "answer"),
    [
        ("mssp", "1", 2019, "no"), ("mssp", "A", 2024, "no"), ("mssp", "B", 2024, "no"), ("mssp", "C", 2024, "no"),
        ("mssp", "D", 2024, "no"), ("mssp", "E", 2024, "yes"), ("mssp", "ENHANCED", 2024, "yes"),
        ("mssp", "2", 2018, "yes"), ("mssp", "3", 2018, "yes"), ("mssp", "1+", 2018, "yes"),
        ("ngaco", "A", 2018, "yes"), ("ngaco", "B", 2021, "yes"), ("cec", "LDO", 2018, "yes"),
        ("cec", "NON_LDO_ONE_SIDED", 2018, "no"), ("cec", "NON_LDO_TWO_SIDED", 2018, "yes"),
        ("ocm", "ONE_SIDED", 2018, "no"), ("ocm", "TWO_SIDED", 2018, "yes"),
        ("ocm", "TWO_SIDED_ALTERNATIVE", 2020, "yes"),
        ("reach", "GLOBAL", 2024, "yes"), ("reach", "PROFESSIONAL", 2024, "yes"), ("kcc", "GRADUATED_1", 2024, "no"),
        ("kcc", "GRADUATED_2", 2024, "yes"), ("kcc", "GLOBAL", 2024, "yes"), ("bpci_advanced", None, 2020, "yes"),
        ("eom", "RA2", 2024, "yes"),
    ],
)  # fmt: skip
def test_levels_pass_or_fail_by_the_terms_of_their_settlement(program, arrangement, year, answer):
    found = ss.advanced_apm_of(program, arrangement, performance_year=year)
    assert found.advanced_apm == answer
    assert found.risk == ("pass" if answer == "yes" else "fail")


@pytest.mark.parametrize(
    ("program", "arrangement", "year", "of_revenue", "of_expected"),
    [
        # mssp.md section 1.5 and models.md, the limits by themselves.
        ("mssp", "C", 2024, 0.02, 0.01), ("mssp", "D", 2024, 0.04, 0.02), ("mssp", "E", 2024, 0.08, 0.04),
        ("mssp", "ENHANCED", 2024, None, 0.15), ("mssp", "2", 2018, None, 0.05), ("mssp", "3", 2018, None, 0.15),
        ("mssp", "1+", 2018, 0.08, 0.04), ("ngaco", "A", 2018, None, 0.04), ("ngaco", "B", 2018, None, 0.05),
        ("ocm", "TWO_SIDED_ALTERNATIVE", 2020, 0.08, None), ("cjr", "HOSPITAL", 2020, None, 0.20),
        ("team", "2", 2027, None, 0.05), ("reach", "GLOBAL", 2024, None, None),
    ],
)  # fmt: skip
def test_the_most_that_can_be_lost_is_read_from_the_corridor(program, arrangement, year, of_revenue, of_expected):
    found = ss.advanced_apm_of(program, arrangement, performance_year=year)
    assert (found.maximum_loss_of_revenue, found.maximum_loss_of_expected) == (of_revenue, of_expected)


def test_episode_tracks_without_cehrt_fail_for_that_alone():
    found = ss.advanced_apm_of("cjr", "HOSPITAL", performance_year=2020, cehrt_share=0)
    assert (found.advanced_apm, found.cehrt, found.risk) == ("no", "fail", "pass")
    assert ss.advanced_apm_of("cjr", "HOSPITAL", performance_year=2020).cehrt == "unknown"


def test_the_risk_arrangements_of_oncology_split_at_three_percent_unless_revenue_is_small():
    terms = {"performance_year": 2024, "expected_expenditures": 10_000_000}
    # 2 percent of expected expenditures are 8 percent of a quarter of them.
    assert ss.advanced_apm_of("eom", "RA1", revenue=2_500_000, **terms).risk == "pass"
    assert ss.advanced_apm_of("eom", "RA1", revenue=2_500_001, **terms).risk == "fail"


def test_the_key_is_model_track_and_year():
    keys = Counter((e.model, e.track, e.performance_year) for e in EVERYTHING)
    assert max(keys.values()) == 1
    assert len(keys) > 300


def test_the_answers_of_one_model_differ_by_track_and_year():
    mssp = {e.track: e.advanced for e in ss.models(2019, model="mssp")}
    assert (mssp["Track 1"], mssp["BASIC Level D"], mssp["BASIC Level E"]) == ("no", "no", "yes")
    cec = {(e.track, e.performance_year): e.advanced for e in ss.models(model="cec")}
    assert (cec["LDO", 2020], cec["LDO", 2021], cec["non-LDO one-sided", 2020]) == ("yes", "unknown", "no")


def test_only_the_lists_that_were_seen_are_not_recalled():
    for entry in EVERYTHING:
        assert entry.advanced in ANSWERS
        assert entry.mips_apm in ANSWERS
        assert entry.medical_home_model in ANSWERS
        seen = entry.performance_year in (2017, 2018) or (entry.model == "mssp" and entry.performance_year > 2025)
        one_sided = entry.model == "mssp" and entry.advanced == "no"
        maryland = (entry.model, entry.track) == ("maryland_tcoc", "Care Redesign Program")
        if entry.confidence != "recalled":
            assert entry.confidence == "secondary"
            assert seen or one_sided or maryland
        if entry.advanced == "yes" and entry.performance_year in (2017, 2018):
            assert entry.confidence == "secondary", entry


def test_models_that_began_or_ended_within_a_year_say_when():
    def dates(year, model, track):
        return next((e.start, e.end) for e in ss.models(year, model=model) if e.track == track)

    assert dates(2019, "mssp", "BASIC Level E") == ("2019-07-01", None)
    assert dates(2022, "ocm", "two-sided") == ("2016-07-01", "2022-06-30")
    assert dates(2021, "cec", "LDO") == ("2015-10-01", "2021-03-31")
    assert dates(2023, "eom", "Risk Arrangement 2") == ("2023-07-01", "2030-06-30")
    assert dates(2018, "bpci_advanced", "all") == ("2018-10-01", "2025-12-31")


def test_a_track_is_listed_in_no_year_outside_its_dates():
    for entry in EVERYTHING:
        first, last = (int(day[:4]) if day else None for day in (entry.start, entry.end))
        assert first is None or first <= entry.performance_year, entry
        extended = entry.model == "vermont" and entry.advanced == "unknown"
        assert last is None or entry.performance_year <= last or extended, entry


def test_programs_and_arrangements_are_those_of_the_rule_book():
    named = {e.program for e in EVERYTHING if e.program}
    # Medicaid's accountable care organizations are not of Medicare, and the medical home is of no program.
    settled = {row[0] for row in ss.arrangement.models().rows}
    assert named == settled - {"masshealth", "medical_home"}


def test_filters_keep_what_they_name_and_refuse_other_words():
    found = ss.models(2024, kind="bundled_payment", advanced="yes")
    assert [(e.model, e.track) for e in found] == [("bpci_advanced", "all"), ("cjr", "Track 1 (CEHRT)")]
    assert {e.mips_apm for e in ss.models(mips_apm="unknown")} == {"unknown"}
    for wrong in ({"advanced": "maybe"}, {"kind": "hospital"}, {"model": "aco"}, {"mips_apm": True}):
        with pytest.raises(ss.InputError, match="choose from"):
            ss.models(2024, **wrong)
    with pytest.raises(ss.NotModelledError, match="2012 to 2036, not 2011"):
        ss.models(2011)


def test_the_catalogue_prints_and_converts():
    found = ss.models(2024)
    assert "BASIC Level E" in str(found)
    assert "recalled, not verified" in str(found)
    assert "<table>" in found._repr_html_()
    for backend in ("pandas", "polars", "pyarrow"):
        frame = found.to_frame(backend)
        assert len(frame) == len(found)
    frame = found.to_frame("pandas")
    assert isinstance(frame, pd.DataFrame)
    assert set(frame.loc[frame.model == "mssp", "program"]) == {"mssp"}


def test_an_override_changes_the_catalogue():
    rule = {"rule": [{
        "id": "apm.mssp.basic_d", "kind": "table", "unit": "text",
        "applies": {"clock": "performance_year", "from": 2027, "to": 2027},
        "value": {**ss.rules.load().find("apm.mssp.basic_d", 2027)["value"], "advanced": "yes"},
    }]}  # fmt: skip
    found = {e.track: e for e in ss.models(2027, model="mssp", rules=rule)}
    assert (found["BASIC Level D"].advanced, found["BASIC Level D"].confidence) == ("yes", "user")


def test_what_was_not_yet_known_is_not_listed():
    assert not [e for e in ss.models(2026, as_of="2024-01-01") if e.model == "team"]
    # Level E of 2026 was read in the rule proposed on 16 July 2026; before, it is recalled.
    of_e = [{e.track: e.confidence for e in ss.models(2026, model="mssp", as_of=day)}["BASIC Level E"]
            for day in ("2026-07-15", "2026-07-16")]  # fmt: skip
    assert of_e == ["recalled", "secondary"]


def test_only_what_was_read_in_a_list_or_follows_from_the_regulation_is_more_than_recalled():
    for entry in EVERYTHING:
        if entry.confidence == "recalled":
            continue
        by_text = entry.model == "mssp" and entry.track in ("Track 1", *(f"BASIC Level {level}" for level in "ABCD"))
        listed = entry.performance_year in (2017, 2018) or (entry.model == "mssp" and entry.performance_year > 2025)
        assert by_text or listed, entry
        assert not by_text or entry.advanced == "no"
    redesign = [e for e in EVERYTHING if (e.model, e.track) == ("maryland_tcoc", "Care Redesign Program")]
    assert {(e.advanced, e.confidence) for e in redesign} == {("yes", "recalled")}


def test_no_designation_in_force_rests_on_a_proposed_rule():
    for track, section in (("BASIC Level E", "42 CFR 425.605"), ("ENHANCED", "42 CFR 425.610")):
        [entry] = [e for e in ss.models(2027, model="mssp") if e.track == track]
        assert entry.advanced == "yes"
        [source] = entry.sources
        assert source.startswith(section)
        assert "proposed" not in source


def test_what_is_settled_as_a_program_can_be_asked_by_these_names():
    for entry in EVERYTHING:
        if entry.program is None or entry.performance_year < 2017:
            continue
        asked = {"performance_year": entry.performance_year}
        try:
            ss.advanced_apm_of(entry.program, entry.arrangement, **asked)
        except ss.SharedSavingsError as error:
            assert "program_not_running" in str(error), entry  # noqa: PT017
    first = [e for e in ss.models(2024, model="kcc") if e.track == "Kidney Care First"]
    assert [(e.program, e.arrangement) for e in first] == [(None, None)]


def test_the_dates_of_a_track_hold_its_year():
    for entry in EVERYTHING:
        year = str(entry.performance_year)
        assert entry.start is None or entry.start[:4] <= year, entry
        assert entry.end is None or entry.end[:4] >= year, entry
    vermont = [e for e in EVERYTHING if e.model == "vermont"]
    assert {e.performance_year for e in vermont} == set(range(2017, 2027))
    # qpp.md section 9: not advanced in 2017, then advanced, and not known for 2026.
    assert {(e.performance_year, e.advanced) for e in vermont} == {
        (2017, "no"), (2026, "unknown"), *((year, "yes") for year in range(2018, 2026)),
    }  # fmt: skip


def test_only_cjr_and_team_leave_cehrt_unknown_where_the_catalogue_names_their_program():
    unknown = set()
    for entry in EVERYTHING:
        if entry.program is None or entry.arrangement is None or entry.performance_year < 2017:
            continue
        frame = pd.DataFrame([{"program": entry.program, "track": entry.arrangement}])
        told = ss.advanced_apm(frame, performance_year=entry.performance_year, invalid="null").frame
        if told["cehrt_reason"].item() == "missing_cehrt":
            unknown.add(entry.program)
    assert {"cjr", "team"} <= unknown
    [track_1] = [e for e in ss.models(2026, model="team") if e.track == "Track 1"]
    assert track_1.advanced == ss.advanced_apm_of("team", "1", performance_year=2026).advanced_apm == "no"
