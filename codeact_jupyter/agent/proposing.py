"""Sample the agent's next step: a proposal of code, or an answer."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..checks.source_text import normalise
from ..dialects.reply import Reply, canonical_reply, is_complete, is_rambling, parse_reply
from ..engines import Engine, OnText
from ..session.messages import Answer, ChatMessage, Completion, Proposal, Stop
from ..session.techniques import ALL, Techniques
from .sampling import Candidate, Sampler, Sampling, Stopped
from .screening import Fault

CORRECT = "Write the whole step again, corrected."
STOPPED = "Stopped. `%codeact continue` takes it up again."

Screen = Callable[[Reply], Fault | None]


def propose(
    engine: Engine,
    messages: Sequence[ChatMessage],
    sampling: Sampling,
    *,
    step: int,
    screen: Screen = lambda reply: None,
    answer_only: bool = False,
    use: Techniques = ALL,
    on_text: OnText = lambda text: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Proposal | Answer | Stop:
    """Sample the agent's next step.

    Args:
        engine: Engine of the model.
        messages: The prompt.
        sampling: Limits.
        step: Number of the step, for its proposal.
        screen: Returns a reply's fault.
        answer_only: True if no further step is possible.
        use: Techniques in use.
        on_text: Called with the text so far.
        stopped: Asked before each candidate, for a stop that came between two.

    Returns:
        The step or the answer; `Stop` if it was stopped, or if no candidate is usable (`no_answer`).
    """
    sampler = Sampler(engine.generate, _CodeReplies(screen, answer_only), sampling, use, on_text, stopped)
    try:
        chosen = sampler.choose(messages)
    except Stopped:
        return Stop(reason=STOPPED, usage=sampler.usage)
    tries = len(sampler.candidates)
    if chosen.fault and chosen.fault.grave:
        reason = f"The model gave nothing usable in {tries} tries; the last: {chosen.fault.text}"
        return Stop("no_answer", reason, replace(sampler.usage, discarded=tries))
    usage, reply = replace(sampler.usage, discarded=tries - 1), chosen.reply
    if reply.code is None:
        return Answer(reply.thought, usage, chosen.tokens)
    name = uuid.uuid4().hex[:8]
    return Proposal(name, step, reply.thought, reply.code, chosen.history, engine.name, usage, chosen.tokens)


@dataclass(frozen=True, slots=True)
class _CodeReplies:
    """The format of the agent's replies: a code block, or else an answer."""

    screen: Screen
    answer_only: bool

    def is_complete(self, text: str) -> bool:
        return is_complete(text)

    def read(self, completion: Completion) -> Candidate[Reply]:
        reply = parse_reply(completion.text)
        action = reply.thought if reply.code is None else normalise(reply.code)
        fault = self._fault(reply, completion)
        return Candidate(reply, completion, fault, canonical_reply(completion.text), action, reply.code is None)

    def feedback(self, candidate: Candidate[Reply], fault: Fault) -> str:
        if candidate.is_answer:
            return fault.text
        return f"That was not run. {fault.text}" if fault.repeated else f"That was not run. {fault.text}\n{CORRECT}"

    def _fault(self, reply: Reply, completion: Completion) -> Fault | None:
        if reply.code is None and not reply.thought:
            return Fault("an empty reply.", grave=True)
        if reply.code is not None and self.answer_only:
            return Fault("code where an answer was asked for.", grave=True)
        if completion.finish == "length" and not reply.closed:
            return Fault("The code was cut off at the token limit: write less.", grave=True)
        if is_rambling(completion.text):
            return Fault("The reply repeats itself: write a short loop, or one step at a time.", grave=True)
        fault = self.screen(reply)
        return None if self.answer_only and fault and fault.ask_once else fault  # no step can follow any more
