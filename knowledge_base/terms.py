"""The words of all passages as numbers, so that the features of a candidate cost microseconds: stems, offsets, document frequencies."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import Stemmer
from numpy.typing import NDArray

from knowledge_base.documents import Passage
from knowledge_base.errors import KnowledgeBaseError

Numbers = NDArray[np.int32]
STOP = frozenset(
    "a an the of to in on at for with by from as is are was were be been and or what which who how do does did can could should would "
    "will have has had that this it its there their".split()
)
_WORD = re.compile(r"[a-z0-9]+")


def stems(text: str) -> list[str]:
    """Stems of the words of a text that are no stop words, in order."""
    return list(_stemmer().stemWords([word for word in _WORD.findall(text.lower()) if word not in STOP]))


@cache
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")


@dataclass(frozen=True)
class Terms:
    """Words of n passages: those of passage i are `body[starts[i]:starts[i + 1]]`, likewise for its title; `idf` by word number."""

    vocabulary: dict[str, int]
    body: Numbers
    starts: NDArray[np.int64]
    title: Numbers
    title_starts: NDArray[np.int64]
    idf: NDArray[np.float32]

    @classmethod
    def build(cls, passages: Sequence[Passage]) -> Terms:
        """Read the words of passages; `idf` is that of title, section and text together."""
        vocabulary: dict[str, int] = {}

        def numbers(text: str) -> list[int]:
            return [vocabulary.setdefault(stem, len(vocabulary)) for stem in stems(text)]

        titles = [numbers(passage.title) for passage in passages]
        bodies = [numbers(f"{passage.section} {passage.searched_text}") for passage in passages]
        counts = Counter(word for title, body in zip(titles, bodies, strict=True) for word in {*title, *body})
        total = len(passages)
        idf = np.array([np.log((total + 1) / (counts[number] + 0.5)) for number in range(len(vocabulary))], dtype=np.float32)
        return cls(vocabulary, *_flat(bodies), *_flat(titles), idf)

    def of_question(self, question: str) -> tuple[Numbers, NDArray[np.float32]]:
        """Word numbers of a question in order (-1 for a word that no passage holds), and the weight of each."""
        found = [self.vocabulary.get(stem, -1) for stem in stems(question)]
        unknown = float(np.log(2.0 * len(self.starts)))
        return np.array(found, dtype=np.int32), np.array([self.idf[n] if n >= 0 else unknown for n in found], dtype=np.float32)

    def gather(self, rows: Sequence[int], *, title: bool = False) -> tuple[Numbers, Numbers, Numbers]:
        """(words, number of the row among `rows`, place within the row) of the passages in `rows`, one after the other."""
        words, starts = (self.title, self.title_starts) if title else (self.body, self.starts)
        parts = [words[starts[row] : starts[row + 1]] for row in rows]
        lengths = np.array([len(part) for part in parts])
        owner = np.repeat(np.arange(len(rows)), lengths).astype(np.int32)
        place = np.concatenate([np.arange(length) for length in lengths]).astype(np.int32) if len(rows) else np.zeros(0, np.int32)
        return np.concatenate(parts) if parts else np.zeros(0, np.int32), owner, place

    def save(self, folder: Path) -> None:
        """Write arrays and vocabulary, without pickles."""
        np.savez(folder / "terms.npz", body=self.body, starts=self.starts, idf=self.idf, title=self.title, title_starts=self.title_starts)
        (folder / "terms.txt").write_text("\n".join(self.vocabulary), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Terms:
        """Read what `save` wrote."""
        try:
            with np.load(folder / "terms.npz", allow_pickle=False) as arrays:
                rows = {name: arrays[name] for name in ("body", "starts", "title", "title_starts", "idf")}
            words = (folder / "terms.txt").read_text(encoding="utf-8").split("\n")
            return cls({word: number for number, word in enumerate(words)}, **rows)
        except (OSError, ValueError, KeyError) as error:
            reason = type(error).__name__
            raise KnowledgeBaseError(f"the words of the index are damaged ({reason}); rebuild it: assistant kb build") from error


def _flat(rows: Sequence[Sequence[int]]) -> tuple[Numbers, NDArray[np.int64]]:
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    return np.array([word for row in rows for word in row], dtype=np.int32), starts
