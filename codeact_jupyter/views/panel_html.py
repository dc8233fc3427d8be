"""What a panel shows, as a value of plain text, and its two renderings: `page_text` and `page_html`.

The model's text is only ever shown escaped and inside `<pre>` (which also keeps MathJax off it), with every character
that could hide or reorder text made visible.
"""

from __future__ import annotations

import html
import textwrap
import unicodedata
from dataclasses import dataclass
from typing import Literal

from ..text import shorten_middle

TEXT_CHARS = 12_000  #: of a thought, a code or an answer that is complete: its head and tail


@dataclass(frozen=True, slots=True)
class Page:
    """What a panel shows. `waits` is the one phase that wants something from the user; `over` has nothing to press.

    `left` is the title that the page keeps when the conversation goes on elsewhere before this came to an end.
    """

    title: str
    phase: Literal["busy", "waits", "over"]
    left: str = ""
    step: int = 0
    rejectable: bool = False  #: it can be rejected here, with a reason
    edited: bool = False  #: the user edited the step before it ran
    thought: str = ""
    code: str = ""
    hint: str = ""
    problem: str = ""
    notes: tuple[str, ...] = ()
    model: str = ""
    speed: float = 0.0  #: tokens per second of the last reply
    used: int = 0  #: tokens of the last reply and its prompt
    window: int = 0  #: the model's window in tokens


def page_text(page: Page) -> str:
    """The page as plain text."""
    facts = " · ".join(_facts(page))
    code = textwrap.indent(shorten_middle(page.code, TEXT_CHARS), "    ")
    end = "\n".join(part for part in (page.hint, page.problem, *page.notes) if part)
    parts = [
        f"CodeAct · {page.title}" + (f" ({facts})" if facts else ""),
        shorten_middle(page.thought, TEXT_CHARS),
        code,
        end,
    ]
    return visible("\n\n".join(part for part in parts if part))


def page_html(page: Page) -> str:
    """The page as HTML that holds nothing but escaped text: the row, the thought, the code, the hints."""
    return f'<div class="codeact-panel">{STYLE}{page_head(page)}{page_body(page)}</div>'


def visible(text: str) -> str:
    """The text with each control, formatting, private and separator character written as `⟨U+202E⟩`."""
    return "".join(f"⟨U+{ord(character):04X}⟩" if _hides(character) else character for character in text)


def _hides(character: str) -> bool:
    return character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")


def _facts(page: Page) -> list[str]:
    facts = [page.model] if page.model else []
    if page.speed:
        facts.append(f"{page.speed:.1f} tok/s")
    if page.used and page.window:
        facts.append(f"context {_percent(page)} %")
    return facts


def _percent(page: Page) -> int:
    return min(100, round(100 * page.used / page.window))


def page_head(page: Page) -> str:
    """The row above: state, model, speed, window."""
    facts = _pre(" · ".join(_facts(page)), "codeact-facts")
    gauge = ""
    if page.used and page.window:
        gauge = f'<span class="codeact-gauge"><span style="width: {_percent(page)}%"></span></span>'
    return (
        f'<div class="codeact-head codeact-{page.phase}"><span class="codeact-dot"></span>'
        f"{_pre(page.title, 'codeact-title')}{facts}{gauge}</div>"
    )


def page_body(page: Page) -> str:
    """The thought, the code, the hints."""
    code = _scrolling(page.code, "codeact-code")
    if code and page.phase == "over":
        code = f"<details><summary>Proposed code</summary>{code}</details>"
    return (
        _scrolling(page.thought, "codeact-thought")
        + code
        + _pre(page.hint, "codeact-hint")
        + _pre(page.problem, "codeact-problem")
        + _pre("\n".join(page.notes), "codeact-hint")
    )


def _pre(text: str, style: str) -> str:
    return f'<pre class="{style}">{html.escape(visible(text))}</pre>' if text else ""


def _scrolling(text: str, style: str) -> str:
    """The same for what may be higher than its place: the keyboard has to get to it to scroll it."""
    return _pre(shorten_middle(text, TEXT_CHARS), style).replace("<pre ", '<pre tabindex="0" ', 1)


STYLE = """<style>
.codeact-panel { border: 1px solid var(--jp-border-color2, #e0e0e0); padding: 4px 8px; overflow: hidden; }
.jp-RenderedHTMLCommon > .codeact-panel { margin: 0 -20px 0 0; }
.codeact-panel, .codeact-panel.codeact-panel pre {
  font: var(--jp-ui-font-size1, 13px)/1.5 var(--jp-ui-font-family, sans-serif);
  color: var(--jp-ui-font-color1, #212121); }
.codeact-panel.codeact-panel pre { margin: 0; padding: 0; border: 0; background: none; white-space: pre-wrap;
  word-break: normal; overflow-wrap: anywhere; }
.codeact-panel .widget-html, .codeact-panel .widget-html-content { height: auto; min-height: 0; margin: 0; }
.codeact-panel .codeact-row { align-items: center; overflow: hidden; }
.codeact-panel .codeact-row > .widget-html { flex: 1 1 auto; }
.codeact-panel .codeact-row > .widget-html > .widget-html-content { flex: 1 1 auto; }
.codeact-panel .codeact-row > .widget-text { flex: 1 1 auto; width: auto; margin-left: 0; }
.codeact-panel .codeact-row > button { flex: 0 0 auto; width: auto; height: 24px; padding: 0 10px; line-height: 22px;
  border: 1px solid var(--jp-border-color1, #bdbdbd); border-radius: 3px; box-shadow: none;
  background: var(--jp-layout-color1, #fff); color: var(--jp-ui-font-color1, #212121); }
.codeact-panel .codeact-row > button:hover { background: var(--jp-layout-color2, #eee); }
.codeact-head { display: flex; align-items: center; gap: 8px; min-height: 26px; padding-right: 8px; }
.codeact-panel.codeact-panel pre.codeact-title { flex: 0 0 auto; max-width: 100%; font-weight: 600; }
.codeact-panel.codeact-panel pre.codeact-facts { flex: 0 1 auto; min-width: 0; margin-left: auto; overflow: hidden;
  white-space: pre; text-overflow: ellipsis; color: var(--jp-ui-font-color2, #616161); }
.codeact-dot { flex: 0 0 auto; width: 8px; height: 8px; border-radius: 50%;
  background: var(--jp-ui-font-color3, #9e9e9e); }
.codeact-busy .codeact-dot { animation: codeact-pulse 1.2s ease-in-out infinite alternate; }
.codeact-waits .codeact-dot { background: #c99700; }
@keyframes codeact-pulse { to { opacity: 0.25; } }
@media (prefers-reduced-motion: reduce) { .codeact-busy .codeact-dot { animation: none; } }
.codeact-gauge { flex: 0 0 auto; width: 48px; height: 4px; border-radius: 2px;
  background: var(--jp-border-color2, #e0e0e0); }
.codeact-gauge > span { display: block; height: 100%; border-radius: 2px;
  background: var(--jp-ui-font-color3, #9e9e9e); }
.codeact-panel.codeact-panel pre.codeact-thought { max-height: 18em; overflow: auto; margin: 2px 0; }
.codeact-panel.codeact-panel pre.codeact-code { max-height: 15em; overflow: auto; margin: 4px 0; padding: 4px 8px;
  white-space: pre; font: var(--jp-code-font-size, 13px)/1.4 var(--jp-code-font-family, monospace);
  background: var(--jp-layout-color2, #f5f5f5); }
.codeact-panel.codeact-panel pre.codeact-hint, .codeact-panel summary { color: var(--jp-ui-font-color2, #616161); }
.codeact-panel.codeact-panel pre.codeact-problem { color: var(--jp-error-color1, #b71c1c); }
</style>"""
