"""Additive score tables (scores/*.toml) as rows. A table is data: it names inputs, conditions and points, never a function."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.rules import COMPARE

FOLDER = Path(__file__).parent / "scores"
YES_NO = "yes/no"
KEYS = {
    "title", "aliases", "population", "source", "checked", "inputs", "bands", "items", "unit", "start", "limits", "notes", "superseded_by",
    "year", "findings", "minimum", "ask",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ItemTerm:
    """`input op value`; op is a comparison for numbers, `is` for yes/no and choices."""

    input: str
    op: str
    value: float | bool | str


@dataclass(frozen=True, slots=True)
class Item:
    """Points for any one of the terms (or for all of them, when `all` is set). Of the items of one group only the highest counts."""

    points: float
    text: str
    terms: tuple[ItemTerm, ...]
    all: bool = False
    group: str = ""


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """One score. `inputs` maps a name to its unit, "yes/no", or "a/b/c" for a choice."""

    name: str
    title: str
    population: str
    source: str
    checked: str
    inputs: Mapping[str, str]
    items: tuple[Item, ...]
    bands: tuple[tuple[float, str], ...]
    unit: str = "points"
    start: float = 0.0
    minimum: float | None = None
    aliases: tuple[str, ...] = ()
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    findings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)   # yes/no input -> names in the finding vocabulary
    superseded_by: str = ""
    year: int = 0
    ask: Mapping[str, str] = field(default_factory=dict)                    # input -> the question to put to the user


@cache
def score_tables(folder: Path = FOLDER) -> Mapping[str, ScoreTable]:
    """All tables by name; KnowledgeBaseError on an unknown key, a wrong input name or a table that stands twice."""
    found: dict[str, ScoreTable] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            rows = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise KnowledgeBaseError(f"{path.name}: {error}") from error
        for name, row in rows.items():
            if name in found:
                raise KnowledgeBaseError(f"{path.name}: score '{name}' stands twice")
            found[name] = _table(name, row, path.name)
    return found


def _table(name: str, row: Mapping[str, Any], file: str) -> ScoreTable:
    where = f"{file}: score '{name}'"
    if unknown := sorted(set(row) - KEYS):
        raise KnowledgeBaseError(f"{where}: unknown key {', '.join(unknown)}")
    try:
        values = dict(row)
        items = tuple(_item(item, row["inputs"], where) for item in values.pop("items"))
        bands = tuple((float(floor), str(text)) for floor, text in values.pop("bands"))
        for key in ("aliases", "notes"):
            values[key] = tuple(values.get(key, ()))
        values["limits"] = {key: (float(low), float(high)) for key, (low, high) in values.get("limits", {}).items()}
        values["findings"] = {key: tuple(names) for key, names in values.get("findings", {}).items()}
        return ScoreTable(name=name, items=items, bands=bands, **values)
    except (KeyError, TypeError, ValueError) as error:
        raise KnowledgeBaseError(f"{where}: {error}") from error


def _item(row: Mapping[str, Any], inputs: Mapping[str, str], where: str) -> Item:
    rows = row.get("any") or row.get("all") or ()
    terms = tuple(_term(term, inputs, where) for term in rows)
    if not terms or set(row) - {"points", "text", "any", "all", "group"}:
        raise KnowledgeBaseError(f"{where}: item '{row.get('text')}' takes points, text, any or all, and group")
    return Item(float(row["points"]), str(row["text"]), terms, "all" in row, str(row.get("group", "")))


def _term(row: Any, inputs: Mapping[str, str], where: str) -> ItemTerm:
    name, op, value = row
    if name not in inputs or (op not in COMPARE and op != "is"):
        raise KnowledgeBaseError(f"{where}: '{name} {op} {value}' names no input, or no comparison")
    return ItemTerm(name, op, value)
