"""Recovery: each task begins with a cell that raises, and is judged by the answer and the namespace afterwards.

Needs the extra `eval`. `test_split.sha256` holds a line for each task of the test split: fingerprint and name.
"""

from __future__ import annotations

from . import flow, naming, tables, values

TASKS = (*naming.TASKS, *values.TASKS, *tables.TASKS, *flow.TASKS)
