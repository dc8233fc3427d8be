"""A CodeAct agent in a live notebook: a local model proposes cells, you approve them, it reads their outputs.

In a notebook: `%load_ext codeact_jupyter`, then `%%codeact`. From Python: `solve`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .solving import SolveRun, SolveTurn, solve

__all__ = ["SolveRun", "SolveTurn", "solve"]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register `%%codeact` and `%codeact` and install the gate, unless that is done already.

    The chat calls this too, before or after the user's own `%load_ext`.

    Args:
        shell: The kernel's or terminal's shell.
    """
    from .notebook.magic import CodeActMagics

    if CodeActMagics.__name__ not in shell.magics_manager.registry:
        shell.register_magics(CodeActMagics(shell))


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Remove the magics, the gate and all listeners from the shell.

    Args:
        shell: The shell that the extension was loaded into.
    """
    from .notebook.magic import CodeActMagics, keep_question_mark

    magics = shell.magics_manager.registry.pop(CodeActMagics.__name__)
    magics.wiring.close()
    shell.configurables.remove(magics.options)
    shell.input_transformers_cleanup.remove(keep_question_mark)


def __getattr__(name: str) -> Any:
    if name in __all__:
        from . import solving

        return getattr(solving, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
