"""Free text -> PatientFacts: who the patient is, numbers with units, findings with their context, drugs, allergies, dates.

Deterministic and without a model. Every fact carries its place in the text; what the text does not say is not there.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache

from assistant.facts import allergies, demographics, drugs, measures
from assistant.facts.context import Context, Reader
from assistant.facts.phrases import Match, Matcher, Said, words
from assistant.facts.sections import Section, name_at, split
from assistant.records import Finding, Measurement, PatientFacts, Span, When
from knowledge_base.conditions import conditions
from knowledge_base.lexicon import read_table

RELATIVES = "family history"     # a finding of the patient that speaks of relatives: it hides nothing of what it names
WEEK_YEARS = 7 / 365.25
CHILD_YEARS = 8     # below this a pregnancy that the text speaks of is the mother's
LONG_WORD = 9       # letters: a single word of that length is no everyday word
STATIC = {"weight_kg": 0.1, "height_cm": 0.04}  # sizes that do not change within a note by more than this share
EARLIER = re.compile(r"\b(?:previous(?:ly)?|prior|baseline|last (?:year|month|visit)|(?:year|month)s? ago)\b[^.;,\n]{0,25}$", re.IGNORECASE)
AT_BIRTH = re.compile(r"\b(?:born|birth)\b(?:[^.;\n]|\.\d)*$", re.IGNORECASE)
SUPPOSED = re.compile(r"\b(?:if|unless|should|when|target|goal|keep|aim)\b[^.;?\n]{0,60}$", re.IGNORECASE)
DOSED_BY = ("egfr_ml_min_1_73m2", "creatinine_clearance_ml_min")
AIMED_BOUND = re.compile(
    r"\b(?:target|goal|keep|aim|maintain\w*|until|titrat\w+|unless|should|if|when|while|whenever|once|for|to)\b[^.;?\n]{0,40}$", re.I
)       # a limit is more often aimed at than a value: "SpO2 >94" after "keep", "eGFR >45" after "when"
AIMED_AT = re.compile(r"\b(?:target|goal|keep|aim|until|titrate|if|for)\b[^.;\n]{0,50}$", re.IGNORECASE)


@lru_cache(maxsize=32)         # one question asks for the same text several times; notes of others are not kept for long
def extract(text: str) -> PatientFacts:
    """Read the facts of a question, a note or a dialogue."""
    read = words(text)
    reader = _Places(text, Reader(text, read))
    sections = tuple(split(text))
    ages, sex = demographics.ages(text), demographics.sex(text)
    child = bool(ages) and ages[0][0] < CHILD_YEARS
    pregnant = None if child else demographics.pregnant(text)
    allergic = allergies.find(text, sections)
    numbers = tuple(_less_aims(text, [_in_context(text, item, reader, sections) for item in measures.find(text)]))
    if ages and ages[0][0] > WEEK_YEARS:     # a newborn is dosed by its birth weight
        numbers = tuple(replace(n, when="history") if n.name == "weight_kg" and _at_birth(text, n) else n for n in numbers)
    findings = tuple(_of_mother(item) if child else item for item in _findings(reader, sections))
    findings = tuple(_as_reactions(findings, allergies.reactions(text, sections, allergic), allergic))
    return PatientFacts(
        age_years=ages[0][0] if ages else None,
        age_span=ages[0][1] if ages else None,
        sex="female" if pregnant and pregnant[0] else sex[0] if sex else None,
        sex_span=pregnant[1] if pregnant and pregnant[0] and not (sex and sex[0] == "female") else sex[1] if sex else None,
        pregnant=pregnant[0] if pregnant else None,
        pregnant_span=pregnant[1] if pregnant else None,
        breastfeeding=demographics.breastfeeding(text),
        measurements=numbers,
        findings=findings,
        medications=tuple(drugs.medications(text, sections, reader.at, allergic)),
        allergies=tuple(allergic),
        dates=tuple(sorted(demographics.dates(text), key=lambda item: item[1].start)),
        dated=tuple(demographics.dated(text)),
        conflicts=tuple(_conflicts(ages, numbers, allergic)),
    )


def findings(text: str) -> tuple[Finding, ...]:
    """The findings of a phrase or a short text alone, several times as fast as all its facts."""
    return tuple(_findings(_Places(text, Reader(text)), tuple(split(text))))


def _at_birth(text: str, item: Measurement) -> bool:
    before, after = text[max(0, item.span.end - 70) : item.span.end], text[item.span.end :].lstrip()
    return bool(AT_BIRTH.search(before)) or after.lower().startswith("at birth")


class _Places:
    """Context of any character range of a text."""

    def __init__(self, text: str, reader: Reader) -> None:
        self.text, self.reader = text, reader
        self._ends = [word.end for word in reader.words]

    def at(self, span: Span) -> Context:
        """How the words of a span are meant."""
        first = bisect_left(self._ends, span.start + 1)
        last = min(bisect_left(self._ends, span.end), len(self._ends) - 1)       # a span may end behind the last word: "98%"
        return self.reader.at((first, max(last + 1, first + 1))) if first < len(self._ends) else Context()


def _in_context(text: str, item: Measurement, places: _Places, sections: Sequence[Section]) -> Measurement:
    """Whose number it is and when. A number is the patient's now unless it is said to be earlier, aimed at or only supposed.

    The cues that make a disease past ("history of") do not make a number past: "history of CKD, creatinine 1.7".
    """
    before, section = text[max(0, item.span.start - 90) : item.span.start], name_at(sections, item.span.start)
    said = places.at(item.span)
    when: When = "now"
    if item.when == "history":
        when = "history"
    elif said.when == "hypothetical" and SUPPOSED.search(before):
        when = "hypothetical"
    elif section == "plan" and AIMED_AT.search(before):
        when = "planned"
    elif item.bound and AIMED_BOUND.search(before):
        when = "hypothetical"
    elif EARLIER.search(before):
        when = "history"
    family = said.experiencer == "family" or section == "family"
    return replace(item, when=when, experiencer="family" if family else "patient")


def _less_aims(text: str, numbers: Sequence[Measurement]) -> Iterator[Measurement]:
    """A limit is no value of the patient where the text gives the value itself, or it is a drug's: "STOP metformin (eGFR <30)"."""
    known = {item.name for item in numbers if not item.bound and item.when == "now"}
    for item in numbers:
        aside = item.name in DOSED_BY and "(" in text[max(0, item.span.start - 2) : item.span.start]
        yield replace(item, when="hypothetical") if item.bound and (aside or item.name in known) else item


def _findings(places: _Places, sections: Sequence[Section]) -> Iterable[Finding]:
    reader = places.reader
    found: dict[Finding, None] = {}
    for name, match in longest(vocabulary().find_words(reader.words)):
        span = Span(reader.words[match[0]].start, reader.words[match[1] - 1].end)
        said = reader.at(match) if not name.startswith(RELATIVES) else replace(reader.at(match), experiencer="patient")
        said = _by_section(said, name_at(sections, span.start)) if not name.startswith(RELATIVES) else said
        for implied in (name, *implies().get(name, ())):
            found[Finding(implied, span, said.presence, said.experiencer, said.when)] = None
    return found


def _as_reactions(found: Iterable[Finding], told: Sequence[Span], allergic: Sequence[Finding]) -> Iterator[Finding]:
    """The reaction behind an allergy is past, and so is the use of an allergen: "penicillin (hives as a child)" has no hives now."""
    for item in found:
        past = any(span.start < item.span.end <= span.end for span in told)
        if item.name.endswith(" use"):
            past = past or any(a.span.start <= item.span.start and item.span.end <= a.span.end for a in allergic)
        yield replace(item, when="history") if past and item.when == "now" else item


def _of_mother(item: Finding) -> Finding:
    return replace(item, experiencer="family") if item.name.startswith("pregnancy") else item


def _by_section(said: Context, section: str) -> Context:
    """What stands under "Family history" is the family's, under "Past medical history" past, whatever the sentence says."""
    if section == "family":
        return replace(said, experiencer="family")
    if section == "past" and said.when == "now":
        return replace(said, when="history")
    return said


def longest(found: Mapping[str, Sequence[Said]]) -> list[tuple[str, Match]]:
    """Matches in text order, less those made of words of a longer one; of equal words every name stays.

    What a gap passes over is no part of the longer one: "painful hands and shortness of breath" is no painful breath alone.
    """
    every = [(name, said) for name, matches in found.items() for said in matches]
    every.sort(key=lambda pair: (pair[1][0], -pair[1][-1], pair[0]))
    kept: list[tuple[str, Said]] = []
    for name, said in every:
        longer = [set(of) for other, of in kept[-12:] if of != said and not other.startswith(RELATIVES)]
        if not any(set(said) <= of for of in longer) and not any(name == other and _cross(said, of) for other, of in kept[-12:]):
            kept.append((name, said))
    return [(name, (said[0], said[-1] + 1)) for name, said in kept]


def _cross(one: Said, other: Said) -> bool:
    return one[0] <= other[-1] and other[0] <= one[-1]


@cache
def vocabulary() -> Matcher:
    """The finding vocabulary (findings.toml, score_findings.toml) and the names of the condition table."""
    table: dict[str, list[str]] = {name: list(patterns) for name, patterns in read_table("findings")["findings"].items()}
    lists: dict[str, list[str]] = read_table("findings")["lists"]
    for name, patterns in read_table("score_findings")["findings"].items():
        table.setdefault(name, []).extend(patterns)
    matcher, named = Matcher(table, lists), {}
    for condition in conditions():
        spellings = [plain_phrase(condition.name), *(plain_phrase(word) for word in condition.synonyms if _tells(word))]
        # a spelling that the vocabulary knows under another name stays that name: "stroke" is no ischemic stroke yet
        named[condition.name.lower()] = [word for word in spellings if not _knows(matcher, word)]
    matcher.add(named)
    return matcher


@cache
def whole(phrase: str) -> frozenset[str]:
    """The names of the vocabulary that a phrase as a whole is: "heart attack" is myocardial infarction."""
    read = words(plain_phrase(phrase))
    return frozenset(name for name, matches in vocabulary().find(read).items() if (0, len(read)) in matches)


def _tells(synonym: str) -> bool:
    """Whether a synonym may stand for its condition anywhere: no abbreviation, and no short word such as "cold" or "flutter"."""
    return not synonym.isupper() and (" " in synonym.strip() or len(synonym) >= LONG_WORD)


def _knows(matcher: Matcher, phrase: str) -> bool:
    read = words(phrase)
    return any((0, len(read)) in matches for matches in matcher.find(read).values())


def plain_phrase(text: str) -> str:
    """A name as a phrase of the pattern language: only its words."""
    return " ".join(re.findall(r"[^\W_]+(?:'[^\W_]+)*", re.sub(r"\([^)]*\)", " ", text)))


@cache
def implies() -> Mapping[str, tuple[str, ...]]:
    """Finding -> the more general findings that it entails, transitively."""
    direct: dict[str, Sequence[str]] = dict(read_table("findings").get("implies", {}))
    for name, more in read_table("score_findings")["implies"].items():
        direct[name] = [*direct.get(name, ()), *more]

    def closure(name: str, seen: tuple[str, ...]) -> tuple[str, ...]:
        for more in direct.get(name, ()):
            if more not in seen:
                seen = closure(more, (*seen, more))
        return seen

    return {name: closure(name, ()) for name in direct}


def _conflicts(ages: Sequence[tuple[float, Span]], numbers: Sequence[Measurement], allergic: Sequence[Finding]) -> Iterable[str]:
    if len({round(age) for age, _ in ages if age >= 1}) > 1 and max(age for age, _ in ages) - min(age for age, _ in ages) > 1:
        yield f"two ages: {', '.join(f'{age:g}' for age in dict.fromkeys(age for age, _ in ages))} years"
    for name, share in STATIC.items():
        values = [
            m.value
            for m in numbers
            if m.name == name and m.when == "now" and m.experiencer == "patient" and not m.flag.startswith("impossible")
        ]
        if values and max(values) > min(values) * (1 + share):
            yield f"two values of {name}: {', '.join(f'{value:g}' for value in dict.fromkeys(values))}"
    allergens = [a.name for a in allergic if a.presence == "present"]
    if allergens and any(a.name == "drug allergy" and a.presence == "absent" for a in allergic):
        yield f"no known allergies, and an allergy to {', '.join(dict.fromkeys(allergens))}"
