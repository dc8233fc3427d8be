"""Printed text is read as a terminal would show it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeact_jupyter.outputs.bounded_buffer import CHUNK_CHARS, OutputBuffer, Stream
from codeact_jupyter.outputs.screen import on_screen, without_overwritten

ESC = "\x1b"


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("10%\r50%\r100%\n", "100%\n"),
        ("abcdef\rxy\n", "xycdef\n"),
        ("one\r\ntwo\r\n", "one\ntwo\n"),
        ("kept\r", "kept"),
        ("working |\b/\b-\bdone", "working done"),
        (f"{ESC}[1;31mred{ESC}[0m and {ESC}[38;5;12mblue{ESC}[m", "red and blue"),
        (f"long text{ESC}[2K\rshort", "short"),
        (f"a long text\rnew{ESC}[K", "new"),
        (f"first  0%\nsecond 0%{ESC}[A\rfirst 50%\n\rsecond 9%", "first 50%\nsecond 9%"),
        (f"old\nlines\n{ESC}[2J{ESC}[Hnew", "new"),
        (f"0123456789{ESC}[4D--{ESC}[1C+", "012345--8+"),
        (f"x{ESC}[5Gy", "x   y"),
        (f"{ESC}]0;title\x07text{ESC}]8;;http://a{ESC}\\link{ESC}]8;;{ESC}\\", "textlink"),
        (f"image {ESC}Pq#0;2;0~~{ESC}\\ end", "image  end"),
        ("bar   \r      \r", ""),
        ("naïve – 日本\r中", "中aïve – 日本"),
        ("tab\tstays\x00\x07", "tab\tstays"),
        (f"{ESC}[?25lhidden cursor{ESC}[?25h", "hidden cursor"),
    ],
)
def test_a_text_looks_as_on_a_terminal(printed: str, shown: str) -> None:
    assert on_screen(printed) == shown


def bar(count: int, *, ending: str = "\n", colour: str = "") -> str:
    """A progress bar as tqdm writes it."""
    states = [
        f"\r{colour}{100 * n // count:3d}%|{'█' * (10 * n // count):10}| {n}/{count} [00:00<00:00]"
        for n in range(count + 1)
    ]
    return "".join(states) + ending


@pytest.mark.parametrize(
    ("before", "colour", "ending"),
    [("", "", "\n"), ("epoch 1", "", "\n"), ("", f"{ESC}[32m", f"{ESC}[0m\n"), ("a\nb", "", ""), ("", "", "\n after")],
)
def test_of_a_long_progress_bar_the_last_state_is_kept(before: str, colour: str, ending: str) -> None:
    buffer = OutputBuffer()
    states = bar(20_000, ending=ending, colour=colour)
    buffer.write("stderr", before)
    for state in states.split("\r")[1:]:
        buffer.write("stderr", f"\r{state}")
    (item,) = buffer.captured().items
    assert isinstance(item, Stream) and item.skipped == 0 and len(item.text) < 2 * CHUNK_CHARS
    assert on_screen(item.text) == on_screen(before + states)


PARTS = ["a", "b", " ", "\r", "\n", f"{ESC}[1m", f"{ESC}[A", f"{ESC}[K", "\b", "é"]
TEXTS = st.lists(st.sampled_from(PARTS), max_size=40).map("".join)


@given(TEXTS, TEXTS)
def test_leaving_out_what_was_overwritten_changes_nothing_on_the_screen(before: str, text: str) -> None:
    assert on_screen(before + without_overwritten(text)) == on_screen(before + text)


@given(
    st.text(alphabet=[ESC, "[", "]", "P", "\r", "\n", "\b", "9", ";", "A", "B", "C", "H", "J", "K", "x"], max_size=200)
)
def test_any_codes_give_text_without_codes(text: str) -> None:
    shown = on_screen(text)
    assert not set(shown) & {ESC, "\r", "\b"} and len(shown) <= 200 * 2_200


@pytest.mark.parametrize(
    "unit", [f"{ESC}[2000Cx", f"{ESC}[9999;9999Hx", f"{ESC}[2J\n", f"x\n{ESC}[A", f"{ESC}]0;", "\r\r", f"{ESC}P", "\bx"]
)
def test_a_long_text_of_codes_is_read_in_bounded_room(unit: str) -> None:
    assert len(on_screen(unit * (128_000 // len(unit)))) < 4_000_000
