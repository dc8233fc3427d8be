"""The engine for a model behind a server, with the real client and a scripted server on this machine."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.error import UsageError
from traitlets import TraitError

from codeact_jupyter import solve
from codeact_jupyter.config import CodeAct
from codeact_jupyter.engines import Engine
from codeact_jupyter.engines.loading import open_model
from codeact_jupyter.engines.openai_server import KEY, ServerEngine, host_of
from codeact_jupyter.engines.server_chat import as_chat
from codeact_jupyter.errors import GenerationFailed, ModelError, ModelNotFound, PromptTooLong
from codeact_jupyter.notebook.magic import parse_options
from codeact_jupyter.session.messages import ChatMessage, Proposal
from codeact_jupyter.session.techniques import ALL
from codeact_jupyter.testing import AS_WRITTEN
from codeact_jupyter.views.text import how_to_approve
from tests.chat_server import Start

ASK = [ChatMessage("system", "You are brief."), ChatMessage("user", "Count to three.")]
pytestmark = pytest.mark.usefixtures("no_key")


def test_a_reply_is_streamed_and_its_cost_is_that_of_the_server(start: Start) -> None:
    server = start("one", " two", " three")
    engine = ServerEngine(server.address)
    protocol: Engine = engine
    heard: list[str] = []
    done = protocol.generate(ASK, on_text=heard.append)
    assert (done.text, done.finish, heard[-1]) == ("one two three", "end", "one two three")
    assert (done.usage.prompt, done.usage.evaluated, done.usage.generated) == (106, 66, 3)
    assert 0 < done.usage.first_token_seconds <= done.usage.seconds
    assert engine.name == f"tiny @ 127.0.0.1:{server.server_port}"


def test_greedy_means_greedy_and_the_seed_is_sent(start: Start) -> None:
    server = start("one")
    ServerEngine(server.address).generate(ASK, max_tokens=7, seed=5)
    (sent,) = server.requests
    assert (sent["temperature"], sent["repeat_penalty"], sent["max_tokens"], sent["seed"]) == (0.0, 1.0, 7, 5)
    assert sent["messages"] == [
        {"role": "system", "content": "You are brief."},
        {"role": "user", "content": "Count to three."},
    ]


@pytest.mark.parametrize("field", ["repeat_penalty", "stream_options", "min_p", "chat_template_kwargs"])
def test_a_server_that_refuses_a_field_gets_none_that_openai_does_not_know(start: Start, field: str) -> None:
    server = start("one", " two")
    server.refuses = {field}
    engine = ServerEngine(server.address)
    assert engine.generate(ASK).text == "one two"
    usage = engine.generate(ASK).usage
    assert usage.generated == 2
    assert usage.prompt == engine.count_tokens(ASK)
    assert len(server.requests) == 3  # the refused one is not tried again
    assert field not in server.requests[-1]


def test_a_server_that_counts_no_tokens_is_counted_for(start: Start) -> None:
    server = start("one", " two")
    server.counts_tokens = False
    engine = ServerEngine(server.address)
    usage = engine.generate(ASK).usage
    assert (usage.prompt, usage.generated) == (engine.count_tokens(ASK), 2)


def test_the_token_limit_and_a_complete_reply_end_it(start: Start) -> None:
    engine = ServerEngine(start("a", "b", "c", "d").address)
    assert engine.generate(ASK, max_tokens=2).finish == "length"
    done = engine.generate(ASK, is_complete=lambda text: "c" in text)
    assert (done.text, done.finish) == ("abc", "complete")


def test_stop_ends_a_reply_at_once_and_leaves_the_engine_usable(start: Start) -> None:
    server = start("one", " two", " three")
    server.hold_at = " two"
    engine = ServerEngine(server.address)
    done = engine.generate(ASK, on_text=lambda text: engine.stop() if "two" in text else None)
    assert (done.text, done.finish) == ("one two", "stopped")
    assert server.was_left.wait(60), "the server must learn that nobody waits any more"
    server.hold_at = ""
    assert engine.generate(ASK).text == "one two three"


def test_stop_ends_the_wait_for_the_first_token(start: Start) -> None:
    server = start("", "one")
    server.hold_at = ""
    reached = threading.Event()
    release = threading.Event()

    def slow(request: dict[str, Any]) -> list[str]:
        reached.set()
        release.wait(60)
        return ["late"]

    server.reply = slow
    engine = ServerEngine(server.address)
    stopper = threading.Thread(target=lambda: (reached.wait(60), engine.stop()))
    stopper.start()
    done = engine.generate(ASK)
    release.set()
    stopper.join()
    assert (done.text, done.finish) == ("", "stopped")


def test_an_interrupt_in_the_callers_thread_is_raised_again(start: Start) -> None:
    engine = ServerEngine(start("one", " two").address)

    def interrupt(text: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine.generate(ASK, on_text=interrupt)
    assert engine.generate(ASK).text == "one two"


def test_a_beginning_is_asked_for_and_a_cut_reply_stays_cut(start: Start) -> None:
    server = start("```python\nx")
    engine = ServerEngine(server.address)
    assert engine.generate(ASK, start="```python\n").text == "```python\nx"
    assert server.requests[0]["messages"][-1]["content"].endswith("Begin your reply with:\n```python\n")
    long = "x" * 500
    done = engine.generate(ASK, start=long)
    assert (done.text, done.finish, len(server.requests)) == (long, "length", 1)
    assert engine.log_probabilities(ASK, ["a", "b"]) == [0.0, 0.0]


@pytest.mark.parametrize(
    ("wanted", "there", "used"),
    [("", ["only"], "only"), ("qwen2.5-coder-1.5b", ["only"], "only"), ("b", ["a", "b"], "b")],
)
def test_the_model_is_the_named_one_or_the_only_one(start: Start, wanted: str, there: list[str], used: str) -> None:
    server = start("one")
    server.models = [{"id": name} for name in there]
    ServerEngine(server.address, model=wanted).generate(ASK)
    assert server.requests[0]["model"] == used


def test_a_model_that_the_server_has_not_is_an_error_with_those_that_it_has(start: Start) -> None:
    server = start("one")
    server.models = [{"id": "a"}, {"id": "b"}]
    with pytest.raises(ModelNotFound, match=r"has no model 'c': choose one that it has \(a, b\)"):
        ServerEngine(server.address, model="c").generate(ASK)


@pytest.mark.parametrize(
    ("told", "wanted", "window"), [(32_768, None, 32_768), (32_768, 4096, 4096), (None, None, 8192)]
)
def test_the_window_is_the_wanted_one_or_that_of_the_server(
    start: Start, told: int | None, wanted: int | None, window: int
) -> None:
    server = start("one")
    server.models = [{"id": "tiny", **({"max_model_len": told} if told else {})}]
    engine = ServerEngine(server.address, context_size=wanted)
    engine.generate(ASK)
    assert engine.context_size == window


def test_tokens_are_estimated_by_what_the_server_counted(start: Start) -> None:
    engine = ServerEngine(start("one").address)
    before = engine.count_tokens(ASK)
    usage = engine.generate(ASK).usage
    assert engine.count_tokens(ASK) == pytest.approx(usage.prompt, abs=2)
    assert usage.prompt != before


@pytest.mark.parametrize(
    ("status", "error", "kind", "message"),
    [
        (400, {"message": "too many", "code": "context_length_exceeded"}, PromptTooLong, "shorten it"),
        (400, {"message": "This model's maximum context length is 8 tokens"}, PromptTooLong, "shorten it"),
        (401, {"message": "no"}, ModelError, KEY),
        (403, {"message": "no"}, ModelError, KEY),
        (418, {"message": "a teapot"}, GenerationFailed, "a teapot"),
    ],
)
def test_errors_say_what_to_do(
    start: Start, status: int, error: dict[str, Any], kind: type[Exception], message: str
) -> None:
    server = start("one")
    server.fails_with = status, error
    with pytest.raises(kind, match=message):
        ServerEngine(server.address).generate(ASK)


def test_no_server_is_an_error_of_the_model() -> None:
    with pytest.raises(ModelError, match=r"127\.0\.0\.1:9 cannot be used .* start the server"):
        ServerEngine("http://127.0.0.1:9/v1").generate(ASK)


def test_the_key_comes_from_the_environment(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    server = start("one")
    monkeypatch.setenv(KEY, "s3cret")
    ServerEngine(server.address).generate(ASK)
    assert server.keys == ["Bearer s3cret"]


def test_the_key_comes_from_the_keyring_entry_of_the_host(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    server = start("one")
    host = f"127.0.0.1:{server.server_port}"
    stored = {("codeact-jupyter", host): "from the ring"}
    keyring = SimpleNamespace(get_password=lambda service, name: stored.get((service, name)))
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    ServerEngine(server.address).generate(ASK)
    stored.clear()
    ServerEngine(server.address).generate(ASK)
    assert server.keys == ["Bearer from the ring", "Bearer none"]


def test_the_agent_works_with_it_and_each_step_says_where_the_text_goes(start: Start) -> None:
    server = start()
    replies = iter(["I add.\n```python\nprint(2 + 3)\n```", "It is 5."])
    server.reply = lambda request: [next(replies)]
    run = solve("What is 2 + 3?", engine=ServerEngine(server.address), techniques=ALL.without(*AS_WRITTEN.split(",")))
    assert (run.status, run.answer) == ("answered", "It is 5.")
    assert run.turns[0].observation is not None
    assert "5" in run.turns[0].observation
    step = Proposal("p", 1, "", "1", "", "tiny @ example.org:8000")
    assert "step 1 by tiny @ example.org:8000" in how_to_approve(step)
    assert "by" not in how_to_approve(Proposal("p", 1, "", "1", "", "tiny")).split("]")[0]


def test_it_is_off_unless_configured_and_offline_forbids_it(start: Start) -> None:
    assert CodeAct().server == ""
    assert CodeAct().server_host == ""
    with pytest.raises(ModelError, match="nothing is sent to 127"):
        open_model("tiny", server="http://127.0.0.1:8000/v1", offline=True)
    server, said = start("one"), []
    engine, dialect = open_model("tiny", server=server.address, report=said.append)
    assert (engine.generate(ASK).text, dialect.opening) == ("one", "```python\n")
    assert open_model("tiny", server=server.address, report=said.append)[0] is engine
    assert said == [f"The questions, the code and its outputs are sent to 127.0.0.1:{server.server_port}."]


@pytest.mark.parametrize("address", ["example.org", "ftp://example.org", "https://", "file:///etc/passwd"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(TraitError, match="is no address"):
        CodeAct(server=address)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("http://127.0.0.1:8000/v1", "127.0.0.1:8000"),
        ("https://api.example.org/v1", "api.example.org"),
        ("https://me:secret@example.org:1/v1", "example.org:1"),
    ],
)
def test_the_host_is_shown_without_a_password(address: str, host: str) -> None:
    assert host_of(address) == CodeAct(server=address).server_host == host


def test_roles_alternate_and_the_user_speaks_last() -> None:
    chat = as_chat(
        [
            ChatMessage("system", "s"),
            ChatMessage("user", "a"),
            ChatMessage("user", "b"),
            ChatMessage("assistant", "c"),
            ChatMessage("system", "d"),
            ChatMessage("assistant", "e"),
        ]
    )
    assert [(each["role"], each["content"]) for each in chat] == [
        ("system", "s"),
        ("user", "a\n\nb"),
        ("assistant", "c"),
        ("user", "d"),
        ("assistant", "e"),
        ("user", ""),
    ]


def test_a_question_can_name_a_server_and_an_adapter() -> None:
    options = parse_options("--server http://127.0.0.1:8000/v1 --adapter ~/a.gguf --model big")
    assert options == {
        "server": "http://127.0.0.1:8000/v1",
        "adapter": str(Path("~/a.gguf").expanduser()),
        "model": "big",
    }
    with pytest.raises(UsageError, match="is no address"):
        parse_options("--server example.org")
