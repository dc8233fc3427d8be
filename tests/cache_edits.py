"""Random edits of a prompt, each evaluated with what the cache has left and compared with a fresh evaluation.

`Edits` drives a `Native` as the engine does: prompts that continue, are shortened or changed, replies that are sampled
again, a prefix that is stored and loaded, and Stop at a random operation of llama.cpp's graph.
"""

from __future__ import annotations

import ctypes
import random
from collections.abc import Callable
from pathlib import Path

import llama_cpp
import numpy as np

from codeact_jupyter.engines.native import CHUNK, Aborted, Native

CONTEXT = 768  #: tokens
LONGEST = 640  #: tokens of a prompt
TOKENS = 64  #: in the vocabulary of the tiny models
TOLERANCE = 0.01  #: of the spread of the logits; a lost beginning makes a larger difference


class Reference:
    """A second context of the same file, which evaluates each sequence from its first token, in large steps."""

    def __init__(self, path: Path) -> None:
        self._native = Native(llama_cpp, path, CONTEXT, 1, lambda: False)
        assert llama_cpp.llama_n_batch(self._native._context) >= CHUNK

    def noise(self, ids: list[int]) -> float:
        """Return how much the logits after a sequence depend on how many tokens are evaluated at once."""
        found = [self.logits(ids, step) for step in (CHUNK, 16, 5, 1)]
        return max(distance(one, other) for one in found for other in found)

    def logits(self, ids: list[int], step: int = CHUNK) -> np.ndarray:
        """Return the logits after a sequence, of which this many tokens are evaluated at once."""
        memory = llama_cpp.llama_get_memory(self._native._context)
        llama_cpp.llama_memory_clear(memory, True)
        for start in range(0, len(ids), step):
            part = ids[start : start + step]
            tokens = (llama_cpp.llama_token * len(part))(*part)
            assert llama_cpp.llama_decode(self._native._context, llama_cpp.llama_batch_get_one(tokens, len(part))) == 0
        return logits(self._native)

    def close(self) -> None:
        """Free the model."""
        self._native.close()


class Edits:
    """A `Native` with a prompt, and the edits of it.

    Args:
        path: the model's file.
        folder: where prefixes are stored.
        reference: evaluates the same file afresh.
    """

    def __init__(self, path: Path, folder: Path, reference: Reference) -> None:
        self.native = Native(llama_cpp, path, CONTEXT, 1, lambda: False)
        self.wrong: list[str] = []  #: what was compared and differed
        self.compared = 0
        self.prompt_tokens = 0  #: of all prompts
        self._countdown: int | None = None
        self._prefixes: dict[Path, list[int]] = {}
        self._folder = folder
        self._reference = reference
        self._ids: list[int] = []
        self._chance = random.Random(0)
        self._flag = ctypes.create_string_buffer(2)
        self.native.abort_on(self._flag)
        self._callback = llama_cpp.ggml_abort_callback(self._due)  # kept alive as long as llama.cpp may call it
        llama_cpp.llama_set_abort_callback(self.native._context, self._callback, None)

    def run(self, seed: int, count: int) -> None:
        """Make a sequence of edits, beginning with a prompt of its own."""
        self._chance = random.Random(seed)
        self._ids = []
        self._ids = self._new(self._chance.randrange(1, 400))
        self._read("new")
        kinds = [self.append, self.drop, self.change, self.resample, self.stop, self.stop_reply, self.prefix]
        for _ in range(count):
            self._chance.choice(kinds)()

    def append(self) -> None:
        """Continue the prompt."""
        self._ids += self._new(self._chance.choice([1, 3, 20, 150]))
        self._read("append")

    def drop(self) -> None:
        """Drop the end of the prompt, often only a little."""
        self._ids = self._ids[: self._place()]
        self._read("drop")

    def change(self) -> None:
        """Replace a token, and with it keep or drop what follows."""
        place = self._place() - 1
        rest = self._ids[place + 1 :] if self._chance.random() < 0.5 else self._new(10)
        self._ids = [*self._ids[:place], (self._ids[place] + 1) % TOKENS, *rest]
        self._read("change")

    def resample(self) -> None:
        """Read the same prompt again, sample a reply, and continue after it or after a part of it."""
        self._read("resample")
        reply = self._reply(self._chance.choice([1, 5, 40]))
        if self._chance.random() < 0.5:
            self._ids += [*reply[: self._chance.randrange(len(reply) + 1)], *self._new(4)]
            self._read("after a reply")

    def stop(self) -> None:
        """Stop while a longer prompt is evaluated; then ask for it, or for the old one, again."""
        before = self._ids
        self._ids = before + self._new(self._chance.choice([5, 100]))
        self._stopped(lambda: self.native.prefill(self._ids))
        if self._chance.random() < 0.5:
            self._ids = before
        self._read("after a stop")

    def stop_reply(self) -> None:
        """Stop while a reply is sampled, and continue after what was there of it."""
        self._read("before a reply")
        reply: list[int] = []
        self._stopped(lambda: reply.extend(self._reply(30)))
        self._ids += self.native._cached[len(self._ids) :][: self._chance.randrange(8)]
        self._ids += self._new(2)
        self._read("after a stopped reply")

    def prefix(self) -> None:
        """Store the state of a prefix, or load one that was stored and continue after it."""
        if self._prefixes and self._chance.random() < 0.6:
            file, ids = self._chance.choice(list(self._prefixes.items()))
            assert self.native.restore(file, ids)
            self._ids = ids + self._new(self._chance.choice([1, 30]))
            self._read("after a prefix")
            return
        self._ids = self._ids[: self._place()]
        self._read("a prefix")
        file = self._folder / f"{self._chance.randrange(3)}.kv"
        assert self.native.save(file)
        self._prefixes[file] = list(self._ids)

    def _new(self, count: int) -> list[int]:
        return [self._chance.randrange(TOKENS) for _ in range(min(count, LONGEST - len(self._ids)))]

    def _place(self) -> int:
        last = len(self._ids)
        return max(1, last - self._chance.choice([0, 1, 2, 5, 30, self._chance.randrange(last)]))

    def _read(self, edit: str) -> None:
        self.native.prefill(self._ids)
        self.prompt_tokens += len(self._ids)
        self._compare(edit)

    def _reply(self, length: int) -> list[int]:
        reply = []
        length = min(length, CONTEXT - len(self._ids) - 1)
        for token in self.native.sample(0.8, self._chance.randrange(1000), None):
            reply.append(token)
            if len(reply) > length:
                break
        self._compare("reply")
        return reply

    def _stopped(self, call: Callable[[], None]) -> None:
        self._countdown = self._chance.randrange(400)
        try:
            call()
        except Aborted:
            pass
        finally:
            self._countdown = None

    def _due(self, data: object) -> bool:
        if self._countdown is None:
            return False
        self._countdown -= 1
        return self._countdown < 0

    def _compare(self, edit: str) -> None:
        held = list(self.native._cached)
        differs = distance(logits(self.native), self._reference.logits(held))
        self.compared += 1
        if edit != "reply" and held != self._ids:
            self.wrong.append(f"{edit}: the cache holds other ids than the prompt")
        if not (differs <= TOLERANCE or differs <= 2 * self._reference.noise(held)):
            self.wrong.append(f"{edit} of {len(held)} tokens: logits differ by {differs:.3f} of their spread")


def logits(native: Native) -> np.ndarray:
    """Return a copy of the logits after the last token that was evaluated."""
    return np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(native._context, -1), (native.vocabulary.size,)).copy()


def distance(some: np.ndarray, others: np.ndarray) -> float:
    """Return the largest difference of logits, in units of their spread."""
    return float(np.abs(some - others).max() / others.std())
