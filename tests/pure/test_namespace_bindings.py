"""Names that a step binds, read from its source."""

from __future__ import annotations

import pytest

from codeact_jupyter.namespace.bindings import assigned_names


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("x = 1\ny, (z, *rest) = f()", ["rest", "x", "y", "z"]),
        ("import numpy as np\nimport os.path\nfrom math import pi", ["np", "os", "pi"]),
        ("def f(a):\n    inside = a\n    return inside\nclass C:\n    field = 1", ["C", "f"]),
        ("def f():\n    global count\n    count = 1", ["count", "f"]),
        ("for row in rows:\n    pass\nwith open('f') as file:\n    pass\nif (n := 3):\n    pass", ["file", "n", "row"]),
        ("[item for item in items]\n(lambda a: a)(1)", []),
        ("df['a'] = 1\ndf.loc[0, 'b'] = 2\nx += 1", ["x"]),
        ("%matplotlib inline\nfiles = !ls\nanswer = await ask()", ["answer", "files"]),
        ("_hidden = 1\n_ = 2", []),
        ("x = (", []),
        ("x = '\x00'", []),
    ],
)
def test_the_names_that_a_cell_binds(code: str, names: list[str]) -> None:
    assert assigned_names(code) == names
