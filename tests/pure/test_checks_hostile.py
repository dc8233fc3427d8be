"""Nothing of the user's runs when a cell is checked, however it is dressed up."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from codeact_jupyter.checks import find_problem
from codeact_jupyter.checks.explain import hint
from tests.cells import namespace

RAN: list[str] = []


def _trap(name: str) -> Any:
    def run(*args: Any, **kwargs: Any) -> Any:
        RAN.append(name)
        raise RuntimeError(name)

    return run


_HOOKS = (
    *("__getattr__", "__getattribute__", "__repr__", "__str__", "__len__", "__iter__", "__bool__", "__call__"),
    *("__getitem__", "__contains__", "__hash__", "__eq__", "__dir__", "__instancecheck__", "__array__", "__format__"),
)
Meta = type("Meta", (type,), {name: _trap(f"Meta.{name}") for name in _HOOKS if name != "__call__"})
Hostile: Any = type.__call__(
    Meta, "Hostile", (), {name: _trap(name) for name in _HOOKS} | {"size": property(_trap("size"))}
)
HostileModule = type("HostileModule", (ModuleType,), {name: _trap(f"module.{name}") for name in _HOOKS})
HostileDict = type("HostileDict", (dict,), {name: _trap(f"dict.{name}") for name in (*_HOOKS, "__missing__", "get")})
HostileText = type("HostileText", (str,), {name: _trap(f"text.{name}") for name in _HOOKS} | {"__hash__": str.__hash__})
HostileFrame = type("HostileFrame", (pd.DataFrame,), {name: _trap(f"frame.{name}") for name in ("__repr__", "__len__")})


Impostor = type("_ArrayFunctionDispatcher", (), {"__dict__": property(_trap("dict")), "__call__": _trap("call")})
Impostor.__module__ = HostileText("numpy")


class Descriptor:
    """Says when it is asked."""

    __get__ = _trap("descriptor")


class Tool:
    """An ordinary object with traps for attributes."""

    value = property(_trap("property"))
    thing = Descriptor()

    def run(self, n: int) -> int:
        return n


CELLS = (
    "x",
    "print(x, len(x))",
    "x.size",
    "x.missing",
    "x['key']",
    "x[['a', 'b']]",
    "x('a', b=1)",
    "x.method(1, wrong=2)",
    "x = x\nx.copy().head()['a']",
    "x + 1 == x",
    "for part in x:\n    part.a",
    "x.loc[:, 'a']",
    "x.groupby('a')['b'].mean(wrong=1)",
    "from shop import x",
    "import x",
    "print(y)",
    "x['new'] = 1\nx['old']",
    "x.value.a\nx.thing.b\nx.run(1, 2)",
    "del x\nx",
    "def f():\n    return x.y['z']\nf(1)",
    "y = x\ny.columns = []",
)


def _filled(table: Any) -> Any:
    """The table with a trap in its first cell; building it of one would spring it."""
    table._mgr.blocks[0].values.flat[0] = object.__new__(Hostile)
    return table


def _objects() -> dict[str, Any]:
    odd = pd.DataFrame([[1, 2]], columns=pd.Index([object(), "a"], dtype=object))
    odd.columns._data[0] = object.__new__(Hostile)
    array = np.empty(1, dtype=object)
    array[0] = object.__new__(Hostile)
    module: Any = HostileModule("trap")
    function: Any = lambda a: a  # noqa: E731
    function.__wrapped__ = object.__new__(Hostile)
    function.__signature__ = object.__new__(Hostile)
    text: Any = HostileText("key")
    odd_function: Any = lambda a: a  # noqa: E731
    odd_function.__module__ = HostileText("shop")
    frame = pd.DataFrame({"a": [1]})
    frame.attrs["x"] = object.__new__(Hostile)
    return {
        "instance": object.__new__(Hostile),
        "class": Hostile,
        "module": module,
        "dict": HostileDict(a=1),
        "dict of traps": {text: object.__new__(Hostile), "a": object.__new__(Hostile)},
        "text": text,
        "frame": HostileFrame({"a": [1]}),
        "frame of traps": _filled(pd.DataFrame({"a": [object()]})),
        "frame of odd labels": odd,
        "frame that holds traps": frame,
        "series": _filled(pd.Series([object()])),
        "array": array,
        "tool": Tool(),
        "function": function,
        "method": Tool().run,
        "impostor": object.__new__(Impostor),
        "class of an odd module": Impostor,
        "function of an odd module": odd_function,
        "list": [object.__new__(Hostile)],
    }


@pytest.mark.hostile("hostile objects")
@pytest.mark.parametrize("name", _objects())
def test_looking_at_it_runs_nothing(name: str) -> None:
    RAN.clear()
    live = namespace() | {"x": _objects()[name]}
    RAN.clear()
    for code in CELLS:
        find_problem(code, live)
        for error in (
            NameError("name 'y'"),
            KeyError("key"),
            TypeError("x() takes 1"),
            AttributeError("a", name="a", obj=live["x"]),
        ):
            hint(error, code, live)
    assert RAN == []


@pytest.mark.hostile("hostile objects", control=True)
def test_the_traps_do_spring() -> None:
    RAN.clear()
    with pytest.raises(RuntimeError):
        repr(_objects()["instance"])
    assert RAN


@pytest.mark.hostile("hostile objects")
def test_a_namespace_with_odd_keys_does_no_harm() -> None:
    live: Any = {1: 2, ("a",): 3, HostileText("z"): 4, "numbers": [1]}
    RAN.clear()
    assert find_problem("print(numbers)", live) is None
    assert RAN == []


def test_no_submodule_and_no_package_is_imported() -> None:
    import sys

    before = set(sys.modules)
    for code in ("import xml.sax.handler", "from wsgiref.simple_server import make_server", "import turtledemo.clock"):
        find_problem(code, namespace())
    assert {
        name for name in set(sys.modules) - before if name.startswith(("xml.sax", "wsgiref", "turtledemo"))
    } == set()


def test_a_lazy_frame_is_not_evaluated() -> None:
    import polars as pl

    def explode(frame: pl.DataFrame) -> pl.DataFrame:
        RAN.append("lazy")
        return frame

    RAN.clear()
    live = {"lazy": pl.DataFrame({"a": [1]}).lazy().map_batches(explode), "pl": pl}
    for code in ("lazy['a']", "lazy.collect()", "lazy.a", "lazy.select('b')", "lazy.columns"):
        find_problem(code, live)
    assert RAN == []
