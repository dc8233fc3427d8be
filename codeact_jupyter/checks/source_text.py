"""Checks of a candidate's text alone: CodeAct's own names, hidden characters, syntax; and its normal form."""

from __future__ import annotations

import ast
import re
import unicodedata
import warnings
from collections.abc import Iterator

from ..namespace.bindings import UNPARSABLE
from ..text import visible
from .cell import parse, texts_in, transformed
from .finding import Finding

_OUT_OF_VIEW = re.compile(r"\S[ \t]{41,}\S|^[ \t]{81,}\S|(?:\n[ \t]*){22,}\S", re.MULTILINE)
_OURS = re.compile(r"%codeact\b|\bcodeact_jupyter\b|\bCodeAct(?:Magics)?\b|['\"]codeact['\"]")

_DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def find_in_text(code: str) -> Finding | None:
    """Check what the text alone tells.

    Args:
        code: Source of the cell.

    Returns:
        The most serious finding, if there is one.
    """
    if _OURS.search(code):
        return Finding("own", "A step cannot touch CodeAct itself.")
    return _hidden_characters(code) or _syntax(code)


def normalise(code: str, *, constants: bool = True) -> str:
    """Return a text that is the same for cells that do the same.

    Comments, docstrings and layout do not count.

    Args:
        code: Source of the cell.
        constants: False to disregard the values of literals, too.

    Returns:
        A dump of the tree, or the stripped source if it does not parse.
    """
    try:
        tree = parse(code)
        if len(tree.body) > 1 and ast.get_docstring(tree, clean=False) is not None:
            tree.body = tree.body[1:]
        for node in ast.walk(tree):
            if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
                node.body = node.body[1:] or [ast.Pass()]
            if isinstance(node, ast.Constant) and not constants:
                node.value = node.kind = None
        return ast.dump(tree)
    except UNPARSABLE:
        return code.strip()


def _hidden_characters(code: str) -> Finding | None:
    for character in code:
        if visible(character) != character:
            return Finding("hidden", f"The code holds the hidden character U+{ord(character):04X}.")
    if not code.isascii() and not _look_alikes(code).isdisjoint(_names(code)):
        return Finding("hidden", "A name in the code uses look-alike characters.")
    if _OUT_OF_VIEW.search(code):
        return Finding("hidden", "Code is pushed out of view, behind spaces or empty lines.")
    return None


def _look_alikes(code: str) -> set[str]:
    """Return the NFKC forms of the words that Python would read as others."""
    read = {word: unicodedata.normalize("NFKC", word) for word in _identifiers(code) if not word.isascii()}
    return {other for word, other in read.items() if other != word}


def _names(code: str) -> set[str]:
    """Return the names in the code and the look-alikes in arguments of magics; all look-alikes if it does not parse."""
    try:
        tree = parse(code)
    except UNPARSABLE:
        return _look_alikes(code)
    return {word for node in ast.walk(tree) for text in _named(node) for word in text.split(".")}


def _named(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("get_ipython()."):
        yield from (word for text in texts_in(node) for word in _look_alikes(text))
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


def _syntax(code: str) -> Finding | None:
    try:
        source = transformed(code)
        with warnings.catch_warnings(action="ignore"):
            compile(source, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError as error:
        return Finding("syntax", f"SyntaxError in line {error.lineno}: {error.msg}.")
    except UNPARSABLE as error:
        return Finding("syntax", f"The code does not compile: {error}.")
    return None
