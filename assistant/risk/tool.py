"""What every risk tool looks like from outside: a name, inputs with units, and a way to compute."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from assistant.records import RiskResult
from knowledge_base.scores import YES_NO

DATE = "date"


@dataclass(frozen=True, slots=True)
class Tool:
    """A score, an equation or a classifier.

    `inputs` maps a name to its unit, "yes/no", "date" (2026-11-25), or the choices parted by "|".
    `compute` takes inputs in those units, all or some of them.
    """

    name: str
    title: str
    inputs: Mapping[str, str]
    population: str
    sources: tuple[str, ...]
    compute: Callable[[Mapping[str, Any]], RiskResult]
    kind: str
    unit: str = ""
    aliases: tuple[str, ...] = ()
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    findings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    band: Callable[[float], str] = lambda value: ""     # what a total means, where the source says it in bands

    def is_number(self, name: str) -> bool:
        """Whether that input is a quantity."""
        return self.inputs[name] not in (YES_NO, DATE) and "|" not in self.inputs[name]

    def choices(self, name: str) -> tuple[str, ...]:
        """The words that an input allows; none for numbers and yes/no."""
        allowed = self.inputs[name]
        return tuple(allowed.split("|")) if "|" in allowed else ()
