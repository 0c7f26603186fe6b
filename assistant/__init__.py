"""A local clinical assistant: retrieves, calculates, checks, and only then words.

Decision support for clinicians; shows its sources so that you can check them; not a medical device; patient mode is education only.

>>> from assistant import Assistant
>>> answer = Assistant().ask("When is metformin contraindicated?")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.settings import Settings

__version__ = "0.1.0"
__all__ = ["Assistant", "Settings", "__version__"]


def __getattr__(name: str) -> Any:
    """Import on first use, so that `import assistant` does nothing heavy."""
    if name == "Assistant":
        from assistant.assistant import Assistant

        return Assistant
    if name == "Settings":
        from assistant.settings import Settings

        return Settings
    raise AttributeError(f"module 'assistant' has no attribute '{name}'; public names: {', '.join(__all__)}")
