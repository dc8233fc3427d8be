"""Explanation of an error that a cell raised: the names, columns, signatures and files that really exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import FunctionType, TracebackType
from typing import Any

from ..namespace.describe import describe, signature_text
from ..namespace.literals import is_one_of, type_name
from ..namespace.static_lookup import MISSING, class_in, class_names, columns_of, is_own, of_class, text_columns
from ..text import shorten, visible
from .cell import parse
from .finding import Finding, Kind, found, listed, near, suggestion
from .imports import explain_missing
from .names import explain_local, explain_unbound
from .remedies import remedy
from .static import find_all

HINT_CHARS = 400  #: Characters of an explanation at most.
CALL_CHARS = 80  #: Characters of a quoted call or key at most.
TOOL_CHARS = 300  #: Characters of a tool's description at most.
SOURCES = 2  #: Tools at most that are named for one parameter.
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

    @property
    def statement(self) -> str:
        """The top-level statement that failed, with the cell's imports; the whole cell if that is not known."""
        tree = parse(self.source)
        line = _line(self.error.__traceback__)
        statement = next((part for part in tree.body if part.lineno <= line <= (part.end_lineno or part.lineno)), None)
        imports = [part for part in tree.body if isinstance(part, ast.Import | ast.ImportFrom)]
        if statement is None or statement in imports:
            return self.source
        return ast.unparse(ast.Module([*imports, statement], []))


def explain_error(error: BaseException, source: str, namespace: Mapping[str, Any]) -> str:
    """Explain an error of a cell.

    Args:
        error: The exception, with its traceback.
        source: Source of the cell.
        namespace: Live objects by name, as the cell left them.

    Returns:
        One or two lines for the model; if nothing else helps, about the tool that raised the error, or empty.
    """
    live = {name: obj for name, obj in namespace.items() if type(name) is str}
    return hint(error, source, live) or _explain_tool(error, live)


def hint(error: BaseException, source: str, namespace: Mapping[str, Any]) -> str:
    """Explain an error by its message and the statement that failed, not by the tool that raised it.

    See `explain_error`.
    """
    live = {name: obj for name, obj in namespace.items() if type(name) is str}
    try:
        text = next(filter(None, _hints(_Failure(error, source, live))), "")
    except Exception:  # an unforeseen object: no hint
        return ""
    return visible(shorten(" ".join(text.split()), HINT_CHARS))


def _hints(failure: _Failure) -> Iterator[str]:
    """Yield explanations, the best first; some are empty."""
    cls = type(failure.error)
    yield remedy(f"{type_name(cls)}: {failure.message}")
    if cls is class_in("pandas.errors", "UndefinedVariableError"):
        cls = KeyError
    for known, explanations in _EXPLANATIONS:
        if cls is known:
            yield from (explain(failure) for explain in explanations)


# --- one error each ----------------------------------------------------------------------------------------------


def _finding(kind: Kind, failure: _Failure) -> str:
    """Return what the static checks find in the failed statement, now that everything before it has run."""
    try:
        findings = find_all(failure.statement, failure.namespace)
        return next((finding.text for finding in findings if finding.kind == kind), "")
    except (SyntaxError, ValueError):
        return ""


def _local(failure: _Failure) -> str:
    name = next(iter(_QUOTED.findall(failure.message)), "")
    return explain_local(name) if name else ""


def _unbound(failure: _Failure) -> str:
    name = getattr(failure.error, "name", None) or next(iter(_QUOTED.findall(failure.message)), None)
    return explain_unbound(name, failure.namespace, parse(failure.source)) if type(name) is str else ""


def _missing_module(failure: _Failure) -> str:
    name = getattr(failure.error, "name", None)
    return (_finding("import", failure) or explain_missing(name)) if type(name) is str else ""


def _no_attribute(failure: _Failure) -> str:
    obj, name = getattr(failure.error, "obj", None), getattr(failure.error, "name", None)
    if type(name) is not str:
        return ""
    if obj is None:
        return "The object is None: a method that changes in place, or a function without `return`, gives None."
    cls = type(obj)
    if issubclass(cls, type):
        return suggestion(near(name, class_names(obj)))
    columns = columns_of(obj)
    if name in columns:
        return ""
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
    """Return the signature of the live function that was called wrongly, or explain that the name is no function."""
    message = failure.message
    if match := _CALLED.match(message):
        methods = [of_class(cls, match[1]) for cls in _classes() if match[0].startswith(f"{cls.__name__}.")]
        functions = [(failure.namespace.get(match[1]), 0), *((method, 1) for method in methods)]
        function, skipped = next(((obj, n) for obj, n in functions if type(obj) is FunctionType), (None, 0))
        if function is None:
            return ""
        signature = f"Its signature: {match[1]}{signature_text(function, skipped)}"
        code = function.__code__
        parameters = code.co_varnames[skipped : code.co_argcount + code.co_kwonlyargcount]
        wanted = _QUOTED.findall(message) if "keyword argument" in message else []
        return f"{suggestion(near(wanted[0], parameters, 1)) if wanted else ''} {signature}"
    for node in ast.walk(ast.parse(failure.statement)) if "not callable" in message else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            obj = failure.namespace.get(node.func.id)
            if is_one_of(type(obj), (str, int, float, list, dict, tuple, set)):
                return f"`{node.func.id}` is no function but a value: {shorten(describe(obj), 100)}."
    return ""


def _classes() -> list[type]:
    known = [class_in("pandas", name) for name in ("DataFrame", "Series")]
    known += [class_in("pandas.core.groupby.generic", name) for name in ("DataFrameGroupBy", "SeriesGroupBy")]
    return [cls for cls in known if cls is not MISSING]


def _no_key(failure: _Failure) -> str:
    """Return the columns or keys of what the cell looks into, those similar to the missing one first."""
    message = failure.message
    wanted = _QUOTED.findall(message) or ([message] if message else [])
    names = {node.id for node in ast.walk(parse(failure.source)) if isinstance(node, ast.Name)}
    options: list[tuple[bool, Finding]] = []
    for name, obj in failure.namespace.items():
        labels = _labels(obj) if name in names else []
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


def _labels(obj: object) -> list[str]:
    """Return the keys of a dictionary, or the columns of a frame, that are strings."""
    return [key for key in obj if type(key) is str] if type(obj) is dict else text_columns(obj)


def _not_given(failure: _Failure) -> str:
    """Explain that the result of a call has no such key."""
    key = shorten(failure.message, CALL_CHARS)
    for node in ast.walk(ast.parse(failure.statement)) if key else ():
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Call):
            call = shorten(ast.unparse(node.value), CALL_CHARS)
            return f"{key!r} is not in what `{call}` gives: print that first."
    return ""


#: Compared by identity, because a metaclass of the user's may define `__eq__` and `__hash__`.
_EXPLANATIONS: tuple[tuple[type[BaseException], tuple[Callable[[_Failure], str], ...]], ...] = (
    (UnboundLocalError, (_local,)),
    (NameError, (_unbound,)),
    (AttributeError, (_no_attribute,)),
    (ModuleNotFoundError, (_missing_module,)),
    (ImportError, (partial(_finding, "import"),)),
    (TypeError, (_called,)),
    (KeyError, (_no_key, _not_given)),
    (FileNotFoundError, (partial(_finding, "file"),)),
)


# --- errors inside a tool ----------------------------------------------------------------------------------------


def _explain_tool(error: BaseException, namespace: Mapping[str, Any]) -> str:
    """Describe the tool that raised the error, and the tools that return what its parameters take."""
    tools = {name: obj for name, obj in namespace.items() if is_own(obj)}
    names = {obj.__code__: name for name, obj in tools.items()}
    frames = (step.tb_frame.f_code for step in _steps(error.__traceback__))
    called = next((names[code] for code in frames if code in names), None)
    if called is None:
        return ""
    parts = [shorten(describe(tools[called]), TOOL_CHARS)]
    code = tools[called].__code__
    for parameter in code.co_varnames[: code.co_argcount]:
        if givers := list(_givers(parameter, called, tools))[:SOURCES]:
            parts.append(f"What `{parameter}` can be is told by {' or '.join(givers)}.")
    return visible(" ".join(parts))


def _givers(parameter: str, called: str, tools: Mapping[str, FunctionType]) -> Iterator[str]:
    """Yield the tools that return several of what the parameter takes, by their names and docstrings."""
    word = parameter.removesuffix("_id").removesuffix("_name").removesuffix("s")
    if len(word) < 3:
        return
    plural = re.compile(rf"(?:^|[\W_]){re.escape(word)}(?:s|es)(?=$|[\W_])", re.IGNORECASE)
    for name, function in tools.items():
        summary = function.__doc__ if type(function.__doc__) is str else ""
        signature = signature_text(function)
        gives_many = re.match(r"list|dict|set|tuple|Iter|Seq", signature.rpartition(" -> ")[2])
        if name != called and gives_many and (plural.search(name) or plural.search(summary.partition(".")[0])):
            yield f"`{name}{signature}`"


# --- tracebacks --------------------------------------------------------------------------------------------------


def _steps(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _line(traceback: TracebackType | None) -> int:
    """Return the line of the cell's top level that failed, 0 if there is none."""
    cell = ("<module", "<cell line")
    lines = (step.tb_lineno for step in _steps(traceback) if step.tb_frame.f_code.co_name.startswith(cell))
    return next(lines, 0)
