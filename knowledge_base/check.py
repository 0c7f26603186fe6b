"""Walk guideline files and say what a reader could not trust: `python -m knowledge_base.check [FILE...]`.

Checks the form (through the loader), links, duplicate statements, and that each `when` rule agrees with its sentence.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

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


def main(paths: Iterable[str]) -> int:
    """Check the files named, or all; the exit code is 1 when anything was found."""
    found = 0
    for path in [Path(name) for name in paths] or sorted(GUIDELINES.glob("*.md")):
        try:
            lines = list(problems(read_guideline(path)))
        except KnowledgeBaseError as error:
            lines = [str(error)]
        found += len(lines)
        sys.stdout.writelines(f"{line}\n" for line in lines)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
