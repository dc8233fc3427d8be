"""Runs of the agent with a scripted model: wrong answers that must not be delivered, and right ones that must be.

The model gives one step until there is an output, and then insists on its answer, whatever it is told. Each case is the
source of the data, the question, the step and the answer. `WRITTEN_AFTER` are wrong answers that were written when the
code was done, without running it.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from codeact_jupyter import solve
from codeact_jupyter.session.messages import ChatMessage
from codeact_jupyter.testing import ScriptedEngine

Case = tuple[str, str, str, str]

YIELDS = [41.5, 38.25, 77.0, 12.5, 90.75, 63.0, 55.5, 29.75, 84.0, 18.25, 47.5, 70.0]
SHIPS = {
    "ship": ["Anna", "Berta", "Clara", "Dorte", "Elsa", "Frieda", "Gerda", "Hilde", "Irma", "Jutta", "Klara"],
    "tons": [210, 455, 180, 620, 330, 275, 540, 195, 405, 710, 260],
    "port": ["Kiel", "Emden", "Kiel", "Kiel", "Emden", "Kiel", "Emden", "Emden", "Kiel", "Emden", "Kiel"],
}
STATIONS = {
    "station": ["Nord", "Furt", "Berg", "Au", "Tal", "Moor", "Heide", "Wald", "See", "Kamp"],
    "cars": [412, 388, 905, 760, 129, 655, 287, 540, 333, 818],
}


def depth(lake: str) -> float:
    """Return the depth of a lake, in metres."""
    return {"Ummer": 21.5, "Zelle": 8.25}[lake]


def fares() -> list[dict[str, Any]]:
    """Return the lines with their fares, in cents."""
    cents = [310, 275, 420, 190, 365, 505, 240, 180, 455]
    return [{"line": f"L{number}", "cents": each} for number, each in enumerate(cents, 20)]


def data(source: str) -> dict[str, Any]:
    """Return live objects, anew for each run; files are in the current folder."""
    crops = ["kale", "leek", "kale", "beet", "leek", "beet"] * 2
    plots = [f"P{number}" for number in range(1, 13)]
    sources: dict[str, dict[str, Any]] = {
        "pandas": {"gardens": pd.DataFrame({"plot": plots, "yield_kg": YIELDS, "crop": crops})},
        "polars": {"fleet": pl.DataFrame(SHIPS)},
        "python": {
            "readings": [14.5, 17.25, 33.0, 48.5, 20.75, 36.0, 27.5, 40.25, 19.0, 31.5],
            "stock": {"nails": 31, "bolts": 47, "nuts": 90},
            "levels": np.array([20.5, 33.5, 41.0, 28.25, 37.5, 44.75, 25.0, 39.5, 30.25, 35.0, 22.75]),
        },
        "file": {},
        "tool": {"depth": depth, "fares": fares},
    }
    return sources[source]


def delivered(source: str, question: str, code: str, answer: str) -> str:
    """Return the answer of a run with the insisting model; empty if none is delivered."""
    replies = itertools.repeat(lambda said: answer if _has_output(said) else f"I compute it.\n```python\n{code}\n```")
    with _files(), contextlib.redirect_stdout(io.StringIO()):
        return solve(question, data(source), engine=ScriptedEngine(replies), max_turns=5).answer or ""


def _has_output(said: list[ChatMessage]) -> bool:
    return any(
        "--- end ---" in each.content or "(It ran;" in each.content
        for each in said
        if each.role == "user" and not each.fixed
    )


@contextlib.contextmanager
def _files() -> Iterator[None]:
    """Work in a folder with the files of the cases."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        pd.DataFrame(STATIONS).to_csv("tolls.csv", index=False)
        Path("rates.json").write_text(json.dumps({"EUR": 1.75, "SEK": 0.125, "NOK": 0.25}))
        try:
            yield
        finally:
            os.chdir(before)


TOTAL, MEAN = "What is the total yield_kg of the gardens?", "What is the mean yield_kg of the gardens?"
PANDAS, POLARS = "import pandas as pd\n", "import polars as pl\n"
CARS = f"{PANDAS}tolls = pd.read_csv('tolls.csv')\n"

#: wrong answers by kind
WRITTEN_BEFORE: dict[str, tuple[Case, ...]] = {
    "invented data": (
        (
            "pandas",
            TOTAL,
            f"{PANDAS}gardens = pd.DataFrame({{'yield_kg': [453]}})\nprint(gardens['yield_kg'].sum())",
            "The total is 453.",
        ),
        (
            "pandas",
            TOTAL,
            f"{PANDAS}sample = pd.DataFrame({{'yield_kg': [55.5, 71.25]}})\nprint(sample['yield_kg'].sum())",
            "The total is 126.75.",
        ),
        (
            "pandas",
            TOTAL,
            f"import io\n{PANDAS}pd.read_csv(io.StringIO('plot,yield_kg\\nA,150\\nB,175')).yield_kg.sum()",
            "The total is 325.",
        ),
        (
            "pandas",
            MEAN,
            "import numpy as np\nprint(np.random.default_rng(3).uniform(40, 95, 6).round(2).mean().round(2))",
            "The mean is 58.72.",
        ),
        (
            "polars",
            "What is the total of tons of the fleet?",
            f"{POLARS}fleet = pl.DataFrame({{'tons': [612.0]}})\nprint(fleet['tons'].sum())",
            "The total is 612.0.",
        ),
        (
            "python",
            "What is the sum of the readings?",
            "values = [71, 84, 95]\nprint(sum(values))",
            "The sum is 250.",
        ),
        (
            "python",
            "What is the total of the stock?",
            "items = {'nails': 150, 'bolts': 275}\nprint(sum(items.values()))",
            "The total is 425.",
        ),
        (
            "python",
            "What is the largest of the levels?",
            "import numpy as np\nprint(np.array([310, 295, 402]).max())",
            "The largest is 402.",
        ),
        (
            "tool",
            "How much deeper is lake Ummer than lake Zelle? Use the depth.",
            "known = {'Ummer': 64.0, 'Zelle': 15.5}\nprint(known['Ummer'] - known['Zelle'])",
            "It is 48.5 m deeper.",
        ),
    ),
    "typed figures": (
        ("pandas", TOTAL, "a = 131.5\nb = 244.5\nprint(a + b)", "The total is 376."),
        ("pandas", "Which crop has most yield_kg?", "print('The best crop is chard')", "The best crop is chard."),
        ("pandas", TOTAL, "result = 987.5", "The total is 987.5."),
        ("polars", "What is the total of tons of the fleet?", "print(round(88.8 + 99.9, 1))", "The total is 188.7."),
        ("tool", "What is the depth of the lake Ummer?", "print(47.5)", "It is 47.5 m deep."),
    ),
    "margins": (
        ("pandas", "How many gardens yield more than 95 kg?", "print(gardens['yield_kg'] > 95)", "12 gardens do."),
        ("pandas", "How many plots grow kale?", "gardens['crop'] == 'kale'", "There are 11 of them."),
        ("polars", "How many ships carry more than 700 tons?", "print(fleet['tons'] > 700)", "11 ships do."),
        (
            "file",
            "How many stations in tolls.csv count more than 900 cars?",
            f"{CARS}print(tolls.cars > 900)",
            "9 stations do.",
        ),
        ("tool", "How many fares are over 300 cents?", "[each['cents'] > 300 for each in fares()]", "9 fares are."),
    ),
    "heads told as all": (
        ("pandas", TOTAL, "print(gardens.head(4))", "41.5 + 38.25 + 77.0 + 12.5 = 169.25."),
        ("polars", "Which ship carries the most tons?", "fleet.head(3)", "Berta carries the most, 455 tons."),
        (
            "file",
            "Which station of tolls.csv counts the fewest cars?",
            f"{CARS}tolls.head(4)",
            "Furt counts the fewest, 388.",
        ),
        (
            "file",
            "Which station of tolls.csv counts the fewest cars?",
            f"{PANDAS}print(pd.read_csv('tolls.csv').head(4))",
            "Furt counts the fewest, 388.",
        ),
        ("tool", "Which line has the lowest of the fares?", "print(fares()[:4])", "L23 has the lowest, 190 cents."),
    ),
    "holes": (
        (
            "pandas",
            "Which plot has the highest yield_kg?",
            "best = gardens.loc[gardens['yield_kg'].idxmax(), 'plot']\nprint(best)",
            "It is {best}.",
        ),
        ("pandas", TOTAL, "total_kg = gardens['yield_kg'].sum()\nprint(total_kg)", "The total is total_kg."),
        (
            "polars",
            "Which ship carries the most tons?",
            "print(fleet.sort('tons')[-1, 'ship'])",
            "The heaviest is <ship>.",
        ),
        (
            "file",
            "Which station of tolls.csv counts the most cars?",
            f"{CARS}print(tolls.loc[tolls.cars.idxmax(), 'station'])",
            "It is [station].",
        ),
        ("tool", "What is the depth of the lake Ummer?", "found = depth('Ummer')\nprint(found)", "It is `found`."),
        (
            "python",
            "What is the largest of the levels?",
            "top = levels.max()\nprint(top)",
            "The largest level is top.",
        ),
    ),
}  # fmt: skip
