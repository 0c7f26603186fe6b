"""The documents that the index is made of: the digests that ship, and the user's own, kept as extracted text below data_dir."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from knowledge_base.documents import Document, Passage, Source
from knowledge_base.embed import Embedder
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.index import Progress
from knowledge_base.ingest import read_document
from knowledge_base.search import KnowledgeBase


class Library:
    """A user's own guideline documents. `documents.json` is replaced in one step: it is the old or the new list, never a half."""

    def __init__(self, data_dir: Path, embedder: Embedder | None = None) -> None:
        self.data_dir, self.embedder = data_dir, embedder
        self._list = data_dir / "documents.json"

    def documents(self) -> list[Document]:
        """The user's documents, sorted by id."""
        if not self._list.exists():
            return []
        try:
            rows = json.loads(self._list.read_text(encoding="utf-8"))
            return [_document(row) for row in rows]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise KnowledgeBaseError(f"{self._list.name} in the data folder is damaged; restore it, or delete it and add again") from error

    def open(self, progress: Progress | None = None) -> KnowledgeBase:
        """The knowledge base of all documents; the index is built when it is not there."""
        return KnowledgeBase.open(self.data_dir, extra=self.documents(), embedder=self.embedder, progress=progress)

    def add(self, paths: Sequence[Path], progress: Progress | None = None) -> list[str]:
        """Read files and folders, index them, then put them on the list; a document of the same id is replaced.

        Raises:
            KnowledgeBaseError: a file cannot be read; nothing is changed then.
        """
        fresh = [read_document(path) for root in paths for path in _files(root)]
        if not fresh:
            raise KnowledgeBaseError(f"no PDF, DOCX, HTML, Markdown or text file in {', '.join(map(str, paths))}")
        ids = {document.id for document in fresh}
        self._replace([*(d for d in self.documents() if d.id not in ids), *fresh], progress)
        return sorted(ids)

    def remove(self, document_id: str, progress: Progress | None = None) -> None:
        """Take a document off the list and out of the index."""
        have = self.documents()
        if document_id not in {document.id for document in have}:
            raise KnowledgeBaseError(f"no added document '{document_id}'; there are: {', '.join(d.id for d in have) or 'none'}")
        self._replace([document for document in have if document.id != document_id], progress)

    def _replace(self, documents: list[Document], progress: Progress | None) -> None:
        # the index first, the list last: a process killed between them leaves the old list and its index
        KnowledgeBase.open(self.data_dir, extra=documents, embedder=self.embedder, progress=progress)
        rows = [asdict(document) for document in sorted(documents, key=lambda document: document.id)]
        handle, beside = tempfile.mkstemp(dir=self.data_dir, prefix=".documents-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(rows, file, default=str)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, self._list)


def _files(root: Path) -> list[Path]:
    from knowledge_base.ingest import READERS

    if not root.exists():
        raise KnowledgeBaseError(f"{root} does not exist; give a file or a folder")
    return [root] if root.is_file() else sorted(path for path in root.rglob("*") if path.suffix.lower() in READERS)


def _document(row: dict[str, object]) -> Document:
    passages = tuple(
        Passage(**{**passage, "sources": tuple(Source(**s) for s in passage["sources"]), "rules": ()})
        for passage in row["passages"]  # type: ignore[attr-defined]
    )
    synonyms = tuple(str(word) for word in row.get("synonyms", []))  # type: ignore[attr-defined]
    return Document(str(row["id"]), str(row["title"]), dict(row["meta"]), passages, synonyms, str(row["path"]))  # type: ignore[call-overload]
