"""What the routes of the HTTP API take: one model a request, each field documented, an unknown field refused."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.education.reader import LANGUAGES
from assistant.limits import MAX_NOTE
from assistant.notes.summarize import STYLES

NOTE = "72-year-old man with three days of productive cough and fever. BP 98/58, RR 31, urea 9.1 mmol/L. Assessment: pneumonia."
MOST_FACTS, MOST_NOTES = 50, 100
Worded = Annotated[bool, Field(description="Whether the model words history and assessment; what fails a check is quoted, see `dropped`.")]
NoteText = Annotated[str, Field(max_length=MAX_NOTE, description="The patient's note in free text; empty without one.", examples=[NOTE])]


class Body(BaseModel):
    """A misspelt field is an error: a reader or a note that was quietly left out would change the answer."""

    model_config = ConfigDict(extra="forbid")


class Question(Body):
    """A question, with the patient's note where there is one."""

    question: str = Field(description="In plain words.", examples=["Can a 70-year-old with an eGFR of 25 take metformin?"])
    note: NoteText = ""


class Case(Body):
    """A case in free text."""

    case: str = Field(description="Age, sex, complaint with its onset, what was found and denied.",
                      examples=["58M with sudden tearing chest pain to the back, BP 180/100"])  # fmt: skip
    limit: int = Field(10, ge=1, le=50, description="How many suggestions at most.")


class Steps(Body):
    """A case that grows: the case first, then a fact at a time."""

    facts: list[str] = Field(
        min_length=1, max_length=MOST_FACTS, description="In the order in which they became known; the first is the case.",
        examples=[["58M with chest pain to the back, BP 180/100", "Blood pressure differs between the arms.", "No fever."]],
    )  # fmt: skip
    limit: int = Field(10, ge=1, le=50, description="How many suggestions at most.")


class Note(Body):
    """A note, the style of its summary, and the form in which it comes back."""

    text: str = Field(description="The note, or a dialogue for the style dialogue_to_note.", examples=[NOTE])
    style: str = Field("problem_list", description=f"One of {', '.join(STYLES)}.", examples=["soap"])
    worded: Worded = False
    format: Literal["json", "markdown", "fhir"] = Field("json", description="The record, Markdown, or a FHIR R4 document Bundle.")
    include_note: bool = Field(False, description="Whether the text of the note travels in the FHIR Bundle; without it, size and hash.")


class Notes(Body):
    """Several notes in one style."""

    texts: list[str] = Field(min_length=1, max_length=MOST_NOTES, description="Summaries come in their order.", examples=[[NOTE]])
    style: str = Field("problem_list", description=f"One of {', '.join(STYLES)}.")
    worded: Worded = False


class Text(Body):
    """A text to copy without what identifies a person."""

    text: str = Field(min_length=1, max_length=MAX_NOTE, examples=["Mr John Smith, MRN 123456, seen on 12/03/2024, has gout."])


class Reader(Body):
    """Whom a handout is for. What is left out is unknown, never "no"; what is not for this reader is left out of the page."""

    age_years: float | None = Field(default=None, ge=0, le=120, examples=[34])
    sex: Literal["female", "male"] | None = Field(default=None, examples=["female"])
    pregnant: bool | None = Field(default=None, examples=[True])
    breastfeeding: bool | None = Field(default=None, examples=[False])
    conditions: list[str] = Field(default_factory=list, description="What else the reader has.", examples=[["asthma"]])
    medicines: list[str] = Field(default_factory=list, description="What the reader takes; no doses.", examples=[["ibuprofen"]])
    country: str = Field(default="", description="Leave out statements that are only for another place; empty keeps all.")
    language: str = Field(default="en", description=f"One of {', '.join(LANGUAGES)}; a line that cannot be checked stays English.")
    note: NoteText = Field(default="", description="The reader's note: its facts count where the fields above are silent.")

    def known(self) -> dict[str, Any]:
        """What was given, as `Assistant.educate` takes it."""
        return {name: value for name, value in self.model_dump().items() if value not in (None, "", [])}


class Topic(Body):
    """A topic of patient education, its reader, and the form in which it comes back."""

    topic: str = Field(description="A condition in plain words, or a note.", examples=["high blood pressure"])
    grade: float = Field(6.0, ge=1, le=18, description="Flesch-Kincaid grade to reach.")
    reader: Reader = Reader()
    format: Literal["json", "markdown", "html", "pdf"] = Field("json", description="The record, Markdown, or a page to print.")


class Risk(Body):
    """Inputs of a risk tool; what is missing is filled from the note where the note has it."""

    inputs: dict[str, Any] = Field(
        default_factory=dict, description='Numbers in the unit of the name, text with a unit ("150 umol/L"), true/false, null for unknown.',
        examples=[{"creatinine_mg_dl": 1.7, "age_years": 70, "sex": "female"}],
    )  # fmt: skip
    note: NoteText = ""
    strict: bool = Field(False, description="Refuse (422) when inputs are missing, instead of giving the range still possible.")


class Asked(Body):
    """A question that names scores, and the note that holds their inputs."""

    question: str = Field(description="Which scores, in plain words.", examples=["CURB-65 and eGFR?"])
    note: NoteText


class Problem(BaseModel):
    """What every error looks like."""

    error: str = Field(description="One line: what came, what is allowed, what to do.", examples=["unknown style 'poem'; allowed: soap"])
    kind: str = Field(description="Class of the error.", examples=["InputError"])
