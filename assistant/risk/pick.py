"""Which tool a question asks for: by its name or an alias; where none is named word for word, by the words that a name shares with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache

from assistant.facts.drugs import mentions
from assistant.facts.patient import vocabulary
from assistant.facts.phrases import words as words_of
from assistant.risk import REFUSED, tools
from knowledge_base.lexicon import drug_classes
from knowledge_base.tables import measurements

GENERAL = frozenset({
    "score", "risk", "index", "scale", "criteria", "calculator", "rule", "estimate", "points", "class", "of", "the", "for", "in", "by",
    "and", "to", "s", "formula", "equation", "equations", "level", "concentration", "serum",
})  # fmt: skip
# a question that asks for a calculation, not for knowledge about one
WANTED = re.compile(
    r"\b(?:calculat\w*|comput\w*|estimat\w*|what is (?:the|her|his|my) (?:patient['’]?s? )?)\b|\bpatient['’]s\b", re.IGNORECASE,
)
CALCULATION = re.compile(r"\b(?:calculat\w*|comput\w*|estimat\w*|convert\w*|equivalent|patient['’]s)\b", re.IGNORECASE)
# words that ask and name nothing: what is left without them and without a tool's name is another question
ASKING = GENERAL | frozenset(
    "please what whats is are her his their my this that patient patients him he she now current today calculate compute estimate work out "
    "give me can could you i we need want get show also total value values number a an with using from note do does have".split()
)
NOT_ASKING = re.compile(r"(?:is|are|does|do|has|have|which|who|how|when|why|where|should|if)\b", re.IGNORECASE)
CALLED = frozenset({"score", "index", "scale", "calculator"})   # the last word of a tool's name, whether we have the tool or not
SHORT = 4   # content words of a tool's name at most
FILLERS = frozenset({"of", "the", "for", "in"})     # "Wells score for DVT" is the "Wells score DVT"
DEGREES = frozenset("low lower high higher intermediate moderate very increased raised average at of".split())     # "low risk" names none
_SENTENCE = re.compile(r"[?;!\n]|\.(?=\s|$)")
_AND = re.compile(r"\band\b|\bor\b|&| \+ ")
_ACRONYM = re.compile(r"[A-Z][A-Za-z]*[A-Z0-9][\w-]*(?: (?:[IVX]+|\d+))?")
ALIKE = 0.85    # share of letters two spellings of a word have in common: "cholestrol", "melda"


@dataclass(frozen=True, slots=True)
class Request:
    """What a text asks for and asks nothing besides: tools of ours, and names of tools that are none of ours, as written."""

    tools: tuple[str, ...]
    unknown: tuple[str, ...]


def named(question: str) -> list[str]:
    """Names of the tools that a question asks for by name or alias, in order of their place; the longest name wins its words."""
    found: dict[str, int] = {}
    for start, _, name in _places(_lean(_plain(question))):
        found.setdefault(name, start)
    order = sorted(found, key=lambda name: found[name])
    return order or ([near] if CALCULATION.search(question) and (near := nearest(question)) else [])


def _places(text: str) -> list[tuple[int, int, str]]:
    """Where a plain text without fillers names a tool; no word counts twice."""
    places: list[tuple[int, int, str]] = []
    for phrase, name in _lean_phrases():
        if phrase not in text:
            continue
        for match in re.finditer(rf"(?<![\w]){re.escape(phrase)}(?![\w])", text):
            if not any(match.start() < end and start < match.end() for start, end, _ in places):
                places.append((match.start(), match.end(), name))
    return places


def request(question: str) -> Request:
    """The sentences of a question that are nothing but names of tools: "BMI? Killip class?", "anion gap, foobar index and PHQ-9?"."""
    sentences = [items for part in _SENTENCE.split(question) if (items := list(_items(part)))]
    alone = len(sentences) == 1
    asked: list[str] = []
    unknown: list[str] = []
    for items in sentences:
        names = [_only(item) for item in items]
        if all(name or _as_a_tool(item, alone=alone) for name, item in zip(names, items, strict=True)):
            asked += [one for name in names for one in name]
            unknown += [_shown(item) for name, item in zip(names, items, strict=True) if not name]
    if asked:   # beside tools of ours a lone abbreviation is meant as one as well
        unknown += [items[0] for items in sentences if len(items) == 1 and not _only(items[0]) and _abbreviation(items[0])]
    return Request(tuple(dict.fromkeys(asked)), tuple(dict.fromkeys(unknown)))


def _items(sentence: str) -> Iterator[str]:
    """The members of a list; "Hunt and Hess" is one."""
    for item in sentence.split(","):
        for part in [item] if _only(item) else _AND.split(item):
            if set(_plain(part).split()) - ASKING or _only(part):
                yield part.strip()


def _only(item: str) -> list[str]:
    """The tools that it names, where it says nothing else."""
    text = _lean(_plain(item))
    places = sorted(_places(text))
    for start, end, _ in reversed(places):
        text = text[:start] + text[end:]
    return [] if set(text.split()) - ASKING else [name for _, _, name in places]


def _as_a_tool(item: str, *, alone: bool) -> bool:
    """Whether it is called as tools are ("foobar index"; alone also "lung cancer risk"). A drug or a degree makes it another question."""
    words = _plain(item).split()
    if any(word in REFUSED for word in words) or _begins_several(item):
        return True
    content = [word for word in words if word not in ASKING]
    ends = words[-1:] and (words[-1] in CALLED or (alone and words[-1] == "risk"))
    meant = bool(ends) and 0 < len(content) <= SHORT and not (DEGREES & set(content)) and not NOT_ASKING.match(item)
    return (meant and not any(True for _ in mentions(item))) or (alone and bool(re.search(r"\d", item)) and _abbreviation(item))


def _begins_several(item: str) -> bool:
    """An eponym that several tools share: "Wells?" is one for a clot in the leg and one for the lung."""
    start = f"{_lean(_plain(item))} "
    return item[:1].isupper() and len({name for phrase, name in _lean_phrases() if phrase.startswith(start)}) > 1


def _abbreviation(item: str) -> bool:
    """ "SAPS II", "QRISK3": letters that no finding, drug or measurement has for its short name."""
    known = vocabulary().find(words_of(item)) or any(True for _ in mentions(item)) or _plain(item) in _measured()
    return bool(_ACRONYM.fullmatch(item)) and not known


@cache
def _measured() -> frozenset[str]:
    return frozenset(_plain(name) for one in measurements().values() for name in one.names)


def _shown(item: str) -> str:
    """The name within a request: "what is her foobar index" asks for the foobar index."""
    words = item.split()
    while len(words) > 1 and _plain(words[0]) in ASKING:
        words = words[1:]
    return " ".join(words)


def alike(name: str) -> list[str]:
    """Tools whose names or titles share words of meaning with a name that is none of ours, those with most of them first."""
    wanted = {word for word in _plain(name).split() if word not in ASKING and len(word) > 2}
    spelled = {one.name: _plain(" ".join((one.name, one.title, *one.aliases)).replace("_", " ")).split() for one in tools()}
    shared = {name: len(wanted & set(words)) for name, words in spelled.items()}
    return sorted((one for one, count in shared.items() if count), key=lambda one: (-shared[one], one))


def stated(text: str, name: str) -> tuple[float, int, int] | None:
    """The total of a score that a text gives itself ("CURB65 0", "PHQ-9 score of 17") with its place; a limit or a range gives none."""
    for match in (match for phrase, of in _phrases() if of == name for match in _total_after(phrase).finditer(text)):
        return float(match[1]), match.start(), match.end()
    return None


@cache
def _total_after(phrase: str) -> re.Pattern[str]:
    spelled = r"[^a-z0-9]{0,2}".join(map(re.escape, phrase.split()))
    told = r"\s*(?:score|total|points?)?\s*(?:of|is|was|=|:)?\s*"
    limit = r"or (?:more|above|over|less)|and (?:above|over)"
    ends = rf"(?![\d.,]*\d|\s*(?:%|[-–/]\s*\d|to \d|mg|ml|/?(?:hours?|days?|weeks?|months?|years?)\b|{limit}))"
    return re.compile(rf"(?<![a-z0-9]){spelled}(?![a-z0-9]){told}(\d{{1,3}}){ends}", re.IGNORECASE)


def nearest(question: str) -> str:
    """The tool one of whose names has all its words in the question, in any order and nearly as spelled; empty when none has.

    The name with the most letters wins. A drug counts as its class too: "dose of prednisone" holds "glucocorticoid dose".
    """
    words = _plain(question).split()
    words += [_plain(name) for word in words for name in drug_classes(word)]
    best = max(((len(phrase), phrase, name) for phrase, name in _phrases() if _all_in(phrase, words)), default=(0, "", ""))
    return best[2]


def _all_in(phrase: str, words: Iterable[str]) -> bool:
    wanted = [word for word in phrase.split() if word not in GENERAL]
    return len(wanted) > 1 and all(any(_alike(word, other) for other in words) for word in wanted)


@lru_cache(maxsize=65536)
def _alike(word: str, other: str) -> bool:
    if word == other or word.rstrip("s") == other.rstrip("s"):
        return True
    if min(len(word), len(other)) < 4 or word[0] != other[0] or abs(len(word) - len(other)) > 2:
        return False
    return SequenceMatcher(None, word, other).ratio() >= ALIKE


@cache
def _phrases() -> tuple[tuple[str, str], ...]:
    """(plain spelling, tool), longest first."""
    rows = {
        _plain(spelling): chosen.name
        for chosen in tools()
        for spelling in (*chosen.aliases, chosen.name.replace("_", " "), re.sub(r"\(.*?\)|,.*", "", chosen.title))
    }
    return tuple(sorted(((phrase, name) for phrase, name in rows.items() if _distinct(phrase)), key=lambda row: (-len(row[0]), row[0])))


@cache
def _lean_phrases() -> tuple[tuple[str, str], ...]:
    """The same without fillers; where two become one, the name that has none keeps it."""
    plain = {phrase: name for phrase, name in _phrases() if _lean(phrase) == phrase}
    rows = {_lean(phrase): name for phrase, name in _phrases()} | plain
    return tuple(sorted(((phrase, name) for phrase, name in rows.items() if _distinct(phrase)), key=lambda row: (-len(row[0]), row[0])))


def _lean(plain: str) -> str:
    return " ".join(word for word in plain.split() if word not in FILLERS)


def _distinct(phrase: str) -> bool:
    """A spelling that no other sentence holds by chance: not only general words, and at least three characters."""
    return len(phrase) >= 3 and not {word for word in phrase.split() if not word.isdigit()} <= GENERAL


def _plain(text: str) -> str:
    """Lower case words and digits parted by single spaces: "CHA2DS2-VASc" and "cha₂ds₂ vasc" read alike."""
    lower = re.sub(r"['’]s\b", "", text.lower()).translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789"))
    return " ".join(re.findall(r"[a-z0-9]+", lower))
