"""Random cells over live frames: statements of pandas, numpy and the standard library in the forms that notebooks have.

Most of them run; `benchmarks.right_code` counts only those that do. The same seed gives the same cells.
"""

from __future__ import annotations

import random
import textwrap
from collections.abc import Iterator

from tests.cells import GOOD
from tests.programs import PROGRAMS

from .expressions import TEXTS, Writer
from .statements import STATEMENTS

DOCSTRINGS = ("What it does.", "CodeAct", "می\u200cشود", "See https://example.org")


def cells(seed: int) -> Iterator[str]:
    """Yield cells without an end.

    Args:
        seed: Of the random choices.
    """
    seen: set[str] = set()
    number = 0
    while True:
        number += 1
        code = _cell(Writer(random.Random(f"{seed}/{number}")))
        if code not in seen:
            seen.add(code)
            yield code


def _cell(w: Writer) -> str:
    if w.rng.random() < 0.25:
        return _variation(w)
    lines = [w.pick(*STATEMENTS)(w) for _ in range(w.rng.randint(1, 5))]
    if w.rng.random() < 0.6:
        lines.append(_shown(w))
    return _dressed(w, "\n".join(lines))


def _variation(w: Writer) -> str:
    """Return a well-known cell in another form: in a block, twice, or after another one."""
    one, other = (w.pick(*GOOD, *PROGRAMS).strip("\n") for _ in range(2))
    inner = textwrap.indent(one, "    ")
    form = w.rng.randrange(7)
    match form:
        case 0:
            return f"{one}\n\n{other}"
        case 1:
            return f"if True:\n{inner}\nelse:\n    pass"
        case 2:
            return f"try:\n{inner}\nexcept ZeroDivisionError:\n    pass\nfinally:\n    done = True"
        case 3:
            return f"for _ in range(2):\n{inner}"
        case 4:
            return f"import contextlib\nwith contextlib.nullcontext():\n{inner}\n{other}"
        case 5:
            return f"{one}\nprint({w.text()})"
    return f"{other}\n# {w.pick(*TEXTS[:12])}\n{one}"


def _dressed(w: Writer, code: str) -> str:
    """Return the code as it is, or in a function, a main guard, a magic or with a docstring."""
    inner = textwrap.indent(code, "    ")
    match w.rng.randrange(12):
        case 0:
            return f"def main():\n{inner}\n    return 0\n\n\nif __name__ == '__main__':\n    main()"
        case 1:
            return f"%%time\n{code}"
        case 2:
            return f'"""{w.pick(*DOCSTRINGS)}"""\n{code}'
        case 3:
            return f"{code};"
        case 4:
            return f"# {w.pick(*TEXTS[:12])}\n\n{code}\n"
        case 5 if "\n" not in code:
            return f"%timeit -n 1 -r 1 {code}"
        case 6:
            return f"import asyncio\nasync def work():\n{inner}\n    await asyncio.sleep(0)\nawait work()"
        case 7:
            return f"with np.errstate(all='ignore'):\n{inner}"
    return code


def _shown(w: Writer) -> str:
    """Return the last expression of a cell."""
    name = w.pick(*w.made) if w.made else w.scalar()
    return w.pick(name, f"print({name})", w.frame(), w.series(), f"print(f'{{{w.scalar()}}}')")
