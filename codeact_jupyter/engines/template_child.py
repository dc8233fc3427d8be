"""The child process that runs a chat template, as Hugging Face's renderer runs it. It imports nothing of this package.

Templates that have a switch for thinking are told not to think.
"""

from __future__ import annotations

import contextlib
import json
import sys
from datetime import datetime
from typing import Any, NoReturn

MAX_RENDERING = 100_000  #: characters
MAX_SECONDS = 5  #: of CPU time
MAX_MEMORY = 1 << 30  #: bytes of address space

#: Variables by which templates are told not to think, or little.
SWITCHES = {
    "enable_thinking": False,
    "thinking": False,
    "reasoning": False,
    "thinking_budget": 0,
    "thinking_mode": "disabled",
}


def renderings(job: dict[str, Any]) -> list[str | None]:
    """Render conversations with a chat template.

    Args:
        job: the `source` of the template, its `variables` besides `SWITCHES`, and `conversations`, lists of messages.

    Returns:
        The text of each; None where the template fails or the text is too long.
    """
    variables = SWITCHES | job["variables"]
    try:
        template = _environment().from_string(job["source"])
    except Exception:  # the template is an untrusted program, which may raise anything
        return [None] * len(job["conversations"])

    def render(conversation: list[dict[str, str]]) -> str | None:
        try:
            text = template.render(
                messages=conversation, tools=None, documents=None, add_generation_prompt=True, **variables
            )
        except Exception:
            return None
        return text if len(text) <= MAX_RENDERING else None

    return [render(conversation) for conversation in job["conversations"]]


def _child() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # not every system has each limit
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    json.dump(renderings(json.load(sys.stdin)), sys.stdout)


def _environment() -> Any:
    """Return an environment with what Hugging Face's renderer has in its own."""
    from jinja2 import nodes
    from jinja2.ext import Extension
    from jinja2.parser import Parser
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Generation(Extension):
        """The tag that marks replies for training: only its body is rendered."""

        tags = {"generation"}  # noqa: RUF012 - as the base class declares it

        def parse(self, parser: Parser) -> nodes.Node:
            line = next(parser.stream).lineno
            return nodes.Scope(parser.parse_statements(("name:endgeneration",), drop_needle=True)).set_lineno(line)

    def refuse(message: str = "") -> NoReturn:
        raise ValueError(message)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, "jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = lambda value, ensure_ascii=False, **options: json.dumps(
        value, ensure_ascii=ensure_ascii, **options
    )
    environment.globals["raise_exception"] = refuse
    environment.globals["strftime_now"] = lambda form: datetime.now().strftime(form)
    return environment


if __name__ == "__main__":
    _child()
