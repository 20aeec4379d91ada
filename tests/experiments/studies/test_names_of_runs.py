"""A run's name tells all that its numbers depend on, and nothing else."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from experiments.studies.identity import input_digest, model_version, point_hash
from experiments.studies.loading import LoadedStudy, load_study
from experiments.studies.tasks import first_replications, planned, tasks

Load = Callable[..., LoadedStudy]

CAPS = '[[levers]]\nkey = "policies.price_regulation.max_share_of_price"\nlevels = [{}]\n{}\n'


def names(loaded: LoadedStudy) -> list[str]:
    counts = first_replications(loaded, 2)
    return [one.run for one in tasks(loaded, planned(loaded), counts, "a version")]


def test_one_more_level_keeps_the_names_of_the_runs_there_were(load: Load) -> None:
    few = names(load(CAPS.format("0.0, 0.2", "")))
    more = names(load(CAPS.format("0.0, 0.1, 0.2", "")))
    assert set(few) < set(more)
    assert len(set(more)) == len(more) == 6


def test_titles_and_labels_change_no_name(load: Load, tmp_path: Path) -> None:
    plain = names(load(CAPS.format("0.0, 0.2", "")))
    head = 'title = "Other"\nname = "other"\nquestion = "Why?"\n'
    assert names(load(head + CAPS.format("0.0, 0.2", 'label = "the cap"\nunit = "%"'))) == plain
    head = 'changes = { title = "Another market" }\n'
    with pytest.raises(ValueError, match="cannot be changed"):
        load(head + CAPS.format("0.0", ""))


def test_the_name_of_the_scenarios_file_changes_no_name(load: Load, tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        (tmp_path / f"{name}.toml").write_text(f'title = "{name}"\ndays = 3\n')
        text = (
            f'scenario = "{name}.toml"\n[[levers]]\nkey = "platform.commission"\nlevels = [0.1]\n'
        )
        found.append(names(load(text)))
    assert found[0] == found[1]


def test_a_level_written_as_a_whole_number_is_the_same_run(load: Load) -> None:
    assert names(load(CAPS.format("0, 1", ""))) == names(load(CAPS.format("0.0, 1.0", "")))


def test_all_points_have_the_same_luck_in_a_replication(load: Load) -> None:
    text = CAPS.format("0.0, 0.1, 0.2", "")
    text += '[[uncertainties]]\nkey = "consumers.multi_homing"\nlevels = [0.5, 0.7]\n'
    loaded = load("seed = 40\n" + text)
    made = list(tasks(loaded, planned(loaded), first_replications(loaded, 3), "a version"))
    assert {(one.replication, one.scenario.seed) for one in made} == {(0, 40), (1, 41), (2, 42)}
    firsts = [one.replication for one in made]
    assert firsts == sorted(firsts)  # a sweep cut short has whole pairs


def test_the_scenario_the_seed_the_replication_and_the_model_change_the_name(load: Load) -> None:
    loaded = load(CAPS.format("0.0, 0.2", ""))
    first, second = planned(loaded)
    told = {
        first.run(0, "a version"),
        first.run(1, "a version"),
        first.run(0, "another"),
        second.run(0, "a version"),
    }
    assert len(told) == 4
    seeded = planned(load("seed = 7\n" + CAPS.format("0.0", "")))
    assert seeded[0].run(0, "a version") not in told


def test_a_changed_file_of_streets_changes_the_name(load: Load, tmp_path: Path) -> None:
    shipped = load(CAPS.format("0.0", ""))
    scenario = shipped.base
    streets = scenario.model_copy(
        update={"roads": scenario.roads.model_copy(update={"network": "town.graphml"})}
    )
    (tmp_path / "town.graphml").write_text("one")
    before = input_digest(streets, tmp_path)
    (tmp_path / "town.graphml").write_text("two")
    after = input_digest(streets, tmp_path)
    assert before != after
    assert point_hash(streets, before) != point_hash(streets, after)
    assert input_digest(scenario, tmp_path) == ""


def test_a_changed_plug_in_is_another_model(tmp_path: Path) -> None:
    plugin = tmp_path / "mine.py"
    plugin.write_text("one = 1\n")
    before = model_version([plugin])
    plugin.write_text("one = 2\n")
    assert len({model_version(), before, model_version([plugin])}) == 3


def test_names_are_the_same_in_every_process_and_for_every_hash_seed() -> None:
    code = (
        "from experiments.studies.loading import load_study\n"
        "from experiments.studies.tasks import planned\n"
        "from experiments.studies.identity import model_version\n"
        "loaded = load_study('smoke', try_points=False)\n"
        "print([one.run(0, model_version()) for one in planned(loaded)])\n"
    )
    told = set()
    for seed in ("0", "12345"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        told.add(done.stdout)
    loaded = load_study("smoke", try_points=False)
    told.add(f"{[one.run(0, model_version()) for one in planned(loaded)]}\n")
    assert len(told) == 1
