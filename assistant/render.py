"""Records as text: Markdown for the chat, plain lines for the terminal. Doors render; nothing reads this back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from assistant.records import (
    Answer,
    Candidate,
    Citation,
    Differential,
    Dropped,
    Handout,
    NoteSummary,
    RedFlag,
    RiskPart,
    RiskResult,
    Sentence,
)  # fmt: skip


def answer(record: Answer) -> str:
    """Red flags and tool results first, then the sentences with their marks; the page shows sources and dropped sentences beside it."""
    marks = _marks(record.sentences)
    blocks = [
        red_flags(record.red_flags),
        "\n\n".join(risk(result) for result in record.tools),
        "\n".join(_sentence(sentence, marks) for sentence in record.sentences),
        *_foot(record, {}, details=False, where="see them under Evidence"),
    ]
    return "\n\n".join(filter(None, blocks))


def growing(answers: Iterable[Answer], *, details: bool = False) -> Iterator[str]:
    """The same text in pieces, each as soon as it is sure: red flags, tools and the titles found, then each sentence, then the sources."""
    headed, shown, record = False, 0, None
    for record in answers:
        if not headed and (head := _head(record)):
            yield head + "\n"
            headed = True
        marks = _marks(record.sentences)
        for sentence in record.sentences[shown:]:
            yield _sentence(sentence, marks)
        shown = len(record.sentences)
    if record:
        yield "\n" + "\n\n".join(filter(None, _foot(record, _marks(record.sentences), details)))


def _head(record: Answer) -> str:
    titles = ", ".join(dict.fromkeys(citation.title for citation in record.evidence))
    found = f"_Evidence found in: {titles}_" if titles and not record.refused else ""
    return "\n\n".join(filter(None, [red_flags(record.red_flags), *(risk(result) for result in record.tools), found]))


def _foot(record: Answer, marks: dict[str, tuple[int, Citation]], details: bool, where: str = "see them with --details") -> list[str]:
    return [
        f"**Not answered.** {record.refused}" if record.refused else "",
        f"_Not covered: {', '.join(record.not_covered)}_" if record.not_covered and not record.refused else "",
        sources(marks),
        dropped(record.dropped) if details else _count(record.dropped, where),
        f"_No model could be loaded ({record.versions['fallback']}); statements are quoted._" if "fallback" in record.versions else "",
        f"_The model failed ({record.versions['backend_error']}); statements are quoted._" if "backend_error" in record.versions else "",
        f"_{record.safety_line}_",
    ]


def red_flags(flags: Sequence[RedFlag]) -> str:
    """Emergencies, each with what to do and its source."""
    return "\n".join(f"**EMERGENCY: {flag.title}.** {flag.action} ({flag.source})" for flag in flags)


def _marks(sentences: Iterable[Sentence]) -> dict[str, tuple[int, Citation]]:
    marks: dict[str, tuple[int, Citation]] = {}
    for sentence in sentences:
        for citation in sentence.citations:
            marks.setdefault(citation.passage_id, (len(marks) + 1, citation))
    return marks


def _sentence(sentence: Sentence, marks: dict[str, tuple[int, Citation]]) -> str:
    cited = "".join(f"[{marks[citation.passage_id][0]}]" for citation in sentence.citations)
    kind = {"guideline": "", "chart": " (from the note)", "tool": f" (computed: {sentence.tool})"}[sentence.provenance]
    held = f" **For this patient: {sentence.for_patient}.**" if sentence.for_patient else ""
    return f"- {sentence.text} {cited}{kind}".rstrip() + held


def sources(marks: dict[str, tuple[int, Citation]]) -> str:
    """The statements behind the marks, verbatim, with document, source and link."""
    if not marks:
        return ""
    rows = (f'[{n}] "{c.quote}" — {c.title}; {c.source}; {c.url} ({c.passage_id})' for n, c in marks.values())
    return "**Sources**\n\n" + "\n\n".join(rows)


def dropped(items: Sequence[Dropped]) -> str:
    """What was not shown, and which check failed on which words."""
    return "\n".join(["**Not shown**", *(f"- [{item.check}] {item.text} — {item.reason}" for item in items)]) if items else ""


def _count(items: Sequence[Dropped], where: str) -> str:
    return f"_Not shown: {len(items)} sentence(s) that failed the checks or are not for this patient; {where}._" if items else ""


def risk(result: RiskResult) -> str:
    """A tool's number, its parts with the value that fired, what is missing, and its source."""
    lines = [f"**{result.sentence()}**"]
    for part in result.parts:
        added = points(part, result)
        value = f"({part.value})" if added and part.value else part.value
        lines.append(f"- {part.text}: {' '.join(filter(None, (added, value)))}")
    lines += [f"- missing: {name} ({unit})" for name, unit in result.missing.items()]
    lines += [f"- {note}" for note in result.notes]
    # a line of its own: Markdown would take it for the end of the last item
    return "\n".join([*lines, "", *(f"Source: {source}" for source in result.sources)])


def points(part: RiskPart, result: RiskResult) -> str:
    """What a part added; an equation adds up nothing, so its parts have values alone."""
    if all(other.points is None and other.value for other in result.parts):
        return ""
    return "unknown" if part.points is None else f"{part.points:+g}"


def differential(record: Differential) -> str:
    """The ranked list, the must-not-miss conditions apart, and the next steps."""
    blocks = [red_flags(record.red_flags), f"**Insufficient information.** {record.insufficient}" if record.insufficient else ""]
    if record.candidates:
        blocks.append("**Suggestions**\n" + "\n".join(_candidate(n, c) for n, c in enumerate(record.candidates, 1)))
    if record.must_not_miss:
        rows = (f"- {c.name}: ruled out by {c.rules_out or 'see its guideline'}" for c in record.must_not_miss)
        blocks.append("**Must not be missed**\n" + "\n".join(rows))
    if record.next_steps:
        blocks.append("**Next best steps**\n" + "\n".join(f"- {step}" for step in record.next_steps))
    if record.treatment_options:
        blocks.append("**Treatment options (not directives)**\n" + "\n".join(f"- {_sourced(s)}" for s in record.treatment_options))
    if record.moved:
        blocks.append("**Moved since the last fact**\n" + "\n".join(f"- {line}" for line in record.moved))
    return "\n\n".join(filter(None, [*blocks, f"_{record.safety_line}_"]))


def _sourced(sentence: Sentence) -> str:
    """A sentence with the names of its sources in words, where no numbered list follows."""
    held = f" For this patient: {sentence.for_patient}." if sentence.for_patient else ""
    return f"{sentence.text} [{'; '.join(dict.fromkeys(f'{c.title}: {c.source}' for c in sentence.citations))}]{held}"


def _candidate(rank: int, candidate: Candidate) -> str:
    lines = [f"{rank}. {candidate.name} ({candidate.icd10cm}): {candidate.band}, {share(candidate)} of what is listed"]
    for word, items in (("for", candidate.evidence_for), ("against", candidate.evidence_against)):
        if items:
            lines.append(f"   {word}: {', '.join(item.finding for item in items)}")
    if candidate.unknown:
        lines.append(f"   not known: {', '.join(candidate.unknown[:4])}")
    return "\n".join(lines)


def share(candidate: Candidate) -> str:
    """A share in percent; a listed condition never has none."""
    return f"{candidate.likelihood:.0%}" if candidate.likelihood >= 0.005 else "below 1%"


def summary(record: NoteSummary) -> str:
    """Bullets under their headings with character ranges, then contradictions and what was added."""
    lines: list[str] = []
    heading = ""
    for bullet in record.bullets:
        if bullet.section != heading:
            heading = bullet.section
            lines.append(f"\n**{heading.replace('_', ' ').capitalize()}**")
        lines.append(f"- {bullet.marked} [{', '.join(f'{span.start}-{span.end}' for span in bullet.spans)}]")
    lines += [f"\n**Contradiction:** {line}" for line in record.contradictions]
    lines += [f"\n**Check:** {_sourced(sentence)}" for sentence in record.cautions]
    foot = [*(f"_{line}_" for line in how_worded(record)), f"_{record.safety_line}_"]
    return "\n".join([*lines, "", *foot]).strip()


def how_worded(record: NoteSummary) -> list[str]:
    """What a reader must know of the wording: why lines are quoted although a model was asked, how many of its sentences failed a check."""
    quoted = [f"The lines are quoted: {record.versions['quoted']}."] if "quoted" in record.versions else []
    failed = f"{len(record.dropped)} model sentence(s) failed the checks; the lines they rest on are quoted."
    return [*quoted, *([failed] if record.dropped else [])]


def handout(record: Handout) -> str:
    """The handout with its measured grade."""
    blocks = [f"# {record.topic}"]
    for section in record.sections:
        blocks.append(f"## {section.heading}\n" + "\n".join(f"- {_indented(sentence.text)}" for sentence in section.sentences))
    grade = f"_Reading grade {record.grade:.1f} (Flesch-Kincaid), {record.smog:.1f} (SMOG); target {record.target_grade:g}._"
    sentences = (sentence for section in record.sections for sentence in section.sentences)
    cited = dict.fromkeys(part for sentence in sentences for c in sentence.citations for part in c.source.split("; "))
    return "\n\n".join([*blocks, grade, f"Sources: {'; '.join(cited)}", f"_{record.safety_line}_"])


def _indented(text: str) -> str:
    """A text whose list items stand on lines of their own, as a list within its list item."""
    return text.strip().replace("\n• ", "\n  - ")
