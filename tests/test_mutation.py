"""The gate against rewordings written by hand and errors planted by seed: a fixed sample, as a table by kind. All of it: python -m eval mutation."""

from __future__ import annotations

from collections import Counter

import pytest

from eval.gate import judged, pairs, sample
from eval.mutate import KINDS, mutations

ROWS = sample(pairs(), 75)
STATEMENT = "In adults with gout, do not start allopurinol above 100 mg orally once daily; raise it every 4 weeks when urate is above 0.36 mmol/L."


def test_at_most_one_good_rewording_in_twenty_is_dropped():
    good = [row for row in ROWS if row["kind"] == "good"]
    dropped = [f"{row['id']} {judged(row).check}: {judged(row).reason}" for row in good if not judged(row).ok]
    assert len(good) == 75
    assert len(dropped) <= 0.08 * len(good), "\n".join(dropped)  # 5 % over all; the sample may hold a few more of them


def test_nineteen_of_twenty_planted_errors_are_caught():
    wrong = [row for row in ROWS if row["kind"] != "good"]
    missed = [f"{row['id']}: {row['sentence']}" for row in wrong if judged(row).ok]
    assert len(wrong) == 75
    assert len(missed) <= 0.08 * len(wrong), "\n".join(missed)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_kind_of_error_slips_through(kind):
    wrong = [row for row in ROWS if row["kind"] == kind]
    assert wrong
    assert sum(not judged(row).ok for row in wrong) >= 0.7 * len(wrong)


def test_a_verdict_names_its_check_and_the_words():
    for row in ROWS:
        verdict = judged(row)
        assert verdict.ok or (verdict.reason and len(verdict.reason) > 10)


def test_the_rewordings_are_no_copies_and_come_from_many_documents():
    good = [row for row in pairs() if row["kind"] == "good"]
    assert len(good) >= 400
    assert all(row["sentence"].rstrip(".") not in row["statement"] for row in good)
    assert len({row["passage"].split("#")[0] for row in good}) >= 160


def test_mutations_are_seeded_and_change_one_thing():
    first, again = dict(mutations(STATEMENT, seed=3)), dict(mutations(STATEMENT, seed=3))
    assert first == again
    assert set(first) >= {"number", "drug", "negation", "route", "frequency", "comparator", "direction", "population"}
    for text in first.values():
        changed = Counter(text.split()) - Counter(STATEMENT.split())
        assert 0 <= sum(changed.values()) <= 3
