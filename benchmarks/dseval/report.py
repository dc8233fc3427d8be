"""Print passed problems by problem set, with intervals, beside the figures that DSEval's authors published."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from codeact_jupyter.evaluation.records import Record
from codeact_jupyter.evaluation.reporting.summary import share

AUTHORS = "gpt-3.5-turbo with CoML, one attempt, of DSEval's authors"
SOURCE = "https://github.com/MetaCopilot/dseval, results/ of 2024-02-26; Zhang et al., arXiv:2402.17168"
#: passed and total of these, where the folder holds no results
PUBLISHED = {"exercise": (148, 187)}
_HEAD = ("problem set", "passed", "95 %", "not in form", "wrong", "no answer", "not loaded", "published")


def published(folder: Path, benchmark: str) -> dict[str, bool]:
    """Read the authors' results from the folder.

    Args:
        folder: A checkout of DSEval.
        benchmark: Its name, such as `exercise`.

    Returns:
        Whether each problem was passed, by name; empty if the folder holds no results.
    """
    places = [each for each in (folder / "results").glob("*") if each.name.casefold() == benchmark.casefold()]
    files = [file for place in places for file in sorted(place.glob("*coml-gpt-35-turbo-*.jsonl"))]
    lines = files[0].read_text(encoding="utf-8").splitlines() if files else []
    results = map(json.loads, filter(None, lines))
    return {f"{benchmark}/{each['problemset']}/{each['index']}": each["verdict"] == "CORRECT" for each in results}


def table(records: Sequence[Record], left_out: Mapping[str, str], theirs: Mapping[str, bool]) -> str:
    """Format the results by problem set, and their sum.

    Args:
        records: Of the attempts.
        left_out: Reasons by the name of each problem that was not loaded.
        theirs: Whether the authors' agent passed each problem, by name.

    Returns:
        The table in Markdown.
    """
    names = sorted({record.domain for record in records} | {name.rpartition("/")[0] for name in left_out})
    lines = [_HEAD, ("---", *["---:"] * (len(_HEAD) - 1))]
    for name in [*names, ""]:
        lines.append(
            _row(
                name or "all",
                [record for record in records if name in ("", record.domain)],
                [problem for problem in left_out if name in ("", problem.rpartition("/")[0])],
                [passed for problem, passed in theirs.items() if name in ("", problem.rpartition("/")[0])],
            )
        )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def same_problems(records: Sequence[Record], theirs: Mapping[str, bool]) -> str:
    """Say how many of the attempted problems the authors' agent passed; empty if this is not known.

    Args:
        records: Of the attempts.
        theirs: Whether the authors' agent passed each problem, by name.
    """
    tasks = {record.task for record in records} & theirs.keys()
    if not tasks:
        return ""
    return f"Of the {len(tasks)} problems attempted here, theirs passed {sum(theirs[task] for task in tasks)}."


def _row(name: str, records: Sequence[Record], left_out: Sequence[str], theirs: Sequence[bool]) -> tuple[str, ...]:
    passed = [record for record in records if record.right and record.in_form]
    found = share(len(passed), len(records))
    right, answered = sum(record.right for record in records), sum(record.answer is not None for record in records)
    return (
        name,
        f"{found.count}/{found.total}",
        f"{100 * found.low:.0f}–{100 * found.high:.0f} %" if found.total else "–",
        f"{right - len(passed)}",
        f"{answered - right}",
        f"{len(records) - answered}",
        f"{len(left_out)}",
        f"{sum(theirs)}/{len(theirs)}" if theirs else "–",
    )
