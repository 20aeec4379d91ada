"""Charts of a comparison: an indicator over the settings, and its course under each of them."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from experiments.comparison import Comparison
from experiments.headline import WEEK
from experiments.interventions import interventions
from experiments.numerals import is_share, measured, unit_in_words
from experiments.reporting.charts import (
    BLUE,
    GREY,
    ORANGE,
    RED,
    SKY,
    Chart,
    as_svg,
    mark_interventions,
    styled,
    tick,
)
from sim.health import find

SPAN_COLOURS = (BLUE, ORANGE, RED, SKY, GREY)
SHORT = 16
"""Characters of a label that a chart has room for."""

SPAN_MARKERS = ("o", "s", "^", "D", "v")


def over_settings(
    comparison: Comparison, name: str, title: str, places: Sequence[float] | None
) -> Chart:
    """An indicator's mean under each setting, a line for each span of days.

    Whiskers are the 95 % interval of the difference from the base, put at the setting's mean: one
    that does not reach the base's level tells the two apart.

    Args:
        comparison: what was run.
        name: the indicator.
        title: what the reader knows it as.
        places: (V,) positions on the axis, for numeric settings; None: one beside the other.
    """
    indicator = find(name)
    scale = 100.0 if is_share(indicator.unit) else 1.0
    rows = comparison.table[comparison.table["indicator"] == name].set_index(["span", "scenario"])
    x = np.arange(len(comparison.labels)) if places is None else np.asarray(places)
    spans = [span.name for span in comparison.spans]
    shown = spans[1:] or spans
    told = []
    with styled():
        figure = Figure(figsize=(3.7, 2.4))
        floor = 0.3 if places is None else 0.2
        axes = figure.add_axes((0.135, floor, 0.845, 0.96 - floor))
        axes.grid(visible=True)
        reach = 0.008 * (x.max() - x.min() or 1.0)
        for number, span in enumerate(shown):
            own = rows.loc[span].loc[list(comparison.labels)]
            mean = own["mean"].to_numpy(float) * scale
            half = (own["high"] - own["low"]).to_numpy(float) * scale / 2.0
            colour = SPAN_COLOURS[number % len(SPAN_COLOURS)]
            axes.errorbar(
                x + (number - (len(shown) - 1) / 2.0) * reach,
                mean,
                yerr=np.nan_to_num(half),
                color=colour,
                marker=SPAN_MARKERS[number % len(SPAN_MARKERS)],
                markersize=3.5,
                linewidth=1.3,
                capsize=2.0,
                label=span,
            )
            told.append(
                f"{span}: "
                + ", ".join(
                    f"{label}: {measured(value / scale, indicator.unit)}"
                    for label, value in zip(comparison.labels, mean, strict=True)
                )
            )
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_formatter(FuncFormatter(tick))
        if places is None:
            axes.set_xticks(
                x, [short_label(label, SHORT) for label in comparison.labels], rotation=30
            )
            for text in axes.get_xticklabels():
                text.set_horizontalalignment("right")
        else:
            axes.set_xlabel(comparison.labels[0].rpartition(" = ")[0].replace("_", " "))
            axes.xaxis.set_major_locator(MaxNLocator(6))
        if len(shown) > 1:
            axes.legend(frameon=False, fontsize=8, loc="best")
        svg = as_svg(figure, f"settings-{name.replace('_', '-')}")
    unit = unit_in_words(indicator.unit)
    return Chart(svg, f"{title}, {unit}. {'; '.join(told)}.", indicator.sentence, title, unit)


def day_by_day(
    comparison: Comparison, name: str, title: str, places: Sequence[float] | None
) -> Chart:
    """An indicator's course under each setting: the mean over replications and the last week.

    Args:
        comparison: what was run.
        name: the indicator.
        title: what the reader knows it as.
        places: (V,) numeric settings, by which lines are shaded from low to high; None: by order.
    """
    indicator = find(name)
    scale = 100.0 if is_share(indicator.unit) else 1.0
    rank = np.argsort(np.argsort(places)) if places is not None else range(len(comparison.labels))
    colours = mpl.colormaps["cividis"](np.linspace(0.0, 0.88, len(comparison.labels)))
    marked = interventions(comparison.scenarios[0], comparison.scenarios[0].days)
    ends = []
    with styled():
        figure = Figure(figsize=(3.7, 2.4))
        axes = figure.add_axes((0.135, 0.2, 0.63, 0.76))
        axes.grid(visible=True)
        for place, label in zip(rank, comparison.labels, strict=True):
            values: pd.Series = comparison.daily.xs(label)[name] * scale
            smooth = values.rolling(WEEK, min_periods=1).mean()
            axes.plot(
                smooth.index,
                smooth,
                color=colours[place],
                linewidth=1.4,
                label=short_label(label, SHORT),
            )
            ends.append(f"{label}: {measured(float(smooth.iloc[-1]) / scale, indicator.unit)}")
        mark_interventions(axes, marked)
        axes.set_xlabel("day")
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_formatter(FuncFormatter(tick))
        axes.legend(
            frameon=False, fontsize=7, loc="upper left", bbox_to_anchor=(1.0, 1.0), handlelength=1.2
        )
        svg = as_svg(figure, f"daily-{name.replace('_', '-')}")
    unit = unit_in_words(indicator.unit)
    told = f"{title}, {unit}, by day; in the last week, {'; '.join(ends)}."
    return Chart(svg, told, indicator.sentence, title, unit)


def short_label(label: str, width: int | None = None) -> str:
    """A label without the names of what is varied: the values alone tell settings apart.

    Args:
        label: such as "max_share_of_price = 0.1", or the name of a scenario.
        width: characters beyond which it is cut.
    """
    parts = label.split(", ")
    if all(" = " in part for part in parts):
        label = ", ".join(part.rpartition(" = ")[2] for part in parts)
    return label if width is None or len(label) <= width else f"{label[: width - 1]}…"
