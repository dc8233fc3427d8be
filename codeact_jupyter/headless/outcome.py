"""The outcome of a run of a notebook."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from ..session.messages import Usage


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of the last question of a notebook."""

    question: str = ""  #: as it was asked
    answer: str | None = None  #: `None` without one
    value: Any = None  #: that the answer rests on, if it is JSON; else `None`
    evidence: dict[str, Any] | None = None  #: what the answer rests on: the fields of `Basis`; `None` without one
    status: str = "not asked"  #: how the question ended, or its state at the end of the notebook
    turns: int = 0  #: replies of the model
    cells: int = 0  #: number of the agent's cells that ran
    model: str = ""  #: its name
    usage: Usage = field(default_factory=Usage)  #: of the question
    notebook: str = ""  #: path

    def to_json(self) -> str:
        """Encode the outcome for `--json`.

        Returns:
            One line of JSON.
        """
        usage = {name: getattr(self.usage, name) for name in ("prompt", "evaluated", "generated", "seconds")}
        return json.dumps({**asdict(self), "usage": usage})
