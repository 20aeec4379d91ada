"""Instances in the formats in which they are published, and what is said of broken ones."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from experiments.dispatching.instance import BestKnown, InstanceError, Problem
from experiments.dispatching.reading import find_instances, read_instance
from tests.dispatch_instances import write_meals, write_vehicles


def test_a_meal_instance_says_who_orders_what_where_and_when(tmp_path: Path) -> None:
    instance = read_instance(write_meals(tmp_path / "day", orders=12, couriers=3))
    assert instance.problem is Problem.MEALS
    assert instance.orders == tuple(f"o{i}" for i in range(1, 13))
    assert instance.couriers == ("c1", "c2", "c3")
    jobs = instance.jobs
    np.testing.assert_array_equal(jobs.known_at, jobs.placed)
    np.testing.assert_array_equal(jobs.due, jobs.placed + 40)
    first, shop = jobs.dropoff[0], jobs.pickup[0]
    assert instance.point_names[first] == "o1"
    assert instance.point_names[shop].startswith("r")
    way = np.hypot(instance.x[first] - instance.x[shop], instance.y[first] - instance.y[shop])
    assert instance.travel.minutes[shop, first] == np.ceil(way / 320)


def test_a_vehicle_instance_pairs_pickups_with_deliveries(tmp_path: Path) -> None:
    path = write_vehicles(tmp_path / "small.txt", pairs=5)
    (tmp_path / "small.2_345.6.txt").write_text("Solution\n")
    instance = read_instance(path)
    assert instance.problem is Problem.PICKUP_AND_DELIVERY
    assert instance.orders == tuple(f"{i}-{i + 5}" for i in range(1, 6))
    assert instance.best_known == BestKnown(2, 345.6)
    assert len(instance.couriers) == 6
    assert (instance.jobs.deadline >= instance.jobs.not_before).all()


def test_a_folder_of_instances_is_found_by_name(tmp_path: Path) -> None:
    for name in ("b", "a"):
        write_meals(tmp_path / name)
    write_vehicles(tmp_path / "c.txt")
    (tmp_path / "notes.md").write_text("hello")
    assert [path.name for path in find_instances(tmp_path)] == ["a", "b", "c.txt"]


def replaced(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    return change


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "couriers.txt").unlink(), "couriers.txt: no such file"),
        (replaced("orders.txt", "ready_time", "ready"), "orders.txt:1: no column 'ready_time'"),
        (replaced("orders.txt", "\tr1\t", "\tq\t"), "restaurant = 'q': is not in restaurants.txt"),
        (replaced("couriers.txt", "c2", "c1"), "couriers.txt:3: courier = 'c1' stands in line 2"),
        (replaced("orders.txt", "o3\t", "o3\tx"), "orders.txt:4: x = 'x.*': is no number"),
        (replaced("orders.txt", "o3\t", "o3\t7\t"), "orders.txt:4: 7 fields, but 6 columns"),
        (
            replaced("instance_parameters.txt", "320", "0"),
            "instance_parameters.txt:2: meters_per_minute = 0: must be",
        ),
        (
            replaced("orders.txt", "o3\t", "o3\tnan\t0\t1000\tr1\t5\nX\t"),
            "orders.txt:4: 7 fields|4: x = 'nan'.*finite",
        ),
    ],
)
def test_a_broken_meal_instance_is_refused_with_place_and_value(
    tmp_path: Path, spoil: Callable[[Path], None], said: str
) -> None:
    folder = write_meals(tmp_path / "day", orders=9)
    spoil(folder)
    with pytest.raises(InstanceError, match=said):
        read_instance(folder)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("\n3\t", "\n4\t", "small.txt:5: point = 4: expected 3"),
        ("\n3\t", "\n3\tx", "small.txt:5: x = 'x.*': is no number"),
        ("\n3\t", "\n3\t1\t", "small.txt:5: 10 fields; expected 9"),
        ("6\t10\t1", "0\t10\t1", "small.txt:1: vehicles and capacity must be 1 or more"),
    ],
)
def test_a_broken_vehicle_instance_is_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = write_vehicles(tmp_path / "small.txt")
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(InstanceError, match=said):
        read_instance(path)


def test_a_delivery_that_belongs_to_no_pickup_is_refused(tmp_path: Path) -> None:
    path = write_vehicles(tmp_path / "small.txt", pairs=3)
    lines = path.read_text().splitlines()
    fields = lines[2].split("\t")
    lines[2] = "\t".join([*fields[:-1], "5"])
    path.write_text("\n".join(lines))
    with pytest.raises(InstanceError, match=r"small.txt:3: delivery = 5: is no drop-off"):
        read_instance(path)


def test_what_is_no_instance_is_refused_with_what_is_expected(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("hello")
    for path in (tmp_path, tmp_path / "notes.md", tmp_path / "nowhere"):
        with pytest.raises(InstanceError, match=r"expected a folder with orders\.txt"):
            find_instances(path)
