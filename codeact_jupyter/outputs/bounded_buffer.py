"""What a cell has put out, kept in bounded memory and in order.

A `Recording` takes it as it comes. Of each stream, and of the displays together, the first and the last 64,000
characters are kept, as small pieces that carry their place in the order; `captured` threads the pieces together.
"""

from __future__ import annotations

import binascii
import dataclasses
import struct
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

HEAD = TAIL = 64_000  #: characters kept of a stream's beginning, and of its end
PIECE = 4_000  #: successive writes are joined up to this size
DISPLAY = 16_000  #: characters kept of one display's text
DISPLAY_COST = 200  #: what a display counts for beside its text


@dataclass(frozen=True, slots=True)
class Stream:
    """Text of `stdout` or `stderr`; `skipped` characters of that stream, not kept, came before it."""

    name: str
    text: str
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Display:
    """A displayed object: its plain text, and notes such as `[figure 640×480]` on what is more than text.

    `skipped` displays or results, not kept, came before it.
    """

    text: str
    notes: tuple[str, ...] = ()
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Result(Display):
    """The value of the cell's last expression, as it was displayed."""


@dataclass(frozen=True, slots=True)
class Captured:
    """A cell's outputs in the order in which they came."""

    items: tuple[Stream | Display, ...] = ()

    @property
    def dropped_chars(self) -> int:
        """Characters of the streams that were not kept."""
        return sum(item.skipped for item in self.items if isinstance(item, Stream))


class Recording:
    """Takes outputs from any thread, in bounded memory."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a signal's code may print while the same thread is in here
        self._reels: dict[str, _Reel] = {}
        self._order = count()
        self._last: _Piece | None = None  #: which more text of the same stream may join
        self._clears = False

    def write(self, name: str, text: str) -> None:
        """Some text on the stream `name`."""
        if not text:
            return
        with self._lock:
            if self._clears:
                self._reset()
            reel = self._reels.get(name)
            if reel is None:
                reel = self._reels[name] = _Reel()
            size, last = len(text), self._last
            if reel.tail and reel.tail[-1] is last and _join(last, text):
                reel.grown(size)  # nearly every write of a cell that prints much
                return
            room = min(max(HEAD - reel.head_size, 0), size) if not reel.tail else 0
            if room:
                self._last = reel.begin(text[:room], next(self._order), self._last)
            if room < size:
                reel.skipped += max(size - room - TAIL, 0)
                self._last = reel.go_on(text[max(room, size - TAIL) :], next(self._order), self._last)

    def display(self, item: Display, shown_as: str | None = None, *, update: bool = False) -> None:
        """A display or result; an update replaces what is shown under its id, and is dropped when nothing is."""
        with self._lock:
            if update:
                for piece in self._reels.get("", _Reel()).pieces():
                    if piece.shown_as == shown_as:
                        piece.content = item
                return
            self._begin()
            reel = self._reels.setdefault("", _Reel())
            piece = _Piece(next(self._order), item, len(item.text) + DISPLAY_COST, shown_as)
            self._last = reel.add(piece)

    def clear(self, *, wait: bool) -> None:
        """Forgets everything, at once or when the next output comes."""
        with self._lock:
            if wait:
                self._clears = True
            else:
                self._reset()

    def captured(self) -> Captured:
        """Everything so far. Successive text of one stream is one item."""
        with self._lock:
            pieces = sorted((piece.order, name, piece) for name, reel in self._reels.items() for piece in reel.marked())
        items: list[Stream | Display] = []
        parts: list[str] = []
        for index, (_, name, piece) in enumerate(pieces):
            if isinstance(piece.content, Display):
                items.append(dataclasses.replace(piece.content, skipped=piece.skipped))
                continue
            parts.append(piece.content)
            following = pieces[index + 1] if index + 1 < len(pieces) else None
            if following is None or following[1] != name or following[2].skipped:
                first = pieces[index + 1 - len(parts)][2]
                items.append(Stream(name, "".join(parts), first.skipped))
                parts = []
        return Captured(tuple(items))

    def _begin(self) -> None:
        if self._clears:
            self._reset()

    def _reset(self) -> None:
        self._reels, self._last, self._clears = {}, None, False


def reduce_bundle(data: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """A MIME bundle as its plain text, bounded, and notes on what it holds beside text."""
    kinds = [kind for kind in data if isinstance(kind, str)]
    texts = [data[kind] for kind in ("text/plain", "text/markdown", "text/latex") if isinstance(data.get(kind), str)]
    text = texts[0] if texts else ""
    if len(text) > DISPLAY:
        half = DISPLAY // 2
        text = f"{text[:half]}\n… [{len(text) - 2 * half:,} characters left out] …\n{text[-half:]}"
    notes = []
    if "image/png" in kinds:
        notes.append(_figure(data["image/png"]))
    elif any(kind.startswith("image/") for kind in kinds):
        notes.append("[image]")
    if "application/vnd.jupyter.widget-view+json" in kinds:
        notes.append("[widget]")
    elif any("plotly" in kind or "vega" in kind or "bokeh" in kind for kind in kinds):
        notes.append("[chart]")
    if not text and not notes and kinds:
        notes.append(f"[{kinds[0].rpartition('/')[2][:40]} output]")
    return text, tuple(notes)


def _figure(image: Any) -> str:
    """The note on a PNG, given as bytes or as base64 text: width and height stand in bytes 16 to 24."""
    try:
        start = bytes(image[:24]) if isinstance(image, bytes) else binascii.a2b_base64(str(image)[:40])
        width, height = struct.unpack(">4xII", start[12:24])
    except (binascii.Error, struct.error, ValueError):
        return "[image]"
    return f"[figure {width}×{height}]" if start.startswith(b"\x89PNG") else "[image]"


@dataclass(slots=True, eq=False)
class _Piece:
    order: int
    content: str | Display
    size: int
    shown_as: str | None = None
    skipped: int = 0


class _Reel:
    """The beginning and the end of one channel."""

    def __init__(self) -> None:
        self.head: list[_Piece] = []
        self.tail: deque[_Piece] = deque()
        self.head_size = self.tail_size = self.skipped = 0

    def pieces(self) -> Iterator[_Piece]:
        return chain(self.head, self.tail)

    def marked(self) -> Iterator[_Piece]:
        """The pieces, the first one after the gap with the size of the gap."""
        if self.tail:
            self.tail[0].skipped = self.skipped
        return self.pieces()

    def begin(self, text: str, order: int, last: _Piece | None) -> _Piece:
        """Text for the head."""
        self.head_size += len(text)
        if self.head and self.head[-1] is last and _join(last, text):
            return last
        self.head.append(_Piece(order, text, len(text)))
        return self.head[-1]

    def go_on(self, text: str, order: int, last: _Piece | None) -> _Piece:
        """Text for the tail, of which the oldest gives way."""
        if not (self.tail and self.tail[-1] is last and _join(last, text)):
            self.tail.append(_Piece(order, text, len(text)))
        self.grown(len(text))
        return self.tail[-1]

    def grown(self, size: int) -> None:
        """The end has got longer by `size` characters: the oldest of it gives way."""
        self.tail_size += size
        while self.tail_size - self.tail[0].size >= TAIL:
            oldest = self.tail.popleft()
            self.tail_size -= oldest.size
            self.skipped += oldest.size

    def add(self, piece: _Piece) -> _Piece:
        """A display: whole, or not at all."""
        if not self.tail and self.head_size + piece.size <= HEAD:
            self.head.append(piece)
            self.head_size += piece.size
            return piece
        self.tail.append(piece)
        self.tail_size += piece.size
        while self.tail_size > TAIL:
            self.tail_size -= self.tail.popleft().size
            self.skipped += 1
        return piece


def _join(piece: _Piece, text: str) -> bool:
    """Adds `text` to a piece that came right before it, unless that grows too large."""
    if not isinstance(piece.content, str) or piece.size + len(text) > PIECE:
        return False
    piece.content += text
    piece.size += len(text)
    return True
