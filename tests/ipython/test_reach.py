"""Steps in `auto` mode, tried in a real copy of the process: which run, which wait, which are rejected."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from codeact_jupyter.session.machine import State
from codeact_jupyter.session.messages import Approval, Observation, Proposal, Rejection
from codeact_jupyter.session.reach import REACHES
from codeact_jupyter.testing import AS_WRITTEN

from .conftest import Terminal, step

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there are no copies of the kernel here")
TRYING = ",".join(name for name in AS_WRITTEN.split(",") if name != "trial")

#: Steps by the least reach that they need. They are run in a folder of their own.
STEPS = {
    "read-only": [
        "x = 1 + 1",
        "data.append(4)",
        "Path('there.txt').read_text()",
        "1 / 0",
        "import tempfile\nwith tempfile.NamedTemporaryFile('w') as file:\n    file.write('x')",
        "try:\n    open('/nowhere/x', 'w')\nexcept OSError:\n    y = 1",
        "Path('/dev/null').write_text('x')",
    ],
    "workspace": [
        "Path('new.txt').write_text('x')",
        "with open('there.txt', 'a') as file:\n    file.write('x')",
        "with open('there.txt', 'r+') as file:\n    file.write('x')",
        "Path('new.txt').write_text('x')\ny = 2",
        "import os\nos.makedirs('a/b', exist_ok=True)\nPath('a/b/c').write_text('x')",
        "import os\nPath(os.path.realpath('new.txt')).write_text('x')",
        "Path('inside/new.txt').write_text('x')",
        "for n in range(20):\n    Path(f'{n}.txt').write_text('x')",
        "import json\nwith open('new.json', 'w') as file:\n    json.dump([1], file)",
        "import pandas as pd\npd.DataFrame({'a': [1]}).to_csv('new.csv')",
    ],
    "all": [
        "Path('../new.txt').write_text('x')",
        "Path('outside/new.txt').write_text('x')",
        "Path('link.txt').write_text('x')",
        "Path('.hidden').write_text('x')",
        "import os\nos.makedirs('.git/hooks')",
        "import os\nos.remove('there.txt')",
        "import os\nos.rename('there.txt', 'here.txt')",
        "import os\nos.symlink('/etc', 'etc')",
        "import os\nos.chmod('there.txt', 0o777)",
        "import os\nos.truncate('there.txt', 0)",
        "import os\nos.system('true')",
        "import subprocess\nsubprocess.run(['true'])",
        "import socket\nsocket.create_connection(('127.0.0.1', 9))",
        "import os\nos.kill(os.getppid(), 0)",
        "Path('new.txt').write_text('x')\nimport os\nos.system('true')",
        "try:\n    open('../new.txt', 'w')\nexcept OSError:\n    Path('new.txt').write_text('x')",
        "Path('new.txt').write_text('x')\nPath('new.txt').read_text()\nimport os\nos.remove('there.txt')",
        "Path('new.txt').write_text('x')\n1 / 0",
        "for n in range(20):\n    Path(f'{n}.txt').write_text('x')\nPath('../new.txt').write_text('x')",
        "import time\ntime.sleep(60)",
        "import os\nos.chdir('..')\nPath('new.txt').write_text('x')",
    ],
}
CASES = [(needed, code) for needed, codes in STEPS.items() for code in codes]


@pytest.fixture
def trying(terminal: Terminal) -> Terminal:
    """A terminal in a folder with a file, links to the outside, and one to a folder inside."""
    work = Path.cwd()
    (work / "there.txt").write_text("there")
    (work.parent / "elsewhere").mkdir()
    (work / "outside").symlink_to(work.parent / "elsewhere")
    (work / "link.txt").symlink_to(work.parent / "linked.txt")
    (work / "real").mkdir()
    (work / "inside").symlink_to(work / "real")
    terminal.run(f"%config CodeAct.without = {TRYING!r}\n%codeact mode auto")
    terminal.shell.user_ns.update(data=[1, 2, 3], Path=Path)
    return terminal


def files(folder: Path) -> dict[str, str]:
    """Return all that lies below a folder."""
    return {
        str(path.relative_to(folder)): os.readlink(path) if path.is_symlink() else path.read_text()  # noqa: PTH115
        for path in folder.rglob("*")
        if path.is_file() or path.is_symlink()
    }


@pytest.mark.parametrize(("needed", "code"), CASES)
def test_a_step_is_tried_without_effect_and_its_reach_is_known(trying: Terminal, needed: str, code: str) -> None:
    before, folder = files(Path.cwd().parent), Path.cwd()
    trying.run(f"%codeact mode ask\n%config CodeAct.trial_seconds = {1 if 'sleep' in code else 60}")
    trying.script(*[step(code)] * 9)
    trying.ask("Do it")
    tried = trying.session.pending.tried
    assert tried is not None and tried.reach == needed, tried
    assert {name: text for name, text in files(folder.parent).items() if not name.startswith("journals")} == {
        name: text for name, text in before.items() if not name.startswith("journals")
    }
    assert trying.shell.user_ns["data"] == [1, 2, 3]


@pytest.mark.parametrize("reach", REACHES[:2])
@pytest.mark.parametrize("needed", REACHES)
def test_where_nobody_can_approve_a_step_beyond_the_reach_is_rejected(
    trying: Terminal, reach: str, needed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = {
        "read-only": "x = 1",
        "workspace": "Path('new.txt').write_text('x')",
        "all": "Path('../new').write_text('x')",
    }[needed]
    is_within = REACHES.index(needed) <= REACHES.index(reach)  # type: ignore[arg-type]
    trying.run(f"%codeact reach {reach}\n%config CodeAct.host = 'inline'")
    trying.script(step(code), "Done.")
    trying.ask("Do it")
    kinds = [type(event) for event in trying.session.transcript]
    assert (Approval in kinds, Rejection in kinds) == (is_within, not is_within)
    assert trying.session.answer == "Done."
    told = capsys.readouterr().out
    assert ("The step below was not run: it would" in told) is not is_within
    if not is_within:
        assert f"To allow it, run `%codeact reach {needed}` and ask again." in told
        assert "It would" in trying.last_prompt[-1].content
        assert "Here only steps run that change nothing outside the kernel" in trying.last_prompt[-1].content
    assert Path("new.txt").exists() == (is_within and needed == "workspace")
    assert not Path("../new").exists()


def test_at_a_terminal_a_step_beyond_the_reach_is_the_next_cell(
    trying: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    trying.run("%codeact reach workspace")
    code = "import os\nos.remove('there.txt')"
    trying.script(step("x = 1"), step(code), step("y = 2"), "Done.", step("z = 3"), "Done again.")
    trying.ask("Do it")
    assert trying.shell.user_ns["x"] == 1
    assert trying.session.state is State.AWAITING
    assert "waits for your approval: it would delete `there.txt`" in capsys.readouterr().out
    cell = trying.take_next()
    assert cell is not None and cell.startswith(code)
    assert Path("there.txt").exists()
    trying.run(cell)
    assert not Path("there.txt").exists()
    following = trying.take_next()
    assert following is not None and following.startswith("y = 2")
    trying.run(following)
    assert trying.session.answer == "Done."
    steps = [event for event in trying.session.transcript if isinstance(event, Proposal)]
    results = [event for event in trying.session.transcript if isinstance(event, Observation)]
    assert [event.proposal_id for event in results] == [event.id for event in steps]  # each ran once
    trying.ask("And again")
    assert trying.shell.user_ns["z"] == 3


def test_a_step_that_was_not_tried_is_beyond_all_but_all(trying: Terminal) -> None:
    trying.run("%config CodeAct.trial = False\n%config CodeAct.host = 'inline'")
    for reach in REACHES:
        trying.shell.user_ns.pop("x", None)
        trying.run(f"%codeact reach {reach}")
        trying.script(step("x = 1"), "Done.")
        trying.ask("Do it")
        assert ("x" in trying.shell.user_ns) == (reach == "all")


def test_the_reach_is_fixed_when_a_question_begins(trying: Terminal) -> None:
    trying.run("%codeact reach read-only\n%config CodeAct.host = 'inline'")
    raising = "get_ipython().run_line_magic('con' + 'fig', 'Code' + 'Act.reach = \"all\"')"
    trying.script(step(raising), step("Path('new.txt').write_text('x')"), "Done.")
    trying.ask("Do it")
    assert not Path("new.txt").exists()


def test_an_option_sets_the_reach_of_one_question(trying: Terminal) -> None:
    trying.run("%codeact reach read-only\n%config CodeAct.host = 'inline'")
    for options, exists in (("", False), ("--reach workspace", True)):
        trying.script(step("Path('new.txt').write_text('x')"), "Done.")
        trying.ask("Do it", options)
        assert Path("new.txt").exists() is exists


@pytest.mark.parametrize("value", ["everything", "", "read_only", "All"])
def test_another_reach_is_refused(trying: Terminal, value: str) -> None:
    assert trying.run(f"%codeact reach {value}").error_in_exec is not None
