"""The measurement table: every number that a chart, a score or a guideline threshold may speak of (measurements.toml)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.lexicon import read_table


@dataclass(frozen=True, slots=True)
class Conversion:
    """value in the table's unit = other * factor + offset."""

    factor: float
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class Doubt:
    """Where a number without a unit may be in two: the words that tell, by unit, and the name under which it stays open else."""

    low: float
    high: float
    open: str
    units: Mapping[str, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class MeasurementKind:
    """One row: `low`-`high` is what can be measured in a living person; a value outside is a slip.

    `usual` is what is mostly seen: given where two units overlap, so that a bare number is not read in the wrong one.
    `bare` are the limits within which a number without a unit is in that other unit; `doubt` is where only the words near it may tell.
    """

    name: str
    label: str
    unit: str
    low: float
    high: float
    names: tuple[str, ...]
    also: Mapping[str, Conversion]
    usual: tuple[float, float] | None = None
    bare: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    doubt: Doubt | None = None


@cache
def measurements() -> Mapping[str, MeasurementKind]:
    """All rows by name; KnowledgeBaseError names a malformed one."""
    return {name: _kind(name, row) for name, row in read_table("measurements").items()}


def _kind(name: str, row: Mapping[str, Any]) -> MeasurementKind:
    try:
        low, high = row["range"]
        also = {
            unit: Conversion(float(rule)) if isinstance(rule, int | float) else Conversion(float(rule[0]), float(rule[1]))
            for unit, rule in row.get("also", {}).items()
        }
        names = tuple(row["names"])
        usual = (float(row["usual"][0]), float(row["usual"][1])) if "usual" in row else None
        bare = {unit: (float(limits[0]), float(limits[1])) for unit, limits in row.get("bare", {}).items()}
        doubt = _doubt(row["doubt"]) if "doubt" in row else None
        return MeasurementKind(name, str(row["label"]), str(row["unit"]), float(low), float(high), names, also, usual, bare, doubt)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise KnowledgeBaseError(f"measurements.toml: row '{name}' needs label, unit, range and names ({error})") from error


def _doubt(row: Mapping[str, Any]) -> Doubt:
    units = {unit: re.compile(words, re.IGNORECASE) for unit, words in row["units"].items()}
    return Doubt(float(row["range"][0]), float(row["range"][1]), str(row["open"]), units)


def convert(name: str, value: float, unit: str) -> tuple[float, float] | None:
    """(value in the table's unit, factor) of a value in another unit; None when the table knows no such unit for it."""
    row = measurements()[name]
    wanted = spelled(unit)
    if wanted == spelled(row.unit):
        return value, 1.0
    for other, rule in row.also.items():
        if spelled(other) == wanted:
            return value * rule.factor + rule.offset, rule.factor
    return None


NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?"       # as `to_number` reads it
_LETTERS = (
    ("µ", "u"), ("μ", "u"), ("²", "2"), ("×", "x"), ("mcg", "ug"), ("cells/", "/"), ("mcl", "ul"), ("mm3", "ul"),
)  # fmt: skip


@lru_cache(maxsize=4096)
def spelled(unit: str) -> str:
    """One spelling of a unit: lower case, no spaces, u for micro; then the table's own form (facts.toml, units.same)."""
    text = unit.lower()
    for old, new in _LETTERS:
        text = text.replace(old, new)
    text = re.sub(r"[\s^*]", "", text).replace("iu/", "u/").replace("units/", "u/").replace("per", "/")
    return _same().get(text, text)


@cache
def _same() -> Mapping[str, str]:
    return {other: unit for unit, others in read_table("facts")["units"]["same"].items() for other in others}


def to_number(text: str) -> float:
    """A number as written: 1,234 has a thousands comma, 1,7 a European decimal."""
    return float(text.replace(",", "") if re.fullmatch(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?", text) else text.replace(",", "."))
