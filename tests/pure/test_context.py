"""The live namespace as text: what it tells, what it leaves out, and what it sees of changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeact_jupyter.files.directory import list_files
from codeact_jupyter.namespace.differences import render_delta
from codeact_jupyter.namespace.snapshot import (
    CHARS_PER_TOKEN,
    delta,
    render_changes,
    render_context,
    snapshot,
)


def namespace() -> dict[str, Any]:
    names: dict[str, Any] = {"In": [], "Out": {}, "_": 1, "_private": 2, "exit": exit, "get_ipython": print}
    names |= {"n": 5, "rows": [1, 2, 3], "pd": pd, "df": pd.DataFrame({"a": [1, 2], "b": [0.5, 1.5]})}
    exec("import json\nimport numpy as np\ndef top(df, k=5):\n    'The first rows.'\n    return df.head(k)", names)
    return names


def test_only_the_users_names_are_listed_frames_first_and_modules_in_one_line() -> None:
    assert render_context(snapshot(namespace()), files=["data.csv (1 kB)", "img/"], budget=400).splitlines() == [
        "Variables:",
        "df: DataFrame 2×2: a int64 (1 to 2), b float64 (0.5 to 1.5)",
        "n = 5",
        "rows: list 3 of int",
        "Functions:",
        "top(df, k=5): The first rows.",
        "Modules: pandas as pd, json, numpy as np",
        "Files: data.csv (1 kB), img/",
    ]


def test_hidden_names_are_left_out_until_they_are_bound_anew() -> None:
    names = {"a": 1000, "b": 2}
    assert set(snapshot(names, hidden=["a"]).entries) == {"b"}
    assert set(snapshot(names, hidden={"a": names["a"]}).entries) == {"b"}
    assert set(snapshot(names, hidden={"a": "another"}).entries) == {"a", "b"}


def test_an_empty_namespace_gives_an_empty_text() -> None:
    assert render_context(snapshot({}), files=[], budget=100) == ""


def test_the_text_tells_how_many_names_were_left_out() -> None:
    names: dict[str, Any] = {f"name_{n}": list(range(n)) for n in range(500)} | {"df": pd.DataFrame({"a": [1]})}
    text = render_context(snapshot(names), budget=100)
    assert "df: DataFrame 1×1: a int64" in text
    assert f"({500 - text.count('name_'):,} more names left out)" in text


def test_many_values_do_not_crowd_out_the_functions() -> None:
    names: dict[str, Any] = {f"name_{n}": n for n in range(500)} | namespace()
    assert "top(df, k=5)" in render_context(snapshot(names), budget=200)


def test_a_frame_too_wide_for_the_budget_is_told_in_brief() -> None:
    names = {"wide": pd.DataFrame(np.zeros((3, 100)))}
    text = render_context(snapshot(names), budget=60)
    assert "wide: DataFrame 3×100" in text and "float64" not in text


@given(
    st.dictionaries(st.text(), st.integers() | st.text() | st.lists(st.none()), max_size=30),
    st.lists(st.text(), max_size=10),
    st.integers(0, 300),
)
def test_the_budget_is_always_kept(names: dict[str, Any], files: list[str], budget: int) -> None:
    assert len(render_context(snapshot(names), files=files, budget=budget)) <= budget * CHARS_PER_TOKEN


# --- deltas ------------------------------------------------------------------------------------------------------


def test_a_delta_tells_added_rebound_removed_and_changed_names() -> None:
    names = namespace()
    names["tmp"], names["growing"] = 1, [1]
    before = snapshot(names)
    names["df"] = names["df"].assign(ratio=1.0).drop(columns="b")
    names["means"] = pd.Series([1.0, 2.0, 3.0])
    names["growing"].append(2)
    del names["tmp"]
    change = delta(before, snapshot(names))
    assert render_delta(change) == (
        "New: means (Series 3 float64). Rebound: df (DataFrame 2×2, + ratio float64, - b float64). "
        "Changed in place (shape, columns or length): growing (list 2 of int). Removed: tmp."
    )


def test_names_can_be_left_out_of_a_delta() -> None:
    change = delta(snapshot({"x": 1, "y": 1}), snapshot({"x": 2, "y": 2, "z": 3, "row": 4}))
    assert render_delta(change.without({"x", "row"})) == "New: z = 3. Rebound: y = 2."
    assert not delta(snapshot({}), snapshot({"row": 1})).without({"row"})


def test_a_column_added_in_place_is_told() -> None:
    names = namespace()
    before = snapshot(names)
    names["df"]["c"] = ["x", "y"]
    change = delta(before, snapshot(names))
    assert [after.name for _, after in change.changed] == ["df"] and not change.rebound
    assert f"df (DataFrame 2×3, + c {names['df']['c'].dtype} (2 values: 'x', 'y'))" in render_delta(change)


def test_nothing_changed_is_nothing_told() -> None:
    names = namespace()
    before = snapshot(names)
    names["n"] = int("5")
    names["df"].loc[0, "a"] = 99
    after = snapshot(names)
    assert not delta(before, after)
    assert render_delta(delta(before, after)) == "" and render_changes(before, after) == ""


def test_a_new_object_at_the_address_of_a_dead_one_counts_as_rebound() -> None:
    class Thing: ...

    names: dict[str, Any] = {"thing": Thing()}
    for _ in range(1000):
        before, address = snapshot(names), id(names["thing"])
        del names["thing"]
        names["thing"] = Thing()
        if id(names["thing"]) == address:
            break
    assert id(names["thing"]) == address
    assert [after.name for _, after in delta(before, snapshot(names)).rebound] == ["thing"]


def test_a_snapshot_keeps_no_object_alive() -> None:
    import weakref

    class Thing: ...

    names: dict[str, Any] = {"thing": Thing()}
    reference, taken = weakref.ref(names["thing"]), snapshot(names)
    names.clear()
    assert reference() is None and set(taken.entries) == {"thing"}


def test_long_deltas_are_counted() -> None:
    change = delta(snapshot({}), snapshot({f"x{n}": n for n in range(100)}))
    assert render_delta(change).endswith("x11 = 11, … 88 more.")


def test_later_prompts_tell_only_what_changed() -> None:
    names = namespace()
    since = snapshot(names)
    names["total"], names["sys"] = 3, __import__("sys")
    del names["rows"]
    assert render_changes(since, snapshot(names)).splitlines() == [
        "New or changed since:",
        "total = 3",
        "Modules: sys",
        "Removed: rows",
    ]


def test_a_frame_compared_with_another_is_never_evaluated() -> None:
    frames = [pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [1, 2]})]
    before, after = (snapshot({"df": frame}) for frame in frames)
    assert len(delta(before, after).rebound) == 1
    assert before == before and before != after


# --- files -------------------------------------------------------------------------------------------------------


def test_files_are_listed_with_sizes_data_first(tmp_path: Path) -> None:
    for name, size in (("notes.txt", 10), ("penguins.csv", 13_400), ("big.parquet", 2_000_000), (".hidden", 1)):
        (tmp_path / name).write_bytes(b"x" * size)
    (tmp_path / "img").mkdir()
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    assert list_files(tmp_path, 10) == [
        "big.parquet (2 MB)",
        "penguins.csv (13 kB)",
        "notes.txt (10 B)",
        "img/",
        "gone",
    ]
    assert list_files(tmp_path, 2) == ["big.parquet (2 MB)", "penguins.csv (13 kB)"]


@pytest.mark.parametrize("name", ["a\nb.csv", "a\u202eb.csv", "\x1b[31m.csv"])
def test_a_files_name_cannot_forge_lines_or_hide(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    (text,) = list_files(tmp_path, 5)
    assert text.isprintable()


def test_a_directory_that_is_gone_has_no_files(tmp_path: Path) -> None:
    assert list_files(tmp_path / "gone", 5) == []
