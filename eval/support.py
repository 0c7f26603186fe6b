"""Fits the support score: rewordings against their statement, and against other statements of the same document. By folds of documents.

`python -m eval.support` measures; `--fit` writes assistant/gate/gate.toml. The hard checks are no part of it: they need no score.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from assistant import gate
from assistant.assistant import Assistant
from assistant.settings import Settings
from eval import data
from eval.metrics import auroc
from knowledge_base.embed import Embedder
from knowledge_base.search import KnowledgeBase

OTHERS, FOLDS, SEED = 3, 5, 0


@dataclass(frozen=True)
class Rows:
    """Features (share of words held, cosine) of sentence and statement; 1 where the sentence rewords it; `groups` are documents."""

    features: NDArray[np.float64]
    labels: NDArray[np.int64]
    groups: list[str]


def rows(kb: KnowledgeBase) -> Rows:
    """Each rewording with its own statement, and with others of the same document and title."""
    rng = random.Random(SEED)
    said, source, titles, labels, groups = [], [], [], [], []
    for case in data.own("paraphrase_*.jsonl"):
        document = case["passage"].split("#")[0]
        there = [p for p in kb.index.passages if p.document_id == document and p.id != case["passage"]]
        others = [p.text for p in there if p.text != case["statement"]]
        for statement, label in ((case["statement"], 1), *((text, 0) for text in rng.sample(others, min(OTHERS, len(others))))):
            said.append(case["sentence"])
            source.append(statement)
            titles.append(case["title"])
            labels.append(label)
            groups.append(document)
    cosines = similarities(kb.embedder, said, source)
    covered = [gate.covered(one, [other], titles=[title]) for one, other, title in zip(said, source, titles, strict=True)]
    return Rows(np.column_stack([covered, cosines]), np.array(labels), groups)


def similarities(embedder: Embedder, said: Sequence[str], source: Sequence[str]) -> NDArray[np.float64]:
    """Cosine of each sentence with its statement."""
    return np.asarray((embedder.encode(said) * embedder.encode(source)).sum(axis=1), dtype=np.float64)


def fit(features: NDArray[np.float64], labels: NDArray[np.int64]) -> dict[str, float]:
    """Weights of a logistic function that is 0.5 where as many rewordings as strangers lie beyond it."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=10.0, class_weight="balanced").fit(features, labels)
    names = ("covered", "similarity")[: features.shape[1]]
    return {"bias": float(model.intercept_[0]), **dict(zip(names, map(float, model.coef_[0]), strict=True))}


def scores(features: NDArray[np.float64], weights: dict[str, float]) -> NDArray[np.float64]:
    """Support of each row under given weights."""
    return np.asarray(1 / (1 + np.exp(-(weights["bias"] + features @ np.array(list(weights.values())[1:])))))


def held_out(found: Rows, columns: Sequence[int]) -> NDArray[np.float64]:
    """Support of each row under weights fitted on other documents."""
    from sklearn.model_selection import GroupKFold

    out, chosen = np.zeros(len(found.labels)), found.features[:, list(columns)]
    for train, test in GroupKFold(FOLDS).split(chosen, found.labels, found.groups):
        out[test] = scores(chosen[test], fit(chosen[train], found.labels[train]))
    return out


def main(arguments: list[str] | None = None) -> int:
    """Measure with and without the cosine, and write the weights when asked to."""
    parser = argparse.ArgumentParser(prog="python -m eval.support", description=__doc__)
    parser.add_argument("--fit", action="store_true", help="write assistant/gate/gate.toml")
    chosen = parser.parse_args(arguments)
    kb = Assistant(Settings.load(backend="extractive")).parts.kb
    found = rows(kb)
    good = found.labels == 1
    for name, columns in (("words", (0,)), ("words and cosine", (0, 1))):
        judged = held_out(found, columns)
        area, kept, refused = auroc(list(judged[good]), list(judged[~good])), (judged[good] >= 0.5).mean(), (judged[~good] < 0.5).mean()
        sys.stdout.write(f"{name:18} AUROC {area:.3f}  kept {kept:.3f} (n={good.sum()})  refused {refused:.3f} (n={(~good).sum()})\n")
    sys.stdout.write(f"{len(set(found.groups))} documents in {FOLDS} folds\n")
    if chosen.fit:
        write(fit(found.features[:, :1], found.labels), fit(found.features, found.labels), len(found.labels))
    return 0


def write(words: dict[str, float], both: dict[str, float], n: int) -> None:
    """Store both sets of weights with their card."""
    lines = [
        "# Weights of the support score: `python -m eval.support --fit`.", "[card]",
        f'fitted_on = "{n} pairs of a reworded sentence with its statement or another of the same document"', f'date = "{date.today()}"',
        "", "[words]         # where no encoder is at hand", *(f"{name} = {value:.4f}" for name, value in words.items()),
        "", "[blend]", *(f"{name} = {value:.4f}" for name, value in both.items()),
    ]  # fmt: skip
    gate.WEIGHTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
