"""A sentence cut into clauses, each with its polarity, so that a negation counts only for what it stands beside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import Stemmer

from knowledge_base.lexicon import claim_lexicon

STOP_WORDS = frozenset(
    (
        "a an the of to in on at for with by from as is are was were be been being and or if when then than that this these those it its "
        "they their them his her he she your you we our who which what how do does did has have had having will would also both each any all "
        "patient patients people person persons adult adults use used using give given giving take taken taking takes treatment treat treated "
        "should may can could must not no nor but so because since while where until unless there into about around approximately "
        "includes including include within after before during between per such other more less least most get gets receive receives "
        "needs need needed required requires require only even still again together case cases according guidance usually done made make "
        "whose whom out up down over under below above instead rather without either neither than once twice times"
    ).split()
)
_WORD = re.compile(r"[a-zà-ÿ][a-zà-ÿ0-9]*(?:['-][a-zà-ÿ0-9]+)*")


@dataclass(frozen=True, slots=True)
class Clause:
    """Stems of a clause, whether it negates, and how strong it is. `leading` says that it opens the sentence: "In pregnant women, ..."."""

    stems: frozenset[str]
    against: bool
    must: bool
    may: bool
    can: bool
    leading: bool
    text: str


def content_words(text: str) -> frozenset[str]:
    """Stems of the words that carry meaning: no stop word, no number; hyphenated words count by their parts too."""
    return frozenset(stem for word in _WORD.findall(text.lower()) for stem in _stems(word))


def stems_in_order(text: str) -> list[tuple[str, int]]:
    """(stem or number, offset) of the content words of a lower-case text, in order."""
    out: list[tuple[str, int]] = []
    for match in re.finditer(rf"{_WORD.pattern}|(?<![\w.])\d+(?:\.\d+)?", text):
        found = (match[0],) if match[0][0].isdigit() else _stems(match[0])
        out.extend((stem, match.start()) for stem in found)
    return out


@cache
def _stems(word: str) -> tuple[str, ...]:
    same = claim_lexicon()["same"]
    parts = [word] if "-" not in word else [part for part in word.split("-") if len(part) > 1]
    kept = [same.get(part, part) for part in parts if part not in STOP_WORDS and not part[0].isdigit()]
    return tuple(_stemmer().stemWord(word.replace("ae", "e").replace("oe", "e")) for word in kept if word not in STOP_WORDS)


@cache
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")


def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a normalised sentence or statement, in order."""
    found: list[Clause] = []
    for part in re.split(r"(?<!\bvs)(?<!\be\.g)[.]\s+(?!\d)", text):
        for number, piece in enumerate(_pieces(part)):
            found.append(_clause(piece, leading=number == 0 and bool(_prefix().match(piece)) and not _verb().search(piece)))
    return tuple(clause for clause in found if clause.text.strip(" ,.;"))


def _clause(text: str, *, leading: bool) -> Clause:
    plain = _masked().sub(" ", text)
    cues = len(_against().findall(plain))
    return Clause(
        content_words(_against().sub(" ", plain)), cues % 2 == 1, bool(_modality("must").search(plain)) or bool(_imperative().search(plain)),
        bool(_modality("may").search(plain)), bool(_modality("can").search(plain)), leading, text.strip(),
    )  # fmt: skip


def _pieces(text: str) -> Iterator[str]:
    for part in _opening().split(text):
        if part:
            yield from _at_commas(part)


def _at_commas(text: str) -> Iterator[str]:
    """A comma begins a clause where a verb follows, or where an opening phrase or a "without ..." ends; not within a list."""
    pending = ""
    for piece in text.split(","):
        ends = pending and (
            _verb().search(piece) or _imperative().search(piece) or _local().match(pending) or (_prefix().match(pending) and "," not in pending)
        )
        if ends:
            yield pending
            pending = piece
        else:
            pending = f"{pending},{piece}" if pending else piece
    yield pending


@cache
def _opening() -> re.Pattern[str]:
    rows: Mapping[str, list[str]] = claim_lexicon()["clauses"]
    openers, local, acts = "|".join(rows["openers"]), "|".join(rows["local"]), "|".join(rows["imperatives"])
    return re.compile(
        rf"\s*[;:()]\s*|,?\s+(?:and\s+|or\s+)?(?=(?:{openers}|{local})\b)"
        rf"|,?\s+(?:and|or|but)\s+(?=(?:do not|does not|should|must|may|can|cannot|is|are|has|have|needs?|requires?|suggests?|never|not|then|{acts})\b)"
    )


@cache
def _verb() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(claim_lexicon()['clauses']['verbs'])})\b")


@cache
def _imperative() -> re.Pattern[str]:
    return re.compile(rf"^\W*(?:and |or |but |then |also |first |otherwise )*(?:{'|'.join(claim_lexicon()['clauses']['imperatives'])})\b")


@cache
def _prefix() -> re.Pattern[str]:
    return re.compile(rf"^\W*(?:{'|'.join(claim_lexicon()['clauses']['prefixes'])})\b")


@cache
def _local() -> re.Pattern[str]:
    return re.compile(rf"^\W*(?:{'|'.join(claim_lexicon()['clauses']['local'])})\b")


@cache
def _against() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(sorted(claim_lexicon()['polarity']['against'], key=len, reverse=True))})(?!\w)")


@cache
def _masked() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(claim_lexicon()['polarity']['masked'])})(?!\w)")


@cache
def _modality(name: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(claim_lexicon()['modality'][name])})(?!\w)")
