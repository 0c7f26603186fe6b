"""`python -m assistant.risk.training [task ...] --data FOLDER`: train the house's own tasks and write their folders."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from assistant.errors import InputError
from assistant.risk.classifier import HOUSE
from assistant.risk.training.data import load, plans
from assistant.risk.training.register import index, register
from assistant.risk.training.run import train


def main(arguments: list[str] | None = None) -> int:
    """Train the named tasks, or all; 2 when one cannot be trained."""
    parser = argparse.ArgumentParser(prog="python -m assistant.risk.training", description=main.__doc__)
    parser.add_argument("tasks", nargs="*", help="names of tasks; all when left out")
    parser.add_argument("--data", type=Path, default=Path("data/training"), help="folder with wheels and files of the training data")
    parser.add_argument("--out", type=Path, default=HOUSE)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    failed = 0
    for name in given.tasks or list(plans()):
        try:
            if name not in plans():
                raise InputError(f"no task '{name}'; there are: {', '.join(plans())}")
            plan = plans()[name]
            data = load(plan, given.data)
            external = {key: load(plan, given.data, source=source) for key, source in plan.external.items()}
            print(register(train(plan, data, external, seed=given.seed, say=_say), given.out))
        except InputError as error:
            failed = 2
            print(f"error: {name}: {error}", file=sys.stderr)
    if any(given.out.glob("*/card.json")):
        index(given.out)
    return failed


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
