"""Count the errors that actions raised, by class and by kind of invalid action."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_CLASSES = {
    "NameError": "name",
    "UnboundLocalError": "name",
    "SyntaxError": "syntax",
    "IndentationError": "syntax",
    "TabError": "syntax",
    "ImportError": "import",
    "ModuleNotFoundError": "import",
    "KeyError": "column",  # for every key: the counts by class show the rest
}
_BINDING = re.compile(
    r"takes (?:no|at most|at least|exactly|from )|takes \d+ positional|positional arguments?\b|keyword arguments?\b"
    r"|multiple values for|missing (?:a )?(?:required|\d+ required)|too many positional"
)
_CLASS = re.compile(r"[A-Za-z_]\w*(?=:|\Z)")


def _class_of(error: str) -> str:
    """Return the class named in an error line; its first word, such as `Interrupted`, if there is none."""
    found = _CLASS.match(error)
    return found.group() if found else error.split()[0].strip(".") if error.split() else ""


def _kind_of(error: str) -> str | None:
    """Return the kind of invalid action that an error line shows; None if it shows none."""
    name = _class_of(error)
    if name == "TypeError":
        return "signature" if _BINDING.search(error) else None
    return _CLASSES.get(name)


def count_classes(errors: Iterable[str]) -> dict[str, int]:
    """Count the classes.

    Args:
        errors: Error lines; empty for actions that raised nothing.

    Returns:
        Counts by class.
    """
    return dict(sorted(Counter(_class_of(error) for error in errors if error).items()))


def count_kinds(errors: Iterable[str]) -> dict[str, int]:
    """Count the kinds of invalid actions. See `count_classes`."""
    return dict(sorted(Counter(kind for error in errors if error and (kind := _kind_of(error))).items()))
