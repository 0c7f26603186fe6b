"""Split-conformal prediction sets: the labels that fit, with a promised share of sets holding the truth (Vovk 2005; Angelopoulos 2023)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.risk.fitted import Array

ALPHA = 0.1


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of n patients, how many sets held the truth, how many held one label, both or none."""

    n: int
    held: int
    single: int
    both: int
    empty: int

    @classmethod
    def pooled(cls, parts: Sequence[Coverage]) -> Coverage:
        """Counts added up."""
        return cls(*(sum(getattr(part, name) for part in parts) for name in ("n", "held", "single", "both", "empty")))

    @property
    def share(self) -> float:
        """Share of sets that held the truth."""
        return self.held / self.n


def scores(logits: Array, outcome: NDArray[np.int64]) -> Array:
    """Nonconformity: 1 minus the probability of the true label."""
    return np.asarray(1 / (1 + np.exp(np.clip((2 * outcome - 1) * logits, -500, 500))))


def threshold(logits: Array, outcome: NDArray[np.int64], alpha: float = ALPHA) -> float:
    """Score that 1 - alpha of calibration patients stay below, with the finite-sample correction; 1 when there are too few."""
    n = len(outcome)
    rank = math.ceil((n + 1) * (1 - alpha))
    return float(np.sort(scores(logits, outcome))[rank - 1]) if rank <= n else 1.0


def coverage(logits: Array, outcome: NDArray[np.int64], limit: float) -> Coverage:
    """Sets {label: score <= limit} of new patients, counted."""
    positive, negative = (scores(logits, np.full(len(outcome), label)) <= limit for label in (1, 0))
    held = np.where(outcome == 1, positive, negative)
    return Coverage(
        len(outcome),
        int(held.sum()),
        int((positive ^ negative).sum()),
        int((positive & negative).sum()),
        int((~positive & ~negative).sum()),
    )
