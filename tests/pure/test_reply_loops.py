"""An endless loop of the model is told from code and tables whose lines are alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeact_jupyter.dialects.reply import is_rambling

ALIKE = [
    'plt.figure()\nplt.hist(df["{0}"])\nplt.title("{0}")\nplt.ylabel("Frequency")\nplt.tight_layout()\nplt.show()\n',
    '    {{"name": "item {0}", "price": 1.5, "currency": "euro", "in stock": True}},\n',
    "| station {0:<12} |  12.5 | open   |\n",
    'try:\n    value_{0} = float(row["{0}"])\nexcept ValueError:\n    value_{0} = None\n',
    "INSERT INTO orders (number, customer) VALUES ({0}, 'somebody');\n",
    "The mean of column {0} is larger than that of the others. ",
]


@pytest.mark.parametrize("unit", ALIKE)
def test_lines_that_are_alike_are_no_repetition(unit: str) -> None:
    text = "```python\n" + "".join(unit.format(number) for number in range(40))
    assert not any(is_rambling(text[:length]) for length in range(len(text)))


@pytest.mark.parametrize(
    "text",
    [
        "x = [" + "0.0, " * 300 + "]",
        "+-----+-----+\n" * 40,
        "board = [\n" + "    [0, 0, 0, 0, 0, 0, 0, 0],\n" * 30,
        "x = [" + "None, " * 40 + "]",
        'labels = ["yes", "no", ' + '"no", ' * 30,
        "next(rows)\n" * 6,
        "fig.add_trace(go.Scatter(x=df.index, y=df.price))\nfig.update_layout(height=400)\n" * 3,
    ],
)
def test_zeros_rulers_and_short_repetitions_are_no_loop(text: str) -> None:
    assert not is_rambling(text)


@pytest.mark.parametrize(
    "unit", [each.format("a") for each in ALIKE] + ["the cat and ", ".apply(lambda x: x.melt(id_vars='a')"]
)
def test_the_same_text_over_and_over_is_a_loop(unit: str) -> None:
    text = "I look.\n```python\nimport os\n" + unit * 60
    cut = next(length for length in range(len(text)) if is_rambling(text[:length]))
    assert cut < max(480, 4 * len(unit)) + len(unit) + 40


@given(st.text("abc =+.(),\n", max_size=200), st.integers(0, 50))
def test_a_loop_is_found_wherever_it_is_cut(more: str, offset: int) -> None:
    unit = f"row{more}"
    text = (unit * (600 // len(unit) + 5))[offset:]
    assert is_rambling(text)
    assert is_rambling(f"Some words before.\n{text}")
    assert not is_rambling(f"{text}\nprint(total)")
