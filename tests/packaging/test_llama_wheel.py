"""The wheel of llama-cpp-python: taken from an index of prebuilt ones if that has it, else compiled with a bar."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "llama_wheel.py"


@pytest.fixture
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("llama_wheel", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write_index(folder: Path, version: str) -> str:
    """Write an index that has a wheel without contents for this machine, and return its address."""
    place = folder / "llama-cpp-python"
    place.mkdir(parents=True)
    tag = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
    name = f"llama_cpp_python-{version}-{tag}.whl"
    about = f"llama_cpp_python-{version}.dist-info"
    with zipfile.ZipFile(place / name, "w") as wheel:
        wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: llama-cpp-python\nVersion: {version}\n")
        wheel.writestr(f"{about}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tag}\n")
        wheel.writestr(f"{about}/RECORD", "")
    (place / "index.html").write_text(f'<a href="{name}">{name}</a>')
    return folder.as_uri()


def test_a_prebuilt_wheel_of_this_version_is_taken(script: ModuleType, tmp_path: Path) -> None:
    version = script.REQUIREMENT.partition("==")[2]
    address = write_index(tmp_path / "index", version)
    wheel = script.prebuilt(tmp_path / "wheels" / "cpu", address)
    assert wheel is not None
    assert wheel.parent == tmp_path / "wheels" / "cpu"
    assert script.find(wheel.parent) == wheel


@pytest.mark.parametrize("version", ["0.0.1", ""])
def test_without_one_it_is_compiled(
    script: ModuleType, tmp_path: Path, version: str, capfd: pytest.CaptureFixture[str]
) -> None:
    address = write_index(tmp_path / "index", version) if version else ""
    assert script.prebuilt(tmp_path / "wheels", address) is None
    assert ("has no wheel" in capfd.readouterr().err) == bool(version)


def test_compiling_shows_a_bar_and_its_end_if_it_fails(script: ModuleType, capfd: pytest.CaptureFixture[str]) -> None:
    lines = "".join(f"[{number}/40] Building CXX object {number}.o\n" for number in range(1, 41))
    script.followed([sys.executable, "-c", f"print({lines!r})"])
    shown = capfd.readouterr()
    assert shown.out == ""
    assert shown.err.count("%") == 21
    assert f"{'█' * 20} 100 %" in shown.err
    with pytest.raises(SystemExit, match="could not be compiled"):
        script.followed([sys.executable, "-c", "print('error: no such header'); raise SystemExit(3)"])
    assert "error: no such header" in capfd.readouterr().err


@pytest.mark.parametrize("line", ["", "Building wheel", "[0/0] nothing", "array[3]"])
def test_other_lines_show_nothing(script: ModuleType, line: str) -> None:
    assert script.bar(line, 1.0) == ""


def test_the_demo_downloads_the_model_before_it_compiles() -> None:
    plan = subprocess.run(
        ["make", "--dry-run", "VENV=/nowhere/.venv", "demo"],
        cwd=SCRIPT.parents[1],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert plan.index("codeact_jupyter.models pull") < plan.index("llama_wheel.py") < plan.index("demo.py")
