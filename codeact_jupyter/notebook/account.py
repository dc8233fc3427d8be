"""The history of a notebook: who wrote each cell, and what was asked, proposed, decided, run and answered.

It comes from the journals; without them, from the metadata of the cells. `Account.sequence` is its order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from nbformat import NotebookNode

from ..errors import JournalError
from ..hosts.next_input import MARKER
from ..session.basis import Basis, basis_of
from ..session.journal import read_journal
from ..session.messages import Answer, Approval, Event, Observation, Prompt, Proposal, Stop
from ..session.provenance import StepRecord, parse_record, sha256, step_records
from ..views.text import first_words
from .cell_record import record_of
from .cells import asked, has_run, ours, panel_answer, printed, read_notebook
from .sources import own_journals


@dataclass(slots=True, eq=False)
class Step:
    """A step of the agent."""

    record: StepRecord  #: where it comes from
    code: str  #: as it was proposed; empty if that is not known
    source: str  #: as it was run; empty if it was not
    proposal: Proposal | None = None  #: None without a journal
    seen: Observation | None = None  #: likewise; also if it has not ended
    said: str = ""  #: what the agent said next, which front ends without the extension print below its outputs
    cell: NotebookNode | None = None  #: where it is in the notebook

    @property
    def succeeded(self) -> bool:
        """True if it ended without an error."""
        return bool(self.record["outcome"] == "ran")

    @property
    def is_failed_attempt(self) -> bool:
        """True if it failed, or was rejected or stopped."""
        outcome, decision = self.record["outcome"], self.record["decision"]
        return outcome in ("raised", "stopped") or (outcome == "not_run" and bool(decision))

    @property
    def code_now(self) -> str:
        """The code of its cell as it stands; without a cell, as it was run."""
        return MARKER.sub("", self.cell.source.rstrip()) if self.cell else self.source

    @property
    def is_changed(self) -> bool:
        """True if its cell is no longer as it was run."""
        return bool(self.record["run_sha256"]) and sha256(self.code_now) != self.record["run_sha256"]


@dataclass(slots=True, eq=False)
class Question:
    """A question with its steps and its end."""

    text: str  #: empty if it is not known
    steps: list[Step] = field(default_factory=list)  #: in order
    answer: str = ""  #: empty without one
    printed: str = ""  #: below its cell, where neither a journal nor a panel tells the answer
    ended: str = ""  #: how it ended without an answer; empty if it did not, or that is not known
    events: tuple[Event, ...] = ()  #: of the journal
    time: float | None = None  #: when it was asked, in seconds since 1970; None if it is not known
    cell: NotebookNode | None = None  #: its `%%codeact` cell

    @property
    def basis(self) -> Basis | None:
        """Basis of its answer; None without an answer, or without a journal."""
        end = next((at for at, event in reversed([*enumerate(self.events)]) if isinstance(event, Answer)), None)
        return basis_of(self.answer, self.events[:end]) if self.answer and end else None


@dataclass(frozen=True, slots=True)
class End:
    """The end of a question."""

    question: Question  #: the question


Part: TypeAlias = NotebookNode | Question | Step | End


@dataclass(slots=True)
class Account:
    """A notebook with its questions."""

    path: Path  #: of the notebook
    notebook: NotebookNode  #: as it is in the file
    journals: list[Path]  #: that were found
    questions: list[Question]  #: oldest first, also those of which nothing is left in the notebook
    unread: list[str] = field(default_factory=list)  #: journals that cannot be read, and why

    def sequence(self) -> Iterator[Part]:
        """Yield the cells that are not of the agent, the questions, their steps and their ends, in the order of cells.

        Steps without a cell stand before the next one with a cell. Questions without any cell are left out.
        """
        step_at = {id(step.cell): (each, step) for each in self.questions for step in each.steps if step.cell}
        asked_at = {id(each.cell): each for each in self.questions if each.cell}
        left: dict[int, list[Step]] = {}
        ended: set[int] = set()
        for cell in self.notebook.cells:
            question, step = step_at.get(id(cell), (asked_at.get(id(cell)), None))
            if question is None:
                yield cell
                continue
            if id(question) not in left:
                left[id(question)] = list(question.steps)
                yield question
            steps = left[id(question)]
            while step and steps and any(each is step for each in steps):
                yield steps.pop(0)
            if id(question) not in ended and not any(each.cell for each in steps):
                yield from steps
                yield End(question)
                ended.add(id(question))
                steps.clear()

    @property
    def elsewhere(self) -> list[Question]:
        """The questions of which nothing is left in the notebook."""
        return [each for each in self.questions if not each.cell and not any(step.cell for step in each.steps)]


def read_account(path: Path, journals: Path) -> Account:
    """Read a notebook and its journals.

    Args:
        path: The notebook.
        journals: Folder of all journals.

    Returns:
        What both tell.

    Raises:
        UsageProblem: It cannot be read as a notebook.
    """
    return account_of(path, read_notebook(path), own_journals(path, journals))


def account_of(path: Path, notebook: NotebookNode, journals: list[Path]) -> Account:
    """Take a notebook and its journals together.

    Args:
        path: The notebook's path.
        notebook: The notebook.
        journals: The journals, oldest first.

    Returns:
        What both tell.
    """
    questions, unread = list[Question](), list[str]()
    for journal in journals:
        try:
            questions += _of_journal(journal)
        except JournalError as error:
            unread.append(f"{journal.stem}: {error}")
    _place_steps(notebook.cells, questions)
    _place_questions(notebook.cells, questions)
    return Account(path, notebook, journals, questions, unread)


# --- journals ----------------------------------------------------------------------------------------------------


def _of_journal(path: Path) -> list[Question]:
    events = read_journal(path)
    records = step_records(events, path.stem)
    found: list[Question] = []
    for time, event in events:
        if isinstance(event, Prompt):
            found.append(Question(event.text, time=time))
        if not found:
            continue
        question = found[-1]
        question.events += (event,)
        _take(question, event, records)
    return found


def _take(question: Question, event: Event, records: dict[str, StepRecord]) -> None:
    """Add what an event tells to a question."""
    step = question.steps[-1] if question.steps else None
    if step and not step.said and step.seen:
        step.said = first_words(event)
    match event:
        case Proposal():
            question.steps.append(Step(records[event.id], event.code, "", event))
            question.ended = ""
        case Approval(source=source) if step:
            step.source = source
        case Observation() if step:
            step.seen = event
        case Answer(text=text):
            question.answer, question.ended = text, ""
        case Stop(status=status, reason=reason):
            question.answer, question.ended = "", ": ".join(filter(None, (status, reason)))


# --- the notebook ------------------------------------------------------------------------------------------------


def _place_steps(cells: list[NotebookNode], questions: list[Question]) -> None:
    """Set the cells of steps; add what only the cells know."""
    known = {step.record["proposal"]: step for question in questions for step in question.steps}
    of_cells: dict[tuple[str, int], Question] = {}
    for number, cell in enumerate(cells):
        record = record_of(cell)
        step = known.get(record["proposal"]) if record else None
        is_own = record is None or (has_run(cell) and not (step.source if step else record["run_sha256"]))
        if record is None or is_own or (step and step.cell):  # the user's, run by the user instead, or a copy
            continue
        if step is None:
            step = known[record["proposal"] or str(number)] = _of_cell(cell, record)
            key = record["session"], record["number"] or _last_question(cells, number)
            if key not in of_cells:
                of_cells[key] = Question(record["question"])
                questions.append(of_cells[key])
            of_cells[key].steps.append(step)
        elif (parsed := parse_record(ours(cell).get("record"))) and parsed["decision"] == "auto":
            step.record["decision"] = "auto"  # earlier journals did not tell that `run --approve auto` did not ask
        step.cell = cell


def _place_questions(cells: list[NotebookNode], questions: list[Question]) -> None:
    """Set the cells of questions. Of several runs of a cell, the last one counts.

    A cell with another text than all questions was changed after it ran, if the steps below it are of such a question.
    """
    asking = [(number, text) for number, cell in enumerate(cells) if (text := asked(cell)) is not None]
    for number, text in reversed(asking):
        same = (each for each in reversed(questions) if each.text == text and not each.cell)
        if question := next(same, None):
            question.cell = cells[number]
    placed = {id(each.cell) for each in questions}
    for number, text in reversed(asking):
        if id(cell := cells[number]) in placed:
            continue
        open_ones = [each for each in questions if not each.cell and (not each.text or cell.get("execution_count"))]
        question = next((each for each in open_ones if _begins_below(each, cells, number)), None)
        if question is None:
            questions.append(question := Question(text))
        question.text, question.cell = question.text or text, cell
    for question in questions:
        if question.cell and not question.events:
            question.answer = panel_answer(question.cell)
            question.printed = "" if question.answer else printed(question.cell)


def _begins_below(question: Question, cells: list[NotebookNode], number: int) -> bool:
    """Return True if the first step of a question stands below this cell, and none that asks between them."""
    own = [id(step.cell) for step in question.steps if step.cell]
    first = next((place for place, cell in enumerate(cells) if id(cell) in own), None)
    return first is not None and _last_question(cells, first) == -1 - number


def _last_question(cells: list[NotebookNode], number: int) -> int:
    """Return a number for the last cell before this one that asks, which no question of a journal has."""
    return next((-1 - place for place in range(number - 1, -1, -1) if asked(cells[place]) is not None), 0)


def _of_cell(cell: NotebookNode, record: StepRecord) -> Step:
    code, source = ours(cell).get("code"), MARKER.sub("", cell.source.rstrip())
    is_as_proposed = record["proposed_sha256"] == sha256(source)
    proposed = code if isinstance(code, str) else source if is_as_proposed else ""
    return Step(record, proposed, source if record["run_sha256"] else "")
