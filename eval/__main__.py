"""`python -m eval [task ...] [--limit n] [--backend extractive]`: run the evaluation offline and write reports/*.json."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from assistant.assistant import Assistant
from assistant.errors import AssistantError, KnowledgeBaseError
from assistant.settings import Settings
from eval.report import run
from eval.tasks import TASKS


def main(arguments: list[str] | None = None) -> int:
    """Run the tasks named (all when none is); exit code 1 when a case failed to run."""
    parser = argparse.ArgumentParser(prog="python -m eval", description=__doc__)
    parser.add_argument("tasks", nargs="*", help=f"of: {', '.join(TASKS)}")
    parser.add_argument("--limit", type=int, help="only the first N cases of each task: a smoke run")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--backend", default="extractive", help="extractive needs no weights")
    parser.add_argument("--out", type=Path, default=Path("reports"))
    chosen = parser.parse_args(arguments)
    if unknown := [name for name in chosen.tasks if name not in TASKS]:
        parser.error(f"unknown task {', '.join(unknown)}; there are: {', '.join(TASKS)}")
    try:
        return _run(chosen)
    except (AssistantError, KnowledgeBaseError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2


def _run(chosen: argparse.Namespace) -> int:
    assistant = Assistant(Settings.load(backend=chosen.backend, seed=chosen.seed))
    failed = 0
    for name in chosen.tasks or TASKS:
        if not TASKS[name].load():
            sys.stdout.write(f"{name:18} skipped: its data is not here (set BENCH to the folder of the public sets)\n")
            continue
        report = run(TASKS[name], assistant, limit=chosen.limit, seed=chosen.seed)
        report.versions |= dict(assistant.parts.versions("ask"))
        failed += len(report.failures)
        path = report.save(chosen.out)
        sys.stdout.writelines(f"{line}\n" for line in report.lines())
        sys.stdout.write(f"{name:18} {report.seconds} s, {len(report.failures)} failed to run, written to {path}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
