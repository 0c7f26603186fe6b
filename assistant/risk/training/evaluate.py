"""How good a model is: nested cross-validation, metrics with 95 % intervals, decision curve, gaps between groups.

The outer folds are never seen by tuning; each model searches its own settings inside the training rows of a fold. Intervals are percentile
bootstraps over patients. `cut` turns a probability into yes/no at the share of positives among the training rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from assistant.risk.fitted import Array
from assistant.risk.training.conformal import Coverage, coverage, threshold
from assistant.risk.training.models import Outcome, fit

ROUNDS = 400
THRESHOLDS = tuple(round(0.05 * n, 2) for n in range(1, 20))
Metric = Callable[[Outcome, Array, float], float]


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"

    def rounded(self) -> list[float]:
        """Value, low, high with four digits."""
        return [round(self.value, 4), round(self.low, 4), round(self.high, 4)]


@dataclass(frozen=True, slots=True)
class Scores:
    """Out-of-fold results of one kind of model: logits (repeats, n), log loss by fold, settings chosen, conformal coverage."""

    kind: str
    logits: Array
    cuts: Array
    losses: Array
    chosen: tuple[str, ...]
    coverage: Coverage

    @property
    def loss(self) -> float:
        """Mean log loss over the folds."""
        return float(self.losses.mean())

    @property
    def error(self) -> float:
        """Standard error of that mean; repeats count once, since they share the patients."""
        return float(self.losses.std(ddof=1) / np.sqrt(self.losses.shape[1]))


def nested(kind: str, rows: Array, outcome: Outcome, *, folds: int, repeats: int, seed: int, private: bool = False) -> Scores:
    """Nested cross-validation of one kind of model.

    Args:
        kind: logistic, ebm, svm, boosting or mlp.
        rows: (n, columns), NaN where missing.
        outcome: (n,) 0 or 1.
    """
    logits, cuts, losses = np.zeros((repeats, len(outcome))), np.zeros((repeats, len(outcome))), np.zeros((repeats, folds))
    chosen: list[str] = []
    covered: list[Coverage] = []
    for repeat in range(repeats):
        for fold, (train, test) in enumerate(StratifiedKFold(folds, shuffle=True, random_state=seed + repeat).split(rows, outcome)):
            fitted = fit(kind, rows[train], outcome[train], seed, private=private)
            logits[repeat, test], cuts[repeat, test] = fitted.logit(rows[test]), outcome[train].mean()
            losses[repeat, fold] = np.logaddexp(0, (1 - 2 * outcome[test]) * logits[repeat, test]).mean()
            chosen.append(fitted.chosen)
            if repeat == 0:
                covered.append(_split_conformal(kind, rows, outcome, train, test, seed, private))
    return Scores(kind, logits, cuts, losses, tuple(chosen), Coverage.pooled(covered))


def _split_conformal(kind: str, rows: Array, outcome: Outcome, train: Outcome, test: Outcome, seed: int, private: bool) -> Coverage:
    """A third of the training rows calibrates, the rest trains, the outer fold judges."""
    proper, held = next(StratifiedKFold(3, shuffle=True, random_state=seed).split(rows[train], outcome[train]))
    fitted = fit(kind, rows[train][proper], outcome[train][proper], seed, private=private)
    limit = threshold(fitted.logit(rows[train][held]), outcome[train][held])
    return coverage(fitted.logit(rows[test]), outcome[test], limit)


def simplest(scores: Sequence[Scores]) -> str:
    """The simplest kind whose log loss lies within one standard error of the best; `scores` come simplest first."""
    best = min(scores, key=lambda s: s.loss)
    return next(s.kind for s in scores if s.loss <= best.loss + best.error)


def chance(logits: Array) -> Array:
    """Probabilities of logits."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -500, 500))))


def auroc(outcome: Outcome, logits: Array, cut: float = 0.5) -> float:
    """Area under the ROC curve, ties half."""
    positive = int(outcome.sum())
    _, place, count = np.unique(logits, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    return float((ranks[outcome == 1].sum() - positive * (positive + 1) / 2) / (positive * (len(outcome) - positive)))


def auprc(outcome: Outcome, logits: Array, cut: float = 0.5) -> float:
    """Average precision: precision at each positive, ties together."""
    order = np.argsort(-logits, kind="stable")
    hits, sorted_logits = np.cumsum(outcome[order]), logits[order]
    last = np.append(sorted_logits[1:] != sorted_logits[:-1], True)
    recall = hits[last] / hits[-1]
    return float((np.diff(recall, prepend=0.0) * hits[last] / (np.flatnonzero(last) + 1)).sum())


def accuracy(outcome: Outcome, logits: Array, cut: float) -> float:
    """Share of right answers at the cut."""
    return float(((chance(logits) >= cut) == outcome).mean())


def recall(outcome: Outcome, logits: Array, cut: float) -> float:
    """Sensitivity at the cut."""
    return float((chance(logits) >= cut)[outcome == 1].mean())


def specificity(outcome: Outcome, logits: Array, cut: float) -> float:
    """Specificity at the cut."""
    return float((chance(logits) < cut)[outcome == 0].mean())


def precision(outcome: Outcome, logits: Array, cut: float) -> float:
    """Positive predictive value at the cut; 0 when nobody is called positive."""
    called = chance(logits) >= cut
    return float(outcome[called].mean()) if called.any() else 0.0


def f1(outcome: Outcome, logits: Array, cut: float) -> float:
    """Harmonic mean of precision and recall at the cut."""
    p, r = precision(outcome, logits, cut), recall(outcome, logits, cut)
    return 2 * p * r / (p + r) if p + r else 0.0


def brier_error(outcome: Outcome, logits: Array, cut: float = 0.5) -> float:
    """Mean squared error of the probability (smaller is better)."""
    return float(((chance(logits) - outcome) ** 2).mean())


def recalibration(outcome: Outcome, logits: Array, *, free_slope: bool = True) -> tuple[float, float]:
    """(slope, intercept) of the outcome on the logit by Newton's method; with the slope fixed at 1 where it is not free."""
    x = np.clip(logits, -30, 30)
    design = np.column_stack([x, np.ones_like(x)]) if free_slope else np.ones((len(x), 1))
    offset = np.zeros_like(x) if free_slope else x
    beta = np.zeros(design.shape[1])
    for _ in range(50):
        p = chance(offset + design @ beta)
        step = np.linalg.solve((design * (p * (1 - p))[:, None]).T @ design + 1e-9 * np.eye(len(beta)), design.T @ (outcome - p))
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-8:
            break
    return (float(beta[0]), float(beta[1])) if free_slope else (1.0, float(beta[0]))


def slope(outcome: Outcome, logits: Array, cut: float = 0.5) -> float:
    """Calibration slope; 1 is ideal, below 1 the probabilities are too extreme."""
    return recalibration(outcome, logits)[0]


def in_the_large(outcome: Outcome, logits: Array, cut: float = 0.5) -> float:
    """Calibration intercept with the slope at 1; 0 is ideal, above 0 the risk is underestimated."""
    return recalibration(outcome, logits, free_slope=False)[1]


def bins(outcome: Outcome, logits: Array) -> list[tuple[float, float, int]]:
    """(mean probability, share of positives, n) of equally filled bins: one per 50 patients, 5 to 10."""
    order = np.argsort(logits, kind="stable")
    parts = np.array_split(order, int(np.clip(len(outcome) // 50, 5, 10)))
    return [(float(chance(logits[part]).mean()), float(outcome[part].mean()), len(part)) for part in parts if len(part)]


def ece_error(outcome: Outcome, logits: Array, cut: float = 0.5) -> float:
    """Expected calibration error over equally filled bins (smaller is better)."""
    return sum(n * abs(p - share) for p, share, n in bins(outcome, logits)) / len(outcome)


METRICS: Mapping[str, Metric] = {
    "auroc": auroc, "auprc": auprc, "accuracy": accuracy, "recall": recall, "specificity": specificity, "precision": precision, "f1": f1,
    "brier_error": brier_error, "calibration_slope": slope, "calibration_in_the_large": in_the_large, "ece_error": ece_error,
}  # fmt: skip


GROUP_METRICS = ("auroc", "recall", "specificity", "calibration_in_the_large", "brier_error")


def figures(outcome: Outcome, logits: Array, cuts: Array, *, seed: int = 0, names: Sequence[str] = tuple(METRICS)) -> dict[str, Interval]:
    """Metrics of out-of-fold logits (repeats, n), averaged over the repeats, with bootstrap intervals over patients."""
    rng = np.random.default_rng(seed)
    draws = [rng.integers(len(outcome), size=len(outcome)) for _ in range(ROUNDS)]
    draws = [draw for draw in draws if 0 < outcome[draw].sum() < len(draw)]

    def over_repeats(metric: Metric, pick: Outcome) -> float:
        return float(np.mean([metric(outcome[pick], row[pick], float(cut[pick].mean())) for row, cut in zip(logits, cuts, strict=True)]))

    everyone = np.arange(len(outcome))
    found = {}
    for name in names:
        value = over_repeats(METRICS[name], everyone)
        drawn = np.array([over_repeats(METRICS[name], draw) for draw in draws])
        if name == "ece_error":  # resampling adds noise within the bins, so the draws lie too high
            drawn = np.maximum(drawn - (np.median(drawn) - value), 0.0)
        low, high = np.quantile(drawn, [0.025, 0.975])
        found[name] = Interval(value, float(low), float(high))
    return found


def decision_curve(outcome: Outcome, logits: Array) -> list[dict[str, float]]:
    """Net benefit of acting on the model and of acting on everybody, by threshold probability (Vickers 2006)."""
    curve, probabilities, share = [], chance(logits), float(outcome.mean())
    for at in THRESHOLDS:
        called = probabilities >= at
        odds = at / (1 - at)
        model = float((called & (outcome == 1)).mean() - (called & (outcome == 0)).mean() * odds)
        curve.append({"threshold": at, "model": round(model, 4), "everybody": round(share - (1 - share) * odds, 4)})
    return curve


def by_group(
    outcome: Outcome, logits: Array, cuts: Array, groups: Mapping[str, NDArray[np.bool_]], *, least: int = 10
) -> dict[str, dict[str, Any]]:
    """Metrics within groups that have at least `least` patients of each outcome; a group without them says so."""
    found: dict[str, dict[str, Any]] = {}
    for name, member in groups.items():
        count = np.bincount(outcome[member], minlength=2)
        entry: dict[str, Any] = {"n": int(member.sum()), "positive": int(count[1])}
        if count.min() >= least:
            entry |= {k: v.rounded() for k, v in figures(outcome[member], logits[:, member], cuts[:, member], names=GROUP_METRICS).items()}
        else:
            entry["too_few"] = f"fewer than {least} patients of one outcome"
        found[name] = entry
    return found
