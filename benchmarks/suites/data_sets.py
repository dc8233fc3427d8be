"""Public data sets of the tasks. All of them ship inside packages, so none is fetched.

Each function reads its set afresh, so that the result may be changed.
"""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from functools import cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame

MONTHS = ["January", "February", "March", "April", "May", "June"]
MONTHS += ["July", "August", "September", "October", "November", "December"]


def penguins() -> DataFrame:
    """344 penguins: species, island, four measures, sex, year (palmerpenguins)."""
    from palmerpenguins import load_penguins

    return load_penguins()


def wine() -> DataFrame:
    """178 wines of three cultivars: 13 measures and `cultivar` 0–2 (scikit-learn)."""
    from sklearn.datasets import load_wine

    return load_wine(as_frame=True).frame.rename(columns={"target": "cultivar"})


def tumours() -> DataFrame:
    """569 biopsies: 30 measures and `diagnosis` (scikit-learn)."""
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer(as_frame=True)
    return bunch.data.assign(diagnosis=[str(bunch.target_names[code]) for code in bunch.target])


def cars() -> DataFrame:
    """406 cars of 1970–82: name, miles per gallon, weight, origin and so on (vega_datasets)."""
    return _records("cars")


def barley() -> DataFrame:
    """120 field trials: yield of 10 varieties at 6 sites in 1931 and 1932 (vega_datasets)."""
    return _records("barley")


def weather() -> DataFrame:
    """Seattle, each day of 2012–15: precipitation in mm, temperatures in °C, wind, kind of weather (vega_datasets)."""
    import pandas as pd

    frame = _table("seattle_weather")
    return frame.assign(date=pd.to_datetime(frame["date"], format="%Y/%m/%d"))


def stocks() -> DataFrame:
    """560 monthly prices of five shares, 2000–2010 (vega_datasets)."""
    import pandas as pd

    frame = _table("stocks")
    return frame.assign(date=pd.to_datetime(frame["date"], format="%b %d %Y"))


def airports() -> DataFrame:
    """3,376 American airports: iata, name, city, state, country, latitude, longitude (vega_datasets)."""
    return _table("airports")


def electricity() -> DataFrame:
    """Iowa's electricity from three sources, 2001–2017, in thousand MWh (vega_datasets)."""
    import pandas as pd

    frame = _table("iowa_electricity")
    return frame.assign(year=pd.to_datetime(frame["year"]).dt.year.astype(int))


def macro() -> DataFrame:
    """The American economy, 203 quarters of 1959–2009 (statsmodels)."""
    return _whole(_studied("macrodata"), "year", "quarter")


def nile() -> DataFrame:
    """The Nile's yearly flow, 1871–1970 (statsmodels)."""
    return _whole(_studied("nile"), "year")


def sea() -> DataFrame:
    """Sea surface temperature, a row a year of 1950–2010 and a column a month (statsmodels)."""
    return _whole(_studied("elnino"), "YEAR")


def firms() -> DataFrame:
    """Investment, value and capital of 11 firms, 1935–54 (statsmodels)."""
    return _whole(_studied("grunfeld"), "year")


def households() -> DataFrame:
    """Income and food expenditure of 235 households (statsmodels)."""
    return _studied("engel")


def states() -> DataFrame:
    """51 American states: violent crime, murder, high-school graduates, poverty and so on (statsmodels)."""
    return _studied("statecrime").drop(columns="white").reset_index()


def stackloss() -> DataFrame:
    """21 days of a plant: stack loss, air flow, water temperature, acid concentration (statsmodels)."""
    return _studied("stackloss")


def students() -> DataFrame:
    """32 students: grade point average, test score, took the programme, improved (statsmodels)."""
    return _studied("spector")


def employment() -> DataFrame:
    """American employees in thousands, each month of 2006–15: all (nonfarm) and by sector (vega_datasets)."""
    import pandas as pd

    frame = _table("us_employment")
    return frame.assign(month=pd.to_datetime(frame["month"]))


def crimea() -> DataFrame:
    """British deaths in the Crimean war, each month of 1854–56: date, wounds, other, disease (vega_datasets)."""
    import pandas as pd

    frame = _records("crimea")
    return frame.assign(date=pd.to_datetime(frame["date"]))


def antibiotics() -> DataFrame:
    """16 bacteria: the least concentration of three antibiotics that stops each, Gram stain, genus (vega_datasets)."""
    return _records("burtin")


def wheat() -> DataFrame:
    """Price of wheat and weekly wages in shillings, every five years of 1565–1821 (vega_datasets)."""
    frame = _records("wheat")
    return frame.assign(year=frame["year"].astype(int))


def trading() -> DataFrame:
    """44 days of the VIX index in 2009: date, open, high, low, close, signal, ret (vega_datasets)."""
    import pandas as pd

    frame = _records("ohlc")
    return frame.assign(date=pd.to_datetime(frame["date"]))


def hours() -> DataFrame:
    """San Francisco's temperature in °F, each hour of a typical year, given as 2010: date, temp (vega_datasets)."""
    import pandas as pd

    frame = _table("sf_temps")
    return frame.assign(date=pd.to_datetime(frame["date"]))[["date", "temp"]]


def journeys() -> DataFrame:
    """210 travellers, a row for each way that each could take; `choice` is 1 for the one taken (statsmodels)."""
    return _whole(_studied("modechoice"), "individual", "mode", "choice", "psize")


def births() -> DataFrame:
    """Births per woman, a row a country and a column a year of 1960–2011 (statsmodels)."""
    return _studied("fertility").drop(columns=["Indicator Name", "Indicator Code", "2012", "2013"])


def committees() -> DataFrame:
    """20 committees of the House: bills, members (SIZE), subcommittees, staff, prestige (statsmodels)."""
    import pandas as pd

    return pd.read_csv(BytesIO(files("statsmodels.datasets.committee").joinpath("committee.csv").read_bytes()))


def sunspots() -> DataFrame:
    """The yearly number of sunspots, 1700–2008 (statsmodels)."""
    return _whole(_studied("sunspots"), "YEAR")


def strikes() -> DataFrame:
    """62 strikes: duration in days and an index of industrial production (statsmodels)."""
    return _whole(_studied("strikes"), "duration")


def economy() -> DataFrame:
    """The American economy of 1947–62: employment, GNP, unemployed, population by year (statsmodels)."""
    return _whole(_studied("longley"), "YEAR")


def gymnasts() -> tuple[DataFrame, DataFrame]:
    """20 men: chins, sit-ups and jumps; and their weight, waist and pulse (scikit-learn)."""
    from sklearn.datasets import load_linnerud

    bunch = load_linnerud(as_frame=True)
    return bunch.data, bunch.target


def folder() -> Path:
    """An empty folder, removed with all others when Python ends."""
    return Path(tempfile.mkdtemp(dir=_root()))


@cache
def _root() -> str:
    path = tempfile.mkdtemp(prefix="codeact-tasks-")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def _raw(name: str) -> bytes:
    from vega_datasets import local_data

    return bytes(getattr(local_data, name).raw())


def _records(name: str) -> DataFrame:
    import pandas as pd

    return pd.DataFrame(json.loads(_raw(name)))


def _table(name: str) -> DataFrame:
    import pandas as pd

    return pd.read_csv(BytesIO(_raw(name)))


def _studied(name: str) -> DataFrame:
    import statsmodels.datasets as datasets

    return getattr(datasets, name).load_pandas().data.copy()


def _whole(frame: DataFrame, *columns: str) -> Any:
    return frame.astype(dict.fromkeys(columns, int))
