"""`jupyter codeact eval SUITE`, `eval compare RUN RUN` and `eval report RUN…`.

Exit codes: 0 done, 1 stopped, or no trajectories written, 2 bad use, 3 model problem.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import sys
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageProblem
from ..models.catalogue import DEFAULT_MODEL
from ..models.folders import expanded

if TYPE_CHECKING:
    from ..models.commands import Subparsers
    from .plan import Settings
    from .records import Record
    from .reporting.groups import Run


def add_parser(subparsers: Subparsers) -> argparse.ArgumentParser:
    """Add the command `eval`.

    Args:
        subparsers: Subparsers of the command line.

    Returns:
        Its parser, which still needs the options of `--trajectories`: see `notebook.record_commands`.
    """
    parser = subparsers.add_parser("eval", help="measure a model on a suite of tasks, compare runs, make reports")
    parser.set_defaults(command=main)
    parser.add_argument(
        "what",
        metavar="SUITE|compare|report",
        help="tools, data or recovery in a checkout; the path or the module of a suite; or an action on finished runs",
    )
    parser.add_argument("runs", nargs="*", metavar="RUN", help="directories of runs; for compare DIR@MODE/ARM")
    parser.add_argument(
        "--mode", dest="modes", nargs="+", default=["code"], metavar="M", help="code, json, text (default: code)"
    )
    parser.add_argument(
        "--arm", dest="arms", nargs="+", default=["full"], metavar="A", help="full, bare, paper, no-NAME …"
    )
    parser.add_argument("--model", default=DEFAULT_MODEL, help="catalogue name, GGUF path or hub id")
    parser.add_argument("--engine", default="", metavar="FILE.py:F", help="function that returns the engine to use")
    parser.add_argument("--agent", default="", metavar="FILE.py:F", help="function that runs another agent")
    parser.add_argument("--split", choices=("dev", "test", "all"), default="dev")
    parser.add_argument("--limit", type=int, default=0, metavar="N", help="most tasks, spread over the domains")
    parser.add_argument("--seed", dest="seeds", type=int, nargs="+", default=[0], metavar="S")
    parser.add_argument("--temperature", type=float, default=0.0, metavar="T")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes, which share the cores")
    parser.add_argument("--cluster", default="", metavar="ADDRESS", help="Dask scheduler, whose workers do the tasks")
    parser.add_argument("--max-turns", type=int, default=10, metavar="N")
    parser.add_argument("--max-seconds", type=float, default=60.0, metavar="S", help="limit for each task")
    parser.add_argument("--max-tokens", type=int, default=768, metavar="N", help="limit for each reply")
    parser.add_argument("--refusals", type=int, default=0, metavar="N", help="wrong answers refused per task")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder of the run; an existing run is continued")
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON")
    parser.add_argument("--markdown", action="store_true", help="print them as a Markdown table")
    parser.add_argument("--report", type=Path, metavar="OUT.html", help="write a report with every step")
    parser.add_argument("--plot", type=Path, metavar="OUT.svg", help="write a plot")
    parser.add_argument("--only", choices=("right",), help="only trajectories that led to a right answer")
    return parser


def main(args: argparse.Namespace) -> int:
    """Run the command. Numbers go to stdout, progress to stderr.

    Args:
        args: Parsed by the parser of `add_parser`.

    Returns:
        The exit code.

    Raises:
        CodeActError: The command failed; the message is for the user.
    """
    if args.trajectories and args.what in ("compare", "report"):
        raise UsageProblem("`--trajectories` goes with a suite: give it and --out of the run; nothing is repeated.")
    if args.what == "compare":
        return _compare(args)
    if args.what == "report":
        return _report(args)
    if args.runs:
        raise UsageProblem(f"One suite at a time: what is {args.runs[0]!r}?")
    return _run(args)


def _run(args: argparse.Namespace) -> int:
    from .plan import Settings
    from .records import Folder
    from .reporting.groups import Run
    from .suites import SUITES
    from .trajectories import trajectories_of

    write = args.open_trajectories(args) if args.trajectories else None
    suite = args.what if args.what in SUITES else _absolute(args.what)
    options = {part.name: getattr(args, part.name) for part in fields(Settings) if part.name not in ("suite", "model")}
    lists = {name: tuple(value) for name, value in options.items() if isinstance(value, list)}
    settings = Settings(suite, _absolute(args.model), **options | lists)
    out = args.out or Path(f"eval-{_plain(Path(args.what).stem)}-{_plain(Path(args.engine or args.model).stem)}")
    records = _evaluate(settings, out)
    _print(records, args)
    _say(f"saved in {out}")
    _write([Run(out.resolve().name, Folder(out).about(), tuple(records))], args)
    trajectories = trajectories_of(records, only_right=args.only == "right")
    with contextlib.redirect_stdout(sys.stderr):
        return write(out / "records.jsonl", trajectories) if write else 0


def _evaluate(settings: Settings, out: Path) -> list[Record]:
    from tqdm import tqdm

    from .run import evaluate

    pause = 0.1 if sys.stderr.isatty() else 30.0  # seconds: a log has a line for each refresh
    with tqdm(unit="task", file=sys.stderr, dynamic_ncols=True, mininterval=pause) as bar:
        right = 0

        def show(done: int, total: int, record: Record | None) -> None:
            nonlocal right
            if record is None:
                bar.reset(total)
                bar.initial = bar.n = done
                bar.refresh()
                return
            right += record.right
            bar.set_postfix_str(f"{right} right, {record.mode}/{record.arm} {record.task}: {_outcome(record)}", False)
            bar.update()

        return evaluate(settings, out, progress=show, report=bar.write)


def _outcome(record: Record) -> str:
    if record.right:
        return "right"
    return "wrong" if record.answer is not None else record.status


def _print(records: list[Record], args: argparse.Namespace) -> None:
    from .reporting.table import as_json, as_markdown, as_text

    if args.json:
        print(json.dumps(as_json(records), indent=2))
    elif args.markdown:
        print(as_markdown(records))
    else:
        print(as_text(records, records[0].model))


def _compare(args: argparse.Namespace) -> int:
    from .reporting.comparison import compare
    from .reporting.groups import select

    if len(args.runs) != 2:
        raise UsageProblem("Give two runs to compare: eval compare RUN_A RUN_B, each a directory or DIR@MODE/ARM.")
    (first, ours), (second, theirs) = map(select, args.runs)
    found = compare(ours, theirs)
    print(json.dumps(asdict(found), indent=2) if args.json else found.as_text(first, second))
    return 0


def _report(args: argparse.Namespace) -> int:
    from .reporting.groups import read_run
    from .reporting.table import as_json

    if not args.runs:
        raise UsageProblem("Give the runs: eval report RUN… --report OUT.html.")
    runs = [read_run(Path(run)) for run in args.runs]
    if args.json:
        print(json.dumps({run.name: as_json(run.records) for run in runs}, indent=2))
    for run in runs if not args.json else ():
        print(f"{run.name}:\n")
        _print(list(run.records), args)
        print()
    _write(runs, args)
    return 0


def _write(runs: list[Run], args: argparse.Namespace) -> None:
    from .suites import load_page

    for render, path in (("render_page", args.report), ("render_plot", args.plot)):
        if path is not None:
            page = load_page()
            page.write(getattr(page, render)(runs), path)
            _say(f"written to {path}")


def _absolute(name: str) -> str:
    """Return a path as any process can use it; any other name as it is."""
    path = expanded(name)
    return str(path.resolve()) if path.exists() else name


def _plain(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name)


def _say(text: str) -> None:
    print(text, file=sys.stderr)
