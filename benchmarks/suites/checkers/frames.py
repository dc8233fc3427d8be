"""Checkers of the namespace afterwards: data frames, series, values. Only exact pandas types are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from codeact_jupyter.evaluation.task import Checker

if TYPE_CHECKING:
    from pandas import DataFrame, Series


def frame(name: str, truth: Callable[[], DataFrame], *, sort: Sequence[str] = (), exact: bool = True) -> Checker:
    """Make a checker for a data frame.

    Args:
        name: Name of the frame in the namespace.
        truth: Computes the true one.
        sort: Columns or levels of the index by which both are sorted; without them the order of the rows matters.
        exact: No other columns are allowed.
    """

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        import pandas as pd

        found: Any = namespace.get(name)
        expected = truth()
        if type(found) is not pd.DataFrame:
            return f"There is no data frame `{name}`."
        found = found.copy()
        if any(level in expected.columns and level not in found.columns for level in found.index.names):
            found = found.reset_index()
        found.columns = [str(column) for column in found.columns]
        wanted = [str(column) for column in expected.columns]
        if missing := [column for column in wanted if column not in found.columns]:
            return f"`{name}` has no column {', '.join(missing)}."
        if exact and len(found.columns) != len(wanted):
            return f"`{name}` has columns that were not asked for."
        if len(found) != len(expected):
            return f"`{name}` does not have the right number of rows."
        found, expected = found[wanted], expected.set_axis(wanted, axis=1)
        if sort:
            found, expected = (_sorted(table, sort) for table in (found, expected))
        wrong = [column for column in wanted if not _same(found[column], expected[column])]
        return f"Not right in `{name}`: {', '.join(wrong)}." if wrong else True

    return check


def series(name: str, truth: Callable[[], Series]) -> Checker:
    """Make a checker for values by key: a series, a data frame of one column besides the key, or a dict.

    Args:
        name: Name of the values in the namespace.
        truth: Computes the true series.
    """

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        import pandas as pd

        found: Any = namespace.get(name)
        expected = truth()
        if type(found) is dict:
            found = pd.Series(found)
        if type(found) is pd.DataFrame:
            if len(found.columns) == 2:
                found = found.set_index(found.columns[0])
            if len(found.columns) == 1:
                found = found.iloc[:, 0]
        if type(found) is not pd.Series:
            return f"There is no series `{name}`."
        keys = [{_key(key): value for key, value in each.items()} for each in (found, expected)]
        if len(found) != len(expected) or keys[0].keys() != keys[1].keys():
            return f"`{name}` does not have the right entries."
        ordered = [pd.Series([each[key] for key in keys[1]]) for each in keys]
        return _same(*ordered) or f"The values of `{name}` are not right."

    return check


def numeric(name: str, column: str) -> Checker:
    """Make a checker for a column that holds numbers, not text.

    Args:
        name: Name of the frame in the namespace.
        column: Column of the frame.
    """

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        import pandas as pd

        found: Any = namespace.get(name)
        if type(found) is not pd.DataFrame or column not in found.columns:
            return f"There is no `{name}` with a column {column}."
        return bool(pd.api.types.is_numeric_dtype(found[column])) or f"{column} is not numeric."

    return check


def untouched(name: str, truth: Callable[[], DataFrame]) -> Checker:
    """Make a checker for a data frame that must not change.

    Args:
        name: Name of the frame in the namespace.
        truth: Computes it anew.
    """
    return frame(name, truth)


def _key(key: Any) -> str:
    """Return a key as text: the same for 3 and 3.0, and for a month as a period, a date in it, or text."""
    if hasattr(key, "strftime"):
        return str(key.strftime("%Y-%m"))
    return str(int(key)) if isinstance(key, float) and key.is_integer() else str(key)


def _sorted(table: DataFrame, key: Sequence[str]) -> DataFrame:
    import pandas as pd

    columns = [float if pd.api.types.is_numeric_dtype(table[name]) else str for name in key]
    table = table.reset_index(drop=True)
    order = table[list(key)].astype(dict(zip(key, columns, strict=True))).sort_values(list(key)).index
    return table.loc[order]


def _same(found: Series, expected: Series) -> bool:
    """Compare values in order: numbers within a millionth or, from 1 on, rounded to two decimals; dates by day."""
    import numpy as np
    from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype

    found, expected = found.reset_index(drop=True), expected.reset_index(drop=True)
    for is_kind in (is_datetime64_any_dtype, is_numeric_dtype):
        if is_kind(expected.dtype) and not is_kind(found.dtype):
            return False
    if is_numeric_dtype(expected.dtype):
        have, want = (np.asarray(each.astype(float)) for each in (found, expected))
        rounded = np.where(np.abs(want) >= 1, np.round(want, 2), want)
        near = np.isclose(have, want, rtol=1e-6, atol=1e-9, equal_nan=True) | np.isclose(have, rounded, atol=1e-9)
        return bool(near.all())
    if is_datetime64_any_dtype(expected.dtype):
        found, expected = found.dt.strftime("%Y-%m-%d"), expected.dt.strftime("%Y-%m-%d")
    if (found.isna() != expected.isna()).any():
        return False
    return bool((found[found.notna()].astype(str) == expected[expected.notna()].astype(str)).all())
