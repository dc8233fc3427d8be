"""From a model's name to an engine that runs it: find or fetch the file, check it, fit its window into the memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..dialects.prompt import DIALECTS, Dialect
from ..models.catalogue import Model
from ..models.header import read_header
from ..models.memory import fit_context, free_bytes
from ..models.store import locate, prefix_directory
from .llama import LlamaEngine


def open_model(
    name: str,
    *,
    context_size: int = 0,
    threads: int = 0,
    offline: bool = False,
    report: Callable[[str], None] = lambda text: None,
) -> tuple[LlamaEngine, Dialect]:
    """The engine for a model and the dialect it speaks. Each model is loaded once per process.

    `context_size` and `threads` of 0 choose by themselves. Raises `ModelError`.
    """
    model, path = locate(name, offline=offline, report=report)
    return _engine((model, path, context_size, threads)), DIALECTS[model.protocol]


_opened: dict[tuple[Model, Path, int, int], LlamaEngine] = {}


def _engine(key: tuple[Model, Path, int, int]) -> LlamaEngine:
    """The engine for the key; the one before is closed first, so that its memory counts as free."""
    if key not in _opened:
        for engine in _opened.values():
            engine.close()
        _opened.clear()
        model, path, context_size, threads = key
        window = fit_context(read_header(path), context_size or None, free_bytes())
        _opened[key] = LlamaEngine(
            path,
            name=model.name,
            context_size=window,
            chat_format=model.chat_format,
            threads=threads or None,
            prefixes=prefix_directory(),
        )
    return _opened[key]
