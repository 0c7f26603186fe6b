"""Doses in a statement against the plausible daily maximum of each drug (medications.toml): a slip of the pen is a wrong dose.

A dose belongs to the drug named last before it, else to the first named after it. A frequency that follows makes it a daily sum, which
a maximum that the statement itself gives bounds. What is right although above the maximum stands in dose_exceptions.toml, with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from knowledge_base.documents import Document, Passage
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.lexicon import drug_names, read_table

ADULT_KG, CHILD_KG = 70.0, 20.0   # at which a dose by weight is judged
MG = {"mg": 1.0, "milligram": 1.0, "g": 1000.0, "gram": 1000.0, "mcg": 0.001, "microgram": 0.001, "µg": 0.001, "μg": 0.001, "ng": 1e-6}
REACH = 70              # characters after a dose within which its frequency stands
LONGEST_NAME = 4        # words of a drug's name

_DOSE = re.compile(
    r"(?<![\w.,/])(?P<low>\d[\d,]*(?:\.\d+)?)(?:(?: to | ?[-–] ?| or )(?P<high>\d[\d,]*(?:\.\d+)?))?(?P<parts>(?:/\d+(?:\.\d+)?)*)"
    r"\s?(?P<unit>mg|milligram|g|gram|mcg|microgram|µg|μg)s?\b(?P<per>(?: ?(?:/|per) ?(?:kg|day|[a-zA-Z]\w*)\d*)*)(?P<m2>/m2)?"
)
_BELOW_KG = re.compile(r"[^.;\d]{0,25}\b(?:below|under|less than) (\d+) kg\b")
_CAP = re.compile(
    r"(?:max(?:imum)?\.?|at most|not more than|no more than|up to|not (?:to )?exceed(?:ing)?|limit|total)\b[^.;]{0,30}$", re.I
)
_COURSE = re.compile(r" (?:a|per|in a|over the) course\b")
_WORD = re.compile(r"[a-z0-9]+(?:[-'][a-z0-9]+)*", re.I)
_NUMBER = {"once": 1, "twice": 2, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_N = r"\d|two|three|four|five|six"
_TIMES = re.compile(
    rf"\b(?:(?P<word>once|twice)|(?:(?:{_N}) to )?(?P<n>{_N}) times)(?: (?:a|per|each|every) day| daily|-daily)", re.I
)
_HOURS = re.compile(
    r"\b(?:every|each)\s(?P<n>\d+(?:\.\d+)?)(?: (?:to|or) \d+)?[ -]?(?:hours|hourly|h)\b|\b(?P<m>\d+)(?: to \d+)?-hourly\b", re.I
)
_DOSES = re.compile(rf"\b(?:up to|at most|maximum(?: of)?|for|total(?: of)?)\s(?P<n>{_N}) doses\b", re.I)
# a drug that these follow or that follows these is not the one that is dosed
_NOT_DOSED_AFTER = re.compile(
    r" (?:overdose|ingestion|poisoning|toxicity|liver failure|liver injury|allergy|cannot be used|is (?:contraindicated|not))", re.I
)
_NOT_DOSED_BEFORE = re.compile(r"\b(?:on|cannot take|cannot have|allerg(?:y|ic) to)(?: (?:oral|\w+ or))?\s$", re.I)
# amounts of gel, of salt, of food
_NO_DRUG_BEFORE = re.compile(r"\b(?:(?:gel|cream|ointment|paste)\b.{0,45}|(?:salt|sodium)\b[^.;]{0,25})$", re.I)
_NO_DRUG_AFTER = re.compile(
    r" (?:or \d+ mmol |of )?(?:sodium|salt|protein|carbohydrate|glucose|fibre|fiber|charcoal)\b|[^.;]{0,10} to each\b"
)
_CHILD = re.compile(r"\b(?:child|infant|neonat|newborn|bab(?:y|ies)|paediatric|pediatric)", re.I)


@dataclass(frozen=True, slots=True)
class Dose:
    """A dose as written, the drug it belongs to, in mg; `daily` is what a day sums up to, as far as the statement tells."""

    words: str
    drug: str
    single_mg: float
    daily_mg: float


def problems(document: Document) -> Iterator[str]:
    """One line for each dose above the plausible daily maximum of its drug."""
    for passage in document.passages:
        for dose in doses(passage.text, kg=_weight(passage)):
            limit = read_table("medications").get(dose.drug, {}).get("max_daily_mg")
            if limit and max(dose.single_mg, dose.daily_mg) > limit * 1.0001 and not _excepted(passage, dose):
                kind = "single dose" if dose.single_mg > limit else "daily sum"
                mg = dose.single_mg if dose.single_mg > limit else dose.daily_mg
                yield f"{passage.id}: {dose.drug} '{dose.words}': {kind} {mg:g} mg is above the plausible {limit:g} mg a day"


def doses(text: str, *, kg: float = ADULT_KG) -> list[Dose]:
    """Every dose of a known drug in a statement; those by weight as they are for a patient of `kg`."""
    named = _drugs(text)
    found = [match for match in _DOSE.finditer(text) if _is_dose(match, text)]
    made = [_dose(match, following, text, named, kg) for match, following in zip(found, [*found[1:], None], strict=False)]
    return [dose for dose in made if dose]


def _is_dose(match: re.Match[str], text: str) -> bool:
    """An amount of drug, not a concentration, an infusion rate or an area dose."""
    per = match["per"].replace(" ", "")
    parts = [part for part in re.split(r"/|per", per) if part]
    foreign = _NO_DRUG_BEFORE.search(text[: match.start()]) or _NO_DRUG_AFTER.match(text, match.end()) or _COURSE.match(text, match.end())
    return not match["m2"] and not foreign and all(part in ("kg", "day", "dose") for part in parts)


def _dose(match: re.Match[str], following: re.Match[str] | None, text: str, named: list[tuple[int, int, str]], kg: float) -> Dose | None:
    drug = _drug_of(match, text, named)
    if not drug:
        return None
    single = _mg(match, kg)
    if "kg" in match["per"]:
        single = min(single, _stated_maximum(match, text, kg))
    if _CAP.search(text[: match.start()]):
        return Dose(match[0], drug, single, single)     # a maximum is a dose too
    after = text[match.end() : match.end() + REACH]
    stop = re.search(r"[.;](?:\s|$)", after)
    after = after[: stop.start()] if stop else after
    if following:
        after = after[: max(0, following.start() - match.end())]
    daily = single * (1.0 if "day" in match["per"] else _times_a_day(after))
    return Dose(text[match.start() : match.end()] + _shown(after), drug, single, min(daily, _stated_maximum(match, text, kg)))


def _times_a_day(after: str) -> float:
    if re.match(r"\s*(?:a|per|each) day\b|\s*daily\b", after):
        return 1.0
    if times := _TIMES.search(after):
        word = (times["word"] or times["n"]).lower()
        return float(_NUMBER.get(word) or word)
    if hours := _HOURS.search(after):
        return max(1.0, 24.0 / float(hours["n"] or hours["m"]))
    if number := _DOSES.search(after):
        return float(_NUMBER.get(number["n"].lower()) or number["n"])
    return 1.0


def _stated_maximum(match: re.Match[str], text: str, kg: float) -> float:
    """The amount that the rest of the statement gives as a maximum, in mg."""
    for later in _DOSE.finditer(text, match.end()):
        if _CAP.search(text[match.end() : later.start()]):
            return _mg(later, kg)
    return float("inf")


def _mg(match: re.Match[str], kg: float) -> float:
    """The upper end of a dose in mg; of a combination (500/125 mg) the largest part."""
    below = _BELOW_KG.match(match.string, match.end())
    amount = max(_number(match["low"]), _number(match["high"] or "0"), *map(float, filter(None, match["parts"].split("/"))))
    return amount * MG[match["unit"]] * ((float(below[1]) if below else kg) if "kg" in match["per"] else 1.0)


def _weight(passage: Passage) -> float:
    children = _CHILD.search(passage.text) or (_CHILD.search(passage.population) and "adult" not in passage.population)
    return CHILD_KG if children and "adult" not in passage.text.lower() else ADULT_KG


def _shown(after: str) -> str:
    found = [m.end() for pattern in (_TIMES, _HOURS, _DOSES) if (m := pattern.search(after))]
    return after[: min(found)] if found else ""


def _drug_of(match: re.Match[str], text: str, named: list[tuple[int, int, str]]) -> str:
    """Drug named last before the dose; "500 mg of amoxicillin" and a statement that names its drug later look ahead."""
    ahead = [name for start, _, name in named if start >= match.end()]
    if ahead and re.match(r"\s(?:of\s|iv\s|oral\s|intravenous\s)?\S+", text[match.end() :]):
        start = next(start for start, _, name in named if start >= match.end())
        if re.fullmatch(r"\s(?:of |iv |oral |intravenous )?", text[match.end() : start]):
            return ahead[0]
    before = [name for _, end, name in named if end <= match.start()]
    return before[-1] if before else next(iter(ahead), "")


def _drugs(text: str) -> list[tuple[int, int, str]]:
    """(start, end, generic) of the drugs named in a text; the longest name wins its words."""
    tokens = list(_WORD.finditer(text))
    found, at, names = [], 0, drug_names()
    while at < len(tokens):
        for length in range(min(LONGEST_NAME, len(tokens) - at), 0, -1):
            start, end = tokens[at].start(), tokens[at + length - 1].end()
            if generic := names.get(text[start:end].lower()):
                if not _NOT_DOSED_AFTER.match(text, end) and not _NOT_DOSED_BEFORE.search(text[:start]):
                    found.append((start, end, generic))
                at += length - 1
                break
        at += 1
    return found


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def _excepted(passage: Passage, dose: Dose) -> bool:
    mg = max(dose.single_mg, dose.daily_mg)
    return any(mg <= up_to * 1.0001 for up_to in exceptions().get((passage.document_id, dose.drug), ()))


@cache
def exceptions() -> dict[tuple[str, str], tuple[float, ...]]:
    """(document, drug) -> mg a day that are right there although above the drug's maximum (dose_exceptions.toml)."""
    found: dict[tuple[str, str], tuple[float, ...]] = {}
    for row in read_table("dose_exceptions")["exception"]:
        if set(row) != {"document", "drug", "up_to_mg", "reason"} or not str(row["reason"]).strip():
            raise KnowledgeBaseError(f"dose_exceptions.toml: {row} needs document, drug, up_to_mg and reason")
        key = (row["document"], row["drug"])
        found[key] = (*found.get(key, ()), float(row["up_to_mg"]))
    return found
