"""Instances in the formats in which they are published, and what is said of broken ones."""

from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest

from experiments.dispatching.instance import BestKnown, InstanceError, Problem
from experiments.dispatching.li_lim_points import FIELDS
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


def separated(by: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "orders.txt"
        path.write_text(path.read_text().replace("\t", by))

    return change


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "couriers.txt").unlink(), "couriers.txt: no such file"),
        (
            replaced("orders.txt", "ready_time", "ready"),
            "orders.txt:1: no column 'ready_time'.*perhaps 'ready_time' is written 'ready'",
        ),
        (
            replaced("orders.txt", "restaurant", "Restaurant"),
            "no column 'restaurant'.*perhaps 'restaurant' is written 'Restaurant'",
        ),
        (separated(","), "orders.txt:1: .* separated by tabs, but this line has commas"),
        (separated(";"), "orders.txt:1: .* separated by tabs, but this line has semicolons"),
        (separated("  "), "orders.txt:1: .* separated by tabs, but this line has spaces"),
        (replaced("orders.txt", "\no3\t", "\n\n\no3\tx"), "orders.txt:6: x = 'x.*': is no number"),
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
        ("6\t10\t1", "0\t10\t1", "small.txt:1: vehicles = 0: must be a whole number of 1 or more"),
        ("6\t10\t1", "2.5\t10\t1", "small.txt:1: vehicles = 2.5: must be a whole number"),
        ("6\t10\t1", "6\t10\t2", "small.txt:1: speed = 2: must be 1"),
        ("\t0\t500\t", "\t100\t5\t", "small.txt:2: latest = 5: is before earliest = 100"),
        ("0\t50\t50\t0\t", "0\t50\t50\t3\t", "small.txt:2: demand = 3: must be 0 at the depot"),
    ],
)
def test_a_broken_vehicle_instance_is_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = write_vehicles(tmp_path / "small.txt")
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(InstanceError, match=said):
        read_instance(path)


@pytest.mark.parametrize(
    ("point", "field", "value", "said"),
    [
        (1, "delivery", "5", "delivery = 5: is no drop-off of what point 1 hands out"),
        (1, "delivery", "99", "delivery = 99: is no drop-off of what point 1 hands out"),
        (1, "delivery", "-3", "delivery = -3: is no drop-off of what point 1 hands out"),
        (1, "pickup", "2", "pickup = 2: must be 0, as a demand of .* makes point 1 a pickup"),
        (4, "delivery", "6", "delivery = 6: must be 0, as a demand of .* point 4 a drop-off"),
        (1, "demand", "9", "delivery = 4: is no drop-off.*a demand of -9"),
        (1, "demand", "0", "demand = 0: must be more than 0 at a pickup and less at a drop-off"),
        (1, "demand", "1.5", "demand = '1.5': must be a whole number"),
        (2, "latest", "-1", "latest = -1: is before earliest = "),
        (2, "service", "-1", "service = -1: must be 0 or more"),
    ],
)
def test_windows_and_pairs_that_do_not_hold_together_are_refused(
    tmp_path: Path, point: int, field: str, value: str, said: str
) -> None:
    path = write_vehicles(tmp_path / "small.txt", pairs=3)
    lines = path.read_text().splitlines()
    fields = lines[1 + point].split("\t")
    fields[FIELDS.index(field)] = value
    lines[1 + point] = "\t".join(fields)
    path.write_text("\n".join(lines))
    with pytest.raises(InstanceError, match=rf"small.txt:{2 + point}: {said}"):
        read_instance(path)


def test_a_drop_off_that_no_pickup_names_is_refused(tmp_path: Path) -> None:
    path = write_vehicles(tmp_path / "small.txt", pairs=3)
    lines = path.read_text().splitlines()
    lines[1 + 5] = lines[1 + 4].replace("4\t", "5\t", 1)  # a second drop-off of pickup 1
    path.write_text("\n".join(lines))
    with pytest.raises(InstanceError, match=r"small.txt:(4|7): .* is no "):
        read_instance(path)


def test_blank_lines_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    for path in (write_vehicles(tmp_path / "small.txt"), *write_meals(tmp_path / "day").iterdir()):
        folder = tmp_path / "blank" / path.relative_to(tmp_path).parent
        folder.mkdir(parents=True, exist_ok=True)
        text = "\n \n" + path.read_text().replace("\n", "\n\n")
        (folder / path.name).write_text(text, encoding="utf-8-sig")
    for name in ("small.txt", "day"):
        plain, blank = (read_instance(at / name) for at in (tmp_path, tmp_path / "blank"))
        assert blank.orders == plain.orders
        np.testing.assert_array_equal(blank.jobs.due, plain.jobs.due)
        np.testing.assert_array_equal(blank.travel.minutes, plain.travel.minutes)
    assert find_instances(tmp_path / "blank" / "small.txt")


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    path = write_vehicles(tmp_path / "small.txt")
    path.write_text("\n" + path.read_text().replace("\n3\t", "\n\n3\tx"))
    with pytest.raises(InstanceError, match=r"small.txt:7: x = 'x"):
        read_instance(path)


def test_an_archive_is_to_be_unpacked(tmp_path: Path) -> None:
    archive = tmp_path / "day.zip"
    with ZipFile(archive, "w") as packed:
        for part in write_meals(tmp_path / "day").iterdir():
            packed.write(part, f"day/{part.name}")
    with pytest.raises(InstanceError, match=r"day\.zip: is a zip archive; unpack it"):
        find_instances(archive)


def test_what_is_no_instance_is_refused_with_what_is_expected(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("hello")
    for path in (tmp_path, tmp_path / "notes.md", tmp_path / "nowhere"):
        with pytest.raises(InstanceError, match=r"expected a folder with orders\.txt"):
            find_instances(path)
