"""Checks of an answer: the work is done, and what the answer says rests on outputs.

A gap that is *open* is certain: the answer has a number or a name that nothing shows, or nothing was run where an
output is needed. Such an answer is not delivered. Any other gap is a doubt, about which the model is asked; of a
*reserved* answer, the user is told the fact with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ..session.grounds import steps_of
from ..session.messages import Event, Observation, Prompt
from ..session.numbers import plain_readings, stated, values_in
from ..session.quantities import ungrounded
from ..session.tables import cells, is_condition, is_selection
from ..session.transcript import last_output, listed_lengths, runs, shown_texts, task, this_episode
from ..text import NOTHING, has_word, one_line, shorten, shorten_middle
from .pairing import no_extreme, other_row
from .rests import computed_from_nothing, objects_in_words

NUMBERS = 4  #: Numbers and names at most in a reason.
LETTERS = 3  #: of a value that is looked for in an answer
SENTENCE, SAME = 6, 0.9  #: words of an answer, and its likeness to the task, from which on it repeats the task
QUESTION_CHARS, OUTPUT_CHARS = 200, 600  #: told to the user
NOTHING_RUN = "Nothing was run yet. Do not guess: write a step in a code block."

_ANNOUNCES = re.compile(
    r":\s*\Z|\A(?:next|now|first)\b"
    r"|\b(?:let me|let's|let us|(?:i|we)(?:'ll| will| need to| should| have to| must| can))\b",
    re.IGNORECASE,
)
_OF_THE_TASK = re.compile(r"\W*the (?:task|question) (?:asks|wants|requires)\b", re.IGNORECASE)
_EXAMPLE = re.compile(r"\(e\.g\. [^;)]*")  # of the values of a column, in a listing
_VALUES = re.compile(r"\(\d[\d,]* values: [^)\n]*")  # of a new column, as examples of them
_LISTED = re.compile(r"\b\d[\d,]* values: ((?:'[^'\n]*'[^',()\n]*(?:, )?)+)")  # of a column, in a listing
_QUOTED = re.compile(r"(?<!\w)'([^'\n]+)'(?!\w)")  # the values of columns of text, in a listing
_FRACTION = re.compile(r"\d*\.\d*[1-9]\d*")  # rounded, it would be a whole number that is shown nowhere
_DRAWS = re.compile(r"\bplt\.|\bsns\.|\bpx\.|\bax\w*\.|\.(?:plot|hist|boxplot|bar|barh|scatter|pie|imshow)\b")


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap of an answer."""

    text: str  #: request for the model
    is_open: bool = False  #: the answer must not be delivered
    needs_step: bool = False  #: only a step can close it; without one, the answer may be delivered
    fact: str = ""  #: told to the user with an answer that the model insists on


def find_gap(answer: str, transcript: Sequence[Event], needs_output: Callable[[], bool | None]) -> Gap | None:
    """Return what an answer lacks.

    Args:
        answer: The answer.
        transcript: All events.
        needs_output: Returns whether the question can only be answered by running something; None if that is unknown.

    Returns:
        The gap, if there is one.
    """
    asked, outputs = shown_texts(transcript)
    missing = tuple(ungrounded(answer, asked, outputs))
    observations = [event for event in this_episode(transcript) if isinstance(event, Observation)]
    if not observations:
        return _nothing_run(transcript, missing, needs_output)
    unprinted = _unprinted(answer, transcript)
    lacks = (_failed(observations), _announced(answer), unprinted, _repeated(answer, transcript))
    undone = next(filter(None, lacks), "")
    if not missing:
        is_blank = undone == unprinted and all(NOTHING in each.text for each in observations)
        return Gap(undone, is_blank, undone == unprinted) if undone else reservation(answer, transcript)
    is_label = not ungrounded(" ".join(missing), asked, [observation.text for observation in observations])
    lack = f"No output shows {', '.join(missing[:NUMBERS])}{' as a value, only as a row number or a type' * is_label}."
    if is_label:
        lack += " If the task asks for the row number, print the `.index` in a step."
    return Gap(undone or f"{lack} Compute it in a step, or answer with what the outputs show.", is_open=True)


def _repeated(answer: str, transcript: Sequence[Event]) -> str:
    """Return a request if an answer has the words of the task, in its order, or only speaks of the task."""
    words, asked = (re.findall(r"\w+", text.casefold()) for text in (answer, task(transcript)))
    is_same = len(words) >= SENTENCE and SequenceMatcher(None, words, asked).ratio() >= SAME
    is_about_it = _OF_THE_TASK.match(answer) is not None and not stated(answer)
    return "That repeats the task: answer it with what the outputs show." if is_same or is_about_it else ""


def reservation(answer: str, transcript: Sequence[Event]) -> Gap | None:
    """Return the gap of an answer that tells the rows shown as all, or the number of all rows as another one.

    Args:
        answer: The answer.
        transcript: All events.

    Returns:
        The gap, if there is one.
    """
    seen = [event for event in this_episode(transcript) if isinstance(event, Observation)]
    if not seen:
        return None
    part = (
        _of_a_part(answer, transcript, seen)
        or _of_the_first_rows(answer, transcript)
        or _of_all_rows(answer, transcript, seen)
    )
    return part or _of_another_row(answer, transcript) or _of_a_listed_value(answer, transcript)


def unanswered(transcript: Sequence[Event]) -> str:
    """Tell the user what was found where no answer rests on it. What the model made up is not repeated.

    Args:
        transcript: All events.

    Returns:
        The text.
    """
    question = shorten(one_line(task(transcript)), QUESTION_CHARS)
    if names := computed_from_nothing(transcript):
        return (
            f"I could not compute an answer to “{question}”: what the model computed stays the same whatever {names} "
            "holds. Rephrase it, or ask a part of it."
        )
    if not (output := last_output(transcript)):
        return (
            f"I could not compute an answer to “{question}”: nothing was run for it. Rephrase it, or ask a part of it."
        )
    return (
        f"I could not compute an answer to “{question}”: what the model answered does not follow from any output. "
        f"Ask for one part of it at a time. The last output shows:\n{shorten_middle(output, OUTPUT_CHARS)}"
    )


# --- one gap each ------------------------------------------------------------------------------------------------


def _nothing_run(
    transcript: Sequence[Event], missing: tuple[str, ...], needs_output: Callable[[], bool | None]
) -> Gap | None:
    """Return the gap of an answer before anything has run, unless earlier outputs show it or none is needed."""
    if not missing and runs(transcript):
        return None
    needed = needs_output()
    if needed is None:
        needed = bool(missing) and any(event.context for event in transcript if isinstance(event, Prompt))
    return Gap(NOTHING_RUN, is_open=True) if needed else None


def _of_a_part(answer: str, transcript: Sequence[Event], seen: Sequence[Observation]) -> Gap | None:
    """Return the gap of an answer that rests on a table of which not all rows are shown, if it does not say so."""
    parts = [(table, cells(table, event.text)) for event in seen for table in event.tables if table.note]
    said, asked_for = {*values_in(answer)}, {*values_in(task(transcript))}
    parts = [each for each in parts if each[0].of not in said and each[0].rows not in asked_for]
    if not parts:
        return None
    asked, outputs = shown_texts(transcript, parts=False)
    found = next((table for table, text in reversed(parts) if _rests_on(answer, text, asked, outputs)), None)
    return _in_part(found.note) if found else None


def _of_the_first_rows(answer: str, transcript: Sequence[Event]) -> Gap | None:
    """Return the gap of an answer that rests on a step whose result no later rows change, if it does not say so."""
    said, asked_for = {*values_in(answer)}, {*values_in(task(transcript))}
    (asked, outputs), done = shown_texts(transcript), runs(this_episode(transcript))
    earlier = outputs[: len(outputs) - len(done)]
    for step in steps_of(transcript):
        found = step.evidence
        if not found.first or found.first in asked_for or found.rows in said:
            continue
        others = [*earlier, *(other.text for _, other in done if other.text != step.text)]
        if _rests_on(answer, step.text, asked, others):
            what = f"{found.first} {'entries' if found.rows is None else 'rows'}"
            return _in_part(f"Only the first {what} of {objects_in_words(found.rests_on)} matter to that.")
    return None


def _of_another_row(answer: str, transcript: Sequence[Event]) -> Gap | None:
    """Return the gap of an answer that tells a number of another row than the output's, or a row that is no extreme."""
    if fact := other_row(answer, transcript):
        return Gap(f"{fact} Answer with the name that belongs to it.", fact=fact)
    fact = no_extreme(answer, transcript)
    return (
        Gap(f"{fact} If the task asks for one of these, write the whole answer with it.", fact=fact) if fact else None
    )


def _of_a_listed_value(answer: str, transcript: Sequence[Event]) -> Gap | None:
    """Return the gap of an answer that names some of a column's values, which only the listing shows."""
    done = runs(this_episode(transcript))
    outputs = [_LISTED.sub(" ", text) for text in shown_texts(transcript)[1]]
    shown = [task(transcript), *outputs, *(source for source, _ in done)]
    for event in this_episode(transcript):
        for listed in _LISTED.findall(event.context) if isinstance(event, Prompt) else ():
            values = _QUOTED.findall(listed)
            named = [value for value in values if has_word(answer, value, any_case=True)]
            new = [each for each in named if not any(has_word(text, each, any_case=True) for text in shown)]
            new = [value for value in new if len(value) >= LETTERS]
            if new and len(named) < len(values):
                fact = f"No output shows {', '.join(map(repr, new[:NUMBERS]))}."
                return Gap(
                    f"{fact} Print in a step what the task asks for, with that name.", needs_step=True, fact=fact
                )
    return None


def _rests_on(answer: str, text: str, asked: Sequence[str], outputs: Sequence[str]) -> bool:
    """Return True if an answer has a number or a word of a part that nothing else shows, or repeats all words of it."""
    put_out = _words(" ".join(outputs))
    said, shown = _words(answer), _words(text)
    new = (said & shown) - put_out - _words(_EXAMPLE.sub(" ", " ".join(asked)))
    return bool(new or (shown - put_out and shown <= said) or ungrounded(answer, asked, outputs))


def _in_part(fact: str) -> Gap:
    request = "If the task is about all of them, print in a step what it asks for, computed over all. If not,"
    return Gap(f"{fact} {request} give the same answer again.", fact=fact)


def _of_all_rows(answer: str, transcript: Sequence[Event], seen: Sequence[Observation]) -> Gap | None:
    """Return the gap of an answer whose only numbers are lengths of the user's tables, which no step has printed."""
    asked, outputs = ([_FRACTION.sub(" ", text) for text in texts] for texts in shown_texts(transcript, lengths=False))
    conditions = {table.of for event in seen for table in event.tables if is_condition(table, event.text)}
    known = listed_lengths(transcript) | conditions
    known -= {table.rows for event in seen for table in event.tables if is_selection(table, event.text)}
    lengths = [each for each in ungrounded(answer, asked, outputs) if not known.isdisjoint(_sizes(each))]
    if not lengths or {*ungrounded(answer, [task(transcript)], [])} - {*lengths}:
        return None
    counted = ", ".join(lengths[:NUMBERS])
    fact = f"{counted} {'counts' if len(lengths) == 1 else 'count'} all rows of a table."
    values = {size for each in lengths for size in _sizes(each)}
    if any(table.of in values and is_condition(table, seen[-1].text) for table in seen[-1].tables):
        return Gap(f"{fact} Print in a step how many rows fulfil the condition.", is_open=True)
    request = "If the task asks for another number, print that in a step. If not, give the same answer again."
    return Gap(f"{fact} {request}", fact=fact)


def _sizes(number: str) -> set[float]:
    """Return what a number as a whole can mean."""
    digits = [reading.value for found in stated(number) for reading in plain_readings(found.group())]
    return {*(digits or values_in(number))}


def _words(text: str) -> set[str]:
    """Return the words of a text, and names with digits such as `P2`."""
    return {word.casefold() for word in re.findall(r"[^\W_]{2,}", text) if not word.isdecimal()}


def _failed(observations: Sequence[Observation]) -> str:
    if observations[-1].ok:
        return ""
    return "The last step failed, so the task is not done. Write a corrected step in a code block."


def _announced(answer: str) -> str:
    if not _ANNOUNCES.search(answer):
        return ""
    return "You announced a step. Write it as a code block, or answer the task if it is done."


def _unprinted(answer: str, transcript: Sequence[Event]) -> str:
    """Return a request if a value is told right after a step without output, plot or value of a name."""
    done = runs(this_episode(transcript))
    if not done or not ("?" in task(transcript) or _tells_values(answer, transcript)):
        return ""
    source, result = done[-1]
    if NOTHING not in result.text or " = " in result.text or _DRAWS.search(source):
        return ""
    return "The last step printed nothing, so this is not shown. Print what the task asks for, in a code block."


def _tells_values(answer: str, transcript: Sequence[Event]) -> bool:
    """Return True if an answer has a text that is an example of the data, and that the task does not have."""
    return bool(_words(answer) & _examples(transcript))


def _examples(transcript: Sequence[Event]) -> set[str]:
    """Return the words of texts that a listing, or a change of the namespace, has as examples, but for the task's."""
    told = [event.context for event in this_episode(transcript) if isinstance(event, Prompt)]
    told += [part for _, result in runs(this_episode(transcript)) for part in _VALUES.findall(result.text)]
    return _words(" ".join(_QUOTED.findall(" ".join(told)))) - _words(task(transcript))
