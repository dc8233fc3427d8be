"""Checks of code before it runs, and explanations of errors after it ran.

Nothing of the cell is run, and live objects are looked at without running code of theirs. A check that is not certain
finds nothing, because a wrong finding costs more than a missed one.
"""

from ..namespace.source import normalise
from .explain import explain_error
from .finding import Finding
from .names import how_to_import
from .remedies import remedy
from .source_text import escape_reordering
from .static import find_problem, find_refusal

__all__ = [
    "Finding",
    "escape_reordering",
    "explain_error",
    "find_problem",
    "find_refusal",
    "how_to_import",
    "normalise",
    "remedy",
]
