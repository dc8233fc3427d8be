"""A class of effects, its outcome, and the names that the cells use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CREATED = "there('f')"  #: the file `f` was created
CHANGED = "reads('f') != 'old text'"  #: the file `f` was changed
MAKE_FILE = "made('f')"  #: a setup


@dataclass(frozen=True)
class Case:
    """One class of effects, as a cell that has the effect."""

    name: str
    cell: str
    check: str  #: expression that is true once the effect has happened
    setup: str = ""  #: code that runs before the trial
    #: The control runs in the kernel (`here`), or in a plain fork if the cell would end or replace the process.
    control: Literal["here", "fork"] = "here"
    is_delayed: bool = False  #: the effect may happen after the cell has ended
    is_refused: bool = True  #: the trial refuses the effect; False if it stays inside the copy


@dataclass(frozen=True)
class Outcome:
    """The outcome of a case."""

    name: str
    outcome: str  #: of the trial
    said: str  #: refused effects, reason or error of the trial
    kept: bool  #: the effect is there after the trial
    control: bool  #: the control has the effect
    changes: str  #: differences in the kernel after the trial
    seconds: float
    as_expected: bool  #: the trial refused an effect if, and only if, `Case.is_refused`

    @property
    def ok(self) -> bool:
        """True if the case passes."""
        return not self.kept and self.control and not self.changes and self.as_expected


#: Defines what the cells use, beside `work` (a folder) and `victim` (a process).
PRELUDE = """
import ctypes, ctypes.util, errno, fcntl, io, mmap, os, shutil, signal, socket, sqlite3, stat, struct, subprocess
import sys, threading, time
from pathlib import Path
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def call(number, *arguments):
    words = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    result = libc.syscall(ctypes.c_long(number), *words)
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
kernel = os.getpid()
def at(name):
    return os.path.join(work, name)
def made(name, text="old text"):
    Path(at(name)).write_text(text)
    return at(name)
def reads(name):
    return Path(at(name)).read_text()
def there(name):
    return os.path.lexists(at(name))
def ready(*files):
    import select
    return bool(select.select(files, [], [], 0.3)[0])
def field(pid, name):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.split(None, 1)[1] for line in lines if line.startswith(name + ":"))
"""
