"""Trained classifiers behind the door of all tools: plain-text parameters in, a probability with its parts out.

A task is a folder with task.json (inputs, bands, models), card.md, card.json and, for some models, a .safetensors file. The house's own
tasks lie in `classifiers/`, those a user trained (`assistant risk train`) in the user's data folder. Missing inputs give no number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from math import exp
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from assistant.errors import InputError
from assistant.records import RiskPart, RiskResult
from assistant.risk.fitted import Additive, Array, Linear, Model
from assistant.risk.tool import Tool
from assistant.risk.trained import Task

HOUSE = Path(__file__).parent / "classifiers"


def classifier_tools(user: Path | None = None) -> dict[str, Tool]:
    """All trained classifiers: the house's own and, after them, the user's (below `user`, else below the data folder)."""
    own, theirs = _tools(HOUSE), _tools(user or user_folder())
    return {**theirs, **own}


def user_folder() -> Path:
    """Where tasks that a user trained are registered."""
    from assistant.settings import Settings

    return Settings.load().data_dir / "classifiers"


def _tools(folder: Path) -> dict[str, Tool]:
    return {path.parent.name: _tool(path.parent) for path in sorted(folder.glob("*/task.json"))} if folder.is_dir() else {}


def _tool(folder: Path) -> Tool:
    try:
        task = Task(folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Tool(folder.name, f"{folder.name} (cannot be read)", {}, "", (), _refuse(folder, str(error)), "classifier")
    inputs = {name: i.unit for name, i in task.inputs.items()}
    if len(task.models) > 1:
        inputs["model"] = "|".join(task.models)
    limits = {name: (0.0, 1e9) for name, i in task.inputs.items() if i.log_shift is not None}
    return Tool(
        task.name, task.spec["title"], inputs, task.spec["population"], tuple(task.spec["sources"]), lambda given: compute(task, given),
        "classifier", "%", tuple(task.spec.get("aliases", ())), limits, frozenset({"model"} & set(inputs)),
        {name: i.findings for name, i in task.inputs.items() if i.findings}, tuple(task.spec.get("notes", ())),
    )  # fmt: skip


def _refuse(folder: Path, reason: str) -> Callable[[Mapping[str, Any]], NoReturn]:
    def compute(given: Mapping[str, Any]) -> NoReturn:
        raise InputError(f"classifier '{folder.name}' cannot be read from {folder} ({reason}); train it again or remove the folder")

    return compute


@cache
def task(name: str) -> Task:
    """A task of the house or of the user, by name.

    Raises:
        InputError: there is none, or its files cannot be read.
    """
    for root in (HOUSE, user_folder()):
        if (root / name / "task.json").is_file():
            return Task(root / name)
    raise InputError(f"no trained classifier '{name}'; see them all: assistant risk")


def compute(task: Task, given: Mapping[str, Any]) -> RiskResult:
    """The probability in percent with its parts; no number while an input is missing, but the range that is still possible."""
    name = str(given.get("model", task.served))
    model = task.model(name)
    missing = {key: i.unit for key, i in task.inputs.items() if key not in given}
    values = {key: given[key] for key in task.inputs if key in given}
    formula = f"{name} model, version {task.spec['version']}; the parts are log-odds and sum to the log-odds of the result"
    notes = list(task.spec.get("notes", ()))
    if missing:
        low, high = possible(task, model, values)
        return RiskResult(
            task.name, task.spec["title"], None, "%", "", (), dict(given), missing, low, high,
            sources=tuple(task.spec["sources"]), formula=formula, notes=tuple(notes),
        )  # fmt: skip
    row = task.encode(values)
    logit = float(model.logit(row[None, :])[0])
    probability = chance(logit)
    notes += [*_strange(task, values, row), *_set(task, name, probability), *nearest_change(task, model, values, probability)]
    parts, split = _parts(task, model, values, row)
    return RiskResult(
        task.name, task.spec["title"], round(100 * probability, 1), "%", task.band(probability), parts, dict(given), {},
        sources=tuple(task.spec["sources"]), formula=formula, notes=(*notes, *split),
    )  # fmt: skip


def chance(logit: float) -> float:
    """Probability of a logit."""
    return 1 / (1 + exp(-logit)) if logit > -500 else 0.0


def _parts(task: Task, model: Model, values: Mapping[str, Any], row: Array) -> tuple[tuple[RiskPart, ...], list[str]]:
    """Contributions, the typical patient first; they sum to the logit."""
    shares = model.contributions(row, task.reference, task.groups)
    if shares is None:
        return (), ["this model has too many inputs for an exact split of its result; none is shown"]
    base = float(model.logit(task.reference[None, :])[0])
    rows = [RiskPart(i.label, float(share), i.shown(values[name])) for (name, i), share in zip(task.inputs.items(), shares, strict=True)]
    return (RiskPart("typical patient (training medians)", base), *sorted(rows, key=lambda part: -abs(part.points or 0.0))), []


def _strange(task: Task, values: Mapping[str, Any], row: Array) -> list[str]:
    """Flags for what the training data do not cover."""
    outside = [f"{i.label} {values[name]:g} is outside {i.low:g}-{i.high:g} seen in training" for name, i in task.inputs.items()
               if i.is_number and not i.low <= values[name] <= i.high]  # fmt: skip
    distance = task.space.distance(row)
    if distance > task.space.limit:
        outside.append(f"this combination is unlike the training patients (distance {distance:.1f}, limit {task.space.limit:.1f})")
    return [f"out of range: {'; '.join(outside)}. Do not rely on this number"] if outside else []


def _set(task: Task, name: str, probability: float) -> list[str]:
    """The 90 % conformal prediction set in words."""
    rule = task.spec["models"][name].get("conformal")
    if not rule:
        return []
    negative, positive = task.spec["labels"]
    inside = [label for label, p in ((negative, 1 - probability), (positive, probability)) if 1 - p <= rule["limit"]]
    text = " or ".join(inside) or "neither (an unusual case)"
    return [f"90 % prediction set: {text}"]


def possible(task: Task, model: Model, values: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Lowest and highest percentage over the values that the missing inputs had in training; None where it cannot be bounded."""
    if not isinstance(model, Linear | Additive):
        return None, None
    low = high = float(model.logit(task.reference[None, :])[0])
    base = low
    for (name, i), group in zip(task.inputs.items(), task.groups, strict=True):
        cells = [i.encode(option) for option in ([values[name]] if name in values else i.tried())]
        if name not in values and isinstance(model, Additive) and len(group) == 1:  # the steps between the values tried
            cells += [[cut] for cut in model.cuts[group[0]] if cells[0][0] < cut < cells[-1][0]]
        rows = np.tile(task.reference, (len(cells), 1))
        rows[:, group] = cells
        change = model.logit(rows) - base
        low, high = low + float(change.min()), high + float(change.max())
    return round(100 * chance(low), 1), round(100 * chance(high), 1)


def nearest_change(task: Task, model: Model, values: Mapping[str, Any], probability: float) -> list[str]:
    """The smallest change of one input, in standard deviations, that would move the result into another band."""
    tried, rows, changed, owner = task.grid
    if not len(tried):
        return []
    row, inputs = task.encode(values), list(task.inputs.values())
    floors = np.array([floor for floor, _ in task.bands[1:]])
    logits = model.logit(np.where(changed, rows, row))
    other = np.searchsorted(floors, 1 / (1 + np.exp(-logits)), side="right") != np.searchsorted(floors, probability, side="right")
    spread = np.array([i.spread if i.is_number else np.inf for i in inputs])[owner]
    numbers = np.array([option if isinstance(option, float) else 0.0 for option in tried])
    given = np.array([values[i.name] if i.is_number else 0.0 for i in inputs])[owner]
    steps = np.where(np.isinf(spread), 1.0, np.abs(numbers - given) / spread)
    if not other.any():
        return []
    best = int(np.argmin(np.where(other, steps, np.inf)))
    i, band = inputs[owner[best]], task.band(chance(float(logits[best])))
    change = f"if {i.label} were {i.shown(tried[best])}, all else equal"
    return [f"nearest change: '{band}' instead of '{task.band(probability)}' {change}"]
