"""Texts in a cell that nothing has shown: values that a model spells in its own way, or makes up."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from types import FunctionType

from ..namespace.static_lookup import is_own
from .cell import Cell, last_name, text_of
from .finding import Finding, found

_CASE_IS_SEEN_TO = re.compile(r"lower|upper|casefold|title|capitalize|case=|IGNORECASE|\(\?i\)")


def find_misspelt(cell: Cell, shown: str) -> Finding | None:
    """A text that the cell compares with, or gives to a function of the user's, in other capitals than in `shown`; or
    one that stands neither there nor in a description of a function."""
    tools = {name: obj for name, obj in cell.namespace.items() if is_own(obj)}
    texts = list(_texts(cell, tools))
    places = {id(node) for node, _, _ in texts}
    made = {text_of(node) for node in cell.nodes if id(node) not in places}  # `np.where(…, "small", "big")`
    told = "\n".join([shown, *(obj.__doc__ for obj in tools.values() if type(obj.__doc__) is str)])
    is_case_seen_to = _CASE_IS_SEEN_TO.search(cell.code) is not None
    for _, text, is_given in texts:
        whole = rf"(?<!\w){re.escape(text)}(?!\w)"
        if text in made or not re.search(r"\w", text) or re.search(rf"(?<!\w){re.escape(text)}(?:e?s)?(?!\w)", told):
            continue
        other = re.search(whole, told, re.IGNORECASE)
        if other is None:
            if is_given:
                unseen = f"{text!r} stands neither in the task nor in an output: do not make values up."
                return found("value", unseen, "Take them from the task, or get them from a function.")
            unasked = f"Leave out the condition with {text!r}: neither the task nor an output names it."
            return found("value", unasked, "If it is another word for one that is named, print the values first.")
        if not is_case_seen_to:
            return found("value", f"Write {other.group()!r} as it is written there, not {text!r}.")
    return None


def _texts(cell: Cell, tools: Mapping[str, FunctionType]) -> Iterator[tuple[ast.expr, str, bool]]:
    """The texts that matter, where they stand, and whether each is given to a tool."""
    for node in cell.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in tools:
            for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                if (text := text_of(argument)) is not None:
                    yield argument, text, True
        elif isinstance(node, ast.Compare) and last_name(node.left) != "__name__":
            for side in (node.left, *node.comparators):
                parts = side.elts if isinstance(side, ast.List | ast.Tuple | ast.Set) else [side]
                yield from ((part, text, False) for part in parts if (text := text_of(part)) is not None)
