"""Figures of matplotlib (and seaborn) as text, read from the live figure once it was drawn.

Only objects of exactly matplotlib's own classes are read, through their instance dictionaries: no method runs that a
user could have replaced, and the figure stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from math import isclose
from typing import Any

from ..namespace.arrays import library
from ..namespace.literals import is_one_of
from .chart_text import LISTED, Series, array_of, chart_text, label, plain_values, values_text

AXES = 12  #: most axes of a figure that are described

_NUMBER = re.compile(r"\$.*\$|[-+−]?[\d.,]+(?:[eE][-+−]?\d+)?%?|")
_TICKS = ("XTick", "YTick")


def figure_text(figure: object) -> str:
    """Describe a figure.

    Args:
        figure: Any object.

    Returns:
        Titles, labels, series and values of its axes; empty for what is no figure of matplotlib, and for an empty one.
    """
    whole = _held(figure, "figure", "Figure")
    try:
        stack = _held(whole.get("_axstack"), "figure", "_AxesStack").get("_axes", ())
        axes = [_held(each, "axes", "Axes") or _held(each, "projections.polar", "PolarAxes") for each in stack]
        parts = [text for each in axes[:AXES] if each and (text := _axes_text(each))]
    except Exception:  # an older or newer matplotlib, which keeps these things elsewhere
        return ""
    if len(parts) > 1:
        parts = [f"axes {number}\n{part}" for number, part in enumerate(parts, 1)]
    title = _text(whole.get("_suptitle"))
    legends = filter(None, map(_legend, plain_values(whole.get("legends")) if parts else ()))
    return "\n".join([*([f"title: {title}"] if title else []), *parts, *legends])


def _legend(legend: object) -> str:
    """Return the texts of a legend, behind its title; empty without any."""
    held = _held(legend, "legend", "Legend")
    title = _text(_held(held.get("_legend_title_box"), "offsetbox", "TextArea").get("_text"))
    return _note(f"legend of {title}" if title else "legend", held.get("texts"))


def _note(name: str, artists: Any) -> str:
    texts = list(filter(None, map(_text, plain_values(artists))))
    return f"{name}: {', '.join(texts[: 2 * LISTED])}" if texts else ""


def _held(thing: object, module: str, *names: str) -> dict[str, Any]:
    """Return what an object of exactly one of these classes of matplotlib holds; nothing of any other object."""
    known = library(f"matplotlib.{module}")
    return vars(thing) if known and is_one_of(type(thing), tuple(known.get(name) for name in names)) else {}


def _text(artist: object) -> str:
    """Return the text of a title or a label."""
    return label(_held(artist, "text", "Text", "Annotation").get("_text"))


def _axes_text(axes: dict[str, Any]) -> str:
    if label(axes.get("_label")) == "<colorbar>":
        scale = " ".join(filter(None, (_text(_axis(axes, name).get("label")) for name in "xy")))
        return f"color: {scale}" if scale else ""
    children = plain_values(axes["_children"])
    series = [*_bars(axes), *filter(None, map(_series, children)), *_pie(children)]
    titles = [_text(axes.get(name)) for name in ("_left_title", "title", "_right_title")]
    told = {name: _axis_text(_axis(axes, name), "" if series else _limits(axes, name)) for name in "xy"}
    worded = [name for name in "xy" if _worded_ticks(_axis(axes, name))]
    return chart_text(
        " ".join(filter(None, titles)),
        told,
        [_without_places(each, worded) for each in series],
        list(filter(None, (_legend(axes.get("legend_")), _note("texts", children)))),
    )


def _without_places(series: Series, worded: list[str]) -> Series:
    """Leave out numbers on an axis that shows words: they are only places."""
    values = {
        name: each
        for name, each in series.values.items()
        if name[0] not in worded
        or not all(is_one_of(type(value), (int, float)) for value in plain_values(each)[:LISTED])
    }
    return replace(series, values=values)


# --- axes --------------------------------------------------------------------------------------------------------


def _axis(axes: dict[str, Any], name: str) -> dict[str, Any]:
    return _held(axes.get(f"{name}axis"), "axis", "XAxis", "YAxis")


def _axis_text(axis: dict[str, Any], limits: str) -> str:
    """Return the label of an axis, its ticks if they are no numbers, and else its limits."""
    scale = "logarithmic" if _held(axis.get("_scale"), "scale", "LogScale") else ""
    words = [text for _, text in _worded_ticks(axis)]
    shown = f"({values_text(words)})" if words else limits
    return " ".join(filter(None, (_text(axis.get("label")), scale, shown)))


def _limits(axes: dict[str, Any], name: str) -> str:
    """Return the range of values that an axis shows."""
    points = _held(axes.get("_viewLim"), "transforms", "Bbox").get("_points")
    values = plain_values(points)
    low, high = values["xy".index(name) :: 2] if len(values) == 4 else (0.0, 1.0)
    return f"{low:.4g} to {high:.4g}" if (low, high) != (0.0, 1.0) else ""


def _worded_ticks(axis: dict[str, Any]) -> list[tuple[float, str]]:
    """Return the places and labels of an axis' ticks, if one of the labels is no number."""
    located = _held(_held(axis.get("major"), "axis", "Ticker").get("_locator"), "ticker", "FixedLocator").get("locs")
    count = len(plain_values(located)) or None  # behind these, ticks of an earlier drawing may stand
    ticks = [_held(tick, "axis", *_TICKS) for tick in plain_values(axis.get("majorTicks"))[:count]]
    worded = [(_number(tick["_loc"]), text) for tick in ticks if (text := _text(tick.get("label1")))]
    return [] if all(_NUMBER.fullmatch(text) for _, text in worded) else worded


def _number(value: object) -> float:
    (plain,) = plain_values([value])
    if not is_one_of(type(plain), (int, float)):
        raise TypeError("it may be an object of the user")
    return float(plain)


# --- what is drawn -----------------------------------------------------------------------------------------------


def _series(artist: object) -> Series | None:
    """Return a line, the points of a scatter plot, or the cells of an image."""
    if line := _held(artist, "lines", "Line2D"):
        kind = "points" if label(line.get("_linestyle")) == "None" else "line"
        return Series(kind, _name(line), {"x": line.get("_xorig"), "y": line.get("_yorig")})
    if points := _held(artist, "collections", "PathCollection"):
        places: Any = array_of(points.get("_offsets"))
        columns = {"x": places[:, 0], "y": places[:, 1]} if places is not None and places.ndim == 2 else {}
        return Series("points", _name(points), {**columns, "color": points.get("_A")})
    if image := _held(artist, "image", "AxesImage") or _held(artist, "collections", "QuadMesh"):
        cells: Any = image.get("_A")
        size = "×".join(map(str, cells.shape)) if array_of(cells) is not None else ""
        return Series(f"cells {size}".strip(), "", {"value": cells})
    area = _held(artist, "collections", "PolyCollection", "FillBetweenPolyCollection")
    return Series("area", _name(area)) if area and _name(area) else None


def _name(artist: dict[str, Any]) -> str:
    """Return the name of an artist; empty for one that matplotlib made up."""
    name = label(artist.get("_label"))
    return "" if name.startswith("_") else name


def _bars(axes: dict[str, Any]) -> Iterator[Series]:
    """Yield the bars of bar charts and histograms."""
    for each in plain_values(axes["containers"]):
        container = _held(each, "container", "BarContainer")
        patches = tuple.__iter__(each) if container else ()
        bars = [bar for patch in patches if (bar := _held(patch, "patches", "Rectangle"))]
        start, width, height, x, y = "_x0", "_width", "_height", "x", "y"
        if label(container.get("orientation")) == "horizontal":
            start, width, height, x, y = "_y0", "_height", "_width", "y", "x"
        edges = [(_number(bar[start]), _number(bar[start]) + _number(bar[width])) for bar in bars]
        ticks = _worded_ticks(_axis(axes, x))
        centers = [sum(edge) / 2 for edge in edges]
        names = [next((text for place, text in ticks if abs(place - center) < 0.5), "") for center in centers]
        places: dict[str, Any] = {x: centers}
        if all(names):
            places = {x: names}
        elif len(edges) > 1 and all(isclose(one[1], two[0], abs_tol=1e-9) for one, two in pairwise(edges)):
            places = {f"{x} from": [low for low, _ in edges]}  # a histogram
        if bars:
            yield Series("bar", _name(container), {**places, y: [_number(bar[height]) for bar in bars]})


def _pie(children: list[Any]) -> Iterator[Series]:
    """Yield the shares of a pie chart; its labels are among the texts."""
    wedges = [wedge for child in children if (wedge := _held(child, "patches", "Wedge"))]
    shares = [round((_number(wedge["theta2"]) - _number(wedge["theta1"])) / 3.6, 2) for wedge in wedges]
    if shares:
        names = [_name(wedge) for wedge in wedges]
        yield Series("pie", "", {**({"of": names} if all(names) else {}), "percent": shares})
