"""Which statements a question is answered from: those nearest to it that hold for this patient, on what it names or its findings show."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from assistant.diagnose.score import suspected
from assistant.gate import audience, thresholds
from assistant.records import PatientFacts
from knowledge_base.documents import Passage
from knowledge_base.ranker import Background
from knowledge_base.search import Hit, KnowledgeBase

QUOTED = 6          # statements shown when no model words them
CLOSE = 0.75        # a statement is quoted while its cosine is at least this share of the best one's


def find(kb: KnowledgeBase, question: str, chart: PatientFacts, *, k: int) -> list[Hit]:
    """The k statements for a question of this patient, best first."""
    return kb.search(focus(question), k=k, keep=audience.suits(chart), background=background(kb, question, chart))


def background(kb: KnowledgeBase, question: str, chart: PatientFacts) -> Background:
    """What the search is told of the patient: guidelines that the findings point to, and the rules of statements that hold or do not."""
    return Background(suspected(question, chart, kb), _fits(chart))


def _fits(facts: PatientFacts) -> Callable[[Passage], float]:
    chart = thresholds.chart(facts)

    def fits(passage: Passage) -> float:
        applies = {decision.applies for decision in thresholds.decide([passage], chart)}
        return 1.0 if True in applies else -1.0 if applies == {False} else 0.0

    return fits


def on_topic(hits: Sequence[Hit], named: Collection[str]) -> list[Hit]:
    """The hits of the documents that the question names first, or alone when they are most of them: type 2 diabetes is not type 1."""
    inside = [hit for hit in hits if hit.passage.document_id in named]
    outside = [hit for hit in hits if hit.passage.document_id not in named]
    return inside if len(inside) > len(outside) else [*inside, *outside]


def closest(hits: Sequence[Hit]) -> list[Hit]:
    """The hits that are about as near to the question as the best one: what the extractive answer quotes."""
    best = max((hit.dense for hit in hits), default=0.0)
    return [hit for hit in hits if hit.dense >= CLOSE * best][:QUOTED]


def focus(question: str) -> str:
    """What is searched for: the sentences that ask, when a long text holds any; else its start."""
    if len(question.split()) <= 60:
        return question
    asking = [sentence for sentence in re.split(r"(?<=[.?!])\s+|\n+", question) if sentence.rstrip().endswith("?")]
    return " ".join(asking)[:600] or " ".join(question.split()[:60])
