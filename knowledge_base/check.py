"""Walk guideline files and say what a reader could not trust: `python -m knowledge_base.check [FILE...]`.

Checks the form (through the loader), links, duplicate statements, that each `when` rule agrees with its sentence, that no dose is above
the plausible daily maximum of its drug, and that what supersedes a digest is there. Ends with how many digests were read a second time.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from knowledge_base import doses
from knowledge_base.documents import GUIDELINES, Document, Passage, read_guideline
from knowledge_base.errors import KnowledgeBaseError
from knowledge_base.rules import STATES, Rule
from knowledge_base.tables import measurements

_URL = re.compile(r"https://[^\s]+$")
_DOI = re.compile(r"https://doi\.org/10\.\d{4,9}/\S+$")
_BACK_REFERENCE = re.compile(r"^(it|this|these|they|the above|such)\b", re.IGNORECASE)
MAX_WORDS = 75


def problems(document: Document) -> Iterator[str]:
    """One line for each doubt about a document."""
    for source in {source for passage in document.passages for source in passage.sources}:
        if not _URL.match(source.url) or ("doi.org" in source.url and not _DOI.match(source.url)):
            yield f"{document.id}: source {source.id} has no well-formed https link or DOI: {source.url}"
        if not 1970 <= source.year <= 2100:
            yield f"{document.id}: source {source.id} has year {source.year}"
    seen: set[str] = set()
    for passage in document.passages:
        key = re.sub(r"\W+", " ", passage.text.lower()).strip()
        if key in seen:
            yield f"{passage.id}: duplicate statement"
        seen.add(key)
        yield from _statement_problems(passage)
    yield from doses.problems(document)
    yield from _superseding_problems(document)


def _statement_problems(passage: Passage) -> Iterator[str]:
    words = len(passage.text.split())
    if words > MAX_WORDS:
        yield f"{passage.id}: {words} words; a statement has at most {MAX_WORDS}"
    if _BACK_REFERENCE.match(passage.text):
        yield f"{passage.id}: does not stand alone (starts with '{passage.text.split()[0]}')"
    for rule in passage.rules:
        yield from _rule_problems(passage, rule)


def _rule_problems(passage: Passage, rule: Rule) -> Iterator[str]:
    known = measurements()
    for term in rule.terms:
        if isinstance(term.value, str):
            continue
        if term.name in STATES or term.name not in known:
            yield f"{passage.id}: '{term.name}' is not in measurements.toml"
        elif f"{term.value:g}" not in set(re.findall(r"(?<!\d)-?\d+(?:\.\d+)?|\d+(?:\.\d+)?", passage.text.replace(",", ""))):
            yield f"{passage.id}: {term} but {term.value:g} does not stand in the sentence"


def _superseding_problems(document: Document) -> Iterator[str]:
    by = document.meta.get("superseded_by")
    if by and (by == document.id or not (GUIDELINES / f"{by}.md").exists()):
        yield f"{document.id}: superseded by '{by}', which is no other guideline"
    for old in document.meta.get("supersedes") or ():
        path = GUIDELINES / f"{old}.md"
        if path.exists() and (marked := read_guideline(path).meta.get("superseded_by")) != document.id:
            yield f"{document.id}: supersedes '{old}', which is marked as superseded by '{marked}'"


def summary(documents: Sequence[Document]) -> str:
    """How many digests and statements there are, how many digests a second reader has compared with their sources, and when last."""
    dates = sorted(str(document.meta["second_read"]) for document in documents if document.meta.get("second_read"))
    outdated = sum(bool(document.meta.get("superseded_by")) for document in documents)
    statements = sum(len(document.passages) for document in documents)
    read = f"{len(dates)} read a second time" + (f" ({dates[0]} to {dates[-1]})" if dates else "")
    return f"{len(documents)} digests, {statements} statements; {read}; {outdated} superseded"


def main(paths: Iterable[str]) -> int:
    """Check the files named, or all; the exit code is 1 when anything was found."""
    found, read = 0, list[Document]()
    for path in [Path(name) for name in paths] or sorted(GUIDELINES.glob("*.md")):
        try:
            read.append(read_guideline(path))
            lines = list(problems(read[-1]))
        except KnowledgeBaseError as error:
            lines = [str(error)]
        found += len(lines)
        sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.write(f"{summary(read)}; {found} problem(s)\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
