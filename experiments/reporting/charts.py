"""Charts as inline SVG: the same data give the same bytes.

Colours are Okabe and Ito's (2008), which colour-blind readers tell apart.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from scenarios.schema import Scenario
from sim.event_tables import OrderStatus

BLUE, ORANGE, GREEN, RED, PURPLE, SKY, GREY = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#CC79A7",
    "#56B4E9",
    "#666666",
)
SIZES = {0: ("small", SKY), 1: ("medium", BLUE), 2: ("large", RED)}

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "weal",
    "font.family": "sans-serif",
    "font.size": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11.0,
    "axes.titlelocation": "left",
    "figure.dpi": 100,
}


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with words for those who cannot see it."""

    svg: str
    alternative: str


@dataclass(frozen=True, slots=True)
class Span:
    """An event to mark on charts."""

    start: float
    end: float
    label: str


def spans(scenario: Scenario) -> list[Span]:
    """The scenario's events with the days on which they hold."""
    return [
        Span(
            event.day,
            scenario.days if event.until is None else min(event.until, scenario.days),
            event.label or event.kind.replace("_", " "),
        )
        for event in scenario.events
        if event.day < scenario.days
    ]


def over_time(
    indicators: pd.DataFrame, name: str, title: str, unit: str, marked: Sequence[Span]
) -> Chart:
    """One indicator day by day, with its mean over seven days and the interventions marked."""
    values = indicators[name]
    smooth = values.rolling(7, min_periods=1, center=True).mean()
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(4.6, 2.6))
        axes = figure.add_axes((0.17, 0.19, 0.8, 0.68))
        axes.plot(values.index, values, color=SKY, linewidth=0.8, alpha=0.8)
        axes.plot(values.index, smooth, color=BLUE, linewidth=2.0)
        _mark(axes, marked)
        axes.set_title(title)
        axes.set_xlabel("day")
        axes.set_ylabel(unit)
        axes.margins(x=0.01)
        svg = _svg(figure)
    known = values.dropna()
    if known.empty:
        return Chart(svg, f"{title}: nothing was measured.")
    return Chart(
        svg,
        f"{title}, {unit}, by day: {known.iloc[0]:.3g} at first, {known.iloc[-1]:.3g} at last, "
        f"between {known.min():.3g} and {known.max():.3g}.",
    )


def bars(labels: Sequence[str], values: Sequence[float], title: str, unit: str) -> Chart:
    """Horizontal bars, one a label."""
    with mpl.rc_context(STYLE):
        height = 0.9 + 0.36 * len(labels)
        figure = Figure(figsize=(4.6, height))
        axes = figure.add_axes((0.3, 0.52 / height, 0.66, 1.0 - 0.84 / height))
        colours = [BLUE if value >= 0 else RED for value in values]
        axes.barh(range(len(labels)), values, color=colours, height=0.65)
        axes.set_yticks(range(len(labels)), labels)
        axes.invert_yaxis()
        axes.axvline(0, color=GREY, linewidth=0.8)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
        axes.set_title(title, x=-0.42)
        axes.set_xlabel(unit)
        svg = _svg(figure)
    told = "; ".join(f"{label} {value:.3g}" for label, value in zip(labels, values, strict=True))
    return Chart(svg, f"{title}, {unit}: {told}.")


def city_map(
    streets: pd.DataFrame,
    places: pd.DataFrame,
    merchants: pd.DataFrame,
    deliveries: pd.DataFrame,
    attribution: str,
) -> Chart:
    """Streets, shops by size, and where parcels went; the late ones stand out."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 7.2), layout="constrained")
        axes = figure.add_subplot()
        origin = np.array([places["x"].min(), places["y"].min()], dtype=np.float64)
        ends = streets[["x0", "y0", "x1", "y1"]].to_numpy(np.float64).reshape(-1, 2, 2)
        lines = (ends - origin) / 1000.0
        axes.add_collection(
            LineCollection(list(lines), colors="#c8c8c8", linewidths=0.5, rasterized=True, zorder=1)
        )
        x = (places["x"].to_numpy(np.float64) - origin[0]) / 1000.0
        y = (places["y"].to_numpy(np.float64) - origin[1]) / 1000.0
        done = deliveries[deliveries["status"] == OrderStatus.DELIVERED]
        late = done["delivered"] > done["due"]
        for rows, colour, label in ((~late, GREEN, "on time"), (late, ORANGE, "late")):
            count = done.loc[rows, "dropoff"].value_counts().sort_index()
            if len(count):
                axes.scatter(
                    x[count.index],
                    y[count.index],
                    s=3.0 + 40.0 * np.sqrt(count / max(count.max(), 1)),
                    color=colour,
                    alpha=0.35,
                    linewidths=0,
                    label=f"deliveries {label}",
                    rasterized=True,
                    zorder=2,
                )
        for size, (label, colour) in SIZES.items():
            shops = merchants[merchants["size"] == size]
            axes.scatter(
                x[shops["place"]],
                y[shops["place"]],
                s=10.0 + 18.0 * size,
                marker="s",
                facecolor=colour,
                edgecolor="black",
                linewidths=0.4,
                label=f"{label} shops ({len(shops)})",
                rasterized=True,
                zorder=3,
            )
        axes.set_aspect("equal")
        spread_x, spread_y = np.quantile(x, [0.005, 0.995]), np.quantile(y, [0.005, 0.995])
        axes.set_xlim(spread_x[0] - 0.3, spread_x[1] + 0.3)
        axes.set_ylim(spread_y[0] - 0.3, spread_y[1] + 0.3)
        axes.set_xlabel("kilometres east")
        axes.set_ylabel("kilometres north")
        axes.legend(loc="upper left", bbox_to_anchor=(0.0, -0.08), ncols=3, frameon=False)
        if attribution:
            axes.annotate(
                attribution,
                (1.0, 0.0),
                xycoords="axes fraction",
                ha="right",
                va="bottom",
                fontsize=7,
            )
        svg = _svg(figure, dpi=130)
    share = float(late.mean()) if len(done) else 0.0
    return Chart(
        svg,
        f"Map of the city: {len(merchants)} shops and {len(done):,} deliveries, {share:.0%} of "
        "them late. Dots are addresses, larger where more parcels went.",
    )


def _mark(axes: Axes, marked: Sequence[Span]) -> None:
    for number, span in enumerate(marked):
        axes.axvspan(span.start, span.end, color=ORANGE, alpha=0.13, linewidth=0)
        axes.axvline(span.start, color=ORANGE, linewidth=1.0, linestyle="--")
        axes.annotate(
            span.label,
            (span.start, 1.0 - 0.09 * (number % 3)),
            xycoords=("data", "axes fraction"),
            xytext=(3, -2),
            textcoords="offset points",
            fontsize=8,
            va="top",
        )


def _svg(figure: Figure, dpi: int = 100) -> str:
    """The figure as an SVG element for inlining."""
    out = io.StringIO()
    figure.savefig(out, format="svg", dpi=dpi, metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    return re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1).replace(
        ' height="', ' data-height="', 1
    )
