"""Paired deletion: each question with and without what answers it in the index. Fits the coverage weights and measures the refusal.

"Without" leaves out the guideline and every statement elsewhere that names its condition: with one guideline gone, its neighbours still
answer many a question. `--document` leaves out the guideline alone. `python -m eval.coverage` measures by documents held out; `--fit`
writes weights fitted on all development questions, its threshold set so that few questions that are covered get refused.
"""

from __future__ import annotations

import argparse
import math
import sys
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
from assistant.gate.claims import canonical
from assistant.gate.coverage import NAMES, TERMS, WEIGHTS, covers, terms
from assistant.gate.naming import names_of
from assistant.settings import Settings
from eval import data
from eval.metrics import auroc, wilson
from knowledge_base.conditions import conditions
from knowledge_base.documents import Passage
from knowledge_base.search import KnowledgeBase

FOLDS, C, LISTED = 10, 0.1, 0.1      # LISTED: weight of a short question on the condition table
REFUSED = 0.10  # share of covered questions that may be refused: the threshold of 0.5 is put there


@dataclass(frozen=True)
class Pairs:
    """Features of n questions with (row i) and without (row i + n) their guideline; `groups` names the document."""

    features: NDArray[np.float64]
    labels: NDArray[np.int64]
    groups: list[str]


def cases() -> list[dict[str, Any]]:
    """The development questions that the digests cover; files e to g train the ranker, whose scores are features here."""
    return [*data.own("retrieval_[a-d]*.jsonl", split="dev"), *(row for row in data.own("gold_*.jsonl", split="dev") if row["covered"])]


def pairs(kb: KnowledgeBase, cases: Sequence[dict[str, Any]], k: int, *, document_only: bool = False) -> Pairs:
    """Ask every question twice: of the whole index, and of what is left when its guideline (and its condition) is taken away."""
    covered, deleted, groups = [], [], []
    names = names_of(kb.documents)
    told = {p.id: names.conditions_in(canonical(f"{p.title}. {p.text}")) for p in kb.index.passages}
    for case in cases:
        question = str(case["question"])
        document_id, chart = next(iter(data.relevant(case))).split("#")[0], extract(question)
        about, known, suits = focus(question), background(kb, question, chart), audience.suits(chart)

        def rest(passage: Passage, gone: str = document_id, suits: Callable[[Passage], bool] = suits) -> bool:
            return passage.document_id != gone and (document_only or gone not in told[passage.id]) and suits(passage)

        covered.append(covers(about, kb.search(about, k=k, keep=suits, background=known), kb).features)
        deleted.append(covers(about, kb.search(about, k=k, keep=rest, background=known), kb, keep=rest).features)
        groups.append(document_id)
    labels = np.array([1] * len(covered) + [0] * len(deleted))
    return Pairs(np.array([*covered, *deleted]), labels, groups * 2)


def others(kb: KnowledgeBase, k: int) -> Pairs:
    """Development questions of clinicians that no digest covers: a disease that none treats, or a detail that its digest lacks."""
    rows = [row for row in data.own("gold_*.jsonl", split="dev") if not row["covered"]]
    found = []
    for row in rows:
        chart = extract(row["question"])
        about, known = focus(row["question"]), background(kb, row["question"], chart)
        found.append(covers(about, kb.search(about, k=k, keep=audience.suits(chart), background=known), kb).features)
    return Pairs(np.array(found), np.zeros(len(rows), dtype=np.int64), [row["id"] for row in rows])


FORMS = ("how is {} treated?", "{}: first step?", "when should I refer {}?", "diagnosis of {}")


def plain(kb: KnowledgeBase, k: int) -> Pairs:
    """Short questions on every condition of the table: 1 where it has a document, 0 where no statement names it.

    The latter stand there a second time as if the table did not know the name either: most diseases of the world are in no table.
    """
    names = names_of(kb.documents)
    told = frozenset().union(*(names.conditions_in(canonical(f"{p.title}. {p.text}")) for p in kb.index.passages))
    there = {document.id for document in kb.documents}
    features, labels, groups = [], [], []
    for number, condition in enumerate(conditions()):
        covered = condition.guideline in there and condition.guideline in names.conditions_in(canonical(condition.name))
        if not covered and condition.id in told:
            continue  # spoken of somewhere: neither one nor the other
        question = FORMS[number % len(FORMS)].format(condition.name)
        features.append(covers(question, kb.search(question, k=k), kb).features)
        labels.append(int(covered))
        groups.append(condition.guideline if covered else condition.id)
        if not covered:
            unknown = {"named": 0.5, "title": 0.0, "strange": 0.0}
            features.append(tuple(unknown.get(name, value) for name, value in zip(NAMES, features[-1], strict=True)))
            labels.append(0)
            groups.append(condition.id)
    return Pairs(np.array(features), np.array(labels), groups)


def fit(features: NDArray[np.float64], labels: NDArray[np.int64], asked: NDArray[np.bool_]) -> dict[str, float]:
    """Logistic regression in the units of the features; `asked` marks clinicians' questions, of which the threshold may refuse a tenth."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    columns = np.array([terms(row) for row in features])
    scaler = StandardScaler().fit(columns)
    model = LogisticRegression(C=C, max_iter=5000).fit(scaler.transform(columns), labels, sample_weight=np.where(asked, 1.0, LISTED))
    slopes = model.coef_[0] / scaler.scale_
    weights = {"bias": float(model.intercept_[0] - slopes @ scaler.mean_), **dict(zip(TERMS, map(float, slopes), strict=True))}
    limit = float(np.quantile(scores(features[(labels == 1) & asked], weights), REFUSED))
    return weights | {"bias": weights["bias"] - math.log(limit / (1 - limit))}


def scores(features: NDArray[np.float64], weights: dict[str, float]) -> NDArray[np.float64]:
    """Coverage of each row under given weights."""
    logits = weights["bias"] + np.array([terms(row) for row in features]) @ np.array([weights[name] for name in TERMS])
    return np.asarray(1 / (1 + np.exp(-logits)))


def held_out(found: Pairs, asked: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Score of each row under weights fitted on other documents."""
    from sklearn.model_selection import GroupKFold

    out = np.zeros(len(found.labels))
    for train, test in GroupKFold(FOLDS).split(found.features, found.labels, found.groups):
        out[test] = scores(found.features[test], fit(found.features[train], found.labels[train], asked[train]))
    return out


def main(arguments: list[str] | None = None) -> int:
    """Measure, and write the weights when asked to."""
    parser = argparse.ArgumentParser(prog="python -m eval.coverage", description=__doc__)
    parser.add_argument("--fit", action="store_true", help="write assistant/coverage.toml")
    parser.add_argument("--document", action="store_true", help="leave out the guideline alone, not all statements on its condition")
    chosen = parser.parse_args(arguments)
    assistant = Assistant(Settings.load(backend="extractive"))
    kb = assistant.parts.kb
    found = pairs(kb, cases(), assistant.settings.passages, document_only=chosen.document)
    n, threshold = len(found.labels) // 2, assistant.settings.min_coverage
    table, real = plain(kb, assistant.settings.passages), others(kb, assistant.settings.passages)
    labels = np.concatenate([found.labels, table.labels, real.labels])
    found = Pairs(np.vstack([found.features, table.features, real.features]), labels, [*found.groups, *table.groups, *real.groups])
    rows = np.arange(len(labels))
    asked = (rows < 2 * n) | (rows >= 2 * n + len(table.labels))
    scored = held_out(found, asked)
    judged, listed, uncovered = scored[: 2 * n], scored[2 * n : -len(real.labels)], scored[-len(real.labels) :]
    refused_with, refused_without = int((judged[:n] < threshold).sum()), int((judged[n:] < threshold).sum())
    area = auroc(list(judged[:n]), list(judged[n:]))
    for name, count in (("refused though covered", refused_with), ("refused when not covered", refused_without)):
        low, high = wilson(count, n)
        sys.stdout.write(f"{name:28} {count}/{n} = {count / n:.3f}  [{low:.3f}, {high:.3f}]\n")
    for label, name in ((1, "condition table, covered"), (0, "condition table, not")):
        some = listed[table.labels == label]
        sys.stdout.write(f"{name:28} {int((some < threshold).sum())}/{len(some)} refused\n")
    sys.stdout.write(f"{'written, not covered':28} {int((uncovered < threshold).sum())}/{len(uncovered)} refused\n")
    sys.stdout.write(f"{'AUROC':28} {area:.3f}  n={n} pairs, {len(set(found.groups[: 2 * n]))} documents held out in {FOLDS} folds\n")
    if chosen.fit:
        write(fit(found.features, found.labels, asked), n, len(table.labels), kb.name)
    return 0


def write(weights: dict[str, float], n: int, rows: int, corpus: str) -> None:
    """Store weights with their card."""
    lines = [
        "# Weights of the coverage score: `python -m eval.coverage --fit`.", "[card]",
        f'fitted_on = "{n} development questions with and without what answers them; {rows} short ones on the condition table"',
        f'corpus = "{corpus}"', f'date = "{date.today()}"',
        "", "[weights]", *(f'"{name}" = {value:.5g}' for name, value in weights.items()),
    ]  # fmt: skip
    WEIGHTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
