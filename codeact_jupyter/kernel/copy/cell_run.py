"""A cell that runs in a copy: as the workspace would run it, and with its outputs and figures kept for the user."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from IPython.core import async_helpers
from IPython.core.interactiveshell import ExecutionResult

from ...outputs.bounded_buffer import Captured, Display
from ...outputs.capture import Capture
from ...outputs.screen import on_screen
from ...session.messages import Observation
from ...text import shorten_middle, visible
from ..workspace import Workspace
from .system_calls import LIBC

OUTPUT_CHARS = 4000
NATIVE_BYTES = 64_000  #: most bytes kept of what C code printed
FIGURES = 4  #: most figures that are reported
FIGURE_BYTES = 400_000  #: largest figure that is reported


@dataclass(frozen=True, slots=True)
class CellRun:
    """A cell that has run in the copy."""

    result: ExecutionResult  #: as IPython returns it
    observation: Observation  #: as the workspace makes it
    outputs: str  #: as text for the user
    figures: list[bytes]  #: small figures, as PNG
    seconds: float  #: duration of the cell


def run_cell(workspace: Workspace, source: str) -> CellRun:
    """Run a cell as the workspace runs an approved one, and also keep its outputs and figures for the user.

    Args:
        workspace: The workspace of the copy.
        source: The cell.

    Returns:
        The run.
    """
    shell, figures = workspace.shell, list[bytes]()
    workspace.begin(source)
    with Capture(shell) as capture, collecting(shell, figures):
        started = time.monotonic()
        result = execute(shell, source)
        seconds = time.monotonic() - started
        capture_native_output()
    observation = workspace.end("trial", result)
    return CellRun(result, observation, _plain(capture.captured), figures, seconds)


def error_of(result: ExecutionResult) -> BaseException | None:
    """Return the exception that ended a cell, if one did.

    Args:
        result: As IPython returns it.
    """
    return result.error_before_exec or result.error_in_exec


def execute(shell: Any, source: str) -> ExecutionResult:
    """Run a cell as this type of shell does, but in a new event loop.

    Args:
        shell: The shell of the copy.
        source: The cell.

    Returns:
        IPython's result.
    """
    async_helpers._asyncio_event_loop = None
    asyncio._set_running_loop(None)
    if not hasattr(shell, "kernel"):
        return cast(ExecutionResult, shell.run_cell(source, store_history=False))
    return asyncio.new_event_loop().run_until_complete(_execute_in_loop(shell, source))


async def _execute_in_loop(shell: Any, source: str) -> ExecutionResult:
    """Run the cell as `ipykernel` does: inside the event loop, and with `run_cell_async` if it awaits."""
    try:
        transformed = shell.transform_cell(source)
        is_async = shell.should_run_async(source, transformed_cell=transformed)
    except Exception:  # `run_cell` reports it
        is_async = False
    if not is_async:
        return cast(ExecutionResult, shell.run_cell(source, store_history=False))
    result = None
    try:
        result = await shell.run_cell_async(source, store_history=False, transformed_cell=transformed)
    finally:
        shell.events.trigger("post_execute")
        shell.events.trigger("post_run_cell", result)
    return cast(ExecutionResult, result)


def capture_native_output() -> None:
    """Write what C code has printed to `sys.stdout`, as a thread of ipykernel does."""
    LIBC.fflush(None)
    for stream in (sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(Exception):  # closed, or replaced
            if stream is not None:
                stream.flush()
    size = os.fstat(1).st_size
    text = os.pread(1, NATIVE_BYTES, max(0, size - NATIVE_BYTES)).decode("utf-8", "replace")
    if text:
        sys.stdout.write(text)


@contextlib.contextmanager
def collecting(shell: Any, figures: list[bytes]) -> Iterator[None]:
    """Append the small figures that are displayed from now on to a list.

    Args:
        shell: The shell of the copy.
        figures: The list, of PNG files.

    Yields:
        Nothing.
    """
    publish, write = shell.display_pub.publish, shell.displayhook.write_format_data

    def keep(data: Any) -> None:
        image = data.get("image/png") if isinstance(data, dict) else None
        if image and len(image) <= FIGURE_BYTES and len(figures) < FIGURES:
            with contextlib.suppress(ValueError):
                figures.append(image if isinstance(image, bytes) else base64.b64decode(image))

    def published(data: Any, *args: Any, **kwargs: Any) -> Any:
        keep(data)
        return publish(data, *args, **kwargs)

    def written(data: Any, *args: Any, **kwargs: Any) -> Any:
        keep(data)
        return write(data, *args, **kwargs)

    shell.display_pub.publish, shell.displayhook.write_format_data = published, written
    yield  # not restored: the process exits


def _plain(captured: Captured) -> str:
    """Return the outputs as text for the user."""
    parts = []
    for item in captured.items:
        notes = " ".join(item.notes) if isinstance(item, Display) else ""
        parts.append(f"{item.text} {notes}".strip() + "\n" if isinstance(item, Display) else item.text)
    return shorten_middle(visible(on_screen("".join(parts)).strip("\n")), OUTPUT_CHARS)
