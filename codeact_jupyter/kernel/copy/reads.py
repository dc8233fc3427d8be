"""Names and constants that a cell may read, from its text and that of the user's functions: more rather than less.

A name counts if it is read anywhere: as a variable, an attribute, an argument, or as a word of a text, which may be a
query or code. What is changed because of that costs time, what is missed would make a step look independent of it.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

from ...namespace.source import UNPARSABLE, parse

LEVELS = 20  #: most functions that are followed
CONSTANTS = 40  #: most texts and numbers that are kept
TEXT_CHARS = 80  #: longest text that is kept as a constant

_WORD = re.compile(r"\w+")
_ALL = {"globals", "locals", "vars", "get_ipython", "Out", "In", "_oh", "_ih"}  # with these a cell can read anything


@dataclass(frozen=True, slots=True)
class Reads:
    """Names and constants that a cell may read."""

    words: frozenset[str]  #: identifiers, and the words of texts
    texts: tuple[str, ...]  #: constants, in order of occurrence
    numbers: tuple[float, ...]  #: constants
    bound: frozenset[str] = frozenset()  #: names that it binds before it reads them

    @property
    def anything(self) -> bool:
        """True if the cell can read objects that it does not name."""
        return not self.words.isdisjoint(_ALL)

    def mention(self, label: object) -> bool:
        """Return True if the label of a column occurs.

        Args:
            label: The label.
        """
        text = str(label)
        return text in self.words or any(text in each for each in self.texts if len(text) > 2)


def reads_of(source: str, namespace: Mapping[str, Any]) -> Reads:
    """Return what a cell may read.

    Args:
        source: The cell.
        namespace: Live objects by name.

    Returns:
        What it names; nothing for a cell that is no Python code.
    """
    try:
        tree = parse(source)
    except UNPARSABLE:
        return Reads(frozenset(_ALL), (), ())
    words: dict[str, None] = dict.fromkeys(_identifiers(tree))
    constants: list[Any] = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    constants += compile(tree, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT).co_consts  # 10**6 among them
    words.update(dict.fromkeys(_words_in(constants)))
    done: set[str] = set()
    while new := [name for name in words if name not in done and _is_followed(namespace.get(name))][:LEVELS]:
        for name in new:
            done.add(name)
            for code in _codes(namespace[name]):
                words.update(dict.fromkeys([*code.co_names, *_words_in(code.co_consts)]))
                constants += code.co_consts
    texts = [text for text in constants if isinstance(text, str) and 0 < len(text) <= TEXT_CHARS]
    numbers = [float(each) for each in constants if type(each) in (int, float) and abs(each) < 1e15]
    kept = tuple(dict.fromkeys(texts))[:CONSTANTS], tuple(dict.fromkeys(numbers))[:CONSTANTS]
    return Reads(frozenset(words), *kept, frozenset(_bound_first(tree)))


def _bound_first(tree: ast.Module) -> set[str]:
    """Return the names that a statement of a cell binds, and that it and those before do not have otherwise."""
    bound: set[str] = set()
    seen: set[str] = set()
    for statement in tree.body:
        names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
        seen |= {node.id for node in names if isinstance(node.ctx, ast.Load)}
        made = {statement.name} if isinstance(statement, ast.FunctionDef) else set()
        if isinstance(statement, ast.Assign):
            made = {target.id for target in statement.targets if isinstance(target, ast.Name)}
        bound |= made - seen
    return bound


def import_modules(source: str) -> None:
    """Import the modules that a cell imports, so that its runs take the same time.

    Args:
        source: The cell.
    """
    for name in imported_modules(source):
        with contextlib.suppress(Exception):  # not installed, or broken: the cell then raises the error
            importlib.import_module(name)


def imported_modules(source: str) -> list[str]:
    """Return the dotted names of the modules that a cell imports.

    Args:
        source: The cell.

    Returns:
        The names; none for a cell that is no Python code.
    """
    try:
        nodes = list(ast.walk(parse(source)))
    except UNPARSABLE:
        return []
    plain = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return [*plain, *(node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module)]


def _identifiers(tree: ast.AST) -> Iterator[str]:
    """Yield the identifiers that code has, without names that it only binds, such as `_` in `for _, row in rows`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg


def _words_in(constants: Any) -> Iterator[str]:
    for constant in constants:
        if isinstance(constant, str):
            yield from _WORD.findall(constant)


def _is_followed(obj: object) -> bool:
    return isinstance(obj, FunctionType) or (isinstance(obj, type) and obj.__module__ == "__main__")


def _codes(obj: Any) -> Iterator[CodeType]:
    """Yield the code of a function or of a class's methods, and of the functions within it."""
    functions = [obj] if isinstance(obj, FunctionType) else list(vars(obj).values())
    stack = [each.__code__ for each in functions if isinstance(each, FunctionType)]
    while stack:
        code = stack.pop()
        yield code
        stack += [each for each in code.co_consts if isinstance(each, CodeType)]
