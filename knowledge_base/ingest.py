"""A user's own guideline file becomes a Document: a digest with front matter is read as one, any other file page by page as text.

Text of a document is data: instructions inside it are quoted at most, never followed.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from knowledge_base.documents import Document, Source, parse_guideline
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.passages import Page, first_heading, passages

READING = 2                     # raise when files must be read anew although their bytes are the same
MAX_FILE_BYTES = 100_000_000
MAX_UNPACKED_BYTES = 500_000_000
MAX_XML_BYTES = 60_000_000      # parsed XML takes about ten times its size in memory
MAX_PAGES = 1500
FIRST_YEAR = 1980
REPEATED_PAGES = 4              # from so many pages on, a line at the edge of most of them is a running header or footer
TABLE_ROWS, TABLE_CELL = 2, 60  # a table of a PDF has so many rows of equally many cells, none longer than this

_DATED = re.compile(
    r"\b(?:published|updated?|revised|version|edition|issued|approved|guidelines?|protocol|reviewed)\b\D{0,40}\b((?:19|20)\d\d)\b", re.I
)
_NAMELESS = re.compile(r"^(untitled|microsoft word|document\d*|slide|powerpoint)|\.(docx?|pdf|indd|tex)$", re.I)


@dataclass(frozen=True, slots=True)
class Extract:
    """What a file holds: its pages, and the title and year that its properties name."""

    pages: Sequence[Page]
    title: str = ""
    year: int = 0


def fingerprint(path: Path) -> str:
    """SHA-256 of the bytes of a file and of the way it is read: equal where nothing would change."""
    _refuse_large(path)
    return hashlib.sha256(f"{READING}|".encode() + path.read_bytes()).hexdigest()


def read_document(path: Path, taken: Collection[str] = ()) -> Document:
    """Read a PDF, DOCX, HTML, Markdown or text file.

    Args:
        path: the file.
        taken: ids that a document must not take; "added-" is put before one of these.

    Raises:
        KnowledgeBaseError: unknown kind, too large, encrypted, damaged, or without text.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise KnowledgeBaseError(f"{path.name}: kind '{path.suffix}' is not known; allowed: {', '.join(sorted(READERS))}")
    meta = {"sha256": fingerprint(path), "file": path.name}
    if path.suffix.lower() == ".md" and _is_digest(text := _plain(path)):
        return _digest(text, path, taken, meta)
    extract = reader(path)
    pages = _without_running_lines([(number, _clean(text)) for number, text in extract.pages])
    empty = [number for number, text in pages if not text.strip()]
    if len(empty) == len(pages):
        raise KnowledgeBaseError(f"{path.name} holds no text (a scan?); run text recognition (OCR) on it first")
    return _document(path, replace(extract, pages=pages), taken, {**meta, "pages": len(pages), "empty_pages": empty})


def document_id(path: Path, taken: Collection[str] = ()) -> str:
    """The id that a file without front matter gets: its name in lower case, with hyphens."""
    name = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "document"
    return f"added-{name}" if name in taken else name


def _document(path: Path, extract: Extract, taken: Collection[str], meta: dict[str, Any]) -> Document:
    name = document_id(path, taken)
    title = _title(path, extract)
    source = Source(name, path.name, title, _year(extract), "")
    made = tuple(passages(name, title, extract.pages, source))
    return Document(name, title, meta, made, (), path.name)


def _is_digest(text: str) -> bool:
    front = text[: text.find("\n---\n", 4)] if text.startswith("---\n") else ""
    return all(re.search(rf"^{key}:", front, re.MULTILINE) for key in ("id", "title", "sources"))


def _digest(text: str, path: Path, taken: Collection[str], meta: dict[str, Any]) -> Document:
    document = parse_guideline(text, name=path.name)
    if document.id in taken:
        raise KnowledgeBaseError(f"{path.name}: the id '{document.id}' belongs to a shipped guideline; write another in its front matter")
    return replace(document, meta={**document.meta, **meta})


def _title(path: Path, extract: Extract) -> str:
    lines = (line.strip("#* ").strip() for _, text in extract.pages for line in text.splitlines())
    named = "" if _NAMELESS.search(extract.title.strip()) else extract.title
    for found in (first_heading(extract.pages), named, next(filter(None, lines), "")):
        if 3 <= len(title := " ".join(found.split())) <= 120:
            return title
    return path.stem


def _year(extract: Extract) -> int:
    """The year a document gives itself: in its title, beside a word such as "updated", in its properties, or on its first page."""
    text = extract.pages[0][1][:3000]
    years = [*_years(extract.title), *_years(first_heading(extract.pages))] or _years(" ".join(_DATED.findall(text)))
    return max(years or _years(str(extract.year)) or _years(text), default=0)


def _years(text: str) -> list[int]:
    return [year for found in re.findall(r"\b(?:19|20)\d\d\b", text) if FIRST_YEAR <= (year := int(found)) <= date.today().year]


def _clean(text: str) -> str:
    """Join words hyphenated at a line's end, and lines inside a paragraph; keep tables and lists on their own lines."""
    text = re.sub(r"(\w)-\n(\w)", r"\1\2", text.replace("\r\n", "\n").replace("\x00", "").replace("\f", "\n"))
    text = re.sub(r"(?<=[a-z,;]) ?\n(?=[a-z(])", " ", text)
    return re.sub(r"\n[ \t]*\n\s*\n", "\n\n", text)


def _without_running_lines(pages: list[Page]) -> list[Page]:
    """Drop first and last lines that stand on most pages, whatever number they hold: headers, footers, page numbers."""
    edges = [{_running(line) for line in (*_lines(text)[:1], *_lines(text)[-1:])} for _, text in pages]
    seen = [line for lines in edges for line in lines]
    running = {line for line in seen if seen.count(line) > len(pages) / 2} if len(pages) >= REPEATED_PAGES else set()
    return [(number, _trimmed(text, running)) for number, text in pages]


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _running(line: str) -> str:
    return re.sub(r"\d+", "#", line.strip().lower())


def _trimmed(text: str, running: set[str]) -> str:
    lines = text.split("\n") if running else []
    places = [place for place, line in enumerate(lines) if line.strip()]
    drop = {place for place in {*places[:1], *places[-1:]} if _running(lines[place]) in running}
    return "\n".join(line for place, line in enumerate(lines) if place not in drop) if drop else text


def _pdf(path: Path) -> Extract:
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise KnowledgeBaseError(f"{path.name} is encrypted; save it without a password first")
        if len(reader.pages) > MAX_PAGES:
            raise KnowledgeBaseError(f"{path.name} has {len(reader.pages)} pages; allowed: {MAX_PAGES}. Split it")
        about = reader.metadata
        pages = [(number, _pdf_page(page)) for number, page in enumerate(reader.pages, 1)]
        year = about.creation_date.year if about and about.creation_date else 0
        return Extract(pages, str((about and about.title) or ""), year)
    except DependencyError as error:
        raise KnowledgeBaseError(f"{path.name} is encrypted; save it without encryption first") from error
    # NotImplementedError among them: pypdf raises it for filters that it does not know
    except (PyPdfError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, AssertionError,
            NotImplementedError, zlib.error, struct.error) as error:  # fmt: skip
        raise KnowledgeBaseError(f"{path.name} is not a readable PDF ({type(error).__name__}); open it and save it again") from error


def _pdf_page(page: Any) -> str:
    """Text in reading order; where the layout shows rows of equally many short cells, these stand below it as a table."""
    text = str(page.extract_text())
    layout = page.extract_text(extraction_mode="layout", layout_mode_space_vertically=False) if text.strip() else ""
    tables = "\n\n".join(_table(rows) for rows in _layout_tables(layout))
    return f"{text}\n\n{tables}" if tables else text


def _layout_tables(layout: str) -> list[list[list[str]]]:
    """Runs of lines with three or more columns, or two of which the cells are short."""
    tables: list[list[list[str]]] = [[]]
    for line in layout.splitlines():
        cells = re.split(r" {3,}", line.strip())
        short = all(len(cell) <= (TABLE_CELL if len(cells) > 2 else TABLE_CELL // 2) for cell in cells)
        if len(cells) < 2 or not short:
            tables.append([])
        elif tables[-1] and len(tables[-1][0]) != len(cells):
            tables.append([cells])
        else:
            tables[-1].append(cells)
    return [rows for rows in tables if len(rows) >= TABLE_ROWS]


def _docx(path: Path) -> Extract:
    import docx
    from docx.opc.exceptions import OpcError

    _refuse_zip_bomb(path)
    try:
        document = docx.Document(str(path))
        lines = [_docx_block(block) for block in document.iter_inner_content()]
        about = document.core_properties
        return Extract([(None, "\n\n".join(lines))], about.title or "", about.modified.year if about.modified else 0)
    except (OpcError, KeyError, ValueError, SyntaxError, AttributeError, OSError, zipfile.BadZipFile, zlib.error) as error:
        raise KnowledgeBaseError(f"{path.name} is not a readable DOCX ({type(error).__name__}); open it and save it again") from error


def _docx_block(block: Any) -> str:
    if not hasattr(block, "text"):
        return _table([[cell.text for cell in row.cells] for row in block.rows])
    style = str(block.style.name) if block.style else ""
    return f"# {block.text}" if style.startswith(("Heading", "Title")) and block.text.strip() else str(block.text)


def _refuse_large(path: Path) -> None:
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise KnowledgeBaseError(f"{path.name} has {size / 1e6:.0f} MB; allowed: {MAX_FILE_BYTES / 1e6:.0f} MB. Split it")


def _refuse_zip_bomb(path: Path) -> None:
    if path.read_bytes()[:4] == b"\xd0\xcf\x11\xe0":
        raise KnowledgeBaseError(f"{path.name} is encrypted or an old DOC; save it as DOCX without a password first")
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = [(item.filename, item.file_size) for item in archive.infolist()]
    except zipfile.BadZipFile as error:
        raise KnowledgeBaseError(f"{path.name} is not a readable DOCX (no zip archive); open it and save it again") from error
    xml = [size for name, size in sizes if name.endswith((".xml", ".rels"))]
    for unpacked, allowed in ((sum(size for _, size in sizes), MAX_UNPACKED_BYTES), (sum(xml), MAX_XML_BYTES)):
        if unpacked > allowed:
            raise KnowledgeBaseError(f"{path.name} unpacks to {unpacked / 1e6:.0f} MB; allowed: {allowed / 1e6:.0f} MB")


def _html(path: Path) -> Extract:
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(_plain(path), "lxml")
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    for unwanted in soup(["script", "style", "nav", "footer", "header", "noscript", "title", "template"]):
        if not unwanted.find("h1"):     # a page may keep its title in its header
            unwanted.decompose()
    for table in soup("table"):
        rows = [[cell.get_text(" ", strip=True) for cell in row(["td", "th"])] for row in table("tr")]
        table.replace_with(f"\n{_table(rows)}\n")
    for heading in soup(["h1", "h2", "h3", "h4"]):
        words = " ".join(heading.get_text(" ").split())
        heading.replace_with(f"\n\n# {words}\n" if words else "\n")
    for block in soup(["p", "li", "div", "br"]):
        block.append("\n")
    return Extract([(None, re.sub(r"\n[ \t]+", "\n", re.sub(r"[ \t]+", " ", soup.get_text())))], title)


def _text(path: Path) -> Extract:
    return Extract([(None, _plain(path))])


def _plain(path: Path) -> str:
    raw = path.read_bytes()
    if b"\0" in raw[:4096]:
        raise KnowledgeBaseError(f"{path.name} is a binary file; give text, Markdown, HTML, DOCX or PDF")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _table(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(" | ".join(" ".join(cell.split()) for cell in row) for row in rows)


READERS: dict[str, Callable[[Path], Extract]] = {
    ".pdf": _pdf, ".docx": _docx, ".html": _html, ".htm": _html, ".md": _text, ".txt": _text,
}  # fmt: skip
