"""No code of the user runs while objects are described: a fuzz over objects that notice each call of their methods.

Each example is a namespace of ten objects, so that a thousand examples describe ten thousand.
"""

# ruff: noqa: SIM905
from __future__ import annotations

import datetime
import decimal
import functools
import pathlib
import sys
import types
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codeact_jupyter.kernel.results import small_values, unmatched
from codeact_jupyter.namespace.describe import describe
from codeact_jupyter.namespace.literals import literal, names_in
from codeact_jupyter.namespace.relations import find_relations
from codeact_jupyter.namespace.snapshot import delta, render_changes, render_context, snapshot
from codeact_jupyter.namespace.static_lookup import class_names, columns_of, frames, is_own, of_class, text_columns
from codeact_jupyter.outputs.shown_value import named_value
from tests.hostile import Tries

SPRUNG: list[str] = []  #: methods that ran while the trap was armed
_armed = [False]


class Trap(BaseException):
    """Raised by hostile objects; no `except Exception` hides it."""


@contextmanager
def armed() -> Iterator[None]:
    SPRUNG.clear()
    _armed[0] = True
    try:
        yield
    finally:
        _armed[0] = False


# --- hostile classes -----------------------------------------------------------------------------------------------

METHODS = """
repr str format len iter next contains getitem eq ne lt gt le ge hash bool getattribute getattr dir sizeof reduce
reduce_ex add radd mul mod index int float call fspath array array_interface array_struct dataframe arrow_c_stream
length_hint missing copy deepcopy instancecheck subclasscheck get set_name mro_entries prepare enter exit
reversed bytes complex round trunc neg abs invert
""".split()
ORDINARY = """
items keys values get startswith split encode replace utcoffset tzname dst isoformat strftime tolist shape dtype
columns index name schema height width to_list as_posix parts
""".split()


def trap(base: type, name: str) -> Any:
    original = getattr(base, name, None)

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if _armed[0]:
            SPRUNG.append(name)
            raise Trap(name)
        if name == "__set_name__":
            return None
        if original is None or not callable(original):
            raise AttributeError(name)
        return original(self, *args, **kwargs)

    return method


def hostile(base: type) -> type:
    """Return a subclass of which every method is a trap."""
    names = [f"__{name}__" for name in METHODS]
    names = [name for name in names if base is not object or name not in ("__add__", "__call__", "__array_struct__")]
    body = {name: trap(base, name) for name in [*names, *(name for name in ORDINARY if hasattr(base, name))]}
    if base is not type:

        def of_self(self: Any) -> type:
            trap(object, "__sizeof__")(self)
            return type(self)

        body["__class__"] = property(of_self)
    return type(f"Hostile{base.__name__}", (base,), body)


MAKERS: dict[str, Callable[[type], Any]] = {
    "object": lambda cls: object.__new__(cls),
    "str": lambda cls: str.__new__(cls, "__name__"),
    "int": lambda cls: int.__new__(cls, 7),
    "float": lambda cls: float.__new__(cls, 1.5),
    "list": lambda cls: list.__new__(cls),
    "tuple": lambda cls: tuple.__new__(cls, (1, 2)),
    "dict": lambda cls: dict.__new__(cls),
    "set": lambda cls: set.__new__(cls),
    "bytes": lambda cls: bytes.__new__(cls, b"x"),
    "module": lambda cls: types.ModuleType.__new__(cls),
    "type": lambda cls: type.__new__(cls, "OfHostileMeta", (), {}),
}
BASES: dict[str, type] = {
    **{cls.__name__: cls for cls in (object, str, int, float, list, tuple, dict, set, bytes, types.ModuleType, type)}
}
DATES: dict[str, tuple[type, tuple[Any, ...]]] = {
    "date": (datetime.date, (2020, 1, 2)),
    "datetime": (datetime.datetime, (2020, 1, 2)),
    "timedelta": (datetime.timedelta, (3,)),
    "tzinfo": (datetime.tzinfo, ()),
    "Decimal": (decimal.Decimal, ("1.5",)),
    "PosixPath": (pathlib.PosixPath, ("a",)),
    "DataFrame": (pd.DataFrame, ()),
    "Series": (pd.Series, ()),
    "ndarray": (np.ndarray, ((2,),)),
}


def thing(name: str) -> Any:
    """Return a new object of a new hostile class."""
    if name in BASES:
        return MAKERS[name](hostile(BASES[name]))
    base, args = DATES[name]
    return base.__new__(hostile(base), *args)


class Colliding:
    """A key with the hash of a name that is looked up."""

    def __init__(self, name: str) -> None:
        self.hash = hash(name)

    def __hash__(self) -> int:
        return self.hash

    __eq__ = trap(object, "__eq__")
    __repr__ = trap(object, "__repr__")


# --- where a hostile object may sit --------------------------------------------------------------------------------


def function_with(**parts: Any) -> Any:
    def function(first: Any, second: Any = 1, *, third: Any = 2) -> Any: ...

    for name, value in parts.items():
        setattr(function, name, value)
    return function


def frame_with_label(obj: Any) -> Any:
    return pd.DataFrame([[1, "a"]], columns=pd.Index([obj, "key"], dtype=object, tupleize_cols=False))


def text(obj: Any) -> Any:
    return obj if isinstance(obj, str) else thing("str")


def mapping(obj: Any) -> Any:
    return obj if isinstance(obj, dict) else {Colliding("__name__"): obj, Colliding("return"): 1, "second": obj}


def zone(obj: Any) -> Any:
    if isinstance(obj, datetime.tzinfo):
        return obj
    offset = obj if isinstance(obj, datetime.timedelta) else datetime.timedelta(hours=1)
    return datetime.timezone(offset, text(obj))


def path_of(obj: Any) -> Any:
    path = pathlib.PosixPath("a")
    for slot in ("_str", "_drv", "_root"):
        try:
            setattr(path, slot, text(obj))
        except AttributeError:
            continue
    return path


def module_with(obj: Any) -> Any:
    module = types.ModuleType("own")
    vars(module).update({Colliding("__name__"): obj, "__name__": text(obj), "DataFrame": type(obj)})
    return module


def class_with(obj: Any) -> Any:
    body = {Colliding(name): obj for name in ("__doc__", "__init__", "__new__", "__dict__")}
    made: Any = type("Own", (), {**body, "__doc__": text(obj), "__init__": obj, "__module__": text(obj)})
    made.__qualname__ = text(obj)
    return made


def object_array(obj: Any) -> Any:
    array = np.empty(2, dtype=object)
    array[0] = obj
    return array


PLACES: dict[str, Callable[[Any], Any]] = {
    "itself": lambda obj: obj,
    "its class": type,
    "list": lambda obj: [obj],
    "tuple": lambda obj: (obj, 1),
    "dict value": lambda obj: {"key": obj},
    "dict key": lambda obj: {Colliding("key"): obj, "key": 1},
    "dict key itself": lambda obj: {obj: 1} if type(obj).__hash__ else [obj],
    "list of dicts": lambda obj: [{Colliding("a"): obj}],
    "function's name": lambda obj: function_with(__name__=text(obj), __qualname__=text(obj)),
    "function's doc": lambda obj: function_with(__doc__=obj),
    "function's defaults": lambda obj: function_with(__defaults__=(obj,), __kwdefaults__={"third": obj}),
    "function's keyword defaults": lambda obj: function_with(__kwdefaults__=mapping(obj)),
    "function's annotations": lambda obj: function_with(__annotations__={"first": obj, "return": list[obj]}),
    "function's annotation keys": lambda obj: function_with(__annotations__=mapping(obj)),
    "function's dictionary": lambda obj: function_with(__dict__=mapping(obj)),
    "function's wrapped": lambda obj: function_with(__wrapped__=obj),
    "method": lambda obj: types.MethodType(function_with(__name__=text(obj)), obj),
    "method of a thing": lambda obj: types.MethodType(obj, 1) if callable(obj) else [obj],
    "generic": lambda obj: function_with(__annotations__={"first": types.GenericAlias(list, obj)}),
    "union": lambda obj: function_with(__annotations__={"first": int | types.GenericAlias(list, (obj,))}),
    "class": class_with,
    "instance": lambda obj: class_with(None)() if isinstance(obj, str) else types.SimpleNamespace(a=obj),
    "module": module_with,
    "partial": lambda obj: functools.partial(print, obj),
    "static method": lambda obj: staticmethod(obj),
    "property": property,
    "zone": zone,
    "datetime": lambda obj: datetime.datetime(2020, 1, 1, tzinfo=zone(obj)),
    "time": lambda obj: datetime.time(1, tzinfo=zone(obj)),
    "timestamp": lambda obj: [datetime.datetime(2020, 1, 1, tzinfo=zone(obj))],
    "path": path_of,
    "column": lambda obj: pd.DataFrame({"key": pd.Series([obj, None], dtype=object), "n": [1, 2]}),
    "column's label": frame_with_label,
    "row's label": lambda obj: pd.Series([1, 2], index=pd.Index([obj, "a"], dtype=object, tupleize_cols=False)),
    "series' name": lambda obj: series_named(obj),
    "frame's attributes": lambda obj: frame_with_attributes(obj),
    "array": object_array,
    "polars": lambda obj: pl.DataFrame({"key": pl.Series([object()], dtype=pl.Object)}) if obj is None else [obj],
    "exception": lambda obj: ValueError(obj),
    "generator": lambda obj: (each for each in (obj,)),
}


def series_named(obj: Any) -> Any:
    series = pd.Series([1, 2])
    object.__setattr__(series, "_name", obj)
    return series


def frame_with_attributes(obj: Any) -> Any:
    frame = pd.DataFrame({"a": [1]})
    object.__setattr__(frame, "__dict__", {**vars(frame), "_attrs": {"a": obj}})
    vars(frame)[Colliding("_mgr")] = obj
    return frame


def placed(name: str, place: str) -> Any:
    """Return the hostile object in its place; without it where the place takes no such object."""
    try:
        return PLACES[place](thing(name))
    except (TypeError, ValueError, AttributeError, NotImplementedError):
        return [thing(name)]


def look(namespace: dict[Any, Any]) -> None:
    """Do all that is done with the names of a notebook without the user's having run anything."""
    before = snapshot({})
    now = snapshot(namespace)
    render_context(now, budget=900)
    render_changes(before, now)
    delta(before, now)
    names = names_in(namespace)
    find_relations(names)
    frames(namespace)
    small_values("\n".join(f"{name} = 1" for name in names), names, names)
    for name, obj in names.items():
        describe(obj)
        literal(obj)
        columns_of(obj)
        text_columns(obj)
        is_own(obj)
        class_names(type(obj))
        of_class(type(obj), "shape")
        named_value(name, names)
        unmatched(f"{name}[{name}['key'] == 'b']", "Empty DataFrame", names)


THINGS = st.tuples(st.sampled_from([*BASES, *DATES]), st.sampled_from(list(PLACES)))


@pytest.mark.hostile("hostile objects")
@settings(max_examples=1000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(things=st.lists(THINGS, min_size=10, max_size=10))
def test_nothing_of_a_hostile_object_runs_wherever_it_is(tries: Tries, things: list[tuple[str, str]]) -> None:
    namespace: dict[Any, Any] = {f"n{number}": placed(*each) for number, each in enumerate(things)}
    namespace |= {1: 2, None: 3, Colliding("n1"): 4, Colliding("key"): 5, thing("str"): 6}
    with armed():
        look(namespace)
    assert SPRUNG == []
    tries.add(len(things))


@pytest.mark.hostile("hostile objects")
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", [*BASES, *DATES])
def test_nothing_of_any_hostile_object_runs_in_any_place(name: str, place: str) -> None:
    namespace = {"obj": placed(name, place), "other": pd.DataFrame({"key": ["a", "b"]})}
    with armed():
        look(namespace)
    assert SPRUNG == []


@pytest.mark.hostile("hostile objects")
def test_the_trap_is_sprung_by_what_python_does_with_an_object(tries: Tries) -> None:
    for act in (repr, str, len, hash, bool, lambda obj: obj == 1, lambda obj: obj.a, lambda obj: isinstance(obj, set)):
        with pytest.raises(Trap), armed():
            act(thing("list"))
        tries.control()
    with pytest.raises(Trap), armed():
        {Colliding("key"): 1}.get("key")
    with pytest.raises(Trap), armed():
        repr(datetime.timezone(datetime.timedelta(0), thing("str")))
    tries.control(2)


@pytest.mark.hostile("hostile objects")
def test_a_file_of_the_users_own_with_a_librarys_name_is_not_asked(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class DataFrame:
        shape = schema = columns = width = property(trap(object, "__repr__"))

    for name in ("polars", "pandas"):
        own = types.ModuleType(name)
        vars(own).update(DataFrame=DataFrame, Series=DataFrame, __spec__=ModuleSpec(name, None))
        own.__spec__.origin = str(tmp_path / f"{name}.py")  # type: ignore[union-attr]
        monkeypatch.setitem(sys.modules, name, own)
    namespace = {"frame": DataFrame(), "n": 1, "text": "a"}
    with armed():
        look(namespace)
        assert describe(namespace["frame"]).startswith("tests.pure")
        assert describe(1) == "1"
    assert SPRUNG == []


@pytest.mark.hostile("hostile objects")
def test_a_weak_reference_is_no_way_in() -> None:
    obj = thing("object")
    with armed():
        look({"obj": weakref.ref(obj), "proxy": weakref.proxy(obj)})
    assert SPRUNG == []
