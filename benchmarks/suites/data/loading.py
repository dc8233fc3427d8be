"""Loading: files with awkward separators, encodings and headers, a database, sets that come with a package."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from codeact_jupyter.evaluation.task import Namespace, Task

from .. import data_sets
from ..checkers.answers import names, number, numbers, pairs, says_all
from ..checkers.frames import frame, numeric


def _german() -> Namespace:
    import pandas as pd

    path = data_sets.folder() / "wetter.csv"
    data_sets.weather().head(365).to_csv(path, sep=";", decimal=",", index=False)
    return {"pd": pd, "path": str(path), "df": data_sets.penguins().head(5)}


def _latin() -> Namespace:
    import pandas as pd

    path = data_sets.folder() / "messung.txt"
    birds = data_sets.penguins().head(80).rename(columns={"body_mass_g": "Körpermasse (g)", "island": "Fundort"})
    birds.to_csv(path, sep="\t", encoding="latin-1", index=False, na_rep="k. A.")
    return {"pd": pd, "file": path, "encoding": "latin-1", "missing": "k. A."}


def _preamble() -> Namespace:
    import pandas as pd

    path = data_sets.folder() / "flow.csv"
    table = data_sets.nile().rename(columns={"volume": "volume_1e8_m3"}).to_csv(index=False)
    path.write_text(f"# Nile at Aswan\n# yearly discharge\n#\n{table}# end of record\n", encoding="utf-8")
    return {"pd": pd, "source": path, "years": 100, "flow": pd.Series([1120, 1160, 963])}


def _lines() -> Namespace:
    import pandas as pd

    path = data_sets.folder() / "trials.jsonl.gz"
    data_sets.barley().to_json(path, orient="records", lines=True)
    return {"pd": pd, "path": path, "trials": [], "crop": "barley"}


def _database() -> Namespace:
    import pandas as pd

    path = data_sets.folder() / "market.db"
    listed = pd.DataFrame({"symbol": ["MSFT", "AMZN", "IBM", "GOOG", "AAPL"], "seat": ["WA", "WA", "NY", "CA", "CA"]})
    with closing(sqlite3.connect(path)) as connection:
        prices = data_sets.stocks()
        prices.assign(date=prices["date"].dt.strftime("%Y-%m-%d")).to_sql("prices", connection, index=False)
        listed.to_sql("companies", connection, index=False)
    return {"pd": pd, "db": str(path), "tables": ["prices", "companies"]}


def _parts() -> Namespace:
    import pandas as pd

    place = data_sets.folder()
    for year, birds in data_sets.penguins().groupby("year"):
        birds.drop(columns="year").to_csv(place / f"penguins_{year}.csv", index=False)
    (place / "README.txt").write_text("One file a season.\n", encoding="utf-8")
    return {"pd": pd, "place": place, "penguins": None}


def _busy() -> Namespace:
    import pandas as pd

    return {"pd": pd, "df": data_sets.cars().head(30), "iris": "a flower", "wine": ["red", "white"]}


def _in_california() -> float:
    prices = data_sets.stocks()
    return float(prices[prices["symbol"].isin(["GOOG", "AAPL"])]["price"].mean())


TASKS = (
    Task(
        name="semicolons-and-commas",
        domain="loading",
        prompt=(
            "Read the csv at `path` (semicolons, decimal commas) into `wetter`. "
            "What's the total precipitation? One number, two decimals."
        ),
        namespace=_german,
        check=says_all(
            number(lambda: data_sets.weather().head(365)["precipitation"].sum()), numeric("wetter", "precipitation")
        ),
        reference=('wetter = pd.read_csv(path, sep=";", decimal=",")\nprint(round(wetter["precipitation"].sum(), 2))'),
        split="dev",
    ),
    Task(
        name="latin-1-with-tabs",
        domain="loading",
        prompt=(
            "`file` is tab separated, in `encoding`, and writes `missing` for missing values. "
            "What's the mean Körpermasse (g) in it? Two decimals."
        ),
        namespace=_latin,
        check=number(lambda: data_sets.penguins().head(80)["body_mass_g"].mean()),
        reference=(
            'birds = pd.read_csv(file, sep="\\t", encoding=encoding, na_values=[missing])\n'
            'print(round(birds["Körpermasse (g)"].mean(), 2))'
        ),
        split="test",
    ),
    Task(
        name="comments-around-a-table",
        domain="loading",
        prompt=(
            "Load the csv at `source` into `nile`. There are comment lines starting with # before and after the table. "
            "How many years have a volume above 1000?"
        ),
        namespace=_preamble,
        check=says_all(
            number(lambda: (data_sets.nile()["volume"] > 1000).sum()),
            frame("nile", lambda: data_sets.nile().rename(columns={"volume": "volume_1e8_m3"})),
        ),
        reference=('nile = pd.read_csv(source, comment="#")\nprint((nile["volume_1e8_m3"] > 1000).sum())'),
        split="test",
    ),
    Task(
        name="gzipped-json-lines",
        domain="loading",
        prompt="path is a gzipped file of JSON lines. Load it and tell me which variety has the highest mean yield.",
        namespace=_lines,
        check=names(
            lambda: data_sets.barley().groupby("variety")["yield"].mean().idxmax(),
            lambda: data_sets.barley()["variety"].unique(),
        ),
        reference=('table = pd.read_json(path, lines=True)\nprint(table.groupby("variety")["yield"].mean().idxmax())'),
        split="dev",
    ),
    Task(
        name="two-tables-of-a-database",
        domain="loading",
        prompt=(
            "`db` is the path of a SQLite file with the tables prices and companies. What's the mean price over all "
            "rows of the companies whose seat is CA? Two decimals."
        ),
        namespace=_database,
        check=number(_in_california),
        reference=(
            "import sqlite3\n"
            "connection = sqlite3.connect(db)\n"
            "query = \"SELECT AVG(price) FROM prices JOIN companies USING (symbol) WHERE seat = 'CA'\"\n"
            "print(round(connection.execute(query).fetchone()[0], 2))\n"
            "connection.close()"
        ),
        split="test",
    ),
    Task(
        name="a-file-a-season",
        domain="loading",
        prompt=(
            "The folder `place` has one csv per year (penguins_2007.csv and so on). Put them together as `penguins`, "
            "with the year from the file name as an int column `year`. How many birds per year?"
        ),
        namespace=_parts,
        check=says_all(
            pairs(lambda: dict(data_sets.penguins()["year"].value_counts())),
            frame("penguins", data_sets.penguins, sort=["year", "species", "island", "bill_length_mm", "body_mass_g"]),
        ),
        reference=(
            "parts = []\n"
            'for each in sorted(place.glob("penguins_*.csv")):\n'
            '    parts.append(pd.read_csv(each).assign(year=int(each.stem.split("_")[1])))\n'
            "penguins = pd.concat(parts, ignore_index=True)\n"
            'for year, count in penguins["year"].value_counts().items():\n    print(year, count)'
        ),
        split="dev",
    ),
    Task(
        name="wine-from-scikit-learn",
        domain="loading",
        prompt=(
            "Load scikit-learn's built-in wine data as a data frame named `wine`, with the class in a column `target`. "
            "What is the mean alcohol of class 0? Two decimals."
        ),
        namespace=_busy,
        check=says_all(
            number(lambda: data_sets.wine().query("cultivar == 0")["alcohol"].mean()),
            frame("wine", lambda: data_sets.wine().rename(columns={"cultivar": "target"})),
        ),
        reference=(
            "from sklearn.datasets import load_wine\n\n"
            "wine = load_wine(as_frame=True).frame\n"
            'print(round(wine.loc[wine["target"] == 0, "alcohol"].mean(), 2))'
        ),
        split="dev",
    ),
    Task(
        name="penguins-from-their-package",
        domain="loading",
        prompt=(
            "df is not what I want. Load the penguins from the palmerpenguins package as `penguins`. "
            "How many rows and how many columns has it? Rows first."
        ),
        namespace=_busy,
        check=says_all(
            frame("penguins", data_sets.penguins),
            numbers(lambda: data_sets.penguins().shape),
        ),
        reference=(
            "from palmerpenguins import load_penguins\n\n"
            "penguins = load_penguins()\n"
            "print(penguins.shape[0], penguins.shape[1])"
        ),
        split="test",
    ),
)
