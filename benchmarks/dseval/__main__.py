"""Measure the agent on DSEval: data-science problems in sets, whose questions follow one another in one namespace.

    git clone https://github.com/MetaCopilot/dseval ~/dseval
    python -m benchmarks.dseval ~/dseval [--sets exercise,so] [--limit N] [--out DIR] [--survey]

FOLDER is a checkout outside this repository, or a git directory. Each question is asked in the namespace that the
reference solutions before it have left, as the authors do. It prints the passed problems of each set with an interval
of 95 %, those that could not be loaded, and the authors' figure. DIR is a run of `jupyter codeact eval`: the same
command continues it, and `eval report` and `eval compare` read it. The code of the problems and of the model runs here,
so run this where you can spare the machine.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from codeact_jupyter.errors import CodeActError
from codeact_jupyter.evaluation.plan import Settings
from codeact_jupyter.evaluation.records import Record
from codeact_jupyter.evaluation.run import evaluate
from codeact_jupyter.models.catalogue import DEFAULT_MODEL

from .problems import read_benchmark, unpack
from .report import AUTHORS, PUBLISHED, SOURCE, published, same_problems, table
from .tasks import survey

_SUITE = '''"""Problems of DSEval for `jupyter codeact eval`; written by `python -m benchmarks.dseval`."""
import sys
from pathlib import Path

sys.path.append({checkout!r})
from benchmarks.dseval.tasks import make_tasks

TASKS = make_tasks(Path({folder!r}), {sets!r}, {left_out!r})
'''


def main(arguments: Sequence[str]) -> int:
    """Measure and print the table.

    Args:
        arguments: Arguments of the command line.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--sets", default="exercise", help="benchmarks, with commas between (default: exercise)")
    parser.add_argument("--limit", type=int, default=0, metavar="N", help="problems at most, spread over the sets")
    parser.add_argument("--out", type=Path, default=Path("eval-dseval"), metavar="DIR")
    parser.add_argument("--survey", action="store_true", help="only say which problems can be loaded")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--engine", default="", metavar="FILE.py:F", help="a function that returns another engine")
    parser.add_argument("--arm", default="full")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--max-seconds", type=float, default=60.0, metavar="S")
    args = parser.parse_args(arguments)
    try:
        return _run(args)
    except CodeActError as error:
        print(error, file=sys.stderr)
        return 2


def _run(args: argparse.Namespace) -> int:
    folder = unpack(args.folder.expanduser().resolve())
    names = args.sets.split(",")
    sets = [each for name in names for each in read_benchmark(folder, name)]
    left_out = {name: reason for each in sets for name, reason in survey(each).items()}
    total = sum(len(each.problems) for each in sets)
    print(f"{total} problems in {len(sets)} problem sets, {len(left_out)} of them not loaded", file=sys.stderr)
    if args.survey:
        _explain(left_out)
        return 0
    args.out.mkdir(parents=True, exist_ok=True)
    suite = (args.out / "dseval.py").resolve()
    checkout = str(Path(__file__).resolve().parents[2])
    suite.write_text(
        _SUITE.format(checkout=checkout, folder=str(folder), sets=names, left_out=left_out), encoding="utf-8"
    )
    settings = Settings(
        str(suite),
        args.model,
        engine=args.engine,
        arms=(args.arm,),
        seeds=(args.seed,),
        split="test",
        limit=args.limit,
        max_seconds=args.max_seconds,
    )
    records = evaluate(settings, args.out, progress=_progress)
    theirs = {problem: passed for name in names for problem, passed in published(folder, name).items()}
    _print(records, left_out, theirs, names)
    return 0


def _progress(done: int, total: int, record: Record | None) -> None:
    if record is not None:
        passed = "passed" if record.right and record.in_form else record.verdict or record.reason or "not in form"
        print(f"{done}/{total} {record.task}: {passed}", file=sys.stderr)


def _print(
    records: Sequence[Record], left_out: Mapping[str, str], theirs: Mapping[str, bool], names: Sequence[str]
) -> None:
    print(table(records, left_out, theirs))
    _explain(left_out)
    known = {name: PUBLISHED[name] for name in names if name in PUBLISHED and not theirs}
    for name, (passed, total) in known.items():
        print(f"\nPublished for {name}: {passed}/{total}.")
    print(f"\npublished: {AUTHORS} ({SOURCE}). {same_problems(records, theirs)}")


def _explain(left_out: Mapping[str, str]) -> None:
    reasons = Counter(reason.partition(" (")[0] for reason in left_out.values())
    if left_out:
        print(f"\nNot loaded, {len(left_out)} in all:")
    for reason, count in reasons.most_common():
        print(f"  {count:3} {reason}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
