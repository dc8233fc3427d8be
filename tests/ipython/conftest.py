"""An in-process IPython shell with the extension and a scripted model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from traitlets.config import Config

from codeact_jupyter import load_ipython_extension, unload_ipython_extension
from codeact_jupyter.dialects.prompt import DIALECTS
from codeact_jupyter.notebook.conversation import Conversation
from codeact_jupyter.session.machine import Session
from codeact_jupyter.session.messages import ChatMessage
from codeact_jupyter.testing import AS_WRITTEN, Reply, ScriptedEngine


def step(code: str, thought: str = "I look.") -> str:
    """Return a model's reply that proposes `code`."""
    return f"{thought}\n```python\n{code}\n```"


class Terminal:
    """A shell of a user at a terminal, whose next cell may be prefilled."""

    def __init__(self, journals: Path) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        config.CodeAct.journal_dir = str(journals)
        config.CodeAct.without = AS_WRITTEN
        config.CodeAct.reach = "all"  # steps are not tried
        self.shell = InteractiveShell(config=config)
        load_ipython_extension(self.shell)
        self.conversation: Conversation = self.shell.magics_manager.registry["CodeActMagics"].conversation
        self.engine = ScriptedEngine([])

    def script(self, *replies: Reply) -> None:
        """Set the model's next replies."""
        self.engine = ScriptedEngine(replies)
        self.conversation.open_model = lambda: (self.engine, DIALECTS["markdown"])  # type: ignore[method-assign]

    def run(self, cell: str) -> ExecutionResult:
        """Run a cell."""
        return self.shell.run_cell(cell, store_history=True)

    def ask(self, question: str, options: str = "") -> None:
        """Ask as a user does."""
        self.run(f"%%codeact {options}\n{question}")

    def take_next(self) -> str | None:
        """Return the prefilled cell, if there is one."""
        prefilled: str | None = self.shell.rl_next_input
        self.shell.rl_next_input = None
        return prefilled

    @property
    def session(self) -> Session:
        return self.conversation.session

    @property
    def last_prompt(self) -> Sequence[ChatMessage]:
        """The messages that the model read last."""
        return self.engine.prompts[-1]


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    terminal = Terminal(tmp_path / "journals")
    yield terminal
    unload_ipython_extension(terminal.shell)
