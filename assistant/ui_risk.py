"""The tab of risk tools: ask for scores in words, or choose one and type what is known; the number, its parts and what is missing."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr
import pandas as pd

from assistant import Assistant, render
from assistant.errors import EXPECTED, InputError
from assistant.records import SAFETY_LINE, RiskResult
from assistant.risk import tool, tools
from assistant.ui_parts import Html, bar, block, failed, items, linked, opens, quoted, safe, shown, table

HEADERS = ["input", "unit", "value"]
EMPTY = shown("The number appears here, with what each part added and what is missing.")
NO_TOOL = "no risk tool is named in these words; name one (CURB-65, eGFR) or choose it from the list"


def build(assistant: Assistant) -> None:
    """Add the tab's parts to the page that is being built."""
    names = [(f"{chosen.title} ({chosen.name})", chosen.name) for chosen in tools()]
    with gr.Row():
        with gr.Column(scale=2):
            note = gr.Textbox("", label="The patient's note (optional): inputs are read from it", lines=4, max_lines=8, elem_id="risk-note")
            words = gr.Textbox("", label="Which scores, in words", placeholder="CURB-65 and eGFR", elem_id="risk-words")
            ask = gr.Button("Compute these", elem_id="compute-words")
            choice = gr.Dropdown(names, value="ckd_epi_2021", label="Or one tool", elem_id="tool", filterable=True)
            about = gr.HTML(described("ckd_epi_2021"), elem_id="about-tool", padding=False)
            inputs = gr.Dataframe(
                rows("ckd_epi_2021"), headers=HEADERS, interactive=True, label="What is known (leave the rest empty)", elem_id="inputs",
                static_columns=[0, 1], column_widths=["45%", "30%", "25%"], wrap=True, buttons=[],
            )  # fmt: skip
            go = gr.Button("Compute", variant="primary", elem_id="compute")
        with gr.Column(scale=3):
            result = gr.HTML(EMPTY, elem_id="risk-result", padding=False)
    choice.change(lambda name: (described(name), rows(name)), choice, [about, inputs])

    def compute(name: str, given: pd.DataFrame, text: str) -> str:
        return computed(assistant, name, given, text)

    def asked(question: str, text: str) -> str:
        return picked(assistant, question, text)

    go.click(compute, [choice, inputs, note], result)
    gr.on([ask.click, words.submit], asked, [words, note], result)


def described(name: str) -> str:
    """For whom the tool is, and its source."""
    chosen = tool(name)
    return shown(Html(f"<small>For {safe(chosen.population)}. {linked('; '.join(chosen.sources))}</small>"))


def rows(name: str) -> list[list[str]]:
    """One row an input, without a value."""
    chosen = tool(name)
    return [[key, unit.replace("|", ", "), ""] for key, unit in chosen.inputs.items()]


def computed(assistant: Assistant, name: str, given: pd.DataFrame, note: str) -> str:
    """One tool from the table and the note; one clear line when the inputs cannot be used."""
    inputs = {str(row[0]): str(row[2]).strip() for row in given.to_numpy() if str(row[2]).strip() not in ("", "nan", "None")}
    try:
        record = assistant.assess_risk(name, inputs, note=note)
    except EXPECTED as error:
        return failed("Not computed.", error)
    return panel([record], note)


def picked(assistant: Assistant, question: str, note: str) -> str:
    """The tools that the words name, filled from the note; each input with its place."""
    try:
        found = assistant.assess_from_note(question, note or question) if question.strip() else ()
    except EXPECTED as error:
        return failed("Not computed.", error)
    if not found:
        return failed("Not computed.", InputError(NO_TOOL))
    return panel(found, note or question)


def panel(found: Sequence[RiskResult], note: str) -> str:
    """Results, one under the other, and the safety line."""
    return shown(*(_result(record, note) for record in found), Html(f"<small>{SAFETY_LINE}</small>"))


def _result(record: RiskResult, note: str) -> Html:
    places = [(name, quoted(note, [span])) for name, span in record.spans.items()]
    return Html("".join((
        f"<h3>{safe(record.sentence())}</h3>",
        _parts(record),
        block("Missing", table(["input", "unit or choices"], record.missing.items())),
        items(record.notes),
        opens("Read from the note", table(["input", "place"], places)) if places else "",
        f"<p><small>Source: {linked('; '.join(record.sources))}</small></p>",
    )))  # fmt: skip


def _parts(record: RiskResult) -> Html:
    """Each part on what value, with a bar of what it added; an equation has values alone."""
    most = max((abs(part.points or 0.0) for part in record.parts), default=0.0) or 1.0
    added = [bar(render.points(part, record), (part.points or 0.0) / most) for part in record.parts]
    if not any(render.points(part, record) for part in record.parts):
        return table(["input", "value"], [(part.text, part.value) for part in record.parts])
    return table(["part", "value", "points"], [(part.text, part.value, points) for part, points in zip(record.parts, added, strict=True)])
