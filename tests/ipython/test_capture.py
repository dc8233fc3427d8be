"""The outputs of a running cell are captured, in order and bounded, and the user sees them as before."""

from __future__ import annotations

import io
import logging
import os
import re
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.terminal.interactiveshell import TerminalInteractiveShell
from jupyter_client.manager import start_new_kernel

from codeact_jupyter.outputs.bounded_buffer import (
    HEAD_CHARS,
    TAIL_CHARS,
    Captured,
    Display,
    Result,
    Stream,
)
from codeact_jupyter.outputs.capture import Capture
from codeact_jupyter.outputs.rich import summarize_bundle

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x06"


@pytest.fixture(params=[InteractiveShell, TerminalInteractiveShell])
def shell(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A private shell, whose history and settings are not the user's."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    hook, excepthook = sys.displayhook, sys.excepthook
    yield (shell := request.param())
    shell.history_manager.end_session()
    sys.displayhook, sys.excepthook = hook, excepthook


@contextmanager
def seeing() -> Iterator[list[str]]:
    """Return what the user sees on stdout and stderr, in this order."""
    seen: list[str] = []
    with redirect_stdout(io.StringIO()) as stdout, redirect_stderr(io.StringIO()) as stderr:
        yield seen
    seen += [stdout.getvalue(), stderr.getvalue()]


def run(shell: Any, source: str, *, silent: bool = False) -> tuple[Captured, list[str]]:
    """Return what was captured of a cell, and what the user saw."""
    with seeing() as seen, Capture(shell, silent=silent) as capture:
        shell.run_cell(source)
    return capture.captured, seen


def test_streams_and_the_result_come_in_order(shell: Any) -> None:
    captured, _ = run(shell, "import sys\nprint('a')\nprint('b', file=sys.stderr)\nprint('c', end='')\n6 * 7")
    assert captured.items == (Stream("stdout", "a\n"), Stream("stderr", "b\n"), Stream("stdout", "c"), Result("42"))


@pytest.mark.parametrize("source", ["print('a'); 1 + 1", "x = 1", "[1] * 100", "1 / 0", "x =", "%nonsense"])
def test_the_user_sees_the_same_with_and_without_a_capture(shell: Any, source: str) -> None:
    with seeing() as without:
        shell.run_cell(source)
    _, seen = run(shell, source)
    assert [re.sub(r"input-\d+|Cell In\s?\[\d+\]", "", text) for text in seen] == [
        re.sub(r"input-\d+|Cell In\s?\[\d+\]", "", text) for text in without
    ]
    assert any(seen) == (source != "x = 1")


def test_a_silent_capture_shows_nothing(shell: Any) -> None:
    captured, seen = run(shell, "print('a')\n1 + 1", silent=True)
    assert seen == ["", ""] and captured.items == (Stream("stdout", "a\n"), Result("2"))
    assert run(shell, "1 / 0", silent=True) == (Captured(), ["", ""])


def test_a_traceback_is_shown_and_not_captured(shell: Any) -> None:
    captured, seen = run(shell, "print('begun')\n1 / 0")
    assert captured.items == (Stream("stdout", "begun\n"),)
    assert "ZeroDivisionError" in seen[0]


def test_the_traceback_of_an_exception_group_is_shown_and_not_captured(shell: Any) -> None:
    captured, seen = run(shell, "raise ExceptionGroup('many', [ValueError('a'), KeyError('b')])")
    assert captured.items == ()
    assert "ValueError: a" in "".join(seen)


def test_displays_are_reduced_to_text_and_notes(shell: Any) -> None:
    source = (
        "pub = get_ipython().display_pub.publish\n"
        "pub({'text/plain': '<Figure>', 'image/png': PNG}, {})\n"
        "pub({'text/html': '<b>x</b>'}, {})"
    )
    shell.push({"PNG": PNG, "get_ipython": lambda: shell})
    captured, _ = run(shell, source)
    assert captured.items == (Display("<Figure>", ("[figure 640×480]",)), Display("x"))


@pytest.mark.parametrize(
    ("bundle", "expected"),
    [
        ({"image/svg+xml": "<svg/>"}, ("", ("[image]",))),
        ({"image/png": "iVBORw0KGgoAAAANSUhEUgAAAoAAAAHgCAYAAAA10dzkAAAA"}, ("", ("[figure 640×480]",))),
        ({"image/png": "not base64 at all"}, ("", ("[image]",))),
        ({"image/png": 5}, ("", ("[image]",))),
        ({"text/plain": "W()", "application/vnd.jupyter.widget-view+json": {}}, ("W()", ("[widget]",))),
        ({"text/markdown": "**x**"}, ("**x**", ())),
        ({"application/json": {}}, ("{}", ())),
        ({}, ("", ())),
    ],
)
def test_every_sort_of_bundle_has_its_text(bundle: dict[str, Any], expected: tuple[str, tuple[str, ...]]) -> None:
    assert summarize_bundle(bundle) == expected


def displaying(shell: Any) -> Any:
    """Return IPython's `display` for a shell that is not the process's own."""

    def display(obj: Any, display_id: str | None = None) -> None:
        data, metadata = shell.display_formatter.format(obj)
        shell.display_pub.publish(data=data, metadata=metadata, transient={"display_id": display_id})

    return display


PLOT = "import matplotlib; matplotlib.use('agg')\nimport matplotlib.pyplot as plt\n"
DRAW = f"{PLOT}fig, ax = plt.subplots()\nax.plot([1, 2], [3, 4], label='n')\nax.set_title('T')\nplt.close(fig)\n"
TOLD = "title: T\nline n (2): x = 1, 2; y = 3, 4"


@pytest.mark.parametrize(
    ("source", "items"),
    [
        (f"{DRAW}fig", (Result(TOLD),)),
        (f"{DRAW}display(fig)", (Display(TOLD),)),
        (f"{DRAW}display(fig); print('after')", (Display(TOLD), Stream("stdout", "after\n"))),
        (f"{DRAW}display(fig)\nax.set_title('U')\ndisplay(fig)", (Display(TOLD), Display(TOLD.replace("T", "U", 1)))),
        (f"{DRAW}fig.text(0, 0, 'x'); repr(fig)", (Result("'<Figure size 640x480 with 1 Axes>'"),)),
    ],
)
def test_a_figure_is_told_from_the_live_object(shell: Any, source: str, items: tuple[Any, ...]) -> None:
    shell.push({"display": displaying(shell)})
    captured, _ = run(shell, source)
    assert captured.items == items


WIDGET = "import ipywidgets as w\n"


@pytest.mark.parametrize(
    ("source", "items"),
    [
        (
            "b = w.IntProgress(0, max=3); display(b); b.value = 3",
            [("IntProgress(value=3, min=0, max=3)", ("[widget]",))],
        ),
        ("w.Label('kept')", [("Label(value='kept')", ("[widget]",))]),
        ("b = w.Label('a'); display(b); display(b); b.value = 'z'", [("Label(value='z')", ("[widget]",))] * 2),
        ("h = w.HBox([w.Label('a')]); display(h); h.children = ()", [("HBox()", ("[widget]",))]),
        ("b = w.Label('a'); display(b); clear_output(); b.value = 'z'; display('only')", [("'only'", ())]),
        ("b = w.Label('a'); display(b, display_id='i'); b.value = 'z'", [("Label(value='z')", ("[widget]",))]),
    ],
)
def test_a_widget_is_told_as_it_is_when_the_cell_ends(
    shell: Any, source: str, items: list[tuple[str, tuple[str, ...]]]
) -> None:
    shell.push({"display": displaying(shell), "clear_output": lambda: shell.display_pub.clear_output()})
    captured, _ = run(shell, WIDGET + source)
    assert [(item.text, item.notes) for item in captured.items if isinstance(item, Display)] == items


def test_a_logger_that_holds_the_stream_is_heard(shell: Any) -> None:
    logger = logging.getLogger("test_capture")
    handler = logging.StreamHandler(sys.stderr)
    logger.addHandler(handler)
    shell.push({"logger": logger})
    try:
        with Capture(shell) as capture:
            shell.run_cell("logger.warning('look')")
    finally:
        logger.removeHandler(handler)
    assert capture.captured.items == (Stream("stderr", "look\n"),)


def test_what_was_cleared_is_gone_and_an_update_replaces(shell: Any) -> None:
    with Capture(shell, silent=True) as capture:
        pub = shell.display_pub.publish
        print("old")
        shell.display_pub.clear_output(wait=True)
        assert capture.captured.items == (Stream("stdout", "old\n"),)
        for step in range(1000):
            pub({"text/plain": f"step {step}"}, {}, transient={"display_id": "bar"}, update=step > 0)
    assert capture.captured.items == (Display("step 999"),)


# --- bounds ------------------------------------------------------------------------------------------------------


@pytest.mark.hostile("floods")
@pytest.mark.parametrize(
    "source",
    [
        "line = 'x' * 999\nfor _ in range(100_000): print(line)",
        "print('y' * 100_000_000)",
        "import sys\nfor n in range(300_100): sys.stdout.write('z' if n < 300_000 else 'w' * 1_000_000)",
    ],
)
def test_100_megabytes_stay_bounded_and_are_counted(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    shell = InteractiveShell()
    size = 0

    class Sink(io.TextIOBase):
        def write(self, text: str) -> int:
            nonlocal size
            size += len(text)
            return len(text)

    with redirect_stdout(Sink()):
        capture = Capture(shell)
        capture.start()
        result = shell.run_cell(source)
        captured = capture.stop()
    shell.history_manager.end_session()
    assert result.success and size >= 100_000_000
    streams = [item for item in captured.items if isinstance(item, Stream)]
    kept = sum(len(item.text) for item in streams)
    assert HEAD_CHARS < kept <= HEAD_CHARS + 2 * TAIL_CHARS
    assert kept + sum(item.skipped for item in streams) == size


@pytest.mark.hostile("floods")
def test_memory_stays_small_while_many_small_bits_of_text_come() -> None:
    shell = InteractiveShell()
    tracemalloc.start()
    try:
        with Capture(shell, silent=True):
            for number in range(20_000):
                print(number)
                print(number, file=sys.stderr)
                if number % 10 == 0:
                    shell.display_pub.publish({"text/plain": "x" * 100}, {})
            assert tracemalloc.get_traced_memory()[0] < 20_000_000
    finally:
        tracemalloc.stop()
        shell.history_manager.end_session()


@pytest.mark.hostile("floods", control=True)
def test_the_head_and_the_tail_are_exact_and_in_order() -> None:
    shell = InteractiveShell()
    with Capture(shell, silent=True) as capture:
        for number in range(100_000):
            print(number)
    shell.history_manager.end_session()
    first, second = capture.captured.items
    whole = "".join(f"{number}\n" for number in range(100_000))
    assert isinstance(first, Stream) and isinstance(second, Stream)
    assert whole.startswith(first.text) and whole.endswith(second.text)
    assert len(first.text) + len(second.text) + second.skipped == len(whole)


# --- everything is put back --------------------------------------------------------------------------------------


def taps(shell: Any) -> list[object]:
    owners = (sys.stdout, sys.stderr, shell, shell.display_pub, shell.displayhook)
    names = ("write", "_showtraceback", "show_usage_error", "publish", "clear_output", "write_format_data")
    return [name for owner in owners for name in names if name in vars(owner)]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_everything_is_put_back_after_an_exception(shell: Any, error: type[BaseException]) -> None:
    before = taps(shell)
    with pytest.raises(error), Capture(shell):
        assert taps(shell) != before
        raise error
    assert taps(shell) == before


def test_a_start_that_fails_puts_everything_back(shell: Any) -> None:
    before, hook = taps(shell), shell.displayhook
    shell.displayhook = None
    try:
        with pytest.raises(TypeError):
            Capture(shell).start()
    finally:
        shell.displayhook = hook
    assert taps(shell) == before


def test_captures_within_captures_both_hear_and_end_in_any_order(shell: Any) -> None:
    outer, inner = Capture(shell), Capture(shell)
    outer.start()
    inner.start()
    shell.run_cell("print('both')")
    assert outer.stop().items == (Stream("stdout", "both\n"),)
    shell.run_cell("print('inner')")
    assert inner.stop().items == (Stream("stdout", "both\ninner\n"),)
    assert inner.stop().items == (Stream("stdout", "both\ninner\n"),)
    shell.run_cell("print('none')")
    assert inner.stop().items == (Stream("stdout", "both\ninner\n"),)


def test_another_thread_of_the_cell_is_heard(shell: Any) -> None:
    captured, _ = run(
        shell, "import threading\nt = threading.Thread(target=print, args=('from afar',))\nt.start(); t.join()"
    )
    assert "from afar" in "".join(item.text for item in captured.items)


def test_writing_what_is_no_text_raises_as_ever(shell: Any) -> None:
    with Capture(shell) as capture, pytest.raises(TypeError):
        sys.stdout.write(5)  # type: ignore[arg-type]
    assert capture.captured.items == ()


# --- a real kernel -----------------------------------------------------------------------------------------------

TAPPING = """
import threading, time, logging, sys, os
from codeact_jupyter.outputs.capture import Capture
shell, captures, old = get_ipython(), [], logging.StreamHandler(sys.stderr)
def begin(info):
    captures.append(Capture(shell, silent=SILENT)); captures[-1].start()
def end(result):
    done.append(captures[-1].stop())
done = []
shell.events.register('pre_run_cell', begin)
shell.events.register('post_run_cell', end)
"""

CELL = """
print('printed')
os.system('echo from a process')
logging.getLogger('k').addHandler(old)
logging.getLogger('k').warning('logged')
from IPython.display import HTML, display
t = threading.Thread(target=display, args=(HTML('<b>x</b>'),)); t.start(); t.join()
6 * 7
"""


class Kernel:
    """A real ipykernel, and what its user sees of a cell. In a pytest it would leave the file descriptors alone."""

    def __init__(self, directory: Path) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
        self.manager, self.client = start_new_kernel(kernel_name="python3", cwd=str(directory), env=environment)

    def run(self, source: str) -> list[tuple[str, Any]]:
        outputs: list[tuple[str, Any]] = []

        def hear(message: dict[str, Any]) -> None:
            content = message["content"]
            if message["msg_type"] == "stream":
                outputs.append((content["name"], content["text"]))
            elif message["msg_type"] in ("display_data", "execute_result"):
                outputs.append((message["msg_type"], content["data"]["text/plain"]))
            elif message["msg_type"] == "error":
                outputs.append(("error", content["ename"]))

        self.client.execute_interactive(source, output_hook=hear, timeout=60)
        return outputs

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    kernel = Kernel(tmp_path)
    yield kernel
    kernel.close()


def test_a_kernels_outputs_are_captured_and_still_shown(kernel: Kernel) -> None:
    kernel.run(TAPPING.replace("SILENT", "False"))
    seen = kernel.run(CELL)
    texts = [text for _, text in seen]
    assert "".join(texts).count("printed") == 1 and ("execute_result", "42") in seen
    assert any(name == "display_data" and "HTML" in text for name, text in seen)
    ((_, told),) = kernel.run("done[0].items, [getattr(i, 'name', '') + i.text for i in done[0].items]")
    for part in ("Result(text='42'", "Display(text='x'", "stdoutprinted", "from a process", "stderrlogged"):
        assert part in told


def test_a_silent_capture_in_a_kernel_shows_nothing(kernel: Kernel) -> None:
    kernel.run(TAPPING.replace("SILENT", "True"))
    assert kernel.run(CELL) == []
    assert kernel.run("1 / 0") == []


def test_what_the_kernel_shows_under_another_cell_is_ignored(kernel: Kernel) -> None:
    kernel.run(TAPPING.replace("SILENT", "False"))
    kernel.run(
        "import contextvars\nprint('mine')\n_ = contextvars.copy_context().run("
        "lambda: (sys.stdout._parent_header.set({'msg_id': 'another cell'}), print('unrelated')))"
    )
    ((_, told),) = kernel.run("[item.text for item in done[-1].items]")
    assert told == "['mine\\n']"
