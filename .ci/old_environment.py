"""Prints the Python of an environment with the oldest JupyterLab, Notebook and ipykernel that the extension supports.

It holds this checkout as it is, bundle included, so that only a change of the requirements makes it anew. It lies in
`build/`, is made on first use (about two minutes) and reused.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "build" / "old-environment"
REQUIREMENTS = ("jupyterlab~=4.4.0", "notebook~=7.4.0", "ipykernel~=6.29.5", "ipython~=8.20", "ipywidgets~=8.1.0")
BUNDLE = ROOT / "codeact_jupyter" / "labextension"


def main() -> int:
    wheel = subprocess.check_output([sys.executable, ROOT / ".ci" / "llama_wheel.py"], text=True).strip()
    python, stamp, key = HERE / "bin" / "python", HERE / "stamp", inputs(wheel)
    if not (stamp.exists() and stamp.read_text() == key and python.exists()):
        print("Making the environment with the oldest JupyterLab: about two minutes, once ...", file=sys.stderr)
        make(python, wheel)
        stamp.write_text(key)
    print(python)
    return 0


def inputs(wheel: str) -> str:
    """Changes with everything that the environment is made from."""
    parts = [*REQUIREMENTS, sys.version, wheel, str(ROOT), (ROOT / "pyproject.toml").read_text()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def make(python: Path, wheel: str) -> None:
    venv.create(HERE, clear=True, with_pip=True)
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    environment = {**os.environ, "SKIP_JUPYTER_BUILDER": "1"}  # the bundle is there already
    subprocess.run([*pip, wheel, *REQUIREMENTS, "-e", ROOT], env=environment, stdout=sys.stderr, check=True)
    link_bundle(HERE / "share" / "jupyter" / "labextensions" / "codeact-jupyter")


def link_bundle(place: Path) -> None:
    """Puts the checkout's bundle in the place of the copy that pip made: a new build is seen at once."""
    shutil.rmtree(place)
    place.symlink_to(BUNDLE, target_is_directory=True)


if __name__ == "__main__":
    sys.exit(main())
