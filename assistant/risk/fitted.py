"""Fitted classifiers as plain arrays: linear, additive, tree boxes, kernel and multilayer models, computed with numpy alone.

Every model turns a design row (numbers as they are, yes/no as 1/0, one column per word of a choice) into a logit.
`contributions` splits that logit over the inputs, against one reference patient, exactly (Shapley values of the two-row game).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import factorial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Groups = Sequence[NDArray[np.intp]]  # columns of each input
MOST_SUBSETS = 15  # inputs up to which all 2^n subsets are computed


class Model(Protocol):
    """A fitted model: rows in, logits out."""

    def logit(self, rows: Array) -> Array:
        """Logits (n,) of design rows (n, columns)."""

    def contributions(self, row: Array, reference: Array, groups: Groups) -> Array | None:
        """What each input adds to the logit of `reference`; None where an exact split would take too long."""


@dataclass(frozen=True, slots=True)
class Linear:
    """intercept + weights . row."""

    intercept: float
    weights: Array

    def logit(self, rows: Array) -> Array:
        """Logits of rows."""
        return np.asarray(rows @ self.weights + self.intercept)

    def contributions(self, row: Array, reference: Array, groups: Groups) -> Array:
        """Weight times the distance from the reference."""
        terms = self.weights * (row - reference)
        return np.array([terms[group].sum() for group in groups])


@dataclass(frozen=True, slots=True)
class Additive:
    """One step function a column: scores[j][k] holds between cuts[j][k-1] (included) and cuts[j][k]."""

    intercept: float
    cuts: Sequence[Array]
    scores: Sequence[Array]

    def terms(self, rows: Array) -> Array:
        """(n, columns) what each column adds."""
        pairs = enumerate(zip(self.cuts, self.scores, strict=True))
        return np.stack([scores[np.searchsorted(cuts, rows[:, j], side="right")] for j, (cuts, scores) in pairs], axis=1)

    def logit(self, rows: Array) -> Array:
        """Logits of rows."""
        return np.asarray(self.terms(rows).sum(axis=1) + self.intercept)

    def contributions(self, row: Array, reference: Array, groups: Groups) -> Array:
        """Difference of the step functions."""
        here, there = self.terms(np.stack([row, reference]))
        return np.array([(here - there)[group].sum() for group in groups])


@dataclass(frozen=True, slots=True)
class Boxes:
    """Trees as their leaves: a leaf adds its value where low < row[column] <= high for all its conditions."""

    intercept: float
    columns: NDArray[np.intp]  # (leaves, depth)
    low: Array
    high: Array
    values: Array  # (leaves,)

    def _inside(self, rows: Array) -> NDArray[np.bool_]:
        cells = rows.astype(np.float32).astype(np.float64)[:, self.columns]  # as the trees saw them in training
        return np.asarray((cells > self.low) & (cells <= self.high))

    def logit(self, rows: Array) -> Array:
        """Logits of rows."""
        return self._inside(rows).all(axis=2) @ self.values + self.intercept

    def contributions(self, row: Array, reference: Array, groups: Groups) -> Array:
        """Closed form of a leaf with a conditions that only the row meets and b that only the reference meets."""
        owner = np.empty(len(row), dtype=np.intp)
        for number, group in enumerate(groups):
            owner[group] = number
        here, there = self._inside(np.stack([row, reference]))
        total = np.zeros(len(groups))
        for inputs, mine, theirs, value in zip(owner[self.columns], here, there, self.values, strict=True):
            met = {int(i): (bool(mine[inputs == i].all()), bool(theirs[inputs == i].all())) for i in inputs}
            only_mine, only_theirs = [i for i, m in met.items() if m == (True, False)], [i for i, m in met.items() if m == (False, True)]
            if (False, False) in met.values():
                continue
            a, b = len(only_mine), len(only_theirs)
            for i in only_mine:
                total[i] += value * factorial(a - 1) * factorial(b) / factorial(a + b)
            for i in only_theirs:
                total[i] -= value * factorial(a) * factorial(b - 1) / factorial(a + b)
        return total


@dataclass(frozen=True, slots=True)
class Kernel:
    """Support vectors with a Gaussian kernel on standardised rows, then Platt's line."""

    mean: Array
    scale: Array
    vectors: Array
    weights: Array
    gamma: float
    offset: float
    slope: float
    intercept: float

    def logit(self, rows: Array) -> Array:
        """Logits of rows."""
        z = (rows - self.mean) / self.scale
        squares = (z**2).sum(1)[:, None] + (self.vectors**2).sum(1) - 2 * z @ self.vectors.T
        return np.asarray(self.slope * (np.exp(-self.gamma * squares) @ self.weights + self.offset) + self.intercept)

    def contributions(self, row: Array, reference: Array, groups: Groups) -> Array | None:
        """Over all subsets."""
        return by_subsets(self, row, reference, groups)


@dataclass(frozen=True, slots=True)
class Multilayer:
    """Standardise, then linear layers with ReLU between them, then a line on the logit."""

    mean: Array
    scale: Array
    layers: Sequence[tuple[Array, Array]]
    slope: float = 1.0
    intercept: float = 0.0

    def logit(self, rows: Array) -> Array:
        """Logits of rows."""
        z = (rows - self.mean) / self.scale
        for number, (weights, bias) in enumerate(self.layers):
            z = (np.maximum(z, 0.0) if number else z) @ weights.T + bias
        return self.slope * z[:, 0] + self.intercept

    def contributions(self, row: Array, reference: Array, groups: Groups) -> Array | None:
        """Over all subsets."""
        return by_subsets(self, row, reference, groups)


def by_subsets(model: Model, row: Array, reference: Array, groups: Groups) -> Array | None:
    """Shapley values from all 2^n mixtures of the two rows; None above MOST_SUBSETS inputs."""
    n = len(groups)
    if n > MOST_SUBSETS:
        return None
    subsets = np.arange(2**n)
    member = (subsets[:, None] >> np.arange(n) & 1).astype(bool)
    rows = np.tile(reference, (2**n, 1))
    for i, group in enumerate(groups):
        rows[np.ix_(member[:, i], group)] = row[group]
    logits, sizes = model.logit(rows), member.sum(1)
    weight = np.array([factorial(s) * factorial(n - s - 1) / factorial(n) for s in range(n)])
    without = [subsets[~member[:, i]] for i in range(n)]
    return np.array([(weight[sizes[w]] * (logits[w | 1 << i] - logits[w])).sum() for i, w in enumerate(without)])


@dataclass(frozen=True, slots=True)
class Space:
    """Where a row stands among the training rows: Mahalanobis distance and the limit that 99 % of them stay below."""

    mean: Array
    precision: Array
    limit: float
    scale: Array

    def distance(self, row: Array) -> float:
        """Mahalanobis distance of a design row."""
        z = (row - self.mean) / self.scale
        return math.sqrt(max(float(z @ self.precision @ z), 0.0))


def load(spec: Mapping[str, Any], arrays: Mapping[str, Array]) -> Model:
    """The model of a JSON entry; `arrays` holds what is too long for text."""
    kind = spec["kind"]
    if kind == "linear":
        return Linear(float(spec["intercept"]), np.array(spec["weights"], float))
    if kind == "additive":
        return Additive(float(spec["intercept"]), [np.array(c, float) for c in spec["cuts"]], [np.array(s, float) for s in spec["scores"]])
    if kind == "boxes":
        return Boxes(float(spec["intercept"]), arrays["columns"].astype(np.intp), arrays["low"], arrays["high"], arrays["values"])
    mean, scale = np.array(spec["mean"], float), np.array(spec["scale"], float)
    if kind == "kernel":
        numbers = [float(spec[key]) for key in ("gamma", "offset", "slope", "intercept")]
        return Kernel(mean, scale, arrays["vectors"], arrays["weights"], *numbers)
    if kind == "multilayer":
        layers = [(arrays[f"weight{i}"], arrays[f"bias{i}"]) for i in range(int(spec["depth"]))]
        if any(len(a[1]) != b[0].shape[1] for a, b in pairwise(layers)):
            raise ValueError("layers do not fit together")
        return Multilayer(mean, scale, layers, float(spec["slope"]), float(spec["intercept"]))
    raise ValueError(f"unknown kind of model '{kind}'")
