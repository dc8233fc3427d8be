"""Adapter of smolagents' CodeAgent for `jupyter codeact eval --agent`; `peers.py` runs it.

The agent has its own prompt, parser and executor and all its defaults. It generates through our engine: the same GGUF
in the same process, with the same prompt cache. Its tools are the task's functions with their types and docstrings;
other objects are `additional_args`, and modules are passed by name.
"""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Mapping
from types import FunctionType, ModuleType
from typing import Any, get_type_hints

import smolagents
from smolagents.memory import ActionStep
from smolagents.models import MessageRole, get_clean_message_list, tool_role_conversions
from smolagents.monitoring import TokenUsage

from codeact_jupyter.evaluation.other_agent import Outcome, Question
from codeact_jupyter.evaluation.records import Step
from codeact_jupyter.session.messages import ChatMessage, Usage

IMPORTS = ["numpy.*", "pandas.*", "matplotlib.*", "sklearn.*", "scipy.*", "statsmodels.*", "json", "io", "os", "string"]
TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", list: "array", dict: "object"}
RULES = (  # messages of its interpreter, and what Python would raise
    (r"variable `\w+` is not defined", "NameError"),
    (r"Forbidden function evaluation: \S+ is not among .{0,80}", "NameError"),
    (r"Import (?:of|from) \S+ is not allowed", "ImportError"),
)
MARGIN = 0.2  #: seconds before the limit at which a reply is ended, so that its tokens are counted


def attempt(question: Question) -> Outcome:
    """Run CodeAgent on a question until it answers or the time is over.

    Args:
        question: The task and its limits.

    Returns:
        The outcome.
    """
    namespace = question.namespace
    model = EngineModel(question)
    agent = smolagents.CodeAgent(
        tools=[make_tool(name, value) for name, value in namespace.items() if isinstance(value, FunctionType)],
        model=model,
        additional_authorized_imports=IMPORTS,
        max_steps=question.settings.max_turns,
        verbosity_level=smolagents.LogLevel.OFF,
    )
    agent.state.update({name: value for name, value in namespace.items() if isinstance(value, ModuleType)})
    data = {
        name: value
        for name, value in namespace.items()
        if not isinstance(value, FunctionType | ModuleType) and not name.startswith("_")
    }
    answer, status, reason = None, "answered", ""
    try:
        result = agent.run(question.prompt, additional_args=data or None)
        answer = None if result is None else str(result)
        if answer is None:
            status, reason = "no_answer", "It answered None."
    except KeyboardInterrupt:
        status, reason = "limit", f"The limit of {question.settings.max_seconds:.0f} s is reached."
    except Exception as error:  # an error of its own, or a prompt that does not fit the window
        status, reason = "failed", f"{type(error).__name__}: {error}"
    steps = [step_of(step) for step in agent.memory.steps if isinstance(step, ActionStep) and step.model_output]
    after = {**namespace, **agent.python_executor.state}
    written = model.translate(agent.write_memory_to_messages())
    messages = [message for message in written if message.role != "system"]  # its prompt is not ours to publish
    return Outcome(answer, after, steps, messages, model.usage, model.calls, status, reason)


class EngineModel(smolagents.Model):  # type: ignore[misc]
    """Our engine as a model of smolagents.

    Args:
        question: The task and its limits.

    Attributes:
        usage: Tokens and seconds so far.
        calls: Replies so far.
    """

    def __init__(self, question: Question) -> None:
        super().__init__(flatten_messages_as_text=True, model_id=question.engine.name)
        self.usage = Usage()
        self.calls = 0
        self._question = question
        self._written: dict[str, tuple[int, ...]] = {}
        self._deadline = time.monotonic() + question.settings.max_seconds - MARGIN

    def generate(self, messages: Any, stop_sequences: list[str] | None = None, **options: Any) -> Any:
        """Generate a reply, without the stop sequence that ended it.

        Args:
            messages: The prompt, in smolagents' form.
            stop_sequences: Texts that end the reply.
            options: Ignored.

        Returns:
            The reply, in smolagents' form.

        Raises:
            KeyboardInterrupt: The time is over.
        """
        stops = stop_sequences or []
        settings = self._question.settings
        completion = self._question.engine.generate(
            self.translate(messages),
            is_complete=lambda text: any(stop in text for stop in stops) or self._is_late(),
            max_tokens=settings.max_tokens,
            temperature=settings.temperature,
            seed=self._question.seed,
        )
        self.usage += completion.usage
        self.calls += 1
        if self._is_late():
            raise KeyboardInterrupt
        if completion.tokens:
            self._written[completion.text] = completion.tokens
        ends = [completion.text.index(stop) for stop in stops if stop in completion.text]
        return smolagents.ChatMessage(
            role=MessageRole.ASSISTANT,
            content=completion.text[: min(ends)] if ends else completion.text,
            token_usage=TokenUsage(completion.usage.prompt, completion.usage.generated),
        )

    def translate(self, messages: Any) -> list[ChatMessage]:
        """Translate messages for our engine; replies of the model keep their token ids.

        Args:
            messages: In smolagents' form.

        Returns:
            The messages.
        """
        plain = get_clean_message_list(messages, role_conversions=tool_role_conversions, flatten_messages_as_text=True)
        pairs = [(getattr(each["role"], "value", each["role"]), str(each["content"])) for each in plain]
        return [ChatMessage(role, text, self._written.get(text)) for role, text in pairs]

    def _is_late(self) -> bool:
        return time.monotonic() > self._deadline


def make_tool(name: str, function: FunctionType) -> Any:
    """Make a tool of smolagents, with the function's types and docstring.

    Args:
        name: Name of the tool.
        function: What it calls.

    Returns:
        The tool.
    """
    hints = get_type_hints(function)
    returns = hints.pop("return", None)
    inputs: dict[str, Mapping[str, Any]] = {}
    for parameter in inspect.signature(function).parameters.values():
        told = {"type": type_of(hints.get(parameter.name)), "description": "see above"}
        inputs[parameter.name] = told if parameter.default is parameter.empty else {**told, "nullable": True}
    signature = str(inspect.signature(function)).replace("'", "")
    cls = type(
        "FunctionTool",
        (smolagents.Tool,),
        {
            "name": name,
            "description": f"{inspect.getdoc(function) or ''} Signature: {name}{signature}".strip(),
            "inputs": inputs,
            "output_type": type_of(returns),
            "skip_forward_signature_validation": True,
            "forward": staticmethod(function),
        },
    )
    return cls()


def type_of(hint: Any) -> str:
    """Return smolagents' name of a type."""
    return TYPES.get(getattr(hint, "__origin__", hint), "any")


def step_of(step: ActionStep) -> Step:
    """Convert a step of its memory."""
    written = str(step.model_output or "")
    error = str(step.error) if step.error else ""
    observation = "\n".join(part for part in (step.observations or "", error) if part)
    return Step(
        thought=written.partition("<code>")[0].strip(),
        action=step.code_action or written.partition("<code>")[2] or written,
        observation=observation,
        error=error_of(error, step.code_action),
    )


def error_of(text: str, code: str | None) -> str:
    """Return an error that smolagents reports as a line of Python, such as `NameError: …`."""
    if not text:
        return ""
    if code is None:  # no code block was found in the reply
        return f"SyntaxError: {text.splitlines()[0]}"
    for pattern, name in RULES:
        if found := re.search(pattern, text):
            return f"{name}: {found.group()}"
    raised = [(name, said) for name, said in re.findall(r"(\w+(?:Error|Exception|Iteration)): (?=(.*))", text)]
    own = [pair for pair in raised if pair[0] != "InterpreterError"] or raised
    return ": ".join(own[-1]) if own else f"InterpreterError: {text.splitlines()[0]}"
