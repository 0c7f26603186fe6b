"""Drugs of the text with dose, route and frequency as written, and allergies. Names come from medications.toml, brands included."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

from assistant.facts.context import Context
from assistant.facts.drug_clauses import KIN
from assistant.facts.drug_doses import DOSE, regimen
from assistant.facts.drug_status import statuses
from assistant.facts.sections import Section, name_at
from assistant.records import Finding, Medication, Presence, Span, When
from knowledge_base.lexicon import drug_names

ContextAt = Callable[[Span], Context]
_TAKING = re.compile(
    r"\b(?:on|taking|takes|took|(?:I|we|they) take|using|uses|receiving|receives|given|treated with|started on|maintained on|regular|"
    r"current)\b[^.;?\n]{0,60}$",
    re.IGNORECASE,
)
_ORDERED = re.compile(
    r"\b(?:start|begin|initiate|prescribe|will (?:start|give|begin|prescribe)|plan(?:ned)? (?:to|for)|order(?:ed)?|switch to|"
    r"recommend\w*|consider|wants?|would (?:like|prefer)|asks? (?:for|about)|asking (?:for|about)|requests?)\b[^.;\n]{0,40}$",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?\n]")
LIST_REACH, DOSE_REACH, SHORT = 60, 90, 3
# "Husband takes warfarin": a relative is the subject and nobody else comes between; "wife on the phone, takes warfarin" names no such drug
_OTHERS_DRUG = re.compile(
    rf"(?:^|[.;:(\n]|,(?:\s+(?:and|but))?|\bbut\b)\s*(?:(?:her|his|my|our|their|the|pt'?s|patient'?s)\s+)?(?:{KIN}|flatmate|friend|neighbour)\s+"
    r"(?:(?:is|was|are|has|been|also|now|currently)\s+)*(?:on|takes?|taking|took|uses?|using|prescribed|started on)\s+"
    r"(?!(?:the |a )?(?:phone|ward|line|call|way|holiday|leave|bedside|him|her|it|them|care|pt|patient|home)\b)"
    r"(?:(?!\b(?:pt|patient|s?he|they|I|her|him)\b)[^.;:,\n]){0,40}$",
    re.IGNORECASE,
)
_PART = re.compile(r"\bco-$", re.IGNORECASE)       # "co-amox" is no amoxicillin
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def medications(text: str, sections: Sequence[Section], context: ContextAt, allergic: Sequence[Finding]) -> list[Medication]:
    """Every drug of the patient that the text names and that is not an allergy there, in text order."""
    named = [(name, span) for name, span in mentions(text) if not any(a.span.start <= span.start < a.span.end for a in allergic)]
    found, shared, told = [], _respective(text, named), statuses(text, named)
    for number, (name, span) in enumerate(named):
        said = context(span)
        if said.experiencer != "patient" or _is_of_other(text, span) or _PART.search(text, max(0, span.start - 4), span.start):
            continue
        stop = min(named[number + 1][1].start if number + 1 < len(named) else len(text), span.end + DOSE_REACH)
        stop -= len("co-") * bool(_PART.search(text, stop - 4, stop))
        how = regimen(text, span.start, span.end, stop)
        presence, when = _status(text, span, said, name_at(sections, span.start), told.get(span, ""))
        found.append(Medication(name, span, shared.get(span, how.dose), how.route, how.frequency, presence, when))
    return found


def _is_of_other(text: str, span: Span) -> bool:
    return _OTHERS_DRUG.search(text[max(0, span.start - DOSE_REACH) : span.start]) is not None


def _respective(text: str, named: Sequence[tuple[str, Span]]) -> dict[Span, str]:
    """ "Dopamine and dobutamine at 4 mcg/kg/min and 3 mcg/kg/min respectively": drugs and doses in the same order; else no dose of them."""
    found: dict[Span, str] = {}
    start = 0
    for word in re.finditer(r"\brespectively\b", text):
        begin = max([start, *(stop.end() for stop in re.finditer(r"[.;]\s|\n", text[: word.start()]))])
        start = word.end()
        doses = list(DOSE.finditer(text, begin, word.start()))
        drugs = [span for _, span in named if doses and begin <= span.start < doses[0].start()]
        if len(drugs) == len(doses) > 1:
            found |= dict(zip(drugs, (dose[0] for dose in doses), strict=True))
    return found


def mentions(text: str) -> Iterator[tuple[str, Span]]:
    """(generic name, place) of each drug name in the text, the longest name at a place; names of up to three letters in capitals only."""
    words = list(_WORD.finditer(text))
    plain = [word[0].lower() for word in words]
    number = 0
    while number < len(words):
        length = next((n for n in _lengths().get(plain[number], ()) if _is_name(plain[number : number + n], n)), 0)
        start, end = words[number].start(), words[number + max(length, 1) - 1].end()
        if length and (end - start > SHORT or text[start:end].isupper()):
            yield _generic()[" ".join(plain[number : number + length])], Span(start, end)
        number += max(length, 1)


def _is_name(words: Sequence[str], length: int) -> bool:
    return len(words) == length and " ".join(words) in _generic()


@cache
def _generic() -> dict[str, str]:
    """Name with its words parted by single spaces -> generic name."""
    return {" ".join(_WORD.findall(name)): generic for name, generic in drug_names().items()}


@cache
def _lengths() -> dict[str, tuple[int, ...]]:
    """First word of a name -> how many words names that begin so have, the longest first."""
    lengths: dict[str, set[int]] = {}
    for name in _generic():
        lengths.setdefault(name.split(" ")[0], set()).add(len(name.split(" ")))
    return {word: tuple(sorted(counts, reverse=True)) for word, counts in lengths.items()}


def in_question(text: str, place: int) -> bool:
    """Whether the sentence that holds a place ends with a question mark."""
    end = _SENTENCE_END.search(text, place)
    return end is not None and end[0] == "?"


# who asks what is taken, not what ought to be: "You're not using Viagra?", "Any ibuprofen?"
_ASKS_TAKING = re.compile(
    r"(?:\b(?:do|did|have|has|had|are|is|were|was)(?:n't)? (?:you|he|she|they|we|i|the patient|pt)\b|"
    r"\b(?:you're|you are|he's|she's|you've)\b|"
    r"(?:^|[.:?]\s*)(?:and |so )?(?:any|on|taking|using|what about|how about)\b)[^.?!\n]*$", re.IGNORECASE,
)  # fmt: skip
_ASKS_ADVICE = re.compile(
    r"\b(?:should|shall|can|could|must|may|would) (?:i|we|he|she|they) (?:\w+ )?(?:take|use|try|start|have|give|get)(?: \w+){0,2} $",
    re.IGNORECASE,
)
_ASKS_TO_STOP = re.compile(
    r"(?:^|[.!?\n])(?![^.!?\n]*\b(?:did|has|had|have you|you have|you've|when|why)\b)"
    r"[^.!?\n]*\b(?:stop|hold|withhold|discontinue|omit)\b[^.!?\n]*\?$", re.IGNORECASE,
)  # fmt: skip
# "avoid NSAIDs, give paracetamol": what is avoided is over at the comma
_AVOIDS_OTHER = re.compile(
    r"(?:^|[.;:\n])(?![^.;\n]*\b(?:if|when)\b)[^.;\n]*\bavoid\w*\b[^.;\n]*[,;]\s*(?:but\s+)?[^,;.\n]{0,30}$", re.IGNORECASE
)
_HESITATES = r"\s*(?:[A-Z][\w .]{0,20}:)?\s*(?:(?:er+|erm|um+|uh|well|oh|ah|hm+|so|actually)\b[,.\s…]*)*"
_YES = re.compile(
    _HESITATES + r"(?:yes|yeah|yep|yup|aye|i do|i am|i did|i have|sometimes|occasionally|now and then|(?:he|she) (?:is|does|did|has))\b",
    re.IGNORECASE,
)
_NO = re.compile(_HESITATES + r"(?:no|nope|nah|never|not (?:any more|anymore|now|at all|really))\b", re.IGNORECASE)
_NEGATIVE = re.compile(r"\bnot\b|n't\b", re.IGNORECASE)
# in a list of allergies: what is borne is named, not taken
_BORNE = re.compile(r"\s*[-–(]?\s*(?:(?:is|are|was|were)\s+)?(?:ok(?:ay)?|fine|safe|tolerat\w+)\b", re.IGNORECASE)
_BEARS = re.compile(r"\b(?:tolerat\w+|(?:ok(?:ay)?|fine|safe) with|can (?:have|take))\s+(?:[\w-]+\s+){0,2}$", re.IGNORECASE)
_MEANING: Mapping[str, tuple[Presence, When]] = {
    "stop": ("absent", "now"), "earlier": ("absent", "history"), "spoken": ("absent", "hypothetical"),
    "supposed": ("present", "hypothetical"), "planned": ("present", "planned"),
}  # fmt: skip


def _status(text: str, span: Span, said: Context, section: str, told: str) -> tuple[Presence, When]:
    before = text[max(0, span.start - LIST_REACH) : span.start]
    if in_question(text, span.start) and (answer := _answered(text, span, told)):
        return answer
    if told == "stop" and (said.presence, said.when) == ("absent", "hypothetical"):     # "Women who breastfeed should not take it"
        return "absent", "hypothetical"
    if section == "allergies" and not told and (_BORNE.match(text, span.end) or _BEARS.search(before)):
        return "absent", "hypothetical"
    if told in _MEANING:
        return _MEANING[told]
    if told == "go" and _AVOIDS_OTHER.search(before) and said.when == "hypothetical":
        return "present", "planned"
    asked = in_question(text, span.start)
    if asked and not _TAKING.search(before):
        return "present", "hypothetical"
    presence: Presence = "present" if told in ("go", "resume") else said.presence
    if section == "plan" and told != "resume" and not re.search(r"\b(?:continue|resume|remain)\w*\b[^.;\n]{0,40}$", before, re.IGNORECASE):
        return presence, "planned"
    if _ORDERED.search(before):
        return presence, "planned"
    return presence, "now" if section == "medications" else said.when


def _answered(text: str, span: Span, told: str) -> tuple[Presence, When] | None:
    """What a question and its answer say of a drug: who asks whether to stop it takes it, and "yeah" to "not using it?" is yes."""
    end = _SENTENCE_END.search(text, span.end)
    before = text[max(0, span.start - LIST_REACH) : span.start]
    after = text[end.end() if end else len(text) :]
    yes, no = _YES.match(after), _NO.match(after)
    if told == "stop" and _ASKS_TO_STOP.search(text[: end.end() if end else len(text)][-LIST_REACH * 3 :]):
        return ("absent" if yes else "present"), "now"
    if _ASKS_ADVICE.search(before):
        return "present", "hypothetical"
    if not _ASKS_TAKING.search(before):
        return None
    stopped = told == "stop" and not _NEGATIVE.search(before)
    if yes or no:
        return ("present" if bool(yes) != stopped else "absent"), "now"
    return ("present", "hypothetical") if told == "stop" else None
