"""Notebook data work on public data sets that ship in packages. They are read when a task's namespace is made.

Needs the extra `eval`. `test_split.sha256` holds a line for each task of the test split: fingerprint and name.
"""

from __future__ import annotations

from . import cleaning, explaining, histories, joining, loading, modelling, plotting, questions, shaping

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
)
