"""Minutes from click to door on Grubhub's public instances, beside the published figures.

    python -m benchmarks.meal_delivery --data FOLDER/mdrp/instances

Policies decide without knowledge of the future. Published are the rolling-horizon heuristic and the
clairvoyant optimum (a relaxation, so a bound) of eight instances with plenty of couriers, and the
heuristic on two with few, where what is not delivered counts 90 minutes. Then: what better shifts
(s2 against s1), faster travel (t75 against t100) and shorter preparation (p100 against p125) change
with all else equal, and what noise of preparation times costs (the mean of several draws).

Source: Reyes, Erera, Savelsbergh, Sahasrabudhe & O'Neil (2018), "The meal delivery routing
problem", Table 4 and its section on noise.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measuring import report
from experiments.dispatching.chosen_policy import choose
from experiments.dispatching.instance import Instance
from experiments.dispatching.living import Solution, live
from experiments.dispatching.measures import measures
from experiments.dispatching.reading import read_instance
from policies import registry

PUBLISHED = {
    "0o50t100s1p100": (31.19, 29.81),
    "0o50t100s1p125": (34.67, 33.40),
    "0o50t100s2p100": (29.79, 28.96),
    "0o50t100s2p125": (34.18, 32.60),
    "0o50t75s1p100": (28.40, 27.49),
    "0o50t75s1p125": (31.62, 31.10),
    "0o50t75s2p100": (27.29, 26.83),
    "0o50t75s2p125": (31.19, 30.52),
}
"""Minutes from click to door: rolling-horizon heuristic, clairvoyant optimum."""

STARVED = {"1o50t100s1p100": (3.35, 38.24, 6.16), "1o50t100s2p100": (0.0, 31.54, 1.44)}
"""Of the heuristic: percent undelivered, click to door and overage of the delivered, minutes."""

WORST = 90.0
"""Minutes that an undelivered order counts."""

NOISE = 8.19
"""Standard deviation of the published noise of preparation times, minutes."""

NOISE_COSTS = 1.3
"""Minutes from click to door that it costs, as published."""

CONTROLLED = {
    "better shifts": ("s1", "s2"),
    "faster travel": ("t100", "t75"),
    "shorter preparation": ("p125", "p100"),
}
"""What is changed with all else equal: from, to; each brings orders sooner, as published."""


def main() -> None:
    """Dispatch all instances under each policy."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the instances")
    parser.add_argument("--policies", nargs="+", default=registry.names("dispatch"))
    parser.add_argument("--noise-draws", type=int, default=3, help="of each of the eight instances")
    parser.add_argument("--json", type=Path, help="file for the result")
    chosen = parser.parse_args()
    known = {
        name: read_instance(chosen.data / name)
        for name in [*PUBLISHED, *STARVED]
        if (chosen.data / name).is_dir()
    }
    if not known:
        raise SystemExit(f"--data {chosen.data}: holds none of {', '.join([*PUBLISHED, *STARVED])}")
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for policy in chosen.policies:
        _told(policy)
        dispatched(policy, next(iter(known.values())))  # compiles
        found[policy] = {
            name: _figures(dispatched(policy, instance)) for name, instance in known.items()
        }
    report(
        {
            "benchmark": "meal_delivery",
            "plenty": {name: _plenty(name, found) for name in PUBLISHED if name in known}
            | {"mean": _mean_of_eight(found)},
            "starved": {name: _starved(name, found) for name in STARVED if name in known},
            "effects": {policy: effects(of) for policy, of in found.items()},
            "noise": _noise(known, chosen.policies, found, chosen.noise_draws),
            "seconds_an_instance": {
                policy: _mean(of, list(of), "seconds") for policy, of in found.items()
            },
        },
        chosen.json,
    )


def dispatched(policy: str, instance: Instance) -> Solution:
    """Live an instance's day under a policy with its defaults."""
    made, _ = choose(policy, (), instance.problem)
    return live(instance, made)


def effects(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Minutes that each change saves with all else equal: the mean over pairs, and the least.

    Args:
        found: measures by instance.
    """
    saved: dict[str, dict[str, Any]] = {}
    for what, (old, new) in CONTROLLED.items():
        pairs = [(name, name.replace(old, new)) for name in found if old in name]
        minutes = [
            found[name]["penalised_click_to_door"] - found[other]["penalised_click_to_door"]
            for name, other in pairs
            if other in found
        ]
        if minutes:
            saved[what] = {
                "pairs": len(minutes),
                "minutes_saved": _rounded(float(np.mean(minutes))),
                "least": _rounded(min(minutes)),
            }
    return saved


def _figures(solution: Solution) -> dict[str, Any]:
    return {one.name: one.value for one in measures(solution)} | {"seconds": solution.seconds}


def _plenty(name: str, found: dict[str, dict[str, dict[str, Any]]]) -> dict[str, Any]:
    heuristic, optimum = PUBLISHED[name]
    return {"published": heuristic, "clairvoyant_optimum": optimum} | {
        policy: _rounded(of[name]["click_to_door"]) for policy, of in found.items()
    }


def _mean_of_eight(found: dict[str, dict[str, dict[str, Any]]]) -> dict[str, Any]:
    heuristic, optimum = np.mean(list(PUBLISHED.values()), axis=0)
    result: dict[str, Any] = {
        "published": _rounded(float(heuristic)),
        "clairvoyant_optimum": _rounded(float(optimum)),
    }
    for policy, of in found.items():
        names = [name for name in PUBLISHED if name in of]
        result[policy] = _mean(of, names, "click_to_door")
        result[f"{policy}_undelivered_percent"] = _mean(of, names, "undelivered_share")
    return result


def _starved(name: str, found: dict[str, dict[str, dict[str, Any]]]) -> dict[str, Any]:
    undelivered, minutes, overage = STARVED[name]
    penalised = (1.0 - undelivered / 100.0) * minutes + undelivered / 100.0 * WORST
    columns = ("penalised_click_to_door", "undelivered_share", "click_to_door", "overage")
    published = dict(zip(columns, (penalised, undelivered, minutes, overage), strict=True))
    return {"published": {key: _rounded(value) for key, value in published.items()}} | {
        policy: {key: _rounded(of[name][key]) for key in columns} for policy, of in found.items()
    }


def _noise(
    known: dict[str, Instance],
    policies: Sequence[str],
    found: dict[str, dict[str, dict[str, Any]]],
    draws: int,
) -> dict[str, Any]:
    """Minutes that noise of preparation times costs; the dispatcher knows what was expected."""
    result: dict[str, Any] = {"sd_minutes": NOISE, "published_cost": NOISE_COSTS, "draws": draws}
    names = [name for name in PUBLISHED if name in known]
    for policy in policies if draws and names else ():
        _told(f"{policy} with noise")
        noisy = [
            _figures(dispatched(policy, known[name].with_noise(NOISE, seed)))
            for name in names
            for seed in range(1, draws + 1)
        ]
        mean = float(np.mean([one["penalised_click_to_door"] for one in noisy]))
        quiet = float(np.mean([found[policy][name]["penalised_click_to_door"] for name in names]))
        result[policy] = _rounded(mean - quiet)
    return result


def _mean(of: dict[str, dict[str, Any]], names: Sequence[str], measure: str) -> float:
    return _rounded(float(np.mean([of[name][measure] for name in names]))) if names else 0.0


def _rounded(value: float) -> float:
    return round(value, 3)


def _told(what: str) -> None:
    sys.stderr.write(f"{what}\n")


if __name__ == "__main__":
    main()
