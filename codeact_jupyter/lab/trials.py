"""The result of a trial as sent to pages: shortened, with hidden characters written out."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence

from ..session.messages import Tried
from ..text import code_point, shorten_middle, visible
from ..views.trial import in_line, trial_line
from .protocol import Trial

OUTPUT_CHARS = 2000  #: maximum length of the outputs
LINE_CHARS = 300  #: maximum length of an error, a reason, an effect or a name
PARTS = 20  #: maximum number of effects, and of names of each kind
FIGURES = 4
FIGURE_BYTES = 400_000  #: maximum size of all figures together
FIGURE_PIXELS = 4096  #: maximum width and height of a figure

_PNG = b"\x89PNG\r\n\x1a\n"


def to_trial(tried: Tried | None, *, figures: bool) -> Trial | None:
    """Convert the result of a trial.

    Args:
        tried: Result of the trial, if there was one.
        figures: True to include its figures.

    Returns:
        The result for a page; None if there was no trial.
    """
    if tried is None:
        return None
    return Trial(
        outcome=tried.outcome,
        line=trial_line(tried),
        outputs=shorten_middle(visible(tried.outputs, code_point), OUTPUT_CHARS),
        effects=_bounded(tried.effects),
        added=_bounded(tried.added),
        changed=_bounded(tried.changed),
        removed=_bounded(tried.removed),
        error=in_line(tried.error, LINE_CHARS),
        reason=in_line(tried.reason, LINE_CHARS),
        seconds=tried.seconds,
        figures=list(_encoded(tried.figures)) if figures else [],
    )


def _bounded(texts: Sequence[str]) -> list[str]:
    return [in_line(text, LINE_CHARS) for text in texts[:PARTS]]


def _encoded(figures: Iterable[bytes]) -> Iterable[str]:
    """Yield the first figures in base64. The copy is untrusted, so their size is checked."""
    room, places = FIGURE_BYTES, FIGURES
    for figure in figures:
        if places and len(figure) <= room and _is_small_png(figure):
            room, places = room - len(figure), places - 1
            yield base64.b64encode(figure).decode()


def _is_small_png(figure: bytes) -> bool:
    """Return True if the header is that of a PNG file that a browser can show without much memory."""
    size = [int.from_bytes(figure[place : place + 4], "big") for place in (16, 20)]
    return figure.startswith(_PNG) and figure[12:16] == b"IHDR" and all(0 < side <= FIGURE_PIXELS for side in size)
