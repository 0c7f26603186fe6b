"""Names of several words: each sure name with the names, initials, particles and degrees that stand beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.privacy.name_signs import LETTER, Word, clinical, homonyms, rows, within_sentence
from assistant.privacy.words import common, known
from assistant.records import Span


def runs(text: str, words: Sequence[Word], sure: Sequence[bool]) -> list[Span]:
    """Each sure name, with the names, initials and particles that stand beside it."""
    found: list[Span] = []
    last = -1
    for number, certain in enumerate(sure):
        if number <= last or not (certain or _pair_of_capitals(text, words, number)):
            continue
        before, first, last = last, number, number
        while first - 1 > before and _joined(text, words[first - 1], words[first]):
            first -= 1
        while last + 1 < len(words) and _joined(text, words[last], words[last + 1]):
            last += 1
        found.append(Span(_initial_before(text, words[first].start), _initial_after(text, words[last].end)))
    return found


def _joined(text: str, left: Word, right: Word) -> bool:
    """Whether two words with capitals make one name."""
    between = text[left.end : right.start]
    surname_first = between == ", " and left.text.isupper() and right.text.isupper()
    if not surname_first and not re.fullmatch(rf"[ ](?:{LETTER}\.?[ ]){{0,2}}(?:{rows()['particles']}[ ]){{0,2}}", between):
        return False
    if clinical(text, right):
        return False
    if left.rank == "name" and re.search(rf"{LETTER}\.?[ ]", between):
        return right.text.lower() not in common()
    if left.text.lower() in homonyms() and left.text.istitle() and right.rank == "name":
        return within_sentence(text[max(0, left.start - 3) : left.start])
    if _of_notes(left) or _of_notes(right):
        return False
    return "word" not in (left.rank, right.rank) or "name" in (left.rank, right.rank)


def _of_notes(word: Word) -> bool:
    """A word of clinical notes or of any text is no part of a name; one that only the dictionary holds may be."""
    said = re.sub(r"['’]s$", "", word.text.lower())
    return word.rank == "word" and (said in known() or len(said) < 3 or word.text.isupper() or said.endswith("ly") or not said.isalpha())


def _pair_of_capitals(text: str, words: Sequence[Word], number: int) -> bool:
    """SMITH, JOHN or JOHN SMITH, where at least one is no word."""
    here = words[number]
    if not re.search(r"(?:^|\n|:)[ \t]*(?:[^\W\d_a-z]+,?[ ])?$", text[max(0, here.start - 30) : here.start]):
        return False
    near = [word for word in words[max(0, number - 1) : number + 2] if word is not here]
    beside = [w for w in near if re.fullmatch(r",?[ ]", text[min(w.end, here.end) : max(w.start, here.start)])]
    return (
        here.text.isupper()
        and here.rank == "name"
        and len(here.text) > 3
        and any(w.text.isupper() and len(w.text) > 3 and w.rank in ("name", "perhaps") for w in beside)
    )


def _initial_before(text: str, start: int) -> int:
    found = re.search(rf"(?<![\w.])(?:{LETTER}\.[ ]?){{1,3}}$", text[max(0, start - 12) : start])
    return start - len(found[0]) if found else start


def _initial_after(text: str, end: int) -> int:
    found = re.match(rf"[ ]{rows()['after']}(?!\w)|[ ]{LETTER}(?=\.?(?:[,;)]|$|\n))", text[end : end + 9])
    return end + len(found[0]) if found else end
