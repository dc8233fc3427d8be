"""Made-up tables of the tasks, the same each time. Each function makes its table afresh."""

from __future__ import annotations

import datetime as dt
import math
import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame

REGIONS = ["North", "South", "East", "West"]
PRODUCTS = ["lamp", "chair", "desk", "shelf", "stool", "rug"]
BRANCHES = ["Köln", "München", "Düsseldorf", "Jena"]
CITIES = ["Genoa", "Turin", "Bari", "Pisa"]
DRIVERS = ["Ines", "Jonas", "Katya", "Luis", "Mara"]
MACHINES = [f"M{number}" for number in range(11, 31)]
TOWNS = ["Aarau", "Bulle", "Chur", "Davos", "Einsiedeln", "Frick"]
_SPELLINGS = (str, str.lower, str.upper, " {}".format, "{} ".format)


def orders() -> DataFrame:
    """420 orders of 2023: day, region, product, units, price."""
    dice = random.Random(11)
    rows = []
    for number in range(420):
        region = dice.choices(REGIONS, [9, 7, 8, 4])[0]
        product = dice.choices(PRODUCTS, [8, 6, 5, 3, 2, 7])[0]
        price = round(dice.uniform(8, 190), 2)
        rows.append((5001 + number, _day(2023, dice.randrange(365)), region, product, dice.randint(1, 24), price))
    return _frame(rows, "order", "day", "region", "product", "units", "price")


def takings() -> DataFrame:
    """240 days' takings of four German branches in 2023: Datum, Filiale, Umsatz, Kunden."""
    dice = random.Random(12)
    rows = []
    for number in range(240):
        branch = dice.choice(BRANCHES)
        rows.append((_day(2023, number), branch, round(dice.uniform(300, 4200), 2), dice.randint(12, 160)))
    return _frame(rows, "Datum", "Filiale", "Umsatz", "Kunden")


def tickets() -> DataFrame:
    """300 tickets with a clean `status` and a clean `city`; see `untidy`."""
    dice = random.Random(13)
    rows = []
    for number in range(300):
        status = dice.choices(["Closed", "Open", "Waiting", "Paid"], [5, 4, 2, 3])[0]
        city = dice.choices(CITIES, [8, 7, 5, 3])[0]
        rows.append((901 + number, city, status, dice.randint(1, 45)))
    return _frame(rows, "ticket", "city", "status", "hours")


def untidy(values: list[str], seed: int, share: float = 0.5) -> list[str]:
    """Write names with blanks around them, or in capitals or small letters.

    Args:
        values: The names.
        seed: Of the choice.
        share: Of the names that are written as they are not meant.

    Returns:
        The names as a careless hand writes them.
    """
    dice = random.Random(seed)
    return [dice.choice(_SPELLINGS[1:])(value) if dice.random() < share else value for value in values]


def machine_log() -> DataFrame:
    """12,000 lines of a machine log; "overheat", "valve reset" and "shutdown" once each, "door open" three times."""
    dice = random.Random(14)
    start = dt.datetime(2024, 2, 1)
    rows = []
    for number in range(12_000):
        event = dice.choices(["ok", "idle", "tool change"], [90, 8, 2])[0]
        rows.append(
            (start + dt.timedelta(minutes=4 * number), dice.choice(MACHINES), event, round(dice.gauss(3, 0.4), 2))
        )
    for place, event in ((7310, "overheat"), (4205, "valve reset"), (10021, "shutdown")):
        rows[place] = (*rows[place][:2], event, rows[place][3])
    for place in (611, 5170, 11408):
        rows[place] = (*rows[place][:2], "door open", rows[place][3])
    return _frame(rows, "time", "machine", "event", "pressure")


def parcels() -> DataFrame:
    """260 parcels of 2023 and 2024, none above 40 kg, none to Madrid, none damaged in 2023."""
    dice = random.Random(15)
    rows = []
    for _ in range(260):
        day = _day(2023, dice.randrange(730))
        damaged = day.year == 2024 and dice.random() < 0.15
        weight = round(min(dice.expovariate(1 / 9) + 0.3, 38.7), 1)
        rows.append((day, dice.choice(DRIVERS), dice.choice(["Lyon", "Porto", "Graz", "Bergen"]), weight, damaged))
    return _frame(rows, "day", "driver", "city", "weight_kg", "damaged")


def growth() -> DataFrame:
    """90 plants: light, height and the bed they stand in; some values are missing."""
    dice = random.Random(16)
    rows = []
    for _ in range(90):
        light = dice.uniform(2, 14)
        bed = dice.choice(["a", "b"])
        height = 12 + 1.7 * light + (4 if bed == "b" else 0) + dice.gauss(0, 5)
        row = [round(light, 2), round(height, 2)]
        rows.append((bed, *(math.nan if dice.random() < 0.12 else value for value in row)))
    return _frame(rows, "bed", "light", "height")


def rates() -> list[float]:
    """48 estimated rates."""
    dice = random.Random(17)
    return [round(dice.uniform(4, 31), 1) for _ in range(48)]


def amounts() -> list[float]:
    """60 bookings in both directions."""
    dice = random.Random(18)
    return [round(dice.choice([1, 1, -1]) * dice.uniform(20, 2900), 2) for _ in range(60)]


def journeys() -> list[int]:
    """45 travel times in minutes."""
    dice = random.Random(19)
    return [dice.randint(14, 310) for _ in range(45)]


def _day(year: int, number: int) -> dt.datetime:
    return dt.datetime(year, 1, 1) + dt.timedelta(days=number)


def _frame(rows: list[tuple[Any, ...]], *columns: str) -> DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, columns=list(columns))
