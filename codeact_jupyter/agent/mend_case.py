"""Code that was tried, as the mends of it look at it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from ..kernel.copy.failing import Failing
from ..kernel.copy.outcome import Trial
from .edits import position, replaced


@dataclass(frozen=True)
class Case:
    """Code that was tried, and its trial."""

    code: str  #: as it was tried
    trial: Trial  #: its trial
    tree: ast.Module  #: its syntax tree
    namespace: Mapping[str, Any]  #: live objects by name

    @property
    def failing(self) -> Failing:
        """The expression that raised; an empty one if it is unknown."""
        return self.trial.failing or Failing("")

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All nodes of the tree."""
        return list(ast.walk(self.tree))

    @property
    def culprits(self) -> list[ast.AST]:
        """The nodes of the expression that raised; empty if its position is unknown."""
        span = self.failing.span
        found = (node for node in self.nodes if isinstance(node, ast.expr) and span == position(node))
        return [part for node in list(found)[:1] for part in ast.walk(node)]

    def with_texts(self, *changes: tuple[ast.AST, str]) -> str:
        """Return the code with other text in place of some nodes.

        Args:
            *changes: Nodes, none inside another, each with the text to put in its place.
        """
        return replaced(self.code, *changes)

    def text(self, node: ast.expr) -> str:
        """Return the source of a node.

        Args:
            node: The node.
        """
        return ast.get_source_segment(self.code, node) or ast.unparse(node)


Mend: TypeAlias = Callable[[Case], Iterator[str]]
