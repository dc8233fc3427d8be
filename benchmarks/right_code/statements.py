# ruff: noqa: E501 - code as it would be written
"""Random statements, each of which runs on its own in the namespace of `live`, most of the time."""

from __future__ import annotations

from collections.abc import Callable

from .expressions import COLUMNS, Writer


def _assign(w: Writer) -> str:
    return f"{w.bind()} = {w.scalar()}"


def _assign_any(w: Writer) -> str:
    return f"{w.name()} = {w.pick(w.frame, w.series, w.text)()}"


def _show(w: Writer) -> str:
    return str(w.pick(f"print({w.scalar()})", f"display({w.frame()})", w.frame(), f"print({w.text()}, {w.series()})"))


def _column(w: Writer) -> str:
    table = w.table()
    return f"{table}[{w.text()}] = {w.numeric(table)} * {w.rng.randint(2, 9)}"


def _method(w: Writer) -> str:
    table = w.table()
    call = w.pick(f"{table}.dropna(inplace=True)", f"{table}.insert(0, 'k{w.rng.randrange(99)}', 1)", f"{table}.info()")
    return str(w.pick(call, f"{table} = {table}.reset_index(drop=True)"))


def _loop(w: Writer) -> str:
    table = w.table()
    word = w.pick(*COLUMNS[table][1])
    return str(
        w.pick(
            f"for {w.pick('key', '_', 'i', 'g')}, group in {table}.groupby({word!r}):\n    print(len(group))",
            f"for row in {table}.itertuples():\n    {w.bind()} = row.Index",
            f"for i, (a, *rest) in enumerate(zip({table}[{word!r}], {w.numeric(table)})):\n    print(i, a, rest)",
            f"for column in {table}.columns:\n    print(column, {table}[column].isna().sum())",
            "while len(numbers) > 2:\n    numbers.pop()",
            f"for n in range({w.rng.randint(1, 4)}):\n    if n == 2:\n        continue\n    last = n\nelse:\n    last = -1",
        )
    )


def _comprehension(w: Writer) -> str:
    return str(
        w.pick(
            f"{w.name()} = [v for v in {w.numeric(w.table())} if v]",
            f"{w.name()} = {{k: v for k, v in prices.items() if v > {w.rng.random():.2f}}}",
            "flat = [y for x in [[1], [2, 3]] for y in x if (z := y) > 1]\nprint(z)",
            f"print(sum(1 for w in {w.text()} if w.isalpha()))",
            f"{{len(name) for name in {w.table()}.columns}}",
        )
    )


def _function(w: Writer) -> str:
    name = w.pick("share", "f", "clean", "_helper", "summarise", "größer")
    body = f"def {name}(values, *, by=1.0, **more):\n    '''{w.pick('Scale.', 'CodeAct', '…')}'''\n    return [v * by for v in values]"
    return str(
        w.pick(
            f"{body}\nprint({name}([1, 2], by=2, note={w.text()}))",
            f"def {name}(frame: pd.DataFrame, column: str = 'n') -> float:\n    nonlocal_ = frame.shape\n"
            f"    return nonlocal_[0]\n{w.bind()} = {name}({w.table()})",
            f"{name} = lambda v, k=2, *rest: v * k\nprint({name}({w.scalar()}))",
            "def outer():\n    n = 0\n    def inner():\n        nonlocal n\n        n += 1\n        return n\n    return inner\nprint(outer()())",
            "def bump():\n    global count\n    count += 1\nbump()",
            f"def numbers_of(frame):\n    yield from frame.shape\nprint(*numbers_of({w.table()}), sep={w.text()})",
            f"import functools\n@functools.cache\ndef {name}(n):\n    return n if n < 2 else {name}(n - 1) + {name}(n - 2)\n{name}(9)",
        )
    )


def _class(w: Writer) -> str:
    return str(
        w.pick(
            f"class Shop:\n    rate = 1.2\n    def __init__(self, frame):\n        self.frame = frame\n"
            f"    @property\n    def size(self):\n        return len(self.frame) * self.rate\nprint(Shop({w.table()}).size)",
            f"from dataclasses import dataclass, field\n@dataclass\nclass Row:\n    name: str\n    tags: list = field(default_factory=list)\n"
            f"print(Row({w.text()}))",
            "class Problem(Exception): ...\ntry:\n    raise Problem('no')\nexcept Problem as problem:\n    print(problem)",
            "from enum import Enum\nclass Kind(Enum):\n    A = 'a'\n    B = 'b'\nprint(Kind('a'))",
            f"from typing import NamedTuple\nclass Point(NamedTuple):\n    x: float\n    y: float = 0\nprint(Point({w.scalar()}))",
        )
    )


def _branch(w: Writer) -> str:
    return str(
        w.pick(
            f"if (n := {w.scalar()}) > 1:\n    print(n)\nelif n == 1: print('one')\nelse:\n    print({w.text()})",
            f"match {w.table()}.shape:\n    case (0, _):\n        print('empty')\n    case (rows, columns) if rows > 1:\n        print(rows, columns)",
            f"match {{'kind': {w.text()}, 'n': 1}}:\n    case {{'kind': str(kind), **rest}}:\n        print(kind, rest)",
            f"try:\n    value = float({w.text()})\nexcept (ValueError, TypeError) as error:\n    value = None\n    print(error)",
            f"assert {w.scalar()} is not None, {w.text()}",
            f"{w.bind()} = 1 if {w.scalar()} > 2 else 0",
            f"if {w.text()} in {w.table()}.columns:\n    print('there')",
        )
    )


def _standard(w: Writer) -> str:
    return str(
        w.pick(
            f"import re\nprint(re.findall(r'\\w+', {w.text()}))",
            f"import json\nprint(json.dumps({{'a': {w.text()}}}, ensure_ascii=False))",
            f"from collections import Counter, defaultdict\nseen = defaultdict(list)\nfor c in {w.text()}:\n    seen[c].append(1)\nCounter(seen)",
            f"from datetime import date, timedelta\n{w.name()} = date(2024, 2, 28) + timedelta(days={w.rng.randint(1, 9)})",
            f"from pathlib import Path\nprint(Path({w.text()}).suffix, Path.cwd().name != '')",
            f"import itertools as it\nprint(list(it.islice(it.count({w.rng.randint(1, 9)}), 3)))",
            f"from statistics import *\nprint(mean(numbers), {w.scalar()})",
            f"from math import *\nprint(floor({w.scalar()}), pi)",
            f"import random\nrandom.seed({w.rng.randint(1, 9)})\nprint(random.choice(numbers))",
            f"import io\n{w.name()} = pd.read_csv(io.StringIO('a,b\\n1,2\\n3,4'))",
            f"import textwrap, string\nprint(textwrap.shorten({w.text()}, 20), string.digits)",
            f"print('{{:>{w.rng.randint(8, 20)}}}'.format({w.text()}), f\"{{{w.scalar()}:.2f}}\")",
            f"import os.path as osp\nprint(osp.join('a', {w.text()}))",
            f"first, *_ = {w.text()}, 2, 3",
            "del count",
            f"{w.name()} = {w.text()} + {w.text()}",
            f"import urllib.parse\nprint(urllib.parse.quote({w.text()}))",
            "from contextlib import suppress\nwith suppress(KeyError):\n    prices['nothing']",
            "x, y = y, x = 1, 2",
            f"stock['plum'] = {w.rng.randint(1, 9)}; print(stock)",
        )
    )


def _numpy(w: Writer) -> str:
    column = w.numeric(w.table())
    return str(
        w.pick(
            f"a = np.asarray({column}, dtype=float)\nprint(a[..., None].shape, a[::-1])",
            f"np.where({column} > 1, {w.text()}, 'no')",
            f"rng = np.random.default_rng({w.rng.randint(0, 9)})\nprint(rng.normal(size=3).round(2))",
            f"{w.bind()} = float(np.dot({column}, {column}))",
            f"grid = np.arange({w.rng.randint(2, 9)}).reshape(1, -1) @ np.ones(({w.rng.randint(2, 9)}, 1))",
            f"edges, counts = np.histogram({column}, bins=3)\nprint(edges, counts)",
            "m = np.zeros((2, 2, 2))\nm[..., 0] = 1\nm[0, ...]",
        )
    )


def _plot(w: Writer) -> str:
    table = w.table()
    column = w.numeric(table)
    return str(
        w.pick(
            f"ax = {column}.plot(kind='hist', title={w.text()})\nax.set_xlabel('x');",
            f"import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot({column})\nplt.close(fig)",
        )
    )


def _magic(w: Writer) -> str:
    return str(
        w.pick(
            f"%time {w.name()} = {w.scalar()}",
            "%matplotlib --list",
            f"%timeit -n 1 -r 1 {w.scalar()}",
            "files = !ls",
            "here = %pwd",
            "%precision 3",
        )
    )


Statement = Callable[[Writer], str]
#: as often as they are named
STATEMENTS: tuple[Statement, ...] = (
    *(_assign, _assign, _assign_any, _assign_any, _show, _show, _column, _method, _loop, _loop, _comprehension),
    *(_function, _function, _class, _branch, _branch, _standard, _standard, _standard, _numpy, _numpy),
    *(_magic, _plot),
)
