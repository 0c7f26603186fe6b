"""Inputs of a tool, checked and brought into its units. What cannot be used is refused in one line; nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from functools import cache
from typing import Any

import pint

from assistant.errors import InputError
from assistant.risk.tool import DATE, Tool
from knowledge_base.scores import YES_NO
from knowledge_base.tables import NUMBER, convert, measurements, spelled, to_number

TRUE, FALSE, UNKNOWN = {"yes", "true", "y", "1", "present"}, {"no", "false", "n", "0", "absent"}, {"", "unknown", "none", "?", "not known"}
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_WITH_UNIT = re.compile(rf"\s*(-?(?:{NUMBER}))\s*(.*?)\s*$")
# a unit as people write it; the library of units would compute whatever else it was given ("mg*9**9")
_UNIT = re.compile(r"[A-Za-zµμ%]{1,12}(?:\^?-?[1-3])?(?:[/*·. ][A-Za-zµμ%]{1,12}(?:\^?-?[1-3])?){0,3}")


def clean(tool: Tool, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Values in the tool's units, and a note on each conversion or limit; inputs that are None or unknown are left out.

    Raises:
        InputError: an unknown name, a wrong dimension, a value that no living person has, or a word that is not among the choices.
    """
    known: dict[str, Any] = {}
    notes: list[str] = []
    for name, value in given.items():
        _known_name(tool, name)
        word = value.strip().lower() if isinstance(value, str) else ""
        if value is None or (isinstance(value, str) and word in UNKNOWN and word not in tool.choices(name)):
            continue
        if tool.inputs[name] == YES_NO:
            known[name] = _yes_no(name, value)
        elif tool.inputs[name] == DATE:
            known[name] = _date(name, value)
        elif tool.choices(name):
            known[name] = _choice(name, value, tool.choices(name))
        else:
            known[name] = _number(tool, name, value, notes)
    return known, notes


def _known_name(tool: Tool, name: str) -> None:
    if name not in tool.inputs:
        near = get_close_matches(name, tool.inputs, 1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise InputError(f"{tool.name} has no input '{name}'{hint} It takes: {', '.join(f'{n} ({u})' for n, u in tool.inputs.items())}")


def _yes_no(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = str(int(value)) if isinstance(value, int | float) and value in (0, 1) else str(value).strip().lower()
    if text in TRUE | FALSE:
        return text in TRUE
    raise InputError(f"{name} is '{value}'; allowed: yes, no or unknown")


def _choice(name: str, value: Any, allowed: tuple[str, ...]) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value).strip().lower()
    text = {"f": "female", "m": "male", "woman": "female", "man": "male"}.get(text, text) if "female" in allowed else text
    if text not in allowed:
        raise InputError(f"{name} is '{value}'; allowed: {', '.join(allowed)} or unknown")
    return text


def _date(name: str, value: Any) -> str:
    """The date as 2026-11-25; 11/25/2026 too where only one reading is possible."""
    text = value.isoformat() if isinstance(value, date) else str(value).strip()
    try:
        if not (match := _SLASHED.fullmatch(text)):
            return date.fromisoformat(text).isoformat()
        first, second, year = (int(part) for part in match.groups())
        if max(first, second) <= 12 and first != second:
            raise ValueError("day and month can be read either way")
        return date(year, *((first, second) if second >= first else (second, first))).isoformat()
    except ValueError as error:
        raise InputError(f"{name} is '{text}'; it takes a date as year-month-day, like 2026-11-25 ({error})") from error


def _number(tool: Tool, name: str, value: Any, notes: list[str]) -> float:
    number, unit = _parsed(name, value)
    wanted = tool.inputs[name]
    if unit and spelled(unit) != spelled(wanted):
        changed = _converted(name, number, unit, wanted)
        notes.append(f"{name}: {number:g} {unit} = {changed:.4g} {wanted}")
        number = changed
    row = measurements().get(name)
    low, high = (row.low, row.high) if row else (-1e12, 1e12)
    if not low <= number <= high:
        raise InputError(f"{name} is {number:g} {wanted}; possible: {low:g} to {high:g}. Check the value and its unit")
    if name in tool.limits and not tool.limits[name][0] <= number <= tool.limits[name][1]:
        low, high = tool.limits[name]
        raise InputError(f"{tool.name} holds for {name} {low:g} to {high:g} {wanted}; {number:g} is outside ({tool.population})")
    return number


def _parsed(name: str, value: Any) -> tuple[float, str]:
    if isinstance(value, bool):
        raise InputError(f"{name} is {value}; it takes a number")
    if isinstance(value, int | float):
        if value != value or value in (float("inf"), float("-inf")):
            raise InputError(f"{name} is {value}; it takes a finite number")
        return float(value), ""
    if isinstance(value, tuple | list) and len(value) == 2:
        return _parsed(name, value[0])[0], str(value[1])
    match = _WITH_UNIT.match(str(value))
    if not match:
        raise InputError(f"{name} is '{value}'; it takes a number, with a unit if it is another one")
    return to_number(match[1]), match[2]


def _converted(name: str, number: float, unit: str, wanted: str) -> float:
    if name in measurements() and (found := convert(name, number, unit)):
        return found[0]
    try:
        if not _UNIT.fullmatch(unit):
            raise ValueError(unit)
        return float(_registry().Quantity(number, unit).to(wanted).magnitude)
    except (pint.errors.PintError, AttributeError, ValueError, AssertionError, TypeError) as error:
        also = ", ".join(measurements()[name].also) if name in measurements() else ""
        raise InputError(f"{name}: '{unit}' cannot be turned into {wanted}; allowed: {wanted}{', ' + also if also else ''}") from error


@cache
def _registry() -> Any:
    return pint.UnitRegistry(on_redefinition="ignore")
