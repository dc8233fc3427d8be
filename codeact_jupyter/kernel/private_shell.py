"""The shell of `solve`: a namespace of its own, in the process of a program."""

from __future__ import annotations

import atexit
import contextlib
import sys
import tempfile
from collections.abc import Iterator, Mapping
from functools import partial
from types import ModuleType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.profiledir import ProfileDir
from IPython.core.pylabtools import print_figure
from traitlets.config import Config

from .guest import Guest
from .inline_figures import BACKEND, show_all

_OF_MODULES = {*vars(ModuleType("")), "__builtins__", "__cached__", "__file__"}


class PrivateShell(InteractiveShell):
    """A shell without a window or a terminal.

    Args:
        guest: The steps that it runs.
        folder: Where IPython keeps its files.

    Attributes:
        figures: The figures that steps have drawn.
    """

    _has_figure_options = False

    def __init__(self, guest: Guest, folder: str) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.colors = "nocolor"
        module = guest.module
        super().__init__(  # type: ignore[no-untyped-call]
            config=config,
            ipython_dir=folder,
            profile_dir=ProfileDir(location=folder),
            user_module=module,
            user_ns=module.__dict__,  # one scope, as in a kernel
        )
        self.figures: list[Any] = []
        formatter: Any = self.display_formatter
        formatter.formatters["image/png"].for_type_by_name("matplotlib.figure", "Figure", _as_png)
        self.events.register("post_execute", show_all)

    @property
    def configurables(self) -> list[Any]:
        """The objects with options, for `%config`: also those of figures once matplotlib is loaded."""
        if "matplotlib" in sys.modules and not self._has_figure_options:
            from matplotlib_inline.config import InlineBackend

            self._has_figure_options = True
            self._configurables.append(InlineBackend(parent=self, shell=self))
        return self._configurables

    @configurables.setter
    def configurables(self, value: list[Any]) -> None:
        self._configurables = value

    def enable_gui(self, gui: str | None = None) -> None:
        """Do nothing: there are no windows.

        Args:
            gui: The library for windows.
        """

    def enable_matplotlib(self, gui: str | None = None) -> tuple[str, str]:
        """Do nothing: figures are shown in any case.

        Args:
            gui: The library for windows.

        Returns:
            What `%matplotlib` prints.
        """
        return "inline", BACKEND


@contextlib.contextmanager
def private_shell(guest: Guest, namespace: Mapping[str, Any], patience: float | None = None) -> Iterator[PrivateShell]:
    """Make a shell, to which `display` and `get_ipython` refer while its steps run.

    Args:
        guest: The steps that it runs.
        namespace: Objects by name.
        patience: Most seconds to wait for the steps of other runs; None for no limit.

    Yields:
        The shell.

    Raises:
        Busy: The wait was too long.
    """
    callers = InteractiveShell.instance().user_ns_hidden if InteractiveShell.initialized() else {}
    with tempfile.TemporaryDirectory(prefix="codeact-", ignore_cleanup_errors=True) as folder:
        shell = guest.run(partial(_make, guest, folder), patience)
        for name, obj in namespace.items():
            plain = str.__str__(name) if issubclass(type(name), str) else "__name__"  # keys may be of numpy
            if plain not in _OF_MODULES and callers.get(plain, callers) is not obj:  # as in `globals()` of a notebook
                shell.user_ns[plain] = obj
        try:
            yield shell
        finally:
            atexit.unregister(shell.atexit_operations)  # it would keep the shell and all its objects
            shell.atexit_operations()  # type: ignore[no-untyped-call]


def _make(guest: Guest, folder: str) -> PrivateShell:
    shell = PrivateShell(guest, folder)
    for cls in InteractiveShell._walk_mro():
        cls._instance = shell  # type: ignore[assignment]
    return shell


def _as_png(figure: Any) -> bytes | None:
    image: bytes | None = print_figure(figure, "png")
    return image
