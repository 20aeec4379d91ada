"""Charts of whether the recommendation holds in other worlds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from experiments.numerals import unit_in_words
from experiments.reporting.charts import GREY, INK, RED, Chart, as_svg, styled, tick
from experiments.reporting.comparison_charts import short_label
from experiments.study_report.answer import Amount, StudyAnswer
from experiments.study_report.charts import GREEN, MOST_LABELS, ends_of, scale_of, whiskers


def tornado(answer: StudyAnswer, *, over_rival: bool) -> Chart | None:
    """The recommended setting less another in each world, those that move it most first."""
    tried = answer.survival
    if tried is None:
        return None
    pairs = [
        (world, amount)
        for world in tried.worlds
        if (amount := world.over_rival if over_rival else world.over_base) is not None
    ]
    if not pairs:
        return None
    row = next(one for one in answer.outcomes if one.key == answer.deciding)
    own = pairs[0][1].mean
    rest = sorted(pairs[1:], key=lambda pair: -_swing(pair[0].factor, pairs, own, pair[1]))
    shown = [pairs[0], *rest][: MOST_LABELS + 1]
    colours = {"holds": GREEN, "reversed": RED}
    mean, low, high = (end * scale_of(row.unit) for end in ends_of([one for _, one in shown]))
    other = tried.rival if over_rival else tried.base
    with styled():
        height = 0.6 + 0.26 * len(shown)
        figure = Figure(figsize=(5.2, height))
        axes = figure.add_axes((0.4, 0.42 / height, 0.57, 1.0 - 0.5 / height))
        axes.axvline(0.0, color=INK, linewidth=0.9)
        axes.axvline(own * scale_of(row.unit), color=GREY, linewidth=0.8, linestyle=":")
        for place, (world, _) in enumerate(shown):
            axes.errorbar(
                [mean[place]],
                [place],
                xerr=whiskers(mean[[place]], low[[place]], high[[place]]),
                fmt="o",
                markersize=5,
                capsize=3,
                color=colours.get(world.fate, GREY),
            )
        names = [short_label(world.label, 30) for world, _ in shown]
        axes.set_yticks(range(len(shown)), names)
        axes.set_ylim(len(shown) - 0.5, -0.5)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.xaxis.set_major_formatter(FuncFormatter(tick))
        axes.set_xlabel(unit_in_words(row.unit).replace("%", "percentage points", 1))
        svg = as_svg(figure, "tornado-rival" if over_rival else "tornado-base")
    title = f"How much better {tried.recommended} is than {other}, in each world"
    told = "; ".join(f"{world.label}: {one.told} ({one.band})" for world, one in shown)
    caption = (
        "Right of the line: better. Green: the recommendation holds there; red: it is reversed; "
        "grey: cannot be told. Dotted: the scenario as it is."
    )
    return Chart(svg, f"{title}. {told}.", caption, title)


def _swing(factor: str, pairs: Sequence[tuple[object, Amount]], own: float, alone: Amount) -> float:
    """How far an uncertainty moves the difference at most; of other worlds: this one."""
    moved = [
        abs(one.mean - own)
        for world, one in pairs
        if factor and getattr(world, "factor", "") == factor
    ]
    return float(np.nan_to_num(max(moved, default=abs(alone.mean - own))))
