"""The command line on bad input: one clear line, exit code 2, no stack; and on good input the record."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from assistant import cli, cli_common
from assistant.errors import BackendError

runner = CliRunner()


@pytest.fixture(autouse=True)
def _fake(monkeypatch, assistant):
    monkeypatch.setattr(cli_common, "opened", lambda backend: assistant)


def run(*arguments, **options):
    return runner.invoke(cli.app, list(arguments), **options)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["ask", "  "], "the question is empty; write what you want to know"),
        (["ask", "x" * 20_001], "20,001 characters; allowed: 20,000"),
        (["ask", "metformin?", "--note", "nowhere.txt"], "nowhere.txt is not a file"),
        (["note", "  "], "the note is empty"),
        (["note", "text", "--style", "poem"], "unknown style 'poem'; allowed: one_liner"),
        (["risk", "curb-66"], "did you mean 'curb65'?"),
        (["risk", "frax"], "its coefficients are not published"),
        (["risk", "bmi", "weight_kg=70", "height_cm=-3"], "height_cm is -3 cm; possible: 20 to 250"),
        (["risk", "bmi", "weight_kg=70 mmol/L"], "cannot be turned into kg; allowed: kg"),
        (["risk", "ckd_epi_2021", "age_years=-4"], "age_years is -4 years; possible: 0 to 120"),
        (["risk", "bmi", "weight"], "'weight' is no name=value pair"),
        (["risk", "bmi", "mass=3"], "bmi has no input 'mass'"),
        (["educate", " "], "empty"),
        (["educate", "how much metformin should I take with my eGFR of 25?"], "Patient mode explains and does not set doses"),
        (["educate", "diabetes", "--html", "/nowhere/page.html"], "/nowhere/page.html cannot be written"),
        (["note", "exmaples/pneumonia.txt"], "exmaples/pneumonia.txt is not a file"),       # a path misspelt is no note
        (["risk", "bmi", "weight_kg=70 kg*9**9**9", "height_cm=170"], "cannot be turned into kg"),
        (["risk", "bmi", "weight_kg=70 (", "height_cm=170"], "cannot be turned into kg"),
        (["risk", "train", "mine"], "training needs a name, a file and a column"),
        (["risk", "train", "mine", "--data", "nowhere.csv", "--target", "y"], "nowhere.csv"),
        (["kb", "add", "nowhere.pdf"], "nowhere.pdf does not exist"),
    ],
)
def test_bad_input_gets_one_line_and_exit_code_2(arguments, line):
    result = run(*arguments)
    assert result.exit_code == 2
    assert line in " ".join(result.stderr.split())
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.output


def test_a_binary_file_is_refused(tmp_path):
    (tmp_path / "scan.txt").write_bytes(b"\x00\x01\xff")
    result = run("note", str(tmp_path / "scan.txt"))
    assert result.exit_code == 2
    assert "scan.txt is not UTF-8 text" in result.stderr


def test_an_answer_in_the_terminal_shows_evidence_then_sentences_then_sources(llm):
    llm.says("Metformin is contraindicated when eGFR is below 30 mL/min/1.73 m2 [1].")
    result = run("ask", "Can a 70-year-old with type 2 diabetes and an eGFR of 25 take metformin?")
    assert result.exit_code == 0
    places = [result.stdout.index(part) for part in ("Evidence found in", "metformin is contraindicated: eGFR 25", "**Sources**", "not a medical device")]
    assert places == sorted(places)


def test_a_note_is_worded_only_on_request(llm):
    llm.says("No cough [2] or fever [3].")
    text = "HPI: Gout for years. No cough. She denies fever.\n"
    assert "No cough or fever. (the model's words)" in run("note", text, "--worded").stdout
    assert "(the model's words)" not in run("note", text).stdout


def test_json_is_the_whole_record(llm):
    llm.says("")
    result = run("ask", "How often is HbA1c measured in type 2 diabetes?", "--json")
    assert json.loads(result.stdout)["sentences"]


def test_missing_inputs_are_named_with_what_is_still_possible():
    result = run("risk", "curb65", "age_years=70", "confusion=yes")
    assert result.exit_code == 2
    assert "between 2 and 5" in result.stdout
    assert "missing: resp_rate_per_min" in result.stdout


def test_a_risk_tool_takes_other_units():
    result = run("risk", "ckd_epi_2021", "creatinine_mg_dl=150 umol/L", "age_years=70", "sex=female")
    assert result.exit_code == 0
    assert "150 umol/L = 1.697 mg/dL" in result.stdout


@pytest.mark.parametrize("command", [[], ["ask"], ["diagnose"], ["note"], ["educate"], ["risk"], ["kb"], ["model"], ["doctor"]])
def test_help_teaches(command):
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert len(result.stdout) > 200


def test_a_long_case_in_one_line_is_a_case():
    assert run("diagnose", "58M with chest pain, temp 38.5, and " + "much more. " * 40).exit_code == 0


def test_a_wrong_setting_is_one_line_from_doctor_too(monkeypatch):
    monkeypatch.setenv("ASSISTANT_NONSENSE", "1")
    result = run("doctor")
    assert result.exit_code == 2
    assert "unknown setting nonsense" in result.stderr


def test_an_answer_says_that_no_model_could_be_loaded(assistant, monkeypatch):
    """The model is loaded when the evidence is there: what it was is known only at the end."""
    assistant.parts._llm = None
    monkeypatch.setattr("assistant.llm.from_settings", lambda settings: (_ for _ in ()).throw(BackendError("no weights here")))
    said = run("ask", "When is metformin contraindicated in type 2 diabetes?").stdout
    assert "No model could be loaded (no weights here)" in said


def test_a_masked_copy_goes_to_a_file_or_the_terminal(tmp_path):
    note, copy = tmp_path / "note.txt", tmp_path / "copy.txt"
    note.write_text("Mr John Smith, seen 03/04/2024, takes metformin 500 mg.", encoding="utf-8")
    result = run("deidentify", str(note), "--to", str(copy))
    assert result.exit_code == 0
    assert "A person must look at this copy" in result.stderr
    assert "Smith" not in copy.read_text(encoding="utf-8")
    assert "metformin 500 mg" in run("deidentify", str(note)).stdout
