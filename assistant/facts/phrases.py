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
_CLAUSE = re.compile(r"[,;]\s")
_QUALITY = frozenset("normal abnormal negative positive elevated raised high low reduced decreased increased".split())
_ENGLISH_OE = re.compile(r"(?:sh|t|d|g|can|h|w|f|tipt)oe(?!tus)")      # a shoe is no "she", and "does" no "des"
# words that the stemmer takes for others: severe, positive, labor, test, will, like, hand, formation, minor
_OWN_STEM = frozenset("several position positions labored testes testis willing likely unlikely handful formate minority".split())
_BRACKETS = re.compile(r"[(){}|]")
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


Limits = tuple[float, float]        # above the first, up to the second


@dataclass(frozen=True, slots=True)
class Element:
    """A place of a compiled phrase: the words that may stand there, as they are compared, and how many others may stand before."""

    gap: int
    stems: frozenset[str] = frozenset()
    exact: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    numbers: tuple[Limits, ...] = ()

    def fits(self, word: Word) -> bool:
        """Whether a word may stand here."""
        return (
            word.key in self.stems
            or word.plain in self.exact
            or (bool(self.prefixes) and word.plain.startswith(self.prefixes))
            or (bool(self.numbers) and word.plain[0].isdigit() and self._counts(word.plain))
        )

    def _counts(self, digits: str) -> bool:
        """Whether a number lies within the limits; "1.2.3" lies within none but those of any number."""
        if (-math.inf, math.inf) in self.numbers:
            return True
        try:
            value = float(re.sub(r",(?=\d{3}\b)", "", digits).replace(",", "."))
        except ValueError:
            return False
        return any(above < value <= to for above, to in self.numbers)

    @property
    def needed(self) -> frozenset[str]:
        """The stem that a sentence must hold for this place, if it is one alone."""
        return self.stems if len(self.stems) == 1 and not (self.exact or self.prefixes or self.numbers) else frozenset()


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
        self._stems: dict[str, list[Entry]] = {}
        self._exact: dict[str, list[Entry]] = {}
        self._prefixes: dict[str, list[Entry]] = {}
        self._numbers: list[Entry] = []
        self.add(table, lists)

    def add(self, table: Mapping[str, Iterable[str]], lists: Mapping[str, Sequence[str]] | None = None) -> None:
        """Take in further phrases."""
        for name, phrases in table.items():
            for row in dict.fromkeys(row for phrase in phrases for row in _compiled(phrase, lists or {})):
                self._file((name, row, frozenset().union(*(element.needed for element in row[1:]))))
        self._shortest = min(map(len, self._prefixes), default=1)

    def _file(self, entry: Entry) -> None:
        """File a phrase under each word that it may begin with."""
        first = entry[1][0]
        for index, words in ((self._stems, first.stems), (self._exact, first.exact), (self._prefixes, first.prefixes)):
            for word in words:
                index.setdefault(word, []).append(entry)
        self._numbers += [entry] * bool(first.numbers)

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
        yield from self._stems.get(word.key, ())
        yield from self._exact.get(word.plain, ())
        if word.plain[0].isdigit():
            yield from (entry for entry in self._numbers if entry[1][0].fits(word))
        for length in range(self._shortest, len(word.plain) + 1):
            yield from self._prefixes.get(word.plain[:length], ())


def _rest(text: Sequence[Word], place: int, elements: Sequence[Element], nth: int) -> Said:
    """The words of a match from the one at `place`, which is element `nth - 1`; empty where the rest does not follow."""
    if nth == len(elements):
        return (place,)
    element, others, here = elements[nth], 0, place + 1
    while here < len(text) and text[here].sentence == text[place].sentence:
        # "R arm weak, face normal": words that stand side by side in a phrase do not in two clauses; nor does "ECG normal, troponin 450"
        if (element.gap == 0 or text[place].plain in _QUALITY) and _CLAUSE.search(text[here].before):
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
    """The element of one piece, which may hold several words: "leg|arm*|=hip"."""
    words = piece.split("|")
    limits = [_LIMITS.fullmatch(word) for word in words]
    plain = [word for word, limit in zip(words, limits, strict=True) if word != "#" and not limit]
    return Element(
        gap,
        frozenset(key(word) for word in plain if word[0] != "=" and word[-1] != "*"),
        frozenset(_begin(word[1:]) for word in plain if word[0] == "="),
        tuple(dict.fromkeys(_begin(word[:-1]) for word in plain if word[-1] == "*")),
        ((-math.inf, math.inf),) * ("#" in words) + tuple(_between(limit) for limit in limits if limit),
    )


def _between(limit: re.Match[str]) -> Limits:
    above, low, high = limit.groups()
    return (float(above), math.inf) if above else (float(low) - 1e-9, float(high))


def _expand(phrase: str, lists: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    if not _BRACKETS.search(phrase):        # a name: most phrases are, and half of the time to compile a table goes here
        return [tuple(part for piece in phrase.split() for part in _split(piece))]
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
    return _together([*done, *rows]), place


def _together(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Alternatives of one word each as one piece: a phrase of two brackets of ten words is one row to look for, and not a hundred."""
    alone = [row[0] for row in rows if len(row) == 1 and row[0][0] != "~"]
    if len(alone) < 2:
        return rows
    return [("|".join(dict.fromkeys(alone)),), *(row for row in rows if len(row) != 1 or row[0][0] == "~")]


def _split(piece: str) -> list[str]:
    """The words of a piece as a text would give them ("follow-up" is two), operators left alone."""
    if piece == "#" or piece[0] in "~=" or _LIMITS.fullmatch(piece):
        return [piece]
    found = _WORD.findall(piece)
    return [*found[:-1], found[-1] + "*"] if piece.endswith("*") else found


def _listed(name: str, lists: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    if name not in lists:
        raise ValueError(f"no word list '{name}'; known: {', '.join(sorted(lists))}")
    return _together([row for phrase in lists[name] for row in _expand(phrase, lists)])
