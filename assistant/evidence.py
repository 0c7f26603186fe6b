"""Which statements a question is answered from: those nearest to it that hold for this patient, on what it names or its findings show."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache

from assistant.diagnose.score import suspected
from assistant.facts.drugs import mentions
from assistant.facts.patient import longest, vocabulary
from assistant.facts.phrases import words
from assistant.gate import audience, thresholds
from assistant.gate.fit import fit
from assistant.records import PatientFacts
from knowledge_base.documents import Passage
from knowledge_base.lexicon import drug_classes
from knowledge_base.ranker import Background, intents, qualifiers
from knowledge_base.search import Hit, KnowledgeBase

QUOTED = 6          # statements shown when no model words them
CLOSE = 0.75        # a statement is quoted while its cosine is at least this share of the best one's


# log-odds added to the ranker's score, fitted on 560 development questions with documents held out (conditional logit, ridge towards
# the values chosen by hand before): the ranker saw too few questions with a patient to learn these by itself
SCORE, FITS, FIRST_CHOICE, PREVENTION, BACKGROUND = 1.2, 1.0, 0.25, -0.8, -1.5
SAME_COUNTRY, OTHER_COUNTRY, TAKEN, SHARED = 0.6, -0.4, 0.55, 0.17      # SHARED: for each finding of the patient that is named, up to 3
BANNED, OTHERS = -2.0, -1.9     # a drug that is banned for this patient; another age, or a disease that the chart denies
COUNTRIES = {
    "UK": re.compile(r"\b(?:UK|NICE|British|England|NHS|SIGN|RCOG|BTS)\b"),
    "US": re.compile(r"\b(?:USA?|American|CDC|FDA|ACC|AHA|IDSA|USPSTF|ACOG)\b"),
    "Europe": re.compile(r"\b(?:Europe\w*|ESC|EULAR|ERS|EASL)\b"),
}
WIDER = 3           # how many times as many hits are looked through
TELLING = frozenset({"definition", "symptoms", "cause", "frequency", "diagnosis"})     # intents that definitions and presentations answer


def find(kb: KnowledgeBase, question: str, chart: PatientFacts, *, k: int) -> list[Hit]:
    """The k statements for a question of this patient, best first."""
    known = background(kb, question, chart)
    hits = kb.search(focus(question), k=WIDER * k, keep=audience.suits(chart), background=known)
    prior = _prior(question, known)
    held = _held(kb, [hit.passage for hit in hits], chart)
    of_patient = _of_patient(question, chart)

    def rank(hit: Hit) -> tuple[bool, float]:
        return bool(hit.passage.superseded_by), -(SCORE * hit.score + prior(hit.passage) + held[hit.id] + of_patient(hit.passage))

    return sorted(hits, key=rank)[:k]


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


def _of_patient(question: str, facts: PatientFacts) -> Callable[[Passage], float]:
    """What a statement shares with the patient beside its topic: the country that is asked about, a drug taken, further findings."""
    here = _countries(question)
    taken = {name for drug in facts.medications for name in (drug.name, *drug_classes(drug.name))}
    has = {finding.name for finding in facts.findings if finding.presence == "present" and finding.experiencer == "patient"}

    def shared(passage: Passage) -> float:
        there, text = _countries(f"{passage.title}. {passage.text}"), passage.text.lower()
        country = SAME_COUNTRY if here & there else OTHER_COUNTRY if here and there else 0.0
        speaks = bool(taken & {name for name, _ in mentions(passage.text)}) or any(name in text for name in taken)
        findings = has & (_findings(passage.text) - _findings(passage.title)) if has else ()
        return country + TAKEN * speaks + SHARED * min(len(findings), 3)

    return shared


def _countries(text: str) -> frozenset[str]:
    return frozenset(name for name, pattern in COUNTRIES.items() if pattern.search(text))


@lru_cache(maxsize=16384)
def _findings(text: str) -> frozenset[str]:
    return frozenset(name for name, _ in longest(vocabulary().find_words(words(text))))


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
