"""What a reply must be like before anybody sees it: sound code that was not tried before, or an answer that rests on
outputs.

`screen` looks at one reply in the light of the conversation and of the live namespace. A *grave* fault is never let
through; any other is a doubt, and the best doubtful reply is still better than none.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..checks.source_text import Finding, find_misfit, find_problem, normalise
from ..checks.unused import uncalled_tools, unused_columns, unused_values
from ..dialects.reply import Reply
from ..outputs.observation import NOTHING
from ..session.messages import Answer, Approval, Event, Observation, Prompt, Refusal
from ..session.techniques import Techniques
from ..text import shorten_middle

ALWAYS = ("own", "hidden")  #: kinds of findings that no switch turns off
OUTPUT_CHARS = 400  #: of an output that is told again
REPAIRS = 2  #: failed steps in a row that the model may repair before the user is asked
STUCK = (
    f"{REPAIRS + 1} steps in a row failed. Say in a new question what it should do instead, or let it try on with "
    "`%codeact continue`."
)
#: kinds that would surely fail; others rest on what is declared or described, or can be meant
GRAVE = (*ALWAYS, "syntax", "name", "call", "import", "attribute", "column", "file", "placeholder")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a reply is not shown, in words for the model. Of an answer that is doubted, it is `told` at once, and once:
    sampling another one blindly would not help, and it may be right. When the model insists although the work is surely
    not done, the doubt is `firm`, and other replies are sampled then. Of code whose work is `done` no correction is
    asked for."""

    text: str
    grave: bool = False
    told: bool = False
    firm: bool = False
    done: bool = False


def screen(reply: Reply, transcript: Sequence[Event], namespace: Mapping[str, Any], use: Techniques) -> Fault | None:
    """The reply's fault, if it has one."""
    if reply.code is not None:
        return _fault_of_code(reply.code, transcript, namespace, use)
    return _fault_of_answer(reply.thought, transcript, namespace, use)


def this_episode(transcript: Sequence[Event]) -> Sequence[Event]:
    """The events since the last question, which is the first of them."""
    starts = [number for number, event in enumerate(transcript) if isinstance(event, Prompt)]
    return transcript[starts[-1] :] if starts else transcript


def is_stuck(transcript: Sequence[Event]) -> bool:
    """Whether one step too many has just failed: the model has had its chances to repair it."""
    ended = [event.ok for event in this_episode(transcript) if isinstance(event, Observation)]
    return isinstance(transcript[-1], Observation) and len(ended) > REPAIRS and not any(ended[-REPAIRS - 1 :])


def unfounded_numbers(answer: str, transcript: Sequence[Event]) -> list[str]:
    """The numbers of the answer that nothing in the conversation shows: no output, no question. What a step's code
    says may be made up.

    A number is shown also where it is one there, rounded; whole numbers up to 3 are words more than numbers.
    """
    shown = [float(_plain(text)) for source in _sources(transcript, code=False) for text in _NUMBER.findall(source)]
    return [text for text in dict.fromkeys(_NUMBER.findall(answer)) if not _is_shown(_plain(text), shown)]


# --- code --------------------------------------------------------------------------------------------------------


def _fault_of_code(
    code: str, transcript: Sequence[Event], namespace: Mapping[str, Any], use: Techniques
) -> Fault | None:
    forgive = partial(_is_of_the_model, transcript)
    finding = find_problem(code, namespace if use.validate else None, forgive=forgive)
    if finding is None and use.validate:
        finding = find_misfit(code, namespace, _task(transcript), "\n".join(_sources(transcript)))
    if finding is not None and (use.validate or finding.kind in ALWAYS):
        return Fault(finding.text, finding.kind in GRAVE)
    return _repetition(code, this_episode(transcript)) if use.breaker else None


def _is_of_the_model(transcript: Sequence[Event], finding: Finding) -> bool:
    """Whether it is that a function is made again, and one that a step made."""
    if finding.kind != "tool":
        return False
    name = finding.text[1:].partition("`")[0]
    return any(re.search(rf"\bdef {re.escape(name)}\b", source) for source, _ in runs(transcript))


def _repetition(code: str, episode: Sequence[Event]) -> Fault | None:
    """A step that ran before with the same end: once is a doubt, for the world may have changed; twice is a loop, as is
    one that has just failed. The same goes for one that failed with other values, again and again."""
    action, shape = normalise(code), normalise(code, constants=False)
    results = [result for source, result in runs(episode) if normalise(source) == action]
    if not results:
        alike = [r for source, r in runs(episode) if not r.ok and normalise(source, constants=False) == shape]
        if len(alike) < REPAIRS:
            return None
        text = f"It failed in the same way with {len(alike)} other values: {alike[-1].error}"
        return Fault(f"{text} Do not guess another one: find in a step what it can be.")
    has_just_failed = not results[-1].ok and normalise(runs(episode)[-1][0]) == action
    grave = has_just_failed or any(results.count(result) > 1 for result in results)
    if results[-1].ok:
        output = shorten_middle(results[-1].text, OUTPUT_CHARS)
        advice = "If that shows what the task asks for, answer in a sentence, without code. If not, write another step."
        return Fault(f"You ran exactly this before:\n{output}\n{advice}", grave, done=True)
    return Fault(f"You ran exactly this before, and it failed: {results[-1].error} Do it in another way.", grave)


def runs(transcript: Sequence[Event]) -> list[tuple[str, Observation]]:
    """What was run, and what it brought (under one id, so that equal ones compare equal)."""
    found, source = [], ""
    for event in transcript:
        if isinstance(event, Approval):
            source = event.source
        elif isinstance(event, Observation):
            found.append((source, Observation("", event.text, event.ok, 0.0, event.error)))
    return found


# --- answers -----------------------------------------------------------------------------------------------------


def _fault_of_answer(
    answer: str, transcript: Sequence[Event], namespace: Mapping[str, Any], use: Techniques
) -> Fault | None:
    if _ECHO.match(answer):
        return Fault("Do not repeat the task: answer it, or write the next step.", grave=True)
    if use.breaker and _plainly(answer) in _refused(this_episode(transcript)):
        return Fault("That answer was refused before. Find the mistake with another step, then answer differently.")
    if not use.evidence:
        return None
    unfounded = unfounded_numbers(answer, transcript)
    if gap := _gap(answer, unfounded, transcript, namespace):
        return Fault(gap, told=True, firm=True)
    if _is_silent(transcript):
        text = "The last step printed nothing, so this is not shown. Print what the task asks for, in a code block."
        return Fault(text, told=True, firm=True)
    if unfounded and any(isinstance(event, Observation) for event in this_episode(transcript)):
        which = ", ".join(unfounded[:4])
        return Fault(f"No output shows {which}. Compute it in a step, or answer with what the outputs show.", told=True)
    return None


def _gap(answer: str, unfounded: Sequence[str], transcript: Sequence[Event], namespace: Mapping[str, Any]) -> str:
    """What is still to be done before an answer; empty when nothing is known to be missing."""
    observations = [event for event in this_episode(transcript) if isinstance(event, Observation)]
    if not observations and (unfounded or not runs(transcript)) and _needs_data(unfounded, transcript):
        return "Nothing was run yet. Do not guess: write a step in a code block."
    if observations and not observations[-1].ok:
        return "The last step failed, so the task is not done. Write a corrected step in a code block."
    if _ANNOUNCES.search(answer):
        return "You announced a step. Write it as a code block, or answer the task if it is done."
    task, sources = _task(transcript), [source for source, result in runs(transcript) if result.ok]
    if uncalled := uncalled_tools(task, sources, namespace):
        names = ", ".join(f"{name}()" for name in uncalled[:3])
        return f"The task is not done: {names} was not called yet. Write the next step in a code block."
    if observations and (unused := unused_columns(task, sources, namespace)):
        names = ", ".join(map(repr, unused[:3]))
        return f"The task speaks of {names}, which no step has used. Write the next step in a code block."
    if observations and (unseen := unused_values(task, sources, _listing(transcript))):
        names = ", ".join(map(repr, unseen[:3]))
        return f"The task speaks of {names}, which no step has used. Write the next step in a code block."
    if _DRAWN.search(task) and not any(_DRAWS.search(source) for source in sources):
        return "Nothing was drawn yet. Write the step that draws it in a code block."
    if observations and _HOW_MANY.search(task) and not _COUNTS.search(answer):
        return "The task asks for a number. Write the next step in a code block, or answer with the number."
    return ""


def _is_silent(transcript: Sequence[Event]) -> bool:
    """Whether a question is answered right after a step that shows nothing: no output, no plot, no value of a name."""
    done = runs(this_episode(transcript))
    if not done or "?" not in _task(transcript):
        return False
    source, result = done[-1]
    return NOTHING in result.text and " = " not in result.text and not _DRAWS.search(source)


def _task(transcript: Sequence[Event]) -> str:
    """The question that is being worked on."""
    return next((event.text for event in reversed(transcript) if isinstance(event, Prompt)), "")


def _listing(transcript: Sequence[Event]) -> str:
    """What the question's listing of the notebook says."""
    return next((event.context for event in reversed(transcript) if isinstance(event, Prompt)), "")


def _needs_data(unfounded: Sequence[str], transcript: Sequence[Event]) -> bool:
    """Whether the question is about what is in the notebook, or its answer names a number that nothing shows."""
    listings = [event.context.casefold() for event in transcript if isinstance(event, Prompt)]
    named = {name for listing in listings for name in _NAME.findall(listing)} - _COMMON
    return bool(named) and bool(unfounded or named & set(_NAME.findall(_task(transcript).casefold())))


def _refused(episode: Sequence[Event]) -> set[str]:
    """The answers that were refused, in their plainest form."""
    pairs = itertools.pairwise(episode)
    return {_plainly(said.text) for said, after in pairs if isinstance(said, Answer) and isinstance(after, Refusal)}


def _plainly(text: str) -> str:
    return " ".join(re.findall(r"[\w.]+", text.casefold())).rstrip(".")


_NAME = re.compile(r"[^\W\d]\w{2,}")
_COMMON = frozenset(
    ("variables", "functions", "modules", "files", "dataframe", "series", "array", "list", "dict", "index")
)
_ECHO = re.compile(r"\W*the task(?: was)?\s*:", re.IGNORECASE)
_ANNOUNCES = re.compile(
    r":\s*\Z|\A(?:next|now|first)\b"
    r"|\b(?:let me|let's|let us|(?:i|we)(?:'ll| will| need to| should| have to| must| can))\b",
    re.IGNORECASE,
)
_DRAWN = re.compile(r"\b(?:plot|draw|chart|histogram|as bars|scatter ?plot|box ?plot|pie|heat ?map)\b", re.IGNORECASE)
_DRAWS = re.compile(r"\bplt\.|\bsns\.|\bpx\.|\bax\w*\.|\.(?:plot|hist|boxplot|bar|barh|scatter|pie|imshow)\b")
_HOW_MANY = re.compile(r"\bhow (?:many|much)\b", re.IGNORECASE)
_COUNTS = re.compile(
    r"(?<![^\W_])\d|\b(?:no|none|nothing|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\w.,])[-+−]?\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w]|[.,]\d)")


def _sources(transcript: Sequence[Event], *, code: bool = True) -> list[str]:
    """All that shows values: the question, the listing, the outputs, and the `code` that ran."""
    texts = []
    for event in transcript:
        match event:
            case Prompt():
                texts += [event.text, event.context]
            case Observation():
                texts.append(event.text)
            case Approval() if code:
                texts.append(event.source)
    return texts


def _plain(number: str) -> str:
    return number.replace(",", "").replace("−", "-")


def _is_shown(number: str, shown: Sequence[float]) -> bool:
    value = float(number)
    if value in (0, 1, 2, 3):
        return True
    decimals = len(number.partition(".")[2]) if "e" not in number.casefold() else 12
    step = 10.0**-decimals
    return any(
        abs(abs(value) - abs(factor * other)) <= 0.51 * step + 1e-9 * abs(value)
        for other in shown
        for factor in (1, 100)
    )
