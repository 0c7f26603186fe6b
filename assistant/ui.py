"""The page: one tab a job. What is sure comes first (red flags, evidence, numbers), then the prose as it passes the gate."""

from __future__ import annotations

import gradio as gr

from assistant import Assistant, ui_ask, ui_diagnose, ui_handout, ui_note, ui_parts, ui_risk
from assistant.records import SAFETY_LINE

TABS = (
    ("Ask", ui_ask.build), ("Diagnose", ui_diagnose.build), ("Note", ui_note.build), ("Patient handout", ui_handout.build),
    ("Risk tools", ui_risk.build),
)  # fmt: skip
CSS = f"""
.safety {{font-size: 0.85em; opacity: 0.85}}
{ui_parts.CSS}
"""


def build(assistant: Assistant) -> gr.Blocks:
    """The page over one Assistant."""
    with gr.Blocks(title="Clinical assistant", analytics_enabled=False) as page:
        gr.Markdown("# Clinical assistant")
        gr.Markdown(f"{SAFETY_LINE} {where(assistant)}", elem_classes="safety")
        for name, tab in TABS:
            with gr.Tab(name):
                tab(assistant)
    return page


def where(assistant: Assistant) -> str:
    """Whether text leaves this process."""
    if assistant.parts.leaves_process:
        return f"**Text is sent to {assistant.settings.server_url or 'the configured server'}.**"
    return "No text leaves this machine."


def launch(assistant: Assistant, *, host: str, port: int) -> None:
    """Serve the page until it is stopped; index and model are opened while the page loads."""
    from threading import Thread

    Thread(target=lambda: (assistant.parts.kb, assistant.parts.llm), daemon=True).start()
    build(assistant).queue().launch(server_name=host, server_port=port, show_error=True, css=CSS)
