"""The tokenizer of a GGUF file, read ten times as fast as the `gguf` package reads it."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, NamedTuple

from gguf import GGUFValueType

_FORMATS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}


class Field(NamedTuple):
    """A value of a header."""

    value: Any
    kind: GGUFValueType
    inner: GGUFValueType | None  #: of a list's items


def tokenizer_fields(path: Path) -> dict[str, Field]:
    """Return the header's values whose keys begin with `tokenizer.`."""
    data = path.read_bytes()
    magic, _, _, count = struct.unpack_from("<4sIQQ", data)
    assert magic == b"GGUF"
    place, fields = 24, {}
    for _ in range(count):
        key, place = _text(data, place)
        (kind,) = struct.unpack_from("<I", data, place)
        field, place = _value(data, place + 4, kind)
        if key.startswith(b"tokenizer."):
            fields[key.decode()] = field
    return fields


def _value(data: bytes, place: int, kind: int) -> tuple[Field, int]:
    if kind == GGUFValueType.STRING:
        text, place = _text(data, place)
        return Field(text.decode(), GGUFValueType.STRING, None), place
    if kind != GGUFValueType.ARRAY:
        (value,) = struct.unpack_from(f"<{_FORMATS[kind]}", data, place)
        return Field(value, GGUFValueType(kind), None), place + struct.calcsize(f"<{_FORMATS[kind]}")
    inner, length = struct.unpack_from("<IQ", data, place)
    place += 12
    if inner != GGUFValueType.STRING:
        form = f"<{length}{_FORMATS[inner]}"
        values = list(struct.unpack_from(form, data, place))
        return Field(values, GGUFValueType.ARRAY, GGUFValueType(inner)), place + struct.calcsize(form)
    texts = []
    for _ in range(length):
        text, place = _text(data, place)
        texts.append(text)
    return Field(texts, GGUFValueType.ARRAY, GGUFValueType.STRING), place


def _text(data: bytes, place: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from("<Q", data, place)
    return data[place + 8 : place + 8 + length], place + 8 + length
