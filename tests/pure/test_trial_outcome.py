"""The outcome of a trial, from the report of the copy, the refused effects and the exit status."""

from __future__ import annotations

import base64
import dataclasses
import errno
import signal
from typing import Any

from codeact_jupyter.kernel.copy import effects as known
from codeact_jupyter.kernel.copy import supervisor
from codeact_jupyter.kernel.copy.effects import MOST, Effect, add, on_path
from codeact_jupyter.kernel.copy.failing import Failing
from codeact_jupyter.kernel.copy.outcome import Trial, read_trial

REPORT: dict[str, Any] = {
    "raised": False,
    "refused": "",
    "foreign": False,
    "observation": "seen",
    "outputs": "out",
    "seconds": 0.5,
    "error": "",
    "figures": [base64.b64encode(b"png").decode()],
    "added": ["x"],
    "changed": [],
    "changes": [],
    "removed": [],
    "effects": [],
    "names": {},
}
WRITES = on_path("write", "/work/out.csv", "/work")


def read(changed: dict[str, Any] | None = None, **rest: Any) -> Trial:
    """Return the trial of a report with some fields changed."""
    given = {"wants": [], "optional": [], "reason": "", "status": 0, **rest}
    return read_trial({**REPORT, **(changed or {})}, **given)


def test_an_effect_has_the_third_person_and_the_infinitive() -> None:
    assert (WRITES.text, WRITES.would) == ("writes `out.csv`", "write `out.csv`")
    assert on_path("write", "/other/a\nb", "/work").text == "writes `/other/a\\nb`"


def test_effects_are_kept_once_and_at_most_eight() -> None:
    effects: list[Effect] = []
    for number in range(20):
        add(effects, on_path("write", f"/{number // 2}", "/"))
    assert len(effects) == MOST and len(set(effects)) == MOST


def test_a_cell_that_ran_has_outputs_names_and_figures() -> None:
    trial = read()
    assert (trial.outcome, trial.observation, trial.figures, trial.added) == ("ran", "seen", (b"png",), ("x",))


def test_a_cell_that_raised_has_its_error() -> None:
    failing = dataclasses.asdict(Failing("df['a']", "df", "column", "a", ("b",), (1, 0, 1, 7)))
    trial = read({"raised": True, "error": "KeyError: 'a'", "line": 1, "failing": failing})
    assert (trial.outcome, trial.error, trial.line) == ("raised", "KeyError: 'a'", 1)
    assert trial.failing == Failing("df['a']", "df", "column", "a", ("b",), (1, 0, 1, 7))


def test_a_refusal_is_never_an_error_of_the_code() -> None:
    assert read({"raised": True, "refused": "EACCES"}, wants=[WRITES]).outcome == "wants_more"
    assert read(wants=[WRITES]).outcome == "wants_more"  # the code caught it


def test_optional_effects_count_only_if_they_led_to_the_error() -> None:
    assert read(optional=[WRITES]).outcome == "ran"
    assert read({"raised": True}, optional=[WRITES]).outcome == "raised"
    assert read({"raised": True, "refused": "EACCES"}, optional=[WRITES]).wants == (WRITES,)
    assert read({"raised": True, "refused": "EBADF"}).wants == (known.CONNECTION,)
    assert read({"raised": True, "refused": "EACCES"}).outcome == "raised"


def test_programs_and_hosts_get_their_names() -> None:
    trial = read({"names": {"program": "git", "host": "example.org"}}, wants=[known.PROGRAM, known.NETWORK])
    assert [effect.text for effect in trial.wants] == ["starts `git`", "opens the network (`example.org`)"]


def test_a_copy_that_ended_early_was_not_tried() -> None:
    cut = {"wants": [], "optional": [], "reason": "", "status": None}
    assert read_trial({"busy": True}, **cut).reason == "a cell is running"
    assert "no memory" in read_trial({"broken": "no memory"}, **cut).reason
    assert "step before" in read_trial({"prior": False}, **cut).reason
    assert read_trial({}, **{**cut, "reason": "it did not end within 10 s"}).outcome == "not_tried"
    assert read_trial({}, **{**cut, "status": signal.SIGSEGV}).reason == "the copy crashed (segmentation fault)"
    assert "memory" in read_trial({}, **{**cut, "status": signal.SIGKILL}).reason
    assert read_trial({}, **cut).outcome == "not_tried"


def test_exiting_is_an_effect_on_the_kernel() -> None:
    assert read_trial({}, wants=[], optional=[], reason="", status=3 << 8).wants == (known.KERNEL,)


def test_effects_of_an_unfinished_copy_are_reported() -> None:
    assert read_trial({}, wants=[WRITES], optional=[], reason="late", status=None).outcome == "wants_more"


def test_a_gpu_is_recognised_by_its_device() -> None:
    judge = supervisor.Supervisor.__new__(supervisor.Supervisor)
    judge.wants = []
    assert judge._write("/dev/nvidia0") == errno.EACCES and judge.wants == [known.GPU]
