"""Print the path of a Chromium for the browser tests: the system's, Playwright's, or (as root) Debian's package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = """No Chromium was found, and none could be fetched. Install one and try again:
  apt-get install chromium          Debian and Ubuntu, as root
  dnf install chromium              Fedora, as root
  playwright install chromium       anywhere, from Playwright's own server"""


def main() -> int:
    """Print the first Chromium that starts; return 1, with advice, if there is none."""
    sources: tuple[Callable[[], str | None], ...] = (on_path, from_playwright, from_apt)
    for source in sources:
        path = source()
        if path and works(path):
            print(path)
            return 0
    print(ADVICE, file=sys.stderr)
    return 1


def on_path() -> str | None:
    """Return the path of an installed Chromium or Chrome."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def from_playwright() -> str | None:
    """Return the path of Playwright's own build, fetched if it is not in its cache."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    if not Path(path).exists():
        run([sys.executable, "-m", "playwright", "install", "chromium"])
    return path


def from_apt() -> str | None:
    """Install Debian's package, as root, and return its path."""
    if os.getuid() != 0 or not shutil.which("apt-get"):
        return None
    run(["apt-get", "update", "-qq"])
    run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"])
    return on_path()


def works(path: str) -> bool:
    """Return True if the browser starts: it can be there without the libraries that it needs."""
    return Path(path).exists() and subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0


def run(command: list[str]) -> None:
    """Run a command and show its output on stderr. Its exit status is ignored: `works` tests the result."""
    print("$", *command, file=sys.stderr, flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)


if __name__ == "__main__":
    sys.exit(main())
