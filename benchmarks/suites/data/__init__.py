"""Notebook data work on public data sets that ship in packages, and on made-up tables with what real ones have wrong.

They are read or made when a task's namespace is.

Needs the extra `eval`. `test_split.sha256` holds a line for each task of the test split: fingerprint and name.
"""

from __future__ import annotations

from . import (
    absent,
    cleaning,
    columns,
    explaining,
    forms,
    histories,
    joining,
    loading,
    modelling,
    notations,
    parts,
    plotting,
    questions,
    shaping,
)

TASKS = (
    *questions.TASKS,
    *histories.TASKS,
    *loading.TASKS,
    *cleaning.TASKS,
    *joining.TASKS,
    *shaping.TASKS,
    *plotting.TASKS,
    *modelling.TASKS,
    *explaining.TASKS,
    *forms.TASKS,
    *notations.TASKS,
    *columns.TASKS,
    *absent.TASKS,
    *parts.TASKS,
)
