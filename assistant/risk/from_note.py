"""From words to a tool: which tool a question asks for, and its inputs out of the facts of a note, each with its place.

An input on which the text is silent stays unknown. What can be derived is derived (BMI from weight and height, urea from BUN), and said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from assistant.errors import InputError
from assistant.facts import extract
from assistant.records import Measurement, PatientFacts, RiskResult, Span
from assistant.risk import assess, tool, tools
from assistant.risk.tool import Tool
from knowledge_base.scores import YES_NO

GENERAL = frozenset({"score", "risk", "index", "scale", "criteria", "calculator", "rule", "estimate", "points", "class"})
EGFR = "ckd_epi_2021"
# what these tools estimate: "an eGFR of 25" gives the value and asks for no calculation
ESTIMATES = {
    EGFR: "egfr_ml_min_1_73m2", "cockcroft_gault": "creatinine_clearance_ml_min", "bmi": "bmi_kg_m2", "map": "map_mmhg",
    "anion_gap": "anion_gap_mmol_l", "corrected_calcium": "corrected_calcium_mg_dl",
}  # fmt: skip
WANTED = re.compile(r"\b(?:calculat\w*|comput\w*|estimat\w*|what is (?:the|her|his|my) (?:patient'?s )?)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Filled:
    """Inputs of a tool with the place of each in the text, and a note for each that was derived."""

    inputs: Mapping[str, Any]
    spans: Mapping[str, Span] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Derived:
    """How one input follows from others that the text may hold."""

    of: tuple[str, ...]
    how: Callable[..., float]
    words: str


DERIVED: Mapping[str, Derived] = {
    "bmi_kg_m2": Derived(("weight_kg", "height_cm"), lambda kg, cm: kg / (cm / 100) ** 2, "weight / height^2"),
    "urea_mmol_l": Derived(("bun_mg_dl",), lambda bun: bun * 0.357, "BUN mg/dL x 0.357"),
    "bun_mg_dl": Derived(("urea_mmol_l",), lambda urea: urea / 0.357, "urea mmol/L / 0.357"),
    "map_mmhg": Derived(("sbp_mmhg", "dbp_mmhg"), lambda s, d: d + (s - d) / 3, "DBP + (SBP - DBP) / 3"),
    "fasting_glucose_mg_dl": Derived(("glucose_mg_dl",), lambda glucose: glucose, "glucose taken as fasting: check that it was"),
}


def fill(chosen: Tool, facts: PatientFacts) -> Filled:
    """Inputs of a tool as far as the facts hold them; the rest stays out."""
    inputs: dict[str, Any] = {}
    spans: dict[str, Span] = {}
    notes: list[str] = []
    for name in chosen.inputs:
        value, span, note = _input(chosen, name, facts)
        if value is not None:
            inputs[name] = value
            if span:
                spans[name] = span
            if note:
                notes.append(note)
    return Filled(inputs, spans, tuple(notes))


def _input(chosen: Tool, name: str, facts: PatientFacts) -> tuple[Any, Span | None, str]:
    if chosen.inputs[name] == YES_NO:
        return (*_yes_no(name, chosen.findings.get(name, (name.replace("_", " "),)), facts), "")
    if name == "sex":
        return facts.sex, facts.sex_span, ""
    if chosen.choices(name):
        return (*_choice(chosen, name, facts), "")
    if name == "age_years":
        return facts.age_years, facts.age_span, ""
    return _number(name, facts)


def _number(name: str, facts: PatientFacts) -> tuple[float | None, Span | None, str]:
    if found := facts.values(name):
        return found[0].value, found[0].span, _remark(name, found)
    derived = DERIVED.get(name)
    parts = [facts.values(other) for other in derived.of] if derived else []
    if derived and all(parts):
        value = derived.how(*(part[0].value for part in parts))
        return round(value, 2), parts[0][0].span, f"{name} = {value:.4g}: {derived.words}"
    return None, None, ""


def _remark(name: str, found: Sequence[Measurement]) -> str:
    """How the value was converted, what was assumed, and which others stand in the note: a score is of the presentation, the first."""
    first = found[0]
    parts = [f"{first.raw_value:g} {first.raw_unit} = {first.value:.4g} (factor {first.factor:g})"] if first.factor != 1 else []
    parts += [first.flag] if first.flag else []
    others = list(dict.fromkeys(f"{m.value:.4g}" for m in found[1:] if m.value != first.value))
    parts += [f"the first value is taken; the note also has {', '.join(others[:4])}"] if others else []
    return f"{name}: {'; '.join(parts)}" if parts else ""


def _yes_no(name: str, findings: tuple[str, ...], facts: PatientFacts) -> tuple[bool | None, Span | None]:
    """True when any of the findings is the patient's, False when the text denies one and affirms none, else unknown."""
    if name in ("pregnant", "breastfeeding"):
        return getattr(facts, name), facts.pregnant_span
    wanted = set(findings)
    mine = [f for f in facts.findings if f.name in wanted and f.experiencer == "patient" and f.when in ("now", "history")]
    if present := next((f for f in mine if f.presence == "present"), None):
        return True, present.span
    if absent := next((f for f in mine if f.presence == "absent"), None):
        return False, absent.span
    drug = next((d for d in facts.medications if d.name in wanted and d.when == "now"), None)
    return (drug.presence == "present", drug.span) if drug else (None, None)


def _choice(chosen: Tool, name: str, facts: PatientFacts) -> tuple[str | None, Span | None]:
    """A choice whose words are findings: the keys `input=choice` of the findings table, the strongest choice first."""
    for choice in reversed(chosen.choices(name)):
        value, span = _yes_no(f"{name}={choice}", chosen.findings.get(f"{name}={choice}", ()), facts)
        if value:
            return choice, span
    return None, None


def assess_facts(name: str, facts: PatientFacts, given: Mapping[str, Any] | None = None) -> RiskResult:
    """Compute a tool from the facts of a text; what is given by hand wins over what the text says."""
    chosen = tool(name)
    own = fill(chosen, facts)
    result = assess(name, {**own.inputs, **(given or {})})
    spans = {key: span for key, span in own.spans.items() if key not in (given or {})}
    return replace(result, spans=spans, notes=(*own.notes, *result.notes))


def filled(name: str, note: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs given by hand over those that the note holds."""
    return {**(fill(tool(name), extract(note)).inputs if note else {}), **inputs}


def assess_asked(question: str, facts: PatientFacts) -> tuple[RiskResult, ...]:
    """The tools that a question names, filled from the facts; an eGFR besides where creatinine, age and sex are known and no eGFR is.

    A tool whose inputs cannot be used (a child in an adult equation) is left out: its reason is shown when it is asked for by name.
    """
    names = [name for name in named(question) if facts.latest(ESTIMATES.get(name, "")) is None or WANTED.search(question)]
    if (
        EGFR not in names
        and facts.latest("egfr_ml_min_1_73m2") is None
        and facts.latest("creatinine_mg_dl")
        and facts.age_years
        and facts.sex
    ):
        names.append(EGFR)
    results: list[RiskResult] = []
    for name in names:
        try:
            results.append(assess_facts(name, facts))
        except InputError as error:
            if name != EGFR:
                found = tool(name)
                results.append(RiskResult(name, found.title, None, found.unit, "", (), {}, {}, sources=found.sources, notes=(str(error),)))
    return tuple(results)


def named(question: str) -> list[str]:
    """Names of the tools that a question asks for by name or alias, in order of their place; the longest name wins its words."""
    found: dict[str, int] = {}
    taken: list[tuple[int, int]] = []
    text = _plain(question)
    for phrase, name in _phrases():
        for match in re.finditer(rf"(?<![\w]){re.escape(phrase)}(?![\w])", text):
            if not any(match.start() < end and start < match.end() for start, end in taken):
                taken.append((match.start(), match.end()))
                found.setdefault(name, match.start())
    return sorted(found, key=lambda name: found[name])


@cache
def _phrases() -> tuple[tuple[str, str], ...]:
    """(plain spelling, tool), longest first."""
    rows = {
        _plain(spelling): chosen.name
        for chosen in tools()
        for spelling in (*chosen.aliases, chosen.name.replace("_", " "), re.sub(r"\(.*?\)|,.*", "", chosen.title))
    }
    return tuple(sorted(((phrase, name) for phrase, name in rows.items() if _distinct(phrase)), key=lambda row: (-len(row[0]), row[0])))


def _distinct(phrase: str) -> bool:
    """A spelling that no other sentence holds by chance: not only general words, and at least three characters."""
    return len(phrase) >= 3 and not set(phrase.split()) <= GENERAL


def _plain(text: str) -> str:
    """Lower case words and digits parted by single spaces: "CHA2DS2-VASc" and "cha₂ds₂ vasc" read alike."""
    lower = text.lower().translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789"))
    return " ".join(re.findall(r"[a-z0-9]+", lower))
