"""smolagents' CodeAgent on the weights, tasks, limits and prefix cache that ours is measured with.

    python benchmarks/peers.py tools --split test --limit 12 --model qwen2.5-coder-1.5b --out peers-tools

Takes the options of `jupyter codeact eval`, and leaves records in the same form, so that `eval report` and
`eval compare` take both. smolagents is no dependency: the first run makes `build/peers`, an environment that
sees this one's packages, and installs it there.

Its agent is used as it comes: its own prompt, parser and executor, all its defaults. It generates through our engine
(the same GGUF in the same process, its prompts cached in the same way); its tools are made of the task's functions with
the types and docstrings that these have; other objects are given as `additional_args`, and modules by their names.
"""

from __future__ import annotations

import importlib.util
import inspect
import os
import re
import subprocess
import sys
import sysconfig
import time
import venv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, get_type_hints

ROOT = Path(__file__).resolve().parent.parent
VERSION = "smolagents>=1.26,<2"
IMPORTS = ["numpy.*", "pandas.*", "matplotlib.*", "sklearn.*", "scipy.*", "statsmodels.*", "json", "io", "os", "string"]
TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", list: "array", dict: "object"}


def main(arguments: Sequence[str]) -> int:
    """Runs the benchmark, in an environment that has smolagents. Returns the exit code."""
    if importlib.util.find_spec("smolagents") is None:
        python = make_environment(ROOT / "build" / "peers")
        os.execv(python, [str(python), __file__, *arguments])
    from codeact_jupyter.cli import main as run

    return run(["eval", *arguments, "--agent", f"{__file__}:attempt", "--arm", "smolagents"])


def make_environment(path: Path) -> Path:
    """An environment with smolagents that sees this one's packages too. Returns its interpreter."""
    python = path / "bin" / "python"
    if not (path / "ready").exists():
        print(f"making {path} ...", file=sys.stderr)
        venv.create(path, with_pip=True, clear=True)
        inside = subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            capture_output=True,
            text=True,
            check=True,
        )
        beside = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
        (Path(inside.stdout.strip()) / "beside.pth").write_text(beside, encoding="utf-8")
        subprocess.run([python, "-m", "pip", "install", "--quiet", VERSION], check=True)
        (path / "ready").touch()
    return python


def attempt(question: Any) -> Any:
    """Asks smolagents' CodeAgent: see `codeact_jupyter.evaluation.peers`."""
    from smolagents import CodeAgent, LogLevel
    from smolagents.memory import ActionStep

    from codeact_jupyter.evaluation.peers import Outcome

    model = make_model(question)
    functions = {name: value for name, value in question.namespace.items() if isinstance(value, FunctionType)}
    modules = {name: value for name, value in question.namespace.items() if isinstance(value, ModuleType)}
    data = {
        name: value
        for name, value in question.namespace.items()
        if name not in functions and name not in modules and not name.startswith("_")
    }
    agent = CodeAgent(
        tools=[make_tool(name, function) for name, function in functions.items()],
        model=model,
        additional_authorized_imports=IMPORTS,
        max_steps=question.settings.max_turns,
        verbosity_level=LogLevel.OFF,
    )
    agent.state.update(modules)
    answer, status, reason = None, "answered", ""
    try:
        result = agent.run(question.prompt, additional_args=data or None)
        answer = None if result is None else str(result)
        status, reason = ("answered", "") if answer is not None else ("no_answer", "It answered None.")
    except KeyboardInterrupt:
        status, reason = "limit", f"The limit of {question.settings.max_seconds:.0f} s is reached."
    except Exception as error:  # an error of its own, or a prompt that does not fit the window
        status, reason = "failed", f"{type(error).__name__}: {error}"
    steps = [step_of(step) for step in agent.memory.steps if isinstance(step, ActionStep) and step.model_output]
    return Outcome(
        answer=answer,
        namespace={**question.namespace, **agent.python_executor.state},
        steps=steps,
        messages=model.translate(agent.write_memory_to_messages()),
        usage=model.usage,
        turns=model.calls,
        status=status,
        reason=reason,
    )


def make_model(question: Any) -> Any:
    """Our engine as a model of smolagents."""
    from smolagents import ChatMessage, Model
    from smolagents.models import MessageRole, get_clean_message_list, tool_role_conversions
    from smolagents.monitoring import TokenUsage

    from codeact_jupyter import messages as ours

    class EngineModel(Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(flatten_messages_as_text=True, model_id=question.engine.name)
            self.usage = ours.Usage()
            self.calls = 0
            self._written: dict[str, tuple[int, ...]] = {}
            self._deadline = time.monotonic() + question.settings.max_seconds - 0.2

        def generate(self, messages: Any, stop_sequences: list[str] | None = None, **options: Any) -> Any:
            stops = stop_sequences or []
            completion = question.engine.generate(
                self.translate(messages),
                is_complete=lambda text: any(stop in text for stop in stops) or time.monotonic() > self._deadline,
                max_tokens=question.settings.max_tokens,
                temperature=question.settings.temperature,
                seed=question.seed,
            )
            self.usage += completion.usage
            self.calls += 1
            if time.monotonic() > self._deadline:  # a moment before the clock rings, so that the tokens are counted
                raise KeyboardInterrupt
            ends = [completion.text.index(stop) for stop in stops if stop in completion.text]
            text = completion.text[: min(ends)] if ends else completion.text
            if completion.tokens:
                self._written[completion.text] = completion.tokens
            return ChatMessage(
                role=MessageRole.ASSISTANT,
                content=text,
                token_usage=TokenUsage(completion.usage.prompt, completion.usage.generated),
            )

        def translate(self, messages: Any) -> list[ours.ChatMessage]:
            """The same for our engine; what the model wrote comes back as the very tokens."""
            plain = get_clean_message_list(
                messages, role_conversions=tool_role_conversions, flatten_messages_as_text=True
            )
            return [
                ours.ChatMessage(str(getattr(each["role"], "value", each["role"])), text, self._written.get(text))
                for each in plain
                for text in [str(each["content"])]
            ]

    return EngineModel()


def make_tool(name: str, function: FunctionType) -> Any:
    """The function as a tool of smolagents, with the types of its signature and its docstring."""
    from smolagents import Tool

    hints = get_type_hints(function)
    returns = hints.pop("return", None)
    inputs: dict[str, Mapping[str, Any]] = {}
    for parameter in inspect.signature(function).parameters.values():
        told = {"type": type_of(hints.get(parameter.name)), "description": "see above"}
        inputs[parameter.name] = told if parameter.default is parameter.empty else {**told, "nullable": True}
    signature = str(inspect.signature(function)).replace("'", "")
    cls = type(
        "FunctionTool",
        (Tool,),
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
    """The type by smolagents' name for it."""
    return TYPES.get(getattr(hint, "__origin__", hint), "any")


def step_of(step: Any) -> Any:
    """A step of its memory in our form."""
    from codeact_jupyter.evaluation.records import Step

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
    """The exception behind an error that smolagents reports, in a line as Python would name it."""
    if not text:
        return ""
    if code is None:  # no code block was found in the reply
        return f"SyntaxError: {text.splitlines()[0]}"
    rules: list[tuple[str, Callable[[re.Match[str]], str]]] = [
        (r"variable `\w+` is not defined", lambda found: f"NameError: {found.group()}"),
        (r"tried to execute.{0,200}|[Ff]orbidden function.{0,200}", lambda found: f"NameError: {found.group()}"),
        (r"Import (?:of|from) \S+ is not allowed", lambda found: f"ImportError: {found.group()}"),
        (r"due to:?\s*(\w+(?:Error|Exception|Iteration|Exit)): (.*)", lambda found: f"{found[1]}: {found[2]}"),
        (r"(\w+Error): (.*)", lambda found: f"{found[1]}: {found[2]}"),
    ]
    for pattern, name in rules:
        if found := re.search(pattern, text):
            return name(found)
    return f"InterpreterError: {text.splitlines()[0]}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
