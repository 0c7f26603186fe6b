"""Which tool a question asks for: by its name or an alias; where none is named word for word, by the words that a name shares with it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import cache, lru_cache

from assistant.risk import tools
from knowledge_base.lexicon import drug_classes

GENERAL = frozenset({
    "score", "risk", "index", "scale", "criteria", "calculator", "rule", "estimate", "points", "class", "of", "the", "for", "in", "by",
    "and", "to", "s", "formula", "equation", "equations", "level", "concentration", "serum",
})  # fmt: skip
# a question that asks for a calculation, not for knowledge about one
WANTED = re.compile(
    r"\b(?:calculat\w*|comput\w*|estimat\w*|what is (?:the|her|his|my) (?:patient['’]?s? )?)\b|\bpatient['’]s\b", re.IGNORECASE,
)
CALCULATION = re.compile(r"\b(?:calculat\w*|comput\w*|estimat\w*|convert\w*|equivalent|patient['’]s)\b", re.IGNORECASE)
ALIKE = 0.85    # share of letters two spellings of a word have in common: "cholestrol", "melda"


def named(question: str) -> list[str]:
    """Names of the tools that a question asks for by name or alias, in order of their place; the longest name wins its words."""
    found: dict[str, int] = {}
    taken: list[tuple[int, int]] = []
    text = _plain(question)
    for phrase, name in _phrases():
        if phrase not in text:
            continue
        for match in re.finditer(rf"(?<![\w]){re.escape(phrase)}(?![\w])", text):
            if not any(match.start() < end and start < match.end() for start, end in taken):
                taken.append((match.start(), match.end()))
                found.setdefault(name, match.start())
    order = sorted(found, key=lambda name: found[name])
    return order or ([near] if CALCULATION.search(question) and (near := nearest(question)) else [])


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


def _distinct(phrase: str) -> bool:
    """A spelling that no other sentence holds by chance: not only general words, and at least three characters."""
    return len(phrase) >= 3 and not {word for word in phrase.split() if not word.isdigit()} <= GENERAL


def _plain(text: str) -> str:
    """Lower case words and digits parted by single spaces: "CHA2DS2-VASc" and "cha₂ds₂ vasc" read alike."""
    lower = re.sub(r"['’]s\b", "", text.lower()).translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789"))
    return " ".join(re.findall(r"[a-z0-9]+", lower))
