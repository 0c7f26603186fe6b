"""A trained task as its folder holds it: inputs with their training ranges, bands, and the models, each read at first use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import log
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.errors import InputError
from assistant.risk.fitted import Array, Groups, Model, Space, load
from knowledge_base.scores import YES_NO

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
        spec = self.spec["models"][name]
        try:
            return load(spec, self._arrays(str(spec["file"])) if "file" in spec else {})
        except (OSError, KeyError, ValueError, TypeError) as error:
            raise InputError(f"model '{name}' of {self.name} cannot be read from {self.folder} ({error}); train the task again") from error

    def _arrays(self, file: str) -> dict[str, Array]:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            return {key: value.astype(float) for key, value in load_file(self.folder / file).items()}
        except SafetensorError as error:
            raise ValueError(f"{file} is damaged") from error

    def band(self, probability: float) -> str:
        """Text of the highest floor that the probability reaches."""
        return next((text for floor, text in reversed(self.bands) if probability >= floor), "")
