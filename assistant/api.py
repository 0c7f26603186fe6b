"""A small HTTP API; its OpenAPI page is at /docs. Each route makes one call and returns the record as JSON."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from assistant import Assistant, __version__
from assistant.errors import AssistantError, BackendError, InputError, KnowledgeBaseError
from assistant.records import SAFETY_LINE, to_dict


class Question(BaseModel):
    """A question, with the patient's note where there is one."""

    question: str = Field(examples=["Can a 70-year-old with an eGFR of 25 take metformin?"])
    note: str = ""


class Case(BaseModel):
    """A case in free text."""

    case: str = Field(examples=["58M with sudden tearing chest pain to the back, BP 180/100"])


class Note(BaseModel):
    """A note and the style of its summary."""

    text: str
    style: str = "problem_list"


class Topic(BaseModel):
    """A topic of patient education."""

    topic: str = Field(examples=["high blood pressure"])
    grade: float = 6.0


class Risk(BaseModel):
    """Inputs of a risk tool; what is missing is filled from the note where the note has it."""

    inputs: dict[str, Any] = Field(default_factory=dict, examples=[{"creatinine_mg_dl": 1.7, "age_years": 70, "sex": "female"}])
    note: str = ""


def create_app(assistant: Assistant) -> FastAPI:
    """The application over one Assistant."""
    app = FastAPI(title="Clinical assistant", version=__version__, description=SAFETY_LINE)

    @app.exception_handler(AssistantError)
    @app.exception_handler(KnowledgeBaseError)
    def one_line(request: Request, error: Exception) -> JSONResponse:
        status = 422 if isinstance(error, InputError) else 503 if isinstance(error, BackendError) else 400
        return JSONResponse({"error": str(error), "kind": type(error).__name__}, status_code=status)

    @app.post("/ask")
    def ask(body: Question) -> Any:
        """Answer with a citation on every sentence, or refuse."""
        return to_dict(assistant.ask(body.question, note=body.note))

    @app.post("/diagnose")
    def diagnose(body: Case) -> Any:
        """Ranked suggestions with findings for and against."""
        return to_dict(assistant.diagnose(body.case))

    @app.post("/summarize")
    def summarize(body: Note) -> Any:
        """A summary whose every line carries spans of the note."""
        return to_dict(assistant.summarize_note(body.text, style=body.style))

    @app.post("/educate")
    def educate(body: Topic) -> Any:
        """Patient education at a measured reading grade."""
        return to_dict(assistant.educate(body.topic, grade=body.grade))

    @app.post("/risk/{name}")
    def risk(name: str, body: Risk) -> Any:
        """A score, equation or classifier."""
        return to_dict(assistant.assess_risk(name, body.inputs, note=body.note))

    @app.get("/health")
    def health() -> dict[str, str]:
        """The process is up; says what the safety line says."""
        return {"status": "ok", "safety_line": SAFETY_LINE}

    return app
