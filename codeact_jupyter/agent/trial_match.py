"""Compare a real run with the trial of the same cell, ignoring times and addresses."""

from __future__ import annotations

import re

from ..outputs.observation import END
from ..session.messages import Observation, Tried

_VARYING = re.compile(
    r"\bTook [\d,]+\.\d s\."  # of an observation
    r"|^(?:CPU times|Wall time): .*$"  # of `%%time`
    r"|^[\d.]+ \S+ ± [\d.]+ \S+ per loop\b.*$"  # of `%%timeit`
    r"|(?<=\bat )0x[0-9a-fA-F]{6,}",  # of an object
    re.MULTILINE,
)


def without_times(text: str) -> str:
    """Remove elapsed times and addresses of objects.

    Args:
        text: An observation, or a part of one.

    Returns:
        The text, which is the same for two runs with the same outcome.
    """
    return _VARYING.sub("", text)


def same_output(tried: Tried, observation: Observation) -> bool:
    """Compare the outputs and the error of a real run with those of the trial.

    Changes of names are not compared: the user's own cells may have changed some since the trial.

    Args:
        tried: Result of the trial.
        observation: Result of the run of the same code.

    Returns:
        True if they are the same apart from times and addresses, or if the trial was not completed.
    """
    if tried.outcome not in ("ran", "raised"):
        return True
    return _output(tried.observation) == _output(observation.text)


def _output(observation: str) -> str:
    return without_times(observation.rpartition(f"\n{END}")[0])
