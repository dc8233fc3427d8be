"""Comms to the open pages: browser tabs in which the extension shows this kernel's notebook.

A page opens its comm when it learns that CodeAct is loaded: from the `hello` comm, which the kernel opens at once and
which stays on the kernel's list for pages that are opened later.

ipykernel 7 receives a page's messages on a subshell's thread, even while a cell runs; ipykernel 6 only between cells.
Sending is safe from any thread. A page that disappears without closing its comm is not noticed: messages that must
arrive are acknowledged.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import comm
import msgspec
from comm.base_comm import BaseComm, CommManager

from ..errors import CodeActError
from ..kernel.subshells import serve_in_subshell
from .protocol import TARGET, FromKernel, Reply
from .requests import Attach, ToKernel, parse

Answer = Callable[[str, ToKernel], Any]


class Pages:
    """The open pages and their comms.

    Args:
        answer: Called as `answer(page, message)` with each message of a page. The reply to the message holds its result
            as data, or the `CodeActError` that it raised as error.
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._comms: dict[str, BaseComm] = {}  # by page; the preferred page last
        self._sessions: dict[str, str] = {}  # session of a front end's messages -> its page
        self.arrivals = 0  #: number of comms opened so far
        self._opened = threading.Event()
        self._manager: CommManager = comm.get_comm_manager()
        self._manager.register_target(TARGET, self._on_open)
        self._hello = comm.create_comm(target_name=TARGET)
        self._hello.on_close(self._on_hello_closed)

    def close(self) -> None:
        """Close all comms and unregister the target."""
        self._manager.unregister_target(TARGET, self._on_open)
        self._hello.on_close(None)
        for opened in (self._hello, *self._comms.values()):
            opened.close()
        self._comms.clear()

    @property
    def names(self) -> list[str]:
        """Ids of the open pages, in order of preference: the newest last, demoted ones first."""
        return list(self._comms)

    def page_of(self, session: str) -> str:
        """Return the page of a front end.

        Args:
            session: Session id in the header of the front end's messages.

        Returns:
            Id of the page, or an empty string if there is none.
        """
        page = self._sessions.get(session, "")
        return page if page in self._comms else ""

    def demote(self, page: str) -> None:
        """Prefer all other pages to this one, which did not respond.

        Args:
            page: Id of the page.
        """
        opened = self._comms.pop(page, None)
        if opened:
            self._comms = {page: opened, **self._comms}

    def wait(self, seconds: float) -> None:
        """Wait until a page has opened its comm.

        Args:
            seconds: Maximum time to wait.
        """
        self._opened.wait(seconds)

    def send(self, message: FromKernel, page: str | None = None) -> None:
        """Send a message.

        Args:
            message: The message.
            page: Id of the page to send it to; None sends it to all.
        """
        data = msgspec.to_builtins(message)
        for name, opened in tuple(self._comms.items()):
            if page in (None, name):
                opened.send(data)
                serve_in_subshell(opened)

    def _on_open(self, opened: BaseComm, message: dict[str, Any]) -> None:
        page = str(message["content"]["data"].get("page"))
        session = message["header"]["session"]
        if not page:
            opened.close()  # no page: this name stands for none
            return
        opened.on_msg(lambda message: self._on_message(page, message["content"]["data"]))
        opened.on_close(lambda message: self._on_closed(page))
        self._comms.pop(page, None)
        self._comms[page] = opened
        if not self.page_of(session):  # a script in the same front end, which opens a comm later, is not its page
            self._sessions[session] = page
        self.arrivals += 1
        serve_in_subshell(opened)
        self._opened.set()

    def _on_message(self, page: str, data: Any) -> None:
        error, result = "", None
        try:
            request = parse(data)
            if isinstance(request, Attach):
                request = msgspec.structs.replace(request, page=page)  # the comm decides which page it is
            result = self._answer(page, request)
        except (CodeActError, OSError) as problem:  # OSError: no descriptors, no room
            error = str(problem)
        if isinstance(data, dict) and "request" in data:
            self.send(Reply(str(data["request"]), error, result), page)

    def _on_closed(self, page: str) -> None:
        self._comms.pop(page, None)

    def _on_hello_closed(self, message: dict[str, Any]) -> None:
        """Register the comm again: a page without the extension closes comms of unknown targets."""
        self._manager.register_comm(self._hello)
