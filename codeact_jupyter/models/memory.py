"""How large a window fits into the memory that is free, asked before anything is loaded.

A model needs its weights, its KV cache and llama.cpp's compute buffers at once. The weights are mapped from the file
and could be paged in again and again, but a model that does not stay in memory takes minutes for a token, so they
count in full. The buffers follow what llama.cpp reserves for a batch of 512 tokens on the CPU: the larger of the
logits and of one layer's attention scores, and some vectors of the model's width.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ..errors import NotEnoughMemory
from .catalogue import models, size_text
from .header import Header

DEFAULT_WINDOW = 8192  #: tokens, when the user asks for none
SMALLEST_WINDOW = 2048  #: tokens; below this an agent's conversation is not worth having
STEP = 1024
BATCH = 512
FIXED_BYTES = 64 * 2**20  #: the runtime's own

_VERSION_1 = ("memory.limit_in_bytes", "memory.usage_in_bytes")
_VERSION_2 = ("memory.max", "memory.current")
_NO_LIMIT = 1 << 60  # version 1 says "no limit" with a number near 2**63


def needed_bytes(header: Header, context: int, kv_bytes_per_value: float = 2) -> int:
    """Bytes that the model takes with a window of `context` tokens."""
    logits = BATCH * header.vocabulary * 4
    attention = BATCH * context * 4 * (header.heads + 1)  # and one mask for all heads
    vectors = BATCH * header.embedding * 4 * 6
    cache = int(context * header.kv_values * kv_bytes_per_value)
    return header.file_bytes + cache + max(logits, attention) + vectors + FIXED_BYTES


def fit_context(header: Header, wanted: int | None, free: int, kv_bytes_per_value: float = 2) -> int:
    """The window to load the model with, in tokens: what is wanted, at most the trained one, less if memory is short.

    `wanted` None means a sensible default; it shrinks in steps to no less than 2,048 tokens. `free` is in bytes.

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
    """Bytes that this process can still take: of the machine, of its control group, of its address space."""
    import psutil

    rooms = [int(psutil.virtual_memory().available)]
    if sys.platform == "linux":
        rooms += cgroup_rooms(Path("/sys/fs/cgroup"), Path("/proc/self/cgroup"))
    if sys.platform != "win32":
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        if limit != resource.RLIM_INFINITY:
            rooms.append(limit - int(psutil.Process().memory_info().vms))
    return max(0, min(rooms))


def cgroup_rooms(root: Path, membership: Path) -> list[int]:
    """Bytes left in each control group with a memory limit that `membership` (/proc/self/cgroup) says we are in.

    Version 2 groups and the memory controller of version 1. Cached file pages do not count as used: the kernel gives
    them back.
    """
    rooms = []
    for line in _text(membership).splitlines():
        _, controllers, group = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        top = root / "memory" if controllers else root
        limit, usage = _VERSION_1 if controllers else _VERSION_2
        folder = top / group.lstrip("/")
        # Inside a container the group's path may not exist, and the limit is at the top.
        for place in [folder, *(parent for parent in folder.parents if parent.is_relative_to(top))]:
            most, used = _text(place / limit).strip(), _text(place / usage).strip()
            if most.isdigit() and used.isdigit() and int(most) < _NO_LIMIT:
                rooms.append(int(most) - int(used) + _file_pages(place))
    return rooms


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
