"""Bad cells are refused with the words that help; good ones, whatever they do with scopes and frames, are passed."""

from __future__ import annotations

import ast
import contextlib
import io
import string
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codeact_jupyter.checks import find_problem
from codeact_jupyter.checks.cell import read_cell
from codeact_jupyter.checks.imports import find_import
from codeact_jupyter.checks.names import find_unbound
from codeact_jupyter.checks.placeholders import find_placeholder, find_redefinition
from tests.cells import BAD, GOOD, namespace
from tests.programs import PROGRAMS


@pytest.fixture(autouse=True)
def empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("code", "kind", "words"), BAD, ids=[code[:50] for code, _, _ in BAD])
def test_a_bad_cell_is_refused_with_its_kind_and_what_would_be_right(code: str, kind: str, words: str) -> None:
    problem = find_problem(code, namespace())
    assert problem is not None
    assert (problem.kind, words in problem.text) == (kind, True), problem.text


@pytest.mark.parametrize("code", GOOD, ids=[code[:50] for code in GOOD])
def test_a_good_cell_is_passed(code: str) -> None:
    assert find_problem(code, namespace()) is None
    assert find_problem(code, namespace(), tried=True) is None


@pytest.mark.parametrize("code", PROGRAMS, ids=[code.split("\n")[0][:50] for code in PROGRAMS])
def test_a_program_that_runs_is_passed(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "Agg")
    assert find_problem(code, namespace()) is None
    assert find_problem(code, namespace(), tried=True) is None
    with warnings.catch_warnings(action="ignore"), contextlib.redirect_stdout(io.StringIO()):
        exec(code, namespace())


def test_there_are_enough_of_them() -> None:
    assert len({code for code, _, _ in BAD}) >= 50
    assert len(set(GOOD)) >= 140


def test_without_a_namespace_only_the_text_is_looked_at() -> None:
    assert not any(find_problem(code) for code, _, _ in BAD)


def test_what_a_trial_would_have_found_is_not_looked_for_after_one() -> None:
    for code, kind, _ in BAD:
        finding = find_problem(code, namespace(), tried=True)
        assert (finding is not None) == (kind in ("placeholder", "tool")), code


def test_a_finding_that_is_forgiven_hides_no_other() -> None:
    code = "def price_of(name):\n    return 1.0\nprint(stok)"
    finding = find_problem(code, namespace(), forgive=lambda finding: finding.kind == "tool")
    assert finding is not None
    assert finding.text == "`stok` is not defined. Did you mean `stock` or `restock`?"


def test_the_text_of_a_finding_is_short_and_visible() -> None:
    live = namespace() | {f"variable_{n}\u202e" * 20: n for n in range(100)}
    for code in (*(code for code, _, _ in BAD), "print(variable_1)"):
        problem = find_problem(code, live)
        assert problem is not None
        assert len(problem.text) <= 600
        assert "\u202e" not in problem.text
        assert "\n" not in problem.text


def look_at(code: str) -> None:
    """Do all checks, with nothing caught."""
    if find_problem(code) is None:
        cell = read_cell(code, namespace())
        for check in (find_placeholder, find_redefinition, find_import, find_unbound):
            check(cell)


# --- random edits ------------------------------------------------------------------------------------------------

_CELLS = [code for code in (*GOOD, *(code for code, _, _ in BAD)) if not code.startswith(("%", "!"))]


@given(st.sampled_from(_CELLS), st.data())
@settings(max_examples=300, deadline=None)
def test_no_edit_of_a_cell_makes_a_check_raise(code: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(code)))
        removed = data.draw(st.integers(0, 4))
        added = data.draw(st.text(string.ascii_letters + " .,()[]{}:='\"\n*@_0", max_size=5))
        code = code[:place] + added + code[place + removed :]
    look_at(code)


@given(st.sampled_from(_CELLS), st.sampled_from(_CELLS), st.data())
@settings(max_examples=200, deadline=None)
def test_no_mixture_of_two_cells_makes_a_check_raise(one: str, other: str, data: st.DataObject) -> None:
    if find_problem(one) or find_problem(other):
        return
    try:
        tree, parts = ast.parse(one), [*ast.walk(ast.parse(other))]
    except SyntaxError:
        return
    expressions = [part for part in parts if isinstance(part, ast.expr)]
    places = [
        (node, name)
        for node in ast.walk(tree)
        for name, value in ast.iter_fields(node)
        if isinstance(value, ast.expr) and isinstance(getattr(value, "ctx", ast.Load()), ast.Load)
        if name != "format_spec"  # where only a text may stand
    ]
    if places and expressions:
        node, name = data.draw(st.sampled_from(places))
        setattr(node, name, data.draw(st.sampled_from(expressions)))
    code = ast.unparse(tree)
    look_at(code)


@pytest.mark.timeout(120)  # for ever, were each part of a chain looked at anew for each part above it
@pytest.mark.parametrize(
    "code",
    [
        "penguins" + ".dropna()" * 60 + "['year']",
        "penguins" + "[penguins['year'] > 1]" * 40,
        "x = " + " + ".join(["penguins['year']"] * 300),
        "penguins" + ".loc[:, ['year']]" * 40,
        "print(" + "round(" * 40 + "price_of('apple')" + ")" * 41,
        "\n".join(f"x{n} = x{n - 1} = penguins" for n in range(1, 300)),
    ],
)
def test_long_chains_take_no_longer_than_they_are(code: str) -> None:
    assert find_problem(code, namespace()) is None


@given(st.text(max_size=80))
def test_no_text_makes_it_raise(text: str) -> None:
    find_problem(text, namespace())
