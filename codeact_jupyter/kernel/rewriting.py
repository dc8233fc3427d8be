"""Comparison of what runs for an approved step with what was approved: a user's own transformers may rewrite it.

IPython itself rewrites magics and `!` commands, which the user sees in the step. What else a kernel's input or AST
transformers change, an extension's or the user's own, is told with the code that ran in the step's place.
"""

from __future__ import annotations

import ast
import threading
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell

from ..namespace.source import UNPARSABLE, without_warnings
from ..text import shorten

CODE_CHARS = 2000  #: of the code that ran, in the note


class Rewriting:
    """Compares the code of a running step, as its transformers left it, with its source.

    Args:
        shell: The shell that runs it.
        source: The approved source.
    """

    def __init__(self, shell: InteractiveShell, source: str) -> None:
        self.note = ""  #: what the user is told; empty if the step ran as approved
        self._shell: Any = shell
        self._source: str | None = source  # None once its own code has come
        self._thread = threading.get_ident()

    def compare(self, read: str, node: ast.AST) -> None:
        """Compare what is about to run: the step's own code, or code that it runs itself, as `%%time` does.

        Args:
            read: The `ast.dump` of the code before the AST transformers.
            node: The code after them.
        """
        if threading.get_ident() != self._thread or self.note:
            return
        source, self._source = self._source, None
        if ast.dump(node) != read or (source is not None and not self._is_read(source, read)):
            code = shorten(ast.unparse(ast.fix_missing_locations(node)), CODE_CHARS)
            self.note = (
                f"An extension of this kernel changed the code of the step before it ran. This is what ran:\n{code}"
            )

    def _is_read(self, source: str, read: str) -> bool:
        """Return True if IPython by itself reads the source as this code."""
        try:
            text = TransformerManager().transform_cell(source)
            if _dump(text) == read:
                return True
            if len(text.splitlines()) > 1:
                return False
            return _dump(self._shell.prefilter_manager.prefilter_lines(text)) == read  # automagic, as IPython does it
        except UNPARSABLE:
            return False


def _dump(text: str) -> str:
    with without_warnings():
        return ast.dump(ast.parse(text))
