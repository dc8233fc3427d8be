"""The engine for a model behind a server that speaks OpenAI's chat protocol: llama-server, vLLM, Ollama, LM Studio, ….

A server has no token ids, applies the chat template itself, and does not go on in the middle of a reply. So
`log_probabilities` returns zeros, by which the techniques that compare odds are skipped; `start` becomes a request in
the last message; and a reply that was cut at the token limit stays cut.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import os
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any
from urllib.parse import urlsplit

from ..dialects import thoughts
from ..errors import GenerationFailed, ModelError, ModelNotFound, PromptTooLong
from ..models.memory import DEFAULT_WINDOW
from ..session.messages import ChatMessage, Completion, Usage
from . import IsComplete, OnRead, OnText
from .decoding import THINKING, Limits
from .interruptible_call import POLL_SECONDS, InterruptibleCall
from .server_chat import StreamedReply, as_chat, is_too_long
from .template_child import SWITCHES

KEY = "CODEACT_SERVER_KEY"  #: environment variable with the server's key
LONGEST_OPENING = 80  #: characters of a `start` that a model is asked to begin with
CHARACTERS = 3.0  #: per token, until the server has counted a prompt
PER_MESSAGE = 8  #: tokens of the chat template for each message

_ADDRESS = "set `server` to the address of the API, which usually ends with /v1"
#: The sampling of `native`, and the switches of `template`; servers have other defaults.
_LIKE_LOCAL = {"top_k": 40, "min_p": 0.05, "repeat_penalty": 1.0, "chat_template_kwargs": SWITCHES}


class ServerEngine:
    """`Engine` for one model of a server, which is asked for its models at the first call.

    Calls raise `ModelError` if the server cannot be used. `is_complete` is called on the worker thread.

    Args:
        url: base address, such as `http://127.0.0.1:8000/v1`.
        model: its name there; another name, or none, stands for the only model of the server.
        context_size: window in tokens; None for what the server says, or else 8,192.
        key: the server's key; empty for the one in the environment or the keyring.
    """

    def __init__(self, url: str, *, model: str = "", context_size: int | None = None, key: str = "") -> None:
        self.host = host_of(url)  #: where the text goes
        self.name = f"{model or 'a model'} @ {self.host}"
        self.context_size = context_size or DEFAULT_WINDOW
        self.notes: list[str] = []
        self.weights: dict[str, str] = {}
        self.on_read: OnRead = lambda share: None  # servers do not say how much they have read
        self._url = url
        self._model = model
        self._is_sized = bool(context_size)
        self._key = key
        self._is_open = False
        self._extras = True  # the server takes fields that OpenAI's own does not know
        self._thought = 0  # tokens that a reply may have more, for the thought of a model that thinks all the same
        self._characters = CHARACTERS
        self._live: set[InterruptibleCall[Any]] = set()

    def generate(
        self,
        messages: Sequence[ChatMessage],
        *,
        start: str = "",
        is_complete: IsComplete = lambda text: False,
        on_text: OnText = lambda text: None,
        max_tokens: int = 1024,
        temperature: float = 0.0,
        seed: int = 0,
    ) -> Completion:
        """Generate the reply to a conversation. See `Engine.generate`."""
        if len(start) > LONGEST_OPENING:
            return Completion(start, "length")
        call: InterruptibleCall[Completion] = InterruptibleCall()
        sent = as_chat(messages, start)
        reply = StreamedReply(is_complete, call.show)
        limits = Limits.within(self.context_size - self.count_tokens(messages), max_tokens, self._thought)
        request = {
            "messages": sent,
            "max_tokens": limits.reply + limits.thought,
            "temperature": temperature,
            "top_p": 0.95,
            "seed": seed,
        }

        async def ask(client: Any) -> None:
            await self._open(client)
            await reply.read(await self._begin(client, {"model": self._model, **request}))

        started = time.perf_counter()
        if not self._run(call, ask, on_text):
            reply.finish = "stopped"
        self._thought = THINKING if thoughts.thought_of(reply.text) else self._thought
        return Completion(reply.text, reply.finish, (), self._usage(messages, reply, started))

    def log_probabilities(self, messages: Sequence[ChatMessage], openings: Sequence[str]) -> list[float]:
        """Return zeros: servers do not tell the odds of a given beginning. See `Engine.log_probabilities`."""
        return [0.0] * len(openings)

    def count_tokens(self, messages: Sequence[ChatMessage]) -> int:
        """Estimate the tokens of a prompt by its characters. See `Engine.count_tokens`."""
        characters = sum(len(message.content) for message in messages)
        return int(characters / self._characters) + PER_MESSAGE * (len(messages) + 1)

    def stop(self) -> None:
        """End all `generate` calls; the server notices that the connection is closed. See `Engine.stop`."""
        for call in tuple(self._live):
            call.stop()

    def _run(
        self, call: InterruptibleCall[Any], ask: Callable[[Any], Coroutine[Any, Any, None]], on_text: OnText
    ) -> bool:
        """Run a request on the worker thread; return False if it was stopped."""
        openai = _openai()

        async def job() -> bool:
            key = self._key or key_for(self.host) or "none"
            http = openai.DefaultAsyncHttpxClient(trust_env=not is_here(self._url))
            async with openai.AsyncOpenAI(base_url=self._url, api_key=key, max_retries=1, http_client=http) as client:
                return await _unless_stopped(ask(client), lambda: call.stopped)

        self._live.add(call)
        try:
            return bool(call.run(lambda: asyncio.run(job()), on_text))
        except (openai.OpenAIError, json.JSONDecodeError) as error:
            raise self._explained(error) from error
        finally:
            self._live.discard(call)

    async def _open(self, client: Any) -> None:
        """Ask for the server's models, and choose one."""
        if self._is_open:
            return
        try:
            models = {model.id: model for model in (await client.models.list()).data}
        except (AttributeError, TypeError, json.JSONDecodeError):  # of the client, which takes any answer
            raise ModelError(f"{self.host} does not answer like OpenAI's API: {_ADDRESS}.") from None
        if not models:
            raise ModelNotFound(f"{self.host} has no model: load one there, and ask again.")
        if self._model not in models:
            if len(models) != 1:
                names = ", ".join(sorted(models))
                raise ModelNotFound(f"{self.host} has no model {self._model!r}: choose one that it has ({names}).")
            (self._model,) = models
        self.name = f"{self._model} @ {self.host}"
        window = getattr(models[self._model], "max_model_len", None)
        if isinstance(window, int) and not self._is_sized:
            self.context_size = window
        self._is_open = True

    async def _begin(self, client: Any, request: dict[str, Any]) -> Any:
        """Send a request, without the fields that not all servers know if this one refuses them."""
        create = client.chat.completions.create
        if self._extras:
            try:
                extras = {"stream_options": {"include_usage": True}, "extra_body": _LIKE_LOCAL}
                return await create(stream=True, **request, **extras)
            except (_openai().BadRequestError, _openai().UnprocessableEntityError) as error:
                if is_too_long(error):
                    raise
            self._extras = False
        return await create(stream=True, **request)

    def _usage(self, messages: Sequence[ChatMessage], reply: StreamedReply, started: float) -> Usage:
        """Return the cost of a reply as the server counts it, or else as it was observed."""
        told, first = reply.usage, reply.first_at - started if reply.first_at else 0.0
        if told is None or told.prompt_tokens is None:
            prompt = self.count_tokens(messages)
            return Usage(prompt, prompt, reply.pieces, first, time.perf_counter() - started)
        cached = getattr(told.prompt_tokens_details, "cached_tokens", None) or 0
        of_template = PER_MESSAGE * (len(messages) + 1)
        if told.prompt_tokens > 2 * of_template:
            characters = sum(len(message.content) for message in messages)
            self._characters = characters / (told.prompt_tokens - of_template)
        return Usage(
            told.prompt_tokens,
            told.prompt_tokens - cached,
            told.completion_tokens or reply.pieces,
            first,
            time.perf_counter() - started,
        )

    def _explained(self, error: Exception) -> Exception:
        """Return the error of this package for one of the client."""
        openai = _openai()
        if is_too_long(error):
            return PromptTooLong(f"The prompt is too long for {self.name}: shorten it, or start a new conversation.")
        if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
            return ModelError(f"{self.host} refuses the key: set {KEY} to the right one, or store it in the keyring.")
        reason = str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
        if self._is_open:
            return GenerationFailed(f"{self.host} gave no reply ({reason}): try again, or look at the server's log.")
        if isinstance(error, openai.NotFoundError):
            return ModelError(f"{self.host} has no models at this address ({reason}): {_ADDRESS}.")
        is_away = isinstance(error, openai.APIConnectionError)
        remedy = "start the server" if is_away else "look at the server's log"
        return ModelError(f"{self.host} cannot be used ({reason}): {remedy}, or unset the option `server`.")


def host_of(url: str) -> str:
    """Return host and port of an address, without a password in it.

    Args:
        url: the address.
    """
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def is_here(url: str) -> bool:
    """Return True if an address is on this machine: no proxy of the environment may then see the text.

    Args:
        url: the address.
    """
    host = urlsplit(url).hostname or ""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def key_for(host: str) -> str:
    """Return the key for a server: from the environment, or from the keyring entry `codeact-jupyter` of that host.

    Args:
        host: the host, with its port if it has one.

    Returns:
        The key; empty if there is none.
    """
    if key := os.environ.get(KEY):
        return key
    with contextlib.suppress(Exception):  # not installed, locked, or without a backend
        import keyring

        return keyring.get_password("codeact-jupyter", host) or ""
    return ""


async def _unless_stopped(work: Coroutine[Any, Any, None], stopped: Callable[[], bool]) -> bool:
    """Await the work; return False if it was stopped before its end."""

    async def watch() -> None:
        while not stopped():
            await asyncio.sleep(POLL_SECONDS)

    tasks = asyncio.ensure_future(work), asyncio.ensure_future(watch())
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    if tasks[0] not in done:
        return False
    tasks[0].result()
    return True


def _openai() -> Any:
    try:
        import openai
    except ImportError as error:
        raise ModelError(
            "The option `server` needs the package openai: pip install 'codeact-jupyter[server]'."
        ) from error
    return openai
