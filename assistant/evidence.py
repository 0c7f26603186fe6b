"""Which statements a question is answered from: those nearest to it that hold for this patient, on what it names or its findings show."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from assistant.diagnose.score import suspected
from assistant.facts.drugs import mentions
from assistant.gate import audience, thresholds
from assistant.gate.fit import fit
from assistant.records import PatientFacts
from knowledge_base.documents import Passage
from knowledge_base.ranker import Background, intents, qualifiers
from knowledge_base.search import Hit, KnowledgeBase

QUOTED = 6          # statements shown when no model words them
CLOSE = 0.75        # a statement is quoted while its cosine is at least this share of the best one's


# log-odds added to the ranker's score, chosen on development questions: the ranker saw too few of them to learn these by itself
FITS, FIRST_CHOICE, PREVENTION, BACKGROUND = 1.5, 0.5, -1.0, -1.5
BANNED, OTHERS = -2.0, -2.0     # a drug that is banned for this patient; another age, or a disease that the chart denies
WIDER = 3           # how many times as many hits are looked through
TELLING = frozenset({"definition", "symptoms", "cause", "frequency", "diagnosis"})     # intents that definitions and presentations answer


def find(kb: KnowledgeBase, question: str, chart: PatientFacts, *, k: int) -> list[Hit]:
    """The k statements for a question of this patient, best first."""
    known = background(kb, question, chart)
    hits = kb.search(focus(question), k=WIDER * k, keep=audience.suits(chart), background=known)
    prior = _prior(question, known)
    held = _held(kb, [hit.passage for hit in hits], chart)
    return sorted(hits, key=lambda hit: (bool(hit.passage.superseded_by), -(hit.score + prior(hit.passage) + held[hit.id])))[:k]


def _held(kb: KnowledgeBase, passages: Sequence[Passage], facts: PatientFacts) -> dict[str, float]:
    """What is taken from the score of a statement because it does not fit the patient."""
    patient = thresholds.chart(facts)
    drugs = {name for passage in passages for name, _ in mentions(passage.text)}
    bans = [*thresholds.decide(passages, patient), *thresholds.applying(drugs, kb.index.passages, patient)]
    held = {passage.id: fit(passage.text, [passage], bans, patient) for passage in passages}
    # a ban that applies is a rule that fits: that alone brings nobody a drug which is banned
    return {passage_id: (BANNED - FITS) * (one.banned > 0) + BANNED * one.unfit + OTHERS * one.others for passage_id, one in held.items()}


def _prior(question: str, known: Background) -> Callable[[Passage], float]:
    """What a clinician asks for first: rules that hold, first choices; not prevention, advice or background that was not asked for."""
    wanted, asked = intents(question), qualifiers(question.lower(), "asked")
    plain = "treatment" in wanted and not asked & {"second_choice", "prevention"}

    def prior(passage: Passage) -> float:
        told = qualifiers(passage.text.lower(), "text")
        advice = passage.section == "Patient advice" and "patient_advice" not in asked
        telling = passage.section in ("Definition", "Presentation") and not wanted & TELLING
        return (
            FITS * (known.fits(passage) > 0)
            + FIRST_CHOICE * (plain and passage.section == "Treatment" and "first_choice" in told)
            + PREVENTION * ("prevention" in told and "prevention" not in asked)
            + BACKGROUND * (advice or telling)
        )

    return prior


def background(kb: KnowledgeBase, question: str, chart: PatientFacts) -> Background:
    """What the search is told of the patient: guidelines that the findings point to, and the rules of statements that hold or do not."""
    return Background(suspected(question, chart, kb), _fits(chart))


def _fits(facts: PatientFacts) -> Callable[[Passage], float]:
    chart = thresholds.chart(facts)

    def fits(passage: Passage) -> float:
        decided = thresholds.decide([passage], chart)
        if any(decision.applies for decision in decided):
            return 1.0
        # an indication that does not hold is for other patients; a warning that does not hold leaves the statement as good as any
        return -1.0 if decided and all(d.applies is False and d.rule.effect == "indicated" for d in decided) else 0.0

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
