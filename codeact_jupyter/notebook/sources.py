"""Sources of an export as records: journals, notebooks and folders of them; what is left out is counted, with why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..dialects.trajectories import Imported, Record, Trajectory, trajectories
from ..errors import CodeActError, UsageProblem
from ..session.journal import all_journals, journals_of, key_of, read_journal
from ..session.messages import Prompt

_SESSION = re.compile(rb'"session":\s*"([\w-]+)"')  # of a step's record
NO_QUESTIONS = "no question of CodeAct in it"
ALSO_THERE = "also in a conversation above, which was continued in another notebook"
NOT_IN_CELLS = "the question was asked in the chat, and there is no journal"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The questions and the format that are wanted."""

    form: str  #: one of `FORMATS`
    answered: bool = False  #: only questions that were answered
    edited: bool = False  #: only questions of which the user edited a step; of preferences, only these steps
    since: float | None = None  #: only questions from this time on, in seconds since 1970


@dataclass(slots=True)
class Source:
    """A journal or notebook, and what it gives."""

    path: Path  #: the file
    questions: int = 0  #: questions, or imported records
    records: list[Record] = field(default_factory=list)  #: in the format that is wanted
    left_out: Counter[str] = field(default_factory=Counter)  #: questions that give none, by the reason

    def add(self, question: Trajectory | Imported, wanted: Wanted, reason: str) -> None:
        """Add the records of a question.

        Args:
            question: The question.
            wanted: What to export.
            reason: Why it is to give none; empty if it may.
        """
        self.questions += 1
        records = [] if reason else question.records(wanted.form)
        if wanted.edited and wanted.form == "preference":
            records = [record for record in records if record["decision"] == "edited"]
        if not records:
            self.left_out[reason or _nothing(self.path, wanted.form)] += 1
        self.records += records


def collect(paths: Iterable[Path], wanted: Wanted, journals: Path) -> list[Source]:
    """Read sources. No file is changed, and none is read twice.

    Args:
        paths: Journals, notebooks, and folders, which are searched to their ends.
        wanted: What to export.
        journals: Folder of all journals: a notebook stands for its own.

    Returns:
        What each journal and notebook gives; notebooks that only stand for their journals are not among them.

    Raises:
        UsageProblem: There is no such file, or it is neither a journal nor a notebook.
    """
    found: dict[Path, Source] = {}
    seen = set[tuple[float, int]]()
    for path in _files(paths):
        own = own_journals(path, journals)
        for file in (*own, path):
            if file.resolve() not in found:
                found[file.resolve()] = _read(file, wanted, seen, with_steps=not own)
    return [source for source in found.values() if source.questions or source.left_out]


def own_journals(path: Path, journals: Path) -> list[Path]:
    """Return the journals of a notebook, oldest first.

    Their key is its path, with or without links; or they are named in the records of its steps, if it was renamed.

    Args:
        path: The notebook; other files have none.
        journals: Folder of all journals.
    """
    if path.suffix != ".ipynb":
        return []
    found = {file for key in {str(path.absolute()), str(path.resolve())} for file in journals_of(journals, key)}
    named = set(_SESSION.findall(path.read_bytes())) if path.is_file() else set()
    return [each for each in all_journals(journals) if each in found or each.stem.encode() in named]


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            inside = (each for each in path.rglob("*") if ".ipynb_checkpoints" not in each.parts)
            yield from sorted(each for each in inside if each.suffix == ".ipynb" or _is_journal(each))
        elif (path.suffix == ".ipynb" and path.is_file()) or _is_journal(path):
            yield path
        else:
            raise UsageProblem(f"{path} is neither a journal (.jsonl), a notebook (.ipynb) nor a folder of them.")


def _is_journal(path: Path) -> bool:
    return path.suffix == ".jsonl" and path.is_file() and bool(key_of(path))


def _read(path: Path, wanted: Wanted, seen: set[tuple[float, int]], *, with_steps: bool) -> Source:
    """Read a journal or notebook; its cells of steps only if the journals do not have these steps, with more."""
    source = Source(path)
    try:
        questions = _of_journal(path) if path.suffix == ".jsonl" else _of_notebook(path, with_steps=with_steps)
    except CodeActError as error:
        source.left_out[str(error)] += 1
        return source
    if not questions and with_steps:
        source.left_out[NO_QUESTIONS] = 1
    for question in questions:
        source.add(question, wanted, ALSO_THERE if _is_copy(question, seen) else _unwanted(question, wanted))
    return source


def _of_journal(path: Path) -> Sequence[Trajectory]:
    return trajectories(path.stem, read_journal(path))


def _of_notebook(path: Path, *, with_steps: bool) -> Sequence[Trajectory | Imported]:
    from .cells import read_notebook
    from .records import record_of, steps_of

    notebook = read_notebook(path)
    record = record_of(notebook)
    steps = steps_of(notebook) if with_steps else []
    return [*([record] if record else []), *trajectories(path.stem, ((None, event) for event in steps))]


def _is_copy(question: Trajectory | Imported, seen: set[tuple[float, int]]) -> bool:
    """Return True for a question that was copied with its conversation, which another notebook has continued."""
    if not isinstance(question, Trajectory) or question.time is None:
        return False
    known, key = len(seen), (question.time, len(question.events))
    seen.add(key)
    return len(seen) == known


def _unwanted(question: Trajectory | Imported, wanted: Wanted) -> str:
    """Return why a question is not wanted; empty if it is."""
    if isinstance(question, Trajectory) and question.events[0] == Prompt(""):
        return NOT_IN_CELLS
    if wanted.since is not None and (question.time is None or question.time < wanted.since):
        return "without a time" if question.time is None else "before the date"
    if wanted.answered and not question.answered:
        return "not answered"
    if wanted.edited and not question.edited:
        return "no step edited"
    return ""


def _nothing(path: Path, form: str) -> str:
    if form == "preference":
        return "no step edited, or rejected for another"
    return "no step was run, and no answer" if path.suffix == ".jsonl" else "no steps in its cells, and no journal here"
