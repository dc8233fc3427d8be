"""JSON and text actions: the same tasks and tools as in code mode, one tool call a turn, with the same care.

The switches mean what they mean there: `example` gives a worked example, `remind` says the task again below each
result, `validate` checks a call before it is shown, `resample` and `vote` sample other replies in place of an unusable
one, `repair` tells the model why it was, unseen, `hints` adds the true signature to an error, `breaker` keeps it from
repeating what brought nothing new, and `evidence` wants a result before an answer.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from ..namespace.describe import examine
from ..session.messages import ChatMessage, Completion
from ..session.techniques import Techniques
from ..text import shorten_middle
from .calls import Said, Tools, find_fault, is_complete, parse
from .dialogue import TRIES, Dialogue
from .records import Step

RESULT_CHARS = 4000
REMINDER = (
    '\n\nThe task: {task}\nWrite the next action, or "Answer:" and the answer when the results have shown all of it.'
)
REMINDER_CHARS = 600


@dataclass(frozen=True, slots=True)
class _Candidate:
    said: Said
    completion: Completion
    fault: str
    grave: bool = False  #: it cannot be done at all
    loops: bool = False  #: it was done before, twice with the same result

    @property
    def action(self) -> str:
        return self.said.call.text if self.said.call else self.said.answer or ""


class Caller:
    """Lets the model of a dialogue call tools in a mode, until it answers. `judge(answer)` may refuse the answer."""

    def __init__(
        self, dialogue: Dialogue, mode: str, tools: Tools, use: Techniques, judge: Callable[[str], bool | str]
    ) -> None:
        self._dialogue = dialogue
        self._mode = mode
        self._tools = tools
        self._use = use
        self._judge = judge
        self._made: list[tuple[str, str, bool]] = []  # call, what it brought, whether it went well
        self._refused: set[str] = set()

    def converse(self, prompt: str) -> None:
        """Goes on until an answer is accepted, or no turn is left."""
        dialogue, limit = self._dialogue, self._dialogue.settings.max_turns
        listing = "\n".join(f"- {examine(tool).text}" for tool in self._tools.values())
        dialogue.tell(f"Tools:\n{listing}\n\nTask: {prompt}")
        while True:
            answer_only = dialogue.turns >= limit
            if answer_only:
                dialogue.tell("No further action is possible. Answer the task now.")
            chosen = self._choose(answer_only)
            if chosen.loops:
                return dialogue.finish("no_answer", f"Nothing but what was done before: {chosen.said.kept}")
            dialogue.keep(chosen.said.kept or "(nothing)", chosen.completion)
            if chosen.said.answer is not None:
                verdict = self._judge(chosen.said.answer)
                if verdict is True:
                    return dialogue.finish("answered")
                self._refused.add(chosen.said.answer)
                dialogue.tell(f"That answer is not accepted: {verdict}")
            elif not answer_only:
                again = REMINDER.format(task=shorten_middle(prompt, REMINDER_CHARS)) if self._use.remind else ""
                dialogue.tell(self._act(chosen.said) + again)
            if dialogue.turns > limit or (answer_only and chosen.said.answer is None):
                return dialogue.finish("limit", f"No accepted answer in {limit} turns.")

    def _act(self, said: Said) -> str:
        """Makes the call. Returns what the model reads of it."""
        call, result = said.call, ""
        action = call.text if call else said.kept
        error = said.fault if call is None or call.tool in self._tools else find_fault(call, self._tools)
        if call and not error:
            try:
                result = _told(self._tools[call.tool](*call.plain, **call.named))
            except Exception as raised:
                error = f"{type(raised).__name__}: {raised}"
                if self._use.hints:
                    error += f"\nIts signature is {examine(self._tools[call.tool]).brief}."
        text = f"Error: {error}" if error else f"Result: {result}"
        self._dialogue.steps.append(Step(said.thought, action, text, error.partition("\n")[0]))
        self._made.append((action, text, not error))
        return text

    # --- choosing a reply --------------------------------------------------------------------------------------------

    def _choose(self, answer_only: bool) -> _Candidate:
        """The reply to take: the first without a fault; when there is none, the first that can be done, or the last."""
        drawn = [self._draw(answer_only, 0)]
        first = drawn[0]
        if not first.fault:
            return first
        told: tuple[ChatMessage, ...] = ()
        if self._use.repair and first.completion.text.strip():
            reason = f"That was not done. {first.fault}"
            told = ChatMessage("assistant", first.said.kept), ChatMessage("user", reason)
            drawn.append(repaired := self._draw(answer_only, len(drawn), more=told))
            if not repaired.fault:
                self._discard(1)
                return repaired
        doubt = told if first.said.answer is not None else ()  # a bad action in sight is repeated, as in code mode
        if self._use.resample and (found := self._resample(drawn, answer_only, doubt)):
            return found
        self._discard(len(drawn) - 1)
        usable = [each for each in drawn if not each.grave and not each.loops]
        usable.sort(key=lambda each: each.said.call is None)  # what another result can correct comes first
        return usable[0] if usable else drawn[-1]

    def _resample(self, drawn: list[_Candidate], answer_only: bool, told: tuple[ChatMessage, ...]) -> _Candidate | None:
        votes: Counter[str] = Counter()
        sound: dict[str, _Candidate] = {}
        for _ in range(TRIES):
            candidate = self._draw(answer_only, len(drawn), warm=True, more=told)
            drawn.append(candidate)
            if not candidate.fault:
                votes[candidate.action] += 1
                sound.setdefault(candidate.action, candidate)
                if not self._use.vote or votes[candidate.action] > 1:
                    break
        if not votes:
            return None
        self._discard(len(drawn) - 1)
        return sound[votes.most_common(1)[0][0]]

    def _draw(
        self, answer_only: bool, attempt: int, *, warm: bool = False, more: tuple[ChatMessage, ...] = ()
    ) -> _Candidate:
        completion = self._dialogue.sample(
            lambda text: is_complete(text, self._mode), attempt=attempt, warm=warm, more=more
        )
        said = parse(completion.text, self._mode)
        if said.fault:
            return _Candidate(said, completion, said.fault, grave=True)
        if answer_only and said.call:
            return _Candidate(said, completion, "No action is possible any more: answer the task.", grave=True)
        if said.call and self._use.validate and (fault := find_fault(said.call, self._tools)):
            return _Candidate(said, completion, fault, grave=True)
        if said.call is None:
            return _Candidate(said, completion, self._doubt(said))
        same = [text for made, text, _ in self._made if made == said.call.text] if self._use.breaker else []
        if not same:
            return _Candidate(said, completion, "")
        fault = f"You made exactly this call before. {shorten_middle(same[-1], 200)}\nMake another one, or answer."
        return _Candidate(said, completion, fault, loops=len(same) > len(set(same)))

    def _doubt(self, said: Said) -> str:
        """Why the answer may be none, or not rest on results."""
        if self._use.breaker and said.answer in self._refused:
            return "That answer was refused before. Find the mistake, then answer differently."
        if not self._use.evidence:
            return ""
        if not self._made:
            return "No tool was called yet. Do not guess: call one."
        if not self._made[-1][2]:
            return "The last call failed. Make a corrected one."
        return "" if said.marked else 'Write an action, or "Answer:" and the answer.'

    def _discard(self, count: int) -> None:
        self._dialogue.usage = replace(self._dialogue.usage, discarded=self._dialogue.usage.discarded + count)


def _told(result: object) -> str:
    try:
        text = json.dumps(result, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(result)
    return shorten_middle(text, RESULT_CHARS)
