"""Steps that await something where an event loop runs already: they get a loop of their own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from IPython.core import async_helpers
from IPython.core.interactiveshell import InteractiveShell

WAKE_SECONDS = 0.2  #: after which a thread that waits in the loop can be interrupted
CLOSING_SECONDS = 1.0  #: for tasks that were cancelled, and for threads


class OwnLoop:
    """An event loop for the steps of one shell, made when one of them awaits something."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._threads: ThreadPoolExecutor

    @property
    def is_used(self) -> bool:
        """True once a step has awaited something."""
        return self._loop is not None

    @contextlib.contextmanager
    def used_by(self, shell: InteractiveShell) -> Iterator[None]:
        """Run cells in this loop within the block, unless the user has chosen a library other than asyncio.

        Args:
            shell: The shell that runs them.

        Yields:
            Nothing.
        """
        before = shell.loop_runner
        if before is async_helpers._asyncio_runner:
            shell.loop_runner = self._run
        try:
            yield
        finally:
            shell.loop_runner = before

    def close(self) -> None:
        """Cancel the tasks that are left, and close the loop."""
        loop, self._loop = self._loop, None
        if loop is None:
            return
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        with outside_loop():
            if tasks:
                loop.run_until_complete(asyncio.wait(tasks, timeout=CLOSING_SECONDS))
            loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
        ending = threading.Thread(target=self._threads.shutdown, daemon=True)
        ending.start()
        ending.join(CLOSING_SECONDS)

    def _run(self, cell: Coroutine[Any, Any, Any]) -> Any:
        with outside_loop():
            if self._loop is None:
                self._loop, self._threads = asyncio.new_event_loop(), ThreadPoolExecutor()
                self._loop.set_default_executor(self._threads)
            task, pulse = self._loop.create_task(cell), self._loop.create_task(_wake_up())
            try:
                return self._loop.run_until_complete(task)
            finally:
                task.cancel()  # after an interrupt
                pulse.cancel()


async def _wake_up() -> None:
    while True:
        await asyncio.sleep(WAKE_SECONDS)


@contextlib.contextmanager
def outside_loop() -> Iterator[None]:
    """Leave the event loop that runs in this thread within the block; it stands still that long.

    Yields:
        Nothing.
    """
    loop = asyncio._get_running_loop()
    task = asyncio.current_task() if loop else None
    if loop and task:
        asyncio._leave_task(loop, task)
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(loop)
        if loop and task:
            asyncio._enter_task(loop, task)
