"""The account of a notebook, and `jupyter codeact report`: who wrote what, what ran, and what was edited."""

from __future__ import annotations

import html.parser
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from codeact_jupyter.cli import main
from codeact_jupyter.notebook.account import End, Question, Step, read_account
from codeact_jupyter.notebook.cells import own_outputs
from codeact_jupyter.notebook.report import render_report
from codeact_jupyter.session.journal import Journal
from codeact_jupyter.session.messages import Answer, Approval, Event, Observation, Prompt, Rejection, Stop, Undone
from codeact_jupyter.session.provenance import step_records

from ..books import WEIGHTS, book, cell_of, own, printed, proposal, raised, shown

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
EVIL = '<script>alert("x")</script>'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def events() -> list[Event]:
    return [
        Prompt("How many rows?"),
        proposal("a1", 1, "len(dff)", thought="I count."),
        Approval("a1", "len(dff)"),
        Observation("a1", "NameError", False, error="NameError: dff"),
        proposal("b2", 2, "df.drop('x')"),
        Rejection("b2", "Keep it."),
        proposal("c3", 3, "n = len(df)\nn"),
        Approval("c3", "n = len(df)\nn, 2"),
        Observation("c3", "3", True),
        Answer("There are **3** rows."),
    ]


def cells() -> list[NotebookNode]:
    return [
        new_markdown_cell("# Mine"),
        own("df = load()"),
        new_code_cell("%%codeact --max-turns 5\nHow many rows?"),
        cell_of("a1", "len(dff)", raised("NameError", "dff"), state="failed"),
        cell_of("c3", "n = len(df)\nn, 2", shown("(3, 2)"), edited=True),
        own("n + 1", shown("4")),
    ]


def run(*arguments: str) -> int:
    return main(["report", *arguments, "--journals", "journals"])


def kinds(path: Path, journals: str = "journals") -> list[str]:
    """Return what the parts of a notebook are, in order."""
    found = []
    for part in read_account(path, Path(journals)).sequence():
        match part:
            case Question(text=text):
                found.append(f"? {text}")
            case Step():
                found.append(f"step {part.record['step']}{'' if part.cell else ' without a cell'}")
            case End(question=question):
                found.append(f"= {question.answer or question.ended}")
            case _:
                found.append(part.source.strip())
    return found


def test_each_cell_stands_in_its_place_with_what_only_the_journal_has(folder: Path) -> None:
    path = book(folder / "book.ipynb", cells(), events(), folder / "journals")
    assert kinds(path) == [
        "# Mine",
        "df = load()",
        "? How many rows?",
        "step 1",
        "step 2 without a cell",
        "step 3",
        "= There are **3** rows.",
        "n + 1",
    ]


def test_of_a_question_that_was_asked_twice_the_last_answer_counts(folder: Path) -> None:
    first = [Prompt("How many rows?"), Stop("stopped", "Stopped.")]
    path = book(folder / "book.ipynb", cells(), [*first, *events()], folder / "journals")
    account = read_account(path, folder / "journals")
    assert [each.ended for each in account.elsewhere] == ["stopped: Stopped."]
    assert "= There are **3** rows." in kinds(path)


def test_a_question_of_the_chat_begins_above_its_first_step(folder: Path) -> None:
    path = book(folder / "book.ipynb", [*cells()[:2], *cells()[3:]], events(), folder / "journals")
    assert kinds(path)[2:4] == ["? How many rows?", "step 1"]


def test_a_copy_of_a_steps_cell_is_the_users(folder: Path) -> None:
    copy = cell_of("c3", "n = len(df)\nn, 2")
    copy.id = "other"
    path = book(folder / "book.ipynb", [*cells(), copy], events(), folder / "journals")
    assert kinds(path)[-1] == "n = len(df)\nn, 2"


def test_steps_beside_the_extension_are_recognised_by_their_marker(folder: Path) -> None:
    marked = new_code_cell("len(dff)\n# codeact: a1", execution_count=2)
    path = book(folder / "book.ipynb", [*cells()[:3], marked], events(), folder / "journals")
    assert kinds(path)[3:] == ["step 1", "step 2 without a cell", "step 3 without a cell", "= There are **3** rows."]


def test_without_a_journal_the_records_in_the_cells_tell(folder: Path) -> None:
    records = step_records(((1.0, event) for event in events()), "s")
    with_records = cells()
    del with_records[2]  # asked in the chat
    for cell in with_records[2:4]:
        cell.metadata.codeact.record = records[cell.metadata.codeact.proposal]
    path = book(folder / "book.ipynb", with_records)
    assert kinds(path) == ["# Mine", "df = load()", "? How many rows?", "step 1", "step 3", "= ", "n + 1"]


@pytest.mark.parametrize("forged", [1, {}, {"schema": "codeact-jupyter/step/1"}, {"schema": "codeact-jupyter/step/9"}])
def test_cells_of_earlier_versions_and_records_that_are_none_are_read_as_far_as_they_go(
    folder: Path, forged: object
) -> None:
    old = cells()
    old[3].metadata.codeact["record"] = forged
    path = book(folder / "book.ipynb", old)
    assert kinds(path)[2:6] == ["? How many rows?", "step 1", "step 1", "= "]
    steps = [part.record for part in read_account(path, folder).sequence() if isinstance(part, Step)]
    assert [(each["decision"], each["outcome"]) for each in steps] == [("approved", "raised"), ("edited", "ran")]


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(7)), st.integers(0, 7), st.integers(0, 2))
def test_wherever_cells_were_moved_each_cell_and_each_step_stands_once(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], count: int, journals: int
) -> None:
    folder = tmp_path_factory.mktemp("moved")
    copy = cell_of("c3", "n = len(df)")
    copy.id = "copy"
    kept = [[*cells(), copy][place] for place in order[:count]]
    told = [*events(), Prompt("And now?"), proposal("d4", 1, "n"), Stop("stopped")][: 13 * journals]
    path = book(folder / "book.ipynb", kept, told, folder / "journals")
    account = read_account(path, folder / "journals")
    parts = list(account.sequence())
    placed = [each for each in account.questions if each not in account.elsewhere]
    own_cells = [part for part in parts if isinstance(part, NotebookNode)]
    of_agent = [each.cell for each in placed if each.cell]
    of_agent += [step.cell for each in placed for step in each.steps if step.cell]
    ids = sorted(cell.id for cell in [*own_cells, *of_agent])
    assert ids == sorted(cell.id for cell in account.notebook.cells)
    for question in placed:
        begin = parts.index(question)
        end = next(place for place, part in enumerate(parts) if isinstance(part, End) and part.question is question)
        places = [parts.index(step) for step in question.steps]
        assert places == sorted(places) and all(begin < place < end for place in places)
    assert len(parts) == len(own_cells) + 2 * len(placed) + sum(len(each.steps) for each in placed)
    for as_page in (False, True):
        assert render_report(account, html=as_page)


def test_the_report_tells_who_wrote_what_and_what_became_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    path = book(Path("book.ipynb").absolute(), cells(), events(), Path("journals"))
    assert run(str(path)) == 0
    told = capsys.readouterr().out
    for text in (
        "Steps: 1 approved as proposed, 1 rejected, 1 edited, then run",
        f"SHA-256 of qwen.gguf: {WEIGHTS['qwen.gguf']}",
        "Step 1, by the model: approved as proposed; failed",
        "Step 2, by the model: rejected; did not run",
        "Reason of the rejection: Keep it.",
        "It has no cell in the notebook.",
        "Step 3, by the model: edited, then run; ran",
        "    -n\n    +n, 2",
        "(3, 2)",
        "Answer, by the model ===\nThere are **3** rows.",
        "Yours 2: code, without a record of the agent",
    ):
        assert text in told, text


def test_a_cell_that_was_changed_after_it_ran_is_remarked(capsys: pytest.CaptureFixture[str]) -> None:
    changed = cells()
    changed[4].source = "n = 17"
    assert run(str(book(Path("book.ipynb").absolute(), changed, events(), Path("journals")))) == 0
    told = capsys.readouterr().out
    assert told.count("Its cell was changed after it ran; this is what ran.") == 1
    assert "Only the cell tells this" not in told
    unchanged = str(book(Path("other.ipynb").absolute(), cells()))
    assert run(unchanged) == 0
    assert capsys.readouterr().out.count("Only the cell tells this") == 2


UNDONE = Undone("c3", "Step 3 is undone: `n` is removed.")


@pytest.mark.parametrize("with_journal", [True, False])
def test_an_undone_step_is_told_as_such(with_journal: bool, capsys: pytest.CaptureFixture[str]) -> None:
    told = cells()
    told[4].metadata.codeact.state = "undone"
    records = step_records(((1.0, event) for event in [*events(), UNDONE]), "s")
    told[3].metadata.codeact.record = records["a1"]
    if not with_journal:
        told[4].metadata.codeact.record = records["c3"]
    path = book(Path("book.ipynb").absolute(), told, [*events(), UNDONE] * with_journal, Path("journals"))
    assert run(str(path)) == 0
    assert "Step 3, by the model: edited, then run; was undone" in capsys.readouterr().out


def test_a_question_whose_cell_was_changed_after_it_was_asked_is_still_that_question(
    capsys: pytest.CaptureFixture[str],
) -> None:
    changed = cells()
    changed[2].source = "%%codeact\nHow many columns?"
    changed[2].execution_count = 3
    path = book(Path("book.ipynb").absolute(), changed, events(), Path("journals"))
    assert kinds(path)[2:4] == ["? How many rows?", "step 1"] and kinds(path).count("step 3") == 1
    assert run(str(path)) == 0
    told = capsys.readouterr().out
    assert "Its cell was changed after it was asked; this is what was asked." in told
    assert "Questions: 1, 1 answered" in told
    draft = new_code_cell("%%codeact\nA draft?")
    of_chat = book(Path("chat.ipynb").absolute(), [*cells()[:2], draft, *cells()[3:]], events(), Path("journals"))
    assert kinds(of_chat)[2:6] == ["? A draft?", "= ", "? How many rows?", "step 1"]


@pytest.mark.parametrize(
    "source", ["%%codeact\nHow many rows?", "\n\n%%codeact\n\nHow many rows?\n", "  %%codeact\nHow many rows?"]
)
def test_a_question_is_seen_as_ipython_sees_it(source: str) -> None:
    asking = cells()
    asking[2].source = source
    path = book(Path("book.ipynb").absolute(), asking, events(), Path("journals"))
    assert kinds(path)[2:4] == ["? How many rows?", "step 1"]


def test_what_was_printed_below_a_question_without_answer_is_no_answer() -> None:
    asked = new_code_cell("%%codeact\nHow many rows?", outputs=[printed("[stopped] Stopped.\n")])
    stopped = [*events()[:4], Stop("stopped", "Stopped.")]
    path = book(Path("book.ipynb").absolute(), [asked], stopped, Path("journals"))
    assert kinds(path) == ["? How many rows?", "step 1 without a cell", "= stopped: Stopped."]


@pytest.mark.parametrize("id_", ["b2", "d4"])
def test_the_cell_of_a_step_that_was_not_run_is_the_users_once_the_user_has_run_it(id_: str) -> None:
    waits = [*events()[:6], proposal("d4", 3, "df.drop('y')"), Stop("stopped", "Stopped.")]
    run_later = cell_of(id_, "df = df.drop('z')", state="left")
    path = book(Path("book.ipynb").absolute(), [*cells()[2:4], run_later], waits, Path("journals"))
    assert kinds(path)[-1] == "df = df.drop('z')"
    run_later.execution_count = None
    path = book(Path("other.ipynb").absolute(), [*cells()[2:4], run_later], waits, Path("journals"))
    assert "df = df.drop('z')" not in kinds(path)


def test_what_a_program_saved_in_pieces_is_one_text(capsys: pytest.CaptureFixture[str]) -> None:
    pieces = [printed(text) for text in ("12", "\n", "The", "re are **3**", " rows.\n", "[3 turns · 3 rows.]\n")]
    split = [*cells()[:4], cell_of("c3", "n = len(df)\nn, 2", *pieces)]
    assert run(str(book(Path("book.ipynb").absolute(), split, events(), Path("journals")))) == 0
    assert "  Output:\n    12\n\n=== Answer, by the model ===\nThere are **3** rows.\n" in capsys.readouterr().out


@pytest.mark.parametrize("before", [[], [printed("3\n")], [printed("one\n"), shown("2")]])
def test_what_stands_below_the_mark_is_the_agents(before: list[NotebookNode]) -> None:
    mark = new_output("display_data", {"text/plain": ""}, metadata={"codeact": {"end": True}})
    said = [printed("A draft.\nimproving …\nThere are 3."), shown("figure")]
    assert own_outputs(own("x", *before, mark, *said), "There are 3.") == before


@pytest.mark.parametrize("said", ["6.", "6"])
def test_what_the_agent_said_is_found_where_its_line_begins(said: str) -> None:
    cell = own("6", printed(f"16.6\n{said}\n[2 turns · 6.6 tok/s]\n"))
    assert [output.text for output in own_outputs(cell, said)] == ["16.6\n"]


def test_steps_inside_the_asking_cell_leave_their_figures(capsys: pytest.CaptureFixture[str]) -> None:
    figure = new_output("display_data", {"image/png": PNG, "text/plain": "<Figure>"})
    shown_there = [printed("[note] auto mode\n[step 1]\n    plot()\n"), figure, printed("There are 3.\n")]
    asked = new_code_cell("%%codeact\nHow many rows?", outputs=shown_there, execution_count=1)
    path = book(Path("book.ipynb").absolute(), [asked], events(), Path("journals"))
    assert run(str(path), "--html") == 0
    assert Path("book-report.html").read_text(encoding="utf-8").count(PNG) == 1
    assert run(str(book(Path("other.ipynb").absolute(), [asked]))) == 0
    told = capsys.readouterr().out
    assert "=== Printed below the question ===\n[note] auto mode\n" in told and "1 picture: --html shows them" in told
    assert "Answer, by the model" not in told


# --- files that are not as they should be


def rewritten(path: Path, minor: int, change: Callable[[dict[str, Any]], object]) -> Path:
    """Write a notebook as another program may have left it."""
    data = json.loads(path.read_text(encoding="utf-8"))
    data["nbformat_minor"] = minor
    for cell in data["cells"]:
        change(cell)
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("with_journal", [True, False])
@pytest.mark.parametrize("minor", [4, 5])
def test_a_notebook_without_ids_loses_no_step(minor: int, with_journal: bool) -> None:
    path = book(Path("book.ipynb").absolute(), cells(), events() * with_journal, Path("journals"))
    rewritten(path, minor, lambda cell: cell.pop("id"))
    before = path.read_bytes()
    steps = [part for part in read_account(path, Path("journals")).sequence() if isinstance(part, Step) and part.cell]
    assert [step.record["proposal"] for step in steps] == ["a1", "c3"]
    options = ["--format", "chat", "--no-scan", "--journals", "journals", "--out", "out.jsonl"]
    assert main(["export", str(path), *options]) == 0
    assert path.read_bytes() == before


def test_of_two_cells_with_one_id_the_second_one_is_the_copy() -> None:
    copy = cell_of("c3", "n = len(df)\nn, 2", shown("(3, 2)"))
    copy.id = "copy"
    path = book(Path("book.ipynb").absolute(), [*cells(), copy], events(), Path("journals"))
    rewritten(path, 5, lambda cell: cell.update(id=cell["id"].replace("copy", "codeact-c3")))
    assert (kinds(path).count("step 3"), kinds(path)[-1]) == (1, "n = len(df)\nn, 2")


@pytest.mark.parametrize("missing", ["source", "outputs", "execution_count", "metadata"])
def test_a_notebook_that_is_not_valid_is_named_with_the_reason(
    missing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = rewritten(book(Path("book.ipynb").absolute(), [own("1")]), 5, lambda cell: cell.pop(missing))
    assert run(str(path)) == 2
    told = capsys.readouterr().err
    assert "book.ipynb cannot be read as a notebook" in told and missing in told


def test_a_journal_that_cannot_be_read_keeps_no_other_one_from_being_read(capsys: pytest.CaptureFixture[str]) -> None:
    path = book(Path("book.ipynb").absolute(), cells(), events(), Path("journals"))
    newer = Journal.create(Path("journals"), str(path))
    with newer.path.open("a") as file:
        file.write('{"event": "FromTheFuture"}\n')
    assert run(str(path)) == 0
    told = capsys.readouterr()
    assert "Step 3, by the model: edited, then run; ran" in told.out
    for text in (told.err, told.out):
        assert f"Not read: {newer.path.stem}: Line 2 of the journal cannot be read" in text


def test_the_journals_of_a_notebook_that_was_renamed_are_found_by_the_records_in_its_cells() -> None:
    path = book(Path("Untitled.ipynb").absolute(), cells(), events(), Path("journals"))
    account = read_account(path, Path("journals"))
    with_records = cells()
    with_records[3].metadata.codeact.record = account.questions[0].steps[0].record
    renamed = book(Path("größe 量.ipynb").absolute(), with_records)
    assert read_account(renamed, Path("journals")).journals == account.journals
    assert "= There are **3** rows." in kinds(renamed)
    assert read_account(book(Path("other.ipynb").absolute(), cells()), Path("journals")).journals == []


@pytest.mark.parametrize("arguments", [["--html"], []])
@pytest.mark.parametrize("place", [".", "/", "folder"])
def test_a_folder_is_no_notebook(place: str, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    Path("folder").mkdir()
    assert run(place, *arguments) == 2
    assert f"There is no notebook {place}" in capsys.readouterr().err


class Page(html.parser.HTMLParser):
    """Collects the elements and the addresses of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.sources: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.sources += [value or "" for name, value in attrs if name in ("src", "href") or name.startswith("on")]


def test_the_page_loads_nothing_and_escapes_everything() -> None:
    svg = f"<svg xmlns='http://www.w3.org/2000/svg'>{EVIL}</svg>"
    pictures = [
        new_output("display_data", {"image/png": f"{PNG}\n", "text/plain": "<Figure>"}),
        new_output("display_data", {"image/svg+xml": svg}),
        new_output("display_data", {"text/html": EVIL, "text/plain": EVIL}),
        new_output("display_data", {"image/png": "\" onerror='alert(1)' x=\""}),
    ]
    asked = f"{EVIL}?"
    told = [
        Prompt(asked),
        proposal("a1", 1, f"x = '{EVIL}'", thought=EVIL),
        Approval("a1", f"y = '{EVIL}'"),
        Observation("a1", EVIL, True, error=EVIL),
        Answer(EVIL),
    ]
    steps = [new_markdown_cell(EVIL), own(EVIL, printed(EVIL)), cell_of("a1", EVIL, *pictures, model=EVIL)]
    path = book(Path("<b>&.ipynb").absolute(), steps, told, Path("journals"))
    assert run(str(path), "--html") == 0
    text = Path("<b>&-report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert "script" not in page.tags and "b" not in page.tags and "svg" not in page.tags
    assert page.tags.count("img") == 3
    assert all(source.startswith("data:image/") for source in page.sources)
    assert PNG in text
    assert not re.search(r"https?://|@import|url\(", text)
    assert "default-src 'none'" in text and "@media print" in text


def test_a_report_overwrites_nothing_and_says_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(book(Path("book.ipynb").absolute(), cells()))
    Path("there.html").write_text("mine")
    Path("broken.ipynb").write_text("{")
    for arguments, message in (
        ([path, "--html", "--out", "there.html"], "exists already"),
        ([path, "--html", "--out", "none/there.html"], "does not exist"),
        (["none.ipynb"], "There is no notebook none.ipynb"),
        (["broken.ipynb"], "cannot be read as a notebook"),
    ):
        assert run(*arguments) == 2
        assert message in capsys.readouterr().err
    assert Path("there.html").read_text() == "mine"
