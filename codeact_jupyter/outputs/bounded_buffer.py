"""Outputs of a cell in bounded memory and in order.

An `OutputBuffer` has one channel for each stream and one for all displays. A channel keeps the first and the last
64,000 characters, as chunks that carry their place in the order of all outputs; `OutputBuffer.captured` merges them.
"""

from __future__ import annotations

import dataclasses
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count

from .screen import without_overwritten
from .tables import ShownTable

HEAD_CHARS = TAIL_CHARS = 64_000  #: characters kept of a channel's beginning and of its end
CHUNK_CHARS = 4_000  #: successive writes are joined up to this size
DISPLAY_COST = 200  #: characters that a display counts for in addition to its text


@dataclass(frozen=True, slots=True)
class Stream:
    """Text written to one stream."""

    name: str  #: `stdout` or `stderr`
    text: str  #: what was written
    skipped: int = 0  #: characters of this stream before the text that were dropped


@dataclass(frozen=True, slots=True)
class Display:
    """A displayed object."""

    text: str  #: its plain text
    notes: tuple[str, ...] = ()  #: what it has besides text, such as `[figure 640×480]`
    skipped: int = 0  #: displays and results before it that were dropped


@dataclass(frozen=True, slots=True)
class Result(Display):
    """Value of the cell's last expression, as displayed."""


@dataclass(frozen=True, slots=True)
class Captured:
    """Outputs of a cell, oldest first."""

    items: tuple[Stream | Display, ...] = ()  #: text of the streams, displays and results
    tables: tuple[ShownTable, ...] = ()  #: among what is printed and displayed


class OutputBuffer:
    """Collects outputs from any thread, in bounded memory."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a signal handler may print while the same thread holds the lock
        self._channels: dict[str, _Channel] = {}  # by the stream's name; "" for displays
        self._order = count()
        self._last: _Chunk | None = None  # more text of the same stream may be joined to it
        self._clears_on_next = False

    def write(self, name: str, text: str) -> None:
        """Append text to a stream.

        Args:
            name: `stdout` or `stderr`.
            text: what was written.
        """
        if not text:
            return
        with self._lock:
            channel = self._channel(name)
            size, last = len(text), self._last
            if last is not None and last is channel.last:
                channel.shorten(last, size)
            if channel.tail and channel.tail[-1] is last and _join(last, text):
                channel.grow_tail(size)  # nearly every write of a cell that prints much
                return
            room = min(max(HEAD_CHARS - channel.head_size, 0), size) if not channel.tail else 0
            if room:
                self._last = channel.append_head(text[:room], next(self._order), self._last)
            if room < size:
                channel.skipped += max(size - room - TAIL_CHARS, 0)
                self._last = channel.append_tail(text[max(room, size - TAIL_CHARS) :], next(self._order), self._last)

    def display(self, item: Display, display_id: str | None = None, *, update: bool = False) -> None:
        """Append a display or result, or update one.

        Args:
            item: the display.
            display_id: id under which a later update finds it.
            update: replace the displays that have this id; without one, the item is dropped.
        """
        with self._lock:
            if update:
                for chunk in self._channels.get("", _Channel()).chunks():
                    if chunk.display_id == display_id:
                        chunk.content = item
                return
            chunk = _Chunk(next(self._order), item, len(item.text) + DISPLAY_COST, display_id)
            self._channel("").append_display(chunk)
            self._last = chunk

    def clear(self, *, wait: bool) -> None:
        """Drop all outputs so far.

        Args:
            wait: drop them only when the next output comes.
        """
        with self._lock:
            if wait:
                self._clears_on_next = True
            else:
                self._reset()

    def captured(self) -> Captured:
        """Return the outputs so far; successive text of one stream is one item."""
        with self._lock:
            chunks = sorted(
                (chunk.order, name, chunk) for name, channel in self._channels.items() for chunk in channel.marked()
            )
        items: list[Stream | Display] = []
        parts: list[str] = []
        for index, (_, name, chunk) in enumerate(chunks):
            if isinstance(chunk.content, Display):
                items.append(dataclasses.replace(chunk.content, skipped=chunk.skipped))
                continue
            parts.append(chunk.content)
            following = chunks[index + 1] if index + 1 < len(chunks) else None
            if following is None or following[1] != name or following[2].skipped:
                first = chunks[index + 1 - len(parts)][2]
                items.append(Stream(name, "".join(parts), first.skipped))
                parts = []
        return Captured(tuple(items))

    def _channel(self, name: str) -> _Channel:
        """Return the channel that an output is about to be appended to."""
        if self._clears_on_next:
            self._reset()
        channel = self._channels.get(name)
        if channel is None:
            channel = self._channels[name] = _Channel()
        return channel

    def _reset(self) -> None:
        self._channels, self._last, self._clears_on_next = {}, None, False


@dataclass(slots=True, eq=False)
class _Chunk:
    """A display, or text of one stream."""

    order: int
    content: str | Display
    size: int
    display_id: str | None = None
    skipped: int = 0


class _Channel:
    """The first and the last chunks of one stream, or of all displays."""

    def __init__(self) -> None:
        self.head: list[_Chunk] = []
        self.tail: deque[_Chunk] = deque()
        self.head_size = self.tail_size = self.skipped = 0

    @property
    def last(self) -> _Chunk | None:
        return self.tail[-1] if self.tail else self.head[-1] if self.head else None

    def chunks(self) -> Iterator[_Chunk]:
        return chain(self.head, self.tail)

    def shorten(self, chunk: _Chunk, room: int) -> None:
        """Leave out what was overwritten in the last chunk, if more text has no room in it."""
        if type(chunk.content) is not str or not chunk.size <= CHUNK_CHARS < chunk.size + room:
            return
        chunk.content = without_overwritten(chunk.content)
        saved, chunk.size = chunk.size - len(chunk.content), len(chunk.content)
        if self.tail:
            self.tail_size -= saved
        else:
            self.head_size -= saved

    def marked(self) -> Iterator[_Chunk]:
        """Return the chunks, after noting the size of the gap on the first one behind it."""
        if self.tail:
            self.tail[0].skipped = self.skipped
        return self.chunks()

    def append_head(self, text: str, order: int, last: _Chunk | None) -> _Chunk:
        """Append text to the head and return its chunk: `last`, if the text could be joined to it."""
        self.head_size += len(text)
        if self.head and self.head[-1] is last and _join(last, text):
            return last
        self.head.append(_Chunk(order, text, len(text)))
        return self.head[-1]

    def append_tail(self, text: str, order: int, last: _Chunk | None) -> _Chunk:
        """Append text to the tail and return its chunk: `last`, if the text could be joined to it."""
        if not (self.tail and self.tail[-1] is last and _join(last, text)):
            self.tail.append(_Chunk(order, text, len(text)))
        self.grow_tail(len(text))
        return self.tail[-1]

    def grow_tail(self, size: int) -> None:
        """Count `size` more characters of the tail, and drop its oldest chunks where it is too long."""
        self.tail_size += size
        while self.tail_size - self.tail[0].size >= TAIL_CHARS:
            oldest = self.tail.popleft()
            self.tail_size -= oldest.size
            self.skipped += oldest.size

    def append_display(self, chunk: _Chunk) -> None:
        """Append a display; one that is dropped later is dropped whole."""
        if not self.tail and self.head_size + chunk.size <= HEAD_CHARS:
            self.head.append(chunk)
            self.head_size += chunk.size
            return
        self.tail.append(chunk)
        self.tail_size += chunk.size
        while self.tail_size > TAIL_CHARS:
            self.tail_size -= self.tail.popleft().size
            self.skipped += 1


def _join(chunk: _Chunk, text: str) -> bool:
    """Append `text` to the chunk directly before it, unless that grows too large; return True if it was appended."""
    if not isinstance(chunk.content, str) or chunk.size + len(text) > CHUNK_CHARS:
        return False
    chunk.content += text
    chunk.size += len(text)
    return True
