"""Right code that is refused: the reference solutions of the suites, reported kinds of cells, and generated cells.

    python -m benchmarks.right_code [--cells 5000] [--copies 300] [--seed 0]

A cell counts if it runs. It is then reviewed as the reply of a model that insists on it. *Refused*: the user does not
get it. *Doubted*: the model is asked one hidden question first. *Changed*: a mend is shown in its place. *Untried*:
what would be doubted or refused where nothing can be tried. The solutions, the reported cells and some of the generated
ones are tried in a copy of this process; for the others, the trial ends as the run does. Exits 1 if a cell is refused,
or if one that was not generated does not run.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
import time

from .measuring import GENERATED, measure, report


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=5000, help="generated cells that run")
    parser.add_argument("--copies", type=int, default=300, help="of which so many are tried in a copy")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):  # some tasks have files there
        verdicts = measure(cells=options.cells, copies=options.copies, seed=options.seed)
    print(report(verdicts))
    print(f"{time.monotonic() - started:.0f} s, of the processors {sum(os.times()[:4]):.0f} s")
    wrong = [each for each in verdicts if (each.refused if each.ran else each.cell.kind != GENERATED)]
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
