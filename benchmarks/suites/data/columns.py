"""Columns whose values are not what a first look shows: categories in several spellings, rare values far down."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from codeact_jupyter.evaluation.task import Namespace, Task

from ..checkers.answers import dates, names
from ..checkers.claims import quantities
from ..checkers.forms import bare_name, rounded
from . import made
from .single import live

if TYPE_CHECKING:
    from pandas import DataFrame

SUPPLIERS = ["Alder & Sons", "Birk", "Cerro Alto", "Dunlin", "Elm Street Supplies", "Fjord", "Garnet", "Hawk Lane"]


def _untidy() -> DataFrame:
    table = made.tickets()
    return table.assign(
        status=made.untidy(list(table["status"]), 21), city=made.untidy(list(table["city"]), 22, share=0.6)
    )


_tickets = live(tickets=lambda: _untidy(), limit=lambda: 48, open_=lambda: 12)


def _visits() -> Namespace:
    import pandas as pd

    cities = ["Genoa"] * 31 + ["Turin"] * 44 + ["Bari"] * 20
    written = ["Genoa"] * 31 + made.untidy(["Turin"] * 44, 23, share=0.7) + ["Bari"] * 20
    table = pd.DataFrame({"visit": range(len(cities)), "city": written})
    return {"pd": pd, "visits": table.sample(frac=1, random_state=3).reset_index(drop=True)}


def _invoices() -> Namespace:
    import pandas as pd

    written = made.untidy([name for name in SUPPLIERS for _ in range(6)], 24, share=0.6)
    return {"pd": pd, "invoices": pd.DataFrame({"supplier": written, "total": range(100, 100 + 5 * len(written), 5)})}


_log = live(log=made.machine_log, shift=lambda: "night")


def _closed() -> float:
    return float((made.tickets()["status"] == "Closed").sum())


def _paid_share() -> float:
    return float((made.tickets()["status"] == "Paid").mean() * 100)


@functools.cache
def _row(event: str) -> Any:
    log = made.machine_log()
    return log[log["event"] == event].iloc[0]


TASKS = (
    Task(
        name="closed-tickets",
        domain="dirty-categories",
        prompt="How many tickets are closed?",
        namespace=_tickets,
        check=quantities(_closed, decimals=0),
        reference='print((tickets["status"].str.strip().str.lower() == "closed").sum())',
        split="dev",
    ),
    Task(
        name="share-of-paid",
        domain="dirty-categories",
        prompt="What percentage of the tickets has the status paid? Two decimals, please.",
        namespace=_tickets,
        check=quantities(_paid_share),
        form=rounded(2),
        reference="print(f\"{(tickets['status'].str.strip().str.lower() == 'paid').mean() * 100:.2f}\")",
        split="test",
    ),
    Task(
        name="most-visited-city",
        domain="dirty-categories",
        prompt="Which city was visited most often?",
        namespace=_visits,
        check=names("Turin".__str__, lambda: made.CITIES),
        reference='print(visits["city"].str.strip().str.title().value_counts().idxmax())',
        split="dev",
    ),
    Task(
        name="distinct-suppliers",
        domain="dirty-categories",
        prompt="From how many different suppliers are the invoices?",
        namespace=_invoices,
        check=quantities(lambda: len(SUPPLIERS), decimals=0),
        reference='print(invoices["supplier"].str.strip().str.lower().nunique())',
        split="test",
    ),
    Task(
        name="the-overheated-machine",
        domain="rare-values",
        prompt="Which machine overheated? Give only its name.",
        namespace=_log,
        check=names(lambda: str(_row("overheat")["machine"]), lambda: made.MACHINES),
        form=bare_name(lambda: made.MACHINES),
        reference='print(log.loc[log["event"] == "overheat", "machine"].iloc[0])',
        split="dev",
    ),
    Task(
        name="pressure-at-the-reset",
        domain="rare-values",
        prompt="What was the pressure when the valve was reset?",
        namespace=_log,
        check=quantities(lambda: float(_row("valve reset")["pressure"])),
        reference='print(log.loc[log["event"].str.contains("valve"), "pressure"].iloc[0])',
        split="test",
    ),
    Task(
        name="open-doors",
        domain="rare-values",
        prompt="How often does the log say that a door was open?",
        namespace=_log,
        check=quantities(lambda: 3, decimals=0),
        reference='print((log["event"] == "door open").sum())',
        split="dev",
    ),
    Task(
        name="day-of-the-shutdown",
        domain="rare-values",
        prompt="On which day was there a shutdown? Write it as 2024-01-31.",
        namespace=_log,
        check=dates(lambda: [_row("shutdown")["time"]]),
        reference='print(log.loc[log["event"] == "shutdown", "time"].iloc[0].date())',
        split="test",
    ),
)
