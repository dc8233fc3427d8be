"""Questions whose columns lie in two or three tables."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from codeact_jupyter.evaluation.task import Namespace, Task

from .. import data_sets
from ..checkers.answers import names, number
from .single import live

if TYPE_CHECKING:
    from pandas import DataFrame

MODES = {1: "air", 2: "train", 3: "bus", 4: "car"}
SEATS = {"MSFT": "Redmond", "AMZN": "Seattle", "IBM": "Armonk", "GOOG": "Mountain View", "AAPL": "Cupertino"}
_ask = partial(Task, domain="two-tables")


def _travel() -> Namespace:
    import pandas as pd

    table = data_sets.journeys()
    people = table[["individual", "hinc", "psize"]].drop_duplicates().reset_index(drop=True)
    trips = table[["individual", "mode", "choice", "invt", "invc"]]
    return {"pd": pd, "people": people, "trips": trips, "modes": pd.DataFrame(MODES.items(), columns=["mode", "name"])}


def _birds() -> Namespace:
    import pandas as pd

    table = data_sets.penguins().reset_index(names="ring")
    weights = table.loc[table["body_mass_g"].notna() & (table["ring"] % 9 != 4), ["ring", "body_mass_g", "year"]]
    return {
        "pd": pd,
        "birds": table[["ring", "species", "island", "sex"]],
        "weights": weights.rename(columns={"ring": "bird"}),
    }


def _market() -> Namespace:
    import pandas as pd

    seats = pd.DataFrame(SEATS.items(), columns=["ticker", "seat"])
    return {"pd": pd, "prices": data_sets.stocks(), "companies": seats}


def _fields() -> Namespace:
    import pandas as pd

    trials = data_sets.barley()
    plots = trials[["site", "year"]].drop_duplicates().reset_index(drop=True).reset_index(names="plot")
    yields = trials.merge(plots, on=["site", "year"])[["plot", "variety", "yield"]]
    return {"pd": pd, "plots": plots, "yields": yields}


def _gym() -> Namespace:
    import pandas as pd

    exercise, body = data_sets.gymnasts()
    return {"pd": pd, "exercise": exercise.reset_index(names="man"), "body": body.reset_index(names="man").iloc[::-1]}


_work = live(jobs=data_sets.employment, macro=data_sets.macro)


def _chosen() -> DataFrame:
    table = data_sets.journeys().query("choice == 1")
    return table.assign(name=table["mode"].map(MODES))


def _weighed() -> DataFrame:
    import pandas as pd

    tables: dict[str, DataFrame] = _birds()
    return pd.merge(tables["birds"], tables["weights"], left_on="ring", right_on="bird")


def _alone() -> str:
    return str(_chosen().query("psize == 1")["name"].mode()[0])


TASKS = (
    _ask(
        name="took-the-train",
        prompt="How many people chose the train?",
        namespace=_travel,
        check=number(lambda: (_chosen()["name"] == "train").sum()),
        reference='print(trips.merge(modes, on="mode").query("choice == 1 and name == \'train\'").shape[0])',
        split="dev",
    ),
    _ask(
        name="income-of-flyers",
        prompt="What is the mean household income (hinc) of the people who chose air? Two decimals.",
        namespace=_travel,
        check=number(lambda: _chosen().query("name == 'air'")["hinc"].mean()),
        reference=(
            'taken = trips[trips["choice"] == 1].merge(modes, on="mode").merge(people, on="individual")\n'
            'print(round(taken.loc[taken["name"] == "air", "hinc"].mean(), 2))'
        ),
        split="test",
    ),
    _ask(
        name="travelling-alone",
        prompt="Which mode do people who travel alone (psize 1) choose most often? Its name, please.",
        namespace=_travel,
        check=names(_alone, lambda: MODES.values()),
        reference=(
            'alone = people.loc[people["psize"] == 1, "individual"]\n'
            'taken = trips[(trips["choice"] == 1) & trips["individual"].isin(alone)].merge(modes, on="mode")\n'
            'print(taken["name"].value_counts().idxmax())'
        ),
        split="dev",
    ),
    _ask(
        name="rich-drivers-hours",
        prompt="What is the mean time in the car (invt) of people with hinc above 40 who chose the car? Two decimals.",
        namespace=_travel,
        check=number(lambda: _chosen().query("name == 'car' and hinc > 40")["invt"].mean()),
        reference=(
            'taken = trips.merge(modes, on="mode").merge(people, on="individual")\n'
            'rows = taken[(taken["choice"] == 1) & (taken["name"] == "car") & (taken["hinc"] > 40)]\n'
            "print(f\"{rows['invt'].mean():.2f}\")"
        ),
        split="test",
    ),
    _ask(
        name="share-of-redmond",
        prompt="What was the mean price in 2005 of the share whose company has its seat in Redmond? Two decimals.",
        namespace=_market,
        check=number(lambda: data_sets.stocks().query("symbol == 'MSFT' and date.dt.year == 2005")["price"].mean()),
        reference=(
            'all_prices = prices.merge(companies, left_on="symbol", right_on="ticker")\n'
            'rows = all_prices[(all_prices["seat"] == "Redmond") & (all_prices["date"].dt.year == 2005)]\n'
            'print(round(rows["price"].mean(), 2))'
        ),
        split="dev",
    ),
    _ask(
        name="strong-and-slim",
        prompt="Correlation between the waist of the men and their number of chins? Three decimals.",
        namespace=_gym,
        check=number(lambda: data_sets.gymnasts()[0]["Chins"].corr(data_sets.gymnasts()[1]["Waist"])),
        reference='both = exercise.merge(body, on="man")\nprint(round(both["Chins"].corr(both["Waist"]), 3))',
        split="test",
    ),
    _ask(
        name="male-gentoos-weighed",
        prompt="Mean body mass of the male Gentoo penguins that were weighed, two decimals?",
        namespace=_birds,
        check=number(lambda: _weighed().query("species == 'Gentoo' and sex == 'male'")["body_mass_g"].mean()),
        reference=(
            'both = birds.merge(weights, left_on="ring", right_on="bird")\n'
            "print(round(both.query(\"species == 'Gentoo' and sex == 'male'\")[\"body_mass_g\"].mean(), 2))"
        ),
        split="dev",
    ),
    _ask(
        name="never-weighed",
        prompt="On which island are the most birds that were never weighed?",
        namespace=_birds,
        check=names(
            lambda: (
                _birds()["birds"]
                .query("ring not in @seen", local_dict={"seen": set(_weighed()["ring"])})["island"]
                .mode()[0]
            ),
            lambda: ["Biscoe", "Dream", "Torgersen"],
        ),
        reference='print(birds.loc[~birds["ring"].isin(weights["bird"]), "island"].value_counts().idxmax())',
        split="test",
    ),
    _ask(
        name="best-site-of-1932",
        prompt="Which site had the highest mean yield in 1932?",
        namespace=_fields,
        check=names(
            lambda: data_sets.barley().query("year == 1932").groupby("site")["yield"].mean().idxmax(),
            lambda: data_sets.barley()["site"].unique(),
        ),
        reference=(
            'both = yields.merge(plots, on="plot")\n'
            'print(both[both["year"] == 1932].groupby("site")["yield"].mean().idxmax())'
        ),
        split="dev",
    ),
    _ask(
        name="workers-and-inflation",
        prompt=(
            "Take the years that both tables have. In which was the mean inflation (infl) highest, and what was "
            "mean manufacturing employment in that year (two decimals)?"
        ),
        namespace=_work,
        check=number(lambda: _at_most_inflation()),
        reference=(
            'jobs["month"].dt.year\n'
            'by_year = macro.groupby("year")["infl"].mean()\n'
            'workers = jobs.groupby(jobs["month"].dt.year)["manufacturing"].mean()\n'
            "common = by_year[by_year.index.isin(workers.index)]\n"
            "print(common.idxmax(), round(workers[common.idxmax()], 2))"
        ),
        split="test",
    ),
)


def _at_most_inflation() -> float:
    jobs, macro = data_sets.employment(), data_sets.macro()
    workers = jobs.groupby(jobs["month"].dt.year)["manufacturing"].mean()
    inflation = macro.groupby("year")["infl"].mean()
    return float(workers[inflation[inflation.index.isin(workers.index)].idxmax()])
