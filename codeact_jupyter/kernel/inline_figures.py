"""Figures of matplotlib in `solve`: they are shown to the model, no window opens, and the caller's stay as they are.

This module is the backend, which matplotlib imports by its name, `BACKEND`. A figure is shown by `plt.show()`, or else
at the end of the step, and is then closed, as in a notebook.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

BACKEND = f"module://{__name__}"

State = tuple[dict[str, Any], dict[Any, Any], dict[str, Any]]  # the options, the open figures, names in `pyplot`
_PYPLOT = ("_backend_mod", "_REPL_DISPLAYHOOK")  # these are set when a backend is loaded


def __getattr__(name: str) -> Any:
    """Return the canvas, from which matplotlib derives all else of a backend; only it loads matplotlib."""
    if name != "FigureCanvas":
        raise AttributeError(name)
    base: Any = importlib.import_module("matplotlib.backend_bases").FigureManagerBase
    agg: Any = importlib.import_module("matplotlib.backends.backend_agg").FigureCanvasAgg
    manager = type("FigureManager", (base,), {"show": show_figure})
    globals()[name] = type("FigureCanvas", (agg,), {"manager_class": manager})
    return globals()[name]


def show_figure(manager: Any) -> None:
    """Show a figure, and close it.

    Args:
        manager: Its manager.
    """
    figure = manager.canvas.figure
    _figures().destroy(manager)
    display(figure)
    getattr(InteractiveShell.instance(), "figures", []).append(figure)


def show_all() -> None:
    """Show all open figures, and close them."""
    for manager in _figures().get_all_fig_managers() if _figures() else []:
        show_figure(manager)


def state() -> State | None:
    """Return what matplotlib holds of a program; None if it is not loaded."""
    matplotlib, pyplot = sys.modules.get("matplotlib"), sys.modules.get("matplotlib.pyplot")
    if matplotlib is None or not hasattr(matplotlib, "rcParamsOrig"):
        return None
    figures = dict(_figures().figs) if _figures() else {}
    return dict(matplotlib.rcParams.copy()), figures, {name: vars(pyplot)[name] for name in _PYPLOT if pyplot}


def put_back(before: State | None) -> None:
    """Put back what matplotlib held; if it has been loaded since then, what it holds after that.

    Args:
        before: What `state` has returned.
    """
    now = state()
    if now is None:
        return
    matplotlib: Any = sys.modules["matplotlib"]
    loaded = dict(matplotlib.rcParamsOrig.copy())
    loaded["backend"] = os.environ.get("MPLBACKEND") or loaded["backend"]
    options, figures, names = before or (loaded, {}, {})
    dict.update(matplotlib.rcParams, options)  # as they are: to read or set a backend by its name would load one
    if _figures():
        _figures().figs.clear()
        _figures().figs.update(figures)
    pyplot: Any = sys.modules.get("matplotlib.pyplot")
    if pyplot:
        vars(pyplot).update({"_backend_mod": None, "_REPL_DISPLAYHOOK": pyplot._ReplDisplayHook.NONE} | names)


def begin(own: State | None) -> None:
    """Let the figures of a step be shown to the model.

    Args:
        own: What `state` has returned after the step before; None for the first, or without matplotlib.
    """
    os.environ["MPLBACKEND"] = BACKEND  # for when a step loads it
    now = state()
    if now is not None:
        options, _, names = now
        put_back(own or (options | {"backend": BACKEND}, {}, names | {"_backend_mod": None}))


def _figures() -> Any:
    """Return matplotlib's register of open figures; None if it is not loaded."""
    return getattr(sys.modules.get("matplotlib._pylab_helpers"), "Gcf", None)
