"""Of the answers of a recorded evaluation, which does the experiment flag, and which are right after being told?

    jupyter codeact eval data --split dev --arm full no-rests --out flagged   # with the default model, some hours
    python benchmarks/evidence_flagged.py flagged                             # minutes, without a model
    python benchmarks/evidence_flagged.py --references                        # the reference solutions of all suites

The steps of each attempt are run again in a shell with the task's data, with the experiment before each. An answer is
*flagged* if its steps rest on none of the data, or not on something that the question names for certain (a column may
be named to be left out, so that right answers may be among these). In the arm `no-rests` the model was told nothing of
that. Of the wrong answers that are flagged there, *right in full* counts the attempts of the arm `full`, with the same
task and seed, that are right: there the model was told. Reference solutions are right, so none that rests on data is to
be flagged; those of the test splits are counted and not shown.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import io
import os
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from codeact_jupyter.agent.rests import unused_names
from codeact_jupyter.agent.trying import tried_of
from codeact_jupyter.evaluation.attempt import question_of
from codeact_jupyter.evaluation.records import Folder, Step
from codeact_jupyter.evaluation.suites import SUITES, load_suite
from codeact_jupyter.evaluation.task import Task
from codeact_jupyter.kernel.gate import Gate
from codeact_jupyter.kernel.preview import Preview
from codeact_jupyter.kernel.workspace import Workspace
from codeact_jupyter.session.basis import Basis, basis_of
from codeact_jupyter.session.evidence import Evidence
from codeact_jupyter.session.messages import Approval, Event, Observation, Prompt, Proposal

FULL, UNTOLD = "full", "no-rests"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="of the run: it has records.jsonl")
    parser.add_argument("--references", action="store_true")
    parser.add_argument("--suite", default="data")
    parser.add_argument("--seconds", type=float, default=0.4, help="time limit of an experiment")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    os.environ["MPLBACKEND"] = "Agg"
    replay = Replay(options.seconds)
    if options.references or options.folder is None:
        print_references(replay)
        return 0
    return print_answers(replay, options.folder, {task.name: task for task in tasks_of(options.suite)})


def tasks_of(suite: str, split: str = "dev") -> list[Task]:
    return [task for task in load_suite(suite).tasks if task.split == split]


def print_references(replay: Replay) -> None:
    """Print how many reference solutions are flagged, and which of the dev splits."""
    for split in ("dev", "test"):
        tasks = [task for suite in SUITES for task in tasks_of(suite, split)]
        found = [(task, *replay.basis([Step("", task.reference, "")], "", task)) for task in tasks]
        tried = [(task, basis, flags) for task, basis, flags in found if basis.tried or basis.independent]
        flagged = [(task, flags) for task, _, flags in tried if flags]
        independent = sum(basis.independent and reads_data(task) for task, basis, _ in tried)
        counts = f"tried: {len(tried)}; flagged: {len(flagged)}"
        print(f"reference solutions of the {split} splits: {len(found)}; {counts}")
        print(f"  called independent of all data, though they read some: {independent}")
        print(f"  seconds of the experiments, a question: {replay.seconds_text()}")
        for task, flags in flagged if split == "dev" else ():
            print(f"  {task.name}: {flags}\n    {task.prompt!r}\n    {task.reference!r}")


def reads_data(task: Task) -> bool:
    names = {node.id for node in ast.walk(ast.parse(task.reference)) if isinstance(node, ast.Name)}
    return not names.isdisjoint(task.namespace())


def print_answers(replay: Replay, folder: Path, tasks: Mapping[str, Task]) -> int:
    """Print which answers of a run are flagged; return the exit code."""
    records = {record.key: record for record in Folder(folder).records()}
    answered = [each for each in records.values() if each.arm == UNTOLD and each.answer and each.task in tasks]
    if not answered:
        print(f"{folder} has no answers of the arm {UNTOLD} to tasks of the dev split.", file=sys.stderr)
        return 1
    found = [(record, *replay.basis(record.steps, record.answer or "", tasks[record.task])) for record in answered]
    print(f"seconds of the experiments, a question: {replay.seconds_text()}")
    for is_right, kind in ((False, "wrong answers"), (True, "right answers")):
        own = [each for each in found if each[0].right == is_right and each[0].steps]
        flagged = [(record, flags) for record, _, flags in own if flags]
        untried = sum(not basis.tried for _, basis, _ in own)
        print(f"{kind} with a step: {len(own)}; flagged: {len(flagged)}; not tried: {untried}")
        for record, flags in flagged:
            print(f"  {record.task}, seed {record.seed}: {record.answer!r} {flags}")
        if not is_right:
            others = [records.get((*record.key[:2], FULL, record.seed)) for record, _ in flagged]
            print(f"  right in full: {sum(bool(other and other.right) for other in others)} of {len(flagged)}")
    return 0


def flags_of(basis: Basis, question: str) -> str:
    """Return what the experiment tells against an answer; empty if nothing."""
    if basis.independent:
        return "rests on none of the data"
    evidence = Evidence((*basis.objects, *basis.columns), basis.independent_of, named=basis.named)
    unused = unused_names(evidence, question)
    return f"does not rest on {', '.join(unused)}" if unused else ""


class Replay:
    """A private shell in which the steps of recorded attempts are run again."""

    def __init__(self, seconds: float) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "nocolor"
        self._shell = InteractiveShell.instance(config=config)
        self._workspace = Workspace(self._shell, Gate(self._shell))
        self._preview = Preview(self._workspace)
        self._preview.evidence_seconds = seconds
        self._seconds: list[float] = []  # that the experiments took, for each question

    def basis(self, steps: Iterable[Step], answer: str, task: Task) -> tuple[Basis, str]:
        """Return what an answer rests on that follows these steps, and what the experiment tells against it."""
        with _folder(), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            namespace = task.namespace()
            question = question_of(task, namespace)
            self._shell.reset(new_session=False)
            self._shell.user_ns.update(namespace)
            self._seconds.append(0.0)
            events: list[Event] = [Prompt(question)]
            for number, step in enumerate(steps, 1):
                if step.observation is not None:
                    events += self._step(number, step.action, step.observation, question, ok=not step.error)
            basis = basis_of(answer, events)
            return basis, flags_of(basis, question)

    def seconds_text(self) -> str:
        """Return the median and the largest of the seconds since the last call, as text."""
        found, self._seconds = self._seconds, []
        return f"median {statistics.median(found):.2f}, at most {max(found):.2f}"

    def _step(self, number: int, code: str, observation: str, question: str, *, ok: bool) -> list[Event]:
        """Run a step, with the experiment before it, and return its events as they were."""
        id_ = f"step {number}"
        trial = self._preview.try_cell(code)
        began = time.perf_counter()
        tried = tried_of(replace(trial, evidence=self._preview.evidence(code, trial, question)))
        self._seconds[-1] += time.perf_counter() - began
        self._shell.run_cell(code, store_history=False)
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot:
            pyplot.close("all")
        return [
            Proposal(id_, number, "", code, "", tried=tried),
            Approval(id_, code),
            Observation(id_, observation, ok),
        ]


@contextlib.contextmanager
def _folder() -> Iterator[None]:
    """Work in a new folder, as an attempt does."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="codeact-task-", ignore_cleanup_errors=True) as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


if __name__ == "__main__":
    sys.exit(main())
