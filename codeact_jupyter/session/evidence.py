"""Evidence of what the result of a step rests on, as it travels with the step."""

from __future__ import annotations

from dataclasses import dataclass

SCHEMA = "codeact-jupyter/evidence/1"  #: of the fields here and of `Basis`, with its version


@dataclass(frozen=True, slots=True)
class Evidence:
    """Outcome of running a step again, in a copy of the kernel, on other data.

    Data of the user are written as `orders.amount` or `orders[2024]` (a column), `orders` (another object, or a table's
    labels and number of rows), `"rates.csv"` with its quotation marks (a file) and `weather()` (a function). What was
    not tried is in none of the lists.
    """

    rests_on: tuple[str, ...] = ()  #: the result changed with these
    independent_of: tuple[str, ...] = ()  #: it stayed the same whatever these held, in at least three draws
    rows: int | None = None  #: rows of the longest table that it rests on; None if it rests on no table
    tried: bool = False  #: the experiment was made
    reason: str = ""  #: why not, or not for all of the data; without a full stop
    independent: bool = False  #: it stayed the same whatever all of the user's data held
    named: tuple[str, ...] = ()  #: the data of the user that the question names
    #: for each name that the step bound, such as `paid`, and each column of it, such as `paid.amount`: what it rests on
    names: tuple[tuple[str, tuple[str, ...]], ...] = ()
    few: tuple[tuple[str, int], ...] = ()  #: columns of which only so many rows matter to the result
    first: int = 0  #: rows, or items, at the beginning of these data, if the result stays the same with the later ones
    runs: int = 0  #: of the step in its copy, on the same and on other data
