"""What helps to repair a step that failed: the names, columns, signatures and files that are really there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from types import FunctionType, TracebackType
from typing import Any

from ..namespace.describe import describe, signature_text
from ..namespace.literals import is_one_of, type_name
from ..namespace.static_lookup import MISSING, class_in, class_names, of_class
from ..text import shorten, visible
from .cell import read_cell
from .finding import Finding, found, listed, near, suggestion
from .imports import explain_missing
from .inference.values import Table, of_live
from .names import explain_local, explain_unbound
from .remedies import remedy
from .static import find_all

HINT_CHARS = 400
CALL_CHARS = 80
_CALLED = re.compile(r"^(?:[\w<>]+\.)*(\w+)\(\) (?:missing|takes|got)")
_QUOTED = re.compile(r"'([^']{1,80})'")


def hint(error: BaseException, source: str, namespace: Mapping[str, Any]) -> str:
    """One or two lines about the error that the cell raised, empty when nothing helps; `namespace` is as it left it."""
    try:
        live = {name: obj for name, obj in namespace.items() if type(name) is str}
        text = next((text for text in _hints(error, source, live) if text), "")
    except Exception:  # an unforeseen object: no hint
        return ""
    return visible(shorten(" ".join(text.split()), HINT_CHARS))


def _hints(error: BaseException, source: str, namespace: dict[str, Any]) -> Iterator[str]:
    cls = type(error)
    yield remedy(f"{type_name(cls)}: {_message(error)}")
    if cls is UnboundLocalError:
        yield _local(error)
    elif cls is NameError:
        yield _unbound(error, source, namespace)
    elif cls is AttributeError:
        yield _no_attribute(error)
    elif cls is ModuleNotFoundError and type(error.name) is str:  # type: ignore[attr-defined]
        yield _of_kind("import", error, source, namespace) or explain_missing(error.name)  # type: ignore[attr-defined]
    elif cls is ImportError:
        yield _of_kind("import", error, source, namespace)
    elif cls is TypeError:
        yield _of_kind("call", error, source, namespace)
        yield _called(error, source, namespace)
    elif cls is KeyError or cls is class_in("pandas.errors", "UndefinedVariableError"):
        yield _of_kind("column", error, source, namespace)
        yield _no_key(error, source, namespace)
        yield _not_given(error, source)
    elif cls is FileNotFoundError:
        yield _of_kind("file", error, source, namespace)
    elif cls is ValueError:
        yield _of_kind("column", error, source, namespace)


def _of_kind(kind: str, error: BaseException, source: str, namespace: dict[str, Any]) -> str:
    """What the static checks say of the statement that failed, now that all before it has run."""
    try:
        findings = find_all(_failed(error, source), namespace)
        return next((finding.text for finding in findings if finding.kind == kind), "")
    except (SyntaxError, ValueError):
        return ""


def _failed(error: BaseException, source: str) -> str:
    """The top-level statement in which the error came up; the whole cell where that cannot be told."""
    tree = read_cell(source, {}).tree
    line = _line(error.__traceback__)
    statement = next((part for part in tree.body if part.lineno <= line <= (part.end_lineno or part.lineno)), None)
    imports = [part for part in tree.body if isinstance(part, ast.Import | ast.ImportFrom)]
    if statement is None or statement in imports:
        return source
    return ast.unparse(ast.Module([*imports, statement], []))


def _line(traceback: TracebackType | None) -> int:
    while traceback is not None:
        if traceback.tb_frame.f_code.co_name.startswith(("<module", "<cell line")):
            return traceback.tb_lineno
        traceback = traceback.tb_next
    return 0


def _message(error: BaseException) -> str:
    return error.args[0] if error.args and type(error.args[0]) is str else ""


# --- one error each ----------------------------------------------------------------------------------------------


def _local(error: BaseException) -> str:
    name = next(iter(_QUOTED.findall(_message(error))), "")
    return explain_local(name) if name else ""


def _unbound(error: BaseException, source: str, namespace: dict[str, Any]) -> str:
    name = getattr(error, "name", None) or next(iter(_QUOTED.findall(_message(error))), None)
    if type(name) is not str:
        return ""
    tree = read_cell(source, {}).tree
    return explain_unbound(name, namespace, tree)


def _no_attribute(error: BaseException) -> str:
    obj, name = getattr(error, "obj", None), getattr(error, "name", None)
    if type(name) is not str:
        return ""
    if obj is None:
        return "The object is None: a method that changes in place, or a function without `return`, gives None."
    cls = type(obj)
    value = of_live(obj)
    columns = value.columns if isinstance(value, Table) else ()
    if issubclass(cls, type):
        return suggestion(near(name, class_names(obj)))
    names = [*(label for label in columns if type(label) is str), *class_names(cls)]
    if type(held := _held(obj)) is dict:
        names += [key for key in held if type(key) is str and not key.startswith("_")]
    alike = near(name, names)
    if name in columns:
        return ""
    start = f"A {type_name(cls)} has no `{name}`."
    return (
        f"{start} {suggestion(alike)}"
        if alike
        else start
        if not columns
        else f"{start} Its columns: {listed(columns)}."
    )


def _held(obj: object) -> Any:
    """The object's own attributes, if it keeps them in an ordinary way."""
    if of_class(type(obj), "__getattribute__") is not object.__getattribute__:
        return None
    slot = of_class(type(obj), "__dict__")
    return None if slot is MISSING or type(slot) is property else object.__getattribute__(obj, "__dict__")


def _called(error: BaseException, source: str, namespace: dict[str, Any]) -> str:
    """The true signature of the live function that was called wrongly, or the name that is no function any more."""
    if match := _CALLED.match(_message(error)):
        obj = namespace.get(match[1])
        if type(obj) is FunctionType:
            return f"Its signature: {match[1]}{signature_text(obj)}"
        methods = [of_class(cls, match[1]) for cls in _classes() if match[0].startswith(f"{cls.__name__}.")]
        method = next((method for method in methods if type(method) is FunctionType), None)
        return f"Its signature: {match[1]}{signature_text(method, 1)}" if method else ""
    if "not callable" in _message(error):
        for node in ast.walk(ast.parse(_failed(error, source))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                obj = namespace.get(node.func.id)
                if is_one_of(type(obj), (str, int, float, list, dict, tuple, set)):
                    return f"`{node.func.id}` is no function but a value: {shorten(describe(obj), 100)}."
    return ""


def _classes() -> list[type]:
    known = [class_in("pandas", name) for name in ("DataFrame", "Series")]
    known += [class_in("pandas.core.groupby.generic", name) for name in ("DataFrameGroupBy", "SeriesGroupBy")]
    return [cls for cls in known if cls is not MISSING]


def _labels(obj: object) -> list[str]:
    """The columns of a frame, or the keys of a dictionary, as far as they are strings."""
    value = of_live(obj)
    labels = value.columns if isinstance(value, Table) else tuple(obj) if type(obj) is dict else ()
    return [label for label in labels if type(label) is str]


def _no_key(error: BaseException, source: str, namespace: dict[str, Any]) -> str:
    """The columns or keys of what the cell looks into, those like the missing one first."""
    message = _message(error)
    wanted = _QUOTED.findall(message) or ([message] if message else [])
    names = {node.id for node in ast.walk(read_cell(source, {}).tree) if isinstance(node, ast.Name)}
    options: list[tuple[bool, Finding]] = []
    for name in [known for known in namespace if known in names]:
        obj = namespace[name]
        labels = _labels(obj)
        label = next((text for text in wanted if text not in labels), None)
        if not labels or label is None:
            continue
        alike = near(label, labels)
        what = "keys" if type(obj) is dict else "columns"
        text = found(
            "column",
            f"`{name}` has no {label!r}.",
            suggestion(alike, quoted=True),
            f"Its {what}: {listed(labels, alike)}.",
        )
        options.append((not alike, text))
    return min(options, key=lambda option: option[0])[1].text if options else ""


def _not_given(error: BaseException, source: str) -> str:
    """That what a call gives has no such key."""
    key = shorten(_message(error), CALL_CHARS)
    for node in ast.walk(ast.parse(_failed(error, source))) if key else ():
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Call):
            call = shorten(ast.unparse(node.value), CALL_CHARS)
            return f"{key!r} is not in what `{call}` gives: print that first."
    return ""
