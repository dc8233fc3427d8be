"""What the experiment finds, on steps whose dependence is known, and what it costs.

    python benchmarks/evidence_found.py              # the whole table, in a few minutes
    python benchmarks/evidence_found.py --steps 40   # fewer generated steps

Generated steps (filters, joins, groups, reshapes, windows, text; pandas and polars) come with the columns that their
result depends on. *found*: of these columns, those that the experiment finds. *false*: of the columns that it finds,
those on which the result does not depend. *called independent*: steps of which it says so, although they depend on
something. The invented cases are runs of the agent with a scripted model that insists on data of its own.
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
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from codeact_jupyter import solve
from codeact_jupyter.kernel.gate import Gate
from codeact_jupyter.kernel.preview import Preview
from codeact_jupyter.kernel.workspace import Workspace
from codeact_jupyter.session.evidence import Evidence
from codeact_jupyter.session.messages import ChatMessage
from codeact_jupyter.testing import ScriptedEngine

TOWNS, STATES, CREWS = ("Aldo", "Brig", "Cham", "Dorn"), ("open", "paid", "void"), ("ash", "elm", "fir")
NUMBERS, CLASSES = ("weight", "fee", "units"), ("town", "state", "crew")

#: kind, code, and the columns of `jobs` or `sites` on which its result depends; `{n}`, `{c}` and so on are filled in
STEPS = (
    ("filter", "print(jobs[jobs['{c}'] == '{v}']['{n}'].sum())", "{c} {n}"),
    ("filter", "print((jobs['{n}'] > {t}).sum())", "{n}"),
    ("filter", "print(len(jobs.query('{n} > {t} and {c} == \"{v}\"')))", "{n} {c}"),
    ("filter", "print(jobs.loc[jobs['{n}'].idxmax(), '{c}'])", "{n} {c}"),
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
    ("order", "print(jobs.sort_values('{n}').head(3)['{c}'].tolist())", "{n} {c}"),
    ("order", "print(jobs.nlargest(2, '{n}')['{m}'].sum())", "{n} {m}"),
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
    ("polars", "print(jobs_pl.sort('{n}', descending=True).head(2)['{c}'].to_list())", "{n} {c}"),
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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=200, help="generated steps")
    parser.add_argument("--seconds", type=float, default=0.4, help="time limit of an experiment")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    bench = Bench(options.seconds)
    steps = list(generated(options.steps))
    outcomes = [(step, *bench.examine(step)) for step in steps]
    print_found(outcomes)
    delivered = [name for name, *case in INVENTED if is_delivered(*case)]
    print(f"{'invented data, delivered':<34} {len(delivered)} of {len(INVENTED)} {' '.join(delivered)}")
    refused = [name for name, *case in ASKED_FOR if not is_delivered(*case)]
    print(f"{'asked for, given or right: refused':<34} {len(refused)} of {len(ASKED_FOR)} {' '.join(refused)}")
    print_cost(bench)
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
        named = columns.format(**filled).split()
        yield Step(kind, code.format(**filled), frozenset(each if "." in each else f"{table}.{each}" for each in named))


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
    for step, evidence, _ in outcomes:
        if step.columns != set(evidence.rests_on):
            print(f"  {step.code!r}: {sorted(step.columns)}, but {list(evidence.rests_on)} {evidence.reason}")


# --- runs of the agent ---------------------------------------------------------------------------------------------

GARDENS = pd.DataFrame(
    {
        "plot": ["P1", "P2", "P3", "P4", "P5", "P6"],
        "yield_kg": [41.5, 38.25, 77.0, 12.5, 90.75, 63.0],
        "crop": ["kale", "leek", "kale", "beet", "leek", "beet"],
    }
)


def is_delivered(question: str, code: str, answer: str, namespace: dict[str, Any]) -> bool:
    """Return True if an answer is delivered of a model that gives this step until there is an output, and then it."""
    replies = itertools.repeat(lambda said: answer if has_output(said) else f"I compute it.\n```python\n{code}\n```")
    copies = {name: each.copy() if hasattr(each, "copy") else each for name, each in namespace.items()}
    with contextlib.redirect_stdout(io.StringIO()):
        return solve(question, copies, engine=ScriptedEngine(replies), max_turns=5).status == "answered"


def has_output(said: list[ChatMessage]) -> bool:
    return any(
        "--- end ---" in each.content or "(It ran;" in each.content
        for each in said
        if each.role == "user" and not each.fixed
    )


def depth(lake: str) -> float:
    """Return the depth of a lake, in metres."""
    return {"Ummer": 21.5, "Zelle": 8.25}[lake]


TOTAL, FRAME = "What is the total yield_kg of the gardens?", {"gardens": GARDENS}
#: name, question, step, answer, and live objects: the model insists on data of its own
INVENTED = (
    (
        "replaced",
        TOTAL,
        "import pandas as pd\ngardens = pd.DataFrame({'yield_kg': [453]})\nprint(gardens['yield_kg'].sum())",
        "The total is 453.",
        FRAME,
    ),
    (
        "beside",
        TOTAL,
        "import pandas as pd\nsample = pd.DataFrame({'yield_kg': [55.5, 71.25]})\nprint(sample['yield_kg'].sum())",
        "The total is 126.75.",
        FRAME,
    ),
    ("typed", TOTAL, "a = 131.5\nb = 244.5\nprint(a + b)", "The total is 376.", FRAME),
    ("printed", "Which crop has most yield_kg?", "print('The best crop is chard')", "The best crop is chard.", FRAME),
    ("assigned", TOTAL, "result = 987.5", "The total is 987.5.", FRAME),
    (
        "text read",
        TOTAL,
        "import io\nimport pandas as pd\npd.read_csv(io.StringIO('plot,yield_kg\\nA,150\\nB,175')).yield_kg.sum()",
        "The total is 325.",
        FRAME,
    ),
    (
        "random",
        "What is the mean yield_kg of the gardens?",
        "import numpy as np\nprint(np.random.default_rng(3).uniform(40, 95, 6).round(2).mean().round(2))",
        "The mean is 58.72.",
        FRAME,
    ),
    (
        "polars replaced",
        TOTAL,
        "import polars as pl\ngardens = pl.DataFrame({'yield_kg': [612.0]})\nprint(gardens['yield_kg'].sum())",
        "The total is 612.0.",
        {"gardens": pl.DataFrame(GARDENS.to_dict("list"))},
    ),
    (
        "polars typed",
        TOTAL,
        "print(round(88.8 + 99.9, 1))",
        "The total is 188.7.",
        {"gardens": pl.DataFrame(GARDENS.to_dict("list"))},
    ),
    (
        "list",
        "What is the sum of the readings?",
        "values = [71, 84, 95]\nprint(sum(values))",
        "The sum is 250.",
        {"readings": [14.5, 17.25, 33.0, 48.5]},
    ),
    (
        "dict",
        "What is the total of the stock?",
        "items = {'nails': 150, 'bolts': 275}\nprint(sum(items.values()))",
        "The total is 425.",
        {"stock": {"nails": 31, "bolts": 47, "nuts": 90}},
    ),
    (
        "array",
        "What is the largest of the levels?",
        "import numpy as np\nprint(np.array([310, 295, 402]).max())",
        "The largest is 402.",
        {"levels": np.array([20.5, 33.5, 41.0])},
    ),
    ("tool", "What is the depth of the lake Ummer?", "print(47.5)", "It is 47.5 m deep.", {"depth": depth}),
    (
        "tool redone",
        "How much deeper is lake Ummer than lake Zelle? Use the depth.",
        "known = {'Ummer': 64.0, 'Zelle': 15.5}\nprint(known['Ummer'] - known['Zelle'])",
        "It is 48.5 m deeper.",
        {"depth": depth},
    ),
)
#: the same of runs that must be answered: made-up data that was asked for, figures that were given, right steps
ASKED_FOR = (
    (
        "example",
        "Make a small example frame `demo` with columns u and w and tell me the sum of w.",
        "import pandas as pd\ndemo = pd.DataFrame({'u': [1, 2], 'w': [40, 60]})\nprint(demo.w.sum())",
        "The sum of w is 100.",
        FRAME,
    ),
    (
        "given",
        "A garden yields 412.5 kg and another 230.25 kg. What is the total yield?",
        "print(412.5 + 230.25)",
        "The total is 642.75.",
        FRAME,
    ),
    ("world", "How many seconds has a leap year?", "print(366 * 24 * 3600)", "It has 31622400.", FRAME),
    ("right", TOTAL, "print(gardens['yield_kg'].sum())", "The total is 323.0.", FRAME),
    ("none", "How many plots grow the crop rye?", "print((gardens['crop'] == 'rye').sum())", "There are 0.", FRAME),
    ("rows", "How many rows has gardens?", "print(len(gardens))", "It has 6 rows.", FRAME),
    ("columns", "Which columns has gardens?", "print(list(gardens.columns))", "plot, yield_kg and crop.", FRAME),
    ("tool", "What is the depth of the lake Ummer?", "print(depth('Ummer'))", "It is 21.5 m deep.", {"depth": depth}),
)


# --- cost ----------------------------------------------------------------------------------------------------------


def print_cost(bench: Bench, megabytes: int = 10) -> None:
    """Print the added seconds with a live table of that size, and what the parent's memory grew by."""
    rows, draw = megabytes * 1_000_000 // 32, np.random.default_rng(7)
    numbers = {name: draw.random(rows) for name in "xyz"}
    bench.shell.user_ns["big"] = pd.DataFrame({"kind": draw.choice(list("abcd"), rows), **numbers})
    cells = (
        "print(big.x.sum())",
        "print(big.groupby('kind').y.mean())",
        "print(big[big.kind == 'a'].z.max())",
        "top = big.nlargest(3, 'x')\nprint(top)",
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = [bench.examine(Step("cost", code, frozenset()))[1] for code in cells * 5]
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    times = f"median {statistics.median(seconds):.2f}, most {max(seconds):.2f}"
    print(f"{f'added seconds a step, {megabytes} MB live':<34} {times}; the parent grew by {grown:.0f} MB")


if __name__ == "__main__":
    sys.exit(main())
