"""Random expressions over the frames of `live`: columns, conditions, tables and numbers."""

from __future__ import annotations

import random
from typing import Any

import pandas as pd

from tests.cells import namespace as notebook

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
    *(
        "/data/path/to.csv",
        "…",
        "C:\\\\temp\\\\new",
        "می\u200cشود",
        "क\u094d\u200dष",
        "👩\u200d👩\u200d👧",
        "naïve",
        "日本",
    ),
    *(
        "<b>bold</b>",
        "your score",
        "enter",
        "N/A",
        "a, b; c",
        "# not a comment",
        "import os",
        "{}",
        "שלום",
        "path",
        "‘q’",
    ),
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


class Writer:
    """Writes the parts of one cell.

    Args:
        rng: Makes the choices.
    """

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.made: list[str] = []  #: names that the cell has bound to numbers

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
            *(
                "",
                " * 2",
                ".fillna(0)",
                ".rolling(2, min_periods=1).mean()",
                ".diff().fillna(0)",
                ".rank()",
                ".cumsum()",
            ),
            *(
                ".clip(lower=0)",
                ".round(1)",
                ".astype(float)",
                ".abs()",
                ".shift(1).bfill()",
                ".pct_change().fillna(0)",
            ),
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
