"""Static checks of a candidate cell before anyone sees it. None of its code, and none of the user's, is run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..namespace.source import UNPARSABLE, parse
from .cell import plain_names, read_cell
from .finding import Finding
from .imports import find_import
from .names import find_unbound
from .own import touches_codeact
from .placeholders import find_placeholder, find_redefinition
from .source_text import find_hidden, find_syntax_error


def find_refusal(code: str, namespace: Mapping[str, Any] | None = None) -> Finding | None:
    """Check if a cell may be run at all, be it in a copy of the kernel.

    Args:
        code: Source of the cell.
        namespace: Live objects by name, to recognise those of CodeAct.

    Returns:
        A finding of the kind `own`, `hidden` or `syntax`, or None.
    """
    try:
        if touches_codeact(parse(code), plain_names(namespace or {})):
            return Finding("own", "A step cannot touch CodeAct itself.")
    except UNPARSABLE:  # a cell that does not parse touches nothing
        pass
    return find_hidden(code) or find_syntax_error(code)


def find_problem(
    code: str,
    namespace: Mapping[str, Any] | None = None,
    *,
    tried: bool = False,
    forgive: Callable[[Finding], bool] = lambda _: False,
) -> Finding | None:
    """Check if a cell can be proposed.

    Args:
        code: Source of the cell.
        namespace: Live objects by name; without it, only what `find_refusal` finds counts.
        tried: True if the cell was tried in a copy of the kernel: what would have raised there is not looked for.
        forgive: Returns True for a finding about the live names that does not count.

    Returns:
        The most serious finding, or None if there is none.
    """
    if (problem := find_refusal(code, namespace)) or namespace is None:
        return problem
    checks = (find_placeholder, find_redefinition, *(() if tried else (find_import, find_unbound)))
    try:
        cell = read_cell(code, namespace)
        return next((found for check in checks if (found := check(cell)) and not forgive(found)), None)
    except Exception:  # an unforeseen object or tree is no reason to refuse the code
        return None
