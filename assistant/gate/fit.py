"""Whether a statement fits the patient who is asked about: a dose of a drug that is banned for her, or one for another age, is no answer.

The statement stays as it is; what was computed against it is said beside it, and a statement that speaks for nothing but banned drugs
is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.facts import extract
from assistant.gate import ages, claims, verdicts
from assistant.gate.stance import spoken_for
from assistant.gate.thresholds import Chart, Decision, about
from knowledge_base.documents import Passage

HEAD = 100          # letters in which a statement says for whom it is
_WITH = re.compile(
    r"\b(?:adults|people|patients|children|women|men|infants|those) (?:who have|with) (?P<what>[^,;.:]{3,60})", re.IGNORECASE
)
_STOP = re.compile(r"\b(?:without|no|not|who|whose|and|aged|is|are|give|offer|use|start|do)\b.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fit:
    """What was computed against a statement, in words; whether it speaks of others; how much of what it gives is banned, in [0, 1]."""

    remarks: tuple[str, ...] = ()
    others: bool = False
    banned: float = 0.0

    @property
    def unfit(self) -> bool:
        """Whether nothing that it speaks for is left for this patient."""
        return self.banned == 1.0


def fit(text: str, passages: Sequence[Passage], decisions: Iterable[Decision], patient: Chart) -> Fit:
    """Hold a sentence, and the statements that it rests on, against the rules that apply to this patient."""
    asked_for = [drug for drug in sorted(claims.read(text).drugs) if spoken_for(text, drug)]
    known = [decision for decision in decisions if decision.applies]
    own = {passage.id for passage in passages}
    banned = _by_drug(asked_for, known, "contraindicated")
    changed = _by_drug([drug for drug in asked_for if drug not in banned], known, "reduce-dose")
    careful = _by_drug([drug for drug in asked_for if drug not in banned], [d for d in known if _interacts(d)], "caution")
    found = [*banned.values(), *(d for d in (*changed.values(), *careful.values()) if d.passage.id not in own)]
    others = [words for passage in passages if (words := for_others(passage.text, patient))]
    remarks = [*(verdicts.remark(decision, patient) for decision in found), *(f"this is for {words}" for words in others)]
    return Fit(tuple(dict.fromkeys(remarks)), bool(others), len(banned) / max(len(asked_for), 1))


def _interacts(decision: Decision) -> bool:
    return {term.name for term in decision.rule.terms} == {"taking"}


def for_others(text: str, patient: Chart) -> str:
    """Whom a statement is for, when that is another age than the patient's, or a disease that the chart denies; else an empty string."""
    if words := ages.outside(text, patient.numbers.get("age_years")):
        return words
    has = patient.states["condition"]
    named, words = _diseases(text[:HEAD])
    return words if named and all(has.get(name) is False for name in named) else ""


@lru_cache(maxsize=8192)
def _diseases(head: str) -> tuple[tuple[str, ...], str]:
    """The diseases of "adults with ..." at the head of a statement, with those words."""
    match = _WITH.search(head)
    if not match:
        return (), ""
    said = _STOP.sub("", match["what"]).strip()
    named = tuple(finding.name.casefold() for finding in extract(f"Patient with {said}.").findings)
    return named, match[0].removesuffix(match["what"]) + said


def _by_drug(drugs: Iterable[str], known: Sequence[Decision], effect: str) -> Mapping[str, Decision]:
    """The rule of that effect on each drug or one of its classes, where one applies."""
    found: dict[str, Decision] = {}
    for drug in drugs:
        if decision := next((d for d in known if d.rule.effect == effect and about(d.rule, drug)), None):
            found[drug] = decision
    return found
