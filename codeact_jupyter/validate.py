"""Static checks of a candidate before anybody sees it. Nothing of it, and nothing of the user's, is run."""

from __future__ import annotations

import ast
import re
import unicodedata
import warnings

from IPython.core.inputtransformer2 import TransformerManager

from .observing.plain import visible

_OUT_OF_VIEW = re.compile(r"\S[ \t]{41,}\S|^[ \t]{81,}\S|(?:\n[ \t]*){22,}\S", re.MULTILINE)
_OURS = re.compile(r"%codeact\b|\bcodeact_jupyter\b|\bCodeAct(?:Magics)?\b|['\"]codeact['\"]")


def find_problem(code: str) -> str | None:
    """Why the code cannot be proposed, in words for the model, or `None`."""
    if _OURS.search(code):
        return "A step cannot touch CodeAct itself."
    return _hidden_characters(code) or _syntax(code)


def _hidden_characters(code: str) -> str | None:
    for character in code:
        if visible(character) != character:
            return f"The code holds the hidden character U+{ord(character):04X}."
    if not code.isascii() and any(
        unicodedata.normalize("NFKC", word) != word for word in _identifiers(code) if not word.isascii()
    ):
        return "A name in the code uses look-alike characters."
    if _OUT_OF_VIEW.search(code):
        return "Code is pushed out of view, behind spaces or empty lines."
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


def _syntax(code: str) -> str | None:
    source = TransformerManager().transform_cell(code)
    try:
        with warnings.catch_warnings(action="ignore"):
            compile(source, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError as error:
        return f"SyntaxError in line {error.lineno}: {error.msg}."
    except (ValueError, MemoryError, RecursionError) as error:
        return f"The code does not compile: {error}."
    return None
