"""Subshells of ipykernel 7: serve a comm's messages beside a running cell."""

from __future__ import annotations

from comm.base_comm import BaseComm


def hear_at_once(opened: BaseComm) -> None:
    """Lets the front end's messages on this comm be served beside a running cell, where kernel and front end can.

    Both use a subshell for such messages, but ipykernel 7.4 hands them to the thread that wrote to the comm last, and
    here that may be the busy one.
    """
    vars(opened).pop("_reply_subshell_id", None)
