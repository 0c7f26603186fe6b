"""Cases: our own (cases/*.jsonl) and the public sets, where a folder of them is given (BENCH, or ../shared/bench)."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CASES = Path(__file__).parent / "cases"


def bench() -> Path:
    """Folder of the public sets; it need not exist."""
    return Path(os.environ.get("BENCH") or Path(__file__).parents[2] / "shared" / "bench")


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """Rows of a file; none when it is not there."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def own(pattern: str, split: str | None = None) -> list[dict[str, Any]]:
    """Rows of our own case files that match a pattern, in file order; of one split when it is given."""
    rows = [row for path in sorted(CASES.glob(pattern)) for row in read_jsonl(path)]
    return [row for row in rows if split is None or row.get("split") == split]


def beir(name: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, dict[str, float]]]:
    """Corpus, queries and judgements (query id -> passage id -> gain) of a set in BEIR layout."""
    folder = bench() / name
    judged: dict[str, dict[str, float]] = defaultdict(dict)
    path = folder / "qrels.tsv"
    for line in path.read_text(encoding="utf-8").splitlines()[1:] if path.exists() else []:
        query, passage, gain = line.split("\t")
        judged[query][passage] = float(gain)
    queries = [row for row in read_jsonl(folder / "queries.jsonl") if row["_id"] in judged]
    return read_jsonl(folder / "corpus.jsonl"), queries, dict(judged)


def relevant(row: Mapping[str, Any]) -> dict[str, float]:
    """The judged passages of one of our own cases: those its writer named, and those that a reader of the pooled rankings added."""
    return dict.fromkeys([*row.get("relevant", row.get("must_cite", ())), *row.get("pooled", ())], 1.0)
