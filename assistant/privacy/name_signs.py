"""Which words with capitals are names: by what stands before them, by how rare they are as words, and by the names beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from assistant.privacy.words import Rank, common, eponyms, is_word, known, rank
from assistant.records import Span
from knowledge_base.lexicon import read_table

TOKEN = re.compile(r"(?<![\w@])[^\W\d_]+(?:['’\-][^\W\d_]+)*(?![\w@])")
LETTER = r"[^\W\d_a-z]"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text with a capital, and how far it may be a name."""

    start: int
    end: int
    text: str
    rank: Rank


def made(match: re.Match[str]) -> Word:
    """A word of a text; a possessive is no part of a name."""
    end = re.sub(r"['’]s?$", "", match[0])
    return Word(match.start(), match.start() + len(end), match[0], rank(match[0]))


def sure_words(text: str, words: Sequence[Word], small: Sequence[Span]) -> list[bool]:
    """For each word whether it is a name by itself; `small` are the names in small letters."""
    said = {text[span.start : span.end] for span in small}
    common_here = frozenset(match[0] for match in TOKEN.finditer(text) if match[0].islower()) - said
    sure = [_sure(text, word, common_here) for word in words]
    sure = [here or _two(text, words, number) for number, here in enumerate(sure)]
    return [here or _listed(text, words, sure, number) for number, here in enumerate(sure)]


def _two(text: str, words: Sequence[Word], number: int) -> bool:
    """The first of two words that both may be names, as Frank Castle."""
    first, second = words[number], words[number + 1] if number + 1 < len(words) else words[number]
    return (
        first.rank == "perhaps"
        and second.rank in ("perhaps", "rarely")
        and text[first.end : second.start] == " "
        and not (first.text.isupper() or second.text.isupper() or first.text.lower() in known())
        and not (clinical(text, first) or clinical(text, second))
    )


def _listed(text: str, words: Sequence[Word], sure: Sequence[bool], number: int) -> bool:
    """A word among names: Monjeau, Graves and Reed."""
    if words[number].rank == "word" or clinical(text, words[number]):
        return False
    beside = [n for n in (number - 1, number + 1) if 0 <= n < len(words) and sure[n] and words[n].rank == "name"]
    near = [text[words[min(n, number)].end : words[max(n, number)].start] for n in beside]
    listed = sum(re.fullmatch(r",[ ](?:and[ ])?|[ ]and[ ]", between) is not None for between in near)
    return listed >= (1 if words[number].rank == "perhaps" else 2)


def _sure(text: str, word: Word, common_here: frozenset[str]) -> bool:
    """Whether a word is a name by itself: rare as a word, or announced, or where only a name can stand."""
    before, after = text[max(0, word.start - 60) : word.start], text[word.end : word.end + 60]
    if re.search(pattern("titled"), before):
        return word.text.lower() not in common() - homonyms()
    if word.rank == "word" or clinical(text, word):
        return False
    if re.match(pattern("score"), after) and not re.search(r"[^\W\d_a-z][^\W\d_]+[ ]$", before):
        return False
    if re.search(pattern("announced"), before) or re.match(pattern("credentials"), after):
        return True
    if re.search(pattern("kin"), before) and not is_eponym(word.text):
        return True
    if word.text.isupper() or word.text.lower() in common_here:
        return False
    if word.rank == "name":
        return re.search(pattern("taken"), before) is None
    said = re.match(pattern("speaks"), after) is not None or re.match(rf"[ ]{rows()['does']}", after) is not None
    return said or (word.rank == "perhaps" and within_sentence(before))


def within_sentence(before: str) -> bool:
    """After a word of small letters: there a capital is no accident of place."""
    return re.search(r"[a-zß-ÿ][,]?[ ]$", before) is not None


def clinical(text: str, word: Word) -> bool:
    """Whether a word names a disease, a sign, a microbe or a dose here."""
    after = text[word.end : word.end + 60]
    if re.match(pattern("eponym"), after) or re.match(rows()["doses"], after):
        return True
    species = re.match(r"[ ]([a-zë]{4,}(?:us|um|is|es|ae|ii|i|a|ans|ens|oides))\b", after)
    return species is not None and not is_word(species[1])


def is_eponym(word: str) -> bool:
    """Whether a word stands for a disease, a sign or a score."""
    return re.sub(r"['’]s?$", "", word.lower()) in eponyms()


@cache
def rows() -> dict[str, str]:
    """What stands before and after names (identifiers.toml)."""
    return dict(read_table("identifiers")["names"])


@cache
def homonyms() -> frozenset[str]:
    """Words of every text that are names too."""
    return frozenset(rows()["homonyms"].split())


@cache
def pattern(name: str) -> re.Pattern[str]:
    """What must stand before a word, or after it."""
    table = rows()
    first = rf"(?:{LETTER}\.[ ]?|{LETTER}[^\W\d_]+,?[ ])?"
    label = r"(?im:(?:^|[;,.|]|\b)[ \t]*{})[ \t]*:[ \t]*"
    kin = rf"(?i:\b(?:{table['relatives']}|{table['ranks']}))(?:[ ]+|(?<=[(]))"
    patterns = {
        "titled": rf"\b{table['titles']}\.?[ ]+(?:{LETTER}\.?[ ]+)?$",
        "announced": rf"(?:(?i:\b{table['said']})[ ]+|{label.format(table['labels'])}){first}$",
        "kin": rf"(?:{kin}|{label.format(table['weak_labels'])}){first}$",
        "credentials": rf",?[ ]{table['credentials']}(?!\w)",
        "taken": rf"(?i:\b{table['takes']})[ ]$",
        "speaks": r":[ ]?[\"“]",
        "eponym": rf"(?:['’]s?|s)?(?:[-–][^\W\d_]+(?:['’]s)?|[ ]and[ ]{LETTER}\w+|[ ]{LETTER}[a-z]+)?[ ](?i:{table['heads']})\b",
        "score": r"[ ](?:of[ ]|is[ ]|=[ ]?)?\d{1,3}(?:\.\d)?(?![\w/-]|\.\d|[ ](?:y|years?|yrs?|M|F|yo|[A-Z]))",
    }
    return re.compile(patterns[name])
