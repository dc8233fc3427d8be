"""A running cell's outputs, tapped in the order they come, while the user sees them as ever.

Printed text, displayed objects and the result are kept; memory stays bounded whatever a cell prints. It works in a
kernel (where the stream objects themselves are tapped, so that a logger holding an old one and what C code writes are
seen too), in a terminal, and in a private shell. Threads are not told apart: what another thread prints meanwhile is
taken for the cell's.
"""

from __future__ import annotations

import contextlib
import struct
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TextIO

from IPython.core.interactiveshell import InteractiveShell

SIDE = 32_000  #: characters kept of the beginning, and as many of the end, of each run of output
MAX_ITEMS = 400

Kind = Literal["stdout", "stderr", "result", "display"]


@dataclass(frozen=True, slots=True)
class Item:
    """One output: `text` is complete but for `missing` characters in its middle."""

    kind: Kind
    text: str
    missing: int = 0


class Capture:
    """Taps the shell between `start` and `stop`. With `silent` the outputs are kept from the user."""

    def __init__(self, shell: InteractiveShell, *, silent: bool = False) -> None:
        self.shell = shell
        self.silent = silent
        self._runs: list[_Run] = []
        self._muted = 0
        self._undo = contextlib.ExitStack()

    def start(self) -> None:
        """Begins to tap. Pair it with `stop`."""
        for name in ("stdout", "stderr"):
            self._tap_stream(name)
        hook, publisher = self.shell.displayhook, self.shell.display_pub
        self._wrap(publisher, "publish", self._publish)
        self._wrap(hook, "write_format_data", self._write_result)
        self._wrap(hook, "start_displayhook", self._start_result)
        self._wrap(hook, "finish_displayhook", self._finish_result)
        self._wrap(self.shell, "_showtraceback", self._showtraceback)

    def stop(self) -> tuple[Item, ...]:
        """Puts everything back and returns what came, in order."""
        self._undo.close()
        return tuple(run.item() for run in self._runs)

    def _add(self, kind: Kind, text: str) -> None:
        if self._muted or not text:
            return
        last = self._runs[-1] if self._runs else None
        if last is None or last.kind != kind or kind in ("result", "display"):
            if len(self._runs) >= MAX_ITEMS:
                del self._runs[MAX_ITEMS // 2]
            last = _Run(kind)
            self._runs.append(last)
        last.write(text)

    def _tap_stream(self, name: Literal["stdout", "stderr"]) -> None:
        stream = getattr(sys, name)
        if not self.silent and hasattr(stream, "pub_thread"):  # ipykernel's stream
            write = stream.write

            def tapped(text: str) -> Any:
                self._add(name, text)
                return write(text)

            self._set(stream, "write", tapped)
        else:
            tee = _Tee(stream, None if self.silent else stream.write, lambda text: self._add(name, text))
            setattr(sys, name, tee)
            self._undo.callback(lambda: setattr(sys, name, stream) if getattr(sys, name) is tee else None)

    def _wrap(self, owner: Any, name: str, wrapper: Callable[..., Any]) -> None:
        original = getattr(owner, name)
        self._set(owner, name, lambda *args, **kwargs: wrapper(original, *args, **kwargs))

    def _set(self, owner: Any, name: str, value: Any) -> None:
        had = vars(owner).get(name)
        setattr(owner, name, value)
        self._undo.callback(lambda: delattr(owner, name) if had is None else setattr(owner, name, had))

    @contextlib.contextmanager
    def _mute(self) -> Iterator[None]:
        """Within the block nothing is added: a plain shell prints what it publishes."""
        self._muted += 1
        try:
            yield
        finally:
            self._muted -= 1

    def _publish(self, original: Callable[..., Any], data: Mapping[str, Any], *args: Any, **kwargs: Any) -> None:
        if not kwargs.get("update"):
            self._add("display", summarise(data))
        if not self.silent:
            with self._mute():
                original(data, *args, **kwargs)

    def _start_result(self, original: Callable[..., Any]) -> None:
        original()
        self._muted += 1

    def _write_result(self, original: Callable[..., Any], data: Mapping[str, Any], *args: Any, **kwargs: Any) -> None:
        muted, self._muted = self._muted, 0
        self._add("result", summarise(data))
        self._muted = muted
        original(data, *args, **kwargs)

    def _finish_result(self, original: Callable[..., Any]) -> None:
        original()
        self._muted = max(0, self._muted - 1)

    def _showtraceback(self, original: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        with self._mute():
            original(*args, **kwargs)


def summarise(data: Mapping[str, Any]) -> str:
    """A MIME bundle as text: its `text/plain`, and a note for what is more than text, such as `[figure 640×480]`."""
    notes = []
    if "image/png" in data:
        notes.append(_figure(data["image/png"]))
    elif any(kind.startswith("image/") for kind in data):
        notes.append("[image]")
    elif "application/vnd.jupyter.widget-view+json" in data:
        notes.append("[widget]")
    elif "text/plain" not in data and data:
        notes.append(f"[{next(iter(data))} output]")
    plain = data.get("text/plain", "")
    if isinstance(plain, str) and plain and "[widget]" not in notes:
        notes.insert(0, plain)
    return "\n".join(notes)


def _figure(png: Any) -> str:
    """The note for a PNG, given as bytes or base64 text. Its size stands in bytes 16 to 24 of the file."""
    import base64
    import binascii

    try:
        head = png[:24] if isinstance(png, bytes) else base64.b64decode(png[:32])
        width, height = struct.unpack(">II", head[16:24])
    except (binascii.Error, struct.error, TypeError, ValueError):
        return "[image]"
    return f"[figure {width}×{height}]"


class _Run:
    """One run of output of a kind: its head, its tail, and how long it was."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.head = ""
        self.tail = ""
        self.length = 0

    def write(self, text: str) -> None:
        self.length += len(text)
        room = SIDE - len(self.head)
        self.head += text[:room]
        rest = text[room:]
        if rest:
            self.tail = (self.tail + rest[-SIDE:])[-2 * SIDE :]

    def item(self) -> Item:
        tail = self.tail[-SIDE:]
        return Item(self.kind, self.head + tail, self.length - len(self.head) - len(tail))


class _Tee:
    """Stands for a stream: adds what is written, passes it on where there is `write`, and is the stream otherwise."""

    def __init__(self, stream: TextIO, write: Callable[[str], Any] | None, add: Callable[[str], None]) -> None:
        self._stream = stream
        self._write = write
        self._add = add

    def write(self, text: str) -> int:
        self._add(str(text))
        if self._write is not None:
            self._write(text)
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
