"""Any LangChain chat model, so that an OpenAI-compatible server (vLLM, llama.cpp, Ollama) serves by configuration.

Prompts leave this process, with what they hold of the patient: `leaves_process` says so to the doors. Off by default.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from assistant.errors import BackendError, SettingsError
from assistant.llm.base import MAX_TOKENS, Prompt, Streams, check_request, check_room, until_stop

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

CONTEXT_TOKENS = 8192
CHARACTERS_PER_TOKEN = 3        # English runs at about 4; numbers and drug names at fewer, and a count must not be too low
TIMEOUT_SECONDS = 120.0


class LangChainModel(Streams):
    """Sends each prompt to a chat model.

    Args:
        model: any LangChain chat model; or leave it out and give
        server_url, server_model: an OpenAI-compatible address such as http://127.0.0.1:8080/v1, and the model's name there.
        api_key: of that server; else the environment variable OPENAI_API_KEY.
        context_length: what the server takes; it cannot be asked.

    Raises:
        SettingsError: neither a model nor both parts of an address, or the package langchain-openai is not installed.
    """

    leaves_process = True

    def __init__(
        self, model: BaseChatModel | None = None, *, server_url: str = "", server_model: str = "", api_key: str = "",
        context_length: int = CONTEXT_TOKENS,
    ) -> None:  # fmt: skip
        self._model = model if model is not None else _chat_model(server_url, server_model, api_key)
        self.name = f"langchain {server_model or type(self._model).__name__}"
        self.model_hash = ""            # a server does not tell what weights it runs
        self.context_length = context_length
        self._failures = _failures()

    def stream(
        self, prompt: Prompt | str, *, max_tokens: int = MAX_TOKENS, stop: Sequence[str] = (), temperature: float = 0.0, seed: int = 0
    ) -> Iterator[str]:
        """See `LLM.stream`. Whether equal seeds give equal text is up to the server."""
        check_request(prompt, max_tokens=max_tokens, stop=stop, temperature=temperature)
        system, user = ("", prompt) if isinstance(prompt, str) else (prompt.system, prompt.user)
        room = check_room(self.count_tokens(system + user), max_tokens, self.context_length)
        messages = ([("system", system)] if system else []) + [("human", user)]
        options = {"max_tokens": room, "temperature": temperature, "seed": seed}
        return until_stop(self._pieces(messages, list(stop) or None, options), stop)

    def _pieces(self, messages: list[tuple[str, str]], stop: list[str] | None, options: dict[str, Any]) -> Generator[str, None, None]:
        try:
            for chunk in self._model.stream(messages, stop=stop, **options):
                yield str(chunk.text)
        except self._failures as error:
            raise BackendError(f"the chat model '{self.name}' failed: {type(error).__name__}: {error}") from error

    def log_likelihood(self, prompt: Prompt | str, continuations: Sequence[str]) -> list[float]:
        """Raise BackendError: a chat server does not score given text."""
        raise BackendError(f"'{self.name}' cannot score given text; choose ctranslate2, llama_cpp or transformers for that")

    def count_tokens(self, text: str) -> int:
        """An upper estimate from the length: the server's tokenizer is not here."""
        return -(-len(text) // CHARACTERS_PER_TOKEN)


def _chat_model(server_url: str, server_model: str, api_key: str) -> BaseChatModel:
    import os

    if not server_url or not server_model:
        raise SettingsError("the back end langchain needs server_url (for example http://127.0.0.1:8080/v1) and server_model")
    try:
        from langchain_openai import ChatOpenAI
    except ImportError as error:
        raise SettingsError("the back end langchain needs a package: pip install 'clinical-assistant[langchain]'") from error
    key = api_key or os.environ.get("OPENAI_API_KEY") or "none"         # local servers want a key and read none
    model: BaseChatModel = ChatOpenAI(base_url=server_url, model=server_model, api_key=key, timeout=TIMEOUT_SECONDS, max_retries=1)
    return model


def _failures() -> tuple[type[Exception], ...]:
    """What chat models raise: the errors of the two transports, and the plain ones for a bad answer."""
    import httpx

    plain: tuple[type[Exception], ...] = (httpx.HTTPError, OSError, RuntimeError, ValueError)
    try:
        openai = import_module("openai")
    except ImportError:
        return plain
    return (*plain, openai.OpenAIError)
