"""Subshells of ipykernel 7, which serve comm messages while a cell runs."""

from __future__ import annotations

from comm.base_comm import BaseComm


def serve_in_subshell(opened: BaseComm) -> None:
    """Let a comm's messages be served while a cell runs, if kernel and front end support subshells.

    ipykernel 7.4 sends them to the subshell from which the comm was last written to, which may be the busy one.

    Args:
        opened: the comm.
    """
    vars(opened).pop("_reply_subshell_id", None)
