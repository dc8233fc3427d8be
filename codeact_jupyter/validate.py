"""Static checks of a candidate before anybody sees it. Nothing of it, and nothing of the user's, is run."""

from __future__ import annotations

import ast
import re
import unicodedata
import warnings

from IPython.core.inputtransformer2 import TransformerManager

MAX_LINE = 400
_OURS = re.compile(r"%codeact\b|\bcodeact_jupyter\b|\bCodeAct(?:Magics)?\b|['\"]codeact['\"]")


def find_problem(code: str) -> str | None:
    """Why the code cannot be proposed, in words for the model, or `None`."""
    if _OURS.search(code):
        return "A step cannot touch CodeAct itself."
    return _hidden_characters(code) or _syntax(code)


def _hidden_characters(code: str) -> str | None:
    for character in code:
        if unicodedata.category(character) in ("Cf", "Co", "Cs") or (character < " " and character not in "\n\t"):
            return f"The code holds the hidden character U+{ord(character):04X}."
    if not code.isascii() and any(
        unicodedata.normalize("NFKC", word) != word for word in _identifiers(code) if not word.isascii()
    ):
        return "A name in the code uses look-alike characters."
    if any(len(line) > MAX_LINE and "  " * 20 in line for line in code.splitlines()):
        return "A line hides code behind a run of spaces."
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
