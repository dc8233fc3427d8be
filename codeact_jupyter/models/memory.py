"""Estimate of a model's memory, and the largest window that fits, before anything is loaded.

A model needs its weights, its KV cache and llama.cpp's compute buffers at once. The weights are mapped from the file,
but a model that does not stay in memory takes minutes per token, so they count in full. The buffers are what llama.cpp
reserves for a batch of 512 tokens on the CPU: the larger of the logits and one layer's attention scores, and some
vectors of the model's width. A recurrent or hybrid model also needs its state and the copies of it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ..errors import NotEnoughMemory
from .catalogue import models, size_text
from .header import Header

DEFAULT_WINDOW = 8192  #: tokens
SMALLEST_WINDOW = 2048  #: tokens; an agent's conversation does not fit a smaller one
STEP = 1024  #: tokens by which a window shrinks
BATCH = 512  #: tokens
FIXED_BYTES = 64 * 2**20  #: of the runtime itself
CHECKPOINT_BYTES = 256 * 2**20  #: for all copies of a recurrent state; the newest one is kept even if it is larger

_VERSION_1 = ("memory.limit_in_bytes", "memory.usage_in_bytes")
_VERSION_2 = ("memory.max", "memory.current")
_NO_LIMIT = 1 << 60  # version 1 writes a number near 2**63 for "no limit"


def needed_bytes(header: Header, context: int, kv_bytes_per_value: float = 2) -> int:
    """Estimate the memory of a loaded model.

    Args:
        header: header of its file.
        context: window in tokens.
        kv_bytes_per_value: bytes per value of the KV cache.

    Returns:
        Bytes of weights, KV cache, recurrent state with its copies, and buffers.
    """
    logits = BATCH * header.vocabulary * 4
    attention = BATCH * context * 4 * (header.heads + 1)  # and one mask for all heads
    vectors = BATCH * header.embedding * 4 * 6
    cache = int(context * header.kv_values * kv_bytes_per_value)
    state = header.state_values * 4
    copies = max(CHECKPOINT_BYTES, state) if state else 0
    return header.file_bytes + cache + state + copies + max(logits, attention) + vectors + FIXED_BYTES


def fit_context(header: Header, wanted: int | None, free: int, kv_bytes_per_value: float = 2) -> int:
    """Choose the window to load a model with: at most the trained one, and smaller if memory is short.

    Args:
        header: header of the model's file.
        wanted: window in tokens; None for the default.
        free: free memory in bytes.
        kv_bytes_per_value: bytes per value of the KV cache.

    Returns:
        The window in tokens, not below 2,048 unless a smaller one is wanted or was trained.

    Raises:
        NotEnoughMemory: even the smallest window does not fit.
    """
    context = min(wanted or DEFAULT_WINDOW, header.context)
    smallest = min(SMALLEST_WINDOW, context)
    while needed_bytes(header, context, kv_bytes_per_value) > free:
        if context == smallest:
            raise _refusal(header, context, free, kv_bytes_per_value)
        context = max(smallest, (context - 1) // STEP * STEP)
    return context


def free_bytes() -> int:
    """Return the memory that this process can still allocate."""
    import psutil

    free = [int(psutil.virtual_memory().available)]
    if sys.platform == "linux":
        free += cgroup_free_bytes(Path("/sys/fs/cgroup"), Path("/proc/self/cgroup"))
    if sys.platform != "win32":
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        if limit != resource.RLIM_INFINITY:
            free.append(limit - int(psutil.Process().memory_info().vms))
    return max(0, min(free))


def cgroup_free_bytes(root: Path, membership: Path) -> list[int]:
    """Return the free memory of each control group with a memory limit, of version 2 or version 1.

    Cached file pages count as free: the kernel reclaims them.

    Args:
        root: where the control groups are mounted, `/sys/fs/cgroup`.
        membership: file that lists the groups of this process, `/proc/self/cgroup`.
    """
    free = []
    for line in _text(membership).splitlines():
        _, controllers, group = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        top = root / "memory" if controllers else root
        limit, usage = _VERSION_1 if controllers else _VERSION_2
        folder = top / group.lstrip("/")
        # In a container, the group's path may not exist: the limit is then at the top.
        for place in [folder, *(parent for parent in folder.parents if parent.is_relative_to(top))]:
            most, used = _text(place / limit).strip(), _text(place / usage).strip()
            if most.isdigit() and used.isdigit() and int(most) < _NO_LIMIT:
                free.append(int(most) - int(used) + _file_pages(place))
    return free


def _file_pages(group: Path) -> int:
    stat = dict(line.split(" ", 1) for line in _text(group / "memory.stat").splitlines() if " " in line)
    return int(stat.get("total_inactive_file", stat.get("inactive_file", 0)))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError:
        return ""


def _refusal(header: Header, context: int, free: int, kv_bytes_per_value: float) -> NotEnoughMemory:
    need = needed_bytes(header, context, kv_bytes_per_value)
    smaller = [model for model in models().values() if model.sha256 and model.bytes < min(header.file_bytes, free)]
    advice = ["close other programs"]
    if smaller:
        advice.insert(0, f"take a smaller model such as {max(smaller, key=lambda model: model.bytes).name}")
    if needed_bytes(header, 512, kv_bytes_per_value) <= free < need:
        advice.insert(0, "ask for a smaller window, down to 512 tokens")
    return NotEnoughMemory(
        f"{header.path.name} needs {size_text(need)} of memory with a window of {context:,} tokens "
        f"and {size_text(free)} are free: {', or '.join(advice)}."
    )
