"""`weal dispatch`: what it prints, what it writes where, and what it refuses."""

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result
from typer.testing import CliRunner

from experiments.cli import app
from tests.dispatch_checker import violations
from tests.dispatch_instances import dispatched, write_meals, write_vehicles


def asked(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["dispatch", *map(str, arguments)])


def test_one_instance_is_solved_into_the_folder_itself(tmp_path: Path) -> None:
    instance = write_meals(tmp_path / "day")
    answer = asked(instance, "--policy", "nearest", "--out", tmp_path / "out")
    assert "day: meal delivery, policy nearest" in answer.stdout
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "orders.csv", "stops.csv", "couriers.csv", "measures.json",
        *(f"solution_info_{part}.txt" for part in ("assignments", "orders", "couriers")),
    }  # fmt: skip
    told = json.loads((tmp_path / "out" / "measures.json").read_text())
    assert told["policy"] == "nearest"
    assert told["parameters"]["name"] == "nearest"


def test_several_instances_make_a_table_with_their_mean(tmp_path: Path) -> None:
    days = tmp_path / "days"
    for seed, name in enumerate("ab"):
        write_meals(days / name, seed=seed)
    write_vehicles(days / "c.txt")
    (days / "c.3_456.7.txt").write_text("Instance name : c\n")
    answer = asked(days, "--policy", "nearest", "--out", tmp_path / "out", "--json")
    told = json.loads(answer.stdout)
    assert [one["instance"] for one in told["instances"]] == ["a", "b", "c"]
    doors = [one["measures"]["click_to_door"] for one in told["instances"][:2]]
    assert told["mean"]["click_to_door"] == pytest.approx(sum(doors) / 2)
    assert told["instances"][2]["measures"]["best_distance"] == 456.7
    table = asked(days, "--policy", "nearest", "--out", tmp_path / "out").stdout
    for line in ("mean", f"{sum(doors) / 2:.2f}", "456.70"):
        assert line in table
    assert (tmp_path / "out" / "c" / "stops.csv").is_file()


def test_the_same_again_gives_the_same_bytes(tmp_path: Path) -> None:
    instance = write_meals(tmp_path / "day")
    out = dispatched(tmp_path / "out", instance, policy="local_search")
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    dispatched(out, instance, policy="local_search")
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


@pytest.mark.parametrize("inside", ["thesis.txt", "day/thesis.txt", "notes/measures.json"])
def test_what_is_no_solution_is_never_replaced(tmp_path: Path, inside: str) -> None:
    instance = write_meals(tmp_path / "day")
    out = dispatched(tmp_path / "out", instance, policy="nearest")
    precious = out / inside
    precious.parent.mkdir(exist_ok=True)
    precious.write_text("{}")
    if inside.startswith("notes"):
        (out / "notes" / "deep").mkdir()
    answer = asked(instance, "--policy", "nearest", "--out", out)
    assert answer.exit_code == 2
    assert "which belongs to no solution of dispatch" in answer.stderr
    assert precious.read_text() == "{}"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    instance = write_meals(tmp_path / "day")
    out = dispatched(tmp_path / "out", instance, policy="nearest")
    link = tmp_path / "link"
    link.symlink_to(out)
    answer = asked(instance, "--policy", "nearest", "--out", link)
    assert answer.exit_code == 2
    assert "is a link" in answer.stderr
    assert (out / "orders.csv").is_file()


def test_a_broken_instance_leaves_nothing_behind(tmp_path: Path) -> None:
    write_meals(tmp_path / "days" / "good")
    bad = write_meals(tmp_path / "days" / "bad") / "orders.txt"
    bad.write_text(bad.read_text().replace("o3\t", "o3\tx", 1))
    answer = asked(tmp_path / "days", "--policy", "nearest", "--out", tmp_path / "out")
    assert answer.exit_code == 2
    assert f"{bad}:4: x = " in answer.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--policy", "nearst"], "did you mean 'nearest'"),
        (["--policy", "cheapest_insertion", "--set", "most_stops=1"], "most_stops=1: input should"),
        (["--policy", "local_search", "--set", "iteration=1"], "did you mean 'iterations'"),
        (["--policy", "nearest", "--set", "oops"], "expected KEY=VALUE"),
        (["--policy", "nearest", "--set", "name=local_search"], "expected KEY=VALUE"),
        (["--policy", "local_search", "--set", "seed=1", "--set", "seed=2"], "seed is set twice"),
        (["--preparation-noise", "-1"], "greater than or equal to 0"),
    ],
)
def test_bad_input_is_refused_in_plain_words(tmp_path: Path, more: list[str], said: str) -> None:
    answer = asked(write_meals(tmp_path / "day"), "--out", tmp_path / "out", *more)
    assert answer.exit_code == 2
    assert said in " ".join(answer.stderr.split())
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".*"))


def test_all_wrong_parameters_are_told_at_once(tmp_path: Path) -> None:
    answer = asked(
        write_meals(tmp_path / "day"), "--policy", "local_search", "--set", "ruined=x", "--set",
        "iteration=1",
    )  # fmt: skip
    assert "ruined=x" in answer.stderr
    assert "iteration=1" in answer.stderr


def test_windows_have_no_preparation_to_disturb(tmp_path: Path) -> None:
    path = write_vehicles(tmp_path / "small.txt")
    answer = asked(path, "--preparation-noise", "3", "--out", tmp_path / "out")
    assert answer.exit_code == 2
    assert "small has no preparation times" in answer.stderr


def test_two_instances_of_one_name_are_refused(tmp_path: Path) -> None:
    same = [write_meals(tmp_path / side / "day") for side in ("left", "right")]
    answer = asked(*same, "--out", tmp_path / "out")
    assert answer.exit_code == 2
    assert "day: is the name of 2 instances" in answer.stderr


PLUGIN = """
from policies.dispatch.nearest import NearestCourier


class Clumsy(NearestCourier):
    name = "clumsy"

    def dispatch(self, observation):
        raise RuntimeError("dropped it")
"""


def test_a_users_own_policy_that_fails_is_named_with_its_file(tmp_path: Path) -> None:
    plugin = tmp_path / "clumsy.py"
    plugin.write_text(PLUGIN)
    answer = asked(
        write_meals(tmp_path / "day"), "--plugin", plugin, "--policy", "clumsy", "--out",
        tmp_path / "out",
    )  # fmt: skip
    assert answer.exit_code == 1
    assert "clumsy.py" in answer.stderr
    assert "dropped it" in answer.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("vehicles", "all_delivered"), [(8, True), (1, False)])
def test_the_best_known_is_only_reached_with_all_pairs_delivered(
    tmp_path: Path, vehicles: int, all_delivered: bool
) -> None:
    instance = write_vehicles(tmp_path / "small.txt", pairs=8, vehicles=vehicles)
    (tmp_path / "small.3_456.7.txt").write_text("Instance name : small\n")
    out = dispatched(tmp_path / "out", instance, policy="nearest")
    found = json.loads((out / "measures.json").read_text())["measures"]
    assert (found["delivered"] == found["orders"]) == all_delivered
    expected = pytest.approx(100 * (found["distance"] / 456.7 - 1)) if all_delivered else None
    assert found["gap"] == expected
    assert violations(instance, out) == []


def test_the_capped_measure_is_called_what_it_is(tmp_path: Path) -> None:
    instance = write_meals(tmp_path / "day", orders=60, couriers=2)
    answer = asked(instance, "--policy", "nearest", "--out", tmp_path / "out", "--json")
    found = json.loads(answer.stdout)["instances"][0]["measures"]
    orders = pd.read_csv(tmp_path / "out" / "orders.csv")
    minutes = (orders["delivered"] - orders["placed"]).fillna(90)
    assert (minutes > 90).any()
    assert found["penalised_click_to_door"] == pytest.approx(minutes.clip(upper=90).mean())
    shown = asked(instance, "--policy", "nearest", "--out", tmp_path / "out").stdout
    assert "all orders, capped at 90 min" in shown
