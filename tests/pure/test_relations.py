"""How live tables join: found on samples; told in the listing, for a missing column, and when rows multiply."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from codeact_jupyter.checks.explain import explain_error
from codeact_jupyter.namespace.relations import find_relations
from codeact_jupyter.namespace.snapshot import render_changes, render_context, snapshot

CLINICS = {
    "id": [1, 2, 3, 4, 5, 9],
    "town": ["Graz", "Linz", "Wels", "Graz", "Enns", "Lofer"],
    "beds": [9, 8, 7, 9, 4, 1],
}
VISITS = {"visit": [70, 71, 72, 73, 75], "clinic_id": [1, 1, 4, 9, 12], "fee": [10.5, 20.0, 1.5, 7.25, 3.0]}
GAUGES = {"code": ["NB", "TR", "OL", "PX"], "river": ["Enns", "Mur", "Inn", "Drau"]}
LEVELS = {"station": ["TR", "NB", "TR", "PX", "NB", "NB"], "cm": [1.5, 2.5, 3.5, 1.0, 2.0, 8.5]}
RAIN = {"Place": ["Graz", "Graz", "Linz", "Linz"], "Year": [2001, 2002, 2001, 2002], "mm": [800.5, 810.0, 700.5, 1.0]}
SNOW = {"place": ["Graz", "Linz", "Linz"], "year": [2002, 2001, 2002], "cm": [12.5, 14.0, 3.0]}

FRAMES = pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame], ids=["pandas", "polars"])


def lines(**frames: Any) -> list[str]:
    return [relation.line for relation in find_relations(frames, seconds=60)]


@FRAMES
@pytest.mark.parametrize(
    ("tables", "told"),
    [
        ({"clinics": CLINICS, "visits": VISITS}, ["visits.clinic_id → clinics.id: many-to-one, 75 % match"]),
        ({"levels": LEVELS, "gauges": GAUGES}, ["levels.station → gauges.code: many-to-one, 100 % match"]),
        ({"rain": RAIN, "snow": SNOW}, ["snow.(place, year) → rain.(Place, Year): one-to-one, 100 % match"]),
        ({"rain": RAIN, "snow": {**SNOW, "place": ["Wels", "Wels", "Enns"]}}, []),
        ({"clinics": CLINICS, "beds": {"id": [1, 2, 4], "floor": [0.5, 1.0, 2.0]}}, [
            "beds.id → clinics.id: one-to-one, 100 % match"
        ]),
        ({"a": {"id": [1, 2, 3], "x": ["p", "q", "r"]}, "b": {"id": [1, 2, 3, 4], "y": ["s", "t", "u", "v"]}}, []),
        ({"a": {"n": [4, 5, 6]}, "b": {"m": [4, 5, 6]}}, []),  # whole numbers that are equal by chance
        ({"a": {"x": [1.5, 2.5]}, "b": {"x": [1.5, 2.5]}}, []),
        ({"a": {"k": ["u", "u", "v"]}, "b": {"k": ["u", "v", "v"]}}, []),
        ({"a": {"k": []}, "b": {"k": []}}, []),
        ({"flights": {"start": ["OSL", "FRA", "FRA"], "end": ["LHR", "OSL", "LHR"]},
          "ports": {"iata": ["OSL", "FRA", "LHR"]}}, [
            "flights.start → ports.iata: many-to-one, 100 % match",
            "flights.end → ports.iata: many-to-one, 100 % match",
        ]),
    ],
)  # fmt: skip
def test_tables_join_by_names_and_values(make: Any, tables: dict[str, Any], told: list[str]) -> None:
    if told and len(told) > 1:
        assert sorted(lines(**{name: make(table) for name, table in tables.items()})) == sorted(told)
    else:
        assert lines(**{name: make(table) for name, table in tables.items()}) == told


def test_dates_text_objects_and_missing_values_are_compared() -> None:
    days = pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-03"])
    assert lines(a=pd.DataFrame({"day": days}), b=pd.DataFrame({"day": [days[0], days[0], None]})) == [
        "b.day → a.day: many-to-one, 100 % match"
    ]
    old = pd.DataFrame({"k": pd.Series(["u", "v", None], dtype=object)})
    assert lines(a=old, b=pd.DataFrame({"k": ["u", "u", "w"]})) == ["b.k → a.k: many-to-one, 50 % match"]


def test_odd_columns_and_hostile_values_are_left_out() -> None:
    class Loud:
        def __hash__(self) -> int:
            raise AssertionError

        def __eq__(self, other: object) -> bool:
            raise AssertionError

    twice = pd.DataFrame([[1, 2], [3, 4]], columns=["k", "k"])
    mixed = pd.DataFrame({"k": pd.Series(["u", Loud()], dtype=object), 5: [1, 2]})
    levels = pd.DataFrame({("k", "x"): [1, 2]})
    assert lines(twice=twice, mixed=mixed, levels=levels, again=twice, k=pd.DataFrame({"k": ["u", "w"]})) == []


def test_the_same_frame_under_two_names_and_frames_of_two_libraries_are_not_compared() -> None:
    frame = pd.DataFrame(CLINICS)
    assert lines(a=frame, b=frame, c=pl.DataFrame(CLINICS)) == []


def test_large_tables_are_compared_on_samples_and_nothing_after_the_time() -> None:
    numbers = np.arange(2_000_000)
    big = {"items": pd.DataFrame({"id": numbers}), "sales": pd.DataFrame({"item_id": numbers // 3 * 3})}
    assert lines(**big) == ["sales.item_id → items.id: many-to-one, 100 % match"]
    assert find_relations(big, seconds=-1) == []


def test_the_listing_has_a_line_within_its_budget() -> None:
    frames = {"clinics": pd.DataFrame(CLINICS), "visits": pd.DataFrame(VISITS)}
    joins = lines(**frames)
    assert f"\nJoins: {joins[0]}" in render_context(snapshot(frames), joins=joins, budget=900)
    assert f"\nJoins: {joins[0]}" in render_changes(snapshot({}), snapshot(frames), joins=joins)
    for budget in range(10, 200, 10):
        assert len(render_context(snapshot(frames), joins=joins * 9, budget=budget)) <= 4 * budget


def test_a_label_with_blanks_or_line_breaks_stays_in_the_line() -> None:
    (line,) = lines(a=pd.DataFrame({"my\nkey": ["u", "v"]}), b=pd.DataFrame({"my\nkey": ["u", "u"]}))
    assert line == "b.'my\\nkey' → a.'my\\nkey': many-to-one, 100 % match"


# --- a missing column --------------------------------------------------------------------------------------------

JOIN = "(visits.clinic_id → clinics.id: many-to-one, 75 % match)"


@pytest.mark.parametrize(
    ("make", "code", "told"),
    [
        (pd.DataFrame, "clinics['fee'].sum()", f"`clinics` has no 'fee'. `visits` has 'fee' {JOIN}."),
        (pd.DataFrame, "clinics.groupby('id')['fee'].sum()", f"`clinics` has no 'fee'. `visits` has 'fee' {JOIN}."),
        (pd.DataFrame, "clinics.fee.sum()", f"`clinics` has no 'fee'. `visits` has 'fee' {JOIN}."),
        (pd.DataFrame, "visits.groupby('town').size()", f"`visits` has no 'town'. `clinics` has 'town' {JOIN}."),
        (pd.DataFrame, "clinics.query('fee > 2')", f"`clinics` has no 'fee'. `visits` has 'fee' {JOIN}."),
        (pd.DataFrame, "clinics[['id', 'fee']]", f"`clinics` has no 'fee'. `visits` has 'fee' {JOIN}."),
        (pd.DataFrame, "clinics['bed']", "`clinics` has no 'bed'. Did you mean 'beds'?"),
        (pl.DataFrame, "clinics['fee'].sum()", f"`clinics` has no 'fee'. `visits` has 'fee' {JOIN}."),
        (pl.DataFrame, "clinics.select('id', 'fee')", f"`clinics` has no 'fee'. `visits` has 'fee' {JOIN}."),
        (pl.DataFrame, "visits.sort('town')", f"`visits` has no 'town'. `clinics` has 'town' {JOIN}."),
    ],
)
def test_a_missing_column_is_found_in_the_other_table(make: Any, code: str, told: str) -> None:
    live = {"clinics": make(CLINICS), "visits": make(VISITS)}
    with pytest.raises(Exception) as caught:
        exec(compile(code, "<cell>", "exec"), dict(live))
    assert explain_error(caught.value, code, live).startswith(told)


# --- joins that multiply rows ------------------------------------------------------------------------------------

SCRIPT = """
import pandas as pd, polars as pl
from codeact_jupyter.kernel.copy.joins import watch_joins
facts = watch_joins({memory}, print)
a = pd.DataFrame({{"town": ["Graz", "Linz"] * 6, "year": range(12), "mm": 1.0}})
b = pd.DataFrame({{"town": ["Graz", "Linz"] * 5, "year": range(10), "cm": 2.0}})
pa, pb = pl.DataFrame(a.to_dict("list")), pl.DataFrame(b.to_dict("list"))
{code}
print(facts)
"""
FACT = "The join gives 60 rows from 12 and 10: its key is not unique in either table."


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("a.merge(b, on='town')", [f"{FACT} Both tables also have 'year'."]),
        ("pd.merge(a, b, on='town').groupby('town').size()", [f"{FACT} Both tables also have 'year'."]),
        ("a.merge(b[['town', 'cm']], how='left')", [FACT]),
        ("a.set_index('town').join(b.set_index('town')[['cm']])", [FACT]),
        ("pa.join(pb, on='town')", [f"{FACT} Both tables also have 'year'."]),
        ("a.merge(b, on=['town', 'year'])", []),
        ("a.merge(b, how='cross')", []),
        ("pa.join(pb, how='cross')", []),
        ("pa.join(pb, on=['town', 'year'], how='left')", []),
        ("a.merge(b.drop_duplicates('town'), on='town')", []),
    ],
)
def test_a_join_that_multiplies_rows_is_told_with_the_columns_that_were_left_out(code: str, told: list[str]) -> None:
    assert joined(code).splitlines()[-1] == repr(told)


def joined(code: str, memory: int = 1 << 40) -> str:
    """Return what a process prints that watches its joins: each time there is a fact, and in the end."""
    script = SCRIPT.format(code=code, memory=memory)
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


LARGE = """
n = 20_000
big = pd.DataFrame({{"k": [i % 4 for i in range(n)], "year": range(n), "v": 1.5}})
other = big.rename(columns={{"v": "w"}})
unique = pd.DataFrame({{"k": [*range(n)], "name": "x"}})
left, right = (pl.DataFrame(frame.to_dict("list")) for frame in (big, other))
one = pl.DataFrame(unique.to_dict("list"))
try:
    print(len({code}))
except MemoryError as error:
    print("MemoryError:", error)
"""
TOLD = "The join gives 100,000,000 rows from 20,000 and 20,000: its key is not unique in either table."


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("big.merge(other, on='k')", f"{TOLD} Both tables also have 'year'. That takes 3.2 GB, 0.1 are free."),
        ("big.merge(other, left_on='k', right_on='k', how='outer')", f"{TOLD} Both tables also have 'year'."),
        ("big.set_index('k')[['v']].join(other.set_index('k')[['w']])", TOLD),
        ("left.join(right, on='k', how='left')", f"{TOLD} Both tables also have 'year'."),
        (
            "big.merge(other, how='cross')",
            "The join gives 400,000,000 rows from 20,000 and 20,000: each row with each.",
        ),
        (
            "left.join(right, how='cross')",
            "The join gives 400,000,000 rows from 20,000 and 20,000: each row with each.",
        ),
    ],
)
def test_a_join_that_cannot_be_held_fails_before_it_begins(code: str, told: str) -> None:
    assert joined(LARGE.format(code=code), 100_000_000).startswith(f"MemoryError: {told}")


@pytest.mark.parametrize(
    "code",
    [
        "big.merge(unique, on='k')",
        "left.join(one, on='k')",
        "big.merge(other, on=['k', 'year'])",
        "left.join(right, on=['k', 'year'], how='semi')",
        "left.join(right, on='k', how='anti')",
        "unique.merge(big, on='k', how='right')",
    ],
)
def test_a_large_join_that_fits_runs(code: str) -> None:
    assert not joined(LARGE.format(code=code), 100_000_000).startswith("MemoryError")
