"""Servers that answer otherwise than OpenAI's protocol has it, break off, or send thoughts apart."""

from __future__ import annotations

import json
from typing import Any

import pytest

from codeact_jupyter.dialects.reply import parse_reply
from codeact_jupyter.dialects.thoughts import thought_of
from codeact_jupyter.engines.openai_server import KEY, ServerEngine, is_here
from codeact_jupyter.errors import GenerationFailed, ModelError
from codeact_jupyter.session.messages import ChatMessage
from tests.chat_server import Start

ASK = [ChatMessage("user", "What is 2 + 3?")]
pytestmark = pytest.mark.usefixtures("no_key")


def streamed(*deltas: dict[str, Any], end: str | None = "stop", usage: dict[str, Any] | None = None) -> tuple[int, str]:
    """Return a reply in these pieces, as a server streams it; without an end, if it is None."""
    choices = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    if end:
        choices.append({"index": 0, "delta": {}, "finish_reason": end})
    about = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "tiny"}
    return 200, "".join(f"data: {json.dumps(about | {'choices': [each], 'usage': usage})}\n\n" for each in choices)


ONE = {"content": "one"}
BROKEN_OFF = streamed(ONE, end=None)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((404, '{"detail": "Not Found"}'), "has no models at this address .* usually ends with /v1"),
        ((200, "<html>Sign in</html>"), "does not answer like OpenAI's API: .* usually ends with /v1"),
        ((200, '{"object": "list", "data": null}'), "does not answer like OpenAI's API"),
        ((200, '{"object": "list", "data": []}'), "has no model: load one there"),
        ((200, "{not JSON"), "does not answer like OpenAI's API"),
        ((503, '{"error": {"message": "loading"}}'), "cannot be used .*loading.* look at the server's log"),
        ((401, '{"error": {"message": "no"}}'), KEY),
    ],
)
def test_what_is_no_list_of_models_is_an_error_with_a_way_out(
    start: Start, answer: tuple[int, str], message: str
) -> None:
    server = start("one")
    server.raw = {"GET": answer}
    with pytest.raises(ModelError, match=message):
        ServerEngine(server.address).generate(ASK)
    server.raw = {}
    assert ServerEngine(server.address).generate(ASK).text == "one"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((200, "<html>Sign in</html>"), "ended its reply with nothing: try again"),
        ((200, ""), "ended its reply with nothing"),
        (BROKEN_OFF, "ended its reply after 3 characters: try again"),
        (
            (200, f'{BROKEN_OFF[1]}data: {{"error": {{"message": "out of memory"}}}}\n\n'),
            "gave no reply .out of memory",
        ),
        ((200, f"{BROKEN_OFF[1]}data: {{half of an eve\n\n"), "gave no reply .* try again"),
        ((429, '{"error": {"message": "too many requests"}}'), "too many requests"),
    ],
)
def test_a_reply_that_breaks_off_is_no_answer(start: Start, answer: tuple[int, str], message: str) -> None:
    server = start("one")
    engine = ServerEngine(server.address)
    server.raw = {"POST": answer}
    with pytest.raises(GenerationFailed, match=message):
        engine.generate(ASK)
    server.raw = {}
    assert engine.generate(ASK).text == "one"


@pytest.mark.parametrize(
    "answer",
    [
        (200, f'data: {{"id": "1", "model": "tiny", "choices": null}}\n\n{streamed(ONE)[1]}'),
        (200, f'data: {{"id": "1", "choices": [{{"index": 0, "delta": null}}]}}\n\n{streamed(ONE)[1]}'),
        (200, f'data: [1]\n\ndata: "x"\n\ndata: {{"model": "tiny"}}\n\n: ping\n\n{streamed(ONE)[1]}'),
        streamed({"role": "assistant", "content": None}, {"content": ["no", "text"]}, ONE),
        streamed(ONE, usage={"prompt_tokens": None, "completion_tokens": None, "total_tokens": None}),
        streamed(ONE, usage={"prompt_tokens": 5, "completion_tokens": None, "total_tokens": None}),
    ],
)
def test_fields_that_a_server_leaves_empty_do_no_harm(start: Start, answer: tuple[int, str]) -> None:
    server = start()
    server.raw = {"POST": answer}
    done = ServerEngine(server.address).generate(ASK)
    assert (done.text, done.finish, done.usage.generated > 0) == ("one", "end", True)


def test_a_reply_that_a_filter_cut_is_cut(start: Start) -> None:
    server = start()
    server.raw = {"POST": streamed(ONE, end="content_filter")}
    assert ServerEngine(server.address).generate(ASK).finish == "length"


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_a_thought_that_comes_apart_is_a_thought_and_gets_room_of_its_own(start: Start, field: str) -> None:
    server, heard = start(), []
    server.raw = {"POST": streamed({field: "They want"}, {field: " a sum."}, {"content": "It is"}, {"content": " 5."})}
    engine = ServerEngine(server.address)
    for _ in range(2):
        done = engine.generate(ASK, max_tokens=100, on_text=heard.append)
    assert parse_reply(done.text).thought == "It is 5."
    assert thought_of(done.text) == thought_of(heard[-1]) == "They want a sum."
    assert [request["max_tokens"] for request in server.requests] == [100, 200]  # once it is known to think
    engine.generate(ASK, max_tokens=engine.context_size - 110)
    assert server.requests[-1]["max_tokens"] < engine.context_size  # prompt and reply must fit the window too


def test_a_thought_without_a_reply_is_no_answer(start: Start) -> None:
    server = start()
    server.raw = {"POST": streamed({"reasoning_content": "They want\n```python\nimport os\n"}, end="length")}
    done = ServerEngine(server.address).generate(ASK)
    reply = parse_reply(done.text)
    assert (reply.thought, reply.code, done.finish) == ("", None, "length")


def test_a_template_behind_a_server_is_told_not_to_think(start: Start) -> None:
    server = start("one")
    ServerEngine(server.address).generate(ASK)
    assert server.requests[0]["chat_template_kwargs"]["enable_thinking"] is False


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_a_server_on_this_machine_is_asked_without_a_proxy(
    start: Start, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    server, proxy = start("one"), start("of the proxy")
    monkeypatch.delenv("NO_PROXY")
    for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.server_port}")
    assert ServerEngine(server.address.replace("127.0.0.1", name)).generate(ASK).text == "one"
    assert (proxy.requests, proxy.keys) == ([], [])


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://[::1]:8000/v1", True),
        ("http://127.1.2.3/v1", True),
        ("http://localhost:11434/v1", True),
        ("http://10.0.0.7:8000/v1", False),
        ("https://localhost.example.org/v1", False),
        ("https://api.example.org/v1", False),
    ],
)
def test_what_is_on_this_machine_is_told_from_the_rest(address: str, here: bool) -> None:
    assert is_here(address) is here
