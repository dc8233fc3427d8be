"""Which cells a front end sent together, as "Run All" does.

A front end dates each request by its own clock when it sends it, and sends all cells of a "Run All" at once. So the
dates tell what was sent together, however late the kernel comes to serve it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

RUN_ALL_SECONDS = 0.5  #: longest time between two requests of a front end that count as sent together


@dataclass(slots=True)
class Sent:
    """A request to run a cell."""

    message: object  #: its id
    date: datetime | None  #: when it was sent; None if the front end does not say
    has_company: bool = False  #: it was sent together with the request before or after it

    def is_near(self, other: datetime | None) -> bool:
        """Return True if the request was sent together with one of this date.

        Args:
            other: The date.
        """
        return self.date is not None and other is not None and abs(self.date - other) < timedelta(0, RUN_ALL_SECONDS)


class SentCells:
    """The last cell that each front end sent, and the last one that was refused."""

    def __init__(self) -> None:
        self._last: dict[str, Sent] = {}  # by front end
        self._refused: dict[str, Sent] = {}

    def note(self, request: dict[str, Any]) -> Sent | None:
        """Note a request when the kernel comes to it, in order, also if it will not be run.

        Args:
            request: Any message.

        Returns:
            The note, the same one if the request was noted just before; None if it is not to run a notebook's cell.
        """
        header = request.get("header", {})
        is_cell = header.get("msg_type") == "execute_request" and request.get("metadata", {}).get("cellId") is not None
        if not is_cell or request.get("content", {}).get("silent"):
            return None
        front_end, date = _front_end(request), header.get("date")
        last = self._last.get(front_end)
        if last and last.message == header.get("msg_id"):
            return last
        sent = Sent(header.get("msg_id"), date.replace(tzinfo=None) if isinstance(date, datetime) else None)
        if last and sent.is_near(last.date):
            last.has_company = sent.has_company = True
        self._last[front_end] = sent
        return sent

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
