"""`evaluate`: makes the records that a run's settings ask for and its folder does not hold yet, in worker processes."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

from filelock import FileLock, Timeout

from ..errors import UsageProblem
from .attempting import blank
from .conditions import describe_run, refuse_other_conditions, taken_up
from .loading import Suite, load_suite
from .records import Folder, Key, Record
from .settings import Settings
from .sharing import shared
from .workers import Slot

GRACE = 30.0  #: seconds beyond a task's own limit until its process is killed: for its data, and for its checker

#: how many records there are, how many there will be, and the new one; without one at the beginning
Progress = Callable[[int, int, Record | None], None]


def evaluate(
    settings: Settings,
    out: Path,
    *,
    progress: Progress = lambda done, total, record: None,
    report: Callable[[str], None] = lambda text: None,
    grace: float = GRACE,
) -> list[Record]:
    """Makes what is missing in `out`, and returns all records that the settings ask for, in the order of the plan.

    Raises `UsageProblem` when `out` holds a run under other conditions or another process is writing to it, and
    `ModelError`. What was made until then stays.
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
        folder.begin(taken_up(folder.about(), about))
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
    """The records of these keys, as they come; copies of what was `made` where an attempt would only repeat it."""
    if not keys:
        return
    tasks, known = {task.name: task for task in suite.tasks}, dict(made)
    slots = [Slot(settings, out / f"worker-{number}.log") for number in range(min(settings.workers, len(keys)))]
    free: SimpleQueue[Slot] = SimpleQueue()
    for slot in slots:
        free.put(slot)

    def attempt(key: Key) -> Record:
        slot = free.get()
        started = time.monotonic()
        try:
            same = None if settings.agent else shared(key, list(known.values()), settings.temperature)
            found = same or slot.attempt(key, settings.max_seconds + grace)
            if isinstance(found, Record):
                known[key] = found
                return found
        finally:
            free.put(slot)
        record = blank(suite.name, tasks[key[0]], key, slot.model)
        return replace(record, status="killed", reason=found, seconds=round(time.monotonic() - started, 3))

    pool = ThreadPoolExecutor(len(slots))
    try:
        for future in as_completed([pool.submit(attempt, key) for key in keys]):
            yield future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for slot in slots:
            slot.close()
        pool.shutdown()
