"""Patient education: do the pages read at their grade, rest on their statements, warn, and keep every meaning? And two public sets.

`education` reads 60 of our own guidelines (every third by name); `meaning` our probes; `simplification` and `mediqa_mas` public rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assistant import gate
from assistant.assistant import Assistant
from assistant.education import readability
from assistant.education.extract import summary_of_answers
from assistant.education.handout_words import words
from assistant.education.meaning import changed, one_line, supported
from assistant.education.plain_language import reworded, simplified
from assistant.records import Handout, Sentence
from eval import data
from eval.mutate import mutations
from eval.report import Row, Task
from knowledge_base.documents import load_guidelines

TOPICS, EVERY = 60, 3
GRADE = 6.9
ROWS = 60               # of the Cochrane set: each takes a second
LEAD = 3


def topics() -> list[Row]:
    """Every third guideline by name, so that nobody picks them."""
    return [{"id": document.id} for document in load_guidelines()[::EVERY][:TOPICS]]


def education(assistant: Assistant, case: Row) -> Mapping[str, float]:
    """One page: grades (in school years), and shares in [0, 1]."""
    handout = assistant.educate(case["id"])
    stated = [s for section in handout.sections for s in section.sentences if s.provenance == "guideline"]
    statements = "\n".join(s.text for s in stated)
    without_lists = "\n".join(one_line(s.text) for s in stated)
    checked = [held for sentence in stated for held in rests(sentence)]
    return {
        "fk_at_most_6.9": float(handout.grade <= GRADE), "fk_years": handout.grade, "smog_years": handout.smog,
        "statements_fk_at_most_6.9": float(readability.flesch_kincaid(statements) <= GRADE),
        "statements_fk_years": readability.flesch_kincaid(statements),
        "statements_fk_years_lists_as_sentences": readability.flesch_kincaid(without_lists),
        "warns": float(warns(handout)), "no_dose": float(not any(gate.read_claim(s.text).doses for s in stated)),
        "statements": float(len(stated)),
        **({"sentences_supported": sum(checked) / len(checked)} if checked else {}),
    }  # fmt: skip


def rests(sentence: Sentence) -> Iterator[bool]:
    """For each sentence of a reworded statement, whether it rests on the statement."""
    for part in readability.sentences(one_line(sentence.text)):
        yield any(supported(part, citation.quote, (citation.title,)) for citation in sentence.citations)


def warns(handout: Handout) -> bool:
    """Whether the page says when to get help now, its emergency sentence first."""
    table = words(handout.language)
    block = next((s for s in handout.sections if s.heading == table["headings"]["urgent"]), None)
    return bool(block and block.sentences and block.sentences[0].text == table["phrases"]["emergency"])


def meaning(_: Assistant, case: Row) -> Mapping[str, float]:
    """A wrong rewording is refused, a right one passes."""
    refused, passes = changed(case["wrong"], case["statement"]), not changed(case["right"], case["statement"])
    return {"wrong_refused": float(bool(refused)), "right_passes": float(passes)}


def advice() -> list[Row]:
    """The advice for patients of the same guidelines."""
    chosen = load_guidelines()[::EVERY][:TOPICS]
    told = ((d, passage) for d in chosen for passage in d.passages if passage.section == "Patient advice")
    return [{"id": passage.id, "text": passage.text, "titles": (d.title, *d.synonyms)} for d, passage in told]


def planted(_: Assistant, case: Row) -> Mapping[str, float]:
    """One error of each kind planted in the plain wording of a statement: the share that is refused."""
    plain = reworded(case["text"], titles=case["titles"]).text
    found = {kind: float(bool(changed(wrong, case["text"], case["titles"]))) for kind, wrong in mutations(plain)}
    return {"refused": sum(found.values()) / len(found), **{f"refused_{kind}": value for kind, value in found.items()}} if found else {}


def cochrane() -> Sequence[Row]:
    """The first rows of the development part."""
    return data.read_jsonl(data.bench() / "cochrane_simplification" / "dev.jsonl")[:ROWS]


def simplification(_: Assistant, case: Row) -> Mapping[str, float]:
    """Rules alone on an abstract, beside the human summary: grade, and share of the abstract's numbers that stand in the text."""
    ours, human = simplified(case["abstract"]), case["plain_language_summary"]
    numbers = _numbers(case["abstract"])
    kept = {name: len(numbers & _numbers(text)) / len(numbers) for name, text in (("ours", ours), ("human", human))} if numbers else {}
    return {
        "abstract_fk_years": readability.flesch_kincaid(case["abstract"]), "ours_fk_years": readability.flesch_kincaid(ours),
        "human_fk_years": readability.flesch_kincaid(human), "ours_smog_years": readability.smog(ours),
        "human_smog_years": readability.smog(human),
        "easier_than_abstract": float(readability.flesch_kincaid(ours) < readability.flesch_kincaid(case["abstract"])),
        **{f"numbers_kept_{name}": share for name, share in kept.items()},
    }  # fmt: skip


def _numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:\.\d+)?", text.replace(",", "")))


def answers() -> Sequence[Row]:
    """Questions with several answers and their summaries by people."""
    return data.read_jsonl(data.bench() / "mediqa21_mas" / "dev.jsonl")


def mediqa_mas(_: Assistant, case: Row) -> Mapping[str, float]:
    """ROUGE-L of our extract and of the first three sentences, against both human summaries."""
    texts = [answer["text"] for answer in case["answers"]]
    ours = " ".join(summary_of_answers(case["question"], texts))
    lead = " ".join(readability.sentences(" ".join(texts))[:LEAD])
    return {
        f"rouge_l_{name}_{kind}": rouge_l(text, case[f"{kind}_summary"])
        for name, text in (("ours", ours), ("lead3", lead)) for kind in ("extractive", "abstractive")
    }  # fmt: skip


def rouge_l(said: str, wanted: str) -> float:
    """F1 of the longest common subsequence of lower-case words (Lin CY. ACL workshop 2004, W04-1013), without stemming."""
    one, other = (re.findall(r"[a-z0-9]+", text.lower()) for text in (said, wanted))
    common = _longest_common(one, other)
    return 2 * common / (len(one) + len(other)) if common else 0.0


def _longest_common(one: Sequence[str], other: Sequence[str]) -> int:
    row = [0] * (len(other) + 1)
    for word in one:
        before = 0
        for i, match in enumerate(other, 1):
            before, row[i] = row[i], before + 1 if word == match else max(row[i], row[i - 1])
    return row[-1]


def _probes() -> list[dict[str, Any]]:
    return data.own("meaning_probes.jsonl")


EDUCATION_TASKS = (
    Task("education", topics, education, "pages on 60 of our guidelines"),
    Task("meaning", _probes, meaning, "rewordings that change a meaning, and ones that do not"),
    Task("meaning_planted", advice, planted, "errors planted in the plain wording of our own advice"),
    Task("simplification", cochrane, simplification, "Cochrane abstracts, rules alone"),
    Task("mediqa_mas", answers, mediqa_mas, "several answers -> one summary"),
)
