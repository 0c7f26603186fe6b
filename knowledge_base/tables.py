"""The measurement table: every number that a chart, a score or a guideline threshold may speak of (measurements.toml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.lexicon import read_table


@dataclass(frozen=True, slots=True)
class Conversion:
    """value in the table's unit = other * factor + offset."""

    factor: float
    offset: float = 0.0


@dataclass(frozen=True, slots=True)
class MeasurementKind:
    """One row: `low`-`high` is what can be measured in a living person; a value outside is a slip."""

    name: str
    label: str
    unit: str
    low: float
    high: float
    names: tuple[str, ...]
    also: Mapping[str, Conversion]


@cache
def measurements() -> Mapping[str, MeasurementKind]:
    """All rows by name; KnowledgeBaseError names a malformed one."""
    return {name: _kind(name, row) for name, row in read_table("measurements").items()}


def _kind(name: str, row: Mapping[str, object]) -> MeasurementKind:
    try:
        low, high = row["range"]  # type: ignore[misc]
        also = {
            unit: Conversion(float(rule)) if isinstance(rule, int | float) else Conversion(float(rule[0]), float(rule[1]))
            for unit, rule in row.get("also", {}).items()  # type: ignore[attr-defined]
        }
        names = tuple(row["names"])  # type: ignore[arg-type]
        return MeasurementKind(name, str(row["label"]), str(row["unit"]), float(low), float(high), names, also)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise KnowledgeBaseError(f"measurements.toml: row '{name}' needs label, unit, range and names ({error})") from error


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


def spelled(unit: str) -> str:
    """One spelling of a unit: lower case, no spaces, u for micro."""
    text = unit.lower().replace("µ", "u").replace("μ", "u").replace("²", "2").replace("^", "").replace("×", "x").replace("*", "")
    text = text.replace("mcg", "ug").replace("meq", "mmol").replace("cells/", "/").replace("mcl", "ul").replace("mm3", "ul").replace(" ", "")
    text = text.replace("iu/", "u/").replace("units/", "u/").replace("per", "/")
    return {"percent": "%", "k/ul": "10e9/l", "x10e3/ul": "10e9/l", "x103/ul": "10e9/l", "103/ul": "10e9/l", "x109/l": "10e9/l",
            "109/l": "10e9/l", "x10e9/l": "10e9/l", "k/mm3": "10e9/l", "k": "10e9/l", "g/l": "g/l", "bpm": "/min", "beats/min": "/min",
            "breaths/min": "/min", "beats/minute": "/min", "breaths/minute": "/min", "c": "degc", "°c": "degc", "f": "degf", "°f": "degf",
            "celsius": "degc", "fahrenheit": "degf", "kilograms": "kg", "kgs": "kg", "lbs": "lb", "pounds": "lb", "pound": "lb", "inches": "in",
            "inch": "in", "feet": "ft", "foot": "ft", "ml/min/1.73m2": "ml/min/1.73m2", "ml/min": "ml/min", "torr": "mmhg", "seconds": "s",
            "sec": "s", "msec": "ms"}.get(text, text)  # fmt: skip
