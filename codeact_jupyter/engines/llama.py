"""A GGUF model in this process, through llama.cpp: the only module that imports llama_cpp.

`LlamaEngine` queues requests, renders prompts and decodes replies on a worker thread; `native.Native` holds the loaded
model and its KV cache.

Stop works within one operation of llama.cpp's graph: its abort callback is the C function `strlen` over the request's
flag, so that being asked some hundreds of times per token costs nothing. This works on the CPU; on a GPU a stop waits
for the end of the current chunk.
"""

from __future__ import annotations

import codecs
import contextlib
import functools
import os
import threading
import time
import weakref
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

from ..errors import GenerationFailed, ModelError, ModelNotFound, PromptTooLong
from ..session.messages import ChatMessage, Completion, Usage
from . import IsComplete, OnText
from .chat_format import SMALLEST_REPLY, ChatFormat
from .native import Aborted, Native, errors
from .prefixes import SHORTEST, Prefixes
from .request import SLICE, Request
from .template import CHATML

DEFAULT_CONTEXT = 8192

Finish = Literal["complete", "end", "length", "stopped"]
T = TypeVar("T")


class LlamaEngine:
    """Runs the GGUF at `path`; an `Engine`. Nothing is loaded before the first `generate` or `count_tokens`.

    `context_size` is the window in tokens (default 8192), never more than the model was trained on; it is settled when
    the model is loaded. `chat_format` "chatml" overrides the file's own template. `threads` defaults to the physical
    cores this process may use. What has been read of fixed messages is kept in the directory `prefixes`, if one is
    given. `notes` are sentences for the user about what was done in place of what was asked.
    `is_complete` is called on the worker thread.

    Loading raises `ModelNotFound`, `ModelCorrupt`, `NotEnoughMemory` or `ModelError`.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        name: str,
        context_size: int | None = None,
        chat_format: Literal["gguf", "chatml"] = "gguf",
        threads: int | None = None,
        prefixes: Path | None = None,
    ) -> None:
        self.name = name
        self.context_size = context_size or DEFAULT_CONTEXT
        self.notes: list[str] = []
        self._path = Path(path)
        self._forced = CHATML if chat_format == "chatml" else None
        self._threads = threads or physical_cores()
        self._directory = prefixes
        self._prefixes: Prefixes | None = None
        self._native: Native | None = None
        self._chat: ChatFormat
        self._lock = threading.Lock()
        self._live: set[Request[Any]] = set()

    def generate(
        self,
        messages: Sequence[ChatMessage],
        *,
        is_complete: IsComplete = lambda text: False,
        on_text: OnText = lambda text: None,
        max_tokens: int = 1024,
        temperature: float = 0.0,
        seed: int = 0,
    ) -> Completion:
        """The reply to `messages`: see `Engine.generate`."""
        started = time.perf_counter()

        def reply(native: Native) -> Completion:
            ids = self._chat.ids(messages)
            limit = min(max_tokens, self._room(len(ids)))
            native.evaluated = 0
            head = ids[: self._chat.fixed(messages)]
            tokens = native.sample(temperature, seed, self._chat.end_id)
            return self._decode(native, request, head, ids, tokens, limit, is_complete, started)

        request: Request[Completion] = Request()
        stopped = Completion("", "stopped")
        return self._run(request, lambda: self._with_native(request, reply, stopped), on_text)

    def count_tokens(self, messages: Sequence[ChatMessage]) -> int:
        """Tokens of the prompt that asks for a reply to `messages`; loads the model when it is not."""
        if self._native is None:
            request: Request[None] = Request()
            self._run(request, lambda: self._with_native(request, lambda native: None, None))
            if self._native is None:
                raise GenerationFailed(f"{self.name} was stopped while it was loaded.")
        return len(self._chat.ids(messages))

    def stop(self) -> None:
        """Ends every `generate` under way, those that wait for their turn too. From any thread."""
        for request in tuple(self._live):
            request.stop()

    def close(self) -> None:
        """Frees the model's memory. The next use loads it again."""
        self.stop()
        with self._lock:
            if self._native is not None:
                self._native.close()
            self._native = None

    def _run(self, request: Request[T], job: Callable[[], T], on_text: OnText = lambda text: None) -> T:
        self._live.add(request)
        try:
            return request.run(job, on_text)
        finally:
            self._live.discard(request)

    def _with_native(self, request: Request[T], job: Callable[[Native], T], stopped: T) -> T:
        """The worker's part: waits for its turn, loads the model when it is the first, and does the job."""
        while not self._lock.acquire(timeout=SLICE):
            if request.stopped:
                return stopped
        try:
            if self._native is None:
                self._native = self._load(request)
            self._native.obey(request.flag)
            return job(self._native)
        except Aborted:
            return stopped
        finally:
            self._lock.release()

    def _load(self, request: Request[Any]) -> Native:
        if not self._path.is_file():
            raise ModelNotFound(f"There is no model file {self._path}: choose another model or fetch this one again.")
        native = Native(_llama_cpp(), self._path, self.context_size, self._threads, lambda: request.stopped)
        weakref.finalize(self, native.close).atexit = False  # at exit a worker may still be inside llama.cpp
        template, note = (self._forced, None) if self._forced else native.own_template()
        if self._directory is not None:
            self._prefixes = Prefixes(self._directory, self._path, _llama_cpp().__version__)
        self._chat = ChatFormat(native.tokenize, template or CHATML, native.bos)
        self.context_size = native.context_size
        self.notes = [f"{self.name}: {note}"] if note else []
        return native

    def _room(self, prompt: int) -> int:
        room = self.context_size - prompt
        if room < SMALLEST_REPLY:
            raise PromptTooLong(
                f"The prompt takes {prompt:,} tokens, but the window of {self.name} holds {self.context_size:,} with"
                " the reply: shorten the prompt, or start afresh."
            )
        return room

    def _begin(self, native: Native, head: list[int]) -> None:
        """Makes the cache hold the prompt's fixed beginning, from the disk if any process has read it before."""
        if self._prefixes is None or len(head) < SHORTEST or native.holds(head):
            return
        file = self._prefixes.file(head)
        if not (file.is_file() and native.restore(file, head)):
            native.prefill(head)
            self._prefixes.keep(file, native.save)

    def _decode(
        self,
        native: Native,
        request: Request[Completion],
        head: list[int],
        ids: list[int],
        tokens: Generator[int],
        limit: int,
        is_complete: IsComplete,
        started: float,
    ) -> Completion:
        """Evaluates the prompt and decodes the reply; a stop on the way leaves what there was so far."""
        text, generated, first_token = "", list[int](), 0.0
        characters = codecs.getincrementaldecoder("utf-8")("replace")  # holds half characters back
        finish: Finish = "end"
        try:
            self._begin(native, head)
            native.prefill(ids)
            for token in tokens:
                first_token = first_token or time.perf_counter() - started
                generated.append(token)
                if more := characters.decode(native.spelling(token)):
                    text += more
                    if (spoken := self._chat.until_end(text)) is not None:
                        text, generated = spoken, []  # the ids would say the closing marker twice
                        break
                    request.say(text)
                    if is_complete(text):
                        finish = "complete"
                        break
                if len(generated) >= limit:
                    finish = "length"
                    break
        except Aborted:
            finish = "stopped"
        finally:
            tokens.close()
        usage = Usage(len(ids), native.evaluated, len(generated), first_token, time.perf_counter() - started)
        return Completion(text, finish, tuple(generated), usage)


def physical_cores() -> int:
    """Cores that this process may use, hyper-threads and cores withheld by affinity or a container not counted."""
    import psutil

    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        cores = min(cores, len(os.sched_getaffinity(0)))
    with contextlib.suppress(OSError, ValueError):  # no cgroup, or the quota is "max"
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        cores = min(cores, int(quota) // int(period))
    return max(1, cores)


@functools.cache
def _llama_cpp() -> Any:
    """The bindings, with the log turned off."""
    try:
        with _short_spins():
            import llama_cpp
    except (ImportError, OSError, RuntimeError) as error:
        raise ModelError(f"llama-cpp-python cannot be used ({error}): reinstall it with pip.") from error

    def log(level: int, text: bytes, data: Any) -> None:
        if level == _GGML_LOG_LEVEL_ERROR:
            errors.append(text.decode("utf-8", "replace").strip())

    _keep_alive.append(llama_cpp.llama_log_callback(log))
    llama_cpp.llama_log_set(_keep_alive[0], None)
    llama_cpp.llama_backend_init()
    return llama_cpp


_GGML_LOG_LEVEL_ERROR = 4  # as in ggml.h; the bindings' comment has it otherwise
_keep_alive: list[Any] = []  # ctypes callbacks that llama.cpp holds


@contextlib.contextmanager
def _short_spins() -> Iterator[None]:
    """Lets OpenMP, if it is loaded meanwhile, give up a core soon when it waits for another.

    By default it spins for milliseconds, several hundred times a token: beside one other busy process on two cores the
    default model then decodes 0.3 tokens a second; with this 6, and 5 % fewer than before on an idle machine.
    """
    setting = "GOMP_SPINCOUNT"
    if setting in os.environ or "OMP_WAIT_POLICY" in os.environ:
        yield
        return
    os.environ[setting] = "1000"
    try:
        yield
    finally:
        del os.environ[setting]
