"""The isolated process: it tries each case in a copy of its kernel, then runs the control.

It runs as a user without privileges, in an empty folder.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from codeact_jupyter.kernel.copy import landlock
from codeact_jupyter.kernel.gate import Gate
from codeact_jupyter.kernel.preview import Preview
from codeact_jupyter.kernel.workspace import Workspace

from . import CASES
from .case import PRELUDE, Case, Outcome

PATIENCE = 2.0  #: seconds to wait for the effect of a control
DELAY = 0.8  #: seconds to wait for a delayed effect after a trial


class Runner:
    """A shell in which cases are tried and controls are run.

    Args:
        work: Folder for the files of the cases.
    """

    def __init__(self, work: Path) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        self.shell = InteractiveShell.instance(config=config)
        self.workspace = Workspace(self.shell, Gate(self.shell))
        self.preview = Preview(self.workspace, seconds=5)
        self.work = work
        self.run(PRELUDE)
        self.preview.try_cell("pass")

    def run(self, source: str) -> None:
        """Run code; raise `RuntimeError` if it fails."""
        result = self.shell.run_cell(source, silent=True)
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            raise RuntimeError(f"{source!r} failed") from error

    def has_effect(self, case: Case) -> bool:
        """Return True if the effect has happened."""
        return bool(eval(case.check, self.shell.user_ns))

    def state(self) -> dict[str, Any]:
        """Return the state of the process that a trial must not change."""
        links = {}
        for number in Path("/proc/self/fd").iterdir():
            with contextlib.suppress(OSError):
                links[number.name] = str(number.readlink())
        status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        return {
            "descriptors": {name: link for name, link in links.items() if not link.startswith("/proc/")},
            "children": sorted(children()),
            "threads": threading.active_count(),
            "names": sorted(self.shell.user_ns),
            "folder": str(Path.cwd()),
            "environment": dict(os.environ),
            "status": {key: status[key].strip() for key in ("Umask", "SigBlk", "SigIgn", "SigCgt", "Seccomp")},
            "streams": (id(sys.stdout), id(sys.stdout.write), id(sys.stdin), id(sys.displayhook)),
            "hooks": {event: len(hooks) for event, hooks in self.shell.events.callbacks.items()},
            "transformers": len(self.shell.ast_transformers),
            "temporary": sorted(map(str, Path(os.environ["TMPDIR"]).glob("codeact-*"))),
            "garbage": gc.isenabled(),
        }

    def case(self, number: int, case: Case) -> Outcome:
        """Try the case in a copy, then run its control."""
        folder = self.work / f"{number}"
        folder.mkdir()
        os.chdir(self.work)
        os.umask(0o22)
        with victim() as process:
            self.shell.user_ns.update(work=str(folder), victim=process)
            self.run(case.setup or "pass")
            if self.has_effect(case):
                raise RuntimeError(f"{case.name}: the effect is there before the trial")
            gc.collect()  # or connections that the set-up left would be closed during the trial
            before = self.state()
            trial = self.preview.try_cell(case.cell)
            time.sleep(DELAY if case.is_delayed else 0.01)
            after = self.state()
            kept = self.has_effect(case)
            changed = [key for key in before if before[key] != after[key] and key != "threads"]
            changed += ["threads"] if after["threads"] > before["threads"] else []
            said = ", ".join(effect.text for effect in trial.wants) or trial.reason or trial.error
            self.run(case.setup if case.is_delayed else "pass")  # starts the thread that probes for the effect again
            self.control(case)
            control = self.waits_for_effect(case)
        as_expected = (trial.outcome == "wants_more") == case.is_refused
        return Outcome(case.name, trial.outcome, said, kept, control, ", ".join(changed), trial.seconds, as_expected)

    def control(self, case: Case) -> None:
        """Run the cell outside the copy. It may raise: only its effect counts."""
        if case.control == "here":
            with contextlib.redirect_stdout(io.StringIO()):
                self.shell.run_cell(case.cell, silent=True)
            return
        process = os.fork()
        if process == 0:
            self.shell.run_cell(case.cell, silent=True)
            import atexit

            atexit._run_exitfuncs()
            os._exit(0)
        _, status = os.waitpid(process, 0)
        self.shell.user_ns["ended"] = status != 0

    def waits_for_effect(self, case: Case) -> bool:
        """Return True if the effect happens within `PATIENCE`."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.has_effect(case):
                return True
            time.sleep(0.02)
        return False


@contextlib.contextmanager
def victim() -> Iterator[subprocess.Popen[bytes]]:
    """Start another process, which the cases try to affect."""
    process = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()


def children() -> list[int]:
    """Return the ids of the child processes of all threads."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # the thread has ended
            found += [int(word) for word in (task / "children").read_text().split()]
    return found


def main(work: Path, only: str, newest: int) -> None:
    """Run the cases whose names contain `only`, and print each outcome as a line of JSON.

    Args:
        work: Folder for the files of the cases.
        only: Part of the names.
        newest: Newest Landlock version to use.
    """
    version = min(newest, landlock.version())
    landlock.version = lambda: version
    runner = Runner(work)
    out = os.fdopen(os.dup(1), "w")
    output = os.open(work / "output", os.O_RDWR | os.O_CREAT)  # standard output of the shell
    os.dup2(output, 1)
    for number, case in enumerate(CASES):
        if only.lower() in case.name.lower():
            print(json.dumps(asdict(runner.case(number, case))), file=out, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
