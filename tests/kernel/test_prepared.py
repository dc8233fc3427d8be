"""The next step in a real kernel with a page: ready when the one before is approved, and gone when it is not wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from codeact_jupyter.testing import AS_WRITTEN

from .conftest import CONVERSATION, Lab, step
from .page import Page

WATCH = f"""
def _watch(path):
    import pathlib, threading, time

    def watch():
        while True:
            if {CONVERSATION}.agent.next_reply.wait(0):
                pathlib.Path(path).touch()
            time.sleep(0.01)

    threading.Thread(target=watch, daemon=True).start()

_watch({{path!r}})
del _watch
"""
LONG = " ".join(map(str, range(300)))  #: an answer that takes a while to write
PREPARING = "[thread.name for thread in __import__('threading').enumerate() if thread.name == 'codeact-next']"

pytestmark = pytest.mark.kernel


@pytest.fixture
def page(lab: Lab) -> Page:
    lab.hidden(WATCH.format(path=str(ready_file(lab))))
    return Page(lab)


def script(lab: Lab, *replies: str, delay: float = 0.0) -> None:
    """Set the model's replies; steps are tried, and replies used as they are."""
    lab.script(*replies, delay=delay)
    lab.hidden(f"%config CodeAct.without = {AS_WRITTEN.replace('trial,', '')!r}")


def ready_file(lab: Lab) -> Path:
    return lab.isolation.run / "ready"


def until_ready(lab: Lab) -> None:
    """Waits, without a word to the kernel, until the next reply is ready."""
    ready_file(lab).unlink(missing_ok=True)
    lab.until(ready_file(lab).exists)


def until_proposed(page: Page, code: str) -> None:
    page.until(lambda: page.pending is not None and page.pending["code"] == code)


def test_the_next_step_comes_at_once_and_was_tried_after_the_first(lab: Lab, page: Page) -> None:
    script(lab, step("box = [1]\nprint(box)"), step("box.append(2)\nprint(box)"), "Done.", delay=0.01)
    lab.ask("What is in the box?")
    page.wait("waits")
    until_ready(lab)
    assert lab.value("'box' in globals()") is False
    assert [item["kind"] for item in page.items] == ["question", "step"]
    assert "append" not in str((page.items, page.streams, lab.journal))
    prompts = len(lab.prompts)
    page.approve()
    until_proposed(page, "box.append(2)\nprint(box)")
    assert page.pending["tried"]["outputs"] == "[1, 2]"
    until_ready(lab)
    assert len(lab.prompts) == prompts + 1, "the reply after it, and nothing else, was generated since"
    page.approve()
    page.wait("idle")
    assert lab.value("box") == [1, 2]
    assert lab.answer == "Done."
    assert [item.get("differs") for item in page.items] == [None, False, False, None]


def test_what_the_user_changed_brings_another_reply(lab: Lab, page: Page) -> None:
    lab.run("n = 1")
    script(lab, step("print(n)"), step("'ahead'"), step("'anew'"))
    lab.ask("What is n?")
    page.wait("waits")
    until_ready(lab)
    lab.run("n = 2")
    page.approve()
    until_proposed(page, "'anew'")
    assert "2" in lab.prompts[2]
    assert "ahead" not in str((page.items, lab.journal))


def test_an_edited_step_brings_another_reply(lab: Lab, page: Page) -> None:
    script(lab, step("x = 1\nx"), step("'ahead'"), step("'anew'"))
    lab.ask("What is x?")
    page.wait("waits")
    until_ready(lab)
    page.cell.source = "x = 1\nx  # so be it"
    page.approve()
    until_proposed(page, "'anew'")
    assert "so be it" in lab.prompts[2]


def test_approved_early_it_is_waited_for_and_streams(lab: Lab, page: Page) -> None:
    script(lab, step("x = 1"), step(f"# {LONG}\ny = x + 1\ny"), "Done.")
    lab.ask("What is x?", "--max-turns 5")
    page.wait("waits")
    lab.value(f"setattr({CONVERSATION}.scripted, '_delay', 0.2)")
    page.approve()
    page.until(lambda: any("I look" in stream["thought"] for stream in page.streams))
    lab.hurry()
    page.until(lambda: page.pending is not None and page.pending["code"].endswith("y = x + 1\ny"))
    assert page.pending["tried"]["outputs"] == "2"


@pytest.mark.parametrize("ending", ["stop", "reject", "reset", "ask"])
def test_whatever_the_user_wants_ends_it(lab: Lab, page: Page, ending: str) -> None:
    script(lab, step("x = 1"), f"ahead {LONG}", delay=0.05)
    lab.ask("What is x?")
    page.wait("waits")
    lab.value(f"setattr({CONVERSATION}.scripted, '_delay', 0.5)")
    assert len(lab.value(PREPARING)) == 1
    step_id = page.pending["proposal"]
    script(lab, "Anew.")  # another engine, while the first one prepares
    assert len(lab.value(PREPARING)) == 1
    match ending:
        case "reject":
            page.ask_for(type="reject", proposal=step_id, reason="")
        case "ask":
            page.ask("Anything else?")
        case _:
            page.ask_for(type=ending)
    page.wait("idle")
    assert lab.value(PREPARING) == []
    if ending != "ask":
        page.ask("Anything else?")
    page.until(lambda: bool(page.items) and page.items[-1].get("text") == "Anew.")
    assert "ahead" not in str((page.items, lab.journal))


def test_it_can_be_switched_off_on_the_settings_page(lab: Lab, page: Page) -> None:
    script(lab, step("x = 1"), f"ahead {LONG}", "Done.", delay=0.05)
    lab.ask("What is x?")
    page.wait("waits")
    lab.value(f"setattr({CONVERSATION}.scripted, '_delay', 0.5)")
    page.ask_for(type="set", option="prepare_next", value=False)
    assert lab.value(PREPARING) == []
    lab.hurry()
    page.approve()
    page.wait("idle")
    assert lab.answer == "Done."


def test_the_users_own_cells_run_while_it_is_prepared(lab: Lab, page: Page) -> None:
    script(lab, step("x = 1"), f"It is 1. {LONG}")
    lab.ask("What is x?")
    page.wait("waits")
    lab.value(f"setattr({CONVERSATION}.scripted, '_delay', 0.5)")
    assert lab.run("6 * 7").text == "42"
    lab.hurry()
    page.approve()
    page.wait("idle")
    assert (lab.answer, len(lab.prompts)) == (f"It is 1. {LONG}", 2)


def test_the_kernel_ends_while_it_is_prepared(lab: Lab, page: Page) -> None:
    script(lab, step("x = 1"), LONG, delay=0.05)
    lab.ask("What is x?")
    page.wait("waits")
    lab.value(f"setattr({CONVERSATION}.scripted, '_delay', 0.5)")
    lab.client.shutdown()
    lab.until(lambda: not lab.km.is_alive())
    assert lab.km.provisioner.process.returncode == 0


def test_a_step_in_a_front_end_without_the_extension_is_ready_too(lab: Lab) -> None:
    lab.hidden(WATCH.format(path=str(ready_file(lab))))
    script(lab, step("x = 1\nprint(x)"), step("x += 1\nprint(x)"), "Done.")
    origin = lab.ask("What is x?")
    until_ready(lab)
    first = lab.run(lab.below(origin))
    assert lab.below(first).source.startswith("x += 1\nprint(x)")
    assert "Tried: 2" in first.text
    assert lab.value("x") == 1
    until_ready(lab)
    assert len(lab.prompts) == 3
    last = lab.run(lab.below(first))
    assert "Done." in last.text
