"""Declared types of tools are followed through a cell; what contradicts them is found, and nothing else."""

# ruff: noqa: E501, RUF013, UP006, UP045 – a cell is one line, an annotation may be of any kind

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Dict, Optional  # noqa: UP035

import pytest

from benchmarks.suites import tools
from codeact_jupyter.checks import find_problem
from codeact_jupyter.checks.inference.declared import keys_told, parameters, result
from codeact_jupyter.checks.inference.values import Instance
from codeact_jupyter.checks.static import find_all
from codeact_jupyter.evaluation.task import Task


class Hostile:
    """An object of which nothing may be run."""

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(name)

    def __iter__(self) -> Any:
        raise AssertionError

    __eq__ = __lt__ = __add__ = __len__ = __getitem__ = __hash__ = __iter__  # type: ignore[assignment]


def namespace() -> dict[str, Any]:  # noqa: C901 - the tools are functions within
    """Tools of a little depot, and plain values."""

    def waiting(depot: str) -> list[str]:
        """Ids of the parcels that wait in a depot."""

    def parcel(parcel_id: str) -> dict[str, str | int]:
        """One parcel: {'to': depot, 'grams': weight, 'day': day of the month, such as 'today'}."""

    def moved(parcel_id: str) -> list[dict[str, int | None]]:
        """All moves, oldest first: {'from_day', 'to_day'}; 'until' may be given."""

    def roads(depot: str) -> dict[str, int]:
        """Minutes to every depot, such as {'Alten': 5, 'Beek': 7}."""

    def load(depot: str, parcel_id: str) -> int:
        """Grams that are loaded then."""

    def found(word: str, page: int = 1) -> list[str]:
        """Ids on a page; [] after the last."""

    def heat(house: str, hour: int) -> float:
        """Degrees."""

    def moisture(bed: str, hour: int = 0) -> float | None:
        """Moisture, if measured."""

    def stops() -> tuple[str, int]:
        """Name and minute."""

    def route(*, depots: list) -> Iterator[str]:
        """Its roads."""

    def send(note: str = None) -> None:  # type: ignore[assignment]
        """Sends."""

    def anything(x):  # type: ignore[no-untyped-def]
        return x

    async def later(depot: str) -> list[str]:
        """Ids, later."""

    made = [waiting, parcel, moved, roads, load, found, heat, moisture, stops, route, send, anything, later]
    return {tool.__name__: tool for tool in made} | {
        **{"numbers": [3, 1, 2], "names": ["a", "b"], "text": "some text", "count": 3, "mixed": [1, "a"]},
        **{"prices": {"apple": 1.5, "pear": 0.5}, "nothing": None, "hostile": Hostile(), "hostiles": [Hostile()]},
    }


BAD: tuple[tuple[str, str, str], ...] = (
    # functions in the place of what they return
    (
        "for p in waiting:\n    print(p)",
        "call",
        "`waiting` is a function. What it gives is had by a call: `waiting(depot",
    ),
    ("[d for d in names if d not in roads]", "call", "`roads` is a function."),
    ("'x' in waiting('A') or 'x' in parcel", "call", "`parcel` is a function."),
    ("parcel['grams']", "call", "`parcel` is a function."),
    ("sum(waiting)", "call", "`waiting` is a function."),
    ("waiting + ['x']", "call", "`waiting` is a function."),
    ("heat > 30", "call", "`heat` is a function."),
    # items that are asked for keys
    ("sum(p['grams'] for p in waiting('A'))", "type", "each item is a str, so it has no ['grams']. `parcel("),
    ("waiting('A')[0]['day']", "type", "`waiting(depot: str) -> list[str]`: each item is a str"),
    ("for p in waiting('A'):\n    print(p['day'])", "type", "gives a dict with 'to', 'grams', 'day'."),
    ("ids = waiting('A')\nfor n, p in enumerate(ids):\n    print(n, p['to'])", "type", "has no ['to']"),
    ("ids = waiting('A')\nids['day']", "type", "gives a list, so it has no ['day']. Each item is a str."),
    ("for d, m in roads('A').items():\n    print(m['km'])", "type", "each value is an int"),
    ("for d, m in roads('A').items():\n    print(d['km'])", "type", "each key is a str"),
    ("roads('A')['B']['C']", "type", "each value is an int"),
    ("sorted(waiting('A'), key=lambda p: p['grams'])", "type", "each item is a str"),
    ("max(waiting('A'), key=lambda p: p['grams'])", "type", "each item is a str"),
    ("max(waiting('A'))['grams']", "type", "each item is a str"),
    ("ids = sorted(waiting('A'))\nids[-1]['grams']", "type", "each item is a str"),
    ("ids = waiting('A') + waiting('B')\n[p['to'] for p in ids]", "type", "is a str, so it has no ['to']"),
    ("for a, b in zip(waiting('A'), numbers):\n    print(b['x'])", "type", "is an int"),
    (
        "page = 1\nwhile ids := found('w', page):\n    for i in ids:\n        print(i['to'])\n    page += 1",
        "type",
        "['to']",
    ),
    ("def f(d):\n    ids = waiting(d)\n    return [p['to'] for p in ids]\nf('A')", "type", "['to']"),
    ("[q['to'] for d in names for q in waiting(d)]", "type", "['to']"),
    ("name, minute = stops()\nminute['x']", "type", "[1] is an int"),
    ("for r in route(depots=[]):\n    r['km']", "type", "each item is a str"),
    ("(await later('A'))[0]['x']", "type", "each item is a str"),
    ("key = 'day'\nfor p in waiting('A'):\n    print(p[key])", "type", "so it has no [key]"),
    ("x = send()\nx['a']", "type", "gives None"),
    # attributes
    (
        "for p in waiting('A'):\n    p.grams",
        "attribute",
        "each item is a str, so it has no attribute `grams`. `parcel(",
    ),
    ("parcel('x').grams", "attribute", "gives a dict, so it has no attribute `grams`. Write ['grams']."),
    ("waiting('A').push('x')", "attribute", "Use `append`"),
    ("rows = [parcel(p) for p in waiting('A')]\nrows[0].grams", "attribute", "Write ['grams']"),
    # keys that the docstring does not tell
    (
        "parcel('x')['weight']",
        "key",
        "`parcel(parcel_id: str) -> dict[str, str | int]` gives {'to', 'grams', 'day'}: there is no 'weight'.",
    ),
    ("parcel('x').get('weight', 0)", "key", "there is no 'weight'"),
    ("total = 0\nfor p in waiting('A'):\n    total += parcel(p)['gram']", "key", "Did you mean 'grams'?"),
    ("rows = [parcel(p) for p in waiting('A')]\nsum(r['weight'] for r in rows)", "key", "no 'weight'"),
    ("for m in moved('x'):\n    print(m['day'])", "key", "each item is {'from_day', 'to_day'}"),
    ("info = {p: parcel(p) for p in waiting('A')}\nfor p, row in info.items():\n    print(row['w'])", "key", "no 'w'"),
    ("sorted([parcel(p) for p in waiting('A')], key=lambda r: r['size'])", "key", "no 'size'"),
    ("(row := parcel('x'))\nrow['size']", "key", "no 'size'"),
    # arguments
    (
        "parcel(waiting('A'))",
        "type",
        "`parcel_id` must be a str. `waiting(depot: str) -> list[str]` gives a list. Call it",
    ),
    ("moisture(bed='F', hour='12')", "type", "`hour` must be an int. `'12'` is a str. Write `hour=12`."),
    ("parcel(7)", "type", "Write `parcel_id='7'`"),
    ("load('A', parcel(waiting('A')[0]))", "type", "Take one of its values: 'to', 'grams', 'day'."),
    ("found('w', waiting('A'))", "type", "`page` must be an int"),
    ("route(depots='A')", "type", "`depots` must be a list"),
    ("heat('F', 2.5)", "type", "`hour` must be an int"),
    # what does not go together
    ("waiting('A') > 5", "type", "`len(waiting('A'))` is how many there are."),
    ("5 < parcel('x')", "type", "gives a dict, so `<` with an int fails"),
    ("roads('A')['B'] > '5'", "type", "`'5'` is a str, so `>` with an int fails"),
    ("'Grams: ' + load('A', 'x')", "type", "f-string"),
    ("heat('F', 1) + '°'", "type", "fails"),
    ("[p + 1 for p in waiting('A')]", "type", "each item is a str, so `+` with an int fails"),
    ("'a' in load('A', 'x')", "type", "nothing can be `in` it"),
    (
        "total = 0\nfor p in waiting('A'):\n    total += p",
        "type",
        "each item is a str, so `total +=` fails: `total` is an int. `parcel(",
    ),
    ("line = ''\nfor d, m in roads('A').items():\n    line += m", "type", "Add `str(…)` of it."),
    ("len(3)", "type", "no `len` of it"),
    ("len(load('A', 'x'))", "type", "gives an int"),
    ("for x in load('A', 'x'):\n    print(x)", "type", "Use `range(load('A', 'x'))`"),
    ("for i in len(names):\n    print(i)", "type", "Use `range(len(names))`"),
    ("[x for x in 5]", "type", "nothing to go through"),
    ("sum(waiting('A'))", "type", "`sum` adds up numbers"),
    ("sum(parcel(p) for p in waiting('A'))", "type", "`sum` adds up numbers"),
    ("range(waiting('A'))", "type", "`range` takes whole numbers. Use `len(waiting('A'))`."),
    ("', '.join(numbers)", "type", "Use `str(…)` of each item."),
    ("round(waiting('A'))", "type", "no `round` of it"),
    ("numbers['a']", "type", "`numbers` is a list"),
    ("count[0]", "type", "`count` is an int"),
)

GOOD: tuple[str, ...] = (
    "waiting = waiting('A')\nfor p in waiting:\n    print(p)",
    "list(map(parcel, waiting('A')))",
    "max(waiting('A'), key=parcel)",
    "waiting in [waiting, parcel] and heat is not heat or heat == 3",
    "[parcel for parcel in waiting('A') if parcel in names]",
    "def count(roads):\n    return len(roads)\ncount(names)",
    "class Waiting(list):\n    pass\nlen(Waiting)",
    "sum(parcel(p)['grams'] for p in waiting('A'))",
    "for d in names:\n    for p in waiting(d):\n        row = parcel(p)\n        print(d, row['to'], row['grams'] + 1)",
    "for p in waiting('A'):\n    p = parcel(p)\n    print(p['grams'])",
    "rows = [parcel(p) for p in waiting('A')]\nrows.sort(key=lambda r: (r['day'], -r['grams']))\nrows[0]['to']",
    "rows = {p: parcel(p) for p in waiting('A')}\nbest = max(rows, key=lambda p: rows[p]['grams'])\nrows[best]['to']",
    "by = {}\nfor p in waiting('A'):\n    by.setdefault(parcel(p)['to'], []).append(p)\nfor d, ps in by.items():\n    len(ps)",
    "by = {}\nfor p in waiting('A'):\n    d = parcel(p)['to']\n    by[d] = by.get(d, 0) + 1\nmax(by, key=by.get)",
    "from collections import defaultdict\nby = defaultdict(list)\nfor p in waiting('A'):\n    by[p[0]].append(p)\nby['a']",
    "page = 1\nids = []\nwhile more := found('w', page):\n    ids += more\n    page += 1\nlen(ids)",
    "ids, page = [], 1\nwhile True:\n    more = found('w', page)\n    if not more:\n        break\n    ids.extend(more)\n    page += 1",
    "for n, p in enumerate(waiting('A'), 1):\n    print(n + 1, p.upper(), p[0], p[1:])",
    "for p, n in zip(waiting('A'), range(5)):\n    print(p + 'x', n * 2)",
    "for d, m in sorted(roads('A').items(), key=lambda pair: pair[1]):\n    print(d.title(), m + 1)",
    "min(roads('A').values()) + 1",
    "roads('A')['Alten'] < 5",
    "roads('A').get('C', 5) + 1",
    "ids = waiting('A')\n', '.join(ids)",
    "', '.join(str(n) for n in numbers)",
    "', '.join(map(str, numbers))",
    "sum(numbers) / len(numbers) + 0.5",
    "sum([[1], [2]], [])",
    "row = parcel('x')\nrow['price'] = row['grams'] * 2\nprint(row['price'])",
    "row = parcel('x')\nrow.update(price=3)\nprint(row['price'])",
    "row = {**parcel('x'), 'id': 'x'}\nrow['id']",
    "rows = [{'id': p, **parcel(p)} for p in waiting('A')]\nrows[0]['id']",
    "rows = []\nfor p in waiting('A'):\n    row = parcel(p)\n    row['id'] = p\n    rows.append(row)\n[r['id'] for r in rows]",
    "row = parcel('x')\nfor k in names:\n    row[k] = 1\nprint(row['zzz'])",
    "row = parcel('x')\nif 'weight' in row:\n    print(row['weight'])",
    "try:\n    print(parcel('x')['weight'])\nexcept KeyError:\n    print(1)",
    "try:\n    total = waiting('A') + 1\nexcept TypeError:\n    total = 0",
    "for p in waiting('A'):\n    try:\n        print(p['x'])\n    except TypeError:\n        print(p)",
    "p = waiting('A')[0]\nif isinstance(p, dict):\n    p['grams']",
    "parcel('x')['today']",
    "m = moved('x')[0]\nm['until']\nm['from_day']",
    "m = moisture('F')\nif m is not None and m < 5:\n    print(m + 1)",
    "moisture('F', True)\nheat('F', 3)\nsend()\nsend(None)\nsend('x')",
    "route(depots=('A', 'B'))\nroute(depots=names)\nlist(route(depots=[]))",
    "x = waiting('A') if count > 2 else parcel('x')\nx['grams']",
    "if count:\n    x = waiting('A')\nelse:\n    x = parcel('x')\nx['grams']",
    "x = waiting('A')\nfor _ in range(3):\n    x = anything(x)\nx['a']",
    "x = 0\nx = anything(x)\nx['a']",
    "best = None\nfor p in waiting('A'):\n    if best is None or parcel(p)['grams'] > best['grams']:\n        best = parcel(p)\nbest['to']",
    "def weigh(p):\n    return parcel(p)['grams']\nsum(weigh(p) for p in waiting('A'))",
    "def outer(d):\n    ids = waiting(d)\n    def inner(p):\n        return p['x']\n    return [inner(parcel(i)) for i in ids]",
    "def total():\n    global box\n    box = {}\nbox = []\ntotal()\nbox['a']",
    "waiting = anything\nwaiting('A')['x']",
    "def waiting(d):\n    return {'x': 1}\nwaiting('A')['x']",
    "xs = [1, 2]\nxs.append('a')\nfor x in xs:\n    x.upper()",
    "xs = [1, 2]\nys = xs\nys.append('a')\nxs[2].upper()",
    "d = {'a': 1}\nd['b'] = 'x'\nd['b'].upper()",
    "heap = [(0, 'A')]\nimport heapq\nheapq.heappush(heap, (1, parcel('x')))\nn, row = heapq.heappop(heap)\nrow['to']",
    "for x in mixed:\n    x + 1",
    "prices['apple'] + 1\nsum(prices.values())\n[k.upper() for k in prices]",
    "first, *rest = waiting('A')\nprint(first.upper(), rest[0].lower(), len(rest))",
    "name, minute = stops()\nname.upper()\nminute + 1",
    "text[0] + text[1:]\ntext * 2\n'-' * 10\n'%s' % 3",
    "[1] * 3 + [2]\n(1, 2) + (3,)\n2 ** -1 < 0.5",
    "ids = set(waiting('A')) | set(waiting('B'))\nsorted(ids)[0].upper()",
    "list(map(lambda p: parcel(p)['to'], waiting('A')))\nlist(filter(lambda p: p.startswith('a'), waiting('A')))",
    "any(parcel(p)['day'] > 3 for p in waiting('A'))\nnext((p for p in waiting('A')), None)",
    "seen = set()\nqueue = ['A']\nwhile queue:\n    here = queue.pop(0)\n    for d in roads(here):\n        queue.append(d)",
    "dist = {'A': 0}\nfor d, m in roads('A').items():\n    dist[d] = min(dist.get(d, 999), dist['A'] + m)\ndist['B'] + 1",
    "pairs = [(parcel(p)['grams'], p) for p in waiting('A')]\npairs.sort()\npairs[0][1].upper()",
    "grid = [[0] * 3 for _ in range(3)]\ngrid[0][1] = 'x'\nfor row in grid:\n    print(row[0])",
    "hostile['a']\nhostile + 1\nhostile > 1\nfor x in hostile:\n    x['a']",
    "parcel(hostile)\n[h['x'] for h in hostiles]\nlen(hostile)",
    "def tag(row, key):\n    row[key] = 1\nrow = parcel('x')\ntag(row, 'mine')\nrow['mine']",
    "def tag(rows, key):\n    for row in rows:\n        row[key] = 1\nrows = moved('x')\ntag(rows, 'mine')\nrows[0]['mine']",
    "row = parcel('x')\nrow |= {'price': 3}\nrow['price']",
    "rows = [r | {'n': 1} for r in moved('x')]\nrows[0]['n']",
    "row = parcel('x').copy()\nrow.update(anything(1))\nrow['n']",
    "if isinstance(count, dict):\n    count['a']",
    "def f():\n    global count\n    count = {}\nf()\ncount['a']",
    "x = 1\nif (x := anything(2)):\n    x['a']",
    "x = 3\ny = [x for n in numbers if (x := anything(n))]\nx['a']",
    "total = ''\nfor p in waiting('A'):\n    total = total + p\ntotal + 'x'",
    "class Box:\n    def __init__(self):\n        self.rows = []\n    def add(self, p):\n        self.rows.append(parcel(p)['grams'])\nbox = Box()\nbox.rows[0] + 1",
    "total = 0\nfor p in waiting('A'):\n    total += len(p)\ntotal += parcel('x')['grams'] + 0.5",
    "total = 0\ntotal = ''\nfor p in waiting('A'):\n    total += p",
    "total = 0\ntotal = anything(total)\nfor p in waiting('A'):\n    total += p",
    "def f(total):\n    for p in waiting('A'):\n        total += p\n    return total\ntotal = 0\nf('')",
    "total = 0\ntry:\n    for p in waiting('A'):\n        total += p\nexcept TypeError:\n    total = 1",
    "nothing = anything(1)\nnothing['a']",
    "with anything(1) as x:\n    x['a']",
    "later('A')['x']",
    "match waiting('A'):\n    case [first, *_]:\n        print(first)",
    "import pandas as pd\npd.DataFrame([parcel(p) for p in waiting('A')])['weights'] if False else 0",
)


@pytest.mark.parametrize(("code", "kind", "words"), BAD, ids=[code for code, _, _ in BAD])
def test_what_does_not_go_with_a_declaration_is_told(code: str, kind: str, words: str) -> None:
    problem = find_problem(code, namespace())
    assert problem is not None
    assert (problem.kind, words in problem.text) == (kind, True), problem.text


@pytest.mark.parametrize("code", GOOD)
def test_what_may_be_right_is_passed(code: str) -> None:
    assert [finding for finding in find_all(code, namespace()) if finding.kind != "tool"] == []
    assert find_problem(code, None) is None


def test_there_are_enough_of_them() -> None:
    assert len({code for code, _, _ in BAD}) >= 35
    assert len(set(GOOD)) >= 50


@pytest.mark.parametrize("task", tools.TASKS, ids=[task.name for task in tools.TASKS])
def test_a_reference_solution_with_tools_is_passed(task: Task) -> None:
    assert [*find_all(task.reference, task.namespace())] == []


def declared(note: object) -> str:
    """The class that an annotation declares, with what is in it."""

    def tool() -> None:
        pass

    def shown(value: object) -> str:
        if not isinstance(value, Instance):
            return "?"
        inner = [shown(part) for part in (value.parts or (value.items, value.values)) if part is not None]
        return f"{value.cls.__name__}[{', '.join(inner)}]" if inner else value.cls.__name__

    tool.__annotations__ = {"return": note}
    return shown(result(tool, "tool"))


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        *[(str, "str"), ("str", "str"), ("'str'", "str"), (None, "NoneType"), ("None", "NoneType"), (bool, "bool")],
        *[
            (list[str], "list[str]"),
            ("list[str]", "list[str]"),
            (list[str], "list[str]"),
            ("typing.List[str]", "list[str]"),
        ],
        *[(dict[str, int], "dict[str, int]"), (Dict[str, int], "dict[str, int]"), ("Dict[str, int]", "dict[str, int]")],
        *[("tuple[str, int]", "tuple[str, int]"), (tuple[str, ...], "tuple[str]"), ("tuple[str, ...]", "tuple[str]")],
        *[(Iterable[int], "object[int, int]"), ("Iterator[str]", "object[str, str]"), ("set[int]", "set[int]")],
        *[("str | None", "?"), (str | None, "?"), (Optional[str], "?"), ("int | str", "?"), ("list", "list")],
        *[
            ("list[str] | None", "object[str, str]"),
            (Optional[list[str]], "object[str, str]"),
            ("list[int | str]", "list"),
        ],
        *[
            ("Any", "?"),
            (Any, "?"),
            ("", "?"),
            ("print('run')", "?"),
            (Hostile, "?"),
            (3, "?"),
            ("list[Hostile]", "list"),
        ],
    ],
)
def test_annotations_are_read_and_never_evaluated(note: object, expected: str) -> None:
    assert declared(note) == expected


def test_a_hostile_annotation_is_left_alone() -> None:
    assert declared(Hostile()) == "?"


def test_a_wrapped_function_declares_nothing_for_itself() -> None:
    from contextlib import contextmanager

    @contextmanager
    def opened(name: str) -> Iterator[str]:
        yield name

    assert result(opened, "opened") is None
    assert parameters(opened) == {}


@pytest.mark.parametrize(
    ("doc", "keys"),
    [
        ("One: {'to': depot, 'grams': weight}.", ("to", "grams")),
        ('One: {"to": depot, "grams"}.', ("to", "grams")),
        (
            "A game: {'white', 'black': names, 'result': 'white', 'draw' or None, 'moves'}.",
            ("white", "black", "result", "moves"),
        ),
        ("A letter: {'date': such as '1843-05-21', 'pages'}.", ("date", "pages")),
        *[("Prices, such as {'apple': 3, 'pear': 5}.", ()), ("E.g. {'a': 1, 'b': 2}", ()), ("{'a': 1, …, 'b': 2}", ())],
        *[("Only {'one'}.", ()), ("None here.", ()), (None, ())],
    ],
)
def test_keys_are_those_that_a_docstring_spells(doc: str | None, keys: tuple[str, ...]) -> None:
    def tool() -> None:
        pass

    tool.__doc__ = doc
    assert keys_told(tool) == keys
