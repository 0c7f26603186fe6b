"""Drugs of the text with dose, route and frequency as written, and allergies. Names come from medications.toml, brands included."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from assistant.facts.context import Context
from assistant.facts.sections import Section, name_at
from assistant.records import Finding, Medication, Presence, Span, When
from knowledge_base.lexicon import drug_names

ContextAt = Callable[[Span], Context]
_DOSE = re.compile(
    r"\b\d+(?:[.,]\d+)*(?:\s*(?:-|–|to)\s*\d+(?:[.,]\d+)?)?\s*(?:mg|mcg|µg|μg|ug|g|grams?|units?|iu|ml|mmol|meq|puffs?|tablets?|tabs?|"
    r"capsules?|drops?|%)(?:\s*/\s*(?:kg|\d*\s*ml|h|hr|hour|min|day|actuation|m2))*"
    r"(?![a-z])", re.IGNORECASE,
)  # fmt: skip
_ROUTE = re.compile(
    r"\b(?:po|p\.o\.|orally|oral|by mouth|iv|i\.v\.|intravenous(?:ly)?|im|i\.m\.|intramuscular(?:ly)?|sc|s\.c\.|sq|subq|subcut\w*|"
    r"inhaled|inh|nebuli[sz]ed|neb|topical(?:ly)?|sublingual(?:ly)?|sl|"
    r"buccal(?:ly)?|rectal(?:ly)?|pr|intranasal(?:ly)?|transdermal|patch|ophthalmic|vaginal(?:ly)?)\b", re.IGNORECASE,
)  # fmt: skip
_FREQUENCY = re.compile(
    r"\b(?:once|twice|(?:one|two|three|four|five|six|1|2|3|4|5|6) times?)\s+(?:a|per|every|each)?\s*(?:day|daily|week|weekly|month|"
    r"monthly|night|nightly|hour)(?:\s+(?:as needed|at night|prn))?"
    r"|\bevery\s+(?:other\s+)?(?:\d+(?:\s*(?:-|to)\s*\d+)?\s*)?(?:hours?|h|hrs?|days?|weeks?|months?|morning|evening|night|day)\b|"
    r"\bq\s?\d{1,2}(?:-\d{1,2})?\s?h(?:rs?|ours?)?\b"
    r"|\b(?:qd|q\.d\.|bid|b\.i\.d\.|tid|t\.i\.d\.|qid|q\.i\.d\.|qhs|qam|qpm|od|bd|tds|qds|nocte|mane|prn|stat|daily|nightly|weekly|at "
    r"bedtime|as needed|in the morning|at night)\b", re.IGNORECASE,
)  # fmt: skip
# "60 mg of morphine": the dose stands before its drug, and is not that of the drug before
_DOSE_OF = re.compile(rf"(?P<dose>{_DOSE.pattern})\s+of\s+(?:(?:oral|intravenous|IV|PO)\s+)?$", re.IGNORECASE)
_STOPPED = re.compile(
    r"\b(?:stop(?:ped|ping)?|discontinu\w+|held|hold(?:ing)?|withheld|off|no longer (?:taking|on|takes)|not (?:currently )?(?:taking|"
    r"on|using)|never (?:taken|took)|ceased|weaned off|came off|ran out of)\b"
    r"[^.;\n]{0,25}$", re.IGNORECASE,
)  # fmt: skip
_STOPPED_AFTER = re.compile(r"[^.,;\n]{0,25}\b(?:was|were|has been|been)?\s*(?:stopped|discontinued|withheld|held|ceased)\b", re.IGNORECASE)
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
LIST_REACH, DOSE_REACH, SHORT_REACH, SHORT = 60, 90, 40, 3
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def medications(text: str, sections: Sequence[Section], context: ContextAt, allergic: Sequence[Finding]) -> list[Medication]:
    """Every drug of the patient that the text names and that is not an allergy there, in text order."""
    named = [(name, span) for name, span in mentions(text) if not any(a.span.start <= span.start < a.span.end for a in allergic)]
    found, shared = [], _respective(text, named)
    for number, (name, span) in enumerate(named):
        said = context(span)
        if said.experiencer != "patient":
            continue
        stop = min(named[number + 1][1].start if number + 1 < len(named) else len(text), span.end + DOSE_REACH)
        line = _DOSE_OF.sub("", re.split(r"\n|;|\.\s", text[span.end : stop], maxsplit=1)[0])
        own = _DOSE_OF.search(text[max(0, span.start - SHORT_REACH) : span.start])
        presence, when = _status(text, span, said, name_at(sections, span.start))
        dose = own["dose"] if own else shared.get(span, "") or _first(_DOSE, line)
        route = _first(_ROUTE, text[span.start : span.end] + line)
        found.append(Medication(name, span, dose, route, _first(_FREQUENCY, line), presence, when))
    return found


def _respective(text: str, named: Sequence[tuple[str, Span]]) -> dict[Span, str]:
    """ "Dopamine and dobutamine at 4 mcg/kg/min and 3 mcg/kg/min respectively": drugs and doses in the same order; else no dose of them."""
    found: dict[Span, str] = {}
    start = 0
    for word in re.finditer(r"\brespectively\b", text):
        begin = max([start, *(stop.end() for stop in re.finditer(r"[.;]\s|\n", text[: word.start()]))])
        start = word.end()
        doses = list(_DOSE.finditer(text, begin, word.start()))
        drugs = [span for _, span in named if doses and begin <= span.start < doses[0].start()]
        if len(drugs) == len(doses) > 1:
            found |= dict(zip(drugs, (dose[0] for dose in doses), strict=True))
    return found


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[0].strip() if match else ""


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


# what led to the visit, not what was decided at it: "leg swelling after stopping furosemide"
_STOPPED_BEFORE = re.compile(
    r"\b(?:after (?:he |she |they )?(?:stopp\w+|discontinu\w+|running out of|missing)|had (?:stopped|run out of)|ran out of)"
    r"(?: taking| of| his| her| their| the)*[^.;,\n]{0,15}$", re.IGNORECASE,
)  # fmt: skip


def _status(text: str, span: Span, said: Context, section: str) -> tuple[Presence, When]:
    before = text[max(0, span.start - LIST_REACH) : span.start]
    if _STOPPED_BEFORE.search(before):
        return "absent", "history"
    if _STOPPED.search(before) or _STOPPED_AFTER.match(text, span.end):
        return "absent", "now"
    asked = in_question(text, span.start)
    if asked and not _TAKING.search(before):
        return "present", "hypothetical"
    if section == "plan" and not re.search(r"\b(?:continue|resume|remain)\w*\b[^.;\n]{0,40}$", before, re.IGNORECASE):
        return said.presence, "planned"
    if _ORDERED.search(before):
        return said.presence, "planned"
    return said.presence, "now" if section == "medications" else said.when
