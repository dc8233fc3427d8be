"""Models, judged by their numbers: slopes, scores, predictions, tests, components."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codeact_jupyter.evaluation.task import Namespace, Task

from .. import data_sets
from ..checkers.answers import names, number, says_all
from ..checkers.frames import series

if TYPE_CHECKING:
    from pandas import Series


def _penguins() -> Namespace:
    import pandas as pd

    return {"pd": pd, "penguins": data_sets.penguins(), "slope": 50.0, "target": "body_mass_g"}


def _cars() -> Namespace:
    import numpy as np
    import pandas as pd

    return {"pd": pd, "np": np, "autos": data_sets.cars(), "features": ["Weight_in_lbs", "Horsepower"]}


def _households() -> Namespace:
    import numpy as np

    return {"np": np, "df": data_sets.households(), "income": 1000, "predict": None}


def _plant() -> Namespace:
    import pandas as pd

    return {"pd": pd, "runs": data_sets.stackloss(), "alpha": 0.05}


def _wine() -> Namespace:
    import pandas as pd

    table = data_sets.wine()
    return {"pd": pd, "X": table.drop(columns="cultivar"), "y": table["cultivar"], "k": 5}


def _crime() -> Namespace:
    import pandas as pd

    return {"pd": pd, "crime": data_sets.states().set_index("state"), "residuals": [0.1, -0.2], "year": 2009}


def _fitted(frame: Any, y: str, *x: str) -> Any:
    """The ordinary least squares fit of `y` on `x` with a constant, on the rows that are complete."""
    import statsmodels.api as sm

    known = frame[[y, *x]].dropna()
    return sm.OLS(known[y].astype(float), sm.add_constant(known[list(x)].astype(float))).fit()


def _food_at_1000() -> float:
    import numpy as np

    logs = np.log(data_sets.households()).assign(income=lambda rows: rows["income"] - np.log(1000))
    return float(np.exp(_fitted(logs, "foodexp", "income").params["const"]))


def _halves_accuracy() -> float:
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.preprocessing import StandardScaler

    table = data_sets.wine()
    x, y = table.drop(columns="cultivar"), table["cultivar"]
    scaler = StandardScaler().fit(x[::2])
    model = KNeighborsClassifier(5).fit(scaler.transform(x[::2]), y[::2])
    return float(model.score(scaler.transform(x[1::2]), y[1::2]) * 100)


def _first_component() -> float:
    import numpy as np

    spread = np.linalg.eigvalsh(data_sets.wine().drop(columns="cultivar").corr().to_numpy())
    return float(spread.max() / spread.sum() * 100)


def _welch() -> float:
    from scipy.stats import ttest_ind

    bills = data_sets.penguins().dropna(subset=["bill_length_mm"]).set_index("species")["bill_length_mm"]
    return float(ttest_ind(bills["Gentoo"], bills["Chinstrap"], equal_var=False).statistic)


def _residuals() -> Series:
    return _fitted(data_sets.states().set_index("state"), "murder", "poverty").resid


TASKS = (
    Task(
        name="mass-by-flipper",
        domain="modelling",
        prompt=(
            "Fit a straight line: body_mass_g on flipper_length_mm (least squares, without the rows that lack either). "
            "By how many grams per mm does the mass grow? Two decimals."
        ),
        namespace=_penguins,
        check=number(lambda: _fitted(data_sets.penguins(), "body_mass_g", "flipper_length_mm").params.iloc[1]),
        reference=(
            "import numpy as np\n\n"
            'known = penguins[["flipper_length_mm", "body_mass_g"]].dropna()\n'
            'print(round(np.polyfit(known["flipper_length_mm"], known["body_mass_g"], 1)[0], 2))'
        ),
        split="dev",
    ),
    Task(
        name="score-of-two-features",
        domain="modelling",
        prompt=(
            "R² of a linear regression of Miles_per_Gallon on the `features` in autos? Drop the rows where one of "
            "these is missing, fit and score on all others. 3 decimals"
        ),
        namespace=_cars,
        check=number(lambda: _fitted(data_sets.cars(), "Miles_per_Gallon", "Weight_in_lbs", "Horsepower").rsquared),
        reference=(
            "from sklearn.linear_model import LinearRegression\n\n"
            'known = autos.dropna(subset=["Miles_per_Gallon", *features])\n'
            'x, y = known[features], known["Miles_per_Gallon"]\n'
            "print(round(LinearRegression().fit(x, y).score(x, y), 3))"
        ),
        split="test",
    ),
    Task(
        name="food-at-an-income",
        domain="modelling",
        prompt=(
            "Regress log(foodexp) on log(income) in df (natural logs, with intercept). What foodexp does that predict "
            "for the income in `income`? Just exp of the predicted log, two decimals."
        ),
        namespace=_households,
        check=number(_food_at_1000),
        reference=(
            'slope, start = np.polyfit(np.log(df["income"]), np.log(df["foodexp"]), 1)\n'
            "print(round(np.exp(start + slope * np.log(income)), 2))"
        ),
        split="test",
    ),
    Task(
        name="idle-predictor",
        domain="modelling",
        prompt=(
            "OLS of STACKLOSS on the three other columns of runs, with a constant: which of the three is not "
            "significant at `alpha`, and what's its p-value? Three decimals."
        ),
        namespace=_plant,
        check=says_all(
            names(lambda: "ACIDCONC", lambda: ["AIRFLOW", "WATERTEMP", "ACIDCONC"]),
            number(
                lambda: _fitted(data_sets.stackloss(), "STACKLOSS", "AIRFLOW", "WATERTEMP", "ACIDCONC").pvalues[
                    "ACIDCONC"
                ]
            ),
        ),
        reference=(
            "import statsmodels.api as sm\n\n"
            'fit = sm.OLS(runs["STACKLOSS"], sm.add_constant(runs.drop(columns="STACKLOSS"))).fit()\n'
            'p = fit.pvalues.drop("const")\nprint(p.idxmax(), round(p.max(), 3))'
        ),
        split="dev",
    ),
    Task(
        name="neighbours-on-halves",
        domain="modelling",
        prompt=(
            "Train a k-nearest-neighbours classifier with `k` neighbours on the rows 0, 2, 4, ... of X and y and test "
            "it on the rows 1, 3, 5, ... Standardise X with mean and std of the training rows. "
            "Accuracy in percent, two decimals?"
        ),
        namespace=_wine,
        check=number(_halves_accuracy),
        reference=(
            "from sklearn.neighbors import KNeighborsClassifier\n"
            "from sklearn.pipeline import make_pipeline\n"
            "from sklearn.preprocessing import StandardScaler\n\n"
            "model = make_pipeline(StandardScaler(), KNeighborsClassifier(k)).fit(X[::2], y[::2])\n"
            "print(round(model.score(X[1::2], y[1::2]) * 100, 2))"
        ),
        split="dev",
    ),
    Task(
        name="first-component",
        domain="modelling",
        prompt=(
            "PCA on X with every column standardised: what percentage of the variance does the first component "
            "explain? Two decimals."
        ),
        namespace=_wine,
        check=number(_first_component),
        reference=(
            "from sklearn.decomposition import PCA\n\n"
            "scaled = (X - X.mean()) / X.std()\n"
            "print(round(PCA().fit(scaled).explained_variance_ratio_[0] * 100, 2))"
        ),
        split="test",
    ),
    Task(
        name="welch-of-two-bills",
        domain="modelling",
        prompt=(
            "Welch's t statistic for bill_length_mm, Gentoo against Chinstrap (in this order), missing values left "
            "out? Two decimals, with the sign."
        ),
        namespace=_penguins,
        check=number(_welch),
        reference=(
            "from scipy import stats\n\n"
            'bills = penguins.dropna(subset=["bill_length_mm"]).groupby("species")["bill_length_mm"]\n'
            'gentoo, chinstrap = bills.get_group("Gentoo"), bills.get_group("Chinstrap")\n'
            "print(round(stats.ttest_ind(gentoo, chinstrap, equal_var=False).statistic, 2))"
        ),
        split="dev",
    ),
    Task(
        name="state-above-its-poverty",
        domain="modelling",
        prompt=(
            "Regress murder on poverty in crime (straight line with intercept). Store the residuals as a series "
            "`residuals` indexed by state, and name the state with the largest one. Only that state."
        ),
        namespace=_crime,
        check=says_all(
            series("residuals", _residuals), names(lambda: _residuals().idxmax(), lambda: _residuals().index)
        ),
        reference=(
            "import numpy as np\n\n"
            'slope, start = np.polyfit(crime["poverty"], crime["murder"], 1)\n'
            'residuals = crime["murder"] - (start + slope * crime["poverty"])\n'
            "print(residuals.idxmax())"
        ),
        split="test",
    ),
)
