"""The gate: agent-written code runs only with a one-use approval, bound to the exact source that was shown.

The gate is an IPython AST transformer, because a transformer can still refuse a cell that is about to run; an exception
in `pre_run_cell` is only printed. It decides once per execution. If a transformer raises anything but `InputRejected`,
IPython unregisters it and runs the cell: therefore every failure in this module becomes `InputRejected`.

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
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from IPython.core.error import InputRejected
from IPython.core.interactiveshell import InteractiveShell

APPROVAL_KEY = "codeactApproval"  #: in the execute request's metadata; never saved with a notebook
RUN_ALL_SECONDS = 0.5  #: longest pause between two cells, or two requests, that count as sent together by "Run All"

AWAITS_APPROVAL = "This cell was proposed by CodeAct and waits for your approval: press Run on the cell itself."
UNKNOWN_APPROVAL = (
    "This approval is not for a step that waits in this kernel. `%codeact continue` offers the step again."
)
NOT_APPROVED = "CodeAct proposed this cell, and you have not approved it. Run it by itself if you want it."
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


class Gate(ast.NodeTransformer):
    """Transformer that refuses staged cells without an approval, and any code but the source passed to `admit`.

    Args:
        shell: The shell to guard.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self._staged: dict[str, str] = {}  # cell id -> nonce
        self._withdrawn: set[str] = set()  # ids of cells that were staged once and never approved
        self._ended = 0.0  # when the last cell ended, on the monotonic clock
        self._refused: datetime | None = None  # when the front end sent the request that was refused last
        self._admitted: str | None = None  # the ast.dump that the admitted code must have
        self._inside = False  # the admitted code is running
        self._thread = 0  # ident of the thread in which the admitted code may run
        self._approved: dict[str, Any] | None = None  # the request whose approval was used
        shell.ast_transformers.insert(0, self)
        shell.events.register("post_run_cell", self._after_cell)

    def remove(self) -> None:
        """Remove the gate from the shell."""
        self.shell.ast_transformers.remove(self)
        self.shell.events.unregister("post_run_cell", self._after_cell)

    def stage(self, cell_id: str) -> str:
        """Mark a cell as a proposal that waits for approval.

        Args:
            cell_id: The notebook's id of the cell.

        Returns:
            The nonce that an approval of the cell must carry.
        """
        self._withdrawn.discard(cell_id)
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
        """Stop treating a cell as a proposal: the user may run it by itself, but not as part of "Run All".

        A front end sends all cells of a "Run All" at once, so a cell that follows another one directly may have been
        sent while it was still waiting for approval. It is refused.

        Args:
            cell_id: The notebook's id of the cell.
        """
        self._withdrawn.add(cell_id)

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

    def visit(self, node: ast.AST) -> ast.AST:
        """Check a cell; called by IPython just before the cell runs.

        Args:
            node: The tree of the whole cell.

        Returns:
            The same tree.

        Raises:
            Refused: The cell may not run.
        """
        try:
            reason = self._refuse(node)
        except Exception as error:
            raise Refused(f"CodeAct could not check this cell and did not run it ({error!r}): run it again.") from error
        is_waiting = reason in (AWAITS_APPROVAL, NOT_APPROVED, BELOW_REFUSED)
        self._refused = _sent(execute_request(self.shell)) if is_waiting else None
        if reason:
            raise Refused(reason)
        return node

    def _after_cell(self, result: object) -> None:
        self._ended = time.monotonic()

    def _refuse(self, node: ast.AST) -> str | None:
        """Return the reason to refuse the cell, if there is one."""
        if self._admitted is not None and self._thread == threading.get_ident():
            if not self._inside and ast.dump(node) != self._admitted:
                return "This is not the code that was approved."
            self._inside = True
            return None
        return self._refuse_request(execute_request(self.shell))

    def _refuse_request(self, request: dict[str, Any]) -> str | None:
        if request is self._approved:
            return None  # code that the approved cell runs itself, as `%%time` does
        metadata = request.get("metadata", {})
        approval, cell_id = metadata.get(APPROVAL_KEY), metadata.get("cellId")
        nonce = self._staged.get(cell_id)
        if nonce is None:
            return self._refuse_unstaged(request, cell_id, approval)
        reason = _mismatch(approval, nonce, request.get("content", {}).get("code", ""))
        if reason is None:
            del self._staged[cell_id]
            self._approved = request
        return reason

    def _refuse_unstaged(self, request: dict[str, Any], cell_id: str | None, approval: object) -> str | None:
        if cell_id in self._withdrawn and time.monotonic() - self._ended < RUN_ALL_SECONDS:
            return NOT_APPROVED
        self._withdrawn -= {cell_id}
        if approval is not None:
            return UNKNOWN_APPROVAL
        return BELOW_REFUSED if cell_id is not None and self._follows_refused(request) else None

    def _follows_refused(self, request: dict[str, Any]) -> bool:
        """Return True if "Run All" sent the request together with the one that was just refused.

        The kernel itself aborts only the requests that are in its queue at the time of the refusal.
        """
        sent = _sent(request)
        if sent is None or self._refused is None:
            return False
        return abs(sent - self._refused) < timedelta(seconds=RUN_ALL_SECONDS)


def _mismatch(approval: object, nonce: str, source: str) -> str | None:
    """Return the reason why the approval does not allow `source` to run for the proposal with this nonce."""
    if not isinstance(approval, dict):
        return AWAITS_APPROVAL
    if not hmac.compare_digest(str(approval.get("nonce")), nonce):
        return f"The approval is not for this proposal. {AWAITS_APPROVAL}"
    if not hmac.compare_digest(str(approval.get("sha256")), digest(source)):
        return f"The cell was changed after its approval. {AWAITS_APPROVAL}"
    return None


def _sent(request: dict[str, Any]) -> datetime | None:
    """Return the time at which the front end sent the request, by the front end's clock."""
    date = request.get("header", {}).get("date")
    return date.replace(tzinfo=None) if isinstance(date, datetime) else None


def execute_request(shell: InteractiveShell) -> dict[str, Any]:
    """Return the execute request that the kernel is serving.

    Args:
        shell: The kernel's shell.

    Returns:
        The message; empty between cells, and in a shell without a kernel.
    """
    get_parent = getattr(shell, "get_parent", None)
    parent = get_parent() if get_parent else None
    return parent if parent and parent.get("header", {}).get("msg_type") == "execute_request" else {}


def running_cell_id(shell: InteractiveShell) -> str | None:
    """Return the notebook's id of the cell that is running.

    Args:
        shell: The kernel's shell.

    Returns:
        The id; None between cells, and if the front end sends none.
    """
    cell_id: str | None = execute_request(shell).get("metadata", {}).get("cellId")
    return cell_id


def running_request_id(shell: InteractiveShell) -> str | None:
    """Return the message id of the execute request that the kernel is serving.

    Args:
        shell: The kernel's shell.

    Returns:
        The id; None between cells, and in a shell without a kernel.
    """
    message: str | None = execute_request(shell).get("header", {}).get("msg_id")
    return message
