"""The tab of notes: a summary whose every line opens to the words of the note it rests on, to save in three forms; a masked copy."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import gradio as gr

from assistant import Assistant, fhir, render
from assistant.errors import EXPECTED, InputError
from assistant.notes.summarize import STYLES
from assistant.privacy.deidentify import Copy, deidentify
from assistant.records import SAFETY_LINE, Bullet, NoteSummary, to_dict
from assistant.ui_parts import Html, block, failed, file, items, opens, quoted, remark, safe, shown, withheld

LABELS = {
    "one_liner": "One line", "problem_list": "Problem list", "soap": "SOAP", "handoff": "Handoff (I-PASS)", "discharge": "Discharge",
    "dialogue_to_note": "Dialogue to note",
}  # fmt: skip
EMPTY = shown("The summary appears here. Each line opens to the words of the note it rests on.")
LOOK = "Masked by rule; names that are common words can stay. Read this copy before it leaves."


def build(assistant: Assistant) -> None:
    """Add the tab's parts to the page that is being built."""
    with gr.Row():
        with gr.Column(scale=2):
            note = gr.Textbox("", label="The note, or a dialogue", lines=14, max_lines=22, elem_id="note")
            style = gr.Dropdown([(LABELS.get(name, name), name) for name in STYLES], value="problem_list", label="Style", elem_id="style")
            worded = gr.Checkbox(False, label="History and assessment in the model's words (slow; checked)", elem_id="worded")
            with gr.Row():
                go = gr.Button("Summarise", variant="primary", elem_id="summarise")
                mask = gr.Button("De-identified copy", elem_id="mask")
        with gr.Column(scale=3):
            panel = gr.HTML(EMPTY, elem_id="note-result", padding=False)

    def summarised(text: str, chosen: str, by_model: bool) -> Iterator[str]:
        yield from summaries(assistant, text, chosen, worded=by_model)

    go.click(summarised, [note, style, worded], panel)
    mask.click(masked, note, panel)


def summaries(assistant: Assistant, text: str, style: str, *, worded: bool = False) -> Iterator[str]:
    """The panel as the summary grows; the files to save come with the whole."""
    record = None
    try:
        for record in assistant.summarize_stream(text, style=style, worded=worded):
            yield shown(*_body(record, text))
    except EXPECTED as error:
        yield failed("Not done.", error)
        return
    if record:
        yield shown(_files(record, text), *_body(record, text))


def _body(record: NoteSummary, text: str) -> Iterator[Html]:
    yield from map(remark, render.how_worded(record))
    yield from (remark(f"Contradiction: {line}") for line in record.contradictions)
    yield from (remark(f"Check: {sentence.text}") for sentence in record.cautions)
    for name in dict.fromkeys(bullet.section for bullet in record.bullets):
        lines = [_line(bullet, text) for bullet in record.bullets if bullet.section == name]
        yield block(name.replace("_", " ").capitalize(), Html(f"<div class='plain'>{''.join(lines)}</div>"))
    yield block("Added: the parts above lacked it", items(record.added))
    yield withheld(record.dropped, "Not shown: failed a check")
    yield Html(f"<small>{SAFETY_LINE}</small>")


def _line(bullet: Bullet, text: str) -> Html:
    return opens(bullet.marked, quoted(text, bullet.spans)) if bullet.spans else Html(f"<div>{safe(bullet.text)}</div>")


def _files(record: NoteSummary, text: str) -> Html:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    bundle = fhir.document(record, text, date=now)
    name = f"summary-{record.style.replace('_', '-')}"
    return Html(
        "Save: "
        + file("Markdown", f"{name}.md", "text/markdown", render.summary(record))
        + file("JSON", f"{name}.json", "application/json", json.dumps(to_dict(record), indent=2, ensure_ascii=False))
        + file("FHIR R4", f"{name}.fhir.json", "application/fhir+json", json.dumps(bundle, indent=2, ensure_ascii=False))
    )


def masked(text: str) -> str:
    """A copy without what identifies a person, its masks marked, and how many there are of each kind."""
    if not text.strip():
        return failed("Not done.", InputError("the note is empty; paste its text"))
    copy = deidentify(text)
    counts = ", ".join(f"{count} {kind}" for kind, count in Counter(item.kind for item in copy.items).items()) or "nothing"
    save = file("Save the copy", "note-deidentified.txt", "text/plain", copy.text)
    return shown(save, remark(f"Masked: {counts}. {LOOK}"), Html(f"<pre>{_marked(text, copy)}</pre>"))


def _marked(text: str, copy: Copy) -> str:
    """The copy with each mask marked; built from the places, since a note may hold brackets of its own."""
    pieces, at = [], 0
    for item in copy.items:
        pieces += [safe(text[at : item.span.start]), f"<mark>[{safe(item.kind)}]</mark>"]
        at = item.span.end
    return "".join([*pieces, safe(text[at:])])
