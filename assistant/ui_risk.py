"""The risk tab of the page: choose a tool, type what is known or paste a note, see the number, its parts and what is missing."""

from __future__ import annotations

from typing import Any

import gradio as gr
import pandas as pd

from assistant import Assistant, render
from assistant.errors import AssistantError
from assistant.records import RiskResult
from assistant.risk import describe, tool, tools

HEADERS = ["input", "unit or choices", "value"]


def build(assistant: Assistant) -> None:
    """Add the tab's parts to the page that is being built."""
    names = [(f"{chosen.title} ({chosen.name})", chosen.name) for chosen in tools()]
    with gr.Row():
        with gr.Column(scale=2):
            choice = gr.Dropdown(names, value="ckd_epi_2021", label="Tool", elem_id="tool", filterable=True)
            about = gr.Markdown(describe("ckd_epi_2021"))
            known = "What is known (leave the rest empty)"
            table = gr.Dataframe(rows("ckd_epi_2021"), headers=HEADERS, interactive=True, label=known, elem_id="inputs")
            note = gr.Textbox(label="Or paste a note: what the table lacks is read from it", lines=4, elem_id="risk-note")
            go = gr.Button("Compute", variant="primary", elem_id="compute")
        with gr.Column(scale=2):
            result = gr.Markdown(elem_id="risk-result")
            plot = gr.BarPlot(x="points", y="part", title="What each part added", height=320, visible=False)
    choice.change(lambda name: (describe(name), rows(name)), choice, [about, table])

    def compute(name: str, given: pd.DataFrame, text: str) -> tuple[str, Any]:
        return computed(assistant, name, given, text)

    go.click(compute, [choice, table, note], [result, plot])


def rows(name: str) -> list[list[str]]:
    """One row an input, without a value."""
    chosen = tool(name)
    return [[key, unit.replace("|", ", "), ""] for key, unit in chosen.inputs.items()]


def computed(assistant: Assistant, name: str, given: pd.DataFrame, note: str) -> tuple[str, Any]:
    """The result as text, and its parts as a bar plot where they have points; one clear line when the inputs cannot be used."""
    inputs = {str(row[0]): str(row[2]).strip() for row in given.to_numpy() if str(row[2]).strip() not in ("", "nan", "None")}
    try:
        record = assistant.assess_risk(name, inputs, note=note)
    except AssistantError as error:
        return f"**Not computed.** {error}", gr.update(visible=False)
    frame = parts(record)
    return render.risk(record), gr.update(value=frame, visible=len(frame) > 0)


def parts(record: RiskResult) -> pd.DataFrame:
    """Parts with points, for the plot."""
    known = [(part.text[:60], part.points) for part in record.parts if part.points]
    return pd.DataFrame(known, columns=["part", "points"])
