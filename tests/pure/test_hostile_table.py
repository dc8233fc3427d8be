"""The table of hostile tests counts what was tried, and nothing as kept that failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import hostile

pytest_plugins = ["pytester"]

TESTS = """
import pytest

@pytest.mark.hostile("doors")
@pytest.mark.parametrize("door", range(3))
def test_a_door(door): pass

@pytest.mark.hostile("doors", control=True)
def test_the_key(): pass

@pytest.mark.hostile("doors", control=True)
def test_a_wrong_key(): assert False

@pytest.mark.hostile("windows")
def test_windows(tries):
    tries.add(5)
    tries.control(2)

@pytest.mark.hostile("windows")
def test_an_open_window(tries):
    tries.add()
    assert False

def test_of_another_sort(): pass
"""


def test_the_table_has_a_row_for_each_class(pytester: pytest.Pytester) -> None:
    conftest = Path(__file__).parents[1] / "conftest.py"
    pytester.makeconftest(conftest.read_text(encoding="utf-8"))
    pytester.makepyprojecttoml(
        '[tool.pytest.ini_options]\nmarkers = ["hostile"]\naddopts = ["-p", "no:cacheprovider"]\n'
    )
    pytester.makepyfile(TESTS)
    done = pytester.runpytest_inprocess("-m", "hostile", "--junitxml=report.xml")
    done.assert_outcomes(passed=5, failed=2, deselected=1)
    lines = done.stdout.lines
    (head,) = (number for number, line in enumerate(lines) if line.startswith("class"))
    expected = [["doors", "3", "1", "1"], ["windows", "6", "1", "2"], ["total", "9", "2", "3"]]
    assert [line.split()[:4] for line in lines[head + 1 : head + 4]] == expected
    by_file = hostile.table(hostile.of_junit(pytester.path / "report.xml"))
    assert [line.split()[:4] for line in by_file[1:]] == expected


def test_a_class_that_was_tried_too_little_is_named() -> None:
    enough = [(name, hostile.Row(tries=least)) for name, least in hostile.LEAST.items()]
    assert hostile.shortfalls(enough) == []
    assert hostile.shortfalls([*enough[1:], (enough[0][0], hostile.Row(tries=1999, controls=5))]) == [
        "approvals: walks of a state machine: 1,999 tries, of at least 2,000"
    ]
    halves = [(name, hostile.Row(tries=row.tries - row.tries // 2)) for name, row in enough]
    assert hostile.shortfalls([*halves, *halves]) == []
    assert len(hostile.shortfalls([])) == len(hostile.LEAST)


def test_every_class_that_must_be_tried_is_the_class_of_a_test() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parents[1].glob("*/**/test_*.py"))
    assert [name for name in hostile.LEAST if f'hostile("{name}"' not in tests] == []


def test_without_hostile_tests_there_is_no_table(pytester: pytest.Pytester) -> None:
    conftest = Path(__file__).parents[1] / "conftest.py"
    pytester.makeconftest(conftest.read_text(encoding="utf-8"))
    pytester.makepyfile("def test_of_another_sort(): pass")
    assert "hostile tests" not in pytester.runpytest_inprocess().stdout.str()
