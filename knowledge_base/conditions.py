"""The condition table: what each diagnosis looks like, in rows (conditions/*.toml; the form is in FORMAT.md)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from knowledge_base.errors import KnowledgeBaseError

FOLDER = Path(__file__).parent / "conditions"
INCIDENCE = ("very-common", "common", "uncommon", "rare", "very-rare")
SEXES = ("any", "female", "male", "more-female", "more-male")


@dataclass(frozen=True, slots=True)
class Condition:
    """One diagnosis. `findings` are (phrase, weight): 3 strongly for ... -3 strongly against when present.

    `results` are the same for what only a test shows (laboratory, imaging, biopsy): they count when done and are not missed when not done.
    """

    id: str
    name: str
    icd10cm: str
    incidence: str
    findings: tuple[tuple[str, int], ...]
    results: tuple[tuple[str, int], ...] = ()
    synonyms: tuple[str, ...] = ()
    guideline: str = ""
    must_not_miss: bool = False
    age_years: tuple[float, float] = (0, 120)
    age_peak: tuple[float, float] = (0, 120)
    sex: str = "any"
    onset: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    rules_out: str = ""
    red_flags: tuple[str, ...] = ()
    source: str = ""

    @property
    def signs(self) -> tuple[tuple[str, int], ...]:
        """Findings and results, in this order."""
        return self.findings + self.results


@cache
def conditions(folder: Path = FOLDER) -> tuple[Condition, ...]:
    """All rows, sorted by id.

    Raises:
        KnowledgeBaseError: an unreadable file, an unknown key, or an id that stands in two files.
    """
    found: dict[str, Condition] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            rows = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise KnowledgeBaseError(f"{path.name}: {error}") from error
        for key, row in rows.items():
            if key in found:
                raise KnowledgeBaseError(f"{path.name}: condition '{key}' stands twice")
            found[key] = _condition(key, row, path.name)
    return tuple(found[key] for key in sorted(found))


def _condition(key: str, row: dict[str, Any], name: str) -> Condition:
    fields = {field: value for field, value in row.items() if field not in ("findings", "results")}
    values: dict[str, Any] = {field: tuple(value) if isinstance(value, list) else value for field, value in fields.items()}
    try:
        condition = Condition(id=key, findings=_weighted(row["findings"]), results=_weighted(row.get("results", [])), **values)
    except (TypeError, ValueError, KeyError) as error:
        raise KnowledgeBaseError(f"{name}: condition '{key}': {error}") from error
    if condition.incidence not in INCIDENCE or condition.sex not in SEXES:
        raise KnowledgeBaseError(f"{name}: condition '{key}': incidence is one of {INCIDENCE}, sex one of {SEXES}")
    return condition


def _weighted(rows: list[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple((str(text), int(weight)) for text, weight in rows)
