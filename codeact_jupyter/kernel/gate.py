"""The gate: agent-written code runs only with a one-use approval, bound to the exact source that was shown.

The gate stands in the place of the shell's `transform_ast`, which IPython calls with each cell that is about to run,
silent or not, and whose exceptions keep the cell from running. So it comes before all AST transformers, whatever the
shell's list of them holds and whatever they raise. It puts itself back before each execution.

Approved code shares this process and could patch the gate: the gate protects users from running what they have not
read, and is no privilege boundary.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable, Iterator
from typing import Any

from IPython.core.error import InputRejected
from IPython.core.interactiveshell import InteractiveShell

from .arrivals import Arrivals
from .requests import copied_cell_id, execute_request, running_cell_id
from .rewriting import Rewriting
from .run_all import Sent, SentCells

APPROVAL_KEY = "codeactApproval"  #: in the execute request's metadata; never saved with a notebook

AWAITS_APPROVAL = "This cell was proposed by CodeAct and waits for your approval: press Run on the cell itself."
UNKNOWN_APPROVAL = (
    "This approval is not for a step that waits in this kernel. `%codeact continue` offers the step again."
)
NOT_APPROVED = "CodeAct proposed this cell, and you have not approved it. Run it again, by itself, if you want it."
BELOW_REFUSED = "Not run: a cell above it waits for your approval. Run this one again if you want it."


class Refused(InputRejected):
    """Error that keeps a cell from running. A front end shows the reason without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def digest(source: str) -> str:
    """Return the sha256 of a cell's source.

    Args:
        source: The cell.
    """
    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()


class Gate:
    """Refuses staged cells without an approval, and any code but the source passed to `admit`.

    Args:
        shell: The shell to guard.
        was_left: Returns True for the id of a cell that an earlier kernel proposed, and that was never approved.
    """

    def __init__(self, shell: InteractiveShell, was_left: Callable[[str], bool] = lambda cell_id: False) -> None:
        self.shell = shell
        self._was_left = was_left
        self._known: set[str] = set()  # ids of cells that were staged or withdrawn in this kernel
        self._staged: dict[str, str] = {}  # cell id -> nonce
        self._withdrawn: dict[str, Sent | None] = {}  # ids of cells that were never approved -> refused last
        self._sent = SentCells()
        self._arrivals = Arrivals(getattr(shell, "kernel", None), self._sent.note)
        self._admitted: str | None = None  # the ast.dump that the admitted code must have
        self._inside = False  # the admitted code is running
        self._thread = 0  # ident of the thread in which the admitted code may run
        self._approved: dict[str, Any] | None = None  # the request whose approval was used
        self._rewriting: Rewriting | None = None  # of the step that is running
        shell.events.register("pre_execute", self._before_code)
        self._before_code()

    def remove(self) -> None:
        """Remove the gate from the shell."""
        for event, hook in (("pre_execute", self._before_code), ("post_run_cell", self._after_cell)):
            with contextlib.suppress(ValueError):  # a cell has removed it
                self.shell.events.unregister(event, hook)
        self._arrivals.unwatch()
        for name in ("transform_ast", "set_parent"):
            vars(self.shell).pop(name, None)

    def stage(self, cell_id: str) -> str:
        """Mark a cell as a proposal that waits for approval.

        Args:
            cell_id: The notebook's id of the cell.

        Returns:
            The nonce that an approval of the cell must carry.
        """
        self._withdrawn.pop(cell_id, None)
        self._known.add(cell_id)
        self._staged[cell_id] = secrets.token_hex(16)
        return self._staged[cell_id]

    def unstage(self, cell_id: str) -> None:
        """Withdraw a cell if it waits for approval.

        Args:
            cell_id: The notebook's id of the cell.
        """
        if self._staged.pop(cell_id, None):
            self.withdraw(cell_id)

    def withdraw(self, cell_id: str) -> None:
        """Stop treating a cell as a proposal: the user may run it, but is told first that it was not approved.

        It is refused until it was refused by itself, and then as one of many cells that a front end sent together.

        Args:
            cell_id: The notebook's id of the cell.
        """
        self._known.add(cell_id)
        self._withdrawn[cell_id] = None

    def claim(self) -> str | None:
        """Use up the approval of the staged cell that is about to run.

        Returns:
            The cell's id; None for a cell that is not staged or has no valid approval.
        """
        request = execute_request(self.shell)
        cell_id = running_cell_id(self.shell)
        if cell_id not in self._staged or self._refuse_request(request):
            return None
        return cell_id

    def revoke(self) -> None:
        """Revoke the approval that was claimed last."""
        self._approved = None

    @contextlib.contextmanager
    def admit(self, source: str) -> Iterator[None]:
        """Allow exactly this source to run once within the block, and the code that it runs itself, as `%%time` does.

        Args:
            source: The cell.

        Yields:
            Nothing.
        """
        try:
            self._thread = threading.get_ident()
            self._admitted = ast.dump(ast.parse(self.shell.transform_cell(source)))
        except SyntaxError:
            self._admitted = ""  # IPython will report it and run nothing
        try:
            yield
        finally:
            self._admitted, self._inside = None, False

    def watch(self, source: str) -> None:
        """Compare what runs from now on in this thread with the source of a step that was approved.

        Args:
            source: The approved source.
        """
        self._rewriting = Rewriting(self.shell, source)

    def unwatch(self) -> str:
        """Stop comparing.

        Returns:
            A note for the user if transformers have rewritten the step, else an empty string.
        """
        watched, self._rewriting = self._rewriting, None
        return watched.note if watched else ""

    def transform(self, node: ast.AST) -> ast.AST:
        """Check a cell, then apply the AST transformers; called by IPython just before the cell runs.

        Args:
            node: The tree of the whole cell.

        Returns:
            The tree that will run.

        Raises:
            Refused: The cell may not run.
        """
        request = execute_request(self.shell)
        with contextlib.suppress(Exception):
            self._watch_end()
        try:
            reason = self._refuse(node, request)
        except Exception as error:
            raise Refused(f"CodeAct could not check this cell and did not run it ({error!r}): run it again.") from error
        if reason in (AWAITS_APPROVAL, NOT_APPROVED, BELOW_REFUSED):
            self._sent.refuse(request)
        if reason:
            raise Refused(reason)
        read = ast.dump(node) if self._rewriting else ""
        transformed: ast.AST = type(self.shell).transform_ast(self.shell, node)
        if self._rewriting and read:
            self._rewriting.compare(read, transformed)
        return transformed

    def _before_code(self) -> None:
        """Put the gate into its place."""
        self._arrivals.watch()
        vars(self.shell)["transform_ast"] = self.transform
        if hasattr(self.shell, "set_parent"):
            vars(self.shell)["set_parent"] = self._set_parent

    def _watch_end(self) -> None:
        """Put the hook that notes the end of a cell behind all others, which may take their time."""
        events = self.shell.events
        with contextlib.suppress(ValueError):
            events.unregister("post_run_cell", self._after_cell)
        events.register("post_run_cell", self._after_cell)

    def _after_cell(self, result: object) -> None:
        with contextlib.suppress(Exception):
            self._sent.end(execute_request(self.shell))

    def _set_parent(self, parent: dict[str, Any]) -> None:
        """Note what a front end has sent. The kernel calls this for each message, also for a cell that it aborts."""
        type(self.shell).set_parent(self.shell, parent)  # type: ignore[attr-defined]
        with contextlib.suppress(Exception):
            self._sent.note(parent)

    def _refuse(self, node: ast.AST, request: dict[str, Any]) -> str | None:
        """Return the reason to refuse the cell, if there is one."""
        if self._admitted is not None and self._thread == threading.get_ident():
            if not self._inside and ast.dump(node) != self._admitted:
                return "This is not the code that was approved."
            self._inside = True
            return None
        return self._refuse_request(request)

    def _refuse_request(self, request: dict[str, Any]) -> str | None:
        if request is self._approved:
            return None  # code that the approved cell runs itself, as `%%time` does
        metadata = request.get("metadata", {})
        approval, cell_id = metadata.get(APPROVAL_KEY), metadata.get("cellId")
        nonce = self._staged.get(cell_id)
        if nonce is None:
            is_copy = copied_cell_id(request) in self._staged
            return AWAITS_APPROVAL if is_copy else self._refuse_unstaged(request, cell_id, approval)
        if reason := _mismatch(approval, nonce, request.get("content", {})):
            return reason
        del self._staged[cell_id]
        self._approved = request
        return None

    def _refuse_unstaged(self, request: dict[str, Any], cell_id: str | None, approval: object) -> str | None:
        if cell_id not in self._known and self._is_left(cell_id, copied_cell_id(request)):
            self.withdraw(str(cell_id))
        if cell_id in self._withdrawn:
            before, sent = self._withdrawn[cell_id], self._sent.note(request)
            is_alone = sent and self._arrivals.are_seen and self._sent.is_alone(sent, self._arrivals.read_waiting)
            if before is None or before.has_company or not is_alone:
                self._withdrawn[cell_id] = sent  # None if the request is silent: the user does not see the refusal
                return NOT_APPROVED
            del self._withdrawn[cell_id]
        is_below = cell_id is not None and self._sent.follows_refused(request)
        return UNKNOWN_APPROVAL if approval is not None else BELOW_REFUSED if is_below else None

    def _is_left(self, cell_id: str | None, copied: str | None) -> bool:
        """Return True for the cell of a step that was never approved, or one that had that cell's id before."""

        def is_left(each: str) -> bool:
            return each in self._withdrawn or (each not in self._known and self._was_left(each))

        return isinstance(cell_id, str) and (is_left(cell_id) or (copied is not None and is_left(copied)))


def _mismatch(approval: object, nonce: str, content: dict[str, Any]) -> str | None:
    """Return the reason why the approval does not allow the request to run the proposal with this nonce.

    A silent request shows no output and is no cell of the conversation: it cannot be approved.
    """
    if not isinstance(approval, dict) or content.get("silent"):
        return AWAITS_APPROVAL
    if not _is_same(approval.get("nonce"), nonce):
        return f"The approval is not for this proposal. {AWAITS_APPROVAL}"
    if not _is_same(approval.get("sha256"), digest(content.get("code", ""))):
        return f"The cell was changed after its approval. {AWAITS_APPROVAL}"
    return None


def _is_same(given: object, expected: str) -> bool:
    """Return True if what a request gives is the expected text; `compare_digest` takes any bytes, but not any text."""
    return hmac.compare_digest(str(given).encode("utf-8", "surrogatepass"), expected.encode())
