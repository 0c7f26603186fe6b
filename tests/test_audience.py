from __future__ import annotations

from dataclasses import replace

import pytest

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
    passage = replace(document.passages[0], population=population)
    assert suits(PatientFacts(age_years=age, sex=sex))(passage) is expected
