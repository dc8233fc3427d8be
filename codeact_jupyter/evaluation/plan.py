"""The plan of a run: settings, arms, and the attempts that they ask for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..errors import UsageProblem
from ..models.catalogue import DEFAULT_MODEL
from ..session.techniques import NAMES, NONE, Techniques
from .records import Key, Record
from .task import Task

MODES = ("code", "json", "text")
PAPER = "paper"  #: the arm of the published protocol
ARMS = ("full", "bare", *(f"no-{name}" for name in NAMES), PAPER)
LOST = ("killed", "error", "failed")  #: statuses of attempts that cannot stand in for others
#: techniques without effect as long as no reply has a fault
SCREENING = frozenset({"validate", "resample", "vote", "repair", "breaker", "evidence", "rests"})
#: techniques without effect as long as no step fails
EXPLAINING = frozenset({"hints"})


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of a run.

    Raises:
        UsageProblem: A value is invalid.
    """

    suite: str  #: short name, path or module of the suite
    model: str = DEFAULT_MODEL  #: catalogue name, GGUF path or hub id
    engine: str = ""  #: `FILE.py:FUNCTION` that returns an `Engine`, in place of the model
    agent: str = ""  #: `FILE.py:FUNCTION` in place of our agent; the arms are then names of your own
    modes: tuple[str, ...] = ("code",)  #: some of `MODES`
    arms: tuple[str, ...] = ("full",)  #: some of `ARMS`
    seeds: tuple[int, ...] = (0,)  #: of the sampling
    split: str = "dev"  #: `dev`, `test` or `all`
    limit: int = 0  #: maximum number of tasks; 0 for all
    max_turns: int = 10  #: turns of the model for a task
    max_seconds: float = 60.0  #: time for a task
    max_tokens: int = 768  #: tokens of a reply
    temperature: float = 0.0  #: 0 for the most likely text
    refusals: int = 0  #: wrong answers of a task that are refused
    workers: int = 1  #: processes
    cluster: str = ""  #: address of a Dask scheduler, whose workers make the attempts; empty for none

    def __post_init__(self) -> None:
        if unknown := [mode for mode in self.modes if mode not in MODES]:
            raise UsageProblem(f"There is no mode {unknown[0]!r}. The modes are {', '.join(MODES)}.")
        for arm in self.arms if not self.agent else ():
            techniques_of(arm)
        if self.split not in ("dev", "test", "all"):
            raise UsageProblem(f"There is no split {self.split!r}: dev, test or all.")
        least = {"max_turns": 1, "max_tokens": 16, "workers": 1, "limit": 0, "refusals": 0, "temperature": 0}
        for name, value in least.items():
            if getattr(self, name) < value:
                raise UsageProblem(f"{name.replace('_', '-')} must be {value} or more.")
        if self.max_seconds <= 0:
            raise UsageProblem("max-seconds must be more than 0.")
        if self.cluster and self.workers > 1:
            raise UsageProblem("Give workers or cluster: each worker of a cluster makes attempts, one at a time.")

    @property
    def conditions(self) -> dict[str, Any]:
        """Settings that all records of a run have in common."""
        plan = ("modes", "arms", "seeds", "split", "limit", "workers", "cluster", "suite", "model")
        return {name: value for name, value in asdict(self).items() if name not in plan}

    def plan(self, tasks: tuple[Task, ...]) -> list[Key]:
        """List the attempts, task by task, so that what is compared runs under the same circumstances.

        Args:
            tasks: Tasks of the suite.

        Returns:
            Keys of the attempts. Tasks without tools are left out of the modes `json` and `text`, and so is `paper`.
        """
        return [
            (task.name, mode, arm, seed)
            for task in tasks
            for mode in self.modes
            if mode == "code" or task.tools
            for seed in self.seeds
            for arm in self.arms
            if mode == "code" or arm != PAPER
        ]


def techniques_of(arm: str) -> Techniques:
    """Return the techniques in use in an arm.

    Args:
        arm: One of `ARMS`.

    Raises:
        UsageProblem: There is no such arm.
    """
    if arm not in ARMS:
        raise UsageProblem(f"There is no arm {arm!r}. The arms are {', '.join(ARMS)}.")
    if arm == "full":
        return Techniques()
    return NONE if arm in ("bare", PAPER) else Techniques().without(arm.removeprefix("no-"))


def repeat_of(key: Key, records: Iterable[Record], temperature: float) -> Record | None:
    """Find a record that the attempt would only repeat, because what differs has no effect.

    At temperature 0 the seed has no effect as long as each first candidate is taken; neither have the techniques that
    find faults or deal with them. Explanations of errors need a step that failed.

    Args:
        key: Key of the attempt.
        records: Attempts that were made.
        temperature: Temperature of the run.

    Returns:
        Its record, a copy with `same_as`; None if the attempt must be made.
    """
    task, mode, arm, seed = key
    for record in records:
        same = (record.task, record.mode) == (task, mode) and record.status not in LOST and not record.same_as
        if same and _is_any_seed(record, seed, temperature) and _is_any_arm(record, arm):
            return replace(record, arm=arm, seed=seed, same_as=f"{record.arm}, seed {record.seed}")
    return None


def _is_any_seed(record: Record, seed: int, temperature: float) -> bool:
    return record.seed == seed or (temperature == 0 and record.discarded == 0)


def _is_any_arm(record: Record, arm: str) -> bool:
    if record.arm == arm:
        return True
    name = arm.removeprefix("no-")
    if record.arm != "full" or name == arm:
        return False
    unscreened = name not in SCREENING or record.discarded == 0
    unexplained = name not in EXPLAINING or not any(step.error for step in record.steps)
    return name in SCREENING | EXPLAINING and unscreened and unexplained
