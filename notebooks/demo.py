"""The main job, end to end and without a screen: `python notebooks/demo.py` (what `make demo` runs).

A question about the Palmer penguins (344 real birds, shipped by the `palmerpenguins` package) goes to the default model
in a real kernel; each step is approved and run as a cell of a notebook, which is kept. The answer is then compared with
what pandas says.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from codeact_jupyter.engines.loading import open_model
from codeact_jupyter.errors import ModelError
from codeact_jupyter.headless import Driver, approve
from codeact_jupyter.text import find_numbers, plain_number
from codeact_jupyter.views.text import to_stdout

QUESTION = "Which species is the heaviest on average, and what is its mean body mass in grams?"


def main() -> int:
    """Runs the demo. Returns 0 when the answer is right, 1 when it is not, 3 when the model cannot be had."""
    print("Model: fetching it when it is not here yet, and checking it.", flush=True)
    try:
        open_model("qwen2.5-coder-1.5b", report=print)
    except ModelError as error:
        print(error, file=sys.stderr)
        return 3
    path = Path(tempfile.mkdtemp(prefix="codeact-demo-")) / "penguins.ipynb"
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# Palmer penguins\nAsked and answered by `make demo`."),
            new_code_cell(
                "%load_ext codeact_jupyter\nfrom palmerpenguins import load_penguins\n\npenguins = load_penguins()"
            ),
            new_code_cell(f"%%codeact\n{QUESTION}"),
        ]
    )
    print(f"\nQuestion: {QUESTION}\n", flush=True)
    driver = Driver(notebook, decide=approve, echo=to_stdout, directory=path.parent, name=str(path), max_seconds=600)
    try:
        outcome = driver.run()
    finally:
        nbformat.write(notebook, path)
    print(f"\nnotebook: {path}")
    species, mass = _truth()
    right = (
        outcome.answer is not None
        and species in outcome.answer
        and any(abs(number - mass) <= 0.5 for number in numbers_in(outcome.answer))
    )
    print(f"pandas: {species}, {mass:.2f} g · the agent's answer is {'the same' if right else 'DIFFERENT'}")
    return 0 if right else 1


def numbers_in(text: str) -> Iterable[float]:
    """Return the values of the numbers in a text.

    Args:
        text: any text; thousands separators are understood.

    Returns:
        The numbers in their order.
    """
    return [float(plain_number(number)) for number in find_numbers(text)]


def _truth() -> tuple[str, float]:
    from palmerpenguins import load_penguins

    means = load_penguins().groupby("species")["body_mass_g"].mean()
    return str(means.idxmax()), float(means.max())


if __name__ == "__main__":
    sys.exit(main())
