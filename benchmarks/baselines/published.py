"""The published CodeAct protocol (arXiv 2402.01030) on the same weights, without any technique of ours.

Code stands between `<execute>` tags; its output comes back as a user message that begins with `Observation:`. The
answer stands between `<solution>` tags, or is a reply without code. Tools are described by signature and docstring,
other objects by name. Nothing is checked, resampled or hinted at.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import FunctionType

from codeact_jupyter.evaluation import interpreter
from codeact_jupyter.evaluation.other_agent import Outcome, Question
from codeact_jupyter.evaluation.records import Step
from codeact_jupyter.evaluation.task import Namespace
from codeact_jupyter.namespace.describe import describe
from codeact_jupyter.text import shorten_middle

from . import dialogue as dialogues
from .dialogue import Dialogue

OBSERVATION_CHARS = 2000
SILENT = "[Executed Successfully with No Output, Did you forget to print?]"
CONFUSED = (
    "Nothing was run, and there was no answer. Code goes between <execute> and </execute>, the answer between "
    "<solution> and </solution>."
)
_FENCE = re.compile(r"\A\s*```\w*\n(.*?)(?:\n```\s*)?\Z", re.DOTALL)


def attempt(question: Question) -> Outcome:
    """Work on a task with the published protocol. See `OtherAgent`."""
    space = question.namespace
    return dialogues.converse(
        question,
        "paper",
        lambda dialogue: converse(dialogue, question.prompt, space, lambda answer: question.judge(answer, space)),
    )


def converse(dialogue: Dialogue, prompt: str, namespace: Namespace, judge: Callable[[str], bool | str]) -> None:
    """Take steps until an answer is accepted or no step is left.

    Args:
        dialogue: The conversation.
        prompt: The task.
        namespace: What the code runs in.
        judge: Takes an answer; True, or the reason to refuse it.
    """
    dialogue.tell(f"{_setting(namespace)}\n\nTask: {prompt}\n\n{_budget(dialogue)}")
    while dialogue.turns <= dialogue.settings.max_turns:
        last = dialogue.turns == dialogue.settings.max_turns
        completion = dialogue.sample(_is_complete)
        text = _closed(completion.text)
        dialogue.keep(text, completion)
        code = _between(text, "execute")
        if code is not None and not last:
            _execute(dialogue, text, code, namespace)
        elif "```" in text and "<solution>" not in text and not last:
            dialogue.tell(f"{CONFUSED}\n{_budget(dialogue)}")
        else:
            solution = _between(text, "solution")
            verdict = judge(text.strip() if solution is None else solution.strip())
            if verdict is True:
                return dialogue.finish("answered")
            dialogue.tell(f"Your answer is wrong. {verdict}\n{_budget(dialogue)}")
    return dialogue.finish("limit", f"No answer within {dialogue.settings.max_turns} turns.")


def _is_complete(text: str) -> bool:
    """Return True if the code or the solution is closed, so that decoding can stop."""
    return "</execute>" in text or "</solution>" in text


def _execute(dialogue: Dialogue, text: str, code: str, namespace: Namespace) -> None:
    printed, error = interpreter.run(code, namespace)
    if error is not None:
        printed = f"{printed}{interpreter.render_traceback(error)}"
    observation = shorten_middle(printed.strip(), OBSERVATION_CHARS) or SILENT
    raised = f"{type(error).__name__}: {error}" if error is not None else ""
    dialogue.steps.append(Step(text.partition("<execute>")[0].strip(), code, observation, raised))
    dialogue.tell(f"Observation:\n{observation}\n{_budget(dialogue)}")


def _budget(dialogue: Dialogue) -> str:
    left = dialogue.settings.max_turns - dialogue.turns
    return f"You have {left} steps left." if left > 0 else "You have no steps left. Give your <solution> now."


def _setting(namespace: Namespace) -> str:
    tools = [describe(value) for value in namespace.values() if isinstance(value, FunctionType)]
    others = [name for name, value in namespace.items() if not isinstance(value, FunctionType)]
    parts = ["These functions are defined:\n" + "\n".join(tools)] if tools else []
    parts += [f"These variables are defined: {', '.join(others)}"] if others else []
    return "\n".join(parts)


def _closed(text: str) -> str:
    """Cut the reply after its first closing tag; append the tag if it is missing."""
    for tag in ("execute", "solution"):
        start, end = text.find(f"<{tag}>"), text.find(f"</{tag}>")
        if start >= 0:
            return text[: end + len(tag) + 3] if end >= 0 else f"{text.rstrip()}\n</{tag}>"
    return text


def _between(text: str, tag: str) -> str | None:
    start, end = text.find(f"<{tag}>"), text.find(f"</{tag}>")
    if start < 0:
        return None
    inside = text[start + len(tag) + 2 : end]
    fenced = _FENCE.match(inside)
    return (fenced.group(1) if fenced else inside).strip("\n")
