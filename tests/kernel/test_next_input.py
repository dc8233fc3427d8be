"""The whole loop with cells in a real kernel, as a user of JupyterLab without our extension has it."""

from __future__ import annotations

import pytest

from .conftest import Lab, step

pytestmark = pytest.mark.kernel


def test_each_step_is_a_cell_below_the_last_one_and_the_answer_comes_in_the_last(lab: Lab) -> None:
    lab.script(step("total = sum(points)\ntotal"), step("total / len(points)"), "The mean is 4.")
    lab.run("points = [3, 4, 5]")
    asked = lab.ask("What is the mean?")
    assert "points" in lab.prompts[0]
    first = lab.below(asked)
    assert first.source.startswith("total = sum(points)\ntotal\n# codeact: ")
    assert lab.value("'total' in globals()") is False
    lab.run(first)
    second = lab.below(first)
    assert second.source.startswith("total / len(points)")
    last = lab.run(second)
    assert lab.cells == [lab.cells[0], asked, first, second]
    assert "The mean is 4." in last.text
    assert lab.answer == "The mean is 4."
    assert ["12" in lab.prompts[1], "4.0" in lab.prompts[2]] == [True, True]
    assert lab.value("__import__('os').getuid()") != 0
