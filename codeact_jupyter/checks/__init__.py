"""Checks of code before it runs, and explanations of errors after it ran.

The cell is not run, and live objects are inspected without running their code. A check that is not certain reports
nothing, because a wrong finding costs more than a missed one.
"""

from ..namespace.source import normalise
from .explain import explain_error
from .finding import Finding
from .names import how_to_import
from .remedies import remedy
from .static import find_problem, find_refusal

__all__ = [
    "Finding",
    "explain_error",
    "find_problem",
    "find_refusal",
    "how_to_import",
    "normalise",
    "remedy",
]
