from __future__ import annotations

import json

import pytest

from assistant.errors import InputError
from assistant.records import to_dict

QUESTION = "Can a 70-year-old with type 2 diabetes and an eGFR of {} take metformin?"


def texts(answer):
    return " ".join(sentence.text for sentence in answer.sentences)


def test_evidence_comes_before_the_first_token(assistant, llm):
    llm.says("Metformin is contraindicated when eGFR is below 30 mL/min/1.73 m2 [1].")
    first = next(assistant.ask_stream(QUESTION.format(25)))
    assert first.evidence
    assert llm.calls == 0


@pytest.mark.parametrize(
    ("egfr", "expected", "unexpected"),
    [
        ("25", "metformin is contraindicated: eGFR 25 mL/min/1.73 m2 is below 30", "does not apply"),
        ("30", "contraindicated does not apply to this patient: eGFR 30 mL/min/1.73 m2 is not below 30", "patient metformin is contraindicated"),
        ("44", "Dose or interval to change for this patient (eGFR 44 mL/min/1.73 m2 is below 45): ", "patient metformin is contraindicated"),
        ("60", "is not below 45", "patient metformin is"),
    ],
)
def test_thresholds_are_computed_not_worded(assistant, llm, egfr, expected, unexpected):
    llm.says("")
    answer = texts(assistant.ask(QUESTION.format(egfr)))
    assert expected in answer
    assert unexpected not in answer


def test_a_model_that_says_the_opposite_is_not_shown(assistant, llm):
    llm.says("Yes, he can take metformin [2]. In adults with type 2 diabetes, start metformin at 500 mg orally once daily [2].")
    answer = assistant.ask(QUESTION.format(25))
    assert not any(sentence.origin == "model" for sentence in answer.sentences)
    assert [item.check for item in answer.dropped].count("patient") == 1  # the statement with a dose of what is banned
    assert len(answer.dropped) == 3
    assert all(item.check and item.reason for item in answer.dropped)


def test_an_unknown_value_stays_unknown(assistant, llm):
    llm.says("")
    answer = texts(assistant.ask("Can an adult with type 2 diabetes take metformin?"))
    assert "Not known for this patient: metformin is contraindicated if eGFR is below 30" in answer


@pytest.mark.parametrize(
    ("question", "note", "told"),
    [
        ("Which paint dries fastest on vancomycin?", "Allergies: vancomycin (rash)", "vancomycin is contraindicated: allergy to vancomycin"),
        ("Which antibiotic for a garden fence?", "Allergies: penicillin", "allergy to penicillin (antibiotic)"),
        (QUESTION.format(60), "Metformin caused a rash.", "metformin is contraindicated: allergy to metformin"),
        ("Allergic to vancomycin: which paint dries fastest?", "", ""),
    ],
)
def test_an_allergy_to_what_is_asked_for_is_told_whatever_was_found(assistant, llm, question, note, told):
    llm.says("")
    answer = assistant.ask(question, note=note)
    said = [sentence for sentence in answer.sentences if sentence.provenance == "chart"]
    assert [told in sentence.text for sentence in said] == [True] * bool(told)
    assert all(f"{question}\n{note}"[s.spans[0].start : s.spans[0].end].lower() in s.text for s in said)


def test_a_question_outside_the_guidelines_is_refused_before_a_token(assistant, llm):
    answer = assistant.ask("Which paint dries fastest on a garden fence?")
    assert answer.refused
    assert answer.sentences == ()
    assert llm.calls == 0


def test_nothing_left_means_the_quoted_statements(assistant, llm):
    llm.says("Give insulin 900 units now [1].")
    answer = assistant.ask("How often is HbA1c measured in type 2 diabetes?")
    assert any(sentence.origin == "quote" for sentence in answer.sentences)
    assert "900" not in texts(answer)
    assert answer.dropped


def test_every_guideline_sentence_has_a_verbatim_quote(assistant, llm, kb):
    llm.says("In type 2 diabetes measure HbA1c every 3 months until it is stable [1].")
    answer = assistant.ask("How often is HbA1c measured in type 2 diabetes?")
    quotes = [(s, c) for s in answer.sentences for c in s.citations]
    assert any(sentence.origin == "model" and "every 3 months" in citation.quote for sentence, citation in quotes)
    assert all(kb.passage(citation.passage_id).text == citation.quote for _, citation in quotes)


def test_an_answer_is_json(assistant, llm):
    llm.says("")
    assert json.loads(json.dumps(to_dict(assistant.ask(QUESTION.format(25)))))["safety_line"].startswith("Decision support")


@pytest.mark.parametrize(
    ("question", "message"), [("  ", "empty"), ("a\0b", "binary"), ("x" * 20_001, "20,001 characters; allowed: 20,000")]
)
def test_what_cannot_be_asked_gets_one_line(assistant, question, message):
    with pytest.raises(InputError, match=message):
        assistant.ask(question)


@pytest.mark.parametrize("words", ["Stable today. ", "stable today "])        # dictation has no full stops
def test_a_note_of_fifty_thousand_words_is_read(assistant, llm, words):
    llm.says("")
    note = f"{words * 25_000}\neGFR 25 mL/min/1.73 m2."
    answer = assistant.ask("Can this adult with type 2 diabetes take metformin?", note=note)
    assert any("eGFR 25 mL/min/1.73 m2 is below 30" in sentence.text for sentence in answer.sentences)
    (number,) = answer.facts.measurements
    assert note[number.span.start - answer.note_start :].startswith("eGFR 25")


def test_a_prompt_too_long_for_the_model_loses_no_evidence(assistant, llm, monkeypatch):
    def refuse(*_, **__):
        raise InputError("the prompt has 9000 tokens")

    monkeypatch.setattr(llm, "stream", refuse)
    answer = assistant.ask(QUESTION.format(25))
    assert any("contraindicated" in sentence.text for sentence in answer.sentences)
    assert "9000 tokens" in answer.versions["backend_error"]
    assert answer.versions["model"] == "fake"
