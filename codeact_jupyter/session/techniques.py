"""Techniques that improve a small model's replies. Each has a switch, so that its effect can be measured."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class Techniques:
    """The techniques in use, by default all."""

    example: bool = True  #: a short worked example in the prompt
    files: bool = True  #: files that a question names are described, with the calls that read them
    remind: bool = True  #: the task is repeated after each output
    validate: bool = True  #: code is checked for placeholders, redefined functions, missing names and imports
    trial: bool = True  #: each step is first run in a copy of the process; one that raises there is corrected
    mends: bool = True  #: such a step is first corrected by rules: a misspelt name or column, a missing import
    spare: bool = True  #: a step that changes the user's objects unasked is rewritten to work on copies
    resample: bool = True  #: if no correction helps, more replies are sampled at a higher temperature
    vote: bool = True  #: the most frequent of the sampled replies is taken
    repair: bool = True  #: the model is asked to correct an unusable reply, before the user sees one
    hints: bool = True  #: the output of a failed step comes with near-match names and true signatures
    breaker: bool = True  #: a step or an answer that was tried before is not tried again
    evidence: bool = True  #: an answer must rest on outputs, and they, or the question, must show its numbers and names
    rests: bool = True  #: a step is run again on other data: an answer must rest on the user's, where it is about them
    fresh: bool = True  #: after what failed or was refused, the model starts from the outputs, without these texts
    form: bool = True  #: an answer is put into the form that the question states, with values of the outputs

    def without(self, *names: str) -> Techniques:
        """Return these techniques with some switched off.

        Args:
            *names: Techniques to switch off.

        Raises:
            ValueError: There is no technique of that name.
        """
        unknown = sorted(set(names) - set(NAMES))
        if unknown:
            raise ValueError(f"No such technique: {', '.join(unknown)}. There are {', '.join(NAMES)}.")
        return replace(self, **dict.fromkeys(names, False))


NAMES = tuple(field.name for field in fields(Techniques))
ALL = Techniques()
NONE = ALL.without(*NAMES)
