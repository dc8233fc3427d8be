"""Charts of plotly and altair are told from the specification in their output."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest

from codeact_jupyter.outputs.chart_specs import chart_in_html, spec_text
from codeact_jupyter.outputs.chart_text import SERIES

PLOTLY, LITE = "application/vnd.plotly.v1+json", "application/vnd.vegalite.v5+json"
ROWS = [{"month": month, "sales": number * 1.5, "town": "Ulm"} for number, month in enumerate(["Jan", "Feb", "Mar"])]


def packed(values: list[float], dtype: str) -> dict[str, str]:
    """Values as plotly 6 writes them."""
    return {"dtype": dtype, "bdata": base64.b64encode(np.asarray(values, dtype=f"<{dtype}").tobytes()).decode()}


def titled(text: str) -> dict[str, Any]:
    return {"title": {"text": text}}


@pytest.mark.parametrize(
    ("data", "layout", "told"),
    [
        (
            [{"type": "bar", "name": "North", "x": ["Jan", "Feb"], "y": [3, 17.5]}],
            {**titled("<b>Sales</b>"), "xaxis": titled("month"), "yaxis": titled("total")},
            ["title: Sales", "x: month; y: total", "bar North (2): x = Jan, Feb; y = 3, 17.5"],
        ),
        (
            [{"mode": "lines", "x": packed([*range(50)], "i4"), "y": packed([0.5, *range(49)], "f8"), "name": "a"}],
            {"yaxis": {"type": "log"}},
            ["y: logarithmic", "line a (50): x = 0 to 49; y = 0 to 48"],
        ),
        ([{"type": "pie", "labels": ["x", "y"], "values": [1, 3]}], {}, ["pie (2): labels = x, y; values = 1, 3"]),
        (
            [{"type": "heatmap", "z": [[1, 2], [3, 4.5]], "x": ["a", "b"], "y": ["c", "d"]}],
            {"title": "old style"},
            ["title: old style", "heatmap (4): x = a, b; y = c, d; z = 1, 2, 3, 4.5"],
        ),
        (
            [{"type": "scatter3d", "x": [1], "y": [2], "z": [3]}],
            {"scene": {"zaxis": titled("height")}, "annotations": [{"text": "<i>town</i>=Ulm"}]},
            ["z: height", "scatter3d (1): x = 1; y = 2; z = 3", "texts: town=Ulm"],
        ),
        ([{"type": "indicator", "value": 42.5}], titled("Score"), ["title: Score", "indicator (1): value = 42.5"]),
        (
            [{"type": "scattermapbox", "lat": [48.4, 51.4], "lon": [9.9, -2.4], "marker": {"color": [1, 2]}}],
            {},
            ["scattermapbox (2): lat = 48.4, 51.4; lon = 9.9, -2.4; color = 1, 2"],
        ),
        ([{"type": "histogram", "x": packed([1, 2, 2], "i1")}], {}, ["histogram (3): x = 1, 2, 2"]),
        (
            [{"type": "candlestick", "open": [1.0], "high": [3.0], "low": [0.5], "close": [2.0]}],
            {"xaxis2": titled("day")},
            ["x2: day", "candlestick (1): open = 1, high = 3, low = 0.5, close = 2".replace(", ", "; ")],
        ),
    ],
)
def test_a_chart_of_plotly_is_described(data: list[Any], layout: dict[str, Any], told: list[str]) -> None:
    assert spec_text(PLOTLY, {"data": data, "layout": layout}).splitlines() == told


def chart(mark: Any, encoding: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"mark": mark, "encoding": encoding, "data": {"name": "d"}, "datasets": {"d": ROWS}, **more}


X, Y = {"field": "month", "type": "nominal"}, {"field": "sales", "type": "quantitative"}
DATA = "of the data (3): month = Jan, Feb, Mar; sales = 0, 1.5, 3; town = Ulm, Ulm, Ulm"


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        (chart("bar", {"x": X, "y": Y}, title="Sales"), ["title: Sales", "x: month; y: sales", f"bar {DATA}"]),
        (
            chart(
                {"type": "line"}, {"x": X, "y": {**Y, "aggregate": "sum", "title": "Total"}, "color": {"value": "red"}}
            ),
            ["x: month; y: sum of sales (titled Total)", f"line {DATA}"],
        ),
        (
            chart("bar", {"x": {**Y, "bin": True}, "y": {"aggregate": "count"}}),
            ["x: bins of sales; y: count", f"bar {DATA}"],
        ),
        (
            {
                "data": {"values": ROWS},
                "layer": [{"mark": "line", "encoding": {"y": Y}}, {"mark": "point"}],
                **titled("A"),
            },
            ["title: A", "y: sales", f"line {DATA}", f"point {DATA}"],
        ),
        (
            {"hconcat": [chart("bar", {"x": X}, title={"text": "left"}), chart("area", {})], "datasets": {"d": ROWS}},
            ["title: left", "x: month", f"bar {DATA}", f"area {DATA}"],
        ),
        (
            {
                "data": {"url": "data/cars.json"},
                "mark": "point",
                "encoding": {"x": {"field": "hp", "timeUnit": "year"}},
            },
            ["x: year of hp", "point"],
        ),
        (
            {"facet": {"field": "town"}, "spec": {"mark": "bar", "encoding": {"x": X}}, "data": {"values": ROWS}},
            ["facet: town; x: month", f"bar {DATA}"],
        ),
    ],
)
def test_a_chart_of_altair_is_described(spec: dict[str, Any], told: list[str]) -> None:
    assert spec_text(LITE, spec).splitlines() == told


@pytest.mark.parametrize("kind", ["application/vnd.vegalite.v4+json", "application/vnd.vegalite.v6.1+json", LITE])
def test_all_versions_are_read(kind: str) -> None:
    assert spec_text(kind, chart("bar", {"x": X})).startswith("x: month")


PAGE = "<div></div><script>(function(spec, o){{ if (a) {{}} }})({}, {{}});</script>"
CALL = 'Plotly.newPlot(  "id",  [{"type": "bar", "y": [1, 2]}],  {"title": {"text": "<b>T</b>"}},  {"a": true})'
SCHEMA = {"$schema": "https://vega.github.io/schema/vega-lite/v6.4.1.json"}


@pytest.mark.parametrize(
    ("html", "told"),
    [
        (PAGE.format(json.dumps(chart("bar", {"x": X}, **SCHEMA))), f"x: month\nbar {DATA}"),
        (f"<script>window.x = 1; {CALL}</script>", "title: T\nbar (2): y = 1, 2"),
        ('<script>// Plotly.newPlot("a", [1, })({a: 1})\n' + CALL, "title: T\nbar (2): y = 1, 2"),
        (PAGE.format(json.dumps({"mark": "bar"})), ""),
        (PAGE.format('{"a": ' * 5_000), ""),
        ("<script>" + "})({" * 5_000 + "</script>", ""),
        ('Plotly.newPlot("a", [1], ', ""),
        ("<p>})([1])</p>", ""),
    ],
)
def test_a_chart_in_a_page_is_described(html: str, told: str) -> None:
    assert chart_in_html(html) == told


def nested(depth: int) -> dict[str, Any]:
    spec: dict[str, Any] = {"mark": "bar"}
    for _ in range(depth):
        spec = {"layer": [spec, spec]}
    return spec


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        (PLOTLY, None),
        (PLOTLY, {"data": 5, "layout": []}),
        (PLOTLY, {"data": [{"x": {"dtype": "f8", "bdata": "not base64!"}}], "layout": {"title": 3}}),
        (PLOTLY, {"data": [{"y": {"dtype": "f8", "bdata": "AAA="}}]}),
        (LITE, "text"),
        (LITE, {"mark": 5, "encoding": [], "data": {"name": []}}),
        (LITE, {"layer": "x"}),
        ("application/json", chart("bar", {"x": X})),
    ],
)
def test_a_specification_that_tells_nothing_gives_no_text(kind: str, spec: Any) -> None:
    assert spec_text(kind, spec) == ""


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        (PLOTLY, {"data": [{"y": [1, 2], "name": "n" * 9_999}] * 5_000}),
        (
            PLOTLY,
            {"data": [{"y": list(range(500_000))}], "layout": {f"xaxis{n}": titled("t" * 999) for n in range(999)}},
        ),
        (LITE, {"hconcat": [chart("bar", {"x": X})] * 500, "datasets": {"d": ROWS * 1_000}}),
        (LITE, chart("bar", {f"c{n}": X for n in range(5_000)})),
        (LITE, nested(60)),
    ],
)
def test_a_large_specification_gives_a_bounded_text(kind: str, spec: Any) -> None:
    assert len(spec_text(kind, spec)) < 30_000


def test_of_many_series_the_first_are_told_and_the_others_counted() -> None:
    text = spec_text(PLOTLY, {"data": [{"y": [number]} for number in range(SERIES + 5)]})
    assert text.endswith("\n… 5 more series") and len(text.splitlines()) == SERIES + 1
