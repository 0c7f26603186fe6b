"""Treatment options of the leading conditions: guideline statements as they stand, with what the patient's chart makes of their rules.

Options, not directives: a statement whose indication does not hold for this patient is left out, one that a rule forbids is followed
by that.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.diagnose.case import Case
from assistant.gate import audience, thresholds, verdicts
from assistant.gate.fit import Fit
from assistant.records import Sentence
from assistant.wording import cite, quoted
from knowledge_base.conditions import Condition
from knowledge_base.documents import Passage
from knowledge_base.search import KnowledgeBase

OF_EACH, FORBIDDING = 3, 2      # statements of each condition; those that forbid this patient something
PREGNANT_YEARS = 55


def options(kb: KnowledgeBase, leading: Sequence[Condition], case: Case) -> tuple[Sentence, ...]:
    """The first statements on treatment of each leading condition that fit this patient, each followed by the rules that apply to it."""
    patient, suits = thresholds.chart(case.facts), audience.suits(case.facts)
    shown: list[Sentence] = []

    def decided(passage: Passage) -> list[thresholds.Decision]:
        return thresholds.decide([passage], patient)

    for condition in {c.guideline: c for c in reversed(leading) if c.guideline}.values():

        def of_it(passage: Passage, guideline: str = condition.guideline) -> bool:
            mine = passage.document_id == guideline and passage.section == "Treatment"
            return mine and suits(passage) and _by_age(passage, case) and not _beside_the_point(passage, patient)

        possible = [passage for passage in kb.index.passages if of_it(passage)]
        hits = kb.search(f"first treatment of {condition.name}", k=OF_EACH, keep=of_it) if possible else []
        forbidding = [passage for passage in possible if any(d.applies and d.rule.effect in thresholds.GRAVE for d in decided(passage))]
        for passage in dict.fromkeys([*(hit.passage for hit in hits), *forbidding[:FORBIDDING]]):
            shown += _shown(passage, decided(passage), patient)
    return tuple(shown)


def _shown(passage: Passage, decisions: Sequence[thresholds.Decision], patient: thresholds.Chart) -> list[Sentence]:
    """The statement with its rules that apply, and a sentence for each ban that the chart leaves open."""
    remarks = dict.fromkeys(verdicts.remark(d, patient) for d in decisions if d.applies and d.rule.effect in thresholds.GRAVE)
    open_dangers = [d for d in decisions if d.applies is None and d.rule.effect in thresholds.GRAVE]
    return [quoted(passage, Fit(tuple(remarks))), *(verdicts.sentence(d, patient, cite(passage)) for d in open_dangers)]


def _beside_the_point(passage: Passage, patient: thresholds.Chart) -> bool:
    """Whether every rule of a statement is one that does not apply to this patient."""
    decided = thresholds.decide([passage], patient)
    return bool(decided) and all(decision.applies is False for decision in decided)


def _by_age(passage: Passage, case: Case) -> bool:
    """Whether a statement on pregnancy leaves room for a patient of this age."""
    return "pregnan" not in passage.text.lower()[:80] or (case.facts.age_years or 0) <= PREGNANT_YEARS
