"""Prepares matplotlib in a copy, so that the first plot of a user does not set up the library's folders and fonts."""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

_DRAWS = re.compile(r"plot|plt|hist|matplotlib|seaborn|sns")


def prepare_plots(source: str, folder: str) -> None:
    """Load matplotlib's fonts before a cell that may draw, without a file or a program outside the copy.

    Does nothing where they are loaded already.

    Args:
        source: The cell.
        folder: Takes the library's cache if the user has none yet.
    """
    if "matplotlib.font_manager" in sys.modules or not _DRAWS.search(source):
        return
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "matplotlib")
    if "MPLCONFIGDIR" not in os.environ and not cache.is_dir():
        os.environ["MPLCONFIGDIR"] = folder
    run = subprocess.check_output
    subprocess.check_output = _refuse
    try:
        with contextlib.suppress(Exception):  # not installed, or broken: the cell will say so
            importlib.import_module("matplotlib.font_manager")
    finally:
        subprocess.check_output = run


def _refuse(*_: object, **__: object) -> NoReturn:
    """Stand in for `subprocess.check_output`, by which matplotlib asks `fc-list` for more fonts."""
    raise OSError("no program is started in a copy")
