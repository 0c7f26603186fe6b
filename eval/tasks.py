"""What is measured. A new set is a row here and a loader in `data`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from assistant import gate
from assistant.assistant import Assistant
from assistant.evidence import find
from assistant.facts import extract
from eval import data, diagnose, medcalc, metrics, privacy, redflags, summaries
from eval.education import EDUCATION_TASKS
from eval.gate import TASKS as GATE_TASKS
from eval.gold import GOLD
from eval.report import Row, Task
from knowledge_base.documents import Passage
from knowledge_base.search import KnowledgeBase

K = 10


def ranked(scores: Sequence[str], relevant: Mapping[str, float]) -> dict[str, float]:
    """The metrics of one ranking."""
    return {
        "ndcg@10": metrics.ndcg_at(10)(scores, relevant), "hit@1": metrics.hit_at(1)(scores, relevant),
        "recall@5": metrics.recall_at(5)(scores, relevant), "mrr": metrics.reciprocal_rank(scores, relevant),
    }  # fmt: skip


def own_retrieval(assistant: Assistant, case: Row) -> Mapping[str, float]:
    """Our own questions over our own statements."""
    hits = find(assistant.parts.kb, case["question"], extract(case["question"]), k=K)
    named = ranked([hit.id for hit in hits], dict.fromkeys(case["relevant"], 1.0))
    return {**ranked([hit.id for hit in hits], data.relevant(case)), **{f"{name} (writer's own)": value for name, value in named.items()}}


def public_retrieval(name: str) -> Task:
    """A public set in BEIR layout, searched by the same engine with the same setting."""

    @cache
    def loaded() -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, dict[str, float]]]:
        return data.beir(name)

    @cache
    def engine(assistant: Assistant) -> KnowledgeBase:
        passages = [Passage(row["_id"], row["_id"], row["title"], "", row["text"], 0, len(row["text"]), ()) for row in loaded()[0]]
        return KnowledgeBase.from_passages(passages, assistant.parts.kb.embedder)

    def score(assistant: Assistant, case: Row) -> Mapping[str, float]:
        return ranked([hit.id for hit in engine(assistant).search(case["text"], k=K)], loaded()[2][case["_id"]])

    return Task(f"retrieval-{name}", lambda: loaded()[1], score, "public questions, BEIR layout")


def support(assistant: Assistant, case: Row) -> Mapping[str, float]:
    """Do the citations of an answer hold: do they resolve, is the quote verbatim, does each number stand in it?"""
    answer = assistant.ask(case["question"])
    sentences = [s for s in answer.sentences if s.provenance == "guideline"]
    cited = [c for s in sentences for c in s.citations]
    found = [assistant.parts.kb.passage(c.passage_id) for c in cited]
    verbatim = [passage is not None and c.quote == passage.text for passage, c in zip(found, cited, strict=True)]
    numbers = [not gate.check(s.text, [f"{c.title}. {c.quote}" for c in s.citations], context=case["question"]).check for s in sentences]
    wanted = data.relevant(case)
    return {
        "answered": float(not answer.refused),
        **({"citations_resolve": _mean(verbatim), "sentences_pass": _mean(numbers)} if sentences else {}),
        "cites_the_statement": float(any(c.passage_id in wanted for c in cited)),
    }


def _mean(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0


TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        Task("retrieval", lambda: data.own("retrieval_*.jsonl", split="test"), own_retrieval, "our test questions -> our statements"),
        public_retrieval("medquad"),
        public_retrieval("bioasq"),
        diagnose.AVEY,
        diagnose.AGENTCLINIC,
        diagnose.MUST_NOT_MISS,
        diagnose.NEGATION,
        medcalc.MEDCALC,
        redflags.REDFLAGS,
        redflags.MEDSAFETY,
        Task("support", lambda: data.own("retrieval_*.jsonl"), support, "do the citations of the answers hold?"),
        GOLD,
        *GATE_TASKS,
        *summaries.TASKS,
        *privacy.TASKS,
        *EDUCATION_TASKS,
    )
}
