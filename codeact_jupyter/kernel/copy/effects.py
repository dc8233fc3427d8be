"""Effects of code outside its process, and their wording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...text import one_line, shorten

Kind = Literal["file", "network", "process", "signal", "device", "memory", "connection", "input", "kernel", "system"]

PATH_CHARS = 120
MOST = 8  #: most effects kept for one trial


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that code attempts outside its process.

    Args:
        kind: The kind of resource that it affects.
        act: A verb whose third person adds an `s`, such as `write`.
        what: The object of the verb, such as `` `out.csv` `` or `the network`.
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
        """In the infinitive, to follow "would": ``write `out.csv` ``."""
        return f"{self.act} {self.what}"


def on_path(act: str, path: str, folder: str) -> Effect:
    """Return the effect of `act` on a file.

    Args:
        act: The verb.
        path: Absolute path of the file.
        folder: The working directory; a path below it is shown relative to it.
    """
    shown = path.removeprefix(folder.rstrip("/") + "/")
    return Effect("file", act, f"`{shorten(one_line(shown), PATH_CHARS)}`")


def add(effects: list[Effect], effect: Effect) -> None:
    """Add an effect, unless it is in the list already or the list has `MOST` effects.

    Args:
        effects: The list, in order of occurrence.
        effect: The effect to add.
    """
    if effect not in effects and len(effects) < MOST:
        effects.append(effect)


def add_file(effects: list[Effect], effect: Effect) -> None:
    """Add an effect on a file of the notebook's folder, but leave room for those that are refused. See `add`."""
    add(effects, effect if effect in effects or len(effects) < MOST - 3 else MORE_FILES)


MORE_FILES = Effect("file", "write", "more files")
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
