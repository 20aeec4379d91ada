"""Provider viability: matching everyone with the best provider drives providers out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiments.replications.protocol import Outcome, Row
from experiments.replications.study import Study, Tell, each
from experiments.reporting.charts import BLUE, RED, Chart, as_svg, styled
from experiments.running import live
from policies.observations import RecommendationObservation, ScoredSlates
from policies.params import PolicyParams
from sim.health.panel import Panel
from sim.market import Marketplace

Floats = NDArray[np.float64]

PAPER = (
    "Mladenov, Creager, Ben-Porat, Swersky, Zemel & Boutilier (2020), Optimizing Long-term Social "
    "Welfare in Recommender Systems: A Constrained Matching Approach, ICML"
)

MASS = (0.55, 0.45)
"""Share of users of each type."""

UTILITY = ((1.0, 0.9), (0.2, 1.0))
"""Of providers A and B to users of each type."""

PROVIDERS = ("A", "B")

POLICIES = {
    "myopic": '{name = "none"}',
    "constrained": '{name = "minimum_audience", audience = 50, depth = 2}',
}
"""Re-rankings by what rows call them."""

TOLERANCE = 0.001

LAST = 14
"""Days at the end of which the mean is what a period brings."""

METHOD = (
    (
        "The market has two providers and a hundred consumers, 55 of type 1 and 45 of type 2, who "
        "come every day and take what they are shown. Matching is by the market's slates: a "
        "recommender that knows utilities puts the better provider first (myopic), or the "
        "re-ranking `minimum_audience` gives each provider fifty viewers at the least loss of "
        "utility (constrained)."
    ),
    (
        "Nobody closes a provider by rule: each has a fixed cost that fifty sales a day pay for, "
        "and the market's own bookkeeping closes it when its capital is gone and it has been in "
        "debt for a few days. Welfare is the mean true utility of what was bought in the last two "
        "weeks. A scenario cannot hold tastes, so the replication writes the utilities of the two "
        "types into the market's columns."
    ),
)


@dataclass(frozen=True, slots=True)
class Course:
    """What became of one market. T days, two providers."""

    welfare: Floats  # (T,) mean utility of the day's purchases
    buyers: Floats  # (T, 2) share of consumers who bought from each
    open: NDArray[np.bool_]  # (T, 2) in business in the evening


class ProviderViability:
    """Who stays in business and what users get, with and without a minimum audience."""

    name: ClassVar[str] = "provider_viability"
    title: ClassVar[str] = "A matching that keeps providers alive serves users better"
    scenario: ClassVar[str] = "provider_viability"
    source: ClassVar[str] = f"{PAPER}."
    method: ClassVar[tuple[str, ...]] = METHOD
    replications: ClassVar[int] = 0

    def measure(self, study: Study, tell: Tell) -> Outcome:
        """Run both matchings and compare them with the published example."""
        found = each(
            course, [(study, policy) for policy in POLICIES], workers=study.workers, tell=tell
        )
        by_policy = dict(zip(POLICIES, found, strict=True))
        days = pd.concat([_frame(policy, one) for policy, one in by_policy.items()])
        return Outcome(tuple(comparisons(by_policy)), (_chart(by_policy),), {"by_day": days})


class Matcher:
    """Puts first what fits a visitor best: a recommender that knows utilities."""

    family: ClassVar[str] = "recommendation"
    name: ClassVar[str] = "matcher"

    class Params(PolicyParams):
        """There is nothing to set."""

    def __init__(self, utility: Floats) -> None:
        """Take over what is known.

        Args:
            utility: (N, L) of each listing to each visitor.
        """
        self.params = self.Params(name=self.name)
        self._utility = utility

    def recommend(self, observation: RecommendationObservation) -> ScoredSlates:
        """(S, C) all that is on sale, best first."""
        score = np.where(
            observation.listings.on_sale, self._utility[observation.sessions.visitor], -np.inf
        )
        order = np.argsort(-score, axis=1, kind="stable")[:, : observation.slate_size]
        best = np.take_along_axis(score, order, axis=1)
        shape = len(score), observation.slate_size
        listing, scores = np.full(shape, -1), np.zeros(shape)
        listing[:, : order.shape[1]] = np.where(np.isfinite(best), order, -1)
        scores[:, : order.shape[1]] = np.where(np.isfinite(best), best, 0.0)
        return ScoredSlates(listing, scores)


def two_types(market: Marketplace) -> Floats:
    """Give the consumers of a market the two tastes.

    Args:
        market: of two listings, on the eve of its first day; changed in place.

    Returns:
        (N, 2) utility of each listing to each consumer.
    """
    count = len(market.crowd)
    of_type = np.repeat(np.arange(2), np.rint(np.array(MASS) * count).astype(np.int64))
    utility = np.array(UTILITY)[of_type]
    market.listings.attributes = np.eye(2, dtype=np.float32)
    market.crowd.taste = utility.astype(np.float32)
    market.panel = Panel(count, 2, np.arange(count, dtype=np.float64))
    return utility


def course(task: tuple[Study, str]) -> Course:
    """Run one market."""
    study, policy = task
    settings = f"policies.reranking={POLICIES[policy]}"
    scenario, _ = study.resolved(settings)
    market = study.market(settings)
    matcher: Any = Matcher(two_types(market))
    market.policies.recommendation = matcher
    in_business: list[NDArray[np.bool_]] = []

    def note(lived: Marketplace) -> None:
        in_business.append(lived.books.is_open.copy())

    if live(market, scenario.days, note) < scenario.days:
        raise KeyboardInterrupt
    orders, days = market.orders, scenario.days
    day, listing = orders["day"], orders["listing"].astype(np.int64)
    bought = np.bincount(day * 2 + listing, minlength=2 * days).reshape(days, 2)
    utility = np.bincount(day, orders["match"], minlength=days)
    found = Course(
        welfare=utility / len(market.crowd),
        buyers=bought / len(market.crowd),
        open=np.array(in_business),
    )
    market.end()
    return found


def comparisons(by_policy: dict[str, Course]) -> list[Row]:
    """Welfare and providers in business against the published example."""
    published = {"myopic": (0.64, 1), "constrained": (0.995, 2)}
    rows = []
    for policy, one in by_policy.items():
        settings = (f"policies.reranking={POLICIES[policy]}",)
        welfare, providers = published[policy]
        rows.append(
            Row.close(
                f"{policy} matching: welfare a period in the long run",
                welfare,
                float(one.welfare[-LAST:].mean()),
                TOLERANCE,
                source=PAPER,
                settings=settings,
                digits=3,
            )
        )
        left = Row.between(
            f"{policy} matching: providers in business at the end",
            str(providers),
            float(one.open[-1].sum()),
            providers,
            providers,
            source=PAPER,
            settings=settings,
        )
        rows.append(replace(left, tolerance="exactly"))
    first = by_policy["myopic"].welfare[0]
    best = float(np.array(MASS) @ np.array(UTILITY).max(axis=1))
    rows.append(
        Row.close(
            "myopic matching: welfare while both are there",
            best,
            float(first),
            TOLERANCE,
            source="closed form: every user's best provider",
            digits=3,
        )
    )
    return rows


def _frame(policy: str, one: Course) -> pd.DataFrame:
    columns = {"policy": policy, "day": np.arange(len(one.welfare)), "welfare": one.welfare}
    for place, name in enumerate(PROVIDERS):
        columns[f"buyers_{name}"] = one.buyers[:, place]
        columns[f"open_{name}"] = one.open[:, place]
    return pd.DataFrame(columns)


def _chart(by_policy: dict[str, Course]) -> Chart:
    colours = {"myopic": RED, "constrained": BLUE}
    with styled():
        figure = Figure(figsize=(4.6, 2.8))
        axes: Axes = figure.add_axes((0.13, 0.17, 0.83, 0.71))
        axes.grid(visible=True)
        for policy, one in by_policy.items():
            axes.plot(one.welfare, color=colours[policy], label=policy)
        axes.set_ylim(0.0, 1.05)
        axes.set_title("Utility a user and day")
        axes.set_xlabel("day")
        axes.legend(fontsize=8, frameon=False, loc="lower right")
        svg = as_svg(figure, "welfare")
    told = "; ".join(
        f"{policy}: {one.welfare[0]:.3f} on the first day, {one.welfare[-1]:.3f} on the last, "
        f"{int(one.open[-1].sum())} of 2 providers left"
        for policy, one in by_policy.items()
    )
    return Chart(
        svg,
        f"Mean utility of a user's purchase by day. {told}.",
        "The myopic matching is better until the provider with the smaller audience gives up.",
    )
