"""The tab of suggestions: a case, then a fact at a time; the list, what speaks for and against, and what each fact moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from assistant import Assistant, render
from assistant.diagnose.differential import Stepwise
from assistant.errors import EXPECTED, AssistantError
from assistant.records import SAFETY_LINE, Candidate, Differential, Evidence
from assistant.ui_parts import Html, alarms, bar, block, cited, failed, items, linked, opens, remark, safe, shown, table

EXAMPLES = (
    "58M with sudden tearing chest pain to the back, BP 180/100",
    "15 year old boy with vomiting and lower abdominal pain",
)
EMPTY = shown("Suggestions appear here, with what speaks for and against each. They are suggestions, never a diagnosis.")
BEGIN = "give the case first, then add facts to it"
WAIT = shown("Reading the case and ranking ...")
UNKNOWN = 4     # findings that would count and are not known, shown of each suggestion


@dataclass(frozen=True, slots=True)
class Growing:
    """A case that grows on the page: its facts so far, and what each moved."""

    steps: Stepwise
    said: tuple[tuple[str, tuple[str, ...]], ...] = ()


def build(assistant: Assistant) -> None:
    """Add the tab's parts to the page that is being built."""
    state = gr.State(None)
    with gr.Row():
        with gr.Column(scale=2):
            case = gr.Textbox("", label="The case: age, sex, complaint with its onset, what was found and denied", lines=4, elem_id="case")
            go = gr.Button("Suggest diagnoses", variant="primary", elem_id="suggest")
            gr.Examples([[text] for text in EXAMPLES], [case])
            fact = gr.Textbox("", label="Add a fact", placeholder="No fever. Troponin is elevated.", elem_id="fact")
            add = gr.Button("Add and rank again", elem_id="add-fact")
            steps = gr.HTML(elem_id="steps", padding=False)
        with gr.Column(scale=3):
            panel = gr.HTML(EMPTY, elem_id="differential", padding=False)

    def begin(text: str) -> Iterator[tuple[Growing | None, Any, str, str]]:
        yield None, "", "", WAIT
        growing, _, said, shown = grown(Growing(assistant.diagnose_stepwise()), text)
        yield growing, gr.skip(), said, shown      # the next fact may already be typed

    def more(text: str, growing: Growing | None) -> tuple[Growing | None, str, str, str]:
        return grown(growing, text)

    out = [state, fact, steps, panel]
    gr.on([go.click, case.submit], begin, case, out)
    gr.on([add.click, fact.submit], more, [fact, state], out)


def grown(growing: Growing | None, fact: str) -> tuple[Growing | None, str, str, str]:
    """(case with the fact, empty box, facts so far, list); what was typed comes back into the box on an error."""
    if growing is None:
        return None, fact, "", failed("Not done.", AssistantError(BEGIN))
    try:
        record = growing.steps.add(fact)
    except EXPECTED as error:
        kept = growing if growing.said else None
        return kept, fact if growing.said else "", log(growing), failed("Not done.", error)
    now = Growing(growing.steps, (*growing.said, (fact, record.moved)))
    return now, "", log(now), differential(record, first=not growing.said)


def log(growing: Growing) -> str:
    """The facts so far; each opens to what it moved."""
    rows = [(str(n), Html(f"{safe(fact)}{_changes(moved)}")) for n, (fact, moved) in enumerate(growing.said, 1)]
    return shown(block("Facts so far", table(["#", "fact"], rows)))


def _changes(moved: Sequence[str]) -> Html:
    return Html(f"<div class='plain'>{opens(Html(f'<small>{len(moved)} moved</small>'), items(moved))}</div>" if moved else "")


def differential(record: Differential, *, first: bool) -> str:
    """Emergencies, what moved, the ranked table, what must not be missed, the next steps, and treatment."""
    moved = "" if first else block("What the last fact moved", Html(f"<div class='two'>{items(record.moved or ['nothing'])}</div>"))
    return shown(
        alarms(record.red_flags),
        remark(f"Insufficient information: {record.insufficient}") if record.insufficient else "",
        moved,
        block("Suggestions", table(["#", "condition", "share", "for and against"], _ranked(record.candidates))),
        block("Must not be missed", table(["condition", "ruled out by"], _apart(record.must_not_miss))),
        block("Next best steps", items((step for step in record.next_steps if step != record.insufficient), "ol")),
        block("Treatment options (not directives)", items(s.text for s in record.treatment_options)),
        Html(f"<small>{SAFETY_LINE}</small>"),
    )


def _ranked(candidates: Sequence[Candidate]) -> Iterator[tuple[str, ...]]:
    for rank, found in enumerate(candidates, 1):
        name = Html(f"<b>{safe(found.name)}</b><br><small>{safe(found.icd10cm)} &middot; {found.band}</small>{_sources(found)}")
        yield str(rank), name, bar(render.share(found), found.likelihood), _weighed(found)


def _weighed(found: Candidate) -> Html:
    unknown = ", ".join(found.unknown[:UNKNOWN])
    lines = [("for", _named(found.evidence_for)), ("against", _named(found.evidence_against)), ("not known", unknown)]
    return Html("<br>".join(f"<small>{word}:</small> {safe(said)}" for word, said in lines if said))


def _named(evidence: Sequence[Evidence]) -> str:
    return ", ".join(item.finding for item in evidence)


def _sources(found: Candidate) -> Html:
    own = Html(f"<p><small>{linked(found.source)}</small></p>" if found.source else "")
    body = Html("".join([own, *(cited(citation) for citation in found.citations)]))
    return Html(f"<div class='plain'>{opens(Html('<small>source</small>'), body)}</div>") if body else body


def _apart(candidates: Sequence[Candidate]) -> Iterator[tuple[str, str]]:
    for found in candidates:
        yield found.name, found.rules_out or "see its guideline"
