"""A loaded model and its KV cache, over llama.cpp's C functions.

The ids in the cache are known, so a prompt is evaluated only from where it departs from them. The bindings come in as
`lib`; this module does not import them.
"""

from __future__ import annotations

import ctypes
import itertools
import os
from collections import deque
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

from ..errors import GenerationFailed, ModelCorrupt, NotEnoughMemory
from .template import ChatTemplate, TemplateRefused, learn

# Tokens per llama_decode of a prompt. Larger chunks are no faster on a CPU, and an abort loses the chunk under way.
CHUNK = 256

errors: deque[str] = deque(maxlen=3)  #: what llama.cpp last logged as an error; the rest of its log goes nowhere


class Aborted(Exception):
    """The request was stopped."""


class Native:
    """The model, its context and what its KV cache holds. One thread at a time; `tokenize` from any."""

    def __init__(self, lib: Any, path: Path, context_size: int, threads: int, stopped: Callable[[], bool]) -> None:
        self._lib = lib
        errors.clear()
        self._context = None
        self._model = self._load_model(path, stopped)
        self._vocab = lib.llama_model_get_vocab(self._model)
        self.context_size = min(context_size, lib.llama_model_n_ctx_train(self._model) or context_size)
        self._context = lib.llama_init_from_model(self._model, self._context_params(threads))
        if not self._context:
            self.close()
            raise NotEnoughMemory(
                f"No memory for a window of {self.context_size:,} tokens of {path.name}{_reason()}: choose a smaller"
                " window or a smaller model."
            )
        self._memory = lib.llama_get_memory(self._context)
        self._cached: list[int] = []  # the ids whose keys and values are in the cache, in order
        self.evaluated = 0  #: ids of prompts that were handed to llama_decode so far
        # A vocabulary that wants a space before any text (SentencePiece) would put one before each content.
        self._continues = lib.llama_vocab_type(self._vocab) == lib.LLAMA_VOCAB_TYPE_SPM
        self.bos: int | None = None
        if lib.llama_vocab_get_add_bos(self._vocab):
            self.bos = lib.llama_vocab_bos(self._vocab)

    def _load_model(self, path: Path, stopped: Callable[[], bool]) -> Any:
        lib = self._lib
        params = lib.llama_model_default_params()
        params.load_mode = lib.LLAMA_LOAD_MODE_MMAP
        # Repacked weights would be a private copy: 600 MB more and a slower start for the default model, no faster run.
        params.use_extra_bufts = False
        goes_on = lib.llama_progress_callback(lambda progress, data: not stopped())
        params.progress_callback = goes_on
        model = lib.llama_model_load_from_file(os.fsencode(path), params)
        if not model and stopped():
            raise Aborted
        if not model:
            raise ModelCorrupt(
                f"{path} cannot be loaded as a model{_reason()}: check it with `jupyter codeact models verify`, fetch"
                " it again, or choose another."
            )
        return model

    def _context_params(self, threads: int) -> Any:
        # Flash attention "auto" and an f16 cache stay at llama.cpp's defaults: neither "on" nor a q8_0 cache is faster
        # on a CPU.
        params = self._lib.llama_context_default_params()
        params.n_ctx = self.context_size
        params.n_batch = params.n_ubatch = CHUNK
        params.n_threads = params.n_threads_batch = threads
        return params

    def close(self) -> None:
        """Frees context and model; a second call does nothing."""
        context, model, self._context, self._model = self._context, self._model, None, None
        if context:
            self._lib.llama_free(context)
        if model:
            self._lib.llama_model_free(model)

    # text and tokens

    def own_template(self) -> tuple[ChatTemplate | None, str | None]:
        """The file's chat template, or None and the reason."""
        source = self._lib.llama_model_chat_template(self._model, None)
        if not source:
            return None, "the file has no chat template, so ChatML is used"
        bos, eos = (
            self._lib.llama_vocab_get_text(self._vocab, token).decode("utf-8", "replace") if token >= 0 else ""
            for token in (self._lib.llama_vocab_bos(self._vocab), self._lib.llama_vocab_eos(self._vocab))
        )
        try:
            return learn(source.decode("utf-8", "replace"), bos=bos, eos=eos), None
        except TemplateRefused as error:
            return None, f"the file's chat template is not used, for {error}; ChatML is used instead"

    def tokenize(self, text: str, special: bool) -> list[int]:
        if not self._continues or special:
            return self._tokenize(text, special)
        lead = self._tokenize("\n", False)
        return self._tokenize("\n" + text, False)[len(lead) :]

    def _tokenize(self, text: str, special: bool) -> list[int]:
        data = text.encode("utf-8", "replace")
        size = len(data) + 2  # no token is shorter than a byte, but for the space before the text
        ids = (self._lib.llama_token * size)()
        count = self._lib.llama_tokenize(self._vocab, data, len(data), ids, size, False, special)
        return list(ids[:count])

    def spelling(self, token: int) -> bytes:
        """The token's bytes; none for a control token."""
        size = 64
        while True:
            buffer = ctypes.create_string_buffer(size)
            count: int = self._lib.llama_token_to_piece(self._vocab, token, buffer, size, 0, False)
            if count >= 0:
                return buffer.raw[:count]
            size = -count

    # evaluation

    def obey(self, flag: ctypes.Array[ctypes.c_char]) -> None:
        """From now on llama.cpp aborts when the C string `flag` is not empty."""
        self._flag = flag  # keeps it alive for as long as llama.cpp may read it
        callback = ctypes.cast(ctypes.CDLL(None).strlen, self._lib.ggml_abort_callback)
        self._lib.llama_set_abort_callback(self._context, callback, ctypes.addressof(flag))

    def holds(self, ids: Sequence[int]) -> bool:
        """Whether the cache begins with these ids."""
        return self._cached[: len(ids)] == list(ids)

    def save(self, file: Path) -> bool:
        """Writes what the cache holds to a file. Returns whether that went well."""
        ids = (self._lib.llama_token * len(self._cached))(*self._cached)
        return bool(self._lib.llama_state_seq_save_file(self._context, os.fsencode(file), 0, ids, len(ids)))

    def restore(self, file: Path, ids: Sequence[int]) -> bool:
        """Makes the cache hold exactly `ids`, from a file that `save` wrote. Returns whether that went well."""
        self._keep(0)
        found, count = (self._lib.llama_token * len(ids))(), ctypes.c_size_t()
        size = self._lib.llama_state_seq_load_file(
            self._context, os.fsencode(file), 0, found, len(ids), ctypes.byref(count)
        )
        self._cached = list(found[: count.value])
        if not size or self._cached != list(ids):
            self._keep(0)
        return bool(self._cached)

    def prefill(self, ids: Sequence[int]) -> None:
        """Makes the cache hold exactly `ids`, evaluating what it does not hold; the last id always, for its logits."""
        common = 0
        for have, want in zip(self._cached, ids[:-1], strict=False):
            if have != want:
                break
            common += 1
        self._keep(common)
        # The last id goes alone: then its logits are the same bits whether or not the rest was in the cache.
        cuts = [*range(common, len(ids) - 1, CHUNK), len(ids) - 1, len(ids)]
        for begin, end in itertools.pairwise(cuts):
            self.evaluated += end - begin
            self._decode(ids[begin:end])

    def sample(self, temperature: float, seed: int, end_id: int | None) -> Generator[int]:
        """The tokens of the reply, without the one that ends it: `end_id` or what the file says.

        Each is evaluated when the next is asked for. Raises `Aborted` and `GenerationFailed`.
        """
        # No tokens are guessed ahead: on a CPU, two at once take nearly twice as long as one.
        lib = self._lib
        chain = _sampler(lib, temperature, seed)
        try:
            while True:
                token: int = lib.llama_sampler_sample(chain, self._context, -1)
                if token == end_id or lib.llama_vocab_is_eog(self._vocab, token):
                    return
                yield token
                self._decode([token])
        finally:
            lib.llama_sampler_free(chain)

    def _decode(self, ids: Sequence[int]) -> None:
        if self._flag.value:
            raise Aborted
        tokens = (self._lib.llama_token * len(ids))(*ids)  # the batch only points to it
        batch = self._lib.llama_batch_get_one(tokens, len(ids))
        errors.clear()
        code = self._lib.llama_decode(self._context, batch)
        if code == 0:
            self._cached.extend(ids)
            return
        self._keep(len(self._cached))
        if code == 2:
            raise Aborted
        raise GenerationFailed(f"llama.cpp failed to evaluate the prompt (code {code}){_reason()}: try again.")

    def _keep(self, count: int) -> None:
        """Drops from the cache all but the first `count` ids; everything, where the model cannot forget a part."""
        if not self._lib.llama_memory_seq_rm(self._memory, 0, count, -1):
            self._lib.llama_memory_clear(self._memory, True)
            count = 0
        del self._cached[count:]


def _sampler(lib: Any, temperature: float, seed: int) -> Any:
    chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
    if temperature <= 0:
        links = [lib.llama_sampler_init_greedy()]
    else:
        links = [
            lib.llama_sampler_init_top_k(40),
            lib.llama_sampler_init_top_p(0.95, 1),
            lib.llama_sampler_init_min_p(0.05, 1),
            lib.llama_sampler_init_temp(temperature),
            lib.llama_sampler_init_dist(seed % lib.LLAMA_DEFAULT_SEED),  # that value itself means "random"
        ]
    for link in links:
        lib.llama_sampler_chain_add(chain, link)
    return chain


def _reason() -> str:
    return f" ({errors[-1]})" if errors else ""
