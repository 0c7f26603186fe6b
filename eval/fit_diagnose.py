"""Fit the few weights of the diagnostic score on the development vignettes: a conditional logit over all conditions of the table.

Signs are held to what the features mean (a denied expected finding never speaks for a condition), weights are drawn to those written by
judgement (PRIOR) by a ridge, and its strength is chosen by the log-likelihood of cases held out in five folds.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.assistant import Assistant
from assistant.diagnose.case import TABLE, read
from assistant.diagnose.differential import BANDS
from assistant.diagnose.score import NAMES, features
from assistant.diagnose.table import table
from eval.diagnose import matches
from eval.report import Row

PRIOR = {
    "strong": 1.2, "moderate": 0.8, "weak": 0.4, "against": -0.4, "absent_expected": -1.0, "absent": -0.15, "explained": 3.0,
    "matched": 0.5, "complaint": 1.0, "incidence": 0.5, "concluded": 3.0, "outside_age": -1.5, "outside_peak": -0.3, "other_sex": -6.0,
    "sex": 0.3, "onset": 0.4, "dense": 6.0, "statements": 2.0, "lexical": 3.0,
}  # fmt: skip
FOLDS, SEED, RIDGES = 5, 0, (0.01, 0.03, 0.1, 0.3, 1.0)
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """A case: features (conditions, names), which conditions are its diagnosis, and which are so by the lenient rule."""

    id: str
    x: Floats
    strict: NDArray[np.bool_]
    lenient: NDArray[np.bool_]


def collect(assistant: Assistant, rows: Sequence[Row]) -> list[Asked]:
    """Features and matches of every case."""
    kb = assistant.parts.kb
    found = []
    for row in rows:
        kinds = [matches(condition, row["diagnosis"]) for condition in table().conditions]
        x = features(read(row["text"]), kb)
        found.append(Asked(row["id"], x, np.array([kind == "strict" for kind in kinds]), np.array([bool(kind) for kind in kinds])))
    return found


def fit(cases: Sequence[Asked], ridge: float) -> Floats:
    """Weights that make the diagnoses likeliest, in the order of NAMES; cases whose diagnosis the table does not hold say nothing."""
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    start = np.array([PRIOR[name] for name in NAMES])
    known = [case for case in cases if case.strict.any()]

    def loss(tried: Floats) -> tuple[float, Floats]:
        total, slope = 0.0, np.zeros_like(tried)
        for case in known:
            value, gradient = _surprise(case, tried)
            total, slope = total + value, slope + gradient
        away = (tried - start) / np.abs(start)
        return total / len(known) + ridge * float(away @ away), slope / len(known) + 2 * ridge * away / np.abs(start)

    bounds = [(0.0, None) if value > 0 else (None, 0.0) for value in start]
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x)


def _surprise(case: Asked, tried: Floats) -> tuple[float, Floats]:
    """Minus the log of the share of the right conditions, and its slope."""
    logits = case.x @ tried
    odds = np.exp(logits - logits.max())
    share = odds / odds.sum()
    right = np.where(case.strict, share, 0.0)
    mass = max(float(right.sum()), 1e-12)
    return -float(np.log(mass)), case.x.T @ share - case.x.T @ (right / mass)


def top(cases: Sequence[Asked], chosen: Sequence[Floats]) -> dict[str, float]:
    """Share of cases with the diagnosis among the first 1, 3 and 5: strict, lenient, and strict where the table holds it."""
    result = {}
    for k in (1, 3, 5):
        first = [np.argsort(-(case.x @ w), kind="stable")[:k] for case, w in zip(cases, chosen, strict=True)]
        strict = [bool(case.strict[rows].any()) for case, rows in zip(cases, first, strict=True)]
        result[f"top{k}"] = float(np.mean(strict))
        result[f"top{k}_lenient"] = float(np.mean([case.lenient[rows].any() for case, rows in zip(cases, first, strict=True)]))
        result[f"top{k}_if_in_table"] = float(np.mean([hit for hit, case in zip(strict, cases, strict=True) if case.strict.any()]))
    return {name: round(value, 4) for name, value in result.items()}


def held_out(cases: Sequence[Asked], ridge: float) -> tuple[list[Floats], Floats]:
    """Each case's weights from the folds without it, and the surprise of each held-out case that the table holds."""
    by_fold = [fit([case for case in cases if fold(case) != number], ridge) for number in range(FOLDS)]
    chosen = [by_fold[fold(case)] for case in cases]
    losses = [_surprise(case, w)[0] for case, w in zip(cases, chosen, strict=True) if case.strict.any()]
    return chosen, np.array(losses)


def calibration(cases: Sequence[Asked], chosen: Sequence[Floats]) -> dict[str, list[float]]:
    """Band -> [suggestions in it, mean likelihood shown, share that was right], over the held-out cases; read it before trusting a band."""
    pairs: dict[str, list[tuple[float, bool]]] = {name: [] for _, name in BANDS}
    for case, w in zip(cases, chosen, strict=True):
        odds = np.exp(case.x @ w - (case.x @ w).max())
        for share, right in zip(odds / odds.sum(), case.strict, strict=True):
            pairs[next(name for floor, name in BANDS if share >= floor)].append((float(share), bool(right)))
    return {
        name: [len(found), round(float(np.mean([p for p, _ in found])), 3), round(float(np.mean([r for _, r in found])), 3)]
        for name, found in pairs.items() if found
    }  # fmt: skip


def fold(case: Asked) -> int:
    """Fold of a case, the same in every run."""
    return zlib.crc32(case.id.encode()) % FOLDS


def choose(sets: Mapping[str, Sequence[Asked]]) -> tuple[Floats, dict[str, Any]]:
    """Weights fitted on all cases of all sets, and their card; each set is measured by the folds that held its cases out.

    The ridge is the strongest whose held-out surprise lies within one standard error of the best: few cases should move judgement little.
    """
    cases = [case for rows in sets.values() for case in rows]
    tried = {ridge: held_out(cases, ridge) for ridge in RIDGES}
    best = min((losses for _, losses in tried.values()), key=np.mean)
    limit = best.mean() + best.std(ddof=1) / np.sqrt(len(best))
    ridge = max(ridge for ridge, (_, losses) in tried.items() if losses.mean() <= limit)
    chosen, losses = tried[ridge]
    by_case = {case.id: w for case, w in zip(cases, chosen, strict=True)}
    card = {
        "fitted": str(date.today()), "seed": SEED, "folds": FOLDS, "ridge": ridge, "cases": len(cases), "cases_in_table": len(losses),
        "conditions": len(table().conditions), "held_out_loss": round(float(losses.mean()), 4),
        "data": f"{' and '.join(sets)}, development halves only",
        "held_out": {name: top(rows, [by_case[case.id] for case in rows]) for name, rows in sets.items()},
        "calibration": calibration(cases, chosen),
    }  # fmt: skip
    return fit(cases, ridge), card


def store(fitted: Floats, card: dict[str, Any]) -> None:
    """Replace the [weights] and [card] tables at the end of diagnose.toml."""
    text = TABLE.read_text(encoding="utf-8").split("\n[weights]")[0].rstrip()
    lines = [text, "", "[weights]", *(f"{name} = {value:.4f}" for name, value in zip(NAMES, fitted.tolist(), strict=True)), "", "[card]"]
    scores, bands = card.pop("held_out"), card.pop("calibration")
    lines += [f'{name} = "{value}"' if isinstance(value, str) else f"{name} = {value}" for name, value in card.items()]
    for kind, rows in scores.items():
        lines += ["", f"[card.held_out.{kind}]", *(f"{name} = {value}" for name, value in rows.items())]
    lines += ["", "[card.calibration]  # band = [suggestions, mean likelihood shown, share right], held out"]
    lines += [f'"{name}" = {value}' for name, value in bands.items()]
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")
