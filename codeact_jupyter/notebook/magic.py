"""`%%codeact` asks; `%codeact …` steers. The composition root of the notebook."""

from __future__ import annotations

import dataclasses
import itertools
import json
import shlex
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand
from traitlets import TraitError

from ..config import CodeAct, describe_options
from ..errors import CodeActError
from ..session.messages import Answer, Observation, Prompt, Proposal, Rejection, Stop, Usage
from .conversation import Conversation

HELP = """\
%%codeact [--option value …]     ask a question, in the lines below
%codeact continue                go on: after a failed step, a stop, a limit or a kernel restart
%codeact reject [reason]         send the waiting step back; without a reason the question ends
%codeact stop                    end what is going on (while a cell runs: interrupt the kernel)
%codeact status | history        where it stands | what was said
%codeact mode ask|auto           approve each step | let steps run by themselves, within limits
%codeact model NAME              another model: catalogue name, GGUF path, or hub id owner/repo:file.gguf
%codeact reset                   forget the conversation
%codeact help                    this

A step appears as the next cell. Running that cell approves it, edited or not; nothing runs before.

Options, for one question as `%%codeact --max-turns 5`, for all with `%config CodeAct.max_turns = 5`:
"""


@dataclass(frozen=True, slots=True)
class Status:
    """Where the conversation stands, as `%codeact status` returns it."""

    status: str
    answer: str | None
    turns: int
    model: str
    mode: str
    usage: Usage

    def __repr__(self) -> str:
        lines = [f"{self.status} · {self.turns} turns · {self.model} · mode {self.mode}"]
        return "\n".join([*lines, self.answer] if self.answer else lines)


@magics_class
class CodeActMagics(Magics):
    """The magics, on one kernel's conversation."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        shell.input_transformers_cleanup.append(keep_question_mark)
        self.options = CodeAct(parent=shell)
        shell.configurables.append(self.options)  # type: ignore[arg-type]
        self.conversation = Conversation(shell, self.options)

    @no_var_expand
    @cell_magic("codeact")  # type: ignore[arg-type]
    def ask(self, line: str, cell: str) -> None:
        """Ask a question about what is in the notebook. `%codeact help` tells more."""
        overrides = parse_options(line)
        self._do(lambda: self.conversation.ask(cell, overrides))

    @no_var_expand
    @line_magic("codeact")  # type: ignore[arg-type]
    def steer(self, line: str) -> Status | None:
        """Steer the agent: `%codeact help` lists the commands."""
        command, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        match command:
            case "" | "help":
                print(HELP + describe_options())
            case "status":
                if rest != "--json":
                    return self._status()
                print(json.dumps(dataclasses.asdict(self._status())))
            case "history":
                print(self._history())
            case "continue":
                self._do(self.conversation.resume)
            case "reject":
                self._do(lambda: self.conversation.reject(rest))
            case "stop":
                self._do(self.conversation.stop)
            case "reset":
                self._do(self.conversation.reset)
            case "mode" | "model":
                self._set(command, rest)
            case _:
                raise UsageError(f"`%codeact {command}` is not known. `%codeact help` lists the commands.")
        return None

    def _do(self, action: Callable[[], None]) -> None:
        try:
            action()
        except CodeActError as error:
            raise UsageError(str(error)) from None

    def _set(self, option: str, value: str) -> None:
        if self.conversation.running:
            raise UsageError("A proposed step cannot change how CodeAct works.")
        try:
            self.conversation.set(option, value)
        except TraitError as error:
            raise UsageError(str(error)) from None
        settings = self.conversation.settings
        limits = f"steps run unread, {settings.max_turns} turns and {settings.max_seconds:.0f} s at most for a question"
        print(f"{option}: {value}" + (f" ({limits})" if value == "auto" else ""))

    def _status(self) -> Status:
        session, settings = self.conversation.session, self.conversation.settings
        return Status(session.status, session.answer, session.turns, settings.model, settings.mode, session.usage)

    def _history(self) -> str:
        lines = []
        for event in self.conversation.session.transcript:
            match event:
                case Prompt(text=text):
                    lines.append(f"You: {text}")
                case Proposal(thought=thought, code=code, step=step):
                    lines.append(f"CodeAct, step {step}: {thought}\n{textwrap.indent(code, '    ')}")
                case Observation(text=text):
                    lines.append(textwrap.indent(text, "  | "))
                case Rejection(reason=reason):
                    lines.append(f"You rejected it: {reason}")
                case Answer(text=text):
                    lines.append(f"CodeAct: {text}")
                case Stop(status=status, reason=reason):
                    lines.append(f"({status}: {reason})")
        return "\n".join(lines) or "Nothing was said yet."


def keep_question_mark(lines: list[str]) -> list[str]:
    """An input transformer: in `%codeact reject Why?` IPython would take the `?` for a request for help."""
    line = "".join(lines).strip()
    if line.startswith("%codeact ") and line.endswith("?") and "\n" not in line:
        return [f"get_ipython().run_line_magic('codeact', {line.removeprefix('%codeact ')!r})\n"]
    return lines


def parse_options(line: str) -> dict[str, object]:
    """`--max-turns 5 --mode=auto` as option values. Raises `UsageError` for an unknown option or a wrong value."""
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
                f"`{flag}` is no option. `%codeact help` lists them; the question goes below the first line."
            )
        if value is None:
            raise UsageError(f"`{flag}` needs a value.")
        try:
            values[name] = traits[name].from_string(value)
            CodeAct(**{name: values[name]})
        except (TraitError, ValueError) as error:
            raise UsageError(f"`{flag} {value}`: {error}") from None
    return values
