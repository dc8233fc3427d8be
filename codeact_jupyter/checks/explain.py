"""Explanation of an error that a cell raised: the names, columns, signatures and files that really exist."""

from __future__ import annotations

import ast
import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, MethodType, ModuleType
from typing import Any

from ..files.encodings import decode
from ..namespace.describe import describe, signature_text
from ..namespace.documented import where_given
from ..namespace.literals import held_in, is_one_of, type_name
from ..namespace.relations import found_elsewhere
from ..namespace.source import parse
from ..namespace.static_lookup import (
    MISSING,
    class_names,
    columns_of,
    contents,
    is_own,
    module_name,
    of_class,
    text_columns,
)
from ..text import shorten, visible
from .cell import last_name, plain_names, read_cell, text_of
from .finding import listed, suggestion, where_the_data_is
from .imports import explain_missing, find_import
from .missing_columns import is_missing_column, missing_labels
from .names import explain_unbound, how_to_import
from .remedies import remedy
from .spelling import near

HINT_CHARS = 400  #: Maximum length of an explanation.
CALL_CHARS = 80  #: Maximum length of a quoted call or key.
TOOL_CHARS = 300  #: Maximum length of a tool's description.
FILES = 500  #: Maximum number of a folder's files that are compared with a missing one.
DECODED = 65_536  #: Maximum number of bytes whose encoding is looked for.
_CALLED = re.compile(r"^(?:[\w<>]+\.)*(\w+)\(\) (?:missing|takes|got)")
_QUOTED = re.compile(r"'([^']{1,80})'")


@dataclass(frozen=True, slots=True)
class _Failure:
    """An exception, the source of the cell that raised it, and the live objects as the cell left them."""

    error: BaseException
    source: str
    namespace: Mapping[str, Any]

    @property
    def message(self) -> str:
        """The exception's message, if it is a plain string."""
        args = self.error.args
        return args[0] if args and type(args[0]) is str else ""


def explain_error(error: BaseException, source: str, namespace: Mapping[str, Any]) -> str:
    """Explain an error of a cell.

    Args:
        error: The exception, with its traceback.
        source: Source of the cell.
        namespace: Live objects by name, as the cell left them.

    Returns:
        One or two lines for the model; without an explanation, the description of the tool that raised it, or empty.
    """
    live = plain_names(namespace)
    return hint(error, source, live) or _explain_tool(error, live)


def hint(error: BaseException, source: str, namespace: Mapping[str, Any]) -> str:
    """Explain an error by its message and the statement that failed, not by the tool that raised it.

    See `explain_error`.
    """
    live = plain_names(namespace)
    try:
        text = next(filter(None, _hints(_Failure(error, source, live))), "")
    except Exception:  # an unforeseen object: no hint
        return ""
    return shorten(visible(" ".join(text.split())), HINT_CHARS)


def _hints(failure: _Failure) -> Iterator[str]:
    """Yield explanations, the best first; some are empty."""
    cls = type(failure.error)
    yield remedy(f"{type_name(cls)}: {failure.message}")
    if is_missing_column(cls):
        cls = KeyError
    for known, explanations in _EXPLANATIONS:
        if cls is known:
            yield from (explain(failure) for explain in explanations)


# --- one error each ----------------------------------------------------------------------------------------------


def _unbound(failure: _Failure) -> str:
    name = getattr(failure.error, "name", None) or next(iter(_QUOTED.findall(failure.message)), None)
    if type(failure.error) is UnboundLocalError:
        return f"The function assigns `{name}`, so that it is a local name there: give it in, or use another name."
    return explain_unbound(name, failure.namespace, parse(failure.source)) if type(name) is str else ""


def _not_imported(failure: _Failure) -> str:
    name = getattr(failure.error, "name", None)
    if finding := find_import(read_cell(failure.source, failure.namespace)):
        return finding.text
    return explain_missing(name) if type(name) is str and isinstance(failure.error, ModuleNotFoundError) else ""


def _no_attribute(failure: _Failure) -> str:
    obj, name = getattr(failure.error, "obj", None), getattr(failure.error, "name", None)
    if type(name) is not str:
        return ""
    if obj is None:
        return "The object is None: a method that changes in place, or a function without `return`, gives None."
    cls = type(obj)
    if issubclass(cls, type):
        return suggestion(near(name, class_names(obj)))
    if cls is ModuleType:
        line = how_to_import(name, ast.Module([], []))
        known = f"Write `{line}`." if line else suggestion(near(name, contents(obj)))
        return f"The module `{module_name(obj)}` has no `{name}`. {known}"
    columns = columns_of(obj)
    if name in columns:
        return ""
    frame = next((live for live, held in failure.namespace.items() if columns and held is obj), "")
    if frame and (elsewhere := found_elsewhere(frame, name, failure.namespace)):
        return f"`{frame}` has no {name!r}. {elsewhere}"
    names = [*text_columns(obj), *class_names(cls)]
    if type(held := _held(obj)) is dict:
        names += [key for key in held if type(key) is str and not key.startswith("_")]
    start = f"A {type_name(cls)} has no `{name}`."
    if alike := near(name, names):
        return f"{start} {suggestion(alike)}"
    return f"{start} Its columns: {listed(columns)}." if columns else start


def _held(obj: object) -> Any:
    """Return the object's own attributes, if it stores them in the ordinary way."""
    if of_class(type(obj), "__getattribute__") is not object.__getattribute__:
        return None
    slot = of_class(type(obj), "__dict__")
    return None if slot is MISSING or type(slot) is property else object.__getattribute__(obj, "__dict__")


def _called(failure: _Failure) -> str:
    """Return the signature of the function that was called wrongly, or explain that the name is no function."""
    match = _CALLED.match(failure.message)
    wanted = _QUOTED.findall(failure.message) if "keyword argument" in failure.message else []
    for node in ast.walk(parse(failure.source)):
        if not isinstance(node, ast.Call):
            continue
        obj, name = _value(node.func, failure.namespace), last_name(node.func)
        function = _function(obj)
        if match and function and function.__name__ == match[1]:
            code, skipped = function.__code__, int(function is not obj)
            parameters = code.co_varnames[skipped : code.co_argcount + code.co_kwonlyargcount]
            meant = suggestion(near(wanted[0], parameters, 1)) if wanted else ""
            return f"{meant} Its signature: {name}{signature_text(function, skipped)}"
        if "not callable" in failure.message and is_one_of(type(obj), (str, int, float, list, dict, tuple, set)):
            return f"`{name}` is no function but a value: {shorten(describe(obj), 100)}."
    return ""


def _value(node: ast.expr, namespace: Mapping[str, Any]) -> Any:
    """Return the value of a name with attributes; `MISSING` if a lookup would run code."""
    if isinstance(node, ast.Name):
        return namespace.get(node.id, MISSING)
    owner = _value(node.value, namespace) if isinstance(node, ast.Attribute) else MISSING
    if owner is MISSING or not isinstance(node, ast.Attribute):
        return MISSING
    if type(owner) is ModuleType:
        return contents(owner).get(node.attr, MISSING)
    held = of_class(type(owner), node.attr)
    return MethodType(held, owner) if type(held) is FunctionType else MISSING


def _function(obj: Any) -> FunctionType | None:
    """Return the plain function behind a function, a bound method or a class."""
    if issubclass(type(obj), type):
        obj = of_class(obj, "__init__")
    function = obj.__func__ if type(obj) is MethodType else obj
    return function if type(function) is FunctionType else None


def _no_key(failure: _Failure) -> str:
    """Explain a missing key: list the columns or keys that exist, similar ones first."""
    wanted = missing_labels(failure.message)
    names = {node.id for node in ast.walk(parse(failure.source)) if isinstance(node, ast.Name)}
    options: list[tuple[bool, bool, str]] = []
    for name, obj in failure.namespace.items():
        labels = _labels(obj) if name in names else []
        label = next((text for text in wanted if text not in labels), None)
        if not labels or label is None:
            continue
        alike = near(label, labels)
        if type(obj) is dict:
            what, elsewhere = "keys", where_given(label, failure.namespace)
        else:
            what, elsewhere = "columns", found_elsewhere(name, label, failure.namespace)
        known, meant = f"Its {what}: {listed(labels, alike)}.", elsewhere or suggestion(alike, quoted=True)
        options.append((not alike, not meant, f"`{name}` has no {label!r}. {meant} {known}"))
    return min(options, key=lambda option: option[:2])[-1] if options else ""


def _text_for_dict(failure: _Failure) -> str:
    """Explain that a text was used as a dictionary: what it is, and which function gives such a key."""
    if not failure.message.startswith("string indices must be"):
        return ""
    for node in ast.walk(parse(failure.source)):
        key = text_of(node.slice) if isinstance(node, ast.Subscript) else None
        if key and isinstance(node, ast.Subscript) and type(text := _item(node.value, failure.namespace)) is str:
            code, quoted = (shorten(each, CALL_CHARS) for each in (ast.unparse(node.value), repr(text)))
            return f"`{code}` is the text {quoted} and has no keys. {where_given(key, failure.namespace)}".rstrip()
    return ""


def _item(node: ast.expr, namespace: Mapping[str, Any]) -> Any:
    """Return the value of a name, or of an item by text of a plain dictionary in one; `MISSING` for other code."""
    if not isinstance(node, ast.Subscript):
        return _value(node, namespace)
    owner = _item(node.value, namespace)
    key = text_of(node.slice)
    return held_in(owner, key, MISSING) if type(owner) is dict and key is not None else MISSING


def _labels(obj: object) -> list[str]:
    """Return the keys of a dictionary, or the columns of a frame, that are strings."""
    return [key for key in obj if type(key) is str] if type(obj) is dict else text_columns(obj)


def _not_given(failure: _Failure) -> str:
    """Explain that the result of a call has no such key."""
    key = failure.message
    for node in ast.walk(parse(failure.source)) if key else ():
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Call) and text_of(node.slice) == key:
            call = shorten(ast.unparse(node.value), CALL_CHARS)
            return f"{shorten(key, CALL_CHARS)!r} is not in what `{call}` gives: print that first."
    return ""


def _no_file(failure: _Failure) -> str:
    """Return the files with similar names in the same folder, or else the live data."""
    path = getattr(failure.error, "filename", None)
    if type(path) is not str:
        return ""
    folder = Path(path).parent
    try:
        names = [entry.name for entry, _ in zip(folder.iterdir(), range(FILES), strict=False) if entry.is_file()]
    except OSError:
        names = []
    alike = near(Path(path).name, [name for name in names if not name.startswith(".")], 2)
    meant = suggestion([str(folder / name) for name in alike], quoted=True)
    return f"There is no file {path!r}. {meant or where_the_data_is(failure.namespace)}"


def _not_decoded(failure: _Failure) -> str:
    """Name the encoding of the bytes that were not decoded."""
    data = getattr(failure.error, "object", None)
    decoded = decode(data[:DECODED]) if type(data) is bytes else None
    if decoded is None:
        return "The file is no text in UTF-8."
    return f"The bytes are not UTF-8, but could be {decoded[1]}: give `encoding={decoded[1]!r}` to what reads them."


#: Compared by identity, because a metaclass of the user's may define `__eq__` and `__hash__`.
_EXPLANATIONS: tuple[tuple[type[BaseException], tuple[Callable[[_Failure], str], ...]], ...] = (
    (UnboundLocalError, (_unbound,)),
    (NameError, (_unbound,)),
    (AttributeError, (_no_attribute,)),
    (ModuleNotFoundError, (_not_imported,)),
    (ImportError, (_not_imported,)),
    (TypeError, (_called, _text_for_dict)),
    (KeyError, (_no_key, _not_given)),
    (FileNotFoundError, (_no_file,)),
    (UnicodeDecodeError, (_not_decoded,)),
)


# --- errors inside a tool ----------------------------------------------------------------------------------------


def _explain_tool(error: BaseException, namespace: Mapping[str, Any]) -> str:
    """Describe the tool that raised the error."""
    tools = {name: obj for name, obj in namespace.items() if is_own(obj)}
    names = {obj.__code__: name for name, obj in tools.items()}
    frames = (frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__))
    called = next((names[code] for code in frames if code in names), None)
    return visible(shorten(describe(tools[called]), TOOL_CHARS)) if called is not None else ""
