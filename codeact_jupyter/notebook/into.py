"""`%%codeact --into NAME`: bind the value of the answer to a name of the notebook."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from ..agent.view import Finished, Update, View
from ..errors import UsageProblem
from ..namespace.literals import held_in
from ..outputs.conversion import shown_in_line
from ..session.messages import Prompt


def check_name(name: str, shell: InteractiveShell) -> None:
    """Check that a value may be bound to a name.

    Args:
        name: The name.
        shell: The shell in whose namespace it is bound.

    Raises:
        UsageProblem: It is no identifier, or belongs to IPython, to a function, a class or a module.
    """
    if not name.isidentifier() or keyword.iskeyword(name):
        raise UsageProblem(f"`{name}` is not a name: write `--into` with a name such as `total`.")
    live = held_in(shell.user_ns, name, getattr(builtins, name, None))
    if name in shell.user_ns_hidden or issubclass(type(live), ModuleType) or callable(live):
        raise UsageProblem(f"`{name}` is a function, a class or a module already: choose another name for `--into`.")


class Into(View):
    """View that binds the value when a question is answered; another view shows everything.

    Args:
        view: The other view.
        shell: The shell in whose namespace the value is bound.
        asked: Returns the question.
        value: Returns the value of its answer.
    """

    def __init__(
        self, view: View, shell: InteractiveShell, asked: Callable[[], Prompt], value: Callable[[], Any]
    ) -> None:
        self._view = view
        self._shell = shell
        self._asked = asked
        self._value = value

    def show(self, update: Update) -> None:
        """See `View.show`."""
        if isinstance(update, Finished) and update.finish.status == "answered":
            name = self._asked().options.get("into")
            update = replace(update, bound=self._bind(name)) if name else update
        self._view.show(update)

    def _bind(self, name: str) -> str:
        value = self._value()
        if value is None:
            return f"{name} is not set: no step showed a value"
        self._shell.user_ns[name] = value
        return f"{name} = {shown_in_line(value)}"
