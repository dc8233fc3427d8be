"""A trial in words, as a message for a page, and beside the real run."""

from __future__ import annotations

import base64
import struct

import pytest

from codeact_jupyter.agent.trial_match import same_output, without_times
from codeact_jupyter.agent.view import Proposed
from codeact_jupyter.lab.items import to_items
from codeact_jupyter.lab.protocol import Step
from codeact_jupyter.lab.trials import FIGURE_BYTES, FIGURES, LINE_CHARS, OUTPUT_CHARS, PARTS, to_trial
from codeact_jupyter.outputs.observation import BEGIN, END, NOTHING
from codeact_jupyter.session.event_json import from_json, to_json
from codeact_jupyter.session.messages import Approval, Observation, Prompt, Proposal, Tried
from codeact_jupyter.text import invisible_note
from codeact_jupyter.views.text import PlainView, how_to_approve
from codeact_jupyter.views.trial import trial_line

MEANS = "species\nAdelie    3700.66\nGentoo    5076.02"
RAN = Tried("ran", f"{BEGIN}\n{MEANS}\n{END}\nTook 1.2 s.", MEANS, added=("means",), seconds=0.018)


def png(width: int = 2, height: int = 2, size: int = 100) -> bytes:
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)
    return head.ljust(size, b"\0")


@pytest.mark.parametrize(
    ("tried", "line"),
    [
        (None, ""),
        (RAN, "Tried: species Adelie 3700.66 Gentoo 5076.02 · defines `means` · 0.02 s"),
        (Tried("ran", outputs="5076.02\n" * 50), f"Tried: {('5076.02 ' * 50)[:59]}… · 0.01 s"),
        (Tried("ran", seconds=3.44), "Tried: no output · 3.4 s"),
        (Tried("ran", figures=(png(),), seconds=0.3), "Tried: 1 figure · 0.30 s"),
        (Tried("ran", figures=(png(), png()), seconds=0.3), "Tried: 2 figures · 0.30 s"),
        (Tried("ran", changed=("df",), removed=("x", "y")), "Tried: changes `df` · removes `x`, `y` · 0.01 s"),
        (
            Tried("ran", "", "7", changed=("sales", "x"), changes=("replaces `sales`: 19,537 → 0 rows", "changes `x`")),
            "Tried: 7 · replaces `sales`: 19,537 → 0 rows, changes `x` · 0.01 s",
        ),
        (
            Tried("ran", changed=tuple("abcde"), changes=tuple(f"changes `{name}`" for name in "abcde")),
            "Tried: changes `a`, changes `b`, changes `c`, changes `d`, … · 0.01 s",
        ),
        (Tried("ran", added=tuple("abcdef")), "Tried: defines `a`, `b`, `c`, `d`, … · 0.01 s"),
        (Tried("ran", outputs="3", reason="`f` exists already"), "Doubt: `f` exists already · Tried: 3 · 0.01 s"),
        (
            Tried("raised", error="KeyError: 'a'", reason="the same step failed before"),
            "Doubt: the same step failed before · Raises KeyError: 'a'",
        ),
        (Tried("raised", error="KeyError: 'mass'"), "Raises KeyError: 'mass'"),
        (Tried("wants_more", effects=("write `clean.csv`",)), "Would write `clean.csv`"),
        (Tried("wants_more", effects=("open the network", "start `pip`")), "Would open the network, start `pip`"),
        (Tried("wants_more"), "Would use or change something outside the kernel"),
        (Tried("not_tried", reason="a cell is running"), "Not tried: a cell is running"),
        (Tried("not_tried"), "Not tried"),
        (
            Tried("raised", error="MemoryError", memory=7_600_000_000),
            "May need more than 7.6 GB: it could end your kernel · MemoryError",
        ),
        (
            Tried("not_tried", reason="it took too much memory", memory=20_500_000_000),
            "May need more than 20.5 GB: it could end your kernel · it took too much memory",
        ),
    ],
)
def test_a_trial_is_one_line(tried: Tried | None, line: str) -> None:
    assert trial_line(tried) == line


def test_the_line_has_no_hidden_characters_and_no_line_feeds() -> None:
    tried = Tried("ran", outputs="a\u202eb\r\nc\x1b[0m", added=("x\u200b",))
    assert trial_line(tried) == "Tried: a⟨U+202E⟩b⟨U+000D⟩ c⟨U+001B⟩[0m · defines `x⟨U+200B⟩` · 0.01 s"


def test_what_a_page_gets_is_bounded_and_visible() -> None:
    flood = "x" * 100_000
    trial = to_trial(
        Tried("raised", outputs=f"\u202e{flood}", added=(flood,) * 100, effects=(flood,) * 100, error=flood),
        figures=True,
    )
    assert trial is not None
    assert trial.outputs.startswith("⟨U+202E⟩x")
    assert len(trial.outputs) < OUTPUT_CHARS + 100
    assert [len(trial.added), len(trial.effects)] == [PARTS, PARTS]
    assert max(map(len, [*trial.added, *trial.effects, trial.error])) <= LINE_CHARS
    assert len(trial.line) < LINE_CHARS
    assert to_trial(None, figures=True) is None


def test_only_small_png_files_are_sent_and_only_while_the_step_waits() -> None:
    good, huge, wide, other = png(), png(size=FIGURE_BYTES + 1), png(width=100_000), b"<svg onload='x()'/>".ljust(99)
    tried = Tried("ran", figures=(huge, wide, other, good, *[good] * 9))
    trial = to_trial(tried, figures=True)
    assert trial is not None
    assert trial.figures == [base64.b64encode(good).decode()] * FIGURES
    half = png(size=FIGURE_BYTES * 2 // 3)
    trial = to_trial(Tried("ran", figures=(half, half, good)), figures=True)
    assert trial is not None
    assert len(trial.figures) == 2
    step = to_items([Prompt("?"), proposal(tried)])[1]
    assert isinstance(step, Step)
    assert step.tried is not None
    assert step.tried.figures == []


def proposal(tried: Tried | None) -> Proposal:
    return Proposal("p1", 1, "I look.", "x = 1", "I look.", "tiny", tried=tried)


@pytest.mark.parametrize(
    ("source", "observation", "differs"),
    [
        ("x = 1", f"{BEGIN}\n{MEANS}\n{END}\nTook 3.9 s.", False),
        ("x = 1", f"{BEGIN}\n{MEANS}\n{END}\nNew: mine = 1.", False),  # of a cell of the user's, meanwhile
        ("x = 1", f"{BEGIN}\n{MEANS} \n{END}", True),
        ("x = 1", f"{NOTHING}", True),
        ("x = 2", f"{NOTHING}", False),  # edited: another cell
    ],
)
def test_a_step_says_when_its_output_differs_from_the_trial(source: str, observation: str, differs: bool) -> None:
    events = [Prompt("?"), proposal(RAN), Approval("p1", source), Observation("p1", observation, True, 0.5)]
    for transcript in (events, [from_json(to_json(event)) for event in events]):
        step = to_items(transcript)[1]
        assert isinstance(step, Step)
        assert step.differs is differs
    untried = to_items([events[0], proposal(None), *events[2:]])[1]
    assert isinstance(untried, Step)
    assert (untried.tried, untried.differs) == (None, False)


@pytest.mark.parametrize("outcome", ["wants_more", "not_tried"])
def test_a_trial_that_did_not_come_to_its_end_is_not_compared(outcome: str) -> None:
    tried = Tried(outcome, observation="")  # type: ignore[arg-type]
    assert same_output(tried, Observation("p1", f"{BEGIN}\n1\n{END}", True))


def test_times_and_addresses_are_left_out_of_the_comparison_and_other_numbers_are_not() -> None:
    before = (
        "<f at 0x7f01aa20>\nCPU times: user 3 ms\nWall time: 4.1 ms\n4.1 ms ± 3 µs per loop (10 loops)\nTook 1.0 s."
    )
    after = (
        "<f at 0x7f99bb10>\nCPU times: user 5 ms\nWall time: 6.6 ms\n3.9 ms ± 7 µs per loop (10 loops)\nTook 1,002.5 s."
    )
    assert without_times(before) == without_times(after)
    assert without_times("0xdeadbeef took 3 s") == "0xdeadbeef took 3 s"
    assert without_times("at 5 ms") != without_times("at 6 ms")


def test_a_terminal_gets_the_line_before_how_to_approve() -> None:
    written: list[str] = []
    for tried in (RAN, None):
        PlainView(written.append, how_to_approve).show(Proposed(proposal(tried)))
    first, second = "".join(written).split("I look.")[1:]
    assert first.startswith(f"\n{trial_line(RAN)}\n[step 1] Run the cell below")
    assert second.startswith("\n[step 1] Run the cell below")


# --- invisible characters ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "line", "lines"),
    [
        ("x = 1\ny = 2\nt == 'a\u202eb'", r"U+202E in line 3 (written as \u202e)", [r"3: t == 'a\u202eb'"]),
        ("s = '\ufeffid'", r"U+FEFF in line 1 (written as \ufeff)", [r"1: s = '\ufeffid'"]),
        ("'a\u00adb', 'x\u00a0y'", r"U+00AD in line 1 (written as \xad), U+00A0 in line 1 (written as \xa0)", None),
        (
            "'\u200b'\n1\n'\u200b\u200b'",
            r"U+200B in line 1, 3 (written as \u200b)",
            [r"1: '\u200b'", r"3: '\u200b\u200b'"],
        ),
        ("'ad\u200cmin'", r"U+200C in line 1 (written as \u200c)", [r"1: 'ad\u200cmin'"]),
        ("'а\u200dб' + '\u200d'", r"U+200D in line 1 (written as \u200d)", None),
        ("'שלום\u200f'", r"U+200F in line 1 (written as \u200f)", ["1: 'שלום\\u200f'"]),
        ("'''\n\tx\u3164\n'''", r"U+3164 in line 2 (written as \u3164)", ["2: \tx\\u3164"]),
        ("'🏴\U000e0067'", r"U+E0067 in line 1 (written as \U000e0067)", ["1: '🏴\\U000e0067'"]),
    ],
)
def test_what_a_reader_does_not_see_is_named_with_its_line_and_its_escape(
    code: str, line: str, lines: list[str] | None
) -> None:
    first, *rest = invisible_note(code).split("\n")
    assert first == f"Contains invisible characters: {line}"
    assert lines is None or rest == lines


@pytest.mark.parametrize(
    "code",
    [
        "x = 1\n\ty = 2\n",
        "'می\u200cشود'  # نیم\u200cفاصله",
        "'क\u094d\u200dष' + 'മലയാളം\u200d'",
        "'👩\u200d👩\u200d👧', '❤️\u200d🔥', '👍🏽', '🧑🏽\u200d🔬'",
        "'naïve µg/m³ 日本 e\u0301'",
        "größe = 'Straße'",
    ],
)
def test_letters_marks_and_emoji_are_no_invisible_characters(code: str) -> None:
    assert invisible_note(code) == ""


def test_a_note_on_many_invisible_characters_is_short() -> None:
    code = "\n".join(f"x{n} = '{chr(0xE0100 + n)}{'a' * 5000}'" for n in range(100))
    note = invisible_note(code)
    assert len(note) < 4000
    assert note.isprintable() or note.replace("\n", "").isprintable()


def test_every_view_shows_the_note_while_the_step_waits() -> None:
    step = Proposal("p1", 1, "I look.", "x = 'a\u200bb'", "I look.")
    note = invisible_note(step.code)
    written: list[str] = []
    PlainView(written.append, how_to_approve).show(Proposed(step))
    assert f"\n{note}\n[step 1] Run the cell below" in "".join(written)
    item = to_items([Prompt("?"), step])[1]
    assert isinstance(item, Step)
    assert item.invisible == note
    plain = to_items([Prompt("?"), proposal(RAN)])[1]
    assert isinstance(plain, Step)
    assert plain.invisible == ""
