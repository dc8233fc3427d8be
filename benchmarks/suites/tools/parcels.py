"""A parcel network in the hills: nine depots, toll roads between some of them, parcels that wait, and vans to load."""

from __future__ import annotations

from functools import partial

from codeact_jupyter.evaluation.task import Namespace, Task, says_number

from ..checkers.answers import says_code, says_only
from .worlds import code_for, look_up, named, rows

_VANS = {  # the grams that each depot's van can carry
    "Alderford": 24000,
    "Birkhope": 16000,
    "Crowden": 22000,
    "Dunmere": 15000,
    "Eastwater": 26000,
    "Foxley": 18000,
    "Garthside": 20000,
    "Hollin": 17000,
    "Ivelet": 12500,
}
_ROADS = """
Alderford Birkhope 35 0
Alderford Crowden 20 150
Birkhope Dunmere 25 80
Birkhope Foxley 55 0
Crowden Dunmere 10 60
Crowden Eastwater 30 240
Dunmere Foxley 15 120
Eastwater Foxley 40 0
Eastwater Garthside 25 90
Foxley Hollin 55 200
Garthside Hollin 20 310
Garthside Ivelet 60 0
Hollin Ivelet 25 180
"""
_PARCELS = """
P101 Alderford Hollin 4550 8
P102 Alderford Hollin 7650 23
P104 Alderford Foxley 5200 28
P107 Alderford Birkhope 3450 22
P108 Birkhope Ivelet 2250 5
P111 Birkhope Garthside 2400 9
P114 Birkhope Alderford 1800 26
P117 Crowden Alderford 5800 28
P119 Crowden Eastwater 1200 24
P121 Crowden Ivelet 1900 18
P124 Crowden Alderford 1850 1
P125 Crowden Dunmere 950 9
P127 Crowden Eastwater 8200 2
P130 Dunmere Crowden 5850 26
P131 Dunmere Foxley 5400 5
P132 Eastwater Birkhope 4900 1
P135 Eastwater Ivelet 5350 8
P136 Eastwater Birkhope 2000 3
P138 Eastwater Hollin 5700 18
P141 Eastwater Foxley 7200 12
P142 Foxley Ivelet 4400 6
P143 Foxley Birkhope 9450 3
P146 Foxley Birkhope 8750 23
P147 Foxley Hollin 8650 24
P150 Garthside Hollin 8050 17
P152 Garthside Hollin 3350 8
P154 Garthside Foxley 9650 15
P157 Garthside Hollin 6050 3
P160 Garthside Hollin 7200 7
P163 Garthside Hollin 3800 13
P164 Garthside Hollin 2900 21
P165 Garthside Dunmere 1450 2
P166 Hollin Foxley 8250 13
P168 Hollin Ivelet 9650 4
P169 Hollin Crowden 3000 1
P170 Ivelet Crowden 6300 22
P171 Ivelet Birkhope 3300 18
P174 Ivelet Crowden 6600 11
P175 Ivelet Dunmere 5200 20
"""


def namespace() -> Namespace:
    """The network as it stands in the morning."""
    links: dict[str, dict[str, tuple[int, int]]] = {depot: {} for depot in _VANS}
    for one, other, minutes, cents in rows(_ROADS):
        links[one][other] = links[other][one] = (int(minutes), int(cents))
    parcels = {row[0]: row[1:] for row in rows(_PARCELS)}
    vans: dict[str, list[str]] = {depot: [] for depot in _VANS}

    def list_depots() -> list[str]:
        """Names of all depots."""
        return list(_VANS)

    def roads(depot: str) -> dict[str, int]:
        """Driving time in minutes to every depot that has a direct road from this depot, keyed by its name."""
        return {other: minutes for other, (minutes, _) in look_up(links, depot, "depot").items()}

    def toll(start: str, end: str) -> int:
        """Toll in cents of the direct road between two depots. ValueError when no direct road joins them."""
        return look_up(look_up(links, start, "depot"), end, f"direct road from {start} to")[1]

    def waiting(depot: str) -> list[str]:
        """Ids of the parcels that wait at a depot, in no particular order."""
        look_up(_VANS, depot, "depot")
        return [name for name, (place, *_) in parcels.items() if place == depot]

    def parcel(parcel_id: str) -> dict[str, str | int]:
        """One parcel: {'to': depot it is addressed to, 'grams': weight, 'day': day of the month it was posted}."""
        _, to, grams, day = look_up(parcels, parcel_id, "parcel")
        return {"to": to, "grams": int(grams), "day": int(day)}

    def van_room(depot: str) -> int:
        """Grams that the van of a depot can still take."""
        return look_up(_VANS, depot, "depot") - sum(int(parcels[name][2]) for name in vans[depot])

    def load(depot: str, parcel_id: str) -> int:
        """Puts a parcel that waits at the depot into its van; returns the grams that the van can still take."""
        if parcel_id not in waiting(depot):
            raise ValueError(f"Parcel {parcel_id!r} does not wait at {depot}.")
        if int(parcels[parcel_id][2]) > van_room(depot):
            raise ValueError(f"Parcel {parcel_id} is too heavy: the van can take {van_room(depot)} grams more.")
        parcels[parcel_id][0] = "van"
        vans[depot].append(parcel_id)
        return van_room(depot)

    def depart(depot: str, to: str) -> str:
        """Sends the loaded van of a depot along the direct road to another; returns the code of the waybill."""
        toll(depot, to)
        if not vans[depot]:
            raise ValueError(f"The van of {depot} is empty.")
        code = code_for("waybill", depot, to, *sorted(vans[depot]))
        vans[depot].clear()
        return code

    return named(list_depots, roads, toll, waiting, parcel, van_room, load, depart)


_IDS = tuple(row[0] for row in rows(_PARCELS))
_task = partial(Task, domain="parcels", namespace=namespace, tools=tuple(namespace()))

SIMPLE = (
    _task(
        name="parcels/roomiest-van",
        split="dev",
        prompt="Of all depots, which one has the van that can take the most grams? Answer with the name of the depot.",
        check=says_only("Eastwater", among=_VANS),
        reference="print(max(list_depots(), key=van_room))",
    ),
    _task(
        name="parcels/for-hollin-at-garthside",
        split="test",
        prompt="How many of the parcels that wait at Garthside are addressed to Hollin? Answer with the number.",
        check=says_number(6),
        reference="print(sum(parcel(name)['to'] == 'Hollin' for name in waiting('Garthside')))",
    ),
)

EASY = (
    _task(
        name="parcels/weight-at-crowden",
        split="dev",
        prompt="What do the parcels that wait at Crowden weigh all together? Answer in kilograms.",
        check=says_number(19.9),
        reference="print(sum(parcel(name)['grams'] for name in waiting('Crowden')) / 1000, 'kg')",
    ),
    _task(
        name="parcels/fullest-neighbour",
        split="test",
        prompt="Of the depots that have a direct road to Eastwater, at which one do the most parcels wait? "
        "Answer with its name only.",
        check=says_only("Garthside", among=set(_VANS) - {"Eastwater"}),
        reference="print(max(roads('Eastwater'), key=lambda depot: len(waiting(depot))))",
    ),
)

MIDDLE = (
    _task(
        name="parcels/longest-waiting-heavy",
        split="dev",
        prompt="Look at the parcels of more than 5 kg that wait at the depots with a direct road to Dunmere. Which of "
        "them was posted first? Answer with the id of the parcel.",
        check=says_only("P127", among=_IDS),
        reference="""
heavy = [name for depot in roads('Dunmere') for name in waiting(depot) if parcel(name)['grams'] > 5000]
print(min(heavy, key=lambda name: parcel(name)['day']))
""",
    ),
    _task(
        name="parcels/one-road-away",
        split="test",
        prompt="How many of all the parcels that wait in the network could be delivered in a single drive, that is, "
        "are addressed to a depot with a direct road from the one where they wait? Answer with the number.",
        check=says_number(21),
        reference="""
count = 0
for depot in list_depots():
    near = roads(depot)
    count += sum(parcel(name)['to'] in near for name in waiting(depot))
print(count)
""",
    ),
)

HARD = (
    _task(
        name="parcels/tolls-of-quickest-way",
        split="dev",
        prompt="A van drives from Alderford to Ivelet on the way that takes the fewest minutes in all. What does it "
        "pay in tolls on that way? Answer in euros (100 cents).",
        check=says_number(9.70),
        reference="""
best = {'Alderford': (0, 0)}
todo = ['Alderford']
while todo:
    here = todo.pop()
    for there, minutes in roads(here).items():
        way = (best[here][0] + minutes, best[here][1] + toll(here, there))
        if there not in best or way < best[there]:
            best[there] = way
            todo.append(there)
print(f"{best['Ivelet'][1] / 100:.2f} euros")
""",
    ),
    _task(
        name="parcels/van-to-hollin",
        split="test",
        prompt="Load the van of Garthside with the parcels that wait there for Hollin, the one posted first going in "
        "first. Leave out any parcel that no longer fits, but go on with the later ones. Then send the van to Hollin. "
        "What is the code of its waybill?",
        check=says_code(code_for("waybill", "Garthside", "Hollin", "P152", "P157", "P160", "P164")),
        reference="""
ready = [name for name in waiting('Garthside') if parcel(name)['to'] == 'Hollin']
for name in sorted(ready, key=lambda name: parcel(name)['day']):
    if parcel(name)['grams'] <= van_room('Garthside'):
        load('Garthside', name)
print(depart('Garthside', 'Hollin'))
""",
    ),
)
