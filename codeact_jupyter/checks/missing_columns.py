"""A column that a frame does not have: which errors say so, which one it is, and which other frame has it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..namespace.relations import find_relations
from ..namespace.static_lookup import class_in, frames, text_columns

TABLES = 2  #: most tables that are named


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


def found_elsewhere(name: str, label: str, namespace: Mapping[str, Any]) -> str:
    """Name the other live frames that have a column.

    Args:
        name: Name of the frame that has no such column.
        label: The column.
        namespace: Live objects by name.

    Returns:
        A sentence for each of the frames, with the columns by which the two join; empty if there are none.
    """
    found = []
    for other in frames(namespace):
        if other != name and label in text_columns(namespace[other]):
            joins = find_relations({name: namespace[name], other: namespace[other]})
            found.append(f"`{other}` has {label!r}{f' ({joins[0].line})' if joins else ''}.")
    found.sort(key=lambda text: "→" not in text)
    return " ".join(found[:TABLES])
