"""The classes of right cells, judged in one notebook each, and the table of what became of them."""

from __future__ import annotations

import contextlib
import functools
import http.server
import os
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.suites import data, recovery, tools

from . import expressions, generated, reported
from .judging import Notebook, RightCell, Verdict

GENERATED = "generated"  #: the kind of the random cells
SHOWN = 12  #: doubts of a kind that are printed


def measure(*, cells: int, copies: int, seed: int) -> list[Verdict]:
    """Judge all classes of cells.

    Args:
        cells: Generated cells that run.
        copies: Of these, how many are tried in a copy; all of the other classes are.
        seed: Of the generated cells.

    Returns:
        A verdict for each cell, also for those that do not run.
    """
    with place() as url:
        notebook = Notebook()
        found = [notebook.judge(each, copy=True) for each in (*solutions(), *_reported(url))]
        every = max(cells // copies, 1) if copies else 0
        ran = 0
        for code in generated.cells(seed):
            if ran == cells:
                break
            cell = RightCell(GENERATED, code, expressions.live)
            found.append(notebook.judge(cell, copy=bool(every) and ran % every == 0))
            ran += found[-1].ran
    return found


def solutions() -> Iterator[RightCell]:
    """Yield the reference solutions of the suites; those of recovery after the cell of the user that failed."""
    for suite in (data, tools, recovery):
        name = suite.__name__.rpartition(".")[2]
        for task in suite.TASKS:
            yield RightCell(f"solutions of {name}", task.reference, task.namespace)


def _reported(url: str) -> Iterator[RightCell]:
    for cell in reported.cells():
        code = cell.code.replace(reported.URL, url)
        yield RightCell(cell.kind, code, cell.namespace, cell.setup, cell.earlier)


@contextlib.contextmanager
def place() -> Iterator[str]:
    """Work in an empty folder, beside a server on this machine; its address is yielded."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as pages:
        Path(pages, "shops.csv").write_text("a,b\n1,2\n3,4\n")
        Path(folder, "nothing.py").write_text("helper_of_the_file = 1\n")
        handler = functools.partial(_Quiet, directory=pages)
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            os.environ.setdefault("MPLBACKEND", "agg")
            os.chdir(folder)
            try:
                yield f"http://127.0.0.1:{server.server_port}"
            finally:
                os.chdir(before)
                server.shutdown()
                thread.join()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def report(verdicts: Sequence[Verdict]) -> str:
    """Return the table, and the texts of refusals, doubts and changes.

    Args:
        verdicts: Of all cells.
    """
    kinds = list(dict.fromkeys(verdict.cell.kind for verdict in verdicts))
    rows = [(kind, [each for each in verdicts if each.cell.kind == kind]) for kind in kinds]
    lines = [f"{'class':<28} {'cells':>6} {'ran':>6} {'refused':>8} {'doubted':>8} {'changed':>8} {'untried':>8}"]
    for name, these in (*rows, ("all", verdicts)):
        ran = [each for each in these if each.ran]
        figures = [len(these), len(ran), *(sum(bool(getattr(each, key)) for each in ran) for key in _COUNTED)]
        lines.append(f"{name:<28} " + " ".join(f"{n:>{w}}" for n, w in zip(figures, (6, 6, 8, 8, 8, 8), strict=True)))
    ends = Counter(verdict.outcome for verdict in verdicts if verdict.outcome)
    lines.append("trials: " + ", ".join(f"{count} {outcome}" for outcome, count in ends.items()))
    for key in _COUNTED:
        lines += _texts(key, [each for each in verdicts if each.ran and getattr(each, key)])
    lines += _texts("error", [each for each in verdicts if not each.ran and each.cell.kind != GENERATED])
    return "\n".join(lines)


_COUNTED = ("refused", "doubt", "changed", "untried")


def _texts(key: str, verdicts: Sequence[Verdict]) -> list[str]:
    more = f" (the first {SHOWN} of {len(verdicts)})" if len(verdicts) > SHOWN and key != "refused" else ""
    shown = verdicts if key == "refused" else verdicts[:SHOWN]
    lines = [f"\n{key}{more}:"] if shown else []
    for each in shown:
        code = "" if each.cell.kind.startswith("solutions") else f"{each.cell.code!r}\n    "
        lines.append(f"- {each.cell.kind}: {code}{' '.join(getattr(each, key).split())[:300]}")
    return lines
