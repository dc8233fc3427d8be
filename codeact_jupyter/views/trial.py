"""The result of a trial as one line, the same in every view."""

from __future__ import annotations

from collections.abc import Sequence

from ..session.messages import Tried
from ..text import code_point, shorten, visible

OUTPUT_CHARS = 60  #: shown of the outputs
DETAIL_CHARS = 240  #: shown of an error, a reason or the effects
CHANGE_CHARS = 80  #: shown of each change
NAMES = 4  #: shown of the names that were added, changed or removed


def trial_line(tried: Tried | None) -> str:
    """Describe a trial. The words say what the trial showed, not that the code is safe.

    Args:
        tried: Result of the trial, if there was one.

    Returns:
        One line without hidden characters and without a full stop; empty if there was no trial.
    """
    if tried is None:
        return ""
    reason = in_line(tried.reason, DETAIL_CHARS)
    if tried.memory:
        return f"May need more than {tried.memory / 1e9:.1f} GB: it could end your kernel{_why(tried, reason)}"
    if tried.outcome == "not_tried":
        return f"Not tried: {reason}" if reason else "Not tried"
    return f"Doubt: {reason} · {_what_came(tried)}" if reason else _what_came(tried)


def _why(tried: Tried, reason: str) -> str:
    """Return what else is known of a step that needs too much memory."""
    told = reason or in_line(tried.error, DETAIL_CHARS)
    return f" · {told}" if told else ""


def _what_came(tried: Tried) -> str:
    if tried.outcome == "raised":
        return f"Raises {in_line(tried.error, DETAIL_CHARS) or 'an error'}"
    if tried.outcome == "wants_more":
        effects = ", ".join(tried.effects) or "use or change something outside the kernel"
        return f"Would {in_line(effects, DETAIL_CHARS)}"
    return f"Tried: {' · '.join(_what_ran(tried))}"


def _what_ran(tried: Tried) -> list[str]:
    figures = len(tried.figures)
    shown = [
        in_line(tried.outputs, OUTPUT_CHARS),
        f"{figures} figure{'s' if figures > 1 else ''}" if figures else "",
        _names("defines", tried.added),
        _changes(tried),
        _names("removes", tried.removed),
    ]
    return [*(filter(None, shown) if any(shown) else ["no output"]), _seconds(tried.seconds)]


def _changes(tried: Tried) -> str:
    """Return how the first names change: "replaces `df`: 344 → 333 rows, changes `x`, …"."""
    if not tried.changes:
        return _names("changes", tried.changed)
    more = ", …" if len(tried.changes) > NAMES else ""
    return f"{', '.join(in_line(text, CHANGE_CHARS) for text in tried.changes[:NAMES])}{more}"


def _names(verb: str, names: Sequence[str]) -> str:
    more = ", …" if len(names) > NAMES else ""
    return f"{verb} {', '.join(f'`{in_line(name, OUTPUT_CHARS)}`' for name in names[:NAMES])}{more}" if names else ""


def _seconds(seconds: float) -> str:
    return f"{max(seconds, 0.01):.2f} s" if seconds < 1 else f"{seconds:.1f} s"


def in_line(text: str, limit: int) -> str:
    """Return the text in one line, with hidden characters written out.

    Args:
        text: Any text.
        limit: Length of the result at most, in characters.
    """
    return shorten(" ".join(visible(text[: 10 * limit], code_point).split()), limit)
