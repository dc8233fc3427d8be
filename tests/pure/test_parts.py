"""Parts that are told as the whole: slices of what a call returns, and values that the listing has as well."""

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
        ("import shop\ndisplay(shop.orders()[-3:])", "shop.orders()[-3:]", "shop.orders()", {3}),
        (
            "import pandas as pd\npd.read_csv('a.csv').head()",
            "pd.read_csv('a.csv').head()",
            "pd.read_csv('a.csv')",
            {5},
        ),
        ("from pandas import *\nprint(read_csv('a.csv').head(4))", "read_csv('a.csv').head(4)", None, {4}),
        (
            "import pandas as pd\nprint(pd.read_csv('a.csv').tail(n=7))",
            "pd.read_csv('a.csv').tail(n=7)",
            "pd.read_csv('a.csv')",
            {7},
        ),
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
        "fares().sort_values('cents').head(3)",
        "fares.sort_values('cents').head(3)",
        "shop.fares.sort('cents')[:3]",
        "pd.read_csv('a.csv').nlargest(3, 'cents')",
        "pd.read_csv(path).head()",
        "print(fares()[:4",
    ],
)
def test_other_slices_are_none(source: str) -> None:
    assert unnamed_part(source) is None


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
        (2, "import pandas as pd\npd.read_csv('a.csv').head()", True),
        (2, "import pandas as pd\npd.read_csv('a.csv').head(2)", False),
    ):
        events = episode("Which is cheapest?", source, shown, (Table(0, len(shown), rows=rows, of=rows),))
        assert (find_gap("L23.", events, lambda: True) is None) == is_whole


# --- values that the listing has as well ---------------------------------------------------------------------------

LISTED = "beds: DataFrame 12×2\n  crop object: 3 values: beet, kale, leek\n  plot object: P1, P2, P3"


def seen(question: str, *outputs: tuple[str, int]) -> list[Event]:
    """The events of steps that showed these texts, each of so many of 12 rows."""
    events: list[Event] = [Prompt(question, LISTED)]
    for text, rows in outputs:
        table = Table(len(BEGIN) + 1, len(BEGIN) + 1 + len(text), rows=rows, of=12, name="beds")
        note = f"\n{table.note}" if table.note else ""
        events += [Approval("p", "show()"), Observation("p", f"{BEGIN}\n{text}\n{END}{note}", True, tables=(table,))]
    return events


@pytest.mark.parametrize(
    ("output", "answer"),
    [
        (("kale\nleek", 2), "There are kale and leek."),
        (("kale", 1), "It is kale."),
        (("P1 kale\nP2 leek", 2), "P2 grows leek, P1 kale."),
        (("P7 beet", 1), "It is P7."),
    ],
)
def test_an_answer_that_repeats_a_part_is_asked_for_again(output: tuple[str, int], answer: str) -> None:
    gap = reservation(answer, seen("Which crops are there?", output))
    assert gap is not None
    assert gap.fact.endswith("of 12 rows of `beds` are shown.")


@pytest.mark.parametrize(
    ("outputs", "answer"),
    [
        ([("kale\nleek", 2)], "The listing has beet and kale."),
        ([("kale\nleek", 2), ("beet\nkale\nleek", 12)], "There are beet, kale and leek."),
        ([("beet\nkale\nleek", 12), ("kale\nleek", 2)], "There are beet, kale and leek."),
        ([("kale\nleek", 2)], "I cannot tell."),
        ([("kale\nleek", 12)], "There are kale and leek."),
    ],
)
def test_an_answer_that_says_something_else_is_not(outputs: list[tuple[str, int]], answer: str) -> None:
    assert reservation(answer, seen("Which crops are there?", *outputs)) is None
