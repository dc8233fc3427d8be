"""Effects that code can have outside its variables, each tried in a copy of the kernel and then run for real.

    python -m benchmarks.copy_effects [--only TEXT] [--landlock 1]

A class passes if the trial leaves no effect, the kernel is as it was before, no process and no thread is left, and the
control shows that the same cell does have the effect outside the copy. Everything runs as a user without privileges,
in temporary folders. Exits 1 if a class fails.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.effects import CASES, Outcome

__all__ = ["CASES", "Outcome", "outcomes"]

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="part of the names of the classes to run")
    parser.add_argument("--landlock", type=int, default=99, help="the newest version of Landlock to use")
    options = parser.parse_args()
    done = []
    print(f"{'class':<44} {'kept':<5} {'control':<8} {'kernel':<10} outcome")
    for each in outcomes(options.only, options.landlock):
        done.append(each)
        kept, control, kernel = (
            "YES" if each.kept else "no",
            "shows" if each.control else "NO",
            each.changes or "unharmed",
        )
        mark = "" if each.ok else "  <-- FAILED"
        print(f"{each.name:<44} {kept:<5} {control:<8} {kernel:<10} {each.outcome}: {each.said}{mark}")
    kept, bad = sum(each.kept for each in done), [each.name for each in done if not each.ok]
    print(
        f"\n{len(done)} classes, {kept} kept, {sum(not each.control for each in done)} without a control that shows it,"
    )
    print(f"{sum(bool(each.changes) for each in done)} with a change in the kernel. Failed: {', '.join(bad) or 'none'}")
    return 1 if bad or not done else 0


def outcomes(only: str = "", landlock: int = 99) -> Iterator[Outcome]:
    """Run the cases in isolation, and yield the outcome of each, in order.

    Args:
        only: Part of the names of the cases to run.
        landlock: The newest version of Landlock to use.
    """
    from tests.kernel.isolation import isolated

    with isolated() as place:
        command = [*place.prefix, sys.executable, "-m", "benchmarks.effects.runner"]
        with subprocess.Popen(
            [*command, str(place.work), only, str(landlock)],
            stdout=subprocess.PIPE,
            text=True,
            env={**place.environment, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"},
            cwd=place.work,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                yield Outcome(**json.loads(line))
        if process.returncode:
            raise RuntimeError(f"The cases ended early, with status {process.returncode}.")


if __name__ == "__main__":
    sys.exit(main())
