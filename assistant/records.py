"""Frozen records that cross borders. Each is made once, rendered by a door, stored or scored; none is parsed back from text.

`to_dict` turns any of them into plain JSON-ready values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import Any, Literal

SAFETY_LINE = (
    "Decision support for clinicians; shows its sources so that you can check them; "
    "not a medical device; patient mode is education only."
)

Presence = Literal["present", "absent", "uncertain"]
Experiencer = Literal["patient", "family"]
Bound = Literal["", "<", ">"]
When = Literal["now", "history", "planned", "hypothetical"]
Provenance = Literal["guideline", "chart", "tool"]


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open character range [start, end) of the text that was given."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Measurement:
    """A number of the chart, in the unit that its name carries.

    `value` is in the unit of `name`; `raw_value` and `raw_unit` are as written, `factor` turns one into the other
    (value = raw_value * factor + offset; the offset is 0 but for temperatures). `flag` says why a value is doubtful
    (outside the plausible range, unit assumed) and is empty otherwise. `bound` is ">" or "<" where the text gives only a limit: "eGFR >90".
    """

    name: str
    value: float
    span: Span
    raw_value: float
    raw_unit: str
    factor: float = 1.0
    when: When = "now"
    experiencer: Experiencer = "patient"
    flag: str = ""
    bound: Bound = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A symptom, sign, condition or procedure that the text speaks of, with its context."""

    name: str
    span: Span
    presence: Presence = "present"
    experiencer: Experiencer = "patient"
    when: When = "now"


@dataclass(frozen=True, slots=True)
class Medication:
    """A drug of the text; dose, route and frequency are as written, empty when not written."""

    name: str
    span: Span
    dose: str = ""
    route: str = ""
    frequency: str = ""
    presence: Presence = "present"
    when: When = "now"


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """What a text says of its patient. What it does not say is not here: missing is missing."""

    age_years: float | None = None
    age_span: Span | None = None
    sex: Literal["female", "male"] | None = None
    sex_span: Span | None = None
    pregnant: bool | None = None
    pregnant_span: Span | None = None
    breastfeeding: bool | None = None
    measurements: tuple[Measurement, ...] = ()
    findings: tuple[Finding, ...] = ()
    medications: tuple[Medication, ...] = ()
    allergies: tuple[Finding, ...] = ()
    dates: tuple[tuple[str, Span], ...] = ()          # ISO date, where
    dated: tuple[tuple[str, str, Span], ...] = ()     # what happened then (facts.toml, [[date]]), ISO date, where
    conflicts: tuple[str, ...] = ()                   # one line each: two values that cannot both hold

    def latest(self, name: str) -> Measurement | None:
        """The last measurement of that name that is the patient's and current, or None."""
        mine = [m for m in self.measurements if m.name == name and m.experiencer == "patient" and m.when == "now"]
        return mine[-1] if mine else None

    def values(self, name: str) -> list[Measurement]:
        """Every current measurement of that name that is the patient's and possible, in text order; "above 90" is no value, "<5" is one."""
        mine = [m for m in self.measurements if m.name == name and m.experiencer == "patient" and m.when == "now"]
        return [m for m in mine if not m.flag.startswith("impossible") and m.bound != ">"]

    def has(self, name: str) -> Presence | None:
        """Whether the patient has that finding now or in the history; None when the text is silent."""
        mine = [f.presence for f in self.findings if f.name == name and f.experiencer == "patient" and f.when in ("now", "history")]
        return mine[-1] if mine else None


@dataclass(frozen=True, slots=True)
class RedFlag:
    """An emergency pattern that fired, by rule."""

    id: str
    title: str
    action: str
    source: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a sentence rests: a passage, its document, and the words quoted from it."""

    passage_id: str
    quote: str
    title: str
    source: str                 # organisation and year
    url: str
    span: Span                  # of the quote in the document's text


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence shown to the reader, and what it rests on. Provenance classes are never mixed in one sentence."""

    text: str
    provenance: Provenance
    citations: tuple[Citation, ...] = ()
    spans: tuple[Span, ...] = ()        # in the note, for provenance "chart"
    tool: str = ""                      # name of the tool, for provenance "tool"
    support: float = 1.0                # calibrated, 1 for a verbatim quote
    origin: Literal["model", "quote", "rule"] = "rule"
    for_patient: str = ""               # what was computed against it for this patient: a drug that is banned, another age


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence that was not shown, and which check failed on which words."""

    text: str
    check: str
    reason: str
    replaced_by: str = ""


@dataclass(frozen=True, slots=True)
class RiskPart:
    """One item of a score or one term of a model: what it added and on what value."""

    text: str
    points: float | None        # None: the input is unknown
    value: str = ""


@dataclass(frozen=True, slots=True)
class RiskResult:
    """What a tool returned. `value` is None when inputs are missing; then `low` and `high` bound it where they can."""

    tool: str
    title: str
    value: float | None
    unit: str
    band: str
    parts: tuple[RiskPart, ...]
    inputs: Mapping[str, Any]
    missing: Mapping[str, str] = field(default_factory=dict)
    low: float | None = None
    high: float | None = None
    documented: float | None = None     # the value from documented findings alone, marked as such
    sources: tuple[str, ...] = ()
    formula: str = ""
    notes: tuple[str, ...] = ()         # applicability, conversions with their factor, flags
    spans: Mapping[str, Span] = field(default_factory=dict)     # input -> place in the note

    def sentence(self) -> str:
        """One sentence with the number, its unit and its band."""
        if self.value is None:
            span = f" between {self.low:g} and {self.high:g}" if self.low is not None and self.high is not None else " not computed"
            return f"{self.title}:{span}; missing: {', '.join(self.missing)}."
        unit = f" {self.unit}" if self.unit and self.unit != "points" else ""
        band = f" ({self.band})" if self.band else ""
        return f"{self.title}: {self.value:g}{unit}{band}."


@dataclass(frozen=True, slots=True)
class Answer:
    """A checked answer. `refused` is empty when the knowledge base covers the question; a ban that applies may stand beside it."""

    question: str
    sentences: tuple[Sentence, ...]
    evidence: tuple[Citation, ...]
    red_flags: tuple[RedFlag, ...] = ()
    tools: tuple[RiskResult, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    refused: str = ""
    not_covered: tuple[str, ...] = ()
    coverage: float = 0.0
    facts: PatientFacts = field(default_factory=PatientFacts)
    note_start: int = 0         # facts are read from question, line break and note: a span from here on is the note's, less this
    versions: Mapping[str, str] = field(default_factory=dict)      # model, prompt, corpus and their hashes
    seconds: Mapping[str, float] = field(default_factory=dict)
    safety_line: str = SAFETY_LINE

    @property
    def text(self) -> str:
        """The prose alone, for reading aloud or copying."""
        return " ".join(filter(None, (self.refused, *(s.text for s in self.sentences))))


@dataclass(frozen=True, slots=True)
class Evidence:
    """A finding of the case that speaks for or against a candidate."""

    finding: str
    weight: float
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One condition of a differential."""

    condition_id: str
    name: str
    icd10cm: str
    likelihood: float                   # share among the listed, in [0, 1]
    band: str
    evidence_for: tuple[Evidence, ...] = ()
    evidence_against: tuple[Evidence, ...] = ()
    unknown: tuple[str, ...] = ()
    must_not_miss: bool = False
    rules_out: str = ""
    tests: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Differential:
    """Ranked suggestions, the conditions that must not be missed apart from them, and the next best step."""

    candidates: tuple[Candidate, ...]
    must_not_miss: tuple[Candidate, ...]
    next_steps: tuple[str, ...]
    red_flags: tuple[RedFlag, ...] = ()
    treatment_options: tuple[Sentence, ...] = ()
    insufficient: str = ""
    facts: PatientFacts = field(default_factory=PatientFacts)
    versions: Mapping[str, str] = field(default_factory=dict)
    moved: tuple[str, ...] = ()         # what changed since the list before a fact was added
    safety_line: str = SAFETY_LINE


@dataclass(frozen=True, slots=True)
class Bullet:
    """One line of a summary and the places of the note that it rests on."""

    text: str
    section: str
    spans: tuple[Span, ...]
    origin: Literal["model", "quote", "rule"] = "quote"

    @property
    def marked(self) -> str:
        """The text as a reader sees it: words of a model are marked as such."""
        return f"{self.text} (the model's words)" if self.origin == "model" else self.text


@dataclass(frozen=True, slots=True)
class NoteSummary:
    """A summary of a note; every bullet has spans."""

    style: str
    bullets: tuple[Bullet, ...]
    contradictions: tuple[str, ...] = ()
    cautions: tuple[Sentence, ...] = ()  # guideline rules against a listed drug, computed for this patient
    added: tuple[str, ...] = ()          # what the summary lacked and was added from the facts
    dropped: tuple[Dropped, ...] = ()    # sentences of the model that failed a check; the lines they cite are quoted
    facts: PatientFacts = field(default_factory=PatientFacts)
    versions: Mapping[str, str] = field(default_factory=dict)      # "quoted": why no model wrote although it was asked to
    safety_line: str = SAFETY_LINE


@dataclass(frozen=True, slots=True)
class HandoutSection:
    """A headed block of a handout."""

    heading: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Handout:
    """Patient education at a measured reading grade."""

    topic: str
    sections: tuple[HandoutSection, ...]
    grade: float                         # Flesch-Kincaid grade of the whole text
    smog: float
    target_grade: float
    dropped: tuple[Dropped, ...] = ()
    language: str = "en"
    versions: Mapping[str, str] = field(default_factory=dict)
    safety_line: str = SAFETY_LINE


def to_dict(record: Any) -> Any:
    """Plain dicts, lists, strings and numbers of a record, ready for `json.dumps`."""
    if is_dataclass(record) and not isinstance(record, type):
        return to_dict(asdict(record))
    if isinstance(record, Mapping):
        return {str(key): to_dict(value) for key, value in record.items()}
    if isinstance(record, Sequence) and not isinstance(record, str):
        return [to_dict(value) for value in record]
    return record
