"""Static checks of a candidate before anybody sees it. Nothing of it, and nothing of the user's, is run."""

from __future__ import annotations

import ast
import re
import unicodedata
import warnings
from collections.abc import Mapping
from typing import Any

from .checks.cell import transformed
from .checks.finding import Finding, Kind
from .checks.findings import find_all
from .observing.plain import visible

__all__ = ["Finding", "Kind", "find_problem", "normalise"]

_OUT_OF_VIEW = re.compile(r"\S[ \t]{41,}\S|^[ \t]{81,}\S|(?:\n[ \t]*){22,}\S", re.MULTILINE)
_OURS = re.compile(r"%codeact\b|\bcodeact_jupyter\b|\bCodeAct(?:Magics)?\b|['\"]codeact['\"]")

_DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def find_problem(code: str, namespace: Mapping[str, Any] | None = None) -> Finding | None:
    """Why the code cannot be proposed, the most serious reason first, or None.

    Without a namespace only what the text itself tells is looked at: CodeAct's own names, hidden characters, syntax.
    """
    if _OURS.search(code):
        return Finding("own", "A step cannot touch CodeAct itself.")
    if (problem := _hidden_characters(code)) or (problem := _syntax(code)):
        return problem
    if namespace is None:
        return None
    try:
        return next(find_all(code, namespace), None)
    except Exception:  # an unforeseen object or tree: no reason to refuse the code
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
    if not code.isascii() and any(
        unicodedata.normalize("NFKC", word) != word for word in _identifiers(code) if not word.isascii()
    ):
        return Finding("hidden", "A name in the code uses look-alike characters.")
    if _OUT_OF_VIEW.search(code):
        return Finding("hidden", "Code is pushed out of view, behind spaces or empty lines.")
    return None


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
