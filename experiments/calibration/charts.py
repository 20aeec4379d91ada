"""Charts of a calibration: priors and posteriors, and predictions against targets."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from experiments.calibration.calibrate import CalibrationResult
from experiments.calibration.priors import quantile
from experiments.calibration.wording import moment_names, parameter_names
from experiments.numerals import number
from experiments.reporting.charts import BLUE, GREY, ORANGE, RED, Chart, as_svg, styled, tick

BINS = 24
COLOURS = {"met": BLUE, "doubtful": ORANGE, "missed": RED}
FARTHEST = 8.0
"""Standard deviations at which an axis of predictions ends; what is farther is drawn there."""


def posterior_chart(result: CalibrationResult, place: int) -> Chart:
    """A parameter before (grey line) and after (bars).

    Args:
        result: the calibration's.
        place: the parameter's.
    """
    given = result.loaded.calibration.parameters[place]
    found, name = result.fit.parameters[place], parameter_names(result)[place]
    bins = np.linspace(given.low, given.high, BINS + 1)
    before = quantile(given, (np.arange(4000) + 0.5) / 4000)
    with styled():
        figure = Figure(figsize=(3.7, 1.9))
        axes = figure.add_axes((0.06, 0.2, 0.9, 0.76))
        axes.hist(
            result.fit.values[:, place],
            bins.tolist(),
            weights=result.fit.weight,
            color=BLUE,
            alpha=0.75,
        )
        shares, _ = np.histogram(before, bins, weights=np.full(len(before), 1.0 / len(before)))
        axes.stairs(shares, bins, color=GREY, linewidth=1.2)
        axes.axvline(found.mean, color=ORANGE, linewidth=1.4)
        axes.set_yticks([])
        axes.grid(visible=False)
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.xaxis.set_major_formatter(FuncFormatter(tick))
        svg = as_svg(figure, f"posterior-{place}")
    told = (
        f"{name}: {number(found.mean)}, 90 % from {number(found.low)} to {number(found.high)}; "
        f"prior from {number(given.low)} to {number(given.high)}."
    )
    return Chart(svg, told, told, name)


def predictive_chart(result: CalibrationResult) -> Chart:
    """Each moment's predictions on a scale on which the target is 0 and their spread is 1."""
    names, checks = moment_names(result), result.checks
    known = [place for place, one in enumerate(checks) if np.isfinite(one.z)]
    height = 0.75 + 0.32 * max(len(known), 1)
    with styled():
        figure = Figure(figsize=(7.4, height))
        axes = figure.add_axes((0.3, 0.5 / height, 0.66, 1.0 - 0.6 / height))
        axes.axvline(0.0, color=GREY, linewidth=1.0)
        axes.axvspan(-1.645, 1.645, color=GREY, alpha=0.1, linewidth=0)
        for row, place in enumerate(known):
            one, goal = checks[place], result.loaded.targets[place].value
            ends = np.clip(
                (np.array([one.low, one.mean, one.high]) - goal) / one.sd, -FARTHEST, FARTHEST
            )
            colour = COLOURS.get(one.word, GREY)
            axes.plot(ends[[0, 2]], [row, row], color=colour, linewidth=2.2)
            axes.plot(ends[1], row, "o", color=colour, markersize=5)
        axes.set_yticks(
            range(len(known)),
            [
                names[place]
                + (" (held out)" if result.loaded.targets[place].use == "check" else "")
                for place in known
            ],
        )
        axes.set_ylim(len(known) - 0.4, -0.6)
        axes.set_xlabel("predicted less target, in standard deviations of the prediction")
        axes.grid(visible=False)
        svg = as_svg(figure, "predictive")
    told = "; ".join(
        f"{names[place]}: predicted {number(checks[place].mean)} against "
        f"{number(result.loaded.targets[place].value)}, {checks[place].word}"
        for place in known
    )
    caption = "Dot: mean of predictions; line: 90 % of them; at 0: the target."
    return Chart(svg, f"Predictions against targets. {told}.", caption)
