"""The panel in a shell as a notebook's kernel has it: each cell is a request, and buttons are pressed between cells."""

from __future__ import annotations

import html
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from ipywidgets.widgets.widget import _instances as live_widgets

from codeact_jupyter.agent.view import Note
from codeact_jupyter.session.machine import State
from codeact_jupyter.session.messages import Proposal
from codeact_jupyter.testing import Reply
from codeact_jupyter.views.panel import has_widgets
from codeact_jupyter.views.panel_output import REFRESH_SECONDS, WIDGET_VIEW

from .conftest import Terminal, step

INJECTION = "<img src=x onerror=\"alert('owned')\">"


class Notebook:
    """The terminal's shell behind a front end: `outputs` holds what each display shows by now."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.published = CapturingDisplayPublisher(shell=terminal.shell)
        self.cells = 0
        terminal.shell.display_pub = self.published
        terminal.shell.get_parent = lambda: self.request
        terminal.conversation.options.set("view", "panel")
        self.between_cells()

    def between_cells(self) -> None:
        self.request = {"header": {"msg_id": "button", "msg_type": "comm_msg"}}

    def run(self, cell: str) -> None:
        self.cells += 1
        header = {"msg_id": f"request {self.cells}", "msg_type": "execute_request"}
        self.request = {"header": header, "metadata": {"cellId": f"cell {self.cells}"}, "content": {"code": cell}}
        self.terminal.run(cell)
        self.between_cells()

    def ask(self, *replies: Reply) -> None:
        self.terminal.script(*replies)
        self.run("%%codeact\nWhat is there?")

    def run_next(self) -> None:
        cell = self.terminal.take_next()
        assert cell is not None
        self.run(cell)

    @property
    def outputs(self) -> list[dict[str, Any]]:
        shown: dict[str, dict[str, Any]] = {}
        for output in self.published.outputs:
            display_id = output["transient"]["display_id"]
            assert output["update"] == (display_id in shown)
            shown[display_id] = output["data"]
        return list(shown.values())

    @property
    def texts(self) -> list[str]:
        return [output["text/plain"] for output in self.outputs]

    @property
    def widgets(self) -> list[Any]:
        """The widgets of the panel shown last, from the outermost inwards."""
        return list(descend(live_widgets[self.outputs[-1][WIDGET_VIEW]["model_id"]]))

    @property
    def markup(self) -> str:
        return "".join(widget.value for widget in self.widgets if type(widget).__name__ == "HTML")

    def press(self, label: str, reason: str = "") -> None:
        for widget in self.widgets:
            if type(widget).__name__ == "Text":
                widget.value = reason
        (button,) = (widget for widget in self.widgets if getattr(widget, "description", "") == label)
        button.click()


def descend(widget: Any) -> Iterator[Any]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from descend(child)


@pytest.fixture
def notebook(terminal: Terminal) -> Notebook:
    return Notebook(terminal)


def test_a_waiting_step_is_a_widget_that_says_the_same_as_its_text(notebook: Notebook) -> None:
    notebook.ask(step("points = [3, 4]", "I make points."))
    (text,) = notebook.texts
    assert text.startswith("CodeAct · Step 1 waits for you (scripted · ")
    for words in ("I make points.", "points = [3, 4]", "Run the cell below to approve it"):
        assert words in text
        assert words in notebook.markup
    assert "context " in text


def test_invisible_characters_of_a_waiting_step_are_named_with_their_escapes(notebook: Notebook) -> None:
    notebook.ask(step("t = 'a\u200bb'\nu = 'x\u202ey'"))
    (text,) = notebook.texts
    for words in (r"U+200B in line 1 (written as \u200b)", r"1: t = 'a\u200bb'", r"u = 'x\u202ey'"):
        assert words in text
        assert words in html.unescape(notebook.markup)
    assert "U+202E" not in text, "it is an escape already"


def test_the_answer_stands_in_the_approved_cell_and_nothing_is_left_to_press(notebook: Notebook) -> None:
    before = set(live_widgets)
    notebook.ask(step("x = 1"), "There is an x.")
    notebook.run_next()
    asked, answered = notebook.outputs
    assert asked["text/plain"].startswith("CodeAct · Step 1 ran · ")
    assert answered["text/plain"].startswith("CodeAct · Answered")
    assert "There is an x." in answered["text/plain"]
    assert "2 turns" in answered["text/plain"]
    assert "There is an x." in answered["text/html"]
    assert WIDGET_VIEW not in asked
    assert WIDGET_VIEW not in answered
    assert set(live_widgets) == before


def test_an_edited_step_and_a_failed_step_are_said_to_be_so(notebook: Notebook) -> None:
    notebook.ask(step("x = 1"), step("x = 2"), "Done.")
    edited = notebook.terminal.take_next()
    assert edited is not None
    notebook.run(edited.replace("x = 1", "x = 0"))
    assert notebook.texts[0].startswith("CodeAct · Step 1 ran, edited by you · ")
    failing = notebook.terminal.take_next()
    assert failing is not None
    notebook.run(failing.replace("x = 2", "x = 1 / 0"))
    assert notebook.texts[1].startswith("CodeAct · Step 2 failed, edited by you · ")


def test_markup_from_the_model_stays_text(notebook: Notebook) -> None:
    notebook.ask(step(f"x = 1  # {INJECTION}", f"{INJECTION} </pre><script>alert(2)</script>"), f"{INJECTION}</pre>")
    waiting = notebook.markup
    notebook.run_next()
    final = "".join(output["text/html"] for output in notebook.outputs)
    for markup in (waiting, final):
        assert "<img" not in markup
        assert "<script" not in markup
        assert "&lt;img src=x onerror=&quot;" in markup
    assert INJECTION in notebook.texts[-1]


def test_hidden_characters_of_the_model_are_made_visible(notebook: Notebook) -> None:
    notebook.ask("safe \u202etxt.exe\u2066 a\u200bb \x1b[2J end")
    (output,) = notebook.outputs
    for shown in (output["text/plain"], output["text/html"]):
        assert "safe ⟨U+202E⟩txt.exe⟨U+2066⟩ a⟨U+200B⟩b ⟨U+001B⟩[2J end" in shown


def test_streaming_updates_are_few_and_bounded_however_much_the_model_writes(notebook: Notebook) -> None:
    values: list[str] = []
    shown: list[str] = []

    def begin_to_write(messages: object) -> str:
        shown.extend(notebook.texts)
        for widget in notebook.widgets:
            if type(widget).__name__ == "HTML":
                widget.observe(lambda change: values.append(change["new"]), "value")
        return " ".join(f"word{number}" for number in range(2_000))

    notebook.terminal.conversation.options.set("max_tokens", 100_000)
    started = time.monotonic()
    notebook.terminal.script(begin_to_write)
    notebook.terminal.engine.context_size = 200_000
    notebook.run("%%codeact\nWrite")
    seconds = time.monotonic() - started
    assert shown[0].startswith("CodeAct · Thinking")
    assert 1 <= len(values) <= 2 * (seconds / REFRESH_SECONDS + 1)
    assert max(map(len, values)) < 5_000
    assert len(notebook.texts[0]) < 13_000
    assert "characters left out" in notebook.texts[0]


def test_stop_ends_the_waiting(notebook: Notebook) -> None:
    notebook.ask(step("x = 1", "I set x."))
    notebook.press("Stop")
    (text,) = notebook.texts
    assert text.startswith("CodeAct · Stopped")
    assert "I set x." in text
    assert "Step 1 was not run." in text
    assert notebook.terminal.session.status == "stopped"


def test_stop_ends_the_models_reply_and_keeps_what_was_written(notebook: Notebook) -> None:
    def reply(messages: object) -> str:
        notebook.press("Stop")
        return "Never said."

    notebook.ask(reply)
    assert notebook.terminal.session.status == "stopped"
    assert notebook.texts[0].startswith("CodeAct · Stopped")


def test_reject_without_a_reason_ends_the_question_in_the_same_place(notebook: Notebook) -> None:
    notebook.ask(step("x = 1"))
    notebook.press("Reject", "  ")
    (text,) = notebook.texts
    assert text.startswith("CodeAct · Rejected")
    assert notebook.terminal.session.status == "rejected"


def test_a_reset_leaves_the_panel_without_buttons(notebook: Notebook) -> None:
    notebook.ask(step("x = 1"))
    notebook.terminal.conversation.reset()
    (output,) = notebook.outputs
    assert output["text/plain"].startswith("CodeAct · Step 1 was not run")
    assert WIDGET_VIEW not in output


def test_a_new_question_leaves_the_old_panel_behind_without_buttons(notebook: Notebook) -> None:
    notebook.ask(step("x = 1"))
    notebook.ask("Nothing.")
    old, new = notebook.outputs
    assert old["text/plain"].startswith("CodeAct · Step 1 was not run")
    assert WIDGET_VIEW not in old
    assert new["text/plain"].startswith("CodeAct · Answered")


def test_a_waiting_step_that_is_offered_again_moves_to_the_cell_that_asked_for_it(notebook: Notebook) -> None:
    notebook.ask(step("x = 1"))
    notebook.run("%codeact continue")
    old, new = notebook.texts
    assert old.startswith("CodeAct · Step 1 was not run")
    assert new.startswith("CodeAct · Step 1 waits for you")
    assert notebook.terminal.session.state is State.AWAITING


@pytest.mark.parametrize("unusable", [[""], ["", ""], ["```python\n```"]])
def test_the_use_of_the_window_is_that_of_one_call_however_many_replies_were_sampled(
    notebook: Notebook, unusable: list[str]
) -> None:
    notebook.ask(*unusable, step("x = 1"))
    (usage,) = (event.usage for event in notebook.terminal.session.transcript if isinstance(event, Proposal))
    assert usage.discarded and usage.prompt > usage.in_window
    window = notebook.terminal.engine.context_size
    assert f"context {round(100 * usage.in_window / window)} %" in notebook.texts[-1]


def test_notes_stay_in_the_final_text(notebook: Notebook) -> None:
    def reply(messages: object) -> str:
        notebook.terminal.conversation.agent.turn.view.show(Note("The model is fetched."))
        return "Hello."

    notebook.ask(reply)
    assert "The model is fetched." in notebook.texts[0]


def test_without_ipywidgets_the_view_is_the_plain_one(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    assert has_widgets()
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    notebook.ask("Seven.")
    assert notebook.outputs == []
    assert notebook.terminal.conversation.session.answer == "Seven."
