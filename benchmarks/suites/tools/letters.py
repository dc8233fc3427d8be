"""An archive of letters between eight correspondents in five towns: a catalogue in pages, topics, distances, scans."""

from __future__ import annotations

from functools import partial

from codeact_jupyter.evaluation.task import Namespace, Task, says_number

from ..checkers.answers import says_code, says_only
from .worlds import code_for, look_up, named, page_of, rows

_HOMES = {
    "Anselm": "Elmstedt",
    "Beate": "Deichhorst",
    "Clemens": "Bruckmoor",
    "Dorothea": "Calvenau",
    "Ewald": "Ahrensee",
    "Friederike": "Elmstedt",
    "Gottlieb": "Ahrensee",
    "Henrike": "Bruckmoor",
}
_ROADS = """
Ahrensee Bruckmoor 41
Ahrensee Calvenau 118
Ahrensee Deichhorst 73
Ahrensee Elmstedt 29
Bruckmoor Calvenau 86
Bruckmoor Deichhorst 34
Bruckmoor Elmstedt 57
Calvenau Deichhorst 95
Calvenau Elmstedt 142
Deichhorst Elmstedt 66
"""
# letter, writer, receiver, town of writing, date, pages, topics
_LETTERS = """
L384 Ewald Clemens Calvenau 1838-06-07 1 illness,music,travel
L157 Beate Ewald Elmstedt 1845-04-24 2 harvest,travel,illness
L280 Beate Anselm Deichhorst 1838-04-14 6 harvest,travel,music
L175 Ewald Clemens Deichhorst 1832-07-25 12 harvest,debts
L146 Clemens Gottlieb Elmstedt 1836-01-26 9 illness,weather,travel
L202 Anselm Ewald Elmstedt 1846-07-09 3 harvest,travel,music
L243 Beate Henrike Deichhorst 1847-01-03 4 debts,weather
L286 Anselm Friederike Calvenau 1847-01-20 6 debts,illness,music
L224 Friederike Gottlieb Bruckmoor 1833-10-07 1 travel
L138 Gottlieb Anselm Ahrensee 1845-03-01 9 travel,illness
L174 Anselm Ewald Ahrensee 1833-11-05 8 music,harvest
L253 Clemens Anselm Deichhorst 1835-03-02 2 weather,music
L142 Anselm Henrike Deichhorst 1841-02-18 5 weather,harvest
L182 Friederike Clemens Deichhorst 1834-08-15 6 debts,travel
L134 Anselm Henrike Ahrensee 1844-08-21 10 debts,harvest,illness
L195 Anselm Friederike Elmstedt 1839-01-25 12 music,harvest,debts
L334 Clemens Beate Deichhorst 1836-09-06 8 weather,illness
L223 Clemens Henrike Bruckmoor 1837-08-25 2 debts,music
L377 Dorothea Gottlieb Ahrensee 1845-11-06 11 music,travel
L208 Ewald Gottlieb Elmstedt 1844-01-04 7 illness,music
L228 Ewald Gottlieb Ahrensee 1849-10-01 9 weather,debts
L344 Henrike Friederike Calvenau 1847-06-07 10 illness,debts
L211 Beate Clemens Bruckmoor 1837-01-26 3 travel,debts
L249 Friederike Beate Calvenau 1849-03-13 9 debts
L278 Henrike Dorothea Elmstedt 1839-01-13 12 debts
L360 Beate Friederike Deichhorst 1844-09-01 10 music
L312 Gottlieb Ewald Ahrensee 1834-11-21 5 illness
L354 Clemens Anselm Calvenau 1837-11-21 4 travel,illness
L279 Henrike Anselm Calvenau 1849-02-09 4 harvest,travel
L328 Friederike Dorothea Bruckmoor 1848-07-05 9 illness,weather
L345 Dorothea Ewald Calvenau 1833-07-12 1 harvest,debts,weather
L277 Anselm Friederike Ahrensee 1832-10-14 4 debts,music,harvest
L297 Ewald Henrike Bruckmoor 1846-12-19 7 illness,harvest,travel
L255 Beate Clemens Deichhorst 1839-12-01 4 travel,debts
L148 Gottlieb Friederike Ahrensee 1847-07-08 8 music,weather
L111 Gottlieb Dorothea Elmstedt 1849-10-12 2 harvest,music
L177 Clemens Friederike Ahrensee 1838-06-11 8 harvest,debts,illness
L248 Clemens Dorothea Ahrensee 1844-09-18 5 illness,debts
L321 Gottlieb Anselm Calvenau 1844-04-14 7 illness,weather
L343 Dorothea Anselm Bruckmoor 1835-04-26 7 harvest,travel,illness
L178 Ewald Gottlieb Bruckmoor 1834-06-13 9 travel,illness
L347 Clemens Gottlieb Elmstedt 1831-01-04 5 illness,debts
L263 Clemens Beate Elmstedt 1846-07-20 12 harvest
L218 Henrike Ewald Deichhorst 1845-07-02 5 debts,music,weather
L145 Clemens Ewald Elmstedt 1845-08-28 2 illness
L376 Henrike Dorothea Bruckmoor 1837-10-04 7 weather,illness
"""
_ORDER = 30  # pages


def namespace() -> Namespace:
    """The archive with an empty order for scans."""
    kept = {row[0]: row[1:] for row in rows(_LETTERS)}
    roads = {frozenset((one, other)): int(km) for one, other, km in rows(_ROADS)}
    order: list[str] = []

    def people() -> list[str]:
        """Names of all correspondents."""
        return list(_HOMES)

    def letters_by(writer: str, page: int = 1) -> list[str]:
        """Ids of the letters that a person wrote, in no order, 4 a page; [] after the last page."""
        look_up(_HOMES, writer, "person")
        return page_of([letter_id for letter_id, row in kept.items() if row[0] == writer], page, 4)

    def letter(letter_id: str) -> dict[str, str | int]:
        """A letter: {'to': receiver, 'town': where it was written, 'date': such as '1843-05-21', 'pages'}."""
        _, to, town, date, pages, _ = look_up(kept, letter_id, "letter")
        return {"to": to, "town": town, "date": date, "pages": int(pages)}

    def topics(letter_id: str) -> list[str]:
        """What a letter is about, such as ['debts', 'music']."""
        return look_up(kept, letter_id, "letter")[5].split(",")

    def home(person: str) -> str:
        """The town in which a person lived and got letters."""
        return look_up(_HOMES, person, "person")

    def distance(start: str, end: str) -> int:
        """Kilometres by mail coach between two towns; 0 from a town to itself."""
        for town in (start, end):
            if town not in _HOMES.values():
                raise ValueError(f"There is no town {town!r}.")
        return 0 if start == end else roads[frozenset((start, end))]

    def add_to_order(letter_id: str) -> int:
        """Adds a letter to the order for scans, which takes 30 pages at most; returns the pages that it has then."""
        look_up(kept, letter_id, "letter")
        if letter_id in order:
            raise ValueError(f"{letter_id} is in the order.")
        pages = sum(int(kept[name][4]) for name in (*order, letter_id))
        if pages > _ORDER:
            raise ValueError(f"With {letter_id} the order would have {pages} pages.")
        order.append(letter_id)
        return pages

    def send_order() -> str:
        """Sends the order for scans; returns its code."""
        if not order:
            raise ValueError("The order is empty.")
        code = code_for("scans", *sorted(order))
        order.clear()
        return code

    return named(people, letters_by, letter, topics, home, distance, add_to_order, send_order)


_IDS = tuple(row[0] for row in rows(_LETTERS))
_TOWNS = tuple(sorted(set(_HOMES.values())))
_task = partial(Task, domain="letters", namespace=namespace, tools=tuple(namespace()))

SIMPLE = (
    _task(
        name="letters/between-two-homes",
        split="dev",
        prompt="How many kilometres is it by mail coach from the home of Dorothea to the home of Gottlieb? Answer with "
        "the number.",
        check=says_number(118),
        reference="print(distance(home('Dorothea'), home('Gottlieb')), 'km')",
    ),
    _task(
        name="letters/debts-of-dorothea",
        split="test",
        prompt="Which of the letters that Dorothea wrote is about debts? Answer with its id.",
        check=says_only("L345", among=_IDS),
        reference="""
for name in letters_by('Dorothea'):
    if 'debts' in topics(name):
        print(name)
""",
    ),
)

EASY = (
    _task(
        name="letters/pages-by-beate",
        split="dev",
        prompt="How many pages have all the letters together that Beate wrote? Answer with the number.",
        check=says_number(29),
        reference="""
pages, page = 0, 1
while found := letters_by('Beate', page):
    pages += sum(letter(name)['pages'] for name in found)
    page += 1
print(pages)
""",
    ),
    _task(
        name="letters/first-of-henrike",
        split="test",
        prompt="Which is the earliest letter that Henrike wrote? Answer with its id.",
        check=says_only("L376", among=_IDS),
        reference="""
names, page = [], 1
while found := letters_by('Henrike', page):
    names += found
    page += 1
print(min(names, key=lambda name: letter(name)['date']))
""",
    ),
)

MIDDLE = (
    _task(
        name="letters/whom-clemens-wrote-most",
        split="dev",
        prompt="To whom did Clemens write the most pages, all his letters taken together? Answer with the name.",
        check=says_only("Beate", among=set(_HOMES) - {"Clemens"}),
        reference="""
pages, page = {}, 1
while found := letters_by('Clemens', page):
    for name in found:
        one = letter(name)
        pages[one['to']] = pages.get(one['to'], 0) + one['pages']
    page += 1
print(max(pages, key=pages.get))
""",
    ),
    _task(
        name="letters/town-of-two-writers",
        split="test",
        prompt="Put the letters that Ewald wrote and those that Anselm wrote together. In which town were most of them "
        "written? Answer with the town.",
        check=says_only("Ahrensee", among=_TOWNS),
        reference="""
counts = {}
for writer in ['Ewald', 'Anselm']:
    page = 1
    while found := letters_by(writer, page):
        for name in found:
            town = letter(name)['town']
            counts[town] = counts.get(town, 0) + 1
        page += 1
print(max(counts, key=counts.get))
""",
    ),
)

HARD = (
    _task(
        name="letters/way-of-the-debts",
        split="dev",
        prompt="Every letter travelled by mail coach from the town where it was written to the home of its receiver. "
        "How many kilometres did all the letters about debts travel, those of all correspondents taken together?",
        check=says_number(1094),
        reference="""
total = 0
for writer in people():
    page = 1
    while found := letters_by(writer, page):
        for name in found:
            if 'debts' in topics(name):
                one = letter(name)
                total += distance(one['town'], home(one['to']))
        page += 1
print(total, 'km')
""",
    ),
    _task(
        name="letters/scans-about-illness",
        split="test",
        prompt="Take the letters about illness that Clemens or Gottlieb wrote, the earliest first, and add one after "
        "another to an order for scans. An order takes 30 pages at most: stop before the first letter that no longer "
        "fits, and send the order. What is its code?",
        check=says_code(code_for("scans", "L146", "L312", "L334", "L347")),
        reference="""
names = []
for writer in ['Clemens', 'Gottlieb']:
    page = 1
    while found := letters_by(writer, page):
        names += [name for name in found if 'illness' in topics(name)]
        page += 1
pages = 0
for name in sorted(names, key=lambda name: letter(name)['date']):
    if pages + letter(name)['pages'] > 30:
        break
    pages = add_to_order(name)
print(send_order())
""",
    ),
)
