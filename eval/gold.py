"""Questions with patient facts, written with the digests open and the assistant closed: is the deciding statement shown, with a source?

`python -m eval gold` measures what a program can (cited, resolved, refused); `python -m eval.gold FILE` writes every sentence shown beside
what has to be said and what would be wrong for this patient, for the second reading by a person.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.assistant import Assistant
from assistant.records import Answer, Citation
from assistant.settings import Settings
from eval import data
from eval.report import Row, Task

NUMBER = re.compile(r"\d+(?:\.\d+)?")


def cases() -> list[dict[str, Any]]:
    """The gold questions in file order."""
    return data.own("gold_*.jsonl")


def score(assistant: Assistant, case: Row) -> Mapping[str, float]:
    """Covered: answered, a deciding statement cited, first of all, citations that resolve, numbers with a source. Else: refused."""
    answer = assistant.ask(case["question"])
    if not case["covered"]:
        return {"refused_when_not_covered": float(bool(answer.refused))}
    cited = [citation for sentence in answer.sentences for citation in sentence.citations]
    shown = list(dict.fromkeys(citation.passage_id for citation in cited))
    return {
        "answered": float(not answer.refused),
        "cites_the_deciding_statement": float(bool(set(shown) & set(case["must_cite"]))),
        "cites_it_first": float(bool(shown) and shown[0] in case["must_cite"]),
        "in_evidence": float(any(citation.passage_id in case["must_cite"] for citation in answer.evidence)),
        **({"citations_resolve": _mean([_resolves(assistant, citation) for citation in cited])} if cited else {}),
        **({"numbers_with_a_source": _mean([*_sourced(answer)])} if any(_sourced(answer)) else {}),
    }


def _resolves(assistant: Assistant, citation: Citation) -> bool:
    passage = assistant.parts.kb.passage(citation.passage_id)
    return passage is not None and citation.quote == passage.text


def _sourced(answer: Answer) -> Iterator[bool]:
    """Whether each number of a guideline sentence stands in a quote that it cites."""
    for sentence in answer.sentences:
        if sentence.provenance == "guideline":
            told = {number for citation in sentence.citations for number in NUMBER.findall(f"{citation.title} {citation.quote}")}
            yield from (number in told for number in NUMBER.findall(sentence.text))


def _mean(values: Sequence[bool]) -> float:
    return sum(values) / len(values)


def for_reading(assistant: Assistant, rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Each question with what is shown, what must be said, and what must not."""
    for row in rows:
        answer = assistant.ask(row["question"])
        yield {
            "id": row["id"], "question": row["question"], "covered": row["covered"], "must_say": row.get("must_say", []),
            "must_not_say": row.get("must_not_say", []), "refused": answer.refused or "",
            "red_flags": [flag.title for flag in answer.red_flags],
            "shown": [{"text": s.text, "kind": s.provenance, "quotes": [c.quote for c in s.citations]} for s in answer.sentences],
        }  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Write one JSON line a question to the file named."""
    chosen = sys.argv[1:] if arguments is None else list(arguments)
    if len(chosen) != 1:
        sys.stderr.write("give one file to write: python -m eval.gold FILE\n")
        return 2
    with Path(chosen[0]).open("w", encoding="utf-8") as file:
        for row in for_reading(Assistant(Settings.load()), cases()):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return 0


GOLD = Task("gold", cases, score, "questions with patient facts: the deciding statement shown, others refused")

if __name__ == "__main__":
    sys.exit(main())
