"""From a model's name to an engine that runs it: find or fetch the file, check it, fit its window into the memory."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

from ..models.catalogue import Model
from ..models.header import read_header
from ..models.memory import fit_context, free_bytes
from ..models.store import locate
from ..protocols import DIALECTS, Dialect
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
    return _engine(model, path, context_size, threads), DIALECTS[model.protocol]


@functools.lru_cache(maxsize=1)
def _engine(model: Model, path: Path, context_size: int, threads: int) -> LlamaEngine:
    window = fit_context(read_header(path), context_size or None, free_bytes())
    return LlamaEngine(
        path, name=model.name, context_size=window, chat_format=model.chat_format, threads=threads or None
    )
