"""A user's own guideline file becomes a Document: text by page, split into passages that the encoder reads whole.

Text of a document is data: instructions inside it are quoted at most, never followed.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree.ElementTree import ParseError

from langchain_text_splitters import RecursiveCharacterTextSplitter

from knowledge_base.documents import Document, Passage, Source
from knowledge_base.errors import KnowledgeBaseError

MAX_FILE_BYTES = 100_000_000
MAX_UNPACKED_BYTES = 500_000_000
MAX_PAGES = 1500
PASSAGE_CHARACTERS = 700   # about 170 word pieces: below the encoder's 256 with the title in front
OVERLAP_CHARACTERS = 80

Page = tuple[int | None, str]


def read_document(path: Path) -> Document:
    """Read a PDF, DOCX, HTML, Markdown or text file.

    Raises:
        KnowledgeBaseError: unknown kind, too large, encrypted, damaged, or without text.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise KnowledgeBaseError(f"{path.name}: kind '{path.suffix}' is not known; allowed: {', '.join(sorted(READERS))}")
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise KnowledgeBaseError(f"{path.name} has {size / 1e6:.0f} MB; allowed: {MAX_FILE_BYTES / 1e6:.0f} MB. Split it")
    pages = [(number, _clean(text)) for number, text in reader(path)]
    if not any(text.strip() for _, text in pages):
        raise KnowledgeBaseError(f"{path.name} holds no text (a scan?); run text recognition (OCR) on it first")
    return _document(path, pages)


def _document(path: Path, pages: list[Page]) -> Document:
    document_id = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "document"
    title = _title(path, pages)
    content = hashlib.sha256("\f".join(text for _, text in pages).encode()).hexdigest()
    source = Source(document_id, "Added document", title, _year(pages), path.name)
    passages = tuple(_passages(document_id, title, pages, source))
    return Document(document_id, title, {"sha256": content, "pages": len(pages)}, passages, (), path.name)


def _passages(document_id: str, title: str, pages: list[Page], source: Source) -> Iterator[Passage]:
    splitter = RecursiveCharacterTextSplitter(
        chunk_size=PASSAGE_CHARACTERS, chunk_overlap=OVERLAP_CHARACTERS, add_start_index=True, separators=["\n\n", "\n", ". ", " ", ""]
    )
    offset, number, heading = 0, 0, ""
    for page, text in pages:
        for chunk in splitter.create_documents([text]):
            start = offset + int(chunk.metadata["start_index"])
            heading = _heading(chunk.page_content) or heading
            number += 1
            yield Passage(
                id=f"{document_id}#{f'p{page}.' if page else ''}{number}", document_id=document_id, title=title, section=heading,
                text=chunk.page_content, start=start, end=start + len(chunk.page_content), sources=(source,), page=page,
            )  # fmt: skip
        offset += len(text) + 1


def _heading(text: str) -> str:
    match = re.search(r"^(?:#{1,6}\s+(.{3,80})|(\d+(?:\.\d+)*\.?\s+[A-Z].{2,70}))$", text, re.MULTILINE)
    return (match[1] or match[2]).strip() if match else ""


def _title(path: Path, pages: list[Page]) -> str:
    first = next((line.strip("# ").strip() for _, text in pages for line in text.splitlines() if line.strip()), "")
    return first if 3 <= len(first) <= 120 else path.stem


def _year(pages: list[Page]) -> int:
    years = re.findall(r"\b(?:19[89]\d|20[0-4]\d)\b", pages[0][1][:3000])
    return max(map(int, years), default=0)


def _clean(text: str) -> str:
    """Join words hyphenated at a line's end, and lines inside a paragraph; keep tables and lists on their own lines."""
    text = re.sub(r"(\w)-\n(\w)", r"\1\2", text.replace("\r\n", "\n").replace("\x00", ""))
    text = re.sub(r"(?<=[a-z,;])\n(?=[a-z(])", " ", text)
    return re.sub(r"\n{3,}", "\n\n", text)


def _pdf(path: Path) -> Iterator[Page]:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise KnowledgeBaseError(f"{path.name} is encrypted; save it without a password first")
        if len(reader.pages) > MAX_PAGES:
            raise KnowledgeBaseError(f"{path.name} has {len(reader.pages)} pages; allowed: {MAX_PAGES}. Split it")
        pages = [(number, page.extract_text()) for number, page in enumerate(reader.pages, 1)]
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise KnowledgeBaseError(f"{path.name} is not a readable PDF ({type(error).__name__}); open it and save it again") from error
    yield from pages


def _docx(path: Path) -> Iterator[Page]:
    import docx

    _refuse_zip_bomb(path)
    try:
        document = docx.Document(str(path))
    except (KeyError, ValueError, ParseError, zipfile.BadZipFile) as error:
        raise KnowledgeBaseError(f"{path.name} is not a readable DOCX ({type(error).__name__}); open it and save it again") from error
    lines = [
        (f"# {block.text}" if (block.style and str(block.style.name).startswith("Heading")) else block.text)
        if hasattr(block, "text") else _table([[cell.text for cell in row.cells] for row in block.rows])
        for block in document.iter_inner_content()
    ]  # fmt: skip
    yield None, "\n\n".join(lines)


def _refuse_zip_bomb(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
    except zipfile.BadZipFile as error:
        raise KnowledgeBaseError(f"{path.name} is not a readable DOCX (no zip archive); open it and save it again") from error
    if unpacked > MAX_UNPACKED_BYTES:
        raise KnowledgeBaseError(f"{path.name} unpacks to {unpacked / 1e6:.0f} MB; allowed: {MAX_UNPACKED_BYTES / 1e6:.0f} MB")


def _html(path: Path) -> Iterator[Page]:
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(_plain(path), "lxml")
    for unwanted in soup(["script", "style", "nav", "footer", "header", "noscript"]):
        unwanted.decompose()
    for table in soup("table"):
        rows = [[cell.get_text(" ", strip=True) for cell in row(["td", "th"])] for row in table("tr")]
        table.replace_with(f"\n{_table(rows)}\n")
    for heading in soup(["h1", "h2", "h3", "h4"]):
        heading.insert_before("\n\n# ")
        heading.insert_after("\n")
    for block in soup(["p", "li", "div", "br"]):
        block.append("\n")
    yield None, re.sub(r"[ \t]+", " ", soup.get_text())


def _text(path: Path) -> Iterator[Page]:
    yield None, _plain(path)


def _plain(path: Path) -> str:
    raw = path.read_bytes()
    if b"\0" in raw[:4096]:
        raise KnowledgeBaseError(f"{path.name} is a binary file; give text, Markdown, HTML, DOCX or PDF")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _table(rows: list[list[str]]) -> str:
    return "\n".join(" | ".join(" ".join(cell.split()) for cell in row) for row in rows)


READERS: dict[str, Callable[[Path], Iterator[Page]]] = {
    ".pdf": _pdf, ".docx": _docx, ".html": _html, ".htm": _html, ".md": _text, ".txt": _text,
}  # fmt: skip
