"""Plots, judged by matplotlib's objects: bars, lines, points, labels, legends."""

from __future__ import annotations

from codeact_jupyter.evaluation.task import Namespace, Task

from .. import data_sets
from ..checkers.plots import bars, canvas, histogram, legend, line, logarithmic, points, says, shows, straight


def _penguins() -> Namespace:
    import pandas as pd

    birds = data_sets.penguins()
    return {"pd": pd, "plt": canvas(), "penguins": birds, "mean": birds["body_mass_g"].mean()}


def _econ() -> Namespace:
    return {"plt": canvas(), "macro": data_sets.macro(), "title": "unemployment"}


def _cars() -> Namespace:
    import pandas as pd

    return {"pd": pd, "plt": canvas(), "df2": data_sets.cars(), "colours": ["tab:blue", "tab:orange"]}


def _stocks() -> Namespace:
    return {"plt": canvas(), "prices": data_sets.stocks().to_dict("records"), "symbols": ["AAPL", "MSFT"]}


def _airports() -> Namespace:
    import pandas as pd

    return {"pd": pd, "plt": canvas(), "airports": data_sets.airports(), "top": 8}


def _weather() -> Namespace:
    import pandas as pd

    return {"pd": pd, "plt": canvas(), "weather": data_sets.weather(), "months": list(data_sets.MONTHS)}


def _price(symbol: str) -> list[float]:
    return list(data_sets.stocks().query("symbol == @symbol").sort_values("date")["price"])


def _fit() -> tuple[float, float, float, float]:
    import numpy as np

    known = data_sets.cars().query("Origin == 'Japan'").dropna(subset=["Miles_per_Gallon"])
    slope, intercept = np.polyfit(known["Weight_in_lbs"], known["Miles_per_Gallon"], 1)
    return slope, intercept, known["Weight_in_lbs"].min(), known["Weight_in_lbs"].max()


def _monthly_rain() -> dict[str, float]:
    days = data_sets.weather().query("date.dt.year == 2015")
    totals = days.groupby(days["date"].dt.month)["precipitation"].sum()
    return {name[:3]: totals[i + 1] for i, name in enumerate(data_sets.MONTHS)}


TASKS = (
    Task(
        name="mass-bars",
        domain="plotting",
        prompt=(
            "Bar chart of the mean body mass per species, y label 'body mass (g)', title 'Penguins'. "
            "Keep the axes as `ax`."
        ),
        namespace=_penguins,
        check=shows(
            bars(lambda: dict(data_sets.penguins().groupby("species")["body_mass_g"].mean())),
            says(y="body mass (g)", title="Penguins"),
        ),
        reference=(
            'means = penguins.groupby("species")["body_mass_g"].mean()\n'
            'ax = means.plot.bar(ylabel="body mass (g)", title="Penguins")\n'
            'print("done")'
        ),
        split="dev",
    ),
    Task(
        name="unemployment-line",
        domain="plotting",
        prompt=(
            "Plot unemp of macro as a line over time, with year + (quarter - 1) / 4 on the x axis. Label the axes "
            "'year' and 'unemployment (%)'. Keep the axes as `ax`."
        ),
        namespace=_econ,
        check=shows(line(lambda: data_sets.macro()["unemp"]), says(x="year", y="unemployment (%)")),
        reference=(
            "fig, ax = plt.subplots()\n"
            'ax.plot(macro["year"] + (macro["quarter"] - 1) / 4, macro["unemp"])\n'
            'ax.set(xlabel="year", ylabel="unemployment (%)")\nprint("done")'
        ),
        split="test",
    ),
    Task(
        name="species-scatter",
        domain="plotting",
        prompt=(
            "Scatter plot: flipper_length_mm on x, body_mass_g on y, one colour per species, with a legend that names "
            "the species, axes labelled with the column names. Keep the axes as `ax`."
        ),
        namespace=_penguins,
        check=shows(
            points(lambda: data_sets.penguins()[["flipper_length_mm", "body_mass_g"]].dropna().itertuples(index=False)),
            legend("Adelie", "Chinstrap", "Gentoo"),
            says(x="flipper_length_mm", y="body_mass_g"),
        ),
        reference=(
            "fig, ax = plt.subplots()\n"
            'for species, birds in penguins.groupby("species"):\n'
            '    ax.scatter(birds["flipper_length_mm"], birds["body_mass_g"], label=species)\n'
            'ax.set(xlabel="flipper_length_mm", ylabel="body_mass_g")\nax.legend()\nprint("done")'
        ),
        split="test",
    ),
    Task(
        name="mileage-histogram",
        domain="plotting",
        prompt="Histogram of Miles_per_Gallon in df2 with 15 bins and x label 'mpg'. Keep the axes as `ax`.",
        namespace=_cars,
        check=shows(histogram(15, lambda: data_sets.cars()["Miles_per_Gallon"].dropna()), says(x="mpg")),
        reference=(
            'fig, ax = plt.subplots()\nax.hist(df2["Miles_per_Gallon"].dropna(), bins=15)\nax.set_xlabel("mpg")\n'
            'print("done")'
        ),
        split="dev",
    ),
    Task(
        name="two-shares",
        domain="plotting",
        prompt=(
            "prices is a list of dicts. Draw the price of each of the `symbols` over time as a line in one plot, with "
            "a legend of the symbols and a logarithmic y axis. Keep the axes as `ax`."
        ),
        namespace=_stocks,
        check=shows(
            line(lambda: _price("AAPL"), label="AAPL"),
            line(lambda: _price("MSFT"), label="MSFT"),
            legend("AAPL", "MSFT"),
            logarithmic("y"),
        ),
        reference=(
            "fig, ax = plt.subplots()\n"
            "for symbol in symbols:\n"
            '    rows = sorted((row for row in prices if row["symbol"] == symbol), key=lambda row: row["date"])\n'
            '    ax.plot([row["date"] for row in rows], [row["price"] for row in rows], label=symbol)\n'
            'ax.set_yscale("log")\nax.legend()\nprint("done")'
        ),
        split="test",
    ),
    Task(
        name="top-states-lying",
        domain="plotting",
        prompt=(
            "Horizontal bar chart of the `top` states with the most airports, the most at the top, x label 'airports'. "
            "Keep the axes as `ax`."
        ),
        namespace=_airports,
        check=shows(
            bars(lambda: dict(data_sets.airports()["state"].value_counts().head(8)), across=True, descending=True),
            says(x="airports"),
        ),
        reference=(
            'counts = airports["state"].value_counts().head(top)\n'
            'ax = counts[::-1].plot.barh(xlabel="airports")\nax.set_xlabel("airports")\nprint("done")'
        ),
        split="dev",
    ),
    Task(
        name="monthly-rain-bars",
        domain="plotting",
        prompt=(
            "Total precipitation of 2015 by month as bars in calendar order, labelled Jan, Feb, ... Dec, "
            "y label 'mm'. Keep the axes as `ax`."
        ),
        namespace=_weather,
        check=shows(bars(_monthly_rain, ordered=True), says(y="mm")),
        reference=(
            'days = weather[weather["date"].dt.year == 2015]\n'
            'rain = days.groupby(days["date"].dt.month)["precipitation"].sum()\n'
            "fig, ax = plt.subplots()\n"
            'ax.bar([months[i - 1][:3] for i in rain.index], rain)\nax.set_ylabel("mm")\nprint("done")'
        ),
        split="dev",
    ),
    Task(
        name="a-line-through-the-points",
        domain="plotting",
        prompt=(
            "Scatter Weight_in_lbs (x) against Miles_per_Gallon (y) of the Japanese cars in df2 and draw the least "
            "squares line through them, from the lightest to the heaviest car, labelled 'fit' in a legend. "
            "Keep the axes as `ax`."
        ),
        namespace=_cars,
        check=shows(
            points(
                lambda: (
                    data_sets.cars()
                    .query("Origin == 'Japan'")[["Weight_in_lbs", "Miles_per_Gallon"]]
                    .dropna()
                    .itertuples(index=False)
                )
            ),
            straight(_fit, label="fit"),
            legend("fit"),
        ),
        reference=(
            'japan = df2[df2["Origin"] == "Japan"].dropna(subset=["Miles_per_Gallon"])\n'
            'x, y = japan["Weight_in_lbs"], japan["Miles_per_Gallon"]\n'
            "slope = x.cov(y) / x.var()\n"
            "ends = pd.Series([x.min(), x.max()])\n"
            "fig, ax = plt.subplots()\n"
            "ax.scatter(x, y)\n"
            'ax.plot(ends, y.mean() + slope * (ends - x.mean()), label="fit")\nax.legend()\nprint("done")'
        ),
        split="test",
    ),
)
