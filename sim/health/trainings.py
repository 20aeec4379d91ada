"""What slates and search results were worth in truth on the day after a training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.health.recommendation import search_ndcg, slate_ndcg, slate_regret

if TYPE_CHECKING:
    from sim.market import Marketplace

TRUTH = "truth."
"""What a metric's name begins with that the simulator knows and no policy."""

MEASURED = {
    "recommendation": {"ndcg": slate_ndcg, "slate_regret": slate_regret},
    "search": {"search_ndcg": search_ndcg},
}
"""Indicators of hidden truth by the family whose trainings they judge."""


def record_truth(market: Marketplace) -> None:
    """Enter today's truth beside what policies told of yesterday's trainings.

    Costly indicators are measured every so many days only, so that a training would else stand
    beside the truth of an earlier one.
    """
    table, names = market.learning, market.learning_metrics
    first = table.first_since(market.day - 1)
    yesterday = table["metric"][first:][table["day"][first:] == market.day - 1]
    trained = {names[metric].partition(".")[0] for metric in yesterday.tolist()}
    for family, indicators in MEASURED.items():
        if family not in trained:
            continue
        for name, measured in indicators.items():
            if TRUTH + name not in names:
                names.append(TRUTH + name)
            value = measured(market)
            table.append(day=market.day, metric=names.index(TRUTH + name), value=value)
