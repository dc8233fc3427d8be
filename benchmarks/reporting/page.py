"""The page of one or more runs: numbers, charts and every trajectory, in one HTML file that needs nothing else.

What a model wrote is escaped, hidden characters are shown as escapes, and the page's policy lets no script run but its
own, by hash. Needs the extra `eval`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from codeact_jupyter.evaluation.records import Record
from codeact_jupyter.evaluation.reporting.comparison import compare
from codeact_jupyter.evaluation.reporting.groups import Run
from codeact_jupyter.evaluation.reporting.summary import Summary, summarise
from codeact_jupyter.evaluation.reporting.table import HEAD, cells
from codeact_jupyter.session.basis import Basis
from codeact_jupyter.text import visible
from codeact_jupyter.views.basis import basis_line

from .charts import COLOURS, colour, cost_chart, success_chart, time_chart
from .sections import Section, sections

CHARTS: dict[str, Callable[[Mapping[str, Summary]], str]] = {
    "Solved by the first answer, with Wilson intervals of 95 %": lambda groups: success_chart({"": groups}),
    "Where the time goes": time_chart,
    "Success against cost": cost_chart,
}
SYMBOLS = {"right": "✓", "late": "✓", "wrong": "✗", "none": "–", "killed": "†"}
MEANINGS = {
    "right": "right",
    "late": "right after a refused answer",
    "wrong": "wrong",
    "none": "no answer",
    "killed": "killed, or the task failed",
}


@dataclass(frozen=True, slots=True)
class _Trajectory:
    """A record on the page."""

    id: str  #: of its element
    group: str  #: name of its group
    record: Record  #: the record
    outcome: str  #: a key of `MEANINGS`


@dataclass(frozen=True, slots=True)
class _Part:
    """A section on the page."""

    id: str  #: of its element
    section: Section  #: the records
    summaries: dict[str, Summary]  #: by group
    p_values: dict[str, float]  #: of McNemar's test of the first group against each other one
    tasks: dict[str, dict[str, dict[str, list[_Trajectory]]]]  #: domain -> task -> group -> trajectories


def write(text: str, path: Path) -> None:
    """Write a page or a plot, and make its folder.

    Args:
        text: Its content.
        path: Path of the file.

    Raises:
        OSError: It cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", errors="replace")


def render_page(runs: Sequence[Run]) -> str:
    """Render the page.

    Args:
        runs: What it shows.

    Returns:
        The HTML.
    """
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    environment.filters |= {"highlighted": _highlighted, "cells": cells, "colour": colour, "basis": _basis}
    script = _file("page.js")
    return environment.from_string(_file("page.html")).render(
        runs=runs,
        parts=[_part(f"s{number}", section) for number, section in enumerate(sections(runs), 1)],
        style=Markup(_file("page.css") + _highlighting()),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        charts={title: partial(_drawn, draw) for title, draw in CHARTS.items()},
        head=HEAD,
        colours=COLOURS,
        command=_command,
        symbols=SYMBOLS,
        meanings=MEANINGS,
    )


def render_plot(runs: Sequence[Run]) -> str:
    """Draw the success of each group as an SVG of its own. See `render_page`."""
    title = "{0.suite}, {0.model}: solved by the first answer, with 95 % intervals"
    return success_chart({title.format(section): _summaries(section) for section in sections(runs)}, "white")


def outcome(record: Record) -> str:
    """Classify an attempt.

    Args:
        record: Record of the attempt.

    Returns:
        A key of `MEANINGS`.
    """
    if record.right or record.right_after_refusal:
        return "right" if record.right else "late"
    if record.status in ("killed", "error"):
        return "killed"
    return "wrong" if record.answer is not None else "none"


def _part(prefix: str, section: Section) -> _Part:
    first, *others = section.groups
    p_values = {
        name: compare(section.groups[first], section.groups[name]).p for name in others if _meet(section, first, name)
    }
    tasks: dict[str, dict[str, dict[str, list[_Trajectory]]]] = {}
    labelled = [(group, record) for group, records in section.groups.items() for record in records]
    for number, (group, record) in enumerate(labelled, 1):
        shown = _Trajectory(f"{prefix}-{number}", group, record, outcome(record))
        tasks.setdefault(record.domain, {}).setdefault(record.task, {}).setdefault(group, []).append(shown)
    return _Part(prefix, section, _summaries(section), p_values, dict(sorted(tasks.items())))


def _summaries(section: Section) -> dict[str, Summary]:
    return {name: summarise(records) for name, records in section.groups.items()}


def _meet(section: Section, first: str, second: str) -> bool:
    ours, theirs = ({(record.task, record.seed) for record in section.groups[name]} for name in (first, second))
    return bool(ours & theirs)


def _command(run: Run) -> str:
    """Return the command that made the run."""
    settings: dict[str, Any] = dict(run.about.get("settings", {}))
    if not settings:
        return ""
    parts = ["jupyter codeact eval", str(settings["suite"])]
    plural = {"modes": "mode", "arms": "arm", "seeds": "seed"}
    for name, value in settings.items():
        if name == "suite" or value in ("", None) or (name == "model" and settings.get("engine")):
            continue
        values = value if isinstance(value, list) else [f"{value:g}" if isinstance(value, float) else value]
        parts.append(" ".join([f"--{plural.get(name, name).replace('_', '-')}", *map(str, values)]))
    return " ".join(parts)


def _basis(evidence: Mapping[str, Any]) -> str:
    return basis_line(msgspec.convert(evidence, Basis))


def _drawn(draw: Callable[[Mapping[str, Summary]], str], groups: Mapping[str, Summary]) -> Any:
    """Return the chart as HTML has it, without a namespace."""
    from markupsafe import Markup

    return Markup(draw(groups).replace(' xmlns="http://www.w3.org/2000/svg"', "", 1))


def _file(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _highlighted(code: str) -> Any:
    """Return Python in colours, escaped."""
    from markupsafe import Markup
    from pygments import highlight
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexers.python import PythonLexer

    return Markup(highlight(visible(code), PythonLexer(stripnl=False, ensurenl=False), HtmlFormatter(nowrap=True)))


def _highlighting() -> str:
    from pygments.formatters.html import HtmlFormatter

    light, dark = (
        "\n".join(HtmlFormatter(style=style).get_token_style_defs(".code")) for style in ("default", "github-dark")
    )
    return f"\n{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"
