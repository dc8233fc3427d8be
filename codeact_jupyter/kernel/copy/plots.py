"""Preparation of matplotlib in a copy, so that a user's first plot does not create its folders and font cache."""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import subprocess
import sys
from typing import NoReturn

from ...models.folders import expanded

_DRAWS = re.compile(r"plot|plt|hist|matplotlib|seaborn|sns")


def prepare_plots(source: str, folder: str) -> None:
    """Load matplotlib's fonts before a cell that may draw, without writing outside the copy or starting a program.

    Args:
        source: The cell.
        folder: Folder for matplotlib's cache if the user has none yet.
    """
    if "matplotlib.font_manager" in sys.modules or not _DRAWS.search(source):
        return
    cache = expanded(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "matplotlib"
    if "MPLCONFIGDIR" not in os.environ and not cache.is_dir():
        os.environ["MPLCONFIGDIR"] = folder
    run = subprocess.check_output
    subprocess.check_output = _refuse
    try:
        with contextlib.suppress(Exception):  # not installed, or broken: the cell then raises the error
            importlib.import_module("matplotlib.font_manager")
    finally:
        subprocess.check_output = run


def _refuse(*_: object, **__: object) -> NoReturn:
    """Replace `subprocess.check_output`, with which matplotlib runs `fc-list` to find more fonts."""
    raise OSError("a copy does not start programs")
