"""The page of one or more runs: numbers, plots, and every trajectory to read, in one HTML file that needs nothing else.

All that a model wrote is data of unknown intent: it is escaped, hidden characters are shown as escapes, and the page's
policy lets no script run but its own, by hash.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from ...text import visible
from ..records import Record
from .charts import cost_scatter, success_bars, time_bars, tone
from .comparison import Comparison, compare
from .groups import Run, Section, sections
from .summary import Summary, summarise

TITLE = 40  #: pixels above a plot that stands alone
SYMBOLS = {"right": "✓", "late": "✓", "wrong": "✗", "none": "–", "killed": "†"}
MEANINGS = {
    "right": "right",
    "late": "right after a refused answer",
    "wrong": "wrong",
    "none": "no answer",
    "killed": "killed, or the task failed",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A record on the page, under its name there."""

    id: str
    group: str
    record: Record
    outcome: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A section as the template wants it."""

    id: str
    section: Section
    summaries: dict[str, Summary]
    against: dict[str, Comparison]  #: the first group against each other one
    told: tuple[Told, ...]

    @property
    def main(self) -> dict[str, Summary]:
        """The groups with all techniques, and other protocols and agents; all groups when there are none of these."""
        arms = {name: name.partition("/")[2].split(" ")[0] for name in self.summaries}
        found = {
            name: self.summaries[name] for name, arm in arms.items() if arm != "bare" and not arm.startswith("no-")
        }
        return found or self.summaries

    @property
    def tasks(self) -> dict[str, dict[str, list[Told]]]:
        """Domain -> task -> its records, in the groups' order."""
        found: dict[str, dict[str, list[Told]]] = {}
        for each in sorted(self.told, key=lambda each: each.record.domain):
            found.setdefault(each.record.domain, {}).setdefault(each.record.task, []).append(each)
        return found


def write(text: str, path: Path) -> None:
    """Writes a page or a plot, and the folder it is in. Raises `OSError` when it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", errors="replace")


def render_page(runs: Sequence[Run]) -> str:
    """The page as HTML."""
    script = _file("page.js")
    return str(
        _environment()
        .get_template("page.html")
        .render(
            runs=runs,
            sections=[_show(number, section) for number, section in enumerate(sections(runs), 1)],
            style=_file("page.css") + _highlighting(),
            script=script,
            script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
            charts={"success": success_bars, "time": time_bars, "cost": cost_scatter},
            command=_command,
            facts=_facts(runs),
        )
    )


def render_plot(runs: Sequence[Run]) -> str:
    """The success of each group with its interval as an SVG file of its own, one plot below the other."""
    parts, y = [], float(TITLE)
    for section in sections(runs):
        chart = success_bars({name: summarise(records) for name, records in section.groups.items()})
        title = f"{section.suite}, {section.model}: solved by the first answer, with 95 % intervals"
        parts.append({"title": title, "y": y, "chart": chart})
        y += chart.height + TITLE
    return str(_environment().get_template("plot.svg").render(parts=parts, height=y, style=_file("page.css"))).strip()


def _environment() -> Any:
    import jinja2

    environment = jinja2.Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        loader=jinja2.FunctionLoader(_file),
    )
    environment.filters |= {"shown": _shown, "highlighted": _highlighted, "tone": tone}
    environment.globals |= {"symbols": SYMBOLS, "meanings": MEANINGS}
    return environment


def _file(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def outcome(record: Record) -> str:
    """What came of an attempt: a key of `MEANINGS`."""
    if record.right or record.right_after_refusal:
        return "right" if record.right else "late"
    if record.status in ("killed", "error"):
        return "killed"
    return "wrong" if record.answer is not None else "none"


def _show(number: int, section: Section) -> Shown:
    summaries = {name: summarise(records) for name, records in section.groups.items()}
    first, *others = section.groups
    against = {
        name: compare(section.groups[first], section.groups[name]) for name in others if _meet(section, first, name)
    }
    return Shown(f"s{number}", section, summaries, against, tuple(_tell(f"s{number}", section)))


def _meet(section: Section, first: str, second: str) -> bool:
    ours, theirs = ({(record.task, record.seed) for record in section.groups[name]} for name in (first, second))
    return bool(ours & theirs)


def _tell(prefix: str, section: Section) -> Iterator[Told]:
    number = 0
    for group, records in section.groups.items():
        for record in records:
            number += 1
            yield Told(f"{prefix}-{number}", group, record, outcome(record))


def _facts(runs: Sequence[Run]) -> list[str]:
    """What a reader wants to know first: machine, models, limits, days; each once."""
    found: dict[str, None] = {}
    for run in runs:
        machine, model = run.about.get("machine", {}), run.about.get("model", {})
        limits, started = run.about.get("conditions", {}), str(run.about.get("started", ""))
        if machine:
            gigabytes = machine.get("memory", 0) / 1e9
            found[
                f"{machine.get('cpu')}, {machine.get('cores')} cores, {gigabytes:.0f} GB, {machine.get('system')}"
            ] = None
        if model:
            found[f"{model.get('file', model.get('name'))} {str(model.get('sha256', ''))[:12]}"] = None
        if limits:
            turns, seconds, tokens = (limits.get(f"max_{what}") for what in ("turns", "seconds", "tokens"))
            heat = limits.get("temperature")
            found[f"{turns} turns, {seconds:g} s, {tokens} tokens a reply, temperature {heat:g}"] = None
        found[started.partition("T")[0]] = None
    return [fact for fact in found if fact]


def _command(run: Run) -> str:
    """The command that made the run."""
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


def _shown(text: object) -> str:
    return visible(str(text))


def _highlighted(code: str) -> Any:
    """Python in colours, escaped."""
    from markupsafe import Markup
    from pygments import highlight
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexers.python import PythonLexer

    text = highlight(visible(code), PythonLexer(stripnl=False, ensurenl=False), HtmlFormatter(nowrap=True))
    return Markup(text)


def _highlighting() -> str:
    from pygments.formatters.html import HtmlFormatter

    light, dark = (
        "\n".join(HtmlFormatter(style=style).get_token_style_defs(".code")) for style in ("default", "github-dark")
    )
    return f"\n{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"
