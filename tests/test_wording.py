from __future__ import annotations

import pytest

from assistant.records import Dropped, Sentence
from assistant.wording import Draft, judge, sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Give A [1]. Give B [2].", ["Give A [1].", "Give B [2]."]),
        ("Give A. [1] Give B. [2]", ["Give A. [1]", "Give B. [2]"]),
        ("Give 0.5 mg. Then wait.", ["Give 0.5 mg.", "Then wait."]),  # a decimal point ends nothing
        ("Use e.g. Aspirin today.", ["Use e.g. Aspirin today."]),
        ("Give A [1]. Give B and th", ["Give A [1]."]),  # cut off at the token limit: the rest has no last word
        ("- Give A [1]\n- Give B [2]\n", ["- Give A [1]", "- Give B [2]"]),
    ],
)
def test_a_stream_is_cut_into_finished_sentences(text, expected):
    assert list(sentences(text[i : i + 3] for i in range(0, len(text), 3))) == expected


def test_a_citation_that_was_not_retrieved_is_dropped(document):
    verdict = judge("Start metformin at 500 mg orally once daily [9].", Draft(document.passages, ""))
    assert isinstance(verdict, Dropped)
    assert verdict.reason == "citation [9] was not retrieved"


def test_a_supported_sentence_carries_the_verbatim_quote(document):
    kept = judge("Start metformin at 500 mg orally once daily [2].", Draft(document.passages, ""))
    assert isinstance(kept, Sentence)
    assert kept.citations[0].quote == document.passages[1].text


def test_a_sentence_that_forgot_its_mark_is_tied_to_the_statement_it_repeats(document):
    kept = judge("Start metformin at 500 mg orally once daily with the evening meal.", Draft(document.passages, ""))
    assert isinstance(kept, Sentence)
    assert kept.citations[0].passage_id == "type-2-diabetes#treatment.2"
