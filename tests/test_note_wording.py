"""A model's words for the course of a note: what says the same is kept, each near miss is dropped and its lines are quoted."""

from __future__ import annotations

import pytest

from assistant import facts, fhir, render
from assistant.assistant import Assistant
from assistant.errors import BackendError
from assistant.facts.sections import split
from assistant.llm import load
from assistant.notes import fidelity, summarize, wording
from assistant.notes.lines import Note
from assistant.records import Bullet, Dropped
from assistant.settings import Settings
from eval import summaries

NOTE = """Hospital course: 68-year-old woman with heart failure admitted with dyspnea.
She was given furosemide 40 mg IV and lost 5 kg.
No chest pain.
She denies fever.
Possible pneumonia in the left lower lobe.
She had a stroke in 2015.
Her mother had breast cancer.
Sodium 131 mmol/L, potassium 4.4 mmol/L.
Seen by cardiology on 03/02/2025.
Plan: Daily weights.
"""


def read(text=NOTE):
    return Note(text, facts.extract(text), tuple(split(text)))


def judged(said, text=NOTE):
    note = read(text)
    return wording.judge(said, note, "course", note.lines(("history",)))


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ("68-year-old woman with heart failure was admitted with dyspnea [1], given furosemide 40 mg IV and lost 5 kg [2].", [1, 2]),
        ("No chest pain [3] or fever [4].", [3, 4]),
        ("Possible pneumonia in left lower lobe. [5]", [5]),
        ("1. She had a stroke in 2015 [6].", [6]),
        ("No chest pain [3][5].", [3]),                     # a line cited besides, of which nothing is said
    ],
)  # fmt: skip
def test_what_says_the_same_is_kept_with_the_spans_of_its_lines(said, lines):
    kept, every = judged(said), read().lines(("history",))
    assert isinstance(kept, Bullet)
    assert list(kept.spans) == [every[number - 1] for number in lines]
    assert "[" not in kept.text


@pytest.mark.parametrize(
    ("said", "check"),
    [
        ("Chest pain [3].", "negation"),                                                  # the denial is gone
        ("No chest pain [3], fever [4].", "word"),                                        # one of two is gone
        ("No chest pain [3] and fever [4].", "word"),                                     # "and" hands no denial on
        ("68-year-old woman with heart failure not admitted with dyspnea [1].", "negation"),  # a denial is added
        ("She was given furosemide 400 mg IV and lost 5 kg [2].", "number"),
        ("She was given furosemide 40 g IV and lost 5 kg [2].", "number"),
        ("She was given furosemide 5 mg IV and lost 40 kg [2].", "unit"),                 # two numbers change places
        ("She was given furosemide 40 mg orally and lost 5 kg [2].", "route"),
        ("She was given bumetanide 40 mg IV and lost 5 kg [2].", "drug"),
        ("She was given furosemide 40 mg IV and lisinopril and lost 5 kg [2].", "drug"),
        ("She was given furosemide 40 mg IV and gained 5 kg [2].", "word"),
        ("Possible pneumonia in the right lower lobe [5].", "direction"),
        ("Pneumonia in the left lower lobe [5].", "word"),                                # the doubt is gone
        ("She has a stroke in 2015 [6].", "word"),                                        # past told as present
        ("She had a stroke in 2016 [6].", "word"),
        ("She had breast cancer [7].", "word"),                                           # a relative's told as the patient's
        ("Her mother had breast cancer [7], dyspnea [1].", "word"),
        ("Sodium 4.4 mmol/L, potassium 131 mmol/L [8].", "word"),
        ("Seen by cardiology on 02/03/2025 [9].", "word"),                         # day and month
        ("No chest pain.", "citation"),
        ("No chest pain [10].", "citation"),
        ("No chest pain [0].", "citation"),
        ("No chest pain because of furosemide [3].", "drug"),                             # a cause is added
        ("She is stable [1].", "word"),
    ],
)  # fmt: skip
def test_a_near_miss_is_dropped_with_its_reason(said, check):
    dropped = judged(said)
    assert isinstance(dropped, Dropped)
    assert (dropped.check, bool(dropped.reason)) == (check, True)


@pytest.mark.parametrize(
    ("lines", "said", "check"),
    [
        (["Possible pneumonia.", "Pleural effusion."], "Possible pneumonia, pleural effusion.", "reach"),
        (["No fever.", "Itching at night."], "No fever, itching at night.", "reach"),
        (["Her mother has migraine.", "Fatigue."], "Her mother has migraine, fatigue.", "reach"),
        (["No fever.", "Cough is less."], "No fever, cough is less.", ""),                # a verb of its own
        (["No fever.", "No cough."], "No fever, no cough.", ""),
        (["He was short of breath.", "He is pale."], "He is short of breath, pale.", "word"),
        (["Short of breath.", "He is pale."], "He is short of breath, is pale.", "tense"),
        (["Sodium 131.", "Weight -5 kg."], "Sodium 131, weight 5 kg.", "number"),         # the sign is lost
        (["Pain was controlled.", "No thrombosis."], "Pain was controlled and no thrombosis.", ""),
        (["Treated with insulin.", "Weight 70 kg."], "Treated with insulin, weight 70 kg.", ""),
        (["He stopped his insulin.", "He cannot eat."], "He stopped his insulin, he can eat.", "word"),
        (["He drinks no alcohol.", "He denies itching."], "He drinks no alcohol or itching.", "verb"),
        (["No alcohol.", "He denies itching."], "No alcohol or itching.", ""),
        (["No fever; cough."], "No fever, cough.", "stop"),
        (["No fever but cough."], "No fever, cough.", "word"),
        (["No fever and has cough."], "No fever and cough.", "word"),
        (["Infection with hepatitis A virus."], "Infection with hepatitis virus.", "word"),
        (["She was on warfarin.", "AF is rapid."], "On warfarin, AF is rapid.", "word"),    # what is over
        (["He was treated with insulin.", "Weight 70 kg."], "Treated with insulin, weight 70 kg.", ""),
        (["Then he was given B.", "First he was given A."], "First he was given A, then he was given B.", "word"),
        (["AS with syncope."], "Syncope today.", "word"),
    ],
)  # fmt: skip
def test_joined_lines_do_not_colour_each_other(lines, said, check):
    assert fidelity.check(said, lines, sex="female" if "her " in said.lower() else "male").check == check


def test_an_or_behind_a_denial_stays_with_its_line():
    text = "HPI: No fever. He has nausea or vomiting. Gout.\n"
    assert isinstance(judged("No fever [1], he has nausea or vomiting [2].", text), Bullet)
    assert isinstance(judged("No fever or nausea or vomiting [1][2].", text), Dropped)


def test_the_sex_is_that_of_the_note():
    assert fidelity.check("She was seen by surgery.", ["Seen by surgery."], sex="male").check == "fact"
    assert fidelity.check("He was seen by surgery.", ["Seen by surgery."], sex="male").ok


def test_the_course_is_told_and_what_fails_is_quoted_at_its_place(assistant, llm):
    llm.says("No chest pain [3] or fever [4]. Pneumonia in the left lower lobe [5]. ")
    record = assistant.summarize_note(NOTE, worded=True)
    course = [b for b in record.bullets if b.section == "course"]
    assert [b.origin for b in course] == ["quote", "quote", "model", *["quote"] * 5]
    assert record.dropped[0].check == "word"
    assert {span for b in course for span in b.spans} == set(read().lines(("history",)))
    assert all(summaries.rests(bullet, NOTE) for bullet in record.bullets)
    assert record == assistant.summarize_note(NOTE, worded=True)


@pytest.mark.parametrize("style", summarize.STYLES)
def test_every_style_rests_on_spans_and_loses_no_line(assistant, llm, style):
    llm.says("No chest pain [3] or fever [4].")
    talk = "Doctor: What brings you in?\nPatient: I have had a cough for a week.\n"
    record = assistant.summarize_note(talk if style == summarize.DIALOGUE else NOTE, style=style, worded=True)
    assert all(bullet.spans for bullet in record.bullets)
    assert (llm.calls > 0) is (style != summarize.DIALOGUE)
    assert "quoted" in record.versions or any(bullet.origin == "model" for bullet in record.bullets)


def test_no_model_is_asked_unless_the_user_asks(assistant, llm):
    record = assistant.summarize_note(NOTE, style="discharge")
    assert llm.calls == 0
    assert "quoted" not in record.versions


@pytest.mark.parametrize("style", ["discharge", "problem_list"])
def test_without_a_model_the_lines_are_quoted_and_the_summary_says_so(kb, tmp_path, style):
    plain = Assistant(Settings(data_dir=tmp_path, backend="extractive"), llm=load("extractive"), kb=kb)
    record = plain.summarize_note(NOTE, style=style, worded=True)
    assert [b.text for b in record.bullets if b.section == "course"] == [read().said(line) for line in read().lines(("history",))]
    assert wording.NO_MODEL in render.summary(record)


def test_a_model_that_fails_leaves_the_lines_quoted(assistant, llm, monkeypatch):
    def fails(*_, **__):
        raise BackendError("the server is gone")
        yield

    monkeypatch.setattr(llm, "stream", fails)
    record = assistant.summarize_note(NOTE, worded=True)
    assert record.versions["quoted"] == "the server is gone"
    assert all(b.origin != "model" for b in record.bullets)


def test_a_long_note_is_given_in_calls_of_a_few_lines_up_to_a_budget(assistant, llm):
    days = [f"Day {n}: walked {n * 10} metres with help." for n in range(1, 101)]
    note = read("Hospital course: " + " ".join([*days, "x" * 400]) + "\nAssessment: Gout.\n")
    batches = list(wording._batches(note, ("history", "assessment")))
    assert {len(batch) for batch in batches[:-1]} == {wording.LINES}
    assert sum(map(len, batches)) <= len(days)
    assistant.summarize_note(note.text, worded=True)
    assert llm.calls == wording.CALLS


def test_a_reader_sees_which_words_are_the_models(assistant, llm):
    llm.says("No chest pain [3] or fever [4].")
    record = assistant.summarize_note(NOTE, worded=True)
    assert "No chest pain or fever. (the model's words)" in render.summary(record)
    assert "the model&#x27;s words" in str(fhir.document(record, NOTE, date="2026-11-25T00:00:00+00:00"))


def test_the_evaluation_counts_what_passes(assistant, llm):
    llm.says("No chest pain [3] or fever [4]. Pneumonia in the left lower lobe [5].")
    short = NOTE.split("Sodium")[0]
    assert summaries.worded(assistant, {"text": short}) == {"sentences_kept": 0.5, "model_bullets_supported": 1.0}
    llm.says("")
    assert summaries.worded(assistant, {"text": short}) == {}
