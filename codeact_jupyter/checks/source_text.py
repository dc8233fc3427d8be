"""Static checks of a candidate before anybody sees it. Nothing of it, and nothing of the user's, is run."""

from __future__ import annotations

import ast
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..text import visible
from .cell import read_cell, texts_in, transformed
from .confusions import find_mixup
from .finding import Finding, Kind
from .spelling import find_misspelt
from .static import find_all
from .unasked import find_unasked

__all__ = ["Finding", "Kind", "find_misfit", "find_problem", "normalise"]

_OUT_OF_VIEW = re.compile(r"\S[ \t]{41,}\S|^[ \t]{81,}\S|(?:\n[ \t]*){22,}\S", re.MULTILINE)
_OURS = re.compile(r"%codeact\b|\bcodeact_jupyter\b|\bCodeAct(?:Magics)?\b|['\"]codeact['\"]")

_DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def find_problem(
    code: str, namespace: Mapping[str, Any] | None = None, *, forgive: Callable[[Finding], bool] = lambda _: False
) -> Finding | None:
    """Why the code cannot be proposed, the most serious reason first that is not one to `forgive`, or None.

    Without a namespace only what the text itself tells is looked at: CodeAct's own names, hidden characters, syntax.
    """
    if _OURS.search(code):
        return Finding("own", "A step cannot touch CodeAct itself.")
    if (problem := _hidden_characters(code)) or (problem := _syntax(code)):
        return problem
    if namespace is None:
        return None
    try:
        return next((finding for finding in find_all(code, namespace) if not forgive(finding)), None)
    except Exception:  # an unforeseen object or tree: no reason to refuse the code
        return None


def find_misfit(code: str, namespace: Mapping[str, Any], task: str, shown: str) -> Finding | None:
    """Why code that could run is hardly what the `task` asks for, after all that was `shown`, or None."""
    try:
        cell = read_cell(code, {name: obj for name, obj in namespace.items() if type(name) is str})
        return find_misspelt(cell, shown) or find_mixup(cell, task) or find_unasked(cell, task)
    except Exception:  # as above
        return None


def normalise(code: str, *, constants: bool = True) -> str:
    """The same text for two cells that do the same: the tree, without positions, comments, docstrings and layout; also
    without `constants`, if so asked, for cells that differ in nothing but these.

    Where the code does not parse, it is the stripped text.
    """
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(transformed(code))
        if len(tree.body) > 1 and ast.get_docstring(tree, clean=False) is not None:
            tree.body = tree.body[1:]
        for node in ast.walk(tree):
            if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
                node.body = node.body[1:] or [ast.Pass()]
            if isinstance(node, ast.Constant) and not constants:
                node.value = node.kind = None
        return ast.dump(tree)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
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
    """What Python makes of the words that it would read as others."""
    read = {word: unicodedata.normalize("NFKC", word) for word in _identifiers(code) if not word.isascii()}
    return {other for word, other in read.items() if other != word}


def _names(code: str) -> set[str]:
    """The names in the code, and all words that its magics are given; all words where it does not parse."""
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(transformed(code))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
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
    except (ValueError, MemoryError, RecursionError) as error:
        return Finding("syntax", f"The code does not compile: {error}.")
    return None
