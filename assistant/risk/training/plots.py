"""Pictures of a run and of a single result. matplotlib is needed here and nowhere else (extra `train`)."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import InputError
from assistant.records import RiskResult
from assistant.risk.training import evaluate
from assistant.risk.training.explain import waterfall
from assistant.risk.training.run import Run


def summary(run: Run, path: Path) -> Path:
    """ROC, precision-recall, calibration and decision curve of the served model, out of fold, in one picture (.png or .svg)."""
    plt = _pyplot()
    outcome, logits = run.data.outcome, run.best.logits[0]
    figure, ((roc, pr), (calibration, decision)) = plt.subplots(2, 2, figsize=(9, 8), layout="constrained")
    order = np.argsort(-logits, kind="stable")
    hits = np.cumsum(outcome[order])
    calls = np.arange(1, len(outcome) + 1)
    recall, precision = hits / hits[-1], hits / calls
    roc.plot((calls - hits) / (len(outcome) - hits[-1]), recall)
    roc.plot([0, 1], [0, 1], ":", color="grey")
    auroc, auprc = (run.figures[run.served][name][0] for name in ("auroc", "auprc"))
    roc.set(title=f"ROC, area {auroc:.3f}", xlabel="1 - specificity", ylabel="sensitivity")
    pr.plot(recall, precision)
    pr.axhline(outcome.mean(), ls=":", color="grey")
    pr.set(title=f"precision-recall, area {auprc:.3f}", xlabel="recall", ylabel="precision", ylim=(0, 1.02))
    said, seen, _ = zip(*evaluate.bins(outcome, logits), strict=True)
    calibration.plot(said, seen, "o-")
    calibration.plot([0, 1], [0, 1], ":", color="grey")
    slope, ece = (run.figures[run.served][name][0] for name in ("calibration_slope", "ece_error"))
    calibration.set(title=f"calibration, slope {slope:.2f}, ECE {ece:.3f}", xlabel="predicted", ylabel="observed")
    at = [point["threshold"] for point in run.curve]
    for name, style in (("model", "-"), ("everybody", "--")):
        decision.plot(at, [point[name] for point in run.curve], style, label=name)
    decision.axhline(0, color="grey", ls=":", label="nobody")
    decision.set(title="decision curve", xlabel="threshold probability", ylabel="net benefit", ylim=(-0.1, outcome.mean() + 0.05))
    decision.legend()
    figure.suptitle(f"{run.plan.name}: {run.served}, {len(outcome)} patients, out of fold")
    return _save(plt, figure, path)


def draw_waterfall(result: RiskResult, path: Path) -> Path:
    """A result's contributions as bars from the typical patient to the patient (.png or .svg).

    Raises:
        InputError: the result has no parts to draw, or matplotlib is not installed.
    """
    steps = waterfall(result)
    if not steps:
        raise InputError(f"{result.tool} gave no contributions to draw; inputs may be missing")
    plt = _pyplot()
    figure, axes = plt.subplots(figsize=(9, 0.42 * len(steps) + 1.2), layout="constrained")
    for height, step in enumerate(steps):
        change = step.end - step.start
        axes.barh(-height, change, left=step.start, color="grey" if height == 0 else "tab:red" if change > 0 else "tab:blue")
        axes.text(max(step.start, step.end), -height, f" {change:+.2f}", va="center", fontsize=8)
    axes.set_yticks([-n for n in range(len(steps))], [step.text for step in steps], fontsize=8)
    axes.axvline(steps[-1].end, color="black", lw=0.8)
    axes.set(title=f"{result.tool}: {result.value:g} % ({result.band})", xlabel="log-odds")
    return _save(plt, figure, path)


def _pyplot() -> Any:
    try:
        matplotlib = import_module("matplotlib")
    except ImportError as error:
        raise InputError("pictures need matplotlib: pip install 'clinical-assistant[train]'") from error
    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "classifier"
    return import_module("matplotlib.pyplot")


def _save(plt: Any, figure: Any, path: Path) -> Path:
    metadata = {"Date": None} if path.suffix == ".svg" else {"Software": None}
    figure.savefig(path, dpi=80, metadata=metadata)
    plt.close(figure)
    return path
