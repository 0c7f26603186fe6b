"""Extracted text of a document becomes passages: spans of 40-180 words, cut at headings, then paragraphs, then sentences.

A passage never crosses a page, so that its page number is right. `start` and `end` count characters of the pages joined by form feeds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from langchain_text_splitters import RecursiveCharacterTextSplitter

from knowledge_base.documents import Passage, Source

SHORTEST, LONGEST = 40, 180     # words; a passage of 180 words is about as long as what the encoder reads at once (256 word pieces)
SLACK = 1.15                    # a section is cut into parts of about equal length, each up to so much above the mean
CHARACTERS_PER_WORD = 6         # for scripts without spaces
SEPARATORS = [r"\n\n", r"\n", r"(?<=[.!?])\s+", r"\s+", ""]

Page = tuple[int | None, str]

_MARKED = re.compile(r"^#{1,6}[ \t]+(\S.{0,118})$", re.MULTILINE)
_NUMBERED = re.compile(r"^(\d+(?:\.\d+)*\.?[ \t]+[A-Z](?:[^\s]*[ \t]+){0,8}[^\s.;:,]+)$", re.MULTILINE)
_CAPITALS = re.compile(r"^([A-Z][A-Z0-9,/()-]+(?:[ \t]+[A-Z0-9,/()-]+){0,7})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    section: str
    words: int


def word_count(text: str) -> int:
    """Words of a text; a script without spaces is counted by its characters."""
    return max(len(text.split()), len(text) // (2 * CHARACTERS_PER_WORD))


def first_heading(pages: Sequence[Page]) -> str:
    """The first line marked as a heading, without its mark; empty when there is none."""
    return next((match[1].strip() for _, text in pages if (match := _MARKED.search(text))), "")


def passages(document_id: str, title: str, pages: Sequence[Page], source: Source) -> Iterator[Passage]:
    """The passages of a document, in order; `text` is the span itself, letter for letter."""
    offset, number, section = 0, 0, ""
    for page, text in pages:
        for piece in _joined(text, list(_pieces(text, section))):
            number += 1
            yield Passage(
                id=f"{document_id}#{f'p{page}.' if page else ''}{number}", document_id=document_id, title=title, section=piece.section,
                text=text[piece.start : piece.end], start=offset + piece.start, end=offset + piece.end, sources=(source,), page=page,
            )  # fmt: skip
        section = next((name for _, name in reversed(_headings(text))), section)
        offset += len(text) + 1


def _headings(text: str) -> list[tuple[int, str]]:
    """(place, words) of the headings: marked ones where there are any, else numbered lines and lines in capitals."""
    found = list(_MARKED.finditer(text)) or [*_NUMBERED.finditer(text), *_CAPITALS.finditer(text)]
    return sorted((match.start(), match[1].strip(" #*")) for match in found)


def _pieces(text: str, section: str) -> Iterator[_Piece]:
    """Parts of each section that are short enough; `section` is the heading in force where the page begins."""
    places = [(0, section), *_headings(text)]
    for (start, name), (end, _) in zip(places, [*places[1:], (len(text), "")], strict=True):
        part = text[start:end]
        words = word_count(part)
        if not part.strip():
            continue
        size = LONGEST if words <= LONGEST else min(LONGEST, math.ceil(words / math.ceil(words / LONGEST) * SLACK))
        for chunk in _splitter(size).create_documents([part]):
            begin = start + int(chunk.metadata["start_index"])
            yield _Piece(begin, begin + len(chunk.page_content), name, word_count(chunk.page_content))


def _splitter(size: int) -> RecursiveCharacterTextSplitter:
    return RecursiveCharacterTextSplitter(
        chunk_size=size, chunk_overlap=0, length_function=word_count, separators=SEPARATORS, is_separator_regex=True,
        keep_separator=True, add_start_index=True,
    )  # fmt: skip


def _joined(text: str, pieces: Sequence[_Piece]) -> list[_Piece]:
    """Pieces of a page, a short one joined to the next, or to the one before where it is the last."""
    out: list[_Piece] = []
    for piece in pieces:
        last = len(out) > 0 and piece is pieces[-1] and piece.words < SHORTEST
        if out and (out[-1].words < SHORTEST or last) and out[-1].words + piece.words <= LONGEST:
            out[-1] = _both(text, out[-1], piece)
        else:
            out.append(piece)
    return out


def _both(text: str, one: _Piece, two: _Piece) -> _Piece:
    section = one.section if one.section and one.words >= two.words else two.section or one.section
    return _Piece(one.start, two.end, section, word_count(text[one.start : two.end]))
