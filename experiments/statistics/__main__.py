"""Print how often the statistics are right where the truth is known, as Markdown tables."""

from __future__ import annotations

import argparse
import sys

import numpy as np

from experiments.statistics.characteristics import (
    NOISES,
    coverage,
    joint_coverage,
    rejections,
    set_of_best,
    stopped,
    told_after_more,
)
from experiments.statistics.stopping import StoppingRule

REPLICATIONS = (10, 20, 30)

TARGETS = (
    ("normal", 0.5),
    ("normal", 0.3),
    ("exponential", 0.5),
    ("exponential", 0.3),
    ("lognormal", 0.5),
    ("lognormal", 0.3),
    ("difference of two lognormals", 1.5),
    ("difference of two lognormals", 1.0),
)
"""Noises and half-widths of sequential stopping."""


def main() -> None:
    """Draw trials under several seeds; print the mean over these and the worst."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="how many seeds, from --first on")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    chosen = parser.parse_args()
    seeds = range(chosen.first, chosen.first + chosen.seeds)
    _intervals(seeds)
    _rejections(seeds)
    _sets(seeds)
    _others(seeds)


def _intervals(seeds: range) -> None:
    _print(f"Coverage of 95 % intervals, 1,000 trials under each of {len(seeds)} seeds:", "")
    _print("| noise | n | ours | lowest of the seeds | unguarded bootstrap-t | Student's t |")
    _print("|---|---|---|---|---|---|")
    for noise in NOISES:
        for n in REPLICATIONS:
            found = [coverage(noise, n, seed) for seed in seeds]
            ours = [one.ours for one in found]
            raw = np.mean([one.unguarded for one in found])
            student = np.mean([one.student for one in found])
            _print(
                f"| {noise} | {n} | {np.mean(ours):.3f} | {min(ours):.3f} | {raw:.3f} | "
                f"{student:.3f} |"
            )
    _print("")


def _rejections(seeds: range) -> None:
    _print("A setting against itself under other luck, 400 comparisons of 20 replications:", "")
    _print("| noise | rejected, % | over the seeds |", "|---|---|---|")
    for noise in NOISES:
        found = [100.0 * rejections(noise, 20, seed) for seed in seeds]
        _print(f"| {noise} | {np.mean(found):.1f} | {min(found):.1f} to {max(found):.1f} |")
    _print("")


def _sets(seeds: range) -> None:
    _print("The set of the best, 11 levels, 20 replications, 1,000 trials a seed:", "")
    _print("| surface | noise | holds the best | lowest of the seeds | settings in it |")
    _print("|---|---|---|---|---|")
    surfaces = {"quadratic, clear": 0.2, "quadratic, flat": 0.02, "all the same": 0.0}
    for surface, steepness in surfaces.items():
        for noise in list(NOISES)[:4]:
            found = [set_of_best(noise, 20, seed, steepness=steepness) for seed in seeds]
            holds = [one.holds_best for one in found]
            size = np.mean([one.size for one in found])
            _print(
                f"| {surface} | {noise} | {np.mean(holds):.3f} | {min(holds):.3f} | {size:.1f} |"
            )
    _print("")


def _others(seeds: range) -> None:
    _print("Others, 400 trials a seed:", "", "| what | noise | measured |", "|---|---|---|")
    for noise in list(NOISES)[:4]:
        joint = np.mean([joint_coverage(noise, 20, seed) for seed in seeds])
        _print(f"| ten joint intervals hold, n = 20 | {noise} | {joint:.3f} |")
    for noise, width in TARGETS:
        rule = StoppingRule(half_width=width, cap=400)
        ends = [stopped(noise, rule, seed) for seed in seeds]
        held, n = np.mean([one.coverage for one in ends]), np.mean([one.n for one in ends])
        _print(
            f"| coverage where a study stops, half-width {width}, after {n:.0f} replications | "
            f"{noise} | {held:.3f} |"
        )
    for gap in (0.4, 0.2):
        told = np.mean([told_after_more(gap, seed) for seed in seeds])
        _print(f"| told after the replications asked for, gap {gap} | normal | {told:.3f} |")


def _print(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
