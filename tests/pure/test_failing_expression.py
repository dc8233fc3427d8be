"""The expression that raised, its place in the cell, and the names that exist instead."""

from __future__ import annotations

import ast
import linecache
import traceback
from typing import Any

import pytest

from codeact_jupyter.kernel.copy.failing import OFFERS, Failing, error_line, find_failing


class Frame:
    """An object with columns."""

    columns = ("Price", "city")

    def __getitem__(self, name: str) -> object:
        raise KeyError(name)

    def groupby(self, name: str) -> object:
        raise KeyError(name)


def failing(source: str) -> tuple[Failing | None, int | None]:
    """Run a cell that raises; return its failing expression and line."""
    name = "<ipython-input-1-x>"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    namespace: dict[str, Any] = {"__name__": "__main__", "df": Frame(), "prices": {"a": 1, "b": 2}}
    try:
        exec(compile(source, name, "exec"), namespace)
    except Exception as error:
        return find_failing(error, source, namespace), error_line(error, source, namespace)
    raise AssertionError("it did not raise")


@pytest.mark.parametrize(
    ("source", "expression", "kind", "wanted", "offer"),
    [
        ("x = 1\ndf['price']", "df['price']", "column", "price", "Price"),
        ("df.groupby('citi')", "df.groupby('citi')", "column", "citi", "city"),
        ("prices['A']", "prices['A']", "key", "A", "a"),
        ("prnt(1)", "prnt", "name", "prnt", "print"),
        ("'a'.uper()", "'a'.uper", "attribute", "uper", "upper"),
        ("from math import sqr", "from math import sqr", "import", "sqr", "sqrt"),
        ("def f(width): pass\nf()", "f()", "parameter", "", "width"),
        ("import penguinz", "import penguinz", "import", "penguinz", None),
        ("print(1); 1 / 0; print(2)", "1 / 0", "other", "", None),
    ],
)
def test_the_failing_expression_and_the_existing_names(
    source: str, expression: str, kind: str, wanted: str, offer: str | None
) -> None:
    found, line = failing(source)
    assert found is not None and (found.expression, found.kind, found.wanted) == (expression, kind, wanted)
    assert (found.offers[0] if found.offers else None) == offer
    assert line == len(source.splitlines()) and len(found.offers) <= OFFERS


def test_the_span_in_the_cell_is_exact() -> None:
    source = "a = 1\nprint(a, df['price'], 2)"
    found, _ = failing(source)
    assert found is not None and found.span is not None
    first, start, last, end = found.span
    assert first == last and source.splitlines()[first - 1][start:end] == "df['price']"


def test_the_line_is_inside_the_cells_own_function() -> None:
    found, line = failing("def f():\n    return prices['z']\n\nf()")
    assert found is not None and (found.expression, line) == ("prices['z']", 2)


def test_an_error_outside_the_cell_has_no_failing_expression() -> None:
    try:
        ast.literal_eval("1 +")
    except SyntaxError as error:
        assert find_failing(error, "", {}) is None
        assert traceback.format_exc()
