"""Namespaces of pandas and some objects, and tasks about one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from codeact_jupyter.evaluation.task import Namespace, Task

if TYPE_CHECKING:
    from pandas import DataFrame


def live(**makers: Callable[[], Any]) -> Callable[[], Namespace]:
    """Return a function that makes a namespace of pandas and of these objects.

    Args:
        makers: What makes each object anew, by its name.
    """

    def namespace() -> Namespace:
        import pandas as pd

        return {"pd": pd, **{name: make() for name, make in makers.items()}}

    return namespace


def single(domain: str, variable: str, make: Callable[[], DataFrame], **given: Any) -> Task:
    """Make a task about one table.

    Args:
        domain: Group of tasks that it belongs to.
        variable: Name of the table in the namespace.
        make: Makes the table.
        given: The other fields of the task.
    """
    return Task(domain=domain, namespace=live(**{variable: make}), **given)
