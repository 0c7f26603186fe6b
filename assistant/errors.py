"""The errors a caller may catch.

EXPECTED                           shown as one line, without a stack
├─ KnowledgeBaseError              the guidelines or their index cannot be used (knowledge_base.errors)
└─ AssistantError
   ├─ SettingsError                unknown key, impossible value
   ├─ BackendError                 model missing, failed or timed out
   │  └─ WeightsError              weights cannot be had, or are not the file that was promised
   └─ InputError (ValueError)      what the user gave cannot be used
      ├─ UnknownTool               no score, equation or classifier of that name
      └─ MissingInputs             names, units, and the range still possible

Every message says what came, what is allowed and what to do next. None holds the text of a note or a question.
"""

from __future__ import annotations

from knowledge_base.errors import KnowledgeBaseError

__all__ = [
    "EXPECTED",
    "AssistantError",
    "BackendError",
    "InputError",
    "KnowledgeBaseError",
    "MissingInputs",
    "SettingsError",
    "UnknownTool",
    "WeightsError",
]


class AssistantError(Exception):
    """What a caller may catch."""


class SettingsError(AssistantError):
    """An unknown key or an impossible value in the settings."""


class BackendError(AssistantError):
    """The language model is missing, failed or timed out."""


class WeightsError(BackendError):
    """Model weights cannot be had, or are not the file that was promised."""


class InputError(AssistantError, ValueError):
    """What the user gave cannot be used."""


class UnknownTool(InputError):
    """No score, equation or classifier has that name."""


class MissingInputs(InputError):
    """A risk tool lacks inputs.

    Attributes:
        tool: name of the tool.
        missing: input name -> unit or allowed values.
        low, high: the range of results that is still possible; None where it cannot be bounded.
    """

    def __init__(self, tool: str, missing: dict[str, str], low: float | None = None, high: float | None = None) -> None:
        self.tool, self.missing, self.low, self.high = tool, missing, low, high
        wanted = ", ".join(f"{name} ({unit})" for name, unit in missing.items())
        span = "" if low is None or high is None else f"; with what is known the result lies in {low:g}-{high:g}"
        super().__init__(f"{tool} needs {wanted}{span}")


EXPECTED = (AssistantError, KnowledgeBaseError)
