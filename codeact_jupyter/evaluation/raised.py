"""What the actions of a run raised: counted from the runs themselves, whatever our own checks think of the code."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

KINDS = ("name", "syntax", "import", "signature", "column")
_CLASSES = {
    "NameError": "name",
    "UnboundLocalError": "name",
    "SyntaxError": "syntax",
    "IndentationError": "syntax",
    "TabError": "syntax",
    "ImportError": "import",
    "ModuleNotFoundError": "import",
    "KeyError": "column",  # whatever the key: a reader sees the classes apart
}
_BINDING = re.compile(
    r"takes (?:no|at most|at least|exactly|from )|takes \d+ positional|positional arguments?\b|keyword arguments?\b"
    r"|multiple values for|missing (?:a )?(?:required|\d+ required)|too many positional"
)
_CLASS = re.compile(r"[A-Za-z_]\w*(?=:|\Z)")


def class_of(error: str) -> str:
    """The exception's class in a line such as `NameError: name 'x' is not defined`; `Interrupted` where none is."""
    found = _CLASS.match(error)
    return found.group() if found else error.split()[0].strip(".") if error.split() else ""


def kind_of(error: str) -> str | None:
    """Which kind of invalid action the error shows, if it does."""
    name = class_of(error)
    if name == "TypeError":
        return "signature" if _BINDING.search(error) else None
    return _CLASSES.get(name)


def count_classes(errors: Iterable[str]) -> dict[str, int]:
    """How often each class was raised; empty texts are actions that raised nothing."""
    return dict(sorted(Counter(class_of(error) for error in errors if error).items()))


def count_kinds(errors: Iterable[str]) -> dict[str, int]:
    """How often each kind of invalid action was seen."""
    return dict(sorted(Counter(kind for error in errors if error and (kind := kind_of(error))).items()))
