"""The commands `jupyter codeact report`, `keep` and `replay`. Exit codes: 0 done, 1 not so, 2 wrong use.

1 says of `keep` that no clean notebook runs, and of `replay` that an output differs from the recorded one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..config import CodeAct
from ..errors import UsageProblem
from .account import Account, read_account

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from ..models.commands import Subparsers
    from .plan import Planned
    from .rerun import Rerun


def add_parser(subparsers: Subparsers) -> None:
    """Add the commands.

    Args:
        subparsers: The commands of the command line.
    """
    report = _command(subparsers, "report", _report, "who wrote what, what ran, what was edited")
    report.add_argument("--html", action="store_true", help="write one page that can be printed, with figures")
    report.add_argument("--out", type=Path, metavar="FILE", help="default: NOTEBOOK-report.html, or the terminal")
    keep = _command(subparsers, "keep", _keep, "write a notebook with only what led to the answers")
    keep.add_argument("--out", type=Path, metavar="OUT.ipynb", help="default: NOTEBOOK-clean.ipynb")
    replay = _command(subparsers, "replay", _replay, "run the approved cells again, without the model")
    replay.add_argument("--out", type=Path, metavar="OUT.ipynb", help="save the notebook that was run")
    for parser in (keep, replay):
        parser.add_argument("--kernel", default="", metavar="NAME", help="run it in this kernel, whatever it names")
        parser.add_argument("--max-seconds", type=float, default=600, metavar="S", help="time limit of a cell")


def _command(
    subparsers: Subparsers, name: str, perform: Callable[[argparse.Namespace], int], text: str
) -> argparse.ArgumentParser:
    parser = subparsers.add_parser(name, help=text)
    parser.set_defaults(command=perform)
    parser.add_argument("notebook", type=Path, metavar="NOTEBOOK")
    parser.add_argument("--journals", type=Path, metavar="DIR", help="where its journals are, if elsewhere")
    return parser


def _account(args: argparse.Namespace, out: Path | None) -> Account:
    if out is not None and out.exists():
        raise UsageProblem(f"{out} exists already: name another file with --out.")
    if out is not None and not out.parent.is_dir():
        raise UsageProblem(f"The folder {out.parent} does not exist.")
    return read_account(args.notebook, args.journals or CodeAct().journals)


def _report(args: argparse.Namespace) -> int:
    from .report import render_report

    path: Path = args.notebook
    out = args.out or (path.with_name(f"{path.stem}-report.html") if args.html else None)
    text = render_report(_account(args, out), html=args.html)
    if out is None:
        print(text)
    else:
        out.write_text(text, encoding="utf-8")
        print(f"{out} written")
    return 0


def _keep(args: argparse.Namespace) -> int:
    """Write the clean notebook. It is run before it is written; if it then differs, more steps are kept."""
    import nbformat

    from .plan import left_out, needed, plan, succeeded

    out = args.out or args.notebook.with_stem(f"{args.notebook.stem}-clean")
    account = _account(args, out)
    for keeps in (needed(account), succeeded):
        notebook, planned = plan(account, keeps, drops_failed=True)
        done = _run(args, notebook, planned, goes_on=False)
        is_whole = len(done) == len(planned) and not any(each.is_new_failure for each in done)
        if is_whole and not any(each.lines for each in done):
            break
    if not is_whole:
        _tell(done, sys.stderr.write)
        print("Nothing was written: these cells do not run in a fresh kernel from top to bottom.", file=sys.stderr)
        return 1
    nbformat.write(notebook, out)
    print("\n".join(left_out(account, planned)))
    _tell(done, sys.stdout.write)
    print(f"{out} written: it ran from top to bottom in a fresh kernel")
    return 0


def _replay(args: argparse.Namespace) -> int:
    """Run all that was approved, in the order of the cells."""
    import nbformat

    from .plan import plan, ran

    account = _account(args, args.out)
    notebook, planned = plan(account, ran, drops_failed=False)
    done = _run(args, notebook, planned, goes_on=True)
    if args.out:
        nbformat.write(notebook, args.out)
    _tell(done, sys.stdout.write)
    same = sum(not each.lines and not each.is_new_failure and each.planned.recorded is not None for each in done)
    print(f"{same} of {len(planned)} cells have the recorded outputs")
    unknown = sum(each.recorded is None for each in planned)
    if unknown:
        print(f"{unknown} have no recorded outputs in the notebook")
    return 0 if same + unknown == len(planned) else 1


def _run(args: argparse.Namespace, notebook: NotebookNode, planned: list[Planned], *, goes_on: bool) -> list[Rerun]:
    from jupyter_client.kernelspec import NoSuchKernel

    from .rerun import rerun

    folder = args.notebook.resolve().parent
    try:
        return rerun(notebook, planned, folder, seconds=args.max_seconds, kernel=args.kernel, goes_on=goes_on)
    except NoSuchKernel as error:
        raise UsageProblem(f"The kernel {error.name!r} is not installed here: name one with --kernel.") from error


def _tell(done: list[Rerun], write: Callable[[str], object]) -> None:
    """Say which cells failed or differ, and how."""
    for each in done:
        if each.failed or each.lines:
            what = f"failed, {each.failed}" if each.failed else "another output than the recorded one"
            write(f"{each.planned.name}: {what}\n" + "".join(f"    {line}\n" for line in each.lines))
