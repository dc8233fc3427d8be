"""The child's side of a trial: it confines itself, runs the cell, reports over a pipe, and exits without returning.

A report is lines of JSON objects, merged in order. Fields written after the cell's outcome, such as the expression that
raised, may be missing.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import errno
import gc
import json
import os
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import Context
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NoReturn, cast

from IPython.core import async_helpers
from IPython.core.interactiveshell import ExecutionResult

from ...namespace.differences import describe_changes
from ...namespace.snapshot import delta
from ...outputs.bounded_buffer import Captured, Display
from ...outputs.capture import Capture
from ...session.messages import Observation
from ...text import one_line, shorten, shorten_middle, visible
from ..workspace import Workspace
from . import effects as known
from .child_shell import EffectLog, isolate_shell
from .detach import TooMuchShared, detach_descriptors, detach_memory
from .failing import error_line, find_failing
from .joins import watch_joins
from .originals import changed_values, keep
from .plots import prepare_plots
from .sandbox import FILE_BYTES, Limits, confine
from .system_calls import LIBC, check

OUTPUT_CHARS = 4000
HEADLINE_CHARS = 300
NAMES = 50
NAME_CHARS = 80
CHANGE_CHARS = 160
NATIVE_BYTES = 64_000  #: most bytes kept of what C code printed
FIGURES = 4  #: most figures that are reported
FIGURE_BYTES = 400_000  #: largest figure that is reported
_REFUSALS = (None, errno.EPERM, errno.EACCES, errno.EBADF, errno.ENOTTY, errno.EFBIG, errno.ENETUNREACH)


@dataclass(frozen=True, slots=True)
class Plan:
    """A cell to try, and the state in which to try it.

    Attributes:
        workspace: The workspace whose shell runs the cell.
        source: The cell.
        prior: Cells to run before it, read when the copy is made.
        folder: The private folder of the trial.
        limits: The resource limits.
        busy: Returns True while a cell of the user is running.
        context: The context of the cell that ran last.
        randomness: `random.getstate()` of the kernel.
    """

    workspace: Workspace
    source: str
    prior: Sequence[str]
    folder: str
    limits: Limits
    busy: Callable[[], bool]
    context: Context
    randomness: Any


def run_and_exit(plan: Plan, channel: socket.socket, report: int, parent: int) -> NoReturn:
    """Run the plan and exit.

    Args:
        plan: What to try.
        channel: Socket over which the seccomp listener is sent to the parent.
        report: Descriptor of the pipe to the parent.
        parent: Process id of the parent.
    """
    try:
        check(LIBC.prctl(1, signal.SIGKILL, 0, 0, 0))  # PR_SET_PDEATHSIG: sent when the parent's thread ends
        if os.getppid() != parent:
            os._exit(0)
        os.setsid()
        signal.set_wakeup_fd(-1)
        gc.disable()
        gc.freeze()
        plan.context.run(_try, plan, channel, report)
    except BaseException as error:  # the child must not return into the kernel's code
        with contextlib.suppress(BaseException):
            _write(report, broken=shorten(one_line(f"{type(error).__name__}: {error}"), HEADLINE_CHARS))
    finally:
        os._exit(0)


def _try(plan: Plan, channel: socket.socket, report: int) -> None:
    if plan.busy():
        _write(report, busy=True)
        return
    descriptors = detach_descriptors({channel.fileno(), report}, plan.folder)
    maps = Path("/proc/self/maps").read_text()
    try:
        detach_memory(maps)
    except TooMuchShared as error:
        _write(report, broken=str(error))
        return
    log = isolate_shell(plan.workspace.shell, plan.folder, plan.randomness, maps)
    plan.workspace.settings = replace(plan.workspace.settings, silent=True)
    confine(channel, plan.folder, descriptors, plan.limits)
    prepare_plots("\n".join([*plan.prior, plan.source]), plan.folder)
    for source in plan.prior:
        failed = _error(_run(plan.workspace, source).result) is not None
        _write(report, prior=not failed)
        if failed:
            return
    _run_and_report(plan, log, report)


def _run_and_report(plan: Plan, log: EffectLog, report: int) -> None:
    workspace = plan.workspace
    before, originals = workspace.snapshot(), keep(workspace.shell.user_ns)
    facts = watch_joins()
    run = _run(workspace, plan.source)
    change = delta(before, workspace.snapshot())
    changes = describe_changes(change)
    for name in changed_values(originals, workspace.shell.user_ns):
        if name in before.entries:
            changes.setdefault(name, f"changes values of `{name}`")
    error = _error(run.result)
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        log.add(known.Effect("file", "write", f"more than {FILE_BYTES >> 20} MB"))
    _write(
        report,
        raised=error is not None,
        refused=_refusal(error),
        foreign=isinstance(error, RuntimeError) and "different" in str(error) and "loop" in str(error),
        observation="\n".join([run.observation.text, *facts]),
        outputs=run.outputs,
        tables=[asdict(table) for table in run.observation.tables],
        seconds=run.seconds,
        error=run.observation.error,
        figures=[base64.b64encode(figure).decode() for figure in run.figures],
        added=_names(entry.name for entry in change.added),
        changed=_names(changes),
        changes=[shorten(one_line(text), CHANGE_CHARS) for text in changes.values()][:NAMES],
        removed=_names(change.removed),
        effects=[asdict(effect) for effect in log.effects],
        names=log.names,
    )
    if error is not None:
        _explain(error, plan.source, workspace, report)


def _explain(error: BaseException, source: str, workspace: Workspace, report: int) -> None:
    """Report where the cell raised. This may call the user's code, whose effects are not part of the outcome."""
    namespace = workspace.shell.user_global_ns
    with contextlib.suppress(Exception):
        _write(report, line=error_line(error, source, namespace), advice=workspace.advice(error, source))
        failing = find_failing(error, source, namespace)
        if failing is not None:
            _write(report, failing=asdict(failing))


def _write(report: int, **fields: Any) -> None:
    data = json.dumps(fields).encode() + b"\n"
    while data:
        data = data[os.write(report, data) :]


def _names(names: Iterable[str]) -> list[str]:
    return [shorten(one_line(name), NAME_CHARS) for name in names][:NAMES]


def _error(result: ExecutionResult) -> BaseException | None:
    return result.error_before_exec or result.error_in_exec


def _refusal(error: BaseException | None) -> str:
    """Return the name of the error, or of its cause, that a refused system call raises; empty if there is none."""
    while error is not None:
        if isinstance(error, sqlite3.Error):
            return type(error).__name__
        if isinstance(error, OSError) and error.errno in _REFUSALS:
            return errno.errorcode.get(error.errno or 0, "OSError")
        error = error.__cause__ or error.__context__
    return ""


# --- running -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Run:
    result: ExecutionResult
    observation: Observation
    outputs: str
    figures: list[bytes]
    seconds: float


def _run(workspace: Workspace, source: str) -> _Run:
    """Run a cell as the workspace runs an approved one, and also keep its outputs and figures for the user."""
    shell, figures = workspace.shell, list[bytes]()
    workspace.begin(source)
    with Capture(shell) as capture, _collecting(shell, figures):
        started = time.monotonic()
        result = _execute(shell, source)
        seconds = time.monotonic() - started
        _capture_native_output()
    observation = workspace.end("trial", result)
    return _Run(result, observation, _plain(capture.captured), figures, seconds)


def _execute(shell: Any, source: str) -> ExecutionResult:
    """Run the cell as this type of shell does, but in a new event loop."""
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


def _capture_native_output() -> None:
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
def _collecting(shell: Any, figures: list[bytes]) -> Iterator[None]:
    """Append the small figures that are displayed in the block to `figures`."""
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
    return shorten_middle(visible("".join(parts).strip("\n")), OUTPUT_CHARS)
