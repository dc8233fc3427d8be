from __future__ import annotations

import itertools
import threading

import pytest

from codeact_jupyter.engines import Engine
from codeact_jupyter.errors import GenerationFailed, PromptTooLong
from codeact_jupyter.session.messages import ChatMessage
from codeact_jupyter.testing import ScriptedEngine

ASK = [ChatMessage("user", "What is 1 + 1?")]


def test_replies_are_played_in_order_and_prompts_recorded() -> None:
    scripted = ScriptedEngine(["one", lambda messages: f"two: {messages[-1].content}"])
    engine: Engine = scripted
    assert engine.generate(ASK).text == "one"
    assert engine.generate([ChatMessage("user", "b")]).text == "two: b"
    assert scripted.prompts == [ASK, [ChatMessage("user", "b")]]


@pytest.mark.parametrize("reply", ["x = 1\n```", "```python\nx = 1\n```"])
def test_a_reply_has_the_start_that_it_was_opened_with(reply: str) -> None:
    assert ScriptedEngine([reply]).generate(ASK, start="```python\n").text == "```python\nx = 1\n```"


def test_openings_are_alike_unless_the_script_has_odds() -> None:
    assert ScriptedEngine([]).log_probabilities(ASK, ["a", "b"]) == [0.0, 0.0]
    engine = ScriptedEngine([], odds=lambda messages, openings: [-float(len(opening)) for opening in openings])
    assert engine.log_probabilities(ASK, ["a", "bb"]) == [-1.0, -2.0]


def test_text_is_streamed_in_pieces_and_ends_whole() -> None:
    heard: list[str] = []
    reply = "<execute>\nprint('größer', 1 + 1)\n</execute>"
    completion = ScriptedEngine([reply]).generate(ASK, on_text=heard.append)
    assert (completion.text, completion.finish, heard[-1]) == (reply, "end", reply)
    assert len(heard) == completion.usage.generated > 10
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(heard))


def test_decoding_ends_where_the_caller_finds_the_text_complete() -> None:
    completion = ScriptedEngine(["<execute>1</execute> and more"]).generate(
        ASK, is_complete=lambda text: "</execute>" in text
    )
    assert (completion.text, completion.finish) == ("<execute>1</execute>", "complete")


def test_token_limit_cuts_the_reply() -> None:
    completion = ScriptedEngine(["a b c d"]).generate(ASK, max_tokens=3)
    assert (completion.text, completion.finish, completion.usage.generated) == ("a b", "length", 3)


def test_stop_ends_this_reply_and_not_the_next() -> None:
    engine = ScriptedEngine(["a b c", "d e f"])
    engine.stop()
    first = engine.generate(ASK, on_text=lambda text: engine.stop())
    assert (first.text, first.finish) == ("a", "stopped")
    assert engine.generate(ASK).text == "d e f"


def test_stop_from_another_thread_ends_a_slow_reply() -> None:
    engine = ScriptedEngine(["word " * 1000], delay=0.05)
    begun = threading.Event()
    threading.Thread(target=lambda: (begun.wait(), engine.stop())).start()
    completion = engine.generate(ASK, on_text=lambda text: begun.set())
    assert completion.finish == "stopped"
    assert completion.usage.generated < 1000


def test_end_of_the_script_is_a_failure_that_says_so() -> None:
    engine = ScriptedEngine([])
    with pytest.raises(GenerationFailed, match="no reply left for call 1"):
        engine.generate(ASK)


def test_prompt_that_leaves_no_room_is_refused() -> None:
    engine = ScriptedEngine(["never"], context_size=100)
    long = [ChatMessage("user", "x" * 400)]
    assert engine.count_tokens(long) == 108
    with pytest.raises(PromptTooLong):
        engine.generate(long)
