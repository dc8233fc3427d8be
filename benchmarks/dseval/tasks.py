"""Turn problems into tasks of an evaluation, and find out which of them can be run here.

A task is right if the validators say `yes` or `partial`, and in form if they say `yes`: DSEval's "correct" is both.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from IPython.core.getipython import get_ipython

from codeact_jupyter.evaluation.other_agent import time_limit
from codeact_jupyter.evaluation.task import Namespace, Task

from .environment import NoResult, Outcome, Snapshot, copies, own_names, run_reference, take_snapshot
from .problems import Cell, ProblemSet, read_benchmark
from .validators import Verdict, judge, validators

SECONDS = 20.0  #: that the validators of a problem may take


def make_tasks(folder: Path, benchmarks: Sequence[str], left_out: Mapping[str, str]) -> list[Task]:
    """Make the tasks of all problems that can be run.

    Args:
        folder: A checkout of DSEval.
        benchmarks: Names of benchmarks, such as `exercise`.
        left_out: Names of problems that cannot be run.

    Returns:
        The tasks. The domain of each is its problem set.
    """
    sets = [each for name in benchmarks for each in read_benchmark(folder, name)]
    return [_make_task(each, cell) for each in sets for cell in each.problems if name_of(each, cell) not in left_out]


def name_of(problems: ProblemSet, cell: Cell) -> str:
    """Return the name of a problem: that of its set, and its number.

    Args:
        problems: The set.
        cell: The problem.
    """
    return f"{problems.name}/{cell.number}"


def survey(problems: ProblemSet) -> dict[str, str]:
    """Find out which problems cannot be run here, by running the reference solutions as if they were answers.

    Args:
        problems: The set.

    Returns:
        The reason by the name of the problem: data that is absent, a reference that fails or does not pass, or one of
        these before it in the set.
    """
    found: dict[str, str] = {}
    broken = ""
    namespace: Namespace = {}
    with _folder_with(problems.inputs):
        for cell in problems.cells:
            reason = f"follows a cell that cannot be run ({broken})" if broken else ""
            if not broken:
                reason, fatal = _try(cell, namespace)
                broken = reason if fatal else ""
            if reason and cell.question:
                found[name_of(problems, cell)] = reason
    return found


def _try(cell: Cell, namespace: Namespace) -> tuple[str, bool]:
    """Run a cell of the reference; return why it cannot be used, and True if those after it cannot either."""
    again = copies(own_names(namespace))
    try:
        expected = run_reference(cell.code, namespace)
    except NoResult as error:
        return f"the result of its reference raises {' '.join(str(error).split())[:100]}", False
    except FileNotFoundError as error:
        return f"its data is absent: {error.filename or error}", True
    except Exception as error:
        return f"its reference raises {type(error).__name__}: {' '.join(str(error).split())[:100]}", True
    if not cell.question:
        return "", False
    try:
        verdict = judge(validators(cell.validator), expected, run_reference(cell.code, again))
    except Exception as error:
        return f"its validators cannot be run: {' '.join(str(error).split())[:100]}", False
    return "" if verdict.correct == "yes" else f"its reference does not pass: {verdict.reason}", False


@contextlib.contextmanager
def _folder_with(inputs: Path | None) -> Iterator[None]:
    """Work in a new folder with a copy of the inputs."""
    home = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="dseval-", ignore_cleanup_errors=True) as folder:
        os.chdir(folder)
        try:
            _bring(inputs)
            yield
        finally:
            os.chdir(home)


def _bring(inputs: Path | None) -> None:
    if inputs is not None and not Path("inputs").exists():
        shutil.copytree(inputs, "inputs")


class _Attempt:
    """What is known of a problem from the time that its namespace is made until its answer is judged."""

    def __init__(self, problems: ProblemSet, cell: Cell) -> None:
        self._problems = problems
        self._cell = cell
        self._before: Snapshot
        self._expected: Outcome
        self._verdict: Verdict | None = None

    def begin(self) -> Namespace:
        """Make the namespace in the working directory, where `inputs` appears."""
        _bring(self._problems.inputs)
        reference: Namespace = {}
        for cell in self._problems.cells[: self._problems.cells.index(self._cell)]:
            with contextlib.suppress(NoResult):
                run_reference(cell.code, reference)
            reference.pop("__builtins__", None)
        forbidden = self._cell.forbidden
        given = {name: value for name, value in copies(own_names(reference)).items() if name not in forbidden}
        self._before, self._verdict = take_snapshot(given), None
        self._expected = run_reference(self._cell.code, reference)
        return given

    def check(self, answer: str, namespace: Mapping[str, Any]) -> bool | str:
        """Judge, as a checker does."""
        try:
            with time_limit(SECONDS):
                found = _outcome(answer, namespace, self._before)
                self._verdict = judge(validators(self._cell.validator), self._expected, found)
        except KeyboardInterrupt:
            self._verdict = Verdict("no", f"The validators took more than {SECONDS:.0f} s.")
        return self._verdict.correct != "no" or self._verdict.reason

    def form(self, answer: str, namespace: Mapping[str, Any]) -> bool | str:
        """Return True if the result is as it was asked for; `check` was called before."""
        assert self._verdict is not None
        return self._verdict.correct == "yes" or self._verdict.reason


def _outcome(answer: str, namespace: Mapping[str, Any], before: Snapshot) -> Outcome:
    """Return what the agent did in the shell of this attempt: its result is the value that was displayed last."""
    last = getattr(get_ipython(), "last_execution_result", None)
    value = last.result if last is not None else None
    displayed = namespace.get("_", "")
    if value is None and not (isinstance(displayed, str) and displayed == ""):
        value = displayed
    raised = (last.error_before_exec or last.error_in_exec) if last is not None else None
    return Outcome(
        value,
        own_names(namespace),
        before.changes(namespace),
        error=f"{type(raised).__name__}: {raised}" if raised else "",
        source=last.info.raw_cell if last is not None and last.info else "",
        said=answer,
    )


def _make_task(problems: ProblemSet, cell: Cell) -> Task:
    attempt = _Attempt(problems, cell)
    return Task(
        name=name_of(problems, cell),
        domain=problems.name,
        prompt=cell.question,
        namespace=attempt.begin,
        check=attempt.check,
        form=attempt.form,
        reference=cell.code,
        split="test",
    )
