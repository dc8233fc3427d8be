"""The child's side of a trial: it confines itself, runs the cell, reports over a pipe, and exits without returning.

A report is lines of JSON objects, merged in order. Fields written after the cell's outcome, such as the expression that
raised, may be missing.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import gc
import json
import os
import signal
import socket
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextvars import Context, copy_context
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from ...namespace.differences import describe_changes
from ...namespace.snapshot import delta
from ...text import one_line, shorten
from ..workspace import Workspace
from . import effects as known
from .cell_run import error_of, run_cell
from .child_shell import EffectLog, isolate_shell
from .detach import TooMuchShared, detach_descriptors, detach_memory
from .experiment import conduct
from .failing import error_line, find_failing
from .joins import watch_joins
from .originals import changed_values, keep
from .plots import prepare_plots
from .request import Experiment
from .sandbox import FILE_BYTES, Limits, confine
from .system_calls import LIBC, check

HEADLINE_CHARS = 300
NAMES = 50
NAME_CHARS = 80
CHANGE_CHARS = 160
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
        notebook_folder: Resolved path of the folder in which written files get stand-ins; empty for none.
        experiment: What to find out by running it on other data, in place of trying it.
        busy: Returns True while a cell of the user is running.
        context: The context of the cell that ran last.
        randomness: `random.getstate()` of the kernel.
    """

    workspace: Workspace
    source: str
    prior: Sequence[str]
    folder: str
    limits: Limits
    notebook_folder: str = ""
    experiment: Experiment | None = None
    busy: Callable[[], bool] = lambda: False
    context: Context = field(default_factory=copy_context)
    randomness: Any = None


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
    _write(report, memory=plan.limits.memory)
    log = isolate_shell(plan.workspace.shell, plan.folder, plan.randomness, maps)
    plan.workspace.settings = replace(plan.workspace.settings, silent=True)
    confine(channel, plan.folder, descriptors, plan.limits)
    prepare_plots("\n".join([*plan.prior, plan.source]), plan.folder)
    for source in plan.prior:
        failed = error_of(run_cell(plan.workspace, source).result) is not None
        _write(report, prior=not failed)
        if failed:
            return
    if plan.experiment:
        conduct(plan.experiment, plan.workspace.shell, plan.source, plan.folder, partial(_write, report))
    else:
        _run_and_report(plan, log, report)


def _run_and_report(plan: Plan, log: EffectLog, report: int) -> None:
    workspace = plan.workspace
    before, originals = workspace.snapshot(), keep(workspace.names)
    workspace.known = workspace.known or before
    facts = watch_joins(plan.limits.memory, lambda facts: _write(report, facts=facts))
    run = run_cell(workspace, plan.source)
    change = delta(before, workspace.known)  # as it is after the cell
    changes = describe_changes(change)
    for name in changed_values(originals, workspace.names):
        if name in before.entries:
            changes.setdefault(name, f"changes values of `{name}`")
    error = error_of(run.result)
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
        too_large=isinstance(error, MemoryError),
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


def _refusal(error: BaseException | None) -> str:
    """Return the name of the error, or of its cause, that a refused system call raises; empty if there is none."""
    while error is not None:
        if isinstance(error, sqlite3.Error):
            return type(error).__name__
        if isinstance(error, OSError) and error.errno in _REFUSALS:
            return errno.errorcode.get(error.errno or 0, "OSError")
        error = error.__cause__ or error.__context__
    return ""
