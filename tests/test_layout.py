"""The floors of the house: an import may only point down."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted(path for name in ("assistant", "knowledge_base", "prompts", "eval") for path in (ROOT / name).rglob("*.py"))
DOORS = {
    "assistant.cli", "assistant.cli_common", "assistant.cli_kb", "assistant.cli_text", "assistant.api", "assistant.api_bodies", "assistant.ui", "assistant.ui_parts",
    "assistant.ui_ask", "assistant.ui_diagnose", "assistant.ui_note", "assistant.ui_handout", "assistant.ui_risk",
}
FLOORS = (
    {"errors", "records"},
    {"settings", "limits", "facts", "privacy"},
    {"llm", "redflags", "requests_policy"},
    {"gate", "risk", "library"},
    {"wording", "parts", "imaging"},
    {"diagnose"},
    {"evidence"},
    {"ask"},
    {"notes", "education"},
    {"assistant"},
    {"fhir", "render", "doctor", "cli_common", "cli_text", "ui_parts", "api_bodies"},
    {"api", "cli_kb", "ui_diagnose", "ui_note", "ui_handout", "ui_risk"},
    {"ui_ask"},
    {"ui"},
    {"cli"},
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
ALLOWED = {"knowledge_base": {"knowledge_base"}, "prompts": {"prompts"}, "assistant": {"assistant", "knowledge_base", "prompts"}}


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in names if name.split(".")[0] in ("assistant", "knowledge_base", "prompts", "eval")}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_arrows_point_down(path):
    package = path.relative_to(ROOT).parts[0]
    for name in imported(path):
        assert package == "eval" or name.split(".")[0] in ALLOWED[package], f"{path.name} imports {name}"
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        assert module in DOORS or name not in DOORS or package == "eval", f"{path.name} imports the door {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_stay_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", [path for path in MODULES if path.is_relative_to(ROOT / "assistant")], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_room_stands_on_the_floors_below(path):
    room = path.relative_to(ROOT / "assistant").with_suffix("").parts[0]
    if room == "__init__":
        return
    assert room in FLOOR, f"{room} stands on no floor; put it into FLOORS"
    for name in imported(path):
        other = name.split(".")[1] if name.startswith("assistant.") else ""
        assert other not in FLOOR or other == room or FLOOR[other] < FLOOR[room], f"{path.name} on floor {FLOOR[room]} imports {name}"
