"""HTML becomes text whose tables can be read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeact_jupyter.outputs.html_text import HTML_CHARS, ROWS, html_text, svg_text

PRICES = pd.DataFrame({"town": ["Ulm", "Bath"], "price": [1234.5, 99.25], "share": [0.925, 0.075]})
GRID = pd.DataFrame(
    np.arange(8).reshape(4, 2),
    index=pd.MultiIndex.from_product([["a", "b"], ["c", "d"]], names=["k", "l"]),
    columns=pd.MultiIndex.from_product([["t"], ["u", "v"]]),
)


@pytest.mark.parametrize(
    ("styler", "lines"),
    [
        (
            PRICES.style.format({"price": "{:,.2f} €", "share": "{:.1%}"}).hide(axis="index"),
            ["town  price       share", "Ulm   1,234.50 €  92.5%", "Bath  99.25 €     7.5%"],
        ),
        (PRICES[["town"]].style.set_caption("Where"), ["Where", "   town", "0  Ulm", "1  Bath"]),
        (PRICES[["price"]].style.highlight_max(color="red").format(precision=1), ["   price", "0  1234.5", "1  99.2"]),
        (
            GRID.style,
            ["      t", "      u  v", "k  l", "a  c  0  1", "   d  2  3", "b  c  4  5", "   d  6  7"],
        ),
        (PRICES[["share"]].style.bar().format("{:.0%}").relabel_index(["x", "y"]), ["   share", "x  92%", "y  8%"]),
    ],
)
def test_a_styled_table_is_read_as_it_is_formatted(styler: Any, lines: list[str]) -> None:
    assert html_text(styler._repr_html_()).splitlines() == lines


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<b>Total: 42</b>", ["Total: 42"]),
        ("<h1>Sales</h1><p>up by&nbsp;<i>3&thinsp;%</i><br>since May</p>", ["Sales", "up by 3 %", "since May"]),
        ("<ul><li>one<li>two 2</ul>", ["- one", "- two 2"]),
        ("<pre>a  1\n b 2</pre>", ["a  1", " b 2"]),
        ("<script>if (a < b) { x = '<p>no</p>' }</script><style>p {}</style>yes", ["yes"]),
        ("<!-- <p>no</p> -->yes<!doctype html>", ["yes"]),
        ("<table><tr><td>out<td><table><tr><td>1<td>2</table></table>", ["out  1 2"]),
        ("<TABLE><TR><TD COLSPAN='2'>a<TD>b</TR><TR><TD>1<TD>2<TD>3</TABLE>", ["a     b", "1  2  3"]),
        ("<table><tr><td rowspan=3>a<td>1<tr><td>2<tr><td>3<tr><td>4", ["a  1", "   2", "   3", "4"]),
        ("before<table><tr><td>1</td></tr></table>after", ["before", "1", "after"]),
        ("a < b & c &lt; d &#8364;", ["a < b & c < d €"]),
        ("<div><svg><text>no</text></svg><iframe srcdoc='no'></iframe></div>", []),
        ("<audio src='data:audio/wav;base64,AAAA'>", []),
        ("<select><option>x</select><td>alone", ["xalone"]),
        ("", []),
    ],
)
def test_html_is_read_as_it_is_shown(html: str, lines: list[str]) -> None:
    assert html_text(html).splitlines() == lines


def test_a_long_table_keeps_its_beginning_and_its_end() -> None:
    rows = "".join(f"<tr><td>{number}</td></tr>" for number in range(2 * ROWS))
    lines = html_text(f"<table>{rows}</table>").splitlines()
    assert (lines[0], lines[ROWS // 2], lines[-1]) == ("0", f"… {ROWS:,} more rows …", str(2 * ROWS - 1))


@pytest.mark.parametrize(
    "long",
    ["<script>{}</script>", "<style>{}</style>", "<img src='{}'>", "<!-- {} -->", "<p title='{}'></p>"],
)
def test_what_is_not_shown_takes_no_room(long: str) -> None:
    assert html_text(f"<p>begun</p>{long.format('A ' * HTML_CHARS)}<p>read</p>").splitlines() == ["begun", "read"]


def test_of_a_long_text_the_beginning_is_read_and_said_to_be() -> None:
    lines = html_text(f"<p>begun</p><p>{'A ' * HTML_CHARS}</p><p>unread</p>").splitlines()
    assert lines[0] == "begun" and len(lines[1]) < HTML_CHARS
    assert lines[2:] == [f"… (only the first {HTML_CHARS:,} characters of the HTML were read)"]


@pytest.mark.parametrize(
    "unit",
    [
        *(
            "<",
            "<!",
            "<a",
            "</",
            "<!--",
            "<?",
            "&",
            "&#",
            "<a b='",
            "<![",
            "<script",
            "<div>",
            "<svg>",
            "<li>",
            "<pre>",
        ),
        *("<table><tr><td>", "</table>", "<td colspan=9999 rowspan=9999>x", "<tr><td rowspan=99>x", "\x00\x01"),
    ],
)
def test_html_that_is_made_to_be_slow_is_read_in_one_pass(unit: str) -> None:
    assert len(html_text(unit * (HTML_CHARS // len(unit)))) < 40 * HTML_CHARS  # it ends within the limit of a test


@given(
    st.lists(
        st.sampled_from(
            [
                "<",
                ">",
                "<table>",
                "</table>",
                "<tr>",
                "<td>",
                "<td rowspan=2>",
                "</td>",
                "x",
                " ",
                "<!--",
                "-->",
                "<script>",
                "</script>",
                "<pre>",
                "\n",
                "&lt",
                "<caption>",
            ]
        )
    )
)
def test_no_markup_breaks_the_reader(parts: list[str]) -> None:
    assert isinstance(html_text("".join(parts)), str)


@pytest.mark.parametrize(
    ("svg", "texts"),
    [
        ("<svg><text x='1'>North</text><g><text>3&#160;%</text></g></svg>", "North, 3 %"),
        ("<svg><title>%3</title><text>a<tspan>b</tspan></text></svg>", "ab"),
        ("<svg><path d='M0'/></svg>", ""),
        ("<?xml version='1.0'?><svg><TEXT>x</TEXT>", "x"),
        ("<svg><text></text><text> y </text>", "y"),
    ],
)
def test_the_texts_of_an_svg_are_read(svg: str, texts: str) -> None:
    assert svg_text(svg) == texts
