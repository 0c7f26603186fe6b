"""The tab of questions: evidence, red flags and tool results first, then the prose; what the gate dropped stands under the evidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from assistant import Assistant, render, ui_handout
from assistant.errors import EXPECTED
from assistant.records import Answer
from assistant.ui_parts import Html, block, cited, shown, withheld

EXAMPLES = (
    "Can a 70-year-old woman with an eGFR of 25 take metformin?",
    "What is the adrenaline dose in anaphylaxis for an adult?",
    "CHA2DS2-VASc for a 76-year-old woman with hypertension, diabetes and atrial fibrillation?",
)
EMPTY = shown(block("Evidence", "Sources of the answer appear here before the answer does."))
GRADE = 6.0         # reading grade of a handout; the tab of handouts sets others
Turns = list[dict[str, Any]]
Shown = tuple[Any, Turns, str, Answer | None]


def build(assistant: Assistant) -> None:
    """Add the tab's parts to the page that is being built."""
    with gr.Row():
        with gr.Column(scale=3):
            chat = gr.Chatbot(height=520, label="Conversation", autoscroll=False, buttons=["copy", "copy_all"])
            box = gr.Textbox("", label="Your question", lines=2, elem_id="question", autofocus=True)
            with gr.Accordion("The patient's note (optional: its facts are used)", open=False, elem_id="ask-note-open"):
                note = gr.Textbox("", label="Note", lines=6, max_lines=12, elem_id="ask-note")
            with gr.Row():
                send = gr.Button("Send", variant="primary", elem_id="send")
                hand_out = gr.Button("Patient handout on this", elem_id="handout-of-answer")
            gr.Examples([[text] for text in EXAMPLES], [box])
        with gr.Column(scale=2):
            panel = gr.HTML(EMPTY, elem_id="evidence", padding=False)
    last = gr.State(None)

    def reply(text: str, history: Turns, patient: str | None) -> Iterator[Shown]:
        yield from respond(assistant, text, history, patient or "")     # a box that was never opened sends None

    # one at a time on a page: each answer grows into the conversation that it began with
    gr.on([send.click, box.submit], reply, [box, chat, note], [box, chat, panel, last], concurrency_limit=2, trigger_mode="once")
    hand_out.click(lambda answer: handout(assistant, answer), last, panel)


def respond(assistant: Assistant, text: str, history: Turns, note: str) -> Iterator[Shown]:
    """Yield (box, conversation, evidence, answer) as the answer grows; the box is emptied once, what was typed comes back on an error.

    A question that is refused before that still stands in the box: written again, it would fall on what is typed meanwhile.
    """
    asked = [*history, {"role": "user", "content": text}]
    box: Any = ""
    back: Any = gr.skip()
    try:
        for answer in assistant.ask_stream(text, note=note):
            yield box, [*asked, {"role": "assistant", "content": render.answer(answer)}], evidence(answer), answer
            box, back = gr.skip(), text         # the next question may be in it by now
    except EXPECTED as error:
        yield back, [*asked, {"role": "assistant", "content": f"**Not done.** {error}"}], EMPTY, None


def handout(assistant: Assistant, answer: Answer | None) -> str:
    """A page for the patient on what the answer is on, fitted to the patient of the question."""
    return ui_handout.written(assistant, answer, GRADE, {}) if answer else shown(block("Patient handout", "Ask a question first."))


def evidence(answer: Answer) -> str:
    """Each citation as a block that opens, the cited ones first; then the sentences that failed a check, and why."""
    used = dict.fromkeys(c for sentence in answer.sentences for c in sentence.citations)
    rest = [c for c in answer.evidence if c not in used]
    head = Html("".join(cited(c, f"[{n}] ") for n, c in enumerate(used, 1)))
    more = Html("".join(cited(c) for c in rest))
    found = [block("Evidence", head), block("Also found" if used else "Evidence found", more)]
    return shown(*found, withheld(answer.dropped, "Not shown: failed a check"))
