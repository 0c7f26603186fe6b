"""Whether a sentence goes against what was computed for this patient: for a drug that a rule forbids, against one that a rule asks for.

A computed decision outranks every wording: the sentence is dropped however well its statement supports it in general.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import Literal

from assistant.gate import quantities
from assistant.gate.claims import Claim, canonical, content_words
from assistant.gate.claims import read as read_claim
from assistant.gate.clauses import Clause
from assistant.gate.comparisons import OPERATORS, terms
from assistant.gate.thresholds import Chart, Decision, label
from knowledge_base.lexicon import drug_classes, read_table
from knowledge_base.rules import COMPARE, Rule, holds

Stance = Literal["for", "against", ""]
_JOINS = re.compile(r"\W*(?:(?:is|which|that|and|so|was|it|therefore|thus|hence|not|clearly|well|just)\W+){0,4}$")
_RELATION = re.compile(r"\b(?:below|under|less|lower|fewer|above|over|greater|more|higher|at|no|not)\b|[<>]")
DOSES = ("mg", "units", "mg/kg", "units/kg")


@cache
def _says(kind: str) -> re.Pattern[str]:
    words = "|".join(sorted(read_table("stance")["stance"][kind], key=len, reverse=True))
    if kind == "instead":
        return re.compile(rf"\b(?:{words})\s+(?:\w+\s+){{0,2}}$")  # what stands right before the drug
    if kind == "goes_on":
        return re.compile(rf"\W*(?:(?:and|but|so)\s+)?(?:{words})\b")
    return re.compile(rf"\b(?:{words})\b")


def contradicts(text: str, decisions: Iterable[Decision], patient: Chart | None = None) -> str:
    """Why a sentence may not be shown to this patient's clinician, or an empty string.

    Args:
        text: one sentence.
        decisions: what was computed; those that are open (`applies` is None) forbid nothing.
        patient: the chart, where there is one: a sentence may not put a value on the wrong side of a limit either.
    """
    known = list(decisions)
    if reason := wrong_side(text, patient):
        return reason
    for decision in known:
        if decision.applies and (reason := _against(text, decision, known, patient)):
            return reason
    return _unfounded(text, known)


def _against(text: str, decision: Decision, known: Sequence[Decision], patient: Chart | None) -> str:
    rule = decision.rule
    clauses = _on(text, rule.subject)
    if not clauses or _elsewhere(text, patient):
        return ""
    words = quantities.normalised(canonical(text))
    shown = f"{rule.subject} is {rule.effect} for this patient ({decision.passage.id})"
    match rule.effect:
        case "contraindicated":
            return shown if spoken_for(text, rule.subject) or _says("unchanged").search(words) else ""
        case "reduce-dose":
            unchanged = _says("unchanged").search(words)
            return f"{rule.subject} needs a reduced dose for this patient ({decision.passage.id})" if unchanged else ""
        case "caution":
            careless = _says("careless").search(words) and not _says("denies").search(words)
            return f"{rule.subject} needs caution for this patient ({decision.passage.id})" if careless else ""
        case "indicated":
            return shown if not _disputed(rule, known) and any(_refuses(clause) for clause in clauses) else ""


def stance(clause: Clause, subject: str) -> Stance:
    """Whether a clause speaks for giving the subject or against it; "" where it does neither."""
    if _says("clears").search(clause.text) and not _says("denies").search(clause.text):
        return "for"
    if clause.against or _says("stops").search(clause.text) or _set_aside(clause.text, subject):
        return "against"
    dosed = any(quantity.unit in DOSES for quantity in quantities.read(clause.text)[0])
    return "for" if _says("for").search(clause.text) or dosed else ""


def spoken_for(text: str, subject: str) -> bool:
    """Whether some clause of a text speaks for giving the subject."""
    return any(stance(clause, subject) == "for" for clause in _on(text, subject))


def _set_aside(text: str, subject: str) -> bool:
    """Whether the words before the subject put it aside: "instead of ibuprofen", "switch from ramipril"."""
    drugs = {drug for drug in _read(text).drugs if {drug, *drug_classes(drug)} & _names(subject)}
    spellings = {subject.lower(), canonical(subject).lower(), *drugs}
    places = [at for spelling in spellings if (at := text.find(spelling)) > 0]
    return bool(places) and bool(_says("instead").search(text[: min(places)]))


def _refuses(clause: Clause) -> bool:
    return bool(_says("needless").search(clause.text)) or (not clause.side and (clause.against or bool(_says("stops").search(clause.text))))


def _disputed(rule: Rule, known: Sequence[Decision]) -> bool:
    """Another rule warns of the same thing for this patient: then the rules disagree, and no wording is wrong."""
    warnings = (other for other in known if other.applies is not False and other.rule.effect != "indicated")
    return any(_same(other.rule.subject, rule.subject) for other in warnings)


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower() or bool(_names(one) & _names(other))


def _on(text: str, subject: str) -> list[Clause]:
    """The clauses of a sentence that speak of a subject, and those that follow with no subject of their own ("..., and it can go on")."""
    claim = _read(text)
    names, words = _names(subject), content_words(canonical(subject))
    found: list[Clause] = []
    for clause in claim.clauses:
        drugs = _read(clause.text).drugs | _read(clause.text).classes
        members = drugs | {name for drug in drugs for name in drug_classes(drug)}
        goes_on = found and not drugs and not found[-1].side and _says("goes_on").match(clause.text)
        if names & members or (not names and words and words <= clause.stems) or goes_on:
            found.append(clause)
    return found


@lru_cache(maxsize=1024)
def _names(subject: str) -> frozenset[str]:
    """Drugs and classes that a rule's subject names."""
    claim = read_claim(subject)
    return claim.drugs | claim.classes


@lru_cache(maxsize=2048)
def _read(text: str) -> Claim:
    return read_claim(text)


def _elsewhere(text: str, patient: Chart | None) -> bool:
    """The sentence sets a condition that this patient does not meet, so that it speaks of others."""
    if patient is None or not _says("condition").search(text.lower()):
        return False
    return any(holds(Rule((term,), "caution", ""), patient.numbers, patient.states) is False for term in terms(text))


def _unfounded(text: str, known: Sequence[Decision]) -> str:
    """A warning said of this patient without condition, while the rules that could found it do not apply."""
    forbidden = [decision for decision in known if decision.rule.effect == "contraindicated"]
    for decision in (decision for decision in forbidden if decision.applies is False):
        same = [other for other in forbidden if _same(other.rule.subject, decision.rule.subject)]
        if any(other.applies is not False for other in same) or _says("condition").search(text.lower()):
            continue
        on = _on(text, decision.rule.subject)
        if any(clause.against and re.search(r"\b(?:contraindicated|must not)\b", clause.text) for clause in on):
            return f"the rule that {decision.rule.subject} is contraindicated does not apply to this patient ({decision.passage.id})"
    return ""


def wrong_side(text: str, patient: Chart | None) -> str:
    """A comparison that is false: "eGFR 45 is below 30", or "because the eGFR is below 30" where the chart says 45."""
    plain = quantities.normalised(text)
    found, _ = quantities.read(plain)
    for one, two in pairwise(found):
        between = plain[one.end : two.start]
        said = _RELATION.split(between)[0]
        if one.comparator or two.comparator not in OPERATORS or not _JOINS.fullmatch(said) or not re.search(r"\bis\b", between):
            continue
        if (one.unit == two.unit or not (one.unit and two.unit)) and not COMPARE[OPERATORS[two.comparator]](one.printed, two.printed):
            return f"{one.text.strip()} is not {two.comparator.replace('_', ' ')} {two.printed:g}"
    if patient is None or not _says("causal").search(plain) or re.search(r"\b(?:if|when|unless)\b", plain):
        return ""
    for term in terms(text):
        if holds(Rule((term,), "caution", ""), patient.numbers, patient.states) is False:
            return f"{label(term.name)} is {patient.numbers[term.name]:g} in the chart, not {term.op} {term.value:g}"
    return ""
