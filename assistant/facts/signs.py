"""Signs that stand for words: "?PE" doubts, "- fever" and "DM-" deny, "-ve" is negative."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.facts.phrases import Word, key

_ASKS = r"(?:do|does|did|is|are|was|were|can|could|should|would|will|what|how|why|when|which|who|have|has|any|am|i)\b"
# "?PE", ", ? penicillin", "confusion ? UTI": a query before its word doubts that word and asks nobody
_QUERY = re.compile(r"(?:(?:^|[,;:(/\n+–-])[ \t]*\?[ \t]*|(?<=\s)\?)(?=[^\W\d])", re.MULTILINE)
_LOOSE_QUERY = re.compile(r"(?<=[^\W_]) \? (?=[^\W\d])")
_ASKING = re.compile(rf"\b{_ASKS}[^.!?\n]*$", re.IGNORECASE)
_QUERY_INSIDE = re.compile(rf"\((?!\s*{_ASKS})[^()?\n]*(\?)\s*\)", re.IGNORECASE)        # "(stopped - worsening ILD?)"
_ITEM_ENDS = re.compile(r"[,;:.()?!\n+–]|\s-")
# A review of systems in signs: "+ cough, - fever", "(-) fever", "DM- HTN+".
# A dash alone is a bullet or a pause, so the line must show that it signs.
_SIGNED_LINE = re.compile(r"[,;:]\s*\+ ?[^\W\d]|(?:^|\s)\+[^\W\d]|\b(?:ROS|review of systems)\b", re.IGNORECASE | re.MULTILINE)
_MINUS_ITEM = re.compile(r"(?:[,;:]\s*[-–−] ?|\s[-–−])(?!ve\b)(?=[^\W\d])")
_MINUS_BEFORE = re.compile(r"\([-–−]\) ?(?=[^\W\d])")
_SIGN_AFTER = re.compile(r"(?<=[^\W\d])[-–−+](?=[ ,;.)]|$)(?! (?:and|or|to)\b)", re.MULTILINE)
_MINUS_AFTER = re.compile(r"[ ]?\([-–−]\)(?=\s*(?:[,;.\n]|$))")
_VE = re.compile(r"([-–−+])\)?\s?$")          # "-ve", "(-)ve"


class Signs:
    """The words of a text that signs deny or doubt, by their numbers; `queries` are the places of question marks that ask nobody."""

    def __init__(self, text: str, read: Sequence[Word]) -> None:
        self._text, self._words = text, read
        self._starts, self._ends = [word.start for word in read], [word.end for word in read]
        self.queries = _query_marks(text)
        self.doubted, self.denied = frozenset(self._doubted()), frozenset(self._denied())

    def word_before(self, place: int) -> int:
        """The number of the last word that ends before a place, -1 where there is none."""
        return bisect_right(self._ends, place) - 1

    def _item(self, place: int) -> Iterator[int]:
        """The words from a place in the text to the end of their item of a list."""
        first = bisect_left(self._starts, place)
        for number in range(first, len(self._words)):
            if number > first and _ITEM_ENDS.search(self._words[number].before):
                return
            yield number

    def _item_before(self, place: int) -> Iterator[int]:
        for number in range(self.word_before(place), -1, -1):
            yield number
            if _ITEM_ENDS.search(self._words[number].before):
                return

    def _doubted(self) -> Iterator[int]:
        for place, before in self.queries.items():
            yield from self._item_before(place) if before else self._item(place)

    def _denied(self) -> Iterator[int]:
        for line in re.finditer(r"[^\n]+", self._text):
            patterns = [_MINUS_BEFORE, _MINUS_ITEM] if _SIGNED_LINE.search(line[0]) else [_MINUS_BEFORE]
            for match in (match for pattern in patterns for match in pattern.finditer(self._text, line.start(), line.end())):
                yield from self._item(match.end())
            signs = list(_SIGN_AFTER.finditer(self._text, line.start(), line.end()))
            # one dash behind a word may be a pause; two words with signs are a list
            minus = [sign for sign in signs if sign[0] != "+"] if len(signs) > 1 else []
            for sign in (*minus, *_MINUS_AFTER.finditer(self._text, line.start(), line.end())):
                yield self.word_before(sign.start())


def _query_marks(text: str) -> dict[int, bool]:
    """Where a "?" doubts words and asks nobody -> whether they stand before it."""
    found = {match.start() + match[0].index("?"): False for match in _QUERY.finditer(text)}
    loose = (match.start() + 1 for match in _LOOSE_QUERY.finditer(text))
    found |= {place: False for place in loose if not _ASKING.search(text, max(0, place - 200), place)}
    return found | {match.start(1): True for match in _QUERY_INSIDE.finditer(text)}


def spelled(read: Sequence[Word]) -> list[Word]:
    """The words with "-ve" and "+ve" spelled out."""
    found = list(read)
    for number, word in enumerate(found):
        if word.plain == "ve" and (sign := _VE.search(word.before)):
            spelled = "positive" if sign[1] == "+" else "negative"
            found[number] = replace(word, plain=spelled, key=key(spelled))
    return found
