"""The plots of a page as coordinates: where each bar, whisker and dot lies. The template draws them as SVG."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .summary import Summary

WIDTH = 720
LABELS = 190  #: what the names take on the left
RIGHT = 120  #: what the values take on the right
ROW = 26
AXIS = 26
HEIGHT = 340  #: of the scatter plot
NAMES = 170  #: what the names take beside it
APART = 15  #: between two of them


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the plot, and what stands at its end."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a row, `low` and `high` being the ends of its whisker."""

    x: float
    width: float
    tone: str
    low: float = 0.0
    high: float = 0.0
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    y: float
    bars: tuple[Bar, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Horizontal bars, a row for each group."""

    height: float
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    width: int = WIDTH
    label: int = LABELS - 12


@dataclass(frozen=True, slots=True)
class Dot:
    """A group in the plane; its name stands at `label_y` in the column on the right."""

    name: str
    x: float
    y: float
    top: float
    bottom: float
    tone: str
    label_y: float
    hint: str


@dataclass(frozen=True, slots=True)
class Scatter:
    dots: tuple[Dot, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    edge: int = WIDTH - NAMES  #: where the plot ends and the names begin


def tone(name: str) -> str:
    """The colour of a group: by its mode, other protocols and agents apart."""
    mode, _, arm = name.partition("/")
    arm = arm.split(" ")[0]
    if arm == "paper" or arm == "smolagents":
        return arm
    if mode == "code" and arm != "full":
        return "ablated"
    return mode if mode in ("code", "json", "text") else "other"


def success_bars(groups: Mapping[str, Summary]) -> Rows:
    """First-answer success with its Wilson interval."""
    scale = _Scale(0, 1)
    rows = []
    for number, (name, found) in enumerate(groups.items()):
        share = found.first
        bar = Bar(
            LABELS,
            scale(share.value) - LABELS,
            tone(name),
            scale(share.low),
            scale(share.high),
            f"{name}: {share.count} of {share.total}, 95 % interval {100 * share.low:.0f}–{100 * share.high:.0f} %",
        )
        rows.append(Row(name, number * ROW, (bar,), f"{100 * share.value:.0f} %  {share.count}/{share.total}"))
    ticks = tuple(Tick(scale(part / 4), f"{25 * part} %") for part in range(5))
    return Rows(len(rows) * ROW + AXIS, tuple(rows), ticks)


def time_bars(groups: Mapping[str, Summary]) -> Rows:
    """Mean seconds of an attempt: the model reading, the model writing, and all the rest, which is the actions."""
    longest = max(sum(found.seconds_by_part.values()) for found in groups.values()) or 1.0
    steps = _steps(longest)
    scale = _Scale(0, max(steps[-1], longest))
    rows = []
    for number, (name, found) in enumerate(groups.items()):
        bars, start = [], 0.0
        for part, seconds in found.seconds_by_part.items():
            x = scale(start)
            bars.append(Bar(x, scale(start + seconds) - x, part, hint=f"{name}, {part}: {seconds:.1f} s"))
            start += seconds
        rows.append(Row(name, number * ROW, tuple(bars), f"{start:.1f} s"))
    return Rows(len(rows) * ROW + AXIS, tuple(rows), tuple(Tick(scale(step), f"{step:g} s") for step in steps))


def cost_scatter(groups: Mapping[str, Summary]) -> Scatter:
    """Success against generated tokens per attempt."""
    most = max(found.generated_tokens for found in groups.values()) or 1.0
    steps = _steps(most)
    edge = max(steps[-1], most)
    left, bottom = 60, HEIGHT - 44

    def x_of(value: float) -> float:
        return left + (WIDTH - NAMES - 20 - left) * value / edge

    def y_of(value: float) -> float:
        return bottom - (bottom - 16) * value

    order = sorted(groups, key=lambda name: (-groups[name].first.value, -groups[name].generated_tokens))
    places = _spread([y_of(groups[name].first.value) for name in order], bottom)
    dots = []
    for name, place in zip(order, places, strict=True):
        found = groups[name]
        x, y = x_of(found.generated_tokens), y_of(found.first.value)
        hint = f"{name}: {100 * found.first.value:.0f} % at {found.generated_tokens:.0f} tokens"
        dots.append(Dot(name, x, y, y_of(found.first.high), y_of(found.first.low), tone(name), place, hint))
    up = tuple(Tick(y_of(part / 4), f"{25 * part} %") for part in range(5))
    return Scatter(tuple(dots), tuple(Tick(x_of(step), f"{step:g}") for step in steps), up)


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float

    def __call__(self, value: float) -> float:
        return LABELS + (WIDTH - LABELS - RIGHT) * (value - self.low) / (self.high - self.low)


def _steps(high: float) -> list[float]:
    """Round numbers from 0 up to about `high`, five or so."""
    rough = high / 4
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough)
    return [step * number for number in range(math.ceil(high / step) + 1)]


def _spread(places: Sequence[float], bottom: float) -> list[float]:
    """The places from top to bottom, moved so that labels there do not overlap."""
    found: list[float] = []
    for place in places:
        found.append(max(place, found[-1] + APART) if found else place)
    excess = max(0.0, found[-1] - bottom) if found else 0.0
    return [place - excess for place in found]
