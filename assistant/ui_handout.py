"""The tab of patient handouts: topic, reader, grade and language in; the page as it will be printed out, to save as HTML and PDF."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any

import gradio as gr

from assistant import Assistant
from assistant.education import handout_page
from assistant.education.reader import LANGUAGES
from assistant.errors import EXPECTED, SettingsError
from assistant.records import Answer, Handout
from assistant.ui_parts import Html, failed, file, remark, safe, shown, withheld

TOPICS = ("high blood pressure", "type 2 diabetes", "asthma")
STATES = {"not known": None, "yes": True, "no": False}
SEXES = {"not known": None, "female": "female", "male": "male"}
EMPTY = shown("The page appears here as it will be printed. Every sentence rests on a guideline statement or is a fixed phrase.")
WAIT = shown("Writing the page ...")
NO_FONT = (
    "No Chinese font was found to put into the PDF: on a machine without one its lines are blank. Print the HTML, or install "
    "fonts-wqy-zenhei here."
)
NEAR = 1.0      # grades above the target that need no remark


def build(assistant: Assistant) -> None:
    """Add the tab's parts to the page that is being built."""
    with gr.Row():
        with gr.Column(scale=2):
            topic = gr.Textbox("", label="Topic: a condition in plain words", elem_id="topic")
            gr.Examples([[text] for text in TOPICS], [topic])
            with gr.Row():
                languages = [(name, code) for code, name in LANGUAGES.items()]
                language = gr.Dropdown(languages, value="en", label="Language", elem_id="language", min_width=140)
                grade = gr.Slider(3, 12, value=6, step=1, label="Reading grade", elem_id="grade", min_width=180)
            known = _reader()
            go = gr.Button("Write the handout", variant="primary", elem_id="write")
        with gr.Column(scale=3):
            panel = gr.HTML(EMPTY, elem_id="handout", padding=False)

    def write(text: str, target: float, tongue: str, *told: Any) -> Iterator[str]:
        yield WAIT
        yield written(assistant, text, target, {**reader(*told), "language": tongue})

    gr.on([go.click, topic.submit], write, [topic, grade, language, *known], panel)


def _reader() -> list[Any]:
    with gr.Accordion("The reader: what is left out is not taken for a no", open=True):
        with gr.Row():
            # text: a number field shows 0 when it is empty, and an unknown age must not become a newborn's
            age = gr.Textbox("", label="Age, years", elem_id="reader-age", min_width=120)
            sex = gr.Dropdown(list(SEXES), value="not known", label="Sex", elem_id="reader-sex", min_width=120)
        with gr.Row():
            pregnant = gr.Dropdown(list(STATES), value="not known", label="Pregnant", elem_id="reader-pregnant", min_width=120)
            nursing = gr.Dropdown(list(STATES), value="not known", label="Breastfeeding", elem_id="reader-nursing", min_width=120)
        conditions = gr.Textbox("", label="Other conditions", placeholder="asthma, gout", elem_id="reader-conditions")
        medicines = gr.Textbox("", label="Medicines, without doses", placeholder="ibuprofen, lisinopril", elem_id="reader-medicines")
        note = gr.Textbox("", label="Or the reader's note, for what the fields leave open", lines=3, max_lines=8, elem_id="reader-note")
    return [age, sex, pregnant, nursing, conditions, medicines, note]


def reader(age: str, sex: str, pregnant: str, nursing: str, conditions: str, medicines: str, note: str) -> dict[str, Any]:
    """The fields as `Assistant.educate` takes them; an empty field is left out."""
    told = {
        "age_years": age.strip(), "sex": SEXES[sex], "pregnant": STATES[pregnant], "breastfeeding": STATES[nursing],
        "conditions": _listed(conditions), "medicines": _listed(medicines), "note": note.strip(),
    }  # fmt: skip
    return {name: value for name, value in told.items() if value not in (None, [], "")}


def _listed(text: str) -> list[str]:
    return [word.strip() for word in re.split(r"[,;\n]", text) if word.strip()]


def written(assistant: Assistant, topic: str | Answer, grade: float, told: dict[str, Any]) -> str:
    """The page, the files to save, its measured grade, and what was left out."""
    try:
        record = assistant.educate(topic, reader=told, grade=grade)
    except EXPECTED as error:
        return failed("Not written.", error)
    page = handout_page.html(record)
    # an inner page: its style stays its own, and the sandbox lets nothing in it run
    frame = Html(f'<iframe sandbox title="The handout" srcdoc="{escape(page)}"></iframe>')
    return shown(_files(record, page), _measured(record), frame, withheld(record.dropped, "Left out"))


def _files(record: Handout, page: str) -> Html:
    html = file("HTML to print", handout_page.file_name(record, "html"), "text/html", page)
    try:
        pdf = file("PDF", handout_page.file_name(record, "pdf"), "application/pdf", handout_page.pdf(record))
    except SettingsError as error:
        pdf = Html(f"<small>{safe(str(error))}</small>")
    bare = record.language == "zh" and handout_page.chinese_file() is None
    return Html(f"Save: {html}{pdf}{remark(NO_FONT) if bare else ''}")


def _measured(record: Handout) -> Html:
    text = f"Reads at grade {record.grade:.1f} (Flesch-Kincaid), {record.smog:.1f} (SMOG); target {record.target_grade:g}."
    if record.grade > record.target_grade + NEAR:
        return remark(f"{text} Harder than asked: what is left is needed or cannot be said more simply.")
    return Html(f"<p><small>{text}</small></p>")
