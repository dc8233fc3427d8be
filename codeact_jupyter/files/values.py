"""Notations of numbers and dates in text: decimal commas, grouped thousands, days before months, marks for no value."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

#: Texts that pandas itself takes for a missing value.
MISSING = frozenset(
    (
        *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A"),
        *("NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
    )
)
_PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_DOT_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?", re.ASCII)
_COMMA_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{2,3})*,\d{3}(?:\.\d+)?", re.ASCII)  # and 1,00,000 in India
_OTHER_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(?:(['\u2019 \u00a0\u202f])\d{3})(?:\1\d{3})*(?:[.,]\d+)?", re.ASCII)
_COMMA_DECIMAL = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?", re.ASCII)
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_MARK = re.compile(r"\W{1,3}|[A-Za-z.#/]{1,5}|#[A-Z/0]{2,8}[!?]?")  # what may stand for a missing number
_MARKED = 0.6  # share of numbers from which the rest of a column can be marks

_SAMPLE = 1000  # dates at each end of a column that are read
_TIMES = (
    ("", ""),
    (r"[ T]\d\d?:\d\d", "%H:%M"),
    (r"[ T]\d\d?:\d\d:\d\d", "%H:%M:%S"),
    (r"[ T]\d\d?:\d\d:\d\d\.\d{1,6}", "%H:%M:%S.%f"),
    (r"[ T]\d\d?:\d\d:\d\d(?:Z|[+-]\d\d:?\d\d)", "%H:%M:%S%z"),
)
_DAYS = (
    (r"\d\d?\.\d\d?\.\d{4}", "%d.%m.%Y"),
    (r"\d\d?\.\d\d?\.\d\d", "%d.%m.%y"),
    (r"\d{4}-\d\d-\d\d", "%Y-%m-%d"),
    (r"\d{4}/\d\d?/\d\d?", "%Y/%m/%d"),
    (r"\d\d?/\d\d?/\d{4}", "%d/%m/%Y"),
    (r"\d\d?/\d\d?/\d{4}", "%m/%d/%Y"),
    (r"\d\d?-\d\d?-\d{4}", "%d-%m-%Y"),
    (r"\d\d?-[A-Za-z]{3}-\d{4}", "%d-%b-%Y"),
    (r"\d\d?-[A-Za-z]{3}-\d\d", "%d-%b-%y"),
    (r"\d\d? [A-Za-z]{3} \d{4}", "%d %b %Y"),
    (r"\d\d? [A-Za-z]{3,} \d{4}", "%d %B %Y"),
    (r"[A-Za-z]{3} \d\d?, \d{4}", "%b %d, %Y"),
    (r"[A-Za-z]{3,} \d\d?, \d{4}", "%B %d, %Y"),
)


@dataclass(frozen=True, slots=True)
class Notation:
    """Notation of the numbers in a file."""

    decimal: str = "."  #: mark before the fraction
    thousands: str = ""  #: mark between groups of digits; empty if there is none

    def is_number(self, text: str) -> bool:
        """Check a cell.

        Args:
            text: The cell.

        Returns:
            True if it is a number in this notation.
        """
        return self.value(text) is not None

    def value(self, text: str) -> float | None:
        """Read a cell.

        Args:
            text: The cell.

        Returns:
            The number; `None` if it is none in this notation.
        """
        plain = text.replace(self.thousands, "") if self.thousands and self._is_grouped(text) else text
        if self.decimal != ".":
            plain = "" if "." in plain else plain.replace(self.decimal, ".")
        return float(plain) if _PLAIN.fullmatch(plain) else None

    def _is_grouped(self, text: str) -> bool:
        whole = text.partition(self.decimal)[0].lstrip("+-")
        first, *groups = whole.split(self.thousands)
        return (
            0 < len(first) <= 3
            and all(len(group) == 3 for group in groups[-1:])
            and all(len(group) == 3 or (len(group) == 2 and self.thousands == ",") for group in groups)
        )


@dataclass(frozen=True, slots=True)
class ColumnValues:
    """Kind, marks and values of the cells of one column."""

    kind: str  #: `int`, `float`, `date`, `bool`, `text` or `empty`
    marks: tuple[str, ...] = ()  #: texts that stand for a missing number
    date_format: str = ""  #: of a date
    is_ambiguous: bool = False  #: dates whose day and month cannot be told apart
    values: tuple[str, ...] = field(default=())  #: different cells, most frequent first
    missing: int = 0  #: cells without a value


def notation_of(cells: Iterable[str], *, separator: str) -> Notation:
    """Find out how numbers are written.

    Args:
        cells: All cells.
        separator: Between the cells of a row; a semicolon speaks for decimal commas where nothing else tells.

    Returns:
        The notation.
    """
    seen: Counter[str] = Counter()
    for cell in cells:
        if _AMBIGUOUS.fullmatch(cell):
            seen["ambiguous" + re.sub(r"[+\-\d]", "", cell)] += 1
        elif match := _OTHER_GROUPS.fullmatch(cell):
            seen[match.group(1)] += 1
            seen["decimal,"] += "," in cell
            seen["decimal."] += "." in cell
        elif _DOT_GROUPS.fullmatch(cell):
            seen["group."] += 1
            seen["decimal,"] += "," in cell
        elif _COMMA_GROUPS.fullmatch(cell):
            seen["group,"] += 1
            seen["decimal."] += "." in cell
        elif _COMMA_DECIMAL.fullmatch(cell):
            seen["decimal,"] += 1
        elif "." in cell and _PLAIN.fullmatch(cell):
            seen["decimal."] += 1
    return _notation(seen, separator)


def _notation(seen: Mapping[str, int], separator: str) -> Notation:
    other = max("'\u2019 \u00a0\u202f", key=lambda mark: seen.get(mark, 0))
    is_comma = seen.get("decimal,", 0) > seen.get("decimal.", 0)
    if not is_comma and not seen.get("decimal.") and seen.get("ambiguous,"):
        is_comma = separator == ";" and not seen.get("group,")
    if (seen.get("group.") or (seen.get("ambiguous.") and separator == ";")) and not seen.get("decimal."):
        is_comma = True
    decimal, group = (",", ".") if is_comma else (".", ",")
    if seen.get(other):
        return Notation(decimal, other)
    return Notation(decimal, group if seen.get(f"group{group}") or seen.get(f"ambiguous{group}") else "")


def column_values(cells: Sequence[str], notation: Notation) -> ColumnValues:
    """Tell what the cells of a column are.

    Args:
        cells: The cells, without surrounding blanks.
        notation: How the file writes numbers.

    Returns:
        Their kind, marks and different values.
    """
    counts = Counter(cell for cell in cells if cell not in MISSING)
    present = sum(counts.values())
    values, missing = tuple(counts), len(cells) - present
    if not present:
        return ColumnValues("empty", missing=missing)
    values = tuple(value for value, _ in counts.most_common())
    numbers = sum(count for value, count in counts.items() if notation.is_number(value))
    if numbers and numbers >= _MARKED * present:
        marks = tuple(value for value in counts if not notation.is_number(value))
        if len(marks) <= 3 and all(_MARK.fullmatch(mark) for mark in marks):
            return _numbers(values, marks, missing + present - numbers, notation)
    if {value.lower() for value in counts} <= {"true", "false"}:
        return ColumnValues("bool", values=values, missing=missing)
    formats = _date_formats(values if len(values) <= 2 * _SAMPLE else (*values[:_SAMPLE], *values[-_SAMPLE:]))
    if formats:
        return ColumnValues("date", (), formats[0], len(formats) > 1, values, missing)
    return ColumnValues("text", values=values, missing=missing)


def _numbers(values: tuple[str, ...], marks: tuple[str, ...], missing: int, notation: Notation) -> ColumnValues:
    numbers = tuple(value for value in values if value not in marks)
    if any(re.match(r"[+-]?0\d", value) for value in numbers) and not marks:
        return ColumnValues("text", values=values, missing=missing)  # codes such as 00815
    is_whole = not missing and all(re.fullmatch(r"[+-]?\d+", _plain(value, notation)) for value in numbers)
    return ColumnValues("int" if is_whole else "float", marks, values=numbers, missing=missing)


def _plain(value: str, notation: Notation) -> str:
    return value.replace(notation.thousands, "") if notation.thousands else value


def _date_formats(values: Sequence[str]) -> list[str]:
    """Return the formats that fit all values, the more usual one first."""
    joint = "T" if values[0][10:11] == "T" else " "
    pairs = [(day + time, f"{form}{joint * bool(rest)}{rest}") for day, form in _DAYS for time, rest in _TIMES]
    return [form for pattern, form in pairs if re.fullmatch(pattern, values[0]) and _are_dates(values, pattern, form)]


def _are_dates(values: Sequence[str], pattern: str, form: str) -> bool:
    try:
        for value in values:
            datetime.strptime(value, form)
    except ValueError:
        return False
    return all(re.fullmatch(pattern, value) for value in values)
