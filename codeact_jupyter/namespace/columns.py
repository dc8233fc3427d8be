"""Remarks on one column: which values, how they are written, how many are missing, which are odd.

Each note has a rank: those of a low rank tell most, and are kept where there is room for few.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from itertools import islice
from typing import Any, NamedTuple

from .arrays import Column
from .literals import type_name, value_literal
from .notation import EXAMPLE_CHARS, EXAMPLES, find_notation, shape, shorten_all

NAMED = 6  #: values of a text column that are all named
NAMED_CHARS = 100  #: of all of them
FEW = 3  #: rows that make a value a rare one
ID_ROWS = 8  #: of a column that can be an id
TEXT_CHARS = 1_000_000  #: of the texts of a column that are compared
SEEN = 500  #: different values whose notation is looked at
COMPARED = 10_000  #: different values that are compared for case and blanks

RANKS = VALUES, ODD, RARE, RANGE = range(4)


class Note(NamedTuple):
    """One remark on a column."""

    rank: int  #: lower ones tell more
    text: str  #: the remark
    names_all: bool = False  #: it names all values that were read, or says that there is none


def remarks(column: Column) -> tuple[Note, ...]:
    """Look at the values of a column.

    Args:
        column: the column, or what was read of it.

    Returns:
        What was noticed, in the order in which it is written.
    """
    values = column.values
    if values is None:
        return ()
    rows = len(values) + column.missing
    gaps = [Note(ODD, _missing(column.missing, rows), names_all=not len(values))] if column.missing else []
    if not len(values):
        return tuple(gaps)
    if type(values) is not list:
        return (*gaps, *_of_array(values))
    texts = values if column.all_text else [value for value in values if type(value) is str]
    if not texts:
        return (*gaps, *_of_scalars(values))
    if len(texts) < len(values):
        other = next(type(value) for value in values if type(value) is not str)
        gaps.append(Note(ODD, f"{len(values) - len(texts):,} not text but {type_name(other)}"))
    return (*gaps, *_of_texts(texts, column.is_pandas))


def _missing(count: int, rows: int) -> str:
    share = 100 * count / rows
    return "all missing" if count == rows else f"{share:.0f}% missing" if share >= 1 else f"{count:,} missing"


# --- numbers and dates -------------------------------------------------------------------------------------------


def _of_array(values: Any) -> list[Note]:
    kind = values.dtype.kind
    if kind not in "iufM":
        return []
    low, high = values.min(), values.max()
    if kind == "f":
        return [_range(_rounded(float(low)), _rounded(float(high)))]
    if kind == "M":
        return [_range(*(str(moment.astype("M8[s]")).replace("T00:00:00", "") for moment in (low, high)))]
    return _of_integers(values.tolist(), int(low), int(high))


def _of_integers(values: list[int], low: int, high: int) -> list[Note]:
    is_id = high - low + 1 >= 0.9 * len(values)
    return [_range(str(low), str(high)), *(_repeated(len(set(values)), len(values)) if is_id else [])]


def _of_scalars(values: list[Any]) -> list[Note]:
    """Note the least and the greatest of values that are all numbers, or all dates without a time zone."""
    kinds = set(map(id, map(type, values)))  # a class is not hashed: its metaclass may define `__hash__`
    if kinds <= {id(int), id(float)}:
        low, high = min(values), max(values)
        return [_range(_rounded(low), _rounded(high))] if id(float) in kinds else _of_integers(values, low, high)
    if kinds == {id(date)} or (kinds == {id(datetime)} and all(value.tzinfo is None for value in values)):
        return [_range(*(str(value).removesuffix(" 00:00:00") for value in (min(values), max(values))))]
    return []


def _rounded(number: float) -> str:
    return f"{number:.0f}" if 1000 <= abs(number) < 1e12 else f"{number:.3g}"


def _range(low: str, high: str) -> Note:
    return Note(RANGE, f"all {low}" if low == high else f"{low} to {high}")


def _repeated(different: int, rows: int) -> list[Note]:
    """Note how many values are different if nearly all are, as in an id."""
    if rows < ID_ROWS:
        return []
    if different == rows:
        return [Note(RARE, "all different")]
    return [Note(RARE, f"{rows - different:,} repeated")] if different >= 0.9 * rows else []


# --- text --------------------------------------------------------------------------------------------------------


def _of_texts(texts: list[str], is_pandas: bool) -> list[Note]:
    if sum(map(len, texts)) > TEXT_CHARS:
        return [Note(VALUES, f"long texts, e.g. {shorten_all(texts[:1])}")]
    counts = Counter(texts)
    is_named = len(counts) <= NAMED and sum(map(len, counts)) <= NAMED_CHARS
    stripped = dict.fromkeys(value.strip() for value in islice(counts, SEEN))
    found = find_notation([value for value in stripped if value])
    notes = [Note(VALUES, found.note(named=is_named))] if found else []
    if is_named:
        notes.append(Note(VALUES, _all_values(counts, len(texts)), names_all=True))
    elif found and found.others:
        notes.append(Note(ODD, f"except {shorten_all(found.others)}"))
    if found and found.recipe and is_pandas:
        notes.append(Note(ODD, f"read by {found.recipe}"))
    if found and found.is_converted:
        return notes
    if not is_named:
        notes += _some_values(counts, len(texts), [] if found else _examples(counts))
    return notes + _spellings(counts, named=is_named, is_pandas=is_pandas)


def _all_values(counts: Counter[str], rows: int) -> str:
    """Return the note that names all values, with the number of rows of the rare ones."""
    rare = _rare(counts, rows)
    ordered = sorted(counts, key=lambda value: (-counts[value], value))
    values = [value_literal(value) + (_in_rows(counts[value]) if value in rare else "") for value in ordered]
    return f"all {values[0]}" if len(values) == 1 else f"{len(values)} values: {', '.join(values)}"


def _in_rows(count: int) -> str:
    return " in 1 row" if count == 1 else f" in {count} rows"


def _rare(counts: Counter[str], rows: int) -> list[str]:
    """Return the values in few rows of a column whose values are else in many."""
    if rows < 20 * len(counts):
        return []
    few = [value for value, count in counts.items() if count <= FEW]
    return sorted(few, key=lambda value: (counts[value], value))


def _some_values(counts: Counter[str], rows: int, examples: list[str]) -> list[Note]:
    """Note examples of the values and how many there are, and the values in few rows."""
    repeated = _repeated(len(counts), rows)
    shown = f"e.g. {shorten_all(examples)}" if examples else ""
    total = "" if repeated else f" of {len(counts):,}" if shown else f"{len(counts):,} different"
    notes = [Note(VALUES, shown + total)] if shown or total else []
    if rare := _rare(counts, rows):
        more = f", … {len(rare) - EXAMPLES:,} more" if len(rare) > EXAMPLES else ""
        notes.append(Note(RARE, f"in few rows: {shorten_all(rare)}{more}"))
    return notes + repeated


def _examples(counts: Counter[str]) -> list[str]:
    """Return two frequent values, of different shapes if two are frequent; one if all values are alike."""
    shapes: dict[str, Counter[str]] = {}
    for value in islice(counts, SEEN):
        shapes.setdefault(shape(value), Counter())[value] = counts[value]
    first, *others = sorted(shapes.values(), key=lambda group: group.total(), reverse=True)
    if others and others[0].total() > 0.1 * first.total():
        return [_most_frequent(first), _most_frequent(others[0])]
    is_like_ids = len(counts) == counts.total() and not others
    return [value for value, _ in first.most_common(1 if is_like_ids or len(next(iter(first))) > EXAMPLE_CHARS else 2)]


def _most_frequent(group: Counter[str]) -> str:
    return group.most_common(1)[0][0]


def _spellings(counts: Counter[str], *, named: bool, is_pandas: bool) -> list[Note]:
    """Note values that differ from others only by case and blanks, and values with blanks around them."""
    groups: dict[str, list[str]] = {}
    values = list(islice(counts, COMPARED))
    stripped = list(map(str.strip, values))
    for value, inner in zip(values, stripped, strict=True):
        key = " ".join(inner.split()) if "  " in inner else inner
        groups.setdefault(key.casefold(), []).append(value)
    padded = [value for value, inner in zip(values, stripped, strict=True) if len(value) != len(inner)]
    alike = next((group for group in groups.values() if len(group) > 1), padded[:1])
    if not alike:
        return []
    what = "some differ only by case or blanks" if len(alike) > 1 else "blanks around some"
    recipe = f"; compare by .str.strip(){'.str.lower()' * (len(alike) > 1)}" if is_pandas else ""
    return [Note(ODD, f"{what}{'' if named else f': {shorten_all(alike)}'}{recipe}")]
