"""Looking at live objects without running anything of theirs: no property, no attribute hook, no metaclass."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib.machinery import all_suffixes
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from .literals import is_one_of, of_type

MISSING: Any = object()
#: packages whose modules hold what their files say; others may make submodules and attributes up as they go
PREDICTABLE = frozenset(
    {"numpy", "pandas", "scipy", "matplotlib", "sklearn", "seaborn", "statsmodels", "polars"} | sys.stdlib_module_names
)


def exact_module(name: str) -> ModuleType | None:
    """The imported module of that dotted name, if it is a plain one."""
    module = sys.modules.get(name)
    return module if type(module) is ModuleType else None


def contents(module: ModuleType) -> dict[str, Any]:
    """The names in a module, whatever its class says."""
    slots: Any = ModuleType.__dict__
    found: dict[str, Any] = slots["__dict__"].__get__(module)
    return found


def module_name(module: ModuleType) -> str:
    """The module's dotted name; empty when it does not say."""
    name = contents(module).get("__name__")
    return name if type(name) is str else ""


def of_class(cls: type, name: str) -> Any:
    """What the class or its bases hold under that name, no descriptor asked; `MISSING` when nothing."""
    for base in of_type("__mro__", cls):
        held = of_type("__dict__", base)
        if name in held:
            return held[name]
    return MISSING


def class_names(cls: type) -> list[str]:
    """The public names of a class and its bases."""
    names = {name: None for base in of_type("__mro__", cls) for name in of_type("__dict__", base) if type(name) is str}
    return [name for name in names if not name.startswith("_")]


def class_in(module: str, name: str) -> Any:
    """A class of a library that is imported already; `MISSING` where it is not."""
    loaded = exact_module(module)
    return contents(loaded).get(name, MISSING) if loaded else MISSING


def is_exactly(obj: object, module: str, *names: str) -> bool:
    """Whether the object's class is one of these of that module."""
    return is_one_of(type(obj), tuple(class_in(module, name) for name in names))


def is_frame(obj: object) -> bool:
    """Whether it is a pandas or polars data frame itself."""
    return is_exactly(obj, "pandas", "DataFrame") or is_exactly(obj, "polars", "DataFrame")


def has_text_keys(held: dict[Any, Any], limit: int = 10_000) -> bool:
    """Whether all keys are strings themselves, so that looking one up runs no comparison of the user's."""
    return len(held) <= limit and all(type(key) is str for key in held)


def frames(namespace: Mapping[str, Any]) -> list[str]:
    """The names of the live data frames."""
    return [name for name, obj in namespace.items() if not name.startswith("_") and is_frame(obj)]


def is_own(function: object) -> bool:
    """Whether it is a plain function that is none of a library's: a tool of the user's."""
    if type(function) is not FunctionType:
        return False
    module = function.__globals__.get("__name__")
    top = module.partition(".")[0] if type(module) is str else ""
    return top not in PREDICTABLE and top not in ("IPython", "ipykernel")


def has_submodule(module: ModuleType, name: str) -> bool | None:
    """Whether a package has the submodule, by its files; None where its place is not known."""
    return has_file(contents(module).get("__path__"), name)


def has_file(places: object, name: str) -> bool | None:
    """Whether one of a package's directories holds the module; None where they are not a plain list of them."""
    if type(places) is not list or not all(type(place) is str for place in places):
        return None
    for place in places:
        if Path(place, name).is_dir() or any(os.path.exists(os.path.join(place, name + end)) for end in all_suffixes()):  # noqa: PTH110, PTH118
            return True
    return False
