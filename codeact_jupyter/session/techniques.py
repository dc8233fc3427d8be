"""What helps a small model to be right, each technique a switch of its own, so that each can be measured alone."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class Techniques:
    """Which techniques are in use; all of them by default."""

    example: bool = True  #: a short worked example in the prompt
    remind: bool = True  #: each output is followed by the task again
    validate: bool = True  #: code is checked against the live namespace before anybody sees it
    resample: bool = True  #: when a reply stays unusable, others are sampled, at a higher temperature
    vote: bool = True  #: among sampled replies the most frequent one is taken
    repair: bool = True  #: the model is told the finding of an unusable reply, unseen
    hints: bool = True  #: a failed step's output comes with near-match names and true signatures
    breaker: bool = True  #: a step or an answer that was tried before is not tried again
    evidence: bool = True  #: an answer rests on outputs, and its numbers occur in them

    def without(self, *names: str) -> Techniques:
        """These, but for the named ones. Raises `ValueError` for a name that is none."""
        unknown = sorted(set(names) - set(NAMES))
        if unknown:
            raise ValueError(f"No such technique: {', '.join(unknown)}. There are {', '.join(NAMES)}.")
        return replace(self, **dict.fromkeys(names, False))


NAMES = tuple(field.name for field in fields(Techniques))
ALL = Techniques()
NONE = ALL.without(*NAMES)
