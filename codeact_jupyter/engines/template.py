"""Extraction of a GGUF's chat template as five pieces of fixed text.

The template in a model file is an untrusted program. It runs once, in a child process with limits on time, memory and
output, over two probe conversations. Only the text between their messages is kept, and prompts are built from
it: that is fast, cannot hang, and is append-only by construction. A template that does more (one that moves the system
text to the end, say) is used as far as it agrees with such pieces, and refused otherwise.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

MAX_SOURCE = 200_000  #: characters; the longest templates in use have some 20,000
MAX_RENDERING = 50_000  #: characters
MAX_SECONDS = 5  #: of wall-clock time, and of CPU time
MAX_MEMORY = 1 << 30  #: bytes of address space


class TemplateRefused(ValueError):
    """Error of a template that fails, takes too long, or is not fixed text between messages."""


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    """Text around the messages of a conversation: system, user, reply, user, reply, …, user."""

    system: str | None  #: before the system message; None if its text goes into the first user message
    system_user: str  #: between the system message and the first user message
    user: str  #: before a user message that opens the conversation
    reply: str  #: between a user message and the model's reply
    reply_user: str  #: between a reply and the next user message


CHATML = ChatTemplate(
    system="<|im_start|>system\n",
    system_user="<|im_end|>\n<|im_start|>user\n",
    user="<|im_start|>user\n",
    reply="<|im_end|>\n<|im_start|>assistant\n",
    reply_user="<|im_end|>\n<|im_start|>user\n",
)


def extract_template(source: str, *, bos: str = "", eos: str = "") -> ChatTemplate:
    """Extract the pieces of a Jinja chat template.

    Args:
        source: the template.
        bos: the model's begin token as text.
        eos: the model's end token as text.

    Returns:
        The pieces.

    Raises:
        TemplateRefused: the template fails, takes too long, or is not fixed text between messages.
    """
    if len(source) > MAX_SOURCE:
        raise TemplateRefused(f"it has {len(source):,} characters")
    plain = _probe("user", "assistant", "user", "assistant", "user")
    with_system = _probe("system", "user", "assistant", "user", "assistant", "user")
    renderings = _render_in_child(
        {"source": source, "conversations": [plain, with_system], "bos_token": bos, "eos_token": eos}
    )
    without, within = (
        _between(rendering, probe) for rendering, probe in zip(renderings, (plain, with_system), strict=True)
    )
    tail = _repeated_pieces(without[1:]) if without else None
    if not without or tail is None:
        if not within or (tail := _repeated_pieces(within[2:])) is None:
            raise TemplateRefused("it does not put fixed text between the messages")
        return ChatTemplate(within[0], within[1], within[0] + within[1], *tail)
    if not within or _repeated_pieces(within[2:]) != tail:
        return ChatTemplate(None, "", without[0], *tail)
    return ChatTemplate(within[0], within[1], without[0], *tail)


def _probe(*roles: str) -> list[dict[str, str]]:
    return [{"role": role, "content": f"Message{number}Content"} for number, role in enumerate(roles)]


def _between(rendering: str | None, probe: list[dict[str, str]]) -> list[str]:
    """Return the text before, between and after the contents; empty unless each is there once, in order."""
    pieces = re.split(r"(Message\d+Content)", rendering or "")
    return pieces[::2] if pieces[1::2] == [message["content"] for message in probe] else []


def _repeated_pieces(pieces: list[str]) -> tuple[str, str] | None:
    """Return `reply` and `reply_user` of the five pieces after the first user message, or None if they vary.

    The last piece opens the next reply. It may differ from the text before an earlier reply by white space or by a
    longer ending, such as the opening of a thought; it is then used before every reply.
    """
    first, then, second, last, opening = pieces
    if first != second or then != last or not opening.startswith(first.rstrip()):
        return None
    return opening, then


def _render_in_child(job: dict[str, Any]) -> list[str | None]:
    # -P keeps the working directory off the child's path; its own session shields it from a Ctrl-C in the kernel.
    try:
        child = subprocess.run(
            [sys.executable, "-P", __file__],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=MAX_SECONDS,
            start_new_session=True,
            check=True,
        )
        renderings: list[str | None] = json.loads(child.stdout)
    except subprocess.TimeoutExpired:
        raise TemplateRefused(f"it did not end in {MAX_SECONDS} seconds") from None
    except (OSError, subprocess.CalledProcessError, ValueError):
        raise TemplateRefused("it could not be rendered") from None
    return renderings


# --- the child ---------------------------------------------------------------------------------------------------


def _child() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # not every system has each limit
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    job = json.load(sys.stdin)
    json.dump([_rendering(job, conversation) for conversation in job["conversations"]], sys.stdout)


def _rendering(job: dict[str, Any], conversation: list[dict[str, str]]) -> str | None:
    """Return the conversation as the template renders it; None if that fails or is too long."""
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def refuse(message: str = "") -> NoReturn:
        raise ValueError(message)

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    try:
        text = environment.from_string(job["source"]).render(
            messages=conversation,
            add_generation_prompt=True,
            bos_token=job["bos_token"],
            eos_token=job["eos_token"],
            raise_exception=refuse,
            strftime_now=lambda form: datetime.now().strftime(form),
        )
    except Exception:  # the template is an untrusted program, which may raise anything
        return None
    return text if len(text) <= MAX_RENDERING else None


if __name__ == "__main__":
    _child()
