"""The multi-tool suite: each task is solved by its reference, refuses wrong answers, and has tools that behave."""

from __future__ import annotations

import contextlib
import inspect
import io
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from benchmarks.suites import tools
from benchmarks.suites.checkers.answers import says_all, says_code, says_numbers, says_only
from benchmarks.suites.tools import LEVELS, TASKS
from codeact_jupyter.evaluation.task import Task, fingerprint, says_number

BY_NAME = {task.name: task for task in TASKS}
WORLDS = {task.domain: task for task in TASKS}
every_task = pytest.mark.parametrize("name", BY_NAME)
every_world = pytest.mark.parametrize("domain", WORLDS)

#: what one would answer after a likely mistake: a page or a condition forgotten, a wrong unit, the runner-up
WRONG = {
    "parcels/roomiest-van": ("Alderford", "Ivelet", "26000", "Eastwater or Alderford"),
    "parcels/for-hollin-at-garthside": ("8", "5", "Hollin"),
    "parcels/weight-at-crowden": ("19900", "11.7", "3.32 kg"),
    "parcels/fullest-neighbour": ("Foxley", "Eastwater", "Crowden"),
    "parcels/longest-waiting-heavy": ("P124", "P143", "P127 or P143", "Crowden"),
    "parcels/one-road-away": ("39", "20", "9"),
    "parcels/tolls-of-quickest-way": ("970 euros", "4.80 euros", "120", "7.90"),
    "parcels/van-to-hollin": ("W0000", "P152, P157, P160, P164", "done"),
    "greenhouse/moisture-of-rasp": ("66.4", "71", "68.5", "F4"),
    "greenhouse/wettest-herb": ("H3", "H4", "56.7", "H3 or H5"),
    "greenhouse/moisture-at-the-peak": ("26.4", "15", "66.1", "59.0"),
    "greenhouse/herbs-at-six": ("35.67", "53.05", "214"),
    "greenhouse/thirsty-now": ("F1, F4, F5", "F1, F4, F5, H1, H3, H4, H5, H6", "H1, H4, H5, H6"),
    "greenhouse/too-hot-for-palms": ("Areca 8", "Areca", "Raphia 2", "7"),
    "greenhouse/water-the-ferns": ("60", "14", "45", "44"),
    "greenhouse/lost-most": ("P4 32.4", "H5 30.2", "H3 33", "H3"),
    "instruments/winds-never-repaired": ("K28", "K33, K22", "K28, K12, K48, K20", "2"),
    "instruments/horn-for-wilma": ("K22", "K1234", "done"),
    "instruments/drums-for-six-weeks": ("17380", "199.00", "163.80"),
    "instruments/repairs-of-keys": ("K43", "accordion", "concertina"),
    "instruments/drums-that-are-out": ("K24, K64", "K24", "K24, K64, K69, K38"),
    "instruments/oldest-wind-on-the-shelf": ("cornet", "horn", "K59"),
    "instruments/reserve-for-odile": ("K55", "K15", "K1234"),
    "instruments/most-faithful-borrower": ("Vasco 156", "Ulla", "Ulla 163", "168"),
    "tournament/penalties-of-all": ("4", "0.7", "3", "10"),
    "tournament/ratings-in-one-game": ("1840", "-302", "1840 and 1538"),
    "tournament/time-of-round-three": ("243", "49", "5"),
    "tournament/strong-altmarkt": ("Gustav", "Casimir, Gustav and Jorun", "Casimir, Dorte, Fenna, Gustav, Ivar"),
    "tournament/biggest-upset": ("2B", "323", "Jorun beat Fenna"),
    "tournament/moves-of-draws": ("44.67", "307", "51", "51.5"),
    "tournament/final-leader": ("Gustav 30", "Ivar 19", "Gustav", "Casimir 27"),
    "tournament/best-club-abroad": ("Seepark 39", "Altmarkt 65", "Altmarkt"),
    "apothecary/mean-price-on-yew": ("89", "22", "19.5", "152.50"),
    "apothecary/remedies-with-borax": ("gargle", "salve", "gargle, salve, balm", "2"),
    "apothecary/good-camphor": ("650", "320", "180"),
    "apothecary/lightest-portion": ("pastilles", "balm", "21 g"),
    "apothecary/clashes": ("tannin and alum", "borax and myrrh", "gentian and borax, tannin and alum, borax and myrrh"),
    "apothecary/price-of-pastilles": ("658", "7.58", "6.09"),
    "apothecary/most-portions": ("gargle 56", "balm 39", "gargle", "salve 34"),
    "apothecary/twelve-portions-of-balm": ("T0000", "252", "J41"),
    "letters/between-two-homes": ("41", "142", "Calvenau"),
    "letters/debts-of-dorothea": ("L377", "L343", "L345, L343", "1"),
    "letters/pages-by-beate": ("15", "6", "25"),
    "letters/first-of-henrike": ("L278", "1837-10-04", "L344"),
    "letters/whom-clemens-wrote-most": ("Gottlieb", "20", "Clemens wrote to Friederike"),
    "letters/town-of-two-writers": ("Elmstedt", "Calvenau", "4"),
    "letters/way-of-the-debts": ("1117", "547", "18"),
    "letters/scans-about-illness": ("K0000", "27 pages", "L347"),
    "observatory/nights-for-the-kettle": ("3", "9.7", "10", "8"),
    "observatory/slot-for-the-south": ("Mallet", "R0000", "Ladle"),
    "observatory/slots-of-darkest-night": ("7", "1, 2, 3, 4, 5, 6, 7, 8", "2, 3, 4, 6, 7, 8", "6"),
    "observatory/clouds-of-night-four": ("298", "49", "50.00", "43.63"),
    "observatory/clearest-free-slot": ("night 5, slot 6", "6", "night 8, slot 7", "night 6, slot 5, slot 7"),
    "observatory/never-seen-in-the-south": ("Jug and Ladle", "Ladle", "Jug, Ladle, Needle, Oar"),
    "observatory/zenith-on-night-six": ("slot 7", "R0000", "Flail"),
    "observatory/best-placed-target": ("Comb 19", "Anvil 12", "Comb"),
    "harbour/curlew-at-the-longest": ("Q4", "Q4 at 12", "L0000"),
    "harbour/more-cargo-on-day-six": ("13090", "8350", "-4740", "21440"),
    "harbour/cargo-of-two-days": ("16230", "11680", "5"),
    "harbour/long-enough-for-eider": ("Q3", "Q3, Q4, Q5", "all but Q1: Q2, Q3, Q4, Q5, Q6"),
    "harbour/hours-for-lapwing": ("14, 15, 16, 17, 18, 19", "15, 16, 17, 18, 19", "16, 17, 18", "4"),
    "harbour/longest-unloading": ("Gannet 23.42", "Gannet", "Bittern 18.82"),
    "harbour/ships-turned-away": ("Gannet", "Dunlin, Gannet, Kittiwake", "Dunlin, Gannet, Merganser"),
    "harbour/moor-petrel": ("Q5 at 4", "L0000", "4"),
}


def solve(task: Task, namespace: dict[str, Any] | None = None) -> str:
    """Return what the reference prints in the namespace, a fresh one by default."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(task.reference.strip(), task.namespace() if namespace is None else namespace)
    return printed.getvalue()


def counted(task: Task) -> tuple[dict[str, Any], set[tuple[str, str]]]:
    """A fresh namespace, and the different calls of its tools that are made, as JSON carries them."""
    calls: set[tuple[str, str]] = set()

    def watch(tool: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any) -> Any:
            plain = json.dumps(args)
            assert json.loads(plain) == list(args)
            result = tool(*args)
            assert json.loads(json.dumps(result)) == result
            again = (tool.__name__, plain)
            calls.add(again)
            return result

        return called

    return {name: watch(tool) for name, tool in task.namespace().items()}, calls


# --- tasks -------------------------------------------------------------------------------------------------------


@every_task
def test_the_reference_is_right_each_time_it_runs_afresh(name: str) -> None:
    task = BY_NAME[name]
    first, second = solve(task), solve(task)
    assert first == second
    assert task.check(first, {}) is True


@every_task
def test_wrong_answers_are_refused(name: str) -> None:
    task = BY_NAME[name]
    for answer in ("", "I do not know.", task.prompt, *WRONG[name]):
        assert task.check(answer, {}) is not True, answer


@every_task
def test_the_answer_to_another_task_of_its_world_is_refused(name: str) -> None:
    task = BY_NAME[name]
    for other in TASKS:
        if other.domain == task.domain and other is not task:
            assert task.check(solve(other), {}) is not True, other.name


@every_task
def test_phrasing_does_not_matter(name: str) -> None:
    task = BY_NAME[name]
    answer = ", ".join(solve(task).split("\n")).strip(", ")
    for phrased in (f"The answer is {answer}.", f"**{answer}**", f"`{answer}`", f"Final answer:\n\n{answer}\n"):
        assert task.check(phrased, {}) is True, phrased


def test_there_are_as_many_tasks_of_each_level_and_world_in_either_split() -> None:
    assert len(TASKS) == len(BY_NAME) == len(LEVELS) == 64
    cells = Counter((task.domain, LEVELS[task.name], task.split) for task in TASKS)
    assert len(cells) == 8 * 4 * 2
    assert set(cells.values()) == {1}


def test_every_task_needs_several_calls_and_most_can_be_solved_one_call_at_a_time() -> None:
    needed = {}
    for task in TASKS:
        namespace, calls = counted(task)
        assert task.check(solve(task, namespace), {}) is True
        needed[task.name] = len(calls)
    assert min(needed.values()) >= 3
    assert sum(count <= 25 for count in needed.values()) >= len(TASKS) / 2


def test_the_test_split_is_the_one_that_was_frozen() -> None:
    frozen = Path(tools.__file__).with_name("test_split.sha256").read_text(encoding="utf-8")
    assert frozen.splitlines() == [f"{fingerprint(task)}  {task.name}" for task in TASKS if task.split == "test"]


def test_a_fingerprint_changes_with_the_name_the_prompt_the_cell_and_the_reference() -> None:
    def task(name: str = "a", prompt: str = "b", cell: str = "c", reference: str = "d") -> Task:
        return Task(name, "world", prompt, dict, says_number(1), reference, "dev", cell=cell)

    prints = {
        fingerprint(each)
        for each in (task(), task(name="x"), task(prompt="x"), task(cell="x"), task(reference="x"), task("ab", ""))
    }
    assert len(prints) == 6
    assert fingerprint(task()) == fingerprint(task())


# --- tools -------------------------------------------------------------------------------------------------------


@every_world
def test_the_tools_are_plain_functions_that_say_what_they_take_and_return(domain: str) -> None:
    task = WORLDS[domain]
    namespace = task.namespace()
    assert task.tools == tuple(namespace)
    assert 4 <= len(task.tools) <= 8
    for name, tool in namespace.items():
        assert inspect.isfunction(tool)
        assert tool.__name__ == name
        assert set(get_type_hints(tool)) == {*inspect.signature(tool).parameters, "return"}
        assert tool.__doc__
        assert "\n" not in tool.__doc__


@every_world
def test_the_tools_refuse_what_they_do_not_know_and_say_why(domain: str) -> None:
    for name, tool in WORLDS[domain].namespace().items():
        hints = get_type_hints(tool)
        del hints["return"]
        for nonsense in ("nowhere", "", -99, 10_000, None, 2.5, True, ["x"], {}):
            if hints:
                with pytest.raises(ValueError, match=r"\w+ .*\."):
                    tool(*[nonsense] * len(hints))
        assert name in WORLDS[domain].tools


@every_world
def test_what_is_done_in_one_run_is_not_seen_in_another(domain: str) -> None:
    one, other = WORLDS[domain].namespace(), WORLDS[domain].namespace()
    assert all(one[name] is not other[name] for name in one)
    hard = [task for task in TASKS if task.domain == domain and LEVELS[task.name] == "hard"]
    for task in hard:
        solve(task, one)
    for task in hard:
        assert task.check(solve(task), {}) is True


@every_world
def test_changing_what_a_tool_returned_does_not_change_its_world(domain: str) -> None:
    for task in TASKS:
        if task.domain != domain:
            continue
        namespace = task.namespace()

        def spoiling(tool: Callable[..., Any]) -> Callable[..., Any]:
            def called(*args: Any) -> Any:
                result = tool(*args)
                copied = json.loads(json.dumps(result))
                if isinstance(result, list | dict):
                    result.clear()
                return copied

            return called

        assert task.check(solve(task, {name: spoiling(tool) for name, tool in namespace.items()}), {}) is True


# --- answers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("Ash", True),
        ("It is ASH.", True),
        ("Ash and Elm", False),
        ("Elm", False),
        ("Ashes", False),
        ("", False),
    ],
)
def test_the_names_said_are_the_expected_ones_alone(answer: str, right: bool) -> None:
    assert (says_only("Ash", among=("Ash", "Elm"))(answer, {}) is True) is right


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("night 6, slot 5", True),
        ("Of the nights 6, 7 and 8 the best is:\nnight 6, slot 5", True),
        ("night 6, slot 5 (12 % clouds)", True),
        ("night 5, slot 6", False),
        ("night 6, slot 5, slot 7", False),
        ("night 6, slot 5.5", False),
        ("65", False),
        ("", False),
    ],
)
def test_the_numbers_said_are_the_expected_ones_in_their_order(answer: str, right: bool) -> None:
    assert (says_numbers(6, 5)(answer, {}) is True) is right


@pytest.mark.parametrize(
    ("answer", "right"),
    [("W4821", True), ("The code is w4821.", True), ("W4821 or K1111", False), ("4821", False), ("", False)],
)
def test_one_code_is_said(answer: str, right: bool) -> None:
    assert (says_code("W4821")(answer, {}) is True) is right


def test_all_parts_of_an_answer_have_to_be_right() -> None:
    check = says_all(says_only("Ash", among=("Ash", "Elm")), says_number(12))
    assert check("Ash, 12", {}) is True
    assert check("Ash, 13", {}) is not True
    assert check("Elm, 12", {}) is not True
