"""Find out what the result of a cell rests on, by running it again on other data in a sandboxed copy of the kernel.

First two runs on the same data: where they differ, the experiment tells nothing. Then all of the user's data that the
cell may read are changed at once: a result that stays the same in at least `VALID` draws rests on none of them. Then
they are changed one by one, those first that the question names, while the time lasts; and at last, groups of rows of
the columns that matter. Of longer data only some rows are used. A draw in which the cell raises an error, or in which
nothing could be changed, does not count.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .few_rows import LATER, LEAST, RUNS, few_rows, first_rows
from .other_data import Changing
from .other_files import Files
from .other_values import DRAWS, Draw
from .reads import import_modules, reads_of
from .relevance import Question
from .request import Experiment
from .reruns import OUTPUT, SHOWN, Reruns, changed
from .subjects import Subject, Subjects

VALID = 3  #: draws at least in which a result stays the same that is called independent
SLOWED = 4  #: times its processor time that an experiment may take on a busy machine, or in a step that waits
EACH = 6  #: most draws for one object or column

Report = Callable[..., None]


def conduct(wanted: Experiment, shell: Any, source: str, folder: str, report: Report) -> None:
    """Make an experiment, and report after each part of it what has been found so far.

    Args:
        wanted: What to find out.
        shell: The shell of the copy.
        source: The cell.
        folder: The private folder of the copy.
        report: Called with `evidence`, the fields of an `Evidence`, and in the end with `ended`.
    """
    _Inquiry(wanted, shell, source, folder, report).conduct()
    report(ended=True)


@dataclass(slots=True)
class _Tally:
    """Outcome of some draws."""

    changed: set[str] = field(default_factory=set)  #: results that changed
    valid: int = 0  #: draws that count
    raised: int = 0  #: draws in which the cell raised an error
    kinds: set[int] = field(default_factory=set)  #: of the draws that count
    reached: int = 0  #: most rows that could be changed, if they are limited

    @property
    def is_enough(self) -> bool:
        """True if a result that has not changed is called independent: each kind of draws leaves something as it is."""
        return self.valid >= VALID and len(self.kinds) > 1


class _Inquiry:
    """One experiment."""

    def __init__(self, wanted: Experiment, shell: Any, source: str, folder: str, report: Report) -> None:
        import_modules(source)
        self._seconds = wanted.seconds
        self._report = report
        self._reads = reads_of(source, shell.user_ns)
        self._files = Files(folder)
        code = self._files.redirect_code(source)
        question = Question(wanted.question)
        self._subjects = Subjects(shell.user_ns, shell.user_ns_hidden, self._reads, question, self._files)
        self._reruns = Reruns(shell, code, wanted.names)
        self._labels: dict[str, list[str]] = {}  # of each result of which it is known: what it changed with
        self._independent: list[str] = []
        self._changing: list[Subject] = []  # with which what is shown changed
        self._few: list[tuple[str, int]] = []
        self._first = 0  # rows at the beginning of all data, if no later ones matter
        self._unchanged: set[str] = set()  # what turned out to be no data only when it was read
        self._reason = ""

    def conduct(self) -> None:
        self._files.watch()
        self._base = base = self._reruns.run(self._subjects.given(None))
        self._started = time.process_time(), time.monotonic()  # after the first run, which may load more
        signal.setitimer(signal.ITIMER_PROF, 2 * self._seconds)  # ends this process, if the step hangs on other data
        unsteady = changed(base, again := self._reruns.run(self._subjects.given(None)))
        if base.raised or again.raised or OUTPUT in unsteady:
            self._reason = "two runs on the same data differ" if unsteady else "it raises an error on some of the rows"
            self._tell(tried=False)
            return
        self._keys = set(base.found) - unsteady
        self._goal = self._keys.intersection(SHOWN) if base.has_output else self._keys.difference(SHOWN)
        every = self._draw(None, self._keys, DRAWS)
        if self._settled(every):
            return
        self._tell(tried=bool(every.changed))
        keys = every.changed or self._keys
        self._one_by_one(self._subjects.each(), keys)
        for subject in self._subjects.shapes():
            if not any(self._subjects.root_of(label) == subject.root for label in self._rests_on()):
                self._note(subject, self._draw(subject, keys, VALID))
        self._tell(tried=bool(every.changed or self._rests_on()))
        reason = self._reason
        found = first_rows(self._changes_with)
        self._first = found if found and self._is_part(found) else 0
        self._few = [(subject.label, rows) for subject in self._changing if (rows := self._count_few(subject))]
        self._reason = reason  # whatever time this took
        self._tell(tried=bool(every.changed or self._rests_on()))

    def _draw(
        self, subject: Subject | None, keys: set[str], most: int, rows: Container[int] | None = None, least: int = 0
    ) -> _Tally:
        """Change a subject, or everything, until all of these results have changed or enough draws were made.

        Args:
            subject: What is changed; None for everything.
            keys: The results.
            most: Draws at most.
            rows: Positions of the rows that are changed; None for all.
            least: Of the rows that are changed there must be so many.
        """
        tally = _Tally()
        for number in range(most if subject or self._subjects else 0):
            is_enough = tally.valid >= (VALID if rows is None else 1)
            is_decided = is_enough and not self._goal.isdisjoint(tally.changed)
            if is_decided or keys <= tally.changed or not self._has_time():
                break
            changing = Changing(Draw(number, self._reads.texts, self._reads.numbers), rows)
            results = self._reruns.run(self._subjects.given(changing, subject))
            self._unchanged |= {f"what {label} returns" for label in changing.unchanged}
            tally.raised += results.raised
            tally.reached = changing.reached
            if tally.reached < least:
                break
            if changing.made and not results.raised:
                tally.valid += 1
                tally.kinds.add(changing.draw.kind)
                tally.changed |= changed(self._base, results) & keys
        return tally

    def _settled(self, every: _Tally) -> bool:
        """Report the outcome if it needs no more draws: the result rests on nothing, or that cannot be told."""
        fixed = [*self._subjects.fixed, *self._files.fixed, *self._unseen(), *sorted(self._unchanged)]
        is_enough = every.is_enough or not self._subjects
        if is_enough and not fixed:
            self._labels |= {key: [] for key in self._keys - every.changed}
        if not self._goal.isdisjoint(every.changed):
            return False
        if fixed:
            self._reason = f"{fixed[0]} cannot be changed"
        elif not is_enough:
            raises = "it raises an error on other data"
            self._reason = self._reason or (raises if every.raised else "nothing in its data could be changed")
            if every.raised:  # what is changed by itself may say more
                return False
        else:
            listed = [label for subject in self._subjects.each() for label in self._subjects.labels(subject)]
            self._independent = [*listed, *self._subjects.others()]
        self._tell(tried=not self._reason, independent=not self._reason)
        return True

    def _one_by_one(self, subjects: list[Subject], keys: set[str]) -> None:
        """Change the data one by one; of columns that are changed together and matter, each by itself in turn."""
        for subject in subjects:
            tally = self._draw(subject, keys, EACH)
            if len(subject.columns) > 1 and (tally.changed or not tally.valid):
                self._one_by_one(self._subjects.single(subject), tally.changed or keys)
            else:
                self._note(subject, tally)

    def _note(self, subject: Subject, tally: _Tally) -> None:
        if tally.raised and not tally.valid:  # it always raises an error where this is changed
            tally.changed = set(self._goal)
        for key in tally.changed:
            self._labels.setdefault(key, []).append(subject.label)
        if not self._goal.isdisjoint(tally.changed):
            self._changing.append(subject)
        if self._goal.isdisjoint(tally.changed) and tally.is_enough and subject.kind != "shape":
            self._independent += self._subjects.labels(subject)

    def _changes_with(self, rows: range) -> bool | None:
        """Return whether the result changes with some rows of all data; None if they are few, or if time is up."""
        least = min(LATER, len(rows))
        tally = self._draw(None, self._goal, DRAWS, rows, least)
        if tally.reached < least:
            return None
        if tally.raised or self._goal & tally.changed:
            return True
        return False if tally.is_enough else None

    def _is_part(self, rows: int) -> bool:
        """Return True if later rows do not matter with other first rows either, as they do to a search that ended."""
        for number in range(1, EACH):
            first, other = (Draw(each, self._reads.texts, self._reads.numbers) for each in (number, 0))
            later = Changing(other, range(rows, sys.maxsize), first)
            ways = (Changing(first, range(rows)), later)
            one, two = (self._reruns.run(self._subjects.given(each)) for each in ways)
            if not (one.raised or two.raised) and self._goal & changed(one, two):
                return False
        return True

    def _count_few(self, subject: Subject) -> int:
        """Return the number of rows of a column with which the result changes; 0 if these are many, or not known."""
        rows = self._subjects.whole_rows(subject)
        if rows < LEAST or self._left < RUNS * self._reruns.seconds:
            return 0

        def changes(places: Sequence[int]) -> bool:
            tally = self._draw(subject, self._goal, 2, places)
            return bool(tally.raised or self._goal & tally.changed)

        if found := few_rows(rows, changes):
            others = self._draw(subject, self._goal, EACH, set(range(rows)) - {*found})
            if others.is_enough and not others.raised and self._goal.isdisjoint(others.changed):
                return len(found)
        return 0

    def _unseen(self) -> list[str]:
        """Return what reads files that could not be found: polars opens them without Python."""
        if "polars" not in sys.modules or self._files.labels or {"StringIO", "BytesIO"} & self._reads.words:
            return []
        return [f"what {word} reads" for word in sorted(self._reads.words) if word.startswith(("read_", "scan_"))]

    @property
    def _left(self) -> float:
        processor, clock = self._started
        return self._seconds - max(time.process_time() - processor, (time.monotonic() - clock) / SLOWED)

    def _has_time(self) -> bool:
        if self._left > self._reruns.seconds / SLOWED:
            return True
        self._reason = self._reason or "not all was tried in the time that there is"
        return False

    def _rests_on(self) -> list[str]:
        return _once(label for key in self._labels if key in self._goal for label in self._labels[key])

    def _tell(self, *, tried: bool, independent: bool = False) -> None:
        rests_on = self._rests_on()
        if tried and not independent and not rests_on:  # on which part of it is not known yet
            rests_on = [label for label in [self._subjects.only_root()] if label]
        rows = [self._subjects.rows.get(self._subjects.root_of(label)) for label in rests_on]
        unread = self._subjects.unread() if tried else []
        evidence = {
            "rests_on": rests_on,
            "independent_of": [label for label in _once([*self._independent, *unread]) if label not in rests_on],
            "rows": max((count for count in rows if count is not None), default=None),
            "tried": tried,
            "reason": self._reason,
            "independent": independent,
            "named": _once(self._subjects.named),
            "few": self._few,
            "first": self._first,
            "runs": self._reruns.count,
            "names": [(key, _once(labels)) for key, labels in self._labels.items() if key not in SHOWN],
        }
        self._report(evidence=evidence)


def _once(labels: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(labels))
