"""The way of a question: facts, red flags, passages, risk tools, cover check, wording, gate.

`run` yields the Answer as it grows: first the evidence, then sentence by sentence; the last one is whole.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from assistant import facts as patient_facts
from assistant import redflags, requests_policy
from assistant.errors import BackendError, InputError
from assistant.evidence import closest, find, focus, on_topic
from assistant.facts.drug_clauses import classes
from assistant.facts.drugs import mentions
from assistant.gate import audience, thresholds, verdicts
from assistant.gate.asked import untold_doses, untold_pair
from assistant.gate.claims import content_words
from assistant.gate.coverage import Coverage, covers, everyday, kb_idf
from assistant.gate.fit import Fit, fit
from assistant.gate.thresholds import Chart, Decision
from assistant.limits import checked
from assistant.parts import Parts
from assistant.records import Answer, Dropped, PatientFacts, RiskResult, Sentence
from assistant.risk.from_note import NO_SUCH_TOOL, assess_asked
from assistant.risk.pick import named
from assistant.wording import Draft, cite, quoted, write
from knowledge_base.documents import Passage
from knowledge_base.expand import expand
from knowledge_base.lexicon import drug_class_names
from knowledge_base.search import Hit
from prompts import load

MAX_DECISIONS = 6   # computed decisions shown
EMERGENCY = 0.5     # share of the cover asked for that does where a red flag was found: silence is then the worse fault
REST = ("what else is asked",)
BESIDE_PROSE = 3    # best statements that are shown whatever the model chose to word
FIRST = 3           # rules of the best hits are shown although nothing in the question names their subject


def run(parts: Parts, question: str, note: str = "") -> Iterator[Answer]:
    """Answer a question from the knowledge base, or refuse and say why; the last Answer is complete.

    Raises:
        InputError: the question is empty or too long, or the note is too long.
    """
    checked(question, note)
    clock = time.perf_counter()
    note = requests_policy.without(note, requests_policy.find_injections(note))
    chart = patient_facts.extract(f"{question}\n{note}" if note else question)
    flags = redflags.find(f"{question}\n{note}" if note else question, chart)
    answer = Answer(question, (), (), red_flags=flags, facts=chart, note_start=len(question) + 1, versions=parts.versions("ask"))
    policy = requests_policy.classify(question, patient_mode=False)
    if policy.kind == "harmful":
        yield replace(answer, refused=policy.reply)
        return
    parts.warm()
    tools = assess_asked(question, chart)
    found = find(parts.kb, question, chart, k=parts.settings.passages)
    coverage = covers(focus(question), found, parts.kb)
    hits = on_topic(found, parts.kb.named(question))
    answer = replace(answer, tools=tools, evidence=tuple(cite(hit.passage) for hit in hits), coverage=coverage.score)
    yield replace(answer, seconds={"evidence": time.perf_counter() - clock})
    for grown in _answered(parts, answer, hits, coverage):
        yield replace(grown, seconds={**answer.seconds, "whole": time.perf_counter() - clock})


def _answered(parts: Parts, answer: Answer, hits: Sequence[Hit], coverage: Coverage) -> Iterator[Answer]:
    chart = thresholds.chart(answer.facts, answer.tools)
    decisions = _decided(parts, answer, hits, chart)
    texts = (*(hit.passage.text for hit in hits), *(f"{d.rule.subject} {d.passage.text}" for d in decisions))
    every = [passage.text for passage in parts.kb.index.passages]
    doses = tuple(f"a dose of {name}" for name in untold_doses(answer.question, every, kb_idf(parts.kb)))
    lacking = (*doses, *_uncovered(coverage, answer), *untold_pair(answer.question, texts))
    answer = replace(answer, not_covered=lacking, sentences=tuple(map(tool_sentence, answer.tools)))
    if doses or coverage.score < parts.settings.min_coverage * (EMERGENCY if answer.red_flags else 1.0):
        grave = [d for d in decisions if d.applies and d.rule.effect in thresholds.GRAVE] if mentions(answer.question) else []
        told = (*answer.sentences, *_allergies(answer, decisions, chart), *(said for _, said in _computed(answer, (), grave, chart)))
        # a number that was asked for is an answer; a ban or an eGFR that nobody asked for stands beside the refusal
        answered = {tool.tool for tool in answer.tools} & {NO_SUCH_TOOL, *named(answer.question)}
        refused = "" if answered else no_dose(hits, doses) if doses else refusal(hits, coverage, lacking)
        yield replace(answer, sentences=told, not_covered=lacking or REST, refused=refused)
        return
    computed = list(_computed(answer, hits, decisions, chart))
    settled = tuple(sentence for decision, sentence in computed if verdicts.settles(decision))
    beside = [sentence for decision, sentence in computed if not verdicts.settles(decision)]
    yield (answer := replace(answer, sentences=(*answer.sentences, *_allergies(answer, decisions, chart), *settled)))
    held = {hit.id: fit(hit.passage.text, [hit.passage], decisions, chart) for hit in hits}
    unfit = tuple(Dropped(hit.passage.text, "patient", "; ".join(held[hit.id].remarks)) for hit in hits if held[hit.id].unfit)
    fitting = [hit for hit in hits if not held[hit.id].unfit]
    context = f"{answer.question} {describe(answer.facts)}"
    draft = Draft([hit.passage for hit in fitting], context, decisions, parts.settings.min_support, chart, parts.kb.embedder.encode)
    yield from _worded(parts, replace(answer, dropped=unfit), fitting, draft, held, beside)


def _decided(parts: Parts, answer: Answer, hits: Sequence[Hit], chart: Chart) -> list[Decision]:
    """The rules of what was found, and every ban of the knowledge base on a drug that is asked about or found."""
    topics, suits = {hit.passage.document_id for hit in hits}, audience.suits(answer.facts)
    drugs = {name for text in (answer.question, *(hit.passage.text for hit in hits)) for name, _ in mentions(text)}

    def nearest(passage: Passage) -> bool:
        return passage.document_id in topics and suits(passage)

    found = thresholds.decide((hit.passage for hit in hits), chart)
    asked = sorted({name for name, _ in mentions(answer.question)})
    together = thresholds.crossed(asked, (*(hit.passage for hit in hits), *parts.kb.index.passages), chart)
    bans = [*together, *found, *thresholds.applying(sorted(drugs), parts.kb.index.passages, chart, nearest)]
    return [*bans, *thresholds.recorded(dict.fromkeys([*_named(answer), *sorted(drugs)]), answer.facts, bans)]


def _named(answer: Answer) -> list[str]:
    """The drugs and classes that the question names, but not where it tells of the allergy itself."""
    told = [allergy.span for allergy in answer.facts.allergies]
    kinds = ((drug_class_names()[kind[0].lower()], kind.start()) for kind in classes().finditer(answer.question))
    every = [*((name, span.start) for name, span in mentions(answer.question)), *kinds]
    return [name for name, place in every if not any(span.start <= place < span.end for span in told)]


def _allergies(answer: Answer, decisions: Sequence[Decision], chart: Chart) -> list[Sentence]:
    """What the chart records against the drugs and classes that the question names; told whatever was found, and beside a refusal."""
    named = dict.fromkeys(_named(answer))
    bans = [d for d in decisions if d.passage.document_id == thresholds.CHART and d.rule.subject in named]
    beside = thresholds.akin(named, answer.facts)
    return [*(verdicts.recorded(d, chart) for d in bans), *(verdicts.akin(kind, item) for kind, item in beside)]


def _computed(
    answer: Answer, hits: Sequence[Hit], decisions: Sequence[Decision], chart: Chart
) -> Iterator[tuple[Decision, Sentence]]:
    """The decisions that answer the question, in sentences; a ban from a guideline on something else names it."""
    topics = {hit.passage.document_id for hit in hits}
    asked = dict.fromkeys(name for name, _ in mentions(answer.question))
    shown = verdicts.worth_showing(decisions, answer.question, asked, first={hit.id for hit in hits[:FIRST]})
    for decision in [d for d in shown if d.passage.document_id != thresholds.CHART][:MAX_DECISIONS]:       # the chart's own stand before
        scope = "" if decision.passage.document_id in topics else decision.passage.title
        yield decision, verdicts.sentence(decision, chart, cite(decision.passage), drugs=asked, scope=scope)


def _worded(
    parts: Parts, answer: Answer, hits: Sequence[Hit], draft: Draft, held: Mapping[str, Fit], beside: Sequence[Sentence]
) -> Iterator[Answer]:
    """The model's sentences that pass the gate, then the best statements and what else was computed, each at its rank."""
    values = {
        "passages": "\n".join(f"[{n}] {passage.title}: {passage.text}" for n, passage in enumerate(draft.passages, 1)),
        "question": answer.question.strip()[:2000],
    }
    prose: list[Sentence] = []
    try:
        for item in write(parts.llm, load("ask"), values, draft, max_tokens=parts.settings.max_tokens, seed=parts.settings.seed):
            if isinstance(item, Dropped):
                answer = replace(answer, dropped=(*answer.dropped, item))
            elif not any(item.text in sentence.text for sentence in (*answer.sentences, *prose)):
                prose.append(item)
            yield replace(answer, sentences=(*answer.sentences, *prose))
        answer = replace(answer, versions=parts.versions("ask"))        # the model is known by now, or why there is none
    except (BackendError, InputError) as error:     # a prompt too long for the model is no fault of the evidence
        answer = replace(answer, versions={**parts.versions("ask"), "backend_error": str(error)})
    told = [sentence.text for sentence in (*answer.sentences, *beside)]
    quotes = [quoted(hit.passage, held[hit.id]) for hit in unsaid(answer, prose, hits) if not any(hit.passage.text in one for one in told)]
    rank = {hit.id: number for number, hit in enumerate(hits)}

    def place(sentence: Sentence) -> tuple[bool, int]:
        lacks = sentence.text.startswith(verdicts.UNKNOWN)      # what the chart lacks stands behind what is known
        return lacks, rank.get(sentence.citations[0].passage_id, len(rank))

    yield replace(answer, sentences=(*answer.sentences, *prose, *sorted((*quotes, *beside), key=place)))


def unsaid(answer: Answer, prose: Sequence[Sentence], hits: Sequence[Hit]) -> list[Hit]:
    """The statements to quote, none twice: the best ones, fewer where the model worded any, and those whose wording failed at the gate.

    What the model leaves out is not left to it: of 44 questions it left out the statement that decides in 14.
    """
    shown = {citation.passage_id for sentence in prose for citation in sentence.citations}
    best = closest(hits)[: BESIDE_PROSE if prose else None]
    wanted = {item.replaced_by for item in answer.dropped} | {hit.id for hit in best}
    return [hit for hit in hits if hit.id in wanted - shown]


def tool_sentence(result: RiskResult) -> Sentence:
    """The number of a tool as a sentence of its own."""
    return Sentence(result.sentence(), "tool", spans=tuple(result.spans.values()), tool=result.tool)


def refusal(hits: Sequence[Hit], coverage: Coverage, lacking: Sequence[str] = ()) -> str:
    """Why nothing is answered, what was searched, and what would be needed."""
    nearest = ", ".join(dict.fromkeys(hit.passage.title for hit in hits[:4])) or "nothing"
    unknown = f" Nothing found speaks of: {', '.join(lacking)}." if lacking else ""
    return (
        f"The indexed guidelines do not cover this question (coverage {coverage.score:.2f}). Nearest: {nearest}.{unknown} "
        "Ask about one of these, or add a guideline that covers it: assistant kb add PATH"
    )


def no_dose(hits: Sequence[Hit], doses: Sequence[str]) -> str:
    """That the one thing asked for, a dose, stands nowhere, however much is said of the disease."""
    nearest = ", ".join(dict.fromkeys(hit.passage.title for hit in hits[:4])) or "nothing"
    return (
        f"The indexed guidelines do not give {' or '.join(doses)}; the dose of another drug would be no answer. Nearest: {nearest}. "
        "Add a guideline that gives it: assistant kb add PATH"
    )


def _uncovered(coverage: Coverage, answer: Answer) -> tuple[str, ...]:
    """Words of the question that nothing found speaks of, as written; everyday words and what describes the patient are no gap."""
    known = content_words(describe(answer.facts)) | everyday()
    words = [word for word in dict.fromkeys(re.findall(r"[^\W\d_][\w-]{3,}", answer.question)) if expand(word) == word]
    return tuple(word for word in words if (stems := content_words(word)) and stems <= set(coverage.missing) and not stems & known)[:5]


def describe(chart: PatientFacts) -> str:
    """The chart facts in one line, for the prompt and as words that a sentence may repeat."""
    known = [
        f"{chart.age_years:g} years" if chart.age_years is not None else "",
        chart.sex or "",
        "pregnant" if chart.pregnant else "",
        *(f"{thresholds.label(m.name)} {m.value:g}" for m in chart.measurements if m.when == "now" and m.name != "age_years"),
        *(f.name for f in chart.findings if f.presence == "present" and f.experiencer == "patient"),
        *(drug.name for drug in chart.medications),
    ]
    return ", ".join(dict.fromkeys(filter(None, known))) or "nothing known"
