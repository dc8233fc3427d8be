"""What a page asks for: its messages as values. `parse` reads them and trusts nothing. See `wire` for the other way."""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeAlias

from ..agent.cell_question import CellText
from ..errors import UsageProblem

Option: TypeAlias = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Attach:
    """A page is there, or there again; `options` are those that its user set on the settings page."""

    page: str
    options: dict[str, Option] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """The user asks in the chat, or presses the fix action. The step goes below the cell `after`."""

    kind: Literal["question", "fix", "explain"]
    text: str
    after: str | None
    cells: list[CellText]


@dataclass(frozen=True, slots=True)
class Reject:
    """The step is sent back, or with an empty reason the question ends."""

    proposal: str
    reason: str


@dataclass(frozen=True, slots=True)
class StopWork:
    """Ends what is going on."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Forgets the conversation."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Takes the conversation up again."""


@dataclass(frozen=True, slots=True)
class SetOption:
    """Changes an option of `CodeAct` from now on."""

    option: str
    value: Option


@dataclass(frozen=True, slots=True)
class Placed:
    """The page's notebook has the cell of the proposal."""

    proposal: str


@dataclass(frozen=True, slots=True)
class Missing:
    """The page's notebook has no cell of the proposal; it could put it in."""

    proposal: str


@dataclass(frozen=True, slots=True)
class Names:
    """Asks for the names in the kernel that begin with `prefix`."""

    prefix: str


@dataclass(frozen=True, slots=True)
class Models:
    """Asks for the models of the catalogue."""


@dataclass(frozen=True, slots=True)
class Pull:
    """Fetches a model's file."""

    model: str


Request: TypeAlias = (
    Attach | Ask | Reject | StopWork | Reset | Resume | SetOption | Placed | Missing | Names | Models | Pull
)
REQUESTS: dict[str, type[Any]] = {
    "attach": Attach,
    "ask": Ask,
    "reject": Reject,
    "stop": StopWork,
    "reset": Reset,
    "continue": Resume,
    "set": SetOption,
    "placed": Placed,
    "missing": Missing,
    "names": Names,
    "models": Models,
    "pull": Pull,
}


def parse(message: Any) -> Request:
    """What a page asks. Raises `UsageProblem` for anything that is not exactly one of the requests."""
    kind = message.get("type") if isinstance(message, dict) else None
    cls = REQUESTS.get(kind) if isinstance(kind, str) else None
    if cls is None:
        raise UsageProblem(f"A page sent something unknown ({kind!r}). Reload the page.")
    values = {name: value for name, value in message.items() if name not in ("type", "request")}
    request: Request = _read(cls, values)
    return request


def _read(cls: type[Any], values: dict[str, Any]) -> Any:
    hints = typing.get_type_hints(cls)
    names = {part.name for part in fields(cls)}
    if set(values) != names:
        raise UsageProblem(f"A page sent {cls.__name__} with the fields {sorted(values)}. Reload the page.")
    return cls(**{name: _value(hints[name], values[name]) for name in names})


def _value(hint: Any, value: Any) -> Any:
    """The value, when it is of the annotated type."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        fits = value in arguments
    elif origin is list and isinstance(value, list):
        return [_read(arguments[0], part) if isinstance(part, dict) else _value(arguments[0], part) for part in value]
    elif origin is dict and isinstance(value, dict):
        return {_value(arguments[0], name): _value(arguments[1], part) for name, part in value.items()}
    elif origin is types.UnionType:
        fits = any(type(value) is option for option in arguments)
    else:
        fits = isinstance(hint, type) and isinstance(value, hint)
    if not fits:
        raise UsageProblem("A page sent a message that does not fit. Reload the page.")
    return value
