"""How much faster replies are written when the tokens that followed before are evaluated along, as a guess.

    python benchmarks/guessing.py docs/competence/tools [--replies 20]

lets the default model write the first replies of a run's conversations again, greedily, with each number of guessed
tokens in turn, and prints tokens per second, the ratio to none, and in how many replies the text is the same.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from codeact_jupyter.engines import native
from codeact_jupyter.engines.loading import open_model
from codeact_jupyter.evaluation.records import Folder
from codeact_jupyter.messages import ChatMessage
from codeact_jupyter.protocols import is_complete

NUMBERS = (0, 2, 4, 6, 8)


def main(arguments: Sequence[str]) -> int:
    """Prints the table. Returns 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="directory of a run of `jupyter codeact eval`")
    parser.add_argument("--replies", type=int, default=20)
    parser.add_argument("--model", default="qwen2.5-coder-1.5b")
    args = parser.parse_args(arguments)
    engine, _ = open_model(args.model)
    speeds: dict[int, list[float]] = {number: [] for number in NUMBERS}
    texts: dict[int, list[str]] = {number: [] for number in NUMBERS}
    for done, messages in zip(range(args.replies), conversations(args.run), strict=False):
        for number in NUMBERS:
            native.GUESSED = number
            engine.generate(messages, max_tokens=1)  # reads the prompt
            reply = engine.generate(messages, is_complete=is_complete, max_tokens=200)
            speeds[number].append(reply.usage.generated / (reply.usage.seconds - reply.usage.first_token_seconds))
            texts[number].append(reply.text)
        print(f"{done + 1} of {args.replies}", end="\r", file=sys.stderr)
    for number in NUMBERS:
        ratio = statistics.median(new / old for new, old in zip(speeds[number], speeds[0], strict=True))
        same = sum(new == old for new, old in zip(texts[number], texts[0], strict=True))
        speed = statistics.median(speeds[number])
        equal = f"{same} of {len(texts[0])} texts the same"
        print(f"{number} guessed: {speed:5.1f} tokens/s, {ratio:4.2f} times none, {equal}")
    return 0


def conversations(run: Path) -> Iterator[list[ChatMessage]]:
    """What stands before each reply of the run's conversations."""
    for record in Folder(run).records():
        messages = [ChatMessage(message["role"], message["content"]) for message in record.messages]
        for place, message in enumerate(messages):
            if message.role == "assistant" and place > 1:
                yield messages[:place]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
