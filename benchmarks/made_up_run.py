"""Record a run in which a model makes up data and is told so, as Markdown: the one in `docs/evidence.md`.

python benchmarks/made_up_run.py              # the default model, until it makes data up; it may never do so
python benchmarks/made_up_run.py --scripted   # a scripted model, which does so at once
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from codeact_jupyter import SolveRun, solve
from codeact_jupyter.engines import Engine
from codeact_jupyter.kernel.copy.outcome import Trial
from codeact_jupyter.kernel.preview import Preview
from codeact_jupyter.session.evidence import Evidence
from codeact_jupyter.session.messages import ChatMessage, Completion
from codeact_jupyter.testing import ScriptedEngine
from codeact_jupyter.views.basis import basis_line

QUESTIONS = (
    "What is the average amount of the orders of customer Brandt?",
    "Create a table of the orders of March and tell me their total amount.",
    "I have a list of orders with customer and amount. Which customer has the highest total?",
    "Using a sample of the orders, what is the mean amount?",
)
TOLD = "The result stays the same whatever"
SCRIPT = (
    "I make a table of the orders.\n```python\nimport pandas as pd\n\norders = pd.DataFrame({'customer': ['Brandt', "
    "'Brandt', 'Ahrens'],\n                       'amount': [120, 80, 200]})\n"
    "print(orders[orders['customer'] == 'Brandt']['amount'].mean())\n```",
    "I compute it from `orders`.\n```python\nprint(orders[orders['customer'] == 'Brandt']['amount'].mean())\n```",
    "The average amount of the orders of customer Brandt is 307.35.",
)


def orders() -> pd.DataFrame:
    """Return twelve orders of three customers."""
    amounts = [310.4, 95.25, 122.0, 418.9, 77.5, 260.0, 298.8, 130.1, 54.0, 201.3, 342.7, 88.6]
    days = pd.date_range("2024-02-20", periods=12, freq="3D")
    return pd.DataFrame({"day": days, "customer": ["Brandt", "Ahrens", "Cordes"] * 4, "amount": amounts})


@dataclass
class Recording:
    """What a run does with the model's replies: experiments, and prompts with the replies to them."""

    experiments: list[tuple[str, Evidence]] = field(default_factory=list)  #: by the step
    replies: list[tuple[str, str]] = field(default_factory=list)  #: what the model was told last, and what it wrote

    def follow(self, engine: Engine) -> Engine:
        """Note the replies of an engine, and all experiments of this process."""
        generate, examine = engine.generate, Preview.evidence

        def generated(messages: Sequence[ChatMessage], **options: Any) -> Completion:
            completion = generate(messages, **options)
            self.replies.append((messages[-1].content, completion.text))
            return completion

        def examined(preview: Preview, source: str, trial: Trial, question: str, **options: Any) -> Evidence:
            evidence = examine(preview, source, trial, question, **options)
            self.experiments.append((source, evidence))
            return evidence

        engine.generate = generated  # type: ignore[method-assign]
        Preview.evidence = examined  # type: ignore[assignment, method-assign]
        return engine

    @property
    def caught(self) -> bool:
        """True if the model was told that it had made something up."""
        return any(TOLD in told for told, _ in self.replies)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scripted", action="store_true")
    parser.add_argument("--seeds", type=int, default=3, help="runs of each question")
    parser.add_argument("--temperature", type=float, default=1.0)
    options = parser.parse_args()
    recording = Recording()
    if options.scripted:
        run = solve(QUESTIONS[0], {"orders": orders()}, engine=recording.follow(ScriptedEngine(SCRIPT)))
        print_run("a scripted model", QUESTIONS[0], run, recording)
        return 0
    from codeact_jupyter.engines.loading import open_model
    from codeact_jupyter.models.catalogue import DEFAULT_MODEL

    engine, _ = open_model(DEFAULT_MODEL)
    engine = recording.follow(engine)
    for seed in range(options.seeds):
        for question in QUESTIONS:
            recording.experiments.clear()
            recording.replies.clear()
            run = solve(question, {"orders": orders()}, engine=engine, temperature=options.temperature, seed=seed)
            print(f"{question} {run.answer!r}{' – told' if recording.caught else ''}", file=sys.stderr)
            if recording.caught:
                how = f"`{DEFAULT_MODEL}`, temperature {options.temperature:g}, seed {seed}"
                print_run(how, question, run, recording)
                return 0
    return 1


def print_run(model: str, question: str, run: SolveRun, recording: Recording) -> None:
    """Print the run as Markdown."""
    print(f"**Question** ({model}; `orders` has twelve rows): {question}\n")
    for told, reply in recording.replies:
        if TOLD in told:
            print(f"**The model is told**\n\n{quoted(told)}\n")
        print(f"**The model writes**\n\n{quoted(reply)}\n")
        found = next((evidence for source, evidence in recording.experiments if source.strip() in reply), None)
        if found:
            print(f"**The experiment with this step**: {words(found)}\n")
    print(f"**The user reads**\n\n{quoted(run.answer or run.reason)}\n>\n{quoted(basis_line(run.evidence))}")


def words(evidence: Evidence) -> str:
    if evidence.independent:
        return f"the result stayed the same whatever {', '.join(evidence.independent_of)} held."
    return f"the result changed with {', '.join(evidence.rests_on)}." if evidence.tried else evidence.reason


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())


if __name__ == "__main__":
    sys.exit(main())
