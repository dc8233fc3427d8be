"""Read the numbers of a text in any notation that people write: 1,234.50, 1.234,50, 1'234, 1.5e3."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: A number, with its sign, that stands alone: not in `M17`, nor in `2nd`.
TOKEN = re.compile(
    r"(?:(?<!\w)[-+−])?(?<![\w.,])\d+(?:[.,'’\u00a0\u202f]\d+)*(?:[eE][-+]?\d+)?(?!\d|(?:st|nd|rd|th)\b)"
)
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b(?:[ T]00:00(?::00)?)?")
_BULLET = re.compile(r"^[ \t]*\d{1,2}[.)][ \t]+(?=\S)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Reading:
    """A number as it can be read."""

    value: float  #: the number
    decimals: int  #: digits shown after the decimal mark


def readings(token: str) -> list[Reading]:
    """Read a number in each way that its marks allow.

    Args:
        token: Digits with marks, without blanks.

    Returns:
        Its one or two readings.
    """
    token = re.sub(r"['’\u00a0\u202f]", "", token).replace("−", "-")
    mantissa, mark, power = re.match(r"([^eE]*)(?:([eE])(.*))?", token).groups()  # type: ignore[union-attr]
    if mark:
        return [Reading(float(f"{mantissa.replace(',', '.')}e{power}"), len(mantissa.partition(".")[2]))]
    marks = re.findall(r"[.,]", mantissa)
    plain = re.sub(r"[.,]", "", mantissa)
    whole = Reading(float(plain), 0)
    if not marks or (len(marks) > 1 and len(set(marks)) == 1):
        return [whole]
    digits = len(mantissa) - max(mantissa.rfind("."), mantissa.rfind(",")) - 1
    split = Reading(float(f"{plain[: len(plain) - digits]}.{plain[len(plain) - digits :]}"), digits)
    grouped = len(marks) == 1 and re.fullmatch(r"[-+]?[1-9]\d{0,2}[.,]\d{3}", mantissa)
    return [split, whole] if grouped else [split]


def tokens(answer: str) -> list[str]:
    """Find the numbers of an answer: not those in dates, in words such as `M17`, or at the head of a list's lines.

    Args:
        answer: The answer.

    Returns:
        The numbers as they are written.
    """
    text = _DATE.sub(" ", answer)
    if len(_BULLET.findall(text)) > 1:
        text = _BULLET.sub("", text)
    return TOKEN.findall(text)
