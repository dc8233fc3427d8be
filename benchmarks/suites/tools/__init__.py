"""Reasoning over several tools: eight small worlds, each with its own tools and eight tasks.

A task needs several calls, mostly in loops and conditions: no tool returns all of its world, and a code that proves an
effect cannot be known before. `test_split.sha256` holds a line for each task of the test split: fingerprint and name.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from codeact_jupyter.evaluation.task import Task

from . import apothecary, greenhouse, harbour, instruments, letters, observatory, parcels, tournament

_WORLDS = (parcels, greenhouse, instruments, tournament, apothecary, letters, observatory, harbour)

TASKS: tuple[Task, ...] = tuple(
    task for world in _WORLDS for task in (*world.SIMPLE, *world.EASY, *world.MIDDLE, *world.HARD)
)

#: estimated difficulty by the name of the task: 'simple', 'easy', 'middle' or 'hard'
LEVELS: Mapping[str, str] = MappingProxyType(
    {
        task.name: level
        for world in _WORLDS
        for level, tasks in (
            ("simple", world.SIMPLE),
            ("easy", world.EASY),
            ("middle", world.MIDDLE),
            ("hard", world.HARD),
        )
        for task in tasks
    }
)
