"""What a run is asked to do, and under which conditions."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ..errors import UsageProblem
from .arms import MODES, applies, check_arm
from .records import Key
from .task import Task


@dataclass(frozen=True, slots=True)
class Settings:
    """A run's settings. Raises `UsageProblem` for those that make no sense."""

    suite: str  #: a name, or a path: see `loading`
    model: str = "qwen2.5-coder-1.5b"
    engine: str = ""  #: in place of the model: `FILE.py:FUNCTION`, which returns an `Engine`
    agent: str = ""  #: in place of ours: `FILE.py:FUNCTION`, see `peers`; the arms are then names of your own
    modes: tuple[str, ...] = ("code",)
    arms: tuple[str, ...] = ("full",)
    seeds: tuple[int, ...] = (0,)
    split: str = "dev"
    limit: int = 0  #: tasks at most; 0 for all
    max_turns: int = 10
    max_seconds: float = 60.0
    max_tokens: int = 768
    temperature: float = 0.0
    refusals: int = 0  #: wrong answers that the checker may refuse
    workers: int = 1

    def __post_init__(self) -> None:
        if unknown := [mode for mode in self.modes if mode not in MODES]:
            raise UsageProblem(f"There is no mode {unknown[0]!r}. The modes are {', '.join(MODES)}.")
        for arm in self.arms if not self.agent else ():
            check_arm(arm)
        if self.split not in ("dev", "test", "all"):
            raise UsageProblem(f"There is no split {self.split!r}: dev, test or all.")
        least = {"max_turns": 1, "max_tokens": 16, "workers": 1, "limit": 0, "refusals": 0, "temperature": 0}
        for name, value in least.items():
            if getattr(self, name) < value:
                raise UsageProblem(f"{name.replace('_', '-')} must be {value} or more.")
        if self.max_seconds <= 0:
            raise UsageProblem("max-seconds must be more than 0.")

    def conditions(self) -> dict[str, Any]:
        """What all records of a run have in common; the rest of the settings only says which are made."""
        plan = ("modes", "arms", "seeds", "split", "limit", "workers", "suite", "model")
        return {name: value for name, value in asdict(self).items() if name not in plan}

    def plan(self, tasks: tuple[Task, ...]) -> list[Key]:
        """What is to be attempted: task by task, so that what is compared is run under the same circumstances."""
        return [
            (task.name, mode, arm, seed)
            for task in tasks
            for mode in self.modes
            if mode == "code" or task.tools
            for seed in self.seeds
            for arm in self.arms
            if applies(arm, mode)
        ]
