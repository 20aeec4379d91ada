"""Trust against profit: how much of its own profit a platform should let into its ranking."""

from __future__ import annotations

from collections.abc import Sequence
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
from experiments.running import live
from sim.market import Marketplace

Floats = NDArray[np.float64]

PAPER = (
    "Ghanem, Leitner & Jannach (2022), Balancing Consumer and Business Value of Recommender "
    "Systems, Electronic Commerce Research and Applications (arXiv 2203.05952)"
)

WEIGHTS = {
    "consumer": (1.0, 0.0),
    "biased": (0.9, 0.1),
    "balanced": (0.5, 0.5),
    "profit": (0.0, 1.0),
}
"""Weights of a predicted star and of the platform's profit, by strategy."""

COLOURS = {"consumer": BLUE, "biased": ORANGE, "balanced": GREY, "profit": RED}

METHOD = (
    (
        "Consumers come with a chance that equals their trust, and take one of ten recommended "
        "films, the upper ones more often; what they have seen they do not want again. The "
        "platform ranks by predicted rating and by what it earns, with weights 1 and 0 (consumer), "
        ".9 and .1 (biased), .5 and .5 (balanced), or 0 and 1 (profit). True ratings scatter "
        "around the predictions, and no policy sees them."
    ),
    (
        "A consumer is satisfied if the true rating reaches the .95 quantile of what is predicted "
        "for all films that are left for her, renewed every 100 days. Trust is the share of good "
        "evidence in all: each experience counts by its squared distance from that quantile. "
        "Prices are twice the profit, of which the commission leaves the platform a half: a "
        "normal of mean 2.5 and deviation 1, cut off at 0 and 5."
    ),
    (
        "Ratings are synthetic, of mean 3.49 and deviation .49, for 9,724 films, as many as the "
        "small MovieLens data set has. How much of the deviation lies between consumers (.35), "
        "between films (.25) and in their match is our choice, and so is the number of films: "
        "where there are fewer the best are soon seen, and a ranking can gain less. Profits are "
        "per consumer over 1,000 days; standard errors are over consumers, whose differences "
        "between strategies are paired."
    ),
)


@dataclass(frozen=True, slots=True)
class Task:
    """One market to run."""

    study: Study
    strategy: str
    replication: int


@dataclass(frozen=True, slots=True)
class Course:
    """What became of one market. N consumers, T days."""

    profit: Floats  # (N,) that the platform made with each consumer, currency units
    trust: Floats  # (N,) at the end
    profit_by_day: Floats  # (T,) of the mean consumer, cumulated
    trust_by_day: Floats  # (T,) mean


def settings_of(strategy: str) -> tuple[str, ...]:
    """`KEY=VALUE` for a strategy."""
    consumer, profit = WEIGHTS[strategy]
    return (
        'policies.recommendation.name="weighted"',
        f"policies.recommendation.consumer_weight={consumer}",
        f"policies.recommendation.profit_weight={profit}",
    )


def course(task: Task) -> Course:
    """Run one market."""
    scenario, _ = task.study.resolved()
    market = task.study.market(*settings_of(task.strategy), seed=task.replication)
    trust: list[float] = []

    def note(lived: Marketplace) -> None:
        trust.append(float(lived.crowd.trust.mean()))

    if live(market, scenario.days, note) < scenario.days:
        raise KeyboardInterrupt
    orders, count = market.orders, len(market.crowd)
    earned = orders["commission"] / 100.0
    by_day = np.bincount(orders["day"], earned, minlength=scenario.days) / count
    found = Course(
        profit=np.bincount(orders["consumer"], earned, minlength=count).astype(np.float64),
        trust=market.crowd.trust.astype(np.float64),
        profit_by_day=np.cumsum(by_day),
        trust_by_day=np.array(trust),
    )
    market.end()
    return found


class TrustAndProfit:
    """Profit and trust under four weights of the platform's profit in its ranking."""

    name: ClassVar[str] = "trust_and_profit"
    title: ClassVar[str] = "A little self-interest in the ranking pays; more of it costs trust"
    scenario: ClassVar[str] = "trust_and_profit"
    source: ClassVar[str] = f"{PAPER}."
    method: ClassVar[tuple[str, ...]] = METHOD
    replications: ClassVar[int] = 2

    def measure(self, study: Study, tell: Tell) -> Outcome:
        """Run every strategy in every replication and compare."""
        tasks = [
            Task(study, strategy, replication)
            for replication in range(study.replications)
            for strategy in WEIGHTS
        ]
        found = each(course, tasks, workers=study.workers, tell=tell)
        by_strategy = {
            strategy: [
                one for task, one in zip(tasks, found, strict=True) if task.strategy == strategy
            ]
            for strategy in WEIGHTS
        }
        profits = {
            name: np.concatenate([one.profit for one in runs]) for name, runs in by_strategy.items()
        }
        trust = {
            name: np.concatenate([one.trust for one in runs]) for name, runs in by_strategy.items()
        }
        days = _by_day(by_strategy)
        consumers = pd.DataFrame(
            {f"profit_{name}": values for name, values in profits.items()}
            | {f"trust_{name}": values for name, values in trust.items()}
        )
        charts = (
            _chart(days, "profit", "Cumulative profit a consumer", "currency units"),
            _chart(days, "trust", "Trust, which is the chance to come", "0 to 1"),
        )
        return Outcome(
            tuple(comparisons(profits, trust)), charts, {"by_day": days, "consumers": consumers}
        )


def comparisons(profits: dict[str, Floats], trust: dict[str, Floats]) -> list[Row]:
    """The table.

    Args:
        profits: (n,) of each consumer, by strategy; consumer i is the same one in all.
        trust: the same of trust at the end.
    """
    pure = max(("consumer", "profit"), key=lambda name: float(profits[name].mean()))
    gain = float(profits["biased"].mean() / profits[pure].mean()) - 1.0
    beyond = profits["biased"] - (1.0 + gain) * profits[pure]
    rows = [
        Row.between(
            "profit of biased over the better pure strategy, %",
            "about 20",
            100.0 * gain,
            12.0,
            25.0,
            source=PAPER,
            error=100.0 * _error(beyond) / float(profits[pure].mean()),
            settings=settings_of("biased"),
        )
    ]
    rows += [
        _order("profit a consumer", more, less, profits)
        for more, less in (("biased", "consumer"), ("consumer", "balanced"), ("balanced", "profit"))
    ]
    rows += [
        _order("trust at the end", more, less, trust)
        for more, less in (("consumer", "biased"), ("biased", "profit"))
    ]
    return rows


def _order(what: str, more: str, less: str, values: dict[str, Floats]) -> Row:
    difference = values[more] - values[less]
    return Row.above_zero(
        f"{what}: {more} less {less}",
        f"{more} > {less}",
        float(difference.mean()),
        source=PAPER,
        error=_error(difference),
    )


def _error(values: Floats) -> float:
    """Standard error of the mean; nan of fewer than two."""
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")


def _by_day(by_strategy: dict[str, list[Course]]) -> pd.DataFrame:
    columns: dict[str, Floats] = {}
    for name, runs in by_strategy.items():
        columns[f"profit_{name}"] = np.mean([one.profit_by_day for one in runs], axis=0)
        columns[f"trust_{name}"] = np.mean([one.trust_by_day for one in runs], axis=0)
    return pd.DataFrame(columns).rename_axis("day").reset_index()


def _chart(days: pd.DataFrame, what: str, title: str, unit: str) -> Chart:
    last = {name: float(days[f"{what}_{name}"].iloc[-1]) for name in WEIGHTS}
    with styled():
        figure = Figure(figsize=(4.6, 3.0))
        axes: Axes = figure.add_axes((0.15, 0.16, 0.81, 0.72))
        axes.grid(visible=True)
        for name, (consumer, profit) in WEIGHTS.items():
            axes.plot(
                days["day"],
                days[f"{what}_{name}"],
                color=COLOURS[name],
                label=f"{name} ({consumer:g}, {profit:g})",
            )
        axes.set_ylim(0.0, 1.0 if what == "trust" else None)
        axes.set_title(title)
        axes.set_xlabel("day")
        axes.set_ylabel(unit)
        axes.legend(fontsize=8, frameon=False, loc="best")
        svg = as_svg(figure, what)
    return Chart(
        svg,
        f"{title}, by day. At the end: {_told(list(last.items()))}.",
        "In brackets: the weights of a predicted star and of the platform's profit.",
    )


def _told(last: Sequence[tuple[str, float]]) -> str:
    return "; ".join(f"{name} {value:.3g}" for name, value in last)
