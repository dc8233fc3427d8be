"""The object that a cell showed last."""

from __future__ import annotations

import gc
import math
from typing import Any

import pandas as pd
import pytest

from codeact_jupyter.outputs.bounded_buffer import Captured, Stream
from codeact_jupyter.outputs.shown_value import held, named_value, shown_value

MEAN = 41.98765
NAMES = {"mean": MEAN, "best": "42", "rows": [1, 2], "math": math, "tool": len}


def value_of(source: str, printed: str = "", result: Any = None) -> Any:
    return shown_value(source, result, Captured((Stream("stderr", "7\n"), Stream("stdout", printed))), NAMES)


@pytest.mark.parametrize(
    ("source", "printed", "value"),
    [
        ("print(mean)", "41.98765\n", MEAN),
        ("x = 1\nprint('Mean:', mean)", "Mean: 41.98765\n", MEAN),
        ("print(f'Mean: {mean:.2f} euros')", "Mean: 41.99 euros\n", MEAN),
        ("print(f'{mean:.2f}')", "41.99\n", 41.99),
        ("print(best)", "42\n", "42"),
        ("print(sum(rows))", "3\n", 3),
        ("print(['a', 'b'])", "['a', 'b']\n", ["a", "b"]),
        ("print(best.lower())", "north of it\n", "north of it"),
        ("print('North')", "North\n", "North"),
        ("print(1, 2)", "1 2\n", "1 2"),
        ("print(frame)", "   a\n0  1\n", None),
        ("print()", "\n", None),
        ("mean = 3", "", MEAN),
        ("mean: float = 3", "", MEAN),
        ("mean += 3", "", MEAN),
        ("rows[0] = 3", "", None),
        ("for x in rows:\n    print(x)", "1\n2\n", None),
        ("import math", "", None),
        ("%time print(", "", None),
        ("", "", None),
    ],
)
def test_what_is_printed_or_assigned_last(source: str, printed: str, value: Any) -> None:
    assert value_of(source, printed) == value
    assert type(value_of(source, printed)) is type(value)


def test_the_value_of_the_last_expression_comes_first() -> None:
    result = object()
    assert value_of("print(mean)\nrows", "41.98765\n", result) is result


@pytest.mark.parametrize(
    ("answer", "value"),
    [("rows", [1, 2]), ("`rows`.", [1, 2]), ("**mean**", MEAN), ("math", None), ("tool", None), ("It is mean", None)],
)
def test_an_answer_may_be_the_name_of_an_object(answer: str, value: Any) -> None:
    assert named_value(answer, NAMES) == value


def test_a_frame_is_not_kept_alive() -> None:
    frame = pd.DataFrame({"a": [1]})
    value = held(frame)
    assert value() is frame
    del frame
    gc.collect()
    assert value() is None
    assert held(42.0)() == 42.0
