"""Count the files of a corpus that are read right by the call that is told to the model.

    python -m benchmarks.files_read [--set first|second|third|fourth|fifth] [--show]

A file counts as read right if the call gives the same columns, types and values as the table it was written from; a
file without a table counts if no error comes out and no table is told.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sqlite3
import statistics
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

import pandas as pd
import polars as pl

from benchmarks.file_corpus.fifth import fifth
from benchmarks.file_corpus.fourth import fourth
from benchmarks.file_corpus.recipes import Case, corpus
from benchmarks.file_corpus.second import second
from benchmarks.file_corpus.third import third
from codeact_jupyter.files import named
from codeact_jupyter.files.named import read_named_files, render_files

SETS = {"first": corpus, "second": second, "third": third, "fourth": fourth, "fifth": fifth}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", choices=SETS, default="first", help="of files")
    parser.add_argument("--show", action="store_true", help="print each file that is read wrong")
    options = parser.parse_args()
    named.SECONDS = 60  # what is read does not depend on what else the machine does
    show = options.show
    right, total, seconds = Counter[str](), Counter[str](), []
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for case in SETS[options.set](Path(folder)):
            kind = case.kind or ("broken" if case.table is None else "other")
            Path(case.name).write_bytes(case.data)
            began = time.perf_counter()
            told = render_files(read_named_files(f"Read {case.name}.", Path()))
            seconds.append(time.perf_counter() - began)
            fault = judged(case, told)
            total[kind] += 1
            right[kind] += not fault
            if fault and show:
                print(f"{case.name}: {fault}\n  {told}")
        os.chdir("/")
    for kind, count in total.items():
        print(f"{kind:12} {right[kind]:3} of {count}")
    share = sum(right.values()) / sum(total.values())
    print(
        f"{'all':12} {sum(right.values()):3} of {sum(total.values())} ({share:.1%}); "
        f"median {statistics.median(seconds) * 1000:.0f} ms a file"
    )


def judged(case: Case, told: str) -> str:
    """Return what is wrong with the reading; empty if nothing is."""
    call = told.partition("read it with: ")[2]
    if case.table is None:
        return "a table is told" if "pd." in call or "pl." in call else ""
    if not call:
        return "no call"
    try:
        read = eval(call, {"pd": pd, "pl": pl, "sqlite3": sqlite3, "json": json, "zipfile": zipfile, "gzip": gzip})
        if isinstance(read, pl.DataFrame):
            read = pd.DataFrame(read.to_dict(as_series=False))
        pd.testing.assert_frame_equal(read, case.table, check_dtype=False)
        if [kind(read[name]) for name in read] != [kind(case.table[name]) for name in case.table]:
            return "other types"
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"
    return ""


def kind(column: pd.Series) -> str:
    """Return what a column holds."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return "dates"
    return "numbers" if pd.api.types.is_numeric_dtype(column) else "text"


if __name__ == "__main__":
    main()
