"""In which notation the values of a text column write numbers, dates or lists."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from .literals import value_literal

EXAMPLES = 3  #: values that are named
EXAMPLE_CHARS = 32  #: of each of them
WAYS = 3  #: of writing numbers in one column

_SHARE = 0.6  # of the different values; the others are exceptions
_DIGITS = r"(?:\d{1,3}(?:([.,'\s])\d{3}(?:\1\d{3})*)(?:[.,]\d+)?|\d+(?:[.,]\d+)?)"
_NUMBER = re.compile(
    rf"(?P<before>(?:[A-Z]{{2,3}}\s)?[^\w\s.,'+−-]?)\s?(?P<number>[-+−]?{_DIGITS})\s?(?P<unit>[^\d.,'][^\d]{{0,7}})?"
)
_LEADING = re.compile(r"[-+−<>~]?(\d[\d.,]*)[^\w.,].*", re.DOTALL)
_ZEROS = re.compile(r"0\d+\D*")
_TIME = r"(?:[ T,]+\d{1,2}:\d{2}(?::\d{2})?\S*(?: ?[AaPp]\.?[Mm]\.?)?)?"
_DAY = re.compile(rf"(\d{{4}}|\d{{1,2}})([-./])(\d{{1,2}})\2(\d{{4}}|\d{{1,2}}){_TIME}")
_MONTH = re.compile(rf"(?:\d{{1,2}}[. -]*)?[^\W\d_]{{3,9}}[. -]*(?:\d{{1,2}},? )?\d{{2,4}}{_TIME}")
_MONTHS = re.compile(r"jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz]", re.IGNORECASE)
_SEPARATORS = (", ", "; ", " | ", "|", ";", ",", " / ", "/", " + ", "+", " & ")


@dataclass(frozen=True, slots=True)
class Notation:
    """A way, or ways, in which the values of a column are written."""

    kind: str  #: what they are, such as `dates as text`
    examples: Sequence[str]  #: one value, or one of each way of writing
    reading: str = ""  #: how the example is to be read: ` is 1234.5`, ` (day first)`
    others: Sequence[str] = ()  #: values that are not so written
    recipe: str = ""  #: how pandas converts a column of it
    is_converted: bool = True  #: the values stand for numbers or dates, so that case and blanks do not matter

    def note(self, *, named: bool) -> str:
        """Return the notation as a note.

        Args:
            named: the values are all named elsewhere, so that examples can be left out.
        """
        shown = not named or self.reading.startswith(" is")
        return f"{self.kind}{f': {shorten_all(self.examples)}' if shown else ''}{self.reading}"


def find_notation(values: Sequence[str]) -> Notation | None:
    """Tell whether text values are dates, numbers or lists, and how they are written.

    Args:
        values: different values, without blanks around them.

    Returns:
        The notation; None for other text.
    """
    return _dates(values) or _numbers(values) or _lists(values)


def shorten_all(values: Iterable[str]) -> str:
    """Return the first values as short literals.

    Args:
        values: any texts.
    """
    shown = [value if len(value) <= EXAMPLE_CHARS else value[: EXAMPLE_CHARS - 1] + "…" for value in values]
    return ", ".join(value_literal(value) for value in shown[:EXAMPLES])


def shape(value: str) -> str:
    """Return a value with each run of digits as `9` and each word as `a`.

    Args:
        value: any text.
    """
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", value))


def _others(values: Sequence[str], fitting: Collection[str]) -> list[str] | None:
    """Return the values that do not fit, or None if these are too many."""
    is_enough = fitting and len(fitting) >= _SHARE * len(values)
    return [value for value in values if value not in fitting] if is_enough else None


def _dates(values: Sequence[str]) -> Notation | None:
    days = {value: found for value in values if (found := _DAY.fullmatch(value)) and _has_day(found)}
    months = [value for value in values if _MONTHS.search(value) and _MONTH.fullmatch(value)]
    others = _others(values, {*days, *months})
    if others is None:
        return None
    ways: dict[str, list[str]] = {}
    for value, found in days.items():
        ways.setdefault(f"{found[2]}{len(found[1]) == 4}", []).append(value)
    for value in months:
        ways.setdefault(shape(value), []).append(value)
    if len(ways) > 1:
        kind = f"dates as text in {len(ways)} notations"
        return Notation(kind, [way[0] for way in ways.values()], "", others, 'pd.to_datetime(…, format="mixed")')
    (way,) = ways.values()
    example = max(way, key=lambda value: max(int(days[value][1]), int(days[value][3])) if value in days else 0)
    order = _order(list(days.values()))
    given = (", dayfirst=True" if "(day first)" in order else "") + (', errors="coerce"' if others else "")
    return Notation("dates as text", [example], order, others, f"pd.to_datetime(…{given})")


def _has_day(found: re.Match[str]) -> bool:
    """Return True if the parts can be year, month and day in some order, and are no version or address."""
    first, middle, last = int(found[1]), int(found[3]), int(found[4])
    is_dated = len(found[1]) == 4 or len(found[4]) == 4 or len(found[4]) == 2
    return is_dated and 0 < middle <= 31 and first > 0 and not (first > 31 and last > 31)


def _order(days: list[re.Match[str]]) -> str:
    if not days or len(days[0][1]) == 4:
        return ""
    if any(int(day[1]) > 12 for day in days):
        return " (day first)"
    return " (month first)" if any(int(day[3]) > 12 for day in days) else " (day or month first?)"


def _numbers(values: Sequence[str]) -> Notation | None:
    found = {value: match for value in values if (match := _NUMBER.fullmatch(value))}
    zeros = [value for value in found if _ZEROS.fullmatch(value)]
    if zeros and len(found) == len(values):
        return Notation("digits as text, some with leading zeros", zeros[:1])
    others = None if zeros else _others(values, found)
    if others is None:
        return _leading(values)
    ways: dict[tuple[str, str], str] = {}
    for value, match in found.items():
        ways.setdefault((match["before"].strip(), (match["unit"] or "").strip()), value)
    if len(ways) > WAYS:  # codes
        return None
    if len(ways) > 1:
        return Notation(f"numbers as text in {len(ways)} notations", list(ways.values()), "", others)
    example = max(found, key=_richness)
    sign = _decimal_sign([match["number"] for match in found.values()])
    number = _read(found[example]["number"], sign)
    reading = "" if number in ("", example) else f" is {number}"
    return Notation(
        "numbers as text", [example], reading, others, _conversion(list(found), sign, others) if number else ""
    )


def _conversion(values: list[str], decimal_sign: str, others: list[str]) -> str:
    """Return the calls by which pandas converts numbers in this notation."""
    kept = "".join(sorted({sign for value in values for sign in value if sign in ",."}))
    has_more = any(not re.fullmatch(r"-?[\d.,]+", value) for value in values)
    calls = rf'.str.replace(r"[^\d{kept}-]", "", regex=True)' if has_more else ""
    if decimal_sign == ",":
        calls += ('.str.replace(".", "")' if "." in kept else "") + '.str.replace(",", ".")'
    elif "," in kept:
        calls += '.str.replace(",", "")'
    return f'{calls}.pipe(pd.to_numeric, errors="coerce")' if others else f"{calls}.astype(float)"


def _leading(values: Sequence[str]) -> Notation | None:
    """Tell that values begin with a number, such as `12[10-14]`."""
    leading = {value: found[1] for value in values if (found := _LEADING.fullmatch(value))}
    others = _others(values, leading)
    if others is None:
        return None
    example = max(leading, key=_richness)
    is_plain = _decimal_sign(list(leading.values())) == "." and not any("," in number for number in leading.values())
    recipe = r'.str.extract(r"(-?[\d.]+)")[0].astype(float)' if is_plain else ""
    return Notation("text that begins with a number", [example], "", others, recipe, is_converted=False)


def _richness(value: str) -> tuple[int, int, int, str]:
    """Order values by how much of the notation they show, short ones first."""
    signs = re.sub(r"\w", "", value)
    return len(set(signs)), len(signs), -len(value), value


def _read(number: str, decimal_sign: str) -> str:
    """Return a number in Python's notation; empty if its decimal sign is not known."""
    plain = re.sub(r"['\s+]", "", number).replace("−", "-")
    if decimal_sign == ",":
        return plain.replace(".", "").replace(",", ".")
    return plain.replace(",", "") if decimal_sign == "." or plain.lstrip("-").isdigit() else ""


def _decimal_sign(numbers: list[str]) -> str:
    """Return the decimal sign of numbers; empty if these do not show it: `1,234` may be one and a bit, or thousands."""
    both = next((text for text in numbers if "." in text and "," in text), "")
    if both:
        return "," if both.rindex(",") > both.rindex(".") else "."
    for sign, other in ((",", "."), (".", ",")):
        split = [text.split(sign) for text in numbers if sign in text]
        if any(len(parts) > 2 for parts in split):
            return other
        if any(len(parts[1]) != 3 or len(parts[0].lstrip("+-−")) > 3 or parts[0] == "0" for parts in split):
            return sign
        if split:
            return ""
    return "."


def _lists(values: Sequence[str]) -> Notation | None:
    """Tell by which separator values list parts, if the parts come back in other values."""
    for separator in _SEPARATORS:
        joined = [value for value in values if separator in value]
        if len(joined) < 2 or len(joined) < 0.3 * len(values):
            continue
        parts = [part for value in values for part in value.split(separator)]
        if all(parts) and len(set(parts)) <= len(parts) / 2:
            shown = value_literal(separator)
            return Notation(
                f"lists, by {shown}", joined[:1], recipe=f".str.split({shown}).explode()", is_converted=False
            )
    return None
