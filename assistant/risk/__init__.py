"""The one door to every number: `assess(name, inputs)` for score tables, equations and trained classifiers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from typing import Any

from assistant.errors import MissingInputs, UnknownTool
from assistant.records import RiskResult
from assistant.risk.tool import Tool

__all__ = ["Tool", "assess", "describe", "tool", "tools"]

# tables that may not be rebuilt from what is public; the message says so instead of offering a neighbour
REFUSED = {"frax": "FRAX is not here: its coefficients are not published; use the authors' own calculator"}


def assess(name: str, inputs: Mapping[str, Any], *, strict: bool = False) -> RiskResult:
    """Compute a tool. Inputs are numbers in the tool's units, strings with a unit ("150 umol/L"), yes/no, or None for unknown.

    Returns:
        A RiskResult. With inputs missing its value is None, `missing` names them, and low-high is the range still possible.

    Raises:
        UnknownTool: no tool of that name; the message offers the nearest.
        InputError: an input that cannot be used.
        MissingInputs: inputs are missing and `strict` is set.
    """
    from assistant.risk.inputs import clean

    chosen = tool(name)
    known, notes = clean(chosen, inputs)
    result = chosen.compute(known)
    if strict and result.value is None:
        raise MissingInputs(chosen.name, dict(result.missing), result.low, result.high)
    return replace(result, notes=(*notes, *result.notes)) if notes else result


def tool(name: str) -> Tool:
    """The tool of that name or alias."""
    key = name.strip().lower().replace("-", "_").replace(" ", "_")
    if key in REFUSED:
        raise UnknownTool(REFUSED[key])
    if key in _all():
        return _all()[key]
    if key in _aliases():
        return _all()[_aliases()[key]]
    near = get_close_matches(key, [*_all(), *_aliases()], 1)
    hint = f"; did you mean '{_aliases().get(near[0], near[0])}'?" if near else "."
    raise UnknownTool(f"unknown risk tool '{name}'{hint} See them all: assistant risk")


def tools() -> list[Tool]:
    """Every tool, by name."""
    return [_all()[name] for name in sorted(_all())]


def describe(name: str) -> str:
    """Title, population, inputs with units, and source of a tool, as one text."""
    found = tool(name)
    inputs = ", ".join(f"{key} ({unit})" for key, unit in found.inputs.items())
    return f"{found.title}. Population: {found.population}. Inputs: {inputs}. Source: {'; '.join(found.sources)}"


@cache
def _all() -> dict[str, Tool]:
    from importlib import import_module
    from pkgutil import iter_modules

    from assistant.risk.classifier import classifier_tools
    from assistant.risk.equation import EQUATIONS
    from assistant.risk.score import tool as score_tool
    from knowledge_base.scores import score_tables

    for module in iter_modules(__path__):
        if module.name.startswith("equations_"):
            import_module(f"{__name__}.{module.name}")
    return {table.name: score_tool(table) for table in score_tables().values()} | EQUATIONS | classifier_tools()


@cache
def _aliases() -> dict[str, str]:
    return {alias.lower().replace("-", "_").replace(" ", "_"): found.name for found in _all().values() for alias in found.aliases}
