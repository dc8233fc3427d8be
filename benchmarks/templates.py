"""Speak with each chat template of llama.cpp's source, and compare the prompts with the whole text as Jinja renders it.

    python -m benchmarks.templates            print the table
    python -m benchmarks.templates --write    put it into docs/models.md

The templates come with the source archive of llama-cpp-python, which pip fetches once (`.ci/vocabularies.py`).
"""

from __future__ import annotations

import functools
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from codeact_jupyter.dialects.thoughts import MARK
from codeact_jupyter.engines.chat_format import ChatFormat
from codeact_jupyter.engines.template import ChatTemplate, TemplateRefused
from codeact_jupyter.engines.template_child import SWITCHES, renderings
from codeact_jupyter.session.messages import ChatMessage

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "models.md"
BEGIN, END = "<!-- templates: python -m benchmarks.templates --write -->\n", "<!-- end of templates -->"
BOS, EOS = "<bos>", "<eos>"
KINDS = ("as is", "by rule", "per turn", "refused")
EQUAL = {True: "yes", False: "**no**", None: "–"}
LENGTHS = (3, 5, 7)  #: messages of a conversation
SYSTEM = "You write Python in a notebook.\n\n- One step at a time.\n- `{{ braces }}` and {% tags %} are text."
TEXTS = (
    "How many rows has `df`?\n\n    a  b\n0   1  2",
    "I count them.\n```python\nprint(len(df))\n```",
    "42\n\n(The task: how many rows?)",
    "There are **42** rows: 日本, ñandú, 1 < 2 & 3 > 2.",
    "And columns?",
    "<execute>\nprint(df.columns)\n</execute>",
    "Index(['a', 'b'])",
)


@dataclass(frozen=True)
class Row:
    """How one template is spoken."""

    name: str  #: file name without its ending
    spoken: str  #: `as is`, `by rule`, `per turn` or `refused`
    system: str  #: where the system message goes, or why the template is refused
    thinking: str  #: what is done about thinking
    equal: bool | None  #: all prompts are those of the full rendering, token for token; None if refused


def main(arguments: list[str]) -> int:
    """Print the table, or write it into the documentation; return 1 if a prompt differs from the full rendering."""
    rows = [row_of(name, source) for name, source in templates().items()]
    table = to_markdown(rows)
    if arguments == ["--write"]:
        page = PAGE.read_text(encoding="utf-8")
        before, rest = page.split(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}{table}{END}{rest.partition(END)[2]}", encoding="utf-8")
    else:
        print(table)
    return int(any(row.equal is False for row in rows))


@functools.cache
def models_directory() -> Path:
    """Return the directory with llama.cpp's templates and vocabularies."""
    command = [sys.executable, str(ROOT / ".ci" / "vocabularies.py")]
    return Path(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip())


def templates() -> dict[str, str]:
    """Return the templates by name."""
    paths = sorted(models_directory().glob("*.jinja"), key=lambda path: path.name.casefold())
    return {path.stem: path.read_text(encoding="utf-8") for path in paths}


def conversations(*, system: bool) -> list[list[ChatMessage]]:
    """Return conversations of `LENGTHS` messages, and with a system message of one more."""
    head = [ChatMessage("system", SYSTEM)] if system else []
    talk = [ChatMessage("assistant" if number % 2 else "user", text) for number, text in enumerate(TEXTS)]
    return [[*head, *talk[:length]] for length in LENGTHS]


def whole_text(source: str, messages: list[ChatMessage]) -> str:
    """Return a conversation as Jinja renders it, with its contents."""
    conversation = [{"role": message.role, "content": message.content} for message in messages]
    job = {"source": source, "bos_token": BOS, "eos_token": EOS, "conversations": [conversation]}
    (text,) = renderings(job)
    assert text is not None
    return text


def row_of(name: str, source: str) -> Row:
    """Learn one template and check it."""
    try:
        template = ChatTemplate(source, bos=BOS, eos=EOS, trusted=True)
    except TemplateRefused as error:
        return Row(name, "refused", str(error), "", None)
    spell = speller(template)
    chat = ChatFormat(spell, template)
    equal = all(
        chat.ids(messages) == spell(whole_text(source, as_shown(messages, template)), True)
        for system in (False, True)
        for messages in conversations(system=system)
    )
    longest = conversations(system=True)[-1]
    lasts = chat.lasting_length(longest) == len(chat.ids(longest))
    spoken = "per turn" if not lasts else "as is" if template.takes_system else "by rule"
    system = "its own place" if template.takes_system else "in the first question"
    return Row(name, spoken, system, thinking_of(source, chat), equal)


def thinking_of(source: str, chat: ChatFormat) -> str:
    """Describe what is done about the thoughts of a template's model."""
    if chat.opened:
        return "always; budget"
    if chat.end_id is None and MARK.search(source):
        return "channels; budget"
    switches = [name for name in SWITCHES if re.search(rf"\b{name}\b", source)]
    if switches:
        return f"`{switches[0]}`: off"
    return "budget" if MARK.search(source) else "–"


def as_shown(messages: list[ChatMessage], template: ChatTemplate) -> list[ChatMessage]:
    """Put the system message into the first question where the template takes none."""
    if template.takes_system or messages[0].role != "system":
        return messages
    system, first, *others = messages
    return [ChatMessage("user", f"{system.content}\n\n{first.content}"), *others]


def speller(template: ChatTemplate) -> Callable[[str, bool], list[int]]:
    """Return a tokenizer of characters, for which the markers in a template's own text are special tokens."""
    shapes = {template.takes_system, template.needs_system}
    texts = [text for system in shapes for text in template.around(system=system, replies=1).texts]
    markers = sorted({marker for text in texts for marker in re.findall(r"<[^<>\s]+>|\[[^\[\]\s]+\]", text)})
    special = {marker: sys.maxunicode + 1 + number for number, marker in enumerate(markers)}
    pattern = re.compile(f"({'|'.join(map(re.escape, markers))})" if markers else r"(\Z.)")

    def spell(text: str, with_special: bool) -> list[int]:
        parts = pattern.split(text) if with_special else [text]
        return [token for part in parts for token in ([special[part]] if part in special else map(ord, part))]

    return spell


def to_markdown(rows: list[Row]) -> str:
    """Return the table, and a line of totals."""
    counts = Counter(row.spoken for row in rows)
    totals = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS if counts[kind])
    equal = sum(row.equal is True for row in rows)
    lines = [
        f"{len(rows)} templates: {totals}. {equal} give the prompts of the full rendering, token for token.",
        "",
        "| template | spoken | system message | thinking | equal |",
        "|---|---|---|---|---|",
        *(
            f"| {row.name} | {row.spoken} | {row.system} | {row.thinking} | {EQUAL[row.equal]} |"
            for row in rows
        ),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
