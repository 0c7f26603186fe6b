"""Speed and memory at scale: `python -m eval.scale [search] [build] [million]` (all three when none is named); writes reports/scale.json.

search   p50 and p95 of a whole search, embedding of the question included, over 20,000 passages (our statements, repeated)
build    passages a second that are indexed, beside the encoder alone on the same texts
million  1,000,000 synthetic clustered vectors in an inverted file: recall@10 against the exact ten, time of one search, memory
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from eval.data import own
from knowledge_base.documents import Passage, load_guidelines
from knowledge_base.embed import Embedder, MiniLM, Vectors
from knowledge_base.index import CHUNK, Index, open_or_build
from knowledge_base.lexical import Lexical
from knowledge_base.search import KnowledgeBase
from knowledge_base.stores import Faiss
from knowledge_base.terms import Terms

DIM, CENTRES, SPREAD = 384, 2_000, 0.7      # a vector has a cosine of about 0.8 with the centre of its cluster
ROWS_AT_ONCE, QUERIES, K = 100_000, 200, 10
TARGETS = {"recall_at_10": 0.95, "p95_ms": 20.0}


def search(embedder: Embedder, *, passages: int = 20_000, questions: int = 200, seed: int = 0) -> dict[str, Any]:
    """Time whole searches; vectors of the passages are random, since only the time is asked for."""
    kb = KnowledgeBase(_synthetic(_statements(passages), embedder, seed), embedder, load_guidelines())
    asked = [row["question"] for row in own("retrieval_*.jsonl")][:questions]
    kb.search(asked[0])     # what is made at the first search is not its time
    times = [_seconds(partial(kb.search, question)) for question in asked]
    alone = [_seconds(partial(embedder.encode, [question])) for question in asked]
    return {"passages": passages, **_quantiles(times), "embedding_alone": _quantiles(alone)}


def build(embedder: Embedder, *, passages: int = 400) -> dict[str, Any]:
    """Rate of building an index on disk, and of the encoder alone in the same batches of texts sorted by length.

    In seconds of processor time, because the share is asked for and other work on the machine would blur it.
    """
    some = _statements(passages)
    texts = sorted((passage.embedded_text for passage in some), key=len)
    embedder.encode(texts[:CHUNK])
    batches = [texts[start : start + CHUNK] for start in range(0, len(texts), CHUNK)]
    raw = _seconds(lambda: [embedder.encode(batch) for batch in batches], time.process_time)
    with tempfile.TemporaryDirectory() as folder:
        whole = _seconds(lambda: open_or_build(some, embedder, Path(folder)), time.process_time)
    rates = {"index_per_cpu_s": round(passages / whole, 1), "encoder_per_cpu_s": round(passages / raw, 1)}
    return {"passages": passages, **rates, "share": round(raw / whole, 3)}


def million(*, rows: int = 1_000_000, seed: int = 0) -> dict[str, Any]:
    """Build an inverted file with 8-bit components, and compare its ten nearest with the exact ten."""
    store = Faiss("ivf", DIM, size=rows)
    queries = next(_clustered(QUERIES, seed + 1))
    exact: list[tuple[Any, Any]] = []
    begin, added = time.monotonic(), 0
    for chunk in _clustered(rows, seed):
        exact.append(_nearest(queries, chunk, added))
        store.add([f"p{added + n}" for n in range(len(chunk))], chunk)
        added += len(chunk)
    built = time.monotonic() - begin
    truth = _merged(exact)
    times, cpu, hits = [], [], 0
    for query, right in zip(queries, truth, strict=True):
        start, busy = time.perf_counter(), time.process_time()
        found = store.search(query, K)
        times.append(time.perf_counter() - start)
        cpu.append(time.process_time() - busy)
        hits += len({name for name, _ in found} & {f"p{row}" for row in right})
    size = store.bytes()
    return {
        "rows": rows, "dim": DIM, "recall_at_10": round(hits / (K * len(queries)), 4), **_quantiles(times), "processor": _quantiles(cpu),
        "build_s": round(built, 1), "index_mb": round(size / 1e6), "bytes_per_vector": round(size / rows),
        "peak_memory_mb": round(_peak_bytes() / 1e6),
    }  # fmt: skip


def _statements(number: int) -> list[Passage]:
    """That many passages: our statements, repeated under other document ids."""
    ours = [passage for document in load_guidelines() for passage in document.passages]
    return [_copy(ours[n % len(ours)], n // len(ours)) for n in range(number)]


def _copy(passage: Passage, turn: int) -> Passage:
    if not turn:
        return passage
    return replace(passage, id=f"copy{turn}-{passage.id}", document_id=f"copy{turn}-{passage.document_id}", text=f"{passage.text} ({turn})")


def _synthetic(passages: Sequence[Passage], embedder: Embedder, seed: int) -> Index:
    vectors = faiss.IndexFlatIP(embedder.dim)
    vectors.add(_unit(np.random.default_rng(seed).standard_normal((len(passages), embedder.dim), dtype=np.float32)))
    lexical = Lexical.build([passage.embedded_text for passage in passages])
    return Index("scale", tuple(passages), vectors, lexical, Terms.build(passages))


def _clustered(rows: int, seed: int) -> Iterator[Vectors]:
    """Unit vectors around the same centres for every seed, in parts."""
    centres = _unit(np.random.default_rng(42).standard_normal((CENTRES, DIM), dtype=np.float32))
    random = np.random.default_rng([seed, 1])
    for start in range(0, rows, ROWS_AT_ONCE):
        number = min(ROWS_AT_ONCE, rows - start)
        noise = random.standard_normal((number, DIM), dtype=np.float32) * np.float32(SPREAD / np.sqrt(DIM))
        yield _unit(centres[random.integers(CENTRES, size=number)] + noise)


def _unit(rows: Any) -> Vectors:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _nearest(queries: Vectors, chunk: Vectors, offset: int) -> tuple[Any, Any]:
    """(scores, rows) of the exact K nearest of a part, each of shape (queries, K)."""
    scores = queries @ chunk.T
    rows = np.argpartition(-scores, K, axis=1)[:, :K]
    return np.take_along_axis(scores, rows, axis=1), rows + offset


def _merged(parts: Sequence[tuple[Any, Any]]) -> Any:
    scores, rows = (np.concatenate(side, axis=1) for side in zip(*parts, strict=True))
    return np.take_along_axis(rows, np.argsort(-scores, axis=1)[:, :K], axis=1)


def _seconds(action: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> float:
    start = clock()
    action()
    return clock() - start


def _quantiles(seconds: Sequence[float]) -> dict[str, Any]:
    p50, p95 = np.percentile(np.array(seconds) * 1000, [50, 95])
    return {"n": len(seconds), "p50_ms": round(float(p50), 2), "p95_ms": round(float(p95), 2)}


def _peak_bytes() -> int:
    """Most memory this process has held; the kernel counts in kilobytes, on macOS in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts named and print their numbers; exit code 1 when the million vectors miss a target."""
    parser = argparse.ArgumentParser(prog="python -m eval.scale", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help="of: search, build, million")
    parser.add_argument("--rows", type=int, default=1_000_000, help="vectors of the last part")
    parser.add_argument("--out", type=Path, default=Path("reports"))
    chosen = parser.parse_args(arguments)
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "search": lambda: search(MiniLM()), "build": lambda: build(MiniLM()), "million": lambda: million(rows=chosen.rows)
    }
    if unknown := set(chosen.parts) - set(parts):
        parser.error(f"unknown part {', '.join(sorted(unknown))}; there are: {', '.join(parts)}")
    chosen.out.mkdir(parents=True, exist_ok=True)
    path = chosen.out / "scale.json"
    report = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name in chosen.parts or parts:
        report[name] = {**parts[name](), "threads": os.environ.get("OMP_NUM_THREADS", "all"), "load": round(os.getloadavg()[0], 1)}
        sys.stdout.write(f"{name:8} {json.dumps(report[name])}\n")
        path.write_text(json.dumps(report, indent=2), encoding="utf-8")
    last = report.get("million", {}) if "million" in (chosen.parts or parts) else {}
    return int(bool(last) and (last["recall_at_10"] < TARGETS["recall_at_10"] or last["p95_ms"] > TARGETS["p95_ms"]))


if __name__ == "__main__":
    sys.exit(main())
