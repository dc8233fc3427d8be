"""Printed view of a conversation, for terminals and front ends without widgets."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable

from IPython.display import publish_display_data

from ..agent.view import Finished, Note, Observed, Paused, Proposed, Thinking, Update, View, Writing
from ..session.messages import Answer, Event, Finish, Pause, Proposal, Stop
from ..text import code_point, invisible_note, shorten_middle, visible
from .basis import basis_line, footnotes
from .trial import trial_line

THINKING = "thinking …"
PAUSED = "[paused] Run `%codeact continue` for the next step."


class PlainView(View):
    """Prints what happens.

    Args:
        write: Prints a text as it is.
        after_thought: Returns what is printed after a proposal's thought: how to approve it, or its code.
        after_step: Called when a step has ended, before anything is printed below its outputs.
    """

    def __init__(
        self,
        write: Callable[[str], object],
        after_thought: Callable[[Proposal], str],
        after_step: Callable[[], object] = lambda: None,
    ) -> None:
        self._write = write
        self._after_thought = after_thought
        self._after_step = after_step
        self._shown = ""  # of the reply

    def show(self, update: Update) -> None:
        """See `View.show`."""
        match update:
            case Thinking():
                self._shown = ""
            case Writing():
                self._continue(update.reply.thought or (THINKING if update.thinking else ""))
            case Proposed(proposal=proposal):
                self._continue(proposal.thought)
                self._write("\n")
                for note in filter(None, (trial_line(proposal.tried), invisible_note(proposal.code))):
                    self._write(f"{note}\n")
                self._write(self._after_thought(proposal))
            case Observed():
                self._after_step()
            case Paused():
                self._write(f"{PAUSED}\n")
            case Note(text=text):
                self._write(f"[note] {text}\n")
            case Finished(finish=Finish(status="answered", text=text)):
                self._continue(text)
                notes = filter(None, (basis_line(update.basis), footnotes(update.basis), f"[{summary(update)}]"))
                self._write("\n" + "".join(f"{note}\n" for note in notes))
            case Finished(finish=finish):
                self._write(f"\n[{finish.status}] {finish.text}\n")

    def _continue(self, thought: str) -> None:
        """Print the new part of the thought, or on a new line all of it if it does not continue the printed text."""
        if not thought.startswith(self._shown):
            self._write("\n")
            self._shown = ""
        self._write(thought[len(self._shown) :])
        self._shown = thought


def first_words(event: Event) -> str:
    """Return with what a printed view begins to tell of an event; empty if it does not, or that is not known.

    Args:
        event: What followed the result of a step.
    """
    match event:
        case Proposal(thought=text) | Answer(text=text):
            return text
        case Pause():
            return PAUSED
        case Stop(status=status, reason=reason):
            return f"[{status}] {reason}".rstrip()
    return ""


def mark_end() -> None:
    """Publish an empty output with our metadata: what comes below it in a notebook is of the agent, not of the step."""
    publish_display_data({"text/plain": ""}, metadata={"codeact": {"end": True}})


def to_stdout(text: str) -> None:
    """Print the text as it is, at once; characters that the terminal's encoding lacks are written as escapes.

    Args:
        text: What to print; no line feed is added.
    """
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
    sys.stdout.flush()


def readable(text: str, chars: int = 1_000_000) -> str:
    """Return text for a reader: hidden characters are written out.

    Args:
        text: Any text.
        chars: Its maximum length; a longer one is cut in the middle.

    Returns:
        The text.
    """
    return visible(shorten_middle(text, chars), code_point)


def how_to_approve(proposal: Proposal) -> str:
    """Return the instructions for a step that is the next cell.

    Args:
        proposal: The step.

    Returns:
        Instructions for the user.
    """
    return (
        f"[step {proposal.step}{_sender(proposal)}] Run the cell below to approve it; edit it first if you like; "
        "`%codeact reject why` sends it back.\n"
    )


def its_code(proposal: Proposal) -> str:
    """Return the code of a step that is shown nowhere else.

    Args:
        proposal: The step.
    """
    return f"[step {proposal.step}{_sender(proposal)}]\n{textwrap.indent(proposal.code, '    ')}\n"


def _sender(proposal: Proposal) -> str:
    """Return the model's name if it is on a server: it then ends with `@` and the host."""
    return f" by {proposal.model}" if "@" in proposal.model else ""


def nothing(proposal: Proposal) -> str:
    """Return the empty text, for a step that a driver shows.

    Args:
        proposal: The step.

    Returns:
        An empty text.
    """
    return ""


def summary(update: Finished) -> str:
    """Describe what an episode has bound, and its cost.

    Args:
        update: End of the episode.

    Returns:
        One line.
    """
    turns, usage, bound = update.turns, update.usage, f"{update.bound} · " if update.bound else ""
    speed = f" · {usage.tokens_per_second:.1f} tok/s" if usage.tokens_per_second else ""
    return f"{bound}{turns} turn{'s' if turns != 1 else ''} · {usage.seconds:.0f} s of model time{speed}"
