"""From messages to a proposal or an answer: sample, understand, check; sample again when that fails.

The first candidate is taken at the configured temperature, the next ones at a higher one with other seeds. Candidates
share the prompt's KV cache, so that only decoding is paid. An unusable reply never enters the history.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .engines import Engine
from .messages import Answer, ChatMessage, Completion, Proposal, Stop, Usage
from .protocols import canonical_reply, is_complete, parse_reply
from .validate import find_problem

RESAMPLE_TEMPERATURE = 0.5
STOPPED = "Stopped. `%codeact continue` takes it up again."


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to sample: `tries` candidates at most, each of `max_tokens`."""

    max_tokens: int = 768
    temperature: float = 0.0
    seed: int = 0
    tries: int = 4


def propose(
    engine: Engine,
    messages: Sequence[ChatMessage],
    sampling: Sampling,
    *,
    step: int,
    answer_only: bool = False,
    on_text: Callable[[str], None] = lambda text: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Proposal | Answer | Stop:
    """The model's next step. `Stop` when it was stopped, or when no candidate could be used (`no_answer`).

    `stopped()` is asked before each candidate, for a stop that came between two.
    """
    usage = Usage()
    problem = ""
    for attempt in range(sampling.tries):
        if stopped():
            return Stop(reason=STOPPED, usage=usage)
        completion = engine.generate(
            messages,
            is_complete=is_complete,
            on_text=on_text,
            max_tokens=sampling.max_tokens,
            temperature=max(sampling.temperature, RESAMPLE_TEMPERATURE) if attempt else sampling.temperature,
            seed=sampling.seed * sampling.tries + attempt,
        )
        usage += completion.usage
        if completion.finish == "stopped":
            return Stop(reason=STOPPED, usage=usage)
        candidate = _understand(completion, usage, engine.name, step, answer_only)
        if not isinstance(candidate, str):
            return candidate
        problem = candidate
    return Stop("no_answer", f"The model gave nothing usable in {sampling.tries} tries; the last: {problem}", usage)


def _understand(
    completion: Completion, usage: Usage, model: str, step: int, answer_only: bool
) -> Proposal | Answer | str:
    """The candidate, or why it cannot be used."""
    reply = parse_reply(completion.text)
    history = canonical_reply(completion.text)
    tokens = completion.tokens if history == completion.text else None
    if reply.code is None:
        if not reply.thought:
            return "an empty reply."
        return Answer(reply.thought, usage, tokens)
    if answer_only:
        return "code where an answer was asked for."
    if completion.finish == "length" and not reply.closed:
        return "code that was cut off at the token limit."
    if problem := find_problem(reply.code):
        return problem.text
    return Proposal(uuid.uuid4().hex[:8], step, reply.thought, reply.code, history, model, usage, tokens)
