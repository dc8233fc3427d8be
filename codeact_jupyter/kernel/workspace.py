"""The live kernel as the agent uses it: describe the namespace, run approved code, and observe the result.

`Workspace` works with any IPython shell: the kernel's, a terminal's, or the private one of `solve`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

from ..checks import explain_error
from ..files.directory import list_files
from ..files.named import read_named_files, render_files
from ..namespace.bindings import incidental_names
from ..namespace.literals import names_in
from ..namespace.snapshot import Snapshot, delta, render_changes, render_context, snapshot, users_objects
from ..namespace.static_lookup import texts_and_paths
from ..outputs.bounded_buffer import Captured
from ..outputs.capture import Capture
from ..outputs.observation import headline, render_observation
from ..outputs.shown_value import held, printed, shown_value
from ..outputs.tables import located, shown_table
from ..session.messages import Observation
from ..session.tables import Table
from ..text import one_line, shorten
from .awaiting import OwnLoop
from .gaps import explained
from .gate import Gate
from .guest import Guest
from .reading import misread
from .related import Joins
from .results import files_here, small_values
from .undo import Undo

ERROR_CHARS = 300  #: longest one-line error of an observation
FILES = 20  #: most files of the working directory that are listed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WorkspaceSettings:
    """Options of a workspace."""

    context_tokens: int = 900  #: budget of the namespace listing
    observation_chars: int = 4000  #: budget of one observation
    files: bool = True  #: list the files of the working directory
    named_files: bool = True  #: describe those that a question names, and those that a cell reads wrongly
    silent: bool = False  #: do not show the outputs of cells to the user
    hints: bool = True  #: explain errors to the model


@dataclass(frozen=True, slots=True)
class _Run:
    """A cell that is running."""

    source: str
    capture: Capture
    known: Snapshot  # as last described to the model, before what the user's own cells changed
    started: float  # time.monotonic()


class Workspace:
    """The user's namespace and working directory, in which approved cells run.

    Args:
        shell: The shell that runs the cells.
        gate: The gate of that shell.
        settings: The options.
        guest: The steps, if they are guests in the process of a program.
    """

    def __init__(
        self,
        shell: InteractiveShell,
        gate: Gate,
        settings: WorkspaceSettings | None = None,
        guest: Guest | None = None,
    ) -> None:
        self.shell = shell
        self.gate = gate
        self._guest = guest
        self._loop = OwnLoop()
        self.settings = settings or WorkspaceSettings()  #: may be replaced between cells
        self.undo: Undo | None = None  #: keeps what steps change
        self.known: Snapshot | None = None  #: the namespace as last described, or after the last cell
        self._question = ""
        self._joins = Joins()
        self._run: _Run | None = None
        self._value: Callable[[], Any] = lambda: None

    def describe(self, question: str = "", *, afresh: bool = False) -> str:
        """Describe the namespace and the files for the model: in full at first, later only the changes.

        Args:
            question: The files that it names are read and described.
            afresh: True to describe everything again.

        Returns:
            The text; empty if nothing changed.
        """
        now = self.snapshot()
        self._question = question or self._question
        is_asked = self.settings.named_files and (question or afresh)
        named = read_named_files(self._question, Path(), texts_and_paths(self.names)) if is_asked else {}
        if self.known is None or afresh:
            files = list_files(Path(), FILES) if self.settings.files else ()
            related = self._joins.new(now, self.names, named, afresh=True)
            text = render_context(now, files=files, joins=related, budget=self.settings.context_tokens)
        else:
            related = self._joins.new(now, self.names, named)
            text = render_changes(self.known, now, joins=related, budget=self.settings.context_tokens)
        self.known = now
        told = f"Files of the task:\n{render_files(named)}" if named else ""
        return "\n".join(filter(None, (text, told)))

    def forget(self) -> None:
        """Make the next `describe` describe everything again, and forget the last value and what steps changed."""
        self.known = None
        self.forget_value()
        if self.undo:
            self.undo.forget()

    @property
    def value(self) -> Any:
        """The object that a step without an error showed last; `None` without one."""
        return self._value()

    def forget_value(self) -> None:
        """Forget the last value: a new question begins."""
        self._value = lambda: None

    def begin(self, source: str) -> None:
        """Start capturing the outputs of an approved cell that is about to run.

        Args:
            source: The cell.
        """
        owner = {"owns": self._guest.owns} if self._guest else {}
        capture = Capture(self.shell, silent=self.settings.silent, tables=True, source=source, **owner)
        self._run = _Run(source, capture, self.known or self.snapshot(), time.monotonic())
        self.gate.watch(source)
        if self.undo:
            self.undo.begin(source, users_objects(self.shell.user_ns, self.shell.user_ns_hidden))
        capture.start()

    def end(self, proposal_id: str, result: ExecutionResult) -> Observation:
        """Stop capturing and return the observation of the cell that has run.

        Args:
            proposal_id: Id of the proposal that the cell came from.
            result: IPython's result of the cell.

        Returns:
            The observation for the model.

        Raises:
            RuntimeError: `begin` was not called.
        """
        if self._run is None:
            raise RuntimeError("end() without begin()")
        run, self._run = self._run, None
        seconds = time.monotonic() - run.started
        captured = self._stop_capture(run)
        self.known = now = self.snapshot()
        change = delta(run.known, now)
        error = result.error_before_exec or result.error_in_exec
        shown = change if error else change.without(incidental_names(run.source))
        fresh = [entry.name for entry in (*shown.added, *(after for _, after in shown.rebound))]
        render = partial(
            render_observation,
            captured,
            error,
            shown,
            seconds,
            source=run.source,
            budget_chars=self.settings.observation_chars,
            assigned="" if error else small_values(run.source, fresh, self.names),
        )
        advice = self.advice(error, run.source, fresh)
        text = render(advice=advice)
        if not error and self.settings.hints and (hint := explained(run.source, text, self.names)):
            advice = f"{advice} {hint}".strip()
            text = render(advice=advice)
        tables = self._tables(captured, fresh, text)
        if hidden := " ".join(dict.fromkeys(table.note for table in tables if table.note)):
            text = render(advice=f"{advice} {hidden}".strip())
            tables = self._tables(captured, fresh, text)
        if error is None:
            self._keep_value(shown_value(run.source, result.result, captured, self.names), captured)
        summary = shorten(one_line(headline(error).partition("\n")[0]), ERROR_CHARS) if error is not None else ""
        if isinstance(error, FileNotFoundError):
            summary = f"{summary} {files_here()}".rstrip()
        return Observation(proposal_id, text, error is None, round(seconds, 3), summary, tables)

    def _tables(self, captured: Captured, fresh: Iterable[str], text: str) -> tuple[Table, ...]:
        """Return the tables in an observation: those that were put out, or else those that the cell assigned."""
        live = self.names
        assigned = [] if captured.items else [shown_table(live.get(n), partial(str, live.get(n)), live) for n in fresh]
        return tuple(Table(*found) for found in located(captured.tables or filter(None, assigned), text))

    def _keep_value(self, value: Any, captured: Captured) -> None:
        """Keep what a step showed; a step that showed nothing leaves the value of the one before."""
        if value is not None or printed(captured):
            self._value = held(value)

    def run(self, proposal_id: str, source: str) -> tuple[Observation, bool]:
        """Run an approved cell through the gate.

        Args:
            proposal_id: Id of the proposal that the cell came from.
            source: The cell.

        Returns:
            The observation, and True if the cell was interrupted.
        """
        return self.in_turn(partial(self._run_cell, proposal_id, source))

    def in_turn(self, work: Callable[[], T], patience: float | None = None) -> T:
        """Call `work` as a step; see `Guest.run`. In a kernel, that is to just call it.

        Args:
            work: What to call.
            patience: Most seconds to wait for the steps of other runs; None for no limit.

        Returns:
            Its result.
        """
        return self._guest.run(work, patience) if self._guest else work()

    def close(self) -> None:
        """End the tasks that steps have left behind."""
        if self._loop.is_used:
            self.in_turn(self._loop.close)

    def _run_cell(self, proposal_id: str, source: str) -> tuple[Observation, bool]:
        self.begin(source)
        try:
            with self.gate.admit(source), self._loop.used_by(self.shell):
                result = self.shell.run_cell(source, store_history=False)
            interrupted = isinstance(result.error_in_exec, KeyboardInterrupt)
            return self.end(proposal_id, result), interrupted
        finally:
            self.cancel_capture()

    @property
    def running(self) -> bool:
        """True from `begin` to `end`."""
        return self._run is not None

    def cancel_capture(self) -> None:
        """Stop capturing, if `begin` was called and `end` was not."""
        if self._run is not None:
            run, self._run = self._run, None
            self._stop_capture(run)

    def _stop_capture(self, run: _Run) -> Captured:
        """Stop capturing, and print what the gate has found: the model does not read it."""
        captured, note = run.capture.stop(), self.gate.unwatch()
        if self.undo:
            self.undo.end(users_objects(self.shell.user_ns, self.shell.user_ns_hidden))
        if note and not self.settings.silent:
            print(f"[note] {note}")
        return captured

    def advice(self, error: BaseException | None, source: str, fresh: Iterable[str] = ()) -> str:
        """Explain to the model an error of a cell, and files that the cell read wrongly.

        Args:
            error: The exception, if there is one.
            source: The cell.
            fresh: Names that the cell bound.

        Returns:
            A sentence or two; empty if there is nothing to explain, or if `hints` is off.
        """
        if not self.settings.hints:
            return ""
        explained = explain_error(error, source, self.names) if error else ""
        here = files_here() if isinstance(error, FileNotFoundError) else ""
        reading = misread(source, error, fresh, self.names) if self.settings.named_files else ""
        return "\n".join(filter(None, (f"{explained} {here}".strip(), reading)))

    @property
    def names(self) -> dict[str, Any]:
        """The objects by name: a copy of the namespace, without keys that are no plain strings."""
        return names_in(self.shell.user_ns)

    def snapshot(self) -> Snapshot:
        """Return the present state of the namespace."""
        return snapshot(self.shell.user_ns, hidden=self.shell.user_ns_hidden)
