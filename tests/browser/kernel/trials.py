"""Gives the proposals of a kernel a trial that the test makes up, instead of their own."""

from __future__ import annotations

import dataclasses
from typing import Any

from codeact_jupyter.session.machine import Session
from codeact_jupyter.session.messages import Command, Event, Proposal, Tried

apply = Session.apply


def give_trial(**fields: Any) -> None:
    """Give each proposal from now on a trial with these fields of `Tried`."""

    def apply_with_trial(session: Session, event: Event) -> list[Command]:
        if isinstance(event, Proposal):
            event = dataclasses.replace(event, tried=Tried(**fields))
        return apply(session, event)

    Session.apply = apply_with_trial  # type: ignore[method-assign]
