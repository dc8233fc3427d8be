"""Write files completely or not at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ..errors import UsageProblem


def save_whole(path: Path, content: str) -> None:
    """Write a text file. If there is no room for it, an earlier one stays as it was.

    Args:
        path: The file; a device, or a file in a folder that nothing can be added to, is written directly.
        content: Its text, which is encoded as UTF-8.

    Raises:
        OSError: It cannot be written.
    """
    if path.exists() and not (path.is_file() and os.access(path.parent, os.W_OK)):
        path.write_text(content, encoding="utf-8", newline="\n")
        return
    draft = path.with_name(f".codeact-{os.getpid()}.part")  # not longer with a longer name, which may have 255 bytes
    try:
        draft.write_text(content, encoding="utf-8", newline="\n")
        if path.exists():
            shutil.copymode(path, draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def check_new(path: Path) -> None:
    """Check that a new file can be written, before there is anything to write.

    Args:
        path: The file.

    Raises:
        UsageProblem: It exists, or its folder does not, or is read-only.
    """
    if path.exists():
        raise UsageProblem(f"{path} exists already: name another file with --out.")
    if not path.parent.is_dir():
        raise UsageProblem(f"The folder {path.parent} does not exist.")
    if not os.access(path.parent, os.W_OK):
        raise UsageProblem(f"Nothing can be written to the folder {path.parent}: name a file elsewhere with --out.")
