"""The gate: no agent-written code runs without a one-use approval that is bound to the exact source shown.

It is an IPython AST transformer, since that is what can still refuse when a cell is about to run: an exception in
`pre_run_cell` is only printed. It decides once per execution. IPython unregisters a transformer that raises anything
but `InputRejected`, and runs the cell: hence every failure in here becomes `InputRejected`.

Approved code shares this process and could patch the gate: it protects the user from running what they have not read,
and is no privilege boundary.
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
WAITS = "This cell was proposed by CodeAct and waits for your approval: press Run on the cell itself."
UNKNOWN = "This approval is not for a step that waits in this kernel. `%codeact continue` offers the step again."


LEFT = "CodeAct proposed this cell, and you have not approved it. Run it by itself if you want it."
STOPPED = "Not run: a cell above it waits for your approval. Run this one again if you want it."
PAUSE = 0.5  #: seconds without a running cell, or between two requests, after which they were not sent together


class Refused(InputRejected):
    """The cell does not run. A front end shows the reason alone, without a traceback through this package."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def digest(source: str) -> str:
    """The sha256 of a cell's source."""
    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()


class Gate(ast.NodeTransformer):
    """Refuses staged cells that come without their approval, and code that nobody admitted. See the module."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self._staged: dict[str, str] = {}  # cell id -> nonce
        self._withdrawn: set[str] = set()  # cells that were staged once and never approved
        self._ended = 0.0  # when the last cell did
        self._refused: datetime | None = None  # when the request that was refused last had been sent, by its own clock
        self._admitted: str | None = None  # the ast.dump that the admitted code must have
        self._inside = False
        self._thread = 0  # where the admitted code may run
        self._approved: dict[str, Any] | None = None  # the request that runs with its approval
        shell.ast_transformers.insert(0, self)
        shell.events.register("post_run_cell", self._after_cell)

    def remove(self) -> None:
        """Takes the gate out of the shell."""
        self.shell.ast_transformers.remove(self)
        self.shell.events.unregister("post_run_cell", self._after_cell)

    def stage(self, cell_id: str) -> str:
        """Marks the cell as a proposal that waits; returns the nonce that an approval of it must carry."""
        self._withdrawn.discard(cell_id)
        self._staged[cell_id] = secrets.token_hex(16)
        return self._staged[cell_id]

    def unstage(self, cell_id: str) -> None:
        """The cell waits no longer."""
        if self._staged.pop(cell_id, None):
            self.withdraw(cell_id)

    def withdraw(self, cell_id: str) -> None:
        """The cell was never approved, and is the user's now: it may run when they run it, though not as one of many.

        A front end sends all cells of a "Run All" at once. A cell that comes directly behind another one may have been
        sent while it still waited, and is refused.
        """
        self._withdrawn.add(cell_id)

    def claim(self) -> str | None:
        """The staged cell that is about to run with its approval, which is used up by this; `None` for any other."""
        request = execute_request(self.shell)
        cell_id = running_cell_id(self.shell)
        if cell_id not in self._staged or self._refuse_request(request):
            return None
        return cell_id

    def revoke(self) -> None:
        """What was claimed last may not run after all."""
        self._approved = None

    @contextlib.contextmanager
    def admit(self, source: str) -> Iterator[None]:
        """Within the block, exactly this source may run once (what it runs in turn, such as `%%time`, included)."""
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
        """Called by IPython with the whole cell, just before it runs. Raises `InputRejected` to refuse it."""
        try:
            reason = self._refuse(node)
        except Exception as error:
            raise Refused(f"CodeAct could not check this cell and refuses it ({error!r}).") from error
        self._refused = _sent(execute_request(self.shell)) if reason in (WAITS, LEFT, STOPPED) else None
        if reason:
            raise Refused(reason)
        return node

    def _after_cell(self, result: object) -> None:
        self._ended = time.monotonic()

    def _refuse(self, node: ast.AST) -> str | None:
        if self._admitted is not None and self._thread == threading.get_ident():
            if not self._inside and ast.dump(node) != self._admitted:
                return "This is not the code that was approved."
            self._inside = True
            return None
        return self._refuse_request(execute_request(self.shell))

    def _refuse_request(self, request: dict[str, Any]) -> str | None:
        if request is self._approved:
            return None  # what the approved cell runs in turn, such as `%%time`
        approval = request.get("metadata", {}).get(APPROVAL_KEY)
        cell_id = request.get("metadata", {}).get("cellId")
        nonce = self._staged.get(cell_id)
        if nonce is None and cell_id in self._withdrawn and time.monotonic() - self._ended < PAUSE:
            return LEFT
        if nonce is None:
            self._withdrawn.discard(cell_id)
            if approval is not None:
                return UNKNOWN
            return STOPPED if cell_id is not None and self._follows_refused(request) else None
        source = request.get("content", {}).get("code", "")
        if not isinstance(approval, dict):
            return WAITS
        if not hmac.compare_digest(str(approval.get("nonce")), nonce):
            return f"The approval is not for this proposal. {WAITS}"
        if not hmac.compare_digest(str(approval.get("sha256")), digest(source)):
            return f"The cell is not as it was when it was approved. {WAITS}"
        del self._staged[cell_id]
        self._approved = request
        return None

    def _follows_refused(self, request: dict[str, Any]) -> bool:
        """Whether a front end sent it together with the one that was refused just before, as "Run All" does. The kernel
        aborts only those that are in its queue by then."""
        sent = _sent(request)
        return sent is not None and self._refused is not None and abs(sent - self._refused) < timedelta(seconds=PAUSE)


def _sent(request: dict[str, Any]) -> datetime | None:
    """When the front end made the request, by its own clock."""
    date = request.get("header", {}).get("date")
    return date.replace(tzinfo=None) if isinstance(date, datetime) else None


def execute_request(shell: InteractiveShell) -> dict[str, Any]:
    """The execute request that is being served; empty between cells, and in a shell without a kernel."""
    get_parent = getattr(shell, "get_parent", None)
    parent = get_parent() if get_parent else None
    return parent if parent and parent.get("header", {}).get("msg_type") == "execute_request" else {}


def running_cell_id(shell: InteractiveShell) -> str | None:
    """The id of the notebook's cell that is being served; `None` where the front end sends none."""
    cell_id: str | None = execute_request(shell).get("metadata", {}).get("cellId")
    return cell_id


def running_cell(shell: InteractiveShell) -> str | None:
    """The id of the execute request that is being served; `None` between cells, and in a shell without a kernel."""
    message: str | None = execute_request(shell).get("header", {}).get("msg_id")
    return message
