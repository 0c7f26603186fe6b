"""Metrics as pure functions: higher is better, in [0, 1]; and the intervals that go with them."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence

Interval = tuple[float, float]


def recall_at(k: int) -> Callable[[Sequence[str], Mapping[str, float]], float]:
    """Share of the relevant ids among the first k; `relevant` maps an id to its gain."""

    def metric(ranked: Sequence[str], relevant: Mapping[str, float]) -> float:
        return len(set(ranked[:k]) & set(relevant)) / len(relevant) if relevant else 0.0

    return metric


def hit_at(k: int) -> Callable[[Sequence[str], Mapping[str, float]], float]:
    """1 when any relevant id stands among the first k."""

    def metric(ranked: Sequence[str], relevant: Mapping[str, float]) -> float:
        return float(any(name in relevant for name in ranked[:k]))

    return metric


def reciprocal_rank(ranked: Sequence[str], relevant: Mapping[str, float]) -> float:
    """1 / rank of the first relevant id, 0 when there is none."""
    return next((1 / rank for rank, name in enumerate(ranked, 1) if name in relevant), 0.0)


def ndcg_at(k: int) -> Callable[[Sequence[str], Mapping[str, float]], float]:
    """Normalised discounted cumulative gain with linear gains (Järvelin K, Kekäläinen J. TOIS 2002, doi:10.1145/582415.582418)."""

    def metric(ranked: Sequence[str], relevant: Mapping[str, float]) -> float:
        gained = sum(relevant.get(name, 0.0) / math.log2(rank + 1) for rank, name in enumerate(ranked[:k], 1))
        best = sum(gain / math.log2(rank + 1) for rank, gain in enumerate(sorted(relevant.values(), reverse=True)[:k], 1))
        return gained / best if best else 0.0

    return metric


def wilson(successes: float, n: int, z: float = 1.959964) -> Interval:
    """95 % interval of a share (Wilson EB. JASA 1927, doi:10.1080/01621459.1927.10502953)."""
    if n == 0:
        return (0.0, 1.0)
    share = successes / n
    centre = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (max(0.0, (centre - half) / (1 + z * z / n)), min(1.0, (centre + half) / (1 + z * z / n)))


def bootstrap(values: Sequence[float], *, seed: int = 0, rounds: int = 1000) -> Interval:
    """95 % percentile interval of a mean; equal seeds give equal intervals."""
    if not values:
        return (0.0, 1.0)
    rng = random.Random(seed)
    means = sorted(sum(rng.choices(values, k=len(values))) / len(values) for _ in range(rounds))
    return (means[int(0.025 * rounds)], means[int(0.975 * rounds) - 1])


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Share of (positive, negative) pairs in the right order, ties half."""
    if not positive or not negative:
        return 0.5
    wins = sum((p > n) + 0.5 * (p == n) for p in positive for n in negative)
    return wins / (len(positive) * len(negative))
