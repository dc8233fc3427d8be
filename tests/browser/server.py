"""A Jupyter server that serves JupyterLab and Notebook 7 from folders of its own."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError

PATIENCE = 180  #: seconds until the server answers
ON_KERNELS_PATH = Path(__file__).parent / "kernel"
QUIET = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
DARK = {"@jupyterlab/apputils-extension:themes": {"theme": "JupyterLab Dark"}}
MARKS_OF_ANOTHER_PLACE = ("JUPYTER", "IPYTHON", "JPY", "XDG", "CODEACT")  # beginnings of variables


class Server:
    """A Jupyter server and its kernels.

    Args:
        root: Folder of the server's files, which must not exist.
        python: Interpreter of the environment that the server and its kernels run in.
        settings: Defaults of JupyterLab's settings, by plugin.
        disabled: Front-end extensions that are off.
    """

    def __init__(
        self,
        root: Path,
        *,
        python: str = sys.executable,
        settings: Mapping[str, Any] | None = None,
        disabled: tuple[str, ...] = (),
    ) -> None:
        self.root = root
        self.work = root / "work"
        self.log = root / "server.log"
        self.token = secrets.token_hex(8)
        self.port = free_port()
        self._python = python
        self.work.mkdir(parents=True)
        self._configure("default_setting_overrides", {**QUIET, **(settings or {})})
        self._configure("page_config", {"disabledExtensions": dict.fromkeys(disabled, True)})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        command = [
            self._python,
            "-m",
            "jupyterlab",
            "--no-browser",
            f"--port={self.port}",
            "--ServerApp.port_retries=0",
        ]
        if os.getuid() == 0:
            command.append("--allow-root")
        options = {
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.root_dir": self.work,
            "IdentityProvider.token": self.token,
            "LabApp.extension_manager": "readonly",  # the other one asks the network
            "LabApp.expose_app_in_browser": True,  # for the test of what a script can do with it
        }
        with self.log.open("w") as log:
            self._process = subprocess.Popen(
                [*command, *(f"--{name}={value}" for name, value in options.items())],
                env=self._environment(),
                cwd=self.work,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"JupyterLab did not start:\n{self.tail()}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End the server and its kernels."""
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def ask(self, path: str, method: str = "GET") -> Any:
        """Send a request to the server's REST API, and return the reply."""
        request = urllib.request.Request(
            f"{self.url}/api/{path}", method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            body = response.read()
        return json.loads(body) if body else None

    def end_kernels(self) -> None:
        """End the kernels of all notebooks."""
        for session in self.ask("sessions"):
            self.ask(f"sessions/{session['id']}", "DELETE")

    def tail(self, lines: int = 40) -> str:
        """Return the end of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _answers(self) -> bool:
        try:
            self.ask("status")
        except (URLError, ConnectionError):
            return False
        return True

    def _configure(self, name: str, values: Mapping[str, Any]) -> None:
        folder = self.root / "config" / "labconfig"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_text(json.dumps(values))

    def _environment(self) -> dict[str, str]:
        """Return the caller's environment without what points to the caller's own settings and notebooks.

        `JUPYTER_PATH` and `PYTHONPATH` stay, so that another build of the extension can be tried.
        """
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(MARKS_OF_ANOTHER_PLACE) or name == "JUPYTER_PATH"
        }
        paths = [str(ON_KERNELS_PATH), *filter(None, [os.environ.get("PYTHONPATH")])]
        return {
            **kept,
            "PATH": os.pathsep.join([str(Path(self._python).parent), kept.get("PATH", os.defpath)]),
            "PYTHONPATH": os.pathsep.join(paths),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(self.root / "home"),
            "IPYTHONDIR": str(self.root / "ipython"),
            "JUPYTER_CONFIG_DIR": str(self.root / "config"),
            "JUPYTER_DATA_DIR": str(self.root / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.root / "runtime"),
            "CODEACT_CACHE": models_cache(),
        }


def models_cache() -> str:
    """Return the caller's folder of models, the only one of their folders that the server reads."""
    from codeact_jupyter.models.folders import cache_directory

    return str(cache_directory())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(root: Path, **options: Any) -> Iterator[Server]:
    """Start a server, and stop it at the end."""
    server = Server(root, **options)
    server.start()
    try:
        yield server
    finally:
        server.stop()
