"""A raw number with its unit as a measurement: converted into the table's unit, its doubts flagged.

Where a unit is missing, the table's unit is taken if the value can be that of a living person, else another unit in which it can;
either way the flag says that the unit was assumed. A value that is impossible in every unit is kept and flagged, never mended.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

from assistant.records import Measurement, Span
from knowledge_base.lexicon import read_table
from knowledge_base.tables import MeasurementKind, convert, measurements, spelled

UNCLEAR = "unit unclear"
NEAR = 60       # characters on either side of a number whose words may tell its unit


def measured(name: str, raw: float, unit: str, span: Span) -> Measurement:
    """A measurement with its value converted and its doubts flagged."""
    row = measurements()[name]
    if unit and (found := convert(name, raw, unit)):
        value, factor = found
        return Measurement(name, value, span, raw, unit, factor, flag=_doubt(row, value))
    if unit:
        return Measurement(name, raw, span, raw, unit, flag=f"impossible: unit {unit} is not known for {row.label}")
    return _without_unit(row, raw, span)


def _without_unit(row: MeasurementKind, raw: float, span: Span) -> Measurement:
    """A bare number in the unit in which it is possible; where two are usual the doubt is flagged, and no rule may use it."""
    for unit, (low, high) in row.bare.items():
        if low <= raw <= high:
            value, factor = convert(row.name, raw, unit) or (raw, 1.0)
            return Measurement(row.name, value, span, raw, unit, factor, flag=f"unit assumed: {unit}")
    if row.usual:
        units = [unit for unit in row.also if row.usual[0] <= (convert(row.name, raw, unit) or (raw, 1.0))[0] <= row.usual[1]]
        own = row.usual[0] <= raw <= row.usual[1]
        if units and own:
            return Measurement(row.name, raw, span, raw, "", flag=f"{UNCLEAR}: {row.unit} or {' or '.join(units)}")
        if units:
            value, factor = convert(row.name, raw, units[0]) or (raw, 1.0)
            return Measurement(row.name, value, span, raw, units[0], factor, flag=f"unit assumed: {units[0]}")
    if row.low <= raw <= row.high:
        differ = any(rule.factor != 1 for rule in row.also.values())        # 140 mmol/L of sodium are 140 mEq/L
        flag = f"unit assumed: {row.unit}" if differ and row.unit else ""
        return Measurement(row.name, raw, span, raw, "", flag=flag)
    for unit in row.also:
        value, factor = convert(row.name, raw, unit) or (raw, 1.0)
        if row.low <= value <= row.high:
            return Measurement(row.name, value, span, raw, unit, factor, flag=f"unit assumed: {unit}")
    return Measurement(row.name, raw, span, raw, "", flag=_doubt(row, raw))


def settled(text: str, item: Measurement) -> Measurement:
    """A bare number that may be in two units: in the one that the words near it tell, else under the name of an open one."""
    doubt = measurements()[item.name].doubt
    if not doubt or item.raw_unit or not doubt.low <= item.raw_value <= doubt.high:
        return item
    own, other = measurements()[item.name].unit, next(unit for unit in doubt.units if unit != measurements()[item.name].unit)
    near = text[max(0, item.span.start - NEAR) : item.span.end + NEAR]
    told = [unit for unit, words in doubt.units.items() if words.search(near)]
    if not item.raw_value.is_integer():
        told = [other]
    if len(told) != 1:
        return replace(item, name=doubt.open, value=item.raw_value, flag=f"{UNCLEAR}: {own} or {other}")
    return replace(measured(item.name, item.raw_value, told[0], item.span), flag=f"unit assumed: {told[0]}")


def _doubt(row: MeasurementKind, value: float) -> str:
    return "" if row.low <= value <= row.high else f"impossible: {value:g} {row.unit} is outside {row.low:g}-{row.high:g}"


def unit_at(text: str, place: int, name: str) -> tuple[str, int]:
    """The unit of that measurement which stands at a place, and where it ends; ("", place) when there is none."""
    match = _unit_patterns()[name].match(text, place)
    return (match[1], match.end(1)) if match else ("", place)


@cache
def _unit_patterns() -> dict[str, re.Pattern[str]]:
    return {name: _unit_pattern(row) for name, row in measurements().items()}


def _unit_pattern(row: MeasurementKind) -> re.Pattern[str]:
    known = {spelled(unit) for unit in (row.unit, *row.also) if unit}
    spellings = {unit for unit in (row.unit, *row.also, *read_table("facts")["units"]["spellings"]) if unit and spelled(unit) in known}
    words = "|".join(re.escape(unit).replace(r"\ ", r"\s*") for unit in sorted(spellings, key=len, reverse=True))
    return re.compile(rf"\s*[-(]?\s*(?:°\s?|degrees?\s*|deg\s*)?({words})(?![a-z0-9/])" if words else r"(?!)()", re.IGNORECASE)
