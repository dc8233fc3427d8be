"""Review of the model's replies: trials, and checks against the conversation and the live objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..checks import escape_reordering
from ..dialects.prompt import Dialect, observed
from ..dialects.reply import Reply
from ..kernel.copy.outcome import Trial
from ..namespace.static_lookup import is_own
from ..session.messages import Event
from ..session.techniques import Techniques
from ..session.transcript import task
from .doubts import last_doubt
from .grounding import reservation
from .rests import unfounded_answer, unfounded_step
from .screening import Fault, redefined, refused, screen
from .trying import Attempt, TriesCells, attempt, made_names, spare


@dataclass(frozen=True, slots=True)
class Review:
    """Review of the replies to one prompt."""

    transcript: Sequence[Event]  #: all events before them
    namespace: Callable[[], Mapping[str, Any]]  #: returns the live objects by name
    dialect: Dialect  #: of the model
    use: Techniques  #: in use
    trials: TriesCells | None = None  #: runs cells in copies of the kernel
    #: returns whether the question can only be answered by running something; None if that is unknown
    needs_output: Callable[[], bool | None] = lambda: None
    is_own_data: Callable[[], bool | None] = lambda: None  #: the same of whether it is about the user's own data
    told: set[str] = field(default_factory=set)  #: facts of which the model has been told since the question

    def attempt(self, code: str, is_wanted: Callable[[str], bool]) -> Attempt:
        """Try code, unless its text is refused or trials are off.

        Args:
            code: The code.
            is_wanted: Returns True if the task wants the object of that name to change.

        Returns:
            The code, or mended code, with its trial if there was one. What would reorder it on the screen is escaped.
        """
        code, namespace = escape_reordering(code), self.namespace()
        if self.trials is None or not self.use.trial or refused(code, namespace, self.use):
            return Attempt(code)
        found = attempt(code, self.trials.try_cell, mend=self.use.mends, namespace=namespace)
        found = self._examined(found)
        if not self.use.spare or unfounded_step(found.code, found.trial, self.transcript, self.is_about_data):
            return found
        made = made_names(self.transcript)
        untold = {name for name, obj in namespace.items() if is_own(obj) and redefined(name) not in self.told}
        untold -= {*(found.trial.removed if found.trial else ())}
        spared = spare(found, namespace, made | untold, self.trials.try_cell, is_wanted)
        return spared if spared is found else self._examined(spared)

    def _examined(self, found: Attempt) -> Attempt:
        """Return code with what its result rests on, if it ran."""
        if not self.use.rests or self.trials is None or found.trial is None or found.trial.outcome != "ran":
            return found
        evidence = self.trials.evidence(found.code, found.trial, task(self.transcript))
        return replace(found, trial=replace(found.trial, evidence=evidence))

    def screen(self, reply: Reply, trial: Trial | None) -> Fault | None:
        """Check a reply.

        Args:
            reply: The reply, with the code as it was tried.
            trial: The trial of its code, if there was one.

        Returns:
            The reply's fault, if it has one.
        """
        known = (self.needs_output, self.is_about_data, self.told)
        fault = screen(reply, self.transcript, self.namespace(), self.use, trial, *known)
        if fault and fault.fact:
            self.told.add(fault.fact)
        return fault

    def notes(self, answer: str) -> list[str]:
        """Return what the user is told with an answer that is delivered: facts of which the model was told in vain.

        Args:
            answer: The answer.
        """
        gap = reservation(answer, self.transcript) if self.use.evidence else None
        names = unfounded_answer(answer, self.transcript) if self.use.rests else ""
        is_made_up = names and self.needs_output() is not False
        facts = [gap.fact if gap else last_doubt(self.transcript)]
        facts += [f"Made up in the code, not computed from {names}."] if is_made_up else []
        return [f"({fact})" for fact in facts if fact]

    def is_about_data(self) -> bool:
        """Return True unless the model says that the question is not about the user's own data."""
        return self.needs_output() is not False and self.is_own_data() is not False

    def tell(self, observation: str) -> str:
        """Format an observation as the model would read it after a run.

        Args:
            observation: Of a trial.

        Returns:
            Text of a user's message.
        """
        return observed(observation, self.transcript, self.dialect, use=self.use)
