"""Holes of an answer: a name or an expression in the place of its value, as in `{top}`, `top.iloc[0]` or "is top".

In braces it is a hole wherever it stands. Elsewhere it is one only if the answer shows nothing that the steps have
shown; then a name is filled if the steps have shown its value, and not if the question has the name itself. A name that
may be a plain word, as in "The oldest is first", is one only at the end of a sentence, if a step since the question has
put out the object of that name, and if the question does not have the word.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence, Set
from typing import Any

from ..namespace.literals import is_one_of
from ..namespace.source import UNPARSABLE, shown_parts
from ..namespace.static_lookup import MISSING, is_exactly
from ..outputs.observation import BEGIN, END
from ..session.messages import Event
from ..session.numbers import stated
from ..session.transcript import runs, shown_texts, task, this_episode

_PART = r"(?:\.\w+|\[[^\[\]{}\n]{1,60}\]|\((?:[^(){}\n]|\([^(){}\n]*\)){0,120}\))"
_BRACED = re.compile(
    rf"\$?\{{{{1,2}}\s?(?P<code>[^\W\d]\w*{_PART}*)(?:![rsa])?(?::(?P<form>[^{{}}\n]{{0,8}}))?\s?\}}{{1,2}}"
    r"|<{1,2}(?P<tag>[^\W\d]\w*)>{1,2}(?![^<]*</(?P=tag)>)"
    r"|(?<![\w\]\[])\[{1,2}(?P<slot>[^\W\d]\w*)\]{1,2}(?![(\[])|\$(?P<name>[^\W\d]\w*)\$?|%\((?P<key>\w+)\)[sdf]"
)
_BLANK = re.compile(
    r"(?<![\w\]])\[[^\W\d][\w ]*\](?![(\[])|<[^\W\d][\w -]*>|\{{2}[^{}\n]*\}{2}|%[sdf]\b|_{2,}|(?<!\w)\?{2,}"
    r"|\bX{1,3}\b|\.{3}|…"
)
_SPAN = re.compile(r"`([^`\n]+)`")
_BARE = re.compile(rf"(?<![\w.`'\"@])([^\W\d]\w*{_PART}*)(?![\w`'\"(\[])")
_ENDS = re.compile(r"\**\s*(?:[.!]?\s*\Z|[.!,;]\s)")  # behind a value
_MARKS = " \n*_.!"
_WORD = re.compile(r"[^\W_]{2,}")
_SCALARS = (str, int, float)
_INDEXERS = ("iloc", "loc", "iat", "at", "index", "columns", "values", "name")


def filled(answer: str, transcript: Sequence[Event], namespace: Mapping[str, Any]) -> str:
    """Put live values into the holes of an answer.

    Args:
        answer: The answer.
        transcript: All events.
        namespace: Live objects by name.

    Returns:
        The answer, with the holes that cannot be filled as they were.
    """
    text = _BRACED.sub(lambda found: _in_braces(found, namespace) or found[0], answer)
    if text != answer or not (shown := _unsaid(answer, transcript)):
        return text
    put_out = _put_out(transcript)
    for pattern in (_SPAN, _BARE):
        text = pattern.sub(lambda found: _filling(found, shown, put_out, transcript, namespace) or found[0], text)
        if text != answer:
            break
    return text


def unfilled(answer: str, transcript: Sequence[Event], namespace: Mapping[str, Any]) -> str:
    """Return an expression that stands in the place of a value, if an answer to a question has nothing else to show.

    Args:
        answer: The answer, as `filled` returns it.
        transcript: All events.
        namespace: Live objects by name.

    Returns:
        The expression; empty if there is none.
    """
    if "?" not in task(transcript) or not _unsaid(answer, transcript):
        return ""
    spans = [found[1].strip() for found in _SPAN.finditer(answer)]
    put_out = _put_out(transcript)
    bare = [found[1] for found in _BARE.finditer(_SPAN.sub(" ", answer)) if _is_in_place(found, put_out)]
    live = [each for each in (*spans, *bare) if _is_live(each, namespace)]
    blank = [found.group() for found in _BLANK.finditer(answer)]
    return next((each for each in (*live, *blank) if each not in task(transcript)), "")


def _is_in_place(found: re.Match[str], put_out: Set[str]) -> bool:
    """Return True for no plain word, or for the name of what a step put out, in brackets or at a sentence's end."""
    is_word = found[1].isalpha() and found[0] == found[1]
    around = found.string[found.start() - 1 : found.end() + 1]
    is_alone = around == f"({found[1]})" or bool(_ENDS.match(found.string[found.end() :]))
    return not is_word or (found[1] in put_out and is_alone)


def _put_out(transcript: Sequence[Event]) -> set[str]:
    """Return the names whose objects the steps since the question put out, that are no words of the question."""
    parts = [part for source, _ in runs(this_episode(transcript)) for part in shown_parts(source)]
    return {part.id for part in parts if isinstance(part, ast.Name)} - set(re.findall(r"\w+", task(transcript)))


def _in_braces(found: re.Match[str], namespace: Mapping[str, Any]) -> str:
    code = next(filter(None, map(found.__getitem__, ("code", "tag", "slot", "name", "key"))))
    return _written(code, namespace, found["form"] or "")


def _unsaid(answer: str, transcript: Sequence[Event]) -> str:
    """Return what the steps since the question have shown, if the answer has no number and no word of it."""
    asked, _ = shown_texts(transcript)
    _, outputs = shown_texts(this_episode(transcript))
    shown = "\n".join(outputs)
    prose = _BARE.sub(lambda found: found[0] if found[0].isidentifier() else " ", _SPAN.sub(" ", answer))
    said = {word.casefold() for word in _WORD.findall(prose)}
    known = {word.casefold() for text in asked for word in _WORD.findall(text)}
    new = {word.casefold() for word in _WORD.findall(_cells(shown))} - known
    numbers = [found for found in stated(prose) if found.group() not in task(transcript)]
    return "" if said & new or numbers else shown


def _cells(shown: str) -> str:
    """Return the lines of outputs between their fences: what a cell put out, and no note on it."""
    return "\n".join(part.partition(END)[0] for part in shown.split(BEGIN)[1:])


def _filling(
    found: re.Match[str], shown: str, put_out: Set[str], transcript: Sequence[Event], namespace: Mapping[str, Any]
) -> str:
    """Return the value of an expression in an answer, if it is one that was shown."""
    expression, before, after = found[1], found.string[: found.start()], found.string[found.end() :]
    is_all = not before.strip(_MARKS) and not after.strip(_MARKS)
    if not (is_all or _is_in_place(found, put_out)):
        return ""
    value, question = _written(expression, namespace), task(transcript)
    name = re.escape(expression)
    is_asked = re.search(rf"[`'\"]{name}[`'\"]" if "?" in question else rf"\b{name}\b", question) is not None
    return value if value and value in shown and not is_asked else ""


def _is_live(text: str, namespace: Mapping[str, Any]) -> bool:
    """Return True for an expression of a live name, and more than a call of a function."""
    try:
        tree = ast.parse(text, mode="eval").body
    except UNPARSABLE:
        return False
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    is_one = isinstance(tree, ast.Name | ast.Attribute | ast.Subscript | ast.Call | ast.BinOp)
    return is_one and any(name in namespace and not callable(namespace[name]) for name in names)


# --- values ------------------------------------------------------------------------------------------------------


def _written(expression: str, namespace: Mapping[str, Any], form: str = "") -> str:
    """Return the value of an expression as text; empty if it is not read without running code, or is no plain value."""
    try:
        value = _read(ast.parse(expression, mode="eval").body, namespace)
        if is_one_of(type(value), _SCALARS):
            return format(value, form)
        item = value.item() if is_exactly(value, "numpy", *_NUMPY) else value
        return format(item, form) if is_one_of(type(item), _SCALARS) else ""
    except (*UNPARSABLE, LookupError, TypeError, AttributeError):
        return ""


_NUMPY = (*(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)), "float32", "float64", "str_")


def _read(node: ast.expr, namespace: Mapping[str, Any]) -> Any:
    """Return the value of a name, or of an entry or element of a container of Python, pandas or numpy."""
    match node:
        case ast.Name(id=name):
            return namespace.get(name, MISSING)
        case ast.Attribute(value=owner, attr=attribute) if attribute in _INDEXERS:
            held = _read(owner, namespace)
            return getattr(held, attribute) if _is_pandas(held) else MISSING
        case ast.Subscript(value=owner, slice=key):
            held = _read(owner, namespace)
            return held[ast.literal_eval(key)] if _is_container(held) else MISSING
    return MISSING


def _is_pandas(obj: object) -> bool:
    return is_exactly(obj, "pandas", "DataFrame", "Series")


def _is_container(obj: object) -> bool:
    if is_one_of(type(obj), (dict, list, tuple)) or _is_pandas(obj) or is_exactly(obj, "numpy", "ndarray"):
        return True
    return is_exactly(obj, "pandas", "Index", "RangeIndex") or type(obj).__module__ == "pandas.core.indexing"
