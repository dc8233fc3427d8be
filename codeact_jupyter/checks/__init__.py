"""Checks of code before it runs, and explanations of errors after it ran.

Nothing of the cell is run, and live objects are looked at without running code of theirs. A check that is not certain
finds nothing, because a wrong finding costs more than a missed one.
"""

from .explain import explain_error
from .finding import Finding
from .intent import uncalled_tools, unused_columns, unused_values
from .remedies import remedy
from .source_text import normalise
from .static import find_problem

__all__ = [
    "Finding",
    "explain_error",
    "find_problem",
    "normalise",
    "remedy",
    "uncalled_tools",
    "unused_columns",
    "unused_values",
]
