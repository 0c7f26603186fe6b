"""The index on disk: vectors in FAISS, words in BM25, passages as JSON lines. One folder, named by a hash of what shaped it.

A folder is written beside and renamed, so that an index is there whole or not at all, and a stale one cannot be opened by accident.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from knowledge_base.documents import Passage, Source
from knowledge_base.embed import Embedder, Vectors
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.lexical import Lexical
from knowledge_base.rules import Rule, Term
from knowledge_base.terms import Terms

FORMAT = 2  # raise when the layout below changes
CHUNK = 64
MANIFEST = "manifest.json"
UNFINISHED = (".building", ".removed")  # folders being written or deleted; no index is looked for in them
KEPT = 3                                # newest indexes of an embedder; another process may still read the one before
STALE_SECONDS = 86_400.0

Progress = Callable[[int, int], None]  # passages done, passages in all


@dataclass(frozen=True)
class Index:
    """n passages with their vectors, row by row."""

    name: str
    passages: tuple[Passage, ...]
    vectors: faiss.Index
    lexical: Lexical
    terms: Terms


def index_name(passages: Iterable[Passage], embedder: Embedder) -> str:
    """Name of the index that these passages and this embedder make."""
    digest = hashlib.sha256(f"{FORMAT}|{embedder.name}|{embedder.dim}".encode())
    for passage in passages:
        digest.update(repr(passage).encode())
    return f"{embedder.name.lower()}-{digest.hexdigest()[:16]}"


def open_or_build(passages: Sequence[Passage], embedder: Embedder, folder: Path, progress: Progress | None = None) -> Index:
    """Open the index of these passages, or build it, reusing the vectors of any older index of the same embedder."""
    name = index_name(passages, embedder)
    if (folder / name / MANIFEST).exists():
        try:
            return load(folder / name)
        except KnowledgeBaseError as error:
            logging.getLogger(__name__).warning("%s; it is built again now", error)
            _discard(folder / name)
    _write(name, passages, _encode(passages, embedder, folder, progress), folder)
    prune(folder, name, embedder)
    return load(folder / name)


def names(folder: Path) -> set[str]:
    """Names of the indexes in a folder."""
    return {manifest.parent.name for manifest in folder.glob(f"*/{MANIFEST}")}


def newest(folder: Path, embedder_name: str) -> tuple[str, int]:
    """Name of the newest index of an embedder and its passages; ("", 0) when there is none."""
    made = sorted(folder.glob(f"{embedder_name.lower()}-*/{MANIFEST}"), key=lambda path: path.stat().st_mtime)
    return (made[-1].parent.name, int(json.loads(made[-1].read_text(encoding="utf-8"))["passages"])) if made else ("", 0)


def prune(folder: Path, keep: str, embedder: Embedder, *, newest: int = KEPT) -> None:
    """Delete all but the newest indexes of an embedder (and `keep`), and what killed processes left behind."""
    made = sorted(folder.glob(f"{embedder.name.lower()}-*/{MANIFEST}"), key=lambda path: -path.stat().st_mtime)
    for manifest in made[newest:]:
        if manifest.parent.name != keep:
            _discard(manifest.parent)
    for left in folder.glob(".*"):
        if left.name.startswith(UNFINISHED) and time.time() - left.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


def differences(folder: Path) -> list[str]:
    """Files of an index folder that are not as they were written, by SHA-256; empty for a whole index."""
    try:
        written = json.loads((folder / MANIFEST).read_text(encoding="utf-8")).get("files", {})
        return [name for name, digest in written.items() if not (folder / name).is_file() or _sha256(folder / name) != digest]
    except (OSError, ValueError) as error:
        return [f"{MANIFEST} ({type(error).__name__})"]


def build(passages: Sequence[Passage], embedder: Embedder, progress: Progress | None = None) -> Index:
    """Build an index in memory alone."""
    vectors = _encode(passages, embedder, None, progress)
    return Index(index_name(passages, embedder), tuple(passages), _flat(vectors), _lexical(passages), Terms.build(passages))


def load(folder: Path) -> Index:
    """Read an index folder; KnowledgeBaseError when a part is missing or does not fit."""
    try:
        with (folder / "passages.jsonl").open(encoding="utf-8") as lines:
            passages = tuple(passage_from(json.loads(line)) for line in lines)
        vectors = faiss.read_index(str(folder / "vectors.faiss"))
        lexical = Lexical.load(folder / "lexical")
        terms = Terms.load(folder)
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise KnowledgeBaseError(f"the index {folder.name} is damaged ({type(error).__name__}); rebuild it: assistant kb build") from error
    if vectors.ntotal != len(passages):
        raise KnowledgeBaseError(
            f"the index {folder.name} holds {vectors.ntotal} vectors for {len(passages)} passages; rebuild it: assistant kb build"
        )
    return Index(folder.name, passages, vectors, lexical, terms)


def _encode(passages: Sequence[Passage], embedder: Embedder, folder: Path | None, progress: Progress | None) -> Vectors:
    known = _known_vectors(folder, embedder) if folder else {}
    rows = np.zeros((len(passages), embedder.dim), dtype=np.float32)
    # by length, so that a batch holds little padding
    missing = sorted((i for i, p in enumerate(passages) if p.embedded_text not in known), key=lambda i: len(passages[i].embedded_text))
    for i, passage in enumerate(passages):
        if passage.embedded_text in known:
            rows[i] = known[passage.embedded_text]
    for start in range(0, len(missing), CHUNK):
        batch = missing[start : start + CHUNK]
        rows[batch] = embedder.encode([passages[i].embedded_text for i in batch])
        if progress:
            progress(start + len(batch), len(missing))
    return rows


def _known_vectors(folder: Path, embedder: Embedder) -> dict[str, Vectors]:
    """Vectors of the newest index of this embedder, by embedded text: adding one document embeds one document."""
    old = sorted(folder.glob(f"{embedder.name.lower()}-*/{MANIFEST}"), key=lambda path: path.stat().st_mtime)
    if not old:
        return {}
    try:
        index = load(old[-1].parent)
    except KnowledgeBaseError:
        return {}  # a damaged old index costs time, not the new one
    vectors = index.vectors.reconstruct_n(0, index.vectors.ntotal)
    return {passage.embedded_text: vectors[i] for i, passage in enumerate(index.passages)}


def _flat(vectors: Vectors) -> faiss.Index:
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(vectors)
    return flat


def _lexical(passages: Sequence[Passage]) -> Lexical:
    return Lexical.build([passage.embedded_text for passage in passages])


def _write(name: str, passages: Sequence[Passage], vectors: Vectors, folder: Path) -> None:
    beside: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f"{UNFINISHED[0]}-", dir=folder))
        faiss.write_index(_flat(vectors), str(beside / "vectors.faiss"))
        _lexical(passages).save(beside / "lexical")
        Terms.build(passages).save(beside)
        with (beside / "passages.jsonl").open("w", encoding="utf-8") as lines:
            lines.writelines(json.dumps(asdict(passage)) + "\n" for passage in passages)
        files = {str(path.relative_to(beside)): _sha256(path) for path in sorted(beside.rglob("*")) if path.is_file()}
        manifest = {"name": name, "passages": len(passages), "format": FORMAT, "files": files}
        (beside / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        _settle(beside, folder / name)
    except OSError as error:
        if beside:
            shutil.rmtree(beside, ignore_errors=True)
        raise KnowledgeBaseError(
            f"the index could not be written to {folder} ({error.strerror}); free some space or set data_dir"
        ) from error


def _settle(beside: Path, place: Path) -> None:
    """Put a finished folder in its place; when another process was faster, theirs stays: the same name holds the same index."""
    for path in beside.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
    if place.exists() and not (place / MANIFEST).exists():
        _discard(place)
    try:
        os.replace(beside, place)
    except OSError:
        if not (place / MANIFEST).exists():
            raise
        shutil.rmtree(beside, ignore_errors=True)


def _discard(place: Path) -> None:
    """Take a folder away in one step, then delete it: a half-deleted index never stands under its name."""
    aside = Path(tempfile.mkdtemp(prefix=f"{UNFINISHED[1]}-", dir=place.parent))
    with contextlib.suppress(FileNotFoundError):    # another process took it away
        os.replace(place, aside / "index")
    shutil.rmtree(aside, ignore_errors=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def passage_from(row: dict[str, Any]) -> Passage:
    """The passage that `asdict` and JSON made a row of."""
    sources = tuple(Source(**source) for source in row["sources"])
    rules = tuple(Rule(tuple(Term(**term) for term in rule["terms"]), rule["effect"], rule["subject"]) for rule in row["rules"])
    return Passage(**{**row, "sources": sources, "rules": rules})
