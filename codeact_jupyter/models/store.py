"""Model files on disk: found by name, downloaded if missing, and verified.

The files are in `models/` of the cache directory. Beside each verified file is a stamp with its size, modification time
and sha256: as long as size and time are the same, the file is not hashed again.
"""

from __future__ import annotations

import contextlib
import glob
import json
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from ..errors import DownloadFailed, ModelCorrupt, ModelNotFound, UsageProblem
from . import catalogue, download, hub
from .catalogue import Model, size_and_licence
from .download import Report
from .folders import cache_directory, expanded, prefix_cache_directory
from .header import read_header


def locate(
    name: str, *, offline: bool = False, fetch: bool = True, report: Report = lambda text: None
) -> tuple[Model, Path]:
    """Find a model and its verified file, downloaded if it is missing. Unpinned files are left to `pull`.

    Args:
        name: catalogue name, hub id, or path of a GGUF file.
        offline: never download; an error then says that this is an offline run.
        fetch: download a missing file.
        report: called with a line of text at each step.

    Returns:
        The model and the path of its file.

    Raises:
        ModelNotFound: no model has this name, or it is not on disk and may not be downloaded.
        ModelCorrupt: the file is not the pinned one, or no complete GGUF.
        DownloadFailed: no source delivered the file.
    """
    model = catalogue.find(name)
    if model is None:
        return _by_path(name)
    return obtain(model, offline=offline, fetch=fetch, report=report)


def pull(name: str, *, offline: bool = False, report: Report = lambda text: None) -> tuple[Model, Path]:
    """Find a model like `locate`, but download unpinned files too, and replace broken ones.

    Args:
        name: catalogue name, hub id, or path of a GGUF file.
        offline: never download.
        report: called with a line of text at each step.

    Returns:
        The model and the path of its file.
    """
    model = catalogue.find(name)
    if model is None:
        return _by_path(name)
    return obtain(model, offline=offline, consent=True, report=report)


def obtain(
    model: Model,
    *,
    offline: bool = False,
    fetch: bool = True,
    consent: bool = False,
    report: Report = lambda text: None,
) -> tuple[Model, Path]:
    """Find the verified file of a model, downloaded if it is missing.

    Args:
        model: the model.
        offline: never download.
        fetch: download a missing file.
        consent: also download unpinned files, and replace broken ones.
        report: called with a line of text at each step.

    Returns:
        The model and the path of its file.

    Raises:
        ModelNotFound: the file is not on disk and may not be downloaded.
        ModelCorrupt: the file is not the pinned one, or no complete GGUF.
        DownloadFailed: no source delivered the file.
    """
    path = path_of(model)
    if path.exists():
        try:
            return _verified(model, path, report)
        except ModelCorrupt as problem:
            if offline or not consent or path.is_dir():
                raise
            report(f"{problem} Downloading it again.")
    elif reason := _reason_not_to_fetch(model, path, offline=offline, fetch=fetch, consent=consent):
        raise ModelNotFound(reason)
    with _locked(path, report):
        if not _is_good(model, path, report):
            found = download.fetch(model, path, report)
            with contextlib.suppress(OSError):  # the disk is full now: the file is hashed once more
                _write_stamp(path, found)
    return _verified(model, path, report)


def verified_sha256(path: Path) -> str:
    """Return the SHA-256 that a file of the cache had when it was verified; empty if it has changed, or has no stamp.

    Args:
        path: the file.
    """
    stamp = _read_stamp(path)
    return str(stamp["sha256"]) if stamp.items() >= _state(path).items() and "sha256" in stamp else ""


def path_of(model: Model) -> Path:
    """Return the path of a model's file in the cache.

    Args:
        model: the model.

    Returns:
        The path, where the file may be missing.

    Raises:
        ModelNotFound: the catalogue has no file for this model.
    """
    if not model.file:
        raise ModelNotFound(
            f"{model.name} has no file in the catalogue: give the path of your own GGUF, or its hub id "
            f"(owner/repo:file.gguf), in place of the name; it is recognised by its header."
        )
    return cache_directory() / "models" / model.file


def verify(name: str, *, report: Report = lambda text: None) -> tuple[Model, Path]:
    """Find a model like `locate`, without downloading, and hash its file even if the stamp is valid.

    Args:
        name: catalogue name, hub id, or path of a GGUF file.
        report: called with a line of text at each step.

    Returns:
        The model and the path of its file.

    Raises:
        ModelNotFound: no model has this name, or it is not on disk.
        ModelCorrupt: the file is not the pinned one, or no complete GGUF.
    """
    model = catalogue.find(name)
    if model is None:
        return _by_path(name)
    path = path_of(model)
    if not path.exists():
        raise ModelNotFound(f"{model.name} is not on disk ({path}): run {_pull_command(model.name)}.")
    return _verified(model, path, report, afresh=True)


def remove(name: str) -> Path:
    """Delete a model's file from the cache, with its stamp and its files of the prefix cache.

    Args:
        name: catalogue name or hub id.

    Returns:
        The path where the file was.

    Raises:
        UsageProblem: the name is a path: files outside the cache are the user's own.
        ModelNotFound: no model has this name, or it is not on disk.
    """
    model = catalogue.find(name)
    if model is None:
        if expanded(name).exists():
            raise UsageProblem(f"{name} is outside the model cache: delete the file yourself if you mean to.")
        raise catalogue.unknown(name)
    path = path_of(model)
    if not path.is_file():
        raise ModelNotFound(f"{model.name} is not on disk ({path}): there is nothing to remove.")
    for file in (_stamp(path), *prefix_cache_directory().glob(f"{glob.escape(path.name)}-*.kv")):
        file.unlink(missing_ok=True)
    path.unlink()
    return path


def _reason_not_to_fetch(model: Model, path: Path, *, offline: bool, fetch: bool, consent: bool) -> str:
    """Return the message for a missing file that may not be downloaded; empty if it may be."""
    command = _pull_command(model.name)
    if offline or not fetch:
        why = "this is an offline run" if offline else "it was not to be downloaded"
        return f"{model.name} is not on disk ({path}) and {why}: run {command} on a network first."
    if model.sha256 is None and not consent:
        return (
            f"{model.name} ({size_and_licence(model)}) is not on disk and its bytes are not pinned in the "
            f"catalogue: run {command}, which downloads it and pins the sha256 that the hub states."
        )
    return ""


def _by_path(name: str) -> tuple[Model, Path]:
    path = expanded(name)
    if not path.exists():
        raise catalogue.unknown(name)
    header = read_header(path)
    model = Model(path.name, path.name, header.file_bytes, "its own", "", header.context, "gguf", "markdown")
    return catalogue.describe(model, header), path.resolve()


def _verified(model: Model, path: Path, report: Report, *, afresh: bool = False) -> tuple[Model, Path]:
    """Return the model and the path of its file, after hashing the file unless its stamp is valid.

    A file without a pin, put there by hand, is accepted once; its stamp then pins it.
    """
    remedy = f"run {_pull_command(model.name)}"
    if not path.is_file():
        read_header(path, remedy=remedy)
    stamp = _read_stamp(path)
    expected = hub.with_stored_pin(model, path.parent).sha256 or stamp.get("sha256")
    if afresh or stamp != {**_state(path), "sha256": expected}:
        read_header(path, remedy=remedy)  # faster than the sha256, with a more specific error
        report(f"{model.name}: verifying {path.name}")
        found = download.digest(path)
        if expected is not None and found != expected:
            raise ModelCorrupt(f"{path.name} is not the pinned file (its sha256 is {found}, not {expected}): {remedy}.")
        with contextlib.suppress(OSError):  # a read-only cache has no stamps, and is hashed each time
            _write_stamp(path, found)
    if model.context == 0:
        model = catalogue.describe(model, read_header(path, remedy=remedy))
    return replace(model, bytes=path.stat().st_size), path


def _is_good(model: Model, path: Path, report: Report) -> bool:
    try:
        return path.exists() and bool(_verified(model, path, report))
    except ModelCorrupt:
        return False


def _locked(path: Path, report: Report) -> AbstractContextManager[object]:
    """Return the lock of one model's file, to be held by a `with` statement."""
    from filelock import FileLock, Timeout

    lock = FileLock(path.with_name(f"{path.name}.lock"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return lock.acquire(timeout=0)
    except Timeout:
        report(f"{path.name}: another process is downloading it; waiting for that")
        return lock.acquire()
    except OSError as error:
        raise DownloadFailed(
            f"{path.parent} cannot be written to ({error.strerror}): set CODEACT_CACHE to a writable directory."
        ) from error


def _stamp(path: Path) -> Path:
    return path.with_name(f"{path.name}.stamp.json")


def _state(path: Path) -> dict[str, object]:
    status = path.stat()
    return {"bytes": status.st_size, "mtime_ns": status.st_mtime_ns}


def _read_stamp(path: Path) -> dict[str, object]:
    try:
        stamp = json.loads(_stamp(path).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _write_stamp(path: Path, sha256: str) -> None:
    scratch = path.with_name(f"{path.name}.stamp.new")
    scratch.write_text(json.dumps({**_state(path), "sha256": sha256}), "utf-8")
    scratch.replace(_stamp(path))


def _pull_command(name: str) -> str:
    return f"`jupyter codeact models pull {name}`"
