"""Finding the passages of a question: the best of a dense and a lexical ranking, put in order by a learned ranker."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from knowledge_base.documents import GUIDELINES, Document, Passage, load_guidelines, superseded
from knowledge_base.embed import Embedder, MiniLM, Vectors
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.expand import expand
from knowledge_base.index import Index, Progress, build, index_name, names, open_or_build
from knowledge_base.nearest import connect, fill, forget, nearest
from knowledge_base.ranker import Background, Candidates, features, trees
from knowledge_base.stores import FLAT_UP_TO
from knowledge_base.terms import stems
from knowledge_base.vectorstore import VectorStore

if TYPE_CHECKING:
    from langchain_core.retrievers import BaseRetriever

NOTHING_KNOWN = Background()
Ranker = Literal["trees", "fusion"]
DENSE_WEIGHT, LEXICAL_WEIGHT = 2.0, 1.0  # measured on medquad and bioasq: see the ablation in the evaluation report
RANK_OFFSET = 60  # Cormack GV et al. SIGIR 2009, doi:10.1145/1571941.1572114
POOL, RANKED, UNRANKED, LONGEST_NAME = 60, 200, 1000, 8
WIDE = 1000     # nearest passages whose cosine a store is asked for where a reader may leave most of them out
NAMED_DOCUMENTS, NAMED_PASSAGES = 4, 60


def _ranks(scores: NDArray[np.float32], floor: float) -> dict[int, int]:
    """Row -> rank from 0 of the best rows above the floor, best first; equal scores keep the order of the index."""
    best = np.argsort(-scores, kind="stable")[:RANKED]
    return {int(row): rank for rank, row in enumerate(best) if scores[row] > floor}


def _nearest_kept(rows: Sequence[int], dense: NDArray[np.float32]) -> list[int]:
    return sorted((row for row in rows if dense[row] > -np.inf), key=lambda row: -float(dense[row]))[:NAMED_PASSAGES]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found: the ranker's score, and the scores it came from (cosine in [-1, 1], BM25 >= 0)."""

    passage: Passage
    score: float
    dense: float
    lexical: float

    @property
    def id(self) -> str:
        """Id of the passage."""
        return self.passage.id


class KnowledgeBase:
    """Passages that can be searched."""

    def __init__(self, index: Index, embedder: Embedder, documents: Sequence[Document] = (), *, ranker: Ranker = "trees",
        store: VectorStore | None = None, folder: Path | None = None,
    ) -> None:  # fmt: skip
        self.index, self.embedder, self.documents, self.ranker, self.store = index, embedder, tuple(documents), ranker, store
        self.folder = folder        # where the index is kept, and what else is computed once for its embedder; None in memory
        self._rows = {passage.id: row for row, passage in enumerate(index.passages)}

    @classmethod
    def open(
        cls,
        data_dir: Path,
        *,
        guidelines: Path = GUIDELINES,
        extra: Sequence[Document] = (),
        replaced: Mapping[str, str] | None = None,
        embedder: Embedder | None = None,
        progress: Progress | None = None,
        vector_store: str = "auto",
        vector_store_url: str = "",
    ) -> KnowledgeBase:
        """Open the index of all digests (and a user's own documents) below `data_dir`, building what is missing.

        `replaced` names outdated documents: id -> id of the document that supersedes it. The vector store, one of STORES or "auto", is
        filled from the index where it lacks something; there is no other store in its place when it cannot be reached.
        """
        documents = [superseded(document, (replaced or {}).get(document.id, "")) for document in (*load_guidelines(guidelines), *extra)]
        passages = [passage for document in documents for passage in document.passages]
        embedder, folder = embedder or MiniLM(), data_dir / "index"
        before = names(folder)
        # before the index is built: that a server is not there should not be learned after minutes
        store = connect(vector_store, vector_store_url, index_name(passages, embedder), folder, embedder.dim, len(passages))
        index = open_or_build(passages, embedder, folder, progress)
        if store:
            fill(store, index, progress)
        forget(vector_store, vector_store_url, before - names(folder), embedder.dim)
        return cls(index, embedder, documents, store=store, folder=folder)

    @classmethod
    def from_passages(cls, passages: Sequence[Passage], embedder: Embedder, progress: Progress | None = None) -> KnowledgeBase:
        """A knowledge base in memory."""
        return cls(build(passages, embedder, progress), embedder)

    @property
    def name(self) -> str:
        """Name of the index: changes with any text, rule or embedder."""
        return self.index.name

    def passage(self, passage_id: str) -> Passage | None:
        """The passage of that id, or None."""
        row = self._rows.get(passage_id)
        return None if row is None else self.index.passages[row]

    def search(
        self, question: str, *, k: int = 8, keep: Callable[[Passage], bool] | None = None, background: Background = NOTHING_KNOWN
    ) -> list[Hit]:
        """Return the k passages nearest to the question, best first, superseded ones last; ties are broken by passage id.

        Args:
            question: the clinician's own words; empty is an error, not "everything".
            k: fewer come back only when fewer are there.
            keep: drops passages (population, jurisdiction, year) before they are ranked.
            background: what the patient's findings point to, and which passages suit the patient.

        Raises:
            KnowledgeBaseError: the question is empty or the index holds nothing.
        """
        if not question.strip():
            raise KnowledgeBaseError("the question is empty; write what you want to know")
        if not self.index.passages:
            raise KnowledgeBaseError("the index holds no passage; add guidelines: assistant kb add PATH")
        found = self.candidates(question, keep, background)
        scores = self._ranked(question, found)
        best = sorted(range(len(found.rows)), key=lambda i: self._place(found.rows[i], float(scores[i])))[:k]
        return [
            Hit(self.index.passages[found.rows[i]], float(scores[i]), float(found.dense[i]), float(found.lexical[i])) for i in best
        ]

    def _place(self, row: int, score: float) -> tuple[bool, float, str]:
        passage = self.index.passages[row]
        return bool(passage.superseded_by), -float(score), passage.id

    def candidates(
        self, question: str, keep: Callable[[Passage], bool] | None = None, background: Background = NOTHING_KNOWN
    ) -> Candidates:
        """The best of the dense and of the lexical ranking, together, in index order; the question is expanded by synonyms first."""
        question = expand(question)
        kept, lexical = self._kept(keep), self.index.lexical.scores(question)
        by_lexical = _ranks(lexical if kept is None else np.where(kept, lexical, 0.0), 0.0)
        named = self.named(question)
        likely = self._of_documents(named), self._of_documents(frozenset(background.suspected))
        dense, by_dense = self._dense(question, kept, [*list(by_lexical)[:POOL], *likely[0], *likely[1]])
        of_these = [row for ids in likely for row in _nearest_kept(ids, dense)]
        rows = sorted({*list(by_dense)[:POOL], *list(by_lexical)[:POOL], *of_these})
        return Candidates(
            rows, dense[rows], lexical[rows],
            np.array([by_dense.get(row, UNRANKED) for row in rows]), np.array([by_lexical.get(row, UNRANKED) for row in rows]),
            named, background,
        )  # fmt: skip

    def _kept(self, keep: Callable[[Passage], bool] | None) -> NDArray[np.bool_] | None:
        return None if keep is None else np.array([keep(passage) for passage in self.index.passages], dtype=bool)

    def _of_documents(self, ids: frozenset[str]) -> list[int]:
        """The passages of the documents that the question names, or that are suspected, when they are few."""
        return [row for name in ids for row in self._rows_of.get(name, ())] if len(ids) <= NAMED_DOCUMENTS else []

    def _dense(self, question: str, kept: NDArray[np.bool_] | None, also: Sequence[int]) -> tuple[NDArray[np.float32], dict[int, int]]:
        """Cosine of each passage, -inf where it is not kept, and the rank of the nearest.

        A vector store ranks those that it finds; these and `also` get their true cosine from the index, all others -inf.
        """
        query = self.embedder.encode([question])[0]
        near = None if self.store is None else nearest(self.store, self._rows, query, RANKED, kept)
        dense = self._cosines(query, None if near is None else [*near, *also])
        if kept is not None:
            dense = np.where(kept, dense, -np.inf)
        if near is None:
            return dense, _ranks(dense, -np.inf)
        return dense, {row: rank for rank, row in enumerate(sorted(near, key=lambda row: (-float(dense[row]), row))[:RANKED])}

    def _cosines(self, query: Vectors, rows: Sequence[int] | None) -> NDArray[np.float32]:
        """Cosine of every passage, or of some and -inf for the others, shape (n,)."""
        if rows is None:
            # a product with the stored matrix: three times as fast as asking the flat index for all of its rows in order
            return np.asarray(self._matrix @ query, dtype=np.float32)
        some, dense = np.unique(np.array(rows, dtype=np.int64)), np.full(len(self.index.passages), -np.inf, dtype=np.float32)
        dense[some] = self.index.vectors.reconstruct_batch(some) @ query
        return dense

    @cached_property
    def _rows_of(self) -> dict[str, list[int]]:
        rows: dict[str, list[int]] = {}
        for row, passage in enumerate(self.index.passages):
            rows.setdefault(passage.document_id, []).append(row)
        return rows

    def named(self, question: str) -> frozenset[str]:
        """Ids of the documents whose title or synonym stands in a question, up to inflection; the longest name wins its words."""
        asked = stems(question)
        found: set[str] = set()
        start = 0
        while start < len(asked):
            length = next((n for n in range(LONGEST_NAME, 0, -1) if tuple(asked[start : start + n]) in self._names), 0)
            found |= self._names.get(tuple(asked[start : start + length]), set())
            start += max(length, 1)
        return frozenset(found)

    @cached_property
    def _names(self) -> dict[tuple[str, ...], set[str]]:
        names: dict[tuple[str, ...], set[str]] = {}
        synonyms = {document.id: document.synonyms for document in self.documents}
        for document_id, title in dict.fromkeys((passage.document_id, passage.title) for passage in self.index.passages):
            plain = re.sub(r"\([^)]*\)|\bin (?:adults|children|pregnancy)\b.*", " ", title)
            for name in (title, plain, *synonyms.get(document_id, ())):
                if (key := tuple(stems(name))) and len(key) <= LONGEST_NAME:
                    names.setdefault(key, set()).add(document_id)
        return names

    def _ranked(self, question: str, found: Candidates) -> NDArray[np.float32]:
        """The learned ranker's score of each candidate, or with `ranker = "fusion"` the reciprocal-rank fusion alone."""
        if self.ranker == "fusion" or not found.rows:
            fused = DENSE_WEIGHT / (RANK_OFFSET + 1 + found.dense_rank) + LEXICAL_WEIGHT / (RANK_OFFSET + 1 + found.lexical_rank)
            return np.asarray(fused, dtype=np.float32)
        return trees().score(features(expand(question), found, self.index.passages, self.index.terms))

    def similarities(self, question: str, keep: Callable[[Passage], bool] | None = None) -> NDArray[np.float32]:
        """Cosine of the question with every passage, shape (n,).

        Above 200,000 passages in a vector store, of the nearest that are kept; every other one gets the lowest of these, which its own
        seldom exceeds. `keep` has no meaning else.
        """
        query = self.embedder.encode([question])[0]
        if self.store is None or len(self.index.passages) <= FLAT_UP_TO:
            return self._cosines(query, None)
        near = nearest(self.store, self._rows, query, RANKED if keep else WIDE, self._kept(keep))
        dense = self._cosines(query, near)
        return np.where(np.isinf(dense), dense[near].min(initial=1.0), dense)

    @cached_property
    def _matrix(self) -> NDArray[np.float32]:
        return np.asarray(self.index.vectors.reconstruct_n(0, self.index.vectors.ntotal))

    def without(self, document_id: str) -> KnowledgeBase:
        """The same knowledge base less one document (what would be answered if it had never been there)."""
        rows = [row for row, passage in enumerate(self.index.passages) if passage.document_id != document_id]
        vectors = self.index.vectors.reconstruct_n(0, self.index.vectors.ntotal)[rows]
        kept = tuple(self.index.passages[row] for row in rows)
        import faiss

        from knowledge_base.lexical import Lexical
        from knowledge_base.terms import Terms

        flat = faiss.IndexFlatIP(vectors.shape[1])
        flat.add(vectors)
        index = replace(
            self.index, name=f"{self.name}-without-{document_id}", passages=kept, vectors=flat,
            lexical=Lexical.build([passage.embedded_text for passage in kept]), terms=Terms.build(kept),
        )  # fmt: skip
        return KnowledgeBase(index, self.embedder, [d for d in self.documents if d.id != document_id], store=self.store)

    def as_retriever(self, **options: Any) -> BaseRetriever:
        """This knowledge base as a LangChain retriever; `k` is passed on to `search`."""
        from knowledge_base.retriever import KnowledgeBaseRetriever

        return KnowledgeBaseRetriever(knowledge_base=self, **options)
