"""The documents that the index is made of: the digests that ship, and the user's own, kept as extracted text below data_dir.

An order to a program inside a document is data: its passage is withheld, that is listed but not indexed, so no answer or prompt holds it.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from assistant.requests_policy import find_injections
from assistant.settings import Settings
from knowledge_base import ingest
from knowledge_base.documents import GUIDELINES, Document, Passage
from knowledge_base.embed import Embedder, MiniLM
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.index import Progress, differences, names, passage_from, prune
from knowledge_base.nearest import forget
from knowledge_base.search import KnowledgeBase

LOCK_SECONDS = 600.0
WITHHELD = "withheld"   # key of a document's meta: ids of passages that give orders to a program


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the files of one `add`, as ids of documents; `failed` holds a line for each file that could not be read."""

    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Documents that are in the library now."""
        return tuple(sorted({*self.added, *self.replaced, *self.unchanged}))


@dataclass(frozen=True, slots=True)
class Shelf:
    """The list: documents sorted by id, and which document (own or shipped) is superseded by which."""

    documents: tuple[Document, ...] = ()
    superseded: Mapping[str, str] = field(default_factory=dict)


class Library:
    """A user's own guideline documents. `documents.json` is replaced in one step: it is the old or the new list, never a half."""

    def __init__(
        self, data_dir: Path, embedder: Embedder | None = None, *, guidelines: Path = GUIDELINES, store: tuple[str, str] = ("auto", "")
    ) -> None:
        """`store`: name and address of the vector store."""
        self.data_dir, self.embedder, self.guidelines, self.store = data_dir, embedder, guidelines, store
        self._list = data_dir / "documents.json"

    @classmethod
    def of(cls, settings: Settings) -> Library:
        """The library that an installation's settings mean."""
        return cls(settings.data_dir, store=(settings.vector_store, settings.vector_store_url))

    def documents(self) -> list[Document]:
        """The user's documents, sorted by id."""
        return list(self.shelf().documents)

    def shelf(self) -> Shelf:
        """The list as it stands."""
        if not self._list.exists():
            return Shelf()
        try:
            raw = json.loads(self._list.read_text(encoding="utf-8"))
            rows, superseded = (raw, {}) if isinstance(raw, list) else (raw["documents"], dict(raw["superseded"]))
            return Shelf(tuple(_document(row) for row in rows), superseded)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise KnowledgeBaseError(f"{self._list.name} in the data folder is damaged; restore it, or delete it and add again") from error

    def open(self, progress: Progress | None = None) -> KnowledgeBase:
        """The knowledge base of all documents; the index is built when it is not there."""
        return self._index(self.shelf(), progress)

    def add(
        self, paths: Sequence[Path], progress: Progress | None = None, *, files: Progress | None = None, supersedes: str = ""
    ) -> Report:
        """Read files and folders, index what is new, then put it on the list.

        A document of the same id is replaced, an unchanged file is skipped.

        Args:
            paths: files or folders; a file of a folder that cannot be read is reported, the others are added.
            progress: called with passages embedded and in all.
            files: called with files read and in all.
            supersedes: id of a document that the (single) added one replaces but which stays to be looked up.

        Raises:
            KnowledgeBaseError: no file could be read; nothing is changed then.
        """
        found = list(dict.fromkeys(path for root in paths for path in _files(root)))
        if not found:
            raise KnowledgeBaseError(f"no PDF, DOCX, HTML, Markdown or text file in {', '.join(map(str, paths))}")
        with self._locked():
            shelf = self.shelf()
            fresh, report = self._read(found, shelf, files)
            if report.failed and not report.ids:
                raise KnowledgeBaseError("; ".join(report.failed))
            new = _with(shelf, fresh, self._superseding(report.ids, supersedes, shelf))
            if new != shelf:
                self._replace(new, progress)
        return report

    def remove(self, document_id: str, progress: Progress | None = None) -> None:
        """Take a document off the list and out of the index; what it superseded is current again."""
        with self._locked():
            shelf = self.shelf()
            if document_id not in {document.id for document in shelf.documents}:
                there = ", ".join(document.id for document in shelf.documents) or "none"
                raise KnowledgeBaseError(f"no added document '{document_id}'; there are: {there}")
            left = tuple(document for document in shelf.documents if document.id != document_id)
            self._replace(Shelf(left, {old: new for old, new in shelf.superseded.items() if document_id not in (old, new)}), progress)

    def rebuild(self, progress: Progress | None = None) -> KnowledgeBase:
        """Build the index from nothing: no vector of an older index is used."""
        with self._locked():
            folder, embedder = self.data_dir / "index", self.embedder or MiniLM()
            before = names(folder)
            prune(folder, "", embedder, newest=0)
            forget(*self.store, before - names(folder), embedder.dim)
            return self.open(progress)

    def verify(self) -> list[str]:
        """One line for each doubt about the list and the index on disk; empty when both are whole."""
        try:
            kb = self.open()
        except KnowledgeBaseError as error:
            return [str(error)]
        lines = [f"index {kb.name}: {name} is not as it was written; rebuild it: assistant kb build --again" for name in
                 differences(self.data_dir / "index" / kb.name)]  # fmt: skip
        ids = [passage.id for passage in kb.index.passages]
        return lines + [f"passage id {name} stands twice" for name in sorted(name for name, n in Counter(ids).items() if n > 1)]

    def _read(self, paths: Sequence[Path], shelf: Shelf, files: Progress | None) -> tuple[list[Document], Report]:
        """The documents of files that are new or changed, and what became of each file."""
        have = {document.id: document for document in shelf.documents}
        shipped = {path.stem for path in self.guidelines.glob("*.md")}
        fresh: dict[str, Document] = {}
        became: dict[str, list[str]] = {"added": [], "replaced": [], "unchanged": [], "failed": []}
        for number, path in enumerate(paths, 1):
            try:
                if same := _same(path, have.values()):
                    became["unchanged"].append(same)
                else:
                    document = _flagged(ingest.read_document(path, shipped))
                    _refuse_twin(document, path, fresh)
                    fresh[document.id] = document
                    became["replaced" if document.id in have else "added"].append(document.id)
            except KnowledgeBaseError as error:
                became["failed"].append(str(error))
            except OSError as error:
                became["failed"].append(f"{path.name} cannot be read ({error.strerror}); check the file and its permissions")
            if files:
                files(number, len(paths))
        notes = tuple(line for document in fresh.values() for line in _notes(document))
        return list(fresh.values()), Report(**{name: tuple(lines) for name, lines in became.items()}, notes=notes)

    def _superseding(self, ids: Sequence[str], old: str, shelf: Shelf) -> dict[str, str]:
        if not old:
            return {}
        known = {path.stem for path in self.guidelines.glob("*.md")} | {document.id for document in shelf.documents}
        if len(ids) != 1 or old not in known or old == ids[0]:
            raise KnowledgeBaseError(f"'{old}' cannot be superseded; name one other document of `assistant kb list` and add one file")
        return {old: ids[0]}

    def _index(self, shelf: Shelf, progress: Progress | None) -> KnowledgeBase:
        extra = [_indexed(document) for document in shelf.documents]
        return KnowledgeBase.open(
            self.data_dir, guidelines=self.guidelines, extra=extra, replaced=shelf.superseded, embedder=self.embedder, progress=progress,
            vector_store=self.store[0], vector_store_url=self.store[1],
        )  # fmt: skip

    def _replace(self, shelf: Shelf, progress: Progress | None) -> None:
        # the index first, the list last: a process killed between them leaves the old list and its index
        self._index(shelf, progress)
        rows = [asdict(document) for document in shelf.documents]
        handle, beside = tempfile.mkstemp(dir=self.data_dir, prefix=".documents-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"documents": rows, "superseded": dict(shelf.superseded)}, file, default=str)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, self._list)
        for left in self.data_dir.glob(".documents-*"):     # of processes that were killed: this one holds the lock
            left.unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time changes the list; the lock of a killed process is free at once."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.data_dir / ".library.lock", timeout=LOCK_SECONDS):
                yield
        except Timeout as error:
            raise KnowledgeBaseError("another process is changing the library; wait until it is done and try again") from error


def withheld(document: Document) -> list[Passage]:
    """Passages of a document that give orders to a program."""
    ids = set(document.meta.get(WITHHELD, ()))
    return [passage for passage in document.passages if passage.id in ids]


def _indexed(document: Document) -> Document:
    ids = set(document.meta.get(WITHHELD, ()))
    return replace(document, passages=tuple(passage for passage in document.passages if passage.id not in ids))


def _flagged(document: Document) -> Document:
    """The document with the ids of its passages that give orders to a program, and without a title or heading that does."""
    title = document.path if find_injections(document.title) else document.title
    passages = tuple(
        replace(passage, title=title, section="" if find_injections(passage.section) else passage.section,
                sources=tuple(replace(s, title=title) if s.title == document.title else s for s in passage.sources))
        for passage in document.passages
    )  # fmt: skip
    orders = [passage.id for passage in passages if find_injections(passage.text)]
    return replace(document, title=title, passages=passages, meta={**document.meta, WITHHELD: orders})


def _notes(document: Document) -> Iterator[str]:
    for passage in withheld(document):
        span = find_injections(passage.text)[0]
        words = " ".join(passage.text[span.start : span.end].split())[:80]
        yield f'{passage.id} gives orders to a program ("{words}"); it is kept out of the index, so no answer or prompt holds it'
    if empty := document.meta.get("empty_pages"):
        yield f"{document.id}: {len(empty)} of {document.meta['pages']} pages hold no text (scanned?), the first is page {empty[0]}"


def _same(path: Path, documents: Iterable[Document]) -> str:
    """Id of the document that was made of this very file, of the same name; empty when there is none."""
    digest = ingest.fingerprint(path)
    return next((d.id for d in documents if d.meta.get("sha256") == digest and d.meta.get("file") == path.name), "")


def _refuse_twin(document: Document, path: Path, fresh: Mapping[str, Document]) -> None:
    if document.id in fresh:
        raise KnowledgeBaseError(f"{path.name} gets the id '{document.id}' that {fresh[document.id].path} has; rename one of them")


def _with(shelf: Shelf, fresh: Sequence[Document], superseded: Mapping[str, str]) -> Shelf:
    documents = {document.id: document for document in (*shelf.documents, *fresh)}
    return Shelf(tuple(documents[name] for name in sorted(documents)), {**shelf.superseded, **superseded})


def _files(root: Path) -> list[Path]:
    if not root.exists():
        raise KnowledgeBaseError(f"{root} does not exist; give a file or a folder")
    if root.is_file():
        return [root]
    return sorted(path for path in root.rglob("*") if path.suffix.lower() in ingest.READERS and path.is_file() and not _hidden(path, root))


def _hidden(path: Path, root: Path) -> bool:
    """Whether a file is hidden, in a hidden folder, or Word's note that another file is open."""
    return any(part.startswith((".", "~$")) for part in path.relative_to(root).parts)


def _document(row: Mapping[str, Any]) -> Document:
    passages = tuple(passage_from(passage) for passage in row["passages"])
    synonyms = tuple(str(word) for word in row.get("synonyms", []))
    return Document(str(row["id"]), str(row["title"]), dict(row["meta"]), passages, synonyms, str(row["path"]))
