"""How good an image classifier is: the metrics of the tabular classifiers, over seeds, with near-duplicates kept in one fold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from assistant.imaging.images import Images, near_duplicates
from assistant.imaging.network import RESEARCH_USE, ImageClassifier, Recipe
from assistant.risk.training import conformal, evaluate
from assistant.risk.training.evaluate import Interval

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    """Metrics averaged over the seeds with bootstrap intervals over pictures, and the AUROC of each seed."""

    n: int
    positive: int
    seeds: tuple[int, ...]
    figures: Mapping[str, Interval]
    auroc_by_seed: tuple[float, ...]
    coverage: float
    use: str = RESEARCH_USE


def one_against_rest(log_probabilities: Array, label: int) -> Array:
    """Logits of a label against all others, from log probabilities (n, classes)."""
    p = np.clip(np.exp(log_probabilities[:, label]), 1e-9, 1 - 1e-9)
    return np.asarray(np.log(p / (1 - p)))


def judge(train: Images, test: Images, *, label: int = 1, seeds: tuple[int, ...] = (0, 1, 2, 3, 4), recipe: Recipe | None = None) -> Judged:
    """Train once a seed on `train`, judge on `test`; the conformal limit comes from a fifth of the training pictures that is held back."""
    logits, limits = [], []
    for seed in seeds:
        logits.append(one_against_rest(ImageClassifier.train(train, recipe=recipe, seed=seed).logits(test.pixels), label))
        limits.append(_limit(train, label, recipe, seed))
    return _judged(np.stack(logits), test, float((train.labels == label).mean()), label, seeds, limits)


def cross_validate(
    images: Images, *, label: int = 1, folds: int = 5, seeds: tuple[int, ...] = (0, 1, 2, 3, 4), recipe: Recipe | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Judged:  # fmt: skip
    """Out-of-fold figures, once a seed with folds of their own; near-duplicates never stand in training and test fold at once."""
    logits, group = np.zeros((len(seeds), len(images))), near_duplicates(images.pixels)
    limits = []
    for place, seed in enumerate(seeds):
        splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
        for train, test in splitter.split(images.pixels, images.labels, group):
            net = ImageClassifier.train(images.pick(train), recipe=recipe, seed=seed)
            logits[place, test] = one_against_rest(net.logits(images.pixels[test]), label)
        outcome = (images.labels == label).astype(np.int64)
        limits.append(conformal.threshold(logits[place], outcome))
        say(f"seed {seed}: AUROC {evaluate.auroc(outcome, logits[place]):.4f}")
    return _judged(logits, images, float((images.labels == label).mean()), label, seeds, limits)


def _limit(images: Images, label: int, recipe: Recipe | None, seed: int) -> float:
    proper, held = next(StratifiedKFold(5, shuffle=True, random_state=seed).split(images.pixels, images.labels))
    net = ImageClassifier.train(images.pick(proper), recipe=recipe, seed=seed)
    return conformal.threshold(one_against_rest(net.logits(images.pixels[held]), label), (images.labels[held] == label).astype(np.int64))


def _judged(logits: Array, images: Images, cut: float, label: int, seeds: tuple[int, ...], limits: list[float]) -> Judged:
    outcome = (images.labels == label).astype(np.int64)
    figures = evaluate.figures(outcome, logits, np.full_like(logits, cut))
    held = [conformal.coverage(row, outcome, limit).share for row, limit in zip(logits, limits, strict=True)]
    areas = tuple(evaluate.auroc(outcome, row) for row in logits)
    return Judged(len(images), int(outcome.sum()), seeds, figures, areas, float(np.mean(held)))
