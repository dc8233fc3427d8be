"""A tidal harbour: ships that are due, berths of different length and depth, the tide by the hour, and cranes."""

from __future__ import annotations

from functools import partial

from codeact_jupyter.evaluation.task import Namespace, Task, says_number

from ..checkers.answers import says_all, says_code, says_numbers, says_only
from .worlds import code_for, look_up, named, rows, whole

# ship, day, length and draught in metres, tonnes of cargo
_SHIPS = """
Avocet 1 84 4.6 1950
Bittern 1 142 7.4 6400
Curlew 2 66 3.9 880
Dunlin 2 171 9.9 11200
Eider 2 118 6.2 4150
Fulmar 3 97 5.1 2780
Gannet 3 155 10.4 8900
Heron 4 73 4.2 1240
Jacana 4 128 8.8 5300
Kittiwake 4 189 7.9 12750
Lapwing 5 91 5.6 2310
Merganser 5 136 9.3 7050
Petrel 6 109 6.7 3640
Razorbill 6 162 8.1 9450
"""
# berth, length and depth at low water in metres, tonnes an hour
_BERTHS = """
Q1 95 3.1 160
Q2 120 3.6 210
Q3 150 4.8 340
Q4 175 5.3 290
Q5 130 2.9 380
Q6 112 4.1 185
"""
# metres of water above low water at each full hour from midnight
_TIDE = "2.1 3.0 3.8 4.3 4.4 4.0 3.2 2.2 1.2 0.5 0.1 0.3 0.9 1.8 2.8 3.6 4.2 4.1 3.5 2.6 1.6 0.8 0.3 0.2"
_TAKEN = {  # hours at which a berth is not free
    "Q1": (0, 1, 2, 3, 9, 10, 17),
    "Q2": (0, 1, 2, 3, 14, 15, 20),
    "Q3": (0, 1, 2, 3, 4, 5, 6, 12, 13),
    "Q4": (0, 1, 2, 3, 4, 5, 6, 7, 8),
    "Q5": (3, 5, 6, 16, 17),
    "Q6": (2, 3, 4, 5, 18, 19),
}


def namespace() -> Namespace:
    """The harbour at midnight, with no ship moored by anybody yet."""
    ships = {row[0]: row[1:] for row in rows(_SHIPS)}
    quays = {row[0]: row[1:] for row in rows(_BERTHS)}
    moored: set[tuple[str, int]] = set()

    def due(day: int) -> list[str]:
        """Names of the ships that are due on a day, 1 to 6."""
        day = whole(day, 1, 6, "day")
        return [name for name, row in ships.items() if row[0] == str(day)]

    def ship(name: str) -> dict[str, float | int]:
        """A ship: {'length': in metres, 'draught': metres of water it needs to float, 'tonnes': of cargo}."""
        _, length, draught, tonnes = look_up(ships, name, "ship")
        return {"length": int(length), "draught": float(draught), "tonnes": int(tonnes)}

    def berths() -> list[str]:
        """Ids of all berths."""
        return list(quays)

    def berth(berth_id: str) -> dict[str, float | int]:
        """A berth: {'length': in metres, 'depth': metres without the tide, 'tonnes_per_hour': of its crane}."""
        length, depth, rate = look_up(quays, berth_id, "berth")
        return {"length": int(length), "depth": float(depth), "tonnes_per_hour": int(rate)}

    def tide(hour: int) -> float:
        """Metres of water that the tide adds to the depth at a full hour of the day, 0 to 23."""
        return float(_TIDE.split()[whole(hour, 0, 23, "hour")])

    def is_taken(berth_id: str, hour: int) -> bool:
        """Whether a ship lies at a berth at a full hour of the day, 0 to 23."""
        look_up(quays, berth_id, "berth")
        return whole(hour, 0, 23, "hour") in _TAKEN[berth_id] or (berth_id, hour) in moored

    def moor(name: str, berth_id: str, hour: int) -> str:
        """Moors a ship at a berth that is not taken at that full hour; returns the code of the harbour master."""
        room, needs = berth(berth_id), ship(name)
        if is_taken(berth_id, hour):
            raise ValueError(f"{berth_id} is taken at {hour}.")
        if needs["length"] > room["length"] or needs["draught"] > room["depth"] + tide(hour):
            raise ValueError(f"{name} does not fit at {berth_id} at {hour}.")
        moored.add((berth_id, hour))
        return code_for("mooring", name, berth_id, hour)

    return named(due, ship, berths, berth, tide, is_taken, moor)


_NAMES = tuple(row[0] for row in rows(_SHIPS))
_IDS = tuple(row[0] for row in rows(_BERTHS))
_task = partial(Task, domain="harbour", namespace=namespace, tools=tuple(namespace()))

SIMPLE = (
    _task(
        name="harbour/curlew-at-the-longest",
        split="dev",
        prompt="Moor the Curlew at the longest berth at 12 o'clock. Answer with the code of the harbour master.",
        check=says_code(code_for("mooring", "Curlew", "Q4", 12)),
        reference="print(moor('Curlew', max(berths(), key=lambda name: berth(name)['length']), 12))",
    ),
    _task(
        name="harbour/more-cargo-on-day-six",
        split="test",
        prompt="How many tonnes of cargo more do the ships due on day 6 bring, all together, than the ships due on day "
        "1? Answer with the number.",
        check=says_number(4740),
        reference="""
first = sum(ship(name)['tonnes'] for name in due(1))
sixth = sum(ship(name)['tonnes'] for name in due(6))
print(sixth - first, 'tonnes')
""",
    ),
)

EASY = (
    _task(
        name="harbour/cargo-of-two-days",
        split="dev",
        prompt="How many tonnes of cargo do the ships bring, all together, that are due on day 2 and on day 3?",
        check=says_number(27910),
        reference="print(sum(ship(name)['tonnes'] for day in [2, 3] for name in due(day)), 'tonnes')",
    ),
    _task(
        name="harbour/long-enough-for-eider",
        split="test",
        prompt="Which berths are long enough for the Eider? Answer with their ids.",
        check=says_only("Q2", "Q3", "Q4", "Q5", among=_IDS),
        reference="""
for name in berths():
    if berth(name)['length'] >= ship('Eider')['length']:
        print(name)
""",
    ),
)

MIDDLE = (
    _task(
        name="harbour/hours-for-lapwing",
        split="dev",
        prompt="At which full hours from 10 to 20 can the Lapwing lie at berth Q2, that is, is the berth not taken and "
        "the water there at least half a metre deeper than the ship's draught? Answer with the hours alone, as plain "
        "numbers in their order.",
        check=says_numbers(16, 17, 18, 19),
        reference="""
needed = ship('Lapwing')['draught'] + 0.5
depth = berth('Q2')['depth']
print([hour for hour in range(10, 21) if depth + tide(hour) >= needed and not is_taken('Q2', hour)])
""",
    ),
    _task(
        name="harbour/longest-unloading",
        split="test",
        prompt="Suppose each of the ships due on day 1 or on day 3 is unloaded at the berth with the fastest crane "
        "among those long enough for it (never mind the depth). Which of these ships takes the longest time, and how "
        "many hours? Answer with its name and the hours, with two decimals.",
        check=says_all(says_only("Gannet", among=_NAMES), says_number(8900 / 290)),
        reference="""
hours = {}
for day in [1, 3]:
    for name in due(day):
        found = ship(name)
        rates = [berth(one)['tonnes_per_hour'] for one in berths() if berth(one)['length'] >= found['length']]
        hours[name] = found['tonnes'] / max(rates)
longest = max(hours, key=hours.get)
print(longest, f'{hours[longest]:.2f} hours')
""",
    ),
)

HARD = (
    _task(
        name="harbour/ships-turned-away",
        split="dev",
        prompt="Which of the ships due on the days 1 to 6 can lie at no berth even at the highest tide of the day, for "
        "want of length or because there would be less than half a metre of water under them? Answer with their names.",
        check=says_only("Dunlin", "Gannet", "Kittiwake", "Merganser", among=_NAMES),
        reference="""
high = max(tide(hour) for hour in range(24))
places = [berth(one) for one in berths()]
for day in range(1, 7):
    for name in due(day):
        needs = ship(name)
        fits = [
            place for place in places
            if place['length'] >= needs['length'] and place['depth'] + high >= needs['draught'] + 0.5
        ]
        if not fits:
            print(name)
""",
    ),
    _task(
        name="harbour/moor-petrel",
        split="test",
        prompt="Moor the Petrel at the first full hour of the day (from 0 on) at which some berth is long enough, is "
        "not taken, and has at least half a metre more water than the ship's draught. If several berths are fit at "
        "that hour, take the one with the fastest crane. What is the code of the harbour master?",
        check=says_code(code_for("mooring", "Petrel", "Q5", 4)),
        reference="""
needs = ship('Petrel')
for hour in range(24):
    water = tide(hour)
    fits = [
        one for one in berths()
        if berth(one)['length'] >= needs['length'] and not is_taken(one, hour)
        and berth(one)['depth'] + water >= needs['draught'] + 0.5
    ]
    if fits:
        print(moor('Petrel', max(fits, key=lambda one: berth(one)['tonnes_per_hour']), hour))
        break
""",
    ),
)
