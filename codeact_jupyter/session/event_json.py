"""Events as plain JSON data, as the journal keeps them."""

from __future__ import annotations

import dataclasses
from typing import Any, cast

import msgspec

from .evidence import SCHEMA
from .messages import EVENTS, Event


def to_json(event: Event) -> dict[str, Any]:
    """Return the event as plain JSON data.

    Args:
        event: Any event.

    Returns:
        Its fields and its class name (`event`), without `tokens` and a trial's figures and tables.
    """
    optional = ("auto", "facts", "is_of_value", "made", "tables", "tried")  # left out if empty
    data = {name: value for name, value in dataclasses.asdict(event).items() if value or name not in optional}
    data.pop("tokens", None)
    if not data.get("usage", {}).get("longest", True):
        del data["usage"]["longest"]
    if "tried" in data:
        del data["tried"]["figures"], data["tried"]["tables"]
        if data["tried"]["evidence"]:
            data["tried"]["evidence"]["schema"] = SCHEMA
    return {"event": type(event).__name__, **data}


def from_json(data: dict[str, Any]) -> Event:
    """Return the event that `to_json` wrote; fields that a newer version has added are left out.

    Args:
        data: Plain JSON data.

    Returns:
        The event, without `tokens` and figures.

    Raises:
        ValueError: The data is not an event.
    """
    name = data.get("event")
    if not isinstance(name, str) or name not in EVENTS:
        raise ValueError(f"no such event: {name!r}")
    try:
        return cast(Event, msgspec.convert(data, EVENTS[name]))
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
