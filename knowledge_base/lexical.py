"""BM25 over stemmed words, by bm25s; saved beside the vectors as plain arrays and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
import Stemmer
from numpy.typing import NDArray


class Lexical:
    """BM25 (Lucene variant, k1 1.2, b 0.75) with English stemming and stop words."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    @classmethod
    def build(cls, texts: Sequence[str]) -> Lexical:
        """Index n texts; row i of `scores` belongs to texts[i]."""
        if not texts:
            return cls(None)        # bm25s divides by the number of texts
        engine = bm25s.BM25(k1=1.2, b=0.75, method="lucene")
        engine.index(_tokens(texts), show_progress=False)
        return cls(engine)

    @classmethod
    def load(cls, folder: Path) -> Lexical:
        """Read what `save` wrote."""
        return cls(bm25s.BM25.load(str(folder), allow_pickle=False))

    def save(self, folder: Path) -> None:
        """Write arrays and vocabulary into a folder."""
        self._engine.save(str(folder), allow_pickle=False)

    def scores(self, question: str) -> NDArray[np.float32]:
        """BM25 of the question against every text, shape (n,); zeros when no word is known."""
        if self._engine is None:
            return np.zeros(0, dtype=np.float32)
        words = _tokens([question])[0]
        known = [word for word in words if word in self._engine.vocab_dict]
        if not known:
            return np.zeros(int(self._engine.scores["num_docs"]), dtype=np.float32)
        return np.asarray(self._engine.get_scores(known), dtype=np.float32)


@cache
def _stemmer() -> Any:
    return Stemmer.Stemmer("english")


def _tokens(texts: Sequence[str]) -> list[list[str]]:
    tokens: list[list[str]] = bm25s.tokenize(list(texts), stopwords="en", stemmer=_stemmer(), return_ids=False, show_progress=False)
    return tokens
