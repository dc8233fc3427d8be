"""Subshells of ipykernel 7, which serve comm messages while a cell runs."""

from __future__ import annotations

from comm.base_comm import BaseComm


def serve_in_subshell(opened: BaseComm) -> None:
    """Have a comm's messages served while a cell runs, if kernel and front end support subshells.

    ipykernel 7.4 routes them to the subshell from which the comm last sent, which may be the busy one.

    Args:
        opened: The comm.
    """
    vars(opened).pop("_reply_subshell_id", None)
