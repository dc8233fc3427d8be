"""Runs one cell again and again in a copy, each time from the same state, and says which of its results changed."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import os
import pickle
import random
import re
import sys
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from ...outputs.bounded_buffer import Captured, Stream
from ...outputs.capture import Capture
from .cell_run import capture_native_output, collecting, error_of, execute
from .changeable import classes, columns_of

OUTPUT, VALUE, PLOTS = SHOWN = ("(output)", "(value)", "(plots)")  #: what is shown; the other results are of names
GENERATORS = ("Random", "Generator", "RandomState")  #: classes of random numbers, which each run changes
COLUMNS = 30  #: columns of a table that are compared one by one; those of a wider one are compared together

_DATA_OF_PLOTS = ("get_xydata", "get_bbox", "get_offsets", "get_paths", "get_array", "get_text")
_LONG = re.compile(r"\d+\.\d{7,}(?:e[-+]?\d+)?")  # a sum in another order differs in its last digits
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")


@dataclass(frozen=True, slots=True)
class Results:
    """Results of one run."""

    raised: bool  #: it ended with an error
    found: dict[str, bytes]  #: digest of the outputs, and of the value of each name and column
    has_output: bool  #: something was printed or shown


class Reruns:
    """A cell, and the state from which it runs.

    Args:
        shell: The shell of the copy.
        source: The cell.
        names: The names that the cell binds or changes.

    Attributes:
        seconds: Duration of the last run.
        count: Number of runs.
    """

    def __init__(self, shell: Any, source: str, names: Iterable[str]) -> None:
        self.seconds = 0.0
        self.count = 0
        self._shell = shell
        self._source = source
        self._names = tuple(names)
        self._state = dict(shell.user_ns)
        self._figures: list[bytes] = []
        collecting(shell, self._figures).__enter__()
        warnings.simplefilter("ignore")

    def run(self, given: Mapping[str, Any]) -> Results:
        """Run the cell.

        Args:
            given: Objects to use, by name; all others are as they were.

        Returns:
            Its results, as digests.
        """
        started = time.monotonic()
        self.count += 1
        namespace = self._shell.user_ns
        namespace.clear()
        namespace.update(self._state | {name: copy.deepcopy(obj) for name, obj in self._generators()} | dict(given))
        _reset()
        self._figures.clear()
        with Capture(self._shell, silent=True, tables=False) as capture:
            result = execute(self._shell, self._source)
            capture_native_output()
        output = _text(capture.captured)
        plots = list(_drawn())
        shown = zip(SHOWN, map(_digest, ((output, self._figures), _plain(result.result), plots)), strict=True)
        found = {key: digest for key, digest in shown if digest is not None}
        for name in self._names:
            if name in namespace:
                found |= _digests(name, namespace[name])
        self.seconds = time.monotonic() - started
        return Results(error_of(result) is not None, found, bool(output.strip() or self._figures or plots))

    def _generators(self) -> list[tuple[str, Any]]:
        return [(name, obj) for name, obj in self._state.items() if type(obj).__name__ in GENERATORS]


def changed(one: Results, two: Results) -> set[str]:
    """Return what differs between two runs: `OUTPUT`, and names and columns such as `paid.amount`.

    Args:
        one: The results of one run.
        two: Those of another one.
    """
    return {key for key in {*one.found, *two.found} if one.found.get(key) != two.found.get(key)}


def column_label(name: str, label: object) -> str:
    """Return how a column is written: `orders.amount`, or `orders['unit price']`.

    Args:
        name: Name of the table.
        label: Label of the column.
    """
    return f"{name}.{label}" if isinstance(label, str) and label.isidentifier() else f"{name}[{label!r}]"


def _reset() -> None:
    """Set the random numbers of all libraries, and what was drawn and printed, to the same beginning."""
    random.seed(0)
    numpy, polars, pyplot = (sys.modules.get(name) for name in ("numpy", "polars", "matplotlib.pyplot"))
    if numpy:
        numpy.random.seed(0)
        _seed_generators(numpy)
    if polars:
        polars.set_random_seed(0)
    if pyplot:
        pyplot.close("all")
    with contextlib.suppress(OSError):
        os.ftruncate(1, 0)
        os.lseek(1, 0, os.SEEK_SET)


def _seed_generators(numpy: Any) -> None:
    """Make new generators of random numbers start with the same seed."""
    make = numpy.random.default_rng
    if make.__name__ != "seeded":

        def seeded(seed: Any = None) -> Any:
            return make(0 if seed is None else seed)

        numpy.random.default_rng = seeded


def _text(captured: Captured) -> str:
    """Return the outputs without warnings, which come only once, and without addresses of objects."""
    parts = [
        item.text if isinstance(item, Stream) else f"{item.text} {item.notes}"
        for item in captured.items
        if not isinstance(item, Stream) or item.name == "stdout"
    ]
    return _LONG.sub(lambda found: f"{float(found[0]):.9g}", _ADDRESS.sub("0x", "".join(parts)))


def _plain(value: Any) -> Any:
    """Return the value that a cell ends with; nothing for parts of a plot, which are compared as drawn."""
    return None if type(value).__module__.startswith("matplotlib") else value


def _drawn() -> Iterator[Any]:
    """Yield the data of all parts of the plots that are open."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    for number in pyplot.get_fignums() if pyplot else ():
        for part in pyplot.figure(number).findobj():  # type: ignore[union-attr]
            for name in _DATA_OF_PLOTS:
                with contextlib.suppress(Exception):  # it has none
                    yield _data_of(getattr(part, name)())


def _data_of(value: Any) -> Any:
    """Return the data of a part of a plot as plain objects."""
    if hasattr(value, "vertices"):
        return value.vertices.tolist()
    if isinstance(value, list):
        return [_data_of(each) for each in value]
    return value.tolist() if hasattr(value, "tolist") else getattr(value, "bounds", value)


def _digests(name: str, value: Any) -> dict[str, bytes]:
    """Return the digest of a value; of a table one for its labels and number of rows, and one for each column."""
    labels = columns_of(value)
    if not labels or len(labels) > COLUMNS:
        whole = _digest(value)
        return {} if whole is None else {name: whole}
    shape = {name: _digest((list(map(repr, labels)), len(value))) or b""}
    for place, label in enumerate(labels):
        column = value.iloc[:, place].array if hasattr(value, "iloc") else value[label].to_list()
        digest = _digest(column)
        if digest is not None:
            shape[column_label(name, label)] = digest
    return shape


def _rounded(value: Any) -> Any:
    """Return a value with its numbers as exact as single precision is."""
    if isinstance(value, float):
        return float(f"{value:.7g}")
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, classes("pandas", "DataFrame")):
        return value.astype({label: "float32" for label, kind in value.dtypes.items() if kind == "float64"})
    if isinstance(value, classes("polars", "DataFrame", "Series")):
        return _rounded(value.to_dict(as_series=False) if hasattr(value, "columns") else value.to_list())
    return value.astype("float32") if str(getattr(value, "dtype", "")) == "float64" else value


def _digest(value: Any) -> bytes | None:
    """Return a digest of a value; None if there is none."""
    if isinstance(value, FunctionType | type):
        return b"code"
    try:
        return hashlib.blake2b(pickle.dumps(_rounded(value), 5), digest_size=16).digest()
    except Exception:  # a value that cannot be pickled, such as a connection
        return None
