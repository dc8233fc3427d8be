"""Search records for secrets, and shorten paths of the home directory, before they are written to a file."""

from __future__ import annotations

import importlib.util
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import UsageProblem

INSTALL = "pip install 'codeact-jupyter[record]'"
CALLS = "detect_secrets.filters.heuristic.is_indirect_reference"  #: passes over `connect(token="…")`
SHOWN = 3  #: characters of a secret that are shown


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something that looks like a secret."""

    record: str  #: id of the record
    place: str  #: where in the record, such as `messages[2].content, line 3`
    kind: str  #: what it looks like
    masked: str  #: its beginning, and its length


def check_scanner() -> None:
    """Check that the scanner is installed.

    Raises:
        UsageProblem: It is not.
    """
    if importlib.util.find_spec("detect_secrets") is None:
        raise UsageProblem(
            f"The scan for secrets needs detect-secrets: run `{INSTALL}`. With --no-scan it is left out. "
            "Nothing was written."
        )


def find_secrets(records: Iterable[dict[str, Any]]) -> list[Finding]:
    """Look for secrets in all texts of records. The scanner checks no secret on the network.

    Args:
        records: JSON data, each with an `id`.

    Returns:
        The findings, in the order of the records.
    """
    places: dict[str, list[tuple[int, str, str]]] = {}  # of each line: most records have the same system text
    count = 0
    for record in records:
        for path, text in _texts(record):
            for number, line in enumerate(text.split("\n"), 1):
                places.setdefault(_plain(line), []).append((count, record["id"], f"{path}, line {number}"))
                count += 1
    lines = list(places)
    findings = {
        (order, Finding(id_, place, kind, masked))
        for number, kind, masked in _scan(lines)
        for order, id_, place in places[lines[number]]
    }
    return [finding for _, finding in sorted(findings)]


def _scan(lines: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """Yield the index of a line, the kind of secret in it, and the masked secret."""
    from detect_secrets.core.scan import scan_file
    from detect_secrets.settings import default_settings

    with tempfile.TemporaryDirectory() as folder, default_settings() as settings:
        settings.disable_filters(CALLS)
        path = Path(folder) / "lines.txt"
        path.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
        for found in scan_file(str(path)):
            secret = found.secret_value or ""
            yield found.line_number - 1, found.type, f"{secret[:SHOWN]}… ({len(secret)} characters)"


def _plain(line: str) -> str:
    """Return the line as the scanner reads it in any locale: it passes over files that it cannot decode."""
    return line.replace("\r", " ").encode("ascii", "replace").decode()


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield all texts in JSON data with their paths."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _texts(part, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _texts(part, f"{path}[{number}]")


def without_home(record: dict[str, Any], home: Path) -> tuple[dict[str, Any], int]:
    """Replace the home directory by `~` in all texts of a record, and what is no character of Unicode by `?`.

    Args:
        record: JSON data.
        home: The home directory.

    Returns:
        The record, and how many paths were replaced.
    """
    names = sorted({str(home), str(home.resolve())} - {"/"}, key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w.~-])(?:{'|'.join(map(re.escape, names)) or '(?!)'})(?![\w-]|\.\w)")
    count = 0

    def shorten(text: str) -> str:
        nonlocal count
        text, found = pattern.subn("~", text.encode("utf-8", "replace").decode())
        count += found
        return text

    return _mapped(record, shorten), count


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: _mapped(part, change) for name, part in value.items()}
    return [_mapped(part, change) for part in value] if isinstance(value, list) else value
