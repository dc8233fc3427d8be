"""Compare a model in this process with the same model behind llama-cpp-python's server on loopback.

    python -m benchmarks.same_answers [--model NAME] [--tasks N]

Both get the same chats at temperature 0. Needs `pip install 'codeact-jupyter[server]' 'llama-cpp-python[server]'`.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from codeact_jupyter.engines.llama import LlamaEngine, physical_cores
from codeact_jupyter.engines.native import Native
from codeact_jupyter.engines.openai_server import ServerEngine
from codeact_jupyter.models.store import locate
from codeact_jupyter.session.messages import ChatMessage

WINDOW = 2048
START_SECONDS = 120
#: The server, with the layout of the weights that the engine uses: other layouts add up in another order, so that the
#: likeliest of two tokens that are all but equally likely can be the other one.
SERVER = """
import llama_cpp.llama_cpp as bindings
from llama_cpp.server.__main__ import main

def plain(defaults=bindings.llama_model_default_params):
    params = defaults()
    params.use_extra_bufts = False
    return params

bindings.llama_model_default_params = plain
main()
"""

TASKS = (
    "Write a Python function that returns the largest of three numbers.",
    "Read the file trips.csv with pandas and print the first five rows.",
    "Which Python type has the value of 3 / 2?",
    "Count the vowels of the word 'notebook' in Python.",
    "Write a list comprehension for the squares of the even numbers below 20.",
    "How do I sort a pandas frame by two columns, the second descending?",
    "Name three built-in containers of Python.",
    "Write a function that reverses the words of a sentence.",
    "Compute the mean of the list [4, 8, 15, 16, 23, 42] in Python.",
    "What does the method strip of a string do?",
    "Write code that counts the missing values in each column of the frame df.",
    "Plot the numbers 1 to 10 against their cubes with matplotlib.",
    "Turn the string '2024-02-29' into a date in Python.",
    "Merge the frames left and right on the column key, keeping all rows of left.",
    "Explain in one sentence what a generator is.",
    "Write a regular expression for a German postal code.",
    "How do I read one key of a JSON file?",
    "Write a loop that prints a multiplication table up to 5.",
    "What is the difference between a list and a tuple?",
    "Group the frame sales by region and add up the column amount.",
)


def asked(task: str) -> list[ChatMessage]:
    """Return the chat that asks for a task."""
    return [ChatMessage("system", "You are a helpful assistant who writes short Python."), ChatMessage("user", task)]


@contextlib.contextmanager
def served(path: Path) -> Iterator[str]:
    """Run llama-cpp-python's server with a model, and yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", SERVER, "--model", str(path), "--host", "127.0.0.1"]
    command += ["--port", str(port), "--n_ctx", str(WINDOW), "--n_threads", str(physical_cores())]
    command += ["--n_threads_batch", str(physical_cores()), "--flash_attn", "true"]
    environment = {"GOMP_SPINCOUNT": "1000", **os.environ}  # as in `engines.llama`: cores are yielded soon
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/v1/models", process)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait()


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            opener.open(address, timeout=5).close()
            return
        time.sleep(0.1)
    raise SystemExit("The server did not start: pip install 'llama-cpp-python[server]'.")


def main() -> int:
    """Print each task on which the two differ, and how many are the same."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--model", default="qwen2.5-coder-0.5b")
    parser.add_argument("--tasks", type=int, default=len(TASKS))
    parser.add_argument("--max-tokens", type=int, default=96)
    arguments = parser.parse_args()
    model, path = locate(arguments.model)
    here = LlamaEngine(path, name=model.name, context_size=WINDOW)
    same = Counter[str]()
    with served(path) as address:
        there = ServerEngine(address)
        for number, task in enumerate(TASKS[: arguments.tasks], 1):
            theirs = there.generate(asked(task), max_tokens=arguments.max_tokens).text.strip()
            ours = here.generate(asked(task), max_tokens=arguments.max_tokens).text.strip()
            with in_one_piece():
                alike = here.generate(asked(task), max_tokens=arguments.max_tokens).text.strip()
            same += Counter(plain=ours == theirs, in_one_piece=alike == theirs)
            print(f"{number}: {'the same' if ours == theirs else 'another reply'}", flush=True)
            if alike != theirs:
                print(f"{task}\n--- in this process\n{alike}\n--- behind the server\n{theirs}", flush=True)
    print(f"{model.name}: the same greedy reply on {same['plain']} of {arguments.tasks} tasks")
    print(f"and on {same['in_one_piece']} if the prompt is evaluated in one piece, as the server does")
    return 0 if same["in_one_piece"] == arguments.tasks else 1


@contextlib.contextmanager
def in_one_piece() -> Iterator[None]:
    """Make the engine evaluate whole prompts in one piece.

    It evaluates the last token by itself, so that a reply does not depend on what was in the cache. Sums of another
    order make the other one of two tokens the likeliest where both are all but equally likely.
    """

    def prefill(native: Native, ids: Sequence[int]) -> None:
        native._keep(0)
        native._decode(ids)

    before, Native.prefill = Native.prefill, prefill  # type: ignore[method-assign]
    try:
        yield
    finally:
        Native.prefill = before  # type: ignore[method-assign]


if __name__ == "__main__":
    sys.exit(main())
