"""Equations as pure functions: `@equation(...)` carries what a table row would, the signature carries the inputs with their units."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, get_args, get_origin, get_type_hints

from assistant.errors import InputError
from assistant.records import RiskPart, RiskResult
from assistant.risk.tool import Tool
from knowledge_base.scores import YES_NO
from knowledge_base.tables import measurements

EQUATIONS: dict[str, Tool] = {}
Function = Callable[..., float]


def equation(
    *,
    title: str,
    unit: str,
    source: str,
    formula: str,
    population: str = "adults",
    bands: Sequence[tuple[float, str]] = (),
    limits: Mapping[str, tuple[float, float]] | None = None,
    aliases: Sequence[str] = (),
    notes: Sequence[str] = (),
    digits: int = 2,
) -> Callable[[Function], Function]:
    """Register a keyword-only function as a tool; an argument with the default None is optional."""

    def register(function: Function) -> Function:
        hints, parameters = get_type_hints(function), inspect.signature(function).parameters
        inputs = {name: _unit(name, hints[name]) for name in parameters}
        optional = frozenset(name for name, parameter in parameters.items() if parameter.default is None)

        def compute(given: Mapping[str, Any]) -> RiskResult:
            missing = {name: unit_of for name, unit_of in inputs.items() if name not in given and name not in optional}
            value = None if missing else _rounded(function, given, digits)
            parts = tuple(RiskPart(_label(name), None, _shown(given[name], inputs[name])) for name in inputs if name in given)
            return RiskResult(
                function.__name__, title, value, unit, band(value, bands), parts, dict(given), missing,
                sources=(source,), formula=formula, notes=tuple(notes),
            )  # fmt: skip

        EQUATIONS[function.__name__] = Tool(
            function.__name__, title, inputs, population, (source,), compute, "equation", unit, tuple(aliases), limits or {}, optional,
            notes=tuple(notes),
        )  # fmt: skip
        return function

    return register


def band(value: float | None, bands: Sequence[tuple[float, str]]) -> str:
    """Text of the highest floor that the value reaches; empty when there is none."""
    if value is None:
        return ""
    return next((text for floor, text in sorted(bands, reverse=True) if value >= floor), "")


def _rounded(function: Function, given: Mapping[str, Any], digits: int) -> float:
    try:
        return round(float(function(**given)), digits)
    except (ZeroDivisionError, ValueError, OverflowError) as error:
        raise InputError(f"{function.__name__} cannot be computed from these values ({error}); check them") from error


def _unit(name: str, hint: Any) -> str:
    arguments = [part for part in get_args(hint) if part is not type(None)]
    if get_origin(hint) is Literal:
        return "|".join(map(str, get_args(hint)))
    kind = arguments[0] if arguments and get_origin(hint) is not Literal else hint
    if get_origin(kind) is Literal:
        return "|".join(map(str, get_args(kind)))
    if kind is bool:
        return YES_NO
    return measurements()[name].unit or "ratio" if name in measurements() else "number"


def _label(name: str) -> str:
    return measurements()[name].label if name in measurements() else name.replace("_", " ")


def _shown(value: Any, unit: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g} {unit}".replace(" number", "").replace(" ratio", "") if isinstance(value, float) else str(value)
