"""Effects that code has beyond its process, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...text import one_line, shorten

Kind = Literal["file", "network", "process", "signal", "device", "memory", "connection", "input", "kernel", "system"]

PATH_CHARS = 120
MOST = 8  #: effects kept of one run


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that code wants to do beyond its process.

    Args:
        kind: what it reaches.
        act: the verb, such as `write`; the third person adds an `s`.
        what: the object, such as `` `out.csv` `` or `the network`.
    """

    kind: Kind
    act: str
    what: str

    @property
    def text(self) -> str:
        """In the third person: ``writes `out.csv` ``."""
        return f"{self.act}s {self.what}"

    @property
    def would(self) -> str:
        """Behind "would": ``write `out.csv` ``."""
        return f"{self.act} {self.what}"


def on_path(act: str, path: str, folder: str) -> Effect:
    """Return the effect of `act` on a file.

    Args:
        act: the verb.
        path: of the file, absolute.
        folder: the working directory, from which the path is shown if it lies below.
    """
    shown = path.removeprefix(folder.rstrip("/") + "/")
    return Effect("file", act, f"`{shorten(one_line(shown), PATH_CHARS)}`")


def add(effects: list[Effect], effect: Effect) -> None:
    """Add an effect that is not in the list yet, up to `MOST`.

    Args:
        effects: the list, in the order in which they came up.
        effect: the new one.
    """
    if effect not in effects and len(effects) < MOST:
        effects.append(effect)


NETWORK = Effect("network", "open", "the network")
PROGRAM = Effect("process", "start", "a program")
PROCESS = Effect("process", "start", "a process")
SIGNAL = Effect("signal", "send", "a signal")
GPU = Effect("device", "need", "a GPU")
INPUT = Effect("input", "ask", "for input")
KERNEL = Effect("kernel", "end", "the kernel")
ASSISTANT = Effect("kernel", "ask", "CodeAct itself")
SHARED_MEMORY = Effect("memory", "share", "memory with other processes")
OTHER_PROCESS = Effect("process", "control", "another process")
CONNECTION = Effect("connection", "use", "a connection that is open in the kernel")
LIMITS = Effect("kernel", "change", "the kernel's limits")
SYSTEM = Effect("system", "change", "the system")
