"""Whether a statement fits the patient who is asked about: a dose of a drug that is banned for her, or one for another age, is no answer.

The statement stays as it is; what was computed against it is said beside it, and a statement that speaks for nothing but banned drugs
is not shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.gate import ages, claims, verdicts
from assistant.gate.stance import spoken_for
from assistant.gate.thresholds import Chart, Decision, about
from knowledge_base.documents import Passage


@dataclass(frozen=True, slots=True)
class Fit:
    """What was computed against a statement, in words, and whether nothing in it is left for this patient."""

    remarks: tuple[str, ...] = ()
    unfit: bool = False


def fit(text: str, passages: Sequence[Passage], decisions: Iterable[Decision], patient: Chart) -> Fit:
    """Hold a sentence, and the statements that it rests on, against the rules that apply to this patient."""
    asked_for = [drug for drug in sorted(claims.read(text).drugs) if spoken_for(text, drug)]
    known = [decision for decision in decisions if decision.applies]
    own = {passage.id for passage in passages}
    banned = _by_drug(asked_for, known, "contraindicated")
    changed = _by_drug([drug for drug in asked_for if drug not in banned], known, "reduce-dose")
    found = [*banned.values(), *(d for d in changed.values() if d.passage.id not in own)]
    remarks = [verdicts.remark(decision, patient) for decision in found]
    remarks += [f"this is for {words}" for p in passages if (words := ages.outside(p.text, patient.numbers.get("age_years")))]
    return Fit(tuple(dict.fromkeys(remarks)), bool(asked_for) and len(banned) == len(asked_for))


def _by_drug(drugs: Iterable[str], known: Sequence[Decision], effect: str) -> Mapping[str, Decision]:
    """The rule of that effect on each drug or one of its classes, where one applies."""
    found: dict[str, Decision] = {}
    for drug in drugs:
        if decision := next((d for d in known if d.rule.effect == effect and about(d.rule, drug)), None):
            found[drug] = decision
    return found
