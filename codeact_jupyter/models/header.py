"""Reader of GGUF headers, for checks before any native code reads the file.

The file is untrusted, so it is read a few bytes at a time, every count and length is checked before it is used, and
only the few values below are kept. The `gguf` package maps the whole file and builds an array for every value of the
header, so that one large count takes all memory, and its errors are those of numpy. A header is valid if it is complete
and the file is long enough for its last tensor.
"""

from __future__ import annotations

import functools
import math
import os
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

from ..errors import ModelCorrupt, ModelNotFound

MAX_KEYS = 1 << 16  #: maximum number of keys in the header
MAX_TENSORS = 1 << 16  #: maximum number of tensors in the file
MAX_TEXT = 1 << 24  #: bytes of one string; chat templates are the longest, below 100 kB
MAX_STRINGS = 1 << 22  #: of all arrays together; the largest vocabularies with their merges have below 2**20
MAX_LAYERS = 1 << 12  #: of the model
MAX_SIZE = 1 << 31  #: of a window, width or head count
FETCH_AGAIN = "fetch the file again"

# Tensor type number: (values in a block, bytes of a block), as ggml defines them.
BLOCKS: dict[int, tuple[int, int]] = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 40),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82),
    23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2),
    34: (256, 54), 35: (256, 66), 39: (32, 17), 40: (64, 36), 41: (128, 18),
}  # fmt: skip

# Value type number: struct format. 8 is a string, 9 an array.
_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_TEXT, _ARRAY = 8, 9
_OTHER_TYPES = ("adapter", "mmproj", "imatrix")  # of files that are no models, as the format names them
_ARCHITECTURE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

Value: TypeAlias = "int | float | bool | str | tuple[int, ...] | _Strings"


@dataclass(frozen=True, slots=True)
class Header:
    """Values of a GGUF header that decide on the chat format and the window."""

    path: Path  #: of the file
    file_bytes: int  #: size of the file
    version: int  #: of the GGUF format
    architecture: str  #: such as `llama`
    name: str  #: of the model; may be empty
    context: int  #: the trained window, in tokens
    embedding: int  #: width of a token's vector
    layers: int  #: number of layers
    heads: int  #: most attention heads of a layer
    kv_values: int  #: values of the KV cache per token, over all layers
    state_values: int  #: values of the state of all recurrent layers; 0 without one
    vocabulary: int  #: number of tokens
    has_chatml_tokens: bool  #: `<|im_start|>` and `<|im_end|>` are tokens


def read_header(path: Path, *, remedy: str = FETCH_AGAIN) -> Header:
    """Read the header of a GGUF file.

    Args:
        path: the file.
        remedy: what the user can do about a broken file; ends the errors' messages.

    Returns:
        The header.

    Raises:
        ModelNotFound: there is no such file.
        ModelCorrupt: a directory, empty, unreadable, no GGUF, truncated, or an inconsistent header.
    """
    if not path.exists():
        raise ModelNotFound(f"{path} does not exist: give the path of a GGUF file.")
    if path.is_dir():
        raise ModelCorrupt(f"{path} is a directory, not a GGUF file: give the path of the file itself.")
    if not path.is_file():
        raise ModelCorrupt(f"{path} is no regular file: give the path of a GGUF file.")
    try:
        with path.open("rb") as file:
            return _read(path, _Reader(file))
    except _Malformed as problem:
        raise ModelCorrupt(f"{path.name} {problem}: {remedy} ({path}).") from None
    except OSError as error:
        raise ModelCorrupt(f"{path.name} cannot be read ({error.strerror}): check {path}.") from error


class _Malformed(Exception):
    """Error in a file. Its text completes a sentence that begins with the file's name."""


@dataclass(frozen=True, slots=True)
class _Strings:
    """An array of strings: only its length is kept, and whether it contains the ChatML tags."""

    count: int
    has_chatml_tokens: bool


class _Reader:
    """Bounded little-endian reads from the start of a file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = os.fstat(file.fileno()).st_size
        self.position = 0
        self._strings_left = MAX_STRINGS

    def take(self, count: int) -> bytes:
        data = self._file.read(count)
        if len(data) != count:
            raise _Malformed("is truncated: it ends inside its header")
        self.position += count
        return data

    def skip(self, count: int) -> None:
        if count > self.size - self.position:
            raise _Malformed("is truncated: it ends inside its header")
        self.position = self._file.seek(count, os.SEEK_CUR)

    def number(self, form: str) -> int | float | bool:
        value: int | float | bool = struct.unpack(form, self.take(struct.calcsize(form)))[0]
        return value

    def u32(self) -> int:
        return int(self.number("<I"))

    def u64(self) -> int:
        return int(self.number("<Q"))

    def count(self, most: int, what: str) -> int:
        value = self.u64()
        if value > most:
            raise _Malformed(f"is malformed: it claims {value:,} {what}")
        return value

    def text(self) -> bytes:
        return self.take(self.count(MAX_TEXT, "bytes of text"))

    def strings(self, count: int) -> _Strings:
        self._strings_left -= count
        if self._strings_left < 0:
            raise _Malformed("is malformed: it claims too many strings")
        tags = {b"<|im_start|>", b"<|im_end|>"}
        read, position = self._file.read, self.position  # a method call for each of 300,000 would double the time
        for _ in range(count):
            length = int.from_bytes(read(8), "little")
            position += 8 + length
            if length > MAX_TEXT or position > self.size:
                raise _Malformed("is truncated or malformed: a text reaches beyond its end")
            tags.discard(read(length))
        self.position = position
        return _Strings(count, not tags)


def _read(path: Path, reader: _Reader) -> Header:
    if reader.size == 0:
        raise _Malformed("is empty")
    if reader.size < 24 or reader.take(4) != b"GGUF":
        raise _Malformed("is not a GGUF file")
    version = reader.u32()
    if version not in (2, 3):
        raise _Malformed(f"is a GGUF of version {version}, and only 2 and 3 are supported")
    tensors = reader.count(MAX_TENSORS, "tensors")
    values = _read_values(reader, reader.count(MAX_KEYS, "keys"))
    if _integer(values, "split.count", 1) > 1:
        raise _Malformed(f"is one of {values['split.count']} pieces of a model, which have to be merged first")
    if (kind := values.get("general.type")) in _OTHER_TYPES:
        remedy = "give the model's own file, and an adapter by the option `adapter`"
        raise ModelCorrupt(f"{path} is a GGUF file of the type {kind!r}, not of a model: {remedy}.")
    _check_tensors(reader, tensors, _integer(values, "general.alignment", 32))
    return _header(path, reader.size, version, values)


def _read_values(reader: _Reader, count: int) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for _ in range(count):
        key = reader.text().decode("utf-8", "replace")
        if key in values:
            raise _Malformed(f"is malformed: the key {key[:80]!r} is there twice")
        values[key] = _read_value(reader, reader.u32())
    return values


def _read_value(reader: _Reader, kind: int) -> Value:
    if kind == _TEXT:
        return reader.text().decode("utf-8", "replace")
    if kind == _ARRAY:
        item, count = reader.u32(), reader.u64()
        if item == _TEXT:
            return reader.strings(count)
        form = _scalar(item)
        if count <= MAX_LAYERS and form[1] in "bBhHiIqQ":
            return tuple(int(reader.number(form)) for _ in range(count))
        reader.skip(count * struct.calcsize(form))
        return ()
    return reader.number(_scalar(kind))


def _scalar(kind: int) -> str:
    if kind not in _SCALARS:
        raise _Malformed(f"is malformed: there is no value type {kind}")
    return _SCALARS[kind]


def _check_tensors(reader: _Reader, count: int, alignment: int) -> None:
    """Raise `_Malformed` unless the file reaches to the end of every tensor."""
    if count == 0:
        raise _Malformed("holds no weights")
    if alignment < 1 or alignment > 1 << 20 or alignment & (alignment - 1):
        raise _Malformed(f"is malformed: its alignment is {alignment}")
    end = 0
    for _ in range(count):
        name = reader.text()[:80].decode("utf-8", "replace")
        axes = reader.u32()
        if not 1 <= axes <= 4:
            raise _Malformed(f"is malformed: the tensor {name!r} has {axes} axes")
        shape = [reader.u64() for _ in range(axes)]
        kind, offset = reader.u32(), reader.u64()
        if kind not in BLOCKS:
            raise _Malformed(f"holds the tensor {name!r} of the unknown type {kind}")
        block, size = BLOCKS[kind]
        if 0 in shape or shape[0] % block or offset % alignment:
            raise _Malformed(f"is malformed: the tensor {name!r} has an impossible shape or place")
        end = max(end, offset + math.prod(shape) // block * size)
    needed = (reader.position + alignment - 1) // alignment * alignment + end
    if needed > reader.size:
        raise _Malformed(f"is truncated: it has {reader.size:,} of at least {needed:,} bytes")


def _header(path: Path, file_bytes: int, version: int, values: dict[str, Value]) -> Header:
    architecture, name = values.get("general.architecture"), values.get("general.name", "")
    if not isinstance(architecture, str) or not _ARCHITECTURE.fullmatch(architecture):
        raise _Malformed("does not name its architecture")
    sized = functools.partial(_sized, values, architecture)
    layers, embedding, context = sized("block_count"), sized("embedding_length"), sized("context_length")
    if not 1 <= layers <= MAX_LAYERS or embedding < 1 or context < 1:
        raise _Malformed("is malformed: its layers, width or window are impossible")
    heads = _per_layer(values, architecture, "attention.head_count", (0,) * layers)
    kv_heads = _per_layer(values, architecture, "attention.head_count_kv", heads)
    head = embedding // max(heads) if max(heads) else 0
    key_size, value_size = sized("attention.key_length", head), sized("attention.value_length", head)
    recurrent = kv_heads.count(0) or layers - layers // max(1, sized("full_attention_interval", layers + 1))
    tokens = values.get("tokenizer.ggml.tokens")
    strings = tokens if isinstance(tokens, _Strings) else _Strings(sized("vocab_size", 0), False)
    return Header(
        path=path,
        file_bytes=file_bytes,
        version=version,
        architecture=architecture,
        name=name if isinstance(name, str) else "",
        context=context,
        embedding=embedding,
        layers=layers,
        heads=max(heads),
        kv_values=sum(kv_heads) * (key_size + value_size),
        state_values=_state(sized, embedding) * recurrent,
        vocabulary=strings.count,
        has_chatml_tokens=strings.has_chatml_tokens,
    )


def _state(sized: Callable[..., int], embedding: int) -> int:
    """Return the values of one recurrent layer's state: of a state space, of RWKV, or of a short convolution."""
    inner, state, groups = sized("ssm.inner_size", 0), sized("ssm.state_size", 0), sized("ssm.group_count", 0)
    spaces = inner * state + max(0, sized("ssm.conv_kernel", 0) - 1) * (inner + 2 * groups * state)
    head = sized("wkv.head_size", 0)
    return spaces + embedding * (head + 2 * bool(head) + max(0, sized("shortconv.l_cache", 0) - 1))


def _integer(values: dict[str, Value], key: str, default: int) -> int:
    value = values.get(key, default)
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def _sized(values: dict[str, Value], architecture: str, key: str, default: int | None = None) -> int:
    value = values.get(f"{architecture}.{key}", default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < MAX_SIZE:
        raise _Malformed(f"is malformed: its {key} is missing or impossible")
    return value


def _per_layer(values: dict[str, Value], architecture: str, key: str, default: tuple[int, ...]) -> tuple[int, ...]:
    """Return one number for each layer: hybrid models have an array of them, others a single number."""
    value = values.get(f"{architecture}.{key}", default)
    if isinstance(value, tuple) and len(value) == len(default) and all(0 <= item < MAX_SIZE for item in value):
        return value
    return (_sized(values, architecture, key),) * len(default)
