"""Algorithmic collusion: sellers with Q-learning, left alone, ask more than competition would."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from matplotlib.figure import Figure

from experiments.replications.learning_sellers import Task, Traded, mean, runs, trade
from experiments.replications.logit_market import firms
from experiments.replications.protocol import Outcome, Row
from experiments.replications.study import Study, Tell, each
from experiments.reporting.charts import BLUE, GREY, ORANGE, Chart, as_svg, styled

PAPER = (
    "Calvano, Calzolari, Denicolò & Pastorello (2020), Artificial intelligence, algorithmic "
    "pricing, and collusion, American Economic Review 110(10)"
)
OURS = (
    "1,000 runs of a program of its own that follows the same paper (gain .841, standard "
    "deviation .113; 1.9 million periods)"
)

METHOD = (
    (
        "Two merchants with the pricing strategy q_learning ask one of 15 prices about those of "
        "competition and monopoly, remember the last prices of both, and learn by trial and error "
        "(alpha .15, delta .95, exploration exp(-beta t) with beta 4e-6) until no strategy has "
        "changed for 100,000 periods. They rehearse in the demand system that the market shows "
        "them, and then trade in it by what they learned; demand is expected."
    ),
    (
        "The profit gain is 0 at the profits of competition and 1 at those of a joint monopoly, "
        "both exact. It is measured from the market's orders over the days after which prices "
        "repeat. A run is one market of its own seed. More sellers and other discount factors "
        "are the same scenario with other values; with four sellers learning takes some twenty "
        "times as long, so that there are fewer runs of them."
    ),
)

DISCOUNTS = (0.0, 0.5, 0.8, 0.9)
NUMBERS = (3, 4)
PATIENT, IMPATIENT = 0.95, 0.5
COLUMNS = {
    "profit_gain": "gain",
    "mean_price": "price",
    "consumer_surplus": "surplus",
    "cycle_days": "cycle",
    "periods": "periods",
    "converged": "converged",
}


def alike(n: int) -> tuple[str, ...]:
    """`KEY=VALUE` for n sellers alike."""
    return (firms([2.0] * n, [1.0] * n, [1.5] * n),)


def discounting(delta: float) -> tuple[str, ...]:
    """`KEY=VALUE` for another discount factor."""
    return (f"policies.merchant_pricing.q_learning.delta={delta}",)


class Calvano:
    """The profit gain of learning sellers: two, more, impatient ones."""

    name: ClassVar[str] = "calvano"
    title: ClassVar[str] = "Pricing algorithms that learn by trial and error come to collude"
    scenario: ClassVar[str] = "calvano"
    source: ClassVar[str] = PAPER
    method: ClassVar[tuple[str, ...]] = METHOD
    replications: ClassVar[int] = 50

    def measure(self, study: Study, tell: Tell) -> Outcome:
        """Make every run, and hold profit gains against what was found."""
        often = study.replications
        fewer = max(2, often * 2 // 5)
        cases: list[tuple[str, tuple[str, ...], int]] = [("two", (), often)]
        cases += [(f"delta {d}", discounting(d), fewer) for d in DISCOUNTS]
        cases += [
            (f"sellers {n}", alike(n), fewer if n == 3 else max(2, often // 8)) for n in NUMBERS
        ]
        tasks = [
            Task(study, settings, seed) for _, settings, count in cases for seed in range(count)
        ]
        results = iter(each(trade, tasks, workers=study.workers, tell=tell))
        found = {name: [next(results) for _ in range(count)] for name, _, count in cases}
        rows = [*two_rows(found["two"]), *other_rows(found)]
        data = {"runs": runs(found, "case", COLUMNS)}
        return Outcome(tuple(rows), (gains_chart(found["two"]), others_chart(found)), data)


def two_rows(two: Sequence[Traded]) -> list[Row]:
    """What two sellers come to."""
    gain, error = mean([one.gain for one in two])
    periods, periods_error = mean([one.periods / 1e6 for one in two])
    return [
        Row.between(
            "profit gain of two sellers", "0.841", gain, 0.78, 0.90, source=OURS, error=error
        ),
        Row.between(
            "share of runs that converge",
            "1.00",
            float(np.mean([one.converged for one in two])),
            1.0,
            math.inf,
            source=OURS,
        ),
        Row.between(
            "periods until strategies stand, millions",
            "1.90",
            periods,
            1.5,
            2.3,
            source=OURS,
            error=periods_error,
        ),
    ]


def other_rows(found: dict[str, list[Traded]]) -> list[Row]:
    """What more sellers and impatient ones come to, beside two patient ones."""
    gains = {name: mean([one.gain for one in ones]) for name, ones in found.items()}
    rows = []
    for more, fewer, n in (("sellers 3", "two", 3), ("sellers 4", "sellers 3", 4)):
        rows.append(
            Row.above_zero(
                f"profit gain of {n - 1} sellers less that of {n}",
                "more sellers collude less",
                gains[fewer][0] - gains[more][0],
                source=PAPER,
                error=float(np.hypot(gains[fewer][1], gains[more][1])),
                settings=alike(n),
            )
        )
    impatient, error = gains[f"delta {IMPATIENT}"]
    rows += [
        Row.between(
            f"profit gain of two impatient sellers, delta = {IMPATIENT}",
            "hardly any",
            impatient,
            -math.inf,
            0.35,
            source=PAPER,
            error=error,
            settings=discounting(IMPATIENT),
        ),
        Row.above_zero(
            f"profit gain at delta = {PATIENT} less that at {IMPATIENT}",
            "impatient sellers hardly collude",
            gains["two"][0] - impatient,
            source=PAPER,
            error=float(np.hypot(gains["two"][1], error)),
            settings=discounting(IMPATIENT),
        ),
    ]
    return rows


def gains_chart(two: Sequence[Traded]) -> Chart:
    """Runs of two sellers by their profit gain."""
    gains = [one.gain for one in two]
    average, error = mean(gains)
    edges = np.linspace(min(0.0, *gains), max(1.0, *gains), 21)
    with styled():
        figure = Figure(figsize=(4.6, 2.8))
        axes = figure.add_axes((0.12, 0.17, 0.84, 0.71))
        axes.grid(visible=True)
        axes.hist(gains, bins=list(edges), color=BLUE)
        axes.axvline(average, color=ORANGE, linewidth=1.5)
        axes.set_title("Runs of two sellers")
        axes.set_xlabel("profit gain (0 competition, 1 monopoly)")
        axes.set_ylabel("runs")
        svg = as_svg(figure, "gains")
    return Chart(
        svg,
        f"{len(gains)} runs by profit gain: from {min(gains):.2f} to {max(gains):.2f}, mean "
        f"{average:.3f} (standard error {error:.3f}).",
        "Where each run ended; the line is their mean.",
    )


def others_chart(found: dict[str, list[Traded]]) -> Chart:
    """Profit gains by discount factor and by number of sellers."""
    by_delta = [(d, *mean([one.gain for one in found[f"delta {d}"]])) for d in DISCOUNTS]
    by_delta.append((PATIENT, *mean([one.gain for one in found["two"]])))
    by_number = [(2, *mean([one.gain for one in found["two"]]))]
    by_number += [(n, *mean([one.gain for one in found[f"sellers {n}"]])) for n in NUMBERS]
    with styled():
        figure = Figure(figsize=(5.8, 2.8))
        left = figure.add_axes((0.10, 0.17, 0.47, 0.71))
        right = figure.add_axes((0.68, 0.17, 0.29, 0.71))
        for axes, points, title, what in (
            (left, by_delta, "By patience, two sellers", "discount factor"),
            (right, by_number, "By number", "sellers"),
        ):
            place, gain, error = (np.array(column) for column in zip(*points, strict=True))
            axes.grid(visible=True)
            axes.errorbar(place, gain, yerr=2 * error, fmt="o-", color=BLUE, capsize=3)
            axes.axhline(0.0, color=GREY, linewidth=0.8)
            axes.set_ylim(min(-0.1, float(gain.min()) - 0.1), 1.0)
            axes.set_title(title)
            axes.set_xlabel(what)
        left.set_ylabel("profit gain")
        right.set_xticks([2, *NUMBERS])
        svg = as_svg(figure, "others")
    told = "; ".join(
        [f"delta {d:g}: {gain:.2f}" for d, gain, _ in by_delta]
        + [f"{n} sellers: {gain:.2f}" for n, gain, _ in by_number]
    )
    return Chart(
        svg,
        f"Mean profit gain. {told}.",
        "Means of runs with two standard errors either way. Who discounts the future heavily "
        "hardly colludes; more sellers collude less.",
    )
