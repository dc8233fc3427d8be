"""Files of statistics programs: variables, labels and rows from the header of Stata, SPSS and SAS files."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

from ..text import one_line, shorten
from .sas import read_sas
from .source import FileText

HEADER = 1 << 20  #: bytes that are read
COLUMNS = 40  #: variables that are described
CHARS = 48  #: of a name or a label
Variables = tuple[int | None, Iterator[str]]  #: rows, if they are known, and each variable as text
_OLD_STATA = re.compile(rb"[\x69-\x73][\x01\x02]\x01[\x00\x01]")  # release, byte order, type of file
_XPORT = b"HEADER RECORD*******LIBRARY HEADER RECORD"
_SAS = bytes(12) + b"\xc2\xea\x81\x60"


def describe_program_file(path: Path, name: str, start: bytes) -> FileText | None:
    """Describe a file of a statistics program.

    Args:
        path: The file.
        name: The path as the code is to write it.
        start: Its first bytes.

    Returns:
        The description; `None` for other files.
    """
    for test, kind, variables, call in (
        (start.startswith(b"<stata_dta>"), "Stata", _stata, f"pd.read_stata({name!r})"),
        (_OLD_STATA.match(start) is not None, "Stata", _old_stata, f"pd.read_stata({name!r})"),
        (start.startswith((b"$FL2", b"$FL3")), "SPSS", _spss, f"pd.read_spss({name!r})"),
        (
            start.startswith(_XPORT[: len(start)]) and len(start) > 8,
            "SAS",
            _xport,
            f"pd.read_sas({name!r}, format='xport', encoding='latin-1')",
        ),
        (
            start.startswith(_SAS[: len(start)]),
            "SAS",
            _sas7bdat,
            f"pd.read_sas({name!r}, format='sas7bdat', encoding='infer')",
        ),
    ):
        if test:
            return _described(path, kind, variables, call)
    return None


def _described(path: Path, kind: str, variables: Callable[[bytes], Variables], call: str) -> FileText:
    needs = "; reading it needs pyreadstat" if kind == "SPSS" and not find_spec("pyreadstat") else ""
    with path.open("rb") as file:
        head = file.read(HEADER)
    try:
        rows, found = variables(head)
        parts = list(found)
    except (ValueError, IndexError, struct.error):
        return FileText(f"{kind} file{needs}", call=call)
    count = f"{rows:,} rows" if rows is not None else "rows"
    return FileText(f"{kind}, {count} × {len(parts)}{needs}:", tuple(parts[:COLUMNS]), len(parts), call)


def _stata(head: bytes) -> Variables:
    release, order = int(_between(head, b"release")), "<" if _between(head, b"byteorder") == b"LSF" else ">"
    variables = int.from_bytes(_between(head, b"K"), "little" if order == "<" else "big")
    rows = int.from_bytes(_between(head, b"N"), "little" if order == "<" else "big")
    types = struct.unpack(f"{order}{variables}H", _between(head, b"variable_types")[: 2 * variables])
    width, label = (33, 81) if release < 118 else (129, 321)
    names, labels = _between(head, b"varnames"), _between(head, b"variable_labels")
    encoding = "utf-8" if release >= 118 else "latin-1"
    return rows, (
        f"{_cut(names, width, index, encoding)} {_stata_type(kind)}{_label(_cut(labels, label, index, encoding))}"
        for index, kind in enumerate(types)
    )


def _stata_type(kind: int) -> str:
    known = {65526: "float64", 65527: "float32", 65528: "int32", 65529: "int16", 65530: "int8", 32768: "str"}
    return known.get(kind, "str")


def _between(head: bytes, tag: bytes) -> bytes:
    """Return what stands between the tags.

    Raises:
        ValueError: The tags are not there.
    """
    begin = head.index(b"<" + tag + b">") + len(tag) + 2
    return head[begin : head.index(b"</" + tag + b">", begin)]


def _old_stata(head: bytes) -> Variables:
    order = ">" if head[1] == 1 else "<"
    variables, rows = struct.unpack_from(f"{order}Hi", head, 4)
    stamps = 18 if head[0] > 104 else 0
    types = head[10 + 81 + stamps :][:variables]
    names = head[10 + 81 + stamps + variables :][: 33 * variables]
    if not all(33 * index < len(names) for index in range(variables)):
        raise ValueError("no names")
    kinds = {255: "float64", 254: "float32", 253: "int32", 252: "int16", 251: "int8"}
    return rows, (f"{_cut(names, 33, index, 'latin-1')} {kinds.get(kind, 'str')}" for index, kind in enumerate(types))


def _spss(head: bytes) -> Variables:
    order = "<" if head[64:68] in (b"\x02\0\0\0", b"\x03\0\0\0") else ">"
    rows = struct.unpack_from(f"{order}i", head, 80)[0]
    names = _spss_names(head, order)
    return rows if rows >= 0 else None, (
        f"{names.get(short, short)} {kind}{_label(label)}" for short, kind, label in list(_spss_variables(head, order))
    )


def _spss_names(head: bytes, order: str) -> dict[str, str]:
    """Return the long names, which are those that a reader gives, by the short ones."""
    begin = head.find(struct.pack(f"{order}iii", 7, 13, 1)) + 16
    if begin < 176:
        return {}
    size = struct.unpack_from(f"{order}i", head, begin - 4)[0]
    pairs = (pair.partition("=") for pair in _decoded(head[begin : begin + size]).split("\t"))
    return {short: shorten(one_line(long), CHARS) for short, _, long in pairs}


def _spss_variables(head: bytes, order: str) -> Iterator[tuple[str, str, str]]:
    """Yield short name, kind and label of each variable."""
    place = 176
    while struct.unpack_from(f"{order}i", head, place)[0] == 2:
        width, has_label, missing = struct.unpack_from(f"{order}iii", head, place + 4)
        name, place, label = head[place + 24 : place + 32], place + 32, b""
        if has_label:
            size = struct.unpack_from(f"{order}i", head, place)[0]
            label, place = head[place + 4 : place + 4 + size], place + 4 + -(-size // 4) * 4
        place += 8 * abs(missing)
        if width >= 0:  # else more of the text before
            yield name.decode("latin-1").strip(), "str" if width else "float64", _decoded(label)


def _xport(head: bytes) -> Variables:
    begin = head.index(b"HEADER RECORD*******NAMESTR")
    count = int(head[begin + 54 : begin + 58])
    fields = (head[begin + 80 + 140 * index :][:140] for index in range(count))
    return None, (
        f"{_decoded(field[8:16])} {'float64' if field[1] == 1 else 'str'}{_label(_decoded(field[16:56]))}"
        for field in islice(fields, count)
    )


def _sas7bdat(head: bytes) -> Variables:
    table = read_sas(head)
    formats = [*table.formats, *[(b"", b"")] * len(table.names)]
    told = zip(table.names, table.numbers, formats, strict=False)
    return table.rows, (
        f"{_decoded(name)} {'float64' if is_number else 'str'}{_format(form)}{_label(_decoded(label))}"
        for name, is_number, (form, label) in told
    )


def _format(form: bytes) -> str:
    return f" as {_decoded(form)}" if form.strip() else ""


def _cut(data: bytes, width: int, index: int, encoding: str) -> str:
    """Return one of many texts of the same width, up to its end."""
    text = data[width * index : width * (index + 1)].partition(b"\0")[0]
    return shorten(one_line(text.decode(encoding, "replace")), CHARS)


def _decoded(data: bytes) -> str:
    try:
        return data.decode().strip()
    except UnicodeDecodeError:
        return data.decode("latin-1").strip()


def _label(text: str) -> str:
    return f" '{shorten(one_line(text), CHARS)}'" if text else ""
