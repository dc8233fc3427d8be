"""A download in a process of its own: it can be paused at any time, because a pull continues what a killed one left."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .catalogue import Model, size_text
from .download import partial_file
from .store import path_of

PULL = ("-m", "codeact_jupyter.models", "pull")
POLL_SECONDS = 1.0  #: between two looks at the size of the partial file


@dataclass(frozen=True, slots=True)
class Progress:
    """State of a download."""

    model: str  #: the model's name
    state: Literal["running", "paused", "failed", "done"]  #: `done` if the file is there
    text: str  #: how far it is, or why it failed
    part: float = 0.0  #: share of the file that is there, from 0 to 1; 0 if its size is unknown


class Download:
    """The download of one model's file.

    Args:
        model: the model.
        show: called with the progress, from a thread of this object; the last one is `paused`, `failed` or `done`.
        offline: refuse to download.
    """

    def __init__(self, model: Model, show: Callable[[Progress], None], *, offline: bool = False) -> None:
        self.model = model
        self._show = show
        self._partial = partial_file(path_of(model))
        self._is_paused = threading.Event()
        command = [sys.executable, *PULL, model.name, *(["--offline"] if offline else [])]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        threading.Thread(target=self._follow, name="codeact-download", daemon=True).start()

    def pause(self) -> None:
        """End the process; a new `Download` continues where it was."""
        self._is_paused.set()
        self._process.terminate()

    def cancel(self) -> None:
        """End the process, and remove what it has brought."""
        self.pause()
        self._process.wait()
        self._partial.unlink(missing_ok=True)

    def _follow(self) -> None:
        """Show how far the download is until its process ends, then how it ended."""
        name = self.model.name
        said: list[str] = []
        reader = threading.Thread(target=lambda: said.append(self._errors()), daemon=True)
        reader.start()
        while True:
            try:
                code = self._process.wait(POLL_SECONDS)
                break
            except subprocess.TimeoutExpired:
                self._show(Progress(name, "running", *_so_far(self._partial, self.model)))
        reader.join()
        if self._is_paused.is_set():
            text, part = _so_far(self._partial, self.model)
            self._show(Progress(name, "paused", f"paused at {text}", part))
        elif code:
            lines = [line for line in "".join(said).splitlines() if line.strip()]
            self._show(Progress(name, "failed", lines[-1] if lines else f"The download of {name} has ended early."))
        else:
            self._show(Progress(name, "done", ""))

    def _errors(self) -> str:
        assert self._process.stderr is not None
        with self._process.stderr as stream:
            return stream.read()


def _so_far(partial: Path, model: Model) -> tuple[str, float]:
    """Return how much of a file is there, as text and as a share."""
    try:
        done = partial.stat().st_size
    except FileNotFoundError:
        done = 0
    if not model.bytes:
        return size_text(done), 0.0
    part = min(1.0, done / model.bytes)
    return f"{size_text(done)} of {size_text(model.bytes)} ({100 * part:.0f} %)", round(part, 3)
