"""Workers on a Dask cluster. Each of them keeps a process for attempts, as a run on one machine does.

Dask says which workers there are, sends attempts to them, and repeats what is lost with a worker. Whatever a task does
to its process is dealt with by `Worker`, in the Dask worker, so that the record is that of a run without a cluster.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import CancelledError, Executor, Future, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import CodeActError, GenerationFailed, UsageProblem
from .plan import Settings
from .records import Key, Record
from .worker import Worker

CONNECTING = 10.0  #: seconds for the connection to the scheduler


@dataclass(frozen=True, slots=True)
class Job:
    """A run, as its workers need to know it."""

    settings: Settings  #: with a suite that any process can load
    seconds: float  #: time after which an attempt is killed
    about: Mapping[str, Any]  #: description of the run, which the workers must match
    logs: str  #: what messages call the workers' logs


class ClusterWorker:
    """A place on the cluster for one attempt at a time: see `Worker`.

    Args:
        executor: What sends attempts to one Dask worker, or to another if it is gone.
        job: The run.
        log: File for what the attempts print.

    Attributes:
        model: Name of the model; as loaded, once the first attempt is over.
    """

    def __init__(self, executor: Executor, job: Job, log: Path) -> None:
        self.model = job.settings.model
        self._executor, self._job, self._log = executor, job, log

    def begin(self, key: Key) -> Future[Any]:
        """See `Worker.begin`."""
        return self._executor.submit(_attempt, self._job, key)

    def finish(self, future: Future[Any]) -> Record | str:
        """See `Worker.finish`."""
        from distributed import KilledWorker

        try:
            made: _Made = future.result()
        except KilledWorker:
            return "Each worker of the cluster that tried it died."
        except CancelledError as error:
            raise GenerationFailed(
                f"The cluster {self._job.settings.cluster} is gone: the same command continues the run."
            ) from error
        with self._log.open("ab") as file:
            file.write(made.printed)
        if isinstance(made.found, CodeActError):
            raise made.found
        self.model = made.model
        return made.found


@contextlib.contextmanager
def cluster_workers(job: Job, out: Path) -> Iterator[list[ClusterWorker]]:
    """Connect to a cluster; let its workers forget the run in the end.

    Args:
        job: The run.
        out: Its folder, for the logs.

    Yields:
        A worker for each of Dask's.

    Raises:
        UsageProblem: There is no such cluster, it has no workers, or `distributed` is not installed.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise UsageProblem(
            "The option --cluster needs the package distributed: pip install 'codeact-jupyter[cluster]'."
        ) from error
    address = job.settings.cluster
    try:
        client = Client(address, timeout=CONNECTING)
    except (OSError, ValueError) as error:
        raise UsageProblem(
            f"The cluster {address} cannot be reached ({error}): give the address that `dask scheduler` prints."
        ) from error
    with client:
        places = sorted(client.nthreads())
        if not places:
            raise UsageProblem(f"The cluster {address} has no workers: start some, with `dask worker {address}`.")
        executors = [client.get_executor(pure=False, workers=[each], allow_other_workers=True) for each in places]
        try:
            yield [ClusterWorker(each, job, out / f"worker-{n}.log") for n, each in enumerate(executors)]
        finally:
            with contextlib.suppress(OSError):  # the cluster is gone
                client.run(_close, on_error="ignore")


# --- in a Dask worker --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Made:
    found: Record | str | CodeActError
    model: str
    printed: bytes


_open: list[tuple[Job, Worker, Path]] = []  # at most one: the run, and its worker with the log
_one_at_a_time = threading.Lock()  # a Dask worker may have several threads


def _attempt(job: Job, key: Key) -> _Made:
    """Make an attempt in the process of this Dask worker."""
    with _one_at_a_time:
        worker, log = _worker_for(job)
        before = log.stat().st_size
        future = worker.begin(key)
        wait([future])
        try:
            found: Record | str | CodeActError = worker.finish(future)
        except CodeActError as error:
            found = error
        return _Made(found, worker.model, log.read_bytes()[before:])


def _worker_for(job: Job) -> tuple[Worker, Path]:
    from dask.system import CPU_COUNT
    from distributed import get_worker

    if not _open or _open[0][0] != job:
        _close()
        dask = get_worker()
        # A Dask worker is a daemon of its nanny, and multiprocessing lets no daemon have children.
        multiprocessing.current_process().daemon = False
        log = Path(dask.local_directory, "codeact.log")
        log.write_bytes(b"")
        settings = replace(job.settings, cluster="", workers=max(1, CPU_COUNT // dask.state.nthreads))
        _open.append((job, Worker(settings, job.seconds, log, about=job.about, shown=job.logs), log))
    _, worker, log = _open[0]
    return worker, log


def _close() -> None:
    while _open:
        _open.pop()[1].close()
