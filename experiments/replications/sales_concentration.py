"""Sales concentration: does a recommender send everybody to the same products?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from experiments.replications.protocol import Outcome, Row
from experiments.replications.study import Study, Tell, each
from experiments.reporting.charts import BLUE, GREY, ORANGE, RED, Chart, as_svg, styled
from sim.health.formulas import gini

Floats = NDArray[np.float64]

PAPER = (
    "Fleder & Hosanagar (2009), Blockbuster Culture's Next Rise or Fall, Management Science 55(5): "
    "signs"
)

POLICIES = {
    "none": '{name = "none"}',
    "collaborative": '{name = "neighbours"}',
    "discounted": '{name = "neighbours", popularity_discount = 1.0}',
    "random": '{name = "random"}',
}
"""Recommenders by what rows call them; the first one is the control."""

METHOD = (
    (
        "The same consumers, products and luck four times: without a recommender, with "
        "collaborative filtering (the five most similar consumers' most bought product), with the "
        "same whose score is divided by all sales of a product, and with a product drawn at "
        "random. Everybody searches, sees four results and one recommendation, and takes the best "
        "of what she sees by her taste, the product's appeal and a logit's luck."
    ),
    (
        "The Gini coefficient of products' sales over all days is held against that of the "
        "control of the same seed. Awareness comes from the market's own text search instead of "
        "the paper's distances, and the recommendation adds a product to what is considered "
        "instead of raising its utility: signs are compared, not sizes."
    ),
)


@dataclass(frozen=True, slots=True)
class Task:
    """One market to run."""

    study: Study
    policy: str
    replication: int


class SalesConcentration:
    """Gini of sales under four recommenders."""

    name: ClassVar[str] = "sales_concentration"
    title: ClassVar[str] = "Collaborative filtering concentrates sales; it need not"
    scenario: ClassVar[str] = "sales_concentration"
    source: ClassVar[str] = f"{PAPER}."
    method: ClassVar[tuple[str, ...]] = METHOD
    replications: ClassVar[int] = 10

    def measure(self, study: Study, tell: Tell) -> Outcome:
        """Run every recommender in every replication and compare it with the control."""
        tasks = [
            Task(study, policy, replication)
            for replication in range(study.replications)
            for policy in POLICIES
        ]
        found = each(concentration, tasks, workers=study.workers, tell=tell)
        table = np.array(found).reshape(study.replications, len(POLICIES))
        by_policy = {policy: table[:, place] for place, policy in enumerate(POLICIES)}
        frame = pd.DataFrame(by_policy).rename_axis("replication").reset_index()
        return Outcome(tuple(comparisons(by_policy)), (_chart(by_policy),), {"gini": frame})


def settings_of(policy: str) -> tuple[str, ...]:
    """`KEY=VALUE` for a recommender."""
    return (f"policies.recommendation={POLICIES[policy]}",)


def concentration(task: Task) -> float:
    """Gini of the products' sales in one market."""
    market = task.study.lived(*settings_of(task.policy), seed=task.replication)
    sold = gini(market.listings.units_sold)
    market.end()
    return sold


def comparisons(gini_of: dict[str, Floats]) -> list[Row]:
    """Paired differences of Gini coefficients whose signs were published."""
    none, collaborative = gini_of["none"], gini_of["collaborative"]
    discounted = gini_of["discounted"]
    return [
        _sign(
            "rise of Gini by collaborative filtering",
            "above 0",
            collaborative - none,
            "collaborative",
        ),
        _sign(
            "rise by collaborative filtering less that with popularity discounted",
            "above 0",
            collaborative - discounted,
            "discounted",
        ),
        _sign(
            "fall of Gini by random recommendations", "above 0", none - gini_of["random"], "random"
        ),
    ]


def _sign(what: str, published: str, difference: Floats, policy: str) -> Row:
    error = float("nan")
    if len(difference) > 1:
        error = float(difference.std(ddof=1) / np.sqrt(len(difference)))
    return Row.above_zero(
        what,
        published,
        float(difference.mean()),
        source=PAPER,
        error=error,
        settings=settings_of(policy),
    )


def _chart(gini_of: dict[str, Floats]) -> Chart:
    """Gini by recommender, a point a market."""
    colours = (GREY, RED, ORANGE, BLUE)
    with styled():
        figure = Figure(figsize=(4.6, 2.6))
        axes: Axes = figure.add_axes((0.22, 0.19, 0.74, 0.69))
        axes.grid(visible=True)
        for place, (values, colour) in enumerate(zip(gini_of.values(), colours, strict=True)):
            spread = np.linspace(-0.2, 0.2, len(values)) if len(values) > 1 else np.zeros(1)
            axes.plot(values, place + spread, ".", color=colour)
            axes.plot([values.mean()] * 2, [place - 0.35, place + 0.35], color=colour)
        axes.set_yticks(range(len(gini_of)), list(gini_of))
        axes.invert_yaxis()
        axes.set_xlim(0.0, 1.0)
        axes.set_title("Gini of products' sales")
        axes.set_xlabel("Gini coefficient")
        svg = as_svg(figure, "gini")
    told = "; ".join(f"{name} {values.mean():.3f}" for name, values in gini_of.items())
    return Chart(
        svg,
        f"Gini coefficient of products' sales by recommender, means: {told}.",
        "A point a market, lines their means; each market has the same consumers, products and "
        "luck under every recommender.",
    )
