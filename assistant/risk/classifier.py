"""Trained classifiers behind the door of all tools: plain-text parameters in, a probability with its parts out.

A task is a folder with task.json (inputs, bands, models), card.md, card.json and, for some models, a .safetensors file. The house's own
tasks lie in `classifiers/`, those a user trained (`assistant risk train`) in the user's data folder. Missing inputs give no number.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from math import exp, log
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from assistant.errors import InputError
from assistant.records import RiskPart, RiskResult
from assistant.risk.fitted import Additive, Array, Groups, Linear, Model, Space, load
from assistant.risk.tool import Tool
from knowledge_base.scores import YES_NO

HOUSE = Path(__file__).parent / "classifiers"
MODELS = ("logistic", "ebm", "svm", "boosting", "mlp")  # simplest first
GRID = 41  # values tried per number when looking for the nearest change


@dataclass(frozen=True, slots=True)
class Input:
    """One input: `low`-`high` was seen in training, `reference` is the typical patient's value, `fixed` cannot be changed (age, sex)."""

    name: str
    label: str
    unit: str
    reference: Any
    low: float = 0.0
    high: float = 1.0
    spread: float = 1.0
    fixed: bool = False
    findings: tuple[str, ...] = ()
    whole: bool = False  # takes whole numbers only
    log_shift: float | None = None  # the model sees log(value + log_shift)

    @property
    def is_number(self) -> bool:
        """Whether it is a quantity."""
        return self.unit != YES_NO and "|" not in self.unit

    @property
    def words(self) -> tuple[str, ...]:
        """The words of a choice."""
        return tuple(self.unit.split("|")) if "|" in self.unit else ()

    def encode(self, value: Any) -> list[float]:
        """Design columns of a value."""
        if self.words:
            return [float(value == word) for word in self.words]
        return [float(value) if self.log_shift is None else log(value + self.log_shift)]

    def shown(self, value: Any) -> str:
        """The value with its unit, for a reader."""
        if self.is_number:
            return f"{value:g} {self.unit}".removesuffix(" number")
        return ("yes" if value else "no") if self.unit == YES_NO else str(value)

    def tried(self) -> list[Any]:
        """Values that the search for the nearest change goes through."""
        if not self.is_number:
            return list(self.words) or [False, True]
        if self.whole and self.high - self.low < GRID:
            return [float(number) for number in range(round(self.low), round(self.high) + 1)]
        return [self.low, *(float(f"{value:.3g}") for value in np.linspace(self.low, self.high, GRID)[1:-1]), self.high]


class Task:
    """A trained task, read from its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.spec: dict[str, Any] = json.loads((folder / "task.json").read_text(encoding="utf-8"))
        self.name, self.served = str(self.spec["name"]), str(self.spec["served"])
        self.inputs = {row["name"]: Input(**{**row, "findings": tuple(row.get("findings", ()))}) for row in self.spec["inputs"]}
        self.models = [name for name in MODELS if name in self.spec["models"]]
        self.bands = [(float(floor), str(text)) for floor, text in self.spec["bands"]]
        if self.served not in self.models or not self.inputs or not self.bands:
            raise ValueError("it names no served model, no inputs or no bands")
        self._read: dict[str, Model] = {}

    @cached_property
    def groups(self) -> Groups:
        """Design columns of each input."""
        widths = [len(i.words) or 1 for i in self.inputs.values()]
        ends = np.cumsum(widths)
        return [np.arange(end - width, end) for end, width in zip(ends, widths, strict=True)]

    @cached_property
    def reference(self) -> Array:
        """Design row of the typical patient."""
        return self.encode({name: i.reference for name, i in self.inputs.items()})

    @cached_property
    def space(self) -> Space:
        """Training rows in short."""
        spec = self.spec["space"]
        mean, precision, scale = (np.array(spec[key], float) for key in ("mean", "precision", "scale"))
        return Space(mean, precision, float(spec["limit"]), scale)

    @cached_property
    def grid(self) -> tuple[list[Any], Array, NDArray[np.bool_], NDArray[np.intp]]:
        """Values to try for the inputs that can change: value, design row, columns that it sets, number of its input."""
        tried = [(number, option) for number, i in enumerate(self.inputs.values()) if not i.fixed for option in i.tried()]
        rows, changed = np.zeros((len(tried), len(self.reference))), np.zeros((len(tried), len(self.reference)), dtype=bool)
        inputs = list(self.inputs.values())
        for place, (number, option) in enumerate(tried):
            rows[place, self.groups[number]] = inputs[number].encode(option)
            changed[place, self.groups[number]] = True
        return [option for _, option in tried], rows, changed, np.array([number for number, _ in tried], dtype=np.intp)

    def encode(self, values: Mapping[str, Any]) -> Array:
        """Design row of a patient with all inputs."""
        return np.array([cell for name, i in self.inputs.items() for cell in i.encode(values[name])])

    def model(self, name: str) -> Model:
        """A model by name; its arrays are read at first use."""
        if name not in self._read:
            self._read[name] = self._load(name)
        return self._read[name]

    def _load(self, name: str) -> Model:
        spec, arrays = self.spec["models"][name], {}
        if "file" in spec:
            from safetensors.numpy import load_file

            arrays = {key: value.astype(float) for key, value in load_file(self.folder / spec["file"]).items()}
        return load(spec, arrays)

    def band(self, probability: float) -> str:
        """Text of the highest floor that the probability reaches."""
        return next((text for floor, text in reversed(self.bands) if probability >= floor), "")


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
        parts = tuple(RiskPart(i.label, None, i.shown(given[key]) if key in given else "") for key, i in task.inputs.items())
        return RiskResult(
            task.name, task.spec["title"], None, "%", "", parts, dict(given), missing, low, high,
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
