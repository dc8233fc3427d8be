"""Speak with each chat template of llama.cpp's source, and compare the prompts with the whole text as Jinja renders it.

    python -m benchmarks.templates            print the table
    python -m benchmarks.templates --write    put it into docs/models.md

The templates come with the source archive of llama-cpp-python, which pip fetches once (`.ci/vocabularies.py`).
"""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from codeact_jupyter.dialects.thoughts import OPENINGS, ended_at_end
from codeact_jupyter.engines.chat_format import ChatFormat, Tokenize
from codeact_jupyter.engines.llama import _llama_cpp
from codeact_jupyter.engines.template import ChatTemplate, TemplateRefused, learn_template
from codeact_jupyter.engines.template_child import SWITCHES, renderings
from codeact_jupyter.engines.vocabulary import Vocabulary
from codeact_jupyter.session.messages import ChatMessage

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "models.md"
BEGIN, END = "<!-- templates: python -m benchmarks.templates --write -->\n", "<!-- end of templates -->"
BOS, EOS = "<bos>", "<eos>"
KINDS = ("as is", "by rule", "per turn", "refused")
EQUAL = {True: "yes", False: "**no**", None: "–"}
#: Vocabularies in llama.cpp's source, and the templates of models that have them or their ancestors'.
VOCABULARIES = {
    "qwen2": ("Qwen-Qwen2.5-7B-Instruct", "Qwen-Qwen3-0.6B", "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B"),
    "qwen35": ("Qwen3.5-4B",),
    "llama-bpe": ("meta-llama-Llama-3.1-8B-Instruct", "deepseek-ai-DeepSeek-R1-Distill-Llama-8B"),
    "llama-spm": ("mistralai-Mistral-Nemo-Instruct-2407", "Mistral-Small-3.2-24B-Instruct-2506"),
    "phi-3": ("microsoft-Phi-3.5-mini-instruct",),
    "gemma-4": ("google-gemma-4-31B-it", "google-gemma-2-2b-it"),
    "command-r": ("CohereForAI-c4ai-command-r7b-12-2024-tool_use",),
    "deepseek-llm": ("deepseek-ai-DeepSeek-V3.1",),
}
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


@functools.cache
def templates() -> dict[str, str]:
    """Return the templates by name."""
    paths = sorted(models_directory().glob("*.jinja"), key=lambda path: path.name.casefold())
    return {path.stem: path.read_text(encoding="utf-8") for path in paths}


def conversations(*, system: bool) -> list[list[ChatMessage]]:
    """Return conversations of `LENGTHS` messages, and with a system message of one more."""
    head = [ChatMessage("system", SYSTEM)] if system else []
    talk = [ChatMessage("assistant" if number % 2 else "user", text) for number, text in enumerate(TEXTS)]
    return [[*head, *talk[:length]] for length in LENGTHS]


def whole_texts(source: str, template: ChatTemplate, talks: list[list[ChatMessage]]) -> list[str | None]:
    """Return conversations as Jinja renders them with their contents, in one piece."""
    plain = [
        [
            {"role": message.role, "content": message.content + template.words * (message.role == "system")}
            for message in as_shown(messages, template)
        ]
        for messages in talks
    ]
    return renderings({"source": source, "variables": template.variables, "conversations": plain})


def row_of(name: str, source: str) -> Row:
    """Learn one template and check it."""
    try:
        template = learn_template(source, bos=BOS, eos=EOS, trusted=True)
    except TemplateRefused as error:
        return Row(name, "refused", str(error), "–", None)
    chat = ChatFormat(speller(template), template)
    equal = not different(source, chat, template, speller(template))
    longest = conversations(system=True)[-1]
    prompt = chat.ids(longest)
    later = chat.ids([*longest, ChatMessage("assistant", "Yes."), ChatMessage("user", "Go on.")])
    lasts = later[: len(prompt)] == prompt
    is_plain = template.takes_system and not chat.header
    spoken = "per turn" if not lasts else "as is" if is_plain else "by rule"
    system = "its own place" if template.takes_system else "in the first question"
    return Row(name, spoken, system, thinking_of(source, template, chat), equal)


def different(source: str, chat: ChatFormat, template: ChatTemplate, tokenize: Tokenize) -> list[list[ChatMessage]]:
    """Return the conversations whose prompts differ from the tokens of the whole text."""
    talks = [messages for system in (False, True) for messages in conversations(system=system)]
    return [
        messages
        for messages, text in zip(talks, whole_texts(source, template, talks), strict=True)
        if text is None or chat.ids(messages) != list(tokenize(text + chat.header, True))
    ]


def differ_with(vocabulary: str, names: Iterable[str]) -> list[str]:
    """Return those of the templates with which a prompt differs if a real vocabulary makes the tokens."""
    lib = _llama_cpp()
    params = lib.llama_model_default_params()
    params.vocab_only = True
    path = models_directory() / f"ggml-vocab-{vocabulary}.gguf"
    model = lib.llama_model_load_from_file(os.fsencode(path), params)
    spoken = Vocabulary(lib, model)

    def whole(text: str, special: bool) -> list[int]:
        """Tokenise a whole prompt as llama.cpp does, with the begin token if the model wants one."""
        return spoken._tokenize(text if text.startswith(spoken.bos) else spoken.bos + text, special)

    found = []
    for name in names:
        source = templates()[name]
        template = learn_template(source, bos=spoken.bos or BOS, eos=EOS, trusted=True)
        if different(source, ChatFormat(spoken.tokenize, template, spoken.bos), template, whole):
            found.append(name)
    lib.llama_model_free(model)
    return found


def thinking_of(source: str, template: ChatTemplate, chat: ChatFormat) -> str:
    """Describe what is done about the thoughts of a template's model."""
    with mock.patch.dict(SWITCHES, clear=True):
        unasked = ChatTemplate(source, bos=BOS, eos=EOS, trusted=True)
    shape = {"system": template.takes_system, "replies": 1}
    is_switched = unasked.around(**shape) != template.around(**shape)
    if ended_at_end(template.opening):
        return "off"
    if chat.opened or (chat.end_id is None and "<|channel|>" in source):
        return "little, budget" if is_switched else "budget"
    if is_switched:
        return "off"
    return "budget" if any(mark in source for mark in OPENINGS) else "–"


def as_shown(messages: list[ChatMessage], template: ChatTemplate) -> list[ChatMessage]:
    """Put the system message into the first question where the template takes none, or add one where it needs one."""
    if messages[0].role != "system":
        return [ChatMessage("system", ""), *messages] if template.needs_system else messages
    if template.takes_system:
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
        *(f"| {row.name} | {row.spoken} | {row.system} | {row.thinking} | {EQUAL[row.equal]} |" for row in rows),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
