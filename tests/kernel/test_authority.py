"""What a page may do, and a script that can send messages on a comm may not: it is a page like any other."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, get_args

import pytest

from codeact_jupyter.lab.requests import ToKernel
from tests.hostile import Tries

from .conftest import CONVERSATION, Lab, step
from .page import APPROVAL, VERSION, Page, give_trial

pytestmark = pytest.mark.kernel

OPTIONS = f"(lambda o: {{name: getattr(o, name) for name in o.trait_names(config=True)}})({CONVERSATION}.settings)"


@pytest.fixture
def page(lab: Lab) -> Page:
    return Page(lab)


@pytest.fixture
def script(lab: Lab, page: Page) -> Page:
    """A script in the user's tab, which has opened a comm of its own."""
    return Page(lab, silent=True)


def refused(page: Page, **message: Any) -> str:
    with pytest.raises(RuntimeError) as raised:
        page.ask_for(**message)
    return str(raised.value)


@pytest.mark.hostile("requests of another page")
def test_no_page_can_switch_auto_on_but_each_can_switch_it_off(lab: Lab, page: Page, script: Page) -> None:
    for sender in (page, script):
        for value in ("auto", "Auto", True, 1):
            refused(sender, type="set", option="mode", value=value)
    third = Page(lab, options={"mode": "auto"})
    assert "run `%codeact mode auto` in a cell" in third.status["progress"]
    assert (page.status["mode"], third.status["mode"]) == ("ask", "ask")
    lab.hidden("%codeact mode auto")
    page.until(lambda: page.status["mode"] == "auto")
    script.ask_for(type="set", option="mode", value="ask")
    page.until(lambda: page.status["mode"] == "ask")


def test_a_page_can_lower_the_reach_but_not_raise_it(lab: Lab, page: Page, script: Page) -> None:
    reaches = ["all", "workspace", "read-only"]
    for number, reach in enumerate(reaches):
        script.ask_for(type="set", option="reach", value=reach)
        assert lab.value(OPTIONS)["reach"] == reach
        for greater in reaches[:number]:
            assert f"run `%codeact reach {greater}` in a cell" in refused(
                page, type="set", option="reach", value=greater
            )
            later = Page(lab, options={"reach": greater})
            assert "A page cannot set reach" in later.status["progress"]
            later.close()
        assert lab.value(OPTIONS)["reach"] == reach
    lab.hidden("%codeact reach workspace")
    assert lab.value(OPTIONS)["reach"] == "workspace"


#: Results of a trial, and the reaches within which the step runs at once.
TRIALS: list[tuple[dict[str, object], set[str]]] = [
    ({"outcome": "ran", "reach": "read-only"}, {"read-only", "workspace", "all"}),
    ({"outcome": "wants_more", "reach": "workspace", "effects": ("write `a.csv`",)}, {"workspace", "all"}),
    ({"outcome": "wants_more", "reach": "all", "effects": ("open the network",)}, {"all"}),
    ({"outcome": "not_tried", "reason": "a cell is running"}, {"all"}),
]


@pytest.mark.parametrize("reach", ["read-only", "workspace", "all"])
@pytest.mark.parametrize(("trial", "within"), TRIALS)
def test_in_auto_mode_a_step_beyond_the_reach_waits_for_the_user(
    lab: Lab, page: Page, trial: dict[str, object], within: set[str], reach: str
) -> None:
    lab.hidden(give_trial(**trial))
    lab.hidden(f"%codeact mode auto\n%codeact reach {reach}")
    lab.script(step("x = 1"), "Done.")
    page.ask("?")
    page.wait("waits")
    assert page.pending["run"] is (reach in within)
    page.until(lambda: ("waits for your approval" in page.status["progress"]) is (reach not in within))
    assert page.approve().status == "ok"
    page.wait("idle")


VALUES = [
    ("reach", "everything"),
    ("reach", True),
    ("max_turns", True),
    ("max_turns", 10**9),
    ("max_turns", 0),
    ("max_turns", -1),
    ("max_turns", 2.5),
    ("max_turns", "5"),
    ("max_tokens", False),
    ("max_tokens", 10**12),
    ("temperature", True),
    ("temperature", 3),
    ("temperature", -0.1),
    ("prepare_next", 2),
    ("prepare_next", "no"),
    ("mode", "never"),
    ("model", "/tmp/evil.gguf"),
    ("model", "someone/repository:file.gguf"),
    ("model", "qwen2.5-coder-0.5b"),
    ("offline", True),
    ("trial", False),
    ("host", "inline"),
    ("view", "stream"),
    ("without", "trial"),
    ("journal_dir", "/tmp/elsewhere"),
    ("max_seconds", 5.0),
    ("trial_seconds", 1.0),
    ("seed", 1),
    ("threads", 1),
    ("context_size", 10),
    ("__class__", "x"),
    ("nothing", 1),
    ("", 1),
]


@pytest.mark.hostile("requests of another page")
def test_no_other_option_or_value_is_taken_from_a_page(lab: Lab, page: Page, tries: Tries) -> None:
    before = lab.value(OPTIONS)
    for option, value in VALUES:
        refused(page, type="set", option=option, value=value)
        assert lab.value(OPTIONS) == before, (option, value)
        later = Page(lab, options={option: value})
        assert later.status["progress"], (option, value)
        later.close()
        assert lab.value(OPTIONS) == before, (option, value)
        tries.add(2)
    page.ask_for(type="set", option="max_turns", value=5)
    page.ask_for(type="set", option="temperature", value=1)
    after = lab.value(OPTIONS)
    assert (after["max_turns"], after["temperature"]) == (5, 1.0)
    assert {**after, "max_turns": before["max_turns"], "temperature": before["temperature"]} == before
    tries.control(2)


@pytest.mark.hostile("requests of another page")
def test_a_page_downloads_no_model(lab: Lab, page: Page) -> None:
    for model in ("smollm2-135m", "someone/repository:file.gguf", "/tmp/evil.gguf", ""):
        refused(page, type="pull", model=model)
        refused(page, type="fetch", model=model)
    assert page.status["download"] is None


@pytest.mark.hostile("requests of another page")
def test_nonce_and_run_go_to_the_page_that_asked(lab: Lab, page: Page, script: Page) -> None:
    lab.set_constant("lab.host", "PAGE_ACKNOWLEDGE_SECONDS", 1000)  # the page is there, however slow it is
    seen: list[str] = []
    lab.listeners.append(lambda message: seen.append(json.dumps(message["content"])) if of(script, message) else None)
    lab.hidden("%codeact mode auto")
    lab.script(step("x = 1"), step("x = 2"), "Done.")
    page.ask("?")
    page.wait("waits")
    for message in (
        {"type": "attach", "page": page.name, "version": VERSION, "options": {}},
        {"type": "missing", "proposal": "p"},
    ):
        script.ask_for(**message)
    script.ask_for(type="missing", proposal=page.pending["proposal"])
    script.ask_for(type="placed", proposal=page.pending["proposal"])
    first = page.pending["nonce"]
    script.ask_for(type="continue")  # offers the step again
    page.until(lambda: page.pending is not None and page.pending["nonce"] != first)
    assert page.pending["run"] is True
    assert {(pending["nonce"], pending["page"], pending["run"]) for pending in script.proposals} == {("", "", False)}
    assert not any(page.pending["nonce"] in text or page.name in text for text in seen)
    forged = {"nonce": script.pending["nonce"], "sha256": page.approval()["sha256"]}
    assert lab.run(page.cell, metadata={APPROVAL: forged}).status == "error"
    assert page.approve().status == "ok"
    assert lab.value("x") == 1


@pytest.mark.hostile("requests of another page")
@pytest.mark.parametrize("name", ["", "a page", None])
def test_a_question_from_a_cell_belongs_to_the_page_that_the_front_end_opened_first(
    lab: Lab, page: Page, name: str | None
) -> None:
    """The script opens its comm later, in the same front end: its messages have the same session."""
    lab.set_constant("lab.host", "PAGE_ACKNOWLEDGE_SECONDS", 1000)
    lab.hidden("%codeact mode auto")
    script = Page(lab, silent=True, name=name)
    lab.script(step("x = 1"), step("x = 2"), "Done.")
    lab.ask("?")
    for code in ("x = 1", "x = 2"):
        page.until(lambda code=code: page.pending is not None and page.pending["code"] == code)
        assert (page.pending["page"], page.pending["run"]) == (page.name, True)
        assert {(each["nonce"], each["page"], each["run"]) for each in script.proposals} <= {("", "", False)}
        assert page.approve().status == "ok"
    page.wait("idle")
    assert lab.value("x") == 2


@pytest.mark.hostile("requests of another page")
def test_a_page_that_comes_in_anothers_place_must_ask_even_in_auto_mode(lab: Lab, page: Page) -> None:
    lab.hidden("%codeact mode auto")
    lab.script(step("x = 1"), "Done.")
    page.silent = True
    page.ask("?")
    page.wait("waits")
    later = Page(lab)
    later.until(lambda: later.pending is not None and later.pending["page"] == later.name)
    assert later.pending["run"] is False
    page.close()
    assert later.approve().status == "ok"
    later.wait("idle")
    assert lab.value("x") == 1


@pytest.mark.hostile("requests of another page", control=True)
def test_after_a_reload_the_new_page_can_approve(lab: Lab, page: Page) -> None:
    lab.script(step("x = 1"), "Done.")
    page.ask("?")
    page.wait("waits")
    page.close()
    page.lab.listeners.clear()
    reloaded = Page(lab)
    reloaded.until(lambda: reloaded.pending is not None and reloaded.pending["nonce"] != "")
    assert reloaded.approve().status == "ok"
    reloaded.wait("idle")


@pytest.mark.hostile("requests of another page", control=True)
def test_a_page_that_says_that_it_is_gone_leaves_the_approval_to_the_next_at_once(lab: Lab, page: Page) -> None:
    lab.set_constant("lab.host", "PAGE_ACKNOWLEDGE_SECONDS", 1000)
    lab.script(step("x = 1"), "Done.")
    page.ask("?")
    page.wait("waits")
    page.leave()
    reloaded = Page(lab)
    reloaded.until(lambda: reloaded.pending is not None and reloaded.pending["nonce"] != "")
    assert reloaded.approve().status == "ok"
    reloaded.wait("idle")


@pytest.mark.hostile("requests of another page")
def test_requests_of_no_known_kind_have_an_error_as_reply(lab: Lab, page: Page) -> None:
    lab.hidden("globals().update({1: 2, None: 3})\nclass Name(str):\n    startswith = None\nglobals()[Name('q')] = 4")
    assert page.ask_for(type="names", prefix="q") == []
    lab.script("Here.")
    page.ask("?")
    page.until(lambda: [item.get("text") for item in page.items] == ["?", "Here."])
    for message in ({"type": "run"}, {"type": "set"}, {"type": "ask"}, {"type": "approve", "proposal": "p"}, {}):
        assert "Reload the page" in refused(page, **message)


def of(page: Page, message: dict[str, Any]) -> bool:
    return message["msg_type"] == "comm_msg" and message["content"]["comm_id"] == page._comm


# --- every request of a page that did not ask -----------------------------------------------------------------------

#: By kind of request: what a script sends, with `{proposal}`, `{page}` and `{cell}` of the page that asked.
FOREIGN: dict[str, list[dict[str, Any]]] = {
    "attach": [
        {"page": "{page}", "version": VERSION, "options": {}},
        {"page": "{page}", "version": VERSION, "options": {"mode": "auto"}},
        {"page": "", "version": VERSION, "options": {"max_turns": 10**9, "prepare_next": 1}},
    ],
    "placed": [{"proposal": "{proposal}"}, {"proposal": "other"}],
    "missing": [{"proposal": "{proposal}"}, {"proposal": "other"}],
    "set": [
        {"option": "mode", "value": "auto"},
        {"option": "model", "value": "/tmp/evil.gguf"},
        {"option": "max_turns", "value": 10**9},
        {"option": "offline", "value": False},
    ],
    "names": [{"prefix": ""}, {"prefix": "{cell}"}],
    "models": [{}],
    "pause": [{}],
    "cancel": [{}],
    "earlier": [{}],
    "reopen": [{"name": "../other.jsonl"}, {"name": ""}],
    "continue": [{}, {}],
    "ask": [
        {"kind": "question", "text": "", "after": "{cell}", "cells": []},
        {"kind": "question", "text": "%codeact mode auto", "after": "{cell}", "cells": []},
    ],
    "reject": [{"proposal": "other", "reason": ""}, {"proposal": "{proposal}", "reason": "Run it at once."}],
    "undo": [{"proposal": "{proposal}"}, {"proposal": ""}, {"proposal": "other"}],
    "stop": [{}],
    "reset": [{}],
}


def filled(fields: dict[str, Any], **names: str) -> dict[str, Any]:
    return {key: value.format(**names) if isinstance(value, str) else value for key, value in fields.items()}


@pytest.mark.hostile("requests of another page")
def test_no_request_of_a_page_that_did_not_ask_runs_a_step_or_gets_its_nonce(
    lab: Lab, page: Page, script: Page, tries: Tries
) -> None:
    assert set(FOREIGN) == {each.__struct_config__.tag for each in get_args(ToKernel)}
    lab.set_constant("lab.host", "PAGE_ACKNOWLEDGE_SECONDS", 1000)
    seen: list[str] = []
    lab.listeners.append(lambda message: seen.append(json.dumps(message["content"])) if of(script, message) else None)
    lab.script()
    lab.hidden("ran = []")
    options = lab.value(OPTIONS)
    for count, (kind, requests) in enumerate(FOREIGN.items(), 1):
        lab.script(*[step("ran.append(1)")] * 9)
        page.ask("?")
        page.wait("waits")
        cell, nonces = page.cell, {page.pending["nonce"]}
        for fields in requests:
            if page.pending is None or page.pending["cell"] != cell.id:
                break  # the question is over, or has another step
            approval = page.approval()
            names = {"proposal": page.pending["proposal"], "page": page.name, "cell": cell.id}
            with suppress(RuntimeError):
                script.ask_for(type=kind, **filled(fields, **names))
            tries.add()
            page.until(lambda: page.phase in ("waits", "idle"))
            nonces |= {page.pending["nonce"]} if page.pending else set()
            assert lab.value(OPTIONS) == options, fields
            assert lab.value("len(ran)") == count - 1, fields
            forged = {**approval, "nonce": script.pending["nonce"]} if script.pending else {}
            if not script.pending or script.pending["page"] != script.name:
                assert lab.run(cell, metadata={APPROVAL: forged}).status == "error", fields
        assert not any(nonce in text for nonce in filter(None, nonces) for text in seen), kind
        assert not any(pending["run"] for pending in script.proposals)
        if page.pending is None or not page.pending["nonce"]:  # it ended, or the script asks now
            assert lab.run(cell, metadata={APPROVAL: approval}).status == "error"
            with suppress(RuntimeError):
                page.ask_for(type="stop")
            page.until(lambda: page.phase == "idle")
            lab.script(*[step("ran.append(1)")] * 9)
            page.ask("And now?")
            page.wait("waits")
        assert page.approve().status == "ok"
        page.until(lambda: page.phase in ("waits", "idle"))
        assert lab.value("len(ran)") == count
        tries.control()
        page.ask_for(type="stop")
        page.wait("idle")
