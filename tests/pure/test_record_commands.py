"""`jupyter codeact export` and `import`: what is written, what is shown before, and what is refused."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from codeact_jupyter.cli import main
from codeact_jupyter.notebook.scan import find_secrets
from codeact_jupyter.session.journal import Journal
from codeact_jupyter.session.messages import Answer, Approval, Event, Observation, Prompt, Proposal, Rejection, Stop
from tests.full_disk import full_disk

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs/record.schema.json").read_text(encoding="utf-8"))
FIXTURE = ROOT / "tests/fixtures/journal-0.1.0.jsonl"
FORMS = ("codeactinstruct", "chat", "preference")
TOKEN = "ghp_" + "wJ4kQz9mX2vB7nL5tR8yC3dF6gH1sA0pE4uK"  # made up: of the form of a token of GitHub


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home" / "ann"
    (home / "work").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home / "work")
    return home


def conversation(code: str = "len(df)", *, edited: str = "", question: str = "How many?") -> list[Event]:
    step = Proposal("a1", 1, "I count.", code, f"I count.\n```python\n{code}\n```", "qwen")
    return [
        Prompt(question),
        step,
        Approval("a1", edited or code),
        Observation("a1", "3", True),
        Answer("There are 3."),
    ]


def journal(events: list[Event], *, folder: str = "journals", key: str = "book.ipynb") -> Path:
    written = Journal.create(Path(folder), key)
    for event in events:
        written.append(event)
    return written.path


def lines(path: str) -> list[dict[str, Any]]:
    """Return the records of a file, each checked against the schema."""
    found = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    for record in found:
        jsonschema.validate(record, SCHEMA)
    return found


def export(*arguments: str | Path, form: str = "chat", out: str = "out.jsonl", scan: bool = False) -> int:
    return main(["export", *map(str, arguments), "--format", form, "--out", out, *([] if scan else ["--no-scan"])])


# --- what is written


@pytest.mark.parametrize("form", FORMS)
def test_records_have_the_schema_that_the_docs_describe(form: str) -> None:
    path = journal(conversation("df['a'] # é\u2028", edited="df['b']"))
    assert export(path, FIXTURE, form=form) == 0
    assert {record["schema"] for record in lines("out.jsonl")} == {f"codeact-jupyter/{form}/2"}
    assert len(lines("out.jsonl")) == 3


def test_a_file_of_records_is_json_lines_with_the_same_fields_in_each() -> None:  # `tests/finetune` loads such files
    assert export(journal(conversation()), FIXTURE, form="codeactinstruct") == 0
    text = Path("out.jsonl").read_bytes()
    assert [set(json.loads(line)) for line in text.splitlines()] == [{"id", "schema", "conversations", "evidence"}] * 3


def test_a_folder_is_searched_and_each_reason_for_leaving_out_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    journal(conversation())
    journal([Prompt("Why?"), Stop("no_model", "There is none.")])
    journal([*conversation()[:-1], *conversation(question="And now?")[:2]])
    Path("journals/other.jsonl").write_text('{"id": "no journal"}\n')
    Path("journals/mine.ipynb").write_text(nbformat.writes(new_notebook(cells=[new_code_cell("1")])))
    Path("journals/broken.ipynb").write_text("{")
    (damaged := Path(journal(conversation()))).write_text(damaged.read_text().replace("Approval", "Approved"))
    assert export("journals", "--only", "answered") == 0
    out = capsys.readouterr().out
    assert len(lines("out.jsonl")) == 1
    assert "other.jsonl" not in out
    rows = {line.split()[0].rpartition("/")[2]: line for line in out.splitlines() if " " in line}
    assert "no question of CodeAct in it" in rows["mine.ipynb"]
    assert "cannot be read as a notebook" in rows["broken.ipynb"]
    assert "no such event: 'Approved'" in rows[damaged.name]
    assert re.match(r"all +4 +1  .*3 not answered", rows["all"])


def test_many_sources_are_added_up_and_many_findings_counted(capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(33):
        journal(conversation(f"token = '{TOKEN}'", question=str(number)), key=str(number))
    assert export("journals", scan=True) == 1
    table, findings = capsys.readouterr().out.split("findings in the scan")
    assert len(table.splitlines()) == 1 + 30 + 2 + 1
    assert re.search(r"^… 3 more +3 +3  –\nall +33 +33  –$", table, re.MULTILINE)
    assert len(findings.splitlines()) == 1 + 20 + 2
    assert "more\nNothing was written." in findings


def test_a_journal_that_is_named_twice_is_read_once() -> None:
    path = journal(conversation())
    assert export(path, "journals", path.resolve()) == 0
    assert len(lines("out.jsonl")) == 1


def test_a_notebook_stands_for_its_journals_which_know_more_than_its_cells(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = {"proposal": "a1", "cell": "codeact-a1", "step": 1, "state": "done"}
    asked = new_code_cell("%%codeact\nHow many?")
    cells = [asked, new_code_cell("len(df)", id="codeact-a1", metadata={"codeact": ours})]
    book = home / "work" / "book.ipynb"
    nbformat.write(new_notebook(cells=cells), book)
    Path("link.ipynb").symlink_to(book)
    assert export("book.ipynb", "--journals", "elsewhere", form="codeactinstruct", out="cells.jsonl") == 0
    journal(conversation(), folder="elsewhere", key=str(book))
    assert "book.ipynb" in capsys.readouterr().out
    assert export("book.ipynb", "--journals", "elsewhere", form="codeactinstruct") == 0
    (poor,), (rich,) = lines("cells.jsonl"), lines("out.jsonl")
    assert poor["conversations"][-1]["content"] == "Execution Output:\n"
    assert rich["conversations"][-1]["content"] == "<solution>There are 3.</solution>"
    assert "book.ipynb" not in capsys.readouterr().out
    assert export("link.ipynb", "--journals", "elsewhere", form="codeactinstruct", out="link.jsonl") == 0
    assert lines("link.jsonl") == [rich]


def test_a_notebook_whose_steps_are_nowhere_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    ours = {"step": 1, "decision": "approved", "edited": False}  # as `jupyter codeact run` leaves it
    cells = [new_code_cell("%%codeact\nHow many?"), new_code_cell("1", metadata={"codeact": ours})]
    nbformat.write(new_notebook(cells=cells), "book.ipynb")
    assert export("book.ipynb") == 1
    out = capsys.readouterr().out
    assert "no steps in its cells, and no journal here" in out
    assert "Nothing to export." in out


def test_edited_and_since_choose_questions(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    clock = iter(range(1_700_000_000, 1_800_000_000, 10_000_000))  # days of November 2023 to January 2027
    monkeypatch.setattr("codeact_jupyter.session.journal.time.time", lambda: float(next(clock)))
    path = journal([*conversation(edited="df.shape"), Prompt("Why?"), Answer("So.")])  # asked 2024-03-08, 2025-10-08
    assert export(path, "--edited", out="edited.jsonl") == 0
    assert export(path, "--since", "2025-01-01", out="since.jsonl") == 0
    assert [record["id"].split("/")[3] for record in lines("edited.jsonl")] == ["1"]
    assert [record["id"].split("/")[3] for record in lines("since.jsonl")] == ["2"]
    assert export(path, "--edited", "--since", "2025-01-01") == 1
    assert "1 before the date; 1 no step edited" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="2"):
        export(path, "--since", "yesterday")
    assert "write it as 2026-01-31" in capsys.readouterr().err


def test_of_preferences_edited_leaves_the_rejected_steps_out() -> None:
    rejected = Proposal("r1", 1, "", "df.drop('k')", "", "qwen")
    path = journal([Prompt("?"), rejected, Rejection("r1", "Keep it."), *conversation(edited="df.shape")[1:]])
    assert export(path, form="preference", out="all.jsonl") == 0
    assert export(path, "--edited", form="preference") == 0
    assert [record["decision"] for record in lines("all.jsonl")] == ["rejected", "edited"]
    assert [record["decision"] for record in lines("out.jsonl")] == ["edited"]


# --- what is shown and refused before


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("open('{home}/data.csv')", "open('~/data.csv')"),
        ("file://{home}/a b.csv", "file://~/a b.csv"),
        ("I work in {home}.", "I work in ~."),
        (
            "{home}a/data.csv {home}-old/x {home}.bak /mnt{home}/x",
            "{home}a/data.csv {home}-old/x {home}.bak /mnt{home}/x",
        ),
        ("{home}", "~"),
    ],
)
def test_paths_of_the_home_directory_begin_with_a_tilde(text: str, expected: str, home: Path) -> None:
    path = journal(conversation(question=text.format(home=home)))
    assert export(path, form="codeactinstruct") == 0
    asked = lines("out.jsonl")[0]["conversations"][1]["content"]
    assert asked == f"Task: {expected.format(home=home)}"


def test_half_a_character_does_not_make_the_file_unreadable() -> None:
    assert export(journal(conversation(question="What is \ud83d?"))) == 0
    assert "What is ??" in lines("out.jsonl")[0]["messages"][1]["content"]


SECRETS = [
    (f"client = connect(token='{TOKEN}')", TOKEN),
    ("url = 'https://ann:kX9v2Lq8@db.example.com/x'", "kX9v2Lq8"),
    ("key = 'AKIA" + "QWJ3X7ZP5VN2LKTM'", "QWJ3X7ZP5VN2LKTM"),
    ("-----BEGIN RSA PRIVATE KEY" + "-----", "PRIVATE KEY-----"),
    ("password = 'tr0ub4dor&3xyz'", "tr0ub4dor&3xyz"),
]


@pytest.mark.parametrize(("code", "secret"), SECRETS)
def test_a_secret_is_shown_with_its_place_and_masked_and_nothing_is_written(
    code: str, secret: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = journal(conversation(f"x = 1\n{code}"))
    assert export(path, scan=True) == 1
    out = capsys.readouterr().out
    assert secret not in out
    assert "messages[2].content, line 4" in out
    assert "Nothing was written" in out
    assert not Path("out.jsonl").exists()
    assert export(path, "--anyway", scan=True) == 0
    assert secret in lines("out.jsonl")[0]["messages"][2]["content"]


def test_each_place_of_a_secret_is_found_in_the_order_of_the_file() -> None:
    secret = f"é\r\u2028token = '{TOKEN}'"
    records = [
        {"id": "a", "messages": [{"role": "user", "content": f"First\n{secret}"}, {"role": "user", "content": "x"}]},
        {"id": "b", "reason": secret, "tried": {"outcome": "raised", "error": f"KeyError: {TOKEN}"}},
    ]
    found = [(each.record, each.place) for each in find_secrets(records) if each.kind == "GitHub Token"]
    assert found == [
        ("a", "messages[0].content, line 2"),
        ("b", "reason, line 1"),
        ("b", "tried.error, line 1"),
    ]
    assert find_secrets([{"id": "c", "messages": []}]) == find_secrets([]) == []


def test_no_secret_is_tried_out_on_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any, **named: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr("socket.socket.__init__", refuse)
    assert find_secrets([{"id": str(number), "text": code} for number, (code, _) in enumerate(SECRETS)])


def test_what_reads_like_an_analysis_is_no_finding(capsys: pytest.CaptureFixture[str]) -> None:
    code = "df.groupby('species')['body_mass_g'].mean().sort_values(ascending=False).head(10)"
    assert (
        export(journal(conversation(code, question="Which species is the heaviest? 5076.02")), FIXTURE, scan=True) == 0
    )
    assert "0 findings" in capsys.readouterr().out


def test_without_the_scanner_nothing_is_written_unless_it_is_left_out_on_purpose(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "detect_secrets", None)
    path = journal(conversation())
    assert export(path, scan=True) == 2
    assert "pip install 'codeact-jupyter[record]'" in capsys.readouterr().err
    assert not Path("out.jsonl").exists()
    assert export(path) == 0
    assert len(lines("out.jsonl")) == 1


def test_wrong_use_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    path = journal(conversation())
    Path("there.jsonl").write_text("mine")
    for arguments, out, message in (
        (["nowhere.ipynb"], "out.jsonl", "neither a journal"),
        (["there.jsonl"], "out.jsonl", "neither a journal"),
        ([path], "there.jsonl", "exists already"),
        ([path], "nowhere/out.jsonl", "does not exist"),
        ([path], "x" * 300, "cannot be used"),
    ):
        assert export(*arguments, out=out) == 2
        assert message in capsys.readouterr().err
    assert Path("there.jsonl").read_text() == "mine"


@pytest.mark.hostile("disk full")
@pytest.mark.parametrize("size", [0, 1, 100])
def test_where_no_file_can_grow_export_and_import_say_so_and_leave_nothing(
    capsys: pytest.CaptureFixture[str], size: int
) -> None:
    path = journal(conversation())
    with full_disk(size):
        assert export(path) == 2
    assert "out.jsonl cannot be used (File too large)" in capsys.readouterr().err
    assert sorted(Path().iterdir()) == [Path("journals")]
    assert export(path) == 0
    with full_disk(size):
        assert main(["import", "out.jsonl", "--out", "notebooks"]) == 2
    assert "notebooks cannot be used (File too large)" in capsys.readouterr().err
    assert list(Path("notebooks").iterdir()) == []


# --- import, and back


def public(id_: str, *contents: str, system: str = "") -> dict[str, Any]:
    """Return a record of the shape of the public data set."""
    turns = [{"role": "user" if n % 2 == 0 else "assistant", "content": text} for n, text in enumerate(contents)]
    return {"id": id_, "conversations": [*([{"role": "system", "content": system}] if system else []), *turns]}


SYSTEM = "You solve tasks with Python. Write code in <execute>, the answer in <solution>."
STEPS = "You have 4 steps left and 2 chances to propose solution left."
PUBLIC = [
    public(
        "raw/gpt/hotpotqa/reasoning/5a8b-17/gpt-4/max5_p2+tool+cd",
        "Which of the two towers was finished first?",
        "I look both up.\n\n<execute>\nprint(search('North Tower'))\nprint(search('South Tower'))\n</execute>",
        f"Observation:\n1. [North Tower]: finished in 1931 ...\n2. [South Tower]: 1929\n{STEPS}",
        "The South Tower was.\n\n<solution> South Tower </solution>",
        system=SYSTEM,
    ),
    public(
        "raw/gpt/math/reasoning/algebra/12.json/gpt-3.5/max5",
        "Find the sum of the roots of x^2 - 5x + 6 = 0.\n$\\text{Answer as an integer}$",
        "<execute>import sympy\nx = sympy.symbols('x')\nsympy.solve(x**2 - 5*x + 6)</execute>",
        f"Observation:\n[2, 3]\n{STEPS}",
        "Their sum is 5. <solution>5</solution>",
        "Your answer is correct.",
        system=SYSTEM,
    ),
    public(
        "raw/gpt/apps/code_generation/train/1042/gpt-4/x",
        "Write a function `f(n)` that doubles.\n\n>>> f(2)\n4",
        "<execute>\n    def f(n):\n        return 2 * n\n\n    print(f(2))\n</execute>",
        "Observation:\n4\n",
        "<solution>\ndef f(n):\n    return 2 * n\n</solution>",
    ),
    public(
        "raw/gpt/wikitablequestion/tabular/nt-88/claude/x",
        "The table is in `data.sqlite`.\r\nHow many teams?",
        "<execute>\nimport sqlite3\n</execute>\n<execute>\nprint(1)\n</execute>\nNow I wait.",
        "Observation:\n[Executed Successfully with No Output, Did you forget to print?]",
        "<execute>\nprint(rows)\n</execute>",
        "Observation:\nTraceback (most recent call last):\nNameError: name 'rows' is not defined",
    ),
    public(
        "raw/gpt/alfworld/decision_making/pick_two/trial_T2019/gpt-4/x",
        "You are in the middle of a room. Your task is to: put two mugs in the sink.",
        "THOUGHT: go there.",
        "Observation:\nNothing happens.",
        "<execute>\nact('go to sink 1')\n</execute>",
    ),
]
PUBLIC[-1]["conversations"] += [{"role": "user", "content": f"Observation:\n{n}"} for n in ("a", "a", "", "b\n\n")]
PUBLIC += [
    public("a/b", "?", "!"),
    public("a-b", "?", "!!"),
    public("A/B", "?", "!!!"),
    public("a/b", "?", "!!!!"),
    public("../../etc/passwd\x00\n", "?", "<execute></execute>"),
    public("/" * 300, "?", "<execute>\nprint(1)"),
    public("", "", ""),
    public("日本/語", "質問 🎉", "答え\n```python\nprint('é')\n```"),
]


def test_records_of_the_public_data_set_come_back_as_they_were(capsys: pytest.CaptureFixture[str]) -> None:
    Path("public.jsonl").write_text("".join(json.dumps(each) + "\n" for each in PUBLIC), encoding="utf-8")
    assert main(["import", "public.jsonl", "--out", "read"]) == 0
    names = sorted(path.name for path in Path("read").iterdir())
    assert len({name.casefold() for name in names}) == len(PUBLIC)
    assert names[0] == "01-raw-gpt-hotpotqa-reasoning-5a8b-17-gpt-4-max5_p2-tool-cd.ipynb"
    assert all(re.fullmatch(r"\d\d-[\w.-]{1,80}\.ipynb", name, re.ASCII) for name in names)
    assert export("read", form="codeactinstruct") == 0
    once = lines("out.jsonl")
    assert [{"id": each["id"], "conversations": each["conversations"]} for each in once] == PUBLIC
    assert main(["import", "out.jsonl", "--out", "again"]) == 0
    assert export("again", form="codeactinstruct", out="twice.jsonl") == 0
    assert Path("twice.jsonl").read_bytes() == Path("out.jsonl").read_bytes()


@pytest.mark.parametrize("form", ["codeactinstruct", "chat"])
def test_exported_conversations_come_back_as_they_were(form: str) -> None:
    path = journal([*conversation(edited="df.shape"), *conversation("'```'\n\n", question="And\nnow?")[:-1]])
    assert export(path, FIXTURE, form=form) == 0
    assert main(["import", "out.jsonl", "--out", "read"]) == 0
    assert export("read", form=form, out="again.jsonl") == 0
    assert Path("again.jsonl").read_bytes() == Path("out.jsonl").read_bytes()


def test_only_answered_works_on_imported_records_and_the_others_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    Path("public.jsonl").write_text("".join(json.dumps(each) + "\n" for each in PUBLIC[:5]), encoding="utf-8")
    assert main(["import", "public.jsonl", "--out", "read"]) == 0
    assert export("read", "--only", "answered", form="codeactinstruct") == 0
    assert [record["id"] for record in lines("out.jsonl")] == [PUBLIC[0]["id"], PUBLIC[2]["id"]]
    assert "3 not answered" in capsys.readouterr().out
    assert export("read", form="preference", out="p.jsonl") == 1
    assert export("read", "--since", "2026-01-01", out="p.jsonl") == 1
    assert "5 without a time" in capsys.readouterr().out


def test_bad_records_are_named_by_their_lines_and_the_others_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    good = json.dumps(public("a", "?", "\u2028!")).encode()
    Path("mixed.jsonl").write_bytes(b"\xef\xbb\xbf" + b"\n".join([good, b"", b"{oops", b'{"id": "x"}', b"\xff", good]))
    assert main(["import", "mixed.jsonl", "--out", "new/read"]) == 0
    captured = capsys.readouterr()
    assert [line.partition(":")[0] for line in captured.err.splitlines()] == ["line 3", "line 4", "line 5"]
    assert "2 notebooks written to new/read, 3 lines skipped" in captured.out
    assert sorted(path.name for path in Path("new/read").iterdir()) == ["1-a.ipynb", "6-a.ipynb"]


def test_import_overwrites_nothing_and_says_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    Path("full").mkdir()
    Path("full/mine.txt").write_text("mine")
    Path("one.jsonl").write_text(json.dumps(public("a", "?", "!")))
    for file, out, message in (
        ("one.jsonl", "full", "not empty"),
        ("one.jsonl", "one.jsonl", "cannot be used"),
        ("none.jsonl", "new", "No such file"),
    ):
        assert main(["import", file, "--out", out]) == 2
        assert message in capsys.readouterr().err
    Path("bad.jsonl").write_text("nothing\n")
    assert main(["import", "bad.jsonl", "--out", "bad"]) == 1


def test_an_imported_notebook_goes_on_with_questions_of_its_own(home: Path) -> None:
    Path("public.jsonl").write_text(json.dumps(PUBLIC[0]))
    assert main(["import", "public.jsonl", "--out", "read"]) == 0
    (book,) = Path("read").resolve().iterdir()
    journal(conversation(), key=str(book))
    notebook = nbformat.read(book, as_version=4)
    notebook.cells += [new_markdown_cell("Mine."), new_code_cell("%%codeact\nHow many?")]
    nbformat.write(notebook, book)
    assert export(book, "--journals", "journals", form="codeactinstruct") == 0
    own, imported = lines("out.jsonl")
    assert own["conversations"][1]["content"] == "Task: How many?"
    assert imported["conversations"] == PUBLIC[0]["conversations"]


# --- the docs

COMMANDS = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```$", (ROOT / "docs/record.md").read_text("utf-8"), re.M | re.S)
    for line in block.splitlines()
]

IN_KERNELS = ("keep", "replay")  #: `tests/kernel/test_rerun.py` runs them


def test_every_command_of_the_docs_works_as_it_stands(home: Path, tmp_path: Path) -> None:
    sessions = home / ".local/state/codeact-jupyter/sessions"
    asked, *rest = conversation(edited="df.shape")
    failed = [Proposal("f0", 1, "", "dff", "", "qwen"), Approval("f0", "dff"), Observation("f0", "NameError", False)]
    kept = journal([asked, *failed, *rest], folder=str(sessions), key=str(home / "work/analysis.ipynb"))
    kept.rename(kept.with_name("20260131-101500-7f3a9c21.jsonl"))
    language = {"name": "python", "file_extension": ".py", "nbconvert_exporter": "python"}
    cells = [new_code_cell("%%codeact\nHow many?"), new_code_cell("dff\n# codeact: f0")]
    nbformat.write(new_notebook(cells=cells, metadata={"language_info": language}), "analysis.ipynb")
    Path("more").mkdir()
    shutil.copy(FIXTURE, "more")
    given = [[str(Path(word).expanduser()) for word in shlex.split(command)] for command in COMMANDS]
    called = [words for words in given if words[1] == "codeact" and words[2] not in IN_KERNELS]
    assert {tuple(words[:2]) for words in given} == {("jupyter", "codeact"), ("jupyter", "nbconvert")}
    assert len(called) >= 13
    program = f"from codeact_jupyter.cli import main\nfor words in {called!r}: assert main(words[2:]) == 0, words\n"
    program += "from nbconvert.nbconvertapp import NbConvertApp\n"
    converted = [words[2:] for words in given if words[1] == "nbconvert"]
    program += f"for words in {converted!r}: NbConvertApp.launch_instance(words)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(tmp_path)}
    environment.pop("XDG_STATE_HOME", None)
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# How many?" in Path("analysis.py").read_text("utf-8")
    assert "There are 3." in Path("report.html").read_text("utf-8")
    for words in (each for each in called if "--out" in each and "--html" not in each):
        out = Path(words[words.index("--out") + 1])
        assert any(out.iterdir()) if out.is_dir() else out.suffix == ".ipynb" or lines(str(out)), words
    assert Path("again.jsonl").read_bytes() == Path("answered.jsonl").read_bytes()
