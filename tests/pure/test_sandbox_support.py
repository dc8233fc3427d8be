"""Which machines can try code, and what the others say."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from codeact_jupyter.kernel.copy import landlock, sandbox


def test_this_machine_can_try_code() -> None:
    """So that no test of the trials is left out."""
    assert sandbox.missing() == "" and landlock.version() >= 1


def test_a_machine_without_landlock_or_a_table_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    assert "no Landlock" in sandbox.missing()
    monkeypatch.setattr(sandbox, "system_calls", dict)
    assert platform.machine() in sandbox.missing()


@pytest.mark.parametrize(("system", "absent"), [("darwin", ()), ("win32", ("resource", "fcntl"))])
def test_other_systems_try_nothing_and_say_so(system: str, absent: tuple[str, ...]) -> None:
    """`Preview` can be imported where its Linux parts cannot."""
    absent = (*absent, "codeact_jupyter.kernel.copy.system_calls")
    script = f"""
import sys
import asyncio, filelock, psutil, sysconfig
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
psutil.virtual_memory(), sysconfig.get_config_vars()
sys.platform = {system!r}
for name in {absent!r}:
    sys.modules[name] = None
from codeact_jupyter.kernel.gate import Gate
from codeact_jupyter.kernel.preview import Preview
from codeact_jupyter.kernel.workspace import Workspace
config = Config()
config.HistoryManager.enabled = False
shell = InteractiveShell(config=config)
print(Preview(Workspace(shell, Gate(shell))).try_cell("1"))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert "outcome='not_tried'" in done.stdout and "sandboxed copy" in done.stdout, done.stderr
