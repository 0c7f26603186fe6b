"""Fit the ranker of the search, one model for our own digests and two public sets: `python -m eval.fit_ranker`.

Without --write it only measures, by questions held out in five folds (whole topics together), and prints the ablation. With --write the
forest fitted on all development questions goes into knowledge_base/ranker.json with its card.
"""

from __future__ import annotations

import argparse
import json
import sys
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.assistant import Assistant
from assistant.evidence import background, focus
from assistant.facts import extract
from assistant.gate import audience
from assistant.settings import Settings
from eval import data, metrics
from knowledge_base.documents import Passage
from knowledge_base.embed import Embedder, MiniLM
from knowledge_base.expand import expand
from knowledge_base.ranker import NAMES, WEIGHTS, Candidates, features
from knowledge_base.search import DENSE_WEIGHT, LEXICAL_WEIGHT, RANK_OFFSET, KnowledgeBase

SETS = ("medquad", "bioasq")
OWN, OWN_WEIGHT = "own", 3.0       # a row of ours weighs more: there are fewer, and they are what is asked
FOLDS, TREES, LEAVES, RATE, MIN_LEAF, FEATURES, SEED = 5, 200, 15, 0.07, 80, 0.5, 0
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Asked:
    """A question with its candidates: features (n, f), gains (n,), ids, and the judged passages."""

    group: str
    x: Floats
    gain: Floats
    ids: list[str]
    judged: dict[str, float]
    found: Candidates
    weight: float = 1.0


def questions(name: str, embedder: Embedder) -> list[Asked]:
    """Every development question of a set with the candidates that the search would rank."""
    corpus, queries, judged = data.beir(name)
    passages = [Passage(row["_id"], row["_id"], row["title"], "", row["text"], 0, len(row["text"]), ()) for row in corpus]
    kb = KnowledgeBase.from_passages(passages, embedder)
    rows = []
    for query in queries:
        found = kb.candidates(query["text"])
        ids = [passages[row].id for row in found.rows]
        gains = np.array([judged[query["_id"]].get(name, 0.0) for name in ids], dtype=np.float32)
        x = features(query["text"], found, passages, kb.index.terms)
        rows.append(Asked(query.get("group", query["_id"]), x, gains, ids, judged[query["_id"]], found))
    return rows


def own_questions(kb: KnowledgeBase, split: str = "dev") -> list[Asked]:
    """Our own questions over the digests as `ask` searches them, one group a document."""
    rows = []
    for case in [*data.own("retrieval_*.jsonl", split), *(row for row in data.own("gold_*.jsonl", split) if row["covered"])]:
        question, chart = case["question"], extract(case["question"])
        found = kb.candidates(focus(question), audience.suits(chart), background(kb, question, chart))
        ids = [kb.index.passages[row].id for row in found.rows]
        judged = data.relevant(case)
        x = features(expand(focus(question)), found, kb.index.passages, kb.index.terms)
        gains = np.array([judged.get(name, 0.0) for name in ids], dtype=np.float32)
        rows.append(Asked(next(iter(judged)).split("#")[0], x, gains, ids, judged, found, OWN_WEIGHT))
    return rows


def fit(rows: Sequence[Asked]) -> Any:
    """Pointwise boosted trees: is this candidate relevant? Questions weigh the same whatever their number of candidates."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    x = np.concatenate([row.x for row in rows])
    y = np.concatenate([row.gain > 0 for row in rows])
    weights = np.concatenate([np.full(len(row.x), row.weight) for row in rows])
    model = HistGradientBoostingClassifier(
        max_iter=TREES, learning_rate=RATE, max_leaf_nodes=LEAVES, min_samples_leaf=MIN_LEAF, max_features=FEATURES,
        l2_regularization=1.0, random_state=SEED,
    )
    return model.fit(x, y, sample_weight=weights)


def flat(model: Any) -> dict[str, list[float]]:
    """The trees of a fitted scikit-learn model in the arrays of `ranker.Trees`; leaves hold log-odds."""
    out: dict[str, list[float]] = {name: [] for name in ("roots", "feature", "threshold", "left", "right", "value")}
    for (predictor,) in model._predictors:
        base = len(out["feature"])
        out["roots"].append(base)
        for node in predictor.nodes:
            leaf = bool(node["is_leaf"])
            out["feature"].append(int(node["feature_idx"]))
            out["threshold"].append(round(float(node["num_threshold"]), 6))
            out["left"].append(-1 if leaf else base + int(node["left"]))
            out["right"].append(-1 if leaf else base + int(node["right"]))
            out["value"].append(round(float(node["value"]), 6) if leaf else 0.0)
    return out


def measured(rows: Sequence[Asked], score: Callable[[Asked], Floats]) -> tuple[float, float, float, float]:
    """Mean nDCG@10, hit@1, recall@5 and reciprocal rank."""
    gains, hits, recalls, ranks = [], [], [], []
    for row in rows:
        values = score(row)
        ranked = [row.ids[i] for i in sorted(range(len(row.ids)), key=lambda i: (-values[i], row.ids[i]))]
        gains.append(metrics.ndcg_at(10)(ranked, row.judged))
        hits.append(metrics.hit_at(1)(ranked, row.judged))
        recalls.append(metrics.hit_at(5)(ranked, row.judged))
        ranks.append(metrics.reciprocal_rank(ranked, row.judged))
    return float(np.mean(gains)), float(np.mean(hits)), float(np.mean(recalls)), float(np.mean(ranks))


def fused(row: Asked) -> Floats:
    """Reciprocal-rank fusion of the two rankings."""
    scores = DENSE_WEIGHT / (RANK_OFFSET + 1 + row.found.dense_rank) + LEXICAL_WEIGHT / (RANK_OFFSET + 1 + row.found.lexical_rank)
    return np.asarray(scores, dtype=np.float32)


def held_out(every: dict[str, list[Asked]]) -> Callable[[Asked], Floats]:
    """Score of a question under the model that did not see its topic."""
    rows = [row for asked in every.values() for row in asked]
    models = [fit([row for row in rows if fold(row) != number]) for number in range(FOLDS)]
    return lambda row: np.asarray(models[fold(row)].decision_function(row.x), dtype=np.float32)


def fold(row: Asked) -> int:
    """Fold of a topic, the same in every run."""
    return zlib.crc32(row.group.encode()) % FOLDS


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the ablation; with --write store the forest."""
    parser = argparse.ArgumentParser(prog="python -m eval.fit_ranker", description=__doc__)
    parser.add_argument("--write", action="store_true", help="store the forest in knowledge_base/ranker.json")
    chosen = parser.parse_args(arguments)
    embedder = MiniLM()
    every = {name: questions(name, embedder) for name in SETS}
    every[OWN] = own_questions(Assistant(Settings.load(backend="extractive")).parts.kb)
    ways: dict[str, Callable[[Asked], Floats]] = {
        "lexical": lambda row: row.found.lexical,
        "dense": lambda row: row.found.dense,
        "fusion": fused,
        "trees (held out)": held_out(every),
    }
    results = {name: {way: measured(rows, score) for way, score in ways.items()} for name, rows in every.items()}
    for name, rows in results.items():
        for way, (ndcg, hit, five, mrr) in rows.items():
            figures = f"nDCG@10 {ndcg:.3f}  hit@1 {hit:.3f}  hit@5 {five:.3f}  MRR {mrr:.3f}"
            sys.stdout.write(f"{name:10} {way:18} {figures}  n={len(every[name])}\n")
    if chosen.write:
        card = {
            "fitted": str(date.today()), "seed": SEED, "features": list(NAMES), "sets": {name: len(rows) for name, rows in every.items()},
            "licence": "medquad CC-BY 4.0, bioasq CC-BY 2.5: only numbers fitted on their development questions are stored",
            "held_out": {name: {way: [round(v, 4) for v in pair] for way, pair in rows.items()} for name, rows in results.items()},
        }  # fmt: skip
        forest = flat(fit([row for rows in every.values() for row in rows]))
        WEIGHTS.write_text(json.dumps({"card": card, "trees": forest}, separators=(",", ":")) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
