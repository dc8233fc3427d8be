"""Events as plain JSON data, as the journal keeps them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, cast

from .evidence import evidence_from_json
from .messages import EVENTS, Event, Tried, Usage
from .tables import tables_from_json


def to_json(event: Event) -> dict[str, Any]:
    """Return the event as plain JSON data.

    Args:
        event: Any event.

    Returns:
        Its fields and its class name (`event`), without `tokens` and a trial's figures and tables.
    """
    optional = ("facts", "is_of_value", "tables", "tried")  # left out if empty
    data = {name: value for name, value in dataclasses.asdict(event).items() if value or name not in optional}
    data.pop("tokens", None)
    if "tried" in data:
        del data["tried"]["figures"], data["tried"]["tables"]
    return {"event": type(event).__name__, **data}


def from_json(data: dict[str, Any]) -> Event:
    """Return the event that `to_json` wrote.

    Args:
        data: Plain JSON data.

    Returns:
        The event, without `tokens` and figures.

    Raises:
        ValueError: The data is not an event.
    """
    fields = _with_tuples(data)
    if (cls := EVENTS.get(fields.pop("event", ""))) is None:
        raise ValueError(f"no such event: {data.get('event')!r}")
    try:
        for name in fields.keys() & _READERS.keys():
            fields[name] = _READERS[name](fields[name])
        return cast(Event, cls(**fields))
    except TypeError as error:
        raise ValueError(str(error)) from error


def _with_tuples(data: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}


def _tried(data: dict[str, Any]) -> Tried:
    return Tried(**_with_tuples(data) | {"evidence": evidence_from_json(data.get("evidence"))})


_READERS: dict[str, Callable[[Any], Any]] = {
    "usage": lambda data: Usage(**data),
    "tables": tables_from_json,
    "tried": _tried,
}
