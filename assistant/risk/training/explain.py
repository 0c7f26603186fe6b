"""Why a number: the exact contributions as a waterfall, and a local linear surrogate (LIME) as a second opinion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import Ridge

from assistant.records import RiskResult
from assistant.risk.trained import Task

SAMPLES, WIDTH = 2000, 0.75


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of a waterfall: from `start` to `end` on the scale of log-odds."""

    text: str
    start: float
    end: float


def waterfall(result: RiskResult, *, most: int = 12) -> list[Step]:
    """The parts of a classifier's result as steps, the typical patient first; the small ones are put together in one step."""
    parts = [part for part in result.parts if part.points is not None]
    kept, rest = parts[:most], parts[most:]
    steps, level = [], 0.0
    for text, points in [(f"{p.text} = {p.value}" if p.value else p.text, float(p.points or 0.0)) for p in kept]:
        steps.append(Step(text, level, level + points))
        level += points
    if rest:
        steps.append(Step(f"{len(rest)} other inputs", level, level + sum(float(p.points or 0.0) for p in rest)))
    return steps


def lime(task: Task, values: Mapping[str, Any], *, model: str = "", seed: int = 0) -> list[tuple[str, float]]:
    """Weights of a ridge regression on the logits of patients near this one, largest first: what the model does around the patient.

    Numbers are moved by a normal step of their spread, words and yes/no are redrawn; near patients weigh more (Ribeiro 2016). A weight is
    the change of the logit for one standard deviation of a number, or for leaving the patient's own word.
    """
    rng, served = np.random.default_rng(seed), task.model(model or task.served)
    rows, moved = np.empty((SAMPLES, len(task.reference))), np.zeros((SAMPLES, len(task.inputs)))
    for place, ((name, i), group) in enumerate(zip(task.inputs.items(), task.groups, strict=True)):
        if i.is_number:
            moved[:, place] = rng.normal(0.0, WIDTH, SAMPLES)
            options: list[Any] = list(
                np.clip(values[name] + moved[:, place] * i.spread, min(i.low, values[name]), max(i.high, values[name]))
            )
        else:
            others = [option for option in i.tried() if option != values[name]]
            changed = rng.random(SAMPLES) < 0.5
            moved[:, place] = changed
            options = [others[rng.integers(len(others))] if c else values[name] for c in changed]
        rows[:, group] = [i.encode(option) for option in options]
    near = np.exp(-(moved**2).sum(axis=1) / (2 * len(task.inputs) * WIDTH**2))
    line = Ridge(alpha=1.0).fit(moved, served.logit(rows), sample_weight=near)
    return sorted(((i.label, float(w)) for i, w in zip(task.inputs.values(), line.coef_, strict=True)), key=lambda pair: -abs(pair[1]))
