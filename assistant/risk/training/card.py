"""Model cards: the items of card.toml filled from a task's row and its run. An item that would stay empty stops the run."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import Any

from assistant.errors import InputError

ITEMS = Path(__file__).parent / "card.toml"
NAMES = {"auroc": "AUROC", "auprc": "AUPRC", "f1": "F1", "brier_error": "Brier score", "ece_error": "ECE"}
ATTRIBUTES = 31  # source attributes of the rule


def fill(facts: Mapping[str, str]) -> dict[str, dict[str, dict[str, str]]]:
    """All items with their holes filled: {"onc" or "tripod": {section: {item: text}}}.

    Raises:
        InputError: a hole has no fact, or an item would be empty.
    """
    items = tomllib.loads(ITEMS.read_text(encoding="utf-8"))
    return {
        rule: {section: {name: _filled(name, text, facts) for name, text in rows.items()} for section, rows in sections.items()}
        for rule, sections in items.items()
    }


def _filled(name: str, text: str, facts: Mapping[str, str]) -> str:
    said = ""
    for words, hole, _, _ in Formatter().parse(text):
        said += words.removeprefix(".") if said.endswith(".") else words
        if hole is None:
            continue
        fact = str(facts.get(hole, "")).strip()
        if not fact.strip("."):
            raise InputError(f"the model card would be empty at '{name}': no '{hole}'; state it in the task's row")
        said += fact[0].upper() + fact[1:] if not said or said.endswith(". ") else fact
    return said


def check(card: Mapping[str, Any]) -> None:
    """Raise InputError unless a card has all 31 attributes and no empty item."""
    attributes = [text for rows in card["onc"].values() for text in rows.values()]
    if len(attributes) != ATTRIBUTES:
        raise InputError(f"the model card has {len(attributes)} source attributes; the rule names {ATTRIBUTES}")
    for rule in ("onc", "tripod"):
        for rows in card[rule].values():
            if empty := [name for name, text in rows.items() if not text.strip()]:
                raise InputError(f"the model card is empty at '{empty[0]}'")


def called(metric: str) -> str:
    """Name of a metric for a reader."""
    return NAMES.get(metric, metric.replace("_", " "))


def markdown(card: Mapping[str, Any]) -> str:
    """The card for a reader."""
    lines = [
        f"# {card['title']}",
        "",
        f"Task `{card['name']}`, version {card['version']}, trained {card['trained']}. {card['safety_line']}",
        "",
    ]
    lines += ["## Figures", "", f"{card['headline']}", "", *_table(card["figures"]), ""]
    if card["external"]:
        lines += ["### Other hospitals", "", *_external(card["external"]), ""]
    lines += ["### Kinds of model compared", "", *_kinds(card["kinds"]), ""]
    lines += ["### Groups", "", *_groups(card["groups"]), ""] if card["groups"] else []
    for rule, heading in (("onc", "Source attributes (ONC HTI-1, 45 CFR 170.315(b)(11)(iv)(B))"), ("tripod", "TRIPOD+AI")):
        lines += [f"## {heading}", ""]
        for section, rows in card[rule].items():
            lines += [f"### {section.replace('_', ' ').capitalize()}", "", *(f"- **{name}**: {text}" for name, text in rows.items()), ""]
    return "\n".join(lines).rstrip() + "\n"


def _table(figures: Mapping[str, list[float]]) -> list[str]:
    rows = [f"| {called(name)} | {value:.3f} | {low:.3f} to {high:.3f} |" for name, (value, low, high) in figures.items()]
    return ["| out of fold | value | 95 % interval |", "|---|---|---|", *rows]


def _external(sources: Mapping[str, Mapping[str, Any]]) -> list[str]:
    rows = []
    for source in sources.values():
        cells = [interval(source["figures"][k]) for k in EXTERNAL]
        rows.append(f"| {source['title']} | {source['n']} | {source['positive']} | {' | '.join(cells)} | {source['coverage']:.3f} |")
    head = " | ".join(map(called, EXTERNAL))
    return [f"| hospital | n | events | {head} | conformal coverage |", "|---" * (len(EXTERNAL) + 4) + "|", *rows]


GROUP = ("auroc", "recall", "calibration_in_the_large")
EXTERNAL = ("auroc", "brier_error", "calibration_slope", "calibration_in_the_large", "ece_error")


def _kinds(kinds: Mapping[str, Mapping[str, Any]]) -> list[str]:
    rows = [
        f"| {name}{' (served)' if row['served'] else ''} | {row['log_loss']:.4f} ± {row['standard_error']:.4f} | {_cell(row, 'auroc')} "
        f"| {_cell(row, 'brier_error')} | {_cell(row, 'calibration_slope')} | {_cell(row, 'ece_error')} "
        f"| {row['conformal']['coverage']:.3f} |"
        for name, row in kinds.items()
    ]
    return ["| kind | log loss ± SE | AUROC | Brier | slope | ECE | conformal coverage |", "|---|---|---|---|---|---|---|", *rows]


def _cell(row: Mapping[str, Any], name: str) -> str:
    return interval(row["figures"][name])


def _groups(groups: Mapping[str, Mapping[str, Any]]) -> list[str]:
    rows = []
    for name, row in groups.items():
        shown = [row["too_few"], "", ""] if "too_few" in row else [interval(row[k]) for k in GROUP]
        rows.append(f"| {name} | {row['n']} | {row['positive']} | {' | '.join(shown)} |")
    return [f"| group | n | events | {' | '.join(map(called, GROUP))} |", "|---|---|---|---|---|---|", *rows]


def interval(figure: list[float]) -> str:
    """A figure with its interval for a reader."""
    return "{:.3f} ({:.3f} to {:.3f})".format(*figure)
