"""A user's own task from a CSV file: checked, trained, judged and registered with the same rigour as the house's own."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

import numpy as np

from assistant.errors import InputError
from assistant.risk.classifier import HOUSE, user_folder
from assistant.risk.training.data import NO, NOT_MEASURED, YES, Data, Feature, Plan, design, fingerprint
from assistant.risk.training.evaluate import auroc
from assistant.risk.training.register import register
from assistant.risk.training.run import Run, train
from knowledge_base.scores import YES_NO
from knowledge_base.tables import measurements

LEAST_ROWS, LEAST_EVENTS, MOST_WORDS, MOST_MISSING, LEAK = 60, 15, 12, 0.5, 0.995
IDENTIFIER = re.compile(r"(^|_)(id|mrn|nhs|ssn|name|surname|patient|uuid|record)(_|$)")
Rows = list[dict[str, str]]


def train_csv(
    name: str, path: Path, target: str, *, positive: str = "", without: Sequence[str] = (), texts: Mapping[str, str] | None = None,
    root: Path | None = None, seed: int = 0, kinds: Sequence[str] | None = None, folds: int = 10, plots: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> tuple[Run, Path]:  # fmt: skip
    """Train a task from a CSV file and register it in the user's data folder; afterwards it is a risk tool of that name.

    Args:
        name: name of the new tool: small letters, digits and underscores.
        path: a CSV file with a header, one row a patient.
        target: the column to predict, with two different values.
        positive: which value counts as the event; found by itself for yes/no and 1/0.
        without: columns to leave out (identifiers, columns known only afterwards).
        texts: what the file cannot tell, for the card: population, setting, years, eligibility, outcome, role, knowledge, equity,
            demography, licence.

    Raises:
        InputError: the file or a column cannot be used; one line says which and what to do.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,60}", name) or (HOUSE / name).exists():
        raise InputError(f"'{name}' cannot name a task; take small letters, digits and underscores, and no name of the house's own tasks")
    rows, repeated = _unique(_read(path))
    plan = _plan(name, path, rows, target, positive, without, texts or {}, repeated)
    data = design(plan, rows, fingerprint(rows))
    _refuse_leaks(plan, data)
    run = train(plan, data, kinds=kinds, seed=seed, folds=folds, private=True, say=say)
    return run, register(run, root or user_folder(), plots=plots)


def _read(path: Path) -> Rows:
    if not path.is_file():
        raise InputError(f"{path} is not a file; give the path of a CSV file with a header")
    try:
        text = path.read_text(encoding="utf-8-sig")
        dialect = csv.Sniffer().sniff(text[:20000].split("\n")[0] or ",", delimiters=",;\t") if text else csv.excel
        table = [row for row in csv.reader(text.splitlines(), dialect) if any(cell.strip() for cell in row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path.name} cannot be read as CSV in UTF-8 ({error}); save it again as CSV UTF-8") from error
    if len(table) < 2:
        raise InputError(f"{path.name} has no rows below a header")
    header = [cell.strip() for cell in table[0]]
    if len(set(header)) < len(header) or "" in header:
        raise InputError(f"{path.name}: the header has an empty name or names a column twice")
    if bad := [number for number, row in enumerate(table[1:], 2) if len(row) != len(header)]:
        raise InputError(f"{path.name}: line {bad[0]} has {len(table[bad[0] - 1])} cells, the header has {len(header)}")
    return [dict(zip(header, (cell.strip() for cell in row), strict=True)) for row in table[1:]]


def _unique(rows: Rows) -> tuple[Rows, int]:
    """Each row once: a patient in training and test rows at the same time would make the figures too good."""
    kept = list({tuple(row.values()): row for row in rows}.values())
    return kept, len(rows) - len(kept)


def _plan(
    name: str, path: Path, rows: Rows, target: str, positive: str, without: Sequence[str], texts: Mapping[str, str], repeated: int
) -> Plan:
    columns = list(rows[0])
    for column in (target, *without):
        if column not in columns:
            near = get_close_matches(column, columns, 1)
            raise InputError(
                f"{path.name} has no column '{column}'{f'; did you mean {near[0]!r}?' if near else ''} It has: {', '.join(columns)}"
            )
    event, other = _two(rows, target, positive)
    features = tuple(_feature(column, [row[column] for row in rows]) for column in columns if column != target and column not in without)
    if not features:
        raise InputError(f"{path.name} has no column left to predict '{target}' from")
    share = sum(row[target] == event for row in rows) / len(rows)
    unsaid = "not stated by the owner of the data; to be stated before use"
    text = {
        "title": f"{name.replace('_', ' ')}: {target} is {event}", "labels": [f"{target} is {other}", f"{target} is {event}"],
        "bands": [[0.0, "below average"], [share, "above average"], [min(0.95, 0.5 + share / 2), "high"]],
        "sources": [f"own data: {path.name}, {len(rows)} rows"], "notes": ["a model of this installation, trained on its own data"],
        "dropped": dict.fromkeys(without, "left out by the user"), "repeats": 1,
        **dict.fromkeys(("population", "setting", "years", "eligibility", "role", "knowledge", "equity", "demography"), unsaid),
        "outcome": f"column '{target}' is '{event}'", "licence": "the user's own data; not shared",
        "developer": "The user of this installation, with `assistant risk train`.",
        "preparation": f"{repeated} repeated rows left out; cells turned into numbers or words; nothing else changed.",
        **texts,
    }  # fmt: skip
    return Plan(name, text, features, {"column": target, "positive": [event]})


def _two(rows: Rows, target: str, positive: str) -> tuple[str, str]:
    """The event and the other value of the target."""
    values = sorted({row[target] for row in rows} - NOT_MEASURED)
    if len(values) != 2:
        what = "only one value" if len(values) < 2 else f"{len(values)} different values"
        raise InputError(f"'{target}' has {what}; a target has exactly two")
    found = [value for value in values if value == positive] if positive else [value for value in values if value.lower() in YES]
    if len(found) != 1 or (not positive and not {v.lower() for v in values} & NO):
        raise InputError(f"'{target}' is {values[0]!r} or {values[1]!r}; say which is the event with --positive")
    counts = {value: sum(row[target] == value for row in rows) for value in values}
    if sum(counts.values()) < LEAST_ROWS or min(counts.values()) < LEAST_EVENTS:
        raise InputError(f"too few rows: {counts[found[0]]} with and {sum(counts.values()) - counts[found[0]]} without the event; "
                         f"at least {LEAST_ROWS} rows and {LEAST_EVENTS} of each are needed")  # fmt: skip
    return found[0], next(value for value in values if value != found[0])


def _feature(column: str, cells: Sequence[str]) -> Feature:
    known = [cell for cell in cells if cell not in NOT_MEASURED]
    name = re.sub(r"\W+", "_", column.lower()).strip("_") or "column"
    distinct = set(known)
    if len(known) < (1 - MOST_MISSING) * len(cells):
        raise InputError(
            f"column '{column}' is empty in {len(cells) - len(known)} of {len(cells)} rows; leave it out with --without \"{column}\""
        )
    if len(distinct) < 2:
        raise InputError(f"column '{column}' is constant; leave it out with --without \"{column}\"")
    numbers = _numbers(known)
    if IDENTIFIER.search(name) or (numbers is None and len(distinct) > MOST_WORDS) or _counts_up(numbers):
        raise InputError(f"column '{column}' looks like an identifier or free text ({len(distinct)} different values); "
                         f'leave it out with --without "{column}"')  # fmt: skip
    label, fixed = column.replace("_", " "), name in ("age_years", "age", "sex", "gender")
    if {cell.lower() for cell in distinct} <= YES | NO:
        return Feature(name, column, YES_NO, label)
    if numbers is not None:
        unit = measurements()[name].unit if name in measurements() else "number"
        return Feature(name, column, unit or "number", label, fixed)
    return Feature(
        name,
        column,
        "|".join(sorted({cell.lower().replace("|", "/") for cell in distinct})),
        label,
        fixed,
        {c: c.replace("|", "/") for c in distinct},
    )


def _numbers(cells: Sequence[str]) -> list[float] | None:
    try:
        return [float(cell) for cell in cells]
    except ValueError:
        return None


def _counts_up(numbers: Sequence[float] | None) -> bool:
    return numbers is not None and len(numbers) > 20 and set(np.diff(numbers)) == {1.0}


def _refuse_leaks(plan: Plan, data: Data) -> None:
    """A column that tells the outcome almost alone was most likely written down after it."""
    for feature, columns in zip(plan.features, plan.groups, strict=True):
        for column in columns:
            cells = data.rows[:, column]
            known = ~np.isnan(cells)
            for seen in (cells, known.astype(float)):
                kept = known if seen is cells else np.ones(len(cells), dtype=bool)
                area = auroc(data.outcome[kept], seen[kept]) if 0 < data.outcome[kept].sum() < kept.sum() else 0.5
                if max(area, 1 - area) >= LEAK:
                    raise InputError(f"column '{feature.column}' alone tells the outcome (AUROC {max(area, 1 - area):.3f}); likely written "
                                     f'after it; leave it out with --without "{feature.column}"')  # fmt: skip
