"""A text where a record is meant: the functions whose docstring names the missing key, in mends and explanations."""

from __future__ import annotations

import linecache
from typing import Any

import pytest

from codeact_jupyter.agent.trying import attempt
from codeact_jupyter.checks.explain import hint
from codeact_jupyter.kernel.copy.failing import error_line, find_failing
from codeact_jupyter.kernel.copy.outcome import Trial
from codeact_jupyter.namespace.documented import giving, where_given

CELL = "<ipython-input-1-documented>"
TRIALS = 3

ROOMS = {"r1": {"ward": "north", "beds": 2}, "r2": {"ward": "south", "beds": 3}}
WARDS = {"north": {"head": "Ito", "floor": 1}, "south": {"head": "Roe", "floor": 4}}


def tools() -> dict[str, Any]:
    def rooms(floor: int | None = None) -> list[str]:
        """The ids of all rooms."""
        return list(ROOMS)

    def room(room_id: str) -> dict[str, Any]:
        """A room: {'ward', 'beds': how many}."""
        return ROOMS[room_id]

    def ward(name: str, *, year: int = 2024) -> dict[str, Any]:
        """What there is to know of a ward: its "head" and its `floor`."""
        return WARDS[name]

    def move(room_id: str, head: str) -> None:
        """Give a room another 'head' or 'ward'."""

    def rows(*names: str) -> list[str]:
        """The 'floor' of some wards."""
        return []

    return {"rooms": rooms, "room": room, "ward": ward, "move": move, "rows": rows, "len": len}


def run(code: str) -> tuple[Trial, dict[str, Any]]:
    """Run a cell as a copy of the kernel does."""
    linecache.cache[CELL] = (len(code), None, code.splitlines(True), CELL)
    names = {**tools(), "__name__": "__main__"}
    try:
        exec(compile(code, CELL, "exec"), names)
    except Exception as error:
        told, line = f"{type(error).__name__}: {error}", error_line(error, code, names)
        failing = find_failing(error, code, names)
        return Trial("raised", hint(error, code, names), error=told, line=line, failing=failing), names
    return Trial("ran"), names


def test_a_function_gives_a_key_if_its_docstring_quotes_it_and_one_argument_is_enough() -> None:
    live = tools()
    assert [giving(key, live) for key in ("ward", "head", "floor", "beds", "rooms", "id")] == [
        ["room"],
        ["ward"],
        ["ward"],
        ["room"],
        [],
        [],
    ]
    assert where_given("head", live) == "`ward(name: str, *, year: int = 2024) -> dict[str, Any]` gives 'head'."
    assert where_given("id", live) == ""


def test_an_odd_docstring_and_ipythons_own_names_give_nothing() -> None:
    live = tools()
    live["ward"].__doc__ = 5
    assert giving("head", live) == []
    assert giving("beds", {"_": live["room"], "__": live["room"], **live}) == ["room"]


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("result = sum(each['beds'] for each in rooms())", 5),
        ("result = [r for r in rooms() if r['beds'] > 2]", ["r2"]),
        ("best = 'r1'\nfor r in rooms():\n    if r['beds'] > best['beds']:\n        best = r\nresult = best", "r2"),
        ("info = room('r1')\nresult = info['ward']['head']", "Ito"),
        ("result = {r: room(r)['ward']['floor'] for r in rooms()}", {"r1": 1, "r2": 4}),
        ("a, b = room('r1'), room('r2')\nresult = a['ward']['floor'] + b['ward']['floor']", 5),
        ("result = [r['ward']['head'] for r in rooms()]", ["Ito", "Roe"]),
        (
            "kept = []\nfor r in rooms():\n    kept.append((r, r['ward'], r['beds']))\nresult = kept[1]",
            ("r2", "south", 3),
        ),
        ("r = rooms()[0]\nresult = f\"{r['ward']}\"", "north"),
        ("result = sum(each.get('beds', 0) for each in rooms())", 5),
        ("result = {r: r.get('ward') for r in rooms()}", {"r1": "north", "r2": "south"}),
        ("result = room('r1').get('ward').get('head')", "Ito"),
        ("result = sum(room['beds'] for room in rooms())", 5),
        ("result = 0\nfor room in rooms():\n    result += room['beds']", 5),
        ("result = 0\nfor room in rooms():\n    result += room.get('beds', 0)", 5),
        ("result = 0\nfor room in rooms():\n    info = room(room)\n    result += info['beds']", 5),
        ("result = [room(room)['ward'] for room in rooms()]", ["north", "south"]),
        ("sum = 0\nfor r in rooms():\n    sum += room(r)['beds']\nresult = sum([sum, 1])", 6),
        ("max = 'r1'\nfor r in rooms():\n    if r['beds'] > max['beds']:\n        max = r\nresult = max", "r2"),
    ],
)
def test_the_record_of_a_text_is_looked_up(code: str, value: Any) -> None:
    tries = list[str]()

    def try_cell(source: str) -> Trial:
        tries.append(source)
        return run(source)[0]

    found = attempt(code, try_cell, mend=True, namespace=tools())
    assert found.trial is not None and found.trial.outcome == "ran", found
    assert run(found.code)[1]["result"] == value
    assert len(tries) <= 1 + TRIALS


@pytest.mark.parametrize(
    "code",
    [
        "result = rooms()[0]['colour']",  # no function gives it
        "result = rooms()[0][1.5]",
        "record = {'beds': 2}\nresult = 'r1'['beds'] + record['bads']",  # another error follows
    ],
)
def test_other_code_is_left_to_the_model(code: str) -> None:
    first = run(code)[0]
    assert attempt(code, lambda source: run(source)[0], mend=True, namespace=tools()).trial == first


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("r = rooms()[0]\nn = r['beds']\n1 / 0", "r = rooms()[0]\nn = room(r)['beds']\n1 / 0"),
        (
            "n = rooms()[0]['beds']; math.sqrt(n)\n1 / 0",
            "import math\nn = room(rooms()[0])['beds']; math.sqrt(n)\n1 / 0",
        ),
    ],
)
def test_mended_code_that_comes_further_takes_the_place_of_the_code(code: str, kept: str) -> None:
    found = attempt(code, lambda source: run(source)[0], mend=True, namespace=tools())
    assert found.trial is not None
    assert (found.code, found.trial.error) == (kept, "ZeroDivisionError: division by zero")
    same_line = "[1 / 0, rooms()[0]['beds']]" if code.startswith("r") else "rooms()[0]['beds'] / 0"
    assert attempt(same_line, lambda source: run(source)[0], mend=True, namespace=tools()).code == same_line


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (
            "r = rooms()[0]\nr['beds']",
            "`r` is the text 'r1' and has no keys. `room(room_id: str) -> dict[str, Any]` gives",
        ),
        (
            "info = room('r2')\ninfo['ward']['head']",
            "`info['ward']` is the text 'south' and has no keys. `ward(name: str",
        ),
        (
            "other, info = {'a': 1}, {'heads': 2, 'floor': 1}\ny = other['a'], info['head']",
            "`info` has no 'head'. `ward(",
        ),
        ("r = rooms()[0]\nr['colour']", "`r` is the text 'r1' and has no keys."),
        (
            "info = room('r2')\ninfo['head']",
            "`info` has no 'head'. `ward(name: str, *, year: int = 2024) -> dict[str, Any]`",
        ),
    ],
)
def test_the_model_is_told_what_the_text_is_and_which_function_gives_the_key(code: str, told: str) -> None:
    assert run(code)[0].observation.startswith(told)
