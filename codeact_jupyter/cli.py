"""`jupyter codeact ask|run|models|eval|export|import|report|keep|collapse|replay|sessions`: without a front end.

What a command needs is imported when it runs. Exit codes: 0 answered (or done), 1 not answered, 2 bad use, 3 model
problem.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from .errors import CodeActError, ModelError

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from .headless import Decision
    from .headless.outcome import Outcome


APPROVE = ("ask", "auto", "auto:read-only", "auto:workspace", "auto:all")
APPROVE_HELP = (
    "auto:REACH runs steps without approval that wanted no more than that in their trial, and rejects all others: "
    "read-only (nothing outside the kernel), workspace (to write files in the working directory; the same as auto) or "
    "all (anything, also steps that could not be tried)"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: The arguments; by default those of the process.

    Returns:
        The exit code.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what its encoding lacks, as a console may, is written as an escape
            stream.reconfigure(errors="backslashreplace")
    arguments = _parser().parse_args(argv)
    try:
        code: int = arguments.command(arguments)
        return code
    except ModelError as error:
        print(f"jupyter codeact: {error}", file=sys.stderr)
        return 3
    except CodeActError as error:
        print(f"jupyter codeact: {error}", file=sys.stderr)
        return 2
    except OSError as error:  # no room, no rights, no descriptors
        print(f"jupyter codeact: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("jupyter codeact: stopped.", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    from .evaluation.commands import add_parser as add_evaluation
    from .models.commands import add_parser as add_models
    from .notebook.record_commands import add_parser as add_records
    from .notebook.record_commands import add_trajectory_options
    from .notebook.review_commands import add_parser as add_review
    from .notebook.session_commands import add_parser as add_sessions

    parser = argparse.ArgumentParser(prog="jupyter codeact", description=__doc__.splitlines()[0] if __doc__ else None)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    ask = commands.add_parser("ask", help="ask one question in a fresh kernel")
    ask.add_argument("question")
    ask.add_argument("--data", type=Path, nargs="+", default=[], metavar="FILE", help="files the question is about")
    ask.add_argument("--model", default="", help="catalogue name, GGUF path or hub id")
    ask.add_argument("--adapter", default="", metavar="FILE", help="LoRA adapter (GGUF) for the model")
    ask.add_argument("--server", default="", metavar="URL", help="OpenAI-compatible server to which all text is sent")
    ask.add_argument("--notebook", type=Path, metavar="OUT.ipynb", help="save the conversation as this notebook")
    ask.add_argument("--approve", choices=APPROVE, default="ask", help=APPROVE_HELP)
    ask.add_argument("--max-turns", type=int, default=10, metavar="N", help="most steps before the model must answer")
    ask.add_argument("--max-seconds", type=float, default=600, metavar="S", help="time limit of a step, model included")
    ask.add_argument("--seed", type=int, default=0, metavar="S")
    ask.add_argument("--temperature", type=float, default=None, metavar="T")
    ask.add_argument("--json", action="store_true", help="print one JSON object; all else goes to stderr")
    ask.set_defaults(command=_ask)
    run = commands.add_parser("run", help="execute a notebook with %%%%codeact cells, inserting the agent's cells")
    run.add_argument("notebook", type=Path)
    run.add_argument("--approve", choices=APPROVE, default="ask", help=APPROVE_HELP)
    run.add_argument("--max-seconds", type=float, default=600, metavar="S", help="time limit of a cell, model included")
    run.add_argument("--kernel", default="", metavar="NAME", help="run it in this kernel, whatever it names: python3")
    run.add_argument("--output", type=Path, metavar="OUT.ipynb", help="default: the notebook's name with -run")
    run.add_argument("--json", action="store_true")
    run.set_defaults(command=_run)
    add_models(commands)
    add_trajectory_options(add_evaluation(commands))
    add_records(commands)
    add_review(commands)
    add_sessions(commands)
    return parser


def _ask(arguments: argparse.Namespace) -> int:
    from IPython.core.error import UsageError
    from nbformat.v4 import new_code_cell, new_notebook

    from .notebook.magic import parse_options

    if not arguments.question.strip():
        return _bad_use("The question is empty.")
    missing = [str(path) for path in arguments.data if not path.exists()]
    if missing:
        return _bad_use(f"No such file: {', '.join(missing)}.")
    options = f"--max-turns {arguments.max_turns} --seed {arguments.seed}"
    if arguments.temperature is not None:
        options += f" --temperature {arguments.temperature}"
    for name in ("model", "adapter", "server"):
        if value := getattr(arguments, name):
            options += f" --{name} {shlex.quote(value)}"
    try:
        parse_options(options)
    except UsageError as error:
        return _bad_use(str(error))
    question = arguments.question.strip()
    if arguments.data:
        question += "\nThe data is in: " + ", ".join(repr(os.path.relpath(path)) for path in arguments.data)
    notebook = new_notebook(
        cells=[new_code_cell("%load_ext codeact_jupyter"), new_code_cell(f"%%codeact {options}\n{question}")]
    )
    output = arguments.notebook or Path(tempfile.mkdtemp(prefix="codeact-")) / "conversation.ipynb"
    return _drive(notebook, output, Path.cwd(), arguments, sys.stderr if arguments.json else sys.stdout)


def _run(arguments: argparse.Namespace) -> int:
    import nbformat

    try:
        notebook = nbformat.read(arguments.notebook, as_version=4)
    except Exception as error:  # nbformat may raise anything for a malformed file
        return _bad_use(f"{arguments.notebook} cannot be read as a notebook ({error}).")
    output = arguments.output or arguments.notebook.with_stem(f"{arguments.notebook.stem}-run")
    return _drive(notebook, output, arguments.notebook.resolve().parent, arguments, sys.stdout, arguments.kernel)


def _drive(
    notebook: NotebookNode,
    output: Path,
    directory: Path,
    arguments: argparse.Namespace,
    shown_on: TextIO,
    kernel: str = "",
) -> int:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    from .headless import Driver, approve, reach_of
    from .views.text import to_stdout

    if not output.parent.is_dir():
        return _bad_use(f"The folder {output.parent} does not exist.")
    if output.is_dir():
        return _bad_use(f"{output} is a folder: name a file in it.")
    driver = Driver(
        notebook,
        decide=ask_on_terminal if arguments.approve == "ask" else approve,
        reach=reach_of(arguments.approve),
        echo=to_stdout,
        directory=directory,
        name=str(output.resolve()),
        max_seconds=arguments.max_seconds,
        kernel=kernel,
    )
    with contextlib.redirect_stdout(shown_on):
        try:
            outcome = driver.run()
        except NoSuchKernel as error:
            here = ", ".join(sorted(KernelSpecManager().find_kernel_specs()))
            hint = f"Installed here: {here}." + ("" if kernel else " `--kernel python3` runs it in that one.")
            return _bad_use(f"The kernel {error.name!r} is not installed here. {hint}")
        finally:
            saved = _save(notebook, output)
        to_stdout(f"\nnotebook: {saved}\n")
    if arguments.json:
        print(outcome.to_json())
    return _exit_code(outcome)


def _save(notebook: NotebookNode, output: Path) -> Path:
    """Save a notebook, and return where; if that is not possible there, in a folder for temporary files."""
    import nbformat

    from .notebook.saving import save_whole

    content = nbformat.writes(notebook)
    try:
        save_whole(output.resolve(), content)
    except OSError as error:
        other = Path(tempfile.mkdtemp(prefix="codeact-")) / output.name
        print(f"jupyter codeact: {output} cannot be written ({error.strerror}): saving {other}.", file=sys.stderr)
        save_whole(other, content)
        return other
    return output.resolve()


def ask_on_terminal(code: str) -> Decision:
    """Ask for a decision on the terminal. Code runs only after a yes; the end of the input ends the question.

    Args:
        code: The proposed code.

    Returns:
        The decision.
    """
    from .headless import Decision

    try:
        while True:
            reply = input("Run this step? [y]es, [n]o and stop, [e]dit, or [r]eject with a reason: ").strip()
            word, _, rest = reply.partition(" ")
            match word.lower():
                case "y" | "yes":
                    return Decision(source=code)
                case "n" | "no":
                    return Decision()
                case "e" | "edit":
                    code = _edit(code)
                    print(code)
                case "r" | "reject":
                    reason = rest or input("Why? ").strip()
                    if reason:
                        return Decision(reason=reason)
    except EOFError:
        return Decision()


def _edit(code: str) -> str:
    """Return the code as edited in `$VISUAL` or `$EDITOR`."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "step.py"
        path.write_text(code, encoding="utf-8")
        try:
            command = [editor] if shutil.which(editor) else shlex.split(editor)
            subprocess.run([*command, str(path)], check=False)
            return path.read_text(encoding="utf-8").rstrip("\n")
        except (OSError, ValueError) as error:  # ValueError: quotation marks without an end, or text that is not UTF-8
            print(f"The editor {editor!r} did not edit the step ({error}). Set EDITOR to an installed one.")
            return code


def _exit_code(outcome: Outcome) -> int:
    return {"answered": 0, "no_model": 3}.get(outcome.status, 1)


def _bad_use(message: str) -> int:
    print(f"jupyter codeact: {message}", file=sys.stderr)
    return 2
