"""A model's Markdown as HTML of formatted text: nothing in it loads, runs or can be clicked.

HTML in it is shown as text, a link as its words, an image as its description. No attribute is of the text's choice.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

PLUGINS = ("table", "strikethrough")


def markdown_html(text: str) -> str:
    """Render Markdown.

    Args:
        text: Any text; a line break in it stays one.

    Returns:
        Elements, with all text escaped.
    """
    return _renderer()(text)


@cache
def _renderer() -> Callable[[str], str]:
    import mistune

    class Renderer(mistune.HTMLRenderer):
        def link(self, text: str, url: str, title: str | None = None) -> str:
            return text

        def image(self, text: str, url: str, title: str | None = None) -> str:
            return text

        def block_code(self, code: str, info: str | None = None) -> str:
            return super().block_code(code)

    markdown = mistune.create_markdown(renderer=Renderer(escape=True), hard_wrap=True, plugins=PLUGINS)
    return lambda text: str(markdown(text))
