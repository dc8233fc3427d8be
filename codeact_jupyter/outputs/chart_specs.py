"""Charts of plotly and altair as text, read from the specification in their output.

Vega-Lite computes sums and bins in the browser: of such a chart, the fields, what is computed of them, and the ranges
of the data are told.
"""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from ..namespace.arrays import library
from ..namespace.literals import is_one_of
from .chart_text import LISTED, READ, Series, chart_text, label, plain_values

PARTS = 20  #: most parts of a compound chart that are described

_VEGA = re.compile(r"application/vnd\.vega(?:lite)?\.v\d[\w.]*\+json")
_PLOTLY = re.compile(r"application/vnd\.plotly\.v\d[\w.]*\+json")
_CALL = re.compile(r"(?:Plotly\.newPlot\(\s*\"[^\"]*\"\s*,|\}\)\()\s*(?=[\[{])")
_COMMA, _DECODER = re.compile(r"\s*,\s*"), json.JSONDecoder()
_VALUES = ("x", "y", "z", "lat", "lon", "locations", "r", "theta", "labels", "parents", "values", "value", "color")
_PRICES = ("open", "high", "low", "close", "a", "b", "c", "size", "dimensions")
_COMPOUND = ("layer", "hconcat", "vconcat", "concat")
_TYPES = {"f8": "<f8", "f4": "<f4", "i1": "i1", "u1": "u1", "u1c": "u1"}
_TYPES |= {f"{kind}{size}": f"<{kind}{size}" for kind in "iu" for size in (2, 4, 8)}


def spec_text(kind: str, spec: Any) -> str:
    """Describe a chart.

    Args:
        kind: A MIME type.
        spec: The content of an output under that type.

    Returns:
        Its title, axes and series; empty for other types, and if there is nothing to tell.
    """
    if _PLOTLY.fullmatch(kind):
        return _plotly(_dict(spec))
    if _VEGA.fullmatch(kind):
        return _vega_text(_dict(spec))
    return ""


def chart_in_html(html: str) -> str:
    """Describe a chart that a script of a page draws, as plotly and altair write it where they have no other form.

    Args:
        html: The page.

    Returns:
        As `spec_text`.
    """
    for found in islice(_CALL.finditer(html), PARTS):
        try:
            spec, end = _DECODER.raw_decode(html, found.end())
            if type(spec) is list:
                layout, _ = _DECODER.raw_decode(html, _COMMA.match(html, end).end())  # type: ignore[union-attr]
                return _plotly({"data": spec, "layout": layout})
        except (ValueError, RecursionError, AttributeError):
            continue
        if label(spec.get("$schema")).startswith("https://vega.github.io/schema/vega"):
            return _vega_text(spec)
    return ""


def _vega_text(spec: dict[Any, Any]) -> str:
    return "\n".join(filter(None, islice(_vega(spec, {}, _dict(spec.get("datasets"))), PARTS)))


def _dict(value: Any) -> dict[Any, Any]:
    """Return a plain dictionary whose keys are plain text, without the others; empty for any other object."""
    return {key: each for key, each in value.items() if type(key) is str} if type(value) is dict else {}


def _dicts(value: Any) -> list[dict[Any, Any]]:
    return [_dict(each) for each in value[:PARTS] if type(each) is dict] if type(value) is list else []


# --- plotly ------------------------------------------------------------------------------------------------------


def _plotly(figure: dict[Any, Any]) -> str:
    layout = _dict(figure.get("layout"))
    traces = [_dict(each) for each in plain_values(figure.get("data")) if type(each) is dict]
    axes = {name: _axis(name, layout) for name in layout if re.fullmatch(r"[xyz]axis\d*", name)}
    for scene in (each for name, each in layout.items() if name.startswith("scene")):
        axes |= {name: _axis(name, _dict(scene)) for name in ("xaxis", "yaxis", "zaxis")}
    texts = [text for each in _dicts(layout.get("annotations")) if (text := label(each.get("text")))]
    frames = plain_values(figure.get("frames"))
    notes = [f"{len(frames):,} frames; the first is described"] if frames else []
    return chart_text(
        _titled(layout),
        {name.replace("axis", ""): told for name, told in axes.items()},
        map(_trace, traces),
        [*([f"texts: {', '.join(texts)}"] if texts else []), *notes],
    )


def _titled(owner: dict[Any, Any]) -> str:
    """Return the title of a figure or an axis: `{"title": {"text": "Sales"}}`, or the text itself."""
    title = owner.get("title")
    return label(_dict(title).get("text") if type(title) is dict else title)


def _axis(name: str, owner: dict[Any, Any]) -> str:
    axis = _dict(owner.get(name))
    return ", ".join(filter(None, (_titled(axis), "logarithmic" if label(axis.get("type")) == "log" else "")))


def _trace(trace: dict[Any, Any]) -> Series:
    kind = label(trace.get("type")) or "scatter"
    mode = label(trace.get("mode"))
    is_line = kind.startswith("scatter") and "lines" in mode
    values = {name: _decoded(trace[name]) for name in (*_VALUES, *_PRICES) if name in trace}
    colors = _dict(trace.get("marker")).get("color")
    if plain_values(_decoded(colors)):
        values["color"] = _decoded(colors)
    return Series("line" if is_line else kind, label(trace.get("name")), values)


def _decoded(values: Any) -> Any:
    """Return the values of a trace: a list, a single number, or an array as plotly 6 writes it."""
    if is_one_of(type(values), (int, float)):
        return [values]
    if type(values) is list and values and type(values[0]) is list:
        return list(islice((each for row in values if type(row) is list for each in row), READ))
    array = _dict(values)
    kind, content, numpy = array.get("dtype"), array.get("bdata"), library("numpy")
    if type(kind) is not str or type(content) is not str or kind not in _TYPES or not numpy:
        return values
    try:
        return numpy["frombuffer"](binascii.a2b_base64(content), dtype=_TYPES[kind])
    except (binascii.Error, ValueError):
        return []


# --- vega ----------------------------------------------------------------------------------------------------------


def _vega(spec: dict[Any, Any], outer: dict[Any, Any], datasets: dict[Any, Any], depth: int = 0) -> Iterator[str]:
    """Yield the texts of a chart and of its parts, each with what it takes from the one around it."""
    encoding = {**_dict(outer.get("encoding")), **_dict(spec.get("encoding"))}
    whole = {"data": spec.get("data", outer.get("data")), "encoding": encoding}
    parts = [part for name in _COMPOUND for part in _dicts(spec.get(name))]
    if inner := _dict(spec.get("spec")):
        parts.append(inner)
        whole["encoding"] = {**encoding, "facet": _dict(spec.get("facet"))}
    title = _titled(spec)
    if not parts or depth > PARTS:
        yield _unit(spec, title, whole, datasets)
        return
    yield f"title: {title}" if title else ""
    for part in parts[:PARTS]:
        yield from _vega(part, whole, datasets, depth + 1)


def _unit(spec: dict[Any, Any], title: str, whole: dict[Any, Any], datasets: dict[Any, Any]) -> str:
    """Return the text of a single chart."""
    mark = spec.get("mark")
    kind = label(_dict(mark).get("type") if type(mark) is dict else mark)
    channels = {channel: told for channel, each in whole["encoding"].items() if (told := _channel(_dict(each)))}
    rows = _rows(whole["data"], datasets)
    fields = list(dict.fromkeys(key for row in rows[:LISTED] for key in row))[:PARTS]
    columns = {name: [row.get(name) for row in rows] for name in fields}
    drawn = [Series(kind, "of the data", columns)] if rows else []
    return chart_text(title, channels, drawn, [] if rows else [kind])


def _channel(encoding: dict[Any, Any]) -> str:
    """Return what a channel shows: `sum of sales (titled Total)`."""
    name = label(encoding.get("field"))
    computed = label(encoding.get("aggregate")) or label(encoding.get("timeUnit"))
    computed = computed or ("bins" if encoding.get("bin") is True or _dict(encoding.get("bin")) else "")
    of = f"{computed} of {name}" if computed and name else computed or name
    title = _titled(encoding) or label(_dict(encoding.get("axis")).get("title"))
    return f"{of} (titled {title})" if of and title and title != of else of or title


def _rows(data: Any, datasets: dict[Any, Any]) -> list[dict[Any, Any]]:
    """Return the rows of the data of a chart, by its name among the data sets or from the chart itself."""
    source = _dict(data)
    name = source.get("name")
    values = source.get("values") if "values" in source else datasets.get(name) if type(name) is str else None
    return [_dict(row) for row in plain_values(values) if type(row) is dict]
