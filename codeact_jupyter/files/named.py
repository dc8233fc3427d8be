"""Files that a text names, described for the model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from ..text import one_line, shorten
from .directory import names_in
from .kinds import read_file

FILES = 4  #: described at most
CHARS = 1200  #: of one description
_WORD = re.compile(r"\"([^\"\n]+)\"|'([^'\n]+)'|`([^`\n]+)`|(\S+)")
_FILE = re.compile(r"[\w.\-/\\~]*\w\.[A-Za-z]\w{1,6}(?:\.(?:gz|bz2|xz|zip))?")
_MARKS = "()[]{}<>,;:!?\"'`"


def describe_named_files(text: str, directory: Path) -> str:
    """Describe the files that a text names: what is in each, and the call that reads it.

    The files are read where the user's own code could read them; nothing is imported or run for it but openpyxl.

    Args:
        text: A question.
        directory: The working directory.

    Returns:
        A line or two for each; empty if it names none.
    """
    names = names_in(directory)
    found = list(dict.fromkeys(_named(text, directory, names)))[:FILES]
    return "\n".join(_described(name, directory, names) for name in found)


def _named(text: str, directory: Path, names: list[str]) -> Iterator[str]:
    """Yield the paths in the text that exist, and those that look like paths of data and do not."""
    for name in names:
        if re.search(rf"(?<![\w./\\-]){re.escape(name)}(?!\w)", text):
            yield name
    for match in _WORD.finditer(text):
        word = next(filter(None, match.groups()), "").strip(_MARKS).removesuffix(".")
        if word in names or "://" in word:
            continue
        is_path = "/" in word or "\\" in word
        if (is_path and _exists(word, directory)) or (_FILE.fullmatch(word) and not _exists(word, directory)):
            yield word


def _exists(name: str, directory: Path) -> bool:
    try:
        return (directory / Path(name).expanduser()).is_file()
    except (OSError, ValueError, RuntimeError):  # no such user's home directory
        return False


def _described(name: str, directory: Path, names: list[str]) -> str:
    try:
        path = directory / Path(name).expanduser()
        if not path.is_file():
            near = get_close_matches(name, names, cutoff=0.5)
            return f"{name} is not there." + (f" There is {', '.join(near)}." if near else "")
        found = read_file(path, name)
    except (OSError, EOFError, ValueError, RuntimeError) as error:
        return f"{one_line(name)}: cannot be read ({shorten(one_line(str(error)), 80)})"
    call = f"\n  read it with: {found.call}" if found.call else ""
    return f"{one_line(name)}: {shorten(one_line(found.what), CHARS)}{call}"
