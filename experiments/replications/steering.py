"""Steering by the platform: when showing fewer sellers helps consumers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.replications.learning_sellers import Task, Traded, mean, runs, trade
from experiments.replications.logit_market import firms, last_day
from experiments.replications.logit_theory import Logit
from experiments.replications.protocol import Outcome, Row
from experiments.replications.study import Study, Tell, each
from experiments.reporting.charts import BLUE, GREY, ORANGE, Chart, as_svg, styled

PAPER = (
    "Johnson, Rhodes & Wildenbeest (2023), Platform design when sellers use pricing algorithms, "
    "Econometrica 91(5): ordering and signs"
)
CLOSED_FORM = (
    "closed form: surplus mu ln(k exp((a - c)/mu) + 1) of k products at cost exceeds that of n at "
    "Nash prices; the comparison is that of Johnson, Rhodes & Wildenbeest (2023)"
)

METHOD = (
    (
        "First without learning. n merchants that answer each other's prices compete, all of them "
        "shown, until prices rest; beside it the same merchants ask what a unit costs them, and "
        "the platform shows the k cheapest only. The least k from which consumers gain by it is "
        "looked for in the market itself, from 1 upwards; a = 2, c = 1, mu = .25, a0 = 0, demand "
        "is expected."
    ),
    (
        "Then against sellers that learn. Two merchants with the strategy q_learning (alpha .15, "
        "delta .95, beta 1e-5) rehearse under the steering that is announced to them and trade "
        "under it. Price-directed prominence shows the cheapest, equals by chance; its dynamic "
        "form lets who is shown keep the place as long as it does not raise its price and is not "
        "undercut by more than 3 % of it, which lies between one step and two of the sellers' "
        "price grid. Consumer surplus is the market's own, averaged over 30 days of trade."
    ),
)

NUMBERS = (2, 3, 5, 10, 20)
DAYS = 30
POLICIES = {
    "none": "no steering",
    "price_directed_prominence": "price-directed prominence",
    "dynamic_prominence": "dynamic prominence",
}

COLUMNS = {
    "consumer_surplus": "surplus",
    "mean_price": "price",
    "periods": "periods",
    "converged": "converged",
}

AT_COST = (
    "merchants.strategies={cost_plus=1.0}",
    "policies.merchant_pricing={cost_plus={markup=0.0, adjustment=1.0}}",
)
COMPETING = (
    "merchants.strategies={best_response=1.0}",
    "policies.merchant_pricing={}",
    'policies.steering={name="none"}',
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Consumers with n sellers: in competition, and steered to the k cheapest at cost."""

    n: int
    competition: float  # surplus a buyer
    steered: tuple[float, ...]  # surplus a buyer with k = 1, 2, ... shown, up to the first gain

    @property
    def smallest(self) -> int:
        """The least number shown from which consumers gain."""
        return len(self.steered)


class Steering:
    """The smallest k that helps, and prominence against learning sellers."""

    name: ClassVar[str] = "steering"
    title: ClassVar[str] = "Showing fewer sellers helps consumers if they cannot take turns"
    scenario: ClassVar[str] = "steering"
    source: ClassVar[str] = PAPER
    method: ClassVar[tuple[str, ...]] = METHOD
    replications: ClassVar[int] = 100

    def measure(self, study: Study, tell: Tell) -> Outcome:
        """Compare competition with steering, and run the markets of learning sellers."""
        often = study.replications
        total = len(NUMBERS) + often * len(POLICIES)
        comparisons = each(
            compare,
            [(study, n) for n in NUMBERS],
            workers=study.workers,
            tell=_shifted(tell, 0, total),
        )
        tasks = [
            Task(study, steered(policy), seed, DAYS) for policy in POLICIES for seed in range(often)
        ]
        results = each(
            trade, tasks, workers=study.workers, tell=_shifted(tell, len(NUMBERS), total)
        )
        found = {
            policy: results[place * often : (place + 1) * often]
            for place, policy in enumerate(POLICIES)
        }
        rows = [*(smallest_row(one) for one in comparisons), *learning_rows(found)]
        frames = {"closed_form": _compared(comparisons), "runs": runs(found, "steering", COLUMNS)}
        charts = (comparison_chart(comparisons), learning_chart(found))
        return Outcome(tuple(rows), charts, frames)


def compare(task: tuple[Study, int]) -> Comparison:
    """Look for the smallest k from which consumers gain by steering to sellers at cost."""
    study, n = task
    sellers = firms([2.0] * n, [1.0] * n, [1.3] * n)

    def surplus(*settings: str, days: int) -> float:
        market = study.lived(sellers, *settings, days=days)
        consumers = last_day(market).surplus
        market.end()
        return consumers

    competition = surplus(*COMPETING, days=40)
    shown: list[float] = []
    while len(shown) < n and (not shown or shown[-1] <= competition):
        shown.append(surplus(*AT_COST, k_cheapest(len(shown) + 1), days=2))
    return Comparison(n, competition, tuple(shown))


def k_cheapest(k: int) -> str:
    """`KEY=VALUE` for showing the k cheapest."""
    return f'policies.steering={{name="k_cheapest", k={k}}}'


def steered(policy: str) -> tuple[str, ...]:
    """`KEY=VALUE` for a steering policy; the dynamic one is the scenario's own."""
    return () if policy == "dynamic_prominence" else (f'policies.steering={{name="{policy}"}}',)


def smallest_in_theory(n: int) -> int:
    """The least k with `k exp((a - c)/mu) > n exp((a - p)/mu)` at Nash prices p."""
    market = Logit.symmetric(n)
    at_nash = np.exp((market.a - market.nash()) / market.mu).sum()
    return int(np.floor(at_nash / np.exp((market.a[0] - market.c[0]) / market.mu))) + 1


def smallest_row(one: Comparison) -> Row:
    """The smallest k for one number of sellers."""
    exact = smallest_in_theory(one.n)
    row = Row.between(
        f"fewest at cost that consumers prefer to {one.n} in competition",
        str(exact),
        float(one.smallest),
        float(exact),
        float(exact),
        source=CLOSED_FORM,
        settings=(firms([2.0] * one.n, [1.0] * one.n, [1.3] * one.n), *AT_COST, k_cheapest(exact)),
    )
    return replace(row, tolerance="exactly")


def learning_rows(found: dict[str, list[Traded]]) -> list[Row]:
    """What prominence does to consumers of learning sellers."""
    base = [one.surplus for one in found["none"]]
    pdp, pdp_error = change([one.surplus for one in found["price_directed_prominence"]], base)
    dynamic, dynamic_error = change([one.surplus for one in found["dynamic_prominence"]], base)
    return [
        Row.between(
            "change of consumer surplus by price-directed prominence",
            "hardly helps",
            pdp,
            -np.inf,
            0.05,
            source=PAPER,
            error=pdp_error,
            settings=steered("price_directed_prominence"),
        ),
        Row.between(
            "change of consumer surplus by dynamic prominence",
            "helps",
            dynamic,
            0.20,
            np.inf,
            source=PAPER,
            error=dynamic_error,
            settings=steered("dynamic_prominence"),
        ),
        Row.above_zero(
            "change by dynamic prominence less that by price-directed prominence",
            "the dynamic form helps more",
            dynamic - pdp,
            source=PAPER,
            error=float(np.hypot(pdp_error, dynamic_error)),
        ),
    ]


def change(values: Sequence[float], base: Sequence[float]) -> tuple[float, float]:
    """Change of a mean against another, as a share of it, and its standard error."""
    (value, error), (before, before_error) = mean(values), mean(base)
    ratio = value / before
    return ratio - 1.0, float(np.hypot(error / before, ratio * before_error / before))


def _shifted(tell: Tell, begin: int, total: int) -> Callable[[int, int], None]:
    return lambda done, _total: tell(begin + done, total)


def _compared(comparisons: Sequence[Comparison]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "sellers": one.n,
            "shown_at_cost": k,
            "surplus_steered": surplus,
            "surplus_competition": one.competition,
        }
        for one in comparisons
        for k, surplus in enumerate(one.steered, start=1)
    )


def comparison_chart(comparisons: Sequence[Comparison]) -> Chart:
    """Surplus in competition by number of sellers, and that of the fewest at cost that beat it."""
    n = [one.n for one in comparisons]
    competition = [one.competition for one in comparisons]
    best = [one.steered[-1] for one in comparisons]
    with styled():
        figure = Figure(figsize=(4.6, 3.0))
        axes = figure.add_axes((0.13, 0.16, 0.83, 0.72))
        axes.grid(visible=True)
        theory = [Logit.symmetric(k) for k in range(2, 21)]
        exact = [market.surplus(market.nash()) for market in theory]
        axes.plot(range(2, 21), exact, color=GREY, label="competition, theory")
        axes.plot(n, competition, "o", color=BLUE, label="competition, market")
        axes.plot(n, best, "^", color=ORANGE, label="the fewest at cost that beat it")
        for one in comparisons:
            axes.annotate(
                f"k = {one.smallest}",
                (one.n, one.steered[-1]),
                (0, 6),
                textcoords="offset points",
                ha="center",
                fontsize=8,
            )
        axes.set_xscale("log")
        axes.set_xticks(n, [str(one) for one in n])
        axes.minorticks_off()
        axes.set_ylim(0.0, 1.8)
        axes.set_title("Consumer surplus by number of sellers")
        axes.set_xlabel("sellers, n")
        axes.set_ylabel("surplus a buyer")
        axes.legend(fontsize=8, frameon=False, loc="lower right")
        svg = as_svg(figure, "closed_form")
    told = "; ".join(
        f"n = {one.n}: {one.competition:.3f} in competition, {one.steered[-1]:.3f} with "
        f"k = {one.smallest}"
        for one in comparisons
    )
    return Chart(
        svg,
        f"Consumer surplus by number of sellers. {told}.",
        "Fewer products at cost can be worth more than many at competitive prices: two of five, "
        "four of ten.",
    )


def learning_chart(found: dict[str, list[Traded]]) -> Chart:
    """Consumer surplus by steering, one point a run."""
    names = list(POLICIES.values())
    with styled():
        figure = Figure(figsize=(4.6, 2.6))
        axes = figure.add_axes((0.22, 0.19, 0.74, 0.69))
        axes.grid(visible=True)
        for place, policy in enumerate(POLICIES):
            surplus = np.array([one.surplus for one in found[policy]])
            spread = np.linspace(-0.25, 0.25, len(surplus)) if len(surplus) > 1 else np.zeros(1)
            axes.plot(surplus, place + spread, ".", color=BLUE, markersize=3)
            axes.plot([surplus.mean()] * 2, [place - 0.35, place + 0.35], color=ORANGE)
        axes.set_yticks(range(len(names)), [name.replace(" ", "\n", 1) for name in names])
        axes.invert_yaxis()
        highest = max(one.surplus for ones in found.values() for one in ones)
        axes.set_xlim(0.0, 1.1 * highest)
        axes.set_title("Consumer surplus, two sellers that learn")
        axes.set_xlabel("surplus a buyer")
        svg = as_svg(figure, "learning")
    told = "; ".join(
        f"{name} {np.mean([one.surplus for one in found[policy]]):.3f}"
        for policy, name in POLICIES.items()
    )
    return Chart(
        svg,
        f"Mean consumer surplus of {len(found['none'])} runs. {told}.",
        "A point a run, lines their means. Where the cheapest is shown each day anew, sellers "
        "take turns; where an undercutter keeps the place, they cannot.",
    )
