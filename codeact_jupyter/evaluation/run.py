"""Run an evaluation: make the records that are missing in its folder.

The attempts at one task form a chain. A chain stays with one worker, and its attempts are made in the order of the
plan, so that which of them need not be made does not depend on the number of workers.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ..errors import UsageProblem
from .attempt import empty_record
from .cluster import ClusterWorker, Job, cluster_workers
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
        loaded = replace(settings, suite=suite.address)
        job = Job(loaded, settings.max_seconds + grace, about, str(out / "worker-*.log"))
        with _workers(job, out, len(missing)) as workers:
            for record in _attempts(settings, suite, missing, made, workers):
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


@contextlib.contextmanager
def _workers(job: Job, out: Path, attempts: int) -> Iterator[Sequence[Worker | ClusterWorker]]:
    """Open the workers of a run, on its cluster or as processes of this machine; close them afterwards."""
    with contextlib.ExitStack() as stack:
        if job.settings.cluster:
            yield stack.enter_context(cluster_workers(job, out)) if attempts else []
            return
        logs = [out / f"worker-{n}.log" for n in range(min(job.settings.workers, attempts))]
        workers = [Worker(job.settings, job.seconds, log) for log in logs]
        for worker in workers:
            stack.callback(worker.close)
        yield workers


def _attempts(
    settings: Settings,
    suite: Suite,
    keys: Sequence[Key],
    made: Mapping[Key, Record],
    workers: Sequence[Worker | ClusterWorker],
) -> Iterator[Record]:
    """Yield the records of these keys as they come; copies where an attempt would only repeat one that was made."""
    tasks, known = {task.name: task for task in suite.tasks}, dict(made)
    waiting, idle = deque(deque(chain) for _, chain in groupby(keys, key=itemgetter(0))), deque(workers)
    busy: dict[Future[Any], tuple[Worker | ClusterWorker, deque[Key], float]] = {}
    while waiting or busy:
        while waiting and idle:
            chain = waiting.popleft()
            same = None if settings.agent else repeat_of(chain[0], known.values(), settings.temperature)
            if same:
                known[chain.popleft()] = same
                yield same
                if chain:
                    waiting.appendleft(chain)
            else:
                worker = idle.popleft()
                busy[worker.begin(chain[0])] = worker, chain, time.monotonic()
        for future in wait(busy, return_when=FIRST_COMPLETED).done:
            worker, chain, started = busy.pop(future)
            key, found = chain.popleft(), worker.finish(future)
            if isinstance(found, str):
                record = empty_record(suite.name, tasks[key[0]], key, worker.model)
                found = replace(record, status="killed", reason=found, seconds=round(time.monotonic() - started, 3))
            known[key] = found
            if chain:  # the next to be taken, by this worker
                waiting.appendleft(chain)
                idle.appendleft(worker)
            else:
                idle.append(worker)
            yield found
