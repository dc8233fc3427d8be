"""The suite of failing cells: each cell does fail, can be mended, and what is wrong does not pass."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import warnings
from functools import cache
from importlib.resources import files
from typing import Any

import pytest

from benchmarks.suites.recovery import TASKS
from codeact_jupyter.evaluation.task import Task, fingerprint

BY_NAME = {task.name: task for task in TASKS}

#: a plausible mistake for each task: code that runs, and does not mend the cell as it was meant
MISTAKES = {
    # naming
    "misspelt-name": 'masses = penguins.groupby("island")["body_mass_g"].max()\nprint(masses.idxmax(), masses.max())',
    "column-in-lower-case": 'print(round(cars["Horsepower"].mean(), 2))',
    "spaces-around-columns": 'print(states["hs_grad "].corr(states["poverty"]))',
    "import-forgotten": 'import math\nprint(round(engel["income"].map(math.log).std(), 4))',
    "append-is-gone": 'all_birds = pd.concat([early, late], axis=1)\nprint((late["sex"] == "female").sum())',
    "iteritems-is-gone": "print({symbol: price for symbol, price in last.items()})",
    "mad-is-gone": 'wind = weather["wind"]\nprint(round((wind - wind.median()).abs().median(), 3))',
    "arguments-of-a-helper": 'hottest = weather["temp_max"].max()\nprint(in_fahrenheit(hottest, digits=0))',
    # values
    "text-plus-number": 'total = flow["volume"].sum()\nprint("Total since 1900: " + str(total) + " " + unit)',
    "commas-in-numbers": (
        'ledger["capital"] = pd.to_numeric(ledger["capital"], errors="coerce")\nprint(ledger["capital"].sum())'
    ),
    "dates-of-two-kinds": (
        'log["date"] = pd.to_datetime(log["date"], format="%Y-%m-%d", errors="coerce")\n'
        'print(round(log[log["date"].dt.month == 3]["temp_max"].mean(), 2))'
    ),
    "file-that-is-not-utf-8": (
        'table = pd.read_csv(path, encoding="utf-8", encoding_errors="ignore")\n'
        'print(table.groupby("site")["yield"].mean().idxmin())'
    ),
    "whole-numbers-with-gaps": (
        'masses = penguins["body_mass_g"].fillna(0).astype(int)\n'
        'print(masses.groupby(penguins["species"]).mean().round().astype(int).to_dict())'
    ),
    "division-by-nothing": 'print(islands[0], "Adelie", 0)',
    "time-zone-against-none": 'print((launch.tz_localize(None) - weather["date"].min()).days)',
    # tables
    "keys-of-two-types": 'print(power["net_generation"].sum() * rates["price"].mean())',
    "gaps-dropped-apart": (
        'mass, male = penguins["body_mass_g"].dropna(), (sexes.dropna() == "male").astype(float)\n'
        "print(np.corrcoef(mass[: len(male)], male)[0, 1])"
    ),
    "drop-on-the-wrong-axis": "means = sea.mean()\nprint(means.idxmax(), means.max())",
    "level-that-is-not-there": 'totals = invest.groupby(level="firm").sum()\nprint(totals.idxmax(), totals.max())',
    "pivot-with-duplicates": (
        'wide = trials.drop_duplicates(["variety", "site"]).pivot(index="variety", columns="site", values="yield")\n'
        'print(wide.loc["Trebi", "Morris"])'
    ),
    "and-between-columns": 'print(len(df[(df["Miles_per_Gallon"] > limit) | (df["Origin"] == "USA")]))',
    "mean-of-text": 'print(df["Acceleration"].mean())',
    "weights-with-an-intercept": (
        'X = runs[["AIRFLOW", "WATERTEMP", "ACIDCONC"]].to_numpy()\n'
        'print(np.abs(runs["STACKLOSS"].to_numpy() - X @ weights[1:]).max())'
    ),
    "lines-of-other-lengths": (
        'smooth = flow["volume"].rolling(window).mean().dropna()\nfig, ax = plt.subplots()\n'
        'ax.plot(flow["year"].head(len(smooth)), smooth)\nprint(smooth.max())'
    ),
    # flow
    "one-index-too-far": (
        "changes = [(volumes[i + 1] - volumes[i], years[i]) for i in range(len(volumes) - 1)]\n"
        "change, year = min(changes)\nprint(year, change)"
    ),
    "recursion-without-an-end": (
        "def steps(taxon):\n    return 1 if parent[taxon] == taxon else 1 + steps(parent[taxon])\n\n\n"
        'print(steps("Gentoo"))'
    ),
    "assigned-to-a-copy": 'measured = sea[sea["JAN"] != missing]\nprint(measured["JAN"].mean())',
    "dict-that-changes": "print(len(airports_in), sum(airports_in.values()))",
    "maximum-of-nothing": (
        "warmest = {year: max(values, default=99) for year, values in temps.items()}\n"
        "best = max(warmest, key=warmest.get)\nprint(best, warmest[best])"
    ),
    "median-of-nothing": "print(min(temps, key=lambda year: len(temps[year])))",
    "before-the-first-quarter": "print(sum(gdp[i] < gdp[i - 1] for i in range(2, len(gdp))))",
}


def run(task: Task, code: str, namespace: dict[str, Any]) -> str:
    """Return what the code prints."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(code, task.name, "exec"), namespace)
    return output.getvalue()


def fails(task: Task, namespace: dict[str, Any]) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            run(task, task.cell, namespace)
        except Exception:
            return True
    return False


@cache
def solution(name: str) -> str:
    return run(BY_NAME[name], BY_NAME[name].reference, BY_NAME[name].namespace())


@pytest.mark.parametrize("name", BY_NAME)
def test_the_cell_fails_and_the_reference_mends_it(name: str) -> None:
    task = BY_NAME[name]
    compile(task.cell, name, "exec")
    namespace = task.namespace()
    assert fails(task, namespace)
    assert task.check("", namespace) is not True
    answer = run(task, task.reference, namespace)
    assert task.check(answer, namespace) is True


@pytest.mark.parametrize("name", BY_NAME)
def test_the_reference_needs_nothing_of_the_failed_run(name: str) -> None:
    namespace = BY_NAME[name].namespace()
    answer = run(BY_NAME[name], BY_NAME[name].reference, namespace)
    assert BY_NAME[name].check(answer, namespace) is True


@pytest.mark.parametrize("name", BY_NAME)
def test_a_plausible_mistake_does_not_pass(name: str) -> None:
    namespace = BY_NAME[name].namespace()
    answer = run(BY_NAME[name], MISTAKES[name], namespace)
    assert BY_NAME[name].check(answer, namespace) is not True


@pytest.mark.parametrize("name", BY_NAME)
def test_neither_silence_nor_the_answer_to_another_task_passes(name: str) -> None:
    task = BY_NAME[name]
    untouched = task.namespace()
    assert task.check("", untouched) is not True
    others = [other.name for other in TASKS if other.domain == task.domain and other is not task]
    assert [other for other in others if task.check(solution(other), untouched) is True] == []


def test_there_are_enough_tasks_in_halves() -> None:
    assert len(BY_NAME) == len(TASKS) >= 18
    for domain in {task.domain for task in TASKS}:
        splits = [task.split for task in TASKS if task.domain == domain]
        assert abs(splits.count("dev") - splits.count("test")) <= 1, domain
    assert all(task.cell and not task.tools for task in TASKS)


def test_the_test_split_is_the_one_that_was_fixed() -> None:
    fixed = files("benchmarks.suites.recovery").joinpath("test_split.sha256")
    expected = [f"{fingerprint(task)}  {task.name}" for task in TASKS if task.split == "test"]
    assert fixed.read_text(encoding="utf-8").splitlines() == expected


def test_listing_the_tasks_reads_no_data() -> None:
    code = (
        "import sys; from benchmarks.suites.recovery import TASKS; "
        "print(*{'pandas', 'numpy', 'matplotlib', 'sklearn', 'statsmodels', 'vega_datasets'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == ""
