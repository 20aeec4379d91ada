"""Charts as inline SVG: the same data give the same bytes.

Colours are Okabe and Ito's (2008), which colour-blind readers tell apart. Axes begin at zero, or
hold the whole range of what cannot leave it, so that small changes look small.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from experiments.headline import WEEK, change
from experiments.interventions import Intervention
from experiments.numerals import is_share, measured, number, unit_in_words
from sim.health import find

BLUE, ORANGE, RED, SKY, GREY, INK = (
    "#0072B2",
    "#E69F00",
    "#D55E00",
    "#56B4E9",
    "#666666",
    "#1b1f24",
)

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "weal",
    "font.family": "sans-serif",
    "font.size": 9.0,
    "text.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10.0,
    "axes.titlelocation": "left",
    "axes.grid.axis": "y",
    "grid.color": "#e4e7eb",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "figure.dpi": 100,
}

WHOLE = {"0 to 1": (0.0, 1.0)}
"""Units whose whole range an axis shows."""

LEVEL_MARGIN = 0.05
"""Least way from the middle to the ends of an axis of a price level, which has no zero."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with words for those who cannot see it."""

    svg: str
    alternative: str
    caption: str = ""  # what it shows, for all
    title: str = ""  # what stands above it, where the picture does not say
    unit: str = ""  # what its axis counts, where the picture does not say


class DailyCharts:
    """Charts of indicators day by day, of one run, drawn one after the other.

    All share one pair of axes, of which matplotlib makes the ticks once: that takes a third of the
    time of axes of their own. Titles and units are the page's to write, in its own letters.
    """

    def __init__(self, indicators: pd.DataFrame, marked: Sequence[Intervention]) -> None:
        """Prepare the axes.

        Args:
            indicators: (days, indicators), index: day.
            marked: shaded, and named by their letters.
        """
        self._indicators, self._marked = indicators, marked
        days = len(indicators)
        with styled():
            self._figure = Figure(figsize=(3.7, 2.1))
            axes = self._axes = self._figure.add_axes((0.135, 0.205, 0.845, 0.76))
            few = "o" if days < 3 else None
            axes.grid(visible=True)
            (self._each,) = axes.plot([], [], color=SKY, linewidth=0.8, marker=few, markersize=3)
            (self._smooth,) = axes.plot([], [], color=BLUE, linewidth=1.8)
            self._zero = axes.axhline(0, color=GREY, linewidth=0.8)
            axes.set_xlabel("day")
            axes.xaxis.set_label_coords(0.5, -0.15)  # fixed: no looking for room, chart by chart
            axes.set_xlim(-0.5, max(days - 0.5, 0.5))
            axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
            axes.yaxis.set_major_locator(MaxNLocator(5))
            axes.yaxis.set_major_formatter(FuncFormatter(tick))
            mark_interventions(axes, marked)

    def draw(self, name: str, title: str) -> Chart:
        """One indicator day by day, with the mean of the last seven days.

        The mean looks back only, so that it never moves before its cause.

        Args:
            name: which indicator.
            title: what the reader knows it as.
        """
        indicator = find(name)
        unit = unit_in_words(indicator.unit)
        values = self._indicators[name] * (100.0 if is_share(indicator.unit) else 1.0)
        smooth = values.rolling(WEEK, min_periods=1).mean()
        self._each.set_data(values.index, values)
        self._smooth.set_data(values.index, smooth)
        bottom, top = _ends(values, indicator.unit)
        self._zero.set_visible(bottom < 0)
        with styled():
            self._axes.set_ylim(bottom, top + (0.13 * (top - bottom) if self._marked else 0.0))
            svg = as_svg(self._figure, name.replace("_", "-"))
        told = _told(self._indicators, name, f"{title}, {unit}")
        return Chart(svg, told, indicator.sentence, title, unit)


def bars(labels: Sequence[str], values: Sequence[float], title: str, unit: str) -> Chart:
    """Horizontal bars on an axis from 0 to 1, one a label, with their values.

    Args:
        labels: what each bar is.
        values: from 0 to 1.
        title: what the bars show.
        unit: what the axis shows.
    """
    with styled():
        height = 0.85 + 0.27 * len(labels)
        figure = Figure(figsize=(4.6, height))
        axes = figure.add_axes((0.27, 0.45 / height, 0.66, 1.0 - 0.8 / height))
        axes.barh(range(len(labels)), values, color=BLUE, height=0.62)
        for place, value in enumerate(values):
            axes.annotate(
                f"{value:.2f}", (value, place), (4, 0), textcoords="offset points", va="center"
            )
        axes.set_yticks(range(len(labels)), labels)
        axes.invert_yaxis()
        axes.set_xlim(0.0, 1.0)
        axes.xaxis.set_major_formatter(FuncFormatter(tick))
        axes.set_title(title, x=-0.38, y=1.0)
        axes.set_xlabel(unit)
        svg = as_svg(figure, "bars")
    told = "; ".join(f"{label} {value:.2f}" for label, value in zip(labels, values, strict=True))
    return Chart(svg, f"{title}, {unit}: {told}.")


def _ends(values: pd.Series, unit: str) -> tuple[float, float]:
    """Lower and upper end of an axis."""
    known = values.dropna()
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    if unit in WHOLE:
        return WHOLE[unit]
    if unit.startswith("day 0"):
        half = max(LEVEL_MARGIN, 1.1 * max(high - 1.0, 1.0 - low))
        return 1.0 - half, 1.0 + half
    if is_share(unit) and high > 60.0:
        return min(low, 0.0), max(high, 100.0)
    low, high = min(low, 0.0), max(high, 0.0)
    room = 0.06 * (high - low) or 1.0
    return low - (room if low < 0 else 0.0), high + room


def mark_interventions(axes: Axes, marked: Sequence[Intervention]) -> None:
    """Shade interventions; those that begin on one day share a place for their letters."""
    for what in marked:
        axes.axvspan(what.first - 0.5, what.last + 0.5, color=ORANGE, alpha=0.13, linewidth=0)
    for first, group in groupby(marked, key=lambda what: what.first):
        axes.axvline(first - 0.5, color=ORANGE, linewidth=1.0, linestyle="--")
        axes.annotate(
            " ".join(what.mark for what in group),
            (first - 0.5, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(2, -1),
            textcoords="offset points",
            fontsize=9,
            fontweight="bold",
            va="top",
        )


def _told(indicators: pd.DataFrame, name: str, title: str) -> str:
    """The course of an indicator in words."""
    unit, known = find(name).unit, indicators[name].dropna()
    if known.empty:
        return f"{title}: nothing was measured."
    ends = change(indicators, name)
    return (
        f"{title}, by day: {measured(ends.first, unit)} in the first week, "
        f"{measured(ends.last, unit)} in the last; lowest {measured(float(known.min()), unit)} on "
        f"day {known.idxmin()}, highest {measured(float(known.max()), unit)} on day "
        f"{known.idxmax()}."
    )


def tick(value: float, _place: int | None) -> str:
    """The number beside a tick of an axis."""
    return f"{value:,.6g}" if abs(value) < 1e6 else number(value)


def styled() -> AbstractContextManager[None]:
    """The settings of matplotlib under which all pictures of a report are drawn."""
    return mpl.rc_context(STYLE)


def as_svg(figure: Figure, key: str, dpi: int = 100) -> str:
    """The figure as an SVG element for inlining, as wide as the place it is put in.

    Args:
        figure: what to draw.
        key: begins the ids of its parts, so that no two pictures of a page share one.
        dpi: resolution of what is drawn as pixels.
    """
    out = io.StringIO()
    figure.savefig(out, format="svg", dpi=dpi, metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    head, end, rest = text.partition(">")
    used = set(re.findall(r'(?:href="|url\()#([^")]+)', rest))

    def kept(match: re.Match[str]) -> str:
        return f' id="{key}-{match[1]}"' if match[1] in used else ""

    rest = re.sub(r' id="([^"]+)"', kept, rest)
    rest = re.sub(r'(href="|url\()#', rf"\1#{key}-", rest)
    return re.sub(r' (width|height)="[^"]*"', "", head) + end + rest
