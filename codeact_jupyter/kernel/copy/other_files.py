"""Changed copies of the files that a cell reads, in the private folder of its copy of the kernel.

A path that is a constant of the code, or the value of a variable, is replaced by that of the copy in all runs, so that
libraries that do not open files with Python read the copy too. Other files are redirected when Python opens them.
"""

from __future__ import annotations

import ast
import builtins
import csv
import io
import json
import os
import re
import sqlite3
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from IPython.core import interactiveshell

from ...namespace.source import UNPARSABLE, parse
from .other_data import Changing
from .other_values import Draw, other_text, redrawn

MOST_BYTES = 1 << 20  #: of a file that is changed; of a longer one with lines, the beginning
FILES = 20  #: most files
DELIMITERS = ",;\t|"

_open = open  # the true one
_SQLITE = b"SQLite format 3\0"
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)")


class Files:
    """The files that a cell reads.

    Args:
        folder: The private folder.
    """

    def __init__(self, folder: str) -> None:
        self.fixed: list[str] = []  #: those that cannot be changed
        self._folder = Path(folder) / "files"
        self._copies: dict[str, Path] = {}  # by the resolved path
        self._contents: dict[str, bytes] = {}
        self._shown: dict[str, str] = {}  # the path as the code has it

    @property
    def labels(self) -> dict[str, str]:
        """The files by their resolved paths, as they are called: in quotation marks."""
        return {path: json.dumps(shown, ensure_ascii=False) for path, shown in self._shown.items()}

    def redirect(self, text: str) -> str:
        """Return the path of the copy of a file; the text itself if it is no path of a file.

        Args:
            text: Any text.
        """
        if not text or len(text) > 4096 or "\n" in text:
            return text
        try:
            path = Path(text).expanduser()
            if not path.is_file():
                return text
            return str(self._copy(path, text))
        except (OSError, ValueError, RuntimeError):  # RuntimeError: `~name` of no user
            return text

    def redirect_code(self, source: str) -> str:
        """Return a cell with the paths of the copies in place of those of files.

        Args:
            source: The cell.
        """
        try:
            tree = parse(source)
        except UNPARSABLE:
            return source
        changed = False
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                path = self.redirect(node.value)
                changed |= path != node.value
                node.value = path
        return ast.unparse(tree) if changed else source

    def watch(self) -> None:
        """Redirect the files that Python opens to read."""

        def open_copy(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            if isinstance(file, str | os.PathLike) and not set(mode) & set("wax+"):
                file = self._redirected(os.fspath(file))
            return _open(file, mode, *args, **kwargs)

        for module in (builtins, io):
            vars(module)["open"] = open_copy
        vars(interactiveshell)["io_open"] = open_copy  # of the cells

    def write(self, changing: Changing | None, path: str | None = None) -> None:
        """Write the copies: as the files are, or changed.

        Args:
            changing: Makes changed data; None to write them as they are.
            path: The resolved path of the one that is changed; None to change all.
        """
        for each, copied in self._copies.items():
            is_changed = changing is not None and path in (None, each)
            content = changed_content(self._contents[each], changing) if changing and is_changed else None
            if content is not None and changing:
                changing.made |= content != self._contents[each]
            elif changing and path in (None, each) and copied.name not in self.fixed:
                self.fixed.append(copied.name)
            copied.write_bytes(self._contents[each] if content is None else content)

    def _redirected(self, file: str | bytes) -> str | bytes:
        if isinstance(file, bytes) or file.endswith((".py", ".pyc")):
            return file
        path = os.path.realpath(file)
        if is_installed(path):
            if "site-packages" in path and "/matplotlib/" not in path:  # a data set that comes with a library
                self.fixed.append(os.path.basename(path))  # noqa: PTH119
            return file
        return self.redirect(file)

    def _copy(self, path: Path, shown: str) -> Path:
        key = os.path.realpath(path)
        if key in self._copies or Path(key).is_relative_to(self._folder):
            return self._copies.get(key, Path(key))
        content = _beginning(path)
        if content is None or len(self._copies) >= FILES:
            self.fixed.append(shown)
            return path
        place = self._folder / str(len(self._copies)) / path.name
        place.parent.mkdir(parents=True)
        place.write_bytes(content)
        self._copies[key], self._contents[key], self._shown[key] = place, content, shown
        return place


def changed_content(content: bytes, changing: Changing) -> bytes | None:
    """Return the content of a file with other values; None for a format that is not known.

    Args:
        content: Of JSON, JSON lines, delimited text, other text, or an SQLite database.
        changing: Makes changed data.
    """
    if content.startswith(_SQLITE):
        return _changed_database(content, changing)
    try:
        text, encoding = content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text, encoding = content.decode("latin-1"), "latin-1"
    if "\0" in text:
        return None
    for change in (_json, _json_lines, _table, _lines):
        changed = change(text, changing)
        if changed is not None:
            return changed.encode(encoding, "replace")
    return None


def _json(text: str, changing: Changing) -> str | None:
    try:
        return json.dumps(changing.data(json.loads(text), "json"))
    except ValueError:
        return None


def _json_lines(text: str, changing: Changing) -> str | None:
    try:
        records = [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError:
        return None
    return "\n".join(map(json.dumps, changing.data(records, "json"))) + "\n"


def _table(text: str, changing: Changing) -> str | None:
    lines = text.splitlines()
    for delimiter in DELIMITERS:
        rows = list(csv.reader(lines, delimiter=delimiter))
        widths = {len(row) for row in rows if row}
        if len(rows) > 1 and len(widths) == 1 and widths.pop() > 1:
            break
    else:
        rows = [[line] for line in lines]
        if len(rows) < 2 or any(len(line.split()) > 1 for line in lines):
            return None
    head, *body = [row for row in rows if any(row)]
    columns = [_redrawn_texts([row[place] for row in body], changing, f"field {place}") for place in range(len(head))]
    rows = [list(row) for row in zip(*columns, strict=True)]
    if changing.takes_rows(len(rows)):
        rows = [rows[place] for place in changing.draw.kept(len(rows))]
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator="\n").writerows([head, *rows])
    return written.getvalue()


def _redrawn_texts(texts: list[str], changing: Changing, label: str) -> list[str]:
    """Return other fields of a column; numbers stay numbers, and empty fields are missing values."""
    present = [text for text in texts if text]
    if not present or not all(map(_NUMBER.fullmatch, present)):
        plain = [text or None for text in texts]
        return [text or "" for text in changing.replaced(plain, lambda draw: redrawn(plain, draw, label))]
    decimals = max(len(text.partition(".")[2]) for text in present)
    read: Callable[[str], Any] = float if decimals else int

    def written(draw: Draw) -> list[str]:
        drawn = redrawn([read(text) if text else None for text in texts], draw, label)
        return ["" if value is None else f"{value:.{decimals}f}" for value in drawn]

    return list(changing.replaced(texts, written))


def _lines(text: str, changing: Changing) -> str:
    old = text.splitlines()
    lines = changing.replaced(old, lambda draw: [other_text(line, draw) for line in old])
    if changing.takes_rows(len(lines)):
        lines = [lines[place] for place in changing.draw.kept(len(lines))]
    return "\n".join(lines) + "\n"


def _changed_database(content: bytes, changing: Changing) -> bytes:
    """Return an SQLite database with other values in the columns of its tables."""
    database = sqlite3.connect(":memory:")
    database.deserialize(content)
    names = [row[0] for row in database.execute("select name from sqlite_master where type = 'table'")]
    for name in names:
        table = '"{}"'.format(name.replace('"', '""'))
        rows = database.execute(f"select rowid, * from {table}").fetchall()
        fields = [row[1] for row in database.execute(f"pragma table_info({table})")]
        for place, field in enumerate(fields, 1):
            values, label = [row[place] for row in rows], f"{name} {field}"
            drawn = changing.replaced(values, partial(redrawn, values, label=label))
            column = '"{}"'.format(field.replace('"', '""'))
            changes = [(value, row[0]) for value, row in zip(drawn, rows, strict=True)]
            database.executemany(f"update or ignore {table} set {column} = ? where rowid = ?", changes)
    database.commit()
    return database.serialize()


def _beginning(path: Path) -> bytes | None:
    """Return the content of a file; of a long one its first lines, or None if it has no lines."""
    with _open(path, "rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) <= MOST_BYTES:
        return content
    is_text = b"\0" not in content and content.lstrip()[:1] not in (b"{", b"[")
    return content[: content.rfind(b"\n", 0, MOST_BYTES) + 1] if is_text and b"\n" in content else None


def is_installed(path: str) -> bool:
    """Return True for a file of the system, of Python, or of an installed package.

    Args:
        path: Absolute path.
    """
    places = ("/usr/", "/lib", "/etc/", "/proc/", "/sys/", "/dev/", f"{sys.prefix}/", f"{sys.base_prefix}/")
    return path.startswith(places) or "site-packages" in path
