"""JSON and text agents: the same tasks and tools as in code mode, one tool call a turn, sampled by the same sampler.

The techniques mean what they mean in code mode: `example` gives a worked example, `remind` repeats the task below each
result, `validate` checks a call before it is made, `resample` and `vote` sample other replies in place of a bad one,
`repair` tells the model its fault, `hints` adds the true signature to an error, `breaker` rejects calls and answers
that were tried before, and `evidence` wants a result before an answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from codeact_jupyter.agent.candidate import Candidate
from codeact_jupyter.agent.sampling import Sampler
from codeact_jupyter.agent.screening import Fault
from codeact_jupyter.dialects.reply import is_rambling
from codeact_jupyter.evaluation.other_agent import Outcome, Question
from codeact_jupyter.evaluation.records import Step
from codeact_jupyter.namespace.describe import examine
from codeact_jupyter.session.messages import Completion
from codeact_jupyter.session.techniques import Techniques
from codeact_jupyter.text import shorten_middle

from .dialogue import Dialogue, converse
from .tool_calls import ToolReply, Tools, find_fault, is_complete, parse

RESULT_CHARS = 4000
REMINDER = (
    '\n\nThe task: {task}\nWrite the next action, or "Answer:" and the answer when the results have shown all of it.'
)
REMINDER_CHARS = 600


def attempt(question: Question) -> Outcome:
    """Work on a task with JSON or text actions. See `OtherAgent`."""
    tools = {name: question.namespace[name] for name in question.tools}

    def judge(answer: str) -> bool | str:
        return question.judge(answer, question.namespace)

    return converse(
        question,
        question.mode,
        lambda dialogue: ToolCaller(dialogue, question.mode, tools, question.use, judge).converse(question.prompt),
    )


class ToolCaller:
    """An agent that calls one tool a turn until it answers.

    Args:
        dialogue: The conversation.
        mode: `json` or `text`.
        tools: Functions by name.
        use: Techniques in use.
        judge: Takes an answer; True, or the reason to refuse it.
    """

    def __init__(
        self, dialogue: Dialogue, mode: str, tools: Tools, use: Techniques, judge: Callable[[str], bool | str]
    ) -> None:
        self._dialogue = dialogue
        self._mode = mode
        self._tools = tools
        self._use = use
        self._judge = judge
        self._made: list[_Made] = []
        self._refused: set[str] = set()

    def converse(self, prompt: str) -> None:
        """Take turns until an answer is accepted or no turn is left.

        Args:
            prompt: The task.
        """
        dialogue, limit = self._dialogue, self._dialogue.settings.max_turns
        listing = "\n".join(f"- {examine(tool).text}" for tool in self._tools.values())
        dialogue.tell(f"Tools:\n{listing}\n\nTask: {prompt}")
        while True:
            answer_only = dialogue.turns >= limit
            if answer_only:
                dialogue.tell("No further action is possible. Answer the task now.")
            chosen = self._choose(answer_only)
            if chosen.fault and chosen.fault.repeated and chosen.fault.grave:
                return dialogue.finish("no_answer", f"Nothing but what was done before: {chosen.history}")
            dialogue.keep(chosen.history or "(nothing)", chosen.completion)
            answer = chosen.reply.answer
            if answer is not None:
                verdict = self._judge(answer)
                if verdict is True:
                    return dialogue.finish("answered")
                self._refused.add(answer)
                dialogue.tell(f"That answer is not accepted: {verdict}")
            elif not answer_only:
                again = REMINDER.format(task=shorten_middle(prompt, REMINDER_CHARS)) if self._use.remind else ""
                dialogue.tell(self._act(chosen.reply) + again)
            if dialogue.turns > limit or (answer_only and answer is None):
                return dialogue.finish("limit", f"No accepted answer in {limit} turns.")

    def _choose(self, answer_only: bool) -> Candidate[ToolReply]:
        dialogue = self._dialogue
        replies = _ToolReplies(self._mode, self._tools, self._use, self._made, self._refused, answer_only)
        sampler = Sampler(dialogue.generate, replies, dialogue.sampling, self._use)
        chosen = sampler.choose(dialogue.prompt())
        discarded = dialogue.usage.discarded + len(sampler.candidates) - 1
        dialogue.usage = replace(dialogue.usage, discarded=discarded)
        return chosen

    def _act(self, reply: ToolReply) -> str:
        """Make the call and return what the model reads of it."""
        call, result = reply.call, ""
        action = call.text if call else reply.history
        error = reply.fault if call is None or call.tool in self._tools else find_fault(call, self._tools)
        if call and not error:
            try:
                result = _as_text(self._tools[call.tool](*call.plain, **call.named))
            except Exception as raised:
                error = f"{type(raised).__name__}: {raised}"
                if self._use.hints:
                    error += f"\nIts signature is {examine(self._tools[call.tool]).brief}."
        text = f"Error: {error}" if error else f"Result: {result}"
        self._dialogue.steps.append(Step(reply.thought, action, text, error.partition("\n")[0]))
        self._made.append(_Made(action, text, not error))
        return text


@dataclass(frozen=True, slots=True)
class _Made:
    """A call that was made, what the model read of it, and its success."""

    action: str
    text: str
    ok: bool


@dataclass(frozen=True, slots=True)
class _ToolReplies:
    """The format of replies in a mode, checked against the calls made and the answers refused so far."""

    mode: str
    tools: Tools
    use: Techniques
    made: Sequence[_Made]
    refused: set[str]
    answer_only: bool
    opening = ""  # in no format

    def is_complete(self, text: str) -> bool:
        return is_complete(text, self.mode)

    def read(self, completion: Completion) -> Candidate[ToolReply]:
        reply = parse(completion.text, self.mode)
        action = reply.call.text if reply.call else reply.answer or ""
        fault = self._fault(reply, completion.text)
        return Candidate(reply, completion, fault, reply.history, action, reply.call is None)

    def feedback(self, candidate: Candidate[ToolReply], fault: Fault) -> str:
        return f"That was not done. {fault.text}"

    def _fault(self, reply: ToolReply, text: str) -> Fault | None:
        if reply.fault:
            return Fault(reply.fault, grave=True)
        if self.answer_only and reply.call:
            return Fault("No action is possible any more: answer the task.", grave=True)
        if is_rambling(text):
            return Fault("The reply repeats itself.", grave=True)
        if reply.call is None:
            return self._fault_of_answer(reply)
        if self.use.validate and (fault := find_fault(reply.call, self.tools)):
            return Fault(fault, grave=True)
        same = [made.text for made in self.made if made.action == reply.call.text] if self.use.breaker else []
        if not same:
            return None
        told = f"You made exactly this call before. {shorten_middle(same[-1], 200)}\nMake another one, or answer."
        return Fault(told, grave=len(same) > len(set(same)), repeated=True)

    def _fault_of_answer(self, reply: ToolReply) -> Fault | None:
        if self.use.breaker and reply.answer in self.refused:
            return Fault("That answer was refused before. Find the mistake, then answer differently.")
        doubt = "" if self.answer_only or not self.use.evidence else self._doubt(reply)
        return Fault(doubt, ask_once=True, resample=True) if doubt else None

    def _doubt(self, reply: ToolReply) -> str:
        if not self.made:
            return "No tool was called yet. Do not guess: call one."
        if not self.made[-1].ok:
            return "The last call failed. Make a corrected one."
        return "" if reply.marked else 'Write an action, or "Answer:" and the answer.'


def _as_text(result: object) -> str:
    try:
        text = json.dumps(result, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(result)
    return shorten_middle(text, RESULT_CHARS)
