"""Comparison of code with the user's question: code that does something else, and work that no step has done yet."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from types import FunctionType, ModuleType
from typing import Any

from ..namespace.describe import examine
from ..namespace.static_lookup import frames, is_frame, is_own, text_columns
from ..text import shorten
from .cell import Cell, last_name, names_in, text_of
from .finding import Finding, found
from .placeholders import is_filled

VALUE_CHARS = 40  #: Characters of a name in a finding at most.
LETTERS = 4  #: Letters at least of a name that is looked for in the question.

_CASE_IS_HANDLED = re.compile(r"lower|upper|casefold|title|capitalize|case=|IGNORECASE|\(\?i\)")
_CATEGORIES = re.compile(r"(\w+) (?:str|object|string|category)((?: '[^'\n]+')+)")
_QUOTED = re.compile(r"'([^']+)'")
_WORD = re.compile(r"[^\W\d_]+")
_ENDINGS = re.compile(r"(?:ations?|ings?|ions?|ed|es|s|e)$")
_VERBS = """
    adds appends assigns books buys cancels changes closes creates deletes deposits drops enters gives hires inserts
    loads moves opens orders pays puts records registers removes renames replaces reserves sells sends sets ships spends
    starts stops stores submits takes transfers updates waters withdraws writes
"""


def find_misfit(cell: Cell, task: str, shown: str) -> Finding | None:
    """Check if a cell that could run does what is asked for.

    Args:
        cell: The cell.
        task: The user's question.
        shown: All text that the model has seen: question, listing, code, outputs.

    Returns:
        The first doubt, or None.
    """
    return _misspelt(cell, shown) or _mixed_up(cell, task) or _unasked(cell, task)


def uncalled_tools(task: str, sources: Iterable[str], namespace: Mapping[str, Any]) -> list[str]:
    """Return the user's functions that the question asks to call and no step has called.

    Args:
        task: The user's question.
        sources: Code of the steps that ran.
        namespace: Live objects by name.

    Returns:
        Names of functions that change something, all words of whose name occur in the question in some form.
    """
    spoken = _stems(task)
    called = {word for source in sources for word in _words(source)}
    return [
        name
        for name, obj in namespace.items()
        if type(name) is str and name not in called and _changes(obj) and _is_spoken_of(name, spoken)
    ]


def unused_columns(task: str, sources: Iterable[str], namespace: Mapping[str, Any]) -> list[str]:
    """Return the columns of frames that the question names, each as one word, and no step has used.

    Args:
        task: The user's question.
        sources: Code of the steps that ran.
        namespace: Live objects by name.

    Returns:
        The columns' labels.
    """
    spoken, used = set(_words(task)), {word for source in sources for word in _words(source)}
    columns = dict.fromkeys(label for name in frames(namespace) for label in text_columns(namespace[name]))
    return [label for label in columns if len(label) >= LETTERS and label in spoken - used]


def unused_values(task: str, sources: Iterable[str], listing: str) -> list[str]:
    """Return the values of text columns that the question names while no step has used them or their column.

    Args:
        task: The user's question.
        sources: Code of the steps that ran.
        listing: Description of the notebook, which names the values of categories.

    Returns:
        The values.
    """
    source, spoken = "\n".join(sources), _stems(task)
    used = set(_words(source))
    return [
        value
        for column, listed in _CATEGORIES.findall(listing)
        for value in _QUOTED.findall(listed)
        if len(value) >= LETTERS and _stem(value) in spoken and value not in source and column not in used
    ]


# --- values that nothing has shown -------------------------------------------------------------------------------


def _misspelt(cell: Cell, shown: str) -> Finding | None:
    """Find a string that the cell compares with or gives to a tool, and that was shown otherwise or not at all."""
    tools = {name: obj for name, obj in cell.namespace.items() if is_own(obj)}
    texts = list(_texts(cell, tools))
    places = {id(node) for node, _, _ in texts}
    made = {text_of(node) for node in cell.nodes if id(node) not in places}  # `np.where(…, "small", "big")`
    told = "\n".join([shown, *(obj.__doc__ for obj in tools.values() if type(obj.__doc__) is str)])
    is_case_handled = _CASE_IS_HANDLED.search(cell.code) is not None
    for _, text, is_given in texts:
        whole = rf"(?<!\w){re.escape(text)}(?!\w)"
        if text in made or not re.search(r"\w", text) or re.search(rf"(?<!\w){re.escape(text)}(?:e?s)?(?!\w)", told):
            continue
        other = re.search(whole, told, re.IGNORECASE)
        if other is None:
            return _unseen(text, is_given=is_given)
        if not is_case_handled:
            return found("value", f"Write {other.group()!r} as it is written there, not {text!r}.")
    return None


def _unseen(text: str, *, is_given: bool) -> Finding:
    if is_given:
        unseen = f"{text!r} stands neither in the task nor in an output: do not make values up."
        return found("value", unseen, "Take them from the task, or get them from a function.")
    unasked = f"Leave out the condition with {text!r}: neither the task nor an output names it."
    return found("value", unasked, "If it is another word for one that is named, print the values first.")


def _texts(cell: Cell, tools: Mapping[str, FunctionType]) -> Iterator[tuple[ast.expr, str, bool]]:
    """Yield the strings that matter with their nodes, and if each is given to a tool."""
    for node in cell.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in tools:
            for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                if (text := text_of(argument)) is not None:
                    yield argument, text, True
        elif isinstance(node, ast.Compare) and last_name(node.left) != "__name__":
            for side in (node.left, *node.comparators):
                parts = side.elts if isinstance(side, ast.List | ast.Tuple | ast.Set) else [side]
                yield from ((part, text, False) for part in parts if (text := text_of(part)) is not None)


# --- variables and columns of one name ---------------------------------------------------------------------------


def _mixed_up(cell: Cell, task: str) -> Finding | None:
    """Find a variable that is read in place of a frame's column of that name, or that is defined again.

    Where the question writes the name as code, it means the variable, which must not be overwritten with literals.
    """
    if made_again := next(_made_again(cell, task), None):
        return made_again
    read = {node.id for node in cell.nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    live = {name: cell.namespace[name] for name in sorted(read & cell.namespace.keys())}
    columns = {name: text_columns(obj) for name, obj in live.items() if is_frame(obj)}
    for name in sorted(live.keys() - columns.keys() - cell.bound.keys() - names_in(cell.nodes)):
        obj = live[name]
        if f"`{name}`" in task or obj is None or type(obj) in (FunctionType, ModuleType) or issubclass(type(obj), type):
            continue
        if frame := next((frame for frame, labels in columns.items() if name in labels), None):
            return found(
                "mixup",
                f"`{name}` is a variable of its own; the column is `{frame}[{shorten(name, VALUE_CHARS)!r}]`.",
                "Use the one that the task means.",
            )
    return None


def _made_again(cell: Cell, task: str) -> Iterator[Finding]:
    for node in cell.tree.body:
        if not isinstance(node, ast.Assign) or not isinstance(target := node.targets[0], ast.Name):
            continue
        value, is_meant = node.value, f"`{target.id}`" in task and target.id in cell.namespace
        is_told = isinstance(value, ast.Constant) and str(value.value) in task
        if is_meant and not is_told and (isinstance(value, ast.Constant) or is_filled(value)):
            what = examine(cell.namespace[target.id]).brief
            yield found("mixup", f"`{target.id}` is there already ({what}): use it as it is, do not make it up.")


# --- what the question does not ask for --------------------------------------------------------------------------


def _unasked(cell: Cell, task: str) -> Finding | None:
    """Find a cell that only imports, or that calls a function which changes something although no word asks for it."""
    spoken = _stems(task)
    only_imports = cell.tree.body and all(isinstance(node, ast.Import | ast.ImportFrom) for node in cell.tree.body)
    if only_imports and "import" not in spoken:
        return found("idle", "This only imports. Do the work in the same step.")
    for node in cell.nodes if not spoken & _CHANGES else ():
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and _changes(cell.namespace.get(node.func.id))
        ):
            text = f"`{node.func.id}()` changes something, which the task does not ask for."
            return found("unasked", text, "Use functions that only tell.")
    return None


def _changes(function: object) -> bool:
    """Return True for a tool whose docstring, or else its name, begins with a verb of change."""
    if type(function) is not FunctionType or not is_own(function):
        return False
    first = _WORD.search(function.__doc__ if type(function.__doc__) is str else function.__name__)
    return first is not None and _stem(first.group()) in _CHANGES


# --- words -------------------------------------------------------------------------------------------------------


def _stem(word: str) -> str:
    """Return the word without its ending, so that its forms are equal."""
    word = word.casefold()
    short = _ENDINGS.sub("", word)
    return short if len(short) >= 3 else word


def _stems(text: str) -> set[str]:
    return set(map(_stem, _WORD.findall(text)))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def _is_spoken_of(name: str, spoken: set[str]) -> bool:
    words = [word for word in re.findall(r"[A-Z]?[a-z]+", name) if len(word) >= LETTERS]
    return bool(words) and all(_stem(word) in spoken for word in words)


_CHANGES = frozenset(map(_stem, _VERBS.split()))  #: first words of docstrings of functions that change something
