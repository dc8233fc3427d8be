"""Failing cells: tables and arrays that do not fit together, the wrong axis, level or key."""

from __future__ import annotations

from codeact_jupyter.evaluation.task import Namespace, Task

from .. import data_sets
from ..checkers.answers import names, number, numbers, pairs, says_all
from ..checkers.frames import frame
from ..checkers.plots import canvas, line, shows


def _keys() -> Namespace:
    import pandas as pd

    years = data_sets.electricity()["year"].unique()
    visits = pd.DataFrame({"year": [str(year) for year in years], "price": [5.0 + i / 4 for i in range(len(years))]})
    return {"pd": pd, "power": data_sets.electricity(), "rates": visits, "cost": 0.0}


def _cost() -> float:
    power = data_sets.electricity()
    rate = dict(zip(_keys()["rates"]["year"].astype(int), _keys()["rates"]["price"], strict=True))
    return float((power["net_generation"] * power["year"].map(rate)).sum())


def _birds() -> Namespace:
    import numpy as np
    import pandas as pd

    birds = data_sets.penguins()
    return {"pd": pd, "np": np, "penguins": birds, "sexes": birds["sex"]}


def _sea() -> Namespace:
    import pandas as pd

    return {"pd": pd, "sea": data_sets.sea(), "last_year": 2010}


def _levels() -> Namespace:
    import pandas as pd

    invest = data_sets.firms().set_index(["firm", "year"])["invest"]
    return {"pd": pd, "invest": invest, "year": 1954}


def _trials() -> Namespace:
    import pandas as pd

    return {"pd": pd, "trials": data_sets.barley(), "variety": "Trebi"}


def _cars() -> Namespace:
    import pandas as pd

    return {"pd": pd, "df": data_sets.cars(), "limit": 30}


def _weights() -> Namespace:
    import numpy as np
    import pandas as pd

    runs = data_sets.stackloss()
    return {"pd": pd, "np": np, "runs": runs, "weights": np.array([-39.92, 0.716, 1.295, -0.152])}


def _predicted() -> float:
    runs = data_sets.stackloss()
    fitted = -39.92 + 0.716 * runs["AIRFLOW"] + 1.295 * runs["WATERTEMP"] - 0.152 * runs["ACIDCONC"]
    return float((runs["STACKLOSS"] - fitted).abs().max())


def _plot() -> Namespace:
    return {"plt": canvas(), "flow": data_sets.nile(), "window": 10}


TASKS = (
    Task(
        name="keys-of-two-types",
        domain="tables",
        prompt="This cell fails. Fix it and tell me the cost, two decimals.",
        cell=(
            'joined = power.merge(rates, on="year")\n'
            'cost = (joined["net_generation"] * joined["price"]).sum()\nprint(cost)'
        ),
        namespace=_keys,
        check=number(_cost),
        reference=(
            'joined = power.merge(rates.astype({"year": int}), on="year")\n'
            'cost = (joined["net_generation"] * joined["price"]).sum()\nprint(round(cost, 2))'
        ),
        split="dev",
    ),
    Task(
        name="gaps-dropped-apart",
        domain="tables",
        prompt=(
            "It says the lengths differ. Use only the birds that have both the mass and the sex, and tell me the "
            "correlation, three decimals."
        ),
        cell=(
            'mass = penguins["body_mass_g"].dropna().to_numpy()\n'
            'male = (sexes.dropna() == "male").to_numpy().astype(float)\n'
            "print(np.corrcoef(mass, male)[0, 1])"
        ),
        namespace=_birds,
        check=number(
            lambda: (
                data_sets.penguins()
                .dropna(subset=["body_mass_g", "sex"])["body_mass_g"]
                .corr((data_sets.penguins().dropna(subset=["body_mass_g", "sex"])["sex"] == "male").astype(float))
            )
        ),
        reference=(
            'both = penguins.dropna(subset=["body_mass_g", "sex"])\n'
            'print(round(np.corrcoef(both["body_mass_g"], both["sex"] == "male")[0, 1], 3))'
        ),
        split="test",
    ),
    Task(
        name="drop-on-the-wrong-axis",
        domain="tables",
        prompt="Fix this, then tell me which month is the warmest on average, and its mean with two decimals.",
        cell='means = sea.drop("YEAR").mean()\nprint(means.idxmax(), means.max())',
        namespace=_sea,
        check=says_all(
            names(lambda: data_sets.sea().iloc[:, 1:].mean().idxmax(), lambda: data_sets.sea().columns[1:]),
            number(lambda: data_sets.sea().iloc[:, 1:].mean().max()),
        ),
        reference='means = sea.drop(columns="YEAR").mean()\nprint(means.idxmax(), round(means.max(), 2))',
        split="dev",
    ),
    Task(
        name="level-that-is-not-there",
        domain="tables",
        prompt="This cell fails. Fix it and tell me the year and the total, two decimals.",
        cell='totals = invest.groupby(level="Year").sum()\nprint(totals.idxmax(), totals.max())',
        namespace=_levels,
        check=numbers(lambda: _best_year()),
        reference=('totals = invest.groupby(level="year").sum()\nprint(totals.idxmax(), round(totals.max(), 2))'),
        split="test",
    ),
    Task(
        name="pivot-with-duplicates",
        domain="tables",
        prompt=(
            "pivot complains about duplicates, as there are two years. Take their mean, so that `wide` has a row per "
            "variety and a column per site, and tell me the value for Trebi at Morris (two decimals)."
        ),
        cell=(
            'wide = trials.pivot(index="variety", columns="site", values="yield")\nprint(wide.loc["Trebi", "Morris"])'
        ),
        namespace=_trials,
        check=says_all(
            number(lambda: data_sets.barley().query("variety == 'Trebi' and site == 'Morris'")["yield"].mean()),
            frame(
                "wide",
                lambda: data_sets.barley().groupby(["variety", "site"])["yield"].mean().unstack().reset_index(),
                sort=["variety"],
            ),
        ),
        reference=(
            'wide = trials.pivot_table(index="variety", columns="site", values="yield", aggfunc="mean")\n'
            'print(round(wide.loc["Trebi", "Morris"], 2))'
        ),
        split="test",
    ),
    Task(
        name="and-between-columns",
        domain="tables",
        prompt="Why does this not work? Fix it and tell me the number.",
        cell='good = df[df["Miles_per_Gallon"] > limit and df["Origin"] == "USA"]\nprint(len(good))',
        namespace=_cars,
        check=number(lambda: len(data_sets.cars().query("Miles_per_Gallon > 30 and Origin == 'USA'"))),
        reference='good = df[(df["Miles_per_Gallon"] > limit) & (df["Origin"] == "USA")]\nprint(len(good))',
        split="dev",
    ),
    Task(
        name="mean-of-text",
        domain="tables",
        prompt="Fix it and tell me the mean Acceleration of each Origin, two decimals.",
        cell='by = df.groupby("Origin").mean()\nprint(by["Acceleration"])',
        namespace=_cars,
        check=pairs(lambda: dict(data_sets.cars().groupby("Origin")["Acceleration"].mean())),
        reference=('by = df.groupby("Origin").mean(numeric_only=True)\nprint(by["Acceleration"].round(2).to_dict())'),
        split="dev",
    ),
    Task(
        name="weights-with-an-intercept",
        domain="tables",
        prompt=(
            "The first of the weights is the intercept, so the shapes don't match. Fix it and tell me the largest "
            "absolute error, two decimals."
        ),
        cell=(
            'X = runs[["AIRFLOW", "WATERTEMP", "ACIDCONC"]].to_numpy()\n'
            'errors = runs["STACKLOSS"].to_numpy() - X @ weights\nprint(np.abs(errors).max())'
        ),
        namespace=_weights,
        check=number(_predicted),
        reference=(
            'X = runs[["AIRFLOW", "WATERTEMP", "ACIDCONC"]].to_numpy()\n'
            'errors = runs["STACKLOSS"].to_numpy() - (weights[0] + X @ weights[1:])\n'
            "print(round(np.abs(errors).max(), 2))"
        ),
        split="test",
    ),
    Task(
        name="lines-of-other-lengths",
        domain="tables",
        prompt=(
            "x and y don't have the same length here. Plot each mean at the last year of its window, keep `ax`, and "
            "tell me the highest of the means, two decimals."
        ),
        cell=(
            'smooth = flow["volume"].rolling(window).mean().dropna()\n'
            "fig, ax = plt.subplots()\n"
            'ax.plot(flow["year"], smooth)\nprint(smooth.max())'
        ),
        namespace=_plot,
        check=says_all(
            number(lambda: data_sets.nile()["volume"].rolling(10).mean().max()),
            shows(
                line(
                    lambda: data_sets.nile()["volume"].rolling(10).mean().dropna(),
                    x=lambda: data_sets.nile()["year"].iloc[9:],
                )
            ),
        ),
        reference=(
            'smooth = flow["volume"].rolling(window).mean().dropna()\n'
            "fig, ax = plt.subplots()\n"
            'ax.plot(flow.loc[smooth.index, "year"], smooth)\nprint(round(smooth.max(), 2))'
        ),
        split="dev",
    ),
)


def _best_year() -> tuple[int, float]:
    totals = data_sets.firms().groupby("year")["invest"].sum()
    return int(totals.idxmax()), float(totals.max())
