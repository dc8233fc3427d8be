"""Of the forms in which an object is put out, the one that tells something is read."""

from __future__ import annotations

import base64
import types
from typing import Any

import ipywidgets
import matplotlib
import numpy as np
import pytest

from codeact_jupyter.outputs.chart_specs import spec_text
from codeact_jupyter.outputs.chart_text import values_text
from codeact_jupyter.outputs.figures import figure_text
from codeact_jupyter.outputs.rich import DISPLAY_CHARS, summarize_bundle
from codeact_jupyter.outputs.widgets import widget_text
from tests.pure.test_describe_hostile import BASES, DATES, SPRUNG, Trap, armed, thing

matplotlib.use("agg")
import matplotlib.pyplot as plt

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x06").decode()
PLOTLY, WIDGET = "application/vnd.plotly.v1+json", "application/vnd.jupyter.widget-view+json"
MAP = {"type": "FeatureCollection", "features": [{"geometry": {"type": "Point", "coordinates": [9.9, 48.4]}}]}


@pytest.mark.parametrize(
    ("bundle", "text", "notes"),
    [
        ({"text/plain": "<IPython.core.display.Markdown object>", "text/markdown": "**4** towns"}, "**4** towns", ()),
        ({"text/plain": "<IPython.core.display.Latex object>", "text/latex": r"$\frac{7}{2}$"}, r"$\frac{7}{2}$", ()),
        ({"text/plain": "<IPython.core.display.HTML object>", "text/html": "<b>Total: 42</b>"}, "Total: 42", ()),
        (
            {"text/plain": "<pandas.io.formats.style.Styler at 0x7f10>", "text/html": "<table><tr><td>1<td>2"},
            "1  2",
            (),
        ),
        ({"text/plain": "   a\n0  1", "text/html": "<table><tr><td>1"}, "   a\n0  1", ()),
        ({"text/plain": "x**2", "text/latex": "$x^{2}$"}, "x**2", ()),
        (
            {"text/plain": "<IPython.core.display.JSON object>", "application/json": {"n": [1, np.float64(2.5)]}},
            "{n: [1, 2.5]}",
            (),
        ),
        (
            {"text/plain": "<IPython.display.GeoJSON object>", "application/geo+json": MAP},
            "1 features\n{type: FeatureCollection, features: [{geometry: {type: Point, coordinates: [9.9, 48.4]}}]}",
            (),
        ),
        (
            {"text/plain": "<graphviz.Digraph object at 0x7f>", "image/svg+xml": "<svg><text>a 3</text></svg>"},
            "texts: a 3",
            ("[image]",),
        ),
        ({"text/plain": "<IPython.core.display.Image object>", "image/png": PNG}, "", ("[figure 640×480]",)),
        ({"text/plain": "<IPython.core.display.Image object>", "image/jpeg": "AAAA"}, "", ("[image]",)),
        ({"text/plain": "alt.Chart(...)", "application/vnd.vegalite.v5+json": {"mark": "bar"}}, "bar", ("[chart]",)),
        (
            {"text/plain": "Figure({'data': […]})", PLOTLY: {"data": [{"y": [3, 4]}]}},
            "scatter (2): y = 3, 4",
            ("[chart]",),
        ),
        ({"text/plain": "IntSlider(value=7)", WIDGET: {"model_id": "a"}}, "IntSlider(value=7)", ("[widget]",)),
        (
            {"text/plain": "<IPython.lib.display.Audio object>", "text/html": "<audio src=''>"},
            "<IPython.lib.display.Audio object>",
            (),
        ),
        ({"text/plain": "<Axes: xlabel='a'>"}, "<Axes: xlabel='a'>", ()),
        ({"text/plain": "<p at 0x1>\n2"}, "<p at 0x1>\n2", ()),
        ({"application/javascript": "alert(1)"}, "", ("[javascript output]",)),
        ({"application/vnd.bokehjs_exec.v0+json": {"id": "a"}, "text/html": "<div id='a'></div>"}, "", ("[chart]",)),
        ({}, "", ()),
    ],
)
def test_the_form_that_tells_something_is_read(bundle: dict[str, Any], text: str, notes: tuple[str, ...]) -> None:
    assert summarize_bundle(bundle) == (text, notes)


def test_a_description_stands_in_place_of_the_plain_text() -> None:
    assert summarize_bundle({"text/plain": "<Figure>", "image/png": PNG}, "x: a") == ("x: a", ("[figure 640×480]",))


@pytest.mark.parametrize(
    "bundle",
    [
        {"text/markdown": "x" * 100_000},
        {"text/html": "<p>word</p>" * 100_000},
        {"application/json": [{"a": list(range(99_999))}] * 99},
        {"application/geo+json": {"features": [MAP] * 99_999}},
        {"image/svg+xml": "<text>x</text>" * 99_999},
    ],
)
def test_a_large_output_gives_a_bounded_text(bundle: dict[str, Any]) -> None:
    assert len(summarize_bundle(bundle)[0]) < DISPLAY_CHARS + 100


def endless() -> dict[str, Any]:
    content: dict[str, Any] = {}
    content["again"] = [content]
    return content


@pytest.mark.parametrize("content", [endless(), {1: object()}, [[]], "text", None, 0])
def test_odd_json_gives_text_and_no_error(content: Any) -> None:
    assert isinstance(summarize_bundle({"application/json": content})[0], str)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([1, 2.50, "x"], "1, 2.5, x"),
        (list(range(100)), "0 to 99"),
        (["b", "a"] * 10, "b … a (2 different)"),
        ([f"2020-01-{day:02d}T00:00:00.000000" for day in range(30, 0, -1)], "2020-01-01 to 2020-01-30"),
        (["2020-01-01T00:00:00", "2020-01-01T10:30:00"], "2020-01-01, 2020-01-01T10:30:00"),
        (np.array(["2020-01-01", "NaT"], dtype="M8[ns]"), "2020-01-01"),
        ([0.1 + 0.2, float("nan"), True, None], "0.3, True"),
        ([np.float64(1.5), np.int8(3), np.str_("y")], "1.5, 3, y"),
        (np.ma.masked_array([1.0, 2.0], [False, True]), "1"),
        (np.ma.masked_array(np.arange(99.0), np.arange(99) > 50), "0 to 50"),
        (np.append(np.arange(3_000_000), -1), "-1 to 2999999"),
        (np.full(99, np.nan), ""),
        (np.array(["NaT", "2020-01-02"] * 9, dtype="M8[D]"), "2020-01-02 to 2020-01-02"),
        (np.array([1, "x", None] * 9, dtype=object), "1 … x (2 different)"),
        (np.arange(30).reshape(5, 6), "0 to 29"),
        ({"a": 1}, ""),
        (5, ""),
    ],
)
def test_values_are_listed_or_told_by_their_range(values: Any, text: str) -> None:
    assert values_text(values) == text


# --- widgets -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("widget", "text"),
    [
        (
            lambda: ipywidgets.IntSlider(7, max=20, description="n"),
            "IntSlider(description='n', value=7, min=0, max=20)",
        ),
        (lambda: ipywidgets.HTML("<b>3</b>"), "HTML(value='<b>3</b>')"),
        (
            lambda: ipywidgets.HBox([ipywidgets.FloatProgress(2.5), ipywidgets.Label("half")]),
            "HBox(FloatProgress(value=2.5, min=0.0, max=100.0), Label(value='half'))",
        ),
        (lambda: ipywidgets.IntRangeSlider(value=(1, 5), max=9), "IntRangeSlider(value=(1, 5), min=0, max=9)"),
        (lambda: ipywidgets.Dropdown(options=["a", "b"]), "Dropdown(value='a', index=0, label='a')"),
        (lambda: ipywidgets.Text("x", description=""), "Text(value='x')"),
        (lambda: type("Own", (ipywidgets.IntSlider,), {"__repr__": lambda self: 1 / 0})(), ""),
        (lambda: ipywidgets.IntSlider, ""),
        (lambda: 5, ""),
    ],
)
def test_a_widget_is_told_by_what_it_shows(widget: Any, text: str) -> None:
    assert widget_text(widget()) == text


def test_widgets_in_widgets_give_a_bounded_text() -> None:
    box: Any = ipywidgets.Label("deep")
    for _ in range(20):
        box = ipywidgets.VBox([box] * 3)
    assert len(widget_text(box)) <= 2_000


# --- nothing of the user runs --------------------------------------------------------------------------------------


def figures_with(obj: Any) -> Any:
    """A drawn figure that holds a foreign object wherever matplotlib would hold one of its own."""
    figure, axes = plt.subplots()
    axes.bar(["a", "b"], [1, 2])
    axes.scatter([1], [2])
    (line,) = axes.plot([1, 2], [3, 4])
    figure.canvas.draw()
    yield figure
    for owner, name in [
        *((line, name) for name in ("_xorig", "_yorig", "_label", "_linestyle")),
        *((axes.patches[0], name) for name in ("_x0", "_width", "_height")),
        *((axes.containers[0], name) for name in ("_label", "orientation")),
        *((axes.collections[0], name) for name in ("_offsets", "_A")),
        *((axes.xaxis, name) for name in ("label", "_scale", "major", "majorTicks")),
        *((axes.title, name) for name in ("_text",)),
        *((axes, name) for name in ("title", "xaxis", "legend_", "containers", "_viewLim", "_label", "_children")),
        *((figure, name) for name in ("_suptitle", "_axstack")),
    ]:
        before = vars(owner)[name]
        vars(owner)[name] = obj
        yield figure
        vars(owner)[name] = [obj]
        yield figure
        vars(owner)[name] = before
    plt.close(figure)


@pytest.mark.parametrize("name", [*BASES, *DATES])
def test_nothing_of_a_hostile_object_in_a_figure_runs(name: str) -> None:
    for figure in figures_with(thing(name)):
        with armed():
            figure_text(figure)
        assert SPRUNG == []


def bundles_with(obj: Any) -> Any:
    for kind in ("text/plain", "text/markdown", "text/html", "image/png", "image/svg+xml", "application/json", WIDGET):
        yield {kind: obj}
        yield {kind: {"a": obj}}
        yield {kind: [obj]}
    for kind in (PLOTLY, "application/vnd.vegalite.v5+json"):
        yield {kind: obj}
        for name in ("data", "layout", "mark", "encoding", "datasets", "layer", "title", "facet", "frames"):
            yield {kind: {name: obj}}
            yield {kind: {name: [obj]}}
            yield {kind: {name: {"name": obj, "values": [obj], "text": obj}}}
        for name in ("x", "name", "type", "mode", "marker"):
            yield {kind: {"data": [{name: obj}]}}
            yield {kind: {"data": [{name: [obj]}]}}
            yield {kind: {"data": [{name: {"dtype": obj, "bdata": obj, "color": obj}}]}}
            yield {kind: {"data": {"values": [{name: obj}]}, "encoding": {name: {"field": obj, "title": obj}}}}


@pytest.mark.parametrize("name", [*BASES, *DATES])
def test_nothing_of_a_hostile_object_in_an_output_runs(name: str) -> None:
    obj = thing(name)
    for bundle in bundles_with(obj):
        with armed():
            summarize_bundle(bundle)
        assert SPRUNG == []


@pytest.mark.parametrize("name", [*BASES, *DATES])
def test_nothing_of_a_hostile_object_that_is_shown_runs(name: str) -> None:
    obj = thing(name)
    slider, box = ipywidgets.IntSlider(), ipywidgets.HBox()
    slider._trait_values |= {"value": obj, "description": (obj, obj)}
    box._trait_values["children"] = (obj, slider)
    with armed():
        for each in (obj, type(obj), [obj], types.SimpleNamespace(a=obj), slider, box):
            figure_text(each)
            widget_text(each)
            values_text(each)
            spec_text(PLOTLY, each)
    assert SPRUNG == []


def test_the_trap_is_sprung_by_what_drawing_does() -> None:
    with pytest.raises(Trap), armed():
        str(thing("object"))
