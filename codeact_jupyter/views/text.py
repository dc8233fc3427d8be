"""What the user sees of a conversation while it goes on. `View` shows nothing; `PlainView` prints; `panel.Panel` is
the widget in the asking cell's output."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable

from ..agent.view import View
from ..dialects.reply import parse_reply
from ..session.machine import Session
from ..session.messages import Finish, Proposal
from ..session.transcript import unfounded_numbers


class PlainView(View):
    """Prints, for terminals and front ends without widgets.

    `after_thought(proposal)` is the text that follows a proposal's thought: how to approve it, or its code.
    """

    def __init__(self, write: Callable[[str], object], after_thought: Callable[[Proposal], str]) -> None:
        self._write = write
        self._after_thought = after_thought
        self._shown = ""

    def thinking(self, session: Session) -> None:
        self._shown = ""

    def text(self, text: str) -> None:
        thought = parse_reply(text).thought
        if not thought.startswith(self._shown):  # the reply is another one now
            self._write("\n")
            self._shown = ""
        self._write(thought[len(self._shown) :])
        self._shown = thought

    def proposal(self, session: Session, proposal: Proposal) -> None:
        self.text(proposal.reply)
        self._write(f"\n{self._after_thought(proposal)}")

    def paused(self, session: Session) -> None:
        self._write("[paused] Run `%codeact continue` for the next step.\n")

    def note(self, text: str) -> None:
        self._write(f"[note] {text}\n")

    def finished(self, session: Session, finish: Finish) -> None:
        if finish.status == "answered":
            self.text(finish.text)
            self._write(f"\n{summary(session)}\n")
        else:
            self._write(f"\n[{finish.status}] {finish.text}\n")


def to_stdout(text: str) -> None:
    """Prints the text as it is, at once."""
    sys.stdout.write(text)
    sys.stdout.flush()


def how_to_approve(proposal: Proposal) -> str:
    """For a step that is the next cell."""
    return (
        f"[step {proposal.step}] Run the cell below to approve it; edit it first if you like; "
        "`%codeact reject why` sends it back.\n"
    )


def its_code(proposal: Proposal) -> str:
    """For a step that is seen nowhere else."""
    return f"[step {proposal.step}]\n{textwrap.indent(proposal.code, '    ')}\n"


def nothing(proposal: Proposal) -> str:
    """For a step that is shown by a driver."""
    return ""


def summary(session: Session) -> str:
    """What the episode cost, in a line, and which numbers of its answer nothing shows."""
    turns, usage = session.turns, session.usage
    speed = f" · {usage.tokens_per_second:.1f} tok/s" if usage.tokens_per_second else ""
    unfounded = unfounded_numbers(session.answer or "", session.transcript)[:4]
    doubt = f" · no output shows {', '.join(unfounded)}" if unfounded else ""
    return f"[{turns} turn{'s' if turns != 1 else ''} · {usage.seconds:.0f} s of model time{speed}{doubt}]"
