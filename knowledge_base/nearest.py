"""The nearest passages from a vector store. The index folder stays the truth: a store is filled from it and named by its hash."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base.embed import Vectors
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.index import Index, Progress
from knowledge_base.servers import Server
from knowledge_base.stores import SERVERS, kind_of, open_store
from knowledge_base.vectorstore import VectorStore

FEW = 2_000     # vectors that are compared one by one within a millisecond: a strict filter would have a store asked for nearly all


def connect(name: str, where: str, index: str, folder: Path, dim: int, size: int) -> VectorStore | None:
    """The store of an index, as yet perhaps empty; None for flat, where the vectors of the index itself are compared.

    Args:
        name: a name of STORES, or "auto".
        where: address of a server; FAISS lies in the folder of its index, and goes with it.
        index: name of the index, which no other index has: what a server holds of an older one is never read.
        folder: where the indexes lie.
        dim: length of a vector.
        size: passages of the index.
    """
    kind = kind_of(name, size)
    if kind == "flat":
        return None
    if kind in SERVERS:
        return open_store(kind, dim, where, collection=index)
    try:
        return open_store(kind, dim, str(folder / index / kind), size=size)
    except KnowledgeBaseError as error:
        logging.getLogger(__name__).warning("%s; they are made again now", error)
        shutil.rmtree(folder / index / kind)
        return open_store(kind, dim, str(folder / index / kind), size=size)


def fill(store: VectorStore, index: Index, progress: Progress | None = None) -> None:
    """Make the ids of a store those of the index: what is gone is deleted, what is missing is added."""
    rows, there = {passage.id: row for row, passage in enumerate(index.passages)}, set(store.ids())
    gone, missing = sorted(there - rows.keys()), np.array([row for name, row in rows.items() if name not in there], dtype=np.int64)
    np.random.default_rng(0).shuffle(missing)   # the first rows train an ivf store: they must be like the rest
    store.remove(gone)
    for start in range(0, len(missing), store.batch):
        batch = missing[start : start + store.batch]
        store.add([index.passages[row].id for row in batch], index.vectors.reconstruct_batch(batch))
        if progress:
            progress(start + len(batch), len(missing))
    if gone or len(missing):
        store.save()


def forget(name: str, where: str, indexes: Iterable[str], dim: int) -> None:
    """Delete what a server holds of indexes whose folders are gone."""
    for index in indexes if name in SERVERS else ():
        store = open_store(name, dim, where, collection=index)
        assert isinstance(store, Server)
        store.drop()
        store.close()


def nearest(store: VectorStore, rows: Mapping[str, int], query: Vectors, k: int, kept: NDArray[np.bool_] | None = None) -> list[int]:
    """Rows among which the k nearest passages are; with a filter the store is asked for twice as many until enough are kept.

    All that are kept come back when they are few, or when the store gives out before: a server bounds what it gives at once, an approximate
    index does not reach every vector.

    Raises:
        KnowledgeBaseError: the server does not answer, or no longer holds the passages.
    """
    if kept is not None and kept.sum() <= FEW:
        return [int(row) for row in np.flatnonzero(kept)]
    asked = k
    while True:
        found = store.search(query, asked)
        if not found:
            raise KnowledgeBaseError(f"the {store.kind} store no longer holds the passages of this index; run: assistant kb build")
        good = [rows[name] for name, _ in found if name in rows and (kept is None or kept[rows[name]])]
        if len(good) >= k or kept is None:
            return good[:k]
        if len(found) < asked or asked >= len(rows):
            return [int(row) for row in np.flatnonzero(kept)]
        asked *= 2
