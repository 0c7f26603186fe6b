"""The chat page: evidence, red flags and tool results first, then the prose as it passes the gate."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import gradio as gr

from assistant import Assistant, render, ui_risk
from assistant.errors import AssistantError, KnowledgeBaseError
from assistant.records import SAFETY_LINE, Answer, Citation

MODES = ("Ask", "Diagnose", "Summarise a note", "Patient handout")
EXAMPLES = (
    "Can a 70-year-old woman with an eGFR of 25 take metformin?",
    "What is the adrenaline dose in anaphylaxis for an adult?",
    "CHA2DS2-VASc for a 76-year-old woman with hypertension, diabetes and atrial fibrillation?",
)
CSS = """
.evidence details {border: 1px solid var(--border-color-primary); border-radius: 8px; padding: 6px 10px; margin: 6px 0}
.evidence summary {cursor: pointer; font-weight: 600}
.evidence blockquote {margin: 6px 0; padding-left: 10px; border-left: 3px solid var(--color-accent)}
.evidence .start {font-weight: 400; opacity: 0.8}
.safety {font-size: 0.85em; opacity: 0.85}
"""


def build(assistant: Assistant) -> gr.Blocks:
    """The page over one Assistant."""
    with gr.Blocks(title="Clinical assistant") as page:
        gr.Markdown("# Clinical assistant")
        gr.Markdown(f"{SAFETY_LINE} {where(assistant)}", elem_classes="safety")
        with gr.Tab("Chat"):
            _chat(assistant)
        with gr.Tab("Risk tools"):
            ui_risk.build(assistant)
    return page


def _chat(assistant: Assistant) -> None:
    with gr.Row():
        with gr.Column(scale=3):
            chat = gr.Chatbot(height=520, label="Conversation", autoscroll=False)
            mode = gr.Radio(MODES, value=MODES[0], label="What to do", elem_id="mode")
            box = gr.Textbox(label="Your question, case or note", lines=3, elem_id="question", autofocus=True)
            send = gr.Button("Send", variant="primary", elem_id="send")
            gr.Examples([[text] for text in EXAMPLES], [box])
        with gr.Column(scale=2):
            gr.Markdown("### Evidence")
            panel = gr.HTML("Sources of the answer appear here before the answer does.", elem_classes="evidence", elem_id="evidence")

    def reply(text: str, history: list[dict[str, Any]], chosen: str) -> Iterator[tuple[str, list[dict[str, Any]], str]]:
        yield from respond(assistant, text, history, chosen)

    # two at once: a short request need not wait for the prose of a long one
    gr.on([send.click, box.submit], reply, [box, chat, mode], [box, chat, panel], concurrency_limit=2, trigger_mode="multiple")


def respond(assistant: Assistant, text: str, history: list[dict[str, Any]], mode: str) -> Iterator[tuple[str, list[dict[str, Any]], str]]:
    """Yield (empty box, conversation, evidence) as the answer grows; what was typed comes back into the box on an error."""
    asked = [*history, {"role": "user", "content": text}]
    try:
        if mode == MODES[0]:
            for answer in assistant.ask_stream(text):
                yield (
                    "",
                    [*asked, {"role": "assistant", "content": render.answer(answer, details=True, with_sources=False)}],
                    evidence(answer),
                )
        else:
            yield "", [*asked, {"role": "assistant", "content": other(assistant, text, mode)}], ""
    except (AssistantError, KnowledgeBaseError) as error:
        yield text, [*asked, {"role": "assistant", "content": f"**Not done.** {error}"}], ""


def other(assistant: Assistant, text: str, mode: str) -> str:
    """The jobs that come back in one piece."""
    if mode == MODES[1]:
        return render.differential(assistant.diagnose(text))
    if mode == MODES[2]:
        return render.summary(assistant.summarize_note(text))
    return render.handout(assistant.educate(text))


def evidence(answer: Answer) -> str:
    """Each citation as a block that opens: the quoted statement, its document, source and link. The cited ones stand first."""
    cited = dict.fromkeys(c for sentence in answer.sentences for c in sentence.citations)
    rest = [c for c in answer.evidence if c not in cited]
    head = "".join(_details(c, f"[{n}] ") for n, c in enumerate(cited, 1))
    more = "".join(_details(c, "") for c in rest)
    return head + (f"<p>Also found</p>{more}" if more else "")


def _details(citation: Citation, mark: str) -> str:
    link = html.escape(citation.url) if re.match(r"https?://", citation.url) else ""
    anchor = f'<a href="{link}" target="_blank" rel="noopener">{link}</a>' if link else html.escape(citation.url)
    return (
        f"<details data-passage='{html.escape(citation.passage_id)}'><summary>{mark}{html.escape(citation.title)}"
        f" &middot; {html.escape(citation.source)}<br><span class='start'>{html.escape(_start(citation.quote))}</span></summary>"
        f"<blockquote>{html.escape(citation.quote)}</blockquote>"
        f"<small>{html.escape(citation.passage_id)} &middot; {anchor}</small></details>"
    )


def _start(quote: str, words: int = 14) -> str:
    """The first words of a statement, so that a closed block can be told from its neighbours."""
    every = quote.split()
    return " ".join(every[:words]) + (" ..." if len(every) > words else "")


def where(assistant: Assistant) -> str:
    """Whether text leaves this process."""
    if assistant.settings.backend == "langchain":
        return f"**Text is sent to {assistant.settings.server_url or 'the configured server'}.**"
    return "No text leaves this machine."


def launch(assistant: Assistant, *, host: str, port: int) -> None:
    """Serve the page until it is stopped; index and model are opened while the page loads."""
    from threading import Thread

    Thread(target=lambda: (assistant.parts.kb, assistant.parts.llm), daemon=True).start()
    build(assistant).queue().launch(server_name=host, server_port=port, show_error=True, css=CSS)
