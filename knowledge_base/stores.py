"""Where vectors lie: FAISS in this process, or a Milvus or PostgreSQL server; each is opened by its name."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from knowledge_base.embed import Vectors
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.servers import Milvus, PgVector
from knowledge_base.vectorstore import BATCH, Found, VectorStore, check, ordered

FLAT_UP_TO = 200_000            # vectors that are compared one by one within some 20 ms; above it an IVF index is chosen
HNSW_LINKS, HNSW_BUILD, HNSW_SEARCH = 32, 80, 128
IVF_TRAIN_EACH = 40             # training vectors for each list
IVF_PROBE = 1 / 32              # share of the lists that a search looks into,
IVF_LEAST = 5_000               # and vectors in them at least: a small store is searched whole
LEAST_FOR_IVF = 1_000
IVF_FIRST = 100_000             # rows of one add to an ivf store, whose first add trains it


def kind_of(name: str, size: int) -> str:
    """The kind of store that a setting means: "auto" is flat up to 200,000 vectors and ivf above."""
    if name != "auto" and name not in STORES:
        raise KnowledgeBaseError(f"unknown vector store '{name}'; allowed: auto, {', '.join(STORES)}")
    return name if name != "auto" else "flat" if size <= FLAT_UP_TO else "ivf"


def open_store(name: str, dim: int, where: str = "", *, size: int = 0, collection: str = "passages") -> VectorStore:
    """Open a store by name.

    Args:
        name: "flat", "hnsw", "ivf", "milvus", "pgvector", or "auto", which is flat up to 200,000 vectors and ivf above.
        dim: length of a vector.
        where: a folder for FAISS (empty: memory alone), a file or http address for Milvus, a postgresql:// address for pgvector.
        size: vectors expected; shapes an ivf store, whose first add may hold a part of them.
        collection: which vectors of a server are meant.

    Raises:
        KnowledgeBaseError: unknown name, a package that is not installed, or a server that cannot be reached.
    """
    return STORES[kind_of(name, size)](dim, where, size, re.sub(r"\W", "_", collection))


class Faiss:
    """FAISS in this process. Vectors replaced in an index that cannot delete stay as rows without id and are passed over."""

    def __init__(self, kind: str, dim: int, where: str = "", *, size: int = 0) -> None:
        self.kind, self.dim, self._size, self._folder = kind, dim, size, Path(where) if where else None
        self.batch = IVF_FIRST if kind == "ivf" else BATCH
        self._index: Any = None if kind == "ivf" else _untrained(kind, dim, 0)
        self._names: list[str] = []         # of each row; empty for a row that was replaced
        self._row: dict[str, int] = {}
        if self._folder and (self._folder / "ids.json").exists():
            self._load(self._folder)

    def add(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Add rows; the first rows of an IVF index train it, so they must be many and like the rest."""
        check(ids, vectors, self.dim)
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
        return ordered(found)[:k]

    def remove(self, ids: Sequence[str]) -> None:
        """Leave the rows without an id."""
        for name in set(ids) & self._row.keys():
            self._names[self._row.pop(name)] = ""

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
        """Save; there is nothing to let go."""
        self.save()

    def save(self) -> None:
        """Write index and ids to the folder, each in one step."""
        if self._folder and self._index is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            # under names of this process: another may fill the same folder now
            vectors, names = (self._folder / f".{os.getpid()}-{file}" for file in ("vectors.faiss", "ids.json"))
            faiss.write_index(self._index, str(vectors))
            names.write_text(json.dumps({"kind": self.kind, "names": self._names}), encoding="utf-8")
            os.replace(vectors, self._folder / "vectors.faiss")
            os.replace(names, self._folder / "ids.json")

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
    return faiss.index_factory(dim, f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)


def _trained_ivf(vectors: Vectors, dim: int, size: int) -> Any:
    """Inverted lists with 8-bit components: a quarter of the memory, a search in some of the lists."""
    if len(vectors) < LEAST_FOR_IVF:
        raise KnowledgeBaseError(f"an ivf store needs at least {LEAST_FOR_IVF:,} vectors in the first add; got {len(vectors)}. Use flat")
    lists = min(2 ** (1 + round(np.log2(np.sqrt(size)))), len(vectors) // IVF_TRAIN_EACH)  # about twice the root
    index = _untrained("ivf", dim, lists)
    index.nprobe = min(lists, max(8, int(lists * max(IVF_PROBE, IVF_LEAST / size))))
    sample = np.random.default_rng(0).permutation(len(vectors))[: lists * IVF_TRAIN_EACH]
    index.cp.min_points_per_centroid = 1        # few vectors make poor lists, which is no reason to write on standard error
    index.cp.niter = 10
    index.train(vectors[sample])
    return index


STORES: dict[str, Callable[[int, str, int, str], VectorStore]] = {
    "flat": lambda dim, where, size, collection: Faiss("flat", dim, where),
    "hnsw": lambda dim, where, size, collection: Faiss("hnsw", dim, where),
    "ivf": lambda dim, where, size, collection: Faiss("ivf", dim, where, size=size),
    "milvus": lambda dim, where, size, collection: Milvus(dim, where, collection),
    "pgvector": lambda dim, where, size, collection: PgVector(dim, where, collection),
}
SERVERS = frozenset({"milvus", "pgvector"})
