from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.facts import extract
from assistant.gate.audience import suits
from assistant.records import PatientFacts


@pytest.mark.parametrize(
    ("population", "age", "sex", "expected"),
    [
        ("adults", 40, "male", True),
        ("adults", 5, None, False),  # an adult dose is no answer for a child
        ("adults", 15, None, True),  # between 12 and 18 either may hold
        ("adults", None, None, True),  # an age that is not known excludes nothing
        ("adults and children", 5, None, True),
        ("children from 3 months to 16 years", 40, None, False),
        ("infants from birth to 3 months", 0.1, None, True),
        ("pregnant women", 30, "male", False),
        ("pregnant women", 30, None, True),
        ("women and adolescents", 30, "female", True),
        ("men", 60, "female", False),
        ("boys and men", 60, "male", True),
    ],
)
def test_a_passage_is_for_its_population(document, population, age, sex, expected):
    passage = replace(document.passages[0], population=population, text="Drink enough.")
    assert suits(PatientFacts(age_years=age, sex=sex))(passage) is expected


@pytest.mark.parametrize(
    ("text", "question", "expected"),
    [
        ("In children with croup, give dexamethasone.", "46M with croup", False),
        ("In children with croup, give dexamethasone.", "4yo with croup", True),
        ("In children with croup, give dexamethasone.", "croup", True),                         # an unknown age excludes nothing
        ("In adults with cellulitis, give flucloxacillin.", "4yo with cellulitis", False),
        ("In adults and children with overdose, treat at once.", "4yo, overdose", True),
        ("Treat at once in late presenters; adults and children alike.", "4yo, overdose", True),
        ("Codeine must not be given to children.", "46M with cough", True),                     # a warning is no dose for somebody else
        ("In non-pregnant adults, give cefalexin.", "32F, 20 weeks pregnant", False),
        ("In pregnant women, give nitrofurantoin.", "46M with cystitis", False),
        ("In pregnant women, give nitrofurantoin.", "32F with cystitis", True),                 # not said to be pregnant, not said not to be
        ("Pregnant women and adults with asthma need a vaccine.", "46M with asthma", True),
        ("With penicillin allergy, give clarithromycin.", "46M, no known drug allergies", False),
        ("With penicillin allergy, give clarithromycin.", "46M with cellulitis", True),         # allergies not mentioned are not absent
    ],
)
def test_a_statement_says_for_whom_it_is(document, text, question, expected):
    passage = replace(document.passages[0], population="adults and children", text=text)
    assert suits(extract(question))(passage) is expected
