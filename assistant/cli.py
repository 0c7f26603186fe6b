"""The command line: a command parses, makes one call, prints."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from assistant import cli_common as common
from assistant import render
from assistant.cli_common import Backend, Json
from assistant.cli_kb import kb_app, model_app
from assistant.cli_text import note_of, pairs_of, saved, text_of
from assistant.education import handout_page
from assistant.errors import InputError
from assistant.records import SAFETY_LINE
from assistant.settings import Settings

app = typer.Typer(help=f"A local clinical assistant.\n\n{SAFETY_LINE}", no_args_is_help=True, add_completion=False)
app.add_typer(kb_app, name="kb")
app.add_typer(model_app, name="model")


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help='The question in plain words, or "-" to read it from standard input.')],
    note: Annotated[Path | None, typer.Option(help="A file with the patient's note; its facts are used.")] = None,
    details: Annotated[bool, typer.Option(help="Show what the gate dropped, and why.")] = False,
    as_json: Json = False,
    backend: Backend = None,
) -> None:
    """Answer a clinical question from the guidelines, with a citation on every sentence.

    Example: assistant ask "Can a 70-year-old with an eGFR of 25 take metformin?"
    """
    with common.one_line_errors():
        answers = common.opened(backend).ask_stream(text_of(question), note=note_of(note))
        if as_json:
            *_, record = answers
            common.shown(record, "", as_json)
            return
        for piece in render.growing(answers, details=details):
            common.out.print(piece)


@app.command()
def diagnose(
    case: Annotated[str, typer.Argument(help='The case in free text, a file name, or "-".')], as_json: Json = False, backend: Backend = None
) -> None:
    """Suggest diagnoses: ranked, with findings for and against, and what must not be missed.

    Example: assistant diagnose "58M with sudden tearing chest pain to the back, BP 180/100"
    """
    with common.one_line_errors():
        record = common.opened(backend).diagnose(text_of(case))
        common.shown(record, render.differential(record), as_json)


@app.command()
def note(
    path: Annotated[str, typer.Argument(help='A file with the note, or "-".')],
    style: Annotated[str, typer.Option(help="one_liner, problem_list, soap, handoff, discharge; dialogue_to_note.")] = "problem_list",
    worded: Annotated[bool, typer.Option("--worded", help="Let the model word history and assessment; else they are quoted.")] = False,
    as_json: Json = False,
    backend: Backend = None,
) -> None:
    """Summarise a note; each line carries the characters of the note that it rests on.

    Example: assistant note examples/pneumonia.txt --style soap
    """
    with common.one_line_errors():
        record = common.opened(backend).summarize_note(text_of(path), style=style, worded=worded)
        common.shown(record, render.summary(record), as_json)


@app.command()
def educate(
    topic: Annotated[str, typer.Argument(help="A condition, in plain words.")],
    grade: Annotated[float, typer.Option(help="Target reading grade.")] = 6.0,
    note: Annotated[Path | None, typer.Option(help="A file with the reader's note; what is not for this reader is left out.")] = None,
    language: Annotated[str, typer.Option(help="en, es or zh.")] = "en",
    html: Annotated[Path | None, typer.Option(help="Write a page to print to this file.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write a PDF to this file.")] = None,
    as_json: Json = False,
    backend: Backend = None,
) -> None:
    """Write a handout for patients at a measured reading level. Education only.

    Example: assistant educate "high blood pressure"
    """
    with common.one_line_errors():
        record = common.opened(backend).educate(topic, grade=grade, reader={"note": note_of(note), "language": language})
        common.shown(record, render.handout(record), as_json)
        if html:
            saved(html, handout_page.html(record).encode())
        if pdf:
            saved(pdf, handout_page.pdf(record))


@app.command()
def risk(
    name: Annotated[str, typer.Argument(help="Name of the tool; leave out to list them all.")] = "",
    inputs: Annotated[
        list[str] | None, typer.Argument(help="name=value pairs: age_years=70 sex=female creatinine_mg_dl='150 umol/L'")
    ] = None,
    note: Annotated[Path | None, typer.Option(help="Fill what is missing from a note.")] = None,
    data: Annotated[Path | None, typer.Option(help="With `train NAME`: a CSV file, one row a patient.")] = None,
    target: Annotated[str, typer.Option(help="With `train NAME`: the column to predict, of two values.")] = "",
    card: Annotated[Path | None, typer.Option(help="With `train NAME`: a TOML file with what the model card must say of the data.")] = None,
    as_json: Json = False,
) -> None:
    """Compute a score, an equation or a classifier; what is missing is named, never guessed. `train NAME` trains one on your own data.

    Example: assistant risk ckd_epi_2021 creatinine_mg_dl=1.7 age_years=70 sex=female

    Example: assistant risk train readmission --data my.csv --target readmitted
    """
    from assistant.risk import tools

    with common.one_line_errors():
        if name == "train":
            _train(inputs or [], data, target, card)
            return
        if not name:
            for tool in tools():
                common.out.print(f"{tool.name:32} {tool.title}")
            return
        record = common.opened("extractive").assess_risk(name, pairs_of(inputs or []), note=note_of(note))
        common.shown(record, f"{render.risk(record)}\n\n_{SAFETY_LINE}_", as_json)
        if record.value is None:
            raise typer.Exit(2)


def _train(names: list[str], data: Path | None, target: str, card: Path | None) -> None:
    """Train, evaluate and register a task of the user's own."""
    if len(names) != 1 or data is None or not target:
        raise InputError("training needs a name, a file and a column: assistant risk train NAME --data my.csv --target COLUMN")
    from assistant.risk.training.report import report, texts
    from assistant.risk.training.user import train_csv

    run, folder = train_csv(names[0], data, target, texts=texts(card), say=common.err.print)
    common.out.print(report(run, folder))


@app.command()
def deidentify(
    path: Annotated[str, typer.Argument(help='A file with the note, or "-".')],
    to: Annotated[Path | None, typer.Option(help="Write the copy to this file.")] = None,
) -> None:
    """Mask names, dates, numbers and places in a note by rule; a person must look at the copy before it leaves.

    Example: assistant deidentify examples/pneumonia.txt --to copy.txt
    """
    from assistant.privacy.deidentify import deidentify as masked

    with common.one_line_errors():
        copy = masked(text_of(path))
        if to:
            saved(to, copy.text.encode())
        else:
            common.out.print(copy.text)
        counts = ", ".join(f"{kind} {n}" for kind, n in sorted(Counter(item.kind for item in copy.items).items()))
        common.err.print(f"masked: {counts or 'nothing'}. A person must look at this copy before it leaves.")


@app.command()
def doctor() -> None:
    """Check the installation: settings, index, model, disk."""
    from assistant.doctor import checks

    with common.one_line_errors():
        bad = 0
        for check in checks(Settings.load()):
            bad += not check.ok
            common.out.print(f"{'ok  ' if check.ok else 'FAIL'} {check.name}: {check.text}")
        raise typer.Exit(1 if bad else 0)


@app.command()
def ui(port: int = 7860, host: str = "127.0.0.1", backend: Backend = None) -> None:
    """Open the chat page in your browser (http://127.0.0.1:7860)."""
    from assistant.ui import launch

    with common.one_line_errors():
        _warn_of(host)
        launch(common.opened(backend), host=host, port=port)


@app.command()
def serve(port: int = 8000, host: str = "127.0.0.1", backend: Backend = None) -> None:
    """Serve the HTTP API (its OpenAPI page is at /docs)."""
    import uvicorn

    from assistant.api import LOCAL, create_app

    with common.one_line_errors():
        _warn_of(host)
        hosts = ("*",) if host in ("0.0.0.0", "::") else (*LOCAL, host)     # listening everywhere, it cannot know its names
        uvicorn.run(create_app(common.opened(backend), hosts), host=host, port=port, log_level="warning")


def _warn_of(host: str) -> None:
    if host not in ("127.0.0.1", "localhost", "::1"):
        common.err.print(f"listening on {host}: whoever reaches it can send notes and read answers; there is no password and no encryption")


def main() -> None:
    """Entry point of the `assistant` command."""
    app()


if __name__ == "__main__":
    main()
