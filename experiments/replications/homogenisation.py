"""Homogenisation: recommenders that learn from what they showed make users consume alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.replications import homogenisation_market as in_the_market
from experiments.replications import homogenisation_recommenders as recommenders
from experiments.replications.homogenisation_market import MarketTask, bought_alike
from experiments.replications.homogenisation_pairs import nearest
from experiments.replications.homogenisation_world import (
    Bools,
    Consumed,
    Floats,
    Ints,
    Recommender,
    create,
    live,
)
from experiments.replications.protocol import Outcome, Row
from experiments.replications.study import Study, Tell, each
from experiments.reporting.charts import BLUE, GREY, Chart, as_svg, styled
from sim.health.formulas import jaccard_of_pairs
from sim.streams import Streams

PAPER = (
    "Chaney, Stewart & Engelhardt (2018), How Algorithmic Confounding in Recommendation Systems "
    "Increases Homogeneity and Decreases Utility, RecSys"
)

RECOMMENDERS: dict[str, Recommender] = {
    "popularity": recommenders.popularity,
    "content": recommenders.content,
    "social": recommenders.social,
    "matrix factorisation": recommenders.matrix_factorisation,
    "random": recommenders.at_random,
}

PUBLISHED = {
    "popularity": 0.22,
    "content": 0.15,
    "social": 0.10,
    "matrix factorisation": 0.08,
    "random": 0.0,
}
"""Change in the mean Jaccard index against the ideal recommender, after 100 steps."""

TOLERANCE = 0.04

START_UP = 10
"""Steps without a recommender."""

METHOD = (
    (
        "A hundred users take one item a step of those that have come by then, ten a step: the one "
        "with the largest product of its utility, of which they know about 98 %, and of the "
        "attention to its rank, rank to the power of -.8. Tastes are Dirichlet(10 Dirichlet(1)), "
        "items Dirichlet(.1 Dirichlet(100)), of 20 attributes. After 10 steps in random order, the "
        "recommender is trained anew before each of 90 steps on what was taken so far; new items "
        "stand at places drawn by lot."
    ),
    (
        "Each user is paired with the one nearest to her in the recommender's own eyes, by the "
        "cosine of how it describes users (by lot where it describes all alike: popularity, "
        "random). The Jaccard index of what the two took by the last step is held against that of "
        "the same two under a recommender that ranks by true utility."
    ),
    (
        "Popularity and matrix factorisation (implicit alternating least squares, 20 factors, else "
        "its defaults) are the models that the market's recommenders are made of, and the Jaccard "
        "index is the formula of its indicators. The world is the paper's own, not the market's: "
        "its users choose without chance among all items that there are. The scenario gives its "
        "size: consumers.count users, commerce.generated.listings items and taste_dimensions "
        "attributes, days steps, and the seed."
    ),
    (
        "The last rows are the market's own: its consumers take one of the fifty products of a "
        "slate or so every third day, none twice, and those nearest in true taste are paired. Only "
        "the sign is compared: the market knows no ideal recommender, so random slates are the "
        "control."
    ),
)


@dataclass(frozen=True, slots=True)
class Task:
    """One world to live through under one recommender and the ideal one."""

    study: Study
    recommender: str
    replication: int


@dataclass(frozen=True, slots=True)
class Change:
    """What a recommender did to a world. T steps."""

    by_step: Floats  # (T,) mean Jaccard index less that under the ideal recommender
    utility: float  # mean utility of what was taken over that under the ideal recommender, less 1

    @property
    def last(self) -> float:
        """The change after the last step."""
        return float(self.by_step[-1])


class Homogenisation:
    """Change in the Jaccard index of what users took, by recommender."""

    name: ClassVar[str] = "homogenisation"
    title: ClassVar[str] = "Recommenders trained on their own effects make users consume alike"
    scenario: ClassVar[str] = "homogenisation"
    source: ClassVar[str] = f"{PAPER}."
    method: ClassVar[tuple[str, ...]] = METHOD
    replications: ClassVar[int] = 10

    def measure(self, study: Study, tell: Tell) -> Outcome:
        """Live through every world under every recommender."""
        tasks = [
            Task(study, name, replication)
            for replication in range(study.replications)
            for name in RECOMMENDERS
        ]
        markets = [
            MarketTask(study, policy, replication)
            for policy in in_the_market.POLICIES
            for replication in range(study.replications)
        ]
        total = len(tasks) + len(markets)
        found = each(
            homogenise, tasks, workers=study.workers, tell=lambda done, _: tell(done, total)
        )
        bought = each(
            bought_alike,
            markets,
            workers=study.workers,
            tell=lambda done, _: tell(len(tasks) + done, total),
        )
        by_policy = dict(
            zip(
                in_the_market.POLICIES,
                np.array(bought).reshape(-1, study.replications),
                strict=True,
            )
        )
        by_name = {
            name: [one for task, one in zip(tasks, found, strict=True) if task.recommender == name]
            for name in RECOMMENDERS
        }
        steps = pd.DataFrame(
            {name: np.mean([one.by_step for one in ones], axis=0) for name, ones in by_name.items()}
        )
        worlds = pd.DataFrame(
            {
                "replication": np.repeat(np.arange(study.replications), len(RECOMMENDERS)),
                "recommender": [task.recommender for task in tasks],
                "change_in_jaccard": [one.last for one in found],
                "change_in_utility": [one.utility for one in found],
            }
        )
        return Outcome(
            rows=(*comparisons(by_name), *in_the_market.comparisons(by_policy, PAPER)),
            charts=(_chart(steps),),
            data={
                "by_step": steps.rename_axis("step").reset_index(),
                "worlds": worlds,
                "markets": pd.DataFrame(by_policy).rename_axis("replication").reset_index(),
            },
        )


def homogenise(task: Task) -> Change:
    """Live through one world twice: under the recommender and under the ideal one."""
    scenario, _ = task.study.resolved()
    streams = Streams(scenario.seed + task.replication)
    generated = scenario.commerce.generated
    world = create(
        scenario.consumers.count,
        generated.listings,
        generated.taste_dimensions,
        streams.generator("homogenisation/world"),
    )

    def lived(recommender: Recommender) -> Consumed:
        return live(
            world,
            recommender,
            streams.generator("homogenisation/steps"),
            steps=scenario.days,
            start_up=START_UP,
        )

    best, own = lived(recommenders.ideal), lived(RECOMMENDERS[task.recommender])
    other = nearest(own.users, len(world.taste), streams.generator("homogenisation/pairs"))
    pairs = np.array([_alike(one, other) for one in (own, best)])
    return Change(pairs[0] - pairs[1], own.utility / best.utility - 1.0)


def _alike(consumed: Consumed, other: Ints) -> Floats:
    """(T,) mean Jaccard index of pairs, step by step."""
    users, steps = consumed.choice.shape
    taken: Bools = np.zeros_like(consumed.taken)
    alike = np.empty(steps)
    for step in range(steps):
        taken[np.arange(users), consumed.choice[:, step]] = True
        alike[step] = jaccard_of_pairs(taken, other).mean()
    return alike


def comparisons(by_name: dict[str, list[Change]]) -> list[Row]:
    """The changes against those published."""
    rows = []
    for name, ones in by_name.items():
        last = np.array([one.last for one in ones])
        error = float(last.std(ddof=1) / np.sqrt(len(last))) if len(last) > 1 else float("nan")
        rows.append(
            Row.close(
                f"change in the Jaccard index: {name}",
                PUBLISHED[name],
                float(last.mean()),
                TOLERANCE,
                source=PAPER,
                error=error,
            )
        )
    return rows


def _chart(steps: pd.DataFrame) -> Chart:
    styles = {
        "popularity": (BLUE, "-"),
        "content": (BLUE, "--"),
        "social": (BLUE, ":"),
        "matrix factorisation": (GREY, "-"),
        "random": (GREY, ":"),
    }
    with styled():
        figure = Figure(figsize=(5.4, 3.2))
        axes: Axes = figure.add_axes((0.13, 0.15, 0.83, 0.74))
        axes.grid(visible=True)
        for name, (colour, line) in styles.items():
            axes.plot(steps[name], color=colour, linestyle=line, label=name)
        axes.axhline(0.0, color=GREY, linewidth=0.8)
        axes.axvline(START_UP, color=GREY, linewidth=0.8, linestyle="--")
        axes.set_title("Change in the Jaccard index of nearest users")
        axes.set_xlabel("step")
        axes.legend(fontsize=8, frameon=False)
        svg = as_svg(figure, "jaccard")
    told = "; ".join(f"{name} {steps[name].iloc[-1]:+.3f}" for name in steps)
    return Chart(
        svg,
        f"Mean Jaccard index of pairs less that under the ideal recommender. At the end: {told}.",
        "Means over worlds; left of the dashed line nobody recommends.",
    )
