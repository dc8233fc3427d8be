"""Fitting a transcript to the model's window.

The oldest outputs are shortened first, many at a time, since each cut costs the cached prefix. When that is not enough
the oldest questions are left out, and the namespace is listed afresh.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from .messages import Event, Observation, Prompt, Shortened

TARGET = 0.7  #: after a cut, the prompt takes at most this share of the room, so that the next cut is far
CHARS = (800, 240)


def fit(
    transcript: Sequence[Event], describe: Callable[[], str], count: Callable[[Shortened], int], room: int
) -> Shortened | None:
    """The mildest cut that reaches the target, or else the harshest that fits; `None` when none does.

    `count(cut)` gives the prompt's tokens under a cut, `room` the tokens it may take.
    """
    fitting: Shortened | None = None
    for cut in _cuts(transcript, describe):
        tokens = count(cut)
        if tokens <= room * TARGET:
            return cut
        if tokens <= room:
            fitting = cut
    return fitting


def _cuts(transcript: Sequence[Event], describe: Callable[[], str]) -> list[Shortened]:
    """From mild to harsh. The newest output is spared as long as possible; what was left out before stays out."""
    before = next((event for event in reversed(transcript) if isinstance(event, Shortened)), Shortened(0, 0))
    outputs = sum(isinstance(event, Observation) for event in transcript)
    prompts = [n for n, event in enumerate(transcript) if isinstance(event, Prompt) and n > before.forget]
    cuts = [replace(before, observations=outputs - 1, chars=chars) for chars in CHARS if outputs > 1]
    if prompts:
        context = describe()
        cuts += [Shortened(outputs - 1, CHARS[-1], number, context) for number in prompts]
    last = cuts[-1] if cuts else before
    return [*cuts, *(replace(last, observations=outputs, chars=chars) for chars in CHARS if outputs)]
