"""What a run leaves behind: `run.json` says under which conditions, `records.jsonl` holds a line for each attempt.

Lines are only ever appended, each of them synced to the disk. A run that was killed is taken up by asking for it again;
a last line that was torn is dropped.
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
    """One action that was shown: why, what, what it brought (None: it did not run), and what it raised, in a line."""

    thought: str
    action: str
    observation: str | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One attempt at one task. Token counts and seconds are sums over its turns."""

    suite: str
    task: str
    domain: str
    split: str
    mode: str
    arm: str
    seed: int
    model: str
    prompt: str = ""
    right: bool = False  #: the first answer
    right_after_refusal: bool = False  #: that, or one after refused answers
    answer: str | None = None  #: the first
    verdict: str = ""  #: why the first answer is not right
    refused: int = 0  #: answers that were refused
    status: str = ""  #: of `messages.Finish`; or `killed`, or `error` when the task itself failed
    reason: str = ""  #: why there is no answer
    turns: int = 0
    prompt_tokens: int = 0
    evaluated_tokens: int = 0  #: of the prompts, those that were not in the KV cache
    generated_tokens: int = 0
    reading_seconds: float = 0.0  #: of the model, until the first token of each reply
    writing_seconds: float = 0.0  #: of the model, from there on
    seconds: float = 0.0  #: of the whole attempt
    discarded: int = 0  #: replies that nobody saw
    same_as: str = ""  #: arm and seed of the attempt that this one would repeat step by step, where it was not made
    raised: Mapping[str, int] = field(default_factory=dict)  #: exception class -> shown actions that raised it
    invalid: Mapping[str, int] = field(default_factory=dict)  #: of these: name, syntax, import, signature, column
    steps: tuple[Step, ...] = ()
    messages: tuple[Mapping[str, str], ...] = ()  #: role and content, as the model read and wrote them

    @property
    def key(self) -> Key:
        return self.task, self.mode, self.arm, self.seed


class Folder:
    """The files of a run in the directory `path`, which is made when there is something to write."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._records = path / "records.jsonl"
        self._about = path / "run.json"

    def about(self) -> dict[str, Any]:
        """What `run.json` says; empty where there is none. Raises `UsageProblem` when it cannot be read."""
        try:
            found: dict[str, Any] = json.loads(self._about.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise UsageProblem(f"{self._about} cannot be read ({error}): give another --out.") from error
        return found

    def records(self) -> list[Record]:
        """All records, the last one of each key. Raises `UsageProblem` for a damaged line that is not the last."""
        lines = self._lines()
        found: dict[Key, Record] = {}
        for number, line in enumerate(lines, 1):
            try:
                record = from_json(json.loads(line))
            except (ValueError, TypeError) as error:
                if number == len(lines):
                    break
                raise UsageProblem(f"{self._records}, line {number} is damaged ({error}).") from error
            found[record.key] = record
        return list(found.values())

    def begin(self, about: Mapping[str, Any]) -> None:
        """Writes `run.json`, and cuts off a torn last line."""
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
        """Adds the record, and has it on the disk before it returns."""
        with self._records.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(record)) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _lines(self) -> list[str]:
        if not self._records.exists() or not self._records.stat().st_size:
            return []
        return self._records.read_text(encoding="utf-8", errors="replace").rstrip("\n").split("\n")


def from_json(data: dict[str, Any]) -> Record:
    """The record that a line holds. Raises `TypeError` when it is none."""
    known = {part.name for part in fields(Record)}
    values = {name: value for name, value in data.items() if name in known}
    values["steps"] = tuple(Step(**step) for step in values.get("steps", ()))
    values["messages"] = tuple(values.get("messages", ()))
    return Record(**values)
