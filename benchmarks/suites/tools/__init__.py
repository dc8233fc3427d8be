"""Reasoning over several tools: eight little worlds, each with tools of its own and eight tasks.

A task is solved by calling the tools, mostly in loops and conditions: no tool tells all of its world at once, and a
code that a tool returns cannot be known before its effect is brought about. `test_split.sha256` holds the fingerprints
of the test split, one a line with the task's name.
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

#: how hard a task is thought to be, by its name: 'simple', 'easy', 'middle' or 'hard'
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
