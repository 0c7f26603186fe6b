"""The real model, the real index, the real doors."""

from __future__ import annotations

import pytest

from assistant import Assistant
from assistant.settings import Settings
from eval import summaries


@pytest.fixture(scope="module")
def real(data_dir):
    return Assistant(Settings(data_dir=data_dir))


@pytest.mark.weights
@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Can a 70-year-old woman with type 2 diabetes and an eGFR of 25 take metformin?", "metformin is contraindicated"),
        ("What is the intramuscular adrenaline dose for an adult with anaphylaxis?", "mg"),
        ("CHA2DS2-VASc for a 76-year-old woman with hypertension, diabetes and atrial fibrillation?", "CHA2DS2-VASc"),
    ],
)
def test_a_real_question_gets_a_checked_answer(real, question, expected):
    answer = real.ask(question)
    assert not answer.refused
    assert expected.lower() in answer.text.lower()
    for sentence in answer.sentences:
        assert sentence.citations or sentence.tool
        for citation in sentence.citations:
            assert real.parts.kb.passage(citation.passage_id).text == citation.quote


@pytest.mark.weights
def test_a_question_outside_is_refused(real):
    assert real.ask("Who won the football world cup in 1998?").refused


@pytest.mark.weights
def test_a_real_note_is_worded_the_same_twice_and_rests_on_its_lines(real):
    note = "HPI: 77-year-old woman with sudden right arm weakness and slurred speech. No headache. No seizure.\n"
    record = real.summarize_note(note, style="discharge", worded=True)
    assert record == real.summarize_note(note, style="discharge", worded=True)
    assert "quoted" not in record.versions
    assert all(summaries.rests(bullet, note) for bullet in record.bullets)


@pytest.mark.encoder
def test_real_retrieval_finds_the_statement(data_dir):
    kb = Assistant(Settings(data_dir=data_dir, backend="extractive")).parts.kb
    found = kb.search("when to stop metformin because of kidney function", k=5)
    assert any("metformin" in hit.passage.text.lower() for hit in found)
