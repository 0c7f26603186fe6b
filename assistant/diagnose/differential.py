"""Diagnostic suggestions for a case in free text: suggestions, never a diagnosis, and all of it without a model.

Facts are read by rule, conditions ranked by one fitted score (score.py), the dangerous ones shown apart, and the step that
parts the leaders best is named with its reason (next_steps.py). Every finding for or against carries its place in the case.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant import redflags
from assistant.diagnose.case import Case, read
from assistant.diagnose.next_steps import steps
from assistant.diagnose.score import STATED, shares
from assistant.diagnose.table import table
from assistant.diagnose.treatment import options
from assistant.limits import checked
from assistant.parts import Parts
from assistant.records import Candidate, Citation, Differential, Evidence, RedFlag
from assistant.wording import cite
from knowledge_base.conditions import Condition

MIN_FINDINGS = 2
BANDS = ((0.5, "likely"), (0.2, "possible"), (0.05, "less likely"), (0.0, "unlikely"))
DANGEROUS, STRONG = 8, 2        # conditions shown apart at most; the weight that one finding for them must have
FAINT = 0.1                     # below this no suggestion stands out
MOVED = 3                       # places that count as a move
TOO_LITTLE = "at least two findings are needed; give age, sex, the complaint with its onset, and what was found or denied"
VAGUE = "no condition stands out (the first has {:.0%}); the next steps would narrow it"
Ranked = Sequence[tuple[Condition, float]]


def run(parts: Parts, case: str, *, limit: int = 10, previous: Differential | None = None) -> Differential:
    """Rank the conditions of the table for a case in free text.

    Args:
        parts: knowledge base and settings; the language model is not used.
        case: free text in the clinician's words.
        limit: how many suggestions at most.
        previous: the list before a fact was added; what moved since is then told.
    """
    checked(case)
    said = read(case)
    flags = redflags.find(case, said.facts)
    ranked = shares(said, parts.kb)
    urgent = _dangerous(ranked, said, flags)
    apart = tuple(_candidate(condition, share, said, parts) for condition, share in urgent)
    if len(said.informative) < MIN_FINDINGS:
        return Differential(
            (), apart, (TOO_LITTLE,), flags, insufficient=TOO_LITTLE, facts=said.facts, versions=parts.versions("ask"),
        )  # fmt: skip
    top = tuple(_candidate(condition, share, said, parts) for condition, share in ranked[:limit])
    return Differential(
        top, apart, steps(ranked, [condition for condition, _ in urgent], said), flags,
        options(parts.kb, [condition for condition, share in ranked[:3] if share >= FAINT], said),
        insufficient="" if ranked[0][1] >= FAINT else VAGUE.format(ranked[0][1]),
        facts=said.facts, versions=parts.versions("ask"), moved=moved(previous, top) if previous else (),
    )  # fmt: skip


def _dangerous(ranked: Ranked, case: Case, flags: Sequence[RedFlag]) -> list[tuple[Condition, float]]:
    """Conditions that must not be missed and that something in the case speaks for, those whose red flag fired first."""
    fired = {flag.id for flag in flags}
    found = [
        (condition, share) for condition, share in ranked
        if condition.must_not_miss and (condition.guideline in fired or condition.id in fired or _supported(condition, case))
    ]  # fmt: skip
    return sorted(found, key=lambda pair: -pair[1] * (10 if {pair[0].id, pair[0].guideline} & fired else 1))[:DANGEROUS]


def _supported(condition: Condition, case: Case) -> bool:
    phrases = table().phrases
    return any(weight >= STRONG and phrases[text].present(case.informative, (), case.said) for text, weight in condition.signs)


def _candidate(condition: Condition, share: float, case: Case, parts: Parts) -> Candidate:
    pro: list[Evidence] = []
    con: list[Evidence] = []
    unknown: list[str] = []
    for text, weight in condition.signs:
        phrase = table().phrases[text]
        if names := phrase.present(case.present, case.absent, case.said):
            (pro if weight > 0 else con).append(_evidence(text, float(weight), min(names), case))
        elif names := phrase.absent(case.absent):
            if weight > 0:
                con.append(_evidence(f"no {text}", -float(weight), min(names), case))
        elif weight > 1:
            unknown.append(text)
    return Candidate(
        condition.id, condition.name, condition.icd10cm, share, next(name for floor, name in BANDS if share >= floor),
        tuple(pro), tuple(con), tuple(unknown), condition.must_not_miss, condition.rules_out, condition.tests,
        _citations(condition, case, parts), condition.source,
    )  # fmt: skip


def _evidence(text: str, weight: float, name: str, case: Case) -> Evidence:
    found = case.present.get(name) or case.absent.get(name)
    return Evidence(text, weight, found.span if found else None)


def _citations(condition: Condition, case: Case, parts: Parts) -> tuple[Citation, ...]:
    """The statements on how the condition looks and is diagnosed that share most findings with the case."""
    words = {word for name in case.informative for word in name.split()}
    stated = [p for p in parts.kb.index.passages if p.document_id == condition.guideline and p.section in STATED[1:]]
    best = sorted(stated, key=lambda p: (-len(words & set(p.text.lower().replace(",", "").split())), p.start))[:2]
    return tuple(cite(passage) for passage in best)


def moved(before: Differential, now: Sequence[Candidate]) -> tuple[str, ...]:
    """One line for each suggestion that is new, gone, or changed its place or band."""
    old = {candidate.condition_id: (rank, candidate) for rank, candidate in enumerate(before.candidates, 1)}
    new = {candidate.condition_id for candidate in now}
    lines = []
    for rank, candidate in enumerate(now, 1):
        was = old.get(candidate.condition_id)
        if was is None:
            lines.append(f"{candidate.name}: new, place {rank} ({candidate.band})")
        elif abs(was[0] - rank) >= MOVED or was[1].band != candidate.band or (rank == 1) != (was[0] == 1):
            place = f"place {was[0]} to {rank}" if was[0] != rank else f"place {rank} as before"
            lines.append(f"{candidate.name}: {place}, {was[1].likelihood:.0%} to {candidate.likelihood:.0%}")
    return (*lines, *(f"{c.name}: no longer listed (was place {rank})" for key, (rank, c) in old.items() if key not in new))


class Stepwise:
    """A case that grows fact by fact; each fact updates the list and shows what moved."""

    def __init__(self, parts: Parts, *, limit: int = 10) -> None:
        self._parts, self._limit = parts, limit
        self.text = ""
        self.current: Differential | None = None

    def add(self, fact: str) -> Differential:
        """Add a fact in free text ("No fever.", "Troponin is elevated.") and rank again."""
        checked(fact)
        text = f"{self.text.rstrip().rstrip('.')}.\n{fact}" if self.text else fact
        self.current = run(self._parts, text, limit=self._limit, previous=self.current)
        self.text = text        # a fact that cannot be used is not kept
        return self.current
