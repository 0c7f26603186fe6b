"""From words to a tool: which tool a question asks for, and its inputs out of the facts of a note, each with its place.

An input on which the text is silent stays unknown. What can be derived is derived (BMI from weight and height, urea from BUN), and said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assistant.errors import InputError
from assistant.facts.drugs import mentions
from assistant.records import Measurement, PatientFacts, RiskResult, Span
from assistant.risk import REFUSED, assess, note_choices, note_doses, tool
from assistant.risk.pick import WANTED, Request, alike, named, request, stated
from assistant.risk.tool import DATE, Tool
from knowledge_base.rules import COMPARE
from knowledge_base.scores import YES_NO
from knowledge_base.tables import measurements

EGFR = "ckd_epi_2021"
NO_SUCH_TOOL = "no_such_tool"
# what these tools estimate: "an eGFR of 25" gives the value and asks for no calculation
ESTIMATES = {
    EGFR: "egfr_ml_min_1_73m2", "cockcroft_gault": "creatinine_clearance_ml_min", "bmi": "bmi_kg_m2", "map": "map_mmhg",
    "anion_gap": "anion_gap_mmol_l", "corrected_calcium": "corrected_calcium_mg_dl", "ldl_friedewald": "ldl_mg_dl",
    "gestational_age": "gestation_weeks",
}  # fmt: skip


# where a note gives the total of a score: under the name of the score, but for these
TOTALS = {"glasgow_coma_scale": "gcs_points", "pediatric_gcs": "gcs_points", "ciwa_ar": "ciwa_points"}

# what a laboratory reports as well: its own value answers the question, unless the formula is asked for by name
REPORTED = {"ldl_friedewald": re.compile(r"\b(?:calculat\w*|comput\w*|friedewald|formula|equation)\b", re.IGNORECASE)}


@dataclass(frozen=True, slots=True)
class Filled:
    """Inputs of a tool with the place of each in the text, and a note for each that was derived.

    `at_least` holds choices that the text leaves ungraded: the lowest that it allows, for the documented value only.
    `unusable` says, a line each, what the tool would have to count and cannot: then nothing is computed.
    """

    inputs: Mapping[str, Any]
    spans: Mapping[str, Span] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    at_least: Mapping[str, str] = field(default_factory=dict)
    unusable: tuple[str, ...] = ()


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
    "glucose_mg_dl": Derived(("fasting_glucose_mg_dl",), lambda glucose: glucose, "the fasting glucose of the note"),
    "fasting_glucose_mg_dl": Derived(("glucose_mg_dl",), lambda glucose: glucose, "glucose taken as fasting: check that it was"),
}


@dataclass(frozen=True, slots=True)
class ByNumber:
    """A yes/no input that a number decides; `open` says what else would make it a yes: then a number that says no leaves it unknown."""

    of: str
    op: str
    limit: float
    open: str = ""


# (tool, or empty for any of them, input)
BY_NUMBER: Mapping[tuple[str, str], Sequence[ByNumber]] = {
    ("", "onset_within_3_days"): (ByNumber("onset_days", "<=", 3), ByNumber("onset_hours", "<=", 72)),
    ("has_bled", "uncontrolled_hypertension"): (ByNumber("sbp_mmhg", ">", 160),),
    ("has_bled", "abnormal_renal_function"): (ByNumber("creatinine_mg_dl", ">", 2.26, "dialysis or a transplant"),),
}
# inputs that count a disease only while it is active: where the note tells it as past, it stays unknown
ACTIVE = frozenset({"active_cancer", "neoplastic_disease"})
# what makes a number doubtful for a score: input -> findings of the patient, and why
DOUBTED = {"gcs_points": (("mechanical ventilation",), "intubated: the verbal response cannot be tested; check it")}


def fill(chosen: Tool, facts: PatientFacts, question: str = "") -> Filled:
    """Inputs of a tool as far as the facts hold them, and as far as the question itself settles one; the rest stays out."""
    dosed = note_doses.doses(chosen, facts)
    settled, places = note_doses.converted(chosen, question, facts)
    inputs: dict[str, Any] = {**dosed.inputs, **settled, **note_choices.from_question(chosen, question)}
    spans: dict[str, Span] = {**dosed.spans, **places}
    notes: list[str] = []
    lowest: dict[str, str] = {}
    for name in (name for name in chosen.inputs if name not in inputs):
        value, span, note = _input(chosen, name, facts)
        if value is not None:
            inputs[name] = value
        elif found := note_choices.at_least(chosen, name, facts)[0]:
            lowest[name], note = found, f"{name}: not graded in the note; the documented value counts it as '{found}', the least it can be"
        spans |= {name: span} if span else {}
        notes += [note] if note else []
    return Filled(inputs, spans, tuple(notes), lowest, dosed.unreadable)


def _input(chosen: Tool, name: str, facts: PatientFacts) -> tuple[Any, Span | None, str]:
    if chosen.inputs[name] == YES_NO and f"not {name}" in chosen.findings:
        return (*note_choices.negated(chosen, name, facts), "")
    if chosen.inputs[name] == YES_NO:
        return _yes_no(chosen, name, facts)
    if chosen.inputs[name] == DATE:
        return _date(name, facts)
    if name == "sex":
        return facts.sex, facts.sex_span, ""
    if chosen.choices(name):
        return note_choices.choice(chosen, name, facts)
    if name == "age_years":
        return facts.age_years, facts.age_span, ""
    return _number(name, facts)


def _yes_no(chosen: Tool, name: str, facts: PatientFacts) -> tuple[bool | None, Span | None, str]:
    """What the note says in words, a number of the note if that decides it, else what it denies in words."""
    value, span = note_choices.yes_no(name, chosen.findings.get(name, (name.replace("_", " "),)), facts)
    if value and name in ACTIVE and note_choices.only_past(chosen.findings[name], facts):
        return None, span, f"{name}: the note tells it as past; it counts only if active or of the last year: give it by hand"
    number = None if value else _by_number(chosen.name, name, facts)
    if number and number[0] is None and value is not None:
        return value, span, number[2]
    return number or (value, span, "")


def _by_number(of: str, name: str, facts: PatientFacts) -> tuple[bool | None, Span, str] | None:
    """A yes/no input that a number of the note decides, and on which value: how long ago it began, a pressure, a creatinine.

    A number that says no leaves the input open where something else would make it a yes.
    """
    for rule in BY_NUMBER.get((of, name), BY_NUMBER.get(("", name), ())):
        for found in facts.values(rule.of)[:1]:
            holds = COMPARE[rule.op](found.value, rule.limit)
            left = f" is not enough; {rule.open} would count: give it by hand" if rule.open and not holds else ""
            return None if left else holds, found.span, f"{name}: by {rule.of} {found.value:.4g}{left}"
    return None


def _date(name: str, facts: PatientFacts) -> tuple[str | None, Span | None, str]:
    found = next(((day, span) for what, day, span in facts.dated if what == name), None)
    return (found[0], found[1], f"{name}: {found[0]} (year-month-day), as read from the note") if found else (None, None, "")


def _number(name: str, facts: PatientFacts) -> tuple[float | None, Span | None, str]:
    if found := facts.values(name):
        return found[0].value, found[0].span, _remark(name, found, _doubts(name, facts))
    derived = DERIVED.get(name)
    parts = [facts.values(other) for other in derived.of] if derived else []
    if derived and all(parts):
        value = derived.how(*(part[0].value for part in parts))
        return round(value, 2), parts[0][0].span, f"{name} = {value:.4g}: {derived.words}"
    limit = next((m for m in facts.measurements if m.name == name and m.bound == ">" and m.when == "now"), None)
    return None, None, f"{name}: the text gives only a limit, above {limit.raw_value:g} {limit.raw_unit}".rstrip() if limit else ""


def _doubts(name: str, facts: PatientFacts) -> list[str]:
    findings, why = DOUBTED.get(name, ((), ""))
    return [why] if any(facts.has(finding) == "present" for finding in findings) else []


def _remark(name: str, found: Sequence[Measurement], doubts: Sequence[str] = ()) -> str:
    """How the value was converted, what was assumed, and which others stand in the note: a score is of the presentation, the first."""
    first = found[0]
    parts = [f"{first.raw_value:g} {first.raw_unit} = {first.value:.4g} (factor {first.factor:g})"] if first.factor != 1 else []
    parts += [f"written as {first.bound}{first.raw_value:g}, computed with {first.raw_value:g}"] if first.bound else []
    parts += [first.flag] if first.flag else []
    parts += doubts
    others = list(dict.fromkeys(f"{m.value:.4g}" for m in found[1:] if m.value != first.value))
    parts += [f"the first value is taken; the note also has {', '.join(others[:4])}"] if others else []
    return f"{name}: {'; '.join(parts)}" if parts else ""


def assess_facts(
    name: str, facts: PatientFacts, given: Mapping[str, Any] | None = None, question: str = "", *, strict: bool = False
) -> RiskResult:
    """Compute a tool from the facts of a text; what is given by hand wins over what the text says.

    Raises:
        MissingInputs: inputs are missing and `strict` is set.
    """
    chosen = tool(name)
    own = fill(chosen, facts, question)
    if own.unusable and not given:
        return _nothing(chosen, (*own.unusable, "not computed: give the inputs by hand"), own.inputs)
    inputs = {**own.inputs, **(given or {})}
    result = assess(name, inputs, strict=strict)
    if result.value is None and (lowest := {key: value for key, value in own.at_least.items() if key not in inputs}):
        least = assess(name, {**inputs, **lowest})
        result = replace(result, low=least.low, documented=least.value if least.value is not None else least.documented)
    spans = {key: span for key, span in own.spans.items() if key not in (given or {})}
    return replace(result, spans=spans, notes=(*own.unusable, *own.notes, *result.notes))


def _nothing(chosen: Tool, why: Sequence[str], inputs: Mapping[str, Any] | None = None) -> RiskResult:
    """A result without a number, and why there is none."""
    return RiskResult(
        chosen.name, chosen.title, None, chosen.unit, "", (), dict(inputs or {}), {}, sources=chosen.sources, notes=tuple(why)
    )  # fmt: skip


def _reported(chosen: Tool, found: Measurement) -> RiskResult:
    """The value that the note gives: measured, it stands before one that is calculated."""
    of, name = measurements()[found.name], found.name
    return RiskResult(
        chosen.name, f"{of.label}, as reported in the note", round(found.value, 1), of.unit, "", (), {name: found.value}, {},
        sources=chosen.sources, notes=("not calculated: the note gives the value itself", *filter(None, (_remark(name, [found]),))),
        spans={name: found.span},
    )  # fmt: skip


def _stated(result: RiskResult, text: str, facts: PatientFacts) -> RiskResult:
    """An incomplete score whose total the text gives: that total, not the range that its missing items leave."""
    chosen = tool(result.tool)
    measured = [(m.value, m.span.start, m.span.end) for m in facts.values(TOTALS.get(result.tool, f"{result.tool}_points"))]
    found = stated(text, result.tool) or next(iter(measured), None)
    if found is None or chosen.kind != "score" or result.low is None or result.high is None or not result.low <= found[0] <= result.high:
        return result
    return replace(
        result, title=f"{result.title}, as stated", value=found[0], band=chosen.band(found[0]), parts=(), missing={},
        notes=("not computed: the text gives the total", *chosen.notes), spans={**result.spans, "total": Span(*found[1:])},
    )  # fmt: skip


def assess_asked(question: str, facts: PatientFacts) -> tuple[RiskResult, ...]:
    """The tools that a question names, filled from the facts; one that it asks for and that is not here is told as such.

    Where it asks for no tool, or speaks of a drug: an eGFR besides, if creatinine, age and sex are known and no eGFR is.
    A tool whose inputs cannot be used (a child in an adult equation) is left out: its reason is shown when it is asked for by name.
    """
    told, wanted = request(question), bool(WANTED.search(question))
    free = [name for name in named(question) if name not in REPORTED and facts.latest(ESTIMATES.get(name, "")) is None]
    names = [name for name in named(question) if wanted or name in told.tools or name in free]
    found = [_asked(name, question, facts, sought=wanted or name in told.tools) for name in names]
    besides = [_asked(EGFR, question, facts, sought=False)] if EGFR not in names and _needs_egfr(question, told, names, facts) else []
    return (*(result for result in (*found, *besides) if result), *map(_not_here, told.unknown))


def _needs_egfr(question: str, told: Request, names: Sequence[str], facts: PatientFacts) -> bool:
    """An eGFR that nobody asked for helps with doses and bans; beside a tool that is asked for it only looks like its answer."""
    asked = told.tools or told.unknown or (names and WANTED.search(question))
    known = facts.latest("egfr_ml_min_1_73m2") is None and facts.latest("creatinine_mg_dl") and facts.age_years and facts.sex
    return bool(known) and (not asked or any(True for _ in mentions(question)))


def _asked(name: str, question: str, facts: PatientFacts, *, sought: bool) -> RiskResult | None:
    """One tool of a question. Where nobody seeks its number, it is left out if the text holds none of its inputs."""
    own = next(iter(facts.values(ESTIMATES.get(name, ""))), None)
    if own and name in REPORTED and not REPORTED[name].search(question):
        return _reported(tool(name), own)
    try:
        result = assess_facts(name, facts, question=question)
    except InputError as error:
        return _nothing(tool(name), (str(error),)) if sought or name != EGFR else None
    result = _stated(result, question, facts) if result.value is None else result
    if own and sought:
        return _reported(tool(name), own) if result.value is None else replace(result, notes=(_beside(own), *result.notes))
    # a score of nobody says nothing from its least to its most, nor does an estimate that only lacks its input ("eGFR >90")
    lacking = result.value is None and bool(result.missing) and (name in ESTIMATES or not result.inputs)
    return None if lacking and not sought else result


def _beside(own: Measurement) -> str:
    of = measurements()[own.name]
    return f"the note itself gives {of.label} {own.value:.4g} {of.unit}"


def _not_here(name: str) -> RiskResult:
    """One clear line for a tool that is asked for and that we do not have."""
    reason = next((why for word, why in REFUSED.items() if word in name.lower()), "see them all: assistant risk")
    near = ", ".join(alike(name)[:4])
    return RiskResult(
        NO_SUCH_TOOL, f"'{name}'", None, "", "", (), {}, {"a tool of that name": reason},
        notes=(f"tools whose names share a word with it: {near}",) if near else (),
    )  # fmt: skip
