"""Print how detectors of abnormal prices compare on fresh series, as a Markdown table."""

from __future__ import annotations

import argparse
import secrets
import sys

from experiments.price_monitoring.comparison import compare
from experiments.price_monitoring.series import KINDS


def main() -> None:
    """Draw series, judge every detector, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, help="seed of the series; absent: a fresh one")
    parser.add_argument("--categories", type=int, default=72)
    parser.add_argument("--listings", type=int, default=40, help="series a category")
    chosen = parser.parse_args()
    seed = secrets.randbelow(2**32) if chosen.seed is None else chosen.seed
    rows = compare(seed, chosen.categories, chosen.listings)
    kinds = " | ".join(kind.replace("_", " ") for kind in KINDS)
    lines = [
        f"Seed {seed}.",
        "",
        f"| detector | threshold | recall | false alarms a series-year | days | {kinds} |",
        "|---|---|---|---|---|" + "---|" * len(KINDS),
    ]
    for row in rows:
        one = row.performance
        by_kind = " | ".join(f"{one.recall_by_kind.get(kind, float('nan')):.2f}" for kind in KINDS)
        lines.append(
            f"| {row.detector} | {row.threshold} | {one.recall:.3f} | {one.false_alarms:.3f} | "
            f"{one.days_to_detection:.0f} | {by_kind} |"
        )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
