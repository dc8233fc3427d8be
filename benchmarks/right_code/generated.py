"""Random cells over live frames: statements of pandas, numpy and the standard library in the forms that notebooks have.

Most of them run; `benchmarks.right_code` counts only those that do. The same seed gives the same cells.
"""

from __future__ import annotations

import random
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from tests.cells import GOOD
from tests.cells import namespace as notebook
from tests.programs import PROGRAMS

#: frame -> its columns of numbers, of text, and of dates
COLUMNS = {
    "penguins": (("bill_length_mm", "body_mass_g", "year"), ("species", "island"), ()),
    "sales": (("sales", "Unit Price "), ("store",), ()),
    "orders": (("amount", "n_items"), ("customer", "city"), ("placed", "paid")),
}
NAMES = (
    *("total", "result", "df", "data", "tmp", "x", "y", "rows", "means", "table", "counts", "best", "out", "value"),
    *("_", "_tmp", "__x", "open", "id", "max_", "name", "key", "größe", "résumé", "значение", "数", "مقدار", "i", "l"),
    *("penguins", "sales", "numbers", "text", "count", "prices"),
)
TEXTS = (
    *("a", "total", "µg/m³", "50 %", "CodeAct", "codeact_jupyter", "%codeact mode auto", "https://example.org/a.csv"),
    *("/data/path/to.csv", "…", "C:\\\\temp\\\\new", "می\u200cشود", "क\u094d\u200dष", "👩\u200d👩\u200d👧", "naïve", "日本"),
    *("<b>bold</b>", "your score", "enter", "N/A", "a, b; c", "# not a comment", "import os", "{}", "שלום", "path", "‘q’"),
    *("...", "TODO", "x = 1", "\\n", "\\u200b", "\u200fשח", "soft\u00adhyphen", "<your choice> or <mine>", "None"),
)


def live() -> dict[str, Any]:
    """Return the names that the cells find."""
    orders = pd.DataFrame(
        {
            "placed": pd.to_datetime(["2024-02-28", "2024-03-01", "2024-03-15", "2024-04-01"]),
            "paid": ["2024-03-02", "2024-03-02", "2024-03-20", "2024-05-01"],
            "amount": [10.0, 22.5, 7.25, 31.0],
            "n_items": [1, 3, 1, 4],
            "customer": ["Ann", "Bo", "Ann", "Cy"],
            "city": ["Oslo", "Rome", "Oslo ", "Bergen"],
        }
    )
    return {**notebook(), "orders": orders}


def cells(seed: int) -> Iterator[str]:
    """Yield cells without an end.

    Args:
        seed: Of the random choices.
    """
    seen: set[str] = set()
    number = 0
    while True:
        number += 1
        code = Writer(random.Random(f"{seed}/{number}")).cell()
        if code not in seen:
            seen.add(code)
            yield code


class Writer:
    """Writes one cell.

    Args:
        rng: Makes the choices.
    """

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.made: list[str] = []  #: names that the cell has bound to numbers
        self.imports: set[str] = set()

    def cell(self) -> str:
        """Return the text of a cell."""
        if self.rng.random() < 0.25:
            return self.variation()
        lines = [self.statement() for _ in range(self.rng.randint(1, 5))]
        if self.rng.random() < 0.6:
            lines.append(self.shown())
        return self.dressed("\n".join([*sorted(self.imports), *lines]))

    # --- the whole ---

    def variation(self) -> str:
        """Return a well-known cell in another form: in a block, twice, or after another one."""
        one, other = (self.pick(*GOOD, *PROGRAMS).strip("\n") for _ in range(2))
        inner = textwrap.indent(one, "    ")
        form = self.rng.randrange(7)
        match form:
            case 0:
                return f"{one}\n\n{other}"
            case 1:
                return f"if True:\n{inner}\nelse:\n    pass"
            case 2:
                return f"try:\n{inner}\nexcept ZeroDivisionError:\n    pass\nfinally:\n    done = True"
            case 3:
                return f"for _ in range(2):\n{inner}"
            case 4:
                return f"import contextlib\nwith contextlib.nullcontext():\n{inner}\n{other}"
            case 5:
                return f"{one}\nprint({self.text()})"
        return f"{other}\n# {self.pick(*TEXTS[:12])}\n{one}"

    def dressed(self, code: str) -> str:
        """Return the code as it is, or in a function, a main guard, a magic or with a docstring."""
        inner = textwrap.indent(code, "    ")
        match self.rng.randrange(12):
            case 0:
                return f"def main():\n{inner}\n    return 0\n\n\nif __name__ == '__main__':\n    main()"
            case 1:
                return f"%%time\n{code}"
            case 2:
                return f'"""{self.pick("What it does.", "CodeAct", "می‌شود", "See https://example.org")}"""\n{code}'
            case 3:
                return f"{code};"
            case 4:
                return f"# {self.pick(*TEXTS[:12])}\n\n{code}\n"
            case 5 if "\n" not in code:
                return f"%timeit -n 1 -r 1 {code}"
            case 6:
                return f"import asyncio\nasync def work():\n{inner}\n    await asyncio.sleep(0)\nawait work()"
            case 7:
                return f"with np.errstate(all='ignore'):\n{inner}"
        return code

    def statement(self) -> str:
        """Return one statement, maybe of several lines."""
        write = self.pick(*_STATEMENTS)
        return write(self)

    def shown(self) -> str:
        """Return the last expression of a cell."""
        name = self.pick(*self.made) if self.made else self.scalar()
        return self.pick(name, f"print({name})", self.frame(), self.series(), f"print(f'{{{self.scalar()}}}')")

    # --- parts ---

    def pick(self, *options: Any) -> Any:
        """Return one of the options."""
        return self.rng.choice(options)

    def name(self) -> str:
        """Return a name to assign to."""
        return str(self.pick(*NAMES))

    def text(self) -> str:
        """Return a string literal."""
        quote = self.pick("'", '"', '"""')
        return f"{quote}{self.pick(*TEXTS)}{quote}"

    def table(self) -> str:
        """Return the name of a live frame."""
        return str(self.pick(*COLUMNS))

    def numeric(self, table: str) -> str:
        """Return a column of numbers of the frame."""
        column = self.pick(*COLUMNS[table][0])
        return f"{table}.{column}" if column.isidentifier() and self.rng.random() < 0.3 else f"{table}[{column!r}]"

    def worded(self, table: str) -> str:
        """Return a column of text of the frame."""
        return f"{table}[{self.pick(*COLUMNS[table][1])!r}]"

    def series(self) -> str:
        """Return a series of numbers."""
        column = self.numeric(self.table())
        ends = (
            *("", " * 2", ".fillna(0)", ".rolling(2, min_periods=1).mean()", ".diff().fillna(0)", ".rank()", ".cumsum()"),
            *(".clip(lower=0)", ".round(1)", ".astype(float)", ".abs()", ".shift(1).bfill()", ".pct_change().fillna(0)"),
            *(".apply(lambda v: v + 1)", ".map('{:.1f}'.format)", ".where(lambda s: s > 1, 0)", ".sort_values()"),
        )
        return column + str(self.pick(*ends))

    def mask(self, table: str) -> str:
        """Return a condition on the rows of the frame."""
        number, word = self.numeric(table), self.worded(table)
        options = [
            f"{number} > {number}.mean()",
            f"{number}.between(1, {self.rng.randint(2, 5000)})",
            f"{word} == {self.text()}",
            f"{word}.isin([{self.text()}, {self.text()}])",
            f"{word}.str.contains({self.pick('a', 'O', 'CodeAct')!r}, case=False)",
            f"({number} > 0) & ({word} != {self.text()})",
            f"~{word}.str.startswith({self.text()})",
            f"{number}.notna()",
        ]
        if COLUMNS[table][2]:
            options += [
                f"{table}['placed'] >= '2024-03-01'",
                f"({table}['placed'] >= '2024-03-01') & ({table}['placed'] < '2024-04-01')",
                f"{table}['placed'].dt.strftime('%Y-%m') == '2024-03'",
                f"{table}['placed'].dt.day_name() == 'Monday'",
                f"pd.to_datetime({table}['paid']) > pd.Timestamp('2024-03-03')",
                f"{table}['placed'].dt.month.eq({self.rng.randint(1, 12)})",
            ]
        return str(self.pick(*options))

    def frame(self) -> str:
        """Return a frame or a series."""
        table = self.table()
        number, word = self.pick(*COLUMNS[table][0]), self.pick(*COLUMNS[table][1])
        how = self.pick("mean", "sum", "max", "count", "nunique", "median", "first")
        return str(
            self.pick(
                f"{table}[{self.mask(table)}]",
                f"{table}.loc[{self.mask(table)}, [{word!r}, {number!r}]]",
                f"{table}.groupby({word!r})[{number!r}].{how}()",
                f"{table}.groupby({word!r}, as_index=False).agg(n=({number!r}, {how!r}))",
                f"{table}.sort_values({number!r}, ascending=False).head({self.rng.randint(1, 3)})",
                f"{table}.assign(new=lambda d: d[{number!r}] / d[{number!r}].sum())",
                f"{table}.pivot_table(index={word!r}, values={number!r}, aggfunc={how!r})",
                f"{table}.melt(id_vars={word!r}, value_vars=[{number!r}])",
                f"{table}.rename(columns={{{number!r}: {self.text()}}})",
                f"{table}[[{word!r}, {number!r}]].drop_duplicates()",
                f"{table}.query('`{number}` > 0')",
                f"{table}.set_index({word!r})[{number!r}].to_dict()",
                f"{table}.describe().T",
                f"{table}[{word!r}].value_counts(normalize=True)",
                f"pd.concat([{table}, {table}], ignore_index=True).tail(2)",
                f"pd.crosstab({table}[{word!r}], {table}[{number!r}] > 2)",
                f"{table}.merge({table}, on={word!r}, suffixes=('', '_2'))",
                f"{table}.nlargest(1, {number!r})[{word!r}].iloc[0]",
                f"({table}\n    .dropna()\n    .groupby({word!r})\n    .size()\n    .reset_index(name='n'))",
            )
        )

    def scalar(self) -> str:
        """Return an expression for a number."""
        table = self.table()
        column = self.numeric(table)
        return str(
            self.pick(
                f"{column}.{self.pick('sum', 'mean', 'max', 'min', 'std', 'median', 'nunique')}()",
                f"len({table}[{self.mask(table)}])",
                f"({self.mask(table)}).sum()",
                f"round(float({column}.mean()), 2)",
                f"int({column}.idxmax())",
                f"np.percentile({column}, {self.rng.randint(1, 99)})",
                f"{table}.shape[{self.rng.randint(0, 1)}]",
                f"sum(v for v in {column} if v > 0)",
                f"max(numbers, key=lambda n: -n) + {self.rng.randint(0, 9)}",
                "price_of('apple') * stock['pear']",
                f"len({self.text()})",
                f"math.sqrt({self.rng.randint(1, 99)})",
                *self.made[-1:],
            )
        )

    def bind(self) -> str:
        """Return a fresh name that will hold a number."""
        name = f"{self.pick('n', 'total', 'mean', 'größe', '_v', 'part')}_{len(self.made)}"
        self.made.append(name)
        return name


# --- statements --------------------------------------------------------------------------------------------------


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
_STATEMENTS: tuple[Statement, ...] = (
    *(_assign, _assign, _assign_any, _assign_any, _show, _show, _column, _method, _loop, _loop, _comprehension),
    *(_function, _function, _class, _branch, _branch, _standard, _standard, _standard, _numpy, _numpy),
    *(_magic, _plot),
)
