"""Code that is refused before the user sees it."""

from __future__ import annotations

import pytest

from codeact_jupyter.checks import Finding, find_problem, normalise
from tests.hostile import Tries


@pytest.mark.parametrize(
    "code",
    [
        "x = 1",
        "%matplotlib inline\nx",
        "!ls",
        "await f()",
        "%%time\nx",
        "df?",
        's = "naïve 数"',
        "größe = 3",
        "plt.ylabel('Area (m²)')  # 1º",
        "def f():\n\treturn 1",
    ],
)
def test_ordinary_cells_pass(code: str) -> None:
    assert find_problem(code) is None


@pytest.mark.parametrize(
    "code",
    [
        "x = ",
        "for x in y",
        "print('a",
        "def f(:\n  pass",
        "  x = 1\n y = 2",
        "if x:\n    y = [\n 1\n  z",
        "\x00",
        "%%time\nx = = 1",
    ],
)
def test_what_does_not_compile_is_refused(code: str) -> None:
    assert find_problem(code)


@pytest.mark.hostile("hidden code")
def test_a_lone_carriage_return_is_refused() -> None:
    assert find_problem("x = 1 # harmless\rimport os")


@pytest.mark.hostile("hidden code")
@pytest.mark.parametrize(
    "code", ["ｘ = 1", "pr\u1d62nt(1)", "ﬁle = 1", "%timeit ｘ", "a.ﬁle", "f(ｘ=1)", "import ｘ.y"]
)
def test_look_alike_names_are_refused(code: str) -> None:
    assert find_problem(code) == Finding("hidden", "A name in the code uses look-alike characters.")


@pytest.mark.hostile("hidden code")
@pytest.mark.parametrize("gap", [" " * 500, " " * 60, "\t" * 60, "\n" * 40, "\n  " * 40, "\n" + " " * 100])
def test_code_pushed_out_of_view_is_refused(gap: str, tries: Tries) -> None:
    assert find_problem(f"if x:{gap}import os")
    assert find_problem(f"x = 1;{gap}import os")
    tries.add(2)


@pytest.mark.hostile("hidden code", control=True)
def test_aligned_and_indented_code_passes() -> None:
    assert find_problem("x = 1" + " " * 30 + "# one\nif x:\n" + " " * 40 + "y = 2\n\n\nz = 3") is None


def test_deeply_nested_code_is_refused_without_a_crash() -> None:
    assert find_problem("(" * 5000 + ")" * 5000)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x  =  1  # one"),
        ("f(a,b)", "f(\n    a,\n    b,\n)"),
        ("print('a')", 'print("a")'),
        ("def f():\n    'Says.'\n    return 1", "def f():\n    return 1\n"),
        ("'A note.'\nx = 1", "x = 1"),
        ("!ls", "!ls  "),
        ("%time x = 1", "%time x = 1\n"),
        ("(x)", "x"),
        ("x = ", "  x = \n"),
    ],
)
def test_cells_that_do_the_same_are_the_same(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x = 2"),
        ("x = 1", "x = 1.0"),
        ("'a'", "'b'"),
        ("print(x)", "print(y)"),
        ("!ls", "!pwd"),
        ("a; b", "b; a"),
        ("x = ", "y = "),
    ],
)
def test_cells_that_do_something_else_are_told_apart(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)
