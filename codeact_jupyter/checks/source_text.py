"""Checks of a cell's text: it compiles, and a reader sees all of it."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import unicodedata
from collections.abc import Iterator

from ..namespace.source import UNPARSABLE, parse, transformed, without_warnings
from ..text import JOINERS, python_escape, visible
from .cell import text_of
from .finding import Finding

_OUT_OF_VIEW = re.compile(r"\S[ \t]{41,}\S|^[ \t]{81,}\S|(?:\n[ \t]*){22,}\S", re.MULTILINE)
#: embeddings, overrides and isolates: they reorder the code around them on the screen, also from within a string
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


_TIMED = re.compile(r"^([ \t]*)%time(?:it)?[ \t]+(?:-\w+[ \t]+(?:\d+[ \t]+)?)*", re.MULTILINE)  # Python follows


def find_hidden(code: str) -> Finding | None:
    """Find code that a reader would not see or would misread.

    Args:
        code: Source of the cell.

    Returns:
        The first finding, or None. In strings, only characters that reorder the text around them count.
    """
    for character in [*filter(_REORDERING.__contains__, code), *_outside_strings(code)]:
        if character not in JOINERS and not _is_space(character) and visible(character) != character:
            text = f"The code holds the hidden character U+{ord(character):04X}"
            return Finding("hidden", f"{text}: write it as `{python_escape(character)}` in a string, and nowhere else.")
    if not code.isascii() and not _look_alikes(code).isdisjoint(_names(code)):
        return Finding("hidden", "A name in the code uses look-alike characters.")
    if _OUT_OF_VIEW.search(code):
        return Finding("hidden", "Code is pushed out of view, behind spaces or empty lines.")
    return None


def escape_reordering(code: str) -> str:
    """Write characters that would reorder the code on the screen as escapes, so that what is read is what runs.

    Args:
        code: Source of the cell.

    Returns:
        Code with the same meaning; the code as it is, if such characters stand outside plain strings too.
    """
    written = "".join(python_escape(each) if each in _REORDERING else each for each in code)
    if written == code or not _REORDERING.isdisjoint(_outside_strings(code)):
        return code
    try:
        return written if ast.dump(parse(written)) == ast.dump(parse(code)) else code
    except UNPARSABLE:
        return code


def find_syntax_error(code: str) -> Finding | None:
    """Find the reason why a cell does not compile.

    Args:
        code: Source of the cell.

    Returns:
        The finding, or None.
    """
    try:
        source = transformed(code)
        with without_warnings():
            compile(source, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError as error:
        return Finding("syntax", f"SyntaxError in line {error.lineno}: {error.msg}.")
    except UNPARSABLE as error:
        return Finding("syntax", f"The code does not compile: {error}.")
    return None


def _is_space(character: str) -> bool:
    """Return True for spaces of all languages. Outside strings and comments, Python refuses them itself."""
    return unicodedata.category(character) == "Zs"


def _outside_strings(code: str) -> str:
    """Return the code without its string literals; magics whole, and all of the code if its lines are in doubt."""
    try:
        if code.isascii() and code.isprintable():
            return ""
        if "\r" in code:
            return code.replace("\r\n", "\n")
        code = _as_python(code)
        lines, python = code.splitlines(keepends=True), transformed(code).splitlines(keepends=True)
        if len(python) != len(lines) or lines != io.StringIO(code).readlines():
            return code
        is_plain = [line.rstrip() == read.rstrip() for line, read in zip(lines, python, strict=True)]
        for token in reversed([*tokenize.generate_tokens(io.StringIO("".join(python)).readline)]):
            if token.type == tokenize.STRING or tokenize.tok_name[token.type] == "FSTRING_MIDDLE":
                (first, start), (last, end) = token.start, token.end
                if all(is_plain[first - 1 : last]):
                    lines[first - 1 : last] = [lines[first - 1][:start] + lines[last - 1][end:]]
        return "".join(lines)
    except (tokenize.TokenError, *UNPARSABLE):
        return code


def _as_python(code: str) -> str:
    """Return the code with the head of a statement, of the same length, in place of each `%time` and `%timeit`."""
    return _TIMED.sub(lambda found: f"{found[1]}{'if 1:'.ljust(len(found[0]) - len(found[1]))}", code)


def _look_alikes(code: str) -> set[str]:
    """Return the NFKC forms of the words that Python reads as other words."""
    read = {word: unicodedata.normalize("NFKC", word) for word in _identifiers(code) if not word.isascii()}
    return {other for word, other in read.items() if other != word}


def _names(code: str) -> set[str]:
    """Return the names in the code and the look-alikes in arguments of magics; all look-alikes if it does not parse."""
    try:
        tree = parse(_as_python(code))
    except UNPARSABLE:
        return _look_alikes(code)
    return {word for node in ast.walk(tree) for text in _named(node) for word in text.split(".")}


def _named(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("get_ipython()."):
        yield from (word for part in node.args for word in _look_alikes(text_of(part) or ""))
    for _, value in ast.iter_fields(node) if not isinstance(node, ast.Constant) else ():
        yield from (text for text in (value if isinstance(value, list) else [value]) if type(text) is str)


def _identifiers(code: str) -> list[str]:
    words, word = [], ""
    for character in code + " ":
        if character == "_" or character.isalnum() or unicodedata.category(character).startswith(("L", "N", "M")):
            word += character
        elif word:
            words.append(word)
            word = ""
    return words
