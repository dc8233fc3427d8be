"""Questions that need a table in another shape: wide and long, by two keys, runs, ranks within groups."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from .. import data_sets
from ..checkers.answers import dates, names, number, numbers, says_all
from ..checkers.claims import quantities
from .single import single

if TYPE_CHECKING:
    pass

DRUGS = ["Penicillin", "Streptomycin", "Neomycin"]
SECTORS = ["construction", "manufacturing", "information", "government", "retail_trade", "financial_activities"]


jobs = partial(single, "wide-and-long", "jobs", data_sets.employment)
births = partial(single, "wide-and-long", "births", data_sets.births)
sea = partial(single, "wide-and-long", "sea", data_sets.sea)
drugs = partial(single, "wide-and-long", "drugs", data_sets.antibiotics)
prices = partial(single, "wide-and-long", "prices", data_sets.stocks)
hours = partial(single, "wide-and-long", "hours", data_sets.hours)
power = partial(single, "wide-and-long", "power", data_sets.electricity)
trading = partial(single, "wide-and-long", "vix", data_sets.trading)
trials = partial(single, "wide-and-long", "trials", data_sets.barley)
war = partial(single, "wide-and-long", "war", data_sets.crimea)


def _growth() -> str:
    table = data_sets.employment().set_index("month")[SECTORS]
    return str((table.iloc[-1] / table.iloc[0]).idxmax())


def _world(year: str) -> float:
    return float(data_sets.births()[year].mean())


def _hottest() -> tuple[int, str]:
    long = data_sets.sea().melt(id_vars="YEAR")
    row = long.loc[long["value"].idxmax()]
    return int(row["YEAR"]), str(row["variable"])


def _by_best_drug() -> int:
    table = data_sets.antibiotics()
    return int((table[DRUGS].idxmin(axis=1) == "Neomycin").sum())


def _together() -> float:
    wide = data_sets.stocks().pivot(index="date", columns="symbol", values="price")
    return float(wide["AAPL"].corr(wide["GOOG"]))


def _afternoons() -> float:
    table = data_sets.hours()
    return float(table[(table["date"].dt.month == 7) & (table["date"].dt.hour == 15)]["temp"].mean())


def _rising_run() -> int:
    longest = run = 0
    for is_up in (data_sets.trading()["close"] > data_sets.trading()["open"]).tolist():
        run = run + 1 if is_up else 0
        longest = max(longest, run)
    return longest


def _ranked_second() -> int:
    table = data_sets.barley().query("year == 1931")
    rank = table.groupby("site")["yield"].rank(ascending=False)
    return int((table.loc[rank == 2, "variety"] == "Trebi").sum())


def _wounded_last() -> Any:
    table = data_sets.crimea()
    return table.loc[table["wounds"] > table["disease"], "date"].max()


TASKS = (
    jobs(
        name="fastest-sector",
        prompt=f"Of {', '.join(SECTORS)}: which grew most, as a ratio, from the first to the last month?",
        check=names(_growth, lambda: SECTORS),
        reference=(f"part = jobs.set_index('month')[{SECTORS}]\nprint((part.iloc[-1] / part.iloc[0]).idxmax())"),
        split="dev",
    ),
    births(
        name="births-of-two-years",
        prompt="What is the mean number of births per woman over all countries in 1965 and in 2005 (two decimals)?",
        check=numbers(lambda: (_world("1965"), _world("2005"))),
        reference='print(*births[["1965", "2005"]].mean().round(2))',
        split="test",
    ),
    sea(
        name="hottest-month-of-all",
        prompt="Which month of which year had the highest temperature? Give the year and the column's name.",
        check=says_all(
            number(lambda: _hottest()[0]), names(lambda: _hottest()[1], lambda: data_sets.sea().columns[1:])
        ),
        reference=(
            'long = sea.melt(id_vars="YEAR")\nrow = long.loc[long["value"].idxmax()]\n'
            'print(row["YEAR"], row["variable"])'
        ),
        split="dev",
    ),
    drugs(
        name="where-neomycin-is-best",
        prompt="For how many bacteria is Neomycin the antibiotic with the lowest of the three concentrations?",
        check=number(_by_best_drug),
        reference=f'print((drugs[{DRUGS}].idxmin(axis=1) == "Neomycin").sum())',
        split="test",
    ),
    prices(
        name="two-shares-together",
        prompt="What is the correlation of the monthly prices of AAPL and GOOG, in the months that both have?",
        check=number(_together),
        reference=(
            'wide = prices.pivot(index="date", columns="symbol", values="price")\n'
            'print(wide["AAPL"].corr(wide["GOOG"]))'
        ),
        split="dev",
    ),
    hours(
        name="afternoons-of-july",
        prompt="How warm was it in July at 15:00, on average? Two decimals.",
        check=number(_afternoons),
        reference=(
            'rows = hours[(hours["date"].dt.month == 7) & (hours["date"].dt.hour == 15)]\n'
            'print(round(rows["temp"].mean(), 2))'
        ),
        split="test",
    ),
    power(
        name="years-of-more-wind",
        prompt="In how many years did Renewables generate more than Nuclear Energy?",
        check=number(
            lambda: (lambda wide: (wide["Renewables"] > wide["Nuclear Energy"]).sum())(
                data_sets.electricity().pivot(index="year", columns="source", values="net_generation")
            )
        ),
        reference=(
            'wide = power.pivot(index="year", columns="source", values="net_generation")\n'
            'print((wide["Renewables"] > wide["Nuclear Energy"]).sum())'
        ),
        split="dev",
    ),
    trading(
        name="longest-rise",
        prompt="What is the longest run of rows in which close is above open?",
        check=number(_rising_run),
        reference=('up = vix["close"] > vix["open"]\nruns = up.groupby((~up).cumsum()).sum()\nprint(runs.max())'),
        split="test",
    ),
    trials(
        name="trebi-in-second-place",
        prompt="At how many sites did the variety Trebi have the second highest yield in 1931?",
        check=quantities(_ranked_second, beside=(1931,)),
        reference=(
            'year = trials[trials["year"] == 1931]\nrank = year.groupby("site")["yield"].rank(ascending=False)\n'
            'print((year.loc[rank == 2, "variety"] == "Trebi").sum())'
        ),
        split="dev",
    ),
    war(
        name="last-month-of-wounds",
        prompt="What is the last month in which more men died of wounds than of disease? Write it as 1854-04-01.",
        check=dates(lambda: [_wounded_last()]),
        reference='print(war.loc[war["wounds"] > war["disease"], "date"].max().date())',
        split="test",
    ),
)
