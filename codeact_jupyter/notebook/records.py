r"""Records of trajectories as notebooks to read and continue, and notebooks as trajectories.

Each message of a record becomes cells: text is Markdown, code is a code cell, and the message after it with the
observation is its output. What the cells do not show (tags, fences, white space around the code) is in their metadata:
`{"codeact": {"role": "assistant", "before": "<execute>\n", "after": "\n</execute>"}}`; `"continues": true` joins a cell
to the message of the one before. So the cells, put together again, are the record, with what a user changed in them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from ..dialects.prompt import DIALECTS
from ..dialects.trajectories import OLDER, PREFIX, SPEAKERS, VERSION, Imported, Message, fence_for, schema_of
from ..session.messages import Approval, Event, Observation, Prompt, Proposal, Rejection, Undone
from .cells import KEY, asked, is_copy, ours, plain

SOLUTION, END_OF_SOLUTION = "<solution>", "</solution>"
SHOWN = 80  #: characters of a schema in a message
ROLES = ("system", "user", "assistant")

_FENCED = re.compile(r"(`{3,})text\n(.*)\n\1", re.S)
_CODE_BEGINS = re.compile(r"<execute>[^\S\n]*\n?|^(`{3,})(?:python|py)[^\S\n]*\n", re.M)
_CODE_ENDS = r"(?:(?<!\s)\s+)?</execute>"


class BadRecord(ValueError):
    """A line is no record of a conversation; the message says why, without a full stop."""


def parse_record(line: bytes, name: str) -> Imported:
    """Read a record of a conversation.

    Args:
        line: Its line in the file.
        name: The id of a record without one.

    Returns:
        The conversation.

    Raises:
        BadRecord: It is no such record.
    """
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadRecord(f"not JSON ({error})") from error
    if not isinstance(data, dict):
        raise BadRecord("not an object")
    part = next((part for part in SPEAKERS.values() if part in data), None)
    if part is None:
        raise BadRecord(f"neither {' nor '.join(map(repr, SPEAKERS.values()))}")
    is_ours = str(schema := data.get("schema", "")).startswith(PREFIX)
    if is_ours and schema not in (schema_of(form, version) for form in SPEAKERS for version in (*OLDER, VERSION)):
        raise BadRecord(f"its schema {str(schema)[:SHOWN]!r} is not known: update codeact-jupyter")
    messages, id_, evidence = data[part], data.get("id", name), data.get("evidence") if is_ours else None
    if not isinstance(id_, str):
        raise BadRecord("its id is not a text")
    if not isinstance(messages, list) or not messages:
        raise BadRecord(f"{part!r} is not a list of messages")
    for number, message in enumerate(messages, 1):
        if not isinstance(message, dict) or message.get("role") not in ROLES:
            raise BadRecord(f"message {number} has no role of {', '.join(ROLES)}")
        if not isinstance(message.get("content"), str):
            raise BadRecord(f"the content of message {number} is not a text")
    texts = [id_, *(message["content"] for message in messages), _as_json(evidence)]
    if any(re.search("[\ud800-\udfff]", text) for text in texts):
        raise BadRecord("half a character (a lone surrogate) is in it")
    if not isinstance(evidence, dict | None):
        raise BadRecord("its evidence is not an object")
    plain = tuple({"role": message["role"], "content": message["content"]} for message in messages)
    return Imported(id_, plain, evidence)


def _as_json(evidence: Any) -> str:
    try:
        return json.dumps(evidence, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise BadRecord("a number in its evidence is not finite") from error


def to_notebook(record: Imported, origin: str) -> NotebookNode:
    """Write a record as a notebook. Nothing in it has run.

    Args:
        record: The conversation.
        origin: Where it comes from, such as `data.jsonl, line 3`.

    Returns:
        A notebook with the provenance in its metadata.
    """
    title = f"# {record.id}\n\nImported from {origin}. Nothing was run here: the outputs are those of the record."
    cells = [new_markdown_cell(title)]
    for message in record.messages:
        if message["role"] == "user" and cells[-1].cell_type == "code":
            data = {"text/plain": message["content"]}
            cells[-1].outputs.append(new_output("display_data", data, metadata={KEY: {"role": "user"}}))
        else:
            cells += _cells(message)
    for number, cell in enumerate(cells):
        cell.id = f"record-{number}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    about: dict[str, Any] = {"id": record.id, "origin": origin}
    if record.evidence is not None:
        about |= {"evidence": record.evidence, "of": _digest(record.messages)}
    metadata = {"kernelspec": kernel, KEY: {"record": about}}
    notebook: NotebookNode = new_notebook(cells=cells, metadata=metadata)
    return notebook


def _cells(message: Message) -> list[NotebookNode]:
    """Divide a message into cells of text and of code. Text around code that is only white space gets no cell."""
    role, content = message["role"], message["content"]
    cells: list[NotebookNode] = []
    begin, blank = 0, ""
    for start, end in _codes(content) if role == "assistant" else ():
        text = content[begin : start.start()]
        blank = "" if text.strip() else text
        if not blank and text:
            cells.append(_text_cell(text, role))
        part = {"role": role, "before": blank + start[0], "after": end[0]}
        cells.append(new_code_cell(content[start.end() : end.start()], metadata={KEY: part}))
        begin = end.end()
    rest = content[begin:]
    if cells and not rest.strip():
        cells[-1].metadata[KEY]["after"] += rest
    else:
        cells.append(_text_cell(rest, role))
    for cell in cells[1:]:
        cell.metadata[KEY]["continues"] = True
    if cells[0].cell_type == "markdown":
        cells[0].source = _heading(role) + cells[0].source
    return cells


def _codes(content: str) -> Iterator[tuple[re.Match[str], re.Match[str]]]:
    """Yield what stands before and after each code. What begins and never ends is searched for its end only once."""
    place, endless = 0, set[str]()
    while start := _CODE_BEGINS.search(content, place):
        place, fence = start.end(), start[1] or ""
        ends = re.compile(rf"\n{fence}$" if fence else _CODE_ENDS, re.M)
        if fence not in endless and (end := ends.search(content, place)):
            yield start, end
            place = end.end()
        else:
            endless.add(fence)


def _text_cell(text: str, role: str) -> NotebookNode:
    """Return a cell of Markdown; what is not of a model, such as a listing, is shown character by character."""
    core, begin = text.strip(), 0
    if core.startswith(SOLUTION) and core.endswith(END_OF_SOLUTION):
        core = core.removeprefix(SOLUTION).removesuffix(END_OF_SOLUTION).strip()
        begin = text.index(SOLUTION) + len(SOLUTION)
    begin = text.index(core, begin)
    part = {"role": role, "before": text[:begin], "after": text[begin + len(core) :]}
    if role != "assistant":
        fence = fence_for(core)
        core = f"{fence}text\n{core}\n{fence}"
    cell: NotebookNode = new_markdown_cell(core, metadata={KEY: part})
    return cell


def _text_of(cell: NotebookNode, role: str) -> str:
    """Return what a cell shows, without the heading and the fence that `to_notebook` put around it."""
    if cell.cell_type == "code":
        return str(cell.source)
    source = str(cell.source).removeprefix(_heading(role))
    found = _FENCED.fullmatch(source) if role != "assistant" else None
    return found[2] if found else source


def _heading(role: str) -> str:
    return f"**{role.capitalize()}**\n\n"


def record_of(notebook: NotebookNode) -> Imported | None:
    """Put an imported record together again, as the cells are now.

    Args:
        notebook: Any notebook.

    Returns:
        The conversation; None if the notebook was not imported, or no message is left in it.
    """
    record = ours(notebook).get("record")
    if not isinstance(record, dict) or not isinstance(record.get("id"), str):
        return None
    messages: list[Message] = []
    outputs: list[Message] = []  # of the message's cells, which follow it
    for cell in notebook.cells:
        part = ours(cell)
        if part.get("role") not in ROLES:
            continue
        before, after = part.get("before", ""), part.get("after", "")
        if part.get("continues") and messages:
            messages[-1]["content"] += f"{before}{cell.source}{after}"
        else:
            content = f"{before}{_text_of(cell, part['role'])}{after}"
            messages += [*outputs, {"role": part["role"], "content": content}]
            outputs = []
        outputs += _output_messages(cell.get("outputs", []))
    messages += outputs
    is_same = record.get("of") == _digest(messages)  # evidence of what a user has changed is none
    return Imported(record["id"], tuple(messages), record.get("evidence") if is_same else None) if messages else None


def _digest(messages: Iterable[Message]) -> str:
    return hashlib.sha256(json.dumps(list(messages), sort_keys=True).encode()).hexdigest()


def _output_messages(outputs: Iterable[NotebookNode]) -> list[Message]:
    """Return the record's observations, and those of a run since then as one more."""
    texts = [output.data.get("text/plain", "") for output in outputs if ours(output)]
    if new := plain([output for output in outputs if not ours(output)]):
        texts.append(DIALECTS["codeact"].observation + new)
    return [{"role": "user", "content": text} for text in texts]


def steps_of(notebook: NotebookNode) -> list[Event]:
    """Read the conversation that the steps' cells of the extension show: what their metadata and outputs tell.

    Args:
        notebook: Any notebook.

    Returns:
        The events, without thoughts and answers, which only the journal has. Where no cell asks the question of the
        steps (it was asked in the chat), it is empty.
    """
    events: list[Event] = []
    last = 0  # number of the last step of this question
    for cell in notebook.cells:
        question, step = asked(cell), ours(cell)
        if question is not None:
            events.append(Prompt(question))
            last = 0
        elif _is_step(step) and not is_copy(cell):
            if step["step"] <= last or not events:
                events.append(Prompt(""))
            last = step["step"]
            events += _step_events(cell, step)
    return events


def _is_step(step: dict[str, Any]) -> bool:
    texts = [step.get("proposal"), step.get("code", ""), step.get("model", ""), step.get("reason", "")]
    return all(isinstance(text, str) for text in texts) and isinstance(step.get("step"), int)


def _step_events(cell: NotebookNode, step: dict[str, Any]) -> Iterator[Event]:
    id_, state, outputs = step["proposal"], step.get("state"), cell.get("outputs", [])
    yield Proposal(id_, step["step"], "", step.get("code", cell.source), "", step.get("model", ""))
    if state == "rejected" and step.get("reason"):
        yield Rejection(id_, step["reason"])
    elif state in ("done", "failed", "undone"):
        error = next((f"{each.ename}: {each.evalue}" for each in outputs if each.output_type == "error"), "")
        yield Approval(id_, cell.source, auto=step.get("auto") is True)
        yield Observation(id_, plain(outputs), state == "done" or (state == "undone" and not error), error=error)
        if state == "undone":
            yield Undone(id_, step.get("reason", ""))
