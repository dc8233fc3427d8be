"""Mends of code that uses a pandas table in a way that it cannot be used, tried on real tables."""

from __future__ import annotations

import linecache
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from codeact_jupyter.agent.trying import attempt
from codeact_jupyter.kernel.copy.failing import find_failing
from codeact_jupyter.kernel.copy.outcome import Trial

CELL = "<ipython-input-1-mends>"


def tables() -> dict[str, Any]:
    """Return three tables that join, and one of a sensor."""
    visits = pd.DataFrame(
        {
            "visit": range(1, 9),
            "ward_code": ["A", "B", "A", "C", "B", "A", "C", "A"],
            "day": pd.date_range("2024-01-20", periods=8, freq="7D"),
            "cost": [10.0, 20, 30, 40, 50, 60, 70, 80],
            "note": list("stuvwxyz"),
        }
    )
    wards = pd.DataFrame({"code": ["A", "B", "C"], "floor": [1, 2, 2], "head": ["Ito", "Roe", "Kim"]})
    nurses = pd.DataFrame({"nurse": ["n1", "n2", "n3", "n4"], "code": ["A", "A", "B", "C"]})
    times = pd.date_range("2024-03-01", periods=6, freq="12h")
    sensor = pd.DataFrame({"measured": times, "celsius": np.arange(6.0)})
    bills = pd.DataFrame(
        {
            "kind": ["a", "b", "a", "b"],
            "amount": ["1.235,00 €", "2.500,00 €", "3,00 €", "1.069,50 €"],
            "paid": ["04.02.2024", "31.03.2024", "05.12.2024", "02.01.2025"],
            "share": ["12 %", "20 %", "25 %", "31 %"],
        }
    )
    return {
        "bills": bills,
        "visits": visits,
        "wards": wards,
        "nurses": nurses,
        "sensor": sensor,
        "pd": pd,
        "np": np,
        "pl": pl,
    }


def mended(source: str) -> tuple[Any, str]:
    """Try a cell, and mends of it; return the value of `result` and the code."""
    live, values = tables(), dict[str, Any]()

    def try_cell(code: str) -> Trial:
        linecache.cache[CELL] = (len(code), None, code.splitlines(True), CELL)
        names = {**tables(), "__name__": "__main__"}
        try:
            exec(compile(code, CELL, "exec"), names)
        except Exception as error:
            return Trial("raised", error=f"{type(error).__name__}: {error}", failing=find_failing(error, code, names))
        values["result"] = names["result"]
        return Trial("ran")

    found = attempt(source, try_cell, mend=True, namespace=live)
    assert found.trial is not None and found.trial.outcome == "ran", found
    return values["result"], found.code


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ('result = visits.merge(wards, on="ward_code")["floor"].sum()', 12),
        ('result = len(visits.merge(wards, on="code", how="left"))', 8),
        ('result = pd.merge(visits, wards, left_on="code", right_on="ward_code")["head"].iloc[0]', "Ito"),
        ('result = pd.merge(left=wards, right=visits, how="inner", on="code").shape', (8, 8)),
        ("result = visits.merge(wards).groupby('floor')['cost'].sum().to_dict()", {1: 180.0, 2: 180.0}),
        ('result = visits.merge(wards, "left", on="ward").shape[0]', 8),
    ],
)
def test_tables_are_merged_by_the_columns_that_have_the_same_values(source: str, value: Any) -> None:
    assert mended(source)[0] == value


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ('result = visits[visits["head"] == "Roe"]["cost"].mean()', 35),
        ("result = visits.groupby('floor')['cost'].sum().to_dict()", {1: 180.0, 2: 180.0}),
        ("result = visits[visits.floor == 2].cost.max()", 70),
        ('early = visits[visits["cost"] < 45]\nresult = early[early["head"] == "Ito"]["visit"].tolist()', [1, 3]),
        ('visits = visits[visits["floor"] == 1]\nresult = f"{len(visits)} visits"', "4 visits"),
        ("import math\nresult = math.floor(visits.loc[visits['head'] == 'Kim', 'cost'].mean())", 55),
        ('result = nurses[nurses["floor"] == 1]["nurse"].tolist()', ["n1", "n2"]),
    ],
)
def test_a_column_of_another_table_is_joined_to_it(source: str, value: Any) -> None:
    assert mended(source)[0] == value


def test_a_join_that_would_repeat_rows_is_not_made() -> None:
    with pytest.raises(AssertionError):
        mended('result = wards[wards["cost"] > 20]["code"].tolist()')


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ('result = sensor.resample("D")["celsius"].mean().tolist()', [0.5, 2.5, 4.5]),
        ('result = sensor["celsius"].resample("D").sum().tolist()', [1, 5, 9]),
        ('result = visits["cost"].resample("ME").sum().round().tolist()', [30, 180, 150]),
        ('result = visits.set_index("day")["cost"].resample("M").sum().tolist()', [30, 180, 150]),
        ('result = visits.groupby(pd.Grouper(key="day", freq="M"))["cost"].sum().tolist()', [30, 180, 150]),
        ('result = sensor.set_index("measured").resample("24H").mean()["celsius"].tolist()', [0.5, 2.5, 4.5]),
        ('result = visits["cost"].resample("M").sum().tolist()', [30, 180, 150]),
        ('result = visits.set_index("day")["cost"].resample("A").sum().tolist()', [360]),
        ('result = visits.set_index("day")["cost"].resample("2Q").count().tolist()', [8]),
    ],
)
def test_a_table_is_resampled_by_its_dates(source: str, value: Any) -> None:
    assert mended(source)[0] == value


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ('result = visits.mean()["cost"]', 45),
        ('result = round(visits.std()["cost"], 2)', 24.49),
        ('result = visits[["visit", "cost", "note"]].corr().shape', (2, 2)),
        ('result = visits.groupby("ward_code").std().loc["B", "cost"].round(2)', 21.21),
        ('result = visits["day"].month.tolist()[0]', 1),
        ('result = visits["note"].upper().iloc[0]', "S"),
        ('result = visits.day.strftime("%Y").unique().tolist()', ["2024"]),
        ('result = visits.drop("note").shape', (8, 4)),
        ('result = visits.drop(["note", "day"]).shape', (8, 3)),
    ],
)
def test_columns_are_used_as_pandas_wants_them(source: str, value: Any) -> None:
    assert mended(source)[0] == value


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ('result = bills["amount"].mean()', 1201.875),
        ("result = bills.amount.astype(float).max()", 2500.0),
        ('result = pd.to_numeric(bills["amount"]).min()', 3.0),
        ('result = (bills["amount"] > 1200).sum()', 2),
        ('bills["euros"] = bills["amount"].astype(float)\nresult = bills["euros"].sum()', 4807.5),
        ('result = bills.groupby("kind")["amount"].mean().to_dict()', {"a": 619.0, "b": 1784.75}),
        ('result = round(bills["amount"].sum() / bills["amount"].count(), 1)', 1201.9),
        ('result = bills["paid"].dt.month.tolist()', [2, 3, 12, 1]),
        ('result = int((bills["paid"] > pd.Timestamp("2024-02-20")).sum())', 3),
        ('result = pd.to_datetime(bills["paid"]).max().year', 2025),
        ('result = int(bills["share"].mean())', 22),
        ('day = bills["paid"].dt.day\nresult = day.max()', 31),
        ('result = (pd.to_datetime("2025-01-03") - bills["paid"]).max().days', 334),
    ],
)
def test_text_that_holds_numbers_or_dates_is_read_as_it_is_written(source: str, value: Any) -> None:
    assert mended(source)[0] == value


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ('result = bills["amount"].max()', 2500.0),
        ("result = bills.amount.sum()", 4807.5),
        ('result = bills.sort_values("amount", ascending=False)["kind"].tolist()', ["b", "a", "b", "a"]),
        ('result = bills.groupby("kind")["amount"].sum().to_dict()', {"a": 1238.0, "b": 3569.5}),
        ('result = bills.loc[bills["amount"].idxmin(), "kind"] if True else 0', "a"),
        ('result = bills["paid"].max().year', 2025),
        ('result = bills.nlargest(1, "amount")["kind"].item()', "b"),
    ],
)
def test_text_that_holds_numbers_is_not_ordered_as_text(source: str, value: Any) -> None:
    assert mended(source)[0] == value


@pytest.mark.parametrize(
    "source",
    ['result = visits["note"].max()', 'result = wards.sort_values("head")', 'result = bills["amount"].nunique()'],
)
def test_words_are_ordered_as_words(source: str) -> None:
    assert mended(source)[1] == source


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("result = visits[['cost']].applymap(lambda cost: cost * 2).max().item()", 160),
        ("result = [label for label, _ in wards.iteritems()]", ["code", "floor", "head"]),
        ("result = visits.day.dt.weekday_name.iloc[0]", "Saturday"),
        ("result = int(visits['day'].dt.week.max())", 10),
        ("result = wards.append({'code': 'D', 'floor': 3}, ignore_index=True).shape", (4, 3)),
        ("result = len(wards.append(wards))", 6),
        ("result = np.float(3)", 3.0),
        ("result = bool(np.isnan(np.NaN))", True),
        ("result = int(np.product([2, 3]))", 6),
        ("result = pd.Series([1, None, 3]).fillna(method='ffill').tolist()", [1, 1, 3]),
        ("result = visits.drop(['note', 'day'], 1).shape", (8, 3)),
        ("result = pl.DataFrame({'a': [1, 2]}).with_column(pl.lit(3).alias('b')).shape", (2, 2)),
        ("result = pl.Series([1, 2]).cumsum().to_list()", [1, 3]),
    ],
)
def test_code_for_older_versions_runs(source: str, value: Any) -> None:
    assert mended(source)[0] == value


def test_a_joined_table_takes_no_name_of_the_users() -> None:
    _, code = mended('visits_wards = 3\nresult = len(visits[visits["floor"] == 1])')
    assert "visits_wards_2 = visits.merge(wards" in code


def test_the_users_table_is_not_bound_again() -> None:
    _, code = mended('visits = visits[visits["floor"] == 1]\nresult = len(visits)')
    assert code.startswith('visits_wards = visits.merge(wards, how="left", left_on=')
    assert "\nvisits = " not in code


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("result = int(wards.set_index('head')['floor'][1])", 2),
        ("result = int(visits.groupby('ward_code')['cost'].sum()[-1])", 110),
        ("best = visits['ward_code'].value_counts()\nresult = int(best[0]) - int(best[2])", 2),
        ("result = visits[visits['cost'] > 45]['note'][0]", "w"),
        ("result = wards['head'][wards['floor'] == 2].loc[-1]", "Kim"),
        ("late = visits[visits.cost > 75].day\nresult = f'{late[0]:%Y}'", "2024"),
    ],
)
def test_a_position_where_a_series_has_no_such_label_is_read_as_a_position(source: str, value: Any) -> None:
    assert mended(source)[0] == value


@pytest.mark.parametrize(
    "source",
    [
        "result = visits.set_index('visit')['cost'][12]",  # 12 is no visit, and the 13th would be another one
        "result = visits[visits['cost'] > 45]['note'][2]",
        "result = visits[0]",
        "result = {'a': 1}[0]",
    ],
)
def test_a_number_that_is_missing_among_numbers_or_columns_is_no_position(source: str) -> None:
    with pytest.raises(AssertionError):
        mended(source)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("result = pd.mean(visits['cost'])", 45.0),
        ("result = float(pd.max(visits.cost - 1))", 79.0),
        ("result = round(float(visits['cost'].log10().sum()), 3)", 12.606),
        ("result = float((visits['cost'] * 10).sqrt().iloc[0])", 10.0),
        ("result = pd.sort_values(wards, 'head', ascending=False)['code'].tolist()", ["B", "C", "A"]),
        ("result = np.value_counts(visits['ward_code']).max()", 4),
        ("result = pd.corr(sensor['celsius'], sensor['celsius'] * 2).round(3)", 1.0),
    ],
)
def test_a_method_is_called_for_a_function_and_a_function_for_a_method(source: str, value: Any) -> None:
    assert mended(source)[0] == value


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("result = int(wards.loc['B', 'floor'])", 2),
        ("result = wards.loc['Kim']['code']", "C"),
        ("result = float(visits['cost'][8])", 80.0),
        ("result = visits.loc['A', 'cost'].sum()", 180.0),
        ("result = nurses.code['n3']", "B"),
    ],
)
def test_a_value_that_is_no_row_label_is_found_in_its_column(source: str, value: Any) -> None:
    assert mended(source)[0] == value


def test_a_value_that_no_column_has_is_not_looked_up() -> None:
    with pytest.raises(AssertionError, match="outcome='raised'"):
        mended("result = wards.loc['D', 'floor']")
