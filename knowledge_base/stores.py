"""Where vectors lie: FAISS in this process, or a Milvus or PostgreSQL server through LangChain's vector stores.

One interface: ids and unit vectors go in, the nearest ids with their cosine come out. Servers are optional extras, imported when opened.
"""

from __future__ import annotations

import json
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import faiss
import numpy as np

from knowledge_base.embed import Vectors
from knowledge_base.errors import KnowledgeBaseError

FLAT_UP_TO = 200_000            # vectors that are compared one by one within some 20 ms; above it an IVF index is chosen
HNSW_LINKS, HNSW_BUILD, HNSW_SEARCH = 32, 80, 128
IVF_TRAIN_EACH = 40             # training vectors for each list
IVF_PROBE = 1 / 32              # share of the lists that a search looks into
LEAST_FOR_IVF = 1_000
BATCH = 2_000                   # rows sent to a server at once

Found = list[tuple[str, float]]


class VectorStore(Protocol):
    """Vectors by id."""

    def add(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Put rows of length 1, shape (n, dim); an id that is there already gets the new vector."""
        ...

    def search(self, vector: Vectors, k: int) -> Found:
        """The k nearest ids with their cosine, best first, equal ones by id; fewer only when fewer are there or found."""
        ...

    def ids(self) -> list[str]:
        """All ids, sorted."""
        ...

    def count(self) -> int:
        """How many ids there are."""
        ...

    def close(self) -> None:
        """Write what must last and let go; the store is not used afterwards."""
        ...


def open_store(name: str, dim: int, where: str = "", *, size: int = 0) -> VectorStore:
    """Open a store by name.

    Args:
        name: "flat", "hnsw", "ivf", "milvus", "pgvector", or "auto", which is flat up to 200,000 vectors and ivf above.
        dim: length of a vector.
        where: a folder for FAISS (empty: memory alone), a file or http address for Milvus, a postgresql:// address for pgvector.
        size: vectors expected; shapes an ivf store, whose first add may hold a part of them.

    Raises:
        KnowledgeBaseError: unknown name, a package that is not installed, or a server that cannot be reached.
    """
    name = ("flat" if size <= FLAT_UP_TO else "ivf") if name == "auto" else name
    if name not in STORES:
        raise KnowledgeBaseError(f"unknown vector store '{name}'; allowed: auto, {', '.join(STORES)}")
    return STORES[name](dim, where, size)


class Faiss:
    """FAISS in this process. Vectors replaced in an index that cannot delete stay as rows without id and are passed over."""

    def __init__(self, kind: str, dim: int, where: str = "", *, size: int = 0) -> None:
        self.kind, self.dim, self._size, self._folder = kind, dim, size, Path(where) if where else None
        self._index: Any = None if kind == "ivf" else _untrained(kind, dim, 0)
        self._names: list[str] = []         # of each row; empty for a row that was replaced
        self._row: dict[str, int] = {}
        if self._folder and (self._folder / "ids.json").exists():
            self._load(self._folder)

    def add(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Add rows; the first rows of an IVF index train it, so they must be many and like the rest."""
        _check(ids, vectors, self.dim)
        last = {name: place for place, name in enumerate(ids)}      # an id that comes twice: the later vector holds
        if self._index is None:
            self._index = _trained_ivf(np.ascontiguousarray(vectors), self.dim, max(self._size, len(vectors)))
        self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        start = len(self._names)
        for place, name in enumerate(ids):
            keeps = last[name] == place
            if keeps and name in self._row:
                self._names[self._row[name]] = ""
            self._names.append(name if keeps else "")
            if keeps:
                self._row[name] = start + place

    def search(self, vector: Vectors, k: int) -> Found:
        """The nearest ids; exact for flat."""
        if self._index is None or not self._row or k < 1:
            return []
        wanted = min(k + len(self._names) - len(self._row), len(self._names))
        scores, rows = self._index.search(np.ascontiguousarray(vector, dtype=np.float32).reshape(1, -1), wanted)
        found = [(self._names[row], float(score)) for row, score in zip(rows[0], scores[0], strict=True) if row >= 0 and self._names[row]]
        return _ordered(found)[:k]

    def ids(self) -> list[str]:
        """All ids, sorted."""
        return sorted(self._row)

    def count(self) -> int:
        """How many ids there are."""
        return len(self._row)

    def bytes(self) -> int:
        """Size of the index in memory, without the ids."""
        return 0 if self._index is None else int(faiss.serialize_index(self._index).nbytes)

    def close(self) -> None:
        """Write index and ids to the folder, each in one step."""
        if self._folder and self._index is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            faiss.write_index(self._index, str(self._folder / ".vectors.faiss"))
            (self._folder / ".ids.json").write_text(json.dumps({"kind": self.kind, "names": self._names}), encoding="utf-8")
            os.replace(self._folder / ".vectors.faiss", self._folder / "vectors.faiss")
            os.replace(self._folder / ".ids.json", self._folder / "ids.json")

    def _load(self, folder: Path) -> None:
        try:
            raw = json.loads((folder / "ids.json").read_text(encoding="utf-8"))
            self._index, self._names = faiss.read_index(str(folder / "vectors.faiss")), list(raw["names"])
            kind = raw["kind"]
        except (OSError, RuntimeError, ValueError, KeyError) as error:
            reason = type(error).__name__
            raise KnowledgeBaseError(f"the vectors in {folder.name} are damaged ({reason}); delete the folder and add again") from error
        if kind != self.kind or self._index.ntotal != len(self._names) or self._index.d != self.dim:
            raise KnowledgeBaseError(f"the vectors in {folder.name} are {kind}, {self._index.d} long, not {self.kind}, {self.dim} long")
        self._row = {name: row for row, name in enumerate(self._names) if name}


def _untrained(kind: str, dim: int, lists: int) -> Any:
    if kind == "flat":
        return faiss.IndexFlatIP(dim)
    if kind == "hnsw":
        index: Any = faiss.IndexHNSWFlat(dim, HNSW_LINKS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction, index.hnsw.efSearch = HNSW_BUILD, HNSW_SEARCH
        return index
    index = faiss.index_factory(dim, f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
    index.nprobe = max(8, int(lists * IVF_PROBE))
    return index


def _trained_ivf(vectors: Vectors, dim: int, size: int) -> Any:
    """Inverted lists with 8-bit components: a quarter of the memory, a search in some of the lists."""
    if len(vectors) < LEAST_FOR_IVF:
        raise KnowledgeBaseError(f"an ivf store needs at least {LEAST_FOR_IVF:,} vectors in the first add; got {len(vectors)}. Use flat")
    lists = min(2 ** (1 + round(np.log2(np.sqrt(size)))), len(vectors) // IVF_TRAIN_EACH)  # about twice the root
    index = _untrained("ivf", dim, lists)
    sample = np.random.default_rng(0).permutation(len(vectors))[: lists * IVF_TRAIN_EACH]
    index.cp.min_points_per_centroid = 1        # few vectors make poor lists, which is no reason to write on standard error
    index.cp.niter = 10
    index.train(vectors[sample])
    return index


class Server(ABC):
    """A LangChain vector store that keeps ids and vectors; the text of a row is its id."""

    def __init__(self, store: Any, dim: int, cosine: Callable[[float], float]) -> None:
        self._store, self.dim, self._cosine = store, dim, cosine

    def add(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Replace, then add, in batches."""
        _check(ids, vectors, self.dim)
        rows = dict(zip(ids, vectors.tolist(), strict=True))
        names = list(rows)
        for start in range(0, len(names), BATCH):
            batch = names[start : start + BATCH]
            self._delete(batch)
            self._store.add_embeddings(texts=batch, embeddings=[rows[name] for name in batch], ids=[self._key(name) for name in batch])

    def search(self, vector: Vectors, k: int) -> Found:
        """The nearest ids as the server ranks them."""
        if k < 1 or not self.count():
            return []
        found = self._store.similarity_search_with_score_by_vector(np.ravel(vector).tolist(), k=k)
        return _ordered([(document.page_content, self._cosine(float(score))) for document, score in found])

    def count(self) -> int:
        """How many ids there are."""
        return len(self.ids())

    @abstractmethod
    def ids(self) -> list[str]:
        """All ids, sorted."""

    @abstractmethod
    def close(self) -> None:
        """End the connection."""

    def _key(self, name: str) -> str:
        return name

    @abstractmethod
    def _delete(self, names: Sequence[str]) -> None:
        """Take rows away, those that are there."""


class Milvus(Server):
    """Milvus by address (http://host:19530), or Milvus Lite in a file that ends in .db."""

    collection = "passages"

    def __init__(self, dim: int, where: str) -> None:
        if not where:
            raise KnowledgeBaseError("milvus needs an address such as http://localhost:19530, or a file that ends in .db")
        try:
            from langchain_milvus import Milvus as LangChainMilvus
        except ImportError as error:
            raise KnowledgeBaseError("milvus needs langchain-milvus; run: pip install 'clinical-assistant[milvus]'") from error
        store = _reached(where, lambda: LangChainMilvus(
            _Given(dim), collection_name=self.collection, connection_args={"uri": where}, consistency_level="Strong",
            index_params={"index_type": "AUTOINDEX", "metric_type": "COSINE"}, auto_id=False,
        ))  # fmt: skip
        super().__init__(store, dim, lambda score: score)

    def ids(self) -> list[str]:
        """All ids, sorted; read in pages, since a server bounds what one query returns."""
        if not self._store.client.has_collection(self.collection):
            return []
        pages = self._store.client.query_iterator(
            self.collection, batch_size=1000, filter="", output_fields=["pk"], consistency_level="Strong"
        )
        found: list[str] = []
        while page := pages.next():
            found += [row["pk"] for row in page]
        pages.close()
        return sorted(found)

    def close(self) -> None:
        """End the connection."""
        self._store.client.close()

    def _delete(self, names: Sequence[str]) -> None:
        if self._store.client.has_collection(self.collection):
            self._store.client.delete(self.collection, ids=list(names))


class PgVector(Server):
    """PostgreSQL with the pgvector extension."""

    collection = "passages"

    def __init__(self, dim: int, where: str) -> None:
        if not where.startswith("postgresql"):
            raise KnowledgeBaseError("pgvector needs an address such as postgresql://user:password@localhost/guidelines")
        try:
            import sqlalchemy
            from langchain_postgres import PGVector
        except ImportError as error:
            raise KnowledgeBaseError("pgvector needs langchain-postgres; run: pip install 'clinical-assistant[pgvector]'") from error
        self._engine = sqlalchemy.create_engine("postgresql+psycopg:" + where.partition(":")[2])
        store = _reached(where, lambda: PGVector(
            _Given(dim), connection=self._engine, embedding_length=dim, collection_name=self.collection, use_jsonb=True,
        ))  # fmt: skip
        super().__init__(store, dim, lambda distance: 1.0 - distance)

    def ids(self) -> list[str]:
        """All ids, sorted."""
        import sqlalchemy

        rows = sqlalchemy.text(
            "SELECT document FROM langchain_pg_embedding e JOIN langchain_pg_collection c ON e.collection_id = c.uuid WHERE c.name = :name"
        )
        with self._engine.connect() as connection:
            return sorted(row[0] for row in connection.execute(rows, {"name": self.collection}))

    def close(self) -> None:
        """End the connections."""
        self._engine.dispose()

    def _key(self, name: str) -> str:
        return f"{self.collection}:{name}"      # ids are unique in the whole table, which other collections share

    def _delete(self, names: Sequence[str]) -> None:
        self._store.delete([self._key(name) for name in names])


class _Given:
    """Stands where LangChain wants an embedder: vectors are always given, only their length is asked for."""

    def __init__(self, dim: int) -> None:
        self._dim = dim

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [[0.0] * self._dim for _ in texts]

    def embed_query(self, text: str) -> list[float]:
        return [0.0] * self._dim


def _reached(where: str, connect: Callable[[], Any]) -> Any:
    """The connection, or one line that tells what could not be reached; the address may hold a password, so only its end is shown."""
    try:
        return connect()
    except Exception as error:  # each client has its own errors, with no common base
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        place = where.rpartition("@")[2]
        raise KnowledgeBaseError(f"the vector store at {place} cannot be reached ({reason}); check that it runs") from error


def _check(ids: Sequence[str], vectors: Vectors, dim: int) -> None:
    if vectors.shape != (len(ids), dim):
        raise KnowledgeBaseError(f"{len(ids)} ids come with vectors of shape {vectors.shape}; needed: ({len(ids)}, {dim})")
    if "" in ids:
        raise KnowledgeBaseError("an id is empty; every vector needs one")


def _ordered(found: Found) -> Found:
    return sorted(found, key=lambda row: (-row[1], row[0]))


STORES: dict[str, Callable[[int, str, int], VectorStore]] = {
    "flat": lambda dim, where, size: Faiss("flat", dim, where),
    "hnsw": lambda dim, where, size: Faiss("hnsw", dim, where),
    "ivf": lambda dim, where, size: Faiss("ivf", dim, where, size=size),
    "milvus": lambda dim, where, size: Milvus(dim, where),
    "pgvector": lambda dim, where, size: PgVector(dim, where),
}
