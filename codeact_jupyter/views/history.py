"""A conversation as text, for `%codeact history` and `jupyter codeact sessions show`."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from ..session.basis import basis_of
from ..session.messages import Answer, Approval, Event, Observation, Prompt, Proposal, Rejection, Stop, Undone
from .basis import basis_line


def history(transcript: Sequence[Event]) -> str:
    """Return what was asked, proposed, shown and answered.

    Args:
        transcript: All events.

    Returns:
        Lines of text; empty if there are no events.
    """
    lines, proposed = [], ""
    for number, event in enumerate(transcript):
        match event:
            case Prompt(text=text):
                lines.append(f"You: {text}")
            case Proposal(thought=thought, code=code, step=step):
                lines.append(f"CodeAct, step {step}: {thought}\n{textwrap.indent(code, '    ')}")
                proposed = code
            case Approval(auto=True):
                lines.append("(run without asking)")
            case Approval(source=source) if source.strip() != proposed.strip():
                lines.append(f"You ran instead:\n{textwrap.indent(source, '    ')}")
            case Observation(text=text):
                lines.append(textwrap.indent(text, "  | "))
            case Rejection(reason=reason, auto=auto):
                lines.append(f"Rejected{' without asking' * auto}: {reason}")
            case Undone(text=text):
                lines.append(f"({text})")
            case Answer(text=text):
                lines += [f"CodeAct: {text}", basis_line(basis_of(text, transcript[:number]))]
            case Stop(status=status, reason=reason):
                lines.append(f"({status}: {reason})")
    return "\n".join(filter(None, lines))
