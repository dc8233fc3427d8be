"""Undo of a step: names and values are put back into the same objects, and what is not put back is said."""

from __future__ import annotations

import contextlib
import gc
import weakref
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from codeact_jupyter.kernel.undo import CannotUndo, Undo
from codeact_jupyter.namespace.snapshot import users_objects
from codeact_jupyter.session.messages import Proposal, Tried

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword", "ignore:Setting the shape")

RAN = Tried("ran", reach="read-only")
SETUP = """
import sqlite3
from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import dataclass, field
from types import SimpleNamespace
import numpy as np, pandas as pd, polars as pl
"""


class Notebook:
    """A namespace in which cells and steps run."""

    def __init__(self, setup: str = "", budget: int = 1 << 26) -> None:
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self._running: Proposal | None = None
        self.undo = Undo(lambda: self._running, lambda: budget)
        self._steps = 0
        exec(SETUP + setup, self.names)

    def cell(self, code: str) -> None:
        exec(code, self.names)

    def step(self, code: str, tried: Tried | None = RAN, proposed: str = "") -> None:
        self._steps += 1
        self._running = Proposal(f"p{self._steps}", self._steps, "", proposed or code, "", tried=tried)
        self.undo.begin(code, users_objects(self.names))
        with contextlib.suppress(ZeroDivisionError):
            exec(code, self.names)
        self.undo.end(users_objects(self.names))
        self._running = None

    def take_back(self, step: str | None = None, *, force: bool = False) -> str:
        return self.undo.undo(self.names, step, force=force)[1]

    def shown(self, *names: str) -> list[str]:
        return [_shown(self.names.get(name, "(none)")) for name in names]


def _shown(obj: Any) -> str:
    if isinstance(obj, pd.DataFrame | pd.Series):
        return f"{obj.to_dict()} {obj.index!r} {obj.dtypes!r} {getattr(obj, 'name', '')}"
    if isinstance(obj, pl.DataFrame | pl.Series):
        return f"{obj.to_dict(as_series=False) if isinstance(obj, pl.DataFrame) else obj.to_list()} {obj!r}"
    if isinstance(obj, np.ndarray):
        return f"{obj!r} {obj.dtype} {obj.tolist()}"
    return str(vars(obj)) if type(obj).__module__ == "__main__" else repr(obj)


FRAME = "df = pd.DataFrame({'a': [1, 2, 3], 'b': [1.5, None, 2.5], 'c': ['x', 'y', None]}, index=[10, 20, 30])\n"
FRAME += "same = df; col = df['a']\n"
LISTS = "df = pd.DataFrame({'l': [[1], [2]], 'd': [{}, {}]}); cell = df['l'][0]"
POLARS = "df = pl.DataFrame({'a': [1, 2, 3], 'b': ['x', None, 'z']}); same = df; s = pl.Series('s', [1, 2])\n"
ARRAY = "arr = np.arange(6.0).reshape(2, 3); same = arr; row = arr[1]; held = [arr]\n"
ARRAY += "deep = np.array([[1], [2]], object)\n"
PLAIN = "a = [3, 1, 2]; same = a; d = {'k': a, 'n': {'m': [1]}}; s = {1, 2}; t = (a, [5]); q = deque([1, 2], 5)\n"
PLAIN += "o = OrderedDict(x=1, y=2); c = Counter('aab'); e = defaultdict(list, {1: [2]})\n"
PLAIN += "raw = bytearray(b'abc'); n = 5\n"
CLASSES = """
class Box:
    def __init__(self, n):
        self.n, self.log = n, []
@dataclass
class Point:
    x: float
    tags: list = field(default_factory=list)
box, point, space = Box(3), Point(1.0), SimpleNamespace(v=[1])
same = box
"""


@pytest.mark.parametrize(
    ("setup", "code"),
    [
        (FRAME, "df['new'] = df['a'] * 2"),
        (FRAME, "df.loc[20, 'b'] = 9.0"),
        (FRAME, "df.drop(columns='a', inplace=True)"),
        (FRAME, "df.rename(columns={'a': 'A'}, inplace=True); df.columns.name = 'labels'"),
        (FRAME, "df.index.name = 'key'"),
        (FRAME, "df.sort_values('a', ascending=False, inplace=True)"),
        (FRAME, "df.insert(0, 'z', 0); df['c'] = df['c'].fillna('?'); df.iloc[0, 0] = 7"),
        (FRAME, "df = df.dropna()"),
        (FRAME, "col[20] = 100; col.name = 'other'"),
        (FRAME, "del df, same"),
        (FRAME, "df['a'] = df['a'].astype(float); df = df[df['a'] > 1]"),
        (
            "df = pd.DataFrame({'l': [[1], [2]], 'd': [{}, {}]}); cell = df['l'][0]",
            "df['l'][0].append(5); df['d'][1]['k'] = 1",
        ),
        ("s = pd.Series([1, 2], name='n'); i = s.index", "s.pop(0); s.name = 'm'"),
        (POLARS, "df = df.with_columns(pl.lit(1).alias('one'))"),
        (POLARS, "df[0, 'a'] = 50"),
        (POLARS, "df.insert_column(0, pl.Series('z', [1, 1, 1])); df.columns = ['p', 'q', 'r']"),
        (POLARS, "df.extend(pl.DataFrame({'a': [4], 'b': ['w']}))"),
        (POLARS, "s[0] = 7; s.rename('t'); s.append(pl.Series('s', [3]))"),
        (ARRAY, "arr += 1"),
        (ARRAY, "arr.sort(axis=0); row[:] = -1"),
        (ARRAY, "held[0][0, 0] = 99"),
        (ARRAY, "deep[0, 0] = None"),
        (ARRAY, "arr = arr.astype(int) * 2"),
        (PLAIN, "a.append(4)"),
        (PLAIN, "a.sort(); d['k'].append(0); d['n']['m'][0] = 'changed'"),
        (PLAIN, "d['new'] = 1; del d['k']; d.pop('n')"),
        (PLAIN, "s.add(9); s.discard(1); t[1].clear(); q.rotate(1); q.append(3)"),
        (PLAIN, "o.move_to_end('x'); c.update('zz'); e[7]; e[1].append(3); raw += b'd'"),
        (PLAIN, "n += 1; a[:] = []; import math; fresh = [a]"),
        (PLAIN, "del a, same; d = None"),
        (PLAIN, "a.append(a)"),
        (PLAIN, "a.append(1); 1 / 0; a.append(2)"),
        (CLASSES, "box.n = 7; box.log.append(1); box.extra = 2"),
        (CLASSES, "del box.log; point.x = 5.0; point.tags.append('t'); space.v = None"),
        (CLASSES, "vars(space)['w'] = 1; point = Point(3.0)"),
    ],
)
def test_names_and_values_are_as_before(setup: str, code: str) -> None:
    notebook = Notebook(setup)
    before = users_objects(notebook.names)
    shown = notebook.shown(*before)
    notebook.step(code)
    assert notebook.undo.next == "p1"
    told = notebook.take_back()
    after = users_objects(notebook.names)
    assert after.keys() == before.keys()
    assert all(after[name] is obj for name, obj in before.items())
    assert notebook.shown(*before) == shown
    assert told.startswith("Step 1 is undone: ")
    assert "Not put back" not in told


@pytest.mark.parametrize(
    ("setup", "code", "check"),
    [
        (PLAIN, "a.append(9)", "same is a and d['k'] is a and t[0] is a and same == [3, 1, 2]"),
        (PLAIN, "a = a + [9]; same.append(0)", "same is a and d['k'] is a and a == [3, 1, 2]"),
        (PLAIN, "same = list(a)", "same is a"),
        (FRAME, "df['a'] = 0", "same is df and same['a'].tolist() == [1, 2, 3]"),
        (f"{FRAME}df.attrs['unit'] = 'm'", "df['a'] = 0; df.attrs['unit'] = 'km'", "same.attrs == {'unit': 'm'}"),
        (f"{FRAME}col.attrs = {{'n': [1]}}", "col[20] = 0; col.attrs['n'].append(2)", "col.attrs == {'n': [1]}"),
        (FRAME, "df = df.assign(a=0); same['z'] = 1", "same is df and list(same) == ['a', 'b', 'c']"),
        (POLARS, "df[1, 'a'] = 0; df = None", "same is df and same['a'].to_list() == [1, 2, 3]"),
        (ARRAY, "arr[1] = 0", "same is arr and held[0] is arr and row.base is not None and row.tolist() == [3, 4, 5]"),
        (CLASSES, "same.n = 0; box = None", "same is box and box.n == 3"),
        ("a = []; b = [a, a]", "b[0].append(1)", "b[0] is b[1] is a and a == []"),
        ("def grown(x, seen=[]):\n    return len(hidden)\nhidden = [1]", "hidden.append(2)", "grown(0) == 1"),
    ],
)
def test_two_names_of_one_object_are_one_object_afterwards(setup: str, code: str, check: str) -> None:
    notebook = Notebook(setup)
    notebook.step(code)
    notebook.take_back()
    assert eval(check, notebook.names)
    notebook.cell("0")  # the namespace is an ordinary one
    notebook.step(code)  # and the step can run, and be undone, again
    notebook.take_back()
    assert eval(check, notebook.names)


def test_a_name_that_the_step_made_is_removed_and_a_new_alias_too() -> None:
    notebook = Notebook(PLAIN)
    notebook.step("total = sum(a); alias = a; a.append(6)")
    assert notebook.take_back() == "Step 1 is undone: `a` and `same` are as before, `total` and `alias` are removed."
    assert notebook.shown("total", "alias", "a") == ["'(none)'", "'(none)'", "[3, 1, 2]"]


@pytest.mark.parametrize(
    ("code", "later", "names"),
    [
        ("a = [0]", "a = 'mine'", "`a`"),
        ("a.append(1)", "a.append('mine')", "`a`"),
        ("new = {'k': [1]}", "new['k'].append('mine')", "`new`"),
        ("new = 5", "del new", "`new`"),
        ("del a", "a = 'mine'", "`a`"),
        ("df = pd.DataFrame({'x': [1, 2]})", "df['mine'] = 0", "`df`"),
        ("df = pl.DataFrame({'x': [1, 2]})", "df[0, 'x'] = 9", "`df`"),
        ("arr = np.zeros(5)", "arr[0] = 1", "`arr`"),
        ("box = Box(); box.n = 1", "box.n = 'mine'", "`box`"),
    ],
)
def test_what_a_later_cell_changed_is_not_lost(code: str, later: str, names: str) -> None:
    notebook = Notebook(f"{PLAIN}class Box: pass\n")
    before = users_objects(notebook.names)
    notebook.step(code)
    notebook.cell(later)
    now = notebook.shown(*users_objects(notebook.names))
    with pytest.raises(CannotUndo, match=rf"Step 1 is not undone: {names} changed after it.*undo force"):
        notebook.take_back()
    assert notebook.shown(*users_objects(notebook.names)) == now
    assert notebook.undo.next == "p1"
    notebook.take_back(force=True)
    assert users_objects(notebook.names) == before


def test_later_cells_that_change_something_else_keep_what_they_did() -> None:
    notebook = Notebook(PLAIN)
    notebook.step("a.append(1); twice = [2 * n for n in a]")
    notebook.cell("own = twice[0]; s.add(99); n = 'mine'; e[5].append(1)")
    notebook.take_back()
    assert notebook.shown("own", "n", "a", "twice") == ["6", "'mine'", "[3, 1, 2]", "'(none)'"]
    assert 99 in notebook.names["s"]
    assert notebook.names["e"][5] == [1]


def test_an_old_object_with_a_new_name_may_change_later() -> None:
    notebook = Notebook(PLAIN)
    notebook.step("alias = a")
    notebook.cell("a.append('mine')")
    assert notebook.take_back() == "Step 1 is undone: `alias` is removed."
    assert notebook.shown("a", "same") == ["[3, 1, 2, 'mine']"] * 2


def test_steps_are_undone_from_the_last_one_back() -> None:
    notebook = Notebook("n = 1")
    for code in ("n = 2", "print(n, file=None) if False else None", "n = 3", "n"):
        notebook.step(code)
    assert notebook.undo.next == "p3"
    with pytest.raises(CannotUndo, match="Undo step 3 first"):
        notebook.take_back("p1")
    assert notebook.take_back() == "Step 4 is undone: it had changed no names."
    notebook.take_back("p3")
    assert notebook.shown("n") == ["2"]
    notebook.take_back("p1")
    assert (notebook.shown("n"), notebook.undo.next) == (["1"], "")
    for step in ("", "p1", "p9", None):
        with pytest.raises(CannotUndo, match="No step can be undone"):
            notebook.take_back(step)


@pytest.mark.parametrize(
    ("tried", "proposed", "told"),
    [
        (Tried("wants_more", effects=("write `out.csv`", "delete `in.csv`")), "", "write `out.csv`, delete `in.csv`"),
        (None, "", "no trial showed that"),
        (Tried("not_tried", reason="the copy crashed"), "", "no trial showed that"),
        (RAN, "n = 3", "no trial showed that"),
    ],
)
def test_what_was_done_outside_is_not_put_back(tried: Tried | None, proposed: str, told: str) -> None:
    notebook = Notebook("n = 1")
    notebook.step("n = 2", tried, proposed)
    said = notebook.take_back()
    assert "Not put back: what it " in said
    assert told in said
    assert notebook.shown("n") == ["1"]


def test_objects_that_cannot_be_copied_are_named_if_the_step_uses_them() -> None:
    notebook = Notebook("state = {'rng': np.random.default_rng(1), 'n': 1}")
    rng = notebook.names["state"]["rng"]
    notebook.step("state['n'] = state['rng'].random()")
    assert "Not put back: changes inside `state` (Generator)." in notebook.take_back()
    assert notebook.names["state"] == {"rng": rng, "n": 1}
    notebook.step("made = sqlite3.connect(':memory:')")
    assert notebook.take_back().endswith("`made` is removed. Not checked for later changes: `made` (Connection).")


@pytest.mark.parametrize("code", ["big = big * 2", "del big", "big[0] = 1", "big.fill(2)"])
def test_what_the_budget_does_not_allow_is_said(code: str) -> None:
    notebook = Notebook("big = np.ones(100_000); small = [1]", budget=100_000)
    notebook.step(f"small.append(2); {code}")
    told = notebook.take_back()
    assert "`big`" in told.partition("Not put back: ")[2]
    assert "too large to keep" in told
    assert told.count("`big`") == 1
    assert notebook.shown("small") == ["[1]"]
    assert "big" not in notebook.names or notebook.names["big"][0] == (2 if "2" in code else 1)


def test_what_cannot_be_compared_is_taken_for_changed_and_put_back() -> None:
    notebook = Notebook("class Odd:\n    __eq__ = lambda self, other: 1 / 0\n    __hash__ = None\n")
    notebook.cell("df = pd.DataFrame({'o': [Odd(), Odd()], 'n': [1, 2]}); odd = {1: Odd()}")
    first = notebook.names["odd"][1]
    notebook.step("df['n'] = 0; odd[1] = Odd()")
    notebook.take_back()
    assert notebook.names["df"]["n"].tolist() == [1, 2]
    assert notebook.names["odd"][1] is first


def test_nothing_is_kept_without_a_budget() -> None:
    notebook = Notebook("n = 1", budget=0)
    notebook.step("n = 2")
    assert notebook.undo.next == ""


def test_a_large_frame_with_a_new_column_costs_only_what_is_its_own() -> None:  # 16 MB and three steps
    notebook = Notebook("df = pd.DataFrame({'a': np.arange(1_000_000), 'b': np.ones(1_000_000)})", budget=17_000_000)
    notebook.step("df = df.assign(c=1)")
    notebook.step("df.loc[5, 'a'] = 0")
    notebook.step("df['b'] = 2.0")
    for _ in range(3):
        assert "too large" not in notebook.take_back()
    assert notebook.names["df"].shape == (1_000_000, 2)
    assert notebook.names["df"].loc[5, "a"] == 5
    assert notebook.names["df"]["b"].sum() == 1_000_000


@pytest.mark.parametrize(
    ("code", "later"),
    [
        ("df = pd.DataFrame({'a': [1]})", "df = None"),
        ("old['z'] = 1", "del old, alias"),
        ("arr = np.zeros(3)", "del arr"),
        ("box = Box()", "box = 2"),
    ],
)
def test_what_the_user_deletes_is_not_kept_alive(code: str, later: str) -> None:
    notebook = Notebook("class Box: pass\nold = pd.DataFrame({'b': [1]}); alias = old")
    notebook.step(code)
    seen = weakref.ref(notebook.names[code.partition(" ")[0].partition("[")[0]])
    notebook.cell(later)
    gc.collect()
    assert seen() is None
    notebook.take_back(force=True)


def test_the_oldest_steps_are_forgotten_when_the_budget_is_used_up() -> None:
    notebook = Notebook("arr = np.zeros(1000); keep = []", budget=20_000)
    for number in range(4):
        notebook.step(f"arr = np.full(1000, {number}.0)")
    for expected in ("2.0", "1.0"):
        notebook.take_back()
        assert notebook.shown("arr")[0].count(expected[:1])
        assert notebook.names["arr"][0] == float(expected)
    with pytest.raises(CannotUndo, match="no longer kept"):
        notebook.take_back()


def test_an_object_that_fails_does_not_keep_a_step_from_running() -> None:
    bad = "class Bad(dict):\n    __class__ = __len__ = property(lambda self: 1 / 0)\nbad = Bad()\nn = 1"
    notebook = Notebook(bad)
    notebook.step("n = 2; bad['k'] = 1")
    assert notebook.names["n"] == 2
    assert "changes inside `bad` (Bad)" in notebook.take_back()
    assert notebook.names["n"] == 1


@pytest.mark.parametrize("code", ["arr.resize(4, refcheck=False)", "arr.shape = (3, 2)"])
def test_an_array_that_can_no_longer_hold_its_values_is_named(code: str) -> None:
    notebook = Notebook("arr = np.arange(6.0).reshape(2, 3).copy(); n = 1")
    notebook.step(f"n = 2; {code}")
    assert "Not put back: changes inside `arr` (an array of another shape or type)" in notebook.take_back()
    assert notebook.names["n"] == 1
