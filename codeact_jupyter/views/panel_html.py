"""Content of a panel as a value of plain text, and its renderings as text and as HTML.

The model's text is always escaped, with hidden characters written out: an answer as its Markdown says, all else inside
`<pre>`. MathJax is kept off both: an amount in dollars is no formula.
"""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..session.numbers import stated
from ..session.places import Place
from ..text import code_point, shorten_middle, visible
from .basis import place_text
from .markdown import markdown_html

TEXT_CHARS = 12_000  #: of a thought, code or answer; a longer one is cut in the middle
NO_FORMULAS = "mathjax_ignore tex2jax_ignore"  #: classes for MathJax 3 and 2
NUMBER, END = (
    0xF0000,
    "\ue000",
)  #: characters around the numbers of an answer; in its own text they would be written out
MARKED = re.compile(f"([{chr(NUMBER)}-\U000ffffd])([^{END}]*){END}")


@dataclass(frozen=True, slots=True)
class PanelContent:
    """Content of a panel."""

    title: str  #: state of the conversation
    phase: Literal["busy", "waits", "over"]  #: `waits`: for the user; `over`: without buttons
    left: str = ""  #: the title if the conversation moves on before this step or reply has ended
    step: int = 0  #: number of the step; 0 before the first
    rejectable: bool = False  #: it can be rejected here, with a reason
    edited: bool = False  #: the user edited the step before it ran
    thinking: str = ""  #: what the model thought before its reply
    thought: str = ""  #: text of the model's reply
    numbers: tuple[tuple[Place, str], ...] = ()  #: those of an answer, with the ids of the proposals that showed them
    is_answer: bool = False  #: that text is the answer
    code: str = ""  #: proposed code
    hint: str = ""  #: what the user can do
    problem: str = ""  #: error of a button
    notes: tuple[str, ...] = ()  #: for the user, oldest first
    model: str = ""  #: name of the model
    speed: float = 0.0  #: tokens per second of the last reply
    used: int = 0  #: tokens of the last reply and its prompt
    window: int = 0  #: the model's window in tokens


def content_text(content: PanelContent) -> str:
    """Render as plain text.

    Args:
        content: What the panel shows.

    Returns:
        Several paragraphs of text.
    """
    facts = " · ".join(_facts(content))
    code = textwrap.indent(shorten_middle(content.code, TEXT_CHARS), "    ")
    end = "\n".join(part for part in (content.hint, content.problem, *content.notes) if part)
    parts = [
        f"CodeAct · {content.title}" + (f" ({facts})" if facts else ""),
        shorten_middle(content.thought, TEXT_CHARS),
        code,
        end,
    ]
    return visible("\n\n".join(part for part in parts if part), code_point)


def content_html(content: PanelContent) -> str:
    """Render as HTML, with all text escaped.

    Args:
        content: What the panel shows.

    Returns:
        An element with its style.
    """
    return f'<div class="codeact-panel">{STYLE}{head_html(content)}{body_html(content)}</div>'


def head_html(content: PanelContent) -> str:
    """Render the row at the top: state, model, speed, use of the window.

    Args:
        content: What the panel shows.

    Returns:
        An element without its style.
    """
    facts = _pre(" · ".join(_facts(content)), "codeact-facts")
    gauge = ""
    if content.used and content.window:
        gauge = f'<span class="codeact-gauge"><span style="width: {_percent(content)}%"></span></span>'
    return (
        f'<div class="codeact-head codeact-{content.phase}"><span class="codeact-dot"></span>'
        f"{_pre(content.title, 'codeact-title')}{facts}{gauge}</div>"
    )


def body_html(content: PanelContent) -> str:
    """Render what the model thought, its text, the code and the hints.

    Args:
        content: What the panel shows.

    Returns:
        Elements without their style.
    """
    code = _scrolling(content.code, "codeact-code")
    if code and content.phase == "over":
        code = _fold("Proposed code", code)
    thinking = _scrolling(content.thinking, "codeact-thought")
    if thinking:
        is_open = content.phase == "busy" and not (content.thought or content.code)
        thinking = _fold("thinking …", thinking, is_open=is_open)
    said = (
        _answer(content.thought, content.numbers)
        if content.is_answer
        else _scrolling(content.thought, "codeact-thought")
    )
    return (
        thinking
        + said
        + code
        + _words(content.hint, "codeact-hint")
        + _words(content.problem, "codeact-problem")
        + _words("\n".join(content.notes), "codeact-hint")
    )


def _fold(summary: str, body: str, *, is_open: bool = False) -> str:
    return f"<details{' open' * is_open}><summary>{summary}</summary>{body}</details>"


def _facts(content: PanelContent) -> list[str]:
    facts = [content.model] if content.model else []
    if content.speed:
        facts.append(f"{content.speed:.1f} tok/s")
    if content.used and content.window:
        facts.append(f"context {_percent(content)} %")
    return facts


def _percent(content: PanelContent) -> int:
    return min(100, round(100 * content.used / content.window))


def _pre(text: str, style: str) -> str:
    return f'<pre class="{style}">{_escaped(text)}</pre>' if text else ""


def _words(text: str, style: str) -> str:
    """Render a text of ours, with what is between backticks as code."""
    parts = _escaped(text).split("`")
    if len(parts) % 2:
        parts = [f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts)]
        return f'<pre class="{style}">{"".join(parts)}</pre>' if text else ""
    return _pre(text, style)


def _scrolling(text: str, style: str) -> str:
    """Render text in a box that scrolls; it can have the focus, so that the keyboard can scroll it."""
    return f'<pre tabindex="0" class="{style}">{_escaped(shorten_middle(text, TEXT_CHARS))}</pre>' if text else ""


def _answer(text: str, numbers: Sequence[tuple[Place, str]]) -> str:
    """Render an answer; each number that a step showed can be pointed at or have the focus, and tells its place.

    The extension lights up that output then, and scrolls there on a click or with Enter.
    """
    shown = shorten_middle(text, TEXT_CHARS)
    parts, spans, end = [], dict[str, str](), 0
    for found, (place, proposal) in zip(stated(text), numbers if shown == text else (), strict=False):
        if place.step:
            mark = chr(NUMBER + len(spans))
            spans[mark] = _number(place, proposal)
            parts += [visible(text[end : found.start()], code_point), mark, found.group(), END]
            end = found.end()
    marked = "".join([*parts, visible(shown[end:], code_point)])
    body = MARKED.sub(lambda found: f"{spans[found[1]]}{found[2]}</span>", markdown_html(marked))
    return f'<div tabindex="0" class="codeact-answer {NO_FORMULAS}">{body}</div>'


def _number(place: Place, proposal: str) -> str:
    """Return the beginning of the element of a number that stands at this place of the proposal's step."""
    told = html.escape(place_text(place))
    facts = {"proposal": proposal, "output": place.output, "row": place.row, "column": place.column}
    data = "".join(f' data-{name}="{_escaped(value)}"' for name, value in facts.items())
    return f'<span class="codeact-number" role="note" tabindex="0" title="{told}" aria-description="{told}"{data}>'


def _escaped(text: str) -> str:
    return html.escape(visible(text, code_point))


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
.codeact-answer { max-height: 30em; overflow: auto; margin: 2px 0; overflow-wrap: anywhere; }
.codeact-answer.codeact-answer > * { margin: 0 0 6px; font-size: inherit; }
.codeact-answer.codeact-answer > :last-child { margin: 0; }
.codeact-panel.codeact-panel pre code { color: inherit; background: none; }
.codeact-answer table { width: auto; border-collapse: collapse; table-layout: auto;
  overflow-wrap: normal; }
.codeact-answer :is(td, th) { padding: 2px 8px; border: 1px solid var(--jp-border-color2, #e0e0e0); }
.codeact-panel.codeact-panel .codeact-answer :is(pre, code) { font-family: var(--jp-code-font-family, monospace); }
.codeact-panel.codeact-panel pre.codeact-code { max-height: 15em; overflow: auto; margin: 4px 0; padding: 4px 8px;
  white-space: pre; font: var(--jp-code-font-size, 13px)/1.4 var(--jp-code-font-family, monospace);
  background: var(--jp-layout-color2, #f5f5f5); }
.codeact-panel.codeact-panel pre.codeact-hint, .codeact-panel summary { color: var(--jp-ui-font-color2, #616161); }
.codeact-number { text-decoration: underline dotted; text-underline-offset: 3px; }
.codeact-number:is(:hover, :focus) { background: color-mix(in srgb, var(--jp-brand-color1, #1976d2) 18%, transparent); }
.codeact-panel.codeact-panel pre.codeact-problem { color: var(--jp-error-color1, #b71c1c); }
</style>"""
