"""What a run brought, as the bounded text that the model reads.

In order: what was printed, displayed and returned; then the error, with the line of the user's cell that raised it;
then what changed in the namespace. Outputs are data, not instructions: they are fenced where they could be mistaken.
"""

from __future__ import annotations

import re
import traceback
import unicodedata
from collections.abc import Sequence

from .capture import Item
from .context import Delta, Snapshot, render_delta

NOTHING = "(It ran; nothing was printed. Take the next step: end a block with the expression to see.)"
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")
_FENCE_AT = re.compile(r"^(\s*)(\[end of output\]|Output:|Execution Output:|Task:|In the notebook now:)", re.MULTILINE)
MAX_FRAMES = 3
MAX_MESSAGE = 600


def render_observation(
    items: Sequence[Item],
    error: BaseException | None,
    difference: Delta,
    after: Snapshot,
    seconds: float,
    *,
    source: str,
    budget_chars: int,
) -> str:
    """The text, at most `budget_chars` long. `source` is the cell that ran, `after` the namespace it left."""
    tail = [describe_error(error, source)] if error is not None else []
    change = render_delta(difference, after)
    tail += [change[:MAX_MESSAGE]] if change else []
    tail += [f"({seconds:.0f} s)"] if seconds >= 1 else []
    end = "\n".join(tail)[: budget_chars * 2 // 3]
    outputs = "\n".join(text for item in items if (text := _render_item(item)))
    if not outputs and error is None:
        outputs = NOTHING
    room = budget_chars - len(end) - 1
    outputs = _cut(outputs, room)
    return "\n".join(part for part in (outputs, end) if part)


def describe_error(error: BaseException, source: str) -> str:
    """The exception in a line, and where in the user's own code it was raised."""
    name, message = type(error).__name__, _clean(_message(error))[:MAX_MESSAGE]
    if isinstance(error, KeyboardInterrupt):
        return "Interrupted by the user."
    if name == "StdinNotImplementedError":
        return f"{name}: the code asked for input(), and nobody can type here."
    if isinstance(error, SyntaxError):
        line = (error.text or "").rstrip("\n")
        return f"{name} in line {error.lineno}: {_clean(str(error.msg))}\n  {_clean(line)[:200]}"
    return "\n".join([f"{name}: {message}", *_own_frames(error, source)])


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # the user's own exception class may fail to tell
        return "(the exception cannot describe itself)"


def _own_frames(error: BaseException, source: str) -> list[str]:
    """The frames in cells of the user's, innermost last, as `line 3: df["sale"]`."""
    lines = source.splitlines()
    frames = []
    for frame, number in traceback.walk_tb(error.__traceback__):
        filename = frame.f_code.co_filename
        if "ipykernel_" not in filename and "ipython-input-" not in filename:
            continue
        name = frame.f_code.co_name
        code = lines[number - 1].strip() if name == "<module>" and number <= len(lines) else ""
        where = f" in {name}()" if name not in ("<module>", "<cell line: 1>") else ""
        frames.append(f"  at line {number}{where}" + (f": {_clean(code)[:200]}" if code else ""))
    return frames[-MAX_FRAMES:]


def _render_item(item: Item) -> str:
    text = _clean(item.text).rstrip()
    if item.missing:
        middle = len(item.text) // 2
        text = f"{_clean(item.text[:middle])}\n[… {item.missing:,} characters left out …]\n{_clean(item.text[middle:])}"
    text = _FENCE_AT.sub(r"\1| \2", text)
    return f"stderr: {_cut(text, 800)}" if item.kind == "stderr" and text else text


def _cut(text: str, room: int) -> str:
    """Head and tail of the text, within `room` characters."""
    if len(text) <= room:
        return text
    note = f"\n[… {len(text) - room:,} characters left out …]\n"
    side = max(0, room - len(note)) // 2
    return (text[:side] + note + text[len(text) - side :])[:room]


def _clean(text: str) -> str:
    """Without terminal codes; what a terminal would rewrite or not show is made visible."""
    text = _ANSI.sub("", text).replace("\r\n", "\n")
    text = re.sub(r"^[^\n]*\r(?!\n)", "", text, flags=re.MULTILINE)  # a progress bar's overwritten states
    if text.isprintable():
        return text
    return "".join(
        character
        if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cs")
        else f"\\u{ord(character):04x}"
        for character in text
    )
