"""Run an evaluation: make the records that are missing in its folder."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import UsageProblem
from .attempt import empty_record
from .plan import Settings, repeat_of
from .provenance import describe_run, merge_descriptions, refuse_other_conditions
from .records import Folder, Key, Record
from .suites import Suite, load_suite
from .worker import Worker

GRACE = 30.0  #: seconds beyond a task's own limit after which it is killed: for its data, and for its checker

#: takes the number of records made, the number planned, and the new record; None at the beginning
Progress = Callable[[int, int, Record | None], None]


def evaluate(
    settings: Settings,
    out: Path,
    *,
    progress: Progress = lambda done, total, record: None,
    report: Callable[[str], None] = lambda text: None,
    grace: float = GRACE,
) -> list[Record]:
    """Make the records that are missing in a folder. Finished records are saved even if the run fails.

    Args:
        settings: What to run.
        out: The folder.
        progress: Called at the beginning and after each record.
        report: Called with each line about the download of the model.
        grace: Seconds beyond a task's own limit after which it is killed.

    Returns:
        All records that the settings ask for, in the order of the plan.

    Raises:
        UsageProblem: The folder holds a run under other conditions, or another process is writing to it.
        ModelError: The model cannot be loaded.
    """
    suite = load_suite(settings.suite)
    plan = settings.plan(suite.sample(settings.split, settings.limit))
    if not plan:
        raise UsageProblem("There is nothing to run: JSON and text actions need tasks with tools, and arms that apply.")
    folder = Folder(out)
    about = describe_run(settings, suite, report)
    refuse_other_conditions(folder.about(), about, out)
    out.mkdir(parents=True, exist_ok=True)
    with _alone(out):
        folder.begin(merge_descriptions(folder.about(), about))
        made = {record.key: record for record in folder.records()}
        missing = [key for key in plan if key not in made]
        progress(len(plan) - len(missing), len(plan), None)
        with contextlib.closing(_attempts(settings, suite, missing, made, out, grace)) as records:
            for record in records:
                folder.append(record)
                made[record.key] = record
                progress(sum(key in made for key in plan), len(plan), record)
    return [made[key] for key in plan]


@contextlib.contextmanager
def _alone(out: Path) -> Iterator[None]:
    try:
        with FileLock(out / ".lock", timeout=0):
            yield
    except Timeout:
        raise UsageProblem(f"Another process is at work in {out}: wait for it, or give another --out.") from None


def _attempts(
    settings: Settings, suite: Suite, keys: Sequence[Key], made: Mapping[Key, Record], out: Path, grace: float
) -> Generator[Record]:
    """Yield the records of these keys as they come; copies where an attempt would only repeat one that was made."""
    tasks, known, seconds = {task.name: task for task in suite.tasks}, dict(made), settings.max_seconds + grace
    workers = [Worker(settings, suite, out / f"worker-{n}.log") for n in range(min(settings.workers, len(keys)))]
    waiting, idle = deque(keys), deque(workers)
    busy: dict[Future[Record], tuple[Worker, Key, float]] = {}
    try:
        while waiting or busy:
            while waiting and idle:
                key = waiting.popleft()
                same = None if settings.agent else repeat_of(key, known.values(), settings.temperature)
                if same:
                    known[key] = same
                    yield same
                else:
                    worker = idle.popleft()
                    busy[worker.begin(key, seconds)] = worker, key, time.monotonic()
            for future in wait(busy, return_when=FIRST_COMPLETED).done:
                worker, key, started = busy.pop(future)
                found = worker.finish(future, seconds)
                if isinstance(found, str):
                    record = empty_record(suite.name, tasks[key[0]], key, worker.model)
                    taken = round(time.monotonic() - started, 3)
                    found = replace(record, status="killed", reason=found, seconds=taken)
                known[key] = found
                idle.append(worker)
                yield found
    finally:
        for worker in workers:
            worker.close()
