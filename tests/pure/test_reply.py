"""Replies of every form are understood, while they are written and afterwards."""

from __future__ import annotations

import inspect
import re
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

import codeact_jupyter
from codeact_jupyter.dialects.reply import (
    TAGS,
    Reply,
    canonical_reply,
    is_complete,
    parse_reply,
    with_code,
)
from tests.replies import TEXTS, stop_of

GUIDE = "A guide:\n````markdown\n# Use\n```python\nf()\n```\nEnd\n````"

# --- steps -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "thought", "code"),
    [
        ("I look.\n```python\ndf.head()\n```", "I look.", "df.head()"),
        ("I look.\n```python\ndf.head()\n```\nand\n```python\ndf.tail()\n```", "I look.", "df.head()"),
        ("<thought>Count.</thought>\n<execute> len(df) </execute>", "Count.", "len(df)"),
        ("<execute>\n```python\nlen(df)\n```\n</execute>", "", "len(df)"),
        ("```python\n<execute>\nlen(df)\n</execute>\n```", "", "len(df)"),
        ("<execute>```\nlen(df)</execute>", "", "len(df)"),
        ("<execute>\nlen(df)\n```\nThen", "", "len(df)"),
        ("Count.\n<execute>\nif x:\n    y = 1\n</execute>", "Count.", "if x:\n    y = 1"),
        ("<execute> if x:\n    y = 1\n</execute>", "", "if x:\n    y = 1"),
        ("```json\n{}\n```\nThen\n```py\na = 1\n```", "```json\n{}\n```\nThen", "a = 1"),
        ("```bash\nls\n```\nThen\n```py\na = 1\n```", "```bash\nls\n```\nThen", "a = 1"),
        ("```\nimport os\n```", "", "import os"),
        ("I do.\n```Python\r\na = 1\r\n```", "I do.", "a = 1"),
        ("```python\n\n```\nSo:\n```python\nb = 2\n```", "So:", "b = 2"),
        ("```python\na = 1\n```python\nb = 2\n```", "", "a = 1"),
        ("```python\nprint(a)```", "", "print(a)"),
        ("I look: ```python\nprint(a)\n```", "I look:", "print(a)"),
        ("~~~~ python\na = ~~~b\n~~~~", "", "a = ~~~b"),
    ],
)
def test_first_action_is_found_in_every_form(text: str, thought: str, code: str) -> None:
    reply = parse_reply(text)
    assert (reply.thought, reply.code, reply.closed) == (thought, code, True)


@pytest.mark.parametrize("mark", ["```", "````", "`````````", "~~~", "~~~~~"])
@pytest.mark.parametrize(
    "info",
    ["python", "py", " py3", "Python3", "IPYTHON", "tool_code", "{python}", "{.python .numberLines}", "{python, x=1}",
     'python title="count.py"', "python {1,3-4}", "{code-cell} ipython3"],
)  # fmt: skip
@pytest.mark.parametrize("indent", ["", "   ", "\t"])
def test_a_block_of_python_is_a_step_however_it_is_fenced(mark: str, info: str, indent: str) -> None:
    code = "for row in rows:\n    if row:\n        print(row)"
    for newline in ("\n", "\r\n"):
        block = textwrap.indent(f"{mark}{info}\n{code}\n{mark}", indent)
        step = f"1. I look.\n\n{block}".replace("\n", newline)
        assert parse_reply(step) == Reply("1. I look.", code)
        assert stop_of(f"{step}{newline}The output is 3.") == len(step)
        assert parse_reply(step.removesuffix(mark)) == Reply("1. I look.", code, closed=False)


@pytest.mark.parametrize(
    "info", ["bash", "sh", "json", "text", "markdown", "output", "tool_output", "pycon", "r", "{r}", "sql"]
)
def test_a_block_in_another_language_is_part_of_the_answer(info: str) -> None:
    text = f"It is there:\n```{info}\nimport os\nos.remove('a')\n```"
    assert parse_reply(text) == Reply(text, None)
    assert stop_of(text) is None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("It is 42.", "It is 42."),
        ("Answer: 42", "42"),
        ("<thought>So.</thought><solution> 42 </solution> <execute>x</execute>", "42"),
        ("The table:\n```\n a  3\n b  4\n```\nSo 3.", "The table:\n```\n a  3\n b  4\n```\nSo 3."),
        ("The table:\n~~~\n a  3\n~~~", "The table:\n~~~\n a  3\n~~~"),
        ("Call `f()`, or ```g()``` if\nit fails.", "Call `f()`, or ```g()``` if\nit fails."),
        (GUIDE, GUIDE),
        (GUIDE.replace("````", "```"), GUIDE.replace("````", "```")),
        ("Nothing in it.\n```python\n\n```", "Nothing in it."),
        ("It is 42.\n```", "It is 42."),
        ("It is 42.\n```pyth", "It is 42."),
        ("", ""),
    ],
)  # fmt: skip
def test_a_reply_without_action_is_an_answer(text: str, answer: str) -> None:
    reply = parse_reply(text)
    assert (reply.thought, reply.code) == (answer, None)


# --- fences that belong to the code ----------------------------------------------------------------------------------

WITH_FENCES = [
    'text = """\n```sh\nmake demo\n```\n"""\nprint(len(text))',
    "text = '''\n```\nmake demo\n```\n'''",
    'def f():\n    r"""Do it.\n\n    ```python\n    f()\n    ```\n    """\n    return "```"',
    'text = f"""{name}\n~~~\n```python\n"""',
    "text = 'a\\\n```\\\nb'",
    "parts = text.split('```')  # it's between ``` and ```",
    "tags = ['</execute>', \"<solution>\", '''\n</execute>\n''']",
    'text = """He said ""no"" \\"""\n```\n"""',
    "%%writefile USE.md\n# Use\n\n```sh\nmake demo\n```\n\nIt's done.",
    "%%writefile USE.md\n~~~\n```sh\nmake demo\n```",
    "%%writefile -a use.py\ntext = '''\n```\nmake demo\n```\n'''",
    "%%bash\ncat > USE.md <<'END'\n```\nmake demo\n```\nEND\nls",
    "%%sh\ncat <<-END\n\t```\n\tEND\nls",
    "%%time\ntext = '''\n```\n'''",
]


@pytest.mark.parametrize("code", WITH_FENCES)
@pytest.mark.parametrize(
    "form", ["```python\n{}\n```", "````python\n{}\n````", "~~~~py\n{}\n~~~~", "<execute>\n{}\n</execute>"]
)
def test_a_fence_or_tag_within_the_code_does_not_end_it(code: str, form: str) -> None:
    step = f"I write.\n{form.format(code)}\n"
    assert parse_reply(step) == Reply("I write.", code)
    assert canonical_reply(step) == step.rstrip()
    stop = stop_of(f"{step}Then\n```python\nprint(2)\n```")
    assert stop in (len(step) - 1, len(step))


def sources() -> list[str]:
    """Return real modules, which hold fences, tags, quotation marks and comments of every kind."""
    own = [path.read_text() for path in Path(codeact_jupyter.__file__).parent.rglob("*.py")]
    return [source.strip() for source in (*own, *map(inspect.getsource, (inspect, re, textwrap))) if source.strip()]


def test_real_modules_are_read_to_their_end() -> None:
    for source in sources():
        step = f"```python\n{source}\n```"
        assert parse_reply(f"{step}\nDone.\n```python\n1\n```").code == source
        assert is_complete(step)
        assert not is_complete(step[:-1])


@pytest.mark.parametrize(
    "code", ["x = 'abc", "x = (1,", 'x = """abc', "it's", "!echo it's", "%%writefile a\n```sh\nmake"], ids=str
)
def test_code_that_is_broken_ends_with_the_reply(code: str) -> None:
    step = f"```python\n{code}\n```"
    assert parse_reply(step) == Reply("", code)
    assert parse_reply(canonical_reply(step)) == Reply("", code)


def test_code_with_a_string_that_never_ends_its_line_stops_at_the_fence() -> None:
    step = "<execute>print('abc</execute>"
    assert stop_of(f"{step}\nNow") == len(step) + 1, "until then it may be a string with a tag in it"
    assert stop_of(f"{step}')</execute>\nNow") == len(step) + len("')</execute>")


def test_closed_code_is_left_as_it_is() -> None:
    assert parse_reply("```python\nsmall = x<t\n```").code == "small = x<t"
    assert parse_reply("```python\nx = '''\n \n'''\n```").code == "x = '''\n \n'''"


@pytest.mark.parametrize("half", ["</exec", "</", "<sol", "\n``", "\n```", "`", "\n```\n</exe"])
def test_half_a_tag_never_reaches_the_code(half: str) -> None:
    opening = "```python\n" if half.strip()[0] == "`" else "<execute>"
    assert parse_reply(f"{opening}x = 1{half}").code == "x = 1"


# --- any text --------------------------------------------------------------------------------------------------------


@given(TEXTS)
def test_any_text_is_understood_without_an_exception_or_a_tag(text: str) -> None:
    reply = parse_reply(text)
    assert not any(tag in reply.thought for tag in TAGS)
    if reply.code is not None:
        assert reply.code.strip() == reply.code != ""
        assert reply.closed or not reply.code.endswith(("</", "<execute", "</execute", "`"))


@given(TEXTS)
@example("<execute>```\n<e\n```\n0")  # half a tag inside a fence
@example("```python\nx\n```c+</")  # a fence once half a tag is gone
@example("<execute>```\nx\n```\u2003</execute>")  # a fence once the space is gone
@example("```\nx = 1\\\n\n```")  # Python only with the space after it
@example("<execute>'</exe<thought>cute>'</execute>")  # a tag once another is gone
@example("```0```PYTHON\n")  # a fence once the one behind it is gone
@example("<execute></think>x")  # the end of a thought at the beginning of a line once the code has one of its own
@example("x <|end|>\n````\n")  # a mark at the end of the text once half a block is gone
@example('````<execute>"````python\n')  # a fence that would open a block once the code has a line of its own
@example("<execute>~~~<thought>")
def test_the_canonical_reply_holds_the_same_action_and_nothing_after_it(text: str) -> None:
    reply, canonical = parse_reply(text), canonical_reply(text)
    assume(not (reply.code or "").startswith(("%%writefile", "%%bash")))  # blocks in it may be left open
    assert parse_reply(canonical) == replace(reply, closed=True)
    assert canonical_reply(canonical) == canonical
    if is_complete(text):
        assert is_complete(f"{canonical}\n")


@given(TEXTS)
@example("```\nx = '''a\n```\n```python\n1\n```\n'''\n```")  # no language: a string may go on
@example("```python\nx = 'a```'\n```")
@example("<execute>'</execute>'</execute>")
def test_decoding_stops_where_the_action_is_that_of_the_whole_text(text: str) -> None:
    stop = stop_of(text)
    if stop is not None:
        assert parse_reply(text[:stop]).code == parse_reply(text).code
        assert parse_reply(text[:stop]).thought == parse_reply(text).thought or parse_reply(text).code is None


@given(TEXTS, TEXTS)
def test_decoding_goes_on_until_the_first_action_is_closed(start: str, rest: str) -> None:
    if is_complete(start):
        assert parse_reply(f"{start}\n{rest}").code == parse_reply(start).code


_PLAIN = ["x = 1", "# it's ```", "if x:\n    y = 2", "print('</execute>')", "f(a,\n  b)", "x = ''", 'y = "\'"']
_INSIDE = ["```", "```py\nz\n```", "~~~", "'", "''", "</execute>"]
_STRINGS = [f'{prefix}"""\n{inside}\n"""' for prefix in ("a = ", "f", "r") for inside in _INSIDE]
_STATEMENTS = st.lists(st.sampled_from(_PLAIN + _STRINGS), min_size=1, max_size=5).map("\n".join)


@given(_STATEMENTS, st.sampled_from(["```", "~~~", "````"]), st.sampled_from(["python", "py3"]), TEXTS)
def test_decoding_stops_with_the_closing_fence_and_the_code_is_as_written(
    code: str, mark: str, language: str, rest: str
) -> None:
    step = f"I do.\n{mark}{language}\n{code}\n{mark}"
    assert stop_of(f"{step}\n{rest}") == len(step)
    assert parse_reply(f"{step}\n{rest}") == Reply("I do.", code)
    assert canonical_reply(f"{step}\n{rest}") == step
    assert with_code(step, "z") == f"I do.\n{mark}{language}\nz\n{mark}"


def test_the_stop_tag_is_put_back() -> None:
    assert canonical_reply("Look.\n<execute>\nx = 1") == "Look.\n<execute>\nx = 1\n</execute>"
    assert canonical_reply("Look.\n```python\nx = 1\n``") == "Look.\n```python\nx = 1\n```"
