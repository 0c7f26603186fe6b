"""For whom a statement is meant, against whom the question is about: an adult dose is no answer for a child.

Read from the population of the passage ("adults", "children from 3 months to 16 years", "pregnant women"). What the chart does not say
excludes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from assistant.records import PatientFacts
from knowledge_base.documents import Passage

ADULT_FROM, CHILD_BELOW = 18, 12        # between them both adults' and children's statements may hold
_ADULT, _CHILD = re.compile(r"\badults?\b"), re.compile(r"\b(?:child\w*|infants?|newborns?|neonat\w*|bab(?:y|ies)|boys|girls)\b")
_WOMEN, _MEN = re.compile(r"\bwom[ae]n\b|\bpregnan"), re.compile(r"(?<!wo)\bm[ae]n\b")


def suits(patient: PatientFacts) -> Callable[[Passage], bool]:
    """Whether a passage may hold for this patient."""
    return lambda passage: _holds_for(passage.population.lower(), patient.age_years, patient.sex)


@lru_cache(maxsize=4096)
def _holds_for(population: str, age_years: float | None, sex: str | None) -> bool:
    for_adults, for_children = bool(_ADULT.search(population)), bool(_CHILD.search(population))
    if age_years is not None and age_years >= ADULT_FROM and for_children and not for_adults and not re.search(r"\bmen\b", population):
        return False
    if age_years is not None and age_years < CHILD_BELOW and for_adults and not for_children:
        return False
    for_women, for_men = bool(_WOMEN.search(population)), bool(_MEN.search(population))
    return not (sex == "male" and for_women and not for_men) and not (sex == "female" and for_men and not for_women)
