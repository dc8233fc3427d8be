"""Text of a displayed object for the model, from the forms in which the object was put out.

A plain text is taken unless it only names the class, as in `<IPython.core.display.HTML object>`: then Markdown, LaTeX,
the text of HTML, JSON and the texts of an SVG image are tried in turn. A chart is described in any case. The forms are
read where they are plain strings, numbers, lists and dictionaries, and nothing else is.
"""

from __future__ import annotations

import binascii
import re
import struct
from collections.abc import Callable, Iterator
from typing import Any

from ..namespace.literals import is_one_of
from .chart_specs import chart_in_html, spec_text
from .chart_text import plain_value
from .html_text import html_text, svg_text

DISPLAY_CHARS = 16_000  #: characters kept of one display's text

_OBJECT = re.compile(r"<[^\n]*(?: object| at 0x[0-9A-Fa-f]+)>|[\w.]+\(\.\.\.\)")
_WIDGET = "application/vnd.jupyter.widget-view+json"


def summarize_bundle(data: dict[str, Any], described: str = "") -> tuple[str, tuple[str, ...]]:
    """Reduce a MIME bundle to text and notes.

    Args:
        data: content by MIME type.
        described: a description of the object that was displayed; it is taken in place of its plain text.

    Returns:
        The text, cut in the middle where it is longer than `DISPLAY_CHARS`, and notes on what is not text.
    """
    forms = {kind: content for kind, content in dict.items(data) if type(kind) is str}
    text = described or _text(forms)
    notes = tuple(_notes(forms))
    if not text and not notes and forms:
        text = _plain(forms)
        notes = () if text else (f"[{next(iter(forms)).rpartition('/')[2][:40]} output]",)
    if len(text) > DISPLAY_CHARS:
        half = DISPLAY_CHARS // 2
        text = f"{text[:half]}\n… [{len(text) - 2 * half:,} characters left out] …\n{text[-half:]}"
    return text, notes


def _plain(forms: dict[str, Any]) -> str:
    return _string(forms.get("text/plain"))


def _string(content: Any) -> str:
    """Return a string, also of a subclass, as a plain one; empty for anything else."""
    return str.__str__(content) if issubclass(type(content), str) else ""


def _text(forms: dict[str, Any]) -> str:
    for kind, content in forms.items():
        if text := spec_text(kind, content):
            return text
    plain = _plain(forms)
    if plain and not _OBJECT.fullmatch(plain.strip()):
        return plain
    for kind, read in _READERS.items():
        if text := read(_string(forms.get(kind))):
            return text
    for kind, content in forms.items():
        is_data = kind.endswith("json") and not kind.startswith("application/vnd.")  # of a renderer, such as a widget's
        if is_data and (text := _json_text(content)):
            return text
    return _svg(_string(forms.get("image/svg+xml")))


def _html(content: str) -> str:
    return chart_in_html(content) or html_text(content)


def _svg(content: str) -> str:
    texts = svg_text(content) if content else ""
    return f"texts: {texts}" if texts else ""


_READERS: dict[str, Callable[[str], str]] = {"text/markdown": str, "text/latex": str, "text/html": _html}


def _notes(forms: dict[str, Any]) -> Iterator[str]:
    """Yield notes on what is not text."""
    if "image/png" in forms:
        yield _figure_note(forms["image/png"])
    elif any(kind.startswith("image/") for kind in forms):
        yield "[image]"
    if _WIDGET in forms:
        yield "[widget]"
    elif any("plotly" in kind or "vega" in kind or "bokeh" in kind for kind in forms):
        yield "[chart]"


def _figure_note(image: Any) -> str:
    """Return the note on a PNG, given as bytes or as base64 text; bytes 16 to 24 hold its width and height."""
    try:
        start = image[:24] if type(image) is bytes else binascii.a2b_base64(_string(image)[:40])
        width, height = struct.unpack(">4xII", start[12:24])
    except (binascii.Error, struct.error, ValueError):
        return "[image]"
    return f"[figure {width}×{height}]" if start.startswith(b"\x89PNG") else "[image]"


def _json_text(content: Any) -> str:
    """Return JSON as text, and above it how many features a GeoJSON collection has."""
    parts: list[str] = []
    size = 0
    for part in _json_parts(content):
        parts.append(part)
        size += len(part)
        if size > DISPLAY_CHARS:
            parts.append(" …")
            break
    features = content.get("features") if type(content) is dict else None
    count = f"{len(features):,} features\n" if type(features) is list else ""
    return count + "".join(parts)


def _json_parts(content: Any, depth: int = 0) -> Iterator[str]:
    """Yield the parts of a text of plain JSON data; of anything else, an ellipsis."""
    content = plain_value(content)
    cls = type(content)
    if cls is dict and depth < 20:
        for number, (key, value) in enumerate(content.items()):
            yield f"{', ' if number else '{'}{key if type(key) is str else '…'}: "
            yield from _json_parts(value, depth + 1)
        yield "}" if content else "{}"
    elif cls is list and depth < 20:
        for number, value in enumerate(content):
            yield ", " if number else "["
            yield from _json_parts(value, depth + 1)
        yield "]" if content else "[]"
    elif is_one_of(cls, (str, int, float, bool, type(None))):
        yield str(content)
    else:
        yield "…"
