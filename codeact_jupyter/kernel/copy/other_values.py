"""Other values in place of a column of values: drawn from its own, and from the constants of the code that reads them.

A result that depends on a column changes with at least one of a few draws of different kinds. Each kind keeps something
that code may insist on (the set of values, the order, the number of distinct ones) and changes something else:

- *anew*: drawn with replacement, numbers scaled alike in all columns, so that keys still match, one of them much
  larger, every second text marked, and with constants of the code, so that a filter which matches nothing may match;
- *exchanged*: each distinct value stands for another one: the largest for the smallest, one category for the next;
- *fewer*: fewer distinct values, other numbers, marked texts, missing values.

Later draws are gentler, for code that raises an error on values of another form. One has numbers below a lower limit.
"""

from __future__ import annotations

import contextlib
import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

ANEW, EXCHANGED, FEWER = range(3)
DRAWS = 9  #: draws that there are
FACTOR = 3  #: of numbers, the same in all columns
LARGE = 1000  #: factor of single numbers
SMALLER = 5  #: number of the draw in which numbers are divided by it
SHARE = 0.3  #: of the values that become constants, and of the rows that are dropped
MISSING = 0.1  #: share of the values that become missing
DAYS = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Draw:
    """One way to change data, the same each time that it is used.

    Args:
        number: Its number, from 0 to `DRAWS` - 1.
        texts: Texts among the constants of the code.
        numbers: Numbers among them.
    """

    number: int
    texts: tuple[str, ...] = ()
    numbers: tuple[float, ...] = ()

    @property
    def kind(self) -> int:
        """`ANEW`, `EXCHANGED` or `FEWER`."""
        return self.number % 3

    @property
    def is_gentle(self) -> bool:
        """True if numbers are not scaled, and texts and missing values are not made."""
        return self.number >= 3

    def random(self, label: object) -> random.Random:
        """Return random numbers for one column.

        Args:
            label: What they are for; the same label gets the same numbers.
        """
        return random.Random(f"{self.number} {label!r}")

    def kept(self, count: int) -> list[int]:
        """Return the positions of the rows that remain where rows are dropped: the same for all tables of one length.

        Args:
            count: Number of rows.
        """
        draw = self.random(count)
        return [place for place in range(count) if draw.random() > SHARE] or [0][:count]


def redrawn(values: Sequence[Any], draw: Draw, label: object) -> list[Any]:
    """Return other values of the same types.

    Args:
        values: The values of a column.
        draw: How to change them.
        label: What they are, for the random numbers.

    Returns:
        As many values. They are the same where there is no other value of that type.
    """
    present = [value for value in values if not is_missing(value)]
    numbers = draw.random(label)
    if not present:
        return list(values)
    try:
        distinct = list(dict.fromkeys(present))
    except TypeError:  # of lists or dictionaries
        return numbers.sample(values, len(values))
    if draw.kind == EXCHANGED or len(values) == 1:
        return _exchanged(values, distinct, draw, numbers)
    drawn = _fewer(values, distinct, draw, numbers) if draw.kind == FEWER else _anew(values, present, draw, numbers)
    return _sorted_like(values, drawn)


def other(value: Any, draw: Draw) -> Any:
    """Return another value of the same type; the same one if none is known.

    Args:
        value: A single value.
        draw: How to change it.
    """
    constants = _constants_like([value], draw)
    if draw.kind == ANEW and (others := [each for each in constants if each != value]):
        return others[draw.number // 3 % len(others)]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float | Decimal | Fraction):
        return _scaled(value, (FACTOR, -1, 7)[draw.kind]) + (1 if value == 0 else 0)
    if isinstance(value, str):
        return other_text(value, draw)
    if isinstance(value, date):  # datetimes and timestamps, too
        return value + DAYS * (draw.number + 1)
    if isinstance(value, timedelta):
        return value * (draw.number + 2)
    return value


def other_text(text: str, draw: Draw) -> str:
    """Return another text: other words and figures of about the same form.

    Args:
        text: The text.
        draw: How to change it.
    """
    words = text.split()
    if len(words) > 2:
        numbers = draw.random(len(text))
        count = max(2, len(words) // 2) if draw.kind == FEWER else len(words)
        return " ".join(_turned(word, draw.number % 5 + 1) for word in numbers.choices(words, k=count))
    return _turned(text, draw.number % 5 + 1)


def is_missing(value: Any) -> bool:
    """Return True for None, and for what libraries write for a missing value.

    Args:
        value: Any value.
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value


def differ(one: Any, two: Any) -> bool:
    """Return True if two values are surely not the same; two missing ones are.

    Args:
        one: A value.
        two: Another value.
    """
    if one is two or is_missing(one) or is_missing(two):
        return is_missing(one) != is_missing(two)
    try:
        return bool(one != two)
    except Exception:  # arrays, or values of a class that cannot be compared
        return False


# --- the kinds of draws ------------------------------------------------------------------------------------------


def _anew(values: Sequence[Any], present: Sequence[Any], draw: Draw, numbers: random.Random) -> list[Any]:
    drawn = numbers.choices(values, k=len(values))
    if not draw.is_gentle:
        drawn = _marked([_scaled(value, FACTOR) for value in drawn], present, 1)
        _stretch(drawn, numbers, LARGE)
    constants = _constants_like(present, draw) if draw.number in (0, 6) else []
    if not constants:
        return drawn
    return [numbers.choice(constants) if numbers.random() < SHARE else value for value in drawn]


def _exchanged(values: Sequence[Any], distinct: Sequence[Any], draw: Draw, numbers: random.Random) -> list[Any]:
    if len(distinct) == 1:
        changed = [other(distinct[0], draw)]
        return [changed[0] if not is_missing(value) else value for value in values]
    ordered = _in_order(distinct)
    if draw.number > EXCHANGED:
        turned = numbers.sample(ordered, len(ordered))
    elif isinstance(ordered[0], str):
        turned = [*ordered[1:], ordered[0]]
    else:
        turned = ordered[::-1]
    mapping = dict(zip(ordered, turned, strict=True))
    return [value if is_missing(value) else mapping[value] for value in values]


def _fewer(values: Sequence[Any], distinct: Sequence[Any], draw: Draw, numbers: random.Random) -> list[Any]:
    shuffled = random.Random(len(distinct)).sample(distinct, len(distinct))
    half = max(1, len(distinct) // 2)
    some = (shuffled[half:] if draw.is_gentle else shuffled[:half]) or shuffled  # what one keeps, another leaves out
    drawn = numbers.choices(some, k=len(values))
    if draw.is_gentle:
        return [_scaled(value, LARGE, down=True) for value in drawn] if draw.number == SMALLER else drawn
    factor = numbers.choice((2, 5, 7, 11))
    changed = [value + DAYS if isinstance(value, date) else _scaled(value, factor) for value in drawn]
    changed = _marked(changed, distinct, 0)
    _stretch(changed, numbers, LARGE, -LARGE)
    takes_missing = any(map(is_missing, values)) or not all(isinstance(value, int) for value in distinct)
    return [None if takes_missing and numbers.random() < MISSING else value for value in changed]


def _stretch(values: list[Any], numbers: random.Random, *factors: int) -> None:
    """Multiply single values, so that they outweigh all others: the largest group may then be another one."""
    for factor in factors:
        place = numbers.randrange(len(values))
        values[place] = _scaled(values[place], factor)


def _marked(values: list[Any], present: Sequence[Any], first: int) -> list[Any]:
    """Make new texts of every second one, so that they match no key; texts with figures may be numbers or dates."""
    if any(map(_has_digit, present)):
        return values
    return [
        f"{value}x" if isinstance(value, str) and place % 2 == first else value for place, value in enumerate(values)
    ]


def _scaled(value: Any, factor: int, *, down: bool = False) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | Fraction):
        return value
    if down:
        return value // factor if isinstance(value, int) else value / factor
    return value * factor


def _sorted_like(values: Sequence[Any], drawn: list[Any]) -> list[Any]:
    """Sort what was drawn if the numbers or dates that it replaces are in order: code may rely on that."""
    if not isinstance(values[0], int | float | date) or isinstance(values[0], bool) or len(values) < 3:
        return drawn
    with contextlib.suppress(TypeError):  # missing values among them
        if all(one <= two for one, two in itertools.pairwise(values)):
            present = sorted(value for value in drawn if not is_missing(value))
            return [*present, *[None] * (len(drawn) - len(present))] if len(present) == len(drawn) else drawn
    return drawn


def _in_order(values: Sequence[Any]) -> list[Any]:
    try:
        return sorted(values)
    except TypeError:  # of different types
        return list(values)


# --- constants of the code ---------------------------------------------------------------------------------------


def _constants_like(present: Sequence[Any], draw: Draw) -> list[Any]:
    """Return the constants of the code that could be values of the column."""
    value = present[0]
    if isinstance(value, bool):
        return []
    if isinstance(value, str):
        needs_digit = all(map(_has_digit, present))
        return [text for text in draw.texts if not needs_digit or _has_digit(text)]
    if isinstance(value, int):
        return [int(number) + more for number in draw.numbers if number == int(number) for more in (-1, 0, 1)]
    if isinstance(value, float):
        return [float(number) + more for number in draw.numbers for more in (-1, 0, 1)]
    return _dates_like(value, draw) if isinstance(value, date) else []


def _dates_like(value: Any, draw: Draw) -> list[Any]:
    """Return the dates that the code has as texts, and dates in the years and months that it has as numbers."""
    found = []
    read: Callable[[str], Any] = getattr(type(value), "fromisoformat", date.fromisoformat)
    for text in filter(_has_digit, draw.texts):
        with contextlib.suppress(ValueError, TypeError, OverflowError):
            day = read(text)
            found.append(day.replace(tzinfo=value.tzinfo) if isinstance(value, datetime) else day)
    for number in draw.numbers:
        with contextlib.suppress(ValueError, TypeError, OverflowError):
            part = "year" if number > 31 else "month"
            found.append(value.replace(**{part: int(number)}))
    return found


def _has_digit(text: object) -> bool:
    return isinstance(text, str) and any(map(str.isdigit, text))


def _turned(text: str, by: int) -> str:
    """Turn letters and digits of a text by some places, so that its form stays."""
    return "".join(_turned_character(character, by) for character in text)


def _turned_character(character: str, by: int) -> str:
    for first, size in (("a", 26), ("A", 26), ("0", 10)):
        place = ord(character) - ord(first)
        if 0 <= place < size:
            return chr(ord(first) + (place + by) % size)
    return character
