"""A chart as text: title, axes, and what each series holds. Values are read by exact type: no code of a user runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from ..namespace.arrays import library
from ..namespace.literals import is_one_of, is_standard_zone, of_type
from ..text import one_line, shorten

LISTED = 12  #: most values of a series that are listed
SERIES = 20  #: most series of a chart that are described
READ = 1_000_000  #: most values of a list that are read
NAME_CHARS = 120  #: longest title, label or text value

_NUMBERS = (int, float)
_MARKUP = re.compile(r"</?(?:b|i|u|s|em|strong|sub|sup|span|br)\b[^<>]*>")  # in labels of plotly
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MIDNIGHT = re.compile(r"(?<=\d\d-\d\d)[T ]00:00:00(?:\.0+)?$")
_TEXTS = (str, date, datetime, bool)


@dataclass(frozen=True, slots=True)
class Series:
    """The bars of one color, a line, or the points of one kind."""

    kind: str  #: `bar`, `line`
    name: str = ""  #: in the legend
    values: Mapping[str, Any] = field(default_factory=dict)  #: by the axis or what they stand for


def chart_text(title: str, axes: Mapping[str, str], series: Iterable[Series], notes: Iterable[str] = ()) -> str:
    """Describe a chart.

    Args:
        title: Its title; empty without one.
        axes: By the name of the axis, what is told of it.
        series: What is drawn.
        notes: Further lines.

    Returns:
        A few lines; empty for a chart without title, axes and series.
    """
    drawn = [line for each in series if (line := _series_line(each))]
    more = [f"… {len(drawn) - SERIES:,} more series"] if len(drawn) > SERIES else []
    heading = [f"title: {title}"] if title else []
    labels = ["; ".join([f"{label(axis)}: {told}" for axis, told in axes.items() if told][:SERIES])]
    return "\n".join(filter(None, [*heading, *labels, *drawn[:SERIES], *more, *notes]))


def label(text: object) -> str:
    """Return a title, label or name on one line.

    Args:
        text: Any object.

    Returns:
        The text without markup for bold or line breaks; empty for what is no plain string.
    """
    plain = _MARKUP.sub("", text[:READ].replace("<br>", " ")) if type(text) is str else ""
    return shorten(one_line(plain.replace("\n", " ").strip()), NAME_CHARS)


def values_text(values: Any) -> str:
    """Return a few values as a list, of more their range, or for text the first and the last one.

    Args:
        values: A list, a tuple or an array of numpy.

    Returns:
        Text such as `3, 5, 17.5`, `-2 to 88.5` or `Apr … Dec (9 different)`; empty for other objects.
    """
    array = array_of(values)
    if array is not None and array.size > LISTED and array.dtype.kind in "iufM":
        values = _ends(array)
        return " to ".join(_value(value) for value in values)
    plain = plain_values(values)
    shown = [text for value in plain[:LISTED] if (text := _value(value))]
    if not shown or len(plain) <= LISTED:
        return ", ".join(shown)
    numbers = [value for value in plain if is_one_of(type(value), _NUMBERS) and value == value]
    if len(numbers) > len(plain) / 2:
        return f"{_value(min(numbers))} to {_value(max(numbers))}"
    texts = [text for value in plain if (text := _value(value))]
    if all(map(_DATE.match, texts)):
        return f"{min(texts)} to {max(texts)}"
    return f"{texts[0]} … {texts[-1]} ({len(set(texts)):,} different)"


def array_of(values: Any) -> Any:
    """Return an array.

    Args:
        values: Any object.

    Returns:
        The object; None unless it is exactly an array of numpy, masked or not, of numbers, dates, text or objects.
    """
    numpy = library("numpy")
    is_array = bool(numpy) and is_one_of(type(values), (numpy["ndarray"], numpy["ma"].MaskedArray))
    return values if is_array and values.dtype.kind in "biufMUO" else None


def plain_values(values: Any) -> list[Any]:
    """Return the values of a sequence, at most `READ` of them.

    Args:
        values: Any object.

    Returns:
        A list; empty unless the object is exactly a list, a tuple or an array of plain numbers, dates or text.
    """
    if is_one_of(type(values), (list, tuple)):
        return [plain_value(value) for value in values[:READ]]
    array = array_of(values)
    if array is None:
        return []
    flat = _flat(array)[:READ]
    if flat.dtype.kind == "M":
        flat = flat.astype("datetime64[s]")  # of which `tolist` makes dates
    return [plain_value(value) for value in flat.tolist()]


def _flat(array: Any) -> Any:
    numpy = library("numpy")
    return numpy["ravel"](array) if type(array) is numpy["ndarray"] else numpy["ma"].compressed(array)


def _ends(array: Any) -> list[Any]:
    """Return the least and the greatest of numbers or dates; nothing if all are missing."""
    flat = _flat(array)
    if flat.dtype.kind in "fM":
        flat = flat[~library("numpy")["isnan" if flat.dtype.kind == "f" else "isnat"](flat)]
    return plain_values(library("numpy")["asarray"]([flat.min(), flat.max()])) if len(flat) else []


def plain_value(value: Any) -> Any:
    """Return a number or text of numpy as a plain one.

    Args:
        value: Any object.

    Returns:
        The plain value; anything else as it is.
    """
    name = of_type("__qualname__", type(value))
    is_scalar = type(name) is str and library("numpy").get(name) is type(value)
    return value.item() if is_scalar and issubclass(type(value), library("numpy")["generic"]) else value


def _count(values: Any) -> int:
    array = array_of(values)
    return len(values) if is_one_of(type(values), (list, tuple)) else 0 if array is None else int(array.size)


def number_text(number: float) -> str:
    """Return a number with at most ten digits.

    Args:
        number: A plain number.
    """
    return f"{number:.10g}" if type(number) is float else str(number)


def _series_line(series: Series) -> str:
    """Return a line such as `bar North (3): x = Jan, Feb, Mar; y = 3, 5, 17.5`; empty for nothing."""
    told = {axis: text for axis, values in series.values.items() if (text := values_text(values))}
    count = max(map(_count, series.values.values()), default=0)
    if not told and (series.values or not series.name):
        return ""
    heading = f"{series.kind} {label(series.name)}".strip() + (f" ({count:,})" if count else "")
    return heading + (": " if told else "") + "; ".join(f"{axis} = {text}" for axis, text in told.items())


def _value(value: object) -> str:
    """Return a number, a text or a date; empty for anything else."""
    if is_one_of(type(value), _NUMBERS):
        return "" if value != value else number_text(value)  # type: ignore[arg-type]
    if type(value) is datetime and not is_standard_zone(value.tzinfo):
        return ""
    return label(_MIDNIGHT.sub("", str(value))) if is_one_of(type(value), _TEXTS) else ""
