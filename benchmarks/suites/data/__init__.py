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
    held_values,
    histories,
    joining,
    loading,
    long_outputs,
    modelling,
    named_files,
    notations,
    own_tables,
    parts,
    plotting,
    questions,
    shaping,
    two_tables,
    wide_and_long,
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
    *named_files.TASKS,
    *two_tables.TASKS,
    *own_tables.TASKS,
    *wide_and_long.TASKS,
    *long_outputs.TASKS,
    *held_values.TASKS,
)
