"""Checks of an installation, each with what to do when it fails."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import EXPECTED, KnowledgeBaseError
from assistant.settings import Settings

MIN_FREE_BYTES = 4_000_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report."""

    name: str
    ok: bool
    text: str


def checks(settings: Settings) -> Iterator[Check]:
    """Disk, guidelines, embedding weights, vector store, language model."""
    free = shutil.disk_usage(_existing(settings.data_dir)).free
    advice = "" if free >= MIN_FREE_BYTES else "; the model needs 4 GB while it is set up"
    yield Check("disk", free >= MIN_FREE_BYTES, f"{free / 1e9:.1f} GB free{advice}")
    yield _guidelines()
    yield _embedding()
    yield _vector_store(settings)
    yield _model(settings)


def _existing(path: Path) -> Path:
    return next(parent for parent in (path, *path.parents) if parent.exists())


def _guidelines() -> Check:
    from knowledge_base.documents import load_guidelines

    try:
        documents = load_guidelines()
    except KnowledgeBaseError as error:
        return Check("guidelines", False, str(error))
    return Check("guidelines", True, f"{len(documents)} digests, {sum(len(d.passages) for d in documents)} statements")


def _embedding() -> Check:
    from knowledge_base.embed import packaged_weights

    try:
        return Check("embedding weights", packaged_weights().exists(), "all-MiniLM-L6-v2 from its package")
    except KnowledgeBaseError as error:
        return Check("embedding weights", False, str(error))


def _vector_store(settings: Settings) -> Check:
    """Which store is used, whether it is reached, and how much of the newest index it holds."""
    from knowledge_base.embed import MiniLM
    from knowledge_base.index import newest
    from knowledge_base.nearest import connect, forget
    from knowledge_base.servers import shown
    from knowledge_base.stores import SERVERS, kind_of

    name, where, folder = settings.vector_store, settings.vector_store_url, settings.data_dir / "index"
    index, passages = newest(folder, MiniLM.name)
    try:
        text = kind_of(name, passages) + (f" at {shown(where)}, reached" if name in SERVERS else " (FAISS, in this process)")
        if not index:
            forget(name, where, ["no_index_yet"], MiniLM.dim)   # reaches a server and leaves nothing there
            return Check("vector store", True, f"{text}; no index yet, build it: assistant kb build")
        store = connect(name, where, index, folder, MiniLM.dim, passages)
        held = passages
        if store:
            held = store.count()
            store.close()
    except KnowledgeBaseError as error:
        return Check("vector store", False, str(error))
    advice = "" if held == passages else "; what is missing is added at the next question, or now: assistant kb build"
    return Check("vector store", True, f"{text}: {held:,} of {passages:,} passages{advice}")


def _model(settings: Settings) -> Check:
    from assistant.llm.setup import ready

    try:
        return Check("language model", True, f"{settings.backend}: {ready(settings)}")
    except EXPECTED as error:
        return Check("language model", False, f"{error}; until then statements are quoted, not worded")
