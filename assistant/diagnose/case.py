"""What a case says, as the diagnostic score reads it: findings present and denied, how it began, and its text without what is denied."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from assistant import facts as patient_facts
from assistant.gate.claims import content_words
from assistant.records import Finding, PatientFacts
from knowledge_base.rules import COMPARE

TABLE = Path(__file__).parent / "diagnose.toml"
LEADING = 2             # the complaint: the findings that the text gives first
BEFORE = 60             # characters before a finding in which its conclusion is announced
# how a report or an impression says which disease it found
_CONCLUDES = re.compile(
    r"\b(?:(?:consistent|compatible|in keeping) with|(?:suggest(?:s|ing|ive)?|indicat(?:es?|ing|ive))(?: of)?|confirm\w*|positive for"
    r"|(?:characteristic|diagnostic|typical|pathognomonic) (?:of|for)|concerning for|impression:?|diagnosis:?)\s+(?:\w+\s+){0,3}$",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[^.;,\n]+(?:[.,](?=\d)[^.;,\n]+)*")


@dataclass(frozen=True)
class Case:
    """Finding name -> the finding, present and denied apart; `onset` in the words of the condition table."""

    present: Mapping[str, Finding]
    absent: Mapping[str, Finding]
    facts: PatientFacts
    onset: frozenset[str] = frozenset()
    concluded: frozenset[str] = frozenset()     # findings that a report or an impression concludes
    affirmed: str = ""          # the text less the clauses that only deny

    @cached_property
    def said(self) -> frozenset[str]:
        """Stems of the words of what is affirmed."""
        return content_words(self.affirmed)

    @property
    def informative(self) -> list[str]:
        """Present findings that say something of the illness, in text order."""
        names = (name for name in self.present if name not in general())
        return sorted(names, key=lambda name: (self.present[name].span.start, name))

    @property
    def leading(self) -> frozenset[str]:
        """The findings that the text gives first."""
        starts = sorted({self.present[name].span.start for name in self.informative})[:LEADING]
        return frozenset(name for name in self.informative if self.present[name].span.start in starts)


def read(text: str, facts: PatientFacts | None = None) -> Case:
    """Findings of the patient, now or in the history; the numbers of the chart read as signs.

    A finding that the text both affirms and denies counts as present.
    """
    facts = facts or patient_facts.extract(text)
    mine = [f for f in facts.findings if f.experiencer == "patient" and f.when in ("now", "history")]
    if not mine:  # a case in note style may read like a sentence about a disease ("Patient with COPD, suddenly hypotensive")
        mine = [f for f in facts.findings if f.experiencer == "patient" and f.when == "hypothetical"]
    present = {f.name: f for f in reversed(mine) if f.presence != "absent"} | _signs(facts)
    absent = {f.name: f for f in mine if f.presence == "absent" and f.name not in present}
    affirmed = _affirmed(text, facts)
    concluded = frozenset(name for name, f in present.items() if _CONCLUDES.search(text[max(0, f.span.start - BEFORE) : f.span.start]))
    return Case(present, absent, facts, _onset(affirmed), concluded, affirmed)


def _signs(facts: PatientFacts) -> dict[str, Finding]:
    found = {}
    for name, op, limit, sign in rows()["signs"]:
        value = facts.latest(name)
        if value and not value.flag.startswith("impossible") and COMPARE[op](value.value, limit):
            found[sign] = Finding(sign, value.span)
    return found


def _affirmed(text: str, facts: PatientFacts) -> str:
    """The clauses that affirm something of the patient, or speak of nothing that is denied."""
    kept = []
    for clause in _CLAUSE.finditer(text):
        inside = [f for f in facts.findings if clause.start() <= f.span.start < clause.end()]
        mine = [f for f in inside if f.presence != "absent" and f.experiencer == "patient"]
        if mine or not inside:
            kept.append(clause.group().strip())
    return ", ".join(filter(None, kept))


def _onset(text: str) -> frozenset[str]:
    """How the illness began: the first duration of the text, and whether it was sudden or comes in attacks."""
    found = [(match.start(), kind) for pattern, kind in _onsets() if (match := pattern.search(text))]
    timed = sorted(item for item in found if item[1] not in ("recurrent", "sudden"))[:1]
    return frozenset(kind for _, kind in (*timed, *(item for item in found if item[1] in ("recurrent", "sudden"))))


@cache
def rows() -> Mapping[str, Any]:
    """The tables of diagnose.toml."""
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


@cache
def general() -> frozenset[str]:
    """Findings too general to found a suggestion on."""
    return frozenset(rows()["general"])


@cache
def _onsets() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.IGNORECASE), kind) for pattern, kind in rows()["onset"])
