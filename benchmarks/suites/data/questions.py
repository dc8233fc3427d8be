"""Plain questions about the frames that are there: counts, means, extremes, gaps, correlations, shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeact_jupyter.evaluation.task import Namespace, Task

from .. import data_sets
from ..checkers.answers import names, number, pairs, says_all

if TYPE_CHECKING:
    from pandas import DataFrame


def _penguins() -> Namespace:
    import pandas as pd

    return {"pd": pd, "penguins": data_sets.penguins(), "islands": ["Biscoe", "Dream", "Torgersen"]}


def _old_penguins() -> Namespace:
    import pandas as pd

    birds = _older_penguins()
    summary = {"rows": 12, "note": "pilot study, 2006"}
    return {"pd": pd, "df_old": birds, "df_new": birds.head(12).copy(), "summary": summary, "mean": 4201.75}


def _older_penguins() -> DataFrame:
    return data_sets.penguins().query("year < 2009")


def _cars() -> Namespace:
    import pandas as pd

    makers = pd.Series({"USA": "Detroit", "Japan": "Toyota City", "Europe": "Wolfsburg"}, name="home")
    return {"pd": pd, "data2": data_sets.cars(), "makers": makers, "threshold": 25}


def _wine() -> Namespace:
    table = data_sets.wine()
    return {"wine": table, "mean": 13.0, "cols": list(table.columns[:3])}


def _airports() -> Namespace:
    import pandas as pd

    table = data_sets.airports()
    return {"pd": pd, "ap": table, "states": table["state"].dropna().unique().tolist(), "df": table.head(5).copy()}


def _tumours() -> Namespace:
    import pandas as pd

    return {"pd": pd, "biopsies": data_sets.tumours(), "alpha": 0.05}


def _heaviest() -> list[str]:
    return list(data_sets.cars().nlargest(3, "Weight_in_lbs")["Name"])


def _most_missing() -> str:
    return str(_older_penguins().isna().sum().idxmax())


def _strongest_with_proline() -> str:
    return str(data_sets.wine().corr()["proline"].drop(["proline", "cultivar"]).abs().idxmax())


def _airports_by_state() -> dict[str, float]:
    return dict(data_sets.airports()["state"].value_counts().head(3))


TASKS = (
    Task(
        name="adelies-on-biscoe",
        domain="questions",
        prompt="How many Adelie penguins were measured on Biscoe?",
        namespace=_penguins,
        check=number(lambda: (data_sets.penguins()[["species", "island"]] == ["Adelie", "Biscoe"]).all(axis=1).sum()),
        reference='print(((penguins["species"] == "Adelie") & (penguins["island"] == "Biscoe")).sum())',
        split="dev",
    ),
    Task(
        name="female-gentoo-mass",
        domain="questions",
        prompt="what's the mean body mass of the female Gentoos in df_old? two decimals please",
        namespace=_old_penguins,
        check=number(lambda: _older_penguins().query("species == 'Gentoo' and sex == 'female'")["body_mass_g"].mean()),
        reference=(
            'chosen = df_old[(df_old["species"] == "Gentoo") & (df_old["sex"] == "female")]\n'
            'print(round(chosen["body_mass_g"].mean(), 2))'
        ),
        split="test",
    ),
    Task(
        name="incomplete-rows",
        domain="questions",
        prompt="How many rows of penguins have at least one missing value?",
        namespace=_penguins,
        check=number(lambda: len(data_sets.penguins()) - len(data_sets.penguins().dropna())),
        reference="print(penguins.isna().any(axis=1).sum())",
        split="test",
    ),
    Task(
        name="most-missing-column",
        domain="questions",
        prompt="Which column of df_old has the most missing values, and how many are missing there?",
        namespace=_old_penguins,
        check=says_all(
            names(_most_missing, lambda: data_sets.penguins().columns.drop("year")),
            number(lambda: _older_penguins().isna().sum().max()),
        ),
        reference=("missing = df_old.isna().sum()\nprint(missing.idxmax(), missing.max())"),
        split="dev",
    ),
    Task(
        name="thirstiest-origin",
        domain="questions",
        prompt="Which Origin in data2 has the lowest average Miles_per_Gallon? Just the name.",
        namespace=_cars,
        check=names(
            lambda: data_sets.cars().groupby("Origin")["Miles_per_Gallon"].mean().idxmin(),
            lambda: data_sets.cars()["Origin"].unique(),
        ),
        reference='print(data2.groupby("Origin")["Miles_per_Gallon"].mean().idxmin())',
        split="dev",
    ),
    Task(
        name="three-heaviest-cars",
        domain="questions",
        prompt="Names of the three heaviest cars in data2, heaviest first?",
        namespace=_cars,
        check=names(_heaviest, lambda: data_sets.cars()["Name"], ordered=True),
        reference='print(", ".join(data2.sort_values("Weight_in_lbs", ascending=False)["Name"].head(3)))',
        split="test",
    ),
    Task(
        name="frugal-share",
        domain="questions",
        prompt=(
            "What percentage of the American cars (Origin USA) in data2 get more than `threshold` miles per gallon? "
            "Only count cars whose mileage is known. Two decimals."
        ),
        namespace=_cars,
        check=number(
            lambda: (data_sets.cars().query("Origin == 'USA'")["Miles_per_Gallon"].dropna() > 25).mean() * 100
        ),
        reference=(
            'known = data2[data2["Origin"] == "USA"]["Miles_per_Gallon"].dropna()\n'
            "print(round((known > threshold).mean() * 100, 2))"
        ),
        split="dev",
    ),
    Task(
        name="flipper-mass-correlation",
        domain="questions",
        prompt="correlation (Pearson) between flipper length and body mass of the penguins? 3 decimals",
        namespace=_penguins,
        check=number(lambda: data_sets.penguins()["flipper_length_mm"].corr(data_sets.penguins()["body_mass_g"])),
        reference='print(round(penguins["flipper_length_mm"].corr(penguins["body_mass_g"]), 3))',
        split="dev",
    ),
    Task(
        name="goes-with-proline",
        domain="questions",
        prompt=(
            "Leaving out cultivar, which column of wine correlates most strongly with proline, whatever the sign? "
            "Give me the column name only."
        ),
        namespace=_wine,
        check=names(_strongest_with_proline, lambda: data_sets.wine().columns),
        reference=('print(wine.drop(columns="cultivar").corr()["proline"].drop("proline").abs().idxmax())'),
        split="test",
    ),
    Task(
        name="airports-per-state",
        domain="questions",
        prompt="Which three states have the most airports in ap? Give me each state with its count.",
        namespace=_airports,
        check=says_all(
            pairs(_airports_by_state),
            names(lambda: list(_airports_by_state()), lambda: {"FL", "OH", "NY", "GA", "MI", "WI", "IL"}),
        ),
        reference='for state, count in ap["state"].value_counts().head(3).items():\n    print(state, count)',
        split="test",
    ),
    Task(
        name="northernmost-texan",
        domain="questions",
        prompt="iata code of the northernmost airport in Texas (state TX) in ap?",
        namespace=_airports,
        check=names(
            lambda: data_sets.airports().query("state == 'TX'").set_index("iata")["latitude"].idxmax(),
            lambda: data_sets.airports().query("state == 'TX'")["iata"],
        ),
        reference='texan = ap[ap["state"] == "TX"]\nprint(texan.loc[texan["latitude"].idxmax(), "iata"])',
        split="dev",
    ),
    Task(
        name="malignant-ratio",
        domain="questions",
        prompt="Median 'mean area' of the malignant biopsies divided by that of the benign ones? 2 decimals",
        namespace=_tumours,
        check=number(
            lambda: (
                data_sets.tumours().query("diagnosis == 'malignant'")["mean area"].median()
                / data_sets.tumours().query("diagnosis == 'benign'")["mean area"].median()
            )
        ),
        reference=(
            'medians = biopsies.groupby("diagnosis")["mean area"].median()\n'
            'print(round(medians["malignant"] / medians["benign"], 2))'
        ),
        split="test",
    ),
)
