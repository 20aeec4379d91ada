"""Solutions of `weal dispatch` against a checker written from the problem's definition."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from policies import registry
from tests.dispatch_checker import evaluation_violations, violations
from tests.dispatch_instances import dispatched, write_meals, write_vehicles


class Solved(NamedTuple):
    """An instance and the folder of a solution of it."""

    instance: Path
    solution: Path

    def copied(self, to: Path) -> "Solved":
        """Both in a folder of their own, to be spoilt."""
        place = to / self.instance.name
        if self.instance.is_dir():
            shutil.copytree(self.instance, place)
        else:
            shutil.copy(self.instance, place)
        return Solved(place, Path(shutil.copytree(self.solution, to / "solution")))

    def wrong(self) -> list[str]:
        """What the checker finds."""
        return violations(self.instance, self.solution)

    def change(self, name: str, change: Callable[[pd.DataFrame], object]) -> None:
        """Change a table of the solution in place, or put another in its stead."""
        path = self.solution / f"{name}.csv"
        table = pd.read_csv(path, keep_default_na=False)
        changed = change(table)
        table = changed if isinstance(changed, pd.DataFrame) else table
        table.to_csv(path, index=False)


@pytest.mark.parametrize("policy", registry.names("dispatch"))
def test_solutions_are_feasible_and_measured_truly(tmp_path: Path, policy: str) -> None:
    days = tmp_path / "days"
    write_meals(days / "easy")
    write_meals(days / "hard", orders=45, couriers=4, seed=2)
    write_vehicles(days / "vehicles.txt")
    out = dispatched(tmp_path / "out", days, policy=policy)
    for instance in days.iterdir():
        assert violations(instance, out / instance.stem) == []
    for name in ("easy", "hard"):
        assert evaluation_violations(days / name, out / name) == []


@pytest.fixture(scope="module")
def meals(tmp_path_factory: pytest.TempPathFactory) -> Solved:
    folder = tmp_path_factory.mktemp("meals")
    instance = write_meals(folder / "day", orders=60, couriers=4, seed=3)
    solved = Solved(instance, dispatched(folder / "out", instance, policy="cheapest_insertion"))
    assert solved.wrong() == []
    stops = pd.read_csv(solved.solution / "stops.csv")
    assert ((stops["kind"] == "pickup") & (stops["origin"] == stops["point"])).any()  # a bundle
    return solved


@pytest.fixture(scope="module")
def vehicles(tmp_path_factory: pytest.TempPathFactory) -> Solved:
    folder = tmp_path_factory.mktemp("vehicles")
    instance = write_vehicles(folder / "small.txt", pairs=12)
    (folder / "small.2_345.6.txt").write_text("Instance name : small\n")
    solved = Solved(instance, dispatched(folder / "out", instance, policy="cheapest_insertion"))
    beside = Solved(Path(shutil.copy(instance, folder / "alone.txt")), solved.solution)
    assert solved.wrong() == []
    assert any("best_distance" in wrong for wrong in beside.wrong())
    return solved


@pytest.fixture(params=["meals", "vehicles"])
def solved(request: pytest.FixtureRequest, tmp_path: Path) -> Solved:
    whole: Solved = request.getfixturevalue(request.param)
    copied = whole.copied(tmp_path)
    for beside in whole.instance.parent.glob("small.*_*.txt"):
        shutil.copy(beside, tmp_path)
    assert copied.wrong() == []
    return copied


def test_a_minute_more_or_less_anywhere_in_the_stops_is_found(solved: Solved) -> None:
    stops = pd.read_csv(solved.solution / "stops.csv", keep_default_na=False)
    columns = ("left", "arrived", "handover", "departed", "sequence", "parcels", "x", "y")
    for row in range(0, len(stops), len(stops) // 8):
        for column in columns:
            for off in (-1, 1):
                changed = stops.copy()
                changed.loc[row, column] += off
                changed.to_csv(solved.solution / "stops.csv", index=False)
                assert solved.wrong(), f"{column} of stop {row}"


def swapped(stops: pd.DataFrame) -> None:
    first = stops.index[stops["kind"] == "dropoff"][0]
    columns = ["kind", "order", "point", "x", "y"]
    stops.loc[[first - 1, first], columns] = stops.loc[[first, first - 1], columns].to_numpy()


def exchanged(stops: pd.DataFrame) -> None:
    """Two couriers exchange all they do."""
    one, other = stops["courier"].unique()[:2]
    stops["courier"] = stops["courier"].replace({one: other, other: one})


def without_a_dropoff(stops: pd.DataFrame) -> pd.DataFrame:
    return stops.drop(index=stops.index[stops["kind"] == "dropoff"][-1])


def without_an_order(stops: pd.DataFrame) -> pd.DataFrame:
    return stops[stops["order"] != stops["order"].iloc[0]]


def twice(stops: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([stops, stops[stops["kind"] == "dropoff"].tail(1)])


def of_nobody(stops: pd.DataFrame) -> None:
    stops.loc[stops["order"] == stops["order"].iloc[0], "order"] = "x999"


@pytest.mark.parametrize(
    "change", [swapped, exchanged, without_a_dropoff, without_an_order, twice, of_nobody]
)
def test_wrong_stops_are_found(
    solved: Solved, change: Callable[[pd.DataFrame], pd.DataFrame | None]
) -> None:
    solved.change("stops", change)
    assert solved.wrong()


def test_every_figure_of_orders_and_couriers_is_checked(meals: Solved, tmp_path: Path) -> None:
    spoilt = meals.copied(tmp_path)
    for name, some in (("orders", 9), ("couriers", 1)):
        table = pd.read_csv(meals.solution / f"{name}.csv")
        assert table.iloc[some].notna().all()
        for column in table.columns.drop(["order", "courier", "status"], errors="ignore"):
            changed = table.astype({column: object})
            value = changed.loc[some, column]
            changed.loc[some, column] = f"{value}9" if isinstance(value, str) else value + 1
            changed.to_csv(spoilt.solution / f"{name}.csv", index=False)
            assert spoilt.wrong(), f"{column} of {name}"
        table.to_csv(spoilt.solution / f"{name}.csv", index=False)
    spoilt.change("orders", lambda orders: orders.assign(status="delivered", courier="c1"))
    assert spoilt.wrong()


def test_every_measure_is_recomputed(solved: Solved) -> None:
    path = solved.solution / "measures.json"
    told = json.loads(path.read_text())
    for name, value in told["measures"].items():
        changed = told | {"measures": told["measures"] | {name: value * 1.01 + 0.01}}
        path.write_text(json.dumps(changed))
        (wrong,) = solved.wrong()
        assert f" {name} = " in wrong
    path.write_text(json.dumps(told | {"measures": told["measures"] | {"happiness": 1.0}}))
    assert solved.wrong() == ["measures.json: happiness is not defined"]


def test_what_a_stricter_definition_forbids_is_found(meals: Solved, tmp_path: Path) -> None:
    """The same solution, where orders come or are ready later, and services take longer."""
    orders = pd.read_csv(meals.solution / "orders.csv").set_index("order")
    couriers = pd.read_csv(meals.solution / "couriers.csv").set_index("courier")
    last = pd.read_csv(meals.solution / "stops.csv").query("kind == 'pickup'").iloc[-1]
    at = {"o8": orders.loc["o8"], last["courier"]: couriers.loc[last["courier"]]}
    changes = (
        ("orders", "o8", "placement_time", at["o8"]["assigned"] + 1, "before the order is placed"),
        ("orders", "o8", "ready_time", at["o8"]["picked_up"] + 1, "handed over at"),
        ("couriers", last["courier"], "off_time", last["handover"] - 1, "after the off time"),
        ("couriers", last["courier"], "on_time", last["left"] + 1, "is busy until"),
        ("instance_parameters", 0, "pickup service minutes", 6, "handed over at"),
        ("instance_parameters", 0, "dropoff service minutes", 6, "handed over at"),
        ("instance_parameters", 0, "meters_per_minute", 300, "drives"),
    )
    for number, (file, row, column, value, said) in enumerate(changes):
        (tmp_path / str(number)).mkdir()
        strict = meals.copied(tmp_path / str(number))
        path = strict.instance / f"{file}.txt"
        table = pd.read_csv(path, sep="\t")
        where = row if row == 0 else table.index[table.iloc[:, 0] == row][0]
        table[column] = table[column].astype(float)
        table.loc[where, column] = float(value)
        table.to_csv(path, sep="\t", index=False)
        assert any(said in wrong for wrong in strict.wrong()), f"{column} of {row}"


def test_what_tighter_windows_and_vehicles_forbid_is_found(
    vehicles: Solved, tmp_path: Path
) -> None:
    lines = vehicles.instance.read_text().splitlines()
    first = pd.read_csv(vehicles.solution / "stops.csv").iloc[0]
    row = int(first["point"]) + 1
    point = lines[row].split("\t")

    def line(column: int, value: float) -> tuple[int, str]:
        return row, "\t".join([*point[:column], str(value), *point[column + 1 :]])

    stricter = (
        (line(5, first["handover"] - 1), "service begins at"),
        (line(4, first["handover"] + 1), "service begins at"),
        (line(6, 500.0), "left at"),
        ((0, "6\t1\t1"), "more than 1"),
        ((0, "1\t10\t1"), "but there are 1"),
        ((1, lines[1].replace("500", "60")), "after 60"),
    )
    for number, ((where, text), said) in enumerate(stricter):
        changed = tmp_path / f"{number}.txt"
        changed.write_text("\n".join([*lines[:where], text, *lines[where + 1 :]]))
        wrong = violations(changed, vehicles.solution)
        assert any(said in one for one in wrong), text


def test_the_published_evaluation_would_object(meals: Solved, tmp_path: Path) -> None:
    """Its files, spoilt one by one."""
    assert evaluation_violations(*meals) == []
    texts = {path.name: path.read_text() for path in meals.solution.glob("solution_info_*.txt")}
    assert len(texts) == 3

    def line_of(name: str, number: int, change: Callable[[list[str]], list[str]]) -> str:
        lines = texts[name].splitlines()
        lines[number] = " ".join(change(lines[number].split()))
        return "\n".join(lines)

    assignments, moves = "solution_info_assignments.txt", "solution_info_couriers.txt"
    spoilt = (
        (assignments, lambda old: ["0", *old[1:]], "assigned before"),
        (assignments, lambda old: [old[0], "0", *old[2:]], "before they are ready"),
        (assignments, lambda old: [old[0], "9999", *old[2:]], "after the off time"),
        (assignments, lambda old: [*old, "o1", "o1"], "bundles"),
        (moves, lambda old: [old[0], str(float(old[1]) - 60), *old[2:]], "leaves"),
        (moves, lambda old: [*old[:3], "o1"], "dropped off elsewhere"),
    )
    for number, (name, change, said) in enumerate(spoilt):
        folder = Path(shutil.copytree(meals.solution, tmp_path / str(number)))
        (folder / name).write_text(line_of(name, 2, change))
        wrong = evaluation_violations(meals.instance, folder)
        assert any(said in one for one in wrong), said


def test_noise_moves_true_ready_times_only(tmp_path: Path) -> None:
    instance = write_meals(tmp_path / "day", orders=60)
    noisy = ("--preparation-noise", "6")
    first = dispatched(tmp_path / "a", instance, policy="nearest", more=noisy)
    again = dispatched(tmp_path / "b", instance, policy="nearest", more=noisy)
    other = dispatched(tmp_path / "c", instance, policy="nearest", more=(*noisy, "--seed", "2"))
    for name in ("stops.csv", "measures.json"):
        assert (first / name).read_bytes() == (again / name).read_bytes()
    ready = [pd.read_csv(out / "orders.csv")["ready"] for out in (first, other)]
    assert not ready[0].equals(ready[1])
    given = pd.read_csv(instance / "orders.txt", sep="\t")
    assert (ready[0] - given["ready_time"]).std() == pytest.approx(6.0, rel=0.4)
    for out in (first, other):
        assert violations(instance, out, noisy=True) == []
        assert any("ready is" in wrong for wrong in violations(instance, out))
