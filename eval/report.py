"""A task's result: per metric the mean, n and a 95 % interval; with what the numbers depend on."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.metrics import bootstrap

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Task:
    """A dataset and how a case of it is scored; `score` returns metric name -> value in [0, 1].

    `load` returns no case when the data is not there, and the task is then reported as skipped.
    """

    name: str
    load: Callable[[], Sequence[Row]]
    score: Callable[[Any, Row], Mapping[str, float]]
    about: str = ""


@dataclass
class Report:
    """What was measured; a case that failed to run is counted apart, not as a wrong answer."""

    task: str
    n: int
    metrics: dict[str, dict[str, float]]
    failures: list[dict[str, str]] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    seed: int = 0
    seconds: float = 0.0
    cases_sha256: str = ""

    def save(self, folder: Path) -> Path:
        """Write `<task>.json`."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.task}.json"
        path.write_text(json.dumps(self.__dict__, indent=2, sort_keys=True), encoding="utf-8")
        return path

    def lines(self) -> Iterable[str]:
        """One line a metric for the terminal."""
        for name, row in self.metrics.items():
            yield f"{self.task:18} {name:24} {row['mean']:.3f}  [{row['low']:.3f}, {row['high']:.3f}]  n={row['n']:g}"


def run(
    task: Task, assistant: Any, *, limit: int | None = None, seed: int = 0, progress: Callable[[int, int], None] | None = None
) -> Report:
    """Score every case of a task in order."""
    from assistant.errors import AssistantError, KnowledgeBaseError

    cases = list(task.load())[:limit]
    values: dict[str, list[float]] = {}
    failures: list[dict[str, str]] = []
    start = time.perf_counter()
    for done, case in enumerate(cases, 1):
        try:
            for name, value in task.score(assistant, case).items():
                values.setdefault(name, []).append(float(value))
        except (AssistantError, KnowledgeBaseError) as error:
            failures.append({"id": str(case.get("id", done)), "error": type(error).__name__})
        if progress:
            progress(done, len(cases))
    return Report(
        task.name, len(cases), {name: summary(row, seed) for name, row in values.items()}, failures,
        {"python": platform.python_version(), "platform": sys.platform}, seed, round(time.perf_counter() - start, 1),
        hashlib.sha256(json.dumps(cases, sort_keys=True, default=str).encode()).hexdigest()[:16],
    )  # fmt: skip


def summary(values: Sequence[float], seed: int) -> dict[str, float]:
    """Mean, n, and a bootstrap interval."""
    low, high = bootstrap(values, seed=seed)
    return {"mean": sum(values) / len(values), "n": len(values), "low": low, "high": high}
