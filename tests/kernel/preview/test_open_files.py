"""Trials of cells that use files and connections that the kernel has open."""

from __future__ import annotations

import pytest

from .conftest import Trying

pytestmark = pytest.mark.kernel


def test_an_open_database_can_be_read_and_not_written(shared: Trying) -> None:
    shared.lab.hidden(
        "con = sqlite3.connect('kept.db')\ncon.execute('create table t(a)')\n"
        "con.execute('insert into t values (1)')\ncon.commit()"
    )
    assert "1" in shared("pd.read_sql('select a from t', con)")["outputs"]
    assert "1" in shared("pd.read_sql('select a from t', sqlite3.connect('kept.db'))")["outputs"]
    for source in ("con.execute('insert into t values (2)')\ncon.commit()",
                   "c = sqlite3.connect('kept.db')\nc.execute('insert into t values (2)')\nc.commit()"):  # fmt: skip
        trial = shared(source)
        assert (trial["outcome"], trial["wants"][0]) == ("wants_more", "writes `kept.db`"), trial
    assert shared.lab.value("con.execute('select count(*) from t').fetchone()[0]") == 1


def test_an_open_file_is_read_from_its_offset(shared: Trying) -> None:
    (shared.lab.isolation.work / "lines.txt").write_text("one\ntwo\nthree\n")
    shared.lab.hidden("lines = open('lines.txt')\n_ = lines.buffer.raw.read(4)")
    assert shared("lines.read()")["outputs"] == "'two\\nthree\\n'"
    assert shared.lab.value("lines.buffer.raw.read()") == b"two\nthree\n"


def test_a_log_record_for_a_file_is_reported_and_not_written(shared: Trying) -> None:
    shared.lab.hidden("import logging\nlogging.getLogger('own').addHandler(logging.FileHandler('own.log'))")
    trial = shared("logging.getLogger('own').warning('x')")
    assert trial["wants"] == ["writes `own.log`"]
    assert (shared.lab.isolation.work / "own.log").read_text() == ""


def test_use_of_an_open_connection_is_reported(shared: Trying) -> None:
    shared.lab.hidden("import socket\none, other = socket.socketpair()")
    assert shared("one.send(b'x')")["wants"] == ["uses a connection that is open in the kernel"]
    assert shared("one.recv(1)")["wants"] == ["uses a connection that is open in the kernel"]


def test_a_reused_descriptor_number_belongs_to_the_cell(shared: Trying) -> None:
    """The cell closes an inherited connection, then opens a file that gets the same number."""
    shared.lab.hidden("import os, socket\npair = socket.socketpair()")
    source = (
        "n = pair[0].fileno()\npair[0].close()\nwith open(os.devnull) as f:\n    print(f.fileno() == n, f.read() == '')"
    )
    trial = shared(source)
    assert (trial["outcome"], trial["outputs"]) == ("ran", "True True"), trial
