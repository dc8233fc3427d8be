"""Values of options: what traitlets would take and no option means is refused."""

from __future__ import annotations

import math
from typing import Any

import pytest
from traitlets import TraitError

from codeact_jupyter.config import CodeAct

NUMBERS = [
    name for name, trait in CodeAct.class_traits(config=True).items() if type(trait.default_value) in (int, float)
]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    "value", [True, False, math.nan, math.inf, -math.inf, 10**10, 10**30, -1, -(10**9), "5", None, [5]]
)
def test_a_number_is_a_number_within_bounds(name: str, value: Any) -> None:
    options = CodeAct()
    before = getattr(options, name)
    with pytest.raises(TraitError):
        setattr(options, name, value)
    assert getattr(options, name) == before


def test_the_bounds_leave_room() -> None:
    options = CodeAct(max_turns=1000, max_seconds=86_400, max_tokens=32_768, temperature=1, context_size=131_072)
    assert (options.max_turns, options.max_seconds, options.temperature) == (1000, 86_400.0, 1.0)
    assert CodeAct.class_traits()["max_turns"].from_string("7") == 7
    assert CodeAct.class_traits()["max_seconds"].from_string("7.5") == 7.5
