"""Yes/no inputs and choices of a tool out of the findings and drugs of a note. Silence leaves them unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import cast

from assistant.facts.patient import implies
from assistant.records import PatientFacts, Span
from assistant.risk.tool import Tool
from knowledge_base.lexicon import drug_classes, read_table

# what the words of a question settle: tool, input -> choice, if the question says so
IN_QUESTION = {
    ("cockcroft_gault", "weight_rule"): (
        "by bmi", re.compile(r"(?:adjusted|ideal) body weight|based on (?:their|his|her) BMI", re.IGNORECASE)
    ),
}


def negated(chosen: Tool, name: str, facts: PatientFacts) -> tuple[bool | None, Span | None]:
    """An input that holds where all of several findings are denied ("no cough or coryza"): the key `not input` of the findings table."""
    states = [yes_no("", (finding,), facts) for finding in chosen.findings.get(f"not {name}", ())]
    if present := next((span for value, span in states if value), None):
        return False, present
    return (True, states[0][1]) if states and all(value is False for value, _ in states) else (None, None)


def yes_no(name: str, findings: tuple[str, ...], facts: PatientFacts) -> tuple[bool | None, Span | None]:
    """True when any of the findings is the patient's, False when the text denies one and affirms none, else unknown."""
    if name in ("pregnant", "breastfeeding") and getattr(facts, name) is not None:
        return getattr(facts, name), facts.pregnant_span
    wanted = {finding.lower() for finding in findings}
    mine = [f for f in facts.findings if f.name.lower() in wanted and f.experiencer == "patient" and f.when in ("now", "history")]
    if present := next((f for f in mine if f.presence == "present"), None):
        return True, present.span
    drugs = [d for d in facts.medications if d.when in ("now", "history") and (d.name in wanted or wanted & _classes(d.name))]
    if taken := next((d for d in drugs if d.presence == "present" and d.when == "now"), None):
        return True, taken.span
    denied = [f.span for f in mine if f.presence == "absent"] + [d.span for d in drugs if d.presence == "absent" and d.name in wanted]
    denied = denied or _excluded(findings, facts) or _ruled_out(wanted, facts)
    return (False, denied[0]) if denied else (None, None)


def _excluded(findings: tuple[str, ...], facts: PatientFacts) -> list[Span]:
    """Where the text denies what each of the findings would entail: "no lymphadenopathy" leaves no room for a cervical one."""
    absent = {f.name: f.span for f in facts.findings if f.presence == "absent" and f.experiencer == "patient"}
    spans = [next((absent[more] for more in implies().get(finding, ()) if more in absent), None) for finding in findings]
    return [span for span in spans if span] if spans and all(spans) else []


def _ruled_out(wanted: set[str], facts: PatientFacts) -> list[Span]:
    """Where the note affirms what leaves no room for a finding: "on room air", "alert", "in her own home" (score_findings.toml)."""
    opposites = {name for finding, names in _table("ruled_out_by").items() if finding.lower() in wanted for name in names}
    mine = (f for f in facts.findings if f.experiencer == "patient" and f.presence == "present" and f.when == "now")
    return [f.span for f in mine if f.name in opposites]


@cache
def _table(name: str) -> Mapping[str, Sequence[str]]:
    return cast(Mapping[str, Sequence[str]], read_table("score_findings")[name])


def only_past(findings: tuple[str, ...], facts: PatientFacts) -> bool:
    """Whether the note affirms a disease in the history alone: "breast cancer 2008"."""
    wanted = {finding.lower() for finding in findings}
    told = [f for f in facts.findings if f.name.lower() in wanted and f.experiencer == "patient" and f.presence == "present"]
    return bool(told) and all(f.when == "history" for f in told)


def _classes(drug: str) -> set[str]:
    return {name.lower() for name in drug_classes(drug)}


def choice(chosen: Tool, name: str, facts: PatientFacts) -> tuple[str | None, Span | None, str]:
    """A choice whose words are findings: keys `input=choice` of the findings table, the last choice that the note affirms.

    A number under the name of the input counts the choices from the lowest ("E3 V4 M5"). The first choice, where it is the normal one,
    also holds where the note denies what the others rest on ("no ascites"). A choice that rests on a sign alone, against what the note
    denies, stays open and says so: asterixis is a sign of encephalopathy, "no confusion" speaks against it.
    """
    choices = chosen.choices(name)
    if (graded := facts.values(name)) and 1 <= graded[0].value <= len(choices):
        return choices[int(graded[0].value) - 1], graded[0].span, ""
    for one in reversed(choices):
        value, span = yes_no("", chosen.findings.get(f"{name}={one}", ()), facts)
        if value:
            against = _against(chosen.findings[f"{name}={one}"], facts)
            doubt = f"{name}: the note speaks for '{one}' and denies {' and '.join(against)}: not counted, grade it by hand"
            return (None, span, doubt) if against else (one, span, "")
    return (*_denied(chosen, name, facts), "") if choices[0] in ("none", "normal") else (None, None, "")


def _against(findings: tuple[str, ...], facts: PatientFacts) -> list[str]:
    """What the note denies in so many words and nowhere affirms, against the signs that it affirms (table `doubted_by`)."""
    doubts = [_table("doubted_by").get(one, ()) for one in findings if facts.has(one) == "present"]
    against = dict.fromkeys(other for row in doubts for other in row) if all(doubts) else {}
    return [one for one in against if facts.has(one) == "absent" and yes_no("", (one,), facts)[0] is False]


def at_least(chosen: Tool, name: str, facts: PatientFacts) -> tuple[str | None, Span | None]:
    """The lowest choice that an ungraded finding allows ("ascites" alone is slight or more): keys `input=choice+`."""
    for one in reversed(chosen.choices(name)):
        value, span = yes_no("", chosen.findings.get(f"{name}={one}+", ()), facts)
        if value:
            return one, span
    return None, None


def _denied(chosen: Tool, name: str, facts: PatientFacts) -> tuple[str | None, Span | None]:
    keys = [key for key in chosen.findings if key.startswith(f"{name}=") and key.endswith("+")]
    value, span = yes_no("", tuple(finding for key in keys for finding in chosen.findings[key]), facts)
    return (chosen.choices(name)[0], span) if value is False else (None, None)


def from_question(chosen: Tool, question: str) -> dict[str, str]:
    """Choices that the question itself makes."""
    return {name: value for (of, name), (value, words) in IN_QUESTION.items() if of == chosen.name and words.search(question)}

