"""Demo: answer a question about real data in a real kernel, and check the answer (`make demo`).

The question is about the Palmer penguins (344 birds, from the package `palmerpenguins`) and goes to the default model.
Each step is approved and run as a cell of a notebook, which is kept. The answer is compared with pandas' own.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from codeact_jupyter.engines.loading import open_model
from codeact_jupyter.errors import ModelError
from codeact_jupyter.headless import Driver, approve
from codeact_jupyter.models.catalogue import DEFAULT_MODEL
from codeact_jupyter.session.quantities import values_in
from codeact_jupyter.views.text import to_stdout

QUESTION = "Which species is the heaviest on average, and what is its mean body mass in grams?"


def main() -> int:
    """Run the demo.

    Returns:
        The exit code: 0 for the right answer, 1 for a wrong one or none, 3 if the model cannot be used.
    """
    print("Model: downloading it if it is not on disk, and checking it.", flush=True)
    try:
        open_model(DEFAULT_MODEL, report=print)
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
        and any(abs(number - mass) <= 0.5 for number in values_in(outcome.answer))
    )
    print(f"pandas: {species}, {mass:.2f} g · the agent's answer is {'the same' if right else 'DIFFERENT'}")
    return 0 if right else 1


def _truth() -> tuple[str, float]:
    from palmerpenguins import load_penguins

    means = load_penguins().groupby("species")["body_mass_g"].mean()
    return str(means.idxmax()), float(means.max())


if __name__ == "__main__":
    sys.exit(main())
