"""A glasshouse of three houses with beds: sensors that fall silent, plants with wishes, one tank, valves to open."""

from __future__ import annotations

from functools import partial

from codeact_jupyter.evaluation.task import Namespace, Task, says_number

from ..checkers.answers import says_all, says_only
from .worlds import look_up, named, rows, whole

_NOW = 20  # o'clock
# bed, house, plant, moisture at midnight and its hourly loss in tenths of a per cent, gain per litre in tenths, and the
# hours at which the sensor said nothing
_BEDS = """
P1 palm Sabal 714 9 14 -
P2 palm Areca 655 14 11 0,1
P3 palm Cycad 482 6 19 12
P4 palm Raphia 768 17 12 20
F1 fern Tatting 842 13 17 -
F2 fern Maiden 771 9 12 -
F3 fern Staghorn 664 5 21 3,4,5
F4 fern Rasp 883 11 8 19
F5 fern Bracken 625 12 15 -
H1 herb Lovage 558 12 16 6
H2 herb Savory 431 3 23 -
H3 herb Chervil 697 18 13 0,20
H4 herb Hyssop 402 4 18 6,7
H5 herb Angelica 745 15 9 -
H6 herb Costmary 521 7 14 -
"""
# the least moisture in per cent and the greatest heat in °C that a plant stands
_PLANTS = """
Sabal 52 34.0
Areca 55 29.5
Cycad 41 36.0
Raphia 58 31.5
Tatting 62 27.0
Maiden 58 25.5
Staghorn 55 28.0
Rasp 71 26.0
Bracken 45 30.0
Lovage 40 27.5
Savory 36 33.0
Chervil 50 24.5
Hyssop 34 35.0
Angelica 53 25.0
Costmary 44 29.0
"""
# °C at each full hour from midnight to now
_HEAT = {
    "palm": "24.1 23.8 23.6 23.5 23.7 24.4 25.2 26.3 27.2 28.4 29.1 29.6 30.4 31.2 31.9 31.4 30.8 29.5 29.7 28.1 27.0",
    "fern": "18.2 18.0 17.8 17.7 17.9 18.3 19.4 20.6 21.9 23.1 24.0 24.6 25.1 25.3 25.2 26.4 26.1 24.9 23.2 21.5 20.4",
    "herb": "15.4 15.1 14.9 14.6 14.8 15.9 17.7 19.8 21.4 23.0 24.4 25.2 26.1 26.8 25.0 24.7 25.9 24.1 21.9 19.6 18.0",
}


def namespace() -> Namespace:
    """The glasshouse at eight in the evening."""
    beds = {row[0]: row[1:] for row in rows(_BEDS)}
    plants = {name: (int(moisture), float(heat)) for name, moisture, heat in rows(_PLANTS)}
    given = dict.fromkeys(beds, 0)
    tank = [60]

    def moisture_at(bed: str, hour: int) -> float:
        _, _, start, loss, gain, _ = beds[bed]
        wiggle = (hour * 7 + int(start)) % 5 - 2 if hour else 0
        return (int(start) - int(loss) * hour + wiggle + int(gain) * given[bed] * (hour == _NOW)) / 10

    def list_beds(house: str) -> list[str]:
        """Ids of the beds in a house: 'palm', 'fern' or 'herb'."""
        look_up(_HEAT, house, "house")
        return [bed for bed, row in beds.items() if row[0] == house]

    def plant(bed: str) -> dict[str, str | float]:
        """What grows in a bed: {'name', 'min_moisture': least soil moisture it stands in %, 'max_heat': in °C}."""
        name = look_up(beds, bed, "bed")[1]
        return {"name": name, "min_moisture": plants[name][0], "max_heat": plants[name][1]}

    def moisture(bed: str, hour: int) -> float | None:
        """Soil moisture of a bed in % at a full hour of today, 0 to 20 (now); None when its sensor gave no reading."""
        silent = look_up(beds, bed, "bed")[5].split(",")
        hour = whole(hour, 0, _NOW, "hour")
        return None if str(hour) in silent else moisture_at(bed, hour)

    def heat(house: str, hour: int) -> float:
        """Air temperature of a house in °C at a full hour of today, 0 to 20 (now)."""
        return float(look_up(_HEAT, house, "house").split()[whole(hour, 0, _NOW, "hour")])

    def tank_level() -> int:
        """Litres of water that are left in the tank."""
        return tank[0]

    def water(bed: str, litres: int) -> float:
        """Gives a bed 1 to 20 whole litres from the tank; returns the moisture that it has then, in %."""
        look_up(beds, bed, "bed")
        if whole(litres, 1, 20, "litres") > tank[0]:
            raise ValueError(f"Only {tank[0]} litres are left in the tank.")
        given[bed] += litres
        tank[0] -= litres
        return moisture_at(bed, _NOW)

    return named(list_beds, plant, moisture, heat, tank_level, water)


_IDS = tuple(row[0] for row in rows(_BEDS))
_NAMES = tuple(row[0] for row in rows(_PLANTS))
_task = partial(Task, domain="greenhouse", namespace=namespace, tools=tuple(namespace()))

SIMPLE = (
    _task(
        name="greenhouse/moisture-of-rasp",
        split="dev",
        prompt="What was the soil moisture, at 12 o'clock today, of the bed in the fern house in which Rasp grows? "
        "Answer in per cent.",
        check=says_number(75.1),
        reference="""
for bed in list_beds('fern'):
    if plant(bed)['name'] == 'Rasp':
        print(moisture(bed, 12), '%')
""",
    ),
    _task(
        name="greenhouse/wettest-herb",
        split="test",
        prompt="Which bed in the herb house had the highest soil moisture at 12 o'clock today? Answer with the id of "
        "the bed.",
        check=says_only("H5", among=_IDS),
        reference="print(max(list_beds('herb'), key=lambda bed: moisture(bed, 12)))",
    ),
)

EASY = (
    _task(
        name="greenhouse/moisture-at-the-peak",
        split="dev",
        prompt="Take the full hour between 12 and 20 o'clock today (both included) at which it was hottest in the fern "
        "house. What was the soil moisture of bed F2 at that hour? Answer in per cent.",
        check=says_number(63.5),
        reference="print(moisture('F2', max(range(12, 21), key=lambda hour: heat('fern', hour))), '%')",
    ),
    _task(
        name="greenhouse/herbs-at-six",
        split="test",
        prompt="What was the mean soil moisture of the beds in the herb house at six o'clock this morning? Leave out "
        "beds whose sensor gave no reading then. Answer in per cent, with two decimals.",
        check=says_number(53.5),
        reference="""
found = [moisture(bed, 6) for bed in list_beds('herb')]
found = [value for value in found if value is not None]
print(f'{sum(found) / len(found):.2f} %')
""",
    ),
)

MIDDLE = (
    _task(
        name="greenhouse/thirsty-now",
        split="dev",
        prompt="Which beds of the fern house and of the herb house are drier at this hour than their plants stand? A "
        "bed without a reading does not count. Answer with the ids of the beds.",
        check=says_only("F1", "F4", "F5", "H1", "H4", "H5", "H6", among=_IDS),
        reference="""
for house in ['fern', 'herb']:
    for bed in list_beds(house):
        now = moisture(bed, 20)
        if now is not None and now < plant(bed)['min_moisture']:
            print(bed)
""",
    ),
    _task(
        name="greenhouse/too-hot-for-palms",
        split="test",
        prompt="Of all plants in the palm house, take the one that stands the least heat. At how many full hours of "
        "today was the palm house hotter than that plant stands? Answer with its name and the number of hours.",
        check=says_all(says_only("Areca", among=_NAMES), says_number(7)),
        reference="""
tender = min((plant(bed) for bed in list_beds('palm')), key=lambda found: found['max_heat'])
print(tender['name'], sum(heat('palm', hour) > tender['max_heat'] for hour in range(21)))
""",
    ),
)

HARD = (
    _task(
        name="greenhouse/water-the-ferns",
        split="dev",
        prompt="Water the fern house: give every bed that is now drier than its plant stands one litre after another, "
        "until it is no longer drier than that, and not a litre more. How many litres are left in the tank afterwards?",
        check=says_number(46),
        reference="""
for bed in list_beds('fern'):
    now = moisture(bed, 20)
    while now < plant(bed)['min_moisture']:
        now = water(bed, 1)
print(tank_level())
""",
    ),
    _task(
        name="greenhouse/lost-most",
        split="test",
        prompt="For each bed, take the first and the last reading that its moisture sensor gave today. In which bed of "
        "all three houses did the moisture fall the most between these two, and by how many percentage points? Answer "
        "with the id of the bed and the fall, with one decimal.",
        check=says_all(says_only("H3", among=_IDS), says_number(32.8)),
        reference="""
falls = {}
for house in ['palm', 'fern', 'herb']:
    for bed in list_beds(house):
        readings = [moisture(bed, hour) for hour in range(21)]
        readings = [value for value in readings if value is not None]
        falls[bed] = readings[0] - readings[-1]
most = max(falls, key=falls.get)
print(most, round(falls[most], 1))
""",
    ),
)
