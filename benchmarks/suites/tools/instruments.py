"""A library that lends musical instruments: a catalogue in pages, loans by the week, repairs, fees and reservations."""

from __future__ import annotations

from functools import partial

from codeact_jupyter.evaluation.task import Namespace, Task, says_number

from ..checkers.answers import says_all, says_code, says_only
from .worlds import code_for, look_up, named, page_of, rows, whole

_WEEK = 60  # the present one; weeks count from the opening of the library
# id, family, kind, year, cents a week
_INSTRUMENTS = """
K18 strings violin 1903 925
K63 strings viola 1960 1050
K39 strings cello 1936 225
K49 strings lute 1996 1275
K58 strings zither 1976 175
K56 strings mandolin 2001 450
K23 strings harp 1945 925
K46 strings fiddle 1922 725
K60 strings psaltery 1988 425
K36 strings guitar 1896 400
K33 winds flute 1997 950
K28 winds oboe 1942 375
K12 winds clarinet 1991 975
K22 winds horn 1936 175
K48 winds cornet 1839 575
K20 winds recorder 1999 175
K51 winds trombone 1982 1375
K53 winds fife 1974 1300
K59 winds bassoon 1846 1175
K43 keys spinet 1903 750
K44 keys harmonium 1887 200
K37 keys celesta 1990 950
K15 keys concertina 1957 325
K13 keys clavichord 1856 1050
K50 keys melodica 1977 600
K55 keys accordion 1974 650
K57 drums timpani 1850 450
K24 drums snare 1934 425
K32 drums bodhran 1910 925
K64 drums tabor 1862 1350
K68 drums tambourine 2008 850
K52 drums bongo 1844 1275
K38 drums darbuka 1919 300
K69 drums taiko 1917 750
K19 drums conga 1857 1000
"""
_MEMBERS = ("Odile", "Ruben", "Signe", "Tomas", "Ulla", "Vasco", "Wilma")
_FAMILIES = ("strings", "winds", "keys", "drums")


def _loans(number: int) -> list[dict[str, str | int | None]]:
    """The loans of the instrument of this number, oldest first."""
    made: list[dict[str, str | int | None]] = []
    start = number % 9 + 1
    for turn in range(12):
        end = start + number * (turn + 3) % 11 + 2
        member = _MEMBERS[(number * 3 + turn * turn * 2) % 7]
        made.append({"member": member, "from_week": start, "to_week": end if end <= _WEEK else None})
        start = end + (number + turn * 5) % 13
        if start > _WEEK or made[-1]["to_week"] is None:
            break
    return made


def namespace() -> Namespace:
    """The library in its sixtieth week, with nothing reserved."""
    instruments = {row[0]: row[1:] for row in rows(_INSTRUMENTS)}
    reserved: dict[str, str] = {}

    def search(family: str, page: int = 1) -> list[str]:
        """Ids of instruments of a family ('strings', 'winds', 'keys' or 'drums'), 4 a page; [] after the last page."""
        if family not in _FAMILIES:
            raise ValueError(f"There is no family {family!r}.")
        return page_of([name for name, row in instruments.items() if row[0] == family], page, 4)

    def instrument(instrument_id: str) -> dict[str, str | int]:
        """One instrument: {'kind': such as 'viola', 'family', 'year': when it was built}."""
        family, kind, year, _ = look_up(instruments, instrument_id, "instrument")
        return {"kind": kind, "family": family, "year": int(year)}

    def loans(instrument_id: str) -> list[dict[str, str | int | None]]:
        """All loans, oldest first: {'member', 'from_week', 'to_week'}; 'to_week' is None while it is still out."""
        look_up(instruments, instrument_id, "instrument")
        return _loans(int(instrument_id[1:]))

    def repairs(instrument_id: str) -> list[int]:
        """What each repair of an instrument has cost, in cents; [] when it never had one."""
        look_up(instruments, instrument_id, "instrument")
        number = int(instrument_id[1:])
        return [number * 137 * (turn + 1) % 83 * 100 + 1250 for turn in range(number % 4)]

    def fee(instrument_id: str, weeks: int) -> int:
        """Fee in cents for borrowing an instrument for a number of weeks (1 to 26) at a stretch."""
        rate = int(look_up(instruments, instrument_id, "instrument")[3])
        weeks = whole(weeks, 1, 26, "weeks")
        return rate * min(weeks, 4) + rate * 3 // 5 * max(weeks - 4, 0) + 250

    def reserve(instrument_id: str, member: str) -> str:
        """Reserves an instrument that is not out for a member, by name; returns the code of the slip."""
        if member not in _MEMBERS:
            raise ValueError(f"There is no member {member!r}.")
        if loans(instrument_id)[-1]["to_week"] is None:
            raise ValueError(f"{instrument_id} is out.")
        if instrument_id in reserved:
            raise ValueError(f"{instrument_id} is already reserved.")
        reserved[instrument_id] = member
        return code_for("slip", instrument_id, member)

    return named(search, instrument, loans, repairs, fee, reserve)


_IDS = tuple(row[0] for row in rows(_INSTRUMENTS))
_KINDS = tuple(row[2] for row in rows(_INSTRUMENTS))
_task = partial(Task, domain="instruments", namespace=namespace, tools=tuple(namespace()))

SIMPLE = (
    _task(
        name="instruments/winds-never-repaired",
        split="dev",
        prompt="Which of the instruments on the first page of the 'winds' family have never had a repair? Answer with "
        "their ids.",
        check=says_only("K12", "K28", among=_IDS),
        reference="""
for name in search('winds'):
    if not repairs(name):
        print(name)
""",
    ),
    _task(
        name="instruments/horn-for-wilma",
        split="test",
        prompt="The horn is on the first page of the 'winds' family. Reserve it for Wilma, and answer with the code of "
        "the slip.",
        check=says_code(code_for("slip", "K22", "Wilma")),
        reference="""
for name in search('winds'):
    if instrument(name)['kind'] == 'horn':
        print(reserve(name, 'Wilma'))
""",
    ),
)

EASY = (
    _task(
        name="instruments/drums-for-six-weeks",
        split="dev",
        prompt="Somebody wants to borrow all instruments on the first page of the 'drums' family, for six weeks each. "
        "What do the fees come to altogether? Answer in euros (100 cents), with two decimals.",
        check=says_number(173.8),
        reference="print(f\"{sum(fee(name, 6) for name in search('drums')) / 100:.2f} euros\")",
    ),
    _task(
        name="instruments/repairs-of-keys",
        split="test",
        prompt="Which of the instruments on the first page of the 'keys' family has cost the most in repairs up to "
        "now, all its repairs taken together? Answer with its kind, such as 'organ'.",
        check=says_only("spinet", among=_KINDS),
        reference="""
worst = max(search('keys'), key=lambda name: sum(repairs(name)))
print(instrument(worst)['kind'])
""",
    ),
)

MIDDLE = (
    _task(
        name="instruments/drums-that-are-out",
        split="dev",
        prompt="Which of the library's drums are out on loan at present? Answer with their ids.",
        check=says_only("K24", "K64", "K69", among=_IDS),
        reference="""
page = 1
while found := search('drums', page):
    for name in found:
        if loans(name)[-1]['to_week'] is None:
            print(name)
    page += 1
""",
    ),
    _task(
        name="instruments/oldest-wind-on-the-shelf",
        split="test",
        prompt="Of the wind instruments that are not out on loan at present, which is the oldest? Answer with its "
        "kind, such as 'tuba'.",
        check=says_only("bassoon", among=_KINDS),
        reference="""
names, page = [], 1
while found := search('winds', page):
    names += found
    page += 1
inside = [name for name in names if loans(name)[-1]['to_week'] is not None]
print(instrument(min(inside, key=lambda name: instrument(name)['year']))['kind'])
""",
    ),
)

HARD = (
    _task(
        name="instruments/reserve-for-odile",
        split="dev",
        prompt="Odile wants a keyboard instrument ('keys') built after 1950 for ten weeks. Reserve for her the one "
        "with the lowest fee among those that are not out on loan. What is the code of the slip?",
        check=says_code(code_for("slip", "K55", "Odile")),
        reference="""
names, page = [], 1
while found := search('keys', page):
    names += found
    page += 1
free = [name for name in names if loans(name)[-1]['to_week'] is not None and instrument(name)['year'] > 1950]
print(reserve(min(free, key=lambda name: fee(name, 10)), 'Odile'))
""",
    ),
    _task(
        name="instruments/most-faithful-borrower",
        split="test",
        prompt="Count for each member the weeks of all finished loans, over the whole library (strings, winds, keys "
        "and drums); a loan from week 3 to week 8 has 5 weeks. Which member has the most, and how many weeks are they? "
        "Answer with the name and the number.",
        check=says_all(says_only("Ulla", among=_MEMBERS), says_number(168)),
        reference="""
weeks = {}
for family in ['strings', 'winds', 'keys', 'drums']:
    page = 1
    while found := search(family, page):
        for name in found:
            for loan in loans(name):
                if loan['to_week'] is not None:
                    time = loan['to_week'] - loan['from_week']
                    weeks[loan['member']] = weeks.get(loan['member'], 0) + time
        page += 1
best = max(weeks, key=weeks.get)
print(best, weeks[best])
""",
    ),
)
