"""The panels of the page: what they hold, and that no text of a user or a guideline becomes HTML."""

from __future__ import annotations

from base64 import b64decode

import gradio as gr
import pandas as pd
import pytest

from assistant import ui, ui_ask, ui_diagnose, ui_handout, ui_note, ui_parts, ui_risk
from assistant.errors import InputError
from assistant.records import Dropped, Span

NOTE = "Mr John Smith, 72 years old.\nMedications: metformin 500 mg twice daily.\nAssessment: pneumonia, confused. BP 98/58, RR 31, urea 9.1 mmol/L.\n"
BAD = "<script>alert(1)</script>"
TORSION = ("15 year old boy with vomiting and lower abdominal pain.", "The left testicle is very painful since two hours, sudden onset.")


@pytest.mark.parametrize(
    ("given", "there"),
    [
        ("see https://a.org/x?a=1&b=2, page 3", 'href="https://a.org/x?a=1&amp;b=2"'),
        ("Thorax 2003. doi:10.1136/thorax.58.5.377.", 'href="https://doi.org/10.1136/thorax.58.5.377"'),
        ("javascript:alert(1)", "javascript:alert(1)"),     # stays text
        (BAD, "&lt;script&gt;"),
    ],
)
def test_only_web_addresses_and_dois_become_links(given, there):
    made = ui_parts.linked(given)
    assert there in made
    assert ("<a " in made) is ("href" in there)


def test_cells_lines_and_reasons_are_escaped():
    pieces = [ui_parts.table([BAD], [[BAD]]), ui_parts.items([BAD]), ui_parts.opens(BAD, BAD), ui_parts.withheld([Dropped(BAD, BAD, BAD)], BAD)]
    pieces += [ui_parts.quoted(BAD, [Span(0, 8)]), ui_parts.remark(BAD), ui_parts.file(BAD, f'"{BAD}', "text/plain", BAD)]
    assert "<script" not in ui_parts.shown(*pieces, BAD)


def test_a_file_to_save_holds_its_bytes():
    link = ui_parts.file("PDF", "a.pdf", "application/pdf", b"%PDF-1")
    assert 'download="a.pdf"' in link
    assert b64decode(link.split("base64,")[1].split('"')[0]) == b"%PDF-1"


def test_what_the_gate_dropped_stands_under_the_evidence_with_its_reason(assistant, llm):
    llm.says("Metformin is recommended at 5000 mg daily [1].")
    (first, *_), *rest = ui_ask.respond(assistant, "Can a 70-year-old with type 2 diabetes take metformin?", [], "eGFR 25.")
    assert first == ""
    assert all(box == gr.skip() for box, *_ in rest)        # what is typed meanwhile stays
    _, chat, panel, answer = rest[-1]
    assert "metformin is contraindicated: eGFR 25" in chat[-1]["content"]
    assert "see them under Evidence" in chat[-1]["content"]
    assert "Not shown: failed a check (2)" in panel
    assert "5000 mg" in panel
    assert "Type 2 diabetes" in ui_ask.handout(assistant, answer)
    assert "Ask a question first" in ui_ask.handout(assistant, None)


def test_a_question_that_cannot_be_used_stays_in_the_box_and_nothing_typed_meanwhile_is_lost(assistant):
    ((box, chat, _, answer),) = ui_ask.respond(assistant, " ", [], "")
    assert box == gr.skip()
    assert "the question is empty" in chat[-1]["content"]
    assert answer is None


def test_a_question_whose_answer_breaks_off_comes_back_into_the_emptied_box(assistant, monkeypatch):
    def broken(question, *, note=""):
        yield next(ask_stream(question, note=note))
        raise InputError("broken off")

    ask_stream = assistant.ask_stream
    monkeypatch.setattr(assistant, "ask_stream", broken)
    emptied, (box, chat, _, answer) = ui_ask.respond(assistant, "When is metformin contraindicated?", [], "")
    assert emptied[0] == ""
    assert box == "When is metformin contraindicated?"
    assert "broken off" in chat[-1]["content"]
    assert answer is None


def test_a_growing_case_shows_what_each_fact_moved(assistant):
    begun, _, _, first = ui_diagnose.grown(ui_diagnose.Growing(assistant.diagnose_stepwise()), TORSION[0])
    assert "What the last fact moved" not in first
    grown, box, log, panel = ui_diagnose.grown(begun, TORSION[1])
    assert box == ""
    assert "Testicular torsion: " in panel.split("Suggestions")[0]
    assert "very painful" in log
    same, box, _, panel = ui_diagnose.grown(grown, " ")
    assert (same, box) == (grown, " ")
    assert "Not done." in panel


def test_a_fact_without_a_case_is_refused(assistant):
    assert "give the case first" in ui_diagnose.grown(None, "No fever.")[3]


def test_each_line_of_a_summary_opens_to_its_words_and_can_be_saved(assistant):
    *_, panel = ui_note.summaries(assistant, NOTE, "soap")
    assert "<mark>metformin 500 mg twice daily</mark>" in panel
    assert {"summary-soap.md", "summary-soap.json", "summary-soap.fhir.json"} <= set(panel.split('"'))
    assert "the note is empty" in next(ui_note.summaries(assistant, " ", "soap"))


def test_a_summary_in_the_models_words_grows_and_marks_them(assistant, llm):
    llm.says("No cough [2] or fever [3]. No rash [1].")
    *_, panel = ui_note.summaries(assistant, "HPI: Gout for years. No cough. She denies fever.\n", "soap", worded=True)
    assert "No cough or fever. (the model&#x27;s words)" in panel
    assert "<mark>She denies fever.</mark>" in panel
    assert "1 model sentence(s) failed the checks" in panel
    assert "Not shown: failed a check (1)" in panel


def test_a_copy_without_names_marks_its_masks():
    panel = ui_note.masked(NOTE + BAD)
    assert "Smith" not in panel
    assert "<mark>[NAME]</mark>" in panel
    assert "<script" not in panel
    assert "the note is empty" in ui_note.masked(" ")


def test_a_handout_is_shown_as_printed_for_its_reader(assistant, llm):
    llm.says("")
    told = ui_handout.reader(" 70 ", "female", "no", "not known", "gout; asthma", "lisinopril,", "")
    assert told == {"age_years": "70", "sex": "female", "pregnant": False, "conditions": ["gout", "asthma"], "medicines": ["lisinopril"]}
    assert ui_handout.reader("", "not known", "not known", "not known", " ", "", "") == {}     # what is left out is unknown
    panel = ui_handout.written(assistant, "T2DM", 6, {**told, "language": "en"})
    assert "lisinopril" in panel
    assert {"type-2-diabetes.html", "type-2-diabetes.pdf"} <= set(panel.split('"'))
    assert "lisinopril" not in ui_handout.written(assistant, "T2DM", 6, {})
    assert "no guideline covers" in ui_handout.written(assistant, "broken ankle", 6, {})
    assert "give years from 0 to 120" in ui_handout.written(assistant, "T2DM", 6, {"age_years": "140"})
    assert "reader age_years is" in ui_handout.written(assistant, "T2DM", 6, {"age_years": "old"})


def test_scores_asked_for_in_words_show_parts_and_places(assistant):
    panel = ui_risk.picked(assistant, "CURB-65?", NOTE)
    assert "CURB-65, severity of community-acquired pneumonia: 5" in panel
    assert "<mark>RR 31</mark>" in panel
    assert "no risk tool is named" in ui_risk.picked(assistant, "hello", NOTE)


def test_a_tool_from_the_table_says_what_is_missing(assistant):
    frame = pd.DataFrame([["weight_kg", "kg", "70"], ["height_cm", "cm", ""]], columns=ui_risk.HEADERS)
    assert "Missing" in ui_risk.computed(assistant, "bmi", frame, "")
    frame.loc[1, "value"] = "175"
    panel = ui_risk.computed(assistant, "bmi", frame, "")
    assert "22.9" in panel
    assert "unknown" not in panel
    frame.loc[0, "value"] = "heavy"
    assert "Not computed." in ui_risk.computed(assistant, "bmi", frame, "")


def test_the_page_reports_to_nobody_and_says_where_text_goes(assistant, llm, monkeypatch):
    def begun(**options):
        raise LookupError(options["analytics_enabled"])

    monkeypatch.setattr(gr, "Blocks", begun)
    with pytest.raises(LookupError, match="False"):
        ui.build(assistant)
    assert ui.where(assistant) == "No text leaves this machine."
    monkeypatch.setattr(type(llm), "leaves_process", True)
    assert "Text is sent to" in ui.where(assistant)
