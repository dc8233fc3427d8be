"""Convert the value of an answer to the type that a program needs, where nothing is lost by it; and to JSON."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..text import one_line, shorten

SHOWN_CHARS = 80  #: of a value in a reason
JSON_CHARS = 500_000  #: longest JSON form of a value


class Unfit(Exception):
    """A value that is not of the type asked for, nor can be converted to it without loss; the message says why."""


def convert(value: Any, wanted: Any) -> Any:
    """Return a value as the type that is asked for.

    Args:
        value: Any object; it is not changed.
        wanted: `float`, `int`, `str`, `bool`, `list`, `dict`, also as `list[int]`; a union; a dataclass; a pydantic
            model; or any other class, such as `pandas.DataFrame`, of which the value must be an instance.

    Returns:
        The value itself, or a conversion of it.

    Raises:
        Unfit: The value is of another type and cannot be converted without loss.
    """
    origin, inner = typing.get_origin(wanted), typing.get_args(wanted)
    if wanted is Any:
        return value
    if origin in (typing.Union, types.UnionType):
        return _first_that_fits(value, inner)
    if origin is typing.Literal:
        return _require(value, _plain(value) in inner, f"one of {list(inner)}", _plain(value))
    if origin is not None:
        return _with_items(convert(value, origin), inner)
    if wanted in (None, type(None)):
        return _require(value, value is None, "None")
    if wanted in _CONVERSIONS:
        converted = _converted(value, wanted)
        return _require(value, converted is not _UNFIT, type_name(wanted), converted)
    if isinstance(value, wanted):
        return value
    if dataclasses.is_dataclass(wanted):
        return _dataclass(value, wanted)
    if hasattr(wanted, "model_validate"):
        return _model(value, wanted)
    is_series = wanted.__name__ == "DataFrame" and hasattr(value, "to_frame")
    frame = value.to_frame() if is_series else None
    return _require(value, isinstance(frame, wanted), type_name(wanted), frame)


def is_type(wanted: Any) -> bool:
    """Return True if `convert` knows what to do with a type.

    Args:
        wanted: What a caller gives as one.
    """
    return wanted is Any or isinstance(wanted, type) or typing.get_origin(wanted) is not None


def type_name(wanted: Any) -> str:
    """Return the name of a type for a message.

    Args:
        wanted: As for `convert`.
    """
    return wanted.__name__ if isinstance(wanted, type) and not typing.get_origin(wanted) else str(wanted)


def as_json(value: Any) -> Any:
    """Return a value as plain JSON data.

    Args:
        value: Any object. Missing numbers of a table become null.

    Returns:
        Numbers, text, lists and dicts; a table as the list of its rows. `None` if it has no such form, or a long one.
    """
    try:
        if hasattr(value, "to_json"):
            orient = "records" if len(value.shape) == 2 else "index"
            text = value.to_json(orient=orient, date_format="iso", double_precision=15)
        else:
            text = json.dumps(value, default=_serialisable, allow_nan=False)
        return json.loads(text) if len(text) <= JSON_CHARS else None
    except Exception:  # duplicate labels, a cycle, a method of the user's class
        return None


def _require(value: Any, fits: bool, name: str, converted: Any = None) -> Any:
    if not fits:
        shown = "nothing" if value is None else f"a {type(value).__name__}, {shown_in_line(value)}"
        raise Unfit(f"the last value shown is {shown}; it has to be {name}")
    return converted


def shown_in_line(value: Any) -> str:
    """Return the beginning of a value's text, on one line.

    Args:
        value: Any object.
    """
    try:
        return shorten(one_line(str(value)), SHOWN_CHARS)
    except Exception:  # the `repr` of a value may fail
        return "which cannot be printed"


# --- plain types -------------------------------------------------------------------------------------------------

_UNFIT = object()


def _converted(value: Any, wanted: Any) -> Any:
    try:
        return _CONVERSIONS[wanted](value if wanted in (list, dict) else _plain(value))
    except Exception:  # a method of the user's class
        return _UNFIT


def _plain(value: Any) -> Any:
    """Return the one element of an array or a table of one cell; else the value."""
    shape = getattr(value, "shape", None)
    if not isinstance(shape, tuple) or any(length != 1 for length in shape):
        return value
    if hasattr(value, "iloc"):
        value = value.iloc[(0,) * len(shape)]
    return value.item() if hasattr(value, "item") else value


def _float(value: Any) -> Any:
    if isinstance(value, str):
        value = _number(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return _UNFIT
    try:
        number = float(value)
    except OverflowError:
        return _UNFIT
    return number if number == value or isinstance(value, float) else _UNFIT


def _int(value: Any) -> Any:
    if isinstance(value, str):
        value = _number(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return _UNFIT
    return int(value) if value == value // 1 else _UNFIT


def _number(text: str) -> Any:
    """Return the number that a text is."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return None


def _list(value: Any) -> Any:
    if isinstance(value, list | tuple | range | set | frozenset | type({}.keys()) | type({}.values())):
        return list(value)
    shape: Sequence[int] = getattr(value, "shape", ())
    if len(shape) == 2 and hasattr(value, "columns"):
        records = _records(value)
        return records if len(value.columns) != 1 else [item for row in records for item in row.values()]
    for name in ("tolist", "to_list"):
        if shape and hasattr(value, name):
            return getattr(value, name)()
    return _UNFIT


def _records(frame: Any) -> list[dict[str, Any]]:
    """Return the rows of a frame of pandas or polars, whose columns have different names."""
    if len(set(frame.columns)) < len(frame.columns):
        raise ValueError
    records: list[dict[str, Any]] = frame.to_dicts() if hasattr(frame, "to_dicts") else frame.to_dict("records")
    return records


def _dict(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if len(getattr(value, "shape", ())) == 2 and len(value) == 1 and hasattr(value, "columns"):
        return _records(value)[0]
    if not hasattr(value, "iloc"):
        return _UNFIT
    series = value if len(value.shape) == 1 else value.iloc[:, 0] if value.shape[1] == 1 else None
    return series.to_dict() if series is not None and series.index.is_unique else _UNFIT


_CONVERSIONS: dict[Any, Any] = {
    float: _float,
    int: _int,
    str: lambda value: str(value) if isinstance(value, str) else _UNFIT,
    bool: lambda value: value if isinstance(value, bool) else _UNFIT,
    list: _list,
    dict: _dict,
}

# --- composed types ----------------------------------------------------------------------------------------------


def _first_that_fits(value: Any, wanted: Sequence[Any]) -> Any:
    for each in wanted:
        if isinstance(each, type) and type(value) is each:
            return value
    reason = Unfit("")
    for each in wanted:
        try:
            return convert(value, each)
        except Unfit as unfit:
            reason = unfit
    raise reason


def _with_items(value: Any, wanted: Sequence[Any]) -> Any:
    """Return a list or a dict whose items are converted; other containers as they are."""
    if isinstance(value, list) and len(wanted) == 1:
        return [convert(item, wanted[0]) for item in value]
    if isinstance(value, dict) and len(wanted) == 2:
        return {convert(key, wanted[0]): convert(item, wanted[1]) for key, item in value.items()}
    return value


def _dataclass(value: Any, wanted: Any) -> Any:
    data = convert(value, dict)
    fields = {field.name: field for field in dataclasses.fields(wanted) if field.init}
    needed = {name for name, field in fields.items() if _has_no_default(field)}
    if not needed <= data.keys() <= fields.keys():
        raise Unfit(f"the last value shown has the keys {list(data)}; it has to be a dict with {list(fields)}")
    hints = typing.get_type_hints(wanted)
    return wanted(**{name: convert(item, hints.get(name, Any)) for name, item in data.items()})


def _has_no_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _model(value: Any, wanted: Any) -> Any:
    data = as_json(value) if hasattr(value, "to_json") else value
    try:
        return wanted.model_validate(data)
    except ValueError as error:  # of pydantic
        raise Unfit(f"the last value shown is not a {wanted.__name__}: {shorten(str(error), 400)}") from None


def _serialisable(value: Any) -> Any:
    """Return the plain form of an object that `json` does not know."""
    for name in ("isoformat", "to_dict", "tolist", "item"):
        if hasattr(value, name):
            return getattr(value, name)()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError
