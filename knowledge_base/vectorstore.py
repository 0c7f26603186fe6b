"""What every store of vectors does: ids and unit vectors go in, the nearest ids with their cosine come out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from knowledge_base.embed import Vectors
from knowledge_base.errors import KnowledgeBaseError

BATCH = 2_000                   # rows sent to a server at once

Found = list[tuple[str, float]]


class VectorStore(Protocol):
    """Vectors by id."""

    kind: str
    batch: int      # rows that are best added at once

    def add(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Put rows of length 1, shape (n, dim); an id that is there already gets the new vector."""
        ...

    def search(self, vector: Vectors, k: int) -> Found:
        """The k nearest ids with their cosine, best first, equal ones by id; fewer only when fewer are there or found."""
        ...

    def remove(self, ids: Sequence[str]) -> None:
        """Take ids away; those that are not there are no error."""
        ...

    def ids(self) -> list[str]:
        """All ids, sorted."""
        ...

    def count(self) -> int:
        """How many ids there are."""
        ...

    def save(self) -> None:
        """Write what must last."""
        ...

    def close(self) -> None:
        """Save and let go; the store is not used afterwards."""
        ...


def check(ids: Sequence[str], vectors: Vectors, dim: int) -> None:
    """Refuse what does not fit together."""
    if vectors.shape != (len(ids), dim):
        raise KnowledgeBaseError(f"{len(ids)} ids come with vectors of shape {vectors.shape}; needed: ({len(ids)}, {dim})")
    if "" in ids:
        raise KnowledgeBaseError("an id is empty; every vector needs one")


def ordered(found: Found) -> Found:
    """Best first, equal ones by id."""
    return sorted(found, key=lambda row: (-row[1], row[0]))
