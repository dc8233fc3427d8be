"""Capture all output of a running cell in order, without changing what the user sees.

The methods of the objects that receive output are wrapped while the cell runs:

- `write` of the stream objects, not `sys.stdout` itself: a logger that holds an old stream, and the thread by which
  ipykernel reads the file descriptors, are then captured too;
- `publish` of the display publisher, not its hooks, because hooks are per thread;
- `write_format_data` of the display hook, which receives a result once it is formatted;
- `to_string` of pandas, `print`, and `format` of the display formatter, which see the objects themselves.

A plain shell *prints* displays, results and tracebacks; what it prints for that is not captured a second time.

An output that a kernel would show below another cell is ignored: by its parent header, it comes from a subshell, or
from a thread of an earlier cell; in `solve`, if it comes from a thread that is not the step's. Not captured: what a
subprocess writes to the file descriptors outside a kernel, and what a forked child prints.
"""

from __future__ import annotations

import builtins
import functools
import select
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from types import TracebackType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from ..namespace.literals import is_one_of
from .bounded_buffer import Captured, Display, OutputBuffer, Result
from .figures import figure_text
from .rich import summarize_bundle
from .slices import takes_slices
from .tables import ShownTable, shown_table
from .widgets import widget_text

TABLES = 20  #: most tables of a cell that are read
WIDGETS = 20  #: most widgets of a cell that are described as they are in the end
FLUSH_SECONDS = 0.2  #: maximum wait for output that is still in a file descriptor's pipe

_ABSENT = object()
_PANDAS = ("DataFrame", "Series")
_TEXTS = (str, int, float, bool)


class Capture:
    """Captures a shell's outputs from `start` to `stop`; as a context manager, during its block.

    Figures of the inline backend are published at `post_execute`: to capture them, stop at `post_run_cell` or after
    `run_cell`.

    Args:
        shell: the shell that runs the cell.
        silent: do not show the outputs to the user.
        tables: tell what the characters of tables are, which takes some time.
        source: the cell, if it is known: what it shows may be slices.
        owns: returns True in a thread whose outputs are the cell's.
    """

    _is_reading = False

    def __init__(
        self,
        shell: InteractiveShell,
        *,
        silent: bool = False,
        tables: bool = True,
        source: str = "",
        owns: Callable[[], bool] = lambda: True,
    ) -> None:
        self._shell = shell
        self._owns = owns
        self._sliced = takes_slices(source)
        self._silent = silent
        self._wrappers = ExitStack()
        self._buffer = OutputBuffer()
        self._active = False
        self._printing: list[int] = []  # threads in which the shell prints what is already captured
        self._streams: list[Any] = []
        self._tables: list[ShownTable] = []
        self._most_tables = TABLES if tables else 0
        self._formatted: tuple[Any, Any] = (None, None)  # the last object that was formatted, behind its MIME bundle
        self._widgets: list[tuple[Any, str, Display, str]] = []  # each with its text, its display and the display's id

    def __enter__(self) -> Capture:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def captured(self) -> Captured:
        """Outputs so far."""
        return replace(self._buffer.captured(), tables=tuple(self._tables))

    def start(self) -> None:
        """Start capturing. If that fails, everything is restored."""
        shell: Any = self._shell
        shells = [shell, *([InteractiveShell.instance()] if InteractiveShell.initialized() else [])]
        try:
            self._streams = [sys.stdout] if sys.stdout is sys.stderr else [sys.stdout, sys.stderr]
            for name, stream in zip(("stdout", "stderr"), self._streams, strict=False):
                self._wrap_stream(name, stream)
            for publisher in {id(each.display_pub): each.display_pub for each in shells}.values():
                self._wrap_publisher(publisher)  # `display()` in a private shell goes to the process's own publisher
            self._wrap_results(shell.displayhook)
            self._wrap_objects({id(each.display_formatter): each.display_formatter for each in shells}.values())
            for name in ("showtraceback", "showsyntaxerror", "_showtraceback", "show_usage_error"):
                self._wrap(shell, name, self._show_error)
            self._active = True
        except BaseException:
            self._wrappers.close()
            raise

    def stop(self) -> Captured:
        """Restore everything. A second call has no further effect.

        Returns:
            The outputs since `start`.
        """
        if self._active:
            for stream in self._streams:
                _await_file_descriptor(stream)
            self._update_widgets()
            self._active, self._formatted = False, (None, None)
            self._wrappers.close()
        return self.captured

    # --- the wrappers --------------------------------------------------------------------------------------------

    def _wrap_stream(self, name: str, stream: Any) -> None:
        cell, printing, keep, silent = _cell_of(stream), self._printing, self._buffer.write, self._silent
        owns = self._owns

        def write(original: Callable[..., Any], text: str) -> Any:  # called for every write: short on purpose
            captures = self._active and (cell is None or _cell_of(stream) == cell) and owns()
            if not (captures and isinstance(text, str)):
                return original(text)
            if threading.get_ident() not in printing:
                keep(name, str.__str__(text))
            return len(text) if silent else original(text)

        self._wrap(stream, "write", write)

    def _wrap_publisher(self, publisher: Any) -> None:
        cell = _cell_of(publisher)

        def publish(original: Callable[..., Any], data: Any, *args: Any, **kwargs: Any) -> Any:
            if not self._captures(publisher, cell):
                return original(data, *args, **kwargs)
            if isinstance(data, dict):
                display_id = (kwargs.get("transient") or {}).get("display_id")
                self._keep(Display, data, display_id, update=bool(kwargs.get("update")))
            return None if self._silent else self._uncaptured(original, data, *args, **kwargs)

        def clear_output(original: Callable[..., Any], wait: bool = False) -> Any:
            if self._captures(publisher, cell):
                self._buffer.clear(wait=wait)
                return None if self._silent else self._uncaptured(original, wait)
            return original(wait)

        self._wrap(publisher, "publish", publish)
        self._wrap(publisher, "clear_output", clear_output)

    def _wrap_results(self, displayhook: Any) -> None:
        def write_format_data(original: Callable[..., Any], data: Any, *args: Any, **kwargs: Any) -> Any:
            if not (self._active and self._owns()):
                return original(data, *args, **kwargs)
            self._keep(Result, data)
            return None if self._silent else self._uncaptured(original, data, *args, **kwargs)

        self._wrap(displayhook, "write_format_data", write_format_data)
        for name in ("write_output_prompt", "finish_displayhook"):
            self._wrap(displayhook, name, self._uncaptured)

    def _wrap_objects(self, formatters: Iterable[Any]) -> None:
        classes = [vars(sys.modules["pandas"])[name] for name in _PANDAS] if "pandas" in sys.modules else []

        def show(original: Callable[..., Any], *values: Any, **options: Any) -> Any:
            for value in values:
                if not is_one_of(type(value), (*classes, *_TEXTS)):
                    self._note(value, functools.partial(str, value))
            return original(*values, **options)

        def format_object(original: Callable[..., Any], obj: Any, *args: Any, **kwargs: Any) -> Any:
            bundle = original(obj, *args, **kwargs)
            if self._active:
                self._formatted = (bundle[0], obj)
            if not is_one_of(type(obj), (*classes, *_TEXTS)):
                self._note(obj, lambda: bundle[0]["text/plain"])
            return bundle

        def to_string(original: Callable[..., Any], table: Any, *args: Any, **options: Any) -> Any:
            text = original(table, *args, **options)
            if (
                type(text) is str
                and not args
                and not any(isinstance(each, dict) or callable(each) for each in options.values())
            ):
                self._note(table, lambda: text, options)
            return text

        for cls in classes:  # called by `repr` too
            self._wrap(cls, "to_string", to_string)
        self._wrap(builtins, "print", show)
        for formatter in formatters:
            self._wrap(formatter, "format", format_object)

    def _keep(self, kind: type[Display], data: Any, display_id: str | None = None, *, update: bool = False) -> None:
        """Keep a display. Of a figure, the live object tells more than its picture; a widget may change later."""
        obj = self._formatted[1] if self._formatted[0] is data else None
        item = kind(*summarize_bundle(data, figure_text(obj)))
        if len(self._widgets) < WIDGETS and (text := widget_text(obj)):
            display_id = display_id or f"widget {len(self._widgets)}"
            self._widgets.append((obj, text, item, display_id))
        self._buffer.display(item, display_id, update=update)

    def _update_widgets(self) -> None:
        """Describe the widgets that have changed since they were displayed, such as progress bars."""
        for widget, before, item, display_id in self._widgets:
            if (text := widget_text(widget)) != before:
                self._buffer.display(replace(item, text=text), display_id, update=True)
        self._widgets.clear()

    def _note(self, obj: object, render: Callable[[], str], options: Mapping[str, Any] | None = None) -> None:
        """Keep how a table is shown."""
        if self._active and self._owns() and not Capture._is_reading and len(self._tables) < self._most_tables:
            Capture._is_reading = True  # it is rendered for that
            try:
                table = shown_table(obj, render, self._shell.user_ns, sliced=self._sliced, options=options)
                self._tables += [table] if table else []
            finally:
                Capture._is_reading = False

    def _show_error(self, original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return None if self._active and self._silent else self._uncaptured(original, *args, **kwargs)

    def _uncaptured(self, original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call `original` without capturing what it prints."""
        self._printing.append(threading.get_ident())
        try:
            return original(*args, **kwargs)
        finally:
            self._printing.remove(threading.get_ident())

    def _captures(self, source: Any, cell: object) -> bool:
        return self._active and _cell_of(source) == cell and self._owns()

    def _wrap(self, owner: Any, name: str, wrapper: Callable[..., Any]) -> None:
        """Replace a method of this one object by `wrapper(original, …)`, until `stop`."""
        before, original = vars(owner).get(name, _ABSENT), getattr(owner, name)

        @functools.wraps(original)  # with its name, by which a process pool finds it
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            return wrapper(original, *args, **kwargs)

        def restore() -> None:
            if vars(owner).get(name) is not wrapped:  # other code has wrapped it since: ours then passes all calls on
                return
            if before is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, before)

        setattr(owner, name, wrapped)
        self._wrappers.callback(restore)


def _cell_of(source: Any) -> object:
    """Return the id of the request below which the kernel shows an output of `source` now; None outside kernels."""
    header = getattr(source, "parent_header", None)
    return header.get("msg_id") if isinstance(header, dict) else None


def _await_file_descriptor(stream: Any) -> None:
    """Let ipykernel's thread pass on what C code or a subprocess has written to the file descriptor."""
    pipe, deadline = getattr(stream, "_fid", None), time.monotonic() + FLUSH_SECONDS
    if not isinstance(pipe, int):
        return
    while time.monotonic() < deadline:
        waiting = select.select([pipe], [], [], 0)[0]
        time.sleep(0.002)  # also lets the thread write what it has read already
        if not waiting:
            return
