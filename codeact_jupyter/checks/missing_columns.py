"""A column that a frame does not have: which errors say so, and which one it is."""

from __future__ import annotations

import re

from ..namespace.static_lookup import class_in

_QUOTED = re.compile(r"""'([^']{1,80})'|"([^"]{1,80})\"""")
_ERRORS = (("pandas.errors", "UndefinedVariableError"), ("polars.exceptions", "ColumnNotFoundError"))


def is_missing_column(cls: type[BaseException]) -> bool:
    """Return True for errors of pandas and polars that are raised for a missing column, and are no `KeyError`.

    Args:
        cls: Class of the error.
    """
    return any(cls is class_in(*name) for name in _ERRORS)


def missing_labels(message: str) -> list[str]:
    """Return the labels that an error may be about.

    Args:
        message: Its message, such as "Column not found: mass", "['mass'] not in index" or "mass".

    Returns:
        What is in quotes, or else what follows the last colon.
    """
    quoted = [one or other for one, other in _QUOTED.findall(message)]
    return quoted or ([message.rpartition(": ")[2]] if message else [])
