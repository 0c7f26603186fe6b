"""Equations as pure functions: `@equation(...)` carries what a table row would, the signature carries the inputs with their units."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from assistant.errors import InputError
from assistant.records import RiskPart, RiskResult
from assistant.risk.tool import DATE, Tool
from knowledge_base.scores import YES_NO
from knowledge_base.tables import measurements

EQUATIONS: dict[str, Tool] = {}
STEPS = 120     # values tried over the range of a missing number when the interval is looked for


@dataclass(frozen=True, slots=True)
class Outcome:
    """A function's result where a number is not all: its band, notes, and the points of its parts."""

    value: float
    band: str = ""
    notes: tuple[str, ...] = ()
    parts: tuple[tuple[str, float], ...] = ()


Function = Callable[..., "float | Outcome"]
AnyFunction = TypeVar("AnyFunction", bound=Function)


def scored(parts: Mapping[str, float], *, notes: Sequence[str] = ()) -> Outcome:
    """The sum of points with the parts that gave any."""
    return Outcome(sum(parts.values()), notes=tuple(notes), parts=tuple((text, points) for text, points in parts.items() if points))


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
    findings: Mapping[str, Sequence[str]] | None = None,
    interval: bool = False,
    one_of: Sequence[Sequence[str]] = (),
    digits: int = 2,
) -> Callable[[AnyFunction], AnyFunction]:
    """Register a keyword-only function as a tool; an argument with the default None is optional.

    Of each group in `one_of` (all with the default None) at least one must be given. With `interval`, missing inputs leave the range that
    is still possible; for point scores, where no input turns the effect of another round.
    """

    def register(function: AnyFunction) -> AnyFunction:
        hints, parameters = get_type_hints(function), inspect.signature(function).parameters
        inputs = {name: _unit(name, hints[name]) for name in parameters}
        optional = frozenset(name for name, parameter in parameters.items() if parameter.default is None)
        name, ranges = function.__name__, {key: bounds for key, bounds in (limits or {}).items() if key in inputs}

        def compute(given: Mapping[str, Any]) -> RiskResult:
            needed = [key for key in inputs if key not in given and key not in optional]
            open_groups = [group for group in one_of if not any(key in given for key in group)]
            missing = {key: inputs[key] for key in (*needed, *(key for group in open_groups for key in group))}
            alternatives = {key for group in one_of for key in group}
            unknown = [key for key in inputs if key not in given and (key in needed or key not in alternatives)]
            unknown += [group[0] for group in open_groups]
            tried = {key: _candidates(key, inputs[key], ranges, key in optional) for key in unknown if interval and missing}
            low, high, documented, filling = _range(function, given, tried, digits)
            settled = bool(missing) and interval and low is not None and low == high
            outcome = None if missing and not settled else _outcome(function, {**given, **(filling if settled else {})}, digits, inputs)
            value = None if outcome is None else outcome.value
            still = [] if value is not None or low is None else [_still(band(low, bands), band(high, bands))]
            parts = tuple(RiskPart(text, points) for text, points in outcome.parts) if outcome and outcome.parts else tuple(
                RiskPart(_label(key), None, _shown(given[key], inputs[key])) for key in inputs if key in given
            )  # fmt: skip
            return RiskResult(
                name, title, value, unit, (outcome.band if outcome else "") or band(value, bands), parts, dict(given),
                {} if settled else missing, low=low, high=high, documented=documented, sources=(source,), formula=formula,
                notes=(*notes, *(outcome.notes if outcome else ()), *still),
            )  # fmt: skip

        EQUATIONS[name] = Tool(
            name, title, inputs, population, (source,), compute, "equation", unit, tuple(aliases), ranges, optional,
            {key: tuple(names) for key, names in (findings or {}).items() if key.partition("=")[0] in inputs}, tuple(notes),
        )  # fmt: skip
        return function

    return register


def band(value: float | None, bands: Sequence[tuple[float, str]]) -> str:
    """Text of the highest floor that the value reaches; empty when there is none."""
    if value is None:
        return ""
    return next((text for floor, text in sorted(bands, reverse=True) if value >= floor), "")


def _still(low: str, high: str) -> str:
    return f"'{low}' whatever the missing inputs are" if low == high else f"{low} to {high} is still possible"


def _outcome(function: Function, given: Mapping[str, Any], digits: int, inputs: Mapping[str, str]) -> Outcome:
    try:
        found = function(**{name: date.fromisoformat(value) if inputs[name] == DATE else value for name, value in given.items()})
        outcome = found if isinstance(found, Outcome) else Outcome(float(found))
        if not abs(outcome.value) < 1e12:
            raise ValueError("the result is out of range")
        return Outcome(round(float(outcome.value), digits), outcome.band, outcome.notes, outcome.parts)
    except (ZeroDivisionError, ValueError, OverflowError, TypeError) as error:
        # a power of a negative number is complex: that too comes of impossible values
        name = getattr(function, "__name__", "this tool")
        raise InputError(f"{name} cannot be computed from these values ({error}); check them") from error


def _range(
    function: Function, given: Mapping[str, Any], tried: Mapping[str, Sequence[Any]], digits: int,
) -> tuple[float | None, float | None, float | None, dict[str, Any]]:
    """(lowest, highest, with unknown yes/no taken as no, inputs that give the lowest): one input after another is moved, twice over."""
    if not tried:
        return None, None, None, {}
    lowest = _extreme(function, given, tried, 1)
    highest = _extreme(function, given, tried, -1)
    stated = _extreme(function, given, {name: (False,) if True is values[-1] else values for name, values in tried.items()}, 1)
    low, high, documented = (None if (value := _value(function, state)) is None else round(value, digits) for state in (lowest, highest,
                                                                                                                        stated))
    return low, high, documented, {name: lowest[name] for name in tried}


def _extreme(function: Function, given: Mapping[str, Any], tried: Mapping[str, Sequence[Any]], sign: int) -> dict[str, Any]:
    state = {**given, **{name: values[0] for name, values in tried.items()}}
    for name, values in (*tried.items(), *tried.items()):
        found = [(sign * value, place) for place, one in enumerate(values) if (value := _value(function, {**state, name: one})) is not None]
        if found:
            state[name] = values[min(found)[1]]
    return state


def _value(function: Function, state: Mapping[str, Any]) -> float | None:
    """None where the values do not go together."""
    try:
        found = function(**state)
    except (ZeroDivisionError, ValueError, OverflowError):
        return None
    return found.value if isinstance(found, Outcome) else found


def _candidates(name: str, unit: str, limits: Mapping[str, tuple[float, float]], optional: bool) -> Sequence[Any]:
    none = [None] if optional else []
    if unit == YES_NO:
        return (*none, False, True)
    if "|" in unit:
        return (*none, *unit.split("|"))
    low, high = limits.get(name) or (measurements()[name].low, measurements()[name].high)
    return [*none, *(low + (high - low) * step / STEPS for step in range(STEPS + 1))]


def _unit(name: str, hint: Any) -> str:
    arguments = [part for part in get_args(hint) if part is not type(None)]
    if get_origin(hint) is Literal:
        return "|".join(map(str, get_args(hint)))
    kind = arguments[0] if arguments and get_origin(hint) is not Literal else hint
    if get_origin(kind) is Literal:
        return "|".join(map(str, get_args(kind)))
    if kind is bool:
        return YES_NO
    if kind is date:
        return DATE
    return measurements()[name].unit or "ratio" if name in measurements() else "number"


def _label(name: str) -> str:
    return measurements()[name].label if name in measurements() else name.replace("_", " ")


def _shown(value: Any, unit: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g} {unit}".replace(" number", "").replace(" ratio", "") if isinstance(value, float) else str(value)
