"""Solutions of `weal dispatch` against a checker written from the problem's definition."""

import json
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from experiments.cli import app
from tests.dispatch_checker import violations
from tests.dispatch_instances import write_meals, write_vehicles

POLICIES = ("nearest", "cheapest_insertion")


def dispatched(out: Path, *instances: Path, policy: str, more: tuple[str, ...] = ()) -> Path:
    answer = CliRunner().invoke(
        app, ["dispatch", *map(str, instances), "--policy", policy, "--out", str(out), *more]
    )
    assert answer.exit_code == 0, answer.output + answer.stderr
    return out


@pytest.mark.parametrize("policy", POLICIES)
def test_solutions_are_feasible_and_measured_truly(tmp_path: Path, policy: str) -> None:
    instances = [
        write_meals(tmp_path / "easy"),
        write_meals(tmp_path / "hard", orders=60, couriers=4, seed=2),
        write_vehicles(tmp_path / "vehicles.txt"),
    ]
    out = dispatched(tmp_path / "out", *instances, policy=policy)
    for instance in instances:
        assert violations(instance, out / instance.stem) == []


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("solved")
    instance = write_meals(folder / "day", orders=40, couriers=5, seed=3)
    out = dispatched(folder / "out", instance, policy="cheapest_insertion")
    assert violations(instance, out / "day") == []
    return instance, out / "day"


def stops(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / "stops.csv"
        change(pd.read_csv(path, keep_default_na=False)).to_csv(path, index=False)

    return spoil


def shifted(table: pd.DataFrame) -> pd.DataFrame:
    table.loc[4, "handover"] += 1
    return table


def earlier(table: pd.DataFrame) -> pd.DataFrame:
    """A courier leaves for its first stop, and arrives, before the order is placed."""
    for column in ("left", "arrived"):
        table.loc[0, column] -= 100
    return table


def swapped(table: pd.DataFrame) -> pd.DataFrame:
    first = table[(table["kind"] == "dropoff")].index[0]
    table.loc[[first - 1, first], "sequence"] = table.loc[[first, first - 1], "sequence"].to_numpy()
    return table


def teleported(table: pd.DataFrame) -> pd.DataFrame:
    table.loc[3, "origin"] = table.loc[0, "origin"]
    return table


def twice(table: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([table, table.tail(1).assign(sequence=table["sequence"].max() + 9)])


def dropped(table: pd.DataFrame) -> pd.DataFrame:
    return table.drop(index=table[table["kind"] == "dropoff"].index[-1])


def faster(table: pd.DataFrame) -> pd.DataFrame:
    slow = (table["arrived"] - table["left"]).idxmax()
    table.loc[slow, "arrived"] -= 1
    return table


@pytest.mark.parametrize("change", [shifted, earlier, swapped, teleported, twice, dropped, faster])
def test_the_checker_finds_a_wrong_stop(
    solved: tuple[Path, Path], tmp_path: Path, change: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    instance, solution = solved
    spoilt = Path(shutil.copytree(solution, tmp_path / "spoilt"))
    stops(change)(spoilt)
    assert violations(instance, spoilt)


@pytest.mark.parametrize("name", ["click_to_door", "total_pay", "delivered", "kilometres"])
def test_the_checker_finds_a_wrong_measure(
    solved: tuple[Path, Path], tmp_path: Path, name: str
) -> None:
    instance, solution = solved
    spoilt = Path(shutil.copytree(solution, tmp_path / "spoilt"))
    told = json.loads((spoilt / "measures.json").read_text())
    told["measures"][name] *= 1.01
    (spoilt / "measures.json").write_text(json.dumps(told))
    (wrong,) = violations(instance, spoilt)
    assert name in wrong


def test_the_checker_finds_an_order_that_is_said_to_be_brought(
    solved: tuple[Path, Path], tmp_path: Path
) -> None:
    instance, solution = solved
    spoilt = Path(shutil.copytree(solution, tmp_path / "spoilt"))
    orders = pd.read_csv(spoilt / "orders.csv")
    orders.loc[0, "delivered"] -= 3
    orders.to_csv(spoilt / "orders.csv", index=False)
    assert any("o1: delivered" in wrong for wrong in violations(instance, spoilt))


def test_noise_moves_true_ready_times_only_and_is_checked_against_them(tmp_path: Path) -> None:
    instance = write_meals(tmp_path / "day")
    noisy = ("--preparation-noise", "6")
    first = dispatched(tmp_path / "a", instance, policy="nearest", more=noisy)
    again = dispatched(tmp_path / "b", instance, policy="nearest", more=noisy)
    other = dispatched(tmp_path / "c", instance, policy="nearest", more=(*noisy, "--seed", "2"))
    ready = [pd.read_csv(out / "day" / "orders.csv")["ready"] for out in (first, again, other)]
    assert ready[0].equals(ready[1])
    assert not ready[0].equals(ready[2])
    given = pd.read_csv(instance / "orders.txt", sep="\t")
    assert (ready[0] - given["ready_time"]).std() == pytest.approx(6.0, rel=0.5)
    # The checker knows the instance's ready times: it says that others were used.
    assert any("ready is" in wrong for wrong in violations(instance, first / "day"))


def test_the_files_of_the_published_evaluation_say_the_same(solved: tuple[Path, Path]) -> None:
    _, solution = solved
    orders = pd.read_csv(solution / "orders.csv").set_index("order")
    lines = (solution / "solution_info_assignments.txt").read_text().splitlines()
    assert lines[0] == "assignment_time pickup_time courier orders"
    bundled = [line.split() for line in lines[1:]]
    assert sorted(order for line in bundled for order in line[3:]) == sorted(
        orders.index[orders["picked_up"].notna()]
    )
    for line in bundled:
        rows = orders.loc[line[3:]]
        assert float(line[0]) >= rows["placed"].max()
        assert float(line[1]) >= rows["ready"].max()
        assert set(rows["courier"]) == {line[2]}
        assert rows["delivered"].is_monotonic_increasing
    moves = [
        line.split() for line in (solution / "solution_info_couriers.txt").read_text().splitlines()
    ]
    assert moves[0] == ["courier", "departure_time", "origin", "destination"]
    for before, after in pairwise(moves[1:]):
        assert before[0] != after[0] or before[3] == after[2]


def test_foreign_folders_are_left_alone(tmp_path: Path) -> None:
    instance = write_meals(tmp_path / "day")
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").write_text("years of work")
    answer = CliRunner().invoke(app, ["dispatch", str(instance), "--out", str(precious)])
    assert answer.exit_code == 2
    assert "holds something else than solutions" in answer.stderr
    assert (precious / "thesis.txt").read_text() == "years of work"
    out = dispatched(tmp_path / "out", instance, policy="nearest")
    before = (out / "day" / "stops.csv").read_bytes()
    dispatched(tmp_path / "out", instance, policy="nearest")
    assert (out / "day" / "stops.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--policy", "nearst"], "did you mean 'nearest'"),
        (["--policy", "cheapest_insertion", "--set", "most_stops=1"], "most_stops=1"),
        (
            ["--policy", "cheapest_insertion", "--set", "speed=1"],
            "parameters of cheapest_insertion",
        ),
        (["--policy", "nearest", "--set", "oops"], "expected KEY=VALUE"),
    ],
)
def test_bad_input_is_refused_in_plain_words(tmp_path: Path, more: list[str], said: str) -> None:
    instance = write_meals(tmp_path / "day")
    answer = CliRunner().invoke(
        app, ["dispatch", str(instance), "--out", str(tmp_path / "out"), *more]
    )
    assert answer.exit_code == 2
    assert said in answer.stderr
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".*"))


def test_json_tells_what_the_table_tells(tmp_path: Path) -> None:
    instances = [write_meals(tmp_path / name, seed=i) for i, name in enumerate("ab")]
    answer = CliRunner().invoke(
        app,
        ["dispatch", *map(str, instances), "--policy", "nearest", "--out", str(tmp_path / "out"),
         "--json"],
    )  # fmt: skip
    told = json.loads(answer.stdout)
    doors = [one["measures"]["click_to_door"] for one in told["instances"]]
    assert told["mean"]["click_to_door"] == pytest.approx(sum(doors) / 2)
    assert [one["policy"] for one in told["instances"]] == ["nearest", "nearest"]
