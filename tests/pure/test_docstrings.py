"""Public functions, methods and classes document their parameters and results, in Google style.

    python tests/pure/test_docstrings.py               list what is missing, in the whole package
    python tests/pure/test_docstrings.py PATH …        … in these files and folders

ruff's `D` rules hold the form of a docstring; this holds its contents. A summary that begins with "Return" or "Yield"
says what is returned: it needs no such section.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

FIRST_WORD = re.compile(r"(What|Whether|How|Where|Why|That)\b")
SEE = re.compile(r"\bSee `([\w.]+)`\.")
ENTRY = re.compile(r"\*{0,2}(\w+)(?: \([^)]*\))?:\s*\S")
SECTIONS = "Args|Attributes|Example|Examples|Note|Raises|Returns|Yields"
STREAMS = {"AsyncGenerator", "AsyncIterator", "Generator", "Iterable", "Iterator"}
#: Decorators and base classes that make a constructor of a class's fields.
CONSTRUCTING = {"dataclass", "NamedTuple", "Struct", "TypedDict"}
NOTHING = {None, "None", "Never", "NoReturn"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def package() -> Path:
    """Return the folder of the package, in the working directory or else beside this file's `tests/`."""
    here = Path("codeact_jupyter").resolve()
    return here if here.is_dir() else Path(__file__).resolve().parent.parent.parent / "codeact_jupyter"


def modules(places: Iterable[Path]) -> list[Path]:
    """Return the Python files at or below `places` that are checked."""
    return [file for place in places for file in (sorted(place.rglob("*.py")) if place.is_dir() else [place])]


def offences(path: Path) -> list[str]:
    """Return what is missing in one file, as `line: name: problem`."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    found = [(1, "module", problem) for problem in first_word(tree)]
    constructing = set(CONSTRUCTING)
    for node, name, public in definitions(tree):
        problems = first_word(node)
        if isinstance(node, ast.ClassDef) and {last_name(base) for base in node.bases} & constructing:
            constructing.add(node.name)
        if public and isinstance(node, ast.ClassDef):
            problems += class_problems(node, source.splitlines(), constructing)
        elif public:
            assert isinstance(node, Function)
            problems += function_problems(node, is_method="." in name)
        found += [(node.lineno, name, problem) for problem in problems]
    return [f"{line}: {name}: {problem}" for line, name, problem in found]


def definitions(
    tree: ast.Module | ast.ClassDef, within: str = "", public: bool = True
) -> Iterator[tuple[ast.ClassDef | Function, str, bool]]:
    """Yield the classes and functions outside functions: the node, its dotted name, and if it is public."""
    for node in statements(tree.body):
        if isinstance(node, ast.ClassDef | Function):
            shown = public and not node.name.startswith("_")
            yield node, within + node.name, shown
            if isinstance(node, ast.ClassDef):
                yield from definitions(node, f"{within}{node.name}.", shown)


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements, and those in the branches of `if` and `try`."""
    for node in body:
        yield node
        for part in ("body", "orelse", "finalbody", "handlers"):
            if isinstance(node, ast.If | ast.Try):
                yield from statements(getattr(node, part, []))
            elif isinstance(node, ast.ExceptHandler) and part == "body":
                yield from statements(node.body)


def first_word(node: ast.Module | ast.ClassDef | Function) -> list[str]:
    """Return a problem if the docstring starts with a word such as `Whether`."""
    match = FIRST_WORD.match((ast.get_docstring(node) or "").strip())
    return [f"the docstring starts with {match.group(1)}"] if match else []


def function_problems(node: Function, *, is_method: bool) -> list[str]:
    """Return what the docstring of a public function or method leaves out."""
    decorators = {last_name(decorator) for decorator in node.decorator_list}
    if decorators & {"overload", "override", "property", "cached_property", "setter", "deleter"}:
        return []
    text = ast.get_docstring(node) or ""
    if references(text):
        return unknown_references(text)
    has_self = is_method and "staticmethod" not in decorators
    problems = parameter_problems(text, parameters(node)[has_self:])
    returned = last_name(node.returns)
    if returned not in NOTHING and not has_section(text, "Returns") and not text.startswith(("Return ", "Yield ")):
        if returned not in STREAMS:
            problems.append("no Returns:")
        elif not has_section(text, "Yields"):
            problems.append("no Yields: and no Returns:")
    return problems


def class_problems(node: ast.ClassDef, lines: list[str], constructing: set[str]) -> list[str]:
    """Return what the docstring of a public class leaves out of its constructor's parameters."""
    text = ast.get_docstring(node) or ""
    if references(text):
        return unknown_references(text)
    init = next((each for each in node.body if isinstance(each, Function) and each.name == "__init__"), None)
    if init:
        return parameter_problems(text, parameters(init)[1:])
    if not {last_name(each) for each in [*node.decorator_list, *node.bases]} & constructing:
        return []
    told = entries(text, "Args") | entries(text, "Attributes")
    missing = [field.target.id for field in fields(node) if not has_comment(field, lines)]  # type: ignore[union-attr]
    return [f"no `#:` comment, Args: or Attributes: for {name}" for name in missing if name not in told]


def parameter_problems(text: str, names: list[str]) -> list[str]:
    """Return the parameters that `Args:` leaves out, and those that it names and that are none."""
    told = entries(text, "Args")
    if names and not told:
        return [f"no Args: for {', '.join(names)}"]
    missing = [f"no entry in Args: for {name}" for name in names if name not in told]
    return missing + [f"{name} in Args: is no parameter" for name in sorted(told - set(names))]


def parameters(node: Function) -> list[str]:
    """Return the names of all parameters, `self` included."""
    spec = node.args
    all_of_them = [*spec.posonlyargs, *spec.args, spec.vararg, *spec.kwonlyargs, spec.kwarg]
    return [arg.arg for arg in all_of_them if arg and (not arg.arg.startswith("_"))]


def fields(node: ast.ClassDef) -> list[ast.AnnAssign]:
    """Return the public fields that become parameters of the constructor."""
    return [
        each
        for each in node.body
        if isinstance(each, ast.AnnAssign)
        and isinstance(each.target, ast.Name)
        and not each.target.id.startswith("_")
        and last_name(each.annotation) not in {"ClassVar", "KW_ONLY"}
        and "init=False" not in ast.unparse(each)
    ]


def has_comment(field: ast.AnnAssign, lines: list[str]) -> bool:
    """Return True if a `#:` comment stands on the field's line or directly above it."""
    if any("#:" in lines[number - 1] for number in (field.lineno, field.end_lineno or field.lineno)):
        return True
    above = field.lineno - 2
    while above >= 0 and lines[above].lstrip().startswith("#"):
        if lines[above].lstrip().startswith("#:"):
            return True
        above -= 1
    return False


def has_section(text: str, section: str) -> bool:
    """Return True if the docstring has such a section, with something in it."""
    return bool(re.search(rf"^{section}:\n +\S", text, re.MULTILINE))


def entries(text: str, section: str) -> set[str]:
    """Return the names that a section of the docstring documents."""
    body = re.search(rf"^{section}:\n(.*?)(?=^(?:{SECTIONS}):$|^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    lines = [line for line in body.group(1).splitlines() if line.strip()] if body else []
    outermost = min((len(line) - len(line.lstrip()) for line in lines), default=0)
    matches = (ENTRY.match(line[outermost:]) for line in lines)
    return {match.group(1) for match in matches if match}


def references(text: str) -> list[str]:
    """Return what the docstring refers to for its parameters and result, as ``See `Host.deliver`.``."""
    return SEE.findall(text)


def unknown_references(text: str) -> list[str]:
    """Return a problem for each reference to something that the package does not have."""
    return [f"See `{name}`: there is none" for name in references(text) if name not in defined(package())]


@cache
def defined(root: Path) -> frozenset[str]:
    """Return the names of everything defined below `root`: `function`, `Class`, `Class.method`."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in root.rglob("*.py"))
    return frozenset(name for tree in trees for _, name, _ in definitions(tree))


def last_name(node: ast.expr | None) -> str | None:
    """Return `c` of `a.b.c`, `c[x]`, `c(x)` and of these as a string, or `None`."""
    if isinstance(node, ast.Constant):
        return last_name(ast.parse(node.value, mode="eval").body) if isinstance(node.value, str) else str(node.value)
    if isinstance(node, ast.Subscript):
        return last_name(node.value)
    if isinstance(node, ast.Call):
        return last_name(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ("…" if node else None)


@pytest.mark.parametrize("path", modules([package()]), ids=lambda path: path.relative_to(package()).as_posix())
def test_public_names_document_parameters_and_results(path: Path) -> None:
    assert offences(path) == []


def main(places: list[str]) -> int:
    """Print what is missing at `places`, and how much in each folder; return 1 if there is anything."""
    counts = Counter[str]()
    for path in modules(map(Path, places or [str(package())])):
        for offence in offences(path):
            print(f"{path}:{offence}")
            counts[str(path.parent)] += 1
    print(*(f"{count:5} {folder}" for folder, count in sorted(counts.items())), f"{counts.total():5} in all", sep="\n")
    return 1 if counts else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
