"""Grubhub's and Li and Lim's instances: solutions pass the checker, and reach what is published.

On the mean of eight instances the published rolling-horizon heuristic needs 31.04 minutes from
click to door, the clairvoyant optimum 30.09 (Reyes et al. 2018, Table 4).
"""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.meal_delivery import NOISE, PUBLISHED, STARVED, WORST, dispatched, effects
from experiments.dispatching.living import Solution
from experiments.dispatching.measures import measures
from experiments.dispatching.reading import read_instance
from experiments.dispatching.solution_files import write_solution
from tests.dispatch_checker import evaluation_violations, violations

pytestmark = pytest.mark.real_data

MORE_PAIRS = ("lc101", "lr101", "lrc101")


@pytest.fixture
def meals(shared_data: Path) -> Path:
    folder = shared_data / "mdrp" / "instances"
    if not folder.is_dir():
        pytest.skip(f"no meal orders: {folder} is missing")
    return folder


@pytest.fixture
def vehicles(shared_data: Path) -> Path:
    folder = shared_data / "pdptw"
    if not folder.is_dir():
        pytest.skip(f"no instances of pickup and delivery: {folder} is missing")
    return folder


def figures(solution: Solution) -> dict[str, float]:
    return {one.name: float(one.value) for one in measures(solution) if one.value is not None}


def checked(instance: Path, policy: str, folder: Path) -> dict[str, float]:
    """Measures of a policy's solution that has passed the checkers."""
    solution = dispatched(policy, read_instance(instance))
    write_solution(folder / instance.stem, solution, {})
    assert violations(instance, folder / instance.stem) == []
    if instance.is_dir():
        assert evaluation_violations(instance, folder / instance.stem) == []
    return figures(solution)


def penalised(name: str) -> float:
    """Minutes that the published heuristic needs, where an undelivered order counts 90."""
    percent, minutes, _ = STARVED[name]
    return (1.0 - percent / 100.0) * minutes + percent / 100.0 * WORST


def test_insertion_on_the_eight_is_near_the_published_heuristic_and_effects_have_their_signs(
    meals: Path, tmp_path: Path
) -> None:
    found = {name: checked(meals / name, "cheapest_insertion", tmp_path) for name in PUBLISHED}
    doors = [one["click_to_door"] for one in found.values()]
    assert np.mean([one["undelivered_share"] for one in found.values()]) <= 0.05
    assert 30.09 - 0.2 < np.mean(doors) < 31.3
    for what, saved in effects(found).items():
        assert saved["least"] > 0.0, what
    assert len(effects(found)) == 3


@pytest.mark.parametrize("name", STARVED)
def test_with_few_couriers_insertion_is_ahead_of_nearest(
    meals: Path, tmp_path: Path, name: str
) -> None:
    ours, theirs = (
        checked(meals / name, one, tmp_path / one) for one in ("cheapest_insertion", "nearest")
    )
    assert ours["penalised_click_to_door"] < 0.85 * theirs["penalised_click_to_door"]
    assert ours["bundle_size"] > theirs["bundle_size"]


def test_a_few_instances_under_the_strongest_policy(meals: Path, tmp_path: Path) -> None:
    found = checked(meals / "1o50t100s2p100", "local_search", tmp_path)
    assert found["penalised_click_to_door"] <= penalised("1o50t100s2p100")


@pytest.mark.slow
def test_the_strongest_policy_reaches_the_published_figures(meals: Path, tmp_path: Path) -> None:
    found = {
        name: checked(meals / name, "local_search", tmp_path) for name in [*PUBLISHED, *STARVED]
    }
    eight = [found[name] for name in PUBLISHED]
    assert np.mean([one["undelivered_share"] for one in eight]) <= 0.05
    mean = np.mean([one["click_to_door"] for one in eight])
    # Below the clairvoyant optimum would betray a clock that runs backwards, or knows the future.
    assert 30.09 - 0.2 < mean <= 31.04
    for name in STARVED:
        assert found[name]["penalised_click_to_door"] <= penalised(name)
    for what, saved in effects(found).items():
        assert saved["least"] > 0.0, what


@pytest.mark.slow
def test_noise_of_preparation_costs_what_is_published(meals: Path) -> None:
    """Some 1.3 minutes; ours knows what is expected, and not what will be."""
    days = [read_instance(meals / name) for name in PUBLISHED]
    quiet = np.mean(
        [figures(dispatched("local_search", d))["penalised_click_to_door"] for d in days]
    )
    noisy = np.mean(
        [
            figures(dispatched("local_search", day.with_noise(NOISE, 1)))["penalised_click_to_door"]
            for day in days
        ]
    )
    assert 0.8 < noisy - quiet < 1.8


@pytest.mark.parametrize(
    "name", ["lr105", *(pytest.param(one, marks=pytest.mark.slow) for one in MORE_PAIRS)]
)
def test_pickup_and_delivery_is_near_the_best_known(
    vehicles: Path, tmp_path: Path, name: str
) -> None:
    found = checked(vehicles / f"{name}.txt", "local_search", tmp_path)
    assert found["delivered"] == found["orders"]
    assert found["vehicles"] == found["best_vehicles"]
    assert found["gap"] <= 5.0


@pytest.mark.parametrize("name", ["lr101", pytest.param("lrc101", marks=pytest.mark.slow)])
def test_wider_windows_and_larger_vehicles_need_fewer_and_drive_less(
    vehicles: Path, tmp_path: Path, name: str
) -> None:
    """The best plan for the narrow windows is one for the wide ones as well."""
    lines = (vehicles / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    head, depot, *rows = [line.split() for line in lines if line.strip()]
    head[1], depot[5] = "1000", "1000"
    for row in rows:
        row[5] = str(int(row[5]) + 500)
    wide = tmp_path / f"{name}wide.txt"
    wide.write_text("\n".join("\t".join(row) for row in [head, depot, *rows]) + "\n")
    narrow = read_instance(vehicles / f"{name}.txt").best_known
    assert narrow is not None
    found = checked(wide, "local_search", tmp_path)
    assert found["delivered"] == found["orders"]
    assert found["vehicles"] <= 0.4 * narrow.vehicles
    assert found["distance"] < narrow.distance
