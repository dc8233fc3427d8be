"""The documentation says what the code does."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from codeact_jupyter.config import CodeAct
from codeact_jupyter.notebook.magic import HELP
from codeact_jupyter.session.machine import TRANSITIONS

ROOT = Path(__file__).parents[2]


def diagram() -> str:
    """The state diagram of `docs/architecture.md`, made from the transition table."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for (state, event), target in TRANSITIONS.items():
        arrows.setdefault((state.name, target.name), []).append(event.__name__)
    lines = [f"    {start} --> {end}: {', '.join(events)}" for (start, end), events in arrows.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> IDLE", *lines, "```"])


def test_the_state_diagram_is_the_transition_table() -> None:
    assert diagram() in (ROOT / "docs/architecture.md").read_text(encoding="utf-8"), diagram()


def test_every_module_has_its_row_in_the_architecture() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    package = ROOT / "codeact_jupyter"
    modules = {path.relative_to(package).as_posix() for path in package.rglob("*.py") if path.name != "__init__.py"}
    assert sorted(name for name in modules if f"`{name}`" not in text and f"`{name.split('/')[0]}/`" not in text) == []


def test_every_command_and_option_is_documented() -> None:
    text = (ROOT / "docs/usage.md").read_text(encoding="utf-8")
    commands = re.findall(r"^%codeact (\w+)", HELP, re.MULTILINE)
    assert len(commands) >= 8
    for word in (*commands, *CodeAct.class_trait_names(config=True)):
        assert f"`{word}" in text or f"%codeact {word}" in text, word


def test_links_between_the_pages_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


NAMED_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def promises() -> list[str]:
    """The rows of the table of promises in `docs/safety.md`."""
    lines = (ROOT / "docs/safety.md").read_text(encoding="utf-8").splitlines()
    first = lines.index("| promise | mechanism | shown by |") + 2
    return lines[first : lines.index("", first)]


def test_each_promise_names_tests_that_exist() -> None:
    assert len(promises()) >= 20
    for row in promises():
        named = NAMED_TEST.findall(row.split(" | ")[2])
        assert named, row
        for path, name in named:
            tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
            assert name in [each.name for each in tree.body if isinstance(each, ast.FunctionDef)], f"{path}::{name}"
