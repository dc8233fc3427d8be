"""The panel as a front end receives it from a real kernel, by messages."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

from .page import give_trial

pytestmark = pytest.mark.kernel

PATIENCE = 120  #: seconds until a test gives up on the kernel
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
SETUP = """
%load_ext codeact_jupyter
%config CodeAct.trial = False
from codeact_jupyter.dialects.prompt import DIALECTS
from codeact_jupyter.testing import ScriptedEngine
conversation = get_ipython().magics_manager.registry["CodeActMagics"].conversation
engine = ScriptedEngine({replies!r}, delay={delay})
conversation.open_model = lambda: (engine, DIALECTS["markdown"])
"""
STEP = "I add them.\n```python\ntotal = 3 + 4\n```"


class FrontEnd:
    """A client that applies the kernel's messages as a notebook does.

    It shows displays and their updates, inserts the next cell, and has widgets with buttons to press.
    """

    def __init__(self, client: BlockingKernelClient) -> None:
        self.client = client
        self.displays: dict[str, dict[str, Any]] = {}
        self.first: dict[str, dict[str, Any]] = {}
        self.widgets: dict[str, dict[str, Any]] = {}
        self.errors: list[str] = []

    def run(self, cell: str) -> str | None:
        """Run the cell; return the next one if the reply carries it."""
        return self.finish(self.start(cell))

    def start(self, cell: str) -> str:
        """Run the cell, and wait for nothing; return the id of the request, which names a cell as notebooks do."""
        content = {"code": cell, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": True}
        message = self.client.session.msg("execute_request", {**content, "stop_on_error": True})
        message["metadata"] = {"cellId": uuid.uuid4().hex}
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def finish(self, request: str) -> str | None:
        """Wait until the cell has run; return the next one if the reply carries it."""
        while True:
            reply = self.client.get_shell_msg(timeout=PATIENCE)
            if reply["parent_header"].get("msg_id") == request:
                break
        self.receive(request)
        return next((part["text"] for part in reply["content"].get("payload", []) if "text" in part), None)

    def press(self, label: str) -> None:
        """Press a button and wait until the kernel has handled it."""
        self.receive(self.click(label))

    def click(self, label: str, subshell: str | None = None) -> str:
        """Press a button, and wait for nothing; return the id of the message."""
        (button,) = (key for key, state in self.widgets.items() if state.get("description") == label)
        return self.tell(button, {"method": "custom", "content": {"event": "click"}, "buffers": []}, subshell)

    def open_subshell(self) -> str:
        """Open a subshell, which serves JupyterLab's messages of widgets beside a running cell."""
        self.client.control_channel.send(self.client.session.msg("create_subshell_request", {}))
        return str(self.client.get_control_msg(timeout=PATIENCE)["content"]["subshell_id"])

    def write(self, text: str) -> None:
        """Write into the panel's text field."""
        (field,) = (key for key, state in self.widgets.items() if state["_model_name"] == "TextModel")
        self.receive(self.tell(field, {"method": "update", "state": {"value": text}, "buffer_paths": []}))

    def tell(self, widget: str, data: dict[str, Any], subshell: str | None = None) -> str:
        message = self.client.session.msg("comm_msg", {"comm_id": widget, "data": data})
        message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def receive(self, request: str) -> None:
        """Apply all messages about the request, until the kernel is idle."""
        while not self.take(self.client.get_iopub_msg(timeout=PATIENCE), request):
            pass

    def take(self, message: dict[str, Any], request: str) -> bool:
        """Apply one message; return True if it ends the request."""
        content = message["content"]
        match message["msg_type"]:
            case "display_data":
                self.first[content["transient"]["display_id"]] = content["data"]
                self.displays[content["transient"]["display_id"]] = content["data"]
            case "update_display_data":
                self.displays[content["transient"]["display_id"]] = content["data"]
            case "comm_open" if content["target_name"] == "jupyter.widget":
                self.widgets[content["comm_id"]] = content["data"]["state"]
            case "comm_msg" if content["data"].get("method") == "update":
                self.widgets[content["comm_id"]].update(content["data"]["state"])
            case "comm_close":
                self.widgets.pop(content["comm_id"], None)
            case "error":
                self.errors.append(content["evalue"])
        idle = message["msg_type"] == "status" and content["execution_state"] == "idle"
        return idle and message["parent_header"].get("msg_id") == request

    def shows(self, words: str) -> bool:
        """Return True if a widget shows these words."""
        return any(words in str(state.get("value")) for state in self.widgets.values())

    @property
    def texts(self) -> list[str]:
        return [data["text/plain"] for data in self.displays.values()]


@pytest.fixture
def front_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FrontEnd]:
    for name in ("HOME", "XDG_STATE_HOME", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    manager: KernelManager
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path))
    try:
        yield FrontEnd(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_the_panel_carries_widget_and_text_and_ends_as_the_text_of_the_answer(front_end: FrontEnd) -> None:
    front_end.run(SETUP.format(replies=[STEP, "The total is 7."], delay=0.01))
    step = front_end.run("%%codeact\nWhat is the total?")
    assert step is not None
    assert step.startswith("total = 3 + 4\n# codeact: ")
    (first,) = front_end.first.values()
    assert first["text/plain"].startswith("CodeAct · Thinking")
    (waiting,) = front_end.displays.values()
    assert waiting[WIDGET_VIEW]["model_id"] in front_end.widgets
    assert waiting["text/plain"].startswith("CodeAct · Step 1 waits for you (scripted · ")
    assert waiting["text/plain"].endswith("Run the cell below to approve it; edit it first if you like.")
    assert front_end.run(step) is None
    asked, answered = front_end.displays.values()
    assert asked["text/plain"].startswith("CodeAct · Step 1 ran · ")
    assert answered["text/plain"].startswith("CodeAct · Answered")
    assert "The total is 7." in answered["text/plain"]
    assert (front_end.widgets, front_end.errors) == ({}, [])


def test_the_panel_has_the_trial_of_a_step_in_one_line(front_end: FrontEnd) -> None:
    front_end.run(SETUP.format(replies=[STEP, "The total is 7."], delay=0))
    front_end.run(give_trial(outcome="wants_more", effects=("write `<b>.csv`",)))
    step = front_end.run("%%codeact\nWhat is the total?")
    assert step is not None
    (text,) = front_end.texts
    assert text.endswith("Would write `<b>.csv`\nRun the cell below to approve it; edit it first if you like.")
    assert front_end.shows("Would write <code>&lt;b&gt;.csv</code>\nRun the cell")
    front_end.run(step)
    assert "Would write" not in front_end.texts[0]


def test_after_a_failed_step_the_panel_says_how_to_go_on(front_end: FrontEnd) -> None:
    front_end.run(SETUP.format(replies=["```python\n1 / 0\n```", "It cannot be divided."], delay=0))
    step = front_end.run("%%codeact\nDivide")
    assert step is not None
    front_end.run(step)
    assert front_end.texts[0].startswith("CodeAct · Step 1 failed · ")
    assert front_end.texts[1].startswith("CodeAct · Paused")
    assert "Run `%codeact continue` for the next one." in front_end.texts[1]
    front_end.run("%codeact continue")
    assert "It cannot be divided." in front_end.texts[2]


def test_a_rejection_by_button_reaches_the_model_when_the_user_continues(front_end: FrontEnd) -> None:
    front_end.run(SETUP.format(replies=[STEP, STEP.replace("3 + 4", "5 + 6")], delay=0))
    front_end.run("%%codeact\nWhat is the total?")
    front_end.write("other numbers, please")
    front_end.press("Reject")
    (text,) = front_end.texts
    assert text.startswith("CodeAct · Step 1 rejected")
    assert text.endswith("Run `%codeact continue` in a cell for another step.")
    step = front_end.run("%codeact continue")
    assert step is not None
    assert step.startswith("total = 5 + 6")
    front_end.run("assert 'other numbers, please' in engine.prompts[-1][-1].content")
    assert front_end.errors == []


def test_the_stop_button_ends_the_waiting_in_place(front_end: FrontEnd) -> None:
    front_end.run(SETUP.format(replies=[STEP], delay=0))
    step = front_end.run("%%codeact\nWhat is the total?")
    assert step is not None
    front_end.press("Stop")
    (text,) = front_end.texts
    assert text.startswith("CodeAct · Stopped")
    assert "Step 1 was not run." in text
    assert front_end.widgets == {}
    front_end.run(step)
    assert len(front_end.texts) == 1


def test_the_stop_button_ends_the_reply_while_the_cell_runs(front_end: FrontEnd) -> None:
    front_end.run(SETUP.format(replies=[" ".join(f"word {number}" for number in range(3000))], delay=0.2))
    subshell = front_end.open_subshell()
    asking = front_end.start("%%codeact\nTell me a lot")
    while not front_end.shows("word 1"):
        front_end.take(front_end.client.get_iopub_msg(timeout=PATIENCE), asking)
    front_end.click("Stop", subshell)
    front_end.finish(asking)
    (text,) = front_end.texts
    assert text.startswith("CodeAct · Stopped")
    assert 0 < text.count("word") < 1500
