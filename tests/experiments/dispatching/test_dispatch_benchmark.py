"""The benchmark of dispatch on tiny sizes, and the meal orders that it makes."""

import numpy as np

from benchmarks.dispatch import PARTS, measured
from benchmarks.synthetic_meals import FARTHEST, meals


def test_made_meals_are_like_the_real_ones() -> None:
    day = meals(200, 50)
    jobs, metres = day.jobs, day.travel.metres
    away = metres[jobs.pickup, jobs.dropoff]
    assert 1500.0 < away.mean() < 3000.0
    assert away.max() <= FARTHEST
    assert (jobs.ready > jobs.placed).all()
    assert (np.diff(jobs.placed) >= 0.0).all()


def test_cities_grow_at_one_density() -> None:
    small, large = (meals(4 * k, k, per_square_km=5.0) for k in (50, 200))
    area = [float(np.ptp(day.x) * np.ptp(day.y)) for day in (small, large)]
    assert 3.0 < area[1] / area[0] < 5.0


def test_every_part_has_a_row_for_each_policy_and_size() -> None:
    rows = measured(
        PARTS,
        ["nearest", "cheapest_insertion"],
        orders=60,
        couriers=8,
        growth=(5, 10),
        meal_orders=(24,),
        shared=None,
    )
    assert [row["policy"] for row in rows["day"]] == ["nearest", "cheapest_insertion"]
    for row in rows["day"]:
        assert 40 <= row["orders"] <= 80
        assert 0 < row["delivered"] <= row["orders"]
    assert [row["instance"] for row in rows["meals"]] == ["made24", "made24"]
    assert [row["couriers"] for row in rows["growth"]] == [5, 10, 5, 10]
    assert all(row["minutes_to_door"] > 0.0 for part in rows.values() for row in part)
