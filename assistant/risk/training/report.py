"""What `assistant risk train` needs besides `train_csv`: the owner's texts for the card, and a short report of a run."""

from __future__ import annotations

import tomllib
from pathlib import Path

from assistant.errors import InputError
from assistant.risk.training.card import called, interval
from assistant.risk.training.run import Run

TEXTS = (
    "title", "population", "setting", "years", "eligibility", "outcome", "role", "knowledge", "equity", "demography", "licence",
    "developer", "funding", "conflicts", "users", "treatments", "outcome_assessors", "limitations",
    "monitoring", "updating",
)  # fmt: skip
SHOWN = ("auroc", "auprc", "recall", "specificity", "f1", "brier_error", "calibration_slope", "ece_error")


def texts(path: Path | None) -> dict[str, str]:
    """The owner's sentences for the model card from a TOML file; nothing without a file.

    Raises:
        InputError: the file cannot be read, or has a key that no card knows.
    """
    if path is None:
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path} cannot be read as TOML ({error})") from error
    if unknown := sorted(set(table) - set(TEXTS)):
        raise InputError(f"{path.name}: no card says '{unknown[0]}'; it can say: {', '.join(TEXTS)}")
    return {key: str(value) for key, value in table.items()}


def report(run: Run, folder: Path) -> str:
    """A run in a screenful: what serves, how good it is, who was compared, where the card lies."""
    best = run.best
    lines = [
        f"{run.plan.name}: {run.served} serves; {len(run.data)} patients, {int(run.data.outcome.sum())} events, out of fold:",
        *(f"  {called(name):26} {interval(run.figures[run.served][name])}" for name in SHOWN),
        f"  {'conformal coverage':26} {best.coverage.share:.3f} (promised 0.900)",
        "compared by log loss (the simplest within one standard error of the best serves):",
        *(f"  {s.kind:26} {s.loss:.4f} ± {s.error:.4f}" for s in run.scores),
        *(f"  {name:26} n {row['n']}, {row.get('too_few') or 'AUROC ' + interval(row['auroc'])}" for name, row in run.groups.items()),
        f"card: {folder / 'card.md'}",
        f"use it: assistant risk {run.plan.name} {' '.join(f'{f.name}=...' for f in run.plan.features)}",
    ]
    return "\n".join(lines)
