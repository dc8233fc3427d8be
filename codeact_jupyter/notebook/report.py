"""A report on a notebook: who wrote what, what ran, what was edited, with outputs and figures; as text or as one page.

The page loads nothing, runs nothing, and can be printed. All text in it is escaped; pictures are data in the page.
"""

from __future__ import annotations

import base64
import difflib
import hashlib
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from ..session.provenance import StepRecord
from ..views.basis import basis_line, footnotes
from ..views.text import readable
from .account import Account, End, Question, Step
from .cells import asked, ours, own_outputs, plain

TEXT_CHARS = 20_000  #: of one cell or output; a longer one is cut in the middle
PICTURES = ("image/png", "image/jpeg", "image/svg+xml")

_DECISIONS = {
    "approved": "approved as proposed",
    "edited": "edited, then run",
    "auto": "decided without asking",
    "rejected": "rejected",
    "": "no decision",
}
_OUTCOMES = {
    "ran": "ran",
    "raised": "failed",
    "stopped": "was stopped",
    "not_run": "did not run",
    "undone": "was undone",
    "": "waits",
}
_TRIED = {
    "ran": "ran",
    "raised": "failed",
    "wants_more": "stopped: it would have changed something outside the kernel",
    "not_tried": "not tried",
}


@dataclass(slots=True)
class Entry:
    """A part of the report."""

    kind: str  #: `own`, `question`, `step` or `answer`
    title: str  #: who wrote it, and what became of it
    text: str = ""  #: text or code
    facts: list[tuple[str, str]] = field(default_factory=list)  #: names and values, of a step
    changes: list[str] = field(default_factory=list)  #: lines of the difference between the proposal and what ran
    output: str = ""  #: as plain text
    pictures: list[str] = field(default_factory=list)  #: as data URLs
    remark: str = ""  #: what a reviewer should know


def render_report(account: Account, *, html: bool) -> str:
    """Write a report.

    Args:
        account: The notebook with what its journals tell.
        html: Write a page of HTML; else text.

    Returns:
        The report.
    """
    from jinja2 import Environment, StrictUndefined

    name = "report.html" if html else "report.txt"
    source = (Path(__file__).parent / "templates" / name).read_text(encoding="utf-8")
    environment = Environment(autoescape=html, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    entries = list(_entries(account))
    return environment.from_string(source).render(
        name=_clean(account.path.name),
        summary=_summary(account),
        entries=entries,
        elsewhere=[_clean(f"{_time(each.time)} {each.text}") for each in account.elsewhere],
    )


def _summary(account: Account) -> list[tuple[str, str]]:
    steps = [step.record for each in account.questions for step in each.steps]
    decisions = Counter(record["decision"] for record in steps)
    weights = {(name, hashed) for record in steps for name, hashed in record["weights"].items()}
    own = [part for part in account.sequence() if isinstance(part, NotebookNode)]
    code = sum(cell.cell_type == "code" for cell in own)
    found = [
        ("Cells without a record of the agent", f"{len(own)}, {code} of them code"),
        ("Questions", f"{len(account.questions)}, {sum(bool(each.answer) for each in account.questions)} answered"),
        ("Steps", ", ".join(f"{count} {_DECISIONS.get(name, name)}" for name, count in decisions.items()) or "none"),
        ("Models", ", ".join(sorted({record["model"] for record in steps if record["model"]})) or "none"),
        *((f"SHA-256 of {name}", hashed) for name, hashed in sorted(weights)),
        ("Journals", ", ".join(path.stem for path in account.journals) or "none here: only what the cells tell"),
        *(("Not read", reason) for reason in account.unread),
        ("Notebook", f"SHA-256 {_digest(account.path)}"),
        ("Written", f"{_time(time.time())} by codeact-jupyter {version('codeact-jupyter')}"),
    ]
    return [(_clean(name), _clean(value)) for name, value in found]


def _entries(account: Account) -> Iterator[Entry]:
    number = 0
    for part in account.sequence():
        match part:
            case Question():
                text = part.text or "(It was asked in the chat, and there is no journal here.)"
                title = "Question, by you" + f", {_time(part.time)}" * bool(part.time)
                is_changed = part.cell and asked(part.cell) != part.text
                remark = "Its cell was changed after it was asked; this is what was asked." if is_changed else ""
                yield Entry("question", title, _clean(text), remark=remark)
            case Step():
                yield _step(part)
            case End(question=question):
                yield from _end(question)
            case NotebookNode():
                number += 1
                yield _cell(part, number)


def _cell(cell: NotebookNode, number: int) -> Entry:
    part, outputs = ours(cell), cell.get("outputs", [])
    of_step = "of a step, which you copied or ran yourself"
    title = f"Yours {number}: {cell.cell_type}, {of_step if 'proposal' in part else 'without a record of the agent'}"
    if "role" in part:
        title = f"Imported {number}: {cell.cell_type}, by the {part['role']} of the record"
    return Entry("own", _clean(title), _clean(cell.source), output=_text(outputs), pictures=_pictures(outputs))


def _end(question: Question) -> Iterator[Entry]:
    """Yield how a question ended, with the figures below its cell: of steps that ran inside it."""
    told = (
        ("Answer, by the model", question.answer),
        ("No answer", question.ended),
        ("Printed below the question", question.printed),
        ("Below the question", "(figures)"),
    )
    title, text = next((title, text) for title, text in told if text)
    pictures = _pictures(own_outputs(question.cell)) if question.cell else []
    if pictures or title != "Below the question":
        yield Entry("answer", title, _clean(text), _grounds(question), pictures=pictures)


def _grounds(question: Question) -> list[tuple[str, str]]:
    """Return what an answer rests on, and where its numbers stand, as far as the journal tells it."""
    basis = question.basis
    found = [("By experiment", basis_line(basis)), ("Numbers", footnotes(basis))]
    return [(name, _clean(value)) for name, value in found if value]


def _step(step: Step) -> Entry:
    record = step.record
    decision = _DECISIONS.get(record["decision"], record["decision"])
    outcome = _OUTCOMES.get(record["outcome"], record["outcome"])
    title = f"Step {record['step']}, by the model: {decision}; {outcome}"
    outputs = own_outputs(step.cell, step.said) if step.cell else []
    output = _text(outputs) if step.cell else _clean(step.seen.text if step.seen else "")
    text = step.source or step.code or (step.cell.source if step.cell else "")
    changes = _changes(step.code, step.source) if record["decision"] == "edited" and step.code else []
    return Entry(
        "step", title, _clean(text), _facts(step), changes, output, _pictures(outputs), " ".join(_remarks(step))
    )


def _facts(step: Step) -> list[tuple[str, str]]:
    record = step.record
    sampling = record["sampling"] or {}
    found = [
        ("The model's words", step.proposal.thought if step.proposal else ""),
        ("Reason of the rejection", record["reason"]),
        ("In the trial before", _tried(record)),
        ("Error", record["error"]),
        ("Proposed", _said_when(record["proposed"], record["model"])),
        ("Decided", record["decided"] or ""),
        ("Sampling", ", ".join(f"{name} {value}" for name, value in sampling.items())),
        ("As the model wrote it, before it was mended", record["mended_from"]),
        ("SHA-256 as proposed", record["proposed_sha256"]),
        ("SHA-256 as run", record["run_sha256"]),
    ]
    return [(name, _clean(value)) for name, value in found if value]


def _tried(record: StepRecord) -> str:
    outcome, error = record["tried"]["outcome"], str(record["tried"].get("error", ""))
    return ": ".join(filter(None, (_TRIED.get(outcome, outcome), error)))


def _said_when(time: str | None, model: str) -> str:
    return " by ".join(filter(None, (time, model)))


def _remarks(step: Step) -> Iterator[str]:
    if step.cell is None:
        yield "It has no cell in the notebook."
    elif step.is_changed:
        yield f"Its cell was changed after it ran; {'this is what ran' if step.proposal else 'what ran is not known'}."
    if step.proposal is None:
        yield "Only the cell tells this: anybody who wrote the file may have written it."


def _changes(proposed: str, source: str) -> list[str]:
    lines = difflib.unified_diff(proposed.strip().splitlines(), source.strip().splitlines(), lineterm="", n=2)
    return [_clean(line) for line in lines if not line.startswith(("---", "+++", "@@"))]


def _text(outputs: Iterable[NotebookNode]) -> str:
    return _clean(plain(each for each in outputs if not _picture(each)))


def _pictures(outputs: Iterable[NotebookNode]) -> list[str]:
    return [url for url in map(_picture, outputs) if url]


def _picture(output: NotebookNode) -> str:
    """Return an output's picture as a data URL, in which no script of an SVG can run; empty if it has none."""
    data: dict[str, Any] = output.get("data", {})
    kind = next((each for each in PICTURES if isinstance(data.get(each), str)), "")
    if not kind:
        return ""
    encoded = base64.b64encode(data[kind].encode()).decode() if kind.endswith("+xml") else "".join(data[kind].split())
    return f"data:{kind};base64,{encoded}"


def _clean(text: str) -> str:
    return readable(text, TEXT_CHARS)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _time(seconds: float | None) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC" if seconds else ""
