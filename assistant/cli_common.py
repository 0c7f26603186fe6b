"""What the commands share: two consoles, progress bars, the one line of an expected error, and the Assistant of the settings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from assistant import Assistant
from assistant.errors import EXPECTED
from assistant.records import to_dict
from assistant.settings import Settings

if TYPE_CHECKING:
    from knowledge_base.index import Progress as KbProgress

Json = Annotated[bool, typer.Option("--json", help="Print the whole record as JSON.")]
Backend = Annotated[str | None, typer.Option(help="ctranslate2, llama_cpp, transformers, langchain or extractive (no model).")]
out = Console(highlight=False, soft_wrap=True, markup=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


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


def opened(backend: str | None) -> Assistant:
    """The Assistant of the settings; a bar shows when its index is built."""
    return Assistant(Settings.load(backend=backend), progress=building())


def shown(record: Any, text: str, as_json: bool) -> None:
    """Print a record as text or as JSON."""
    out.print(json.dumps(to_dict(record), indent=2, ensure_ascii=False) if as_json else text)


def building() -> KbProgress:
    """A bar for the index, drawn when there is something to show and gone when it is done."""
    bars = _bars()
    task = bars.add_task("building the index", total=None)
    report = _moves(bars, task)

    def moved(done: int, total: int) -> None:
        report(done, total)
        if done >= total:
            bars.stop()

    return moved


@contextmanager
def adding() -> Iterator[tuple[KbProgress, KbProgress]]:
    """Two bars, files read and passages embedded, as functions of (done, total)."""
    bars = _bars()
    try:
        yield tuple(_moves(bars, bars.add_task(name, total=None)) for name in ("files", "passages"))  # type: ignore[misc]  # two of them
    finally:
        if bars.live.is_started:
            bars.stop()


def _bars() -> Progress:
    columns = (TextColumn("{task.description:8}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=err, transient=True)


def _moves(bars: Progress, task: TaskID) -> KbProgress:
    def report(done: int, total: int) -> None:
        bars.start()        # nothing is drawn before there is something to show
        bars.update(task, completed=done, total=total)

    return report
