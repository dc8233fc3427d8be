"""A figure of matplotlib is told from the live object: titles, labels, series, values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from codeact_jupyter.outputs.figures import AXES, figure_text

matplotlib.use("agg")
import matplotlib.pyplot as plt

SALES = pd.DataFrame({"North": [3, 5], "South": [2.5, 9]}, index=["May", "June"])


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    plt.close("all")


def axes(**settings: Any) -> Any:
    _, made = plt.subplots()
    made.set(**settings)
    return made


def named_bars() -> Any:
    made = axes(title="Sales", xlabel="month", ylabel="total")
    made.bar(["Jan", "Feb", "Mar"], [3, 5, 17.5], label="North")
    made.legend()
    return made.figure


def titled_legends() -> Any:
    figure, (first, second) = plt.subplots(1, 2)
    first.plot([1, 2], [3, 4], label="a")
    first.legend(title="kind")
    (line,) = second.plot([1, 2], [5, 6])
    figure.legend([line], ["b"], title="shop")
    return figure


def histogram() -> Any:
    made = axes(xlabel="mass (g)")
    made.hist([1, 2, 2, 3, 3, 3, 4, 4, 5, 9], bins=4)
    return made.figure


def lines() -> Any:
    made = axes(yscale="log")
    made.plot(pd.date_range("2020-01-01", periods=60), np.linspace(1, 60, 60), label="daily")
    made.axhline(7)
    return made.figure


def scatter() -> Any:
    made = axes(title="all")
    made.scatter([1, 2, 3], [4.5, 5, 6], c=[7, 8, 9], label="pts")
    made.annotate("peak 6", (3, 6))
    return made.figure


def two_axes() -> Any:
    figure, (left, right) = plt.subplots(1, 2)
    left.plot([1, 2], [3, 4])
    right.imshow(np.arange(6).reshape(2, 3))
    figure.suptitle("Both")
    return figure


def pie() -> Any:
    made = axes()
    made.pie([1, 3], labels=["cats", "dogs"], autopct="%.1f%%")
    return made.figure


def heat_map() -> Any:
    made = axes(title="r")
    image = made.pcolormesh(np.linspace(-1, 1, 40).reshape(5, 8))
    made.figure.colorbar(image, label="correlation")
    return made.figure


def frame_of_bars() -> Any:
    return SALES.plot.bar(ylabel="t").figure


def series_of_months() -> Any:
    index = pd.date_range("2020-01-01", periods=24, freq="MS")
    return pd.Series(np.arange(24), index=index, name="s").plot().figure


def horizontal_bars() -> Any:
    return SALES["South"].plot.barh().figure


def bands() -> Any:
    made = axes()
    made.fill_between([1, 2], [3, 4], label="95 %")
    made.errorbar([1, 2], [3, 4], yerr=[0.1, 0.2], fmt="o", label="mean")
    return made.figure


def empty() -> Any:
    return axes(xlim=(2, 5)).figure


@pytest.mark.parametrize(
    ("draw", "told"),
    [
        (
            named_bars,
            [
                "title: Sales",
                "x: month (Jan, Feb, Mar); y: total",
                "bar North (3): x = Jan, Feb, Mar; y = 3, 5, 17.5",
                "legend: North",
            ],
        ),
        (
            titled_legends,
            [
                "axes 1",
                "line a (2): x = 1, 2; y = 3, 4",
                "legend of kind: a",
                "axes 2",
                "line (2): x = 1, 2; y = 5, 6",
                "legend of shop: b",
            ],
        ),
        (histogram, ["x: mass (g)", "bar (4): x from = 1, 3, 5, 7; y = 3, 5, 1, 1"]),
        (
            lines,
            [
                "x: (2020-01-01 … 2020-03-01); y: logarithmic",
                "line daily (60): x = 2020-01-01 to 2020-02-29; y = 1 to 60",
                "line (2): y = 7, 7",
            ],
        ),
        (scatter, ["title: all", "points pts (3): x = 1, 2, 3; y = 4.5, 5, 6; color = 7, 8, 9", "texts: peak 6"]),
        (
            two_axes,
            [
                "title: Both",
                "axes 1",
                "line (2): x = 1, 2; y = 3, 4",
                "axes 2",
                "cells 2×3 (6): value = 0, 1, 2, 3, 4, 5",
            ],
        ),
        (pie, ["pie (2): of = cats, dogs; percent = 25, 75", "texts: cats, dogs, 25.0%, 75.0%"]),
        (heat_map, ["axes 1", "title: r", "cells 5×8 (40): value = -1 to 1", "axes 2", "color: correlation"]),
        (
            frame_of_bars,
            [
                "x: (May, June); y: t",
                "bar North (2): x = May, June; y = 3, 5",
                "bar South (2): x = May, June; y = 2.5, 9",
                "legend: North, South",
            ],
        ),
        (horizontal_bars, ["y: (May, June)", "bar South (2): y = May, June; x = 2.5, 9"]),
        (bands, ["area 95 %", "points (2): x = 1, 2; y = 3, 4"]),
        (empty, ["x: 2 to 5"]),
    ],
)
def test_a_drawn_figure_is_described(draw: Callable[[], Any], told: list[str]) -> None:
    figure = draw()
    figure.canvas.draw()
    text = re.sub(r"\((2020-01-01), .*(2020-03-01)\)", r"(\1 … \2)", figure_text(figure))  # the ticks of matplotlib
    assert text.splitlines() == told


def test_places_on_an_axis_of_months_are_no_values() -> None:
    figure = series_of_months()
    figure.canvas.draw()
    assert "y = 0 to 23" in figure_text(figure) and "600" not in figure_text(figure)


def test_of_very_many_points_all_are_counted_and_ranged() -> None:
    made = axes()
    made.scatter(np.arange(1_500_000), np.append(np.zeros(1_499_999), 7))
    made.plot(np.append(np.zeros(1_200_000), -3))
    assert figure_text(made.figure).splitlines() == [
        "points (1,500,000): x = 0 to 1499999; y = 0 to 7",
        "line (1,200,001): x = 0 to 1200000; y = -3 to 0",
    ]


def test_describing_changes_nothing_of_the_figure() -> None:
    figure = named_bars()
    figure.canvas.draw()
    before = np.asarray(figure.canvas.buffer_rgba()).copy()
    figure_text(figure)
    assert not figure.stale
    figure.canvas.draw()
    assert (np.asarray(figure.canvas.buffer_rgba()) == before).all()


def test_many_axes_series_and_points_give_a_bounded_text() -> None:
    figure, grid = plt.subplots(2, 7)
    for each in grid.flat:
        each.plot(np.arange(3_000.0))
        each.set_title("t" * 1_000)
    for number in range(29):
        grid[0, 0].plot([1, 2], label=f"{'long' * 100} {number}")
    figure.canvas.draw()
    text = figure_text(figure)
    assert text.count("axes ") == AXES and "… 10 more series" in text
    assert len(text) < 60_000


class OwnFigure(Figure):
    pass


@pytest.mark.parametrize("thing", [None, 5, "Figure", OwnFigure(), Figure(), plt, Figure, SALES])
def test_of_anything_else_nothing_is_told(thing: object) -> None:
    assert figure_text(thing) == ""
