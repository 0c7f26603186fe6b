"""Guideline digests: a Markdown file becomes a Document of Passages, each with a readable id and its exact place in the file.

The form of the files is described in FORMAT.md. A file that breaks it is refused with its line number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.lexicon import classes_in
from knowledge_base.rules import Rule, parse_rule

GUIDELINES = Path(__file__).parent / "guidelines"
SECTIONS = (
    "Definition", "Presentation", "Red flags", "Diagnosis", "Tests", "Treatment", "Monitoring", "Referral and admission", "Patient advice",
)  # fmt: skip
REQUIRED = ("id", "title", "population", "jurisdiction", "version", "checked", "licence", "sources")

# libyaml reads the front matter of 200 files in 0.3 s, the Python loader in 3 s
_SAFE_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_HEADING = re.compile(r"##\s+(.+?)\s*$")
_ITEM = re.compile(r"-\s+(?P<text>.+?)\s*\[(?P<sources>[a-z0-9_.,\s-]+)\]\s*(?:\{(?P<tags>[^{}]*)\})?\s*$")


@dataclass(frozen=True, slots=True)
class Source:
    """A publication that statements rest on."""

    id: str
    organisation: str
    title: str
    year: int
    url: str

    @property
    def label(self) -> str:
        """Organisation and year, as a reader cites it; without the year where a document names none."""
        return f"{self.organisation} {self.year}" if self.year else self.organisation


@dataclass(frozen=True, slots=True)
class Passage:
    """A statement that can be cited alone.

    `start` and `end` are character offsets of `text` in the document's file (or extracted text);
    `page` is 1-based and only known for paged documents.
    """

    id: str
    document_id: str
    title: str
    section: str
    text: str
    start: int
    end: int
    sources: tuple[Source, ...]
    population: str = ""
    jurisdiction: str = ""
    strength: str = ""
    rules: tuple[Rule, ...] = ()
    page: int | None = None
    superseded_by: str = ""

    @property
    def source_label(self) -> str:
        """Organisations and years of all sources, and what replaced them: an outdated statement is never cited silently."""
        banner = f" (superseded by {self.superseded_by})" if self.superseded_by else ""
        return "; ".join(source.label for source in self.sources) + banner

    @property
    def url(self) -> str:
        """Link of the first source, empty when there is none."""
        return self.sources[0].url if self.sources else ""

    @property
    def embedded_text(self) -> str:
        """What is embedded and indexed: the condition, the heading, then the statement."""
        return ". ".join(filter(None, (self.title, self.section, self.searched_text)))

    @property
    def searched_text(self) -> str:
        """The statement with the classes of its drugs: who asks for an antibiotic finds ceftriaxone."""
        classes = classes_in(self.text)
        return f"{self.text} ({', '.join(classes)})" if classes else self.text


@dataclass(frozen=True, slots=True)
class Document:
    """A guideline digest or a user's own document."""

    id: str
    title: str
    meta: Mapping[str, Any]
    passages: tuple[Passage, ...]
    synonyms: tuple[str, ...] = ()
    path: str = ""


def superseded(document: Document, by: str) -> Document:
    """The document with every passage marked as replaced by the document of that id; an empty id leaves it as it is."""
    if not by:
        return document
    passages = tuple(replace(passage, superseded_by=by) for passage in document.passages)
    return replace(document, meta={**document.meta, "superseded_by": by}, passages=passages)


def load_guidelines(folder: Path = GUIDELINES) -> list[Document]:
    """Read every digest of a folder, sorted by id.

    Raises:
        KnowledgeBaseError: no digest there, a malformed one, or an id that stands twice.
    """
    documents = [read_guideline(path) for path in sorted(folder.glob("*.md"))]
    if not documents:
        raise KnowledgeBaseError(f"no guideline files (*.md) in {folder}; reinstall, or name another folder")
    ids = [document.id for document in documents]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise KnowledgeBaseError(f"guideline ids stand twice: {', '.join(twice)}; rename one of each")
    return documents


def read_guideline(path: Path) -> Document:
    """Read one digest; the error names file and line."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise KnowledgeBaseError(f"{path.name} is not UTF-8 text; save it as UTF-8") from error
    return parse_guideline(text, name=path.name)


def parse_guideline(text: str, *, name: str) -> Document:
    """Turn the text of a digest into a Document whose passages carry offsets into `text`."""
    meta, body_start = _front_matter(text, name)
    sources = {key: _source(key, row, name) for key, row in meta["sources"].items()}
    passages = tuple(_passages(text, body_start, meta, sources, name))
    if not passages:
        raise KnowledgeBaseError(f"{name}: no statement found; write lines that start with '- ' under '## ' headings")
    synonyms = tuple(str(word) for word in meta.get("synonyms") or ())
    return Document(meta["id"], meta["title"], meta, passages, synonyms, name)


def _front_matter(text: str, name: str) -> tuple[dict[str, Any], int]:
    if not text.startswith("---\n") or "\n---\n" not in text[4:]:
        raise KnowledgeBaseError(f"{name}: front matter is missing; start the file with '---', keys and '---'")
    end = text.index("\n---\n", 4)
    try:
        meta = yaml.load(text[4:end], Loader=_SAFE_LOADER)  # either makes plain values only, as safe_load does
    except yaml.YAMLError as error:
        raise KnowledgeBaseError(f"{name}: front matter is not YAML: {str(error).splitlines()[0]}") from error
    lacking = [key for key in REQUIRED if not (isinstance(meta, dict) and meta.get(key))]
    if lacking:
        raise KnowledgeBaseError(f"{name}: front matter lacks {', '.join(lacking)}")
    return meta, end + len("\n---\n")


def _source(key: str, row: Mapping[str, Any], name: str) -> Source:
    try:
        return Source(key, str(row["organisation"]), str(row["title"]), int(row["year"]), str(row["url"]))
    except (KeyError, TypeError, ValueError) as error:
        raise KnowledgeBaseError(f"{name}: source {key} needs organisation, title, year and url") from error


def _passages(text: str, offset: int, meta: Mapping[str, Any], sources: Mapping[str, Source], name: str) -> Iterator[Passage]:
    section, number = "", 0
    for line in text[offset:].splitlines(keepends=True):
        where = f"{name}:{text.count(chr(10), 0, offset) + 1}"
        if heading := _HEADING.match(line):
            section, number = _known_section(heading[1], where), 0
        elif line.startswith("- "):
            number += 1
            yield _passage(line, offset, section, number, meta, sources, where)
        elif line.strip():
            raise KnowledgeBaseError(f"{where}: neither a '## ' heading nor a '- ' statement")
        offset += len(line)


def _known_section(heading: str, where: str) -> str:
    if heading not in SECTIONS:
        raise KnowledgeBaseError(f"{where}: unknown section '{heading}'; allowed: {', '.join(SECTIONS)}")
    return heading


def _passage(
    line: str, offset: int, section: str, number: int, meta: Mapping[str, Any], sources: Mapping[str, Source], where: str
) -> Passage:
    item = _ITEM.match(line)
    if not item or not section:
        raise KnowledgeBaseError(f"{where}: a statement is '- text [source-id]' with an optional '{{key: value}}' block, under a heading")
    named = [key.strip() for key in item["sources"].split(",")]
    unknown = [key for key in named if key not in sources]
    if unknown:
        raise KnowledgeBaseError(f"{where}: source {', '.join(unknown)} is not in the front matter")
    tags = _tags(item["tags"] or "", where)
    return Passage(
        id=f"{meta['id']}#{section.lower().replace(' ', '-')}.{number}",
        document_id=meta["id"],
        title=meta["title"],
        section=section,
        text=item["text"],
        start=offset + item.start("text"),
        end=offset + item.end("text"),
        sources=tuple(sources[key] for key in named),
        population=tags.text.get("population", str(meta["population"])),
        jurisdiction=tags.text.get("jurisdiction", str(meta["jurisdiction"])),
        strength=tags.text.get("strength", ""),
        rules=tags.rules,
        superseded_by=str(meta.get("superseded_by") or ""),
    )


@dataclass(frozen=True, slots=True)
class _Tags:
    text: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()


def _tags(block: str, where: str) -> _Tags:
    text: dict[str, str] = {}
    rules: list[Rule] = []
    for pair in filter(str.strip, block.split(";")):
        key, colon, value = (part.strip() for part in pair.partition(":"))
        if key == "when":
            rules.append(parse_rule(value, where=where))
        elif colon and key in ("strength", "population", "jurisdiction"):
            text[key] = value
        else:
            raise KnowledgeBaseError(f"{where}: unknown tag '{key}'; allowed: when, strength, population, jurisdiction")
    return _Tags(text, tuple(rules))
