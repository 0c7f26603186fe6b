"""The words of a talk turned into those of a note: spelling, numbers, fillers, first person to third. By rule; nothing is added."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from knowledge_base.lexicon import read_table

Sex = Literal["female", "male"] | None
_ONES = {
    w: n
    for n, w in enumerate(
        (
            "zero one two three four five six seven eight nine ten eleven twelve "
            "thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
        ).split()
    )
}
_TENS = {w: 10 * n for n, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_NUMBER = rf"(?:{'|'.join([*_TENS, *sorted(_ONES, key=len, reverse=True)])}|hundred|thousand)"
_BASE = frozenset(
    {"need", "feed", "bleed", "miss", "pass", "discuss", "bring", "sing", "press", "guess", "cross", "fly", "apply", "rely", "supply"}
)
_NUMBERS = re.compile(rf"\b{_NUMBER}(?:(?:[\s-]+and)?[\s-]+{_NUMBER})*\b", re.IGNORECASE)


_OVER = re.compile(r"\b(\d{2,3}) over (\d{2,3})\b")


BOTH = ("doctor", "another")
# speakers by a letter alone: "M" and "F" are the parents of a child; which letters a talk uses, `initialed` decides
INITIALS: Mapping[str, str] = {"D": "doctor", "P": "patient", "M": "family", "F": "family"}
RELATIVES: Mapping[str, str] = dict.fromkeys(("mum", "mam", "carer", "sister", "brother", "partner"), "family")


def initialed(text: str, by_word: Set[str]) -> bool:
    """Whether turns of a talk begin with a letter: without it one side is silent. "S:", "A:", "P:" head the parts of a note instead."""
    letters = set(re.findall(r"^[ \t]*([A-Z])\s*:", text, re.MULTILINE))
    roles = by_word | {INITIALS[letter] for letter in letters & INITIALS.keys()}
    one_side = len(by_word) < len(BOTH) or "doctor" not in by_word
    return one_side and "S" not in letters and "doctor" in roles and len(roles) >= len(BOTH)


@dataclass(frozen=True, slots=True)
class Person:
    """How the patient is spoken of."""

    subject: str
    possessive: str
    object: str


def person(sex: Sex) -> Person:
    """Pronouns of the patient; "the patient" where the talk does not tell the sex."""
    return {"female": Person("she", "her", "her"), "male": Person("he", "his", "him")}.get(
        sex or "", Person("the patient", "their", "them")
    )


@cache
def table() -> Mapping[str, Any]:
    """The rows of dialogue.toml."""
    return read_table("dialogue")


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of the table, case ignored."""
    return re.compile(pattern, re.IGNORECASE)


def spelled(text: str) -> str:
    """Recognised speech put right: spaced-out marks, split contractions, stutters; numbers in words become digits."""
    for pattern, put in table()["spelling"]["rows"]:
        text = compiled_case(pattern).sub(put, text)
    text = _OVER.sub(r"\1/\2", _NUMBERS.sub(lambda m: _digits(m[0]), text))
    return re.sub(r"\s+", " ", text).strip()


@cache
def compiled_case(pattern: str) -> re.Pattern[str]:
    """Letters that are spelled one by one are capitals: such a pattern minds the case."""
    return re.compile(pattern) if "[A-Z]" in pattern else re.compile(pattern, re.IGNORECASE)


def _digits(words: str) -> str:
    """ "fifty seven" -> "57", "one hundred twenty" -> "120", "two thousand five" -> "2005", "one twenty" -> "120"; a lone "one" stays."""
    parts = [word for word in re.split(r"[\s-]+", words.lower()) if word != "and"]
    if parts in (["one"], ["hundred"], ["thousand"]):
        return words
    total, part = 0, 0
    for word in parts:
        if word == "thousand":
            total, part = total + max(part, 1) * 1000, 0
        elif word == "hundred":
            part = max(part, 1) * 100
        elif word in _TENS:
            part = part * 100 + _TENS[word] if 0 < part < 20 and total == 0 else part + _TENS[word]
        else:
            part = part * 100 + _ONES[word] if part and part < 100 and (part % 10 or _ONES[word] >= 10) else part + _ONES[word]
    return str(total + part)


def plain(text: str) -> str:
    """A sentence without its fillers and polite frame."""
    text = compiled(table()["fillers"]["anywhere"]).sub("", text)
    text = re.sub(r"\s+([,.?!])", r"\1", re.sub(r"\s+", " ", text)).strip(" ,.;-")
    text = compiled(table()["fillers"]["front"]).sub("", text)
    return compiled(table()["fillers"]["back"]).sub("", text).strip(" ,.;-")


def clinical(text: str) -> str:
    """Lay words as clinical ones."""
    for pattern, put in table()["clinical"]["rows"]:
        text = compiled(pattern).sub(put, text)
    return text


def third(text: str, who: Person, *, speaker: str) -> str:
    """A sentence of the patient ("I have"), or of the doctor to the patient ("you have"), told of the patient."""
    me = ("I", "my", "me", "mine", "myself") if speaker == "patient" else ("you", "your", "you", "yours", "yourself")
    if speaker == "family":     # a husband may be the patient, or the father of the child that is: he stays "my husband"
        return re.sub(r"\bmy (?:son|daughter|baby|child|kid)\b", who.subject, text, flags=re.IGNORECASE)
    text = re.sub(rf"\b{me[0]}(?:'m| am|'re| are)\b", f"{who.subject} is", text, flags=re.IGNORECASE)
    text = re.sub(rf"\b{me[0]}(?:'ve| have)\b", f"{who.subject} has", text, flags=re.IGNORECASE)
    text = re.sub(rf"\b{me[0]}'d\b", f"{who.subject} had", text, flags=re.IGNORECASE)
    text = re.sub(rf"\b{me[0]}'ll\b", f"{who.subject} will", text, flags=re.IGNORECASE)
    text = re.sub(
        rf"(?:^|(?<=[,;] )|(?<=\band )|(?<=\bor ))(?:am|are|do|did|have|was|were) {me[0]}\b",
        lambda m: f"{_form(m[0].split()[0])} {who.subject}",
        text,
        flags=re.IGNORECASE,
    )
    text = re.sub(rf"\b{me[1]}\b", who.possessive, text, flags=re.IGNORECASE)
    subject = re.compile(rf"\b{me[0]}\s+((?:(?:{'|'.join(table()['verbs']['adverbs'].split())})\s+)*)([\w']+)", re.IGNORECASE)
    if speaker == "patient":
        text = subject.sub(lambda m: f"{who.subject} {m[1]}{_form(m[2])}", text)
        text = re.sub(r"\bmyself\b", f"{who.object}self", text, flags=re.IGNORECASE)
        text = re.sub(r"\bme\b", who.object, text, flags=re.IGNORECASE)
        return re.sub(r"\bI\b", who.subject, text)
    text = subject.sub(lambda m: f"{who.subject} {m[1]}{_form(m[2])}" if _subject(text, m.start()) else f"{who.object} {m[1]}{m[2]}", text)
    return re.sub(r"\byou\b", who.object, text, flags=re.IGNORECASE)


def _subject(text: str, place: int) -> bool:
    """Whether a "you" there is a subject: at the beginning, or after a word that opens a clause."""
    before = text[:place].rstrip()
    return not before or bool(
        re.search(
            r"(?:[,;.]|\b(?:that|if|when|since|because|and|but|so|think|know|as|while|where|what|how|or|until|before|after|than|whether|unless|though|although|once|like))$",
            before,
            re.IGNORECASE,
        )
    )


def _form(verb: str) -> str:
    """The verb after "he" or "she"."""
    low = verb.lower()
    irregular: Mapping[str, str] = table()["verbs"]["irregular"]
    if low in irregular:
        return irregular[low]
    if low in _past() or (low.endswith(("ed", "ing", "s", "ly")) and low not in _BASE) or not low.isalpha():
        return verb
    if low.endswith(("sh", "ch", "x", "o", "ss")):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if low.endswith("y") and low[-2:-1] not in "aeiou" else f"{verb}s"


@cache
def _past() -> frozenset[str]:
    return frozenset(table()["verbs"]["past"].split())


def sentence(text: str) -> str:
    """First letter large, a full stop at the end."""
    text = re.sub(r"\s+", " ", text).strip(" ,;-")
    return f"{text[:1].upper()}{text[1:].rstrip('.?!')}." if text else ""
