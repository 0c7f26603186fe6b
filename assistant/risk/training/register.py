"""A run written down: task.json, safetensors, card.json, card.md and a figure, in one folder that classifier.py serves from."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from assistant.records import SAFETY_LINE
from assistant.risk.fitted import load
from assistant.risk.training import card as cards
from assistant.risk.training.facts import facts
from assistant.risk.training.run import Run, described, space


def register(run: Run, root: Path, *, version: str = "1", trained: date | None = None, plots: bool = True) -> Path:
    """Write a task's folder below `root`, whole or not at all, and return it.

    Raises:
        InputError: an item of the model card would be empty.
    """
    day = (trained or date.today()).isoformat()
    card = _card(run, version, day)
    folder, draft = root / run.plan.name, root / f".{run.plan.name}.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    spec = _spec(run, version, day)
    for kind, fitted in run.fits.items():
        if fitted.arrays:
            path = draft / f"{kind}.safetensors"
            save_file({k: np.ascontiguousarray(v) for k, v in fitted.arrays.items()}, path)
            path.chmod(0o644)
    _write(draft / "task.json", spec)
    _write(draft / "card.json", card)
    (draft / "card.md").write_text(cards.markdown(card), encoding="utf-8")
    if plots:
        from assistant.risk.training.plots import summary

        summary(run, draft / "figures.png")
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    return folder


def index(root: Path) -> Path:
    """CARDS.md: one line a task, from the cards below `root`, and where its data come from."""
    lines = ["# Trained classifiers", "", SAFETY_LINE, "", "Figures are out of fold with 95 % intervals; each card says more.", ""]
    head = ("task", "patients", "events", "served", "AUROC", "calibration slope", "ECE", "conformal coverage")
    lines += [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    cards_ = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(root.glob("*/card.json"))]
    for card in cards_:
        kind = next(name for name, row in card["kinds"].items() if row["served"])
        shown = [cards.interval(card["figures"][name]) for name in ("auroc", "calibration_slope", "ece_error")]
        shown.append(f"{card['kinds'][kind]['conformal']['coverage']:.3f}")
        lines.append(f"| [{card['name']}]({card['name']}/card.md) | {card['n']} | {card['events']} | {kind} | {' | '.join(shown)} |")
    lines += ["", "## Data", ""]
    lines += [f"- {card['name']}: {card['tripod']['open_science']['18e data sharing']}" for card in cards_]
    (root / "CARDS.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root / "CARDS.md"


def _write(path: Path, record: Mapping[str, Any]) -> None:
    path.write_text(_compact(record) + "\n", encoding="utf-8")


def _compact(record: Any, depth: int = 0) -> str:
    """JSON with one line for each list of numbers, so that the parameters can be read and compared."""
    pad = " " * (depth + 1)
    if isinstance(record, Mapping):
        rows = [f"{pad}{json.dumps(str(k))}: {_compact(v, depth + 1)}" for k, v in record.items()]
        return "{\n" + ",\n".join(rows) + "\n" + " " * depth + "}" if rows else "{}"
    if isinstance(record, list | tuple) and any(isinstance(item, Mapping | list | tuple) for item in record):
        return "[\n" + ",\n".join(pad + _compact(item, depth + 1) for item in record) + "\n" + " " * depth + "]"
    return json.dumps(record, ensure_ascii=False)


def _spec(run: Run, version: str, day: str) -> dict[str, Any]:
    text = run.plan.text
    models = {}
    for kind, fitted in run.fits.items():
        limit = float(f"{run.limits[kind]:.6g}")
        models[kind] = {**fitted.spec, **({"file": f"{kind}.safetensors"} if fitted.arrays else {}), "conformal": {"limit": limit}}
        load(fitted.spec, fitted.arrays)  # what cannot be read back is not written
    return {
        "format": 1, "name": run.plan.name, "title": text["title"], "version": version, "trained": day, "served": run.served,
        "aliases": list(text.get("aliases", ())), "population": text["population"], "sources": list(text["sources"]), "notes": _notes(run),
        "labels": list(text["labels"]), "bands": [list(band) for band in text["bands"]], "inputs": described(run), "space": space(run),
        "models": models,
    }  # fmt: skip


def _notes(run: Run) -> list[str]:
    figure = run.figures[run.served]["auroc"]
    auroc = f"AUROC {figure[0]:.2f} ({figure[1]:.2f} to {figure[2]:.2f}) out of fold on {len(run.data)} patients"
    return [*run.plan.text.get("notes", ()), f"{auroc}; see the model card"]


def _card(run: Run, version: str, day: str) -> dict[str, Any]:
    said = facts(run)
    kinds = {
        s.kind: {
            "served": s.kind == run.served, "log_loss": round(s.loss, 5), "standard_error": round(s.error, 5),
            "figures": run.figures[s.kind],
            "conformal": {"n": s.coverage.n, "coverage": round(s.coverage.share, 4), "single": s.coverage.single, "both": s.coverage.both,
                          "empty": s.coverage.empty},
            "settings": run.fits[s.kind].chosen,
        }
        for s in run.scores
    }  # fmt: skip
    card = {
        "name": run.plan.name, "title": run.plan.text["title"], "version": version, "trained": day, "safety_line": SAFETY_LINE,
        "headline": said["headline"], "n": len(run.data), "events": int(run.data.outcome.sum()),
        "seed": run.seed, "fingerprint": run.data.fingerprint, "figures": run.figures[run.served],
        "external": run.external, "groups": run.groups, "kinds": kinds, "decision_curve": run.curve, **cards.fill(said),
    }  # fmt: skip
    cards.check(card)
    return card
