"""A small HTTP API; its OpenAPI page is at /docs. Each route makes one call and returns the record as JSON, or the form asked for.

A route that ends in /stream sends the record as it grows, one JSON line each time; the last line is complete.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.responses import JSONResponse, Response, StreamingResponse
from fastapi_offline import FastAPIOffline

from assistant import Assistant, __version__, fhir, render
from assistant.api_bodies import Asked, Case, Note, Notes, Problem, Question, Risk, Steps, Text, Topic
from assistant.education import handout_page
from assistant.errors import EXPECTED, AssistantError, BackendError, InputError, KnowledgeBaseError, MissingInputs, SettingsError
from assistant.privacy.deidentify import deidentify
from assistant.records import SAFETY_LINE, to_dict
from assistant.risk import tool, tools

LOCAL = ("127.0.0.1", "localhost")
LINES, MARKDOWN, FHIR, PDF = "application/x-ndjson", "text/markdown; charset=utf-8", "application/fhir+json", "application/pdf"
LOOK = "Masked by rule: a person must look at this copy before it leaves."
# the first that fits; what is not the caller's fault is not a 4xx
STATUS = ((InputError, 422), (BackendError, 503), (KnowledgeBaseError, 503), (SettingsError, 501), (AssistantError, 500))
ERRORS: dict[int | str, dict[str, Any]] = {
    422: {"model": Problem, "description": "What was given cannot be used; one line says why."},
    501: {"model": Problem, "description": "This installation lacks a part (a PDF writer) or a setting is wrong."},
    503: {"model": Problem, "description": "The model or the guidelines cannot be used now."},
}


def create_app(assistant: Assistant, hosts: Sequence[str] = LOCAL) -> FastAPI:
    """The application over one Assistant; its pages load nothing from elsewhere.

    Args:
        hosts: names under which it may be called; a page of another site that points its own name here is refused.
    """
    app = FastAPIOffline(title="Clinical assistant", version=__version__, description=SAFETY_LINE, responses=ERRORS)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    app.add_exception_handler(AssistantError, _refused)
    app.add_exception_handler(KnowledgeBaseError, _refused)
    app.add_exception_handler(RequestValidationError, _misformed)
    for routes in (_answers, _notes, _education, _risk):
        app.include_router(routes(assistant))

    @app.get("/health")
    def health() -> dict[str, Any]:
        """The process is up; whether text goes to a server, and the safety line."""
        return {"status": "ok", "text_leaves_process": assistant.parts.leaves_process, "safety_line": SAFETY_LINE}

    return app


def _answers(assistant: Assistant) -> APIRouter:
    router = APIRouter(tags=["questions and cases"])

    @router.post("/ask")
    def ask(body: Question) -> Any:
        """Answer with a citation on every sentence, or refuse. `dropped` holds what the gate did not let through, and why."""
        return to_dict(assistant.ask(body.question, note=body.note))

    @router.post("/ask/stream", responses=_also(LINES))
    def ask_stream(body: Question) -> Response:
        """The answer as it grows: evidence, red flags and tool results first, then sentence by sentence."""
        return _streamed(assistant.ask_stream(body.question, note=body.note))

    @router.post("/diagnose")
    def diagnose(body: Case) -> Any:
        """Ranked suggestions with findings for and against."""
        return to_dict(assistant.diagnose(body.case, limit=body.limit))

    @router.post("/diagnose/steps")
    def diagnose_steps(body: Steps) -> Any:
        """A list of suggestions after each fact; `moved` tells what that fact changed."""
        steps = assistant.diagnose_stepwise(limit=body.limit)
        return [to_dict(steps.add(fact)) for fact in body.facts]

    return router


def _notes(assistant: Assistant) -> APIRouter:
    router = APIRouter(tags=["notes"])

    @router.post("/summarize", responses=_also(MARKDOWN, FHIR))
    def summarize(body: Note) -> Any:
        """A summary whose every line carries spans of the note."""
        record = assistant.summarize_note(body.text, style=body.style, worded=body.worded)
        if body.format == "markdown":
            return Response(render.summary(record), media_type=MARKDOWN)
        if body.format == "fhir":
            now = datetime.now(UTC).isoformat(timespec="seconds")
            return JSONResponse(fhir.document(record, body.text, date=now, include_note=body.include_note), media_type=FHIR)
        return to_dict(record)

    @router.post("/summarize/stream", responses=_also(LINES))
    def summarize_stream(body: Note) -> Response:
        """The summary as it grows, part by part."""
        return _streamed(assistant.summarize_stream(body.text, style=body.style, worded=body.worded))

    @router.post("/summarize/batch")
    def summarize_batch(body: Notes) -> Any:
        """Summaries of several notes, in their order."""
        return to_dict(assistant.summarize_notes(body.texts, style=body.style, worded=body.worded))

    @router.post("/deidentify")
    def deidentified(body: Text) -> dict[str, Any]:
        """A copy without names, dates, numbers and places; `masked` counts what was masked, by kind."""
        copy = deidentify(body.text)
        return {"text": copy.text, "masked": Counter(item.kind for item in copy.items), "warning": LOOK}

    return router


def _education(assistant: Assistant) -> APIRouter:
    router = APIRouter(tags=["patient education"])

    @router.post("/educate", responses=_also(MARKDOWN, "text/html", PDF))
    def educate(body: Topic) -> Any:
        """Patient education for a reader, at a measured reading grade; HTML and PDF come as a file to print."""
        record = assistant.educate(body.topic, reader=body.reader.known(), grade=body.grade)
        match body.format:
            case "markdown":
                return Response(render.handout(record), media_type=MARKDOWN)
            case "html":
                return _file(handout_page.html(record), "text/html; charset=utf-8", handout_page.file_name(record, "html"))
            case "pdf":
                return _file(handout_page.pdf(record), PDF, handout_page.file_name(record, "pdf"))
        return to_dict(record)

    return router


def _risk(assistant: Assistant) -> APIRouter:
    router = APIRouter(tags=["risk tools"])

    @router.get("/risk")
    def listed() -> list[dict[str, str]]:
        """Every risk tool: its name and title."""
        return [{"name": found.name, "title": found.title} for found in tools()]

    @router.get("/risk/{name}")
    def described(name: str) -> dict[str, Any]:
        """What a tool takes (input: unit, yes/no, date or choices), for whom it is, and its sources."""
        found = tool(name)
        told = {key: getattr(found, key) for key in ("name", "title", "population", "unit")}
        return {**told, "inputs": dict(found.inputs), "optional": sorted(found.optional), "sources": list(found.sources)}

    @router.post("/risk")
    def asked(body: Asked) -> Any:
        """The tools that a question asks for, filled from the note; each input carries its place in the note."""
        return to_dict(assistant.assess_from_note(body.question, body.note))

    @router.post("/risk/{name}")
    def risk(name: str, body: Risk) -> Any:
        """A score, equation or classifier; what is missing is named, with the range still possible."""
        return to_dict(assistant.assess_risk(name, body.inputs, note=body.note, strict=body.strict))

    return router


def _also(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """The other media types of a route, for its OpenAPI page."""
    binary = {PDF: {"schema": {"type": "string", "format": "binary"}}}
    return {200: {"content": {kind.partition(";")[0]: binary.get(kind, {"schema": {"type": "string"}}) for kind in kinds}}}


def _file(content: str | bytes, kind: str, name: str) -> Response:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _streamed(records: Iterator[Any]) -> StreamingResponse:
    first = next(records)   # made before the response begins, so that what cannot be used is still a 422
    return StreamingResponse(_lines(chain([first], records)), media_type=LINES)


def _lines(records: Iterable[Any]) -> Iterator[str]:
    try:
        for record in records:
            yield json.dumps(to_dict(record), ensure_ascii=False) + "\n"
    except EXPECTED as error:
        yield json.dumps(_problem(error), ensure_ascii=False) + "\n"


def _problem(error: Exception) -> dict[str, Any]:
    more = {"missing": error.missing, "low": error.low, "high": error.high} if isinstance(error, MissingInputs) else {}
    return {"error": str(error), "kind": type(error).__name__, **more}


def _refused(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse(_problem(error), status_code=next(status for kind, status in STATUS if isinstance(error, kind)))


def _misformed(request: Request, error: Exception) -> JSONResponse:
    """A body that does not fit, in one line; never what it held, which may be a note."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"][1:] if first["type"] != "json_invalid") or "the body"
    return JSONResponse({"error": f"{place}: {first['msg']}; the fields are listed at /docs", "kind": "InputError"}, status_code=422)
