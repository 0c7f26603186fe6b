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


_PREGNANT = re.compile(r"^(?:(?:in|for|during|offer|give|treat|screen|test|all|most|us|uk) ){0,2}(?:early |late )?pregnan(?:cy|t)\b")
_NOT_PREGNANT, _ALLERGIC = re.compile(r"\b(?:non-|not )pregnan"), re.compile(r"(?<!no )(?<!without )\b(?:penicillin|beta-lactam) allergy")
_ANYBODY = re.compile(r"\b(?:not|except|kept from|people|person|wom[ae]n|m[ae]n|mothers?|parents?|contacts?|famil\w+|carers?|partners?)\b")
HEAD = 70       # letters: a statement says first for whom it is


def suits(patient: PatientFacts) -> Callable[[Passage], bool]:
    """Whether a passage may hold for this patient."""
    no_allergy = any(a.name in ("drug allergy", "penicillin") and a.presence == "absent" for a in patient.allergies)

    def holds(passage: Passage) -> bool:
        return _holds_for(passage.population.lower(), patient.age_years, patient.sex) and _head_holds(
            passage.text.lower(), patient.age_years, patient.sex, patient.pregnant, no_allergy
        )

    return holds


@lru_cache(maxsize=32768)
def _head_holds(text: str, age_years: float | None, sex: str | None, pregnant: bool | None, no_allergy: bool) -> bool:
    """Whether the first words of a statement leave this patient in: it may be for children, for pregnant women, or for an allergy."""
    head = text[:HEAD]
    if pregnant and _NOT_PREGNANT.search(head):
        return False
    if (sex == "male" or pregnant is False) and _PREGNANT.search(head) and not _ADULT.search(text):
        return False
    if no_allergy and _ALLERGIC.search(head):
        return False
    for_adults, for_children = bool(_ADULT.search(text)), bool(_CHILD.search(text))
    if age_years is None or for_adults == for_children or _ANYBODY.search(head):
        return True
    if for_children:
        return age_years < ADULT_FROM or not _CHILD.search(head)
    return age_years >= CHILD_BELOW or not _ADULT.search(head)


@lru_cache(maxsize=4096)
def _holds_for(population: str, age_years: float | None, sex: str | None) -> bool:
    for_adults, for_children = bool(_ADULT.search(population)), bool(_CHILD.search(population))
    if age_years is not None and age_years >= ADULT_FROM and for_children and not for_adults and not re.search(r"\bmen\b", population):
        return False
    if age_years is not None and age_years < CHILD_BELOW and for_adults and not for_children:
        return False
    for_women, for_men = bool(_WOMEN.search(population)), bool(_MEN.search(population))
    return not (sex == "male" and for_women and not for_men) and not (sex == "female" and for_men and not for_women)
