"""The basis of an answer in words, the same in every view. They say what was found, not that the answer is right."""

from __future__ import annotations

from ..session.basis import Basis
from ..session.grounds import object_of
from ..session.places import Place
from .trial import DETAIL_CHARS, NAMES, in_line

LABEL_CHARS = 60  #: shown of a name or a label
FOOTNOTES_CHARS = 100  #: of all footnotes; longer ones are left out


def basis_line(basis: Basis | None) -> str:
    """Describe what an answer rests on.

    Args:
        basis: The basis of the answer, if there is an answer.

    Returns:
        One line without a full stop, with names between backticks; empty if nothing was found out.
    """
    if basis is None:
        return ""
    if basis.independent:
        return "Not from your data"
    if basis.objects:
        rest = "not all was tried" if basis.reason else ""
        return " · ".join(filter(None, (f"Rests on {_names(basis)}", _part(basis), _steps(basis.steps), rest)))
    if basis.named and basis.reason:
        return f"Not tried on other data: {in_line(basis.reason, DETAIL_CHARS)}"
    return ""


def place_text(place: Place) -> str:
    """Describe where a number of an answer stands.

    Args:
        place: Its place.

    Returns:
        Words such as "step 3, row Gentoo, column mean"; empty if no step showed the number.
    """
    if not place.step:
        return ""
    labels = [(what, in_line(label, LABEL_CHARS)) for what, label in (("row", place.row), ("column", place.column))]
    return ", ".join([f"step {place.step}", *(f"{what} {label}" for what, label in labels if label)])


def footnotes(basis: Basis | None) -> str:
    """Describe where the numbers of an answer stand in tables.

    Args:
        basis: The basis of the answer, if there is an answer.

    Returns:
        One short line; empty if no number stands in a table, or if it would be long.
    """
    places = basis.numbers if basis else ()
    notes = [f"{place.number}: {place_text(place)}" for place in places if place.step and (place.row or place.column)]
    line = " · ".join(dict.fromkeys(notes))
    return line if len(line) <= FOOTNOTES_CHARS else ""


def _names(basis: Basis) -> str:
    """Return the columns, and the objects of which no column is among them."""
    with_columns = set(map(object_of, basis.columns))
    labels = [*basis.columns, *(name for name in basis.objects if name not in with_columns)]
    more = f" and {len(labels) - NAMES} more" if len(labels) > NAMES else ""
    few = {label: f" in {_rows(count)}" for label, count in basis.few}
    return ", ".join(f"{_quoted(label)}{few.get(label, '')}" for label in labels[:NAMES]) + more


def _quoted(label: str) -> str:
    text = in_line(label, LABEL_CHARS)
    return text if text.startswith('"') else f"`{text}`"  # a file has its quotation marks


def _rows(rows: int | None) -> str:
    return "" if rows is None else f"{rows:,} row{'s' if rows != 1 else ''}"


def _part(basis: Basis) -> str:
    """Return the number of rows, with the number of the first ones if no others matter."""
    if not basis.first:
        return _rows(basis.rows)
    return f"only the first {basis.first:,} {'entries' if basis.rows is None else f'of {_rows(basis.rows)}'}"


def _steps(steps: tuple[int, ...]) -> str:
    return f"step{'s' if len(steps) > 1 else ''} {', '.join(map(str, steps))}" if steps else ""
