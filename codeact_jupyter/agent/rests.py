"""Find results that were computed from figures in the code, where the question is about the user's data.

The facts come from an experiment (`kernel.evidence`), not from the text of the code: a result that stays the same
whatever the user's data hold was made of the figures in the code. Such figures may be given, though: by the question,
by the listing of the user's objects or by an output that rests on data. Then the result counts.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..kernel.copy.outcome import Trial
from ..kernel.copy.relevance import Question
from ..namespace.source import UNPARSABLE, parse
from ..session.evidence import Evidence
from ..session.grounds import Step, grounds_of, next_step, object_of, steps_of
from ..session.messages import Event
from ..session.quantities import ungrounded
from ..session.transcript import runs, shown_texts, task, this_episode
from ..text import NOTHING, has_word

SMALL = 12  #: whole numbers up to this are no figures of data beside others: they count, round and divide
NAMED = 3  #: names at most in a sentence

_WRITTEN = re.compile(r"(?<![\w.])\d{1,15}(?:\.\d+)?(?![\w.])")  # in a text, such as that of a table
_COLUMN = re.compile(r"[^\W\d]\w*[.\[]")


def unfounded_step(
    code: str, trial: Trial | None, transcript: Sequence[Event], is_about_data: Callable[[], bool]
) -> str:
    """Return what to tell the model of a step that rests on nothing of the user's; empty if that is no fault.

    Args:
        code: The step.
        trial: Its trial, with evidence.
        transcript: All events before it.
        is_about_data: Returns False if the question is not about the user's own data.
    """
    if trial is None or trial.evidence is None or not _figures(code):
        return ""
    has_data = trial.outputs or trial.changed or any(map(_COLUMN.match, (name for name, _ in trial.evidence.names)))
    if not has_data:
        return ""
    step = next_step(code, trial.observation, trial.evidence, transcript)
    is_made_up = step in _made_up([*steps_of(transcript), step], transcript)[0]
    return stays_the_same(_names_in([step])) if is_made_up and step.evidence.named and is_about_data() else ""


def unfounded_answer(answer: str, transcript: Sequence[Event]) -> str:
    """Return what an answer does not rest on, if it rests on figures that the model wrote; empty if it does not.

    Args:
        answer: The answer.
        transcript: All events.

    Returns:
        The objects, files and functions of the user that the question names, as words for model and user.
    """
    steps = steps_of(transcript)
    made_up, asked, outputs = _made_up(steps, transcript)
    if not made_up or not any(step.evidence.named for step in made_up):
        return ""
    has_other_output = any(step not in made_up and NOTHING not in step.text for step in steps)
    return _names_in(made_up) if not has_other_output or ungrounded(answer, asked, outputs) else ""


def stays_the_same(names: str, *, is_wanted: bool = False) -> str:
    """Return what to tell the model of a result that it computed from figures which it wrote.

    Args:
        names: What the result does not rest on, as `unfounded_answer` returns it.
        is_wanted: True if the question may want data that are made up.
    """
    verb = "hold" if "," in names else "holds"
    fact = f"The result stays the same whatever {names} {verb}: it was computed from figures in the code."
    if is_wanted:
        return f"{fact} If the task wants that, repeat the answer; if not, compute it from {names}, in a code block."
    return f"{fact} Compute it from {names}, in a code block."


def missed(code: str, trial: Trial, transcript: Sequence[Event]) -> int:
    """Count what the question names and the result of a step does not depend on; what was not tried is not counted.

    Args:
        code: The step.
        trial: Its trial.
        transcript: All events before it.

    Returns:
        The number of these columns, objects, files and functions.
    """
    if trial.evidence is None:
        return 0
    evidence = next_step(code, trial.observation, trial.evidence, transcript).evidence
    return len({*evidence.named} & {*evidence.independent_of})


def unused(transcript: Sequence[Event]) -> str:
    """Return a column or object that the question names and that no output depends on; empty without one.

    Args:
        transcript: All events.
    """
    steps = steps_of(transcript)
    if not steps or any(not step.evidence.tried or step.evidence.reason for step in steps):
        return ""
    return next(iter(unused_names(grounds_of(transcript).evidence, task(transcript))), "")


def unused_names(evidence: Evidence, question: str) -> list[str]:
    """Return what the question names for certain, and the results do not depend on.

    A column is named for certain by one of its values, a column or object by its name in quotation marks or written as
    one (`unit_price`). A column is not told if the results depend on one of the same name in another table.

    Args:
        evidence: Of the results.
        question: The question.
    """
    used = {*map(_column_of, evidence.rests_on)}
    found = (label for label in evidence.named if label in evidence.independent_of and evidence.rests_on)
    return [label for label in found if _column_of(label) not in used and _is_certain(label, question)]


def _is_certain(label: str, question: str) -> bool:
    """Return True if the question names a column or object for certain; see `unused_names`."""
    column = _column_of(label)
    if re.search(rf"[`'\"]{re.escape(column)}[`'\"]", question):
        return True
    if object_of(label) != label and not Question(question).names(column):
        return True  # it has a value of it
    is_word = not re.search(r"[^a-zA-Z]|[a-z][A-Z]", column)
    return not is_word and has_word(question, column)


def _column_of(label: str) -> str:
    """Return the column of a label such as `orders.amount` or `orders[2024]`; anything else as it is."""
    return _COLUMN.sub("", label, count=1).strip("'\"]")


def _made_up(steps: Sequence[Step], transcript: Sequence[Event]) -> tuple[list[Step], list[str], list[str]]:
    """Return the steps that rest on nothing, the questions and listings, and the outputs that rest on something."""
    asked, outputs = shown_texts(transcript)
    outputs = outputs[: len(outputs) - len(runs(this_episode(transcript)))]
    question = task(transcript)
    found: list[Step] = []
    for step in steps:
        is_made_up = bool(found) if step.is_derived else _is_typed(step, question, asked, outputs)
        if step.evidence.independent and is_made_up:
            found.append(step)
        else:
            outputs.append(step.text)
    return found, asked, outputs


def _is_typed(step: Step, question: str, asked: Sequence[str], outputs: Sequence[str]) -> bool:
    """Return True if most figures in the code are shown nowhere, or if the step shows a text of a code without figures.

    Small whole numbers are figures only if the question or an output has them: a listing has some of them by chance.
    """
    figures = _figures(step.source)
    written = "; ".join(figures)
    is_small = all(figure.isdigit() and int(figure) <= SMALL for figure in figures)
    are_figures = bool(figures) and not (is_small and ungrounded(written, [question], outputs))
    shows_text = any(text in step.text for text in _constants(step.source, str) if len(text) > 1)
    return (shows_text and not are_figures) or len(ungrounded(written, asked, outputs)) > len(figures) / 2


def computed_from_nothing(transcript: Sequence[Event]) -> str:
    """Return what the steps since the question do not depend on, as words for the user; empty if they do.

    Args:
        transcript: All events.
    """
    steps = steps_of(transcript)
    is_made_up = bool(steps) and all(step.evidence.independent for step in steps)
    return _names_in(steps) if is_made_up else ""


def _figures(code: str) -> list[str]:
    """Return the numbers in code and in its texts, as text: without the small ones if there are others."""
    written = [float(each) for text in _constants(code, str) for each in _WRITTEN.findall(text)]
    numbers = [*_constants(code, int, float), *(int(each) if each == int(each) else each for each in written)]
    large = [number for number in numbers if not (isinstance(number, int) and number <= SMALL)]
    return list(dict.fromkeys(map(str, large or numbers)))


def _constants(code: str, *types: type) -> list[Any]:
    """Return the constants in code of these types."""
    try:
        nodes = list(ast.walk(parse(code)))
    except UNPARSABLE:
        return []
    return [node.value for node in nodes if isinstance(node, ast.Constant) and type(node.value) in types]


def _names_in(steps: Sequence[Step]) -> str:
    """Return the objects, files and functions of the user that the question names."""
    return objects_in_words(label for step in steps for label in step.evidence.named)


def objects_in_words(labels: Iterable[str]) -> str:
    """Return the objects, files and functions of labels, in words.

    Args:
        labels: As `Evidence.rests_on` has them.
    """
    names = list(dict.fromkeys(map(object_of, labels)))[:NAMED]
    return ", ".join(name if name.startswith('"') else f"`{name}`" for name in names)
