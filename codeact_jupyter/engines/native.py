"""A loaded model and its KV cache, over llama.cpp's C functions.

The ids in the KV cache are known, so a prompt is evaluated only from where it differs from them; a model that cannot
drop the end of a sequence goes back to a checkpoint before that place. The bindings are passed in as `lib`; this module
does not import them.
"""

from __future__ import annotations

import ctypes
import itertools
import math
import os
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

from ..errors import GenerationFailed, ModelCorrupt, NotEnoughMemory
from .adapter import ADVICE, attach
from .checkpoints import Checkpoints
from .vocabulary import Vocabulary
from .weights import Aborted, errors, load_weights, reason

#: Tokens per llama_decode of a prompt. Larger chunks are no faster on a CPU, and an abort loses the current one; of a
#: reply, a model that needs checkpoints loses no more either.
CHUNK = 256
#: Tokens at the end of a prompt that open the reply. Some templates write them otherwise once the reply is there, for
#: example without the mark of a thought that was skipped: a model that needs checkpoints has one before them.
OPENING = 16


class Native:
    """The model, its context and its KV cache. For one thread at a time.

    Args:
        lib: the bindings, `llama_cpp`.
        path: the model file.
        context_size: window in tokens; reduced to the one that the model was trained on.
        threads: threads of the model.
        stopped: called while the file is loaded; True aborts that.
        gpu_layers: layers that a GPU keeps.
        adapter: file of a LoRA adapter for this model; None for none.
    """

    _checkpoints: Checkpoints | None = None  # of a recurrent or hybrid model
    _window = 0  # tokens that a layer with a sliding window attends to; 0 if there is none

    def __init__(
        self,
        lib: Any,
        path: Path,
        context_size: int,
        threads: int,
        stopped: Callable[[], bool],
        *,
        gpu_layers: int = 0,
        adapter: Path | None = None,
    ) -> None:
        self._lib = lib
        errors.clear()
        self._context = None
        self._model = load_weights(lib, path, stopped, gpu_layers)
        self.vocabulary = Vocabulary(lib, self._model)  #: its tokenizer
        self.context_size = min(context_size, lib.llama_model_n_ctx_train(self._model) or context_size)
        self._context = lib.llama_init_from_model(self._model, self._context_params(threads))
        if not self._context:
            self.close()
            raise NotEnoughMemory(
                f"No memory for a window of {self.context_size:,} tokens of {path.name}{reason()}: choose a smaller"
                " window or a smaller model."
            )
        if adapter and not attach(lib, self._model, self._context, adapter):
            self.close()
            raise ModelCorrupt(f"{adapter} cannot be used with {path.name}{reason()}: {ADVICE}.")
        self._memory = lib.llama_get_memory(self._context)
        self._window = lib.llama_model_n_swa(self._model)
        if lib.llama_model_is_recurrent(self._model) or lib.llama_model_is_hybrid(self._model):
            self._checkpoints = Checkpoints(lib, self._context)
        self._cached: list[int] = []  # the ids whose keys and values are in the KV cache, in order
        self.evaluated = 0  #: prompt tokens that were evaluated so far
        self.on_read: Callable[[int], None] = lambda position: None  #: called between chunks: tokens of the prompt read

    def _context_params(self, threads: int) -> Any:
        # Flash attention "auto" and an f16 cache stay at llama.cpp's defaults: neither "on" nor a q8_0 cache is faster
        # on a CPU.
        params = self._lib.llama_context_default_params()
        params.n_ctx = self.context_size
        params.n_batch = params.n_ubatch = CHUNK
        params.n_threads = params.n_threads_batch = threads
        params.swa_full = True  # layers with a sliding window keep all tokens, so that any end can be dropped
        return params

    def close(self) -> None:
        """Free context and model. A second call does nothing."""
        context, model, self._context, self._model = self._context, self._model, None, None
        if context:
            self._lib.llama_free(context)
        if model:
            self._lib.llama_model_free(model)

    def abort_on(self, flag: ctypes.Array[ctypes.c_char]) -> None:
        """Make llama.cpp abort as soon as a flag is set.

        Args:
            flag: a C string, which is set when it is not empty.
        """
        self._flag = flag  # keeps it alive for as long as llama.cpp may read it
        callback = ctypes.cast(ctypes.CDLL(None).strlen, self._lib.ggml_abort_callback)
        self._lib.llama_set_abort_callback(self._context, callback, ctypes.addressof(flag))

    def reusable(self, ids: Sequence[int]) -> int:
        """Count the ids that `prefill` would not evaluate.

        Args:
            ids: token ids of a prompt.

        Returns:
            Number of ids, from the first one on; never all of them.
        """
        common = 0
        for have, want in zip(self._cached, ids[:-1], strict=False):
            if have != want:
                break
            common += 1
        if self._holds(common):
            return common
        return self._checkpoints.nearest(common) if self._checkpoints else 0

    def save(self, file: Path) -> bool:
        """Write the KV cache to a file.

        Args:
            file: path of the file.

        Returns:
            True if that succeeded.
        """
        ids = (self._lib.llama_token * len(self._cached))(*self._cached)
        return bool(self._lib.llama_state_seq_save_file(self._context, os.fsencode(file), 0, ids, len(ids)))

    def restore(self, file: Path, ids: Sequence[int]) -> bool:
        """Load the KV cache from a file; empty it if that fails.

        Args:
            file: path of a file that `save` wrote.
            ids: token ids that the file must hold, and no others.

        Returns:
            True if that succeeded.
        """
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
        """Make the KV cache hold exactly these ids, by evaluating those that it does not hold, and the last one always.

        Args:
            ids: token ids of a prompt.

        Raises:
            Aborted: the call was stopped.
            GenerationFailed: llama.cpp reported an error.
        """
        self._keep(self.reusable(ids))
        common = len(self._cached)  # less, if the model refused to drop what follows
        # The last id is evaluated alone: its logits are then the same bits whether or not the rest was in the cache.
        cuts = [*range(common, len(ids) - 1, CHUNK), len(ids) - 1, len(ids)]
        if self._checkpoints and (opening := len(ids) - OPENING) > common:
            cuts = sorted({*cuts, opening})
        for begin, end in itertools.pairwise(cuts):
            self.evaluated += end - begin
            if self._checkpoints:
                self._checkpoints.add(begin)
            self._decode(ids[begin:end])
            if end < len(ids) - 1:
                self.on_read(end)

    def sample(self, temperature: float, seed: int, end_id: int | None) -> Generator[int]:
        """Sample the tokens of a reply. Each is evaluated when the next one is requested.

        Args:
            temperature: 0 for the most likely token.
            seed: seed of the sampling.
            end_id: token that ends the reply, besides those that the file names.

        Yields:
            Token ids, without the one that ends the reply.

        Raises:
            Aborted: the call was stopped.
            GenerationFailed: llama.cpp reported an error.
        """
        # No speculative decoding: on a CPU, two tokens at once take nearly twice as long as one.
        lib = self._lib
        chain = _sampler(lib, temperature, seed)
        try:
            while True:
                token: int = lib.llama_sampler_sample(chain, self._context, -1)
                if token == end_id or self.vocabulary.is_end(token):
                    return
                yield token
                if self._checkpoints and len(self._cached) % CHUNK == 0:
                    self._checkpoints.add(len(self._cached))
                self._decode([token])
        finally:
            lib.llama_sampler_free(chain)

    def log_probability(self, ids: Sequence[int], continuation: Sequence[int]) -> float:
        """Return the natural logarithm of the probability that a continuation follows a prompt.

        Args:
            ids: token ids of the prompt.
            continuation: token ids, one at least.

        Raises:
            Aborted: the call was stopped.
            GenerationFailed: llama.cpp reported an error.
        """
        self.prefill(ids)
        total = self._log_odds(continuation[0])
        for token, following in itertools.pairwise(continuation):
            self._decode([token])
            total += self._log_odds(following)
        return total

    def _log_odds(self, token: int) -> float:
        """Return the logarithm of the probability of a token after those in the KV cache."""
        logits = self._lib.llama_get_logits_ith(self._context, -1)[: self.vocabulary.size]
        most = max(logits)
        return float(logits[token] - most - math.log(sum(math.exp(logit - most) for logit in logits)))

    def _decode(self, ids: Sequence[int]) -> None:
        if self._flag.value:
            raise Aborted
        tokens = (self._lib.llama_token * len(ids))(*ids)  # the batch only points to them
        batch = self._lib.llama_batch_get_one(tokens, len(ids))
        errors.clear()
        code = self._lib.llama_decode(self._context, batch)
        if code == 0:
            self._cached.extend(ids)
            return
        self._keep(len(self._cached))
        if code == 2:
            raise Aborted
        raise GenerationFailed(f"llama.cpp failed to evaluate the prompt (code {code}){reason()}: try again.")

    def _holds(self, count: int) -> bool:
        """Return True if the state after the first `count` ids is left when the others are dropped."""
        if self._checkpoints:
            return count in (0, len(self._cached))
        if self._window and count:
            # The next token attends to `window` tokens with itself; llama.cpp may overwrite what is older, and
            # llama_memory_seq_rm does not tell.
            oldest = self._lib.llama_memory_seq_pos_min(self._memory, 0)
            return bool(0 <= oldest <= max(0, count - self._window + 1))
        return True

    def _keep(self, count: int) -> None:
        """Drop all but the first `count` ids from the KV cache, and more if the model cannot drop just these."""
        if not (self._holds(count) and self._lib.llama_memory_seq_rm(self._memory, 0, count, -1)):
            count = self._checkpoints.restore(count) if self._checkpoints else 0
            if not count:
                self._lib.llama_memory_clear(self._memory, True)
        del self._cached[count:]
        if self._checkpoints:
            self._checkpoints.forget(count)


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
