"""Taps everything a running cell puts out, in order, while the user sees it exactly as before.

The stream objects themselves are tapped (their `write`), not `sys.stdout`: so a logger that holds an old stream, and
the thread by which ipykernel reads the file descriptors, are heard too. Displays are tapped at the publisher's
`publish`, not by its hooks, because hooks hear one thread only. Results are tapped where the display hook has them
formatted. A plain shell *prints* displays, results and tracebacks, and what it prints for itself is not kept twice.

Where a kernel would show an output under another cell (of a subshell, or a thread of an earlier cell: the parent
header tells), it is ignored. Elsewhere threads are not told apart. Not heard: what a subprocess writes to the file
descriptors outside a kernel, and what a forked child prints.

Memory stays bounded: of each stream the beginning and the end are kept, and the rest is counted.
"""

from __future__ import annotations

import select
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from .bounded_buffer import Captured, Display, Recording, Result, reduce_bundle

_ABSENT = object()


class Capture:
    """Captures the outputs of `shell` from `start` to `stop`; as a context manager, over its block.

    With `silent` the user does not see them. Figures of the inline backend come at `post_execute`: to have them, stop
    at `post_run_cell` or after `run_cell`.
    """

    def __init__(self, shell: InteractiveShell, *, silent: bool = False) -> None:
        self._shell = shell
        self._silent = silent
        self._taps = ExitStack()
        self._recording = Recording()
        self._active = False
        self._own_output: list[int] = []  #: the threads in which the shell prints what is already kept
        self._streams: list[Any] = []

    def __enter__(self) -> Capture:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def captured(self) -> Captured:
        """What has been put out so far."""
        return self._recording.captured()

    def start(self) -> None:
        """Begins to tap. When that fails, everything is put back."""
        shell: Any = self._shell
        shells = [shell, *([InteractiveShell.instance()] if InteractiveShell.initialized() else [])]
        try:
            self._streams = [sys.stdout] if sys.stdout is sys.stderr else [sys.stdout, sys.stderr]
            for name, stream in zip(("stdout", "stderr"), self._streams, strict=False):
                self._tap_stream(name, stream)
            for publisher in {id(each.display_pub): each.display_pub for each in shells}.values():
                self._tap_publisher(publisher)  # `display()` in a private shell goes to the process's own publisher
            self._tap_results(shell.displayhook)
            for name in ("showtraceback", "showsyntaxerror", "_showtraceback", "show_usage_error"):
                self._wrap(shell, name, self._show_error)
            self._active = True
        except BaseException:
            self._taps.close()
            raise

    def stop(self) -> Captured:
        """Puts everything back and returns what was put out. A second call returns the same."""
        if self._active:
            for stream in self._streams:
                _await_file_descriptor(stream)
            self._active = False
            self._taps.close()
        return self._recording.captured()

    # --- the taps ------------------------------------------------------------------------------------------------

    def _tap_stream(self, name: str, stream: Any) -> None:
        cell, own, keep, silent = _cell_of(stream), self._own_output, self._recording.write, self._silent

        def write(original: Callable[..., Any], text: str) -> Any:  # called for every write: short on purpose
            heard = self._active and (cell is None or _cell_of(stream) == cell)
            if not (heard and isinstance(text, str)):
                return original(text)
            if threading.get_ident() not in own:
                keep(name, str.__str__(text))
            return len(text) if silent else original(text)

        self._wrap(stream, "write", write)

    def _tap_publisher(self, publisher: Any) -> None:
        cell = _cell_of(publisher)

        def publish(original: Callable[..., Any], data: Any, *args: Any, **kwargs: Any) -> Any:
            if not self._is_heard(publisher, cell):
                return original(data, *args, **kwargs)
            if isinstance(data, dict):
                shown_as = (kwargs.get("transient") or {}).get("display_id")
                self._recording.display(Display(*reduce_bundle(data)), shown_as, update=bool(kwargs.get("update")))
            return None if self._silent else self._unheard(original, data, *args, **kwargs)

        def clear_output(original: Callable[..., Any], wait: bool = False) -> Any:
            if self._is_heard(publisher, cell):
                self._recording.clear(wait=wait)
                return None if self._silent else self._unheard(original, wait)
            return original(wait)

        self._wrap(publisher, "publish", publish)
        self._wrap(publisher, "clear_output", clear_output)

    def _tap_results(self, displayhook: Any) -> None:
        def write_format_data(original: Callable[..., Any], data: Any, *args: Any, **kwargs: Any) -> Any:
            if not self._active:
                return original(data, *args, **kwargs)
            self._recording.display(Result(*reduce_bundle(data)))
            return None if self._silent else self._unheard(original, data, *args, **kwargs)

        self._wrap(displayhook, "write_format_data", write_format_data)
        for name in ("write_output_prompt", "finish_displayhook"):
            self._wrap(displayhook, name, self._unheard)

    def _show_error(self, original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return None if self._active and self._silent else self._unheard(original, *args, **kwargs)

    def _unheard(self, original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Calls `original`, and keeps nothing of what it prints."""
        self._own_output.append(threading.get_ident())
        try:
            return original(*args, **kwargs)
        finally:
            self._own_output.remove(threading.get_ident())

    def _is_heard(self, source: Any, cell: object) -> bool:
        return self._active and _cell_of(source) == cell

    def _wrap(self, owner: Any, name: str, wrapper: Callable[..., Any]) -> None:
        """Puts `wrapper(original, …)` before a method of this one object, until `stop`."""
        before, original = vars(owner).get(name, _ABSENT), getattr(owner, name)

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            return wrapper(original, *args, **kwargs)

        def restore() -> None:
            if vars(owner).get(name) is not wrapped:  # somebody has wrapped it since: ours lets everything through
                return
            if before is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, before)

        setattr(owner, name, wrapped)
        self._taps.callback(restore)


def _cell_of(source: Any) -> object:
    """The request under which the kernel would show an output of `source` at this moment; None outside kernels."""
    header = getattr(source, "parent_header", None)
    return header.get("msg_id") if isinstance(header, dict) else None


def _await_file_descriptor(stream: Any, seconds: float = 0.2) -> None:
    """Lets ipykernel's thread pass on what C code or a subprocess has written to the file descriptor."""
    pipe, deadline = getattr(stream, "_fid", None), time.monotonic() + seconds
    if not isinstance(pipe, int):
        return
    while time.monotonic() < deadline:
        waiting = select.select([pipe], [], [], 0)[0]
        time.sleep(0.002)  # also lets the thread write what it has read already
        if not waiting:
            return
