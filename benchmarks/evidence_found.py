"""What the experiment finds, on steps whose dependence is known, and what it costs.

    python benchmarks/evidence_found.py              # the whole table, in a few minutes
    python benchmarks/evidence_found.py --steps 40   # fewer generated steps
    python benchmarks/evidence_found.py --live 10 1000   # the cost with 10 MB and with 1 GB of live data
    python benchmarks/evidence_found.py --only cost --live 10 1000   # only that

Generated steps (filters, joins, groups, reshapes, windows, text; pandas and polars) come with the columns that their
result depends on. *found*: of these columns, those that the experiment finds. *false*: of the columns that it finds,
those on which the result does not depend. *called independent*: steps of which it says so, although they depend on
something. That only few rows of a column matter is checked, where it is so in these data only, by changing each row.
*delivered*: wrong answers of a scripted model that insists on them, first of those that were written before the code,
then of those written after it (`evidence_cases`), then of those of other shapes (`evidence_shapes`).
"""

from __future__ import annotations

import argparse
import contextlib
import io
import itertools
import random
import resource
import statistics
import sys
import time
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import evidence_shapes
import numpy as np
import pandas as pd
import polars as pl
from evidence_cases import RIGHT, WRITTEN_AFTER, WRITTEN_BEFORE, Case, delivered
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from codeact_jupyter.kernel.gate import Gate
from codeact_jupyter.kernel.preview import Preview
from codeact_jupyter.kernel.workspace import Workspace
from codeact_jupyter.session.evidence import Evidence

TOWNS, STATES, CREWS = ("Aldo", "Brig", "Cham", "Dorn"), ("open", "paid", "void"), ("ash", "elm", "fir")
NUMBERS, CLASSES = ("weight", "fee", "units"), ("town", "state", "crew")

#: kind, code, and the columns of `jobs` or `sites` on which its result depends, `:3` where only 3 rows of it matter,
#: whatever the data are; `{n}`, `{c}` and so on are filled in
STEPS = (
    ("filter", "print(jobs[jobs['{c}'] == '{v}']['{n}'].sum())", "{c} {n}"),
    ("filter", "print((jobs['{n}'] > {t}).sum())", "{n}"),
    ("filter", "print(len(jobs.query('{n} > {t} and {c} == \"{v}\"')))", "{n} {c}"),
    ("filter", "print(jobs.loc[jobs['{n}'].idxmax(), '{c}'])", "{n} {c}:1"),
    ("filter", "print(jobs[jobs.{c}.isin(['{v}', 'none'])].{n}.max())", "{c} {n}"),
    ("filter", "print((jobs['{c}'] == 'nowhere').sum())", "{c}"),
    ("filter", "print((jobs['{n}'] > 10**7).any())", "{n}"),
    ("group", "print(jobs.groupby('{c}')['{n}'].mean().round(2))", "{c} {n}"),
    ("group", "print(jobs.groupby('{c}')['{n}'].sum().idxmax())", "{c} {n}"),
    ("group", "print(jobs['{c}'].value_counts().head(1))", "{c}"),
    ("group", "print(jobs.groupby(['{c}', '{d}']).size().max())", "{c} {d}"),
    ("group", "print(jobs.groupby('{c}').agg(low=('{n}', 'min'), most=('{m}', 'max')))", "{c} {n} {m}"),
    ("group", "print(jobs['{c}'].nunique())", "{c}"),
    ("join", "m = jobs.merge(sites, on='town')\nm.groupby('area')['{n}'].sum()", "town sites.town sites.area {n}"),
    ("join", "m = jobs.merge(sites, on='town', how='left')\nprint(m['rent'].sum())", "town sites.town sites.rent"),
    ("join", "print(jobs['town'].map(sites.set_index('town')['rent']).mean())", "town sites.town sites.rent"),
    ("reshape", "print(jobs.pivot_table(index='{c}', columns='{d}', values='{n}', aggfunc='mean'))", "{c} {d} {n}"),
    ("reshape", "print(pd.crosstab(jobs['{c}'], jobs['{d}']))", "{c} {d}"),
    ("reshape", "print(jobs.melt(id_vars='{c}', value_vars=['{n}', '{m}'])['value'].sum())", "{n} {m}"),
    ("reshape", "print(jobs.groupby(['{c}', '{d}'])['{n}'].sum().unstack().fillna(0).max().max())", "{c} {d} {n}"),
    ("window", "print(jobs['{n}'].rolling(5).mean().max())", "{n}"),
    ("window", "print(jobs.sort_values('day')['{n}'].diff().abs().max())", "day {n}"),
    ("window", "print(jobs['{n}'].cumsum().iloc[50])", "{n}"),
    ("window", "print(jobs.groupby('{c}')['{n}'].rank().max())", "{c} {n}"),
    ("window", "print(jobs.set_index('day')['{n}'].resample('MS').sum().idxmax())", "day {n}"),
    ("time", "print(jobs.groupby(jobs['day'].dt.month)['{n}'].sum())", "day {n}"),
    ("time", "print((jobs['day'] >= '2023-09-01').sum())", "day"),
    ("time", "print(jobs['day'].max() - jobs['day'].min())", "day"),
    ("text", "print(jobs['note'].str.contains('late').sum())", "note"),
    ("text", "print(jobs['note'].str.len().max())", "note"),
    ("text", "print(jobs[jobs['note'].str.startswith('rain')]['{n}'].mean())", "note {n}"),
    ("text", "print(jobs['note'].str.split().str[0].value_counts().idxmax())", "note"),
    ("text", "print(jobs['code'].astype(int).sum())", "code"),
    ("order", "print(jobs.sort_values('{n}').head(3)['{c}'].tolist())", "{n} {c}:3"),
    ("order", "print(jobs.nlargest(2, '{n}')['{m}'].sum())", "{n} {m}:2"),
    ("missing", "print(jobs['tip'].isna().sum())", "tip"),
    ("missing", "print(jobs.dropna(subset=['tip'])['{n}'].sum())", "tip {n}"),
    ("missing", "print(jobs['tip'].fillna(0).mean())", "tip"),
    ("numbers", "print(jobs[['{n}', '{m}']].corr().round(3))", "{n} {m}"),
    ("numbers", "print((jobs['{n}'] * jobs['{m}']).sum())", "{n} {m}"),
    ("numbers", "print(f\"{{jobs['{n}'].mean():.1f}}\")", "{n}"),
    ("loop", "t = 0\nfor c, n in zip(jobs['{c}'], jobs['{n}']):\n    t += n if c == '{v}' else 0\nt", "{c} {n}"),
    ("polars", "print(jobs_pl.filter(pl.col('{c}') == '{v}')['{n}'].sum())", "{c} {n}"),
    ("polars", "print(jobs_pl.group_by('{c}').agg(pl.col('{n}').mean()).sort('{c}'))", "{c} {n}"),
    ("polars", "print(jobs_pl.join(sites_pl, on='town')['rent'].sum())", "town sites_pl.town sites_pl.rent"),
    ("polars", "print(jobs_pl.select(pl.col('{n}').rolling_mean(4).max()).item())", "{n}"),
    ("polars", "print(jobs_pl.sort('{n}', descending=True).head(2)['{c}'].to_list())", "{n} {c}:2"),
    ("polars", "print(jobs_pl.with_columns(half=pl.col('{n}') / 2).select(pl.sum('half')).item())", "{n}"),
    ("polars", "print(jobs_pl.filter(pl.col('note').str.contains('late')).height)", "note"),
    ("polars", "print(jobs_pl.pivot('{d}', index='{c}', values='{n}', aggregate_function='sum'))", "{c} {d} {n}"),
)  # fmt: skip


#: run in each copy, since a copy has no threads of polars that this process has started
POLARS = "jobs_pl, sites_pl = (pl.DataFrame(each.to_dict('list')) for each in (jobs, sites))"


@dataclass(frozen=True)
class Step:
    """A step, and the columns on which its result depends."""

    kind: str
    code: str
    columns: frozenset[str]
    few: frozenset[tuple[str, int]] = frozenset()  #: of which only so many rows matter


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=200, help="generated steps")
    parser.add_argument("--live", type=int, nargs="*", default=[10], help="megabytes of live data, to measure the cost")
    parser.add_argument("--only", choices=("found", "delivered", "cost"), help="one part of the table")
    parser.add_argument("--seconds", type=float, default=0.4, help="time limit of an experiment")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    bench = Bench(options.seconds)
    if options.only in (None, "found"):
        print_found([(step, *bench.examine(step)) for step in generated(options.steps)])
    if options.only in (None, "delivered"):
        print_delivered()
    for megabytes in options.live if options.only in (None, "cost") else ():
        print_cost(bench, megabytes)
    return 0


class Bench:
    """A private shell with the tables of the generated steps."""

    def __init__(self, seconds: float) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "nocolor"
        self.shell = InteractiveShell.instance(config=config)
        self.preview = Preview(Workspace(self.shell, Gate(self.shell)))
        self.preview.evidence_seconds = seconds
        self.shell.user_ns.update(tables(), pd=pd, pl=pl, np=np)

    def examine(self, step: Step) -> tuple[Evidence, float]:
        """Return what the experiment finds of a step, and the seconds that it took."""
        prior = [POLARS] if step.kind == "polars" else []
        trial = self.preview.try_cell(step.code, prior=prior)
        if trial.outcome != "ran":
            raise SystemExit(f"{step.code}: {trial.error or trial.reason}")
        started = time.perf_counter()
        return self.preview.evidence(step.code, trial, "", prior=prior), time.perf_counter() - started


def tables() -> dict[str, Any]:
    """Return the tables: 400 jobs at four sites."""
    draw = np.random.default_rng(5)
    words = ["rain all day", "late start", "no remark", "rain, late", "fine"]
    jobs = pd.DataFrame(
        {
            "town": draw.choice(TOWNS, 400),
            "state": draw.choice(STATES, 400, p=[0.5, 0.3, 0.2]),
            "crew": draw.choice(CREWS, 400),
            "weight": draw.gamma(2, 40, 400).round(1),
            "fee": draw.uniform(5, 90, 400).round(2),
            "units": draw.integers(1, 30, 400),
            "day": pd.Timestamp("2023-01-01") + pd.to_timedelta(draw.integers(0, 365, 400), unit="D"),
            "note": draw.choice(words, 400),
            "code": draw.integers(100, 999, 400).astype(str),
            "tip": np.where(draw.random(400) < 0.2, np.nan, draw.uniform(0, 9, 400).round(1)),
        }
    )
    sites = pd.DataFrame(
        {"town": TOWNS, "area": ["north", "south", "south", "north"], "rent": [410.0, 380.5, 295.0, 520.0]}
    )
    return {"jobs": jobs, "sites": sites}


def generated(count: int) -> Iterator[Step]:
    """Yield steps, of each kind in turn, with columns and values by chance."""
    draw = random.Random(11)
    for kind, code, columns in itertools.islice(itertools.cycle(STEPS), count):
        (n, m), (c, d) = draw.sample(NUMBERS, 2), draw.sample(CLASSES, 2)
        values = {"town": TOWNS, "state": STATES, "crew": CREWS}[c]
        filled = {"n": n, "m": m, "c": c, "d": d, "v": draw.choice(values), "t": draw.choice((10, 20, 25))}
        table = "jobs_pl" if kind == "polars" else "jobs"
        named = [each.partition(":") for each in columns.format(**filled).split()]
        known = {name if "." in name else f"{table}.{name}": int(rows or 0) for name, _, rows in named}
        few = frozenset(pair for pair in known.items() if pair[1])
        yield Step(kind, code.format(**filled), frozenset(known), few)


def print_found(outcomes: list[tuple[Step, Evidence, float]]) -> None:
    """Print a row for each kind of steps, and the steps of which something else was found."""
    heads = ("kind", "steps", "columns", "found", "false", "called independent", "not tried", "s")
    print("{:<10} {:>5} {:>7} {:>7} {:>6} {:>18} {:>9} {:>6}".format(*heads))
    for kind in [*dict.fromkeys(step.kind for step, _, _ in outcomes), "all"]:
        own = [each for each in outcomes if kind in (each[0].kind, "all")]
        known = sum(len(step.columns) for step, _, _ in own)
        found = sum(len(step.columns & set(evidence.rests_on)) for step, evidence, _ in own)
        false = sum(len(set(evidence.rests_on) - step.columns) for step, evidence, _ in own)
        independent = sum(
            evidence.independent or bool(step.columns & set(evidence.independent_of)) for step, evidence, _ in own
        )
        untried = sum(not evidence.tried for _, evidence, _ in own)
        seconds = statistics.median(seconds for _, _, seconds in own)
        row = (kind, len(own), known, f"{found / known:.1%}", false, independent, untried, f"{seconds:.2f}")
        print("{:<10} {:>5} {:>7} {:>7} {:>6} {:>18} {:>9} {:>6}".format(*row))
    told = [(pair, step) for step, evidence, _ in outcomes for pair in evidence.few]
    right, known = sum(pair in step.few for pair, step in told), sum(len(step.few) for step, _, _ in outcomes)
    others = [(step, column, rows) for (column, rows), step in told if (column, rows) not in step.few]
    wrong = {step for step, column, rows in others if rows_that_matter(step.code, column) != rows}
    print(f"{'few rows of a column, told':<34} {right} of {known}; of {len(others)} others {len(wrong)} wrongly")
    for step, evidence, _ in outcomes:
        if step.columns != set(evidence.rests_on) or step in wrong:
            found = f"{list(evidence.rests_on)} {dict(evidence.few)} {evidence.reason}"
            print(f"  {step.code!r}: {sorted(step.columns)} {dict(step.few)}, but {found}")


def rows_that_matter(code: str, column: str) -> int:
    """Return how many rows of a column of `jobs` change what the code prints, each changed alone to 20 other values."""
    namespace, (table, name) = {"pd": pd, "np": np, **tables()}, column.split(".")

    def printed() -> str:
        with contextlib.redirect_stdout(io.StringIO()) as shown:
            exec(code, namespace)
        return shown.getvalue()

    frame, as_it_is = namespace[table], printed()
    values = frame[name].drop_duplicates().sort_values().to_list()
    values = values[:: max(len(values) // 20, 1)] + values[-1:]

    def matters(row: int) -> bool:
        kept = frame.at[row, name]
        for value in values:
            frame.at[row, name] = value
            if printed() != as_it_is:
                break
        else:
            value = None
        frame.at[row, name] = kept
        return value is not None

    return sum(matters(row) for row in range(len(frame)))


# --- runs of the agent ---------------------------------------------------------------------------------------------


def print_delivered() -> None:
    """Print how many wrong answers are delivered as they are, and how many right ones are not."""
    for kind in WRITTEN_BEFORE:
        parts = (WRITTEN_BEFORE[kind], WRITTEN_AFTER[kind], evidence_shapes.WRONG[kind])
        bad = [[case for case in part if delivered(*case) == case[-1]] for part in parts]
        counts = ", ".join(f"{len(each)} of {len(part)}" for each, part in zip(bad, parts, strict=True))
        print(f"{kind + ', delivered':<34} {counts}")
        print_cases(itertools.chain(*bad))
    right = (*RIGHT, *evidence_shapes.RIGHT)
    refused = [case for case in right if delivered(*case) != case[-1]]
    print(f"{'right or asked for, not delivered':<34} {len(refused)} of {len(right)}")
    print_cases(refused)


def print_cases(cases: Iterable[Case]) -> None:
    for source, question, code, answer in cases:
        print(f"  {source}: {question} {code!r}: {answer}")


# --- cost ----------------------------------------------------------------------------------------------------------

COSTLY = (
    "print(big.x.sum())",
    "print(big.groupby('kind', observed=True).y.mean())",
    "print(big[big.kind == 'a'].z.max())",
    "top = big.nlargest(3, 'x')\nprint(top)",
    "print(levels.mean())",
    "print((levels > 0.5).sum())",
    "print(grid.max(axis=1)[:3])",
)


def print_cost(bench: Bench, megabytes: int) -> None:
    """Print the added seconds with so much live data, a table and two arrays, and what this process grew by."""
    bench.shell.user_ns.update(large(megabytes))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = [bench.examine(Step("cost", code, frozenset())) for code in COSTLY * 3]
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    seconds = [each for _, each in found]
    times = f"median {statistics.median(seconds):.2f}, most {max(seconds):.2f}"
    tried = sum(evidence.tried for evidence, _ in found)
    print(f"{f'added seconds a step, {megabytes} MB live':<34} {times}; {tried} of {len(found)} tried; +{grown:.0f} MB")
    for reason in dict.fromkeys(evidence.reason for evidence, _ in found if not evidence.tried):
        print(f"  not tried: {reason}")
    for name in large(0):
        del bench.shell.user_ns[name]


def large(megabytes: int) -> dict[str, Any]:
    """Return live objects: half of the bytes are in a table, half in arrays of one and of two dimensions."""
    draw, rows, count = np.random.default_rng(7), megabytes * 20_000, megabytes * 31_250
    kinds = pd.Categorical.from_codes(draw.integers(0, 4, rows, dtype=np.int8), list("abcd"))
    big = pd.DataFrame({"kind": kinds, **{name: draw.random(rows) for name in "xyz"}})
    return {"big": big, "levels": draw.random(count), "grid": draw.random((50, count // 50))}


if __name__ == "__main__":
    sys.exit(main())
