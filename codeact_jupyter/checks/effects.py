"""What a step would do, read from its source; nothing of it is run."""

from __future__ import annotations

import symtable
import warnings

from IPython.core.inputtransformer2 import TransformerManager


def assigned_names(code: str) -> list[str]:
    """The names that the cell binds at its top level, in order of the alphabet; none when it does not compile.

    Functions, classes and imports are names too; what functions bind inside is theirs, unless declared `global`.
    """
    source = TransformerManager().transform_cell(code)
    try:
        with warnings.catch_warnings(action="ignore"):
            table = symtable.symtable(source, "<cell>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    bound = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    for inner in _within(table):
        bound |= {symbol.get_name() for symbol in inner.get_symbols() if symbol.is_declared_global()}
    return sorted(name for name in bound if not name.startswith("_"))


def _within(table: symtable.SymbolTable) -> list[symtable.SymbolTable]:
    return [inner for child in table.get_children() for inner in (child, *_within(child))]
