"""The command `jupyter codeact sessions`: the journals of all notebooks. Exit codes: 0 done, 2 wrong use."""

from __future__ import annotations

import argparse
import contextlib
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..config import CodeAct
from ..errors import JournalError, UsageProblem
from ..session.journal import all_journals, find_journal, key_of, read_journal
from ..session.messages import Prompt
from ..views.history import history
from ..views.text import readable
from ..views.trial import in_line
from .record_commands import add_export_options, counted

if TYPE_CHECKING:
    from ..models.commands import Subparsers

TITLE_CHARS = 60  #: shown of the first question
KEY_CHARS = 200  #: shown of the path of the notebook
DAY = 86_400  #: seconds


def add_parser(subparsers: Subparsers) -> None:
    """Add the command `sessions` and its actions.

    Args:
        subparsers: The commands of the command line.
    """
    parser = subparsers.add_parser("sessions", help="list, show, export or remove conversations on this machine")
    actions = parser.add_subparsers(required=True, metavar="list|show|export|remove|size")

    def action(name: str, perform: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        found = actions.add_parser(name, help=text)
        found.set_defaults(command=perform)
        return found

    found = [
        action("list", _list, "list them, the newest first: name, age, size, first question, notebook"),
        action("show", _show, "print one"),
        action("export", _export, "write some as records, as `export` does"),
        action("remove", _remove, "delete their files"),
        action("size", _size, "say how much room they take"),
    ]
    _, show, export, remove, _ = found
    show.add_argument("session", metavar="SESSION", help="its name, or a part of it that no other one has")
    export.add_argument("sessions", nargs="+", metavar="SESSION")
    add_export_options(export)
    remove.add_argument("sessions", nargs="*", metavar="SESSION")
    remove.add_argument("--older-than", type=_days, metavar="DAYS", help="all that nothing was added to for so long")
    for each in found:
        if each is not export:
            each.add_argument("--journals", type=Path, metavar="DIR", help="where they are, if elsewhere")


def _days(text: str) -> float:
    """Return a number of days, from 0 on."""
    with contextlib.suppress(ValueError):
        if 0 <= (days := float(text)) < math.inf:
            return days
    raise argparse.ArgumentTypeError(f"{text!r} is no number of days, such as 30")


def _journals(args: argparse.Namespace) -> Path:
    return args.journals or CodeAct().journals


def _list(args: argparse.Namespace) -> int:
    paths = sorted(all_journals(_journals(args)), key=lambda path: path.stat().st_mtime, reverse=True)
    if not paths:
        print(f"There are no conversations in {_journals(args)}.")
        return 0
    width = max(len(path.stem) for path in paths)
    print(f"{'session':<{width}}  {'age':>8}  {'size':>9}  first question, and notebook")
    for path in paths:
        about = path.stat()
        size = f"{about.st_size / 1000:,.1f} kB"
        print(f"{path.stem:<{width}}  {_age(about.st_mtime):>8}  {size:>9}  {_title(path)}")
        print(f"{'':<{width + 23}}{in_line(key_of(path), KEY_CHARS)}")
    return 0


def _show(args: argparse.Namespace) -> int:
    path = find_journal(_journals(args), args.session)
    print(f"{path.stem}, of {in_line(key_of(path), KEY_CHARS)}, in {path}\n")
    print(readable(history([event for _, event in read_journal(path)])))
    return 0


def _export(args: argparse.Namespace) -> int:
    from .record_commands import main

    args.sources = [find_journal(_journals(args), name) for name in args.sessions]
    return main(args)


def _remove(args: argparse.Namespace) -> int:
    directory = _journals(args)
    if not args.sessions and args.older_than is None:
        raise UsageProblem("Name the conversations to remove, or say --older-than DAYS.")
    paths = {find_journal(directory, name) for name in args.sessions}
    if args.older_than is not None:
        limit = time.time() - args.older_than * DAY
        paths |= {path for path in all_journals(directory) if path.stat().st_mtime < limit}
    for path in sorted(paths):
        path.unlink()
        with contextlib.suppress(OSError):  # others are there
            path.parent.rmdir()
    print(f"{counted(len(paths), 'conversation')} removed")
    return 0


def _size(args: argparse.Namespace) -> int:
    paths = all_journals(_journals(args))
    total = sum(path.stat().st_size for path in paths)
    print(f"{counted(len(paths), 'conversation')}, {total / 1e6:.1f} MB in {_journals(args)}")
    return 0


def _title(path: Path) -> str:
    """Return the first question of a journal."""
    try:
        first = next((event.text for _, event in read_journal(path) if isinstance(event, Prompt)), "(no question)")
    except JournalError as error:
        return f"({error})"
    return in_line(first, TITLE_CHARS)


def _age(modified: float) -> str:
    seconds = max(0.0, time.time() - modified)
    for length, unit in ((DAY, "d"), (3600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return "now"
