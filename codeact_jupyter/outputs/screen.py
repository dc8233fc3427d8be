"""Printed text as a terminal would show it: overwritten progress bars, cursor movements, colours taken out."""

from __future__ import annotations

import re

ROWS, COLUMNS = 200, 2_000  #: farthest that a position on the screen moves the cursor

_CODES = re.compile(
    r"(?:\x1b\[|\x9b)([0-?]*)[ -/]*([@-~])"  # 1, 2: movements and colours
    r"|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # titles, links and images
    r"|\x1b[ -/]*[0-Z\\^-~]"
    r"|([\n\r\b])"  # 3
)
_MOVES = re.compile(r"[\r\b\x1b\x9b]")
_OVERWRITTEN = re.compile(r"\r((?:[^\n\b\x1b\x9b]|\x1b\[[\d;]*m)*\r)(?=[^\r\n])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def on_screen(text: str) -> str:
    """Return what a terminal shows in the end.

    Args:
        text: As it was printed.

    Returns:
        Lines without terminal codes and control characters. What was printed before the screen was cleared is gone.
    """
    if _MOVES.search(text):
        shown = _Screen().show(text.replace("\r\n", "\n"))
        text = "\n".join(line.rstrip() for line in shown.split("\n"))
    return _CONTROL.sub("", text)


def without_overwritten(text: str) -> str:
    r"""Leave out what later text of the same line overwrites, so that a long progress bar needs little room.

    Args:
        text: As it was printed, from any column on.

    Returns:
        A text that looks the same when it is printed in its place.
    """
    return _OVERWRITTEN.sub(lambda found: f"\r{_Screen().show(found[1])}\r", text)


class _Screen:
    """Lines without an end, and a cursor."""

    def __init__(self) -> None:
        self._lines: list[list[str]] = [[]]
        self._row = self._column = 0

    def show(self, text: str) -> str:
        """Print a text and return the lines."""
        at = 0
        for found in _CODES.finditer(text):
            self._print(text[at : found.start()])
            at = found.end()
            if found[3]:
                self._control(found[3])
            elif found[2]:
                self._move(found[2], [int(each) if each.isdecimal() else 0 for each in found[1][:40].split(";")])
        self._print(text[at:])
        return "\n".join(map("".join, self._lines))

    def _print(self, text: str) -> None:
        if not text:
            return
        line = self._lines[self._row]
        self._column = min(self._column, max(len(line), COLUMNS))
        line += " " * (self._column - len(line))
        line[self._column : self._column + len(text)] = text
        self._column += len(text)

    def _control(self, character: str) -> None:
        if character == "\n":
            self._to_row(self._row + 1)
        self._column = max(self._column - 1, 0) if character == "\b" else 0

    def _to_row(self, row: int) -> None:
        self._row = max(row, 0)
        while len(self._lines) <= self._row:
            self._lines.append([])

    def _move(self, code: str, numbers: list[int]) -> None:
        """Perform one code of those that move the cursor or erase; colours change nothing."""
        number = min(numbers[0] or 1, COLUMNS)
        if code in "AF":
            self._to_row(self._row - number)
        elif code in "BE":
            self._to_row(min(self._row + number, len(self._lines) - 1))
        elif code in "CD":
            self._column = max(self._column + (number if code == "C" else -number), 0)
        elif code == "G":
            self._column = number - 1
        elif code in "Hf":
            self._to_row(min(number, ROWS) - 1)
            self._column = max([*numbers, 1][1], 1) - 1
        elif code in "JK":
            self._erase(code, numbers[0])
        if code in "EF":
            self._column = 0

    def _erase(self, code: str, part: int) -> None:
        """Erase the line or the screen: 0 from the cursor on, 2 and 3 all; 1, up to the cursor, is rare."""
        if part == 1:
            return
        if code == "J" and part:
            self._lines, self._row = [[]], 0
        elif code == "J":
            del self._lines[self._row + 1 :]
        del self._lines[self._row][0 if part else self._column :]
