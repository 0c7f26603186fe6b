"""The back end without a model: it writes nothing, so the caller quotes the statements that it found."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from assistant.errors import BackendError
from assistant.llm.base import MAX_TOKENS, Prompt, Streams, check_request


class Extractive(Streams):
    """Stands in where no model can be loaded; `writes` is False."""

    name = "extractive"
    model_hash = ""
    context_length = sys.maxsize
    writes = False

    def stream(
        self, prompt: Prompt | str, *, max_tokens: int = MAX_TOKENS, stop: Sequence[str] = (), temperature: float = 0.0, seed: int = 0
    ) -> Iterator[str]:
        """Nothing; the request is checked all the same, so that a mistake shows without a model too."""
        check_request(prompt, max_tokens=max_tokens, stop=stop, temperature=temperature)
        return iter(())

    def log_likelihood(self, prompt: Prompt | str, continuations: Sequence[str]) -> list[float]:
        """Raise BackendError: without a model there are no probabilities."""
        raise BackendError("the back end 'extractive' has no model and no probabilities; choose ctranslate2, llama_cpp or transformers")

    def count_tokens(self, text: str) -> int:
        """Words, as no tokenizer is there."""
        return len(text.split())
