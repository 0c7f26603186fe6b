"""Who the patient is: age, sex, pregnancy, breastfeeding, and the dates that the text gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Literal

from assistant.records import Span
from knowledge_base.lexicon import read_table

Sex = Literal["female", "male"]
YEARS_PER = {"year": 1.0, "month": 1 / 12, "week": 7 / 365.25, "day": 1 / 365.25, "hour": 1 / 8766}
UNITS = {
    "y": "year", "yr": "year", "mo": "month", "m": "month", "12": "month", "wk": "week", "52": "week", "7": "day", "hr": "hour",
}  # fmt: skip
TENS = {word: 10 * (n + 2) for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split())}
ONES = {word: n + 1 for n, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split())}
_IN_WORDS = rf"(?:{'|'.join(TENS)})(?:[- ](?:{'|'.join(ONES)}))?|{'|'.join(ONES)}"
_HEAD = r"(?:\A|\A[A-Za-z /&]{2,24}: ?)"     # where a note begins, perhaps after "ED:"
_AGES = (
    re.compile(r"(?P<n>\d{1,3}(?:\.\d+)?)[\s-]*(?P<unit>year|yr|month|mo|week|wk|day|hour|hr|y)s?[\s-]*(?:old|of age|/?o\b)", re.I),
    re.compile(r"(?P<n>\d{1,3})[\s-]?(?:yo|y/o|y\.o\.)(?![a-z])", re.IGNORECASE),
    re.compile(r"(?<![\d./])(?P<n>\d{1,3})\s?(?P<sex>[MF])(?![\w/])"),
    re.compile(r"(?<![A-Za-z\d./])(?P<sex>[MF])\s?(?P<n>\d{2})(?!\w)"),
    re.compile(
        r"\b(?:aged|age(?:\s+is|\s+of)?|Age)\s*[:=]?\s*(?P<n>\d{1,3}(?:\.\d+)?)(?![\d/])\s*(?P<unit>year|month|week|day)?", re.IGNORECASE
    ),
    re.compile(rf"\b(?P<word>{_IN_WORDS})[\s-](?P<unit>year|month|week|day)s?[\s-]old", re.IGNORECASE),
    re.compile(r"(?<![\d./])(?P<n>\d{1,3})[\s-]years?,?\s+(?=(?:male|female|man|woman)\b)", re.IGNORECASE),
    re.compile(rf"\baged (?P<word>{_IN_WORDS})\b(?! to\b|-)(?: (?P<unit>month|week|day)s?)?", re.IGNORECASE),
    # British chart shorthand: "6/52 F", "Infant 4/12", "3y gastro"; a bare "5/12 cough" is a duration
    re.compile(r"(?<![\d./])(?P<n>\d{1,2})/(?P<unit>7|52|12)(?=\s+(?:[MF]|old|boy|girl|baby|infant|male|female)\b)"),
    re.compile(r"(?<![\d./])(?P<n>\d{1,2}) ?(?P<unit>mo|wk)s?(?= (?:boy|girl|baby|infant|male|female|[MF](?!/))\b)"),
    re.compile(r"\b(?:infant|baby|neonate|newborn|toddler|boy|girl)[ ,]{1,2}(?P<n>\d{1,2})/(?P<unit>7|52|12)(?![\d/])", re.IGNORECASE),
    # "infant 1 month", "toddler of 18 months", "child, 4 years", "neonate day 3", "2 month infant"
    re.compile(
        r"\b(?:infant|baby|neonate|newborn|toddler|child|boy|girl)(?:,| of| aged)? (?P<n>\d{1,2}) ?(?P<unit>year|month|week|day)s?\b"
        r"(?! (?:of|ago|history|with|after))", re.IGNORECASE,
    ),
    re.compile(r"\b(?:neonate|newborn|baby),? (?P<unit>day) (?P<n>\d{1,2})\b", re.IGNORECASE),
    re.compile(
        r"(?<![\d./])(?P<n>\d{1,2})[ -](?P<unit>year|month|week|day)s?[ -](?=(?:infant|baby|neonate|newborn|toddler|child|boy|girl)\b)",
        re.IGNORECASE,
    ),
    # "3 yr 2 mth M", "3y2m boy", "Mr C.D. 73 yrs"
    re.compile(
        r"(?<![\d./])(?P<n>\d{1,2}) ?(?:y|yrs?|years?),? ?(?P<months>\d{1,2}) ?(?:m|mo|mths?|months?)"
        r"(?=[ -](?:[MF]\b|old\b|boy|girl|male|female))",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?:Mr|Mrs|Ms|Miss)\b[^\n\d]{1,30}(?P<n>\d{1,3}) ?(?:yrs?|years)\b(?! (?:ago|of|history|with))"),
    # "Mr. Ng, 86, with his son", "Mrs Abernathy 74."; in "Mr Ng, 86 kg" and "Mr Ng, 20 a day" the number counts something
    re.compile(
        r"\b(?:Mr|Mrs|Ms|Miss)\b\.?(?: (?!Bed|Bay|Room|Ward|Day|Temp)(?:[A-Z][a-z'-][\w'-]*|[A-Z]\b\.?)){1,3},? \(?(?P<n>1[01]\d|\d\d)"
        r"(?=[,;)]|\.(?!\d)|\s*$)", re.MULTILINE,
    ),
    re.compile(_HEAD + r"(?P<n>\d{1,2}) ?(?P<unit>y)(?=[ ,])"),     # "14m" is a man or months: not read
    re.compile(
        r"\b(?:he|she|(?:my|our) (?:\w+ )?(?:son|daughter|boy|girl|baby|child|toddler|lad))(?:'?s| is)(?: only| just| nearly)?\s"
        rf"(?P<n>\d{{1,3}}|(?P<word>{_IN_WORDS}))(?=[.,;]|$| and\b| with\b| (?P<unit>month|year)s?\b)", re.IGNORECASE,
    ),
)
# a text that begins with a newborn gives its age so: "Newborn, born at 33 weeks", "A term female newborn"
_NEWBORN = re.compile(
    r"\A\W*(?:(?:an?|this|the|late|term|full|preterm|premature|male|female|healthy|\d\d(?:\+\d)?|weeks?)[\s-]+){0,5}(?:newborn|neonate)\b",
    re.IGNORECASE,
)
_KIN = r"father|mother|mum|mom|dad|brother|sister|son|daughter|husband|wife|uncle|aunt|cousin|grand\w+|partner|girlfriend|boyfriend"
# a relative who brings or tells speaks of the patient: "her mother brings a 3-month-old girl"
_RELATIVE = re.compile(
    rf"\b(?:{_KIN})\b(?! (?:brings?|brought|says?|said|reports?|states?|tells?|noticed|of)\b)[^.;\n]{{0,30}}$", re.IGNORECASE
)
_OTHER_CHILD = re.compile(r"\b(?:older|elder|eldest|other|younger)\s+$", re.IGNORECASE)
_RELATIVE_AFTER = re.compile(
    r"[\s,-]*(?:father|mother|mum|mom|dad|brother|sister|son|daughter|husband|wife|uncle|aunt|cousin|partner)\b", re.IGNORECASE
)
_TEMPERATURE = re.compile(r"(?:\btemp\w*|(?<![\w-])T(?:max)?|fever\w*|febrile)\b\W*(?:(?:of|is|was|to|at)\W*)?$", re.IGNORECASE)
EVENT_AGE = re.compile(
    r"\b(?:(?:at|since|from|until|by|before|after|"
    r"dx|diagnosed|diagnosis|onset)\s+(?:the\s+)?|when (?:s?he|they|I) (?:was|were)\s+(?:only |just )?)$", re.IGNORECASE
)
NOT_THE_PATIENT = (_RELATIVE, EVENT_AGE, _TEMPERATURE)
FEMALE = r"woman|female|lady|girl|gentlewoman|gravida|housewife|grandmother|waitress|mrs|ms|miss"
MALE = r"man|male|gentleman|boy|grandfather|mr"
# "red man" is a reaction, a "maternal grandfather" a relative
_NOUN = re.compile(rf"(?<![\w-])(?<!\bred )(?<!maternal )(?<!paternal )(?:(?P<f>{FEMALE})|(?P<m>{MALE}))(?![\w-])", re.IGNORECASE)
_PRONOUN = re.compile(r"(?<![\w-])(?:(?P<f>she|her|hers|herself)|(?P<m>he|his|him|himself))(?![\w-])", re.IGNORECASE)
ADULT = frozenset("woman lady gentlewoman gravida housewife grandmother waitress mrs ms man gentleman grandfather mr".split())
_FEMALE_KIN = re.compile(r"\b(?:mother|mum|mom|sister|daughter|wife|aunt|grandmother|gran|nan|girlfriend)\b", re.IGNORECASE)
_MALE_KIN = re.compile(r"\b(?:father|dad|brother|son|husband|uncle|grandfather|grandad|boyfriend)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?]\s|\n")
CHILD_YEARS = 14    # below this "Mrs Gomez" is who brings the child
INFANT_YEARS = 2    # below this who breastfeeds is the mother
_LABEL = re.compile(r"\b(?:sex|gender)\s*[:=]\s*(?P<sex>[a-z]+)", re.IGNORECASE)
_PREGNANT = re.compile(
    r"\b(?:pregnant|gravid|primigravid\w*)\b|"
    r"\b\d{1,2}\s*(?:\+\d)?[\s-]*(?:weeks?|wks?)(?:'|\s)*(?:pregnant|gestation|gestational age|GA\b)|"
    r"\b[Gg]\d\s*[Pp]\d\w*\s+at\s+\d"
    r"|\b(?:preg(?:nancy)? test|UPT|HPT)[ :]*(?:was |is )?(?:positive|pos\b|\+ve)|\bpositive (?:urine |serum )?pregnancy test",
    re.IGNORECASE,
)
# weeks of 40: "34+5/40", "G2P1 34+5"; "28/40" may be a score, so that the sentence must speak of a pregnancy
_OF_FORTY = re.compile(
    r"(?<![\d./+])(?P<n>[4-9]|[1-3]\d|4[0-3])(?:(?P<days>\+[0-6](?: ?/ ?40)?)|/40)(?![\d/])"
)
_OBSTETRIC = re.compile(
    r"\bG\d ?P\d|\b(?:gestation\w*|gravid\w*|primip\w*|multip(?:ara\w*)?|antenatal|fundal|fo?etal|fo?etus|FHR|CTG|SROM|PROM|PPROM|liquor|"
    r"cervix|contract\w+|EDD|pregnan\w+|midwife|uterus|FM felt)\b", re.IGNORECASE,
)
_OVER = re.compile(      # what was born or ended then: another pregnancy, or the baby's
    r"\b(?:born|birth|deliver\w*|LSCS|EMCS|ELCS|C-?S|c-?section|caesarean|SVD|NVD|forceps|ventouse|kiwi|ex|prems?|preterm|stillb\w+|IUD|"
    r"miscarr\w*|TOP|terminat\w+|prev\w*|last|postpartum|post ?natal|PN|PP|baby|neonate|newborn)\b[^.;\n]*$|[?]\s*$", re.IGNORECASE,
)
_NOT_PREGNANT = re.compile(
    r"\b(?:not|isn't|denies being|non)[\s-]+(?:currently |yet )?pregnant|\b(?:preg(?:nancy)? test|UPT|HPT|hcg|"
    r"(?:b|beta|β)[- ]?hcg)[ :]*(?:was |is )?(?:negative|neg\b|-ve)|"
    r"\bnegative (?:urine |serum )?"
    r"(?:pregnancy test|hcg)|\bdenies pregnancy|\bpregnant:\s*no\b",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(
    r"\b(?:if|when|while|trying to (?:get|become|be)|planning to (?:get|become|be)|wants? to (?:get|become)|become|may be|whether|could be"
    r"|are|who is|once|previously|last|wife is|partner is|sister is|daughter is|(?:could|can|might|may) (?:I|you|s?he|they) be|might be"
    r"|am I|is she|is the patient|possibl[ey]|query|suspects?|thinks? (?:she|I) (?:is|am|may be|might be)|(?:not |un)sure if|ever been"
    r"|exclude)\s+(?:you are |she is |I am |they are |it is )?(?:currently |now )?$|(?<!\w)\?\s*$",
    re.IGNORECASE,
)
_BARE_QUESTION = re.compile(r"(?:\A|[.;,:(\n]\s*)$")      # "Pregnant?" asks; "safe for a woman 9 weeks pregnant?" describes
_FEEDING = re.compile(r"(?P<no>\bnot )?\b(?:breast[- ]?feeding|lactating|nursing (?:mother|woman|her))\b", re.IGNORECASE)
MONTHS = {name: n + 1 for n, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split())}
_DATES = (
    re.compile(r"\b(?P<y>(?:19|20)\d\d)-(?P<m>\d{1,2})-(?P<d>\d{1,2})\b"),
    re.compile(r"\b(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>(?:19|20)\d\d)\b"),
    re.compile(r"\b(?P<d>\d{1,2})(?:st|nd|rd|th)?\s+(?P<month>[A-Z][a-z]{2,8})\.?,?\s+(?P<y>(?:19|20)\d\d)\b"),
    re.compile(r"\b(?P<month>[A-Z][a-z]{2,8})\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>(?:19|20)\d\d)\b"),
)


def ages(text: str) -> list[tuple[float, Span]]:
    """Ages in years that are the patient's own, in text order: not a relative's, and not the age of an earlier event."""
    found: list[tuple[float, Span]] = []
    for pattern in _AGES:
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - 60) : match.start()]
            if any(other.search(before) for other in NOT_THE_PATIENT) or _RELATIVE_AFTER.match(text, match.end()):
                continue
            groups = match.groupdict()
            number = float(_in_words(groups["word"])) if groups.get("word") else float(groups["n"]) + float(groups.get("months") or 0) / 12
            unit = (groups.get("unit") or "year").lower()
            unit = UNITS.get(unit, unit)
            found.append((number * YEARS_PER[unit], Span(match.start(), match.end())))
    if not found and (newborn := _NEWBORN.search(text)):
        return [(0.0, Span(newborn.start(), newborn.end()))]
    return sorted(found, key=lambda item: item[1].start)


def _in_words(text: str) -> int:
    return sum({**TENS, **ONES}[word] for word in re.split(r"[-\s]", text.lower()))


def sex(text: str) -> tuple[Sex, Span] | None:
    """The patient's sex: a label, else the noun or letter beside the age, else the first noun, else the commoner pronoun."""
    if (label := _LABEL.search(text)) and label["sex"].lower() in ("f", "m", "female", "male"):
        return ("female" if label["sex"].lower().startswith("f") else "male"), Span(label.start("sex"), label.end("sex"))
    known = ages(text)
    for _, span in known[:2]:
        letter = re.search(r"(?<![A-Za-z])[MF](?![A-Za-z])", text[span.start : span.end + 4])
        if letter:
            start = span.start + letter.start()
            return ("female" if letter[0] == "F" else "male"), Span(start, start + 1)
        if noun := _NOUN.search(text, span.end, span.end + 60):
            return _which(noun)
    child = bool(known) and known[0][0] < CHILD_YEARS
    return next((_which(noun) for noun in _NOUN.finditer(text) if _is_patient(text, noun, child)), None) or _by_pronoun(text)


def _is_patient(text: str, noun: re.Match[str], child: bool) -> bool:
    """Whether a noun may be the patient: no relative, and no adult where the patient is a child."""
    before = text[max(0, noun.start() - 40) : noun.start()]
    adult = noun[0].lower() in ADULT
    return noun[0] != "MS" and not (adult and child) and not _RELATIVE.search(before) and not _OTHER_CHILD.search(before)


def _which(match: re.Match[str]) -> tuple[Sex, Span]:
    return ("female" if match["f"] else "male"), Span(match.start(), match.end())


def _by_pronoun(text: str) -> tuple[Sex, Span] | None:
    found = [_which(match) for match in _PRONOUN.finditer(text) if not _of_kin(text, match)]
    female = [item for item in found if item[0] == "female"]
    if not found or 2 * len(female) == len(found):
        return None
    return female[0] if 2 * len(female) > len(found) else next(item for item in found if item[0] == "male")


def _of_kin(text: str, pronoun: re.Match[str]) -> bool:
    """Whether a relative of that sex is named before a pronoun, in its sentence or the one before: "my wife gives me her tablets"."""
    ends = [end.end() for end in _SENTENCE_END.finditer(text, max(0, pronoun.start() - 300), pronoun.start())]
    start = ends[-2] if len(ends) > 1 else max(0, pronoun.start() - 300)
    return bool((_FEMALE_KIN if pronoun["f"] else _MALE_KIN).search(text, start, pronoun.start()))


def pregnant(text: str) -> tuple[bool, Span] | None:
    """Whether the patient is pregnant; None where the text is silent or only supposes it."""
    if no := _NOT_PREGNANT.search(text):
        return False, Span(no.start(), no.end())
    for match in _PREGNANT.finditer(text):
        before = text[max(0, match.start() - 30) : match.start()]
        asked = _BARE_QUESTION.search(before) and re.match(r"\s*\?", text[match.end() :])
        if not asked and not _SUPPOSED.search(before) and not _RELATIVE.search(before):
            return True, Span(match.start(), match.end())
    return next(((True, span) for _, span in gestation(text)), None)


def gestation(text: str) -> Iterator[tuple[float, Span]]:
    """Whole weeks of the patient's present pregnancy where they are written of forty: "34+5/40", "28/40, G2P1"."""
    for match in _OF_FORTY.finditer(text):
        start = max((end.end() for end in _SENTENCE_END.finditer(text, 0, match.start())), default=0)
        end = _SENTENCE_END.search(text, match.end())
        told = "/" in (match["days"] or "") or _OBSTETRIC.search(text, start, end.start() if end else len(text))
        before = text[max(start, match.start() - 60) : match.start()]
        if told and not any(other.search(before) for other in (_OVER, _RELATIVE, _SUPPOSED)):
            yield float(match["n"]), Span(match.start(), match.end())


def breastfeeding(text: str) -> bool | None:
    """Whether the patient is breastfeeding; None where the text is silent, or speaks of the mother of the patient."""
    match = _FEEDING.search(text)
    if not match or _SUPPOSED.search(text[max(0, match.start() - 20) : match.start()]):
        return None
    if (known := ages(text)) and known[0][0] < INFANT_YEARS and not re.search(r"\bI(?:'m| am)\b", text):
        return None     # the mother's, of whom nothing is asked
    return not match["no"]


def dates(text: str) -> Iterator[tuple[str, Span]]:
    """Dates with day, month and year, as ISO text; a slash date is read as month/day/year, or day/month where only that is possible."""
    for pattern in _DATES:
        for match in pattern.finditer(text):
            groups = match.groupdict()
            month = int(groups["m"]) if groups.get("m") else MONTHS.get(groups["month"][:3].lower(), 0)
            day = int(groups["d"])
            if month > 12 >= day:
                month, day = day, month
            try:
                yield date(int(groups["y"]), month, day).isoformat(), Span(match.start(), match.end())
            except ValueError:
                continue  # 31 February is no date


def dated(text: str) -> list[tuple[str, str, Span]]:
    """Dates whose event is said before or after them ("last menstrual period 01/15/2023"): rows of facts.toml, in text order."""
    found = []
    for day, span in sorted(dates(text), key=lambda item: item[1].start):
        before, after = text[max(0, span.start - 70) : span.start], text[span.end : span.end + 70]
        found += [(name, day, span) for name, words, later in _events() if words.search(before) or (later and later.match(after))]
    return found


@cache
def _events() -> tuple[tuple[str, re.Pattern[str], re.Pattern[str] | None], ...]:
    return tuple(
        (row["name"], re.compile(row["before"] + "$", re.IGNORECASE), re.compile(row["after"], re.IGNORECASE) if "after" in row else None)
        for row in read_table("facts")["date"]
    )
