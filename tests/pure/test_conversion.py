"""Values as the type that a program asks for, where nothing is lost, and as JSON."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

import numpy as np
import pandas as pd
import polars as pl
import pydantic
import pytest

from codeact_jupyter.outputs.conversion import Unfit, as_json, convert, is_type, type_name

SERIES = pd.Series({"north": 1, "south": 2})
ONE_CELL = pd.DataFrame({"mean": [2.5]})


@dataclass
class Best:
    name: str
    total: float
    notes: list[str] = field(default_factory=list)


class Row(pydantic.BaseModel):
    name: str
    total: float


@pytest.mark.parametrize(
    ("value", "wanted", "expected"),
    [
        (2.5, float, 2.5),
        (2, float, 2.0),
        (np.float64(2.5), float, 2.5),
        (np.int32(7), float, 7.0),
        (np.array([[3]]), float, 3.0),
        (ONE_CELL, float, 2.5),
        (ONE_CELL["mean"], float, 2.5),
        (pl.DataFrame({"n": [4]}), float, 4.0),
        (Decimal("0.5"), float, 0.5),
        ("98.60", float, 98.6),
        (7, int, 7),
        (7.0, int, 7),
        (np.int64(7), int, 7),
        (pd.Series([7.0]), int, 7),
        ("-12", int, -12),
        ("North", str, "North"),
        (np.str_("North"), str, "North"),
        (pd.Series(["North"]), str, "North"),
        (True, bool, True),
        (np.bool_(False), bool, False),
        ((1, "a"), list, [1, "a"]),
        (SERIES, list, [1, 2]),
        (pd.Series([7]), list, [7]),
        (SERIES.index, list, ["north", "south"]),
        (np.array([[1, 2], [3, 4]]), list, [[1, 2], [3, 4]]),
        (pl.Series([1, None]), list, [1, None]),
        (pd.DataFrame({"a": [1, 2]}), list, [1, 2]),
        (pd.DataFrame({"a": [1], "b": ["x"]}), list, [{"a": 1, "b": "x"}]),
        ({"b": 1}.keys(), list, ["b"]),
        (SERIES, dict, {"north": 1, "south": 2}),
        (Counter("aab"), dict, {"a": 2, "b": 1}),
        (pd.DataFrame({"a": [1], "b": ["x"]}), dict, {"a": 1, "b": "x"}),
        (SERIES.to_frame(), dict, {"north": 1, "south": 2}),
        (SERIES.astype(float), dict[str, int], {"north": 1, "south": 2}),
        (np.array([1.0, 2.0]), list[int], [1, 2]),
        (2.5, int | float, 2.5),
        (None, float | None, None),
        ("b", Literal["a", "b"], "b"),
        ({"name": "West", "total": 5}, Best, Best("West", 5.0)),
        (pd.DataFrame({"name": ["West"], "total": [5]}), Best, Best("West", 5.0)),
        ([{"name": "West", "total": np.int64(5)}], list[Best], [Best("West", 5.0)]),
        ({"name": "West", "total": 5}, Row, Row(name="West", total=5)),
        (object, Any, object),
    ],
    ids=repr,
)
def test_a_value_is_converted_where_nothing_is_lost(value: Any, wanted: Any, expected: Any) -> None:
    converted = convert(value, wanted)
    assert converted == expected
    assert type(converted) is type(expected)
    if isinstance(converted, list):
        assert [type(each) for each in converted] == [type(each) for each in expected]


@pytest.mark.parametrize(
    ("value", "wanted", "told"),
    [
        (None, float, "the last value shown is nothing; it has to be float"),
        ("the mean is 3", float, "a str, the mean is 3; it has to be float"),
        (True, float, "a bool, True"),
        (True, int, "a bool, True"),
        (2.5, int, "2.5; it has to be int"),
        (float("nan"), int, "nan"),
        (10**400, float, "a int"),
        (Decimal("0.1"), float, "0.1"),
        (SERIES, float, "a Series"),
        (pd.DataFrame({"a": [1], "b": [2]}), float, "a DataFrame"),
        (3, str, "a int, 3; it has to be str"),
        (1, bool, "a int, 1"),
        ("abc", list, "a str, abc"),
        (np.float64(1), list, "it has to be list"),
        (pd.Series([1, 2], index=["a", "a"]), dict, "it has to be dict"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), dict, "it has to be dict"),
        ([1, 2], dict, "it has to be dict"),
        ([1, "x"], list[int], "a str, x; it has to be int"),
        ([1], pd.DataFrame, "it has to be DataFrame"),
        ("c", Literal["a", "b"], "one of ['a', 'b']"),
        (2.5, int | str, "it has to be str"),
        ({"name": "West"}, Best, "has the keys ['name']"),
        ({"name": "West", "total": 1, "rank": 2}, Best, "it has to be a dict with ['name', 'total', 'notes']"),
        ({"name": "West", "total": "much"}, Best, "a str, much; it has to be float"),
        ({"name": "West"}, Row, "not a Row"),
    ],
    ids=repr,
)
def test_another_value_is_refused_with_the_reason(value: Any, wanted: Any, told: str) -> None:
    with pytest.raises(Unfit, match=re.escape(told)):
        convert(value, wanted)


def test_a_frame_is_the_very_object_and_a_series_becomes_one() -> None:
    assert convert(ONE_CELL, pd.DataFrame) is ONE_CELL
    pd.testing.assert_frame_equal(convert(SERIES, pd.DataFrame), SERIES.to_frame())


def test_a_list_is_copied() -> None:
    basket = ["tea"]
    assert convert(basket, list) == basket
    assert convert(basket, list) is not basket


def test_a_method_that_fails_is_a_value_that_does_not_fit() -> None:
    class Odd:
        shape = (2,)

        def tolist(self) -> list[int]:
            raise RuntimeError("no")

        def __str__(self) -> str:
            raise RuntimeError("no")

    with pytest.raises(Unfit, match="which cannot be printed; it has to be list"):
        convert(Odd(), list)
    assert as_json(Odd()) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.int64(3), 3),
        ((1, "é", None, True), [1, "é", None, True]),
        ({"a": np.array([1.5, 2])}, {"a": [1.5, 2.0]}),
        (pd.DataFrame({"a": [1, 2], "b": [0.5, None]}), [{"a": 1, "b": 0.5}, {"a": 2, "b": None}]),
        (SERIES, {"north": 1, "south": 2}),
        (datetime.date(2024, 2, 29), "2024-02-29"),
        ({3, 1}, [1, 3]),
        (float("nan"), None),
        (object(), None),
        (pd.Series([1, 2], index=["a", "a"]), None),
        ("x" * 600_000, None),
        ({(1, 2): 3}, None),
    ],
    ids=[str(number) for number in range(12)],
)
def test_json_of_a_value(value: Any, expected: Any) -> None:
    assert as_json(value) == expected


def test_what_is_a_type() -> None:
    assert all(map(is_type, (float, list[int], int | None, pd.DataFrame, Best, Row, Any)))
    assert not any(map(is_type, ("float", 3, None, [int])))
    assert [type_name(each) for each in (float, list[int], Best)] == ["float", "list[int]", "Best"]
