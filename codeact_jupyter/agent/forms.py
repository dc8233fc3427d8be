"""The form that a question states for its answer: templates such as `@name[value]`, and a number of decimals.

Answers are filled and rounded from what the steps since the question put out; without a form they stay as they are.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..outputs.observation import BEGIN, END
from ..session.messages import Event, Observation
from ..session.transcript import task, this_episode

_FENCED = re.compile(r"(`{3,}|~{3,}).*?(?:\1|\Z)", re.DOTALL)
_MARKED = re.compile(r"(?<![\w)\]])(@[^\W\d]\w*[\[{<])([^\[\]{}<>\n]{1,60})([\]}>])")
_QUOTED = re.compile(r"(?<!\w)(?:`([^`\n]+)`|\"([^\"\n]+)\"|“([^”\n]+)”|'([^'\n]+)'(?!\w))")
_SLOT = re.compile(r"\{([^\W\d][\w -]{0,40})\}|<([^\W\d/][\w -]{0,40})>")

_NUMBER = re.compile(r"(?<![\w.,])[-+−]?\d+(?:,\d{3})*(?:\.\d+)?(?!\w|[.,]\d)")
_COUNTS = {"no": 0, "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
_COUNT = rf"(\d|10|{'|'.join(_COUNTS)})"
_DECIMALS = re.compile(
    rf"\b{_COUNT}[\s-]+(?:decimals?\b|(?:digits?|places?)\s+after\s+the\b)"
    rf"|\bround(?:ed)?\b[^.;:\n]{{0,40}}?\bto\s+{_COUNT}(?=\s*(?:[.,;:)!?]|$|digits?\b|places?\b))"
    r"|\bnearest\s+(integer|whole)\b",
    re.IGNORECASE | re.MULTILINE,
)
_TYPED = re.compile(r"\bnp\.\w+\(([^()]*)\)")  # as numpy 2 shows its numbers


@dataclass(frozen=True, slots=True)
class _Template:
    literals: tuple[str, ...]  # around the slots
    slots: tuple[str, ...]  # their placeholders

    def written(self, values: Sequence[str]) -> str:
        return "".join(part for pair in zip(self.literals, (*values, ""), strict=True) for part in pair)

    def found(self, text: str) -> str:
        """Return the part of a text that is this template with values; empty without one."""
        literals = [r"[\s,;]*".join(map(re.escape, re.split(r"\s+", literal))) for literal in self.literals]
        pattern = "(.+?)".join(literals) if self.literals[-1] else "(.+?)".join(literals[:-1]) + "(.+)"
        for match in re.finditer(pattern, text):
            values = [value.strip(" <>{}.…").casefold() for value in match.groups()]
            if all(value not in ("", slot.casefold()) for value, slot in zip(values, self.slots, strict=True)):
                return match.group().strip()
        return ""


def in_form(answer: str, transcript: Sequence[Event]) -> str:
    """Put an answer into the form that the question states, as far as the outputs since the question show its values.

    Args:
        answer: The answer.
        transcript: All events.

    Returns:
        The answer, filled into the templates and with the decimals asked for; the same without a form or a value.
    """
    question, outputs = task(transcript), _outputs(transcript)
    if not outputs:
        return answer
    templates, decimals = _stated_templates(question), _stated_decimals(question)
    if any(not template.found(answer) for template in templates):
        answer = _filled(templates, answer, question, outputs[-1], is_number=decimals is not None) or answer
    if decimals is not None:
        answer = _with_decimals(answer, decimals, question, outputs)
    written = [template.found(answer) for template in templates]
    return _joined(written, written, answer) if written and all(written) and "\n" not in answer.strip() else answer


def missing_form(answer: str, transcript: Sequence[Event]) -> str:
    """Return a request for the form that the question states, if steps have shown something and the answer lacks it.

    Args:
        answer: The answer, as `in_form` returns it.
        transcript: All events.

    Returns:
        A request for the model; empty if nothing is missing.
    """
    templates = _stated_templates(task(transcript)) if _outputs(transcript) else []
    if all(template.found(answer) for template in templates):
        return ""
    form = " ".join(template.written(template.slots) for template in templates)
    return f"The task asks for this form: {form}\nAnswer with it alone, and with the values that the outputs show."


def _stated_templates(question: str) -> list[_Template]:
    """Return the templates in a question, each once: `@name[slot]`, or quoted text with `{slot}` or `<slot>` in it."""
    text = _FENCED.sub("", question)
    marked = {found[1]: _Template((found[1], found[3]), (found[2],)) for found in reversed([*_MARKED.finditer(text)])}
    if marked:
        return list(reversed(marked.values()))
    for quoted in _QUOTED.finditer(text):
        span = next(filter(None, quoted.groups()))
        slots = tuple(one or other for one, other in _SLOT.findall(span))
        literals = tuple(_SLOT.sub("\n", span).split("\n"))
        is_code = re.search(r"[()\\]|</|\bf[\"']", span) or re.search(r"\w\Z", literals[0])
        if slots and not is_code and literals[0].strip() and all(map(str.strip, literals[1:-1])):
            return [_Template(literals, slots)]
    return []


def _stated_decimals(question: str) -> int | None:
    """Return the number of decimals that a question asks for; `None` if it states none, or several numbers."""
    words = {next(filter(None, found)).casefold() for found in _DECIMALS.findall(_FENCED.sub("", question))}
    counts = {int(word) if word.isdigit() else _COUNTS.get(word, 0) for word in words}
    return counts.pop() if len(counts) == 1 else None


def _outputs(transcript: Sequence[Event]) -> list[str]:
    """Return what the steps since the question put out that ended without an error."""
    seen = [event.text for event in this_episode(transcript) if isinstance(event, Observation) and event.ok]
    return [text.partition(f"{BEGIN}\n")[2].rpartition(f"\n{END}")[0] for text in seen if BEGIN in text]


def _filled(templates: Sequence[_Template], answer: str, question: str, output: str, *, is_number: bool) -> str:
    """Return the templates with the values of an answer or of the last output; empty if these are not plain."""
    asked = [template.written(template.slots) for template in templates]
    written = [template.found(answer) or template.found(output) for template in templates]
    if all(written):
        return _joined(written, asked, question)
    value = _literal(output)
    if isinstance(value, Mapping):
        known = {str(key).casefold(): _text(item) for key, item in value.items()}
        rows = [[known.get(name.casefold(), "") for name in _names(template)] for template in templates]
        filled = [template.written(row) for template, row in zip(templates, rows, strict=True)]
        return _joined(filled, asked, question) if all(map(all, rows)) else ""
    if len(templates) != 1 or len(templates[0].slots) != 1:
        return ""
    bare = answer.strip(" \n.`*\"'")
    numbers = [number for number in _NUMBER.findall(answer) if number not in _NUMBER.findall(question)]
    lone = numbers[0] if is_number and len(numbers) == 1 else ""
    is_bare = bare == value or not (type(value) in (int, float) or re.search(r"\s", bare))
    single = bare if is_bare else _text(value) or lone
    return templates[0].written([single]) if single.strip(" …") and templates[0].literals[0] not in answer else ""


def _joined(parts: Sequence[str], like: Sequence[str], source: str) -> str:
    """Join parts with the punctuation that is between their counterparts in a source, or else with blanks."""
    between = [re.search(rf"{re.escape(a)}([\s,;.]*){re.escape(b)}", source) for a, b in itertools.pairwise(like)]
    return "".join(itertools.chain(*zip(parts, [*(each[1] if each else " " for each in between), ""], strict=True)))


def _names(template: _Template) -> list[str]:
    """Return what each slot is called: the last word of the text before it, or else its placeholder."""
    words = [re.findall(r"\w+", literal) for literal in template.literals]
    return [(*before[-1:], slot)[0] for before, slot in zip(words, template.slots, strict=False)]


def _literal(output: str) -> object:
    """Return the Python value that an output is, a word as text; `None` if it is neither."""
    text = _TYPED.sub(r"\1", output.strip())
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text if text and not re.search(r"\s", text) else None


def _text(value: object) -> str:
    """Return a number or a text as it fills a slot; empty for anything else, and for a missing value."""
    text = str(value) if isinstance(value, str | int | float) else ""
    return "" if text.casefold() in ("nan", "nat", "<na>", "inf", "-inf") else text


def _with_decimals(answer: str, decimals: int, question: str, outputs: Sequence[str]) -> str:
    """Write the numbers of an answer with decimals; a whole number only if it is the one number and stands for more."""
    shown = [number for output in outputs for number in _NUMBER.findall(output)]
    stated = [number for number in _NUMBER.findall(answer) if number not in _NUMBER.findall(question)]
    changing = {number for number in stated if _places(number) or len(stated) == 1}
    return _NUMBER.sub(
        lambda found: _rewritten(found[0], decimals, shown) if found[0] in changing else found[0], answer
    )


def _rewritten(number: str, decimals: int, shown: Sequence[str]) -> str:
    """Return a number with these decimals, of the shown value that it rounds; the same if that is not one value."""
    if (places := _places(number)) == decimals:
        return number
    half = 0.5 * 10.0**-places * (1 + 1e-9)
    meant = [each for each in shown if _places(each) > places and abs(_value(each) - _value(number)) <= half]
    meant = meant or [number for each in shown if _value(each) == _value(number) and "." in each]
    if not meant and places > decimals:
        meant = [number]
    comma = "," if "," in number else ""
    written = {f"{_value(each):z{comma}.{decimals}f}" for each in meant}
    return written.pop() if len(written) == 1 else number


def _places(number: str) -> int:
    return len(number.partition(".")[2])


def _value(number: str) -> float:
    return float(number.replace(",", "").replace("−", "-"))
