"""What is told of the computed decisions, and in which words.

A ban that applies is told in a sentence of its own. Of every other rule the statement itself is shown, with the values that make it bear
on this patient: a rule tests less than its statement says, so that no verdict of ours may stand in the statement's place.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from assistant.gate.claims import content_words
from assistant.gate.comparisons import rules_of
from assistant.gate.thresholds import GRAVE, GRAVITY, Chart, Decision, about, applies, label, met
from assistant.records import Citation, Finding, Sentence, Span
from knowledge_base.lexicon import drug_classes
from knowledge_base.rules import Rule, Term
from knowledge_base.tables import measurements

WORDS = {"<": "below", "<=": "at or below", ">": "above", ">=": "at or above", "=": "equal to"}
LEADS = {
    "reduce-dose": "Dose or interval to change for this patient",
    "caution": "To note for this patient",
    "indicated": "Bears on this patient",
}
UNKNOWN = "Not known for this patient"
_BEHIND = re.compile(r" (?:(?:in|for|with|at|of|after|before|on|to|every|within|when|by|under|without|from|during|as|and no)\b|\().*")
_SINGULAR_IN_S = ("ss", "us", "is", "blood gas", "micrograms", "aids", "herpes", "diabetes", "scabies", "rabies", "measles", "mumps")


def worth_showing(decisions: Iterable[Decision], question: str, drugs: Iterable[str], first: Collection[str]) -> list[Decision]:
    """The decisions that answer the question, gravest first, one for each effect and subject, and one for each statement shown.

    With drugs named in the question: those on these drugs. Without: those whose subject the question names, and those of the best
    hits that apply. Only what may forbid a drug is told when the chart leaves it open or denies it, and that a ban does not apply only
    where it is the whole ban and no other ban on the drug applies or is open. What is banned is told no other way.
    """
    asked_for = {drug.lower() for drug in drugs}
    names = {name for drug in asked_for for name in (drug, *drug_classes(drug))}
    words = content_words(question)

    def on_asked(decision: Decision) -> bool:
        return bool(names) and _speaks_of(decision.rule.subject, names)

    def on_topic(decision: Decision) -> bool:
        if not decision.applies and (decision.rule.effect not in GRAVE or (decision.applies is False and not _whole(decision))):
            return False
        if names and decision.applies is None:      # "warfarin in dengue" is open for everybody who asks about warfarin
            paired = any(term.name == "taking" and term.value in names for term in decision.rule.terms)     # told as a pair
            return not paired and any(about(decision.rule, drug) for drug in asked_for)
        if names:
            return on_asked(decision)
        asked = content_words(decision.rule.subject)
        return bool(asked and asked <= words) or (bool(decision.applies) and decision.passage.id in first)

    def urgency(decision: Decision) -> tuple[bool, bool, bool, int]:
        aside = not names and _is_ban(decision) and not content_words(decision.rule.subject) <= words     # nobody asked for that drug
        return decision.applies is not True, decision.applies is False, aside, GRAVITY[decision.rule.effect]

    known = list(decisions)
    chosen: dict[tuple[str, str], Decision] = {}
    for decision in sorted(filter(on_topic, known), key=urgency):
        chosen.setdefault((decision.rule.effect, decision.rule.subject.lower()), decision)
    open_in = {d.passage.document_id for d in known if d.applies is None and _is_ban(d) and on_asked(d)}
    return _one_each(_settled(_without_wider(list(chosen.values()), asked_for), open_in))


def settles(decision: Decision) -> bool:
    """Whether a decision answers by itself whether a drug may be given or in which dose; others stand among the statements."""
    return decision.applies is not None and decision.rule.effect in GRAVE


def _is_ban(decision: Decision) -> bool:
    return decision.rule.effect == "contraindicated"


def _without_wider(chosen: Sequence[Decision], asked_for: Collection[str]) -> list[Decision]:
    """That penicillin is banned too adds nothing to the ban of amoxicillin, which was asked about."""
    named = {d.rule.terms for d in chosen if _is_ban(d) and d.rule.subject.lower() in asked_for}
    return [d for d in chosen if not _is_ban(d) or d.rule.subject.lower() in asked_for or d.rule.terms not in named]


def _settled(chosen: Sequence[Decision], open_in: Collection[str]) -> list[Decision]:
    """Nothing but its ban of a drug that is banned; and no clearing of one while another ban applies or is open.

    `open_in` are guidelines that hold an open ban, if only in one disease: that too leaves the drug uncleared.
    """
    banned = {d.rule.subject.lower() for d in chosen if _is_ban(d) and d.applies}
    undecided = any(_is_ban(d) and d.applies is not False for d in chosen)
    told = [d for d in chosen if not (d.applies is False and (undecided or d.passage.document_id in open_in))]
    return [d for d in told if _is_ban(d) or not _banned(d.rule.subject.lower(), banned)]


def _one_each(chosen: Sequence[Decision]) -> list[Decision]:
    """Each statement once: every other rule than a ban is told by its statement."""
    first = {d.passage.id: d for d in reversed(chosen) if not _is_ban(d)}
    return [d for d in chosen if _is_ban(d) or first[d.passage.id] is d]


def _whole(decision: Decision) -> bool:
    """Whether a rule is all that its statement says against the subject: one of several criteria that fails clears nobody."""
    rules = [rule for rule in rules_of(decision.passage) if rule.effect in GRAVE]
    return len(rules) == 1 and len(rules[0].terms) == 1


def _banned(subject: str, settled: Collection[str]) -> bool:
    """Whether a ban has settled a subject: nothing is then told for it, whatever it is for."""
    return subject in settled or (bool(settled) and _speaks_of(subject, settled))


def _speaks_of(subject: str, names: Iterable[str]) -> bool:
    """Whether a subject names one of these drugs as what is given, not as what it is given for ("protamine for heparin bleeding")."""
    words = subject.lower().split(" for ")[0]
    return any(re.search(rf"(?<![\w-]){re.escape(name)}s?(?![\w-])", words) for name in names)


def sentence(decision: Decision, patient: Chart, citation: Citation, *, drugs: Iterable[str] = (), scope: str = "") -> Sentence:
    """A decision in words; it names those of `drugs` that a ban of their class hits, `scope` the guideline when it is on something else."""
    rule = decision.rule
    hit = [drug for drug in drugs if about(rule, drug) and drug.lower() not in rule.subject.lower()]
    subject = f"{', '.join(hit)} ({rule.subject})" if hit else rule.subject
    ban = rule.effect == "contraindicated"
    be = "are" if len(hit) > 1 or (not hit and _several(rule.subject)) else "is"
    verb = f"{be} contraindicated" if ban else "needs another dose or interval"
    if decision.applies is None:
        text = f"{UNKNOWN}: {subject} {verb} if {' and '.join(_asked(term) for term in rule.terms)}."
    elif not decision.applies:
        text = f"The rule that {subject} {verb} does not apply to this patient: {_because(_failed(rule, patient), patient)}."
    elif ban:
        reason = f": {because(decision, patient)}" if rule.terms else ""
        text = f"For this patient {subject} {verb}{reason}{f' (stated for {scope})' if scope else ''}."
    else:
        text = f"{LEADS[rule.effect]} ({because(decision, patient)}): {decision.passage.text}"
    spans = tuple(patient.spans[key] for term in rule.terms for key in (term.name, f"{term.name} {term.value}") if key in patient.spans)
    return Sentence(text, "tool", (citation,), spans, tool="threshold", origin="rule")


def recorded(decision: Decision, patient: Chart) -> Sentence:
    """A ban that rests on the chart alone."""
    told, passage = decision.rule.subject, decision.passage
    be = "are" if _several(told) else "is"
    text = f"For this patient {told} {be} contraindicated: {because(decision, patient)}."
    return Sentence(text, "chart", spans=(Span(passage.start, passage.end),))


def akin(kind: str, allergy: Finding) -> Sentence:
    """An allergy to another drug of the class that a question is on; whether it reaches the drug asked for is not ours to say."""
    return Sentence(f"To note for this patient: allergy to {allergy.name} ({kind}).", "chart", spans=(allergy.span,))


def remark(decision: Decision, patient: Chart) -> str:
    """A warning that applies, in a few words to stand beside a statement."""
    subject, reason = decision.rule.subject, because(decision, patient)
    said = {"contraindicated": "contraindicated", "reduce-dose": "needs another dose or interval"}.get(decision.rule.effect, "with caution")
    return f"{subject} {said} ({reason})"


def because(decision: Decision, patient: Chart) -> str:
    """The comparisons that made a rule apply."""
    return " and ".join(_because(term, patient) for term in decision.rule.terms)


def _failed(rule: Rule, patient: Chart) -> Term:
    return next(term for term in rule.terms if applies(Rule((term,), rule.effect, rule.subject), patient) is False)


def _several(subject: str) -> bool:
    head = _BEHIND.sub("", subject.lower())
    return head.endswith("s") and not head.endswith(_SINGULAR_IN_S)


def _because(term: Term, patient: Chart) -> str:
    if isinstance(term.value, str):
        return _state(term.name, term.value, patient.states[term.name].get(term.value, False))
    unit = _unit(term.name)
    if term.name not in patient.numbers:
        known, side = (patient.floors, "at least") if term.name in patient.floors else (patient.ceilings, "at most")
        relation = WORDS[term.op] if met(term, known[term.name]) else f"not {WORDS[term.op]}"
        return f"{label(term.name)} of {side} {known[term.name]:g}{unit} is {relation} {term.value:g}"
    value = patient.numbers[term.name]
    if term.name == "age_years" and value < 1:
        return f"age {value * 12:.2g} months is {'' if met(term, value) else 'not '}{WORDS[term.op]} {term.value:g} years"
    relation = WORDS[term.op] if met(term, value) else f"not {WORDS[term.op]}"
    return f"{label(term.name)} {value:g}{unit} is {relation} {term.value:g}"


def _asked(term: Term) -> str:
    if isinstance(term.value, str):
        return _state(term.name, term.value, True)
    return f"{label(term.name)} is {WORDS[term.op]} {term.value:g}{_unit(term.name)}"


def _state(name: str, value: str, known: bool) -> str:
    be = "" if known else "not "
    match name:
        case "pregnant" | "breastfeeding":
            return f"{be}{name}" if value == "yes" else f"{'not ' if known else ''}{name}"
        case "allergy":
            return f"{'allergy' if known else 'no allergy'} to {value}"
        case "taking":
            return f"{be}taking {value}"
        case _:
            return f"{name} is {be}{value}" if name == "sex" else f"{'has' if known else 'does not have'} {value}"


def _unit(name: str) -> str:
    row = measurements().get(name)
    if not row or not row.unit:
        return ""
    return row.unit if row.unit == "%" else f" {row.unit}"
