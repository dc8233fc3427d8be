"""Joins: of frames with other key names, with dicts, with lists of dicts; what matches, and what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeact_jupyter.evaluation.task import Namespace, Task

from .. import data_sets
from ..checkers.answers import names, number, pairs
from ..checkers.frames import frame

if TYPE_CHECKING:
    from pandas import DataFrame, Series

SECTORS = {
    "General Motors": "cars",
    "Chrysler": "cars",
    "US Steel": "steel",
    "American Steel": "steel",
    "General Electric": "electrical",
    "Westinghouse": "electrical",
    "IBM": "machines",
    "Atlantic Refining": "oil",
    "Union Oil": "oil",
    "Goodyear": "rubber",
    "Diamond Match": "matches",
}
ZONES = {"WA": "Pacific", "OR": "Pacific", "CA": "Pacific", "NV": "Pacific", "UT": "Mountain", "CO": "Mountain"}
ABBREVIATIONS = {
    "Alabama": "AL",
    "Alaska": "AK",
    "Arizona": "AZ",
    "California": "CA",
    "Florida": "FL",
    "Georgia": "GA",
    "Nevada": "NV",
    "Ohio": "OH",
    "Oregon": "OR",
    "Texas": "TX",
    "Utah": "UT",
    "Vermont": "VT",
}


def _sectors() -> Namespace:
    import pandas as pd

    return {"pd": pd, "df": data_sets.firms(), "sector": dict(SECTORS), "year": 1935}


def _invested() -> Series:
    firms = data_sets.firms()
    return firms[firms["year"] == 1954].groupby(firms["firm"].map(SECTORS))["invest"].sum()


def _zones() -> Namespace:
    import pandas as pd

    zones = pd.DataFrame({"abbr": [*ZONES, "WY"], "zone": [*ZONES.values(), None]})
    return {"pd": pd, "airports": data_sets.airports(), "zones": zones, "states": list(ZONES)}


def _holdings() -> Namespace:
    import pandas as pd

    held = [("IBM", 40), ("AAPL", 15), ("MSFT", 120), ("GOOG", 4), ("HPQ", 70)]
    prices = [{"ticker": name, "shares": count, "currency": "USD"} for name, count in held]
    return {"pd": pd, "prices": prices, "quotes": data_sets.stocks(), "value": 0}


def _worth() -> float:
    final = data_sets.stocks().sort_values("date").groupby("symbol")["price"].last()
    return float(final["IBM"] * 40 + final["AAPL"] * 15 + final["MSFT"] * 120 + final["GOOG"] * 4)


def _codes() -> DataFrame:
    import pandas as pd

    table = pd.DataFrame({"State": list(ABBREVIATIONS), "code": list(ABBREVIATIONS.values())})
    table.loc[table["State"].isin(["Ohio", "Utah"]), "State"] = ["ohio ", "UTAH"]
    return table


def _crime() -> Namespace:
    import pandas as pd

    return {"pd": pd, "crime": data_sets.states(), "codes": _codes(), "murder": 5.3}


def _matched() -> DataFrame:
    states = data_sets.states()[["state", "murder", "poverty"]]
    return states.assign(code=states["state"].map(ABBREVIATIONS)).dropna()


def _seasons() -> Namespace:
    import pandas as pd

    birds = data_sets.penguins().assign(id=range(1, 345))
    a, b = birds[["id", "species", "island"]], birds[["id", "body_mass_g", "sex"]].dropna()
    return {"pd": pd, "a": a, "b": b.sample(frac=1, random_state=4), "id_max": 344}


def _rates() -> Namespace:
    import pandas as pd

    spans = [(1960, "Eisenhower"), (1961, "Kennedy"), (1964, "Johnson"), (1969, "Nixon"), (1975, "Ford")]
    spans += [(1977, "Carter"), (1981, "Reagan"), (1989, "Bush"), (1993, "Clinton"), (2001, "Bush junior")]
    terms = pd.DataFrame(spans, columns=["from_year", "president"])
    return {"pd": pd, "macro_old": data_sets.macro(), "terms": terms, "first": 1960}


def _inflation_by_term() -> str:
    import pandas as pd

    terms = _rates()["terms"]
    macro = data_sets.macro().query("year >= 1960")
    joined = pd.merge_asof(macro, terms, left_on="year", right_on="from_year")
    return str(joined.groupby("president")["infl"].mean().idxmax())


TASKS = (
    Task(
        name="invest-by-sector",
        domain="joining",
        prompt="Total invest of 1954 by sector, please. The dict `sector` says which firm is in which. Two decimals",
        namespace=_sectors,
        check=pairs(lambda: dict(_invested())),
        reference=(
            'last = df[df["year"] == 1954]\n'
            'total = last.groupby(last["firm"].map(sector))["invest"].sum()\n'
            "for name, amount in total.items():\n    print(name, round(amount, 2))"
        ),
        split="dev",
    ),
    Task(
        name="airports-of-a-zone",
        domain="joining",
        prompt="zones gives the time zone of some states. How many of the airports are in a state of the Pacific zone?",
        namespace=_zones,
        check=number(lambda: (data_sets.airports()["state"].map(ZONES) == "Pacific").sum()),
        reference=(
            'joined = airports.merge(zones, left_on="state", right_on="abbr")\n'
            'print((joined["zone"] == "Pacific").sum())'
        ),
        split="test",
    ),
    Task(
        name="worth-of-holdings",
        domain="joining",
        prompt=(
            "prices is really a list of what I hold. What is it all worth at each symbol's latest price in quotes? "
            "Skip what has no quote. Two decimals."
        ),
        namespace=_holdings,
        check=number(_worth),
        reference=(
            'latest = quotes.sort_values("date").groupby("symbol")["price"].last()\n'
            'held = pd.DataFrame(prices).set_index("ticker")["shares"]\n'
            "print(round((held * latest).dropna().sum(), 2))"
        ),
        split="test",
    ),
    Task(
        name="unmatched-holding",
        domain="joining",
        prompt="Which ticker in prices (a list of dicts) has no row at all in quotes? Just the ticker.",
        namespace=_holdings,
        check=names(lambda: "HPQ", lambda: ["IBM", "AAPL", "MSFT", "GOOG", "AMZN", "HPQ"]),
        reference='print(set(pd.DataFrame(prices)["ticker"]) - set(quotes["symbol"]))',
        split="dev",
    ),
    Task(
        name="states-with-messy-keys",
        domain="joining",
        prompt=(
            "Join crime and codes on the state's name (mind capitals and spaces in codes) and store as `joined` the "
            "columns state, code, murder, poverty of the states that are in both. One row per state."
        ),
        namespace=_crime,
        check=frame("joined", lambda: _matched(), sort=["code"]),
        reference=(
            'keys = codes.assign(state=codes["State"].str.strip().str.title())[["state", "code"]]\n'
            'joined = crime.merge(keys, on="state")[["state", "code", "murder", "poverty"]]\n'
            "print(len(joined))"
        ),
        split="test",
    ),
    Task(
        name="ids-without-a-match",
        domain="joining",
        prompt="How many ids of a have no row in b?",
        namespace=_seasons,
        check=number(lambda: data_sets.penguins()[["body_mass_g", "sex"]].isna().any(axis=1).sum()),
        reference='print((~a["id"].isin(b["id"])).sum())',
        split="dev",
    ),
    Task(
        name="heavy-by-joined-species",
        domain="joining",
        prompt="Join a and b on id. Mean body mass of the males by species, two decimals?",
        namespace=_seasons,
        check=pairs(lambda: dict(data_sets.penguins().query("sex == 'male'").groupby("species")["body_mass_g"].mean())),
        reference=(
            'both = a.merge(b, on="id")\n'
            'means = both[both["sex"] == "male"].groupby("species")["body_mass_g"].mean()\n'
            "print(means.round(2).to_dict())"
        ),
        split="dev",
    ),
    Task(
        name="inflation-by-president",
        domain="joining",
        prompt=(
            "terms says from which year on each president counts, until the next one. Give every quarter of macro_old "
            "from 1960 on its president: under whom was the mean of infl highest? Just the name."
        ),
        namespace=_rates,
        check=names(_inflation_by_term, lambda: _rates()["terms"]["president"]),
        reference=(
            'recent = macro_old[macro_old["year"] >= first].sort_values("year")\n'
            'joined = pd.merge_asof(recent, terms, left_on="year", right_on="from_year")\n'
            'print(joined.groupby("president")["infl"].mean().idxmax())'
        ),
        split="test",
    ),
)
