"""Measure all that docs/competence.md reports: action modes, techniques, a smaller model, the peers.

    python benchmarks/competence.py [PART ...] [--out docs/competence]

runs the named parts, or all: some hours on two cores. It can be stopped at any time; the same command continues. Then
it prints the tables and comparisons, and writes `plot.svg` and `trajectories.html`. `--report` does only this, with the
records that are there. Git tracks the plot alone: records and page are made by this command.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from codeact_jupyter.cli import main as codeact
from codeact_jupyter.session.techniques import NAMES

TOOLS = ("tools", "--split", "test", "--limit", "12")
DATA = ("data", "--split", "test", "--limit", "12")
WHOLE = ("data", "--split", "test")
RECOVERY = ("recovery", "--split", "test", "--limit", "8")
WITHOUT = ("--arm", "full", "bare", *(f"no-{name}" for name in NAMES))
SEEDS = ("--seed", "0", "1", "2")
SMALL = ("--model", "qwen2.5-coder-0.5b")
PEERS = (*TOOLS, "--max-seconds", "180")

#: part -> the runs that it is made of: name of the folder, and the words after `jupyter codeact eval`
PARTS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "agent": (("tools", TOOLS), ("data", DATA), ("recovery", RECOVERY)),
    "paper": (("tools", (*TOOLS, "--arm", "full", "paper")),),
    "modes": (("tools", (*TOOLS, "--mode", "code", "json", "text")),),
    "peers": (("ours-180s", PEERS), ("smolagents-180s", PEERS)),
    "small": tuple((f"small-{words[0]}", (*words, *SMALL)) for words in (TOOLS, DATA, RECOVERY)),
    "techniques": tuple((words[0], (*words, *WITHOUT)) for words in (TOOLS, DATA, RECOVERY)),
    "data": (("data-seeds", (*WHOLE, *SEEDS)), ("small-data-seeds", (*WHOLE, *SEEDS, *SMALL))),
    "data-techniques": (("data-techniques", (*WHOLE, *WITHOUT)),),
    "seeds": (("tools", (*TOOLS, "--mode", "code", "json", "text", *SEEDS)),),
}
COMPARISONS = (
    ("tools@code/full", "tools@json/full"),
    ("tools@code/full", "tools@text/full"),
    ("tools@code/full", "tools@code/paper"),
    ("tools@code/full", "tools@code/bare"),
    ("ours-180s", "smolagents-180s"),
)


def main(arguments: Sequence[str]) -> int:
    """Run the parts and report.

    Args:
        arguments: Arguments of the command line.

    Returns:
        The exit code of the first command that fails.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(PARTS)}")
    parser.add_argument("--out", type=Path, default=Path("docs/competence"))
    parser.add_argument("--report", action="store_true", help="run nothing, report what is there")
    args = parser.parse_args(arguments)
    if unknown := set(args.parts) - PARTS.keys():
        parser.error(f"there is no part {', '.join(sorted(unknown))}: choose from {', '.join(PARTS)}")
    for part in () if args.report else args.parts or PARTS:
        for folder, words in PARTS[part]:
            print(f"\n== {part}: {folder}", file=sys.stderr)
            command = [*words, "--out", str(args.out / folder)]
            if code := run_peer(command) if folder.startswith("smolagents") else codeact(["eval", *command]):
                return code
    return report(args.out)


def run_peer(words: Sequence[str]) -> int:
    """Run smolagents in the environment that `peers.py` makes for it.

    Args:
        words: Arguments after `jupyter codeact eval`.

    Returns:
        The exit code.
    """
    return subprocess.run([sys.executable, Path(__file__).with_name("peers.py"), *words], check=False).returncode


def report(out: Path) -> int:
    """Print tables and comparisons of the runs that are there; write the plot and the page.

    Args:
        out: Folder of the runs.

    Returns:
        The exit code.
    """
    runs = sorted(str(path.parent) for path in out.glob("*/records.jsonl"))
    for pair in COMPARISONS:
        if all((out / side.partition("@")[0]).exists() for side in pair):
            print()
            codeact(["eval", "compare", *(str(out / side) for side in pair)])
    files = ["--report", str(out / "trajectories.html"), "--plot", str(out / "plot.svg")]
    return codeact(["eval", "report", *runs, "--markdown", *files])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
