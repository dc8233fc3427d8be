"""A small benchmark in the format of DSEval, about boats."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

BOATS = pd.DataFrame({"name": ["Ada", "Bo", "Cleo"], "tons": [10, 20, 30]})

_BOATS = '''A comment above the first cell.
# %%
import pandas as pd

# %%
"""
question: Load `inputs/boats.csv` into boats.

validator:
  namespace_check:
    boats:
"""

boats = pd.read_csv("inputs/boats.csv")

# %%
"""
question: |
  How many tons do the boats weigh together?
"""

boats["tons"].sum()

# %%
"""
question: Add a column kg to boats.

validator:
  namespace_check:
    boats:
"""

boats["kg"] = boats["tons"] * 1000

# %%
"""
question: Which names have the boats, the heaviest first?

validator:
  result:
    value_only: true
"""

boats.sort_values("tons", ascending=False)["name"].tolist()

# %%
"""
question: What is two times three?

execution:
  forbid_names: [boats]
"""

2 * 3
'''
_FERRIES = '''
# %%
"""
question: How much is seven and one?
"""
7 + 1

# %%
"""
question: Load the ferries.

validator:
  namespace_check:
    ferries:
"""
import pandas as pd
ferries = pd.read_csv("inputs/absent.csv")

# %%
"""
question: How many ferries are there?
"""
len(ferries)
'''


def write_benchmark(folder: Path) -> Path:
    """Write the benchmark `harbour`: the sets `boats`, and `ferries` whose data is absent.

    Args:
        folder: A folder that is made.

    Returns:
        The folder.
    """
    place = folder / "benchmarks" / "harbour"
    (place / "_inputs" / "boats").mkdir(parents=True)
    (place / "_manifest.yaml").write_text("name: Harbour\nversion: 1\n", encoding="utf-8")
    (place / "boats.py").write_text(_BOATS, encoding="utf-8")
    (place / "ferries.py").write_text(_FERRIES, encoding="utf-8")
    BOATS.to_csv(place / "_inputs" / "boats" / "boats.csv", index=False)
    return folder
