"""Charts of a study's report; each stands beside a table that has its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from experiments.numerals import is_share, unit_in_words
from experiments.reporting.charts import (
    BLUE,
    GREY,
    INK,
    RED,
    SKY,
    Chart,
    as_svg,
    styled,
    tick,
)
from experiments.reporting.comparison_charts import SHORT, short_label
from experiments.study_report.answer import Amount, Lever, Row, Setting, StudyAnswer
from experiments.study_report.labels import is_numeric

GREEN = "#009E73"
ZONE = "#cfeadf"
MOST_LABELS = 24
"""Settings beyond which a chart has no room for their labels."""


def scale_of(unit: str) -> float:
    """What values are multiplied by for an axis: shares become percentages."""
    return 100.0 if is_share(unit) else 1.0


def over_lever(answer: StudyAnswer, row: Row, *, differences: bool) -> Chart | None:
    """A quantity over the settings with its bands; the zone of best-or-tied is shaded.

    Args:
        answer: of a grid.
        row: the quantity.
        differences: whether to draw differences from the base, or means.

    Returns:
        The chart; None where there are too many settings to draw.
    """
    settings = answer.settings
    places = _places(answer)
    if places is None and len(settings) > MOST_LABELS:
        return None
    x = np.arange(len(settings), dtype=float) if places is None else places
    amounts = row.differences if differences else row.means
    mean, low, high = (end * scale_of(row.unit) for end in ends_of(amounts))
    with styled():
        figure = Figure(figsize=(4.2, 2.6))
        floor = 0.19 if places is not None else 0.36
        axes = figure.add_axes((0.15, floor, 0.83, 0.97 - floor))
        axes.grid(visible=True)
        _shade(axes, answer, x, places is not None)
        if differences:
            axes.axhline(0.0, color=GREY, linewidth=0.9)
        if places is not None:
            turn = np.argsort(x)
            axes.fill_between(x[turn], low[turn], high[turn], color=SKY, alpha=0.35, linewidth=0)
            axes.plot(x[turn], mean[turn], color=BLUE, linewidth=1.6, marker="o", markersize=4)
            _lever_axis(axes, answer.levers[0])
        else:
            axes.errorbar(
                x,
                mean,
                yerr=whiskers(mean, low, high),
                fmt="o",
                color=BLUE,
                markersize=4,
                capsize=2.5,
            )
            _setting_axis(axes, answer)
        base = answer.base
        axes.plot([x[base]], [mean[base]], marker="s", markersize=6, color=INK, linestyle="none")
        _value_axis(axes)
        kind = "difference" if differences else "mean"
        svg = as_svg(figure, f"{kind}-{row.key.replace('_', '-')}")
    title = f"{row.label}: difference from the base" if differences else row.label
    told = "; ".join(
        f"{one.label}: {amount.told}" + (f" ({amount.band})" if amount.band else "")
        for one, amount in zip(settings, amounts, strict=True)
    )
    unit = unit_in_words(row.unit)
    unit = unit.replace("%", "percentage points", 1) if differences else unit
    return Chart(svg, f"{title}, {unit}. {told}.", row.meaning, title, f"{unit}; {row.window}")


def gains(answer: StudyAnswer) -> Chart | None:
    """What each side of the market gains under the recommended setting, or its rival."""
    setting = shown_setting(answer)
    if setting < 0 or not answer.sides:
        return None
    rows = answer.sides
    amounts = [row.differences[setting] for row in rows]
    mean, low, high = ends_of(amounts)
    colours = {"better": GREEN, "worse": RED}
    with styled():
        height = 0.6 + 0.3 * len(rows)
        figure = Figure(figsize=(4.6, height))
        axes = figure.add_axes((0.3, 0.3 / height, 0.66, 1.0 - 0.36 / height))
        axes.axvline(0.0, color=GREY, linewidth=0.9)
        y = np.arange(len(rows))
        axes.barh(
            y,
            np.nan_to_num(mean),
            height=0.6,
            color=[colours.get(row.changes[setting], "#c8ccd1") for row in rows],
        )
        axes.errorbar(
            np.nan_to_num(mean),
            y,
            xerr=whiskers(mean, low, high),
            fmt="none",
            ecolor=INK,
            capsize=2.5,
        )
        axes.set_yticks(y, [row.label for row in rows])
        axes.invert_yaxis()
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.xaxis.set_major_formatter(FuncFormatter(tick))
        svg = as_svg(figure, "gains")
    title = (
        f"{answer.settings[setting].label} against {answer.settings[answer.base].label}, the base"
    )
    told = "; ".join(
        f"{row.label} {a.told} ({a.band})" for row, a in zip(rows, amounts, strict=True)
    )
    caption = "Green gains, red loses, grey: cannot be told. Whiskers: 95 % interval."
    return Chart(svg, f"{title}, currency a day: {told}.", caption, title, "currency a day")


def shown_setting(answer: StudyAnswer) -> int:
    """The setting of which gains are drawn: the recommended one, or the next if that is the base.

    -1: none.
    """
    if answer.recommended != answer.base:
        return answer.recommended
    rival = answer.survival.rival if answer.survival else ""
    labels = [one.label for one in answer.settings]
    return labels.index(rival) if rival in labels else -1


def pareto(answer: StudyAnswer) -> Chart | None:
    """Two outcomes against each other, the first of the front with the deciding one."""
    found = answer.front
    if found is None:
        return None
    keys = [answer.deciding] if answer.deciding in found.keys else [found.keys[0]]
    keys += [key for key in found.keys if key not in keys][:1]
    rows = {one.key: one for one in answer.outcomes}
    x, y = rows[keys[0]], rows[keys[1]]
    across = ends_of(x.means)[0] * scale_of(x.unit)
    up = ends_of(y.means)[0] * scale_of(y.unit)
    with styled():
        figure = Figure(figsize=(4.4, 3.0))
        axes = figure.add_axes((0.16, 0.17, 0.8, 0.8))
        axes.grid(visible=True, axis="both")
        for place, one in enumerate(answer.settings):
            on = found.on_front[place]
            colour = BLUE if on else (SKY if found.may_be_on_front[place] else "#c8ccd1")
            axes.plot(across[place], up[place], "o", color=colour, markersize=8 if on else 6)
            if len(answer.settings) <= MOST_LABELS:
                axes.annotate(
                    levels_alone(answer, one),
                    (across[place], up[place]),
                    (5, 4),
                    textcoords="offset points",
                    fontsize=8,
                )
        for axis, row in ((axes.xaxis, x), (axes.yaxis, y)):
            axis.set_major_locator(MaxNLocator(5))
            axis.set_major_formatter(FuncFormatter(tick))
            way = {"higher": "more is better", "lower": "less is better"}[row.better]
            axis.set_label_text(f"{short_label(row.label, 34)} ({way})", fontsize=8.5)
        axes.margins(0.1)
        svg = as_svg(figure, "pareto")
    caption = "Dark: on the front by the means. Light blue: may be on it. Grey: beaten for sure."
    title = f"{x.label} and {y.label}"
    points = "; ".join(
        f"{one.label}: {a.told} and {b.told}"
        for one, a, b in zip(answer.settings, x.means, y.means, strict=True)
    )
    return Chart(svg, f"{title}. {points}.", caption, title)


def heat(answer: StudyAnswer) -> dict[str, Any] | None:
    """The deciding outcome by two levers as a coloured table; None if there are not two."""
    if len(answer.levers) != 2:
        return None
    down, across = answer.levers
    row = next(one for one in answer.outcomes if one.key == answer.deciding)
    means = np.array([one.mean for one in row.means])
    low, high = np.nanmin(means), np.nanmax(means)
    shades = (means - low) / (high - low or 1.0)
    cells = [
        {
            "told": amount.told,
            "best": setting.may_be_best,
            "colour": to_hex(mpl.colormaps["cividis"](0.25 + 0.75 * shade)),
            "ink": "#ffffff" if shade < 0.35 else INK,
        }
        for setting, amount, shade in zip(
            answer.settings, row.means, np.nan_to_num(shades), strict=True
        )
    ]
    width = len(across.told)
    return {
        "down": down.label,
        "across": across.label,
        "columns": across.told,
        "rows": [
            {"level": level, "cells": cells[place * width : (place + 1) * width]}
            for place, level in enumerate(down.told)
        ],
    }


def _places(answer: StudyAnswer) -> np.ndarray | None:
    """(S,) positions of settings on the axis of the only lever; None: one beside the other."""
    if len(answer.levers) != 1 or not all(map(is_numeric, answer.levers[0].levels)):
        return None
    lever = answer.levers[0]
    levels = [float(lever.levels[one.places[0]]) for one in answer.settings]
    return np.array(levels) * scale_of(lever.unit)


def ends_of(amounts: Sequence[Amount]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means and both ends of their intervals; without an interval the ends are the mean."""
    mean = np.array([one.mean for one in amounts])
    low = np.array([one.low for one in amounts])
    high = np.array([one.high for one in amounts])
    return mean, np.where(np.isfinite(low), low, mean), np.where(np.isfinite(high), high, mean)


def whiskers(mean: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """(2, K) distances to the ends of intervals, which rounding must not make negative."""
    return np.asarray(np.nan_to_num(np.maximum(np.stack([mean - low, high - mean]), 0.0)))


def _shade(axes: Axes, answer: StudyAnswer, x: np.ndarray, numeric: bool) -> None:
    """The zones of settings that may be the best."""
    if not numeric:
        for place, one in enumerate(answer.settings):
            if one.may_be_best:
                axes.axvspan(place - 0.45, place + 0.45, color=ZONE, linewidth=0)
        return
    least = 0.012 * (x.max() - x.min() or 1.0)
    scale = scale_of(answer.levers[0].unit)
    for low, high in answer.zones:
        axes.axvspan(low * scale - least, high * scale + least, color=ZONE, linewidth=0)


def _lever_axis(axes: Axes, lever: Lever) -> None:
    unit = unit_in_words(lever.unit) if is_share(lever.unit) else lever.unit
    axes.set_xlabel(f"{lever.label}, {unit}" if unit else lever.label)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(tick))


def levels_alone(answer: StudyAnswer, setting: Setting) -> str:
    """What a chart calls a setting: its levels alone, in the order of the levers."""
    levels = zip(answer.levers, setting.places, strict=True)
    told = [lever.told[place] for lever, place in levels]
    return short_label(", ".join(told) or setting.label, SHORT)


def _setting_axis(axes: Axes, answer: StudyAnswer) -> None:
    names = [levels_alone(answer, one) for one in answer.settings]
    axes.set_xlabel(short_label(", ".join(one.label for one in answer.levers), 60), fontsize=8)
    axes.set_xticks(range(len(names)), names, rotation=35, fontsize=8)
    for text in axes.get_xticklabels():
        text.set_horizontalalignment("right")


def _value_axis(axes: Axes) -> None:
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(tick))
