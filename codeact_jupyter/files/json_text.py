"""JSON, JSON lines and tables in nested JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..text import one_line, shorten
from .source import FileText, Source

FIELDS = 20  #: of a record that are described
KEYS = 8  #: of an object that are named
DEPTH = 3  #: of objects in objects in which records are looked for
VALUE_CHARS = 24
_DIGITS = re.compile(r"[+-]?\d[\d.]*")


def describe_json(text: str, whole: bytes | None, source: Source) -> FileText | None:
    """Describe a text that begins as JSON does.

    Args:
        text: Its beginning.
        whole: All of it, if it is not too long.
        source: How it is opened.

    Returns:
        The description; `None` if it is no JSON, or so long that its kind cannot be told.
    """
    if records := _lines(text):
        count = sum(map(bool, map(bytes.strip, whole.splitlines()))) if whole else None
        if any(isinstance(value, dict) for record in records for value in record.values()):
            read = f"[json.loads(line) for line in {source.opened} if line.strip()]"
            return _records("JSON lines", _flat(records[0]), count, f"pd.json_normalize({read})")
        kept = ", dtype=False" if any(map(_is_code, records)) else ""
        return _records("JSON lines", records[0], count, f"pd.read_json({source.path}, lines=True{kept}{source.extra})")
    loaded = f"json.load({source.opened})"
    try:
        return _value(json.loads(whole or b""), loaded)
    except (ValueError, RecursionError):
        pass
    if whole is None and (record := _first_record(text)):
        return _records("JSON, many records", _flat(record), None, f"pd.json_normalize({loaded})")
    return FileText("a large JSON file", call=loaded) if whole is None else None


def _lines(text: str) -> list[Mapping[str, Any]]:
    """Return the first records of JSON lines; none if it is something else."""
    first, _, rest = text.partition("\n")
    try:
        records = [json.loads(first), json.loads(rest.partition("\n")[0])]
    except (ValueError, RecursionError):
        return []
    return records if all(isinstance(record, dict) for record in records) else []


def _first_record(text: str) -> Mapping[str, Any] | None:
    start = re.match(r"\[\s*(?=\{)", text)
    try:
        record = json.JSONDecoder().raw_decode(text, start.end())[0] if start else None
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _value(value: Any, loaded: str) -> FileText:
    if _is_records(value):
        return _records("JSON", _flat(value[0]), len(value), f"pd.json_normalize({loaded})")
    for path, records in _inner(value, (), DEPTH):
        place = "".join(f"[{key!r}]" for key in path)
        call = f"pd.json_normalize({loaded}{place})"
        return _records(f"JSON object; under {shorten(one_line(place), 80)}", _flat(records[0]), len(records), call)
    if isinstance(value, dict) and _are_rows([*value.values()]):
        call = f"pd.DataFrame.from_dict({loaded}, orient='index')"
        return _records("JSON object", next(iter(value.values())), len(value), call)
    if isinstance(value, dict) and _are_columns(value):
        return FileText(
            "JSON object of columns", tuple(map(_key, [*value][:FIELDS])), len(value), f"pd.DataFrame({loaded})"
        )
    if isinstance(value, dict):
        return FileText("JSON object with", tuple(map(_key, [*value][:KEYS])), len(value), loaded)
    return FileText(f"JSON {type(value).__name__}", call=loaded)


def _inner(value: Any, path: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    """Yield the records inside of objects, those that are nearer to the outside first."""
    if not isinstance(value, dict) or not depth:
        return
    for key, inner in value.items():
        if _is_records(inner):
            yield (*path, key), inner
    for key, inner in value.items():
        yield from _inner(inner, (*path, key), depth - 1)


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(record, dict) for record in value[:100])


def _flat(record: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the fields by the names that `pandas.json_normalize` gives them."""
    fields: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, dict) and value:
            fields |= _flat(value, f"{prefix}{key}.")
        else:
            fields[f"{prefix}{key}"] = value
    return fields


def _are_rows(values: list[Any]) -> bool:
    """Return True for records with the same keys."""
    return len(values) > 1 and _is_records(values) and all(each.keys() == values[0].keys() for each in values[:100])


def _are_columns(value: Mapping[str, Any]) -> bool:
    lists = [column for column in value.values() if isinstance(column, list)]
    return len(lists) == len(value) > 0 and len({len(column) for column in lists}) == 1 and len(lists[0]) > 1


def _records(what: str, record: Mapping[str, Any], count: int | None, call: str) -> FileText:
    number = "" if count is None else f", {count:,} records"
    fields = [f"{_key(key)} {_field(value)}" for key, value in [*record.items()][:FIELDS]]
    return FileText(f"{what}{number}:", tuple(fields), len(record), call)


def _key(key: str) -> str:
    return shorten(one_line(key), 2 * VALUE_CHARS)


def _field(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(map(_key, [*value][:KEYS]))}}}"
    return type(value).__name__ if isinstance(value, list) else shorten(repr(value), VALUE_CHARS)


def _is_code(record: Mapping[str, Any]) -> bool:
    """Return True if a text of the record would be read as a number."""
    return any(isinstance(value, str) and _DIGITS.fullmatch(value) for value in record.values())
