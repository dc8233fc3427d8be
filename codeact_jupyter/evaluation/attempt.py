"""One attempt at one task: ask, run, judge, record."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, cast

from IPython.core.getipython import get_ipython

from ..agent.cell_question import CellText, question
from ..dialects.prompt import Dialect
from ..engines import Engine
from ..session.event_json import to_json
from ..session.messages import ChatMessage, Usage
from ..solving import in_turn, solve
from . import interpreter
from .error_kinds import count_classes, count_kinds
from .other_agent import OtherAgent, Question, time_limit
from .plan import ARMS, PAPER, Settings, techniques_of
from .records import Key, Record, Step
from .suites import load_baseline
from .task import Checker, Namespace, Task


def empty_record(suite: str, task: Task, key: Key, model: str) -> Record:
    """Make the record of an attempt that has not begun.

    Args:
        suite: Its name.
        task: Task of the attempt.
        key: Key of the attempt.
        model: Its name.

    Returns:
        The record.
    """
    _, mode, arm, seed = key
    return Record(suite, task.name, task.domain, task.split, mode, arm, seed, model, prompt=task.prompt)


def attempt(
    record: Record, task: Task, settings: Settings, engine: Engine, dialect: Dialect, other: OtherAgent | None = None
) -> Record:
    """Let an agent work on a task. Exceptions of the task itself are not caught.

    Args:
        record: Empty record of the attempt.
        task: The task.
        settings: Limits of the run.
        engine: The model.
        dialect: Dialect of the model's actions.
        other: Agent to ask in place of ours.

    Returns:
        The record of the attempt.
    """
    started = time.perf_counter()
    namespace = task.namespace()
    record = replace(record, prompt=question_of(task, namespace))
    judge = Judge(task, settings.refusals)
    other = other or _baseline(record)
    if other is None:
        record = _by_agent(record, namespace, judge, settings, engine, dialect)
    else:
        use = techniques_of(record.arm if record.arm in ARMS else "full")
        asked = Question(record.prompt, namespace, task.tools, engine, settings, record.seed, record.mode, use, judge)
        record = _by_other(record, other, asked, judge)
    return replace(record, seconds=round(time.perf_counter() - started, 3))


def question_of(task: Task, namespace: Namespace) -> str:
    """Make the question. A failing cell is run first and quoted with its error, as "Fix with CodeAct" does.

    Args:
        task: The task.
        namespace: What its cell runs in.

    Returns:
        The prompt.
    """
    if not task.cell:
        return task.prompt
    printed, error = interpreter.run(task.cell, namespace)
    namespace.pop("__builtins__", None)
    output = printed.rstrip()
    if error is not None:
        output = f"{type(error).__name__}: {error}\n{interpreter.render_traceback(error)}"
    return question("fix", task.prompt, [CellText(task.cell, output)])


class Judge:
    """Judges the answers of an attempt by the task's checker.

    Args:
        task: The task.
        refusals: Wrong answers that are refused.

    Attributes:
        verdicts: Answers, and what the checker says of them.
        in_form: The first answer has the form asked for; None if none was asked.
        refused: Answers that were refused.
    """

    def __init__(self, task: Task, refusals: int) -> None:
        self._task = task
        self._refusals = refusals
        self.verdicts: list[tuple[str, bool | str]] = []
        self.in_form: bool | None = None
        self.refused = 0

    def __call__(self, answer: str, namespace: Mapping[str, Any]) -> bool | str:
        """Judge an answer.

        Args:
            answer: The answer.
            namespace: Objects after the actions.

        Returns:
            True if the answer is taken, right or not; else the reason to refuse it.
        """
        verdict = _verdict(self._task.check, answer, namespace)
        if self._task.form and not self.verdicts:
            self.in_form = _verdict(self._task.form, answer, namespace) is True
        self.verdicts.append((answer, verdict))
        if verdict is True or self.refused == self._refusals:
            return True
        self.refused += 1
        return verdict or "It is not right."

    def enter(self, record: Record) -> Record:
        """Copy the verdicts into a record.

        Args:
            record: Record of the attempt.

        Returns:
            The record with the verdicts.
        """
        if not self.verdicts:
            return record
        answer, verdict = self.verdicts[0]
        return replace(
            record,
            right=verdict is True,
            in_form=self.in_form,
            right_after_refusal=any(verdict is True for _, verdict in self.verdicts),
            answer=answer,
            verdict="" if verdict is True else str(verdict),
            refused=self.refused,
            turns=record.turns + len(self.verdicts),
        )


def _verdict(check: Checker, answer: str, namespace: Mapping[str, Any]) -> bool | str:
    try:
        return check(answer, namespace)
    except Exception as error:  # the answer or an object is not what the checker can read
        return f"That cannot be checked ({type(error).__name__}: {error})."


def limit_reached(record: Record, settings: Settings) -> Record:
    """Set that the time limit ended the attempt. See `Judge.enter`."""
    return replace(record, status="limit", reason=_limit(settings))


def _limit(settings: Settings) -> str:
    return f"The limit of {settings.max_seconds:.0f} s is reached."


def _enter_run(
    record: Record, status: str, reason: str, steps: Sequence[Step], messages: Sequence[ChatMessage], usage: Usage
) -> Record:
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
    record: Record, namespace: Namespace, judge: Judge, settings: Settings, engine: Engine, dialect: Dialect
) -> Record:
    def check(answer: str) -> bool | str:
        return in_turn(lambda: judge_shell(answer))

    def judge_shell(answer: str) -> bool | str:
        shell: Any = get_ipython()
        figures = {f"figure {number}": figure for number, figure in enumerate(shell.figures)}
        return judge(answer, {**shell.user_ns, **figures})  # what the actions have used and made

    run = solve(
        record.prompt,
        namespace,
        engine=engine,
        dialect=cast(Any, dialect.name),
        max_turns=settings.max_turns,
        max_seconds=settings.max_seconds,
        max_tokens=settings.max_tokens,
        temperature=settings.temperature,
        seed=record.seed,
        check=check,
        techniques=techniques_of(record.arm),
    )
    steps = [Step(turn.thought, turn.code, turn.observation, turn.error) for turn in run.turns]
    evidence = asdict(run.evidence) if run.evidence else None
    kept = json.loads(
        json.dumps([evidence, [to_json(event) for event in run.events]])
    )  # as it comes back from the file
    record = replace(record, evidence=kept[0], events=tuple(kept[1]))
    return judge.enter(_enter_run(record, run.status, run.reason, steps, run.messages, run.usage))


def _baseline(record: Record) -> OtherAgent | None:
    """Return the baseline of the mode or arm; None for our own agent."""
    if record.arm == PAPER:
        return load_baseline("published")
    return None if record.mode == "code" else load_baseline("tool_caller")


def _by_other(record: Record, other: OtherAgent, asked: Question, judge: Judge) -> Record:
    try:
        with time_limit(asked.settings.max_seconds):
            outcome = other(asked)
    except KeyboardInterrupt:
        return limit_reached(record, asked.settings)
    if outcome.answer is not None:
        judge(outcome.answer, outcome.namespace)
    record = _enter_run(record, outcome.status, outcome.reason, outcome.steps, outcome.messages, outcome.usage)
    return replace(judge.enter(record), turns=outcome.turns)
