"""Advice for common errors of libraries, by their message."""

from __future__ import annotations

import re

_REMEDIES = {
    r"does not support operation '[a-z]+'|agg function failed \[how->": "Some columns are text: `numeric_only=True`.",
    r"IntCastingNaNError|cannot convert float NaN to integer": "Values are missing: `dropna` first, or use 'Int64'.",
    r"You are trying to merge on": "The keys are of two types: change one first, `frame['key'].astype(…)`.",
    r"The truth value of a": "Combine with `&`, `|`, `~`, each in parentheses, or use `.any()`.",
    r"could not convert string|Unable to parse string": "Clean it first, or `pd.to_numeric(…, errors='coerce')`.",
    r"cannot insert .+, already exists": "Use `reset_index(drop=True)`, or rename the column first.",
    r"Can only use \.str accessor": "The values are no text: `.astype(str)` first.",
    r"Can only use \.dt accessor": "The values are no dates yet: `pd.to_datetime(…)` first.",
    r"can only concatenate str|must be str, not ": "Put numbers into text with an f-string or `str(…)`.",
    r"columns overlap but no suffix": "Give `on=` to `merge`, or `lsuffix=` and `rsuffix=` to `join`.",
    r"duplicate labels|duplicate entries": "Labels stand there twice: `groupby` first, or `pivot_table` for `pivot`.",
    r"time data .+ match format|Unknown datetime string format": "Give `format=`, `dayfirst=True` or `format='mixed'`.",
    r"Invalid comparison between dtype=datetime64": "Compare with `pd.Timestamp('2020-01-31')`.",
    r"Can only compare identically-labeled": "Compare the values: `.reset_index(drop=True)` on both, or `.to_numpy()`.",
    r"contains NaN": "Rows with missing values must go first (`dropna` on X and y together), or be filled.",
    r"Unknown label type": "The target is a number: use a regressor, not a classifier.",
    r"Expected 2D array, got 1D array": "Give a frame of one column: `frame[['column']]`.",
    r"inconsistent numbers of samples": "X and y must be of the same rows: drop missing values in both together.",
    r"BrokenProcessPool": (
        "A worker process ended early. If it is no fork, it lacks a notebook's functions: "
        "use `multiprocessing.get_context('fork')`, or joblib."
    ),
    r"same first dimension|of the same length|Length of values \(": "There must be one value for each row.",
}


def remedy(message: str) -> str:
    """Return advice for an error.

    Args:
        message: Name and message of the exception, or a text that contains them.

    Returns:
        Text for the model, empty if there is none.
    """
    return next((advice for pattern, advice in _REMEDIES.items() if re.search(pattern, message)), "")
