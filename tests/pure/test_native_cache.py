"""The cache after any series of prompts, over stand-ins for memories that can drop a part, or cannot."""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from codeact_jupyter.engines import checkpoints, native
from codeact_jupyter.engines.checkpoints import Checkpoints
from codeact_jupyter.engines.native import Native
from codeact_jupyter.engines.weights import Aborted

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


def native_over(memory: Any) -> Native:
    made = object.__new__(Native)
    made._lib, made._memory, made._context = memory, None, None
    made._cached, made.evaluated = [], 0
    made._flag = ctypes.create_string_buffer(2)
    made.on_read = lambda position: None
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
    engine = native_over(memory)
    for prompt in prompts:
        engine.prefill(prompt)
        assert memory.ids == prompt
        assert engine.reusable([*prompt, 0]) == len(prompt)


def test_only_what_is_new_is_evaluated_where_a_part_can_be_dropped() -> None:
    engine = native_over(Memory(lambda keep, length: True))
    engine.prefill([1, 2, 3, 4])
    engine.prefill([1, 2, 3, 5, 6])
    assert engine.evaluated == 4 + 2


class Hybrid(Memory):
    """Full attention, whose end can be dropped, beside a rolling state, which can only be replaced as a whole."""

    LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY = 1

    def __init__(self) -> None:
        super().__init__(lambda keep, length: True)
        self.rolling: list[int] = []
        self.copies = 0
        self.aborts = False

    def llama_get_memory(self, context: Any) -> None: ...

    def llama_memory_seq_rm(self, memory: Any, sequence: int, begin: int, end: int) -> bool:
        del self.ids[begin:]
        if begin == 0:
            self.rolling.clear()
        return begin >= len(self.rolling)

    def llama_memory_clear(self, memory: Any, data: bool) -> None:
        self.ids.clear()
        self.rolling.clear()

    def llama_decode(self, context: Any, batch: list[int]) -> int:
        self.rolling.extend(batch)
        if self.aborts:
            return 2
        return super().llama_decode(context, batch)

    def llama_state_seq_get_size_ext(self, context: Any, sequence: int, flags: int) -> int:
        return 4 * len(self.rolling)

    def llama_state_seq_get_data_ext(self, context: Any, state: Any, size: int, sequence: int, flags: int) -> int:
        ctypes.memmove(state, array("i", self.rolling).tobytes(), size)
        self.copies += 1
        return size

    def llama_state_seq_set_data_ext(self, context: Any, state: Any, size: int, sequence: int, flags: int) -> int:
        self.rolling = list(array("i", bytes(state)))
        return size


def hybrid() -> tuple[Native, Hybrid]:
    memory = Hybrid()
    engine = native_over(memory)
    engine._checkpoints = Checkpoints(memory, None)
    return engine, memory


@example(prompts=[([1, 2, 3, 4, 5], False), ([1, 2, 9, 9], False)])
@given(prompts=st.lists(st.tuples(st.lists(st.integers(1, 3), min_size=1, max_size=30), st.booleans()), max_size=9))
@pytest.mark.parametrize("most", [0, 60, 10_000])
def test_a_rolling_state_has_read_exactly_the_prompt_whatever_was_stopped(
    prompts: list[tuple[list[int], bool]], most: int
) -> None:
    engine, memory = hybrid()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(native, "CHUNK", 4)
        patch.setattr(checkpoints, "CHECKPOINT_BYTES", most)
        for prompt, stopped in prompts:
            memory.aborts = stopped
            if stopped:
                with pytest.raises(Aborted):
                    engine.prefill(prompt)
            else:
                engine.prefill(prompt)
                assert memory.ids == memory.rolling == prompt
            assert memory.ids == memory.rolling == engine._cached


def test_the_same_prompt_and_the_next_turn_evaluate_only_what_is_new() -> None:
    engine, _ = hybrid()
    question = list(range(20))
    engine.prefill(question)
    engine.prefill(question)  # a second sample
    assert engine.evaluated == 20 + 1
    engine._decode([50, 51])  # its reply
    engine.prefill([*question, 50, 51, 60, 61])
    engine.prefill([*question, 50, 51, 70, 71])  # another observation after the same reply
    assert engine.evaluated == 20 + 1 + 2 + 2


@pytest.mark.parametrize("length", [5, 17, 100, 700])
@pytest.mark.parametrize("opening", [1, 5, native.OPENING])
def test_a_turn_whose_opening_the_template_changes_evaluates_little_of_the_turn_before(
    length: int, opening: int
) -> None:
    engine, memory = hybrid()
    question = list(range(length))
    engine.prefill([*question, *[901] * opening])
    engine._decode([50, 51])  # its reply
    before = engine.evaluated
    after = [*question, 902, 50, 51, 60, 61]  # without the mark that opened the reply
    engine.prefill(after)
    assert memory.ids == memory.rolling == after
    assert engine.evaluated - before <= native.OPENING + 5


def test_a_stop_loses_no_more_than_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "CHUNK", 8)
    engine, memory = hybrid()
    engine.prefill(list(range(100)))
    memory.aborts = True
    with pytest.raises(Aborted):
        engine.prefill(list(range(200)))
    memory.aborts = False
    assert engine.reusable(list(range(200))) == 100


def test_copies_stay_within_the_limit_and_the_newest_and_the_long_way_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "CHECKPOINT_BYTES", 4 * 250)
    memory = Hybrid()
    kept = Checkpoints(memory, None)
    for length in (100, 101, 103, 140):
        memory.rolling = [7] * length
        kept.add(length)
    assert [kept.nearest(length) for length in (99, 100, 139, 140, 500)] == [0, 100, 100, 140, 140]
    assert sum(len(copy.state) for copy in kept._kept) <= 4 * 250
    memory.rolling = [7] * 900  # larger than the limit
    kept.add(900)
    assert [kept.nearest(length) for length in (899, 900)] == [0, 900]


def test_a_state_is_copied_once_at_each_place() -> None:
    engine, memory = hybrid()
    for _ in range(3):
        engine.prefill([1, 2, 3, 4])
    assert memory.copies == 1
    assert engine.evaluated == 4 + 1 + 1


def test_a_copy_that_cannot_be_read_back_leaves_an_empty_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, memory = hybrid()
    engine.prefill([1, 2, 3, 4])
    monkeypatch.setattr(memory, "llama_state_seq_set_data_ext", lambda *arguments: 0)
    engine.prefill([1, 2, 3, 4])
    assert memory.ids == memory.rolling == [1, 2, 3, 4]
    assert engine.evaluated == 4 + 4


def test_a_window_whose_oldest_tokens_were_overwritten_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memory(lambda keep, length: True)  # llama.cpp says so of a sliding window too
    engine = native_over(memory)
    engine._window = 4
    oldest = 0
    monkeypatch.setattr(memory, "llama_memory_seq_pos_min", lambda *arguments: oldest, raising=False)
    ids = list(range(20))
    engine.prefill(ids)
    oldest = 10
    assert [engine.reusable([*ids[:count], 99, 99]) for count in (20, 13, 12, 0)] == [20, 13, 0, 0]
    engine.prefill([*ids[:12], 99])
    assert memory.ids == [*ids[:12], 99]
    assert engine.evaluated == 20 + 13
