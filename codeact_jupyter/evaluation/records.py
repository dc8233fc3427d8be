"""The files of a run: `run.json` with its conditions, and `records.jsonl` with a line for each attempt.

Lines are only appended, each synced to the disk. A run that was killed continues when it is started again; an
incomplete last line is dropped.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeAlias

from ..errors import UsageProblem

Key: TypeAlias = tuple[str, str, str, int]  #: task, mode, arm, seed


@dataclass(frozen=True, slots=True)
class Step:
    """An action that was shown."""

    thought: str  #: text before it
    action: str  #: code or call
    observation: str | None  #: what the model read of it; None if it did not run
    error: str = ""  #: the error that it raised, in a line


@dataclass(frozen=True, slots=True)
class Record:
    """One attempt at one task. Token counts and seconds are sums over its turns."""

    suite: str  #: name of the suite
    task: str  #: name of the task
    domain: str  #: of the task
    split: str  #: of the task
    mode: str  #: `code`, `json` or `text`
    arm: str  #: techniques in use, or another protocol or agent
    seed: int  #: of the sampling
    model: str  #: name of the model
    prompt: str = ""  #: the question
    right: bool = False  #: the first answer passed the checker
    in_form: bool | None = None  #: the first answer has the form asked for; None if there is none, or none was asked
    right_after_refusal: bool = False  #: the first answer, or one after refused answers, passed it
    answer: str | None = None  #: the first answer
    verdict: str = ""  #: why the first answer is not right
    refused: int = 0  #: answers that were refused
    status: str = ""  #: of `messages.Finish`; or `killed`, or `error` if the task itself failed
    reason: str = ""  #: cause of a missing answer
    turns: int = 0  #: replies that were taken
    prompt_tokens: int = 0  #: tokens of the prompts
    evaluated_tokens: int = 0  #: prompt tokens that were not in the KV cache
    generated_tokens: int = 0  #: tokens of the replies
    reading_seconds: float = 0.0  #: until the first token of each reply
    writing_seconds: float = 0.0  #: from there on
    seconds: float = 0.0  #: of the whole attempt
    discarded: int = 0  #: replies that were not shown
    same_as: str = ""  #: arm and seed of the attempt that this one is a copy of; empty if it was made
    raised: Mapping[str, int] = field(default_factory=dict)  #: shown actions by the class of the exception they raised
    invalid: Mapping[str, int] = field(default_factory=dict)  #: those by kind: name, syntax, import, signature, column
    steps: tuple[Step, ...] = ()  #: actions that were shown
    messages: tuple[Mapping[str, str], ...] = ()  #: role and content, as the model read and wrote them
    evidence: Mapping[str, Any] | None = None  #: what the last answer rests on, as `Basis` has it; None without one
    events: tuple[Mapping[str, Any], ...] = ()  #: our agent's conversation, as a journal has it

    @property
    def key(self) -> Key:
        """Task, mode, arm and seed."""
        return self.task, self.mode, self.arm, self.seed


class Folder:
    """The folder of a run, created on the first write.

    Args:
        path: Path of the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._records = path / "records.jsonl"
        self._about = path / "run.json"

    def about(self) -> dict[str, Any]:
        """Read `run.json`.

        Returns:
            The conditions of the run; empty if there is no such file.

        Raises:
            UsageProblem: It cannot be read.
        """
        try:
            found: dict[str, Any] = json.loads(self._about.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise UsageProblem(f"{self._about} cannot be read ({error}): give another --out.") from error
        return found

    def records(self) -> list[Record]:
        """Read `records.jsonl`.

        Returns:
            All records, the last one of each key.

        Raises:
            UsageProblem: A line that is not the last is damaged.
        """
        lines = self._lines()
        found: dict[Key, Record] = {}
        for number, line in enumerate(lines, 1):
            try:
                record = _from_json(json.loads(line))
            except (ValueError, TypeError) as error:
                if number == len(lines):
                    break
                raise UsageProblem(f"{self._records}, line {number} is damaged ({error}).") from error
            found[record.key] = record
        return list(found.values())

    def begin(self, about: Mapping[str, Any]) -> None:
        """Write `run.json`, and cut off an incomplete last line.

        Args:
            about: Conditions of the run.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        text = json.dumps(about, indent=2, ensure_ascii=False)
        whole = self._about.with_suffix(".new")
        whole.write_text(text + "\n", encoding="utf-8")
        whole.replace(self._about)
        if self._records.exists():
            content = self._records.read_bytes()
            end = content.rfind(b"\n") + 1
            if end < len(content):
                with self._records.open("r+b") as file:
                    file.truncate(end)

    def append(self, record: Record) -> None:
        """Append a record and sync it to the disk.

        Args:
            record: Record of an attempt.
        """
        with self._records.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(record)) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _lines(self) -> list[str]:
        if not self._records.exists() or not self._records.stat().st_size:
            return []
        return self._records.read_text(encoding="utf-8", errors="replace").rstrip("\n").split("\n")


def _from_json(data: dict[str, Any]) -> Record:
    """Return the record that a decoded line holds; raise `TypeError` if it holds none."""
    known = {part.name for part in fields(Record)}
    values = {name: value for name, value in data.items() if name in known}
    values["steps"] = tuple(Step(**step) for step in values.get("steps", ()))
    values |= {name: tuple(values.get(name, ())) for name in ("messages", "events")}
    return Record(**values)
