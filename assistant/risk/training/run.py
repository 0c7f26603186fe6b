"""One training run of a task: compare the kinds, choose, fit on all rows, test on other hospitals and in groups, collect figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import LedoitWolf

from assistant.risk.fitted import Array
from assistant.risk.training import conformal, evaluate
from assistant.risk.training.data import Data, Feature, Plan
from assistant.risk.training.evaluate import Scores
from assistant.risk.training.models import Fit, available, fit
from knowledge_base.scores import YES_NO

FOLDS = 10


@dataclass(frozen=True, slots=True)
class Run:
    """What a training run found out; everything that register.py writes comes from here."""

    plan: Plan
    data: Data
    scores: tuple[Scores, ...]  # simplest first
    served: str
    fits: Mapping[str, Fit]
    figures: Mapping[str, Mapping[str, list[float]]]  # kind -> metric -> value, low, high
    groups: Mapping[str, Mapping[str, Any]]
    external: Mapping[str, Mapping[str, Any]]
    folds: int
    repeats: int
    seed: int
    limits: Mapping[str, float] = field(default_factory=dict)  # kind -> conformal score limit

    @property
    def best(self) -> Scores:
        """Out-of-fold results of the served kind."""
        return next(s for s in self.scores if s.kind == self.served)

    @property
    def curve(self) -> list[dict[str, float]]:
        """Decision curve of the served kind."""
        return evaluate.decision_curve(self.data.outcome, self.best.logits[0])


def train(
    plan: Plan, data: Data, external: Mapping[str, Data] | None = None, *, kinds: Sequence[str] | None = None, seed: int = 0,
    folds: int = FOLDS, private: bool = False, say: Callable[[str], None] = lambda line: None,
) -> Run:  # fmt: skip
    """Train and judge a task. Equal rows and seed give equal results.

    Args:
        plan: the task.
        data: its rows.
        external: rows of other hospitals, only for judging.
        kinds: which kinds to compare, simplest first; all that can be trained here when left out.
        private: keep training rows out of the parameters (no Gaussian kernel).
        say: called with a line of progress.
    """
    folds = min(folds, int(np.bincount(data.outcome).min()))
    repeats = int(plan.text.get("repeats", 1))
    scores, fits, figures, limits = [], {}, {}, {}
    for kind in kinds or available():
        found = evaluate.nested(kind, data.rows, data.outcome, folds=folds, repeats=repeats, seed=seed, private=private)
        scores.append(found)
        figures[kind] = {k: v.rounded() for k, v in evaluate.figures(data.outcome, found.logits, found.cuts, seed=seed).items()}
        fits[kind] = fit(kind, data.rows, data.outcome, seed, private=private)
        limits[kind] = conformal.threshold(found.logits[0], data.outcome)
        say(f"{plan.name} {kind}: log loss {found.loss:.4f} ± {found.error:.4f}, AUROC {figures[kind]['auroc']}")
    served = evaluate.simplest(scores)
    best = next(s for s in scores if s.kind == served)
    groups = evaluate.by_group(data.outcome, best.logits, best.cuts, members(plan, data))
    outside = {
        name: _outside(plan, name, fits[served], rows, float(data.outcome.mean()), limits[served])
        for name, rows in (external or {}).items()
    }
    return Run(plan, data, tuple(scores), served, fits, figures, groups, outside, folds, repeats, seed, limits)


def members(plan: Plan, data: Data) -> dict[str, NDArray[np.bool_]]:
    """Groups by sex and by age (below and from the median, in whole years), where the data name them."""
    found: dict[str, NDArray[np.bool_]] = {}
    for feature, columns in zip(plan.features, plan.groups, strict=True):
        if feature.name in ("sex", "gender", "male", "female") and feature.words:
            found |= {word: data.rows[:, column] == 1 for word, column in zip(feature.words, columns, strict=True)}
        elif feature.name in ("sex", "gender", "male", "female"):
            found |= {f"{feature.label} {value:g}": data.rows[:, columns[0]] == value for value in np.unique(data.rows[:, columns[0]])[:2]}
        if feature.name in ("age_years", "age") and feature.log_shift is None:
            ages = data.rows[:, columns[0]]
            middle = float(np.floor(np.nanmedian(ages)))
            found |= {f"age below {middle:g}": ages < middle, f"age {middle:g} or more": ages >= middle}
    return found


def _outside(plan: Plan, name: str, fitted: Fit, data: Data, cut: float, limit: float) -> dict[str, Any]:
    """Figures of the final model on rows of another hospital; missing cells take the training means, for this test only."""
    logits = fitted.logit(data.rows)
    cuts = np.full((1, len(data)), cut)
    complete = ~np.isnan(data.rows).any(axis=1)
    entry: dict[str, Any] = {
        "title": plan.external[name]["title"], "n": len(data), "positive": int(data.outcome.sum()), "complete": int(complete.sum()),
        "figures": {k: v.rounded() for k, v in evaluate.figures(data.outcome, logits[None], cuts).items()},
        "coverage": round(conformal.coverage(logits, data.outcome, limit).share, 4),
        "groups": evaluate.by_group(data.outcome, logits[None], cuts, members(plan, data)),
        "fingerprint": data.fingerprint,
    }  # fmt: skip
    if np.bincount(data.outcome[complete], minlength=2).min() >= 10:
        kept = evaluate.figures(data.outcome[complete], logits[None, complete], cuts[:, complete], names=("auroc", "brier_error"))
        entry["complete_figures"] = {k: v.rounded() for k, v in kept.items()}
    return entry


def described(run: Run) -> list[dict[str, Any]]:
    """The inputs as task.json holds them: unit, typical value, range and spread of the training rows."""
    return [_input(f, run.data.rows[:, columns]) for f, columns in zip(run.plan.features, run.plan.groups, strict=True)]


def _input(feature: Feature, cells: Array) -> dict[str, Any]:
    row: dict[str, Any] = {"name": feature.name, "label": feature.label, "unit": feature.unit}
    if feature.words:
        row["reference"] = feature.words[int(np.nansum(cells, axis=0).argmax())]
    elif feature.unit == YES_NO:
        row["reference"] = bool(np.nanmean(cells) > 0.5)
    else:
        values = cells[~np.isnan(cells)]
        values = values if feature.log_shift is None else np.exp(values) - feature.log_shift
        row |= {
            k: float(f"{v:.6g}")
            for k, v in (("reference", np.median(values)), ("low", values.min()), ("high", values.max()), ("spread", values.std()))
        }
        row["whole"] = bool((values == np.round(values)).all())
    if feature.log_shift is not None:
        row["log_shift"] = feature.log_shift
    if feature.fixed:
        row["fixed"] = True
    if feature.findings:
        row["findings"] = list(feature.findings)
    return row


def space(run: Run) -> dict[str, Any]:
    """Mean, scale and shrunken precision of the design rows, and the Mahalanobis distance that 99 % of them stay below."""
    fill = run.fits[run.served].fill
    rows = np.where(np.isnan(run.data.rows), fill, run.data.rows)
    mean, scale = rows.mean(axis=0), rows.std(axis=0)
    scale[scale == 0] = 1.0
    z = (rows - mean) / scale
    precision = LedoitWolf(assume_centered=True).fit(z).precision_
    distance = np.sqrt(np.einsum("ij,jk,ik->i", z, precision, z))
    limit = float(np.quantile(distance, 0.99))
    return {"mean": _short(mean), "scale": _short(scale), "precision": [_short(line) for line in precision], "limit": round(limit, 4)}


def _short(values: Array) -> list[float]:
    return [float(f"{value:.7g}") for value in values]
