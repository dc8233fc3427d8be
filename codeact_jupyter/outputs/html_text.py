"""HTML as text: tables with their columns aligned, everything else as lines of words.

The markup is untrusted, and read while a cell runs: in one pass, in time that grows with its length. (Beautiful Soup
takes minutes for tags nested 80,000 deep, `html.parser` for as many ampersands; and converters to Markdown, which rest
on these, move the cells below one that spans several rows into other columns.)
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator

from ..text import shorten

HTML_CHARS = 400_000  #: most characters of HTML that are read, without scripts, styles and attributes
MARKUP_CHARS = 20_000_000  #: most characters with these
ROWS, CELLS = 400, 20_000  #: most rows and cells of a table
CELL_CHARS = 120  #: longest text of a cell
DEPTH = 10  #: how deep tables are read in cells of tables

_TAG = re.compile(r"<(?:(/?)([a-zA-Z][\w:-]*)([^<>]*)>|!--|[!?][^<>]*>)")
_SPAN = r"\b{}\s*=\s*[\"']?(\d{{1,4}})\b"
_BREAK, _SPACE = "\x00", "\x01"  # stand for line breaks and spaces that are kept
_RAW = ("script", "style")
_HIDDEN = (*_RAW, "template", "noscript", "head", "title", "svg", "iframe", "object")
_KEPT = ("pre", "textarea")
_BLOCKS = (
    "p",
    "div",
    "br",
    "hr",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "section",
    "article",
)
_MORE_BLOCKS = ("header", "footer", "blockquote", "figure", "figcaption", "summary", "details", "tr", "table", *_KEPT)


def html_text(html: str) -> str:
    """Return the text that HTML shows, without scripts and styles.

    Args:
        html: A page or a fragment; of a long one, the beginning is read.

    Returns:
        Lines; empty if it shows no text.
    """
    page, room = _Page(), HTML_CHARS
    for text, tag, attributes in _tokens(html[:MARKUP_CHARS]):
        page.write(entities.unescape(text[:room]))
        room -= len(text) + len(tag)
        if room < 0:
            break
        if tag.startswith("/"):
            page.end(tag[1:])
        elif tag:
            page.start(tag, attributes)
    words = " ".join(page.text().replace("\t", " ").split())
    lines = [line.strip().replace(_SPACE, " ").rstrip() for line in words.split(_BREAK)]
    end = [f"… (only the first {HTML_CHARS:,} characters of the HTML were read)"] if room < 0 else []
    return "\n".join([*filter(None, lines), *end])


def svg_text(svg: str) -> str:
    """Return the texts that an SVG image shows.

    Args:
        svg: The image.

    Returns:
        The texts in their order, with commas between them.
    """
    parts: list[str] = []
    is_text = False
    for text, tag, _ in _tokens(svg[:MARKUP_CHARS]):
        if is_text:
            parts.append(entities.unescape(text))
        if tag in ("text", "/text"):
            is_text = tag == "text"
            parts.append(_BREAK)
    return ", ".join(filter(None, (" ".join(each.split()) for each in "".join(parts).split(_BREAK))))


def _tokens(markup: str) -> Iterator[tuple[str, str, str]]:
    """Yield texts, each with the name of the tag behind it (an end tag's with its slash) and the tag's attributes."""
    at = 0
    while found := _TAG.search(markup, at):
        name = f"{found[1]}{found[2]}".lower() if found[2] else ""
        yield markup[at : found.start()], name, found[3] or ""
        at = found.end()
        if name in _RAW or found[0] == "<!--":
            end = re.compile(f"</{name}" if name else "-->", re.IGNORECASE).search(markup, at)
            at = (end.start() if name else end.end()) if end else len(markup)
    yield markup[at:], "", ""


class _Page:
    """Collects the text of a page, with marks for line breaks."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._tables: list[_Table] = []  # the innermost is the last one
        self._hidden = self._kept = 0  # how many of such tags are open

    def text(self) -> str:
        """Return the text of what was read."""
        while self._tables:
            self._end_table()
        return "".join(self._parts)

    def start(self, tag: str, attributes: str) -> None:
        """Read the start of an element."""
        self._hidden += tag in _HIDDEN
        self._kept += tag in _KEPT
        if tag == "table" and len(self._tables) < DEPTH:
            self._tables.append(_Table())
        elif self._tables and self._tables[-1].starts(tag, attributes):
            return
        elif tag in _BLOCKS:
            self._put(_BREAK)
        elif tag == "li":
            self._put(f"{_BREAK}- ")

    def end(self, tag: str) -> None:
        """Read the end of an element."""
        self._hidden -= tag in _HIDDEN and self._hidden > 0
        self._kept -= tag in _KEPT and self._kept > 0
        if tag == "table" and self._tables:
            self._end_table()
        elif self._tables and tag in ("td", "th", "caption"):
            self._tables[-1].cell = None
        elif tag in _BLOCKS:
            self._put(_BREAK)

    def write(self, text: str) -> None:
        """Read text between two tags."""
        if not self._hidden:
            self._put(_as_is(text) if self._kept else text)

    def _put(self, text: str) -> None:
        """Append to the open cell of the innermost table, or to the page."""
        if not self._tables:
            self._parts.append(text)
        elif self._tables[-1].cell is not None:
            self._tables[-1].cell.append(text)

    def _end_table(self) -> None:
        text = self._tables.pop().text()
        self._put(f"{_BREAK}{_as_is(text)}{_BREAK}")


class _Table:
    """Rows of cells; one that spans several has its text in the first, and blanks in the others."""

    def __init__(self) -> None:
        self.cell: list[str] | None = None  #: the parts of the text of the open cell
        self._caption: list[str] = []
        self._rows: list[list[list[str]]] = []
        self._above: dict[int, int] = {}  # columns that cells span, and in how many rows, from this one on
        self._room = CELLS

    def starts(self, tag: str, attributes: str) -> bool:
        """Start a row, a cell or the caption; return False for other tags."""
        if tag == "caption":
            self.cell = self._caption
        elif tag == "tr":
            self.cell = None
            self._above = {place: rows - 1 for place, rows in self._above.items() if rows > 1}
            self._rows.append([])
        elif tag in ("td", "th") and self._room > 0:
            self._start_cell(attributes)
        return tag in ("caption", "tr", "td", "th")

    def _start_cell(self, attributes: str) -> None:
        if not self._rows:
            self._rows.append([])
        row = self._rows[-1]
        before = len(row)
        while len(row) in self._above:
            row.append([])
        width, height = _span("colspan", attributes), _span("rowspan", attributes)
        self._above |= {len(row) + place: height for place in range(width)}
        self.cell = []
        row += [self.cell, *([] for _ in range(width - 1))]
        self._room -= len(row) - before

    def text(self) -> str:
        """Return the caption and the rows, each column as wide as its longest cell."""
        rows = [[_cell_text(cell) for cell in row] for row in self._rows if row]
        left_out = len(rows) - ROWS
        if left_out > 0:
            rows = [*rows[: ROWS // 2], [f"… {left_out:,} more rows …"], *rows[-ROWS // 2 :]]
        count = max(map(len, rows), default=0)
        widths = [max((len(row[place]) for row in rows if place < len(row)), default=0) for place in range(count)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        return "\n".join(filter(None, [_cell_text(self._caption), *lines]))


def _as_is(text: str) -> str:
    """Return a text whose spaces and line breaks are kept."""
    return text.replace(" ", _SPACE).replace("\n", _BREAK)


def _cell_text(parts: list[str]) -> str:
    return shorten(" ".join(re.sub(f"[{_BREAK}{_SPACE}]", " ", "".join(parts)).split()), CELL_CHARS)


def _span(name: str, attributes: str) -> int:
    """Return how many columns or rows a cell spans."""
    found = re.search(_SPAN.format(name), attributes, re.IGNORECASE)
    return min(max(int(found[1]), 1), 100) if found else 1
