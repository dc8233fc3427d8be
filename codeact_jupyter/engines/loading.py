"""Loading of a model by name: find or fetch its file, check it, and fit its window into the free memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from ..dialects.prompt import DIALECTS, Dialect
from ..errors import ModelError
from ..models.catalogue import Model, find
from ..models.folders import expanded, prefix_cache_directory
from ..models.header import read_header
from ..models.memory import fit_context, free_bytes
from ..models.store import locate, verified_sha256
from . import Engine
from .first_load import is_known, load_in_child, sha256_of
from .llama import LlamaEngine
from .openai_server import ServerEngine, host_of


def open_model(
    name: str,
    *,
    context_size: int = 0,
    threads: int = 0,
    adapter: str = "",
    server: str = "",
    offline: bool = False,
    report: Callable[[str], None] = lambda text: None,
) -> tuple[Engine, Dialect]:
    """Return the engine of a model, which is created once per process, and the model's dialect.

    Args:
        name: catalogue name, path of a GGUF file, or hub id; with `server`, the model's name there.
        context_size: window in tokens; 0 for the largest up to 8,192 that fits the free memory.
        threads: threads of the model; 0 for one per physical core.
        adapter: path of a LoRA adapter for the model; empty for the model's own, or none.
        server: address of a server that has the model; empty to run it here.
        offline: never download, and send nothing to a server.
        report: called with a line of text at each step.

    Raises:
        ModelError: the model cannot be found, downloaded, verified, or fitted into the memory; or `offline` forbids it.
    """
    if server:
        if offline:
            raise ModelError(f"`offline` is set, so nothing is sent to {host_of(server)}: unset it, or unset `server`.")
        known = find(name)
        return _server(server, name, context_size, report), DIALECTS[known.protocol if known else "markdown"]
    model, path = locate(name, offline=offline, report=report)
    own = path.with_name(model.adapter) if model.adapter else None
    lora = expanded(adapter) if adapter else own
    return _engine((model, path, context_size, threads, lora), report), DIALECTS[model.protocol]


_Key: TypeAlias = tuple[Model, Path, int, int, Path | None]
_opened: dict[_Key, LlamaEngine] = {}
_servers: dict[tuple[str, str, int], ServerEngine] = {}


def _engine(key: _Key, report: Callable[[str], None]) -> LlamaEngine:
    """Return the engine for the key; the one before is closed first, so that its memory counts as free."""
    if key not in _opened:
        for engine in _opened.values():
            engine.close()
        _opened.clear()
        model, path, context_size, threads, adapter = key
        window = fit_context(read_header(path), context_size or None, free_bytes())
        files = [path, *([adapter] if adapter and adapter.is_file() else [])]
        is_pinned = model.sha256 is not None and len(files) == 1
        if is_unknown := not is_pinned and not is_known(files):
            report(f"{model.name}: first load, in a process of its own")

        def first(stopped: Callable[[], bool]) -> None:
            """Load unknown files in a child process. If that fails or is stopped, the next call opens them anew."""
            try:
                if is_unknown and not is_known(files):
                    load_in_child(files, stopped)
                engine.weights = _hashes(files)
            except BaseException:
                _opened.pop(key, None)
                raise

        engine = _opened[key] = LlamaEngine(
            path,
            name=model.name,
            context_size=window,
            chat_format=model.chat_format,
            threads=threads or None,
            prefix_cache=prefix_cache_directory(),
            adapter=adapter,
            first=first,
        )
    return _opened[key]


def _hashes(files: list[Path]) -> dict[str, str]:
    """Return the SHA-256 of loaded files: of a file of the catalogue as it was verified, of others computed once."""
    verified = verified_sha256(files[0])
    return {files[0].name: verified} if verified and len(files) == 1 else sha256_of(files)


def _server(url: str, model: str, context_size: int, report: Callable[[str], None]) -> ServerEngine:
    key = url, model, context_size
    if key not in _servers:
        report(f"The questions, the code and its outputs are sent to {host_of(url)}.")
        _servers[key] = ServerEngine(url, model=model, context_size=context_size or None)
    return _servers[key]
