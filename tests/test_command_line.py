"""The console script."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import sharedsavings as ss

runner = pytest.importorskip("typer.testing").CliRunner()

from rich.console import Console  # noqa: E402 - so are these

from sharedsavings import _commands  # noqa: E402
from sharedsavings._commands import app  # noqa: E402 - its libraries are optional

ENTITIES = {
    "performance_year": [2026, 2025, 2020],
    "payments_attributed": [60.0, 60.0, 10.0],
    "payments_eligible": [100.0] * 3,
    "patients_attributed": [30, 45, 5],
    "patients_eligible": [100] * 3,
}


@pytest.fixture
def entities(tmp_path: Path) -> Path:
    path = tmp_path / "entities.csv"
    pl.DataFrame(ENTITIES).write_csv(path)
    return path


def run(*arguments: object, code: int = 0) -> str:
    result = runner.invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result.output


def test_the_demonstration_runs_on_samples_and_on_a_file_of_cms(cms_data):
    text = run("demo")
    assert "partial_qp" in text
    assert "QP determination of row" in text
    assert ss.rules.load().digest[:12] in text
    assert "476" in run("demo", "--puf", cms_data / "mssp_puf" / "py2024.csv")


def test_files_are_read_and_written_as_csv_and_parquet(entities, tmp_path):
    parquet = tmp_path / "entities.parquet"
    pl.DataFrame(ENTITIES).write_parquet(parquet)
    for source in (entities, parquet):
        for name, read in (("out.csv", pl.read_csv), ("out.parquet", pl.read_parquet)):
            target = tmp_path / name
            assert "wrote 3 rows" in run("qp", source, "--output", target)
            assert read(target)["status"].to_list() == ["qp", "partial_qp", "none"]


def test_a_table_shows_what_was_determined_and_by_which_book(entities):
    text = run("qp", entities)
    assert "60.00%" in text
    assert "partial_qp" in text
    assert "rule book" in text


def test_options_reach_the_verb(entities, tmp_path):
    target = tmp_path / "out.csv"
    run("qp", entities, "--as-of", "2026-02-02", "-o", target)
    assert pl.read_csv(target)["status"].to_list() == ["partial_qp", "partial_qp", "none"]
    rules = tmp_path / "rules.toml"
    rules.write_text('[set]\n"qp.medicare.payment_amount.qp" = "0.1"\n')
    run("qp", entities, "--rules", rules, "-o", target)
    assert pl.read_csv(target)["status"].to_list() == ["qp"] * 3
    renamed = tmp_path / "renamed.csv"
    pl.DataFrame(ENTITIES).drop("performance_year").rename({"payments_eligible": "all"}).write_csv(renamed)
    run("qp", renamed, "--year", 2026, "-c", "payments_eligible=all", "-o", target)
    assert pl.read_csv(target)["status"].to_list() == ["qp", "qp", "none"]


def test_a_row_is_explained(entities):
    text = run("qp", entities, "--explain", 0)
    assert "1. payment score = 60 %" in text
    assert "qp.medicare.payment_amount.qp" in text


def test_settlements_are_computed_from_files(tmp_path):
    source, target = tmp_path / "acos.csv", tmp_path / "out.csv"
    sample = ss.load_sample("mssp_acos", backend="polars")
    sample.write_csv(source)
    run("settle", source, "-o", target)
    assert pl.read_csv(target)["earned"].to_list() == ss.settle(sample).frame["earned"].to_list()
    assert "reason" in run("settle", source)


def test_break_evens_are_computed_from_files(tmp_path):
    source, target = tmp_path / "acos.csv", tmp_path / "out.csv"
    sample = ss.load_sample("mssp_acos", backend="polars")
    sample.write_csv(source)
    run("break-even", source, "--earned", "-250000", "-o", target)
    expected = ss.break_even(sample, earned=-250_000).frame["break_even"].to_list()
    assert pl.read_csv(target)["break_even"].to_list() == expected
    assert "segment" in run("break-even", source)
    assert "earned at one cent more" in run("break-even", source, "--earned", 1_000_000, "--explain", 0)


def test_bad_rows_stop_the_command_or_are_kept_as_asked(tmp_path):
    source, target = tmp_path / "bad.csv", tmp_path / "out.csv"
    pl.DataFrame(ENTITIES | {"patients_attributed": [30, 450, 5]}).write_csv(source)
    assert "numerator above denominator in 1 row, first in row 1 (value 450)" in run("qp", source, code=2)
    run("qp", source, "--keep-invalid", "-o", target)
    assert pl.read_csv(target)["reason"].to_list() == [None, "numerator_above_denominator", None]


def test_what_cannot_be_done_ends_with_one_line_and_code_2(entities, tmp_path):
    text_file = tmp_path / "entities.txt"
    text_file.write_text("x")
    assert "neither .csv nor .parquet" in run("qp", text_file, code=2)
    assert "neither .csv nor .parquet" in run("qp", entities, "-o", tmp_path / "out.xlsx", code=2)
    assert "write canonical=own" in run("qp", entities, "-c", "payments_eligible", code=2)
    assert "not a date written" in run("qp", entities, "--as-of", "soon", code=2)
    assert "`benchmark`: missing" in run("settle", entities, code=2)
    assert "row 3" in run("qp", entities, "--explain", 3, code=2)
    assert "Did you mean" in run("rules", "show", "qp.medicare", code=2)
    run("qp", tmp_path / "nowhere.csv", code=2)


def test_reconciliation_ends_with_code_1_where_a_difference_is_unexplained(cms_data, tmp_path):
    source = cms_data / "mssp_puf" / "py2022.csv"
    target = tmp_path / "rows.csv"
    text = run("reconcile", source, "--output", target)
    assert "A1070" in text
    assert len(pl.read_csv(target)) == 482
    spoilt = tmp_path / "spoilt.csv"
    spoilt.write_text(source.read_text("utf-8-sig").replace("45867446", "45867449"))
    assert "unexplained" in run("reconcile", spoilt, code=1)


def test_files_of_any_years_are_reconciled_in_one_table_with_a_picture_and_notes(cms_data, tmp_path):
    files = [cms_data / "mssp_puf" / f"py{name}.csv" for name in ("2024", "2013_as_published_mislabelled", "2018")]
    picture = tmp_path / "made.svg"
    text = run("reconcile", *files, "--plot", picture, "--notes")
    assert text.index("py2013_as") < text.index("py2018") < text.index("py2024")
    assert "labels" in text
    assert picture.read_text().count("<svg") == 1
    assert "neither .png" in run("reconcile", files[0], "--plot", tmp_path / "made.txt", code=2)
    page = tmp_path / "page.csv"
    page.write_text("<html></html>")
    assert "a page of HTML" in run("reconcile", files[0], page, code=2)


@pytest.mark.parametrize("width", [60, 99])
def test_a_narrow_terminal_breaks_no_heading_and_no_reason_into_bits(cms_data, monkeypatch, width):
    files = sorted((cms_data / "mssp_puf").glob("py20*.csv"))
    wide = run("reconcile", *files)
    assert "within quality score" in wide
    monkeypatch.setattr(_commands, "_console", lambda: Console(width=width))
    text = run("reconcile", *files)
    lines = [line.rstrip() for line in text.splitlines()]
    assert max(map(len, lines)) <= width
    heading = next(line for line in lines if line.startswith("year"))
    assert heading.split() == ["year", "file", "rows", "moved", "gen.", "±$1", "score", "known", "open"]
    assert "score: within quality score" in " ".join(lines).replace("  ", " ")
    reasons = [line for line in lines if line.startswith("  limited by participant revenue")]
    assert len(reasons) == 2
    assert all(len(line) > 40 for line in reasons)
    # The counts are those of the wide table.
    assert next(line.split()[-7:] for line in lines if line.startswith("2024")) == [
        "476",
        "375",
        "476",
        "476",
        "0",
        "0",
        "0",
    ]


def test_the_rule_book_is_listed_shown_and_compared():
    assert "qp.medicare.payment_amount.qp" in run("rules", "list", "qp.medicare")
    assert "0.50" in run("rules", "show", "qp.medicare.payment_amount.qp", "--year", 2026)
    assert "0.75" in run("rules", "show", "qp.medicare.payment_amount.qp", "--year", 2026, "--as-of", "2026-02-02")
    assert run("rules", "diff", "2026-02-02", "2026-02-03").count("2026") >= 8


def test_the_script_is_installed_and_says_how_it_is_used():
    script = "from sharedsavings._cli import main; main()"
    done = subprocess.run([sys.executable, "-c", script, "--help"], capture_output=True, text=True, check=True)
    for verb in ("demo", "qp", "settle", "break-even", "reconcile", "rules"):
        assert verb in done.stdout
    blocked = "import sys; sys.modules['typer'] = None; " + script
    done = subprocess.run([sys.executable, "-c", blocked], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'sharedsavings[cli]'" in done.stderr


@pytest.mark.parametrize("name", [row[0] for row in ss.list_samples().rows if "for settle" in row[1]])
def test_every_sample_settles_with_an_explanation(name):
    text = run("settle", "--sample", name, "--explain", 0)
    assert "Settlement of row 0" in text
    assert "earned = " in text
    assert "rule book" in text
    # Each rule with a mark, and the marks with their sources.
    assert "[1] " in text.split("Settlement of row 0")[1]
    told = ss.settle(ss.load_sample(name)).warnings
    assert all(warning.split(" for ")[0] in text for warning in told)


def test_a_sample_is_explained_and_written_at_once(tmp_path):
    target = tmp_path / "out.parquet"
    text = run("settle", "--sample", "cec_ldo", "--explain", 3, "--out", target)
    assert "wrote 16 rows" in text
    assert "cec.sharing_rate" in text
    expected = ss.settle(ss.load_sample("cec_ldo", backend="polars")).frame["earned"]
    assert pl.read_parquet(target)["earned"].to_list() == expected.to_list()


def test_a_file_of_one_program_and_year_is_explained(tmp_path):
    source = tmp_path / "esco.csv"
    sample = ss.load_sample("cec_two_sided", backend="polars")
    sample.filter(pl.col("performance_year") == 2019).drop("program", "performance_year").write_csv(source)
    text = run("settle", source, "--program", "CEC", "--year", 2019, "--explain", 1)
    assert "Settlement of row 1" in text
    assert "cec.minimum_rate.fixed" in text


def test_samples_and_programs_are_listed():
    text = run("samples")
    assert all(row[0] in text for row in ss.list_samples().rows)
    listed = run("models")
    assert "iota" in listed
    assert "clawback" in run("models", "cpc+")
    assert "What was prepaid and is not earned is paid back" in run(
        "models", "cpc+", "--track", "TRACK_1", "--year", 2018
    )


def test_a_file_or_a_sample_is_given_and_not_both(entities):
    assert "give a FILE, or a sample" in run("settle", code=2)
    assert "give a FILE, or a sample" in run("settle", entities, "--sample", "cec_ldo", code=2)
    assert "no sample 'titanic'. There are" in run("settle", "--sample", "titanic", code=2)
    assert "segment" in run("break-even", "--sample", "ocm_alternative")


def test_fees_and_payoffs_are_drawn_to_a_file(tmp_path):
    for program, track, year in (("iota", "HOSPITAL", 2026), ("reach", "GLOBAL", 2026)):
        target = tmp_path / f"{program}.png"
        assert "drew" in run("models", program, "--track", track, "--year", year, "--plot", target)
        assert target.stat().st_size > 5_000


def test_a_picture_without_a_track_is_of_the_only_arrangement_or_refused(tmp_path):
    target = tmp_path / "i.png"
    assert "drew" in run("models", "iota", "--year", 2026, "--plot", target)
    assert target.stat().st_size > 5_000
    assert "iota HOSPITAL, 2026" in run("models", "iota", "--year", 2026)
    refused = run("models", "reach", "--year", 2026, "--plot", tmp_path / "r.png", code=2)
    assert "reach has GLOBAL, PROFESSIONAL" in " ".join(refused.split())
    assert "Give it with --year" in " ".join(run("models", "iota", "--plot", target, code=2).split())
    assert "Name it" in " ".join(run("models", "--year", 2026, code=2).split())


def test_the_catalogue_of_models_is_listed_filtered_and_written(tmp_path):
    text = run("apms", "--year", 2024, "--model", "mssp", "--advanced", "yes")
    assert "BASIC Level E" in text
    assert "Level D" not in text
    target = tmp_path / "models.csv"
    assert "wrote" in run("apms", "--output", target)
    assert len(pl.read_csv(target)) == len(ss.models())
    assert "choose from" in run("apms", "--advanced", "maybe", code=2)


def test_clinicians_of_the_sample_are_printed_with_reasons_and_explained():
    text = run("clinicians", "--sample")
    assert "Harbor ACO" in text
    assert "terminated entity" in text
    assert "Clinicians, performance year 2024" in text
    assert "not counted: the entity terminated" in run("clinicians", "--sample", "--explain", 14)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_clinicians_of_files_are_written_as_parquet(tmp_path, suffix):
    for name in ("roster", "scores"):
        frame = ss.load_sample(f"qp_{name}", backend="polars")
        write = frame.write_csv if suffix == "csv" else frame.write_parquet
        write(tmp_path / f"{name}.{suffix}")
    files = ["--roster", tmp_path / f"roster.{suffix}", "--scores", tmp_path / f"scores.{suffix}"]
    out = tmp_path / "out.parquet"
    text = run("clinicians", *files, "--year", 2024, "--out", out)
    assert "wrote 18 rows" in text
    assert "terminated_entity" in text
    sample = ss.clinicians(
        ss.load_sample("qp_roster", backend="polars"),
        ss.load_sample("qp_scores", backend="polars"),
        performance_year=2024,
    )
    assert pl.read_parquet(out).rows() == sample.frame.rows()
    assert len(pl.read_parquet(out)) == 18
    by_tin = tmp_path / "tins.csv"
    assert "wrote 22 rows" in run("clinicians", *files, "--year", 2024, "--by", "tin_npi", "--out", by_tin)


def test_clinicians_say_what_the_call_lacks(tmp_path):
    path = tmp_path / "roster.csv"
    ss.load_sample("qp_roster", backend="polars").write_csv(path)
    assert "give both, or --sample alone" in run("clinicians", "--roster", path, code=2)
    assert "give both, or --sample alone" in run("clinicians", code=2)
    assert "Give it with --year" in run("clinicians", "--roster", path, "--scores", path, code=2)
    assert "column `payments_attributed`" in run(
        "clinicians", "--roster", path, "--scores", path, "--year", 2024, code=2
    )


def csv(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


SCORED = "snapshot,payments_attributed,payments_eligible"


def test_identifiers_of_a_csv_file_are_text_and_keep_their_zeros(tmp_path):
    roster = csv(tmp_path / "r.csv", "npi,ACO,snapshot\n1234567893,007,2024-08-31\n1003000126,7,2024-08-31\n")
    scores = csv(tmp_path / "s.csv", f"ID,{SCORED}\n007,20240831,90,100\n7,20240831,10,100\n")
    out = tmp_path / "out.parquet"
    run("clinicians", "--roster", roster, "--scores", scores, "--year", 2024, "-c", "entity=ACO",
        "--score-column", "entity=ID", "-o", out)  # fmt: skip
    found = pl.read_parquet(out).select("npi", "status", "entity").rows()
    assert found == [(1003000126, "none", None), (1234567893, "qp", "007")]


def test_columns_of_scores_are_renamed_in_both_files_of_scores(tmp_path):
    roster = csv(tmp_path / "r.csv", "npi,entity,list,snapshot\n1234567893,A,affiliated_practitioner,2024-08-31\n"
                 "1003000126,B,participation,2024-08-31\n")  # fmt: skip
    scores = csv(tmp_path / "s.csv", f"ID,{SCORED}\nB,20240831,90,100\n")
    own = csv(tmp_path / "i.csv", f"NPI,{SCORED}\n1234567893,20240831,45,100\n")
    out = tmp_path / "out.parquet"
    files = ("--roster", roster, "--scores", scores, "--individual-scores", own, "--year", 2024)
    run("clinicians", *files, "--score-column", "entity=ID", "--score-column", "npi=NPI", "-o", out)
    assert pl.read_parquet(out)["status"].to_list() == ["qp", "partial_qp"]
    assert "--score-column entity: write canonical=own" in run("clinicians", *files, "--score-column", "entity", code=2)


def test_identifiers_are_printed_as_they_are(tmp_path):
    assert "1000000004" in run("clinicians", "--sample")
    rows = {"entity_id": [1234567], "npi": [1234567893], "tin": [100000001], "performance_year": [2024],
            "payments_attributed": [60.0], "payments_eligible": [100.0]}  # fmt: skip
    pl.DataFrame(rows).write_parquet(tmp_path / "rows.parquet")
    text = run("qp", tmp_path / "rows.parquet")
    assert all(shown in text for shown in ("1234567 ", "1234567893", "100000001"))


def test_the_year_of_clinicians_is_told_to_be_that_of_lists_and_scores():
    text = " ".join(run("clinicians", "--help").split())
    assert "Performance year of the lists" in text
    assert "in place of a column" not in text
