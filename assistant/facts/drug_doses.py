"""Dose, route and frequency of a drug as written behind its name (or right before it: "60 mg of morphine", "IV furosemide")."""

from __future__ import annotations

import re
from dataclasses import dataclass

DOSE = re.compile(
    r"\b\d+(?:[.,]\d+)*(?:\s*/\s*\d+(?:\.\d+)?)?(?:\s*(?:-|–|to)\s*\d+(?:[.,]\d+)?)?\s*(?:mg|mcg|µg|μg|ug|g|grams?|units?|iu|u|ml|mmol|meq|"
    r"puffs?|tablets?|tabs?|capsules?|drops?|%)(?:\s*/\s*(?:kg|\d*\s*ml|h|hr|hour|min|day|actuation|m2))*"
    r"(?![a-z]|\s*/\s*(?:l|dl|ml|mmol|g|mg|cm)\b)", re.IGNORECASE,
)  # fmt: skip
ROUTE = re.compile(
    r"\b(?:po|p\.o\.|orally|oral|by mouth|iv|i\.v\.|intravenous(?:ly)?|im|i\.m\.|intramuscular(?:ly)?|sc|s\.c\.|sq|subq|subcut\w*|"
    r"inhaled|inh|nebuli[sz]ed|neb|topical(?:ly)?|sublingual(?:ly)?|sl|"
    r"buccal(?:ly)?|rectal(?:ly)?|pr|intranasal(?:ly)?|transdermal|patch|ophthalmic|vaginal(?:ly)?)\b", re.IGNORECASE,
)  # fmt: skip
FREQUENCY = re.compile(
    r"\b(?:once|twice|(?:one|two|three|four|five|six|1|2|3|4|5|6) times?)\s+(?:a|per|every|each)?\s*(?:day|daily|week|weekly|month|"
    r"monthly|night|nightly|hour)(?:\s+(?:as needed|at night|prn))?"
    r"|\bevery\s+(?:other\s+)?(?:\d+(?:\s*(?:-|to)\s*\d+)?\s*)?(?:hours?|h|hrs?|days?|weeks?|months?|morning|evening|night|day)\b|"
    r"\bq\s?\d{1,2}(?:-\d{1,2})?\s?h(?:rs?|ours?)?\b"
    r"|\b(?:qd|q\.d\.|bid|b\.i\.d\.|tid|t\.i\.d\.|qid|q\.i\.d\.|qhs|qam|qpm|od|bd|tds|qds|nocte|mane|prn|stat|daily|nightly|weekly|at "
    r"bedtime|as needed|in the morning|at night)\b", re.IGNORECASE,
)  # fmt: skip
# "60 mg of morphine": the dose stands before its drug, and is not that of the drug before
DOSE_OF = re.compile(rf"(?P<dose>{DOSE.pattern})\s+of\s+(?:(?:oral|intravenous|IV|PO)\s+)?$", re.IGNORECASE)
_ROUTE_BEFORE = re.compile(rf"(?P<route>{ROUTE.pattern})\s+$", re.IGNORECASE)
_LINE_END = re.compile(r"\n|;|\.\s")
# "40 mg -> 80 mg", "increased from 40 mg to 80 mg", "40 mg, increased to 80 mg": the dose that holds is the last
_NEW = re.compile(
    rf"(?:->|-->|→|=>|[↑↓]\s*(?:to)?|(?<!can be )(?<!may be )(?<!could be )"
    rf"\b(?:increas|reduc|decreas|titrat|uptitrat|chang|halv|doubl|lower|rais)(?:ed?|s)?\b"
    rf"(?:\s+(?:up|down))?\s+(?:from\s+{DOSE.pattern}\s*(?:{FREQUENCY.pattern})?\s*)?to)\s*(?:[a-z]+\s+){{0,2}}(?P<dose>{DOSE.pattern})"
    r"(?![^,;.\n]{0,25}\b(?:if|when|after|in \d)\b)", re.IGNORECASE,
)  # fmt: skip
_WHEN = r"(?:am|pm|mane|nocte|morning|evening|night|breakfast|lunch|dinner|bedtime|in the morning|at night)"
# one order of several steps stays whole: "10 mg BD until 06/06 then 5 mg", "22 units am 18 units pm"
_STEPS = re.compile(
    rf"{DOSE.pattern}(?:[^,;.\n]{{0,40}}?\b(?:then|followed by)\s+{DOSE.pattern})+|"
    rf"{DOSE.pattern}\s*{_WHEN}(?:[\s,+&]|and)+{DOSE.pattern}\s*{_WHEN}\b",
    re.IGNORECASE,
)  # fmt: skip
_PERCENT_LEAD = re.compile(
    r"(?:\s|\b(?:cream|ointment|gel|eye|ear|drops?|solution|lotion|shampoo|spray|infusion|iv|topical|in|of)\b)*", re.IGNORECASE
)
_LIMIT = re.compile(r"(?:[<>≤≥=]|\b(?:below|above|under|over|than|least|most))\s*$", re.IGNORECASE)
# "metoprolol 25 bid": the unit is left out as it is spoken; a year or a point of a list is no dose
_BARE = re.compile(
    rf"\s*(?:\b(?:tartrate|succinate|sodium|xl|xr|mr|sr|er|la|cr)\b\s*)*(?P<dose>(?!(?:19|20)\d\d\b)\d+(?:\.\d+)?)"
    rf"(?=\s+(?:{FREQUENCY.pattern}|(?:po|iv|sc|im)\b))", re.IGNORECASE,
)  # fmt: skip


# words that go on with the same drug behind a comma: "warfarin, currently 3 mg", "prednisolone, then 20 mg"
_OF_REGIMEN = re.compile(
    r"\b(?:at|a|an|the|of|for|to|and|or|in|on|dose[sd]?|total|about|up|then|now|current(?:ly)?|usual(?:ly)?|only|taken|takes|taking|take|given|"
    r"giv(?:e|ing)|start\w*|increas\w*|reduc\w*|max\w*|loading|infusion|rate|bolus|tablets?|caps\w*|mr|sr|xl|er|la|she|he|x|each|per|"
    r"followed|by|with|after|from|running|stopped|last|today|yesterday|day|days|week|weeks|morning|evening|night|units?)\b", re.IGNORECASE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Regimen:
    """How a drug is given, in the words of the text."""

    dose: str = ""
    route: str = ""
    frequency: str = ""


def regimen(text: str, start: int, end: int, stop: int) -> Regimen:
    """The regimen of the drug between `start` and `end`; `stop` is where the next drug begins or the reach ends."""
    line = _LINE_END.split(DOSE_OF.sub("", _ROUTE_BEFORE.sub("", text[end:stop])), maxsplit=1)[0]
    lead = text[max(0, start - 40) : start]
    own, before = DOSE_OF.search(lead), _ROUTE_BEFORE.search(lead)
    dose, place = (own["dose"], 0) if own else _dose(line)
    route = before["route"] if before else _first(ROUTE, text[start:end] + line)
    return Regimen(dose, route, _frequency(line, place) or _frequency(line, 0))


def _dose(line: str) -> tuple[str, int]:
    """The dose of a line and where its frequency may begin: the one that holds last, a whole order of steps, or the first."""
    # an arrow behind a comma changes something else: "aspirin 75 mg, saline 20 -> 10 ml/kg"
    if new := [change for change in _NEW.finditer(line) if change[0][0].isalpha() or "," not in line[: change.start()]]:
        return new[-1]["dose"].strip(), new[-1].end()
    if steps := _STEPS.search(line):
        return steps[0].strip(), 0
    if first := DOSE.search(line):
        return (first[0].strip() if _is_dose(line, first) else ""), 0
    bare = _BARE.match(line)
    return (bare["dose"], 0) if bare else ("", 0)


def _is_dose(line: str, dose: re.Match[str]) -> bool:
    """No limit ("EF <40%"), and a percentage only right behind its drug ("lidocaine 1%", not "warfarin, stenosis 60%")."""
    lead = line[: dose.start()]
    return not _LIMIT.search(lead) and not _is_of_other(lead) and (not dose[0].endswith("%") or bool(_PERCENT_LEAD.fullmatch(lead)))


def _frequency(line: str, place: int) -> str:
    match = FREQUENCY.search(line, place)
    return match[0].strip() if match and not _is_of_other(line[: match.start()]) else ""


def _is_of_other(lead: str) -> bool:
    """Whether a comma begins something else than the regimen: "betamethasone x2, fluid balance 80 ml/h", "insulin, K q2h"."""
    begun = lead.rsplit(",", 1)[1] if "," in lead else ""
    for pattern in (DOSE, ROUTE, FREQUENCY):
        begun = pattern.sub(" ", begun)
    return re.search(r"[^\W\d_]", _OF_REGIMEN.sub(" ", begun)) is not None


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[0].strip() if match else ""
