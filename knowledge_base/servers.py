"""Vectors on a Milvus or PostgreSQL server, through LangChain's vector stores: optional extras, imported when opened."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from knowledge_base.embed import Vectors
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.vectorstore import BATCH, Found, check, ordered

MOST = 16_384                   # rows that a Milvus server gives at once
CONNECT_SECONDS = 5


class Server(ABC):
    """A LangChain vector store that keeps ids and vectors; the text of a row is its id."""

    kind: str
    batch = BATCH

    def __init__(self, store: Any, dim: int, where: str, collection: str) -> None:
        self._store, self.dim, self.where, self.collection = store, dim, where, collection

    def add(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Replace, then add, in batches."""
        check(ids, vectors, self.dim)
        rows = dict(zip(ids, vectors.tolist(), strict=True))
        names = list(rows)
        for start in range(0, len(names), BATCH):
            self._put(names[start : start + BATCH], rows)

    def _put(self, names: list[str], rows: dict[str, list[float]]) -> None:
        self.remove(names)
        keys, vectors = [self._key(name) for name in names], [rows[name] for name in names]
        _reached(self.where, lambda: self._store.add_embeddings(texts=names, embeddings=vectors, ids=keys))

    def search(self, vector: Vectors, k: int) -> Found:
        """The nearest ids as the server ranks them."""
        if k < 1:
            return []
        asked = np.ravel(vector).tolist()
        found = _reached(self.where, lambda: self._store.similarity_search_with_score_by_vector(asked, k=min(k, MOST)))
        return ordered([(document.page_content, self._cosine(float(score))) for document, score in found])

    def remove(self, ids: Sequence[str]) -> None:
        """Take rows away, those that are there."""
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            _reached(self.where, lambda batch=batch: self._delete(batch))   # type: ignore[misc]

    def ids(self) -> list[str]:
        """All ids, sorted."""
        return sorted(_reached(self.where, self._ids))

    def count(self) -> int:
        """How many ids there are."""
        return len(self.ids())

    def save(self) -> None:     # noqa: B027 (nothing to do is the answer of every server)
        """A server writes at once."""

    @abstractmethod
    def close(self) -> None:
        """End the connection."""

    @abstractmethod
    def drop(self) -> None:
        """Delete the whole collection."""

    @abstractmethod
    def _ids(self) -> list[str]: ...

    @abstractmethod
    def _delete(self, names: Sequence[str]) -> None: ...

    def _key(self, name: str) -> str:
        return name

    def _cosine(self, score: float) -> float:
        return score


class Milvus(Server):
    """Milvus by address (http://host:19530), or Milvus Lite in a file that ends in .db."""

    kind = "milvus"

    def __init__(self, dim: int, where: str, collection: str) -> None:
        if not where:
            raise KnowledgeBaseError("milvus needs an address such as http://localhost:19530, or a file that ends in .db")
        try:
            from langchain_milvus import Milvus as LangChainMilvus
        except ImportError as error:
            raise KnowledgeBaseError("milvus needs langchain-milvus; run: pip install 'clinical-assistant[milvus]'") from error
        for chatty in ("pymilvus", "grpc"):     # what fails is told in one line of ours; they would print a stack beside it
            logging.getLogger(chatty).setLevel(logging.CRITICAL)
        store = _reached(where, lambda: LangChainMilvus(
            _Given(dim), collection_name=collection, connection_args={"uri": where, "timeout": CONNECT_SECONDS}, consistency_level="Strong",
            index_params={"index_type": "AUTOINDEX", "metric_type": "COSINE"}, auto_id=False,
        ))  # fmt: skip
        super().__init__(store, dim, where, collection)

    def close(self) -> None:
        """End the connection."""
        self._store.client.close()

    def drop(self) -> None:
        """Delete the whole collection."""
        _reached(self.where, lambda: self._store.client.drop_collection(self.collection))

    def _ids(self) -> list[str]:
        """Read in pages, since a server bounds what one query returns."""
        if not self._store.client.has_collection(self.collection):
            return []
        pages = self._store.client.query_iterator(
            self.collection, batch_size=1000, filter="", output_fields=["pk"], consistency_level="Strong"
        )
        found: list[str] = []
        while page := pages.next():
            found += [row["pk"] for row in page]
        pages.close()
        return found

    def _delete(self, names: Sequence[str]) -> None:
        if self._store.client.has_collection(self.collection):
            self._store.client.delete(self.collection, ids=list(names))


class PgVector(Server):
    """PostgreSQL with the pgvector extension."""

    kind = "pgvector"

    def __init__(self, dim: int, where: str, collection: str) -> None:
        if not where.startswith("postgresql"):
            raise KnowledgeBaseError("pgvector needs an address such as postgresql://user:password@localhost/guidelines")
        try:
            import sqlalchemy
            from langchain_postgres import PGVector
        except ImportError as error:
            raise KnowledgeBaseError("pgvector needs langchain-postgres; run: pip install 'clinical-assistant[pgvector]'") from error
        self._engine = sqlalchemy.create_engine(
            "postgresql+psycopg:" + where.partition(":")[2], connect_args={"connect_timeout": CONNECT_SECONDS}
        )
        store = _reached(where, lambda: PGVector(
            _Given(dim), connection=self._engine, embedding_length=dim, collection_name=collection, use_jsonb=True,
        ))  # fmt: skip
        super().__init__(store, dim, where, collection)

    def close(self) -> None:
        """End the connections."""
        self._engine.dispose()

    def drop(self) -> None:
        """Delete the whole collection."""
        _reached(self.where, self._store.delete_collection)

    def _ids(self) -> list[str]:
        import sqlalchemy

        rows = sqlalchemy.text(
            "SELECT document FROM langchain_pg_embedding e JOIN langchain_pg_collection c ON e.collection_id = c.uuid WHERE c.name = :name"
        )
        with self._engine.connect() as connection:
            return [row[0] for row in connection.execute(rows, {"name": self.collection})]

    def _delete(self, names: Sequence[str]) -> None:
        self._store.delete([self._key(name) for name in names])

    def _key(self, name: str) -> str:
        return f"{self.collection}:{name}"      # ids are unique in the whole table, which other collections share

    def _cosine(self, score: float) -> float:
        return 1.0 - score      # the server gives the distance


class _Given:
    """Stands where LangChain wants an embedder: vectors are always given, only their length is asked for."""

    def __init__(self, dim: int) -> None:
        self._dim = dim

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [[0.0] * self._dim for _ in texts]

    def embed_query(self, text: str) -> list[float]:
        return [0.0] * self._dim


def _reached(where: str, act: Callable[[], Any]) -> Any:
    """What a server answers, or one line that tells what could not be reached."""
    try:
        return act()
    except Exception as error:  # each client has its own errors, with no common base
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise KnowledgeBaseError(
            f"the vector store at {shown(where)} cannot be reached ({reason}); start it and run assistant kb build, "
            "or set vector_store to auto"
        ) from error


def shown(where: str) -> str:
    """An address as it may be shown: what stands before "@" and after "?" may hold a password."""
    return where.partition("?")[0].rpartition("@")[2]
