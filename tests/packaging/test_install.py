"""The sdist and the wheel, built from a clean copy of the tree without node, and installed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXTENSION = Path("share/jupyter/labextensions/codeact-jupyter")
MAX_BUNDLE_BYTES = 520_000  #: of all scripts together, those that load later too
MAX_PACKAGE_BYTES = 1_700_000  #: of the Python package, unpacked, without the scripts


@dataclass(frozen=True)
class Built:
    """The archives that were built."""

    sources: set[str]  #: every file of the tree that is not ignored by git, as posix paths
    sdist: Path
    wheel: Path  #: built from the sdist, not from the tree

    def sdist_names(self) -> set[str]:
        with tarfile.open(self.sdist) as archive:
            return {name.partition("/")[2] for name in archive.getnames()}

    def wheel_names(self) -> set[str]:
        return set(zipfile.ZipFile(self.wheel).namelist())

    def wheel_text(self, suffix: str) -> str:
        (name,) = (name for name in self.wheel_names() if name.endswith(suffix))
        return zipfile.ZipFile(self.wheel).read(name).decode()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    scratch = tmp_path_factory.mktemp("build")
    sources = tree_files()
    for name in sources:
        target = scratch / "tree" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    no_programs = scratch / "empty"
    no_programs.mkdir()
    run(
        [sys.executable, "-m", "build", "--outdir", str(scratch / "dist"), str(scratch / "tree")],
        environment={"PATH": str(no_programs)},
    )
    (sdist,) = (scratch / "dist").glob("*.tar.gz")
    (wheel,) = (scratch / "dist").glob("*.whl")
    return Built(sources, sdist, wheel)


@pytest.fixture(scope="session")
def prefix(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a new environment with the wheel and nothing else."""
    prefix = tmp_path_factory.mktemp("prefix")
    venv.create(prefix, with_pip=False)
    pip(prefix, "install", "--no-deps", "--no-index", str(built.wheel))
    return prefix


def test_sdist_holds_every_source_and_the_built_extension(built: Built) -> None:
    assert built.sources - built.sdist_names() == set()
    assert "codeact_jupyter/labextension/static/style.js" in built.sdist_names()


def test_sdist_holds_no_leftovers_of_the_build(built: Built) -> None:
    extra = built.sdist_names() - built.sources
    leftovers = {name for name in extra if not name.startswith("codeact_jupyter/labextension/")}
    assert leftovers == {"PKG-INFO"}


def test_wheel_holds_every_file_of_the_package(built: Built) -> None:
    package = {name for name in built.sources if name.startswith("codeact_jupyter/")}
    assert "codeact_jupyter/session/messages.py" in package
    assert package - built.wheel_names() == set()


def test_wheel_holds_the_package_and_the_extension_and_nothing_else(built: Built) -> None:
    version = package_version()
    data = f"codeact_jupyter-{version}.data/data/{EXTENSION.as_posix()}/"
    allowed = ("codeact_jupyter/", f"codeact_jupyter-{version}.dist-info/", data)
    assert [name for name in built.wheel_names() if not name.startswith(allowed)] == []
    unwanted = re.compile(r"node_modules|\.yarn|/tests?/|__pycache__|\.tsbuildinfo|^codeact_jupyter/labextension/")
    assert [name for name in built.wheel_names() if unwanted.search(name)] == []


def test_the_python_package_is_small(built: Built, capsys: pytest.CaptureFixture[str]) -> None:
    members = zipfile.ZipFile(built.wheel).infolist()
    size = sum(member.file_size for member in members if member.filename.startswith("codeact_jupyter/"))
    with capsys.disabled():
        print(f"\n{size:,} bytes of the Python package in the wheel", end=" ")
    assert size <= MAX_PACKAGE_BYTES


def test_version_is_the_same_in_the_wheel_the_sdist_and_the_extension(built: Built) -> None:
    version = package_version()
    assert f"\nVersion: {version}\n" in built.wheel_text(".dist-info/METADATA")
    assert built.sdist.name == f"codeact_jupyter-{version}.tar.gz"
    assert json.loads(built.wheel_text(f"{EXTENSION.as_posix()}/package.json"))["version"] == version


def test_install_json_is_in_place_and_names_how_to_uninstall(prefix: Path) -> None:
    install = json.loads((prefix / EXTENSION / "install.json").read_text())
    assert install["packageManager"] == "python"
    assert install["packageName"] == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["name"]
    assert "uninstall" in install["uninstallInstructions"]


def test_installed_extension_is_complete(prefix: Path) -> None:
    package = json.loads((prefix / EXTENSION / "package.json").read_text())
    assert package["name"] == "codeact-jupyter"
    assert (prefix / EXTENSION / package["jupyterlab"]["_build"]["load"]).stat().st_size > 0
    bundle = "".join(script.read_text() for script in scripts(prefix))
    assert "codeact-jupyter:plugin" in bundle
    assert "load_ipython_extension" in bundle
    assert ".jp-CodeAct-status" in bundle  # the styles


def test_settings_page_is_in_place(prefix: Path) -> None:
    schemas = prefix / EXTENSION / "schemas" / "codeact-jupyter"
    sources = ROOT / "labextension" / "schema"
    assert {path.name: path.read_text() for path in schemas.glob("*.json")} == {
        path.name: path.read_text() for path in sources.glob("*.json")
    }


def test_installed_extension_is_small_and_built_for_production(prefix: Path) -> None:
    assert sum(script.stat().st_size for script in scripts(prefix)) < MAX_BUNDLE_BYTES
    assert list((prefix / EXTENSION).rglob("*.map")) == []  # a development build has them


def test_jupyterlab_lists_the_extension_as_enabled(prefix: Path, tmp_path: Path) -> None:
    environment = {"JUPYTER_PATH": str(prefix / "share" / "jupyter"), "JUPYTER_CONFIG_DIR": str(tmp_path)}
    listing = run([sys.executable, "-m", "jupyterlab.labextensions", "list"], environment=environment).stdout
    plain = re.sub(r"\x1b\[[0-9;]*m", "", listing)
    here = plain.split(str(prefix / "share" / "jupyter" / "labextensions"), 1)[1]
    assert re.search(rf"codeact-jupyter v{re.escape(package_version())} enabled\s+OK \(python, codeact-jupyter\)", here)


def test_command_is_installed(prefix: Path) -> None:
    assert os.access(prefix / "bin" / "jupyter-codeact", os.X_OK)


def test_uninstalling_leaves_nothing_behind(built: Built, tmp_path: Path) -> None:
    venv.create(tmp_path, with_pip=False)
    before = files(tmp_path)
    pip(tmp_path, "install", "--no-deps", "--no-index", str(built.wheel))
    assert len(files(tmp_path)) > len(before) + 10
    pip(tmp_path, "uninstall", "--yes", "codeact-jupyter")
    assert files(tmp_path) == before


def test_lock_file_names_no_registry() -> None:
    lock = (ROOT / "labextension" / "yarn.lock").read_text()
    assert re.findall(r"https?://\S+|__archiveUrl\S*", lock) == []


def scripts(prefix: Path) -> list[Path]:
    return list((prefix / EXTENSION / "static").glob("*.js"))


def tree_files() -> set[str]:
    # safe.directory: the checkout may belong to another user than the one who runs the tests.
    git = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(git, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return {name for name in names if name and (ROOT / name).is_file()}


def package_version() -> str:
    version = json.loads((ROOT / "labextension" / "package.json").read_text())["version"]
    assert isinstance(version, str)
    return version


def pip(prefix: Path, *arguments: str) -> None:
    run([sys.executable, "-m", "pip", "--python", str(prefix / "bin" / "python"), *arguments])


def files(directory: Path) -> set[Path]:
    return {path for path in directory.rglob("*") if path.is_file() and "__pycache__" not in path.parts}


def run(command: list[str], environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run `command`; fail with all that it printed if it does not succeed."""
    done = subprocess.run(
        command,
        env=os.environ | (environment or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done
