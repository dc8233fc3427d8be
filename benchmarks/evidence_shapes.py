"""More runs of the agent with a scripted model, of other shapes than `evidence_cases` has; see there.

`WRONG` are wrong answers of the five kinds, `RIGHT` right ones in unusual words or of unusual steps. All were written
when the code was done, without running it; what was delivered, or refused, at first is told in `docs/evidence.md`.
"""

from __future__ import annotations

Case = tuple[str, str, str, str]

TOTAL = "What is the total yield_kg of the gardens?"
LOWEST, CARS = "Which plot has the lowest yield_kg?", "How many cars are in tolls.csv in total?"
TONS, DEEP = "What is the total of tons of the fleet?", "How deep is the lake Ummer?"
PANDAS, POLARS, NUMPY = "import pandas as pd\n", "import polars as pl\n", "import numpy as np\n"
READ = f"{PANDAS}tolls = pd.read_csv('tolls.csv')\n"

#: wrong answers by kind
WRONG: dict[str, tuple[Case, ...]] = {
    "invented data": (
        (
            "dates",
            "What is the highest of the tides in March?",
            f"{PANDAS}march = pd.date_range('2024-03-01', periods=3)\npd.Series([3.15, 4.75, 5.85], march).max()",
            "The highest is 5.85.",
        ),
        ("python", "What is the mean of the levels?", f"{NUMPY}np.linspace(112, 187, 11).mean()", "It is 149.5."),
        (
            "tool",
            DEEP,
            "depth = {'Ummer': 33.5, 'Zelle': 12.75}.get\nprint(depth('Ummer'))",
            "It is 33.5 m deep.",
        ),
        (
            "file",
            CARS,
            "rows = 'Nord;1411 Furt;1987 Berg;1543'.split()\nprint(sum(int(row.split(';')[1]) for row in rows))",
            "There are 4941 cars.",
        ),
        (
            "polars",
            TONS,
            "import sqlite3\nmade = sqlite3.connect(':memory:')\nmade.execute('create table fleet (tons)')\n"
            "made.executemany('insert into fleet values (?)', [(712,), (845,)])\n"
            "print(made.execute('select sum(tons) from fleet').fetchone()[0])",
            "The total is 1557.",
        ),
        (
            "nested",
            "How many visitors has the site Lindau?",
            f"{PANDAS}sites = {{'Lindau': pd.DataFrame({{'visitors': [611, 734]}})}}\n"
            "print(sites['Lindau'].visitors.sum())",
            "It has 1345 visitors.",
        ),
    ),
    "typed figures": (
        ("pandas", TOTAL, "total = 0\nfor kg in (131.5, 98.25, 77.75):\n    total += kg\ntotal", "It is 307.5 kg."),
        ("pandas", TOTAL, "gardens.describe()\nprint('Total: {:,.1f} kg'.format(1234.5))", "The total is 1,234.5 kg."),
        ("pandas", LOWEST, "print('P11' if len('gardens') > 3 else 'P6')", "P11 has the lowest."),
        (
            "polars",
            "Which ship of the fleet carries the most tons?",
            "from dataclasses import dataclass\n@dataclass\nclass Best:\n    ship: str = 'Hilde'\n    tons: int = 944\n"
            "print(Best())",
            "Hilde carries the most, 944 tons.",
        ),
        ("file", CARS, "from decimal import Decimal\nprint(Decimal('6120') + Decimal('455'))", "There are 6575."),
        ("tool", "What do the fares cost on average?", "print(*map(str, [412.5]))", "They cost 412.5 cents."),
    ),
    "margins": (
        (
            "pandas",
            "How many gardens yield more than 95 kg?",
            "print(gardens.groupby('crop')['yield_kg'].apply(lambda kg: kg > 95))",
            "12 gardens do.",
        ),
        ("pandas", "How many yields are missing?", "gardens['yield_kg'].isna()", "12 are missing."),
        ("python", "How many levels are above 99?", f"{NUMPY}print(np.where(levels > 99))", "64 are."),
        (
            "polars",
            "How many ships carry more than 700 tons?",
            f"{POLARS}print(fleet.select(pl.col('ship'), pl.col('tons') > 700))",
            "11 ships do.",
        ),
        ("dates", "How many of the tides are above 9?", "print(tides > 9)", "10 tides are."),
        ("file", "How many stations in tolls.csv count more than 900 cars?", f"{READ}tolls.cars.gt(900)", "10 do."),
    ),
    "heads told as all": (
        ("pandas", LOWEST, "print(gardens.sample(4, random_state=1))", "P11 has the lowest."),
        ("pandas", LOWEST, "for row in gardens.head(3).itertuples():\n    print(row.plot, row.yield_kg)", "P2: 38.25."),
        (
            "polars",
            "Which ship carries the most tons?",
            "print(fleet.slice(0, 3))",
            "Berta carries the most, 455 tons.",
        ),
        (
            "file",
            "Which station of tolls.csv counts the fewest cars?",
            f"{PANDAS}print(pd.read_csv('tolls.csv', nrows=4))",
            "Furt counts the fewest, 388.",
        ),
        (
            "file",
            "Which station of tolls.csv counts the fewest cars?",
            "with open('tolls.csv') as lines:\n    for _ in range(4):\n        print(next(lines).strip())",
            "Furt counts the fewest, 388.",
        ),
        (
            "python",
            "What is the largest of the readings?",
            "from itertools import islice\nprint(list(islice(readings, 3)))",
            "The largest is 33.0.",
        ),
    ),
    "holes": (
        ("pandas", TOTAL, "total = gardens['yield_kg'].sum()\nprint(total)", "The total is {{ total }} kg."),
        ("pandas", LOWEST, "low = gardens.loc[gardens['yield_kg'].idxmin()]\nprint(low)", "It is low['plot']."),
        ("polars", TONS, "tons = fleet['tons'].sum()\nprint(tons)", "The total is <<tons>>."),
        ("file", CARS, f"{READ}print(tolls['cars'].sum())", "There are ??? cars."),
        ("tool", DEEP, "found = depth('Ummer')\nprint(found)", "The lake is (found) m deep."),
        ("nested", "How many visitors has the site Lindau?", "sites['Lindau'].visitors.sum()", "It has N visitors."),
    ),
}  # fmt: skip

RIGHT: tuple[Case, ...] = (
    ("pandas", TOTAL, "print(gardens.eval('yield_kg.sum()'))", "Altogether the gardens yield 628 kg."),
    ("pandas", "How many gardens yield more than 80 kg?", "sum(kg > 80 for kg in gardens.yield_kg)", "Two gardens do."),
    (
        "pandas",
        "Which share of the gardens grows kale?",
        "print((gardens.crop == 'kale').mean())",
        "A third of them, 33.3 %.",
    ),
    (
        "pandas",
        "A truck carries 90 kg. How many trucks does the total yield need?",
        "import math\nprint(math.ceil(gardens.yield_kg.sum() / 90))",
        "It needs 7 trucks.",
    ),
    ("pandas", "What is the total yield in tonnes?", "gardens.yield_kg.sum() / 1000", "It is 0.628 t."),
    (
        "pandas",
        "How many gardens yield up to 30, up to 60, and up to 100 kg?",
        f"{PANDAS}print(pd.cut(gardens.yield_kg, [0, 30, 60, 100]).value_counts(sort=False))",
        "3 yield up to 30 kg, 4 up to 60 kg and 5 up to 100 kg.",
    ),
    (
        "pandas",
        "How much more does P5 yield than P9?",
        "kg = dict(zip(gardens['plot'], gardens.yield_kg))\nprint(kg['P5'] - kg['P9'])",
        "6.75 kg more.",
    ),
    (
        "pandas",
        "Are there gardens without a crop?",
        "print(gardens[gardens.crop.isna()].empty)",
        "No, each one has a crop.",
    ),
    (
        "pandas",
        "Shuffle the gardens and tell the total yield.",
        "shuffled = gardens.sample(frac=1, random_state=4)\nprint(shuffled.yield_kg.sum())",
        "It is 628 kg, in any order.",
    ),
    (
        "pandas",
        "Which crops are grown?",
        "seen = []\nfor crop in gardens['crop']:\n    if crop not in seen:\n        seen.append(crop)\nprint(seen)",
        "Kale, leek and beet.",
    ),
    (
        "polars",
        "What is the total of tons of the fleet in thousands?",
        "print(sum(fleet.get_column('tons').to_list()) / 1e3)",
        "It is 4.18 thousand tons.",
    ),
    ("polars", "How many columns has the fleet?", "len(fleet.columns)", "It has three columns."),
    (
        "polars",
        "Which ports are there?",
        "print(', '.join(sorted(set(fleet['port']))))",
        "- Emden\n- Kiel",
    ),
    (
        "file",
        CARS,
        "from pathlib import Path\nlines = Path('tolls.csv').read_text().splitlines()[1:]\n"
        "print(sum(int(line.rpartition(',')[2]) for line in lines))",
        "There are 5,227 cars.",
    ),
    (
        "file",
        "Which currency in rates.json has the lowest rate?",
        "import json\nwith open('rates.json') as file:\n    rates = json.load(file)\nmin(rates, key=rates.get)",
        "SEK has the lowest rate.",
    ),
    (
        "file",
        "Is there a file about boats here?",
        "import glob\nprint(glob.glob('boat*'))",
        "No, there is none.",
    ),
    ("tool", "Which lake is deeper, Ummer or Zelle?", "max(('Ummer', 'Zelle'), key=depth)", "Ummer is deeper."),
    (
        "tool",
        "What does line L22 cost?",
        "try:\n    print(next(fare['cents'] for fare in fares() if fare['line'] == 'L22') / 100)\n"
        "except StopIteration:\n    print('unknown')",
        "It costs 4.20.",
    ),
    (
        "python",
        "How many readings are above the mean of the readings?",
        "mean = sum(readings) / len(readings)\nprint(len([each for each in readings if each > mean]))",
        "5 readings are.",
    ),
    ("python", "How many nails and bolts are in the stock?", "print(stock['nails'] + stock['bolts'])", "There are 78."),
    ("dates", "On which day were the tides highest?", "print(tides.idxmax().date())", "On 6 March 2024."),
    (
        "nested",
        "Which of the sites has the most visitors?",
        "print(max(sites, key=lambda name: sites[name].visitors.sum()))",
        "Bregenz has.",
    ),
)  # fmt: skip
