"""Blood pressures and sizes of the body: what is written as a pair or without a name ("120/80", "5'10\"", "a man of 72 kg")."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.facts.values import measured
from assistant.records import Measurement, Span

_PRESSURE = re.compile(
    r"(?:\b(?P<name>BP|blood pressure|B/P|pressure)\b[^\d\n.;]{0,40}?)?(?<![\d/.])(?P<s>\d{2,3})\s*(?:/|over)\s*(?P<d>\d{2,3})(?![\d/])"
    r"(?P<unit>\s*mm\s*Hg)?", re.IGNORECASE,
)  # fmt: skip
_BOTH_PRESSURES = re.compile(
    r"\bsystolic and diastolic\b[^\d\n.;]{0,50}?(?P<s>\d{2,3})(?:\s*mm\s*Hg)?\s*(?:and|/)\s*(?P<d>\d{2,3})(?![\d/])"
    r"(?P<unit>\s*mm\s*Hg)?", re.IGNORECASE,
)  # fmt: skip
_FEET = re.compile(
    r"(?<![\d/])(?P<ft>[3-7])\s*(?:'|′|ft\.?|feet|foot)\s*(?:(?P<inch>\d{1,2}(?:\.\d+)?)\s*(?:\"|″|''|in\.?|inches|inch)?)?(?![\d/])",
    re.IGNORECASE,
)
_METRE_AND = re.compile(r"\b1\s?(?:m|met(?:re|er)s?)\s?(?P<cm>\d{2})\b(?!\s?\d)", re.IGNORECASE)
CHANGE = re.compile(r"\b(?:loss|lost|losing|gain(?:ed|ing)?|reduction|decrease)\b", re.IGNORECASE)    # "weight loss of 10 kg" is no weight
SIZES = {
    **dict.fromkeys(("kg", "kilograms", "lb", "lbs", "pounds"), "weight_kg"), **dict.fromkeys(("cm", "m", "meters", "metres"), "height_cm"),
}  # fmt: skip
SIZE_UNITS = {"meters": "m", "metres": "m", "kilograms": "kg", "lbs": "lb", "pounds": "lb"}
_SIZE = re.compile(
    r"(?<![\w./-])(?P<n>\d{2,3}(?:\.\d+)?|\d\.\d{1,2}(?=[\s-]?k)|[12]\.\d{1,2}(?=[\s-]?m))[\s-]?(?P<unit>kg|kilograms|lbs?|pounds|cm|meters|metres|m)"
    r"(?![\w/²2])", re.IGNORECASE,
)  # fmt: skip
_TALL = re.compile(r"\b(?:height|tall|stature|ht)\b", re.IGNORECASE)
_SIZE_CONTEXT = re.compile(r"\b(?:weigh\w*|weight|wt|height|ht|tall|stature|bmi|\d+\s?kg|\d+\s?cm)\b", re.IGNORECASE)
_PERSON = re.compile(
    r"(?<![A-Za-z])(?:year|yo|y/o|man|woman|male|female|patient|child|boy|girl|infant|baby|toddler|newborn)\b"
    r"|\b\d{1,3} ?(?:[MF]\b|y(?:r|rs|ears?)?\b|mo(?:nths?)?\b|w(?:k|ks|eeks?)?\b)"
)


def pressures(text: str) -> Iterator[Measurement]:
    """Systolic and diastolic pressures in mmHg; a target ("BP <130/80") is none."""
    for match in (*_PRESSURE.finditer(text), *_BOTH_PRESSURES.finditer(text)):
        systolic, diastolic = float(match["s"]), float(match["d"])
        if re.search(r"[<≤]\s*$|\b(?:below|under|less than)\s*$", text[max(0, match.start("s") - 12) : match.start("s")]):
            continue        # a target is no pressure
        spoken = " over " in match.group() and diastolic >= 50        # "231 over 138" needs no name
        if not (match.groupdict().get("name", "systolic") or match["unit"] or spoken) or diastolic >= systolic or not 40 <= systolic <= 300:
            continue
        span = Span(match.start(), match.end())
        yield measured("sbp_mmhg", systolic, "mmHg", span)
        yield measured("dbp_mmhg", diastolic, "mmHg", span)


def heights(text: str) -> Iterator[Measurement]:
    """Heights in cm, of feet and inches or of "1 metre 76"."""
    for match in _METRE_AND.finditer(text):
        yield Measurement("height_cm", 100.0 + float(match["cm"]), Span(match.start(), match.end()), 100.0 + float(match["cm"]), "cm")
    for match in _FEET.finditer(text):
        inches = 12 * float(match["ft"]) + float(match["inch"] or 0)
        if match["inch"] or _SIZE_CONTEXT.search(text[max(0, match.start() - 30) : match.end() + 10]):
            yield Measurement("height_cm", inches * 2.54, Span(match.start(), match.end()), inches, "in", 2.54)


def bare_sizes(text: str) -> Iterator[Measurement]:
    """ "70 kg" and "175 cm" without a name, where the text around speaks of the body."""
    for match in _SIZE.finditer(text):
        around = text[max(0, match.start() - 40) : match.start()] + text[match.end() : match.end() + 40]
        name, metres = SIZES[match["unit"].lower()], match["unit"].lower()[0] == "m"
        if CHANGE.search(around) or metres != ("." in match["n"] and float(match["n"]) < 3):
            continue
        if metres and not _TALL.search(around):
            continue
        if _SIZE_CONTEXT.search(around) or (
            name == "weight_kg" and _PERSON.search(around)
        ):
            unit = SIZE_UNITS.get(match["unit"].lower(), match["unit"].lower())
            yield measured(name, float(match["n"]), unit, Span(match.start(), match.end()))
