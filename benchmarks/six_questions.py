"""Ask a local model six plain questions about the Palmer penguins over three seeds; count the right answers of 18.

    python -m benchmarks.six_questions [--model NAME] [--temperature T] [--seeds 0 1 2]

The questions and their checks were committed before they were first run. Each is asked in a fresh conversation with the
frame `penguins` in the namespace; truth is computed here with pandas. Greedy decoding (temperature 0) gives the same
text for every seed, hence the default temperature of 0.3.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import time
from collections.abc import Callable

import pandas as pd
from palmerpenguins import load_penguins

from codeact_jupyter import solve
from codeact_jupyter.models.catalogue import DEFAULT_MODEL
from codeact_jupyter.session.quantities import values_in

Check = Callable[[str, pd.DataFrame], bool]


def names(answer: str, value: float, tolerance: float) -> bool:
    """Return True if the answer names the number, within the tolerance."""
    return any(abs(number - value) <= tolerance for number in values_in(answer))


def mean_bill(answer: str, df: pd.DataFrame) -> bool:
    """Check the mean, within the rounding asked for."""
    return names(answer, df[df["species"] == "Chinstrap"]["bill_length_mm"].mean(), 0.051)


def counts_on_dream(answer: str, df: pd.DataFrame) -> bool:
    """Check that both counts are named."""
    counts = df[df["island"] == "Dream"]["species"].value_counts()
    return all(species in answer and names(answer, count, 0) for species, count in counts.items())


def sex_difference(answer: str, df: pd.DataFrame) -> bool:
    """Check the difference of the means, to the gram."""
    means = df[df["species"] == "Gentoo"].groupby("sex")["body_mass_g"].mean()
    return names(answer, means["male"] - means["female"], 0.51)


def correlation(answer: str, df: pd.DataFrame) -> bool:
    """Check the correlation, to two decimals."""
    return names(answer, df["flipper_length_mm"].corr(df["body_mass_g"]), 0.0051)


def incomplete_rows(answer: str, df: pd.DataFrame) -> bool:
    """Check the exact count."""
    return names(answer, int(df.isna().any(axis=1).sum()), 0)


def heaviest_year(answer: str, df: pd.DataFrame) -> bool:
    """Check that this year is named, and no other."""
    means = df.groupby("year")["body_mass_g"].mean()
    years = {int(number) for number in values_in(answer) if number in set(means.index)}
    return years == {int(means.idxmax())}


QUESTIONS: list[tuple[str, Check]] = [
    ("What is the mean bill length of the Chinstrap penguins in millimetres, to one decimal?", mean_bill),
    ("How many penguins of each species are there on the island Dream?", counts_on_dream),
    ("By how many grams are male Gentoo penguins heavier than female ones on average?", sex_difference),
    ("What is the correlation between flipper length and body mass, to two decimals?", correlation),
    ("How many rows of penguins have at least one missing value?", incomplete_rows),
    ("In which year was the mean body mass of the penguins the highest?", heaviest_year),
]


def main() -> None:
    """Ask, check, and print a line for each answer and the sum."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--temperature", type=float, default=0.3)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    right, seconds = 0, []
    for seed in arguments.seeds:
        for number, (question, check) in enumerate(QUESTIONS, 1):
            frame = load_penguins()
            started = time.monotonic()
            run = solve(
                question, {"penguins": frame}, model=arguments.model, temperature=arguments.temperature, seed=seed
            )
            seconds.append(time.monotonic() - started)
            ok = run.answer is not None and check(run.answer, load_penguins())
            right += ok
            print(f"seed {seed} · {number} · {'right' if ok else 'WRONG'} · {run.status} · {run.answer}", flush=True)
    total = len(arguments.seeds) * len(QUESTIONS)
    print(f"\n{right} of {total} right · median {statistics.median(seconds):.1f} s a question", end=" · ")
    print(f"{arguments.model}, temperature {arguments.temperature} · {platform.machine()}, {platform.system()}")


if __name__ == "__main__":
    main()
