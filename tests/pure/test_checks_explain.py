"""After a failed run: what helps to repair it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codeact_jupyter.checks.explain import hint
from tests.cells import namespace


def failure(code: str, live: dict[str, Any]) -> BaseException:
    """Return what the code raises in the namespace."""
    try:
        exec(compile(code, "<cell>", "exec"), live)
    except Exception as error:
        return error
    raise AssertionError(f"it runs: {code}")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("total = sum(number)", "Did you mean `numbers`"),
        ("total = 1\nprint(totl)", "Did you mean `total`"),
        ("json.dumps({})", "add `import json`"),
        ("def f():\n    return penguin\nf()", "Did you mean `penguins`"),
        ("def f():\n    count += 1\nf()", "`count`, so that it is a local name"),
        ("price_of()", "price_of(name: str) -> float"),
        ("for n in prices:\n    route(n)", "route(start: str, end: str, *, by: str = 'road') -> list[str]"),
        ("def f():\n    return price_of(fruit='apple')\nf()", "price_of(name: str) -> float"),
        ("penguins.sort_values('year', descending=True)", "sort_values(by"),
        ("f = penguins.sort_values\nf('year', descending=True)", "Did you mean `ascending`?"),
        ("len = 3\nlen(numbers)", "`len` is no function but a value: 3"),
        ("penguins['mass']", "Did you mean 'body_mass_g'?"),
        ("x = penguins.dropna()\nx['mass'].mean()", "'body_mass_g'"),
        (
            "def f(frame):\n    return frame['mass']\nf(penguins)",
            "`penguins` has no 'mass'. Did you mean 'body_mass_g'?",
        ),
        ("penguins[['species', 'mass']]", "'body_mass_g'"),
        ("penguins.groupby('kind').size()", "Its columns: 'species'"),
        ("renamed = penguins.rename(columns={'year': 'when'})\nrenamed['year']", "'when'"),
        ("prices['aple']", "Did you mean 'apple'?"),
        ("key = 'aple'\nprices[key]", "`prices` has no 'aple'. Did you mean 'apple'?"),
        ("for n in ['apple', 'kiwi']:\n    price_of(n)", ""),
        ("dict(pear=1)['apple']", "'apple' is not in what `dict(pear=1)` gives"),
        ("penguins.query('mass > 1')", "'body_mass_g'"),
        ("penguins.sort('year')", "`sort_values`"),
        ("penguins['species'].contains('A')", "A pandas.Series has no `contains`"),
        ("x = numbers.sort()\nx.append(1)", "None"),
        ("text.contains('a')", "A str has no `contains`"),
        ("import pandsa", "Did you mean `pandas`?"),
        ("from tools import price_of", "`price_of` is defined already"),
        ("from math import squareroot", "`math` has no `squareroot`"),
        ("open('no_such.txt')", "`penguins`"),
        ("pd.read_csv('penguins.csv')", "There is no file 'penguins.csv'."),
        ("pd.stats.linregress([1, 2], [3, 4])", "The module `pandas` has no `stats`. Write `from scipy import stats`."),
        ("math.squirt(2)", "`sqrt`"),
        ("class Point:\n    def __init__(self, x, y):\n        self.x = x\nPoint(1)", "Its signature: Point(x, y)"),
        ("def f(a):\n    return g(a, 1)\ndef g(a):\n    return a\nf(1)", "g(a)"),
        ("penguins.head(rows=3)", "Its signature: head(n: int = 5)"),
        ("import pandas.plotings", "There is no module `pandas.plotings`. Did you mean `pandas.plotting`"),
        ("from numpy import sumarize", "`numpy` has no `sumarize`"),
        ("x = 1\ndel x\nprint(x)", "`x` is not defined"),
        ("for n in numbers:\n    subtotal += n", "`subtotal` is not defined"),
        ("x: int\nprint(totl)", "`totl` is not defined"),
        ("path = 'no_such.csv'\npd.read_csv(path)", "There is no file 'no_such.csv'. The data is in the variables"),
        (
            "def load():\n    return open('penguins.txt')\nload()",
            "There is no file 'penguins.txt'. Did you mean 'penguin.txt'?",
        ),
        ("1 / 0", ""),
        ("int('x')", ""),
    ],
)
def test_a_failure_is_explained(code: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("penguin.txt").touch()
    live = namespace()
    text = hint(failure(code, live), code, live)
    assert words in text if words else text == "", text
    assert len(text) <= 400


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("penguins.groupby('species').mean()", "`numeric_only=True`"),
        ("pd.Series([1.0, None]).astype(int)", "'Int64'"),
        ("sales.merge(stores.assign(store=[1, 2]), on='store')", "two types"),
        ("if penguins['year'] > 2007:\n    print(1)", "`.any()`"),
        ("penguins['species'].astype(float)", "`pd.to_numeric"),
        ("penguins['species'].dt.year", "`pd.to_datetime"),
        ("penguins['year'].str.strip()", "`.astype(str)`"),
        ("'a' + 1", "f-string"),
        ("sales.join(stores)", "`lsuffix=`"),
        ("pd.to_datetime('31/12/2020', format='%Y-%m-%d')", "`format="),
        ("b'\\xfc'.decode('utf-8')", "cp1252"),
        ("sales['new'] = [1]", "for each row"),
    ],
)
def test_what_usually_mends_a_librarys_error_is_told(code: str, words: str) -> None:
    live = namespace()
    assert words in hint(failure(code, live), code, live)


def test_an_error_without_a_traceback_is_explained_too() -> None:
    assert "'body_mass_g'" in hint(KeyError("mass"), "penguins['mass']", namespace())


def test_what_does_not_parse_gives_no_hint() -> None:
    assert hint(KeyError("mass"), "penguins['mass'", namespace()) == ""


def test_a_users_own_error_is_not_asked() -> None:
    class Own(KeyError):
        def __str__(self) -> str:
            raise RuntimeError

    assert hint(Own("mass"), "penguins['mass']", namespace()) == ""


def test_a_hint_is_short_and_visible() -> None:
    live = namespace()
    live["prices"] = {f"fruit {n} \u202e": n for n in range(200)}
    text = hint(failure("prices['fruit']", live), "prices['fruit']", live)
    assert 0 < len(text) <= 400
    assert "\u202e" not in text
