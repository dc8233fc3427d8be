"""Measure smolagents' CodeAgent with the weights, tasks, limits and prefix cache of our agent.

    python benchmarks/peers.py tools --split test --limit 12 --model qwen2.5-coder-1.5b --out peers-tools

It takes the options of `jupyter codeact eval` and leaves records in the same form, so that `eval report` and
`eval compare` take both. smolagents is no dependency: the first run makes `build/peers`, an environment that sees this
one's packages, and installs it there. The agent itself is in `smolagents_peer.py`.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
VERSION = "smolagents>=1.26,<2"


def main(arguments: Sequence[str]) -> int:
    """Run the evaluation in an environment that has smolagents.

    Args:
        arguments: Arguments of the command line.

    Returns:
        The exit code.
    """
    if importlib.util.find_spec("smolagents") is None:
        python = make_environment(HERE.parent / "build" / "peers")
        os.execv(python, [str(python), __file__, *arguments])
    from codeact_jupyter.cli import main as run

    agent = os.path.relpath(HERE / "smolagents_peer.py")  # as it stands in the records
    return run(["eval", *arguments, "--agent", f"{agent}:attempt", "--arm", "smolagents"])


def make_environment(path: Path) -> Path:
    """Make an environment with smolagents that sees this one's packages too, unless it is there.

    Args:
        path: Path of its folder.

    Returns:
        Its interpreter.
    """
    python = path / "bin" / "python"
    if not (path / "ready").exists():
        print(f"making {path} ...", file=sys.stderr)
        venv.create(path, with_pip=True, clear=True)
        inside = subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            capture_output=True,
            text=True,
            check=True,
        )
        beside = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
        (Path(inside.stdout.strip()) / "beside.pth").write_text(beside, encoding="utf-8")
        subprocess.run([python, "-m", "pip", "install", "--quiet", VERSION], check=True)
        (path / "ready").touch()
    return python


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
