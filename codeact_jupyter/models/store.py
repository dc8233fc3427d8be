"""The model files on disk: finding one by name, fetching it when it is missing, and knowing that it is the right one.

Files lie in `models/` of the cache directory. Beside each verified file lies a stamp with its size, time and sha256:
as long as size and time have not changed, a gigabyte need not be hashed again.
"""

from __future__ import annotations

import contextlib
import glob
import json
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from ..errors import DownloadFailed, ModelCorrupt, ModelNotFound, UsageProblem
from . import catalogue, download, hub
from .catalogue import Model
from .header import read_header

Report = Callable[[str], None]


def locate(
    name: str, *, offline: bool = False, fetch: bool = True, report: Report = lambda text: None
) -> tuple[Model, Path]:
    """The model that `name` means (catalogue name, hub id or path) and its verified file, fetched if it is missing.

    Only pinned files are fetched without being asked for: the rest wait for `pull`. `report` hears of each step.

    Raises:
        ModelNotFound: nothing has this name, or it is not on disk and may not be fetched.
        ModelCorrupt: the file is not the pinned one, or no whole GGUF.
        DownloadFailed: no source delivered it.
    """
    model = catalogue.find(name)
    if model is None:
        return _by_path(name)
    return obtain(model, offline=offline, fetch=fetch, report=report)


def pull(name: str, *, offline: bool = False, report: Report = lambda text: None) -> tuple[Model, Path]:
    """Like `locate`, for a user who asks for this file: unpinned ones are fetched too, and broken ones replaced."""
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
    """`locate` for a model at hand; with `consent`, unpinned files are fetched and broken ones replaced."""
    path = path_of(model)
    if path.exists():
        try:
            return _verified(model, path, report)
        except ModelCorrupt as problem:
            if offline or not consent or path.is_dir():
                raise
            report(f"{problem} Fetching it anew.")
    elif offline or not fetch:
        why = "this is an offline run" if offline else "it was not to be fetched"
        raise ModelNotFound(
            f"{model.name} is not on disk ({path}) and {why}: run {_pull_command(model.name)} on a network first."
        )
    elif not consent and model.sha256 is None:
        raise ModelNotFound(
            f"{model.name} is not on disk and its bytes are not pinned in the catalogue: {_pull_command(model.name)} "
            f"fetches it and remembers the sha256 that the hub states."
        )
    with _locked(path, report):
        if not _is_good(model, path, report):
            _write_stamp(path, download.fetch(model, path, report))
    return _verified(model, path, report)


def cache_directory() -> Path:
    """`CODEACT_CACHE`, or this user's cache directory for this package."""
    import platformdirs

    named = os.environ.get("CODEACT_CACHE")
    return Path(named).expanduser() if named else Path(platformdirs.user_cache_dir("codeact-jupyter"))


def prefix_cache_directory() -> Path:
    """Where `engines.prefixes` keeps what models have read."""
    return cache_directory() / "prefixes"


def path_of(model: Model) -> Path:
    """Where the model's file lies once it is there.

    Raises:
        ModelNotFound: the catalogue pins no file for this model.
    """
    if not model.file:
        raise ModelNotFound(
            f"{model.name} has no file of its own in the catalogue: give the path of your GGUF of it, or its hub id "
            f"(owner/repo:file.gguf), in place of the name; it is recognised by its header."
        )
    return cache_directory() / "models" / model.file


def verify(name: str, *, report: Report = lambda text: None) -> tuple[Model, Path]:
    """Like `locate` without fetching, but reads every byte again, whatever the stamp says."""
    model = catalogue.find(name)
    if model is None:
        return _by_path(name)
    path = path_of(model)
    if not path.exists():
        raise ModelNotFound(f"{model.name} is not on disk ({path}): run {_pull_command(model.name)}.")
    return _verified(model, path, report, afresh=True)


def remove(name: str) -> Path:
    """Deletes the model's file, its stamp and what it has read from the cache, and returns where it was.

    Raises:
        UsageProblem: `name` is a path: files outside the cache are the user's own.
        ModelNotFound: it is not there.
    """
    model = catalogue.find(name)
    if model is None:
        if Path(name).expanduser().exists():
            raise UsageProblem(f"{name} lies outside the model cache: delete it yourself if you mean to.")
        raise catalogue.unknown(name)
    path = path_of(model)
    if not path.is_file():
        raise ModelNotFound(f"{model.name} is not on disk ({path}): there is nothing to remove.")
    for file in (_stamp(path), *prefix_cache_directory().glob(f"{glob.escape(path.name)}-*.kv")):
        file.unlink(missing_ok=True)
    path.unlink()
    return path


def _by_path(name: str) -> tuple[Model, Path]:
    path = Path(name).expanduser()
    if not path.exists():
        raise catalogue.unknown(name)
    header = read_header(path)
    model = Model(path.name, path.name, header.file_bytes, "its own", "", header.context, "gguf", "markdown")
    return catalogue.describe(model, header), path.resolve()


def _verified(model: Model, path: Path, report: Report, *, afresh: bool = False) -> tuple[Model, Path]:
    """The model and its path when the file is the right one, which may take hashing it.

    A file without pin, put there by hand, is taken as it is and must stay so.
    """
    remedy = f"run {_pull_command(model.name)}"
    if not path.is_file():
        read_header(path, remedy=remedy)
    stamp = _read_stamp(path)
    expected = hub.remembered(model, path.parent).sha256 or stamp.get("sha256")
    if afresh or stamp != {**_state(path), "sha256": expected}:
        read_header(path, remedy=remedy)  # quicker than the sha256, and it says more of what is wrong
        report(f"{model.name}: verifying {path.name}")
        found = download.digest(path)
        if expected is not None and found != expected:
            raise ModelCorrupt(f"{path.name} is not the pinned file (its sha256 is {found}, not {expected}): {remedy}.")
        with contextlib.suppress(OSError):  # a cache that may only be read is hashed each time
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
    """The lock of one model's file, held until the end of the `with` statement."""
    from filelock import FileLock, Timeout

    lock = FileLock(path.with_name(f"{path.name}.lock"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return lock.acquire(timeout=0)
    except Timeout:
        report(f"{path.name}: another process is fetching it; waiting for that")
        return lock.acquire()
    except OSError as error:
        raise DownloadFailed(
            f"{path.parent} cannot be written to ({error.strerror}): set CODEACT_CACHE to a directory of yours."
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
