"""The slate bandit in a market like `baseline`: against popularity and random, by its reward.

python -m benchmarks.bandits                     # all, paired with popularity
python -m benchmarks.bandits --base sale --policies all
python -m benchmarks.bandits --part overlap      # what its value off-policy is worth

A fifth of `baseline`: 2,000 consumers, 1,000 listings, post. Consumers who trust come every other
day, who trusts half as much a quarter as often, and trust moves fast. The last four weeks of eight.
Differences are paired under the same luck, with intervals by bootstrap-t.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measuring import report_tables
from experiments.running import resolve
from experiments.statistics.intervals import paired
from scenarios.build import build
from sim.market import Marketplace

SMALL = (
    "roads.network=grid",
    "commerce.generated.listings=1000",
    "commerce.generated.merchants=100",
    "commerce.generated.categories=6",
    "commerce.population.visits_per_day=0.5",
    "consumers.count=2000",
    "couriers.count=0",
    "consumers.choice.visit_trust=2.0",
    "consumers.response.trust_gain=0.06",
    "consumers.response.trust_loss=0.3",
    "policies.privacy={name = 'keep_all'}",
)

BANDIT = 'name = "bandit", window_days = 21'
POLICIES = {
    "popularity": 'name = "popularity"',
    "random": 'name = "random"',
    "learned": 'name = "learned"',
    "sale": BANDIT,
    "satisfaction": f"{BANDIT}, sale_weight = 0.0, satisfaction_weight = 1.0",
    "visits": f"{BANDIT}, sale_weight = 0.0, trust_weight = 1.0",
    "all": f"{BANDIT}, sale_weight = 0.2, satisfaction_weight = 0.5, trust_weight = 1.0",
    "neural": f'{BANDIT}, model = "neural"',
    "gradient": f'{BANDIT}, model = "gradient"',
}
"""Policies by the row's name: bandits are named after their reward, or after their model."""

INDICATORS = (
    "conversion",
    "slate_conversion",
    "orders",
    "surplus_per_visit",
    "trust",
    "mean_rating",
    "return_rate",
    "ndcg",
)

WEEKS, LAST = 8, 4


def lived(policy: str, seed: int, days: int, *more: str) -> Marketplace:
    """The market after some days under a policy."""
    table = f"policies.recommendation={{{policy}}}"
    scenario, folder = resolve("baseline", overrides=[*SMALL, f"seed={seed}", table, *more])
    market = build(scenario, folder=folder)
    for _ in range(days):
        market.step()
    return market


def outcomes(market: Marketplace) -> dict[str, float]:
    """Means of the last weeks."""
    values = market.health.frame().tail(7 * LAST)
    return {name: float(values[name].mean()) for name in INDICATORS}


def effects(base: str, names: list[str], seeds: range) -> Iterator[dict[str, Any]]:
    """A row a policy and indicator: its mean, and the difference from the base."""
    found = {
        name: [outcomes(lived(POLICIES[name], seed, 7 * WEEKS)) for seed in seeds]
        for name in dict.fromkeys([base, *names])
    }
    for indicator in INDICATORS:
        known = np.array([one[indicator] for one in found[base]])
        for name, runs in found.items():
            own = np.array([one[indicator] for one in runs])
            gap = paired(known, own)
            yield {
                "indicator": indicator,
                "policy": name,
                "mean": round(float(own.mean()), 4),
                "difference": round(gap.mean, 4),
                "low": round(gap.low, 4),
                "high": round(gap.high, 4),
            }


def overlap(seeds: range) -> Iterator[dict[str, Any]]:
    """A row a sharpness: what a training is said to be worth, and what it sells when it runs.

    The bandit of the first week is valued on that week's log; then it runs in that week instead.
    """
    for sharpness in (0.2, 0.4, 0.8, 1.5, 3.0):
        policy = f'name = "bandit", uncertainty = 0.0, sharpness = {sharpness}'
        rows = []
        for seed in seeds:
            market = lived(policy, seed, 7)
            told = {
                market.learning_metrics[metric].removeprefix("recommendation."): float(value)
                for metric, value in zip(
                    market.learning["metric"], market.learning["value"], strict=True
                )
            }
            trained: Any = market.policies.recommendation
            again = lived(policy, seed, 0)
            again.policies.recommendation.model = trained.model  # type: ignore[attr-defined]
            for _ in range(7):
                again.step()
            log = again.log.view()
            truth = float(log.bought.sum()) / len(np.unique(log.session))
            held = told["value_dr_low"] <= truth <= told["value_dr_high"]
            rows.append({**told, "truth": truth, "held": float(held)})
        mean = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
        yield {
            "sharpness": sharpness,
            "logged": round(mean["value_logged"], 3),
            "when_run": round(mean["truth"], 3),
            "ips": round(mean["value_ips"], 3),
            "snips": round(mean["value_snips"], 3),
            "dr": round(mean["value_dr"], 3),
            "dr_holds_truth": f"{sum(row['held'] for row in rows):.0f} of {len(rows)}",
            "mean_weight": round(mean["mean_weight"], 2),
            "effective": round(mean["effective_sessions"] / mean["held_out_sessions"], 2),
        }


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", choices=("effects", "overlap"), default="effects")
    parser.add_argument("--policies", nargs="+", choices=list(POLICIES), default=list(POLICIES))
    parser.add_argument("--base", choices=list(POLICIES), default="popularity")
    parser.add_argument("--seeds", type=int, default=5, help="replications, at least 2")
    parser.add_argument("--json", type=Path, help="file for the result")
    arguments = parser.parse_args()
    seeds = range(1, arguments.seeds + 1)
    told = (
        effects(arguments.base, arguments.policies, seeds)
        if arguments.part == "effects"
        else overlap(seeds)
    )
    report_tables({"benchmark": "bandits", arguments.part: list(told)}, arguments.json)


if __name__ == "__main__":
    main()
