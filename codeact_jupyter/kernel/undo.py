"""Undo of a step: what it bound, removed and changed inside objects is put back.

Before a step runs, the user's names and what their objects hold are kept (`contents`); afterwards only what the step
has changed, with marks by which a later change is found: that one must not be lost without a word. Steps are undone
from the last one back.
"""

from __future__ import annotations

import ast
import contextlib
import os
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..models.catalogue import size_text
from ..namespace.static_lookup import MISSING
from ..session.messages import Proposal
from .contents import TOO_LARGE, CannotCopy, Contents, Kept, is_same, put_back
from .sizes import frames_memory, memory_of

_GONE = object()
NAMES = 8  #: most names of one kind in a message
NOTHING_KEPT = "No step can be undone: none has run in this kernel, or what it changed is no longer kept."
NOT_TRIED = "what it may have done outside the notebook's names, such as files: no trial showed that"


class CannotUndo(Exception):
    """Error of a step that is not undone; its text is for the user."""


@dataclass(slots=True)
class _Before:
    """The names before a step, and what their objects hold."""

    proposal: Proposal
    source: str
    names: dict[str, Any]
    contents: Contents

    @property
    def is_tried(self) -> bool:
        """True if the trial of the step tells what it changes."""
        tried = self.proposal.tried
        return bool(tried and tried.outcome in ("ran", "raised") and self.source.strip() == self.proposal.code.strip())


class _Seen:
    """An object that is not kept alive, if its class allows that, and what it held; that is forgotten with it."""

    def __init__(self, obj: Any, contents: Any = None, name: str = "") -> None:
        self.contents, self.name = contents, name
        self._ref: Callable[[], Any]
        try:
            self._ref = weakref.ref(obj, self._forget)
        except TypeError:
            self._ref = lambda: obj

    @property
    def obj(self) -> Any:
        """The object; `_GONE` if there is none any more."""
        return _GONE if self.is_gone else self._ref()

    @property
    def is_gone(self) -> bool:
        return isinstance(self._ref, weakref.ref) and self._ref() is None

    def _forget(self, reference: object) -> None:
        self.contents = None


@dataclass(slots=True)
class _Change:
    """Changes by a step."""

    proposal: Proposal
    bindings: dict[str, tuple[Any, _Seen]]  # objects before and after
    changed: list[_Seen]  # with what they held before
    names: list[str]  # of these objects
    marks: list[_Seen]  # what the changed and new objects held afterwards
    unseen: dict[str, str]  # why changes after that are not found, by name
    lost: list[str]  # what cannot be put back
    gone: list[Kept]  # old objects that have no name any more

    def __bool__(self) -> bool:
        return bool(self.bindings or self.changed)


class Undo:
    """Keeps what the steps of a conversation change, within a budget of memory.

    Args:
        running: Returns the step that runs; `None` if none does.
        budget: Returns the most bytes to keep; 0 to keep nothing.
    """

    def __init__(self, running: Callable[[], Proposal | None], budget: Callable[[], int]) -> None:
        self._running = running
        self._budget = budget
        self._before: _Before | None = None
        self._changes: list[_Change] = []
        self._pid = os.getpid()

    @property
    def next(self) -> str:
        """Id of the proposal that is undone next; empty if there is none that has changed something."""
        return next((change.proposal.id for change in reversed(self._changes) if change), "")

    def forget(self) -> None:
        """Forget all steps."""
        self._changes, self._before = [], None

    def begin(self, source: str, names: Mapping[str, Any]) -> None:
        """Keep what the step that is about to run may change.

        Args:
            source: Its code.
            names: The user's objects by name.
        """
        self._before, proposal, budget = None, self._running(), self._budget()
        if proposal is None or budget <= 0 or os.getpid() != self._pid:
            return
        first, contents = set(proposal.tried.changed if proposal.tried else ()), Contents(budget)
        try:
            for name in sorted(names, key=lambda name: name not in first):
                contents.add(name, names[name])
        except Exception:  # an object is at fault: this step cannot be undone, but it runs
            return
        self._before = _Before(proposal, source, dict(names), contents)

    def end(self, names: Mapping[str, Any]) -> None:
        """Keep what the step has changed, and nothing else.

        Args:
            names: The user's objects by name.
        """
        before, self._before = self._before, None
        if before is None:
            return
        try:
            change = _found(before, names, self._budget())
            _drop_largest(change, _sizes([change], names), self._budget())
        except Exception:  # as in `begin`
            self.forget()
            return
        self._changes.append(change)
        while sum(_sizes(self._changes, names).values()) > self._budget():
            del self._changes[0]

    def undo(
        self, namespace: dict[str, Any], proposal_id: str | None = None, *, force: bool = False
    ) -> tuple[str, str]:
        """Put back what a step has changed.

        Args:
            namespace: The user's objects by name, which is changed.
            proposal_id: Id of the step's proposal; None for the last step.
            force: Also undo what other cells have changed since.

        Returns:
            The id of its proposal, and what was put back and what was not, in sentences.

        Raises:
            CannotUndo: The step is not kept, a later one comes first, or a later change would be lost.
        """
        place = next((n for n, each in enumerate(self._changes) if each.proposal.id == proposal_id), -1)
        if not self._changes or (proposal_id is not None and place < 0):
            raise CannotUndo(NOTHING_KEPT)
        change = self._changes[place]
        later = next(filter(None, reversed(self._changes[place:][1:])), None)
        if later:
            raise CannotUndo(f"Undo step {later.proposal.step} first, which ran after this one.")
        if (touched := _touched(change, namespace)) and not force:
            raise CannotUndo(
                f"Step {change.proposal.step} is not undone: {_listed(touched)} changed after it, and that would be "
                "lost. Keep what you need under another name, and run `%codeact undo force`."
            )
        del self._changes[place:]
        return change.proposal.id, _told(change, _put_back(change, namespace))


def _found(before: _Before, names: Mapping[str, Any], budget: int) -> _Change:
    """Return what a step has changed."""
    old = before.contents
    changed = {key: kept for key, kept in old.kept.items() if not is_same(kept.obj, kept.contents)}
    everything = {
        name: (before.names.get(name, MISSING), names.get(name, MISSING)) for name in {**before.names, **names}
    }
    bindings = {name: pair for name, pair in everything.items() if pair[0] is not pair[1]}
    same = {key: None for key in old.kept if key not in changed}
    marks = Contents(budget, is_digest=True)
    for name, (_, obj) in bindings.items():
        if obj is not MISSING:
            marks.add(name, obj, same)
    for kept in changed.values():
        marks.add(kept.name, kept.obj, same)
    of_changed = [name for name, obj in before.names.items() if id(obj) in changed]
    owners = dict.fromkeys([*of_changed, *(kept.name for kept in changed.values())])
    live = set(map(id, names.values()))
    gone = {name for name, (obj, _) in bindings.items() if obj is not MISSING and id(obj) not in live}
    parts = [kept for key, kept in old.kept.items() if kept.name in gone and key not in changed]
    parts += [Kept(obj, None, name) for name in gone if id(obj := before.names[name]) not in old.kept]
    return _Change(
        before.proposal,
        {name: (obj, _Seen(after)) for name, (obj, after) in bindings.items()},
        [_Seen(*kept) for kept in changed.values()],
        [*owners],
        [_Seen(*kept) for kept in marks.kept.values()],
        marks.lacking,
        _lost(before),
        parts,
    )


def _sizes(changes: Iterable[_Change], names: Mapping[str, Any]) -> dict[str, int]:
    """Return the bytes that only the undo holds, by name: of objects without a name, and of earlier contents."""
    known, sizes = frames_memory(names.values()), Counter[str]()
    for change in changes:
        held = [(kept.name, kept.obj) for kept in change.gone]
        held += [(seen.name, seen.contents) for seen in (*change.changed, *change.marks) if seen.contents is not None]
        for name, obj in held:
            new = {place: size for place, size in memory_of(obj).items() if place not in known}
            sizes[name] += sum(new.values())
            known |= new.keys()
    return sizes


def _lost(before: _Before) -> list[str]:
    """Return what cannot be put back, as known when the step has run."""
    tried, told = before.proposal.tried, list[str]()
    if tried and tried.effects:
        told.append(f"what it did outside: {', '.join(tried.effects)}")
    elif not before.is_tried:
        told.append(NOT_TRIED)
    used = set(before.contents.lacking)
    with contextlib.suppress(SyntaxError, ValueError):  # a line of IPython's
        used = {node.id for node in ast.walk(ast.parse(before.source)) if isinstance(node, ast.Name)}
    lacking = {n: why for n, why in before.contents.lacking.items() if n in used or (tried and n in tried.changed)}
    return [*told, *(f"changes inside `{name}` ({why})" for name, why in [*lacking.items()][:NAMES])]


def _drop_largest(change: _Change, sizes: dict[str, int], budget: int) -> None:
    """Keep no more of a step than the budget allows."""
    while sum(sizes.values()) > budget:
        name = max(sizes, key=lambda name: sizes[name])
        told = [each for each in change.lost if f"inside `{name}`" not in each]
        change.lost = [*told, f"`{name}` ({size_text(sizes.pop(name))}: {TOO_LARGE})"]
        change.bindings.pop(name, None)
        change.changed = [seen for seen in change.changed if seen.name != name]
        change.marks = [seen for seen in change.marks if seen.name != name]
        change.gone = [kept for kept in change.gone if kept.name != name]
        change.names = [each for each in change.names if each != name]


def _touched(change: _Change, namespace: Mapping[str, Any]) -> list[str]:
    """Return the names that other cells have changed since the step."""
    rebound = [name for name, (_, seen) in change.bindings.items() if namespace.get(name, MISSING) is not seen.obj]
    inside = [seen.name for seen in change.marks if not seen.is_gone and not is_same(seen.obj, seen.contents)]
    return [*dict.fromkeys([*rebound, *inside])]


def _put_back(change: _Change, namespace: dict[str, Any]) -> list[str]:
    """Put everything back, and return what could not be, though it was kept."""
    failed = []
    for seen in [each for each in change.changed if not each.is_gone]:
        try:
            put_back(seen.obj, seen.contents)
        except Exception as problem:  # whatever an object raises: the others are put back
            why = problem if isinstance(problem, CannotCopy) else type(problem).__name__
            failed.append(f"changes inside `{seen.name}` ({why})")
    for name, (obj, _) in change.bindings.items():
        if obj is MISSING:
            namespace.pop(name, None)
        else:
            namespace[name] = obj
    return failed


def _told(change: _Change, failed: Sequence[str]) -> str:
    """Return what was put back, what was not, and what was not looked at."""
    new = [name for name, (obj, _) in change.bindings.items() if obj is MISSING]
    old = [name for name in dict.fromkeys([*change.bindings, *change.names]) if name not in new]
    said = [f"{_listed(old)} {'is' if len(old) == 1 else 'are'} as before"] if old else []
    said += [f"{_listed(new)} {'is' if len(new) == 1 else 'are'} removed"] if new else []
    parts = [f"Step {change.proposal.step} is undone: {', '.join(said) or 'it had changed no names'}."]
    if lost := [*change.lost, *failed]:
        parts.append(f"Not put back: {'; '.join(lost)}.")
    if unseen := [f"`{name}` ({why})" for name, why in change.unseen.items()]:
        parts.append(f"Not checked for later changes: {', '.join(unseen[:NAMES])}.")
    return " ".join(parts)


def _listed(names: Iterable[str]) -> str:
    found = [f"`{name}`" for name in names]
    more = [f"{len(found) - NAMES} more"] if len(found) > NAMES else []
    *rest, last = [*found[:NAMES], *more]
    return f"{', '.join(rest)} and {last}" if rest else last
