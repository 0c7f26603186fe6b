"""What the model is told: Markdown files with a name, a version and declared holes."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from string import Template

FOLDER = Path(__file__).parent


class PromptError(ValueError):
    """A prompt file whose holes differ from its inputs, or a value that is missing."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file: the system part does not change between questions, so that a back end may keep it in its cache."""

    name: str
    version: int
    inputs: tuple[str, ...]
    system: str
    user: str

    @property
    def hash(self) -> str:
        """First 12 hex digits of the SHA-256 of both parts."""
        return hashlib.sha256(f"{self.system}\0{self.user}".encode()).hexdigest()[:12]

    @property
    def label(self) -> str:
        """Name, version and hash: what an answer says of its prompt."""
        return f"{self.name} v{self.version} {self.hash}"

    def render(self, **values: str) -> str:
        """The user part with every hole filled; PromptError names what is missing or unknown."""
        if set(values) != set(self.inputs):
            raise PromptError(f"prompt {self.name} takes {', '.join(self.inputs)}; got {', '.join(sorted(values)) or 'nothing'}")
        return Template(self.user).substitute(values)


def load(name: str, folder: Path = FOLDER) -> Prompt:
    """Read `<name>.md`: front matter (name, version, inputs), the system part, a line '---', the user part."""
    try:
        _, front, system, user = (folder / f"{name}.md").read_text(encoding="utf-8").split("---\n", 3)
    except (OSError, ValueError) as error:
        raise PromptError(f"no readable prompt '{name}'; there are: {', '.join(sorted(p.stem for p in folder.glob('*.md')))}") from error
    meta = dict(line.split(": ", 1) for line in front.strip().splitlines())
    inputs = tuple(meta["inputs"].split())
    holes = set(re.findall(r"\$(?:\{)?([a-z_]+)", user))
    if holes != set(inputs) or "$" in system:
        raise PromptError(f"prompt {name} declares {', '.join(inputs)} but its user part holds {', '.join(sorted(holes))}")
    return Prompt(meta["name"], int(meta["version"]), inputs, system.strip(), user.strip())
