"""Checks of an installation, each with what to do when it fails."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import AssistantError, KnowledgeBaseError
from assistant.settings import Settings

MIN_FREE_BYTES = 4_000_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report."""

    name: str
    ok: bool
    text: str


def checks(settings: Settings) -> Iterator[Check]:
    """Disk, guidelines, embedding weights, language model."""
    free = shutil.disk_usage(_existing(settings.data_dir)).free
    advice = "" if free >= MIN_FREE_BYTES else "; the model needs 4 GB while it is set up"
    yield Check("disk", free >= MIN_FREE_BYTES, f"{free / 1e9:.1f} GB free{advice}")
    yield _guidelines()
    yield _embedding()
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


def _model(settings: Settings) -> Check:
    from assistant.llm.setup import ready

    try:
        return Check("language model", True, f"{settings.backend}: {ready(settings)}")
    except AssistantError as error:
        return Check("language model", False, f"{error}; until then statements are quoted, not worded")
