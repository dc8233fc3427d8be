"""Files that a text names, described for the model.

The calls are not tried in a copy of the kernel. Of the 29 files that first versions of this package read wrongly, one
call raised an error; a trial would have told nothing of the others, and it would import pandas and read the whole file
before the model writes its first token. A step that uses a call is tried anyway, and `kernel.reading` looks at what it
read.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

from ..text import has_word, one_line, shorten
from .directory import is_data_file, names_in
from .kinds import read_file
from .source import FileText

FILES = 4  #: described at most
CHARS = 1100  #: of all descriptions together, calls included: about 350 tokens
LEAST = 120  #: characters of a description, whatever its call takes
CALL_CHARS = 600  #: a longer call is not told
SECONDS = 0.5  #: for all files of a text together
NAME_CHARS = 200
_WORD = re.compile(r"""(?<!\w)(?:"([^"\n]+)"|'([^'\n]+)'|`([^`\n]+)`)|([^\s"'`()\[\]{}<>,;]+)""")
_FILE = re.compile(r"[\w.\-/\\~]*\w\.[A-Za-z]\w{1,6}(?:\.(?:gz|bz2|xz|zip))?")
_MARKS = "()[]{}<>,;:!?\"'`"
_LIKE = 0.6  # from which a name is near another


def read_named_files(text: str, directory: Path, variables: Mapping[str, str] | None = None) -> dict[str, FileText]:
    """Look into the files that a text names, by their paths or by variables that hold these.

    The files are read where the user's own code could read them; nothing is imported or run for it but openpyxl.

    Args:
        text: A question.
        directory: The working directory.
        variables: Texts and paths by the names of their variables.

    Returns:
        What is in each, and the call that reads it, as far as they can be read in `SECONDS`.
    """
    held = {name: path for name, path in (variables or {}).items() if has_word(text, name) and len(path) <= NAME_CHARS}

    def names() -> Iterator[str]:
        yield from named_files(text, directory)
        yield from (path for path in held.values() if _is_there(_path(path, directory)))

    files, by_path = _read(names, directory), {path: name for name, path in held.items()}
    return {
        f"{by_path[path]} ({Path(path).name})" if path in by_path else path: _opened_by(file, path, by_path.get(path))
        for path, file in files.items()
    }


def _opened_by(file: FileText, path: str, variable: str | None) -> FileText:
    """Return a file whose call has the variable that holds the path, where there is one."""
    return replace(file, call=file.call.replace(repr(path), variable)) if variable else file


def describe_files(names: Iterable[str], directory: Path) -> str:
    """Describe files, as far as they can be read in `SECONDS`.

    Args:
        names: Their paths.
        directory: The working directory.

    Returns:
        A line or two for each; empty if there are none.
    """
    return render_files(_read(lambda: names, directory))


def _read(names: Callable[[], Iterable[str]], directory: Path) -> dict[str, FileText]:
    """Read files on a thread, which is left alone once the time is over: a file system may block."""
    found: dict[str, FileText] = {}

    def read() -> None:
        for name in islice(names(), FILES):
            found[name] = FileText("not read, as reading takes long")
            found[name] = _described(name, directory)

    reader = threading.Thread(target=read, name="files of the task", daemon=True)
    try:
        reader.start()
    except RuntimeError:  # no more threads
        return {}
    reader.join(SECONDS)
    return found.copy()


def named_files(text: str, directory: Path) -> list[str]:
    """Find the files that a text names.

    Args:
        text: Any text.
        directory: The working directory.

    Returns:
        Paths as the text has them that exist, or that look like data files and do not exist; `FILES` at most.
    """
    return list(dict.fromkeys(_named(text, directory)))[:FILES]


def _named(text: str, directory: Path) -> Iterator[str]:
    names = names_in(directory)
    present = [name for name in names if not name.isalpha() and name in text]  # no plain word
    found = [name for name in present if re.search(rf"(?<![\w./\\~-]){re.escape(name)}(?!\w|[./\\-]\w)", text)]
    # "old sales.csv" is not "sales.csv"
    yield from (name for name in found if not any(name in other and name != other for other in found))
    for match in _WORD.finditer(text):
        word = next(filter(None, match.groups()), "").strip(_MARKS).removesuffix(".")
        if word in found or "://" in word or len(word) > NAME_CHARS or any(word in name.split() for name in found):
            continue
        is_path = "/" in word or "\\" in word or match.group(4) is None
        if (is_path and _is_there(_path(word, directory))) or _is_missing(word, directory):
            yield word


def _is_missing(word: str, directory: Path) -> bool:
    """Return True for the name of a data file that is not there."""
    return _FILE.fullmatch(word) is not None and is_data_file(word) and not _is_there(_path(word, directory))


def _path(name: str, directory: Path) -> Path:
    """Return the path that a name means; backslashes are separators if nothing has the name itself."""
    try:
        path = directory / Path(name).expanduser()
    except RuntimeError:  # no such user
        path = directory / name
    if "\\" in name and not _is_there(path):
        return directory / name.replace("\\", "/")
    return path


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _described(name: str, directory: Path) -> FileText:
    try:
        path = _path(name, directory)
        if not path.exists():
            return _missing(path, directory)
        if not path.is_file():
            return FileText("is a folder" if path.is_dir() else "is no regular file")
        is_as_written = "\\" not in name and not name.startswith("~")
        return read_file(path, name if is_as_written else str(path))
    except Exception as error:  # a damaged file may do anything to a parser; a question goes on without it
        return FileText(f"cannot be read ({shorten(one_line(str(error)), 80)})")


def _missing(path: Path, directory: Path) -> FileText:
    """Describe a file that is not there by the names that are; one that differs in case only is described itself."""
    folder = path.parent
    names = names_in(folder)
    same = [name for name in names if name.casefold() == path.name.casefold()]
    if len(same) == 1:
        there = folder / same[0]
        name = str(there.relative_to(directory)) if there.is_relative_to(directory) else str(there)
        found = read_file(there, name)
        return FileText(f"is named {one_line(name)}: {found.what}", found.parts, found.count, found.call, found.mark)
    by_name = {name.casefold(): name for name in names}
    near = [one_line(by_name[name]) for name in get_close_matches(path.name.casefold(), by_name, cutoff=_LIKE)]
    return FileText("is not there." + (f" There is {', '.join(near)}." if near else ""))


def render_files(files: Mapping[str, FileText]) -> str:
    """Render what is in files, and the calls that read them.

    Args:
        files: Descriptions by name.

    Returns:
        A line or two for each; empty if there are none.
    """
    calls = {name: each.call if len(each.call) <= CALL_CHARS else "" for name, each in files.items()}
    left = CHARS - sum(map(len, calls.values()))
    share = max(left // max(len(files), 1), LEAST)
    lines = []
    for name, each in files.items():
        call = f"\n  read it with: {calls[name]}" if calls[name] else ""
        lines.append(f"{shorten(one_line(name), NAME_CHARS)}: {_fitted(each, share)}{call}")
    return "\n".join(lines)


def _fitted(file: FileText, chars: int) -> str:
    """Return what a file is, with as many of its parts as fit, and the count of the others."""
    text, shown = shorten(one_line(file.what), chars), 0
    for part in map(one_line, file.parts):
        longer = f"{text}{file.mark if shown else ' '}{part}"
        if len(longer) > chars and shown:
            break
        text, shown = shorten(longer, chars), shown + 1
    return f"{text}{file.mark}… {file.count - shown:,} more" if file.count > shown else text
