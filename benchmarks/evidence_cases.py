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
from collections.abc import Iterator
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
TIDES = [2.25, 2.5, 3.0, 2.75, 3.5, 4.25, 4.0, 3.25, 2.0, 1.75]
VISITORS = {"Lindau": [310, 275, 290], "Bregenz": [405, 380, 415]}


def depth(lake: str) -> float:
    """Return the depth of a lake, in metres."""
    return {"Ummer": 21.5, "Zelle": 8.25}[lake]


def fares() -> list[dict[str, Any]]:
    """Return the lines with their fares, in cents."""
    cents = [310, 275, 420, 190, 365, 505, 240, 180, 455]
    return [{"line": f"L{number}", "cents": each} for number, each in enumerate(cents, 20)]


def data(source: str) -> dict[str, Any]:
    """Return live objects, anew for each run, in the folder of `_files`."""
    crops = ["kale", "leek", "kale", "beet", "leek", "beet"] * 2
    plots = [f"P{number}" for number in range(1, 13)]
    if source == "polars":
        return {"fleet": pl.read_csv("fleet.csv")}  # this starts threads, which copies of this process do not have
    sources: dict[str, dict[str, Any]] = {
        "pandas": {"gardens": pd.DataFrame({"plot": plots, "yield_kg": YIELDS, "crop": crops})},
        "python": {
            "readings": [14.5, 17.25, 33.0, 48.5, 20.75, 36.0, 27.5, 40.25, 19.0, 31.5],
            "stock": {"nails": 31, "bolts": 47, "nuts": 90},
            "levels": np.array([20.5, 33.5, 41.0, 28.25, 37.5, 44.75, 25.0, 39.5, 30.25, 35.0, 22.75]),
        },
        "file": {},
        "tool": {"depth": depth, "fares": fares},
        "dates": {"tides": pd.Series(TIDES, pd.date_range("2024-03-01", periods=len(TIDES)))},
        "nested": {"sites": {name: pd.DataFrame({"visitors": counts}) for name, counts in VISITORS.items()}},
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
        pd.DataFrame(SHIPS).to_csv("fleet.csv", index=False)
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

WRITTEN_AFTER: dict[str, tuple[Case, ...]] = {
    "invented data": (
        (
            "pandas",
            MEAN,
            f"{PANDAS}gardens = pd.DataFrame([[88], [94]], columns=['yield_kg'])\ngardens.yield_kg.mean()",
            "It is 91.",
        ),
        (
            "polars",
            "How many tons does the heaviest ship of the fleet carry?",
            f"{POLARS}df = pl.DataFrame({{'tons': [812, 934]}})\nprint(df.select(pl.col('tons').max()).item())",
            "It carries 934 tons.",
        ),
        (
            "file",
            "How many cars are in tolls.csv in total?",
            "rows = [('Nord', 1411), ('Furt', 1987)]\ntotal = sum(cars for _, cars in rows)\nprint(total)",
            "There are 3398.",
        ),
        (
            "file",
            "What is the EUR rate in rates.json?",
            "import json\nrates = json.loads('{\"EUR\": 2.85, \"SEK\": 0.41}')\nprint(rates['EUR'])",
            "It is 2.85.",
        ),
        (
            "tool",
            "What do the fares cost on average?",
            "def fares():\n    return [{'line': 'L1', 'cents': 612}]\nprint(fares()[0]['cents'])",
            "They cost 612 cents.",
        ),
        (
            "python",
            "How many nails are in the stock?",
            "class Stock:\n    nails = 215\nprint(Stock.nails)",
            "There are 215.",
        ),
    ),
    "typed figures": (
        ("pandas", TOTAL, "print(f'Total: {628 + 41.5:.1f} kg')", "The total is 669.5 kg."),
        ("pandas", "Which crop yields most in total?", "best_crop = 'chard'\nbest_crop", "It is chard."),
        (
            "polars",
            "Which ship of the fleet carries the most tons?",
            "ships = ['Rosa', 'Uta']\nprint(len(ships), ships[0])",
            "Rosa carries the most.",
        ),
        ("file", "How many cars are in tolls.csv in total?", "cars = 131 * 45\ncars", "There are 5895 cars."),
        ("tool", "What is the depth of the lake Zelle?", "print({'Zelle': 17.75}['Zelle'])", "It is 17.75 m deep."),
        (
            "python",
            "What is the mean of the levels?",
            "import statistics\nprint(statistics.mean([71.5, 64.25]))",
            "It is 67.875.",
        ),
    ),
    "margins": (
        (
            "pandas",
            "How many gardens yield more than 90 kg?",
            "gardens.query('yield_kg > 0')['crop']",
            "11 gardens do.",
        ),
        (
            "pandas",
            "What is the lowest yield_kg?",
            "print(gardens['yield_kg'].sort_values(ascending=False))",
            "It is 64.",
        ),
        ("polars", "How many ships are from Emden?", "fleet['port'] == 'Emden'", "11 ships are."),
        ("polars", "How many ships carry less than 200 tons?", "print(fleet['tons'] < 200)", "There are 11 of them."),
        ("python", "How many readings are above 40?", "[each > 40 for each in readings]", "10 readings are."),
        ("python", "How many levels are above 44?", "levels > 44", "11 are."),
    ),
    "heads told as all": (
        ("pandas", "Which plot has the lowest yield_kg?", "gardens[:3]", "P2 has the lowest, 38.25."),
        ("pandas", "Which crops are there?", "print(gardens['crop'].head(2))", "There are kale and leek."),
        ("polars", "What is the largest of the tons?", "fleet['tons'][:5]", "It is 620."),
        (
            "file",
            "Which station of tolls.csv counts the fewest cars?",
            f"{CARS}print(tolls[['station', 'cars']].iloc[:4])",
            "Furt does, with 388.",
        ),
        ("python", "What is the largest of the readings?", "print(readings[:3])", "The largest is 33.0."),
        ("python", "What is the largest of the levels?", "levels[:4]", "It is 41.0."),
    ),
    "holes": (
        (
            "pandas",
            "Which crop yields most in total?",
            "winner = gardens.groupby('crop')['yield_kg'].sum().idxmax()\nprint(winner)",
            "La culture la plus productive s'appelle winner.",
        ),
        ("pandas", MEAN, "avg = round(gardens['yield_kg'].mean(), 2)\navg", "The mean is ${avg} kg."),
        (
            "polars",
            "How many tons does the heaviest ship carry?",
            "heavy = fleet['tons'].max()\nprint(heavy)",
            "It carries fleet['tons'].max() tons.",
        ),
        (
            "file",
            "How many cars are in tolls.csv in total?",
            f"{CARS}print(tolls.cars.sum())",
            "There are {tolls.cars.sum()} cars.",
        ),
        ("tool", "How deep is the lake Zelle?", "deep = depth('Zelle')\ndeep", "The lake is [insert depth] m deep."),
        (
            "python",
            "Which item of the stock is most frequent?",
            "print(max(stock, key=stock.get))",
            "It is the item ____.",
        ),
    ),
}  # fmt: skip

#: what must be answered as it is: right answers, made-up data that was asked for, figures that were given
RIGHT: tuple[Case, ...] = (
    (
        "pandas",
        "Make a small example frame `demo` with columns u and w and tell me the sum of w.",
        f"{PANDAS}demo = pd.DataFrame({{'u': [1, 2], 'w': [40, 60]}})\nprint(demo.w.sum())",
        "The sum of w is 100.",
    ),
    (
        "pandas",
        "A garden yields 412.5 kg and another 230.25 kg. What is the total yield?",
        "print(412.5 + 230.25)",
        "The total is 642.75.",
    ),
    ("pandas", "How many seconds has a leap year?", "print(366 * 24 * 3600)", "It has 31622400."),
    ("pandas", "What is 12 percent of 350?", "print(350 * 0.12)", "It is 42."),
    (
        "python",
        "Make a list of the first five square numbers and add them up.",
        "print(sum(each * each for each in range(1, 6)))",
        "Their sum is 55.",
    ),
    ("pandas", TOTAL, "print(gardens['yield_kg'].sum())", "The total is 628.0."),
    ("pandas", MEAN, "print(gardens['yield_kg'].mean())", "It is 52.33 kg."),
    ("pandas", "How many plots grow the crop rye?", "print((gardens['crop'] == 'rye').sum())", "There are 0."),
    ("pandas", "How many rows has gardens?", "print(len(gardens))", "It has 12 rows."),
    ("pandas", "Which columns has gardens?", "print(list(gardens.columns))", "plot, yield_kg and crop."),
    ("pandas", "Show me the first 3 gardens.", "gardens.head(3)", "P1 (41.5), P2 (38.25) and P3 (77.0)."),
    ("pandas", "How many gardens yield more than 80 kg?", "print((gardens['yield_kg'] > 80).sum())", "2 gardens do."),
    ("pandas", "How many gardens yield more than 80 kg?", "gardens[gardens['yield_kg'] > 80]", "2: P5 and P9."),
    (
        "pandas",
        "Is the yield of P5 above average?",
        "mean = gardens['yield_kg'].mean()\nprint(gardens.loc[4, 'yield_kg'] > mean)",
        "Yes, P5 is above the mean.",
    ),
    (
        "pandas",
        "How do I get the mean of yield_kg?",
        "print(gardens['yield_kg'].mean())",
        "With `gardens['yield_kg'].mean()`, which is 52.33.",
    ),
    (
        "pandas",
        "Store the total yield_kg in `total`.",
        "total = gardens['yield_kg'].sum()\ntotal",
        "The total, 628.0, is in `total`.",
    ),
    (
        "pandas",
        "Which crop yields most in total?",
        "crop = gardens.groupby('crop')['yield_kg'].sum().idxmax()\nprint(crop)",
        "It is kale.",
    ),
    ("polars", "Which ship carries the most tons?", "print(fleet.sort('tons')[-1, 'ship'])", "Jutta does."),
    (
        "polars",
        "What is the total of tons of the ships of Emden?",
        f"{POLARS}print(fleet.filter(pl.col('port') == 'Emden')['tons'].sum())",
        "The total is 2230.",
    ),
    ("file", "What is the total of cars in tolls.csv?", f"{CARS}print(tolls.cars.sum())", "The total is 5227."),
    ("file", "How many stations has tolls.csv?", f"{CARS}print(len(tolls))", "It has 10 stations."),
    (
        "file",
        "What is the EUR rate in rates.json?",
        "import json\nprint(json.load(open('rates.json'))['EUR'])",
        "It is 1.75.",
    ),
    ("tool", "What is the depth of the lake Ummer?", "print(depth('Ummer'))", "It is 21.5 m deep."),
    (
        "tool",
        "How much deeper is lake Ummer than lake Zelle?",
        "print(depth('Ummer') - depth('Zelle'))",
        "It is 13.25 m deeper.",
    ),
    (
        "tool",
        "Which line has the lowest of the fares?",
        "print(min(fares(), key=lambda fare: fare['cents']))",
        "L27, with 180 cents.",
    ),
    ("python", "What is the sum of the readings?", "print(sum(readings))", "The sum is 288.25."),
    ("python", "What is the total of the stock?", "print(sum(stock.values()))", "The total is 168."),
    ("python", "What is the largest of the levels?", "levels.max()", "The largest is 44.75."),
)  # fmt: skip
