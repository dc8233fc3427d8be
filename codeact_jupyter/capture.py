"""A running cell's outputs, tapped in the order they come, while the user sees them as ever.

The streams themselves are tapped, not `sys.stdout`: a logger that holds an old one and the thread by which a kernel
reads what subprocesses write are heard too. A plain shell prints what it displays, returns and raises; what it prints
for itself is not kept twice. What a kernel shows under another cell (a thread started there goes on printing) is not
kept; elsewhere threads are not told apart. Not heard is what a subprocess of the code's own writes outside a kernel.
Memory stays bounded whatever a cell prints: the beginning and the end are kept, and the rest is counted.
"""

from __future__ import annotations

import binascii
import contextlib
import select
import struct
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

from IPython.core.interactiveshell import InteractiveShell

SIDE = 32_000  #: characters kept of the beginning of all output, and as many of its end
MAX_DISPLAY = 8_000  #: characters kept of one displayed object
COST = 100  #: what an output counts for beside its text
PIECE = 4_000  #: writes that follow each other on a stream are joined up to this size
_ABSENT = object()

Kind = Literal["stdout", "stderr", "result", "display"]


@dataclass(frozen=True, slots=True)
class Item:
    """One output; a stream's may go on in the next item. `missing` characters, not kept, came before `text`."""

    kind: Kind
    text: str
    missing: int = 0


class Capture:
    """Taps the shell between `start` and `stop`. With `silent` the outputs are kept from the user."""

    def __init__(self, shell: InteractiveShell, *, silent: bool = False) -> None:
        self.shell = shell
        self.silent = silent
        self._recording = _Recording()
        self._active = False
        self._muted = threading.local()  #: `on` while the shell prints what is kept already
        self._streams: list[Any] = []
        self._undo = contextlib.ExitStack()

    def start(self) -> None:
        """Begins to tap, with nothing kept. Pair it with `stop`; when it fails, everything is put back."""
        self.stop()
        self._recording = _Recording()
        shell: Any = self.shell
        try:
            self._tap_stream("stdout", sys.stdout)
            if sys.stderr is not sys.stdout:
                self._tap_stream("stderr", sys.stderr)
            self._wrap(shell.display_pub, "publish", self._publish)
            self._wrap(shell.display_pub, "clear_output", self._clear_output)
            self._wrap(shell.displayhook, "write_format_data", self._write_result)
            for name in ("write_output_prompt", "finish_displayhook"):
                self._wrap(shell.displayhook, name, self._unheard)
            for name in ("_showtraceback", "show_usage_error"):
                self._wrap(shell, name, self._show_error)
            if getattr(shell.system, "__func__", None) is InteractiveShell.system_raw:
                self._set(shell, "system", shell.system_piped)  # else `!` writes past Python's streams
            self._active = True
        except BaseException:
            self._undo.close()
            raise

    def stop(self) -> tuple[Item, ...]:
        """Puts everything back and returns what came, in order. A second call returns the same."""
        if self._active:
            for stream in self._streams:
                _await_pipe(stream)
            self._active = False
            self._undo.close()
            self._streams.clear()
        return self._recording.items()

    # --- the taps ------------------------------------------------------------------------------------------------

    def _tap_stream(self, name: Literal["stdout", "stderr"], stream: Any) -> None:
        cell = _cell_of(stream)

        def write(original: Callable[[str], Any], text: str) -> Any:
            if type(text) is not str or not self._active or _cell_of(stream) != cell:
                return original(text)
            if not self._is_muted():
                self._recording.add(name, text)
            return len(text) if self.silent else original(text)

        def writelines(original: Callable[[Any], Any], lines: Any) -> None:
            for line in lines:
                stream.write(line)

        self._streams.append(stream)
        try:
            self._wrap(stream, "write", write)
            self._wrap(stream, "writelines", writelines)
        except AttributeError:  # a stream that takes no attributes
            self._undo.callback(setattr, sys, name, stream)
            setattr(sys, name, _Tee(stream, lambda text: write(stream.write, text)))

    def _publish(self, original: Callable[..., Any], data: Mapping[str, Any], *args: Any, **kwargs: Any) -> Any:
        if not self._is_ours():
            return original(data, *args, **kwargs)
        shown_as = (kwargs.get("transient") or {}).get("display_id")
        if kwargs.get("update"):
            self._recording.replace(shown_as, summarise(data))
        elif not self._is_muted():
            self._recording.add("display", summarise(data), shown_as)
        return None if self.silent else self._unheard(original, data, *args, **kwargs)

    def _clear_output(self, original: Callable[..., Any], wait: bool = False) -> Any:
        if not self._is_ours():
            return original(wait)
        self._recording.clear(wait=wait)
        return None if self.silent else self._unheard(original, wait)

    def _write_result(self, original: Callable[..., Any], data: Mapping[str, Any], *args: Any, **kwargs: Any) -> Any:
        if not self._active:
            return original(data, *args, **kwargs)
        if not self._is_muted():
            self._recording.add("result", summarise(data))
        return self._unheard(original, {} if self.silent else data, *args, **kwargs)

    def _show_error(self, original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return None if self._active and self.silent else self._unheard(original, *args, **kwargs)

    def _unheard(self, original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Calls `original`, and keeps nothing of what it prints."""
        before, self._muted.on = self._is_muted(), True
        try:
            return original(*args, **kwargs)
        finally:
            self._muted.on = before

    def _is_muted(self) -> bool:
        return getattr(self._muted, "on", False)

    def _is_ours(self) -> bool:
        return self._active and _cell_of(self.shell.display_pub) == _cell_of(self._streams[0])

    # --- putting in place and back -------------------------------------------------------------------------------

    def _wrap(self, owner: Any, name: str, wrapper: Callable[..., Any]) -> None:
        original = getattr(owner, name)
        self._set(owner, name, lambda *args, **kwargs: wrapper(original, *args, **kwargs))

    def _set(self, owner: Any, name: str, value: Any) -> None:
        """Sets the attribute of this one object until `stop`; what somebody sets over it meanwhile is left alone."""
        before = vars(owner).get(name, _ABSENT)
        setattr(owner, name, value)

        def restore() -> None:
            if vars(owner).get(name) is not value:
                return
            if before is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, before)

        self._undo.callback(restore)


def summarise(data: Mapping[str, Any]) -> str:
    """A MIME bundle as text: its `text/plain`, and a note for what is more than text, such as `[figure 640×480]`."""
    texts = [text for kind in ("text/plain", "text/markdown", "text/latex") if isinstance(text := data.get(kind), str)]
    plain = texts[0] if texts else ""
    if len(plain) > MAX_DISPLAY:
        side = MAX_DISPLAY // 2
        plain = f"{plain[:side]}\n[… {len(plain) - 2 * side:,} characters left out …] {plain[-side:]}"
    kinds = [kind for kind in data if isinstance(kind, str)]
    if "application/vnd.jupyter.widget-view+json" in kinds:
        return "[widget]"
    if "image/png" in kinds:
        note = _figure(data["image/png"])
    elif any(kind.startswith("image/") for kind in kinds):
        note = "[image]"
    elif any(word in kind for kind in kinds for word in ("plotly", "vega", "bokeh")):
        note = "[chart]"
    else:
        note = f"[{kinds[0][:40]} output]" if kinds and not plain else ""
    return f"{plain} {note}".strip() if note else plain


def _figure(png: Any) -> str:
    """The note for a PNG, given as bytes or base64 text. Its size stands in bytes 16 to 24 of the file."""
    try:
        head = png[:24] if isinstance(png, bytes) else binascii.a2b_base64(str(png)[:32])
        width, height = struct.unpack(">II", head[16:24])
    except (binascii.Error, struct.error, ValueError):
        return "[image]"
    return f"[figure {width}×{height}]"


def _cell_of(source: Any) -> object:
    """The request under whose cell the kernel shows what this thread puts out now; `None` outside kernels."""
    header = getattr(source, "parent_header", None)
    return header.get("msg_id") if isinstance(header, dict) else None


def _await_pipe(stream: Any, seconds: float = 0.2) -> None:
    """Lets the kernel's thread pass on what a subprocess or C code has written to the file descriptor."""
    pipe, deadline = getattr(stream, "_fid", None), time.monotonic() + seconds
    if not isinstance(pipe, int) or sys.platform == "win32":
        return
    idle = 0
    while idle < 2 and time.monotonic() < deadline:  # read, but perhaps not passed on, when first seen empty
        idle = 0 if select.select([pipe], [], [], 0)[0] else idle + 1
        time.sleep(0.002)


# --- what is kept ------------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class _Piece:
    kind: Kind
    text: str
    shown_as: str | None = None

    @property
    def size(self) -> int:
        return len(self.text) + COST


class _Recording:
    """The first and the last outputs, added from any thread."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a signal's code may print while its thread is in here
        self._reset()

    def add(self, kind: Kind, text: str, shown_as: str | None = None) -> None:
        """Some text of a stream, or the whole text of a displayed object."""
        with self._lock:
            if self._clears:
                self._reset()
            is_stream = kind in ("stdout", "stderr")
            last = self._tail[-1] if self._tail else self._head[-1] if self._head else None
            if is_stream and len(text) > 2 * SIDE:
                self.add(kind, text[:SIDE])
                self._missing += len(text) - 2 * SIDE
                self._fills_head = False
                text = text[-SIDE:]
            elif is_stream and last and last.kind == kind and len(last.text) + len(text) <= PIECE:
                last.text += text
                self._size += len(text)
                return self._evict()
            if text:
                piece = _Piece(kind, text, shown_as)
                (self._head if self._fills_head else self._tail).append(piece)
                self._size += piece.size
            return self._evict()

    def replace(self, shown_as: str | None, text: str) -> None:
        """Another text for what is displayed under this id; nothing when it is not shown here."""
        with self._lock:
            for piece in chain(self._head, self._tail):
                if piece.shown_as is not None and piece.shown_as == shown_as:
                    self._size += len(text) - len(piece.text) if self._is_counted(piece) else 0
                    piece.text = text
            self._evict()

    def clear(self, *, wait: bool) -> None:
        """Forgets everything, at once or when the next output comes."""
        with self._lock:
            if wait:
                self._clears = True
            else:
                self._reset()

    def items(self) -> tuple[Item, ...]:
        """What is kept, in order."""
        with self._lock:
            head = [Item(piece.kind, piece.text) for piece in self._head]
            tail = [Item(piece.kind, piece.text) for piece in self._tail]
            if self._missing and tail:
                tail[0] = Item(tail[0].kind, tail[0].text, self._missing)
            return tuple([*head, *tail])

    def _reset(self) -> None:
        self._head: list[_Piece] = []
        self._tail: deque[_Piece] = deque()
        self._size = 0  #: of the part that is being filled: the head, then the tail
        self._fills_head = True
        self._missing = 0
        self._clears = False

    def _is_counted(self, piece: _Piece) -> bool:
        return self._fills_head or any(piece is other for other in self._tail)

    def _evict(self) -> None:
        if self._fills_head:
            if self._size >= SIDE:
                self._fills_head, self._size = False, 0
            return
        while len(self._tail) > 1 and self._size - self._tail[0].size >= SIDE:
            oldest = self._tail.popleft()
            self._size -= oldest.size
            self._missing += len(oldest.text)


class _Tee:
    """Stands for a stream whose `write` cannot be replaced, and is that stream in all else."""

    def __init__(self, stream: Any, write: Callable[[str], Any]) -> None:
        self._stream = stream
        self.write = write

    def writelines(self, lines: Iterator[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
