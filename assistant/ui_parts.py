"""Pieces of HTML that the tabs share: a table, a block that opens, a statement with its source, a file to download."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape

from assistant.records import Citation, Dropped, RedFlag, Span

CSS = """
.shown {overflow-x: auto}
.shown h3 {margin: 14px 0 4px}
.shown h3:first-child {margin-top: 0}
.shown table {width: 100%; border-collapse: collapse; margin: 6px 0}
.shown th, .shown td, .shown tr, .shown table {border: none}
.shown th {text-align: left; font-weight: 600; border-bottom: 2px solid var(--border-color-primary); padding: 4px 8px}
.shown td {vertical-align: top; border-bottom: 1px solid var(--border-color-primary); padding: 5px 8px}
.shown .two ul {columns: 2; column-gap: 34px}
.shown small a {margin: 0; padding: 0; overflow-wrap: anywhere}
.shown ul, .shown ol {margin: 4px 0; padding-left: 22px}
.shown ul {list-style: disc}
.shown ol {list-style: decimal}
.shown details {border: 1px solid var(--border-color-primary); border-radius: 8px; padding: 6px 10px; margin: 6px 0}
.shown summary {cursor: pointer; font-weight: 600}
.shown blockquote {margin: 6px 0; padding-left: 10px; border-left: 3px solid var(--color-accent)}
.shown mark {background: var(--color-accent-soft); color: inherit; font-weight: 600; border-radius: 3px; padding: 0 2px}
.shown pre {white-space: pre-wrap; font-family: inherit}
.shown small, .shown .start {font-weight: 400; opacity: 0.8}
.shown .alarm {border: 2px solid #b42318; border-radius: 8px; padding: 6px 10px; margin: 6px 0}
.shown .note {border-left: 3px solid var(--color-accent); padding: 4px 10px; margin: 8px 0}
.shown .bar {background: var(--color-accent); height: 6px; border-radius: 3px; min-width: 2px}
.shown .bar.less {background: var(--body-text-color-subdued)}
.shown .rank {width: 2.2em}
.shown .number {white-space: nowrap}
.shown .plain details {border: none; padding: 1px 0; margin: 0}
.shown .plain summary {font-weight: 400}
.shown a.file {display: inline-block; border: 1px solid var(--border-color-primary); border-radius: 8px; padding: 5px 12px}
.shown a.file {margin: 4px 8px 4px 0; text-decoration: none; font-weight: 600}
.shown iframe {width: 100%; height: 640px; border: 1px solid var(--border-color-primary); border-radius: 8px; background: #fff}
"""
BAR = 60        # pixels of the longest bar
AROUND = 60     # characters of the note shown on each side of what a line rests on


class Html(str):
    """HTML that is built already; every other text is escaped."""

    __slots__ = ()


def safe(text: str) -> str:
    """The text as HTML."""
    return text if isinstance(text, Html) else escape(text)


def block(title: str, body: str) -> Html:
    """A headed block; nothing without a body."""
    return Html(f"<h3>{safe(title)}</h3>{safe(body)}" if body else "")


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> Html:
    """A table; nothing without rows."""
    body = "".join(f"<tr>{''.join(f'<td>{safe(cell)}</td>' for cell in row)}</tr>" for row in rows)
    head = "".join(f"<th{' class=rank' * (name == '#')}>{safe(name)}</th>" for name in headers)
    return Html(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if body else "")


def items(lines: Iterable[str], kind: str = "ul") -> Html:
    """A list; nothing without lines."""
    body = "".join(f"<li>{safe(line)}</li>" for line in lines)
    return Html(f"<{kind}>{body}</{kind}>" if body else "")


def opens(summary: str, body: str) -> Html:
    """A block that opens on a click."""
    return Html(f"<details><summary>{safe(summary)}</summary>{safe(body)}</details>")


def remark(text: str) -> Html:
    """A line that must be read."""
    return Html(f"<div class='note'>{safe(text)}</div>")


def alarms(flags: Iterable[RedFlag]) -> Html:
    """Emergencies, each with what to do and its source."""
    return Html("".join(
        f"<div class='alarm'><b>EMERGENCY: {escape(flag.title)}.</b> {escape(flag.action)} <small>({linked(flag.source)})</small></div>"
        for flag in flags
    ))  # fmt: skip


def linked(text: str) -> Html:
    """A text whose web addresses and DOIs can be clicked; nothing else becomes a link."""
    pieces = re.split(r"(\bhttps?://[^\s<>\"';,)]+|\bdoi:10\.[^\s<>\"';,)]+[^\s<>\"';,).])", text)     # every second piece is an address
    return Html("".join(_anchor(piece) if n % 2 else escape(piece) for n, piece in enumerate(pieces)))


def _anchor(said: str) -> str:
    address = f"https://doi.org/{said.removeprefix('doi:')}" if said.startswith("doi:") else said
    return f'<a href="{escape(address)}" target="_blank" rel="noopener">{escape(said)}</a>'


def bar(text: str, share: float) -> Html:
    """A number over a bar; `share` in [-1, 1] is its length, grey below zero, none at zero."""
    kind = "bar less" if share < 0 else "bar"
    drawn = f"<div class='{kind}' style='width:{abs(share) * BAR:.0f}px'></div>" if share else ""
    return Html(f"<div class='number'>{escape(text)}{drawn}</div>")


def cited(citation: Citation, mark: str = "") -> Html:
    """A statement as a block that opens: its first words, then the whole of it with document, source and link."""
    return Html(
        f"<details data-passage='{escape(citation.passage_id)}'><summary>{escape(mark)}{escape(citation.title)}"
        f" &middot; {escape(citation.source)}<br><span class='start'>{escape(_start(citation.quote))}</span></summary>"
        f"<blockquote>{escape(citation.quote)}</blockquote>"
        f"<small>{escape(citation.passage_id)} &middot; {linked(citation.url)}</small></details>"
    )


def _start(quote: str, words: int = 14) -> str:
    """The first words of a statement, so that a closed block can be told from its neighbours."""
    every = quote.split()
    return " ".join(every[:words]) + (" ..." if len(every) > words else "")


def withheld(dropped: Sequence[Dropped], title: str) -> Html:
    """What is not shown, with the check that failed and the reason."""
    rows = [(Html(f"<b>{escape(item.check)}</b>"), item.text, item.reason) for item in dropped]
    return opens(f"{title} ({len(rows)})", table(["check", "sentence", "why"], rows)) if rows else Html("")


def quoted(text: str, spans: Iterable[Span]) -> Html:
    """Places of a note, each with the words around it."""
    return Html("".join(f"<blockquote>{_around(text, span)}</blockquote>" for span in spans))


def _around(text: str, span: Span) -> str:
    start, end = max(0, span.start - AROUND), min(len(text), span.end + AROUND)
    before, after = escape(text[start : span.start]), escape(text[span.end : end])
    inner = escape(text[span.start : span.end])
    return f"{'...' * (start > 0)}{before}<mark>{inner}</mark>{after}{'...' * (end < len(text))} <small>{span.start}-{span.end}</small>"


def file(label: str, name: str, kind: str, content: str | bytes) -> Html:
    """A link that saves a file. Its bytes are in the link: no file of a patient is written on the server."""
    raw = content.encode() if isinstance(content, str) else content
    return Html(f'<a class="file" download="{escape(name)}" href="data:{kind};base64,{b64encode(raw).decode()}">{escape(label)}</a>')


def shown(*pieces: str) -> str:
    """The pieces of a panel, one under the other."""
    return f"<div class='shown'>{''.join(map(safe, pieces))}</div>"


def failed(what: str, error: Exception) -> str:
    """One clear line in place of a result."""
    return shown(Html(f"<div class='note'><b>{escape(what)}</b> {escape(str(error))}</div>"))
