"""One attempt at one task: asked, watched, judged, and written down."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from ..agent.cell_question import CellText, question
from ..dialects.prompt import Dialect
from ..engines import Engine
from ..errors import CodeActError
from ..session.messages import ChatMessage, Usage
from . import interpreter, paper
from .arms import PAPER, techniques
from .calling import Caller
from .dialogue import Dialogue, clock, preamble
from .peers import Peer, Question
from .raised import count_classes, count_kinds
from .records import Key, Record, Step
from .settings import Settings
from .task import Namespace, Task


def blank(suite: str, task: Task, key: Key, model: str) -> Record:
    """The record of an attempt of which nothing is known yet."""
    _, mode, arm, seed = key
    return Record(suite, task.name, task.domain, task.split, mode, arm, seed, model, prompt=task.prompt)


def attempt(
    record: Record, task: Task, settings: Settings, engine: Engine, dialect: Dialect, peer: Peer | None = None
) -> Record:
    """Lets the agent, or another one on the same engine, work on the task. What the task raises, it raises."""
    started = time.perf_counter()
    namespace = task.namespace()
    prompt = ask(task, namespace)
    record = replace(record, prompt=prompt)
    judge = Judge(task, settings.refusals)
    if peer is not None:
        record = _by_peer(record, peer, Question(prompt, namespace, task.tools, engine, settings, record.seed), judge)
    elif record.mode == "code" and record.arm != PAPER:
        record = _by_agent(record, prompt, namespace, judge, settings, engine, dialect)
    else:
        record = _in_dialogue(record, prompt, namespace, judge, settings, engine, task.tools)
    return replace(record, seconds=round(time.perf_counter() - started, 3))


def ask(task: Task, namespace: Namespace) -> str:
    """The question. A failing cell is run first and put into it, as the notebook does when it is asked for a fix."""
    if not task.cell:
        return task.prompt
    printed, error = interpreter.run(task.cell, namespace)
    namespace.pop("__builtins__", None)
    output = printed.rstrip()
    if error is not None:
        output = f"{type(error).__name__}: {error}\n{interpreter.render_traceback(error)}"
    return question("fix", task.prompt, [CellText(task.cell, output)])


class Judge:
    """Judges answers by the task's checker; the first `refusals` wrong ones are refused."""

    def __init__(self, task: Task, refusals: int) -> None:
        self._task = task
        self._refusals = refusals
        self.verdicts: list[tuple[str, bool | str]] = []  #: answers, and what was said of them
        self.refused = 0

    def __call__(self, answer: str, namespace: Mapping[str, Any]) -> bool | str:
        """`True` when the answer is taken, right or not; or else why it is refused."""
        try:
            verdict = self._task.check(answer, namespace)
        except Exception as error:  # what a checker cannot look at is not right
            verdict = f"That cannot be checked ({type(error).__name__}: {error})."
        self.verdicts.append((answer, verdict))
        if verdict is True or self.refused == self._refusals:
            return True
        self.refused += 1
        return verdict or "It is not right."

    def enter(self, record: Record) -> Record:
        """The record with the verdicts in it."""
        if not self.verdicts:
            return record
        answer, verdict = self.verdicts[0]
        return replace(
            record,
            right=verdict is True,
            right_after_refusal=any(verdict is True for _, verdict in self.verdicts),
            answer=answer,
            verdict="" if verdict is True else str(verdict),
            refused=self.refused,
            turns=record.turns + len(self.verdicts),
        )


def enter_run(
    record: Record, status: str, reason: str, steps: Sequence[Step], messages: Sequence[ChatMessage], usage: Usage
) -> Record:
    """The record with what happened, what it cost, and what the actions raised."""
    errors = [step.error for step in steps]
    return replace(
        record,
        status=status,
        reason=reason,
        steps=tuple(steps),
        messages=tuple({"role": message.role, "content": message.content} for message in messages),
        turns=len(steps),
        prompt_tokens=usage.prompt,
        evaluated_tokens=usage.evaluated,
        generated_tokens=usage.generated,
        reading_seconds=round(usage.first_token_seconds, 3),
        writing_seconds=round(usage.seconds - usage.first_token_seconds, 3),
        discarded=usage.discarded,
        raised=count_classes(errors),
        invalid=count_kinds(errors),
    )


def _by_agent(
    record: Record,
    prompt: str,
    namespace: Namespace,
    judge: Judge,
    settings: Settings,
    engine: Engine,
    dialect: Dialect,
) -> Record:
    from IPython.core.getipython import get_ipython

    from ..solving import solve

    def check(answer: str) -> bool | str:
        shell: Any = get_ipython()
        return judge(answer, shell.user_ns)  # of the shell in which the actions ran

    run = solve(
        prompt,
        namespace,
        engine=engine,
        dialect=cast(Any, dialect.name),
        max_turns=settings.max_turns,
        max_seconds=settings.max_seconds,
        max_tokens=settings.max_tokens,
        temperature=settings.temperature,
        seed=record.seed,
        check=check,
        techniques=techniques(record.arm),
    )
    steps = [Step(turn.thought, turn.code, turn.observation, turn.error) for turn in run.turns]
    return judge.enter(enter_run(record, run.status, run.reason, steps, run.messages, run.usage))


def _in_dialogue(
    record: Record,
    prompt: str,
    namespace: Namespace,
    judge: Judge,
    settings: Settings,
    engine: Engine,
    tools: tuple[str, ...],
) -> Record:
    use = techniques(record.arm)
    name = PAPER if record.arm == PAPER else record.mode
    dialogue = Dialogue(engine, settings, record.seed, preamble(name, example=use.example))
    try:
        with clock(settings.max_seconds):
            if record.arm == PAPER:
                paper.converse(dialogue, prompt, namespace, lambda answer: judge(answer, namespace))
            else:
                chosen = {name: namespace[name] for name in tools}
                Caller(dialogue, record.mode, chosen, use, lambda answer: judge(answer, namespace)).converse(prompt)
    except KeyboardInterrupt:
        dialogue.finish("limit", f"The limit of {settings.max_seconds:.0f} s is reached.")
    except CodeActError as error:
        dialogue.finish("failed", str(error))
    record = enter_run(record, dialogue.status, dialogue.reason, dialogue.steps, dialogue.messages, dialogue.usage)
    return replace(judge.enter(record), turns=dialogue.turns)


def _by_peer(record: Record, peer: Peer, question: Question, judge: Judge) -> Record:
    limit = f"The limit of {question.settings.max_seconds:.0f} s is reached."
    try:
        with clock(question.settings.max_seconds):
            outcome = peer(question)
    except KeyboardInterrupt:
        return replace(record, status="limit", reason=limit)
    if outcome.answer is not None:
        judge(outcome.answer, outcome.namespace)
    record = enter_run(record, outcome.status, outcome.reason, outcome.steps, outcome.messages, outcome.usage)
    return replace(judge.enter(record), turns=outcome.turns)


def tidy() -> None:
    """What an attempt leaves in the process and the next one might see: open figures."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close("all")
