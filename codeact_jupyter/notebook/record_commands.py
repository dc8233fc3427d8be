"""The commands `jupyter codeact export` and `import`, and the export of an evaluation.

Exit codes: 0 written, 1 nothing written, 2 wrong use.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..dialects.trajectories import FORMATS, SPEAKERS
from ..errors import UsageProblem
from .saving import check_new, save_whole

if TYPE_CHECKING:
    from ..dialects.trajectories import Trajectory
    from ..models.commands import Subparsers
    from .scan import Finding
    from .sources import Source

NAME_CHARS = 80  #: of a record's id that are in the name of its notebook
LINE_ENDS = {code: f"\\u{code:04x}" for code in (0x85, 0x2028, 0x2029)}  #: for `str.splitlines`, but not in JSON
ROWS = 30  #: sources that are shown one by one
FINDINGS = 20  #: findings that are shown


def add_parser(subparsers: Subparsers) -> None:
    """Add the commands `export` and `import`.

    Args:
        subparsers: The commands of the command line.
    """
    export = subparsers.add_parser("export", help="write conversations as records to train a model on")
    export.set_defaults(command=main)
    export.add_argument("sources", type=Path, nargs="+", metavar="SOURCE", help="journals, notebooks, folders of them")
    add_export_options(export)
    get = subparsers.add_parser("import", help="write records of conversations as notebooks")
    get.set_defaults(command=main, perform=_import)
    get.add_argument("file", type=Path, metavar="FILE", help="JSON lines with `conversations` or `messages`")
    get.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new or empty folder")


def add_export_options(export: argparse.ArgumentParser) -> None:
    """Add the options of an export.

    Args:
        export: The command; its arguments need `sources` when it is performed.
    """
    export.set_defaults(perform=_export)
    export.add_argument("--format", choices=FORMATS, required=True)
    export.add_argument("--only", choices=("answered",), help="only questions that were answered")
    export.add_argument("--edited", action="store_true", help="only questions of which you edited a step")
    export.add_argument("--since", type=_time, metavar="DATE", help="only questions from then on, as 2026-01-31")
    export.add_argument("--journals", type=Path, metavar="DIR", help="where the notebooks' journals are, if elsewhere")
    export.add_argument("--out", type=Path, required=True, metavar="FILE.jsonl")
    _add_scan_options(export)


def add_trajectory_options(evaluation: argparse.ArgumentParser) -> None:
    """Add the options of an evaluation that exports its trajectories, and `open_trajectories`, which it calls.

    Args:
        evaluation: The command.
    """
    evaluation.set_defaults(open_trajectories=_open_trajectories)
    evaluation.add_argument("--trajectories", type=Path, metavar="OUT.jsonl", help="export what the agent did, as data")
    evaluation.add_argument("--format", choices=tuple(SPEAKERS), default="codeactinstruct", help="of the trajectories")
    _add_scan_options(evaluation)


def _add_scan_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-scan", action="store_true", help="do not look for secrets")
    parser.add_argument("--anyway", action="store_true", help="write also what looks like a secret")


def main(args: argparse.Namespace) -> int:
    """Perform a command.

    Args:
        args: The parsed command line.

    Returns:
        The exit code.

    Raises:
        UsageProblem: A file is missing, in the way or cannot be used, or the scanner is not installed.
    """
    try:
        code: int = args.perform(args)
        return code
    except OSError as error:
        raise UsageProblem(f"{error.filename or args.out} cannot be used ({error.strerror}).") from error


def _export(args: argparse.Namespace) -> int:
    from ..config import CodeAct
    from .sources import Wanted, collect

    _check(args.out, args)
    wanted = Wanted(args.format, args.only == "answered", args.edited, args.since)
    return _write(collect(args.sources, wanted, args.journals or CodeAct().journals), args.out, args)


def _open_trajectories(args: argparse.Namespace) -> Callable[[Path, Iterable[tuple[Trajectory, str]]], int]:
    """Check that trajectories can be written, before any are made.

    Return what writes them: it takes where they come from, and each with the reason to leave it out, which is empty if
    there is none.
    """
    from .sources import Source, Wanted

    _check(args.trajectories, args)

    def write(path: Path, questions: Iterable[tuple[Trajectory, str]]) -> int:
        source = Source(path)
        for question, reason in questions:
            source.add(question, Wanted(args.format), reason)
        return _write([source], args.trajectories, args)

    return write


def _check(out: Path, args: argparse.Namespace) -> None:
    from .scan import check_scanner

    check_new(out)
    if not args.no_scan:
        check_scanner()


def _write(sources: list[Source], out: Path, args: argparse.Namespace) -> int:
    """Show what would be written, look for secrets in it, and write it."""
    from .scan import find_secrets, without_home

    shortened = [without_home(record, Path.home()) for source in sources for record in source.records]
    records = [record for record, _ in shortened]
    print(_preview(sources))
    if count := sum(count for _, count in shortened):
        print(f"{count} paths of your home directory begin with ~ in the records.")
    if not records:
        print("Nothing to export.")
        return 1
    if not args.no_scan:
        findings = find_secrets(records)
        print(_findings(findings))
        if findings and not args.anyway:
            print("Nothing was written. Remove these from the sources, or pass --anyway.")
            return 1
    lines = (json.dumps(record, ensure_ascii=False).translate(LINE_ENDS) for record in records)
    save_whole(out, "".join(f"{line}\n" for line in lines))
    print(f"{counted(len(records), 'record')} written to {out}")
    return 0


def _import(args: argparse.Namespace) -> int:
    """Write each record of a file as a notebook; what is no record is named by its line."""
    import nbformat

    from .records import BadRecord, parse_record, to_notebook

    lines = args.file.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    args.out.mkdir(parents=True, exist_ok=True)
    if any(args.out.iterdir()):
        raise UsageProblem(f"{args.out} is not empty: name a new folder.")
    written = skipped = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = parse_record(line, f"{args.file.stem}/{number}")
        except BadRecord as error:
            print(f"line {number}: skipped, {error}", file=sys.stderr)
            skipped += 1
            continue
        name = f"{number:0{len(str(len(lines)))}}-{_file_name(record.id)}.ipynb"  # the number makes it unique
        save_whole(args.out / name, nbformat.writes(to_notebook(record, f"{args.file.name}, line {number}")) + "\n")
        written += 1
    print(f"{counted(written, 'notebook')} written to {args.out}, {counted(skipped, 'line')} skipped")
    return 0 if written else 1


def _file_name(id_: str) -> str:
    return re.sub(r"[^\w.-]+", "-", id_, flags=re.ASCII)[:NAME_CHARS].strip("-.") or "record"


def _time(text: str) -> float:
    """Return a date or time, of this time zone if it names none, as seconds since 1970."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no date: write it as 2026-01-31") from error


def _preview(sources: list[Source]) -> str:
    groups = [(_shown(source.path), [source]) for source in sources[:ROWS]]
    if rest := sources[ROWS:]:
        groups.append((f"… {len(rest)} more", rest))
    groups.append(("all", sources))
    width = max(len(name) for name, _ in groups)
    lines = [f"{'source':<{width}}  questions  records  left out"]
    for name, group in groups:
        questions, records = sum(source.questions for source in group), sum(len(source.records) for source in group)
        left_out = sum((source.left_out for source in group), Counter[str]())
        why = "; ".join(f"{count} {reason}" for reason, count in left_out.items())
        lines.append(f"{name:<{width}}  {questions:>9}  {records:>7}  {why or '–'}")
    return "\n".join(lines)


def _findings(findings: list[Finding]) -> str:
    lines = [f"{counted(len(findings), 'finding')} in the scan for secrets."]
    for finding in findings[:FINDINGS]:
        lines.append(f"  {finding.kind}: {finding.masked!r} in {finding.record!r}, {finding.place}")
    if len(findings) > FINDINGS:
        lines.append(f"  … and {len(findings) - FINDINGS} more")
    return "\n".join(lines)


def _shown(path: Path) -> str:
    home = Path.home()
    return repr(f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path))[1:-1]


def counted(count: int, noun: str) -> str:
    """Return a number with its noun.

    Args:
        count: The number.
        noun: The noun in the singular.
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"
