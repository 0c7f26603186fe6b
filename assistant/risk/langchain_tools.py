"""Every risk tool as a LangChain tool, for those who build agents: `langchain_tools()`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from assistant.errors import EXPECTED
from assistant.records import to_dict
from assistant.risk import assess, describe, tools
from assistant.risk.tool import DATE, Tool

if TYPE_CHECKING:
    from langchain_core.tools import StructuredTool


def langchain_tools() -> list[StructuredTool]:
    """One structured tool a score, equation or classifier; its arguments are the inputs, all optional since missing is missing."""
    return [langchain_tool(chosen) for chosen in tools()]


def langchain_tool(chosen: Tool) -> StructuredTool:
    """A risk tool that answers with its record as plain values, or with the one line that says what it cannot use."""
    from langchain_core.tools import StructuredTool

    def run(**inputs: Any) -> Any:
        try:
            return to_dict(assess(chosen.name, {name: value for name, value in inputs.items() if value is not None}))
        except EXPECTED as error:
            return {"error": str(error)}

    schema = {"type": "object", "properties": {name: _property(chosen, name) for name in chosen.inputs}, "required": []}
    return StructuredTool(name=chosen.name, description=describe(chosen.name)[:1000], args_schema=schema, func=run)


def _property(chosen: Tool, name: str) -> dict[str, Any]:
    if chosen.choices(name):
        return {"type": "string", "enum": list(chosen.choices(name)), "description": name}
    if chosen.inputs[name] == DATE:
        return {"type": "string", "format": "date", "description": f"{name} (date, year-month-day)"}
    return {"type": "number" if chosen.is_number(name) else "boolean", "description": f"{name} ({chosen.inputs[name]})"}
