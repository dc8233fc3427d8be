"""The magics: `%%codeact` asks a question, `%codeact …` controls the conversation."""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand
from traitlets import TraitError

from ..config import CodeAct, describe_options
from ..errors import CodeActError
from ..hosts.next_input import mark
from ..outputs.conversion import as_json
from ..session.basis import basis_of
from ..session.machine import State
from ..session.messages import Usage
from ..session.provenance import step_records
from ..session.reach import reach_fields
from ..session.transcript import task
from ..views.history import history
from ..views.text import to_stdout
from .wiring import Wiring

HELP = """\
%%codeact [--option value …]     ask the question in the lines below
%%codeact --into NAME            the same, and bind the value of the answer to this name
%codeact continue [session]      resume after a failed step, a stop, a limit or a kernel restart; or an earlier session
%codeact reject [reason]         reject the waiting step; without a reason the question ends
%codeact stop                    stop the model or the waiting step (while a cell runs: interrupt the kernel)
%codeact undo [force]            undo the last step that ran; with `force` also what other cells changed since
%codeact status | history        show the state | show the conversation
%codeact mode ask|auto           approve each step | run steps without approval, within limits
%codeact reach REACH             what steps may do without approval: read-only, workspace or all
%codeact model NAME              use another model: catalogue name, GGUF path, or hub id owner/repo:file.gguf
%codeact fetch NAME              download a model of the catalogue, and then use it; the chat shows the progress
%codeact reset                   begin a new conversation; the old one stays on disk
%codeact help                    show this text

A step appears as the next cell. Running that cell approves it, edited or not. Before that, the step runs only in a
copy of the kernel that can change nothing (option `trial`).

Options, for one question as `%%codeact --max-turns 5`, for all with `%config CodeAct.max_turns = 5`:
"""


NO_CONVERSATION = "There is no conversation yet: ask a question with `%%codeact`."
_INTO = re.compile(r"(?<!\S)--into(?:=|\s+|$)(?P<name>[^\s-]\S*)?")


@dataclass(frozen=True, slots=True)
class Status:
    """State of the conversation, as `%codeact status` returns it."""

    status: str  #: how the last episode ended, or the current state
    answer: str | None  #: of the last episode; `None` without one
    turns: int  #: replies of the model in the episode
    model: str  #: its name
    mode: str  #: `ask` or `auto`
    usage: Usage  #: of the episode

    def __repr__(self) -> str:
        lines = [f"{self.status} · {self.turns} turns · {self.model} · mode {self.mode}"]
        return "\n".join([*lines, self.answer] if self.answer else lines)


@magics_class
class CodeActMagics(Magics):
    """The magics of one kernel.

    Args:
        shell: The kernel's or terminal's shell.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        shell.input_transformers_cleanup.append(keep_question_mark)
        self.options = CodeAct(parent=shell)
        shell.configurables.append(self.options)  # type: ignore[arg-type]
        self.wiring = Wiring(shell, self.options)
        self.conversation = self.wiring.conversation

    @no_var_expand
    @cell_magic("codeact")  # type: ignore[arg-type]
    def ask(self, line: str, cell: str) -> None:
        """Ask a question about what is in the notebook. `%codeact help` lists commands and options.

        Args:
            line: Options, as `--max-turns 5` or `--into total`.
            cell: The question.
        """
        into, options = take_into(line)
        overrides = parse_options(options)
        self._do(lambda: self.conversation.ask(cell, overrides, into=into))

    @no_var_expand
    @line_magic("codeact")  # type: ignore[arg-type]
    def steer(self, line: str) -> Status | None:
        """Control the conversation: `%codeact help` lists the commands.

        Args:
            line: A command and its arguments.

        Returns:
            The state, for the command `status`.
        """
        command, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        match command:
            case "" | "help":
                to_stdout(f"{HELP}{describe_options()}\n")
            case "status":
                if rest != "--json":
                    return self._status()
                print(json.dumps(self._report()))
            case "history":
                told = history(self.conversation.session.transcript)
                to_stdout(f"{told or NO_CONVERSATION}\n")
            case "continue":
                self._do(lambda: self.conversation.resume(rest))
            case "reject":
                self._do(lambda: self.conversation.reject(rest))
            case "undo":
                self._do(lambda: self._undo(rest))
            case "stop":
                self._do(self.conversation.stop)
            case "reset":
                self._do(self.conversation.reset)
            case "fetch":
                self._do(lambda: self.wiring.fetch(rest))
            case "mode" | "reach" | "model":
                self._set(command, rest)
            case _:
                raise UsageError(f"`%codeact {command}` is not known. `%codeact help` lists the commands.")
        return None

    def _do(self, action: Callable[[], None]) -> None:
        try:
            action()
        except CodeActError as error:
            raise UsageError(str(error)) from None
        except OSError as error:
            raise UsageError(f"{error}. Run the command again when that is solved.") from None

    def _undo(self, how: str) -> None:
        if how not in ("", "force"):
            raise UsageError("`%codeact undo` undoes the last step that ran; only `force` may follow.")
        to_stdout(f"{self.wiring.undoing.undo(force=how == 'force')}\n")

    def _set(self, option: str, value: str) -> None:
        self._do(lambda: self.conversation.options.set(option, value))
        settings = self.conversation.settings
        limits = f"no review within the reach `{settings.reach}`; at most {settings.max_turns} steps and "
        limits += f"{settings.max_seconds:.0f} s for a question"
        print(f"{option}: {value}" + (f" ({limits})" if value == "auto" else ""))

    def _status(self) -> Status:
        session, settings = self.conversation.session, self.conversation.settings
        return Status(session.status, session.answer, session.turns, settings.model, settings.mode, session.usage)

    def _report(self) -> dict[str, Any]:
        """Return the state as JSON data, with the question, the waiting step and its trial, and the answer's value."""
        session = self.conversation.session
        waits = session.proposal if session.state is State.AWAITING else None
        found: dict[str, Any] = {"value": None, "evidence": None}
        if session.answer is not None:
            basis = basis_of(session.answer, session.transcript)
            found = {"value": as_json(self.conversation.value), "evidence": dataclasses.asdict(basis)}
        waiting = mark(session.pending) if session.state is State.AWAITING else None
        now = {"waiting": waiting, "tried": reach_fields(waits.tried) if waits and waits.tried else None}
        journal = self.conversation.journal
        events = ((None, event) for event in session.transcript)
        records = step_records(events, journal.path.stem if journal else "")
        state = dataclasses.asdict(self._status())
        return {**state, "question": task(session.transcript), **now, "records": records, **found}


def keep_question_mark(lines: list[str]) -> list[str]:
    """Prevent IPython from reading the `?` of `%codeact reject Why?` as a request for help.

    Args:
        lines: A cell's lines.

    Returns:
        The lines after this input transformation.
    """
    line = "".join(lines).strip()
    if line.startswith("%codeact ") and line.endswith("?") and "\n" not in line:
        return [f"get_ipython().run_line_magic('codeact', {line.removeprefix('%codeact ')!r})\n"]
    return lines


def take_into(line: str) -> tuple[str, str]:
    """Split `--into NAME` off the options of a question.

    Args:
        line: The options.

    Returns:
        The name, empty without one, and the other options.

    Raises:
        UsageError: There is no name after `--into`.
    """
    found = _INTO.search(line)
    if found is None:
        return "", line
    if not found["name"]:
        raise UsageError("`--into` needs a name, as `%%codeact --into total`.")
    return found["name"], f"{line[: found.start()]} {line[found.end() :]}"


def parse_options(line: str) -> dict[str, object]:
    """Parse options such as `--max-turns 5 --mode=auto`.

    Args:
        line: The options.

    Returns:
        Their values by the names of `CodeAct`'s traits.

    Raises:
        UsageError: An option is unknown, or its value is wrong.
    """
    traits = CodeAct.class_traits(config=True)
    try:
        split = shlex.split(line)
    except ValueError as error:
        raise UsageError(f"`{line}`: {error}.") from None
    words = [part for word in split for part in (word.split("=", 1) if word.startswith("--") else [word])]
    values: dict[str, object] = {}
    for flag, value in itertools.zip_longest(words[::2], words[1::2]):
        name = flag.removeprefix("--").replace("-", "_")
        if not flag.startswith("--") or name not in traits:
            raise UsageError(
                f"`{flag}` is not an option. `%codeact help` lists them; the question goes below the first line."
            )
        if value is None:
            raise UsageError(f"`{flag}` needs a value.")
        try:
            values[name] = traits[name].from_string(value)
            CodeAct(**{name: values[name]})
        except (TraitError, ValueError) as error:
            raise UsageError(f"`{flag} {value}`: {error}") from None
    return values
