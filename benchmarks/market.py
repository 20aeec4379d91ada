"""How long a market's days take, and how much memory.

python -m benchmarks.market --size small    # 10,000 consumers, 90 days on Coquimbo: under 60 s
python -m benchmarks.market --size large    # 1,000,000 consumers: a day under 2 s, under 3 GB
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from benchmarks.measuring import peak_megabytes, report
from experiments.running import resolve
from scenarios.build import build

LARGE = (
    "roads.network=grid",
    "commerce.generated.listings=50000",
    "commerce.generated.merchants=5000",
    "commerce.generated.categories=24",
    "commerce.population.visits_per_day=0.0513",
    "commerce.population.lines_per_visit=1.0",
    "consumers.count=1000000",
    "couriers.count=0",
    "policies.recommendation.name=popularity",
    "policies.privacy.name=keep_all",
)


def main() -> None:
    """Measure one size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=("small", "large"), default="small")
    parser.add_argument("--days", type=int, default=0, help="days measured; 0: 90 or 5")
    parser.add_argument("--json", type=Path, help="file for the result")
    chosen = parser.parse_args()
    small = chosen.size == "small"
    scenario, folder = resolve("baseline", overrides=() if small else LARGE)
    began = time.perf_counter()
    market = build(scenario, folder=folder)
    founded = time.perf_counter() - began
    days = chosen.days or (90 if small else 5)
    warm_up = 0 if small else 2  # compiles kernels, fills purses
    for _ in range(warm_up):
        market.step()
    began, seconds, arrivals = time.perf_counter(), [], []
    for _ in range(days):
        morning = time.perf_counter()
        market.step()
        seconds.append(time.perf_counter() - morning)
        arrivals.append(market.today.arrivals)
    lived = time.perf_counter() - began
    report(
        {
            "benchmark": "market",
            "size": chosen.size,
            "consumers": len(market.crowd),
            "merchants": len(market.books),
            "listings": len(market.listings),
            "couriers": len(market.couriers),
            "days": days,
            "seconds_to_found": round(founded, 3),
            "seconds_of_days": round(lived, 3),
            "seconds_in_all": round(founded + lived, 3),
            "seconds_a_day": round(lived / days, 4),
            "slowest_day": round(max(seconds), 3),
            "arrivals_a_day": round(sum(arrivals) / days),
            "peak_megabytes": round(peak_megabytes()),
        },
        chosen.json,
    )


if __name__ == "__main__":
    main()
