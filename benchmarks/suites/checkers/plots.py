"""Checkers of plots: `shows` asks looks at the axes in the namespace and in the open figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from codeact_jupyter.evaluation.task import Checker

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Look = Callable[["Axes"], bool | str]


def canvas() -> Any:
    """Return `matplotlib.pyplot` without a screen and without open figures, for a namespace's `plt`."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    plt.close("all")
    return plt


def shows(*looks: Look) -> Checker:
    """Make a checker: one of the plots passes all looks; else the last one's fault is the verdict.

    Args:
        looks: Each takes axes and returns True, or what is wrong.
    """

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        verdict: bool | str = "There is no plot."
        for ax in _axes(namespace):
            verdict = next((found for look in looks if (found := look(ax)) is not True), True)
            if verdict is True:
                return True
        return verdict

    return check


def bars(
    truth: Callable[[], Mapping[Any, float]],
    *,
    ordered: bool = False,
    across: bool = False,
    descending: bool = False,
) -> Look:
    """Look for bars with these labels at their ticks and these lengths.

    Args:
        truth: Computes the lengths by label.
        ordered: Their order must be that of the truth.
        across: They must be horizontal.
        descending: The longest must be the first, and so on.
    """

    def look(ax: Axes) -> bool | str:
        expected = {str(name): float(value) for name, value in truth().items()}
        found = _bars(ax, across)
        if [*found] != [*expected] if ordered else found.keys() != expected.keys():
            return "The bars are not the right ones, or not in the right order."
        if descending and [*found.values()] != sorted(found.values(), reverse=True):
            return "The bars are not in the right order."
        return all(_close(found[name], expected[name]) for name in expected) or "The bars' lengths are not right."

    return look


def line(
    truth: Callable[[], Sequence[float]], *, x: Callable[[], Sequence[float]] | None = None, label: str = ""
) -> Look:
    """Look for a line.

    Args:
        truth: Computes its values.
        x: Computes their places, if these matter.
        label: Part of its name, if that matters.
    """

    def look(ax: Axes) -> bool | str:
        import numpy as np

        expected = np.asarray(truth(), dtype=float)
        for each in ax.get_lines():
            y = np.asarray(each.get_ydata(), dtype=float)
            if label.casefold() not in str(each.get_label()).casefold() or len(y) != len(expected):
                continue
            placed = x is None or np.allclose(np.asarray(each.get_xdata(), dtype=float), np.asarray(x(), dtype=float))
            if placed and np.allclose(y, expected, rtol=1e-4, equal_nan=True):
                return True
        return "No line has the right values." if not label else f"No line {label} has the right values."

    return look


def straight(truth: Callable[[], tuple[float, float, float, float]], *, label: str) -> Look:
    """Look for a straight line.

    Args:
        truth: Computes slope, intercept, lowest and highest x.
        label: Part of its name.
    """

    def look(ax: Axes) -> bool | str:
        import numpy as np

        slope, intercept, low, high = truth()
        for each in ax.get_lines():
            x, y = (np.asarray(values, dtype=float) for values in each.get_data())
            if len(x) < 2 or label.casefold() not in str(each.get_label()).casefold():
                continue
            if np.allclose(y, slope * x + intercept, rtol=1e-3) and np.allclose([x.min(), x.max()], [low, high]):
                return True
        return f"No line {label} is the right one."

    return look


def points(truth: Callable[[], Sequence[tuple[float, float]]]) -> Look:
    """Look for scattered points, in any order.

    Args:
        truth: Computes all of them.
    """

    def look(ax: Axes) -> bool | str:
        import numpy as np

        found = [tuple(xy) for each in ax.collections for xy in np.ma.filled(each.get_offsets(), np.nan)]
        for each in ax.get_lines():
            if str(each.get_linestyle()) in ("None", "", " "):
                found += np.asarray(each.get_xydata(), dtype=float).tolist()
        have = sorted((float(x), float(y)) for x, y in found if x == x and y == y)
        want = sorted((float(x), float(y)) for x, y in truth())
        return (len(have) == len(want) and np.allclose(have, want)) or "The points are not the right ones."

    return look


def histogram(count: int, truth: Callable[[], Sequence[float]]) -> Look:
    """Look for a histogram of equal bins over the whole range of the values.

    Args:
        count: Number of bins.
        truth: Computes the values.
    """

    def look(ax: Axes) -> bool | str:
        import numpy as np

        counts, _ = np.histogram(np.asarray(truth(), dtype=float), bins=count)
        found = [patch.get_height() for patch in ax.patches if hasattr(patch, "get_height")]
        return (len(found) == count and np.allclose(found, counts)) or "The bins or their counts are not right."

    return look


def says(*, x: str = "", y: str = "", title: str = "") -> Look:
    """Look for texts.

    Args:
        x: Part of the label of the x axis.
        y: Part of the label of the y axis.
        title: Part of the title.
    """

    def look(ax: Axes) -> bool | str:
        texts = {"x label": (ax.get_xlabel(), x), "y label": (ax.get_ylabel(), y), "title": (ax.get_title(), title)}
        wrong = [place for place, (text, wanted) in texts.items() if wanted.casefold() not in text.casefold()]
        return f"Not right: {', '.join(wrong)}." if wrong else True

    return look


def legend(*names: str) -> Look:
    """Look for a legend.

    Args:
        names: Its entries.
    """

    def look(ax: Axes) -> bool | str:
        box = ax.get_legend()
        found = {text.get_text().casefold() for text in box.get_texts()} if box else set()
        return {name.casefold() for name in names} <= found or "The legend is not right."

    return look


def logarithmic(axis: str) -> Look:
    """Look for a logarithmic axis.

    Args:
        axis: `x` or `y`.
    """
    return lambda ax: (ax.get_xscale() if axis == "x" else ax.get_yscale()) == "log" or f"The {axis} axis is not log."


def _axes(namespace: Mapping[str, Any]) -> Iterator[Axes]:
    import matplotlib.pyplot as plt
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    figures = [value for value in namespace.values() if isinstance(value, Figure)]
    yield from [value for value in namespace.values() if isinstance(value, Axes)]
    for figure in [*figures, *map(plt.figure, plt.get_fignums())]:
        yield from figure.axes


def _bars(ax: Axes, across: bool) -> dict[str, float]:
    """Return the bars by the text of the tick at their middle, from the left; horizontal ones from the top."""
    from matplotlib.patches import Rectangle

    ax.figure.canvas.draw()
    axis = ax.yaxis if across else ax.xaxis
    ticks = dict(zip(axis.get_ticklocs(), (tick.get_text() for tick in axis.get_ticklabels()), strict=True))
    found = {}
    for patch in ax.patches:
        if not isinstance(patch, Rectangle):
            continue
        start, breadth = (patch.get_y(), patch.get_height()) if across else (patch.get_x(), patch.get_width())
        low, high = sorted((start, start + breadth))
        middle = (low + high) / 2
        name = next((text for place, text in ticks.items() if low - 1e-9 <= place <= high + 1e-9), "")
        found[middle] = (name, patch.get_width() if across else patch.get_height())
    upwards = not across or ax.yaxis_inverted()
    return {found[place][0]: found[place][1] for place in sorted(found, reverse=not upwards)}


def _close(found: float, expected: float) -> bool:
    return abs(found - expected) <= max(1e-4 * abs(expected), 1e-9) or (
        abs(expected) >= 1 and abs(found - round(expected, 2)) < 1e-9
    )
