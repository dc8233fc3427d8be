"""The open pages: browser tabs in which the extension shows this kernel's notebook, each with a comm of its own.

A page opens its comm when it learns that CodeAct is loaded: from the `hello` comm, which the kernel opens at once and
which stays on the kernel's list for pages that come later.

On ipykernel 7 what a page sends is served on a subshell's thread, beside a running cell; on 6.x between two cells.
Sending is safe from any thread. A page that is gone without a word is not noticed: what matters is acknowledged.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import comm
from comm.base_comm import BaseComm, CommManager

from ..errors import CodeActError
from ..kernel.subshells import serve_in_subshell
from .protocol import TARGET
from .requests import Attach, Request, parse

Answer = Callable[[str, Request], Any]


class Pages:
    """See the module. `answer(page, request)` serves what a page asks; what it returns goes back as the reply's data,
    and a `CodeActError` that it raises as its error."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._comms: dict[str, BaseComm] = {}  # by page, the one that came last at the end
        self._sessions: dict[str, str] = {}  # of a front end's messages -> its page
        self.arrivals = 0  #: how many pages have come so far
        self._came = threading.Event()
        self._manager: CommManager = comm.get_comm_manager()
        self._manager.register_target(TARGET, self._on_open)
        self._hello = comm.create_comm(target_name=TARGET)
        self._hello.on_close(self._on_hello_closed)

    def close(self) -> None:
        """Takes the comms out of the kernel."""
        self._manager.unregister_target(TARGET, self._on_open)
        self._hello.on_close(None)
        for opened in (self._hello, *self._comms.values()):
            opened.close()
        self._comms.clear()

    @property
    def names(self) -> list[str]:
        """The pages, the newest last."""
        return list(self._comms)

    def page_of(self, session: str) -> str:
        """The page whose messages belong to this session of the protocol; empty when there is none."""
        page = self._sessions.get(session, "")
        return page if page in self._comms else ""

    def doubt(self, page: str) -> None:
        """The page did not do what it was told: the others come before it from now on."""
        opened = self._comms.pop(page, None)
        if opened:
            self._comms = {page: opened, **self._comms}

    def wait(self, seconds: float) -> None:
        """Waits until a page has come, for so long at most."""
        self._came.wait(seconds)

    def send(self, message: Mapping[str, Any], page: str | None = None) -> None:
        """Sends the message to the page, or to all."""
        for name, opened in tuple(self._comms.items()):
            if page in (None, name):
                opened.send(dict(message))
                serve_in_subshell(opened)

    def _on_open(self, opened: BaseComm, message: dict[str, Any]) -> None:
        page = str(message["content"]["data"].get("page"))
        opened.on_msg(lambda message: self._on_message(page, message["content"]["data"]))
        opened.on_close(lambda message: self._on_closed(page))
        self._comms.pop(page, None)
        self._comms[page] = opened
        self._sessions[message["header"]["session"]] = page
        self.arrivals += 1
        serve_in_subshell(opened)
        self._came.set()

    def _on_message(self, page: str, data: Any) -> None:
        error, result = "", None
        try:
            request = parse(data)
            if isinstance(request, Attach):
                request = Attach(page, request.options)  # a page speaks for itself alone
            result = self._answer(page, request)
        except CodeActError as problem:
            error = str(problem)
        if isinstance(data, dict) and "request" in data:
            self.send({"type": "reply", "request": str(data["request"]), "error": error, "data": result}, page)

    def _on_closed(self, page: str) -> None:
        self._comms.pop(page, None)

    def _on_hello_closed(self, message: dict[str, Any]) -> None:
        """A page without the extension closes what it does not know; the others still need to find it."""
        self._manager.register_comm(self._hello)
