"""Contents of the user's objects: copied before a step, compared after it, and put back into the same objects.

Contents are put back in place, so that everything that refers to an object (another name, a list that holds it, a
function) refers to it still. Copies are shallow, one for each object that can be reached: an object that is reached in
two ways is copied once. A frame shares its arrays with its copy until one of them is written, where the library copies
on write (always in polars and pandas 3; by an option in pandas 2).
"""

from __future__ import annotations

import hashlib
import operator
import re
import sys
import types
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import PurePath
from typing import Any, NamedTuple

from ..namespace.static_lookup import class_in, is_exactly
from .sizes import held_bytes, is_shared

OBJECTS = 200_000  #: most objects that are looked at for one step, about a second's work
PARTS = 50  #: parts of an object that take as long as one object
TOO_LARGE = "too large to keep"

_PLAIN = (type(None), bool, int, float, complex, str, bytes)
_FIXED: tuple[type[Any], ...] = (
    *(*_PLAIN, range, slice, type(...), date, time, timedelta, tzinfo, Decimal, Fraction, PurePath, re.Pattern, type),
    *(types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType, partial),
)
_FIXED_ELSEWHERE = {
    "numpy": ("generic", "dtype"),
    "pandas": ("Index", "Period", "Interval"),
    "pandas._libs.missing": ("NAType",),
    "polars": ("LazyFrame", "Expr"),
}
_DICTS = (dict, defaultdict, Counter, OrderedDict)
_LISTS = (list, deque, bytearray)
_BUILT_IN = (*_LISTS, *_DICTS, set)
_HEAP_TYPE = 1 << 9  # flag of a class that a `class` statement has made


class CannotCopy(Exception):
    """Error of an object whose contents cannot be copied."""


class Kept(NamedTuple):
    """An object and what it held."""

    obj: Any  #: the object
    contents: Any  #: see `contents_of`
    name: str  #: the name by which it was found


@dataclass(slots=True)
class Contents:
    """Copies of what objects hold.

    Attributes:
        budget: Most bytes of copies.
        bytes: Bytes of copies so far.
        kept: Each object with its contents, by its id.
        is_digest: Keep only digests of arrays: enough to find a change, not to put it back.
        lacking: Why not all contents of a name are kept, by name: the size, or a class that cannot be copied.
    """

    budget: int
    bytes: int = 0
    kept: dict[int, Kept] = field(default_factory=dict)
    is_digest: bool = False
    lacking: dict[str, str] = field(default_factory=dict)
    _looked: int = 0

    def add(self, name: str, root: Any, known: Mapping[int, Any] = types.MappingProxyType({})) -> None:
        """Keep the contents of an object and of what it refers to.

        Args:
            name: Its name.
            root: The object.
            known: Objects that are left out, by their ids.
        """
        fresh, seen, waiting = list[int](), set[int](), [root]
        before, fixed, plain = (self.bytes, self._looked), _fixed(), set[type[Any]](_PLAIN)
        while waiting:
            obj = waiting.pop()
            key = id(obj)
            if type(obj) in plain or key in seen or key in known:
                continue
            if issubclass(type(obj), fixed):
                plain.add(type(obj))
                continue
            seen.add(key)
            self._looked += 1
            try:
                if key not in self.kept and not issubclass(type(obj), tuple | frozenset):
                    self.kept[key] = Kept(obj, self._copy(obj), name)
                    fresh.append(key)
                waiting.extend(self._parts(obj))
            except CannotCopy as problem:
                self.lacking.setdefault(name, str(problem))
            if self.bytes > self.budget or self._looked > OBJECTS:
                self._give_up(name, fresh, before)
                return

    def _give_up(self, name: str, fresh: Iterable[int], before: tuple[int, int]) -> None:
        """Drop what was copied for a name of which not everything can be kept."""
        for key in fresh:
            del self.kept[key]
        (self.bytes, self._looked), self.lacking[name] = before, TOO_LARGE

    def _copy(self, obj: Any) -> Any:
        if type(obj) in _BUILT_IN:
            self.bytes += sys.getsizeof(obj)
        elif self.is_digest and is_exactly(obj, "numpy", "ndarray") and not obj.dtype.hasobject:
            return _digest(obj)
        else:
            self.bytes += copied_bytes(obj)
        return contents_of(obj) if self.bytes <= self.budget else None  # `add` gives up

    def _parts(self, obj: Any) -> Iterator[Any]:
        """Return the objects that an object refers to, of which contents may be kept."""
        for parts in map(list, _references(obj)):
            self._looked += len(parts) // PARTS
            if not set(map(type, parts)) <= {*_PLAIN}:
                yield from parts


def contents_of(obj: Any) -> Any:
    """Return a copy of what an object holds, without what these parts hold.

    Args:
        obj: A mutable object.

    Raises:
        CannotCopy: It has no class of which that is known.
    """
    if type(obj) in _BUILT_IN or is_exactly(obj, "numpy", "ndarray"):
        return obj.copy()
    if is_exactly(obj, "pandas", "DataFrame", "Series"):
        return obj.copy(deep=not _copies_on_write())
    if is_exactly(obj, "polars", "DataFrame", "Series"):
        return obj.clone()
    return _attributes(obj).copy()


def is_same(obj: Any, contents: Any) -> bool:
    """Return True if an object surely holds what it held. Comparing may run the user's code, such as `__eq__`.

    Args:
        obj: The object.
        contents: What `contents_of` returned, or a digest.
    """
    try:
        return _is_same(obj, contents)
    except Exception:  # values that cannot be compared
        return False


def _is_same(obj: Any, contents: Any) -> bool:
    if type(obj) in _LISTS:
        return len(obj) == len(contents) and all(map(operator.is_, obj, contents))
    if type(obj) in (*_DICTS, set):
        return _is_same_dict(obj, contents) if isinstance(obj, dict) else set(map(id, obj)) == set(map(id, contents))
    if is_exactly(obj, "numpy", "ndarray"):
        return _digest(obj) == contents if type(contents) is bytes else _is_same_array(obj, contents)
    if is_exactly(obj, "pandas", "DataFrame", "Series"):
        labels = all(one.identical(other) for one, other in zip(obj.axes, contents.axes, strict=True))
        named = getattr(obj, "_name", None) == getattr(contents, "_name", None)
        return (is_shared(obj, contents) and named) or bool(labels and named and obj.equals(contents))
    if is_exactly(obj, "polars", "DataFrame"):
        return bool(obj.schema == contents.schema and obj.equals(contents))
    if is_exactly(obj, "polars", "Series"):
        return bool(obj.name == contents.name and obj.equals(contents, check_dtypes=True))
    return _is_same_dict(_attributes(obj), contents)


def put_back(obj: Any, contents: Any) -> None:
    """Let an object hold again what it held.

    Args:
        obj: The object.
        contents: What `contents_of` returned. It belongs to the object afterwards.

    Raises:
        CannotCopy: It can no longer hold that, such as an array of another shape.
    """
    if type(obj) in (list, bytearray):
        obj[:] = contents
    elif type(obj) in (deque, set, *_DICTS):
        obj.clear()
        (obj.extend if isinstance(obj, deque) else obj.update)(contents)
    elif is_exactly(obj, "numpy", "ndarray"):
        if obj.shape != contents.shape or obj.dtype != contents.dtype or not obj.flags.writeable:
            raise CannotCopy("an array of another shape or type")
        obj[...] = contents
    elif is_exactly(obj, "pandas", "DataFrame", "Series"):
        obj._update_inplace(contents)
        obj.attrs = contents.attrs
        if is_exactly(obj, "pandas", "Series"):
            obj.name = contents.name
    elif is_exactly(obj, "polars", "DataFrame"):
        obj._df = contents._df
    elif is_exactly(obj, "polars", "Series"):
        obj._s = contents._s
    else:
        attributes = _attributes(obj)
        attributes.clear()
        attributes.update(contents)


def copied_bytes(obj: Any) -> int:
    """Return how many bytes a copy of what an object holds takes at once.

    Args:
        obj: The object.
    """
    if is_exactly(obj, "polars", "DataFrame", "Series"):
        return 0
    if is_exactly(obj, "pandas", "DataFrame", "Series"):
        return 0 if _copies_on_write() else held_bytes(obj)
    return held_bytes(obj)


def _fixed() -> tuple[type[Any], ...]:
    """Return the classes of objects that no step can change."""
    found = [class_in(module, name) for module, names in _FIXED_ELSEWHERE.items() for name in names]
    return (*_FIXED, *(each for each in found if isinstance(each, type)))


def _references(obj: Any) -> Iterator[Iterable[Any]]:
    if issubclass(type(obj), tuple | frozenset) or type(obj) in (list, deque, set):
        yield obj
    elif type(obj) in _DICTS:
        yield obj.keys()
        yield obj.values()
    elif is_exactly(obj, "numpy", "ndarray"):
        yield obj.flat if obj.dtype.hasobject and obj.dtype.names is None else ()
    elif is_exactly(obj, "pandas", "DataFrame", "Series"):
        for block in obj._mgr.blocks:
            is_array = is_exactly(block.values, "numpy", "ndarray") and block.values.dtype.hasobject
            yield block.values.flat if is_array else ()
    elif not isinstance(obj, bytearray) and not is_exactly(obj, "polars", "DataFrame", "Series"):
        yield _attributes(obj).values()


def _attributes(obj: Any) -> dict[str, Any]:
    """Return the attributes of an object of a class of the notebook, which has nothing else."""
    cls = type(obj)
    lines = [base for base in cls.__mro__ if base is not object]
    is_own = cls.__module__ == "__main__" and all(base.__flags__ & _HEAP_TYPE for base in lines)
    slots = any(vars(base).get("__slots__") for base in lines)
    if cls is types.SimpleNamespace or (is_own and not slots):
        for base in lines:
            if isinstance(place := vars(base).get("__dict__"), types.GetSetDescriptorType | types.MemberDescriptorType):
                found: dict[str, Any] = place.__get__(obj)
                return found
    raise CannotCopy(cls.__name__)


def _copies_on_write() -> bool:
    pandas = sys.modules["pandas"]
    return int(pandas.__version__.split(".")[0]) >= 3 or pandas.get_option("mode.copy_on_write") is True


def _is_same_dict(live: dict[Any, Any], contents: dict[Any, Any]) -> bool:
    """Return True if two dictionaries hold the same objects in the same order."""
    same_keys = len(live) == len(contents) and all(map(operator.is_, live, contents))
    return same_keys and all(map(operator.is_, live.values(), contents.values()))


def _digest(array: Any) -> bytes:
    about = repr((array.shape, array.dtype.str)).encode()
    return hashlib.blake2b(about + array.tobytes()).digest()


def _is_same_array(array: Any, contents: Any) -> bool:
    if array.shape != contents.shape or array.dtype != contents.dtype:
        return False
    if array.dtype.hasobject and array.dtype.names is None:
        return all(map(operator.is_, array.flat, contents.flat))
    return bool(array.tobytes() == contents.tobytes())
