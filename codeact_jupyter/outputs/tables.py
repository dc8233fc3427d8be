"""Tables that a cell shows: which characters of their text are no cells, and of which live object they are a slice.

Where pandas puts labels, it is asked: a twin of the rows shown, whose labels are letters of private use, is rendered
with the same options. The twin's text has the same shape, and those letters tell where labels stand. A text of another
shape is left alone. No code of the user runs: only exact classes of the libraries are read, with cells of plain types.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, TypeAlias

from ..namespace.arrays import library
from .slices import Whole, are_row_numbers, whole_of

Margin: TypeAlias = tuple[int, int, str]  #: start, end, and what is there: see `session.tables.Kind`
Read: TypeAlias = tuple[int, list[Margin]]  #: number of rows in a text, and what is no cell in it
Options: TypeAlias = Mapping[str, Any] | None  #: of `to_string`; None for what `str` and `repr` give
_Reader: TypeAlias = Callable[[Any, str, Mapping[str, Any], Options], Read]

_ROW, _COLUMN = "\ue000", "\uf000"  #: first letters of private use, for labels of rows and of columns
_LABEL = re.compile(r"([\ue000-\uf8ff])\1*")
_BOOLEANS = (str(bool), "<class 'numpy.bool'>", "<class 'numpy.bool_'>")
_FALSE = re.compile(r"\b(?:np\.)?[Ff]alse_?\b")
_PLAIN = (str, int, float, bool, type(None), date, timedelta, Decimal)


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table as a cell showed it."""

    text: str  #: its rendering
    margins: tuple[Margin, ...]  #: in the rendering
    rows: int  #: that the rendering shows
    whole: Whole  #: that these are rows of


def shown_table(
    obj: object,
    render: Callable[[], str],
    namespace: Mapping[str, Any],
    *,
    sliced: bool = False,
    options: Options = None,
) -> ShownTable | None:
    """Tell what the characters of a rendering are.

    Args:
        obj: The object that is shown.
        render: Returns its rendering; called for tables only.
        namespace: Live objects by name.
        sliced: The cell takes slices: see `slices.takes_slices`.
        options: Of pandas' `to_string`, if that rendered it, and not `str` or `repr`.

    Returns:
        The table; `None` for other objects.
    """
    read = _reader(obj)
    if read is None:
        return None
    try:
        text = render()
        rows, margins = read(obj, text, namespace, options)
        return ShownTable(text, tuple(sorted(_by_line(margins, text))), rows, whole_of(obj, namespace, by_value=sliced))
    except Exception:  # of a library, for an object in a state that it does not expect
        return None


def located(tables: Iterable[ShownTable], text: str) -> Iterator[tuple[Any, ...]]:
    """Find tables in the text of an observation, which may have lost some of their lines.

    Args:
        tables: The tables, in the order in which they were shown.
        text: The text.

    Yields:
        The fields of a `session.tables.Table`.
    """
    at = 0
    for table in tables:
        lines = list(re.finditer(r".*\S.*", table.text))
        places = list(_places(lines, text, at))
        if not places or (len(places) < len(lines) / 2 and "left out]" not in text):
            continue
        shifts = [(line.start(), line.end(), place - line.start()) for line, place in places]
        margins = [
            (start + shift, end + shift, kind)
            for start, end, kind in table.margins
            for first, last, shift in shifts
            if first <= start < last
        ]
        begin, at = places[0][1], places[-1][1] + len(places[-1][0][0])
        rows = max(table.rows - (len(lines) - len(places)), 0)
        if margins or table.whole.name or rows < table.whole.rows:
            yield begin, at, tuple(margins), rows, table.whole.rows, table.whole.name


def _by_line(margins: Iterable[Margin], text: str) -> Iterator[Margin]:
    """Yield margins without the blanks around them, a margin of several lines in parts."""
    for start, end, kind in margins:
        for found in re.finditer(r"\S(?:.*\S)?", text[start:end]):
            yield start + found.start(), start + found.end(), kind


def _places(lines: list[re.Match[str]], text: str, at: int) -> Iterator[tuple[re.Match[str], int]]:
    """Yield the lines that the text has, each behind the one before, and where they begin in it."""
    for line in lines:
        found = re.compile(rf"{re.escape(line[0])}$", re.MULTILINE).search(text, at)
        if found:
            at = found.end()
            yield line, found.start()


def _reader(obj: object) -> _Reader | None:
    """Return what reads the rendering of an object of exactly a class of a library."""
    if type(obj) is list:
        return _read_list
    if library("numpy") and issubclass(type(obj), library("numpy")["generic"]):
        return _read_scalar
    for name, readers in _READERS.items():
        names = library(name)
        for cls, reader in readers.items() if names else ():
            if type(obj) is names.get(cls):
                return reader
    return None


# --- pandas ------------------------------------------------------------------------------------------------------


def _read_frame(frame: Any, text: str, namespace: Mapping[str, Any], options: Options) -> Read:
    rows, sample = _sample(frame, options)
    if options is None:
        with library("pandas")["option_context"]("display.show_dimensions", False):
            margins, size = _labels(frame, sample, repr, text, namespace)
    else:
        render = partial(_to_string, **{**options, "show_dimensions": False})
        margins, size = _labels(frame, sample, render, text, namespace)
    return rows, [*margins, (size, len(text), "length")]


def _read_series(series: Any, text: str, namespace: Mapping[str, Any], options: Options) -> Read:
    rows, sample = _sample(series, options)
    limits = dict(zip(("max_rows", "min_rows"), _limits(options), strict=True))
    render = partial(_to_string, **{**(options or {}), **limits, "name": False, "dtype": False, "length": False})
    margins, size = _labels(series, sample, render, text, namespace)
    name = f"Name: {series.name}"
    named = text.find(name, size)
    if named >= 0:
        margins += [(named, named + len("Name:"), "type"), (named + len("Name: "), named + len(name), "column")]
    margins += _footer(text, named + len(name) if named >= 0 else size, f"Length: {len(series)}")
    return rows, _flags(text, margins) if str(series.dtype) in ("bool", "boolean") else margins


def _to_string(table: Any, **options: Any) -> str:
    return str(table.to_string(**options))


def _read_index(index: Any, text: str, namespace: Mapping[str, Any], options: Options) -> Read:
    if type(index) is library("pandas")["RangeIndex"]:
        return len(index), [(0, len(text), "length")]
    return len(index), _footer(text, text.rindex("]") + 1, f"length={len(index)}")


def _limits(options: Options) -> tuple[int | None, int | None]:
    """Return the number of rows up to which all are rendered, and how many are of a longer table."""
    if options is not None:
        return options.get("max_rows"), options.get("min_rows")
    get = library("pandas")["get_option"]
    return get("display.max_rows"), get("display.min_rows")


def _sample(table: Any, options: Options) -> tuple[int, Any]:
    """Return how many rows are rendered, and rows that are rendered in the same way."""
    limit, least = _limits(options)
    if not limit or len(table) <= limit:
        return len(table), table.copy(deep=False)
    return min(least or limit, limit), library("pandas")["concat"]([table.head(limit), table.tail(limit)])


def _labels(
    table: Any, sample: Any, render: Callable[[Any], str], text: str, namespace: Mapping[str, Any]
) -> tuple[list[Margin], int]:
    """Return where labels stand, and the length of the text without what follows the last row."""
    columns = getattr(table, "columns", None)
    parts = [sample] if columns is None else [sample.iloc[:, place] for place in range(sample.shape[1])]
    if any(str(part.dtype) == "object" and not all(isinstance(each, _PLAIN) for each in part) for part in parts):
        raise TypeError("rendering it would run code of the user")
    kinds = {_ROW: "position" if are_row_numbers(table, namespace) else "row", _COLUMN: "column"}
    sample.index = _lettered(sample.index, _ROW)
    if columns is not None:
        if type(columns) is library("pandas")["RangeIndex"]:
            kinds[_COLUMN] = "position"
        sample.columns = _lettered(columns, _COLUMN)
    twin = render(sample)
    if len(twin) > len(text) or any(a != b for a, b in zip(text, twin, strict=False) if not _LABEL.match(b)):
        raise ValueError("the twin has another shape")
    spans = [(*found.span(), kinds[_ROW if found[0] < _COLUMN else _COLUMN]) for found in _LABEL.finditer(twin)]
    return spans, len(twin)


def _lettered(index: Any, first: str) -> Any:
    """Return an index with labels of the same lengths, each of one letter; equal labels stay equal."""
    pandas = library("pandas")
    if type(index) is pandas["MultiIndex"]:
        levels = [_lettered(index.get_level_values(level), first) for level in range(index.nlevels)]
        return pandas["MultiIndex"].from_arrays(levels, names=[level.name for level in levels])
    labels = [str(label) for label in index.astype(str)]
    letters = {label: chr(ord(first) + 1 + place) for place, label in enumerate(dict.fromkeys(labels))}
    name = None if index.name is None else _COLUMN * len(str(index.name))
    width = (
        max(map(len, labels), default=0) if first == _COLUMN and index.dtype.kind in "iuf" else 0
    )  # as pandas aligns
    return pandas["Index"]([(letters[each] * len(each)).ljust(width) for each in labels], name=name, dtype=object)


# --- polars, numpy, lists ----------------------------------------------------------------------------------------


def _read_polars_frame(frame: Any, text: str, namespace: Mapping[str, Any], options: Options) -> Read:
    head, _, body = text.partition("╞")
    rows = sum(line.startswith("│") and not set(line) <= set("│┆… ") for line in body.splitlines())
    shape, heading = text.find("\n") + 1, text.index("│")
    names = re.finditer(r"[^│┆\s](?:[^│┆\n]*[^│┆\s])?", text[heading : text.index("\n", heading)])
    columns = [(heading + found.start(), heading + found.end(), "column") for found in names]
    return rows, [(0, shape, "length"), *columns, (columns[-1][1] if columns else shape, len(head), "type")]


def _read_polars_series(series: Any, text: str, namespace: Mapping[str, Any], options: Options) -> Read:
    shape, size = text.find("\n") + 1, text.index("\n[\n")
    rows = sum(line.startswith("\t") and line != "\t…" for line in text.splitlines())
    margins: list[Margin] = [(0, shape, "length"), (shape, size, "type")]
    return rows, _flags(text, margins) if str(series.dtype) == "Boolean" else margins


def _read_array(array: Any, text: str, namespace: Mapping[str, Any], options: Options) -> Read:
    options = library("numpy")["get_printoptions"]()
    rows = len(array) if array.ndim else 1
    if array.size > options["threshold"]:
        rows = min(rows, 2 * options["edgeitems"])
    margins = _footer(text, text.rindex("]") + 1, f"shape={array.shape}")
    return rows, _flags(text, margins) if array.dtype == bool else margins


def _read_scalar(scalar: Any, text: str, namespace: Mapping[str, Any], options: Options) -> Read:
    return 1, [(0, text.index("(") + 1, "type"), (len(text) - 1, len(text), "type")]  # of `np.float64(1.5)`


def _read_list(values: Any, text: str, namespace: Mapping[str, Any], options: Options) -> Read:
    is_condition = bool(values) and all(str(type(each)) in _BOOLEANS for each in values)
    return len(values), _flags(text, []) if is_condition else []


def _footer(text: str, start: int, length: str) -> list[Margin]:
    """Return what stands behind the last value: types, and a length between them."""
    at = text.find(length, start)
    if at < 0:
        return [(start, len(text), "type")]
    end = at + len(length)
    return [(start, at, "type"), (at, end, "length"), (end, len(text), "type")]


def _flags(text: str, margins: list[Margin]) -> list[Margin]:
    """Return the margins of a condition: its length counts nothing, and of its cells only those that are true count."""
    return [
        *((start, end, "type" if kind == "length" else kind) for start, end, kind in margins),
        *((*found.span(), "type") for found in _FALSE.finditer(text)),
    ]


_INDEXES = ("Index", "RangeIndex", "DatetimeIndex", "TimedeltaIndex", "PeriodIndex", "CategoricalIndex")
_READERS: dict[str, dict[str, _Reader]] = {
    "pandas": {"DataFrame": _read_frame, "Series": _read_series, **dict.fromkeys(_INDEXES, _read_index)},
    "polars": {"DataFrame": _read_polars_frame, "Series": _read_polars_series},
    "numpy": {"ndarray": _read_array},
}
