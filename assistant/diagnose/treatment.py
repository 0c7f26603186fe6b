"""Treatment options of the leading conditions: guideline statements as they stand, with what the patient's chart makes of their rules.

Options, not directives: a statement whose indication does not hold for this patient is left out, one that a rule forbids is followed
by that.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.diagnose.case import Case
from assistant.gate import thresholds
from assistant.records import Sentence
from assistant.wording import cite, quoted
from knowledge_base.conditions import Condition
from knowledge_base.documents import Passage
from knowledge_base.search import KnowledgeBase

OF_EACH = 3
CHILD_YEARS, PREGNANT_YEARS = 16, 55
FOR_CHILDREN, FOR_ADULTS = ("child", "infant", "neonat", "newborn"), ("adult",)


def options(kb: KnowledgeBase, leading: Sequence[Condition], case: Case) -> tuple[Sentence, ...]:
    """The first statements on treatment of each leading condition that fit this patient, each followed by the rules that apply to it."""
    patient = thresholds.chart(case.facts)
    shown: list[Sentence] = []
    for guideline in dict.fromkeys(condition.guideline for condition in leading if condition.guideline):
        stated = [p for p in kb.index.passages if p.document_id == guideline and p.section == "Treatment" and _fits(p, case)]
        for passage in [p for p in stated if not _beside_the_point(p, patient)][:OF_EACH]:
            shown.append(quoted(passage))
            decided = thresholds.decide([passage], patient)
            shown += [thresholds.sentence(d, patient, cite(passage)) for d in decided if d.applies or d.applies is None]
    return tuple(shown)


def _beside_the_point(passage: Passage, patient: thresholds.Chart) -> bool:
    """Whether every rule of a statement is one that does not apply to this patient."""
    decided = thresholds.decide([passage], patient)
    return bool(decided) and all(decision.applies is False for decision in decided)


def _fits(passage: Passage, case: Case) -> bool:
    """Whether the statement's words on age and pregnancy leave room for this patient; what is not known leaves room."""
    start = passage.text.lower()[:80]
    age = case.facts.age_years
    if "pregnan" in start and (case.facts.pregnant is False or case.facts.sex == "male" or (age or 0) > PREGNANT_YEARS):
        return False
    children, adults = (any(word in start for word in words) for words in (FOR_CHILDREN, FOR_ADULTS))
    if age is None or children == adults:
        return True
    return children if age < CHILD_YEARS else adults
