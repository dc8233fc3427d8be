"""Failing cells: a name, a column, a method, an argument or an import that is not there."""

from __future__ import annotations

from codeact_jupyter.evaluation.task import Namespace, Task

from .. import data_sets
from ..checkers.answers import names, number, pairs, says_all
from ..checkers.frames import frame


def _penguins() -> Namespace:
    import pandas as pd

    return {"pd": pd, "penguins": data_sets.penguins(), "df": None}


def _cars() -> Namespace:
    import pandas as pd

    return {"pd": pd, "cars": data_sets.cars(), "data": [1, 2, 3]}


def _spaced() -> Namespace:
    import pandas as pd

    table = data_sets.states().rename(columns={"hs_grad": "hs_grad ", "urban": " urban"})
    return {"pd": pd, "states": table, "mean": 12}


def _households() -> Namespace:
    return {"engel": data_sets.households(), "base": 10}


def _seasons() -> Namespace:
    import pandas as pd

    birds = data_sets.penguins()
    parts = {year: part.reset_index(drop=True) for year, part in birds.groupby("year")}
    return {"pd": pd, "early": parts[2007], "late": parts[2009], "all_birds": None}


def _prices() -> Namespace:
    import pandas as pd

    table = data_sets.stocks()
    last = table[table["date"] == table["date"].max()].set_index("symbol")["price"]
    return {"pd": pd, "last": last, "shares": {"AAPL": 3, "IBM": 5, "MSFT": 20, "GOOG": 1, "AMZN": 2}}


def _worth() -> dict[str, float]:
    held = _prices()
    return {symbol: price * held["shares"][symbol] for symbol, price in held["last"].items()}


def _weather() -> Namespace:
    import pandas as pd

    def in_fahrenheit(celsius: float, *, digits: int = 1) -> float:
        """Degrees Celsius as degrees Fahrenheit."""
        return round(celsius * 9 / 5 + 32, digits)

    return {"pd": pd, "weather": data_sets.weather(), "in_fahrenheit": in_fahrenheit}


TASKS = (
    Task(
        name="misspelt-name",
        domain="naming",
        prompt="This cell fails. Fix it and tell me the result.",
        cell=('masses = penguins.groupby("island")["body_mass_g"].median()\nprint(mases.idxmax(), mases.max())'),
        namespace=_penguins,
        check=says_all(
            names(lambda: "Biscoe", lambda: data_sets.penguins()["island"].unique()),
            number(lambda: data_sets.penguins().groupby("island")["body_mass_g"].median().max()),
        ),
        reference=('masses = penguins.groupby("island")["body_mass_g"].median()\nprint(masses.idxmax(), masses.max())'),
        split="dev",
    ),
    Task(
        name="column-in-lower-case",
        domain="naming",
        prompt="this one fails, please fix it and tell me the number (2 decimals)",
        cell='heavy = cars[cars["weight_in_lbs"] > 3000]\nprint(heavy["horsepower"].mean())',
        namespace=_cars,
        check=number(lambda: data_sets.cars().query("Weight_in_lbs > 3000")["Horsepower"].mean()),
        reference='heavy = cars[cars["Weight_in_lbs"] > 3000]\nprint(round(heavy["Horsepower"].mean(), 2))',
        split="test",
    ),
    Task(
        name="spaces-around-columns",
        domain="naming",
        prompt="KeyError, but the columns are there! Fix it and tell me the correlation, three decimals.",
        cell='print(states["hs_grad"].corr(states["urban"]))',
        namespace=_spaced,
        check=number(lambda: data_sets.states()["hs_grad"].corr(data_sets.states()["urban"])),
        reference=(
            'states.columns = states.columns.str.strip()\nprint(round(states["hs_grad"].corr(states["urban"]), 3))'
        ),
        split="dev",
    ),
    Task(
        name="import-forgotten",
        domain="naming",
        prompt="Fix this cell and tell me what it prints.",
        cell='logs = np.log10(engel["income"])\nprint(round(logs.std(), 4))',
        namespace=_households,
        check=number(lambda: _log_spread()),
        reference='import numpy as np\n\nlogs = np.log10(engel["income"])\nprint(round(logs.std(), 4))',
        split="test",
    ),
    Task(
        name="append-is-gone",
        domain="naming",
        prompt=(
            "This worked with an old pandas. Fix it, so that all_birds holds the rows of both, and tell me how many "
            "females there are."
        ),
        cell=('all_birds = early.append(late, ignore_index=True)\nprint((all_birds["sex"] == "female").sum())'),
        namespace=_seasons,
        check=says_all(
            number(lambda: data_sets.penguins().query("year != 2008 and sex == 'female'").shape[0]),
            frame(
                "all_birds",
                lambda: data_sets.penguins().query("year != 2008"),
                sort=["year", "species", "island", "bill_length_mm", "body_mass_g"],
            ),
        ),
        reference=(
            'all_birds = pd.concat([early, late], ignore_index=True)\nprint((all_birds["sex"] == "female").sum())'
        ),
        split="test",
    ),
    Task(
        name="iteritems-is-gone",
        domain="naming",
        prompt="Cell fails. Fix it and tell me the worth of each symbol, two decimals.",
        cell=(
            "worth = {}\n"
            "for symbol, price in last.iteritems():\n"
            "    worth[symbol] = price * shares[symbol]\n"
            "print(worth)"
        ),
        namespace=_prices,
        check=pairs(_worth),
        reference=(
            "worth = {}\n"
            "for symbol, price in last.items():\n"
            "    worth[symbol] = round(float(price * shares[symbol]), 2)\n"
            "print(worth)"
        ),
        split="dev",
    ),
    Task(
        name="mad-is-gone",
        domain="naming",
        prompt=(
            "Series.mad() no longer exists: it was the mean absolute deviation from the mean. Fix the cell and tell me "
            "the value, three decimals."
        ),
        cell='spread = weather["wind"].mad()\nprint(round(spread, 3))',
        namespace=_weather,
        check=number(lambda: (data_sets.weather()["wind"] - data_sets.weather()["wind"].mean()).abs().mean()),
        reference='wind = weather["wind"]\nspread = (wind - wind.mean()).abs().mean()\nprint(round(spread, 3))',
        split="dev",
    ),
    Task(
        name="arguments-of-a-helper",
        domain="naming",
        prompt="This cell fails. Fix it and tell me the result.",
        cell='hottest = weather["temp_max"].max()\nprint(in_fahrenheit(temp=hottest, decimals=2))',
        namespace=_weather,
        check=number(lambda: data_sets.weather()["temp_max"].max() * 9 / 5 + 32),
        reference='hottest = weather["temp_max"].max()\nprint(in_fahrenheit(hottest, digits=2))',
        split="test",
    ),
)


def _log_spread() -> float:
    import numpy as np

    return float(np.log10(data_sets.households()["income"]).std())
