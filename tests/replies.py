"""Texts as models might write them, and where decoding them stops."""

from __future__ import annotations

from hypothesis import strategies as st

from codeact_jupyter.dialects.reply import TAGS, is_complete

PIECES = st.sampled_from(
    [*TAGS, "<exec", "</exe", "</", "<so", "```", "```python", "```python\n", "```py\n", "\n```\n", "```json\n", "\n",
     "x = 1", "print(x)", "df.head()", " ", "'''", '"""', "'", '"', "Answer: ", "42", "%%time\n", "# c\n", "é",
     "\u202e", "\x00", "`", "<e", "\u2003", "\x0b", "```c+", "\r\n", "\\\n", "\\", "if x:\n", "  ", "~~~", "~~~py\n",
     "````", "````python\n", "\n~~~\n", "\n````\n", "%%writefile a.md\n", "%%bash\n", "<<EOF\n", "EOF\n", "```sh\n",
     "<think>\n", "</think>\n", "<think>", "</think>", "[THINK]", "[/THINK]", "<|channel|>analysis",
     "<|channel|>final<|message|>", "<|start|>assistant", "<|end|>", "- ", "1. ", "import os\n", "{python}\n",
     "print('", "'''\n"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=14).map("".join))


def stop_of(text: str) -> int | None:
    """Return the length of the text at which decoding stops; None if it goes on to the end."""
    return next((length for length in range(len(text) + 1) if is_complete(text[:length])), None)
