"""Compare a result with the expected one as DSEval defines it: by type, exactly or with some differences allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

Compare = Callable[[Any, Any], bool]


@dataclass(frozen=True, slots=True)
class Rules:
    """Differences that do not count."""

    ignore_order: bool = False  #: of elements or rows
    ignore_index: bool = False  #: index of a frame or series, keys of a dict
    ignore_names: bool = False  #: names of columns and of the index
    ignore_dtypes: bool = False  #: the found values are converted first
    match_partial: bool = False  #: the expected values are a part of the found ones
    value_only: bool = False  #: kinds of containers, and containers of one element
    type_only: bool = False  #: everything but the type
    strict_type: bool = False  #: arrays must have the same dtype
    atol: float = 1e-8  #: absolute tolerance
    rtol: float = 1e-5  #: relative tolerance
    metrictol: float | None = None  #: a number may be greater, or smaller by this factor

    def loosened(self) -> Rules:
        """Return the rules by which a result is right in content, though not as it was asked for."""
        return replace(self, ignore_order=True, ignore_names=True, ignore_dtypes=True, match_partial=True)


def comparer(given: Any) -> tuple[Compare, Compare]:
    """Make the strict and the loose comparison.

    Args:
        given: Of a validator: None, rules as a dict, or code that defines `compare_fn(expected, found)`.

    Returns:
        Both. They are the same for code.
    """
    if isinstance(given, str):
        import random

        scope: dict[str, Any] = {"pd": pd, "np": np, "random": random}
        exec(compile(given, "<compare_fn>", "exec"), scope)

        def own(expected: Any, found: Any) -> bool:
            verdict = scope["compare_fn"](expected, found)
            return bool(verdict["match"] if isinstance(verdict, dict) else verdict)

        return own, own
    rules = Rules(**(given or {}))
    return (lambda expected, found: matches(expected, found, rules)), (
        lambda expected, found: matches(expected, found, rules.loosened())
    )


def matches(expected: Any, found: Any, rules: Rules) -> bool:
    """Compare.

    Args:
        expected: The value of the reference.
        found: The value of the solution.
        rules: What does not count.
    """
    if rules.type_only:
        return type(expected) is type(found)
    if rules.value_only:
        expected, found = _plain(expected), _plain(found)
    if _equal(expected, found, rules):
        return True
    return rules.match_partial and any(_equal(part, other, rules) for part, other in _parts(expected, found))


def _plain(value: Any) -> Any:
    """Return containers as lists, and those of one element as the element."""
    if isinstance(value, pd.DataFrame):
        value = value.to_numpy().tolist()
    elif isinstance(value, np.ndarray | pd.Series | pd.Index):
        value = value.tolist()
    if isinstance(value, list | tuple | set):
        value = [_plain(each) for each in value]
        return value[0] if len(value) == 1 else value
    return value


def _parts(expected: Any, found: Any) -> Iterator[tuple[Any, Any]]:
    """Yield what in the found value may be the expected one."""
    if isinstance(found, pd.DataFrame) and isinstance(expected, pd.DataFrame):
        clash = set(found.index.names) & set(found.columns)
        whole = found if clash else found.reset_index()
        if set(expected.columns) < set(whole.columns):
            yield expected, whole[expected.columns]
    elif isinstance(found, pd.Series) and isinstance(expected, pd.DataFrame):
        yield expected, found.to_frame()
    elif isinstance(found, pd.DataFrame | pd.Series) and isinstance(expected, pd.Series | list):
        column = pd.Series(expected)
        parts = [found[name] for name in found.columns] if isinstance(found, pd.DataFrame) else [found.to_numpy()]
        yield from ((column, pd.Series(part)) for part in [*parts, found.index])


def _equal(expected: Any, found: Any, rules: Rules) -> bool:
    """Compare by the kind that either value is of: each kind is equal to its own only."""
    for kinds, compare in _KINDS:
        are = [isinstance(value, kinds) for value in (expected, found)]
        if any(are):
            return all(are) and compare(expected, found, rules)
    if type(expected).__name__ == "csr_matrix" and type(found) is type(expected):
        return expected.shape == found.shape and np.allclose(
            expected.toarray(), found.toarray(), rules.rtol, rules.atol
        )
    return bool(expected == found)


def _booleans(expected: Any, found: Any, rules: Rules) -> bool:
    return bool(expected == found)


def _numbers(expected: Any, found: Any, rules: Rules) -> bool:
    if rules.metrictol is not None:
        return bool(found >= expected * rules.metrictol)
    return bool(np.isclose(found, expected, rtol=rules.rtol, atol=rules.atol))


def _arrays(expected: np.ndarray, found: np.ndarray, rules: Rules) -> bool:
    if expected.shape != found.shape or (rules.strict_type and expected.dtype != found.dtype):
        return False
    if all(np.issubdtype(each.dtype, np.floating) for each in (expected, found)):
        return bool(np.allclose(found, expected, rtol=rules.rtol, atol=rules.atol, equal_nan=True))
    return bool(np.array_equal(expected, found))


def _tables(expected: Any, found: Any, rules: Rules) -> bool:
    kind = next((kind for kind in _ASSERTING if isinstance(expected, kind) and isinstance(found, kind)), None)
    if kind is None:
        return False
    try:
        if kind is not pd.Index:
            expected, found = _prepared(expected, found, rules)
        _ASSERTING[kind](expected, found)
    except (AssertionError, TypeError, ValueError, KeyError):
        return False
    return True


def _prepared(expected: Any, found: Any, rules: Rules) -> tuple[Any, Any]:
    """Remove from both what does not count."""
    framed = isinstance(expected, pd.DataFrame)
    if rules.ignore_names:
        found = _renamed(expected, found, framed)
    if rules.ignore_order or rules.ignore_index:
        columns = list(expected.columns) if framed else []
        if framed and set(columns) != set(found.columns):
            raise ValueError("The columns are others.")
        expected, found = (each[columns] if framed else each for each in (expected, found))
        if rules.ignore_order:
            by = {"by": columns} if framed else {}
            expected, found = (each.sort_values(**by) if by or not framed else each for each in (expected, found))
        expected, found = (each.reset_index(drop=True) for each in (expected, found))
    if rules.ignore_dtypes:
        found = found.astype(expected.dtypes.to_dict() if framed else expected.dtype)
    return expected, found


def _renamed(expected: Any, found: Any, framed: bool) -> Any:
    if found.index.nlevels == expected.index.nlevels:
        found = found.rename_axis(expected.index.names)
    if not framed:
        return found.rename(expected.name)
    if set(found.columns) == set(expected.columns):
        return found[list(expected.columns)]
    if len(found.columns) == len(expected.columns):
        return found.set_axis(expected.columns, axis=1)
    return found


def _sequences(expected: Any, found: Any, rules: Rules) -> bool:
    if len(expected) != len(found):
        return False
    if rules.ignore_order:
        expected, found = (sorted(each, key=lambda item: (str(type(item)), item)) for each in (expected, found))
    return all(_equal(one, other, rules) for one, other in zip(expected, found, strict=True))


def _dicts(expected: Any, found: Any, rules: Rules) -> bool:
    if rules.ignore_index:
        return _sequences(list(expected.values()), list(found.values()), replace(rules, ignore_order=False))
    return expected.keys() == found.keys() and all(_equal(expected[key], found[key], rules) for key in expected)


_ASSERTING: dict[type, Callable[[Any, Any], None]] = {
    pd.DataFrame: pd.testing.assert_frame_equal,
    pd.Series: pd.testing.assert_series_equal,
    pd.Index: pd.testing.assert_index_equal,
}
_KINDS: tuple[tuple[Any, Callable[[Any, Any, Rules], bool]], ...] = (
    ((bool, np.bool_), _booleans),
    ((int, float, np.number), _numbers),
    (np.ndarray, _arrays),
    ((pd.DataFrame, pd.Series, pd.Index), _tables),
    ((list, tuple), _sequences),
    (dict, _dicts),
)
