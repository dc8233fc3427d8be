"""Recovery: each task begins with a cell of the user's that raises, and is judged by what comes out in the end.

Needs the extra `eval`. `test_split.sha256` holds the fingerprints of the tasks that nothing was tuned on.
"""

from __future__ import annotations

from . import flow, naming, tables, values

TASKS = (*naming.TASKS, *values.TASKS, *tables.TASKS, *flow.TASKS)
