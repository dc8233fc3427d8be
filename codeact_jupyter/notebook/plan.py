"""A notebook without the agent: the user's cells and steps of the agent, with questions and answers as text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from ..dialects.trajectories import fence_for
from ..namespace.bindings import assigned_names
from ..session.provenance import UNDONE
from ..views.trial import in_line
from .account import Account, End, Question, Step
from .cells import KEY, failed, interrupted, ours, own_outputs

MAY_FAIL = "raises-exception"  #: tag of a cell at which Jupyter does not stop if it fails
NAME_CHARS = 60  #: of a cell or question in messages
_WORD = re.compile(r"[^\W\d]\w*")
_OURS = re.compile(r"^(?:%(?:load_ext|reload_ext) codeact_jupyter|%codeact\b.*|%config CodeAct\..*)[^\S\n]*\n?", re.M)


@dataclass(frozen=True, slots=True)
class Planned:
    """A code cell of the new notebook."""

    cell: NotebookNode  #: the cell
    recorded: list[NotebookNode] | None  #: its outputs in the old one; None if it has no cell there
    name: str  #: for messages, such as `step 2 of "How many?"`
    has_failed: bool  #: it failed when it was recorded


def plan(
    account: Account, keeps: Callable[[Step], bool], drops: Callable[[NotebookNode], bool]
) -> tuple[NotebookNode, list[Planned]]:
    """Write the notebook without `%%codeact` cells and the agent's commands.

    A step whose cell was changed after it ran is written as it stands now.

    Args:
        account: The notebook with what its journals tell.
        keeps: Returns True for the steps to keep.
        drops: Returns True for the user's own code cells to leave out.

    Returns:
        The notebook, with the outputs of the old one, and its code cells.
    """
    cells: list[NotebookNode] = []
    planned: list[Planned] = []
    asked = Question("")
    for part in account.sequence():
        match part:
            case Question():
                asked = part
                cells.append(new_markdown_cell(_quoted("Question", asked.text)))
            case Step() if keeps(part) and part.code_now.strip():
                cell = new_code_cell(part.code_now, metadata={KEY: {"record": part.record}})
                cell.execution_count = part.cell.execution_count if part.cell else None
                recorded = own_outputs(part.cell, part.said) if part.cell else None
                name = f"step {part.record['step']} of {_shown(asked.text)}"
                planned.append(Planned(cell, recorded, name, not part.succeeded))
                cells.append(cell)
                if asked.cell and recorded is None and part is asked.steps[-1]:  # it ran inside the question's cell
                    cell.outputs = [each for each in own_outputs(asked.cell) if each.output_type != "stream"]
            case End(question=question) if question.answer:
                cells.append(new_markdown_cell(f"**Answer**\n\n{question.answer}"))
            case End(question=question) if question.printed:
                cells.append(new_markdown_cell(_quoted("Printed below the question", question.printed)))
            case NotebookNode() if (own := _own(part, drops)) is not None:
                cells.append(own)
                if own.cell_type == "code":
                    is_imported = any(ours(each).get("role") for each in part.outputs)  # with what a model read of it
                    recorded = None if is_imported else own_outputs(part)
                    planned.append(Planned(own, recorded, f"your cell {_shown(own.source)}", failed(part)))
    for each in planned:
        if each.has_failed:
            each.cell.metadata["tags"] = sorted({MAY_FAIL, *each.cell.metadata.get("tags", ())})
        each.cell.outputs = deepcopy(each.cell.outputs if each.recorded is None else each.recorded)
    metadata = {name: value for name, value in account.notebook.metadata.items() if name != "widgets"}
    notebook: NotebookNode = new_notebook(cells=cells, metadata=metadata)
    return notebook, planned


def _own(cell: NotebookNode, drops: Callable[[NotebookNode], bool]) -> NotebookNode | None:
    """Return a copy of a cell of the user without the agent's commands; None if nothing is left of it."""
    kept = deepcopy(cell)
    kept.setdefault("id", f"own-{id(kept):x}")
    if cell.cell_type != "code":
        return kept
    if "proposal" in ours(kept):  # a copy of a step's cell, or one that the user has run
        del kept.metadata[KEY]
    kept.source = _OURS.sub("", cell.source)
    return kept if kept.source.strip() and not drops(cell) else None


def _shown(text: str) -> str:
    return f"`{in_line(text.strip(), NAME_CHARS)}`"


def ran(step: Step) -> bool:
    """Return True if a step was run, whatever became of it, and was not undone.

    Args:
        step: The step.
    """
    return bool(step.record["run_sha256"]) and bool(step.source) and step.record["outcome"] != UNDONE


def ended(step: Step) -> bool:
    """Return True if a step ran to its end or to an error: it was not interrupted, which nobody can repeat.

    Args:
        step: The step.
    """
    return ran(step) and step.record["outcome"] in ("ran", "raised")


def fails(cell: NotebookNode) -> bool:
    """Return True if a cell of the user failed that was not meant to, or cannot be run again.

    Args:
        cell: The cell.
    """
    return (failed(cell) and MAY_FAIL not in (cell.metadata.get("tags") or ())) or unrepeatable(cell)


def unrepeatable(cell: NotebookNode) -> bool:
    """Return True if a cell of the user was interrupted, or takes something from the agent: `run = %codeact status`.

    Args:
        cell: The cell.
    """
    run = TransformerManager().transform_cell(_OURS.sub("", cell.source))
    return interrupted(cell) or "run_line_magic('codeact'" in run


def succeeded(step: Step) -> bool:
    """Return True if a step ran to its end. See `ran`."""
    return step.succeeded and ran(step)


def needed(account: Account) -> Callable[[Step], bool]:
    """Find the steps that led to the answers: of those that succeeded, the ones that something after them rests on.

    A step is needed if an answer rests on it, if it did something outside the kernel, or if it binds or changes a name
    that stands in a later cell which is kept. What it changed is known from its trial; without one, it is needed.

    Args:
        account: The notebook with what its journals tell.

    Returns:
        A function that returns True for these steps.
    """
    kept: set[int] = set()
    words: set[str] = set()
    answers: set[int] = set()  # of their steps
    for part in reversed(list(account.sequence())):
        match part:
            case End(question=question):
                answers |= _answer_steps(question)
            case Step() if succeeded(part):
                if id(part) in answers or _has_effects(part) or words & _bound(part):
                    kept.add(id(part))
                    words |= set(_WORD.findall(part.code_now))
            case NotebookNode() if part.cell_type == "code":
                words |= set(_WORD.findall(part.source))
    return lambda step: id(step) in kept


def _answer_steps(question: Question) -> set[int]:
    """Return the ids of the steps that an answer rests on; the last one that succeeded is always one of them."""
    ran_well = [step for step in question.steps if succeeded(step)]
    found = {step.record["step"] for step in ran_well[-1:]}
    if basis := question.basis:
        found |= {place.step for place in basis.numbers} | set(basis.steps)
    return {id(step) for step in ran_well if step.record["step"] in found}


def _has_effects(step: Step) -> bool:
    is_as_tried = step.record["decision"] != "edited" and not step.is_changed
    tried = step.proposal.tried if step.proposal and is_as_tried else None
    return tried is None or tried.outcome != "ran" or tried.reach != "read-only"


def _bound(step: Step) -> set[str]:
    tried = step.proposal.tried if step.proposal else None
    seen = (*tried.added, *tried.changed, *tried.removed) if tried else ()
    return {*seen, *assigned_names(step.code_now)}


def _quoted(title: str, text: str) -> str:
    fence = fence_for(text)
    return f"**{title}**\n\n{fence}text\n{text}\n{fence}" if text else f"**{title}**"


def left_out(account: Account, planned: list[Planned], drops: Callable[[NotebookNode], bool]) -> Iterator[str]:
    """Yield lines that say what the new notebook does not have.

    Args:
        account: The notebook with what its journals tell.
        planned: The code cells of the new one.
        drops: As for `plan`.
    """
    kept = {ours(part.cell).get("record", {}).get("proposal") for part in planned}
    parts = list(account.sequence())
    steps = [step for part in parts if isinstance(part, Question) for step in part.steps]
    left = [step.record["outcome"] for step in steps if step.record["proposal"] not in kept]
    own = [part for part in parts if isinstance(part, NotebookNode) and _own(part, lambda cell: False)]
    yield f"{len(steps) - len(left)} of {len(steps)} steps kept"
    for what, count in (
        ("failed", left.count("raised")),
        ("ran, but nothing rests on them", left.count("ran")),
        ("were undone", left.count(UNDONE)),
        ("were not run, or were stopped", sum(outcome in ("", "not_run", "stopped") for outcome in left)),
        (
            "of your own cells failed, were interrupted, or take something from the agent",
            sum(_own(part, drops) is None for part in own),
        ),
    ):
        if count:
            yield f"left out: {count} {what}"
