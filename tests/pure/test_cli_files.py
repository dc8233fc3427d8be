"""The command line writes notebooks and edits steps: what fails is said, and nothing is lost."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from codeact_jupyter import cli
from codeact_jupyter.notebook import saving
from codeact_jupyter.notebook.saving import save_whole
from tests.full_disk import full_disk

NOTEBOOK = new_notebook(cells=[new_code_cell("x = 'é 数'")])
CODE = "print('before')"


@pytest.mark.parametrize(
    "name",
    ["a.ipynb", "my notes.ipynb", "数据.ipynb", os.fsdecode(b"\xff.ipynb"), "n" * 240 + ".ipynb", "数" * 82 + ".ipynb"],
)
def test_a_notebook_is_saved_under_any_name(tmp_path: Path, name: str) -> None:
    output = tmp_path / name
    output.write_text("earlier")
    output.chmod(0o600)
    assert cli._save(NOTEBOOK, output) == output
    assert nbformat.read(output, as_version=4) == NOTEBOOK
    assert stat.S_IMODE(output.stat().st_mode) == 0o600 and list(tmp_path.iterdir()) == [output]


def test_a_link_stays_a_link_and_a_device_a_device(tmp_path: Path) -> None:
    (tmp_path / "link.ipynb").symlink_to("real.ipynb")
    assert cli._save(NOTEBOOK, tmp_path / "link.ipynb") == tmp_path / "real.ipynb"
    assert (tmp_path / "link.ipynb").is_symlink()
    assert nbformat.read(tmp_path / "real.ipynb", as_version=4) == NOTEBOOK
    cli._save(NOTEBOOK, Path(os.devnull))
    assert Path(os.devnull).is_char_device()


@pytest.mark.parametrize("size", [0, 1, 50, 100, 200])
def test_on_a_full_disk_the_earlier_notebook_stays(tmp_path: Path, size: int) -> None:
    output = tmp_path / "a.ipynb"
    output.write_text("earlier")
    with full_disk(size), pytest.raises(OSError, match=r"large|space"):
        save_whole(output, nbformat.writes(NOTEBOOK))
    assert output.read_text() == "earlier" and list(tmp_path.iterdir()) == [output]


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(28, "No space left on device")])
def test_a_notebook_that_cannot_be_written_is_saved_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: OSError
) -> None:
    output = tmp_path / "a.ipynb"

    def refuse(path: Path, content: str) -> None:
        if path == output:
            raise error
        save_whole(path, content)

    monkeypatch.setattr(saving, "save_whole", refuse)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    saved = cli._save(NOTEBOOK, output)
    assert nbformat.read(saved, as_version=4) == NOTEBOOK and not output.exists()
    assert f"a.ipynb cannot be written ({error.strerror}): saving {saved}." in capsys.readouterr().err


def editor(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("name", "how"),
    [("ed", "{}"), ("my editor", "{}"), ("my editor", "'{}' --wait"), ("编辑", "{}"), ("ed", "{} -a 'b c'")],
)
def test_the_editor_may_have_any_path_and_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, how: str
) -> None:
    path = editor(tmp_path, name, 'for last; do :; done; echo "print(2)" > "$last"')
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", how.format(path))
    assert cli._edit(CODE) == "print(2)"


@pytest.mark.parametrize(
    "command", ["/nowhere/ed", "no-such-editor -w", "'unclosed", "  ", "{rm}", "{bytes}", "{folder}"]
)
def test_where_no_editor_works_the_step_stays_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    made: dict[str, Any] = {
        "rm": editor(tmp_path, "rm", 'rm "$1"'),
        "bytes": editor(tmp_path, "bytes", r"""printf '\377\376' > "$1" """),
        "folder": tmp_path,
    }
    monkeypatch.setenv("VISUAL", command.format(**made))
    assert cli._edit(CODE) == CODE
    assert "did not edit the step" in capsys.readouterr().out


def test_without_a_setting_the_usual_editor_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert cli._edit(CODE) == CODE
    assert "'vi' did not edit the step" in capsys.readouterr().out
    editor(tmp_path, "vi", "echo 'print(3)' > \"$1\"")
    assert cli._edit(CODE) == "print(3)"


@pytest.mark.parametrize("number", [12, 24, 28, 30, 13])
def test_what_the_system_refuses_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise OSError(number, os.strerror(number), "/tmp/x")

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    assert cli.main(["ask", "How many?"]) == 2
    assert capsys.readouterr().err == f"jupyter codeact: [Errno {number}] {os.strerror(number)}: '/tmp/x'\n"
