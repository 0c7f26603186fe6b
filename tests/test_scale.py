from __future__ import annotations

import json

import numpy as np
import pytest

from eval import scale
from tests.conftest import FakeEmbedder


def test_the_exact_ten_are_the_exact_ten_over_all_parts(monkeypatch):
    monkeypatch.setattr(scale, "ROWS_AT_ONCE", 700)
    chunks = list(scale._clustered(2000, 5))
    assert [len(chunk) for chunk in chunks] == [700, 700, 600]
    whole, queries = np.concatenate(chunks), scale._unit(np.random.default_rng(1).standard_normal((4, scale.DIM)))
    starts = np.cumsum([0, *map(len, chunks)])
    parts = [scale._nearest(queries, chunk, start) for chunk, start in zip(chunks, starts, strict=False)]
    assert scale._merged(parts).tolist() == np.argsort(-(queries @ whole.T), axis=1)[:, : scale.K].tolist()


def test_the_inverted_file_is_measured_against_them(monkeypatch):
    monkeypatch.setattr(scale, "CENTRES", 50)
    measured = scale.million(rows=6000)
    assert measured["recall_at_10"] > 0.8
    assert 384 <= measured["bytes_per_vector"] < 700
    assert measured["n"] == scale.QUERIES


def test_statements_are_repeated_under_other_ids():
    ours = len(scale._statements(1)) and sum(len(d.passages) for d in scale.load_guidelines())
    some = scale._statements(ours + 5)
    assert len({passage.id for passage in some}) == ours + 5
    assert some[-1].document_id == f"copy1-{some[4].document_id}"


def test_search_and_build_are_timed(tmp_path):
    assert scale.search(FakeEmbedder(), passages=300, questions=5)["n"] == 5
    assert scale.build(FakeEmbedder(), passages=100)["index_per_cpu_s"] > 0


def test_a_missed_target_is_an_exit_code(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(scale, "million", lambda rows: {"recall_at_10": 0.94, "p95_ms": 1.0})
    assert scale.main(["million", "--out", str(tmp_path)]) == 1
    assert json.loads((tmp_path / "scale.json").read_text())["million"]["recall_at_10"] == 0.94
    monkeypatch.setattr(scale, "million", lambda rows: {"recall_at_10": 0.96, "p95_ms": 1.0})
    assert scale.main(["million", "--out", str(tmp_path)]) == 0
    with pytest.raises(SystemExit):
        scale.main(["trillion", "--out", str(tmp_path)])
