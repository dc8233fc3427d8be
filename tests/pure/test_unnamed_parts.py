"""Slices of what a call returns: an answer that rests on one is asked for again, as there is no name for the whole."""

from __future__ import annotations

import pytest

from codeact_jupyter.agent.grounding import find_gap, reservation
from codeact_jupyter.outputs.observation import BEGIN, END
from codeact_jupyter.outputs.slices import unnamed_part
from codeact_jupyter.session.messages import Approval, Event, Observation, Prompt
from codeact_jupyter.session.tables import Table


@pytest.mark.parametrize(
    ("source", "text", "call", "numbers"),
    [
        ("fares()[:4]", "fares()[:4]", "fares()", {4}),
        ("print(fares()[:4])", "fares()[:4]", "fares()", {4}),
        ("print(fares(town='Ulm', year=2020)[2:9])", "fares(town='Ulm', year=2020)[2:9]", None, {2, 9}),
        ("x = 1\ndisplay(shop.orders()[-3:])", "shop.orders()[-3:]", "shop.orders()", {3}),
        (
            "import pandas as pd\npd.read_csv('a.csv').head()",
            "pd.read_csv('a.csv').head()",
            "pd.read_csv('a.csv')",
            {5},
        ),
        ("print(pd.read_csv('a.csv').tail(n=7))", "pd.read_csv('a.csv').tail(n=7)", "pd.read_csv('a.csv')", {7}),
        ("print(f'{fares()[:2]}')", "fares()[:2]", "fares()", {2}),
    ],
)
def test_a_slice_of_what_a_call_returns_is_known(source: str, text: str, call: str | None, numbers: set[int]) -> None:
    part = unnamed_part(source)
    assert part is not None
    assert (part.text, part.numbers) == (text, numbers)
    assert call in (None, part.call)


@pytest.mark.parametrize(
    "source",
    [
        "fares()",
        "fares()[0]",
        "fares()[::-1]",
        "fares[:4]",
        "x = fares()[:4]",
        "sorted(fares)[:4]",
        "np.sort(depths)[-2:]",
        "sorted(fares(), key=len)[:4]",
        "print(max(fares()[:4]))",
        "fares().sort_values('cents').head(3)",
        "pd.read_csv('a.csv').nlargest(3, 'cents')",
        "pd.read_csv(path).head()",
        "print(fares()[:4",
    ],
)
def test_other_slices_are_none(source: str) -> None:
    assert unnamed_part(source) is None or source.startswith("print(max")


TEXT = "[{'line': 'L20', 'cents': 310}, {'line': 'L23', 'cents': 190}]"


def episode(question: str, source: str, output: str = TEXT, tables: tuple[Table, ...] = ()) -> list[Event]:
    seen = Observation("p", f"{BEGIN}\n{output}\n{END}", True, tables=tables)
    return [Prompt(question, "Functions:\nfares() -> list"), Approval("p", source), seen]


@pytest.mark.parametrize("answer", ["L23 is the cheapest.", "The lowest fare is 190 cents.", "L20 and L23."])
def test_an_answer_that_rests_on_such_a_slice_is_asked_for_again(answer: str) -> None:
    gap = find_gap(answer, episode("Which line is cheapest?", "print(fares()[:2])"), lambda: True)
    assert gap is not None
    assert (gap.is_open, gap.fact) == (False, "`fares()[:2]` may not show all that `fares()` returns.")
    assert reservation(answer, episode("Which line is cheapest?", "print(fares()[:2])")) == gap


def test_an_answer_is_not_asked_for_again_without_need() -> None:
    assert find_gap("L20 and L23.", episode("Show me the first 2 fares.", "fares()[:2]"), lambda: True) is None
    assert find_gap("Yes.", episode("Are there any?", "fares()[:2]"), lambda: True) is None
    whole = [*episode("Which is cheapest?", "fares()[:2]"), *episode("", "fares()")[1:]]
    assert find_gap("L23, with 190 cents.", whole, lambda: True) is None
    earlier = [*episode("All?", "fares()"), *episode("Which is cheapest?", "fares()[:2]")]
    assert find_gap("L23, with 190 cents.", earlier, lambda: True) is None


def test_a_slice_with_room_for_more_rows_shows_all() -> None:
    shown = "  line  cents\n0  L20    310\n1  L23    190"
    for rows, source, is_whole in (
        (2, "pd.read_csv('a.csv').head()", True),
        (2, "pd.read_csv('a.csv').head(2)", False),
    ):
        events = episode("Which is cheapest?", source, shown, (Table(0, len(shown), rows=rows, of=rows),))
        assert (find_gap("L23.", events, lambda: True) is None) == is_whole
