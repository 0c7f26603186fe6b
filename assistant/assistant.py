"""class Assistant: the one object that every door holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant import ask
from assistant.diagnose import differential as diagnose
from assistant.diagnose.differential import Stepwise
from assistant.education import educate
from assistant.library import Library
from assistant.llm.base import LLM
from assistant.notes import summarize
from assistant.parts import Parts
from assistant.records import Answer, Differential, Handout, NoteSummary, PatientFacts, RiskResult
from assistant.settings import Settings
from knowledge_base.index import Progress
from knowledge_base.search import KnowledgeBase


class Assistant:
    """A local clinical assistant: answers with citations, suggests diagnoses, computes risk, summarises notes, writes handouts.

    Decision support for clinicians; shows its sources so that you can check them; not a medical device; patient mode is education only.

    >>> Assistant(backend="extractive").ask("When is metformin contraindicated?").sentences[0].citations[0].passage_id
    'type-2-diabetes#treatment.8'
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        llm: LLM | None = None,
        kb: KnowledgeBase | None = None,
        progress: Progress | None = None,
        **options: Any,
    ) -> None:
        """Take settings (or single options such as `backend="extractive"`); a model or knowledge base of your own may be given.

        Nothing is loaded here: the index and the model are opened when first needed.
        """
        self.settings = settings or Settings.load(**options)
        self.parts = Parts(self.settings, lambda chosen: Library.of(chosen).open(progress=progress), llm=llm, kb=kb)

    def ask(self, question: str, *, note: str = "") -> Answer:
        """Answer a clinician's question from the knowledge base, or refuse and say why."""
        *_, answer = self.ask_stream(question, note=note)
        return answer

    def ask_stream(self, question: str, *, note: str = "") -> Iterator[Answer]:
        """The Answer as it grows: evidence, red flags and tool results first, then the prose sentence by sentence."""
        return ask.run(self.parts, question, note)

    def diagnose(self, case: str, *, limit: int = 10, previous: Differential | None = None) -> Differential:
        """Suggest diagnoses for a case in free text: ranked, with findings for and against, must-not-miss conditions apart.

        With `previous`, the list before a fact was added to the case, `moved` tells what changed.
        """
        return diagnose.run(self.parts, case, limit=limit, previous=previous)

    def diagnose_stepwise(self, *, limit: int = 10) -> Stepwise:
        """A case that grows: `add` a fact at a time, each returns the list and what moved."""
        return Stepwise(self.parts, limit=limit)

    def educate(self, topic: str | Answer, *, reader: Mapping[str, Any] | PatientFacts | str | None = None, grade: float = 6.0) -> Handout:
        """Write patient education on a topic, an Answer or a note at a target reading grade; `reader` is keys, facts or a note."""
        return educate.run(self.parts, topic, reader=reader or {}, grade=grade)

    def summarize_note(self, text: str, *, style: str = "problem_list", worded: bool = False) -> NoteSummary:
        """Summarise a note or a dialogue (style "dialogue_to_note"); each line carries the places of the text that it rests on.

        With `worded`, the model joins and shortens the lines of history and assessment; what fails a check is quoted instead.
        """
        return summarize.run(self.parts, text, style=style, worded=worded)

    def summarize_stream(
        self, text: str, *, style: str = "problem_list", worded: bool = False, progress: Progress | None = None
    ) -> Iterator[NoteSummary]:
        """The summary as it grows, part by part; `progress(done, total)` counts parts."""
        return summarize.stream(self.parts, text, style=style, worded=worded, progress=progress)

    def summarize_notes(
        self, texts: Sequence[str], *, style: str = "problem_list", worded: bool = False, workers: int = 2
    ) -> list[NoteSummary]:
        """Summaries of several notes, in their order."""
        return summarize.batch(self.parts, texts, style=style, worded=worded, workers=workers)

    def deidentify(self, text: str) -> str:
        """A copy of a text with names, dates, numbers and addresses masked by rule; a person must look at it before it leaves."""
        from assistant.privacy.deidentify import deidentify

        return deidentify(text).text

    def assess_risk(self, name: str, inputs: Mapping[str, Any] | None = None, *, note: str = "", strict: bool = False) -> RiskResult:
        """Compute a score, equation or classifier by name, its inputs given or filled from a note.

        Raises:
            UnknownTool: no tool of that name; the message offers the nearest.
            MissingInputs: inputs are missing and `strict` is set; else the result holds the range still possible.
        """
        from assistant.facts import extract
        from assistant.risk.from_note import assess_facts

        return assess_facts(name, extract(note), inputs, strict=strict)

    def assess_from_note(self, question: str, note: str) -> tuple[RiskResult, ...]:
        """Pick the risk tools that a question asks for and fill them from the note."""
        from assistant import facts
        from assistant.risk.from_note import assess_asked

        return assess_asked(question, facts.extract(note))

    def add_guidelines(self, paths: Sequence[str | Path]) -> list[str]:
        """Add a user's own documents to the index; returns the ids of those that are in it now, changed or not."""
        report = Library.of(self.settings).add([Path(path) for path in paths])
        self.parts.reopen()
        return list(report.ids)
