"""The model of a browser test: the first cell of its notebook imports this into the kernel and plays the script.

Beside the notebook lie `script.json` with the replies and, as soon as the model has read one, `prompts.jsonl` with its
prompts, and `spoken.txt` with the milliseconds of the clock at the end of each reply. A reply is a text, or a list of
texts: between two of them the model falls silent until the file `go` is there.
A kernel that was restarted plays on where the last one stopped.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from IPython import get_ipython

from codeact_jupyter.config import CodeAct
from codeact_jupyter.dialects.prompt import DIALECTS
from codeact_jupyter.engines import OnText
from codeact_jupyter.notebook.conversation import Conversation
from codeact_jupyter.session.messages import ChatMessage, Completion
from codeact_jupyter.session.techniques import ALL
from codeact_jupyter.testing import AS_WRITTEN, ScriptedEngine


def play() -> None:
    """Let the script answer this kernel's conversation, loaded already or not, from its next question on.

    The techniques that would change the script's replies are off; they have tests of their own.
    """
    engine = Player(Path.cwd())
    CodeAct.techniques = ALL.without(*AS_WRITTEN.split(","))  # type: ignore[assignment]
    shell = get_ipython()  # type: ignore[no-untyped-call]
    shell.config.CodeAct.reach = "all"  # steps are not tried
    for options in shell.configurables:
        if isinstance(options, CodeAct):
            options.reach = "all"
    Conversation.open_model = lambda self: (engine, DIALECTS["markdown"])  # type: ignore[method-assign]


class Player(ScriptedEngine):
    """Engine that plays the replies that no kernel has played yet, and writes down its prompts."""

    def __init__(self, folder: Path) -> None:
        script: dict[str, Any] = json.loads((folder / "script.json").read_text())
        self._prompts_file, self._spoken_file = folder / "prompts.jsonl", folder / "spoken.txt"
        played = len(self._prompts_file.read_text().splitlines()) if self._prompts_file.exists() else 0
        self._parts = [[reply] if isinstance(reply, str) else reply for reply in script["replies"]][played:]
        super().__init__(["".join(parts) for parts in self._parts], delay=script["delay"])
        self._go = folder / "go"
        self._hushed = threading.Event()

    def generate(
        self, messages: Sequence[ChatMessage], *, on_text: OnText = lambda text: None, **how: Any
    ) -> Completion:
        """Play the next reply, with its silences."""
        with self._prompts_file.open("a") as file:
            file.write(json.dumps([message.content for message in messages]) + "\n")
        self._hushed.clear()
        parts = self._parts.pop(0) if self._parts else [""]
        silences = [sum(map(len, parts[:end])) for end in range(1, len(parts))]

        while silences and silences[0] == 0 and not self._hushed.wait(0.02):  # it still reads
            self.on_read(0.4)
            if self._go.exists():
                silences.pop(0)

        def speak(text: str) -> None:
            on_text(text)
            while silences and len(text) >= silences[0] and not self._hushed.wait(0.02):
                on_text(text)  # what is shown in intervals has to come out
                if self._go.exists():
                    silences.pop(0)

        completion = super().generate(messages, on_text=speak, **how)
        with self._spoken_file.open("a") as file:
            file.write(f"{time.time() * 1000:.1f}\n")
        return completion

    def stop(self) -> None:
        """End every `generate` under way, in a silence too."""
        self._hushed.set()
        super().stop()
