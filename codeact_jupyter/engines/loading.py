"""Loading of a model by name: find or fetch its file, check it, and fit its window into the free memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..dialects.prompt import DIALECTS, Dialect
from ..models.catalogue import Model
from ..models.header import read_header
from ..models.memory import fit_context, free_bytes
from ..models.store import locate, prefix_cache_directory
from .llama import LlamaEngine


def open_model(
    name: str,
    *,
    context_size: int = 0,
    threads: int = 0,
    offline: bool = False,
    report: Callable[[str], None] = lambda text: None,
) -> tuple[LlamaEngine, Dialect]:
    """Return the engine of a model, which is created once per process, and the model's dialect.

    Args:
        name: catalogue name, path of a GGUF file, or hub id.
        context_size: window in tokens; 0 for the largest up to 8,192 that fits the free memory.
        threads: threads of the model; 0 for one per physical core.
        offline: never download.
        report: called with a line of text at each step.

    Raises:
        ModelError: the model cannot be found, downloaded, verified, or fitted into the memory.
    """
    model, path = locate(name, offline=offline, report=report)
    return _engine((model, path, context_size, threads)), DIALECTS[model.protocol]


_opened: dict[tuple[Model, Path, int, int], LlamaEngine] = {}


def _engine(key: tuple[Model, Path, int, int]) -> LlamaEngine:
    """Return the engine for the key; the one before is closed first, so that its memory counts as free."""
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
            prefix_cache=prefix_cache_directory(),
        )
    return _opened[key]
