"""A handout as a page to print: HTML in one file, and PDF (extra `pdf`); large type, one column, no link that a printer needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

from assistant.education.handout_words import words
from assistant.errors import SettingsError
from assistant.records import Handout, HandoutSection, Sentence

MARGINS = ("leftMargin", "rightMargin", "topMargin", "bottomMargin")      # of a PDF page, in points
STAR = " *"             # a line that a machine worded
BODY_PT, HEADING_PT, TITLE_PT, SMALL_PT = 14, 18, 24, 10      # 14 pt is large print
CHINESE_FONT = "STSong-Light"   # named only: a PDF reader without Chinese fonts shows nothing in its place
# TrueType fonts of common systems that can be put into the file; the first that is there is taken
CHINESE_FILES = (
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    "/System/Library/Fonts/STHeiti Light.ttc",
    "C:/Windows/Fonts/simhei.ttf",
)
CSS = """
:root { color-scheme: light; }
body { font: 1.25rem/1.6 system-ui, "Segoe UI", Arial, "Noto Sans SC", sans-serif; color: #111; background: #fff; }
body { max-width: 42rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 2rem; line-height: 1.2; }
h2 { font-size: 1.5rem; margin: 1.6rem 0 .4rem; }
li { margin: .35rem 0; }
.urgent { border: 3px solid #a40000; border-radius: .5rem; padding: .2rem 1rem .6rem; }
.urgent h2 { color: #a40000; margin-top: .6rem; }
footer { margin-top: 2rem; border-top: 1px solid #888; font-size: .95rem; color: #333; }
@media print {
  body { font-size: 14pt; margin: 0; max-width: none; }
  h2 { break-after: avoid; }
  li, .urgent { break-inside: avoid; }
  @page { margin: 18mm; }
}
"""


def file_name(handout: Handout, kind: str) -> str:
    """Name of the file to save, of letters that every system takes: "gout-es.pdf"."""
    topic = re.sub(r"[^a-z0-9]+", "-", handout.topic.lower()).strip("-") or "handout"
    return f"{topic}{'' if handout.language == 'en' else f'-{handout.language}'}.{kind}"


def html(handout: Handout, *, on: date | None = None) -> str:
    """The handout as one HTML file: no script, no outside file; every text is escaped."""
    sections = "\n".join(_html_section(section, handout) for section in handout.sections)
    foot = "".join(f"<p>{escape(line)}</p>" for line in _foot(handout, on))
    return (
        f'<!doctype html>\n<html lang="{escape(handout.language)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(handout.topic)}</title>\n'
        f"<style>{CSS}</style>\n"
        f"</head>\n<body>\n<main>\n<h1>{escape(handout.topic)}</h1>\n{sections}\n</main>\n<footer>{foot}</footer>\n</body>\n</html>\n"
    )


def _html_section(section: HandoutSection, handout: Handout) -> str:
    kind = ' class="urgent"' if section.heading == words(handout.language)["headings"]["urgent"] else ""
    items = "\n".join(f"<li>{_html_item(sentence, handout)}</li>" for sentence in section.sentences)
    return f"<section{kind}>\n<h2>{escape(section.heading)}</h2>\n<ul>\n{items}\n</ul>\n</section>"


def _html_item(sentence: Sentence, handout: Handout) -> str:
    out = ""
    for bullets, lines in blocks(_starred(sentence, handout)):
        inner = "".join(f"<li>{escape(line)}</li>" for line in lines)
        out += f"<ul>{inner}</ul>" if bullets else " ".join(map(escape, lines))
    return out


def _starred(sentence: Sentence, handout: Handout) -> str:
    return sentence.text + (STAR if sentence.origin == "model" and sentence.provenance == "guideline" else "")


def blocks(text: str) -> Iterator[tuple[bool, list[str]]]:
    """(is a list, its lines) of a text whose list items stand on lines that begin with a bullet."""
    held: list[str] = []
    bullets = False
    for line in filter(None, text.split("\n")):
        is_item = line.startswith("• ")
        if held and is_item != bullets:
            yield bullets, held
            held = []
        bullets = is_item
        held.append(line.removeprefix("• "))
    if held:
        yield bullets, held


def _foot(handout: Handout, on: date | None) -> list[str]:
    phrases = words(handout.language)["phrases"]
    cited = dict.fromkeys(part for s in handout.sections for line in s.sentences for c in line.citations for part in c.source.split("; "))
    return [
        f"{phrases['sources']}: {'; '.join(cited)}." if cited else "",
        f"{phrases['grade']}: {handout.grade:.1f} (Flesch-Kincaid), {handout.smog:.1f} (SMOG).",
        f"{phrases['made']}: {(on or date.today()).isoformat()}. {handout.safety_line}",
    ]


def pdf(handout: Handout, *, on: date | None = None) -> bytes:
    """The handout as a PDF of A4 pages in large type.

    Raises:
        SettingsError: the PDF writer is not installed; the message says how to install it.
    """
    try:
        from reportlab.lib.pagesizes import A4
        from reportlab.platypus import SimpleDocTemplate
    except ImportError as error:
        raise SettingsError("no PDF writer here; run: pip install 'clinical-assistant[pdf]', or write HTML and print it") from error
    out = BytesIO()
    page = SimpleDocTemplate(out, pagesize=A4, title=handout.topic, lang=handout.language, invariant=1, **dict.fromkeys(MARGINS, 50))
    page.build(list(_flow(handout, on)))
    return out.getvalue()


def _flow(handout: Handout, on: date | None) -> Iterator[Any]:
    from reportlab.platypus import Paragraph

    styles = _styles(handout.language)
    yield Paragraph(escape(handout.topic), styles["title"])
    for section in handout.sections:
        urgent = section.heading == words(handout.language)["headings"]["urgent"]
        yield Paragraph(escape(section.heading), styles["urgent" if urgent else "heading"])
        for sentence in section.sentences:
            for number, (bullets, lines) in enumerate(blocks(_starred(sentence, handout))):
                yield from _paragraphs(lines, styles, inner=bullets, first=number == 0)
    for line in filter(None, _foot(handout, on)):
        yield Paragraph(escape(line), styles["small"])


def _paragraphs(lines: list[str], styles: dict[str, Any], *, inner: bool, first: bool) -> Iterator[Any]:
    from reportlab.platypus import Paragraph

    if inner:
        for line in lines:
            yield Paragraph(escape(line), styles["inner"], bulletText="–")
    else:
        yield Paragraph(escape(" ".join(lines)), styles["item"], bulletText="•" if first else None)


def _styles(language: str) -> dict[str, Any]:
    from reportlab.lib.colors import HexColor
    from reportlab.lib.styles import ParagraphStyle

    plain, bold = _fonts(language)
    wrap = {"wordWrap": "CJK"} if language == "zh" else {}

    def style(name: str, size: int, font: str, **more: Any) -> Any:
        return ParagraphStyle(name, fontName=font, fontSize=size, leading=size * 1.35, **{**wrap, **more})

    return {
        "title": style("title", TITLE_PT, bold, spaceAfter=10),
        "heading": style("heading", HEADING_PT, bold, spaceBefore=14, spaceAfter=4, keepWithNext=1),
        "urgent": style("urgent", HEADING_PT, bold, spaceBefore=14, spaceAfter=4, keepWithNext=1, textColor=HexColor("#a40000")),
        "item": style("item", BODY_PT, plain, leftIndent=16, bulletIndent=2, spaceAfter=3),
        "inner": style("inner", BODY_PT, plain, leftIndent=34, bulletIndent=20, spaceAfter=1),
        "small": style("small", SMALL_PT, plain, spaceBefore=6),
    }


def _fonts(language: str) -> tuple[str, str]:
    if language != "zh":
        return "Helvetica", "Helvetica-Bold"
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFont

    path = chinese_file()
    font = TTFont(path.stem, path) if path else UnicodeCIDFont(CHINESE_FONT)
    pdfmetrics.registerFont(font)
    return font.fontName, font.fontName


def chinese_file() -> Path | None:
    """A font of this machine that a Chinese PDF takes along; None when its reader must have one."""
    return next((path for path in map(Path, CHINESE_FILES) if path.is_file()), None)
