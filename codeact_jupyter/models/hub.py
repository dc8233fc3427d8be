"""The Hugging Face hub as a source of model files.

`hf_hub_download` starts again from 0 after a killed process, so `http_get` of the same library is used, which continues
a partial file. Address, credentials, `HF_ENDPOINT` and errors are the library's own in both cases.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ..errors import DownloadFailed, ModelCorrupt
from .catalogue import Hub, Model, size_text

ANSWER_SECONDS = 5.0  #: longest wait for the hub's answer before it counts as unreachable

_SHA256 = re.compile(r"[0-9a-f]{64}")


def resolve(model: Model) -> Model:
    """Ask the hub for the commit, size and sha256 of a model's file.

    Args:
        model: the model.

    Returns:
        The model with the commit that its revision names now, and the hub's size and sha256.

    Raises:
        DownloadFailed: the hub has another file than the pinned one, or gives no size and sha256.
        Exception: any error of the library when the hub cannot be reached.
    """
    from huggingface_hub import get_hf_file_metadata

    assert model.hub is not None
    found = get_hf_file_metadata(_url(model.hub), timeout=ANSWER_SECONDS, endpoint=_endpoint())
    if found.size is None or not _SHA256.fullmatch(found.etag or ""):
        raise DownloadFailed("it does not say the size and sha256 of the file")
    if model.sha256 is not None and (found.etag, found.size) != (model.sha256, model.bytes):
        raise DownloadFailed(f"it has another file ({size_text(found.size)}, sha256 {found.etag}) than the pinned one")
    hub = replace(model.hub, revision=found.commit_hash or model.hub.revision)
    return replace(model, sha256=found.etag, bytes=found.size, hub=hub)


def fetch(model: Model, partial: Path, report: Callable[[str], None]) -> None:
    """Append the missing bytes to a partial file, with a progress bar.

    Args:
        model: the model, as `resolve` or `pin` returned it.
        partial: path of the partial file.
        report: called with a line of text at each step.
    """
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # public, but not re-exported

    assert model.hub is not None
    with partial.open("ab") as file:
        done = file.tell()
        if done > model.bytes:
            file.truncate(done := 0)
        if done:
            report(f"{model.name}: continuing at {size_text(done)} of {size_text(model.bytes)}")
        http_get(
            _url(model.hub),
            file,
            resume_size=done,
            headers=build_hf_headers(),
            expected_size=model.bytes,
            displayed_filename=model.file,
        )


def pin(model: Model, directory: Path) -> Model:
    """Return the model with its stored pin; on the first pull, get the pin from the hub and store it.

    Args:
        model: the model, without a sha256 in the catalogue.
        directory: directory of the model files, which holds the pins.
    """
    from filelock import FileLock

    if (pinned := with_stored_pin(model, directory)).sha256 is not None:
        return pinned
    pinned = resolve(model)
    assert pinned.hub is not None
    with FileLock(directory / "pins.json.lock"):
        pins = _pins(directory)
        pins[_key(model)] = {"revision": pinned.hub.revision, "bytes": pinned.bytes, "sha256": pinned.sha256}
        scratch = directory / "pins.json.part"
        scratch.write_text(json.dumps(pins, indent=2), "utf-8")
        scratch.replace(directory / "pins.json")
    return pinned


def with_stored_pin(model: Model, directory: Path) -> Model:
    """Complete a model by its stored pin, if there is one.

    Args:
        model: the model.
        directory: directory of the model files, which holds the pins.

    Returns:
        The model with commit, size and sha256 of its first pull; unchanged if the catalogue pins it, or nothing does.
    """
    if model.sha256 is None and model.hub is not None and (found := _pins(directory).get(_key(model))):
        hub = replace(model.hub, revision=str(found["revision"]))
        return replace(model, sha256=str(found["sha256"]), bytes=int(str(found["bytes"])), hub=hub)
    return model


def _pins(directory: Path) -> dict[str, dict[str, object]]:
    try:
        pins: dict[str, dict[str, object]] = json.loads((directory / "pins.json").read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise ModelCorrupt(f"{directory / 'pins.json'} cannot be read ({error}): delete it and pull again.") from error
    return pins


def _key(model: Model) -> str:
    return f"{model.hub.repo}:{model.hub.file}" if model.hub else model.name


def _url(hub: Hub) -> str:
    from huggingface_hub import hf_hub_url

    return hf_hub_url(hub.repo, hub.file, revision=hub.revision, endpoint=_endpoint())


def _endpoint() -> str | None:
    return os.environ.get("HF_ENDPOINT") or None
