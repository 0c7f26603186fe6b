"""Phrase tables: rows of readable patterns, found in a text word by word whatever the inflection.

A phrase is a row of words. Words match by their English stem ("bleed" finds "bleeding"), case and British spelling do not matter, and
articles and possessives between two words are skipped ("pain in chest" finds "pain in his chest"). Beyond that:
`(chest|thorax|)` alternatives, an empty one makes it optional · `vomit*` any word that begins so · `=doctored` this form alone ·
`~` up to three other words · `~6` up to six · `#` a number, `#>350` one above, `#40-85` one between · `{name}` any
phrase of the word list `name`. A lone "#" in a text ("ankle # dislocation") is the word fracture.
A match never crosses the end of a sentence, nor does `~` pass over a negation ("stool ~4 black" does not find "stools are not black").
Chinese is cut into single characters, so that a row of them ("胸痛") is found wherever it stands in a clause.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import Stemmer

_ARTICLES = "a an the his her my our their your its this that these those some very really so quite such just of"
GAP = 3
SAME_PLACE = 8      # matches of one name that may begin at one word; older ones begin before it
_HAN = r"\u3400-\u9fff"
_NOT = frozenset(
    "not no none nor never without denies denied isn't aren't wasn't weren't hasn't haven't doesn't don't didn't neither cannot can't "
    "couldn't won't".split()
)
_WORD = re.compile(rf"[{_HAN}]|[^\W\d_{_HAN}]+(?:['’][^\W\d_{_HAN}]+)*|\d+(?:[.,]\d+)*")
_FRACTURE = r"(?<=[\w,/(?] )#(?![\d#])|(?<=[/(?])#(?=[^\W\d])"      # "tib/fib # 8 h", "?#NOF"; neither "# Plan" nor "#1"
_TEXT = re.compile(f"{_WORD.pattern}|{_FRACTURE}")
_LIMITS = re.compile(r"#(?:>(\d+(?:\.\d+)?)|(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?))")
_END = re.compile(r"[.!?;。！？；](?:\s|$|[\"')\]])|\n\s*\n|\n(?=\s*(?:[-*•]|\d|[A-Z]))|[?!]")
_WRAPPED = 60            # a line that long, or one that ends in a comma or such a word, may go on in the next
_GOES_ON = re.compile(
    r"(?:[,(/&+-]|\b(?:and|or|nor|of|with|without|no|not|the|a|an|to|in|on|at|for|by|from|his|her|denies|than))\s*$", re.IGNORECASE
)
_QUALITY = frozenset("normal abnormal negative positive elevated raised high low reduced decreased increased".split())
_ENGLISH_OE = re.compile(r"(?:sh|t|d|g|can|h|w|f|tipt)oe(?!tus)")      # a shoe is no "she", and "does" no "des"
# words that the stemmer takes for others: severe, positive, labor, test, will, like, hand, formation, minor
_OWN_STEM = frozenset("several position positions labored testes testis willing likely unlikely handful formate minority".split())
_PIECE = re.compile(r"\{[\w-]+\}|[()|]|[^\s()|{}]+")
_STEMMER = Stemmer.Stemmer("english")
# as people type them; "its", "were", "well" and "ill" are words of their own
_CONTRACTED = {
    word.replace("'", ""): word
    for word in (
        "can't won't don't doesn't didn't isn't wasn't aren't weren't hasn't haven't hadn't couldn't wouldn't shouldn't "
        "he's she's that's there's what's who's i'm i've they're they've we've you're it'll they'll"
    ).split()
}


@dataclass(frozen=True, slots=True)
class Word:
    """A word or number of a text: where it stands, its key for matching, and the number of its sentence."""

    start: int
    end: int
    plain: str          # lower case, American spelling
    key: str            # the stem of that
    sentence: int
    before: str         # the characters between the word before and this one


Match = tuple[int, int]         # half-open range of word numbers
Said = tuple[int, ...]          # numbers of the words of a phrase, in order


@lru_cache(maxsize=65536)
def key(word: str) -> str:
    """The form under which a word is compared: lower case, American spelling, stem."""
    plain = _whole(word)
    if plain.endswith("'s"):
        plain = plain[:-2]
    if plain in _OWN_STEM or plain.endswith("itis"):     # an inflammation is not its organ: "thyroiditis" is no thyroid
        return plain
    if len(plain) > 4:
        plain = re.sub(r"(?<=[a-z]{2})our(s|ed|ing)?$", r"or\1", plain)
    return str(_STEMMER.stemWord(plain))


def _begin(word: str) -> str:
    """Lower case and American spelling, which hold for the beginning of a word as well."""
    plain = word.lower().replace("’", "'")
    if not _ENGLISH_OE.match(plain):
        plain = plain.replace("oe", "e")
    return plain.replace("ae", "e").replace("yse", "yze")


def _whole(word: str) -> str:
    """A whole word as it is compared: as `_begin`, with the apostrophe that "cant" lacks."""
    plain = "fracture" if word == "#" else _begin(word)
    return plain if word.isupper() else _CONTRACTED.get(plain, plain)       # IM is intramuscular, im is I'm


def words(text: str) -> list[Word]:
    """The words of a text, in order."""
    found: list[Word] = []
    sentence, last = 0, 0
    for match in _TEXT.finditer(text):
        between = text[last : match.start()]
        if found and (_END.search(between) or ("\n" in between and _new_line(text, last, match.start()))):
            sentence += 1
        found.append(Word(match.start(), match.end(), _whole(match.group()), key(match.group()), sentence, between))
        last = match.end()
    return found


def _new_line(text: str, last: int, start: int) -> bool:
    """Whether a line break before the word at `start` ends a sentence: "WBC 14 (elevated)" does, a line that is only wrapped does not."""
    begin = text.rfind("\n", 0, last) + 1
    line = text[begin : text.index("\n", last)]
    return text[start].isupper() and len(line) < _WRAPPED and not _GOES_ON.search(line)


@dataclass(frozen=True, slots=True)
class Element:
    """One word of a compiled phrase: its key, how it is compared, and how many other words may stand before it."""

    key: str
    form: Literal["stem", "prefix", "exact", "number"]
    gap: int
    above: float = -math.inf
    to: float = math.inf

    def fits(self, word: Word) -> bool:
        """Whether a word is this element."""
        if self.form == "stem":
            return word.key == self.key
        if self.form == "prefix":
            return word.plain.startswith(self.key)
        return word.plain == self.key if self.form == "exact" else self._counts(word)

    def _counts(self, word: Word) -> bool:
        """Whether a word is a number within the limits, if there are any."""
        if not word.plain[0].isdigit():
            return False
        if self.key == "#":
            return True
        try:
            return self.above < float(re.sub(r",(?=\d{3}\b)", "", word.plain).replace(",", ".")) <= self.to
        except ValueError:
            return False


Row = tuple[Element, ...]
Entry = tuple[str, Row, frozenset[str]]     # name, phrase, stems that must stand in the sentence beside the first word
SKIPPED = frozenset(key(word) for word in _ARTICLES.split())


class Matcher:
    """Finds the phrases of a table in a text.

    Args:
        table: name -> phrases.
        lists: word lists for `{name}`.

    Raises:
        ValueError: a phrase with an open bracket or an unknown list.
    """

    def __init__(self, table: Mapping[str, Iterable[str]], lists: Mapping[str, Sequence[str]] | None = None) -> None:
        self._first: dict[str, dict[str, list[Entry]]] = {form: {} for form in ("stem", "prefix", "exact", "number")}
        for name, phrases in table.items():
            for elements in dict.fromkeys(row for phrase in phrases for row in _compiled(phrase, lists or {})):
                first = elements[0]
                needed = frozenset(element.key for element in elements[1:] if element.form == "stem")
                self._first[first.form].setdefault(first.key, []).append((name, elements, needed))
        self._shortest = min(map(len, self._first["prefix"]), default=1)

    def find(self, text: Sequence[Word]) -> dict[str, list[Match]]:
        """Name -> matches as ranges of word numbers, in text order; names without a match are left out."""
        return {name: [(said[0], said[-1] + 1) for said in matches] for name, matches in self.find_words(text).items()}

    def find_words(self, text: Sequence[Word]) -> dict[str, list[Said]]:
        """As `find`, with the number of each word that is of the phrase: those that a gap passes over are not."""
        found: dict[str, list[Said]] = {}
        keys: dict[int, set[str]] = {}
        for word in text:
            keys.setdefault(word.sentence, set()).add(word.key)
        for place, word in enumerate(text):
            for name, elements, needed in self._starting(word):
                # most phrases that begin with a common word fail here, before their words are looked for one by one
                said = _rest(text, place, elements, 1) if needed <= keys[word.sentence] else ()
                if said and all((said[0], said[-1]) != (old[0], old[-1]) for old in found.get(name, ())[-SAME_PLACE:]):
                    found.setdefault(name, []).append(said)
        return found

    def _starting(self, word: Word) -> Iterator[Entry]:
        yield from self._first["stem"].get(word.key, ())
        yield from self._first["exact"].get(word.plain, ())
        if word.plain[0].isdigit():
            for entries in self._first["number"].values():
                yield from (entry for entry in entries if entry[1][0].fits(word))
        for length in range(self._shortest, len(word.plain) + 1):
            yield from self._first["prefix"].get(word.plain[:length], ())


def _rest(text: Sequence[Word], place: int, elements: Sequence[Element], nth: int) -> Said:
    """The words of a match from the one at `place`, which is element `nth - 1`; empty where the rest does not follow."""
    if nth == len(elements):
        return (place,)
    element, others, here = elements[nth], 0, place + 1
    while here < len(text) and text[here].sentence == text[place].sentence:
        if text[place].plain in _QUALITY and "," in text[here].before:      # "ECG normal, troponin 450": the word closes what came before
            return ()
        if element.fits(text[here]) and (said := _rest(text, here, elements, nth + 1)):
            return (place, *said)
        if text[here].key not in SKIPPED:
            others += 1
        if others > element.gap or text[here].plain in _NOT:
            return ()
        here += 1
    return ()


def _compiled(phrase: str, lists: Mapping[str, Sequence[str]]) -> Iterator[Row]:
    for row in _expand(phrase, lists):
        elements: list[Element] = []
        gap = 0
        for piece in row:
            if re.fullmatch(r"~\d*", piece):
                gap = int(piece[1:] or GAP)
                continue
            elements.append(_element(piece, gap))
            gap = 0
        if elements:
            yield tuple(elements)


@lru_cache(maxsize=65536)
def _element(piece: str, gap: int) -> Element:
    if piece == "#":
        return Element("#", "number", gap)
    if limits := _LIMITS.fullmatch(piece):
        above, low, high = limits.groups()
        return Element(piece, "number", gap, float(above)) if above else Element(piece, "number", gap, float(low) - 1e-9, float(high))
    if piece.endswith("*"):
        return Element(_begin(piece[:-1]), "prefix", gap)
    return Element(_begin(piece[1:]), "exact", gap) if piece.startswith("=") else Element(key(piece), "stem", gap)


def _expand(phrase: str, lists: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    pieces = _PIECE.findall(phrase)
    rows, end = _alternatives(pieces, 0, lists)
    if end != len(pieces):
        raise ValueError(f"'{phrase}' closes a bracket that was not opened")
    return rows


def _alternatives(pieces: Sequence[str], place: int, lists: Mapping[str, Sequence[str]]) -> tuple[list[tuple[str, ...]], int]:
    """Every row that the pieces from `place` to the closing bracket may be written as, and where they end."""
    done: list[tuple[str, ...]] = []
    rows: list[tuple[str, ...]] = [()]
    while place < len(pieces) and pieces[place] != ")":
        piece = pieces[place]
        if piece == "|":
            done, rows = [*done, *rows], [()]
        elif piece == "(":
            inner, place = _alternatives(pieces, place + 1, lists)
            if place >= len(pieces):
                raise ValueError(f"'{' '.join(pieces)}' lacks a closing bracket")
            rows = [row + tail for row in rows for tail in inner]
        elif piece.startswith("{"):
            rows = [row + tail for row in rows for tail in _listed(piece[1:-1], lists)]
        else:
            rows = [(*row, *_split(piece)) for row in rows]
        place += 1
    return [*done, *rows], place


def _split(piece: str) -> list[str]:
    """The words of a piece as a text would give them ("follow-up" is two), operators left alone."""
    if piece == "#" or piece[0] in "~=" or _LIMITS.fullmatch(piece):
        return [piece]
    found = _WORD.findall(piece)
    return [*found[:-1], found[-1] + "*"] if piece.endswith("*") else found


def _listed(name: str, lists: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    if name not in lists:
        raise ValueError(f"no word list '{name}'; known: {', '.join(sorted(lists))}")
    return [row for phrase in lists[name] for row in _expand(phrase, lists)]
