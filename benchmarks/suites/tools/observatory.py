"""A hill observatory: ten nights of eight slots, clouds and moonlight, targets in three fields, slots to reserve."""

from __future__ import annotations

from functools import partial

from codeact_jupyter.evaluation.task import Namespace, Task, says_number

from ..checkers.answers import says_all, says_code, says_numbers, says_only
from .worlds import code_for, look_up, named, rows, whole

# target, field, magnitude, first and last slot in which it is up
_TARGETS = """
Anvil north 7.4 1 6
Basket north 10.9 2 8
Comb north 9.3 1 8
Dial north 11.6 4 7
Ewer north 8.8 3 5
Flail zenith 10.2 2 7
Goblet zenith 6.9 5 8
Harrow zenith 9.9 1 4
Inkwell zenith 8.1 3 6
Jug south 11.8 3 6
Kettle south 9.7 4 5
Ladle south 12.4 2 6
Mallet south 8.5 1 3
Needle south 11.3 5 8
Oar south 10.6 2 4
"""
_FAINTEST = (9.2, 9.6, 10.1, 10.8, 11.2, 11.0, 11.4, 10.4, 9.9, 9.4)  # magnitude, by night from the first


def namespace() -> Namespace:
    """The ten nights as they are booked at noon of the first."""
    objects = {row[0]: row[1:] for row in rows(_TARGETS)}
    reserved: set[tuple[int, int]] = set()

    def is_free(night: int, slot: int) -> bool:
        return (night * 5 + slot * 3) % 4 != 0 and (night, slot) not in reserved

    def targets(field: str) -> list[str]:
        """Names of the targets in a field of the sky: 'north', 'zenith' or 'south'."""
        found = [name for name, row in objects.items() if row[0] == field]
        if not found:
            raise ValueError(f"There is no field {field!r}.")
        return found

    def target(name: str) -> dict[str, float | int]:
        """A target: {'magnitude': the smaller, the brighter, 'first_slot', 'last_slot': from and to when it is up}."""
        _, magnitude, first, last = look_up(objects, name, "target")
        return {"magnitude": float(magnitude), "first_slot": int(first), "last_slot": int(last)}

    def free_slots(night: int) -> list[int]:
        """The slots (1 to 8) of a night (1 to 10) that nobody has reserved."""
        whole(night, 1, 10, "night")
        return [slot for slot in range(1, 9) if is_free(night, slot)]

    def cloud(night: int, slot: int) -> int:
        """The forecast share of the sky under clouds in a slot (1 to 8) of a night (1 to 10), in per cent."""
        night, slot = whole(night, 1, 10, "night"), whole(slot, 1, 8, "slot")
        return (night * 37 + slot * slot * 11 + night * slot * 7) % 101

    def faintest(night: int) -> float:
        """The greatest magnitude that can still be seen on a night (1 to 10), given its moonlight."""
        return _FAINTEST[whole(night, 1, 10, "night") - 1]

    def reserve(night: int, slot: int, target_name: str) -> str:
        """Reserves a free slot of a night for a target that is up then; returns the code of the reservation."""
        found = target(target_name)
        if whole(slot, 1, 8, "slot") not in free_slots(night):
            raise ValueError(f"Slot {slot} of night {night} is taken.")
        if not found["first_slot"] <= slot <= found["last_slot"]:
            raise ValueError(f"{target_name} is not up in slot {slot}.")
        reserved.add((night, slot))
        return code_for("reservation", night, slot, target_name)

    return named(targets, target, free_slots, cloud, faintest, reserve)


_NAMES = tuple(row[0] for row in rows(_TARGETS))
_task = partial(Task, domain="observatory", namespace=namespace, tools=tuple(namespace()))

SIMPLE = (
    _task(
        name="observatory/nights-for-the-kettle",
        split="dev",
        prompt="On how many of the nights 1 to 10 can the Kettle be seen, that is, is its magnitude below the greatest "
        "one that can be seen then? Answer with the number.",
        check=says_number(7),
        reference="""
magnitude = target('Kettle')['magnitude']
print(sum(magnitude < faintest(night) for night in range(1, 11)))
""",
    ),
    _task(
        name="observatory/slot-for-the-south",
        split="test",
        prompt="Reserve slot 3 of night 1 for the target in the south that has the smallest magnitude. Answer with the "
        "code of the reservation.",
        check=says_code(code_for("reservation", 1, 3, "Mallet")),
        reference="print(reserve(1, 3, min(targets('south'), key=lambda name: target(name)['magnitude'])))",
    ),
)

EASY = (
    _task(
        name="observatory/slots-of-darkest-night",
        split="dev",
        prompt="Of the nights 1 to 10, take the one on which the faintest targets can be seen. Which of its slots are "
        "free? Answer with the numbers of the slots alone, in their order.",
        check=says_numbers(1, 2, 4, 5, 6, 8),
        reference="print(free_slots(max(range(1, 11), key=faintest)))",
    ),
    _task(
        name="observatory/clouds-of-night-four",
        split="test",
        prompt="How cloudy are the free slots of night 4 on average? Answer in per cent, with two decimals.",
        check=says_number(298 / 6),
        reference="""
found = [cloud(4, slot) for slot in free_slots(4)]
print(f'{sum(found) / len(found):.2f} %')
""",
    ),
)

MIDDLE = (
    _task(
        name="observatory/clearest-free-slot",
        split="dev",
        prompt="Which free slot of the nights 6, 7 and 8 has the fewest clouds? Answer in the form 'night N, slot M'.",
        check=says_numbers(6, 5),
        reference="""
found = [(cloud(night, slot), night, slot) for night in [6, 7, 8] for slot in free_slots(night)]
_, night, slot = min(found)
print(f'night {night}, slot {slot}')
""",
    ),
    _task(
        name="observatory/never-seen-in-the-south",
        split="test",
        prompt="Which targets of the south are too faint to be seen on any of the nights 1 to 6? Answer with their "
        "names.",
        check=says_only("Jug", "Ladle", "Needle", among=_NAMES),
        reference="""
limit = max(faintest(night) for night in range(1, 7))
for name in targets('south'):
    if target(name)['magnitude'] > limit:
        print(name)
""",
    ),
)

HARD = (
    _task(
        name="observatory/zenith-on-night-six",
        split="dev",
        prompt="Reserve slots on night 6 for the targets at the zenith, the brightest target first (a smaller "
        "magnitude is brighter). Each gets the earliest slot that is still free, in which it is up and at most 70 per "
        "cent of the sky is under clouds; a target without such a slot gets none. What is the code of the last "
        "reservation?",
        check=says_code(code_for("reservation", 6, 7, "Flail")),
        reference="""
for name in sorted(targets('zenith'), key=lambda name: target(name)['magnitude']):
    found = target(name)
    for slot in free_slots(6):
        if found['first_slot'] <= slot <= found['last_slot'] and cloud(6, slot) <= 70:
            code = reserve(6, slot, name)
            break
print(code)
""",
    ),
    _task(
        name="observatory/best-placed-target",
        split="test",
        prompt="A slot suits a target if it is free, the target is up in it, at most 30 per cent of the sky is under "
        "clouds, and the target is not too faint to be seen that night. For which target of the three fields (north, "
        "zenith, south) do the most slots of the nights 1 to 10 suit, and how many? Answer with its name and the "
        "number.",
        check=says_all(says_only("Comb", among=_NAMES), says_number(17)),
        reference="""
counts = {}
for field in ['north', 'zenith', 'south']:
    for name in targets(field):
        found = target(name)
        counts[name] = 0
        for night in range(1, 11):
            if found['magnitude'] > faintest(night):
                continue
            for slot in free_slots(night):
                up = found['first_slot'] <= slot <= found['last_slot']
                counts[name] += up and cloud(night, slot) <= 30
best = max(counts, key=counts.get)
print(best, counts[best])
""",
    ),
)
