"""The KV cache after any series of prompts, over stand-ins for memories that can drop a part, or cannot."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeact_jupyter.engines.native import Native

PROMPTS = st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=9), min_size=1, max_size=6)


class Memory:
    """The functions of llama.cpp that `prefill` calls.

    Args:
        can_drop: Returns True if the memory can drop all but this many of so many tokens.
    """

    llama_token = ctypes.c_int32

    def __init__(self, can_drop: Callable[[int, int], bool]) -> None:
        self.ids: list[int] = []
        self._can_drop = can_drop

    def llama_memory_seq_rm(self, memory: Any, sequence: int, begin: int, end: int) -> bool:
        if begin < len(self.ids) and not self._can_drop(begin, len(self.ids)):
            return False
        del self.ids[begin:]
        return True

    def llama_memory_clear(self, memory: Any, data: bool) -> None:
        self.ids.clear()

    def llama_batch_get_one(self, tokens: Any, count: int) -> list[int]:
        return list(tokens)[:count]

    def llama_decode(self, context: Any, batch: list[int]) -> int:
        self.ids.extend(batch)
        return 0


def native(memory: Memory) -> Native:
    made = object.__new__(Native)
    made._lib, made._memory, made._context = memory, None, None
    made._cached, made.evaluated = [], 0
    made._flag = ctypes.create_string_buffer(2)
    return made


@pytest.mark.parametrize(
    "can_drop",
    [
        lambda keep, length: True,
        lambda keep, length: keep == 0,  # a recurrent state
        lambda keep, length: False,
        lambda keep, length: length - keep <= 2,  # a sliding window
    ],
    ids=["any part", "only all", "nothing", "the last two"],
)
@given(prompts=PROMPTS)
def test_the_model_has_read_exactly_the_prompt(can_drop: Callable[[int, int], bool], prompts: list[list[int]]) -> None:
    memory = Memory(can_drop)
    engine = native(memory)
    for prompt in prompts:
        engine.prefill(prompt)
        assert memory.ids == prompt
        assert engine.holds(prompt)


def test_only_what_is_new_is_evaluated_where_a_part_can_be_dropped() -> None:
    engine = native(Memory(lambda keep, length: True))
    engine.prefill([1, 2, 3, 4])
    engine.prefill([1, 2, 3, 5, 6])
    assert engine.evaluated == 4 + 2
