"""`%%codeact` and `%codeact` in a terminal's shell: every word a user can say."""

from __future__ import annotations

import gc
import json
import os
import re
from pathlib import Path

import pytest
from IPython.core.error import UsageError

from codeact_jupyter.dialects.prompt import DIALECTS
from codeact_jupyter.session.journal import Journal, latest_journal
from codeact_jupyter.session.machine import State
from codeact_jupyter.session.messages import Approval, Observation, Prompt, Rejection, Stop
from codeact_jupyter.testing import AS_WRITTEN, ScriptedEngine

from .conftest import Terminal, step


def test_a_question_becomes_a_cell_its_output_an_observation_and_then_the_answer(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.run("points = [3, 4, 5]")
    terminal.script(step("sum(points)"), "The sum is 12.")
    terminal.ask("What is the sum?")
    cell = terminal.take_next()
    assert cell is not None
    assert cell.startswith("sum(points)\n# codeact: ")
    assert terminal.session.state is State.AWAITING
    terminal.run(cell)
    assert "12" in terminal.last_prompt[-1].content
    assert (terminal.session.status, terminal.session.answer) == ("answered", "The sum is 12.")
    printed = capsys.readouterr().out
    assert "I look." in printed
    assert "The sum is 12." in printed


def test_loading_again_says_nothing_and_keeps_the_conversation(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.script(step("sum([3, 4, 5])"))
    terminal.ask("What is the sum?")
    capsys.readouterr()
    terminal.run("%load_ext codeact_jupyter")
    assert capsys.readouterr().out == ""
    assert terminal.shell.magics_manager.registry["CodeActMagics"].conversation is terminal.conversation
    assert terminal.session.state is State.AWAITING


def test_an_extension_that_was_unloaded_can_be_loaded_again(terminal: Terminal) -> None:
    terminal.run("%load_ext codeact_jupyter")
    terminal.run("%unload_ext codeact_jupyter")
    terminal.run("%load_ext codeact_jupyter")
    assert terminal.shell.magics_manager.registry["CodeActMagics"].conversation is not terminal.conversation
    assert terminal.shell.ast_transformers == []
    gate = terminal.shell.magics_manager.registry["CodeActMagics"].conversation.gate
    assert vars(terminal.shell)["transform_ast"] == gate.transform


def test_nothing_runs_before_the_user_runs_it(terminal: Terminal) -> None:
    terminal.script(step("evidence = 1"))
    terminal.ask("Do it")
    assert "evidence" not in terminal.shell.user_ns
    terminal.run("x = 1")
    assert "evidence" not in terminal.shell.user_ns
    assert terminal.session.state is State.AWAITING


def test_the_model_reads_what_is_in_the_notebook_once(terminal: Terminal) -> None:
    terminal.run("points = [3, 4, 5]\ndef top(values: list, n: int = 2):\n    'The best.'")
    terminal.script("A", "B")
    terminal.ask("One?")
    first = terminal.last_prompt[-1].content
    assert "points" in first
    assert "top(values: list, n: int = 2)" in first
    terminal.run("fresh = 2.5")
    terminal.ask("Two?")
    second = terminal.last_prompt[-1].content
    assert "fresh" in second
    assert "points" not in second


def test_what_the_user_does_while_a_step_waits_is_told_too(terminal: Terminal) -> None:
    terminal.script(step("x = 1"), "Done.")
    terminal.ask("Set x")
    cell = terminal.take_next() or ""
    terminal.run("mine = 2.5")
    terminal.run(cell)
    assert "mine" in terminal.last_prompt[-1].content


def test_an_edit_is_told_to_the_model_as_a_diff(terminal: Terminal) -> None:
    terminal.script(step("x = 1\nx"), "Done.")
    terminal.ask("Set x")
    cell = terminal.take_next() or ""
    terminal.run(cell.replace("x = 1", "x = 2"))
    assert "-x = 1\n+x = 2" in terminal.last_prompt[-1].content
    assert terminal.shell.user_ns["x"] == 2
    approval = next(event for event in terminal.session.transcript if isinstance(event, Approval))
    assert approval.source == "x = 2\nx"


def test_a_rejection_with_a_reason_brings_another_step(terminal: Terminal) -> None:
    terminal.script(step("bad = 1"), step("good = 1"), "Done.")
    terminal.ask("Do it")
    terminal.take_next()
    terminal.run("%codeact reject Use the other name.")
    assert "Use the other name." in terminal.last_prompt[-1].content
    assert (terminal.take_next() or "").startswith("good = 1")
    assert any(isinstance(event, Rejection) for event in terminal.session.transcript)


def test_a_rejection_without_a_reason_ends_the_question(terminal: Terminal) -> None:
    terminal.script(step("bad = 1"))
    terminal.ask("Do it")
    cell = terminal.take_next() or ""
    terminal.run("%codeact reject")
    assert terminal.session.status == "rejected"
    terminal.run(cell)  # the user may still run it: then it is a cell of their own
    assert not any(isinstance(event, Approval) for event in terminal.session.transcript)


def test_a_failed_step_goes_back_with_its_error(terminal: Terminal) -> None:
    terminal.script(step("1 / 0"), "It cannot be divided.")
    terminal.ask("Divide")
    terminal.run(terminal.take_next() or "")
    assert "ZeroDivisionError" in terminal.last_prompt[-1].content
    assert terminal.session.answer == "It cannot be divided."


def test_a_cell_magic_is_recognised_without_a_marker(terminal: Terminal) -> None:
    terminal.script(step("%%html\n<b>seen</b>"), "Done.")
    terminal.ask("Show")
    cell = terminal.take_next()
    assert cell == "%%html\n<b>seen</b>"
    terminal.run(cell)
    assert terminal.session.answer == "Done."


def test_auto_mode_runs_steps_at_once_and_shows_them(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.run("%codeact mode auto")
    terminal.script(step("total = 1 + 2\ntotal"), "It is 3.")
    terminal.ask("Add")
    assert terminal.shell.user_ns["total"] == 3
    assert terminal.session.answer == "It is 3."
    assert "total = 1 + 2" in capsys.readouterr().out
    assert [event.auto for event in terminal.session.transcript if isinstance(event, Approval)] == [True]


def test_auto_mode_ends_at_its_limits(terminal: Terminal) -> None:
    terminal.run("%codeact mode auto")
    terminal.script(*[step(f"x = {n}") for n in range(3)], *[step("y = 1")] * 4)
    terminal.ask("Go on for ever", "--max-turns 3")
    assert terminal.session.status == "limit"
    assert "y" not in terminal.shell.user_ns
    terminal.script(step("import time\ntime.sleep(60)"))
    terminal.ask("Sleep", "--max-seconds 1")
    assert terminal.session.status == "limit"


def test_options_hold_for_one_question(terminal: Terminal) -> None:
    terminal.script(step("x = 1"), "A")
    terminal.ask("Do", "--mode auto --max-turns=4")
    assert terminal.shell.user_ns["x"] == 1
    terminal.script(step("y = 1"))
    terminal.ask("Do")
    assert "y" not in terminal.shell.user_ns


@pytest.mark.parametrize(
    "options", ["--colour red", "--max-turns", "--max-turns many", "--max-turns 0", "question", "--mode never"]
)
def test_a_wrong_option_is_explained_and_asks_nothing(terminal: Terminal, options: str) -> None:
    terminal.script("A")
    result = terminal.run(f"%%codeact {options}\nQ")
    assert isinstance(result.error_in_exec, UsageError)
    assert options.split()[0] in str(result.error_in_exec)
    assert terminal.session.transcript == []


@pytest.mark.parametrize(
    "cell",
    [
        "%%codeact\n",
        "%%codeact\n   \n",
        "%codeact dance",
        "%codeact stop",
        "%codeact reject",
        "%codeact continue",
        "%codeact mode maybe",
    ],
)
def test_what_cannot_be_done_is_explained(terminal: Terminal, cell: str) -> None:
    result = terminal.run(cell)
    assert isinstance(result.error_in_exec, UsageError)
    assert terminal.session.state is State.IDLE


def test_status_and_history_tell_what_happened(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.script(step("6 * 7"), "It is 42.")
    terminal.ask("Multiply")
    terminal.run(terminal.take_next() or "")
    status = terminal.run("%codeact status").result
    assert (status.status, status.answer, status.turns) == ("answered", "It is 42.", 2)
    capsys.readouterr()
    terminal.run("%codeact history")
    history = capsys.readouterr().out
    for said in ("You: Multiply", "6 * 7", "42", "It is 42."):
        assert said in history
    terminal.run("%codeact status --json")
    told = json.loads(capsys.readouterr().out)
    assert told["answer"] == "It is 42."
    assert [place["step"] for place in told["evidence"]["numbers"]] == [1]


def test_what_an_answer_rests_on_is_printed_below_it_and_in_the_history(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.run("import pandas as pd\nkites = pd.DataFrame({'tail': [3, 5, 7, 9], 'colour': list('rgbb')})")
    terminal.script(step("print(kites['tail'].sum())"), "The tails are 24 m long.")
    without = ",".join(name for name in AS_WRITTEN.split(",") if name not in ("trial", "rests"))
    terminal.ask("How long are the tails of all kites?", f"--without {without}")
    terminal.run(terminal.take_next() or "")
    line = "Rests on `kites.tail` · 4 rows · step 1\n"
    assert f"The tails are 24 m long.\n{line}[2 turns" in capsys.readouterr().out
    terminal.run("%codeact history")
    assert f"CodeAct: The tails are 24 m long.\n{line}" in capsys.readouterr().out


def test_help_names_every_command_and_option(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.run("%codeact help")
    text = capsys.readouterr().out
    for word in (
        "continue",
        "reject",
        "stop",
        "status",
        "history",
        "mode",
        "model",
        "reset",
        "max_turns",
        "journal_dir",
    ):
        assert word in text


def test_reset_forgets_the_conversation_but_not_its_journal(terminal: Terminal) -> None:
    terminal.script("A", "B")
    terminal.ask("Number One")
    journal = terminal.conversation.journal
    assert journal is not None
    terminal.run("%codeact reset")
    terminal.ask("Number Two")
    assert "Number One" not in "".join(message.content for message in terminal.last_prompt)
    assert journal.path.exists()
    assert terminal.conversation.journal is not None
    assert terminal.conversation.journal.path != journal.path


def test_a_new_shell_takes_the_conversation_up_again(terminal: Terminal) -> None:
    terminal.script(step("x = 5\nx"))
    terminal.ask("Set x")
    cell = terminal.take_next()
    other = Terminal(terminal.conversation.settings.journals)
    other.script("x is 5.")
    other.run("%codeact continue")
    assert other.take_next() == cell
    other.run(cell or "")
    assert other.session.answer == "x is 5."
    path = latest_journal(other.conversation.settings.journals, str(Path.cwd()))
    assert path is not None
    assert Journal.reopen(path)[1] == other.session.transcript


def test_an_earlier_conversation_is_taken_up_by_its_name(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.script("A", step("x = 5\nx"), "x is 5.", "C")
    terminal.ask("Number One")
    first = terminal.conversation.journal
    terminal.run("%codeact reset")
    terminal.ask("Set x")
    second = terminal.conversation.journal
    assert first is not None and second is not None
    terminal.run(f"%codeact continue {first.path.stem}")
    assert "Ask its next question" in capsys.readouterr().out
    assert terminal.session.answer == "A"
    assert terminal.take_next()  # of the other one
    terminal.run(f"%codeact continue {second.path.stem[-8:]}")
    terminal.run(terminal.take_next() or "")
    assert terminal.session.answer == "x is 5."
    terminal.run(f"%codeact continue {first.path.stem}")
    terminal.ask("Number Three")
    asked = [event.text for event in Journal.reopen(first.path)[1] if isinstance(event, Prompt)]
    assert asked == ["Number One", "Number Three"]
    terminal.run("%codeact continue none")
    assert "There is no 'none'" in capsys.readouterr().err
    assert terminal.session.answer == "C"


def test_a_conversation_that_cannot_be_taken_up_leaves_the_present_one(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.script("A", "B")
    terminal.ask("Number One")
    journal = terminal.conversation.journal
    assert journal is not None
    newer = Journal.create(terminal.conversation.settings.journals, "other")
    with newer.path.open("a") as file:
        file.write('{"event": "FromTheFuture"}\n')
    terminal.run(f"%codeact continue {newer.path.stem}")
    assert "Line 2 of the journal cannot be read" in capsys.readouterr().err
    assert (terminal.session.answer, terminal.conversation.journal) == ("A", journal)
    terminal.run(f"%codeact continue {journal.path.stem}")
    assert "The last question is answered" in capsys.readouterr().err
    terminal.ask("Number Two")
    asked = [event.text for event in Journal.reopen(journal.path)[1] if isinstance(event, Prompt)]
    assert asked == ["Number One", "Number Two"]


def test_a_step_that_was_running_when_the_kernel_died_is_told_as_such(terminal: Terminal) -> None:
    terminal.script(step("x = 5"))
    terminal.ask("Set x")
    proposal = terminal.session.pending
    journal = terminal.conversation.journal
    assert journal is not None
    journal.append(Approval(proposal.id, proposal.code))
    other = Terminal(terminal.conversation.settings.journals)
    other.script("It died.")
    other.run("%codeact continue")
    assert "died" in other.last_prompt[-1].content
    assert other.session.answer == "It died."


def test_ctrl_c_while_thinking_stops_and_continue_resumes(terminal: Terminal) -> None:
    def interrupt(messages: object) -> str:
        raise KeyboardInterrupt

    terminal.script(interrupt, "Here.")
    terminal.ask("Think")
    assert terminal.session.status == "stopped"
    terminal.run("%codeact continue")
    assert terminal.session.answer == "Here."


def test_ctrl_c_in_a_running_step_ends_the_question(terminal: Terminal) -> None:
    terminal.script(step("raise KeyboardInterrupt"))
    terminal.ask("Loop")
    terminal.run(terminal.take_next() or "")
    assert terminal.session.status == "stopped"
    assert isinstance(terminal.session.transcript[-1], Stop)


def test_a_step_cannot_change_the_policy_while_it_runs(terminal: Terminal) -> None:
    terminal.script(step("x = 1"), "Done.")
    terminal.ask("Do")
    cell = terminal.take_next() or ""
    result = terminal.run(cell.replace("x = 1", "get_ipython().run_line_magic('code' + 'act', 'mode auto')"))
    assert isinstance(result.error_in_exec, UsageError)
    assert terminal.conversation.settings.mode == "ask"


@pytest.mark.parametrize(
    "code",
    [
        "raise SystemExit",
        "input()",
        "print('x' * 10**8)",
        "import os\nos._exit if False else 1",
        "class A:\n    def __repr__(self): raise ValueError\nA()",
    ],
)
def test_a_nasty_step_becomes_a_bounded_observation(
    terminal: Terminal, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda: (_ for _ in ()).throw(EOFError()))
    terminal.script(step(code), "Done.")
    terminal.ask("Do")
    terminal.run(terminal.take_next() or "")
    observation = next(event for event in terminal.session.transcript if isinstance(event, Observation))
    assert 0 < len(observation.text) <= terminal.conversation.settings.observation_chars
    assert terminal.session.answer == "Done."


def test_a_step_that_forks_does_not_fork_the_conversation(terminal: Terminal) -> None:
    code = "import os\npid = os.fork()\nif pid == 0:\n    child = True\nelse:\n    child = os.waitpid(pid, 0)[1]"
    terminal.script(step(code), "Done.")
    terminal.ask("Fork")
    owner = os.getpid()
    terminal.run(terminal.take_next() or "")
    if os.getpid() != owner:
        os._exit(len(terminal.engine.prompts))  # 1 when the child asked the model nothing
    assert os.waitstatus_to_exitcode(terminal.shell.user_ns["child"]) == 1
    assert terminal.session.answer == "Done."


def test_a_mute_model_is_reported(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.script("", "  ", "```python\n```", "<execute></execute>")
    terminal.ask("Speak")
    assert terminal.session.status == "no_answer"
    assert "No usable reply" in capsys.readouterr().out


def test_an_unusable_reply_is_sampled_again_and_never_seen(terminal: Terminal) -> None:
    terminal.script(step("x = ("), step("x = 1  # \u202e"), step("%codeact mode auto"), step("x = 1"))
    terminal.ask("Do", "--without vote,evidence")
    assert (terminal.take_next() or "").startswith("x = 1\n")
    assert len(terminal.session.transcript) == 2


def test_ten_blocks_are_one_action(terminal: Terminal) -> None:
    terminal.script("\n".join(step(f"x{n} = 1") for n in range(10)), "Done.")
    terminal.ask("Do")
    terminal.run(terminal.take_next() or "")
    assert terminal.shell.user_ns["x0"] == 1
    assert "x1" not in terminal.shell.user_ns


def test_a_question_longer_than_the_window_is_refused_with_advice(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.script("A")
    terminal.ask("word " * 20_000)
    assert terminal.session.status == "failed"
    assert "context of" in capsys.readouterr().out


def test_a_full_window_is_cut_in_sight_of_the_user(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.run("%codeact mode auto")
    terminal.engine = ScriptedEngine([*[step(f"print('{n}' * 3000)") for n in range(6)], "Done."], context_size=3000)
    terminal.conversation.open_model = lambda: (
        terminal.engine,
        DIALECTS["markdown"],
    )  # type: ignore[method-assign]
    terminal.ask("Print", "--max-tokens 200")
    assert terminal.session.answer == "Done."
    assert "context is full" in capsys.readouterr().out
    assert all(terminal.engine.count_tokens(prompt) <= 2800 for prompt in terminal.engine.prompts)


def test_a_journal_that_cannot_be_written_loses_nothing_else(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.script(step("x = 1"), "Done.")
    terminal.ask("Do")
    journal = terminal.conversation.journal
    assert journal is not None
    journal.path.unlink()
    journal.path.mkdir()
    terminal.run(terminal.take_next() or "")
    assert terminal.session.answer == "Done."
    assert "not saved" in capsys.readouterr().out


def test_a_folder_that_cannot_hold_journals_does_not_stop_the_question(
    terminal: Terminal, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    terminal.run(f"%config CodeAct.journal_dir = {str(tmp_path / 'file')!r}")
    terminal.script("Here.")
    terminal.ask("Speak")
    assert terminal.session.answer == "Here."
    assert "not saved" in capsys.readouterr().out


@pytest.mark.parametrize(
    "code",
    [
        "get_ipython().run_line_magic('config', 'Code' + 'Act.mode = \"auto\"')",
        "get_ipython().configurables[-1].mode = 'auto'",
    ],
)
def test_a_step_cannot_let_the_next_ones_run_unapproved(terminal: Terminal, code: str) -> None:
    terminal.script(step(code), step("evidence = 1"), "Done.")
    terminal.ask("Do")
    terminal.run(terminal.take_next() or "")
    assert "evidence" not in terminal.shell.user_ns
    assert terminal.session.state is State.AWAITING
    terminal.script(step("evidence = 1"))
    terminal.ask("And again")
    assert "evidence" not in terminal.shell.user_ns


@pytest.mark.parametrize("reason", ["Why not the median?", "Use {secret} and $secret.", 'It\'s "odd"'])
def test_a_reason_reaches_the_model_to_the_letter(terminal: Terminal, reason: str) -> None:
    terminal.run("secret = 'evaluated'")
    terminal.script(step("bad = 1"), "Well.")
    terminal.ask("Do")
    terminal.run(f"%codeact reject {reason}")
    assert reason in terminal.last_prompt[-1].content


def test_the_options_of_a_question_outlive_the_kernel_but_not_its_policy(terminal: Terminal) -> None:
    def interrupt(messages: object) -> str:
        raise KeyboardInterrupt

    terminal.script(interrupt)
    terminal.ask("Do", "--max-turns 3 --mode auto")
    other = Terminal(terminal.conversation.settings.journals)
    other.script(step("evidence = 1"))
    other.run("%codeact continue")
    assert other.conversation.settings.max_turns == 3
    assert other.conversation.settings.mode == "ask"
    assert "evidence" not in other.shell.user_ns


def test_an_answered_conversation_is_not_answered_again_after_a_restart(terminal: Terminal) -> None:
    terminal.script("Here.")
    terminal.ask("Speak")
    other = Terminal(terminal.conversation.settings.journals)
    result = other.run("%codeact continue")
    assert "answered" in str(result.error_in_exec)


def test_an_edited_timing_cell_is_still_the_step(terminal: Terminal) -> None:
    terminal.script(step("%%time\nx = 1"), "Done.")
    terminal.ask("Time it")
    terminal.run((terminal.take_next() or "").replace("x = 1", "x = 2"))
    assert terminal.session.answer == "Done."


def test_the_options_of_a_question_hold_for_its_own_listing(terminal: Terminal) -> None:
    terminal.run(
        "rows = {f'name_{n}': n for n in range(50)}\nglobals().update({f'value_{n}': [n] * 20 for n in range(60)})"
    )
    terminal.script("Done.", "Done.")
    terminal.ask("How many?", "--context-tokens 100")
    short = terminal.session.transcript[-2].context
    terminal.run("%codeact reset")
    terminal.ask("How many?")
    assert 0 < 3 * len(short) < len(terminal.session.transcript[-2].context)


# --- into --------------------------------------------------------------------------------------------------------


def test_the_value_of_the_answer_is_bound_and_told(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.run("points = [3, 4.5]")
    terminal.script(step("sum(points)"), "The sum is 7.5.", "Seven and a half.")
    terminal.ask("What is the sum?", "--into total --max-turns 5")
    assert "total" not in terminal.shell.user_ns
    terminal.run(terminal.take_next() or "")
    assert terminal.shell.user_ns["total"] == 7.5
    assert "[total = 7.5 · 2 turns" in capsys.readouterr().out
    terminal.shell.user_ns["total"] = 1
    terminal.ask("And in words?")
    assert terminal.shell.user_ns["total"] == 1
    assert terminal.conversation.settings.max_turns == 10


def test_steps_that_run_at_once_bind_the_very_object(terminal: Terminal) -> None:
    terminal.run("points = [3, 4]")
    terminal.script(step("points"), "These.")
    terminal.ask("Which?", "--mode auto --into=chosen")
    assert terminal.shell.user_ns["chosen"] is terminal.shell.user_ns["points"]


def test_a_name_is_kept_when_the_question_is_resumed(terminal: Terminal) -> None:
    terminal.script(step("6 * 7"), step("6 * 7"), "42.")
    terminal.ask("How many?", "--into count")
    terminal.take_next()
    terminal.run("%codeact stop")
    assert "count" not in terminal.shell.user_ns
    terminal.run("%codeact continue")
    terminal.run(terminal.take_next() or "")
    assert terminal.shell.user_ns["count"] == 42


def test_without_an_answer_or_a_value_nothing_is_bound(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.run("41 + 1")
    terminal.script(step("6 * 7"), "It is 42.")
    terminal.ask("How many?", "--into count")
    terminal.take_next()
    terminal.run("%codeact reject")
    assert "count" not in terminal.shell.user_ns
    terminal.ask("How many?", "--into count")
    assert "count" not in terminal.shell.user_ns
    assert "[count is not set: no step showed a value · 1 turn" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("--into 2x", "`2x` is not a name"),
        ("--into class", "`class` is not a name"),
        ("--into a.b", "`a.b` is not a name"),
        ("--into math", "`math` is a function, a class or a module already"),
        ("--into tool", "`tool` is a function"),
        ("--into Kind", "`Kind` is a function"),
        ("--into sum", "`sum` is a function"),
        ("--into get_ipython", "`get_ipython` is a function"),
        ("--into", "`--into` needs a name"),
        ("--into --seed 3", "`--into` needs a name"),
        ("--into= --seed 3", "`--into` needs a name"),
    ],
)
def test_a_name_that_cannot_be_used_is_an_error_before_the_question(
    terminal: Terminal, options: str, told: str
) -> None:
    terminal.run("import math\ndef tool(): pass\nclass Kind: pass")
    terminal.script("Never.")
    with pytest.raises(UsageError, match=re.escape(told)):
        terminal.run(f"%%codeact {options}\nHow many?").raise_error()
    assert terminal.engine.prompts == []
    assert terminal.session.transcript == []


def test_a_variable_may_be_bound_again(terminal: Terminal) -> None:
    terminal.run("count = 1")
    terminal.script(step("6 * 7"), "42.")
    terminal.ask("How many?", "--mode auto --into count")
    assert terminal.shell.user_ns["count"] == 42


def test_the_status_as_json_has_the_question_and_the_value(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.script(step("{'a': (1, 2)}"), "There.")
    terminal.ask("Which?", "--mode auto")
    capsys.readouterr()
    terminal.run("%codeact status --json")
    report = json.loads(capsys.readouterr().out)
    assert (report["question"], report["answer"], report["value"]) == ("Which?", "There.", {"a": [1, 2]})


def test_a_large_value_is_not_kept_alive(terminal: Terminal) -> None:
    terminal.script(step("import pandas as pd\nbig = pd.DataFrame({'a': [1]})\nprint(big)"), "There.")
    terminal.ask("Which?", "--mode auto")
    assert terminal.conversation.value is terminal.shell.user_ns["big"]
    terminal.run("del big")
    gc.collect()
    assert terminal.conversation.value is None
