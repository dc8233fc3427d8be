"""A CodeAct agent in your live notebook: a local model proposes cells, you approve them, their outputs go back to it.

In a notebook: `%load_ext codeact_jupyter`, then `%%codeact`. From Python: `solve`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .solving import SolveRun, SolveTurn, solve

__all__ = ["SolveRun", "SolveTurn", "solve"]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Makes `%%codeact` and `%codeact` known to the shell, and puts the gate into it.

    Does nothing where that is done: the chat calls this by itself, and the user's own `%load_ext` may come before or
    after it.
    """
    from .notebook.magic import CodeActMagics

    if CodeActMagics.__name__ not in shell.magics_manager.registry:
        shell.register_magics(CodeActMagics(shell))


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Takes the gate and the cell events out of the shell."""
    from .notebook.magic import CodeActMagics, keep_question_mark

    magics = shell.magics_manager.registry.pop(CodeActMagics.__name__)
    magics.conversation.close()
    shell.configurables.remove(magics.options)
    shell.input_transformers_cleanup.remove(keep_question_mark)


def __getattr__(name: str) -> Any:
    if name in __all__:
        from . import solving

        return getattr(solving, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
