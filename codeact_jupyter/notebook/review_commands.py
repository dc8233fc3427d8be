"""The commands `jupyter codeact report`, `keep`, `collapse` and `replay`.

The exit code is 0 for success and 2 for wrong use. It is 1 if `keep` finds no clean notebook that runs, `collapse` no
failed attempt, or `replay` an output that differs from the recorded one.
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
from .cells import has_run
from .record_commands import counted
from .saving import check_new, save_whole

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
    collapse = _command(subparsers, "collapse", _collapse, "write a copy with the cells of failed attempts folded")
    collapse.add_argument("--out", type=Path, metavar="OUT.ipynb", help="default: NOTEBOOK-collapsed.ipynb")
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


def _account(args: argparse.Namespace, name: str) -> tuple[Account, Path | None]:
    """Return the account of the notebook, and where to write: the file of `--out`, or the one of this name, if any."""
    account = read_account(args.notebook, args.journals or CodeAct().journals)
    out = args.out or (args.notebook.with_name(name.format(args.notebook.stem)) if name else None)
    if out is not None:
        check_new(out)
    for reason in account.unread:
        print(f"Not read: {reason}", file=sys.stderr)
    return account, out


def _report(args: argparse.Namespace) -> int:
    from .report import render_report

    account, out = _account(args, "{}-report.html" if args.html else "")
    text = render_report(account, html=args.html)
    if out is None:
        print(text)
    else:
        save_whole(out, text)
        print(f"{out} written")
    return 0


def _keep(args: argparse.Namespace) -> int:
    """Write the clean notebook. It is run before it is written; if it fails or differs, more steps are kept."""
    import nbformat

    from .plan import ended, fails, left_out, needed, plan, succeeded, unrepeatable

    account, out = _account(args, "{}-clean.ipynb")
    assert out
    for number, (keeps, drops) in enumerate(((needed(account), fails), (succeeded, fails), (ended, unrepeatable))):
        notebook, planned = plan(account, keeps, drops)
        done = _run(args, notebook, planned, goes_on=False)
        is_whole = len(done) == len(planned) and not any(each.is_new_failure for each in done)
        if is_whole and (number or not any(each.lines for each in done)):
            break
    if not is_whole:
        _tell(done, sys.stderr.write)
        print("Nothing was written: these cells do not run in a fresh kernel from top to bottom.", file=sys.stderr)
        return 1
    save_whole(out, nbformat.writes(notebook) + "\n")
    print("\n".join(left_out(account, planned, drops)))
    if failed := sum(each.planned.has_failed for each in done):
        print(f"{counted(failed, 'cell')} kept that failed: those below need what it did before")
    _tell(done, sys.stdout.write)
    print(f"{out} written: it ran from top to bottom in a fresh kernel")
    return 0


def _collapse(args: argparse.Namespace) -> int:
    """Write a copy in which the cells of steps that failed, were rejected or stopped show neither code nor output."""
    import nbformat

    account, out = _account(args, "{}-collapsed.ipynb")
    assert out
    attempts = [step.cell for each in account.questions for step in each.steps if step.cell and step.is_failed_attempt]
    cells = [cell for cell in attempts if not has_run(cell)]  # the user may have run it again since
    if not cells:
        print("Nothing was written: no cell is of a step that failed, or was rejected or stopped.")
        return 1
    for cell in cells:
        hidden = {"source_hidden": True, "outputs_hidden": True}
        cell.metadata |= {"collapsed": True, "jupyter": {**cell.metadata.get("jupyter", {}), **hidden}}
    save_whole(out, nbformat.writes(account.notebook) + "\n")
    print(f"{out} written: {counted(len(cells), 'cell')} folded")
    return 0


def _replay(args: argparse.Namespace) -> int:
    """Run all that was approved, in the order of the cells."""
    import nbformat

    from .plan import ended, left_out, plan, unrepeatable

    account, out = _account(args, "")
    notebook, planned = plan(account, ended, unrepeatable)
    done = _run(args, notebook, planned, goes_on=True)
    if out:
        save_whole(out, nbformat.writes(notebook) + "\n")
    _, *left = left_out(account, planned, unrepeatable)
    print("".join(f"{line}\n" for line in left), end="")
    _tell(done, sys.stdout.write)
    fine = [each.planned for each in done if not each.lines and not each.is_new_failure]
    same = sum(each.recorded is not None for each in fine)
    print(f"{same} of {len(planned)} cells have the recorded outputs")
    if unknown := len(fine) - same:
        print(f"{unknown} ran, and have no recorded outputs in the notebook")
    return 0 if len(fine) == len(planned) else 1


def _run(args: argparse.Namespace, notebook: NotebookNode, planned: list[Planned], *, goes_on: bool) -> list[Rerun]:
    from jupyter_client.kernelspec import NoSuchKernel

    from .rerun import rerun

    folder = args.notebook.resolve().parent
    try:
        return rerun(notebook, planned, folder, seconds=args.max_seconds, kernel=args.kernel, goes_on=goes_on)
    except NoSuchKernel as error:
        raise UsageProblem(f"The kernel {error.name!r} is not installed here: name one with --kernel.") from error
    except RuntimeError as error:  # of nbclient and jupyter_client
        raise UsageProblem(f"The kernel did not start ({error}): name another one with --kernel.") from error


def _tell(done: list[Rerun], write: Callable[[str], object]) -> None:
    """Say which cells failed or differ, and how."""
    for each in done:
        if each.failed or each.lines:
            as_before = " as before" if each.failed and not each.is_new_failure else ""
            what = f"failed{as_before}, {each.failed}" if each.failed else "another output than the recorded one"
            write(f"{each.planned.name}: {what}\n" + "".join(f"    {line}\n" for line in each.lines))
