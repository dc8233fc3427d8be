"""Which cells a front end sent together, as "Run All" does.

A front end dates each request by its own clock when it sends it, and most send all cells of a "Run All" at once. So the
dates tell what was sent together, however late the kernel comes to serve it. What follows a request is known a moment
after it has arrived: see `arrivals`. Other front ends send each cell when the one before has ended: what arrives within
a second of the end of the front end's last cell counts as sent together with that, too.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

RUN_ALL_SECONDS = 0.5  #: longest time between two requests of a front end that count as sent together
ARRIVAL_SECONDS = 1.0  #: after its arrival, all that was sent together with a request has arrived, too
REPLY_SECONDS = 1.0  #: longest time between the end of a cell and the next request that count as sent together
POLL_SECONDS = 0.02
MOST = 4096  #: requests that are known


@dataclass(slots=True)
class Sent:
    """A request to run a cell."""

    date: datetime  #: when it was sent, by the front end's clock; when it arrived if that does not say
    arrived: float  #: when the kernel read it
    ended: float | None = None  #: when the cell and its hooks had run
    has_company: bool = False  #: it was sent together with the request before or after it

    def precedes(self, other: Sent) -> bool:
        """Return True if this request was sent together with the next one of its front end.

        Args:
            other: The next one.
        """
        has_just_ended = self.ended is not None and 0 <= other.arrived - self.ended < REPLY_SECONDS
        return has_just_ended or other.is_near(self.date)

    def is_near(self, other: datetime) -> bool:
        """Return True if the request was sent together with one of this date.

        Args:
            other: The date.
        """
        return abs(self.date - other) < timedelta(0, RUN_ALL_SECONDS)


class SentCells:
    """The cells that the front ends sent, and the last one of each that was refused. Usable from any thread."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, object], Sent] = OrderedDict()  # by front end and message
        self._last: dict[str, Sent] = {}  # by front end
        self._lock = threading.Lock()
        self._refused: dict[str, Sent] = {}

    def note(self, request: dict[str, Any]) -> Sent | None:
        """Note a request when it arrives, or else when the kernel comes to it, also if it will not be run.

        Args:
            request: Any message.

        Returns:
            The note, the same one if the request was noted before; None if it is not to run a notebook's cell.
        """
        header = request.get("header", {})
        is_cell = header.get("msg_type") == "execute_request" and request.get("metadata", {}).get("cellId") is not None
        if not is_cell or request.get("content", {}).get("silent"):
            return None
        front_end, date = _front_end(request), header.get("date")
        key = front_end, header.get("msg_id")
        with self._lock:
            if key in self._known:
                return self._known[key]
            moment = date if isinstance(date, datetime) else datetime.now()
            sent = Sent(moment.replace(tzinfo=None), time.monotonic())
            last = self._last.get(front_end)
            if last and last.precedes(sent):
                last.has_company = sent.has_company = True
            self._last[front_end] = self._known[key] = sent
            if len(self._known) > MOST:
                self._known.popitem(last=False)
            return sent

    def is_alone(self, sent: Sent, read: Callable[[], None]) -> bool:
        """Wait until it is known whether a request was sent by itself.

        Args:
            sent: Its note.
            read: Called again and again, to read what has arrived.

        Returns:
            True if it was sent by itself.
        """
        while not sent.has_company:
            if time.monotonic() - sent.arrived > ARRIVAL_SECONDS:
                return True
            read()
            time.sleep(POLL_SECONDS)
        return False

    def end(self, request: dict[str, Any]) -> None:
        """Note that a cell has run, or was refused.

        Args:
            request: The execute request.
        """
        if sent := self.note(request):
            sent.ended = time.monotonic()

    def refuse(self, request: dict[str, Any]) -> None:
        """Note that a request is refused.

        Args:
            request: The execute request.
        """
        if sent := self.note(request):
            self._refused[_front_end(request)] = sent

    def follows_refused(self, request: dict[str, Any]) -> bool:
        """Return True if the cell was sent together with one that was refused.

        The kernel itself aborts only the requests that are in its queue at the time of the refusal.

        Args:
            request: The execute request.
        """
        sent, refused = self.note(request), self._refused.get(_front_end(request))
        return sent is not None and refused is not None and sent.is_near(refused.date)


def _front_end(request: dict[str, Any]) -> str:
    return str(request.get("header", {}).get("session"))
