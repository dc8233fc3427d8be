r"""Code blocks in a text: where a fence opens one, and where the block ends.

Fences follow CommonMark: three or more backticks or tildes, after white space or the mark of a list item, with the
language and anything else behind them; a block ends at a fence of the same kind that is at least as long. Two rules go
beyond CommonMark, because of what models write:

- In Python, a fence inside a string literal is part of the string. Literals and comments are found by Python's lexical
  rules. Outside them no Python begins with a fence, so that there any fence ends the block, also one at the end of a
  line of code or with a language.
- In other text (a block in another language, or the body of `%%writefile` or `%%bash`), a fence with a language opens a
  block within the block, and a shell's here-document is skipped up to its last line.

Texts grow while a model writes. An `End` is `certain` if nothing that may follow can undo it.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

PYTHON = ("python", "python3", "py", "py3", "ipython", "ipython3", "tool_code")
#: A fence and what stands behind it, up to the end of the line.
FENCE = r"(?P<mark>`{3,}(?=[^`<\n]*(?:\n|\Z))|~{3,})(?P<info>[^<\n]*)(?:\n|\Z)"
#: The opening of a block: a fence on a line of its own or in a list item, or one of Python at the end of a line.
OPENING = (
    rf"(?:^[^\S\n]*(?:(?:[-*+]|\d{{1,9}}[.)])[^\S\n]+)?{FENCE}"
    rf"|(?P<inline>`{{3,}})(?P<language>(?i:{'|'.join(PYTHON)}))[^\S\n]*\n)"
)
_LANGUAGE = re.compile(r"\s*(?:\{code-cell\})?[\s{.]*([\w+#-]*)")
_PYTHON_CELL = r"(?:time|timeit|capture|prun|memit|mprun|debug|python|python3)\b|(?:write)?file\b[^\n]*\.pyi?[^\S\n]*$"
_TEXT_CELL = re.compile(rf"\s*%%(?!{_PYTHON_CELL})(\w+)", re.MULTILINE)
_SHELLS = ("bash", "sh", "script", "system", "sx", "zsh", "shell", "console")
_HERE = r"<<-?[^\S\n]*(?P<quote>['\"\\]?)(?P<word>\w+)(?P=quote)?[^\n]*\n(?s:.*?)(?:^\t*(?P=word)$|\Z)|"


@dataclass(frozen=True, slots=True)
class End:
    """The end of a block in a text."""

    start: int  #: index of the fence or tag that closes it
    stop: int  #: index behind that
    certain: bool  #: nothing that may follow can undo it


def language_of(info: str) -> str:
    """Return the language of a block, in lower case.

    Args:
        info: What stands behind its opening fence, such as `{.python .numberLines}`.
    """
    found = _LANGUAGE.match(info)
    return found[1].lower() if found else ""


def end_of_code(text: str, begin: int, mark: str, tags: str) -> End | None:
    """Find the end of a block of Python, or of a cell whose magic takes another language.

    Args:
        text: The whole text.
        begin: Start of the block's content.
        mark: The fence that opened it.
        tags: Pattern of what ends it besides a fence.

    Returns:
        The end; None if the block is open.
    """
    if magic := _TEXT_CELL.match(text, begin):
        return end_of_text(text, begin, mark, tags, magic[1])
    certain = True
    for found in _python(fence(mark), tags).finditer(text, begin):
        if found["end"] is not None:
            return End(found.start(), found.end(), certain)
        certain = certain and found["open"] is None
    return None


def end_of_text(text: str, begin: int, mark: str, tags: str, language: str) -> End | None:
    """Find the end of a block of another language than Python.

    Args:
        text: The whole text.
        begin: Start of the block's content.
        mark: The fence that opened it.
        tags: Pattern of what ends it besides a fence.
        language: Its language.

    Returns:
        The end; None if the block is open.
    """
    marks = [mark]  # of the open blocks, the innermost last
    for found in _text(tags, here=language in _SHELLS).finditer(text, begin):
        if found["tag"] is not None:
            return End(found.start(), found.end(), True)
        if found["mark"] is None:
            continue
        if found["info"].strip():
            marks.append(found["mark"])
        elif re.fullmatch(fence(marks[-1]), found["mark"]):
            marks.pop()
            if not marks:
                return End(found.start(), found.end(), found.group().endswith("\n"))
    return None


def fence(mark: str) -> str:
    """Return the pattern of a fence that ends a block of Python, outside its literals.

    Args:
        mark: The fence that opened it.
    """
    return rf"`{{{len(mark)},}}" if mark[0] == "`" else rf"^[^\S\n]*~{{{len(mark)},}}"


@functools.cache
def _python(fence: str, tags: str) -> re.Pattern[str]:
    """Return the lexer of a block of Python; `open` is a quotation mark whose line may still get another one."""
    return re.compile(
        rf"""
        \#(?:(?!</execute>)[^\n])*+
        |(?P<triple>'''|\"\"\")(?:\\.|(?!(?P=triple)).)*+(?:(?P=triple)|\Z)
        |(?P<quote>['"])(?:\\.|(?!(?P=quote))[^\\\n])*+(?P=quote)
        |(?P<open>['"])(?=(?:\\.|[^\\\n])*+\\?\Z)
        |(?P<end>{fence}|{tags})
        """,
        re.VERBOSE | re.DOTALL | re.MULTILINE,
    )


@functools.cache
def _text(tags: str, *, here: bool) -> re.Pattern[str]:
    """Return the pattern of all that matters in a block of another language."""
    return re.compile(rf"{_HERE if here else ''}^[^\S\n]*{FENCE}|(?P<tag>{tags})", re.MULTILINE)
