"""The sentences that a run contributes to its model card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from assistant.risk.training.card import called
from assistant.risk.training.data import Plan
from assistant.risk.training.evaluate import Scores
from assistant.risk.training.models import INNER
from assistant.risk.training.run import Run
from knowledge_base.scores import YES_NO

USUAL = {  # what holds for every task unless its row says otherwise
    "developer": "The clinical-assistant project (open source); contact: the project's issue tracker.",
    "funding": "None.",
    "conflicts": "None declared.",
    "users": "Clinicians and students of medicine.",
    "treatments": "Not part of the data beyond what the inputs name.",
    "outcome_assessors": "As recorded in the source; not assessed again.",
    "code": "The training code is part of this package (assistant/risk/training).",
    "external_party": "The developer; no independent party has tested this model.",
    "monitoring": "None runs by itself. Before use, then each year: run `assistant risk train` on local rows and compare the figures.",
    "updating": "With a release of the software when the source data, the code or a found fault require it; no fixed interval.",
}
SMALL = "Below the rule of thumb of ten: shrinkage and early stopping keep the model from overfitting, and the intervals are wide."
SHOWN = (
    "auroc",
    "auprc",
    "accuracy",
    "recall",
    "specificity",
    "f1",
    "brier_error",
    "calibration_slope",
    "calibration_in_the_large",
    "ece_error",
)


def facts(run: Run) -> dict[str, str]:
    """Every hole of card.toml as text."""
    plan, data, best = run.plan, run.data, run.best
    text = {key: value for key, value in plan.text.items() if isinstance(value, str)}
    events, columns = int(data.outcome.sum()), data.rows.shape[1]
    per = min(events, len(data) - events) / columns
    auroc = run.figures[run.served]["auroc"]
    dropped = "; ".join(f"{name} ({why})" for name, why in plan.text.get("dropped", {}).items())
    said = {
        **USUAL,
        "outcome": f"{plan.text['labels'][1]}",
        "dropped": dropped or "none",
        "positive": plan.text["labels"][1],
        "sources": "; ".join(plan.text["sources"]),
        "n": str(len(data)), "events": str(events), "n_raw": str(len(data) + data.left_out), "left_out": str(data.left_out),
        "columns": str(columns), "epp": f"{per:.1f}", "prevalence": f"{events / len(data):.3f}", "fingerprint": data.fingerprint or "none",
        "size_judgement": "Above the rule of thumb of ten." if per >= 10 else SMALL,
        "folds": str(run.folds), "repeats": str(run.repeats), "inner": str(INNER), "served": run.served,
        "chosen": run.fits[run.served].chosen,
        "comparison": comparison(run.scores),
        "headline": f"AUROC {_shown(auroc)} out of fold in {len(data)} patients with {events} events.",
        "figures": "; ".join(f"{called(k)} {_shown(run.figures[run.served][k])}" for k in SHOWN),
        "group_figures": grouped(run.groups) or "neither sex nor age is among the inputs, so no gap could be measured",
        "coverage": f"the 90 % sets held the truth in {best.coverage.share:.3f} of {best.coverage.n} patients out of fold "
        f"({best.coverage.single} sets with one label, {best.coverage.both} with both, {best.coverage.empty} with none)",
        "characteristics": characteristics(run), "missing": missing(run), "inputs": inputs(plan), "input_count": str(len(plan.features)),
        "demographic_inputs": demographic(plan), "handling": handling(plan), "formula": formula(run),
        "bands": ", ".join(f"from {100 * floor:g} %: {band}" for floor, band in plan.text["bands"]),
        "model_files": ", ".join(["task.json", *(f"{kind}.safetensors" for kind, fitted in run.fits.items() if fitted.arrays)]),
        "preparation": "Cells turned into values by the map of the task's row; "
        + ("impossible zeros are missing; " if any("0" in f.missing for f in plan.features) else "") + "no outlier removed.",
        **outside(run),
    }  # fmt: skip
    said |= text
    said["limitations"] = said.get("limitations") or f"{said['knowledge']}. {len(data)} patients of one source; {said['external_short']}"
    return said


def _shown(figure: list[float]) -> str:
    return "{:.3f} ({:.3f} to {:.3f})".format(*figure)


def comparison(scores: tuple[Scores, ...]) -> str:
    """Log loss of the kinds."""
    return ", ".join(f"{s.kind} {s.loss:.4f} ± {s.error:.4f}" for s in scores)


def grouped(groups: Mapping[str, Mapping[str, Any]]) -> str:
    """Figures by group, then the gaps."""
    parts = [
        f"{name}: n {row['n']}, events {row['positive']}, "
        + (row["too_few"] if "too_few" in row else f"AUROC {_shown(row['auroc'])}, recall {_shown(row['recall'])}, calibration in the "
           f"large {_shown(row['calibration_in_the_large'])}")
        for name, row in groups.items()
    ]  # fmt: skip
    return "; ".join([*parts, *gaps(groups)])


def gaps(groups: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Difference of AUROC and recall between the sexes and between the age groups, where both could be measured."""
    pairs = {"sex": [n for n in groups if n in ("female", "male")], "age": [n for n in groups if n.startswith("age ")]}
    return [
        f"gap by {what} ({names[1]} minus {names[0]}): AUROC {_gap(groups, names, 'auroc'):+.3f}, recall "
        f"{_gap(groups, names, 'recall'):+.3f}"
        for what, names in pairs.items() if len(names) == 2 and not any("too_few" in groups[n] for n in names)
    ]  # fmt: skip


def _gap(groups: Mapping[str, Mapping[str, Any]], names: list[str], metric: str) -> float:
    return float(groups[names[1]][metric][0] - groups[names[0]][metric][0])


def characteristics(run: Run) -> str:
    """Median and quartiles, or shares, of each input."""
    parts = []
    for feature, columns in zip(run.plan.features, run.plan.groups, strict=True):
        cells = run.data.rows[:, columns]
        if feature.words:
            shares = np.nanmean(cells, axis=0)
            parts.append(f"{feature.label} " + ", ".join(f"{word} {100 * s:.0f} %" for word, s in zip(feature.words, shares, strict=True)))
        elif feature.unit == YES_NO:
            parts.append(f"{feature.label} {100 * np.nanmean(cells):.0f} %")
        else:
            low, middle, high = np.nanquantile(cells if feature.log_shift is None else np.exp(cells) - feature.log_shift, [0.25, 0.5, 0.75])
            parts.append(f"{feature.label} {middle:.4g} ({low:.4g} to {high:.4g}) {feature.unit}".removesuffix(" number"))
    return "; ".join(parts)


def missing(run: Run) -> str:
    """Share of missing cells by input."""
    gaps = [
        (f.label, int(np.isnan(run.data.rows[:, columns[0]]).sum())) for f, columns in zip(run.plan.features, run.plan.groups, strict=True)
    ]
    named = [f"{label} {count} of {len(run.data)}" for label, count in gaps if count]
    return "Missing in the data: " + ("; ".join(named) if named else "nothing")


def inputs(plan: Plan) -> str:
    """Inputs with units."""
    return "; ".join(f"{f.label} ({f.name}, {f.unit.replace('|', ' or ')})" for f in plan.features)


def demographic(plan: Plan) -> str:
    """Which of the variables named by the rule are inputs."""
    names = {f.name for f in plan.features}
    used = [word for name, word in (("sex", "sex"), ("age_years", "age")) if name in names]
    rest = "race, ethnicity, language, sexual orientation, gender identity and social determinants of health are not"
    return (
        f"{' and '.join(used).capitalize()} {'are inputs' if len(used) > 1 else 'is an input'}; {rest}."
        if used
        else f"Sex and age are not inputs; {rest}."
    )


def handling(plan: Plan) -> str:
    """What is done to inputs before the model."""
    logs = sum(f.log_shift is not None for f in plan.features)
    return (
        "All numbers enter as logarithms of the value plus a constant given in task.json; " if logs else "Numbers enter as they are; "
    ) + (
        "words of a choice as one column each; standardised within the training rows. No category was merged, no number cut into classes."
    )


def formula(run: Run) -> str:
    """How the served kind computes."""
    how = {
        "logistic": "logit = intercept + sum of weight times value; probability = 1 / (1 + exp(-logit))",
        "ebm": "logit = intercept + one step function of each input; probability = 1 / (1 + exp(-logit))",
        "svm": "logit = Platt's line of the support vector machine's decision value",
        "boosting": "logit = intercept + sum of the leaves that the patient falls into",
        "mlp": "logit = Platt's line of the network's last layer",
    }
    return f"{how[run.served]}. Parameters in task.json."


def _complete(row: Mapping[str, Any]) -> str:
    known = row.get("complete_figures")
    return f", AUROC of the {row['complete']} patients with all inputs {_shown(known['auroc'])}" if known else ""


def outside(run: Run) -> dict[str, str]:
    """Sentences on external validation, or on its absence."""
    if not run.external:
        none = "No external validation: no second source with these inputs was at hand"
        return {
            "external_sources": f"{none}.", "external_demography": f"{none}.", "external_process": f"{none}.",
            "external_figures": f"{none}.",
            "external_groups": f"{none}.", "external_short": "not done.", "external_counts": none + ".", "validation_word": "internal",
            "heterogeneity": "One source; differences between sources could not be studied.",
            "training_versus_evaluation": "The same source; evaluated out of fold.",
        }  # fmt: skip
    rows = run.external.values()
    short = "; ".join(f"{r['title']}: AUROC {_shown(r['figures']['auroc'])}, n {r['n']}" for r in rows)
    figures = "; ".join(
        f"{r['title']} (n {r['n']}, events {r['positive']}, complete {r['complete']}): AUROC {_shown(r['figures']['auroc'])}, Brier "
        f"{_shown(r['figures']['brier_error'])}, calibration slope {_shown(r['figures']['calibration_slope'])}, in the large "
        f"{_shown(r['figures']['calibration_in_the_large'])}, ECE {_shown(r['figures']['ece_error'])}, coverage {r['coverage']:.3f}"
        f"{_complete(r)}"
        for r in rows
    )
    counts = "; ".join(f"{r['title']}: {r['n']} patients, {r['positive']} events, {r['complete']} with all inputs" for r in rows)
    return {
        "external_sources": f"{'; '.join(r['title'] for r in rows)} (same collection, same variables).",
        "external_demography": f"{counts}. Share of events in training {run.data.outcome.mean():.2f}.",
        "external_process": "The final model, unchanged, on all rows with an outcome. Missing cells took the training means, "
        "where the tool itself gives no number.",
        "external_figures": figures, "external_short": short + ".",
        "external_groups": " | ".join(f"{r['title']}: {grouped(r['groups'])}" for r in rows),
        "external_counts": counts + ".", "validation_word": "internal and external",
        "heterogeneity": "Hospitals are reported one by one, not pooled.",
        "training_versus_evaluation": "External rows come from other hospitals, other patients and more missing cells; same outcome.",
    }  # fmt: skip
