"""Score tables computed: which item fired and on what value; with missing inputs the interval that is still possible."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from assistant.records import RiskPart, RiskResult
from assistant.risk.tool import Tool
from knowledge_base.rules import COMPARE
from knowledge_base.scores import YES_NO, Item, ItemTerm, ScoreTable


def tool(table: ScoreTable) -> Tool:
    """A table as a tool."""
    inputs = {name: unit.replace("/", "|") if unit != YES_NO and _is_choice(table, name) else unit for name, unit in table.inputs.items()}
    return Tool(
        table.name, table.title, inputs, table.population, (table.source,), lambda given: compute(table, given), "score", table.unit,
        table.aliases, table.limits, frozenset(), table.findings, table.notes, lambda total: _band(table, total),
    )  # fmt: skip


def _is_choice(table: ScoreTable, name: str) -> bool:
    return any(isinstance(t.value, str) for item in table.items for t in item.terms if t.input == name)


def compute(table: ScoreTable, given: Mapping[str, Any]) -> RiskResult:
    """The total with its parts; None with low and high where an unknown input could still change it."""
    fired = {item: _fires(item, given) for item in table.items}
    low, high = _bounds(table, fired)
    parts = tuple(RiskPart(item.text, _points(item, fired[item]), _value(item, given)) for item in table.items if fired[item] is not False)
    missing = {name: table.inputs[name] for name in table.inputs if name not in given and _matters(name, fired)}
    value = low if low == high else None
    documented = _total(table, {item: bool(state) for item, state in fired.items()})
    notes = list(table.notes)
    if value is None:
        notes.append(f"{_band(table, low)} to {_band(table, high)} is still possible" if _band(table, low) != _band(table, high)
                     else f"'{_band(table, low)}' whatever the missing inputs are")  # fmt: skip
        notes += settling(table, given, missing)
    return RiskResult(
        table.name, table.title, value, table.unit, _band(table, low) if _band(table, low) == _band(table, high) else "",
        parts, dict(given), missing if value is None else {}, low, high, documented, (table.source,),
        "sum of the points of the items", tuple(notes),
    )  # fmt: skip


def settling(table: ScoreTable, given: Mapping[str, Any], missing: Mapping[str, str]) -> list[str]:
    """The one missing input that would narrow the range most."""
    spread = {name: _spread_if_known(table, given, name) for name in missing}
    if not spread:
        return []
    best = min(spread, key=lambda name: spread[name])
    return [f"knowing {best} would narrow it most"]


def _spread_if_known(table: ScoreTable, given: Mapping[str, Any], name: str) -> float:
    values = [t.value for item in table.items for t in item.terms if t.input == name]
    spreads = []
    for value in {*values, *([not v for v in values if isinstance(v, bool)])}:
        fired = {item: _fires(item, {**given, name: value}) for item in table.items}
        low, high = _bounds(table, fired)
        spreads.append(high - low)
    return max(spreads, default=0.0)


def _fires(item: Item, given: Mapping[str, Any]) -> bool | None:
    states = [_holds(term, given) for term in item.terms]
    if item.all:
        return False if False in states else None if None in states else True
    return True if True in states else None if None in states else False


def _holds(term: ItemTerm, given: Mapping[str, Any]) -> bool | None:
    if term.input not in given:
        return None
    if term.op == "is":
        return bool(given[term.input] == term.value)
    return COMPARE[term.op](float(given[term.input]), float(term.value))


def _bounds(table: ScoreTable, fired: Mapping[Item, bool | None]) -> tuple[float, float]:
    low = high = table.start
    for items in _groups(table).values():
        sure = [item.points for item in items if fired[item]]
        open_ = [item.points for item in items if fired[item] is None]
        if items[0].group:
            # one of the group at most: the highest that fires
            low += max(sure, default=min([0.0, *open_]))
            high += max([*sure, *open_, *([] if sure else [0.0])])
        else:
            low += sum(sure) + sum(min(points, 0.0) for points in open_)
            high += sum(sure) + sum(max(points, 0.0) for points in open_)
    return _floored(table, low), _floored(table, high)


def _total(table: ScoreTable, fired: Mapping[Item, bool]) -> float:
    return _bounds(table, fired)[0]


def _floored(table: ScoreTable, value: float) -> float:
    return value if table.minimum is None else max(value, table.minimum)


def _groups(table: ScoreTable) -> dict[str, list[Item]]:
    groups: dict[str, list[Item]] = defaultdict(list)
    for number, item in enumerate(table.items):
        groups[item.group or f"#{number}"].append(item)
    return groups


def _points(item: Item, state: bool | None) -> float | None:
    return item.points if state else None


def _value(item: Item, given: Mapping[str, Any]) -> str:
    known = [f"{t.input} = {_shown(given[t.input])}" for t in item.terms if t.input in given]
    return ", ".join(dict.fromkeys(known))


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _matters(name: str, fired: Mapping[Item, bool | None]) -> bool:
    return any(state is None and any(term.input == name for term in item.terms) for item, state in fired.items())


def _band(table: ScoreTable, value: float) -> str:
    return next((text for floor, text in reversed(table.bands) if value >= floor), "")
