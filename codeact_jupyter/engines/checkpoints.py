"""Copies of a recurrent state, made while a prompt and its reply are evaluated.

Each token overwrites a recurrent state. To drop the end of a sequence, the state is set to an earlier copy; the keys
and values of a hybrid model's attention are only cut there. What lies between copy and cut is evaluated again.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ..models.memory import CHECKPOINT_BYTES


@dataclass(frozen=True)
class _Checkpoint:
    length: int  # tokens that had been evaluated
    state: ctypes.Array[ctypes.c_uint8]


class Checkpoints:
    """States after some first tokens of the sequence that the context holds, in the order of their lengths.

    Args:
        lib: the bindings, `llama_cpp`.
        context: pointer to the context.
    """

    def __init__(self, lib: Any, context: Any) -> None:
        self._lib = lib
        self._context = context
        self._kept: list[_Checkpoint] = []

    def add(self, length: int) -> None:
        """Copy the state of the context, unless that was done at this length; drop other copies if they take too much.

        Args:
            length: tokens that the context holds; none of the copies may be longer.
        """
        if not length or self.nearest(length) == length:
            return
        partly = self._lib.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY
        size = self._lib.llama_state_seq_get_size_ext(self._context, 0, partly)
        state = (ctypes.c_uint8 * size)()
        if size and self._lib.llama_state_seq_get_data_ext(self._context, state, size, 0, partly) == size:
            self._kept.append(_Checkpoint(length, state))
        while len(self._kept) > 1 and sum(len(one.state) for one in self._kept) > CHECKPOINT_BYTES:
            lengths = [0, *(one.length for one in self._kept)]
            gaps = [after - before for before, after in pairwise(lengths)]
            del self._kept[gaps.index(min(gaps[:-1]))]  # the one that is evaluated again at the least cost

    def nearest(self, length: int) -> int:
        """Return the length of the longest copy that is not longer than this.

        Args:
            length: number of tokens.

        Returns:
            0 if there is no such copy.
        """
        return max((one.length for one in self._kept if one.length <= length), default=0)

    def restore(self, length: int) -> int:
        """Set the context to the longest copy that is not longer than this.

        Args:
            length: number of tokens; the context must hold their keys and values for full attention.

        Returns:
            Tokens that the context then holds; 0 if there is no copy or llama.cpp refuses it. The context must then
            be cleared.
        """
        self.forget(length)
        if not self._kept:
            return 0
        last, lib = self._kept[-1], self._lib
        partly = lib.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY
        read = lib.llama_state_seq_set_data_ext(self._context, last.state, len(last.state), 0, partly)
        cut = read and lib.llama_memory_seq_rm(lib.llama_get_memory(self._context), 0, last.length, -1)
        return last.length if cut else 0

    def forget(self, length: int) -> None:
        """Drop the copies that are longer than this.

        Args:
            length: number of tokens.
        """
        self._kept = [one for one in self._kept if one.length <= length]
