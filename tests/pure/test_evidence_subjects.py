"""Which data of the user an experiment changes: of long data some rows, of data that are too large nothing."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from codeact_jupyter.kernel.copy.changeable import part_of, size_of
from codeact_jupyter.kernel.copy.other_files import Files
from codeact_jupyter.kernel.copy.outcome import Trial
from codeact_jupyter.kernel.copy.reads import reads_of
from codeact_jupyter.kernel.copy.relevance import Question
from codeact_jupyter.kernel.copy.subjects import CELLS, LARGEST, ROWS, Subjects
from codeact_jupyter.kernel.evidence import LONG, SLOWEST, obstacle


def subjects_of(folder: Any, question: str = "", **live: Any) -> Subjects:
    return Subjects(live, {}, reads_of(f"use({', '.join(live)})", live), Question(question), Files(str(folder)))


@pytest.mark.parametrize(
    ("obj", "size"),
    [
        (pd.DataFrame({"a": [1, 2, 3], "b": [4, 5, 6]}), 6),
        (pl.DataFrame({"a": [1, 2, 3]}), 3),
        (pl.DataFrame({"a": [1, 2, 3]}).lazy(), 1),
        (pd.Series([1, 2]), 2),
        (np.zeros((4, 5, 6)), 120),
        (np.array(7), 1),
        ("four", 4),
        (3.5, 1),
        ([1, 2, 3], 3),
        ({}, 1),
        ({"a": np.zeros(50), "b": [1, 2]}, 52),
        ([[1] * 10] * 10_000, 100_000),
    ],
    ids=str,
)
def test_the_size_of_data_is_the_number_of_their_values(obj: Any, size: int) -> None:
    assert size_of(obj) == size


@pytest.mark.parametrize(
    "obj",
    [
        np.zeros(LARGEST * 3),
        list(range(LARGEST * 3)),
        deque(range(LARGEST * 3)),
        pd.Series(np.zeros(LARGEST * 3)),
        pl.Series("x", np.zeros(LARGEST * 3)),
        pd.DataFrame(np.zeros((LARGEST, 3))),
        np.zeros((5000, 784)),
    ],
    ids=lambda obj: type(obj).__name__,
)
def test_of_long_data_some_rows_are_changed(obj: Any, tmp_path: Any) -> None:
    subjects = subjects_of(tmp_path, data=obj)
    assert subjects.fixed == []
    given = subjects.given(None)["data"]
    assert 0 < len(given) <= ROWS
    assert size_of(given) <= CELLS


@pytest.mark.parametrize(
    "obj",
    [
        np.zeros((3, LARGEST)),
        dict.fromkeys(range(LARGEST + 1), 5),
        {"north": pd.DataFrame(np.zeros((LARGEST, 2))), "south": pd.DataFrame(np.zeros((LARGEST, 2)))},
        [np.zeros(LARGEST), np.zeros(LARGEST)],
        set(range(LARGEST + 1)),
        "x" * (LARGEST + 1),
    ],
    ids=lambda obj: type(obj).__name__,
)
def test_data_that_are_too_large_are_neither_copied_nor_changed(obj: Any, tmp_path: Any) -> None:
    subjects = subjects_of(tmp_path, "What is the data?", data=obj, small=[1, 2])
    assert subjects.fixed == ["data"]
    assert list(subjects.given(None)) == ["small"]
    assert "data" in subjects.named, "the question names it all the same"


def test_arrays_of_one_length_keep_the_same_rows_whatever_their_width(tmp_path: Any) -> None:
    wide = np.arange(3000)[:, None] * np.ones(784)
    given = subjects_of(tmp_path, images=wide, labels=np.arange(3000), table=pd.DataFrame({"n": range(3000)})).given(
        None
    )
    assert given["images"][:, 0].tolist() == given["labels"].tolist() == given["table"].n.tolist()


@pytest.mark.parametrize("obj", [list(range(40)), deque(range(40))], ids=lambda obj: type(obj).__name__)
def test_items_are_taken_in_their_order(obj: Any) -> None:
    part = part_of(obj, 6)
    assert type(part) is type(obj)
    assert len(set(part)) == 6
    assert list(part) == sorted(part)


@pytest.mark.parametrize(
    ("obj", "is_long"),
    [
        (pd.DataFrame({"a": range(LONG + 1)}), True),
        (pd.Series(range(LONG + 1)), True),
        (pl.DataFrame({"a": range(LONG + 1)}), True),
        (np.zeros(LONG + 1), True),
        ([0] * (LONG + 1), True),
        (np.array(5), False),
        ([0] * LONG, False),
        ({0: 1}, False),
    ],
    ids=lambda obj: type(obj).__name__,
)
def test_a_step_that_is_slow_because_of_long_data_is_run_again_on_some_of_them(obj: Any, is_long: bool) -> None:
    slow = Trial("ran", seconds=1.5)
    reason = "" if is_long else "the step takes too long to be run again and again"
    assert obstacle("use(data)", slow, 0.4, {"data": obj}) == reason
    assert obstacle("use(data)", Trial("ran", seconds=SLOWEST + 0.1), 0.4, {"data": obj})
    assert obstacle("use(other)", slow, 0.4, {"data": obj})
