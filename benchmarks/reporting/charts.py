"""Charts as SVG, drawn by matplotlib. The same records give the same bytes. Needs the extra `eval`."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from codeact_jupyter.evaluation.reporting.summary import Summary
from codeact_jupyter.text import shorten, visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, ROW, AXIS, TITLE = 7.5, 0.27, 0.3, 0.3  #: inches: of a chart, of each row, of its axis and its title
NAME_CHARS = 48
SVG = "http://www.w3.org/2000/svg"
GREY = "#808890"  #: of lines, on light and dark ground
COLOURS = {
    "code": "#2f6fde",
    "ablated": "#93b5ef",  # our agent without some of its techniques
    "json": "#d9822b",
    "text": "#1d9a8a",
    "paper": "#8a8f98",
    "smolagents": "#a15cc4",
    "other": "#5b6470",
    "reading": "#8aa4c8",
    "writing": "#2f6fde",
    "acting": "#d9a441",
}


def colour(name: str) -> str:
    """Choose the colour of a group: by its mode, other protocols and agents apart.

    Args:
        name: Name of the group, such as `code/full`.

    Returns:
        The colour as CSS has it.
    """
    mode, _, arm = name.partition("/")
    arm = arm.split(" ")[0]
    if mode == "code" and arm != "full":
        return COLOURS[arm if arm in ("paper", "smolagents") else "ablated"]
    return COLOURS[mode if mode in ("code", "json", "text") else "other"]


def success_chart(parts: Mapping[str, Mapping[str, Summary]], ground: str = "none") -> str:
    """Draw the share of right first answers with its interval, several charts below each other.

    Args:
        parts: Title -> summaries by name.
        ground: Colour of the ground.

    Returns:
        The SVG.
    """
    figure, all_axes = _figure([len(groups) for groups in parts.values()], AXIS + TITLE * any(parts))
    for axes, (title, groups) in zip(all_axes, parts.items(), strict=True):
        shares, rows = [found.first for found in groups.values()], range(len(groups))
        axes.barh(rows, [share.value for share in shares], height=0.6, color=[colour(name) for name in groups])
        axes.hlines(rows, [share.low for share in shares], [share.high for share in shares], color=GREY)
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(_percent)
        _label_rows(axes, groups, [f"{_percent(share.value)}  {share.count}/{share.total}" for share in shares])
        axes.set_title(visible(title), loc="left", fontsize=10, fontweight="bold")
    return _svg(figure, ground)


def time_chart(groups: Mapping[str, Summary]) -> str:
    """Draw the mean seconds of an attempt: the model reading, the model writing, and the rest: actions.

    Args:
        groups: Summaries by name.

    Returns:
        The SVG.
    """
    figure, (axes,) = _figure([len(groups)], AXIS)
    starts = [0.0] * len(groups)
    for part in ("reading", "writing", "acting"):
        seconds = [found.seconds_by_part[part] for found in groups.values()]
        axes.barh(range(len(groups)), seconds, left=starts, height=0.6, color=COLOURS[part])
        starts = [start + more for start, more in zip(starts, seconds, strict=True)]
    axes.xaxis.set_major_formatter("{x:g} s")
    _label_rows(axes, groups, [f"{total:.1f} s" for total in starts])
    return _svg(figure)


def cost_chart(groups: Mapping[str, Summary]) -> str:
    """Draw the share of right first answers against the generated tokens of an attempt. See `time_chart`."""
    from matplotlib.patches import Ellipse
    from matplotlib.transforms import ScaledTranslation

    figure, (axes,) = _figure([13])
    most = max(found.generated_tokens for found in groups.values()) or 1.0
    axes.set(xlim=(0, 1.05 * most), ylim=(-0.03, 1.03), xlabel="generated tokens per task, discarded replies included")
    axes.yaxis.set_major_formatter(_percent)
    axes.grid(axis="y", color=GREY, alpha=0.3)
    order = sorted(groups, key=lambda name: (groups[name].first.value, groups[name].generated_tokens))
    label = -1.0
    data: Any = axes.transData
    for name in order:
        found = groups[name]
        x, y = found.generated_tokens, found.first.value
        label = max(label + 0.05, y)
        axes.vlines(x, found.first.low, found.first.high, color=GREY, alpha=0.4)
        dot = figure.dpi_scale_trans + ScaledTranslation(x, y, data)
        axes.add_artist(Ellipse((0, 0), 0.12, 0.12, transform=dot, color=colour(name)))
        axes.annotate(
            _name(name),
            (x, y),
            (1.03, label),
            textcoords=axes.get_yaxis_transform(),
            va="center",
            fontsize=9,
            arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.5, "relpos": (0, 0.5)},
        )
    return _svg(figure)


def _figure(rows: list[int], margin: float = 0.0) -> tuple[Figure, list[Axes]]:
    """Make a figure with axes of so many rows below each other, each with a margin in inches for axis and title."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, ROW * sum(rows) + margin * len(rows)), layout="constrained")
    all_axes = figure.subplots(len(rows), 1, squeeze=False, height_ratios=rows)[:, 0]
    for axes in all_axes:
        axes.tick_params(length=0, labelsize=9)
        axes.spines[:].set_visible(False)
        axes.set_facecolor("none")
        axes.set_axisbelow(True)
    return figure, list(all_axes)


def _label_rows(axes: Axes, groups: Mapping[str, Summary], values: list[str]) -> None:
    """Write the names on the left and the values on the right, the first row at the top."""
    axes.set_yticks(range(len(groups)), [_name(name) for name in groups])
    axes.set_ylim(len(groups) - 0.4, -0.6)
    axes.grid(axis="x", color=GREY, alpha=0.3)
    for row, value in enumerate(values):
        axes.text(1.02, row, value, transform=axes.get_yaxis_transform(), va="center", fontsize=9)


def _percent(share: float, place: float = 0) -> str:
    return f"{100 * share:.0f} %"


def _name(name: str) -> str:
    return shorten(visible(name), NAME_CHARS)


def _svg(figure: Figure, ground: str = "none") -> str:
    """Save the figure as SVG, without ids and references, so that a page can hold several."""
    from matplotlib import rc_context

    buffer = io.StringIO()
    with rc_context({"svg.fonttype": "none", "text.parse_math": False}), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a letter without a glyph is the reader's font's business
        figure.savefig(buffer, format="svg", facecolor=ground)
    root = ElementTree.fromstring(buffer.getvalue().replace("'DejaVu Sans'", "system-ui, sans-serif"))
    for part in root.iter():
        part.attrib.pop("id", None)
        part.attrib.pop("clip-path", None)
        part[:] = [child for child in part if child.tag not in (f"{{{SVG}}}metadata", f"{{{SVG}}}defs")]
    ElementTree.register_namespace("", SVG)
    return ElementTree.tostring(root, encoding="unicode")
