"""An apothecary's store in 1912: jars on six shelves, substances that must not stand together, and remedies to mix."""

from __future__ import annotations

from functools import partial

from codeact_jupyter.evaluation.task import Namespace, Task, says_number

from ..checkers.answers import says_all, says_code, says_only
from .worlds import code_for, look_up, named, rows, whole

# jar, shelf, substance, grams, the last year in which it is good, centimes a gram
_JARS = """
J41 oak camphor 320 1913 14
J17 oak tannin 95 1911 22
J63 oak myrrh 140 1915 41
J28 oak alum 610 1920 3
J52 elm gentian 260 1912 17
J36 elm camphor 180 1910 9
J70 elm borax 450 1918 4
J11 elm orris 75 1914 36
J94 pine sulphur 530 1919 2
J83 pine myrrh 60 1912 38
J25 pine tannin 210 1914 25
J59 pine menthol 88 1913 57
J32 ash aloe 130 1912 29
J77 ash alum 240 1916 5
J68 ash camphor 150 1915 16
J14 ash orris 190 1913 31
J46 yew menthol 40 1912 49
J89 yew gentian 310 1917 19
J55 yew aloe 175 1909 20
J20 yew sulphur 85 1912 1
J98 larch borax 130 1911 2
J73 larch tannin 64 1912 19
J39 larch myrrh 205 1918 44
J81 larch menthol 120 1915 61
"""
_CLASHES = """
camphor menthol
tannin alum
sulphur camphor
gentian borax
aloe orris
menthol gentian
borax myrrh
"""
# grams for one portion
_RECIPES = {
    "balm": {"camphor": 12, "menthol": 4, "myrrh": 7},
    "drops": {"gentian": 9, "aloe": 6, "alum": 1, "orris": 5},
    "elixir": {"gentian": 11, "orris": 8, "myrrh": 6, "aloe": 3},
    "gargle": {"alum": 15, "borax": 10, "tannin": 4},
    "pastilles": {"menthol": 6, "orris": 8, "tannin": 6, "sulphur": 2},
    "salve": {"sulphur": 18, "camphor": 9, "borax": 5},
}
_YEAR = 1912


def namespace() -> Namespace:
    """The store with nothing taken from it."""
    jars = {row[0]: row[1:] for row in rows(_JARS)}
    clashing = {frozenset(row) for row in rows(_CLASHES)}
    substances = dict.fromkeys(row[1] for row in jars.values())
    taken: dict[str, int] = {}

    def jars_on(shelf: str) -> list[str]:
        """Ids of the jars on a shelf: 'oak', 'elm', 'pine', 'ash', 'yew' or 'larch'."""
        found = [name for name, row in jars.items() if row[0] == shelf]
        if not found:
            raise ValueError(f"There is no shelf {shelf!r}.")
        return found

    def jars_of(substance: str) -> list[str]:
        """Ids of the jars that hold a substance, whatever their age."""
        look_up(substances, substance, "substance")
        return [name for name, row in jars.items() if row[1] == substance]

    def jar(jar_id: str) -> dict[str, str | int]:
        """A jar: {'substance', 'grams': what is left, 'good_until': last year of use, 'price': centimes a gram}."""
        _, substance, grams, year, price = look_up(jars, jar_id, "jar")
        left = int(grams) - taken.get(jar_id, 0)
        return {"substance": substance, "grams": left, "good_until": int(year), "price": int(price)}

    def remedies() -> list[str]:
        """Names of the remedies that the store makes."""
        return list(_RECIPES)

    def recipe(remedy: str) -> dict[str, int]:
        """Grams of each substance for one portion of a remedy, keyed by the substance."""
        return dict(look_up(_RECIPES, remedy, "remedy"))

    def clash(one: str, other: str) -> bool:
        """Whether two substances must not stand on the same shelf."""
        look_up(substances, one, "substance")
        look_up(substances, other, "substance")
        return frozenset((one, other)) in clashing

    def take(jar_id: str, grams: int) -> int:
        """Takes whole grams out of a jar; returns the grams that are left in it."""
        left = int(look_up(jars, jar_id, "jar")[2]) - taken.get(jar_id, 0)
        if not left:
            raise ValueError(f"Jar {jar_id} is empty.")
        taken[jar_id] = taken.get(jar_id, 0) + whole(grams, 1, left, "grams")
        return left - grams

    def close_book() -> str:
        """Closes the day's book; returns the code that stands for what was taken out of each jar."""
        return code_for("book", *sorted(taken.items()))

    return named(jars_on, jars_of, jar, remedies, recipe, clash, take, close_book)


_SUBSTANCES = {row[2] for row in rows(_JARS)}
_task = partial(Task, domain="apothecary", namespace=namespace, tools=tuple(namespace()))

SIMPLE = (
    _task(
        name="apothecary/mean-price-on-yew",
        split="dev",
        prompt="What is the mean of the prices (centimes a gram) of the jars on the shelf yew? Answer with the number, "
        "with two decimals.",
        check=says_number(22.25),
        reference="""
prices = [jar(name)['price'] for name in jars_on('yew')]
print(f'{sum(prices) / len(prices):.2f}')
""",
    ),
    _task(
        name="apothecary/remedies-with-borax",
        split="test",
        prompt="Which of the remedies that the store makes contain borax? Answer with their names.",
        check=says_only("gargle", "salve", among=_RECIPES),
        reference="""
for name in remedies():
    if 'borax' in recipe(name):
        print(name)
""",
    ),
)

EASY = (
    _task(
        name="apothecary/good-camphor",
        split="dev",
        prompt=f"It is {_YEAR}. How many grams of camphor that is still good this year are there in the store?",
        check=says_number(470),
        reference="""
found = [jar(name) for name in jars_of('camphor')]
print(sum(one['grams'] for one in found if one['good_until'] >= 1912), 'g')
""",
    ),
    _task(
        name="apothecary/lightest-portion",
        split="test",
        prompt="One portion of which remedy weighs the least? Answer with the name of the remedy.",
        check=says_only("drops", among=_RECIPES),
        reference="print(min(remedies(), key=lambda name: sum(recipe(name).values())))",
    ),
)

MIDDLE = (
    _task(
        name="apothecary/clashes",
        split="dev",
        prompt="Which substances stand together on the shelf oak, on the shelf pine or on the shelf larch although "
        "they must not? Answer with the pairs of substances only.",
        check=says_only("tannin", "alum", "borax", "myrrh", among=_SUBSTANCES),
        reference="""
for shelf in ['oak', 'pine', 'larch']:
    held = [jar(name)['substance'] for name in jars_on(shelf)]
    for place, one in enumerate(held):
        for other in held[place + 1:]:
            if clash(one, other):
                print(one, 'and', other)
""",
    ),
    _task(
        name="apothecary/price-of-pastilles",
        split="test",
        prompt=f"It is {_YEAR}. What do the substances for one portion of pastilles cost, if each is taken from its "
        "cheapest jar that is still good this year? Answer in francs (100 centimes).",
        check=says_number(6.58),
        reference="""
cost = 0
for substance, grams in recipe('pastilles').items():
    found = [jar(name) for name in jars_of(substance)]
    cost += grams * min(one['price'] for one in found if one['good_until'] >= 1912)
print(f'{cost / 100:.2f} francs')
""",
    ),
)

HARD = (
    _task(
        name="apothecary/most-portions",
        split="dev",
        prompt=f"It is {_YEAR}, and jars that are no longer good this year may not be used. Of which remedy could the "
        "store make the most whole portions, if it made nothing else, and how many would they be? Answer with the "
        "remedy and the number.",
        check=says_all(says_only("gargle", among=_RECIPES), says_number(45)),
        reference="""
portions = {}
for remedy in remedies():
    possible = []
    for substance, grams in recipe(remedy).items():
        found = [jar(name) for name in jars_of(substance)]
        possible.append(sum(one['grams'] for one in found if one['good_until'] >= 1912) // grams)
    portions[remedy] = min(possible)
best = max(portions, key=portions.get)
print(best, portions[best])
""",
    ),
    _task(
        name="apothecary/twelve-portions-of-balm",
        split="test",
        prompt=f"It is {_YEAR}. Take out what twelve portions of balm need. Use only jars that are still good this "
        "year; of each substance, first the jar that is good for the shortest time, and when it is empty the next one. "
        "Then close the book. What is the code that it returns?",
        check=says_code(code_for("book", ("J41", 144), ("J46", 40), ("J59", 8), ("J63", 24), ("J83", 60))),
        reference="""
for substance, grams in recipe('balm').items():
    needed = 12 * grams
    good = [name for name in jars_of(substance) if jar(name)['good_until'] >= 1912]
    for name in sorted(good, key=lambda name: jar(name)['good_until']):
        part = min(needed, jar(name)['grams'])
        if part:
            take(name, part)
            needed -= part
print(close_book())
""",
    ),
)
