"""Fit a transcript to the model's window.

The oldest outputs are shortened first, many at a time, since each cut invalidates the cached prefix. If that is not
enough, the oldest questions are left out and the namespace is listed again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from .messages import Event, Observation, Prompt, Shortened

TARGET = 0.7  #: share of the room to fill after a cut, so that the next cut is needed late
CHARS = (800, 240)  #: lengths of a shortened output, from mild to harsh


def fit(
    transcript: Sequence[Event], describe: Callable[[], str], count: Callable[[Shortened], int], room: int
) -> Shortened | None:
    """Choose how to shorten the history.

    Args:
        transcript: All events so far.
        describe: Returns the live namespace as text.
        count: Returns the prompt's tokens under a cut.
        room: Limit of the prompt, in tokens.

    Returns:
        The mildest cut that reaches the target, else the harshest that fits, else `None`.
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
    """List the cuts from mild to harsh. The newest output is cut last; earlier cuts stay in force."""
    before = next((event for event in reversed(transcript) if isinstance(event, Shortened)), Shortened(0, 0))
    outputs = sum(isinstance(event, Observation) for event in transcript)
    prompts = [n for n, event in enumerate(transcript) if isinstance(event, Prompt) and n > before.forget]
    cuts = [replace(before, observations=outputs - 1, chars=chars) for chars in CHARS if outputs > 1]
    if prompts:
        context = describe()
        cuts += [Shortened(outputs - 1, CHARS[-1], number, context) for number in prompts]
    last = cuts[-1] if cuts else before
    return [*cuts, *(replace(last, observations=outputs, chars=chars) for chars in CHARS if outputs)]
