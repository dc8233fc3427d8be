"""Search records for secrets, and shorten paths of the home directory, before they are written to a file."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import UsageProblem

INSTALL = "pip install 'codeact-jupyter[record]'"
SHOWN = 3  #: characters of a secret that are shown


@dataclass(frozen=True, slots=True)
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
        records: JSON data.

    Returns:
        The findings, in the order of the records.
    """
    from detect_secrets.core.scan import scan_line
    from detect_secrets.settings import default_settings

    @cache  # most records have the same system text
    def secrets(line: str) -> list[tuple[str, str]]:
        return sorted({(found.type, found.secret_value or "") for found in scan_line(line)})

    with default_settings():
        return [
            Finding(record["id"], f"{path}, line {number}", kind, _mask(secret))
            for record in records
            for path, text in _texts(record)
            for number, line in enumerate(text.split("\n"), 1)
            for kind, secret in secrets(line)
        ]


def _mask(secret: str) -> str:
    return f"{secret[:SHOWN]}… ({len(secret)} characters)"


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
