"""Messages of the front ends as they arrive in the kernel, which may come to serve them much later."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import datetime
from typing import Any


class Arrivals:
    """Watches the shell channel of a kernel.

    ipykernel has no hook for this: the callback of the channel's stream is replaced by one that calls it.

    Args:
        kernel: The kernel; None in a shell without one.
        note: Called with each execute request as soon as it is read, in any thread.
    """

    def __init__(self, kernel: Any, note: Callable[[dict[str, Any]], object]) -> None:
        self._kernel = kernel
        self._note = note
        self._callback: Callable[..., Any] | None = None  # that was replaced
        self._own: Callable[..., Any] | None = None

    @property
    def are_seen(self) -> bool:
        """False if the messages of this kernel cannot be seen before they are served."""
        return self._kernel is None or self._own is not None

    def watch(self) -> None:
        """Watch the channel, unless it is watched already. A kernel that is loading has none yet."""
        stream = getattr(self._kernel, "shell_stream", None)
        callback = getattr(stream, "_recv_callback", None)
        if stream is None or callback is None or callback is self._own:
            return

        def receive(message: Any) -> Any:
            with contextlib.suppress(Exception):  # it is reported when the kernel reads it
                self._read(message)
            return callback(message)

        self._callback, self._own = callback, receive
        stream._recv_callback = receive

    def unwatch(self) -> None:
        """Stop watching."""
        stream = getattr(self._kernel, "shell_stream", None)
        if self._own and getattr(stream, "_recv_callback", None) is self._own:
            stream._recv_callback = self._callback  # type: ignore[union-attr]

    def read_waiting(self) -> None:
        """Read the messages that wait in the channel, if no other thread does that. They are served later, in order."""
        stream = getattr(self._kernel, "shell_stream", None)
        if stream is not None and not getattr(self._kernel, "shell_channel_thread", None):
            import zmq

            stream.flush(zmq.POLLIN)

    def _read(self, message: Any) -> None:
        session = self._kernel.session
        _, frames = session.feed_identities(message, copy=False)
        header, _, metadata, content = (frame.bytes for frame in frames[1:5])
        header = session.unpack(header)
        if header.get("msg_type") == "execute_request":
            if isinstance(header.get("date"), str):
                header["date"] = datetime.fromisoformat(header["date"])
            request = {"header": header, "metadata": session.unpack(metadata), "content": session.unpack(content)}
            self._note(request)
