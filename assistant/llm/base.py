"""What every language model here can do, and the helpers that all back ends share.

A back end is a plain object; the heavy library is imported in its constructor, never with the module.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from assistant.errors import InputError

MAX_TOKENS = 512    # one checked answer needs 60-250 tokens; the rest is room for lists
_MARKER = re.compile(r"<\|(?=\w+\|>)")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A chat turn: fixed instructions (whose model state is kept between calls) and what changes from call to call."""

    system: str
    user: str


@runtime_checkable
class LLM(Protocol):
    """A language model.

    A `Prompt` is put into the model's own chat template; a `str` is continued as it stands, without a template
    (a chat server, which has no such call, gets it as one user message).

    Attributes:
        name: back end and model, for the versions of an answer.
        model_hash: SHA-256 of the weights, or a revision where there is no file; "" where neither is known.
        context_length: most tokens of prompt and answer together.
        leaves_process: True when the prompt is sent to a server; the doors show it.
        writes: False for the back end without a model; the caller then quotes its evidence.
    """

    @property
    def name(self) -> str:
        """Back end and model."""
        ...

    @property
    def model_hash(self) -> str:
        """SHA-256 of the weights."""
        ...

    @property
    def context_length(self) -> int:
        """In tokens."""
        ...

    @property
    def leaves_process(self) -> bool:
        """Whether text goes to a server."""
        ...

    @property
    def writes(self) -> bool:
        """Whether there is a model at all."""
        ...

    def stream(
        self, prompt: Prompt | str, *, max_tokens: int = MAX_TOKENS, stop: Sequence[str] = (), temperature: float = 0.0, seed: int = 0
    ) -> Iterator[str]:
        """Yield the answer in pieces as it is made; joined they are what `generate` returns.

        Args:
            stop: the text ends before the first of these strings, also when it spans several tokens.
            temperature: 0 takes the likeliest token each time, so equal calls give equal text; above 0 it samples.
            seed: of the sampling; equal seeds give equal text on the same machine.

        Raises:
            InputError: empty prompt, empty stop string, impossible number, or a prompt that does not fit.
            BackendError: the model failed.
        """
        ...

    def generate(
        self, prompt: Prompt | str, *, max_tokens: int = MAX_TOKENS, stop: Sequence[str] = (), temperature: float = 0.0, seed: int = 0
    ) -> str:
        """The whole answer; arguments and errors as for `stream`."""
        ...

    def log_likelihood(self, prompt: Prompt | str, continuations: Sequence[str]) -> list[float]:
        """Natural log probability of each continuation after the prompt: the sum over its tokens, at most 0.

        Raises:
            InputError: no continuation, or an empty one.
            BackendError: this back end cannot see token probabilities.
        """
        ...

    def count_tokens(self, text: str) -> int:
        """Tokens of the text alone, without the chat template."""
        ...


class Streams(ABC):
    """Gives a back end that can stream its `generate`."""

    leaves_process = False
    writes = True

    @abstractmethod
    def stream(
        self, prompt: Prompt | str, *, max_tokens: int = MAX_TOKENS, stop: Sequence[str] = (), temperature: float = 0.0, seed: int = 0
    ) -> Iterator[str]:
        """See `LLM.stream`; each back end has its own."""

    def generate(
        self, prompt: Prompt | str, *, max_tokens: int = MAX_TOKENS, stop: Sequence[str] = (), temperature: float = 0.0, seed: int = 0
    ) -> str:
        """See `LLM.generate`."""
        return "".join(self.stream(prompt, max_tokens=max_tokens, stop=stop, temperature=temperature, seed=seed))


def check_request(prompt: Prompt | str, *, max_tokens: int, stop: Sequence[str], temperature: float) -> None:
    """Raise InputError for a request that no model can answer."""
    text = prompt if isinstance(prompt, str) else prompt.user
    if not text.strip():
        raise InputError("the prompt is empty; give the text that the model is to answer")
    if max_tokens < 1:
        raise InputError(f"max_tokens is {max_tokens}; give 1 or more")
    if temperature < 0:
        raise InputError(f"temperature is {temperature:g}; give 0 (no sampling) or more")
    if isinstance(stop, str) or any(not word for word in stop):
        raise InputError("stop takes a list of strings, none of them empty")


def check_room(prompt_tokens: int, max_tokens: int, context_length: int) -> int:
    """How many tokens may be generated: max_tokens, or what the context still holds.

    Raises:
        InputError: the prompt alone fills the context.
    """
    room = context_length - prompt_tokens
    if room < 1:
        raise InputError(f"the prompt has {prompt_tokens} tokens; the model takes {context_length} for prompt and answer: shorten the text")
    return min(max_tokens, room)


def check_continuations(continuations: Sequence[str]) -> None:
    """Raise InputError unless there is something to score."""
    if isinstance(continuations, str) or not continuations or any(not text for text in continuations):
        raise InputError("log_likelihood takes a list of at least one continuation, none of them empty")


def without_markers(text: str) -> str:
    """Text in which nothing reads as a control token of a chat template, for back ends that would obey it.

    >>> without_markers("pain <|im_end|> none")
    'pain < |im_end|> none'
    """
    return _MARKER.sub("< |", text)


def chat_messages(prompt: Prompt) -> list[dict[str, str]]:
    """The turns of a Prompt for a chat template that obeys control tokens in its text."""
    return [{"role": "system", "content": without_markers(prompt.system)}, {"role": "user", "content": without_markers(prompt.user)}]


def until_stop(pieces: Iterable[str], stop: Sequence[str]) -> Iterator[str]:
    """Pass the pieces on, ending before the first stop string.

    Held back is only the tail that may still become a stop string, so text flows while it is made.

    >>> list(until_stop(["one tw", "o thr", "ee"], ["two"]))
    ['one ']
    """
    held = ""
    try:
        for piece in pieces:
            held += piece
            found = [at for at in (held.find(word) for word in stop) if at >= 0]
            keep = len(held) - min(found) if found else _possible_start(held, stop)
            if len(held) > keep:
                yield held[: len(held) - keep]
                held = held[len(held) - keep :]
            if found:
                return
        if held:
            yield held
    finally:
        if isinstance(pieces, Generator):       # ends the model's work now, not at the next garbage collection
            pieces.close()


def _possible_start(text: str, stop: Sequence[str]) -> int:
    """Length of the longest tail of the text that begins some stop string."""
    longest = 0
    for word in stop:
        for length in range(min(len(word) - 1, len(text)), longest, -1):
            if text.endswith(word[:length]):
                longest = length
                break
    return longest
