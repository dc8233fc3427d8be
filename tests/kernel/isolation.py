"""Isolation of hostile cells: a user without rights, and folders of their own that are deleted afterwards.

A test process that is root gives its children to `nobody`, who may read everything (the interpreter can lie in root's
home) but write nothing that is not theirs.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534
CAPABILITY = "-all,+dac_read_search"


class Isolation:
    """Folders, environment and command prefix of processes that run hostile cells."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home, self.work, self.run = (root / name for name in ("home", "work", "run"))
        self.own(root)
        for folder in (self.home, self.work, self.run):
            folder.mkdir()
            self.own(folder)
        self.environment = {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
            "LANG": "C.UTF-8",
            "HOME": str(self.home),
            "TMPDIR": str(self.run),
            "JUPYTER_RUNTIME_DIR": str(self.run),
            "PYTHONDONTWRITEBYTECODE": "1",
            **{name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ},
        }

    @property
    def prefix(self) -> list[str]:
        """Command that runs another one as the user without rights; empty if this process has no rights itself."""
        if os.getuid() != 0:
            return []
        setpriv = shutil.which("setpriv")
        assert setpriv, "Tests that run as root need setpriv (util-linux), or start them as another user."
        user = [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs"]
        return [setpriv, *user, *(f"--{kind}={CAPABILITY}" for kind in ("inh-caps", "ambient-caps", "bounding-set"))]

    def own(self, path: Path) -> None:
        """Make the user without rights the owner of the path."""
        if os.getuid() == 0:
            os.chown(path, NOBODY, NOBODY)

    def write(self, name: str, text: str) -> Path:
        """Write a new file in the working folder, and return its path."""
        path = self.work / name
        path.write_text(text, encoding="utf-8")
        self.own(path)
        return path


@contextmanager
def isolated() -> Iterator[Isolation]:
    """Make a folder with a path short enough for sockets, and delete it at the end."""
    with tempfile.TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True) as folder:
        yield Isolation(Path(folder).resolve())
