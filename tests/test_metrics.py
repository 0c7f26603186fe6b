from __future__ import annotations

import math

import pytest

from eval import metrics


@pytest.mark.parametrize(
    ("ranked", "relevant", "recall", "rank", "ndcg"),
    [
        (["a", "b"], {"a": 1.0}, 1.0, 1.0, 1.0),
        (["b", "a"], {"a": 1.0}, 1.0, 0.5, 1 / math.log2(3)),
        (["b", "c"], {"a": 1.0}, 0.0, 0.0, 0.0),
        (["a", "b"], {"a": 1.0, "b": 2.0}, 1.0, 1.0, (1 + 2 / math.log2(3)) / (2 + 1 / math.log2(3))),  # the better one second
    ],
)
def test_rankings(ranked, relevant, recall, rank, ndcg):
    assert metrics.recall_at(5)(ranked, relevant) == recall
    assert metrics.reciprocal_rank(ranked, relevant) == rank
    assert metrics.ndcg_at(10)(ranked, relevant) == pytest.approx(ndcg)


def test_wilson_interval_of_eight_in_ten():  # worked by hand from the formula
    low, high = metrics.wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)


def test_equal_seeds_give_equal_intervals():
    assert metrics.bootstrap([0.0, 1.0, 1.0, 0.5], seed=3) == metrics.bootstrap([0.0, 1.0, 1.0, 0.5], seed=3)


@pytest.mark.parametrize(("good", "bad", "area"), [([1.0], [0.0], 1.0), ([0.5], [0.5], 0.5), ([0.0, 1.0], [0.5], 0.5)])
def test_auroc(good, bad, area):
    assert metrics.auroc(good, bad) == area
