"""A server on this machine that speaks OpenAI's chat protocol from a script, for tests with the real client."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Pieces = Callable[[dict[str, Any]], list[str]]


class ChatServer(ThreadingHTTPServer):
    """Server of `/v1/models` and `/v1/chat/completions`, which streams the pieces that `reply` returns for a request.

    After the piece that equals `hold_at` it waits until `release` is set or the client is gone.
    """

    daemon_threads = True

    def __init__(self, reply: Pieces) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.reply = reply
        self.models: list[dict[str, Any]] = [{"id": "tiny"}]
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.refuses: set[str] = set()  #: fields that it does not know
        self.fails_with: tuple[int, dict[str, Any]] | None = None  #: status and error of each chat request
        self.raw: dict[str, tuple[int, str]] = {}  #: status and body that a method, GET or POST, is answered with
        self.counts_tokens = True
        self.hold_at = ""
        self.release = threading.Event()
        self.was_left = threading.Event()  #: the client closed the connection while the server was holding

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


@contextmanager
def serving(reply: Pieces) -> Iterator[ChatServer]:
    server = ChatServer(reply)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Answers(BaseHTTPRequestHandler):
    server: ChatServer

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        self.server.keys.append(self.headers.get("Authorization", ""))
        if raw := self.server.raw.get("GET"):
            self._body(*raw)
            return
        data = [{"object": "model", "created": 0, "owned_by": "test", **model} for model in self.server.models]
        self._json(200, {"object": "list", "data": data})

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(request)
        if raw := self.server.raw.get("POST"):
            self._body(*raw)
        elif self.server.fails_with:
            status, error = self.server.fails_with
            self._json(status, {"error": error})
        elif unknown := self.server.refuses & set(request):
            self._json(400, {"error": {"message": f"Unrecognized request argument: {sorted(unknown)}", "code": None}})
        else:
            with suppress(OSError):
                self._stream(request)

    def _json(self, status: int, data: dict[str, Any]) -> None:
        self._body(status, json.dumps(data))

    def _body(self, status: int, text: str) -> None:
        body, is_json = text.encode(), text.startswith("{")
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if is_json else "text/event-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, request: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        pieces = self.server.reply(request)
        cut = pieces[: request["max_tokens"]]
        for piece in cut:
            self._event({"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]})
            if piece == self.server.hold_at and not self._hold():
                return
        reason = "length" if len(cut) < len(pieces) else "stop"
        self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        if self.server.counts_tokens and request.get("stream_options", {}).get("include_usage"):
            words = sum(len(message["content"].split()) for message in request["messages"])
            usage = {
                "prompt_tokens": 100 + words,
                "completion_tokens": len(cut),
                "total_tokens": 100 + words + len(cut),
                "prompt_tokens_details": {"cached_tokens": 40},
            }
            self._event({"choices": [], "usage": usage})
        self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, data: dict[str, Any]) -> None:
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "tiny", **data}
        self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
        self.wfile.flush()

    def _hold(self) -> bool:
        """Wait for the release; return False if the client closed the connection before it."""
        self.connection.settimeout(0.05)
        while not self.server.release.is_set():
            with suppress(TimeoutError):
                if self.connection.recv(1) == b"":
                    self.server.was_left.set()
                    return False
        return True


Start = Callable[..., ChatServer]  #: starts a server that answers with these pieces
