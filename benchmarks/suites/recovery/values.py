"""Failing cells: values of another type or form than the code takes them for."""

from __future__ import annotations

from codeact_jupyter.evaluation.task import Namespace, Task

from .. import data_sets
from ..checkers.answers import names, number, pairs, says_all
from ..checkers.frames import frame, numeric


def _ledger() -> Namespace:
    import pandas as pd

    firms = data_sets.firms()[["firm", "year", "capital"]]
    firms["capital"] = [f"{amount * 10:,.1f}" for amount in firms["capital"]]
    return {"pd": pd, "ledger": firms, "total": 0}


def _nile() -> Namespace:
    return {"flow": data_sets.nile(), "total": 91935, "unit": "10^8 m3"}


def _dates() -> Namespace:
    import pandas as pd

    days = data_sets.weather().head(120)[["date", "temp_max", "precipitation"]]
    dates = [f"{day:%d/%m/%Y}" if i % 4 == 1 else f"{day:%Y-%m-%d}" for i, day in enumerate(days["date"])]
    return {"pd": pd, "log": days.assign(date=dates), "day": "2012-02-14"}


def _latin() -> Namespace:
    import pandas as pd

    path = data_sets.folder() / "stationen.csv"
    sites = data_sets.barley().replace({"site": {"Grand Rapids": "Große Stromschnellen", "Crookston": "Krümme"}})
    sites.to_csv(path, index=False, encoding="cp1252")
    return {"pd": pd, "path": str(path), "sites": 6}


def _birds() -> Namespace:
    import pandas as pd

    return {"pd": pd, "penguins": data_sets.penguins(), "grams_per_pound": 453.59237}


def _species_by_island() -> Namespace:
    birds = data_sets.penguins()
    islands, kinds = sorted(birds["island"].unique()), sorted(birds["species"].unique())
    males = birds[birds["sex"] == "male"]
    counts = {
        island: {
            kind: {
                "all": int(((birds["island"] == island) & (birds["species"] == kind)).sum()),
                "males": int(((males["island"] == island) & (males["species"] == kind)).sum()),
            }
            for kind in kinds
        }
        for island in islands
    }
    return {"counts": counts, "islands": islands, "species": kinds}


def _fewest_males() -> tuple[str, str, float]:
    birds = data_sets.penguins()
    share = (birds["sex"] == "male").groupby([birds["island"], birds["species"]]).mean() * 100
    return (*share.idxmin(), float(share.min()))


def _zones() -> Namespace:
    import pandas as pd

    days = data_sets.weather()
    launch = pd.Timestamp("2015-12-31 08:00", tz="America/Los_Angeles")
    return {"pd": pd, "weather": days, "launch": launch, "kind": "snow"}


def _days_since_snow() -> int:
    import pandas as pd

    days = data_sets.weather()
    return int((pd.Timestamp("2015-12-31") - days.loc[days["weather"] == "snow", "date"].max()).days)


TASKS = (
    Task(
        name="text-plus-number",
        domain="values",
        prompt="Fix this cell and tell me what it prints.",
        cell='total = flow.loc[flow["year"] >= 1900, "volume"].sum()\nprint("Total since 1900: " + total + " " + unit)',
        namespace=_nile,
        check=number(lambda: data_sets.nile().query("year >= 1900")["volume"].sum()),
        reference='total = flow.loc[flow["year"] >= 1900, "volume"].sum()\nprint(f"Total since 1900: {total}")',
        split="dev",
    ),
    Task(
        name="commas-in-numbers",
        domain="values",
        prompt=(
            "The conversion fails. Fix it, so that capital in ledger is numeric, and tell me the total (two decimals)."
        ),
        cell='ledger["capital"] = ledger["capital"].astype(float)\ntotal = ledger["capital"].sum()\nprint(total)',
        namespace=_ledger,
        check=says_all(number(lambda: (data_sets.firms()["capital"] * 10).sum()), numeric("ledger", "capital")),
        reference=(
            'ledger["capital"] = ledger["capital"].str.replace(",", "").astype(float)\n'
            'total = ledger["capital"].sum()\nprint(round(total, 2))'
        ),
        split="test",
    ),
    Task(
        name="dates-of-two-kinds",
        domain="values",
        prompt=(
            "Some dates in log are day/month/year, which breaks this cell. Fix it, so that log has proper dates, and "
            "tell me the mean temp_max of March, two decimals."
        ),
        cell=(
            'log["date"] = pd.to_datetime(log["date"], format="%Y-%m-%d")\n'
            'print(log[log["date"].dt.month == 3]["temp_max"].mean())'
        ),
        namespace=_dates,
        check=says_all(
            number(lambda: data_sets.weather().head(120).query("date.dt.month == 3")["temp_max"].mean()),
            frame("log", lambda: data_sets.weather().head(120)[["date", "temp_max", "precipitation"]], sort=["date"]),
        ),
        reference=(
            'plain = pd.to_datetime(log["date"], format="%Y-%m-%d", errors="coerce")\n'
            'log["date"] = plain.fillna(pd.to_datetime(log["date"], format="%d/%m/%Y", errors="coerce"))\n'
            'print(round(log[log["date"].dt.month == 3]["temp_max"].mean(), 2))'
        ),
        split="test",
    ),
    Task(
        name="file-that-is-not-utf-8",
        domain="values",
        prompt=(
            "UnicodeDecodeError! The file comes from an old Windows machine. Fix the cell and tell me the site with "
            "the lowest mean yield."
        ),
        cell='table = pd.read_csv(path)\nmeans = table.groupby("site")["yield"].mean()\nprint(means.idxmin())',
        namespace=_latin,
        check=names(
            lambda: "Große Stromschnellen",
            lambda: ["Große Stromschnellen", "Krümme", "University Farm", "Waseca", "Morris", "Duluth"],
        ),
        reference=(
            'table = pd.read_csv(path, encoding="cp1252")\n'
            'means = table.groupby("site")["yield"].mean()\nprint(means.idxmin())'
        ),
        split="dev",
    ),
    Task(
        name="whole-numbers-with-gaps",
        domain="values",
        prompt=(
            "This cell fails. Fix it (leave out the birds without a body mass) and tell me the mean in whole grams per "
            "species that it prints."
        ),
        cell=(
            'penguins["body_mass_g"] = penguins["body_mass_g"].astype(int)\n'
            'print(penguins.groupby("species")["body_mass_g"].mean().round().astype(int))'
        ),
        namespace=_birds,
        check=pairs(lambda: dict(data_sets.penguins().groupby("species")["body_mass_g"].mean().round())),
        reference=(
            'known = penguins.dropna(subset=["body_mass_g"])\n'
            'print(known.groupby("species")["body_mass_g"].mean().round().astype(int).to_dict())'
        ),
        split="dev",
    ),
    Task(
        name="division-by-nothing",
        domain="values",
        prompt=(
            "ZeroDivisionError, as not every species lives on every island. Fix the cell by skipping what isn't there "
            "and tell me the result: island, species, percentage with two decimals."
        ),
        cell=(
            "best = None\n"
            "for island in islands:\n"
            "    for kind in species:\n"
            "        count = counts[island][kind]\n"
            '        share = count["males"] / count["all"] * 100\n'
            "        if best is None or share < best[2]:\n"
            "            best = (island, kind, share)\n"
            "print(best)"
        ),
        namespace=_species_by_island,
        check=says_all(
            names(lambda: _fewest_males()[0], lambda: ["Biscoe", "Dream", "Torgersen"]),
            names(lambda: _fewest_males()[1], lambda: ["Adelie", "Chinstrap", "Gentoo"]),
            number(lambda: _fewest_males()[2]),
        ),
        reference=(
            "shares = []\n"
            "for island in islands:\n"
            "    for kind in species:\n"
            "        count = counts[island][kind]\n"
            '        if count["all"]:\n'
            '            shares.append((count["males"] / count["all"] * 100, island, kind))\n'
            "share, island, kind = min(shares)\n"
            "print(island, kind, round(share, 2))"
        ),
        split="test",
    ),
    Task(
        name="time-zone-against-none",
        domain="values",
        prompt=(
            "The dates in weather are local days of Los Angeles time. This cell fails; fix it and tell me how many "
            "whole days lie between the last snow and launch."
        ),
        cell='last_snow = weather.loc[weather["weather"] == kind, "date"].max()\nprint((launch - last_snow).days)',
        namespace=_zones,
        check=number(_days_since_snow),
        reference=(
            'last_snow = weather.loc[weather["weather"] == kind, "date"].max()\n'
            "print((launch.tz_localize(None) - last_snow).days)"
        ),
        split="test",
    ),
)
