"""A notebook in this process, in which a cell is run, and reviewed as a candidate of a model that insists on it."""

from __future__ import annotations

import contextlib
import io
import itertools
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from codeact_jupyter.agent.proposing import propose
from codeact_jupyter.agent.review import Review
from codeact_jupyter.agent.sampling import Sampling
from codeact_jupyter.agent.trying import Trials
from codeact_jupyter.checks import normalise
from codeact_jupyter.dialects.prompt import DIALECTS
from codeact_jupyter.kernel.copy.outcome import Trial
from codeact_jupyter.kernel.gate import Gate
from codeact_jupyter.kernel.preview import Preview
from codeact_jupyter.kernel.workspace import Workspace
from codeact_jupyter.session.evidence import Evidence
from codeact_jupyter.session.messages import Approval, ChatMessage, Event, Observation, Prompt, Proposal
from codeact_jupyter.session.techniques import ALL
from codeact_jupyter.testing import ScriptedEngine

Namespace = Callable[[], dict[str, Any]]
_FENCE = re.compile(r"^\s*```", re.MULTILINE)


@dataclass(frozen=True)
class RightCell:
    """A cell that is right."""

    kind: str  #: of the table's row
    code: str
    namespace: Namespace = dict  #: makes the live names afresh
    setup: str = ""  #: a cell that the user has run before
    earlier: str = ""  #: a step of the model that has run before, for the same question


@dataclass(frozen=True)
class Verdict:
    """What became of a candidate."""

    cell: RightCell
    ran: bool  #: it ran, outside the copy, without an error
    error: str = ""  #: that it raised
    outcome: str = ""  #: of its trial
    refused: str = ""  #: why it is not shown
    doubt: str = ""  #: the one hidden question about it
    changed: str = ""  #: the code that is shown in its place
    untried: str = ""  #: what the checks say where nothing can be tried


@dataclass(frozen=True)
class Known:
    """Trials that end as the real run did."""

    code: str
    trial: Trial

    def try_cell(self, source: str) -> Trial:
        """See `Trials.try_cell`."""
        return self.trial if source == self.code else Trial("raised", error="Exception: other code")

    def evidence(self, source: str, trial: Trial, question: str) -> Evidence:
        """See `Trials.evidence`."""
        return Evidence()

    def stop(self) -> None:
        """See `Trials.stop`."""

    def resume(self) -> None:
        """See `Trials.resume`."""


class Notebook:
    """A private shell, emptied for each cell."""

    def __init__(self) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "nocolor"
        self.shell = InteractiveShell.instance(config=config)
        self.workspace = Workspace(self.shell, Gate(self.shell))
        self.preview = Preview(self.workspace)
        self._bare = dict(self.shell.user_ns)

    def judge(self, cell: RightCell, *, copy: bool) -> Verdict:
        """Run a cell and review it.

        Args:
            cell: The cell.
            copy: Try it in a copy of this process; else its trial is taken to end as the run did.
        """
        with warnings.catch_warnings(action="ignore"), quiet():
            trials: Trials = self.preview
            if not copy:
                self._prepare(cell)
                observation = self._run(cell.code)
                if not observation.ok:
                    return Verdict(cell, ran=False, error=observation.error)
                trials = Known(cell.code.strip(), Trial("ran", observation.text, observation.text))
            history = self._prepare(cell)
            shown = self._review(cell, history, trials)
            untried = self._review(cell, history, None)
            if copy:
                self._prepare(cell)
                observation = self._run(cell.code)
        return Verdict(
            cell,
            observation.ok,
            observation.error,
            shown.outcome,
            shown.refused,
            shown.doubt,
            shown.changed,
            untried.refused or untried.doubt,
        )

    def _prepare(self, cell: RightCell) -> list[Event]:
        """Empty the notebook, and return the transcript before the candidate."""
        live = self.shell.user_ns
        live.clear()
        live.update(self._bare)
        live.update(cell.namespace())
        self.workspace.forget()
        if cell.setup and not self.shell.run_cell(cell.setup, silent=True).success:
            raise RuntimeError(f"the setup of {cell.code!r} failed")
        history: list[Event] = [Prompt("Do what is asked.")]
        if cell.earlier:
            step = Proposal("e", 1, "", cell.earlier, cell.earlier)
            history += [step, Approval("e", cell.earlier), self._run(cell.earlier)]
        return history

    def _run(self, code: str) -> Observation:
        observation, _ = self.workspace.run("p", code)
        if plots := sys.modules.get("matplotlib.pyplot"):
            plots.close("all")
        return observation

    def _review(self, cell: RightCell, history: list[Event], trials: Trials | None) -> Shown:
        tags = ("<execute>", "</execute>") if _FENCE.search(cell.code) else ("```python", "```")
        reply = f"I look.\n{tags[0]}\n{cell.code}\n{tags[1]}"
        engine = ScriptedEngine(itertools.repeat(reply), context_size=1 << 20)
        review = Review(history, lambda: self.shell.user_ns, DIALECTS["markdown"], ALL, trials)
        sampling = Sampling(max_tokens=1 << 16, max_seconds=600)
        step = propose(engine, [ChatMessage("user", "Do it.")], sampling, review, step=2)
        asked = engine.prompts[1][-1].content if len(engine.prompts) > 1 else ""
        if not isinstance(step, Proposal):
            return Shown(refused=getattr(step, "reason", "") or "an answer in its place")
        outcome = step.tried.outcome if step.tried else ""
        if outcome == "raised" and step.tried:
            return Shown(outcome, refused=f"its trial: {step.tried.error}")
        is_same = normalise(step.code) == normalise(cell.code)
        return Shown(outcome, doubt=asked, changed="" if is_same else step.code)


@dataclass(frozen=True)
class Shown:
    """What the user gets."""

    outcome: str = ""
    refused: str = ""
    doubt: str = ""
    changed: str = ""


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what cells print from the terminal."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield
