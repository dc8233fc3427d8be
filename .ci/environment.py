"""Print the path of the Python of another environment that the browser tests need.

    python .ci/environment.py oldest        the oldest JupyterLab, Notebook and ipykernel that the extension supports
    python .ci/environment.py neighbours    the newest, with jupyter-collaboration and Jupyter AI

The environment has an editable install of this checkout, bundle included. It is in `build/environments/`, made on first
use (about two minutes), reused, and made anew when the requirements change.
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
REQUIREMENTS = {
    "oldest": ("jupyterlab~=4.4.0", "notebook~=7.4.0", "ipykernel~=6.29.5", "ipython~=8.20", "ipywidgets~=8.1.0"),
    "neighbours": ("jupyterlab~=4.6.0", "notebook~=7.6.0", "jupyter-collaboration~=5.0.4", "jupyter-ai~=3.2.0"),
}
BUNDLE = ROOT / "codeact_jupyter" / "labextension"


def main(name: str) -> int:
    """Make the environment if it is missing or out of date, and print its Python."""
    folder = ROOT / "build" / "environments" / name
    wheel = subprocess.check_output([sys.executable, ROOT / ".ci" / "llama_wheel.py"], text=True).strip()
    python, stamp, key = folder / "bin" / "python", folder / "stamp", inputs(name, wheel)
    if not (stamp.exists() and stamp.read_text() == key and python.exists()):
        print(f"Making the environment {name}: about two minutes, once ...", file=sys.stderr)
        make(folder, [wheel, *REQUIREMENTS[name]])
        stamp.write_text(key)
    print(python)
    return 0


def inputs(name: str, wheel: str) -> str:
    """Return a hash of everything that the environment is made from."""
    parts = [*REQUIREMENTS[name], sys.version, wheel, str(ROOT), (ROOT / "pyproject.toml").read_text()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def make(folder: Path, requirements: list[str]) -> None:
    """Make the environment in `folder`, in place of one that is there."""
    venv.create(folder, clear=True, with_pip=True)
    pip = [folder / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    environment = {**os.environ, "SKIP_JUPYTER_BUILDER": "1"}  # the bundle is there already
    subprocess.run([*pip, *requirements, "-e", ROOT], env=environment, stdout=sys.stderr, check=True)
    link_bundle(folder / "share" / "jupyter" / "labextensions" / "codeact-jupyter")


def link_bundle(place: Path) -> None:
    """Replace the copy of the bundle that pip made by a link to the checkout's, so that a new build takes effect."""
    shutil.rmtree(place)
    place.symlink_to(BUNDLE, target_is_directory=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
