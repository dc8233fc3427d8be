"""The engine for GGUF models in this process, through llama.cpp; the only module that imports llama_cpp.

`LlamaEngine` queues calls, makes prompts, and decodes replies on a worker thread; `native.Native` holds the loaded
model and its KV cache.

A stop takes effect within one operation of llama.cpp's graph: its abort callback is the C function `strlen` over the
call's flag, so that its hundreds of calls per token cost nothing. On a GPU, a stop waits for the current chunk's end.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

from ..errors import GenerationFailed, ModelError, ModelNotFound, PromptTooLong
from ..models.header import read_header
from ..models.memory import DEFAULT_WINDOW
from ..session.messages import ChatMessage, Completion, Usage
from . import IsComplete, OnRead, OnText
from .adapter import ADVICE, identity
from .chat_format import SMALLEST_REPLY, ChatFormat, chatml
from .decoding import THINKING, Limits, PartialReply
from .gpu import Device, devices, gpu_layers, opened
from .interruptible_call import POLL_SECONDS, InterruptibleCall
from .native import Native
from .prefix_cache import MIN_TOKENS, PrefixCache
from .template import TemplateRefused
from .weights import Aborted, errors

T = TypeVar("T")


class LlamaEngine:
    """`Engine` for one GGUF file, which is loaded by the first `generate` or `count_tokens`.

    Loading raises `ModelNotFound`, `ModelCorrupt`, `NotEnoughMemory` or `ModelError`. `is_complete` is called on the
    worker thread.

    Args:
        path: the file.
        name: as shown to the user.
        context_size: window in tokens; None for 8,192. Loading reduces it to the window that the model was trained on.
        chat_format: `gguf` for the chat template in the file, `chatml` to override it.
        threads: threads of the model; None for one per physical core that this process may use.
        prefix_cache: directory of the prefix cache; None for no cache.
        thinking: tokens that the model may think before a reply, where its template cannot switch that off.
        adapter: file of a LoRA adapter for the model; None for none.
        first: called before the file is loaded, with a function that returns True once that was stopped.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        name: str,
        context_size: int | None = None,
        chat_format: Literal["gguf", "chatml"] = "gguf",
        threads: int | None = None,
        prefix_cache: Path | None = None,
        thinking: int = THINKING,
        adapter: Path | None = None,
        first: Callable[[Callable[[], bool]], None] = lambda stopped: None,
    ) -> None:
        self.name = name
        self.context_size = context_size or DEFAULT_WINDOW
        self.notes: list[str] = []
        self.weights: dict[str, str] = {}  # set by `loading`
        self.on_read: OnRead = lambda share: None
        self._path = Path(path)
        self._adapter = adapter
        self._first = first
        self._forced = chatml() if chat_format == "chatml" else None
        self._thinking = thinking
        self._threads = threads or physical_cores()
        self._cache_directory = prefix_cache
        self._prefix_cache: PrefixCache | None = None
        self._native: Native | None = None
        self._chat: ChatFormat
        self._lock = threading.Lock()
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
        started = time.perf_counter()
        call: InterruptibleCall[Completion] = InterruptibleCall()

        def reply(native: Native) -> Completion:
            prompt, (text, begun) = self._chat.ids(messages), self._chat.begin(start)
            length = len(prompt) + len(begun)
            native.on_read = lambda position: call.show_read(position / length)
            limits = Limits.within(self._room(length), max_tokens, self._thinking)
            partial = PartialReply(limits, self._chat.until_end, is_complete, call.show, text, begun)
            native.evaluated, prefix = 0, self._chat.prefix_length(messages)
            while True:
                with contextlib.closing(native.sample(temperature, seed, self._chat.end_id)) as tokens:
                    self._decode(native, [*prompt, *partial.ids], prefix, tokens, partial)
                if not partial.end_thought(self._chat.marked):
                    break
            first = partial.first_at - started if partial.first_at else 0.0
            usage = Usage(length, native.evaluated, partial.count, first, time.perf_counter() - started)
            return Completion(partial.text, partial.finish, tuple(partial.ids), usage)

        return self._run(call, lambda: self._with_native(call, reply, Completion("", "stopped")), on_text)

    def log_probabilities(self, messages: Sequence[ChatMessage], openings: Sequence[str]) -> list[float]:
        """Compare beginnings of the reply. See `Engine.log_probabilities`."""
        call: InterruptibleCall[list[float]] = InterruptibleCall()

        def weigh(native: Native) -> list[float]:
            ids = self._chat.ids(messages)
            self._room(len(ids))
            native.on_read = lambda position: call.show_read(position / len(ids))
            self._load_prefix(native, ids, self._chat.prefix_length(messages))
            return [native.log_probability(ids, self._chat.begin(opening)[1]) for opening in openings]

        return self._run(call, lambda: self._with_native(call, weigh, [0.0] * len(openings)))

    def count_tokens(self, messages: Sequence[ChatMessage]) -> int:
        """Count the tokens of a prompt; loads the model. See `Engine.count_tokens`."""
        if self._native is None:
            call: InterruptibleCall[None] = InterruptibleCall()
            self._run(call, lambda: self._with_native(call, lambda native: None, None))
            if self._native is None:
                raise GenerationFailed(f"{self.name} was stopped while it was loaded: ask again to load it.")
        return len(self._chat.ids(messages))

    def stop(self) -> None:
        """End all `generate` calls, waiting ones too. See `Engine.stop`."""
        for call in tuple(self._live):
            call.stop()

    def close(self) -> None:
        """Free the model's memory. The next use loads the model again."""
        self.stop()
        with self._lock:
            if self._native is not None:
                self._native.close()
            self._native = None

    def _run(self, call: InterruptibleCall[T], job: Callable[[], T], on_text: OnText = lambda text: None) -> T:
        self._live.add(call)
        try:
            return call.run(job, on_text, self.on_read)
        finally:
            self._live.discard(call)

    def _with_native(self, call: InterruptibleCall[T], job: Callable[[Native], T], stopped: T) -> T:
        """Wait for the lock, load the model if necessary, and do the job; on the worker thread."""
        while not self._lock.acquire(timeout=POLL_SECONDS):
            if call.stopped:
                return stopped
        try:
            self._native = self._native or self._load(call)
            self._native.abort_on(call.flag)
            return job(self._native)
        except Aborted:
            return stopped
        finally:
            self._lock.release()

    def _load(self, call: InterruptibleCall[Any]) -> Native:
        if not self._path.is_file():
            raise ModelNotFound(f"There is no model file {self._path}: choose another model or fetch this one again.")
        if self._adapter and not self._adapter.is_file():
            raise ModelNotFound(f"There is no adapter {self._adapter}: {ADVICE}.")
        self._first(lambda: call.stopped)
        lib = _llama_cpp()
        where = lib, self._path, self.context_size, self._threads, lambda: call.stopped
        native = opened(
            lambda layers: Native(*where, gpu_layers=layers, adapter=self._adapter),
            gpu_layers(read_header(self._path), self.context_size, found) if (found := devices(lib)) else 0,
        )
        weakref.finalize(self, native.close).atexit = False  # at exit a worker may still be inside llama.cpp
        try:
            template, note = (self._forced, None) if self._forced else native.vocabulary.own_template()
            self._chat = ChatFormat(native.vocabulary.tokenize, template, native.vocabulary.bos)
        except TemplateRefused as error:
            native.close()
            raise ModelError(
                f"{self.name} cannot be spoken to: {error}. Choose another model, or a newer GGUF file of this one."
            ) from error
        if self._cache_directory is not None:
            version = f"{lib.__version__} {identity(self._adapter)}" if self._adapter else lib.__version__
            self._prefix_cache = PrefixCache(self._cache_directory, self._path, version)
        self.context_size = native.context_size
        self.notes = [f"{self.name}: {note}"] if note else []
        return native

    def _room(self, prompt: int) -> int:
        """Return how many tokens of the window a prompt of this length leaves for the reply."""
        room = self.context_size - prompt
        if room < SMALLEST_REPLY:
            raise PromptTooLong(
                f"The prompt takes {prompt:,} tokens, but the window of {self.name} holds {self.context_size:,} with"
                " the reply: shorten the prompt, or start a new conversation."
            )
        return room

    def _decode(
        self, native: Native, ids: list[int], prefix: int, tokens: Iterator[int], partial: PartialReply
    ) -> None:
        """Evaluate the prompt, whose first `prefix` ids are fixed, and decode the reply; a stop ends it early."""
        try:
            self._load_prefix(native, ids, prefix)
            native.prefill(ids)
            for token in tokens:
                if partial.append(token, native.vocabulary.spelling(token)):
                    break
        except Aborted:
            partial.finish = "stopped"

    def _load_prefix(self, native: Native, ids: list[int], length: int) -> None:
        """Make the KV cache hold the fixed prefix: from the prefix cache, or else evaluate it and store it there."""
        if self._prefix_cache is None or length < MIN_TOKENS or native.reusable(ids) >= length:
            return
        prefix = ids[:length]
        path = self._prefix_cache.path_for(prefix)
        if not (path.is_file() and native.restore(path, prefix)):
            native.prefill(prefix)
            self._prefix_cache.store(path, native.save)


def gpus() -> list[Device]:
    """Return the GPUs that this build of llama.cpp can use."""
    return devices(_llama_cpp())


def physical_cores() -> int:
    """Count the physical cores that this process may use, by its CPU affinity and its container's quota.

    Returns:
        The number of cores, at least 1.
    """
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
    """Import the bindings, and log errors only."""
    try:
        with _short_spins():
            import llama_cpp
    except (ImportError, OSError, RuntimeError) as error:
        raise ModelError(f"llama-cpp-python cannot be imported ({error}): reinstall it with pip.") from error

    def log(level: int, text: bytes, data: Any) -> None:
        if level == 4:  # GGML_LOG_LEVEL_ERROR in ggml.h; the bindings' comment has it otherwise
            errors.append(text.decode("utf-8", "replace").strip())

    _keep_alive.append(llama_cpp.llama_log_callback(log))
    llama_cpp.llama_log_set(_keep_alive[0], None)
    llama_cpp.llama_backend_init()
    return llama_cpp


_keep_alive: list[Any] = []  # ctypes callbacks that llama.cpp holds


@contextlib.contextmanager
def _short_spins() -> Iterator[None]:
    """Make OpenMP, if it is loaded within the block, yield a core soon when it waits for another.

    By default it spins for milliseconds, several hundred times per token: with one other busy process on two cores,
    the default model decodes 0.3 tokens per second that way and 6 with this; on an idle machine, this costs 5 %.
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
