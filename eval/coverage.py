"""Paired deletion: each question with and without its guideline in the index. Fits the coverage weights and measures the refusal.

`python -m eval.coverage` measures by documents held out; `--fit` writes weights fitted on all development questions.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from assistant.assistant import Assistant
from assistant.coverage import NAMES, WEIGHTS, covers
from assistant.settings import Settings
from eval import data
from eval.metrics import auroc, wilson
from knowledge_base.search import KnowledgeBase

FOLDS, C = 5, 10.0


@dataclass(frozen=True)
class Pairs:
    """Features of n questions with (row i) and without (row i + n) their guideline; `groups` names the document."""

    features: NDArray[np.float64]
    labels: NDArray[np.int64]
    groups: list[str]


def pairs(kb: KnowledgeBase, cases: Sequence[dict[str, object]], k: int) -> Pairs:
    """Ask every question twice; the questions of one document share one reduced index."""
    by_document: dict[str, list[str]] = {}
    for case in cases:
        relevant = case["relevant"]
        assert isinstance(relevant, list)
        by_document.setdefault(str(relevant[0]).split("#")[0], []).append(str(case["question"]))
    covered, deleted, groups = [], [], []
    for document_id, questions in by_document.items():
        reduced = kb.without(document_id)
        for question in questions:
            covered.append(covers(question, kb.search(question, k=k), kb).features)
            deleted.append(covers(question, reduced.search(question, k=k), reduced).features)
            groups.append(document_id)
    labels = np.array([1] * len(covered) + [0] * len(deleted))
    return Pairs(np.array([*covered, *deleted]), labels, groups * 2)


def fit(features: NDArray[np.float64], labels: NDArray[np.int64]) -> dict[str, float]:
    """Logistic regression in the units of the features."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(features)
    model = LogisticRegression(C=C).fit(scaler.transform(features), labels)
    slopes = model.coef_[0] / scaler.scale_
    return {"bias": float(model.intercept_[0] - slopes @ scaler.mean_), **dict(zip(NAMES, map(float, slopes), strict=True))}


def scores(features: NDArray[np.float64], weights: dict[str, float]) -> NDArray[np.float64]:
    """Coverage of each row under given weights."""
    logits = weights["bias"] + features @ np.array([weights[name] for name in NAMES])
    return np.asarray(1 / (1 + np.exp(-logits)))


def held_out(found: Pairs) -> NDArray[np.float64]:
    """Score of each row under weights fitted on other documents."""
    from sklearn.model_selection import GroupKFold

    out = np.zeros(len(found.labels))
    for train, test in GroupKFold(FOLDS).split(found.features, found.labels, found.groups):
        out[test] = scores(found.features[test], fit(found.features[train], found.labels[train]))
    return out


def main(arguments: list[str] | None = None) -> int:
    """Measure, and write the weights when asked to."""
    parser = argparse.ArgumentParser(prog="python -m eval.coverage", description=__doc__)
    parser.add_argument("--fit", action="store_true", help="write assistant/coverage.toml")
    chosen = parser.parse_args(arguments)
    assistant = Assistant(Settings.load(backend="extractive"))
    kb = assistant.parts.kb
    found = pairs(kb, data.own("retrieval_*.jsonl", split="dev"), assistant.settings.passages)
    judged = held_out(found)
    n, threshold = len(judged) // 2, assistant.settings.min_coverage
    refused_with, refused_without = int((judged[:n] < threshold).sum()), int((judged[n:] < threshold).sum())
    area = auroc(list(judged[:n]), list(judged[n:]))
    for name, count in (("refused with its guideline", refused_with), ("refused without it", refused_without)):
        low, high = wilson(count, n)
        sys.stdout.write(f"{name:28} {count}/{n} = {count / n:.3f}  [{low:.3f}, {high:.3f}]\n")
    sys.stdout.write(f"{'AUROC':28} {area:.3f}  n={n} pairs, {len(set(found.groups))} documents held out in {FOLDS} folds\n")
    if chosen.fit:
        write(fit(found.features, found.labels), n, kb.name)
    return 0


def write(weights: dict[str, float], n: int, corpus: str) -> None:
    """Store weights with their card."""
    lines = [
        "# Weights of the coverage score: `python -m eval.coverage --fit`.", "[card]",
        f'fitted_on = "{n} development questions, each with and without its guideline"', f'corpus = "{corpus}"', f'date = "{date.today()}"',
        "", "[weights]", *(f"{name} = {value:.4f}" for name, value in weights.items()),
    ]  # fmt: skip
    WEIGHTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
