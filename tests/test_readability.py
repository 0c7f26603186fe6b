"""Syllables against counts made by hand; grades against sums made by hand."""

from __future__ import annotations

import math

import pytest

from assistant.education.readability import flesch_kincaid, sentences, smog, syllables, words

# counted aloud, by hand, before the counter was written
BY_HAND = {
    1: "heart blood pain help take takes walked lungs through strength health sleep cause breathe blue lives clothes legs salt weight urge eyes",
    2: "pressure doctor tablet water muscle table needed wanted doses sugar kidney fever swelling trouble tissue bladder spasm rabies vaccine "
       "lifestyle useful hour people weakness fluid safely reduced nurses asthma basic headaches",
    3: "medicine medical hospital exercise family infection injection ambulance allergy potential condition serious vomiting insulin nausea "
       "alcohol tomorrow remember recover cigarettes suddenly",
    4: "diabetes temperature diarrhoea emergency ibuprofen pneumonia vegetables seriously operation medication usually anxiety irregular "
       "development information adrenaline dehydrated",
    5: "immediately paracetamol inflammatory examination unnecessary abnormality alcoholism administration",
    6: "responsibility gastrointestinal acetaminophen",
}


@pytest.mark.parametrize(("word", "count"), [(word, count) for count, text in BY_HAND.items() for word in text.split()])
def test_a_word_has_as_many_syllables_as_it_is_spoken_with(word, count):
    assert syllables(word) == count


@pytest.mark.parametrize(("word", "count"), [("low-fat", 2), ("follow-up", 3), ("ECG", 3), ("MRI", 3), ("HIV", 3), ("UV", 2), ("it's", 1), ("doctor's", 2)])
def test_parts_and_letters_are_spoken(word, count):
    assert syllables(word) == count


def test_a_decimal_and_a_short_form_end_no_sentence():
    assert sentences("Take 2.5 mg, e.g. with food. Then rest!\nCall us") == ["Take 2.5 mg, e.g. with food.", "Then rest!", "Call us"]


def test_numbers_are_not_words():
    assert words("Take 500 mg of it at 8.") == ["Take", "mg", "of", "it", "at"]


def test_flesch_kincaid_by_hand():
    # 2 sentences, 9 words, 1+1+2+1+2 + 1+2+1+1 = 12 syllables
    text = "Take your tablet with water. Call a doctor now."
    by_hand = 0.39 * 9 / 2 + 11.8 * (1 + 1 + 2 + 1 + 2 + 1 + 1 + 2 + 1) / 9 - 15.59
    assert math.isclose(flesch_kincaid(text), by_hand)


def test_smog_by_hand():
    text = "Ask about your medicine. Your hospital will help."  # 2 hard words, 2 sentences
    assert math.isclose(smog(text), 1.043 * math.sqrt(2 * 30 / 2) + 3.1291)


def test_a_text_without_words_has_grade_zero():
    assert flesch_kincaid("12 / 80") == 0.0
