"""Processes that are really killed: drivers with their groups, single workers, workers by runs."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import psutil
import pytest
from harmful_runs import trouble_in
from swept import command, hidden, run_bytes, write_study

from experiments import load
from experiments.sweeping.status import status

QUICK_KILLS, KILLS, WORKER_KILLS = 3, 50, 10
PATIENCE_S = 60.0


def workers_of(driver: int) -> list[psutil.Process]:
    """The processes in which a driver's runs live."""
    try:
        return psutil.Process(driver).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def until(true: Callable[[], bool], process: subprocess.Popen[str]) -> bool:
    """Wait for something while a process lives; whether it came true before."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        if true():
            return True
        time.sleep(0.002)
    return False


def count(out: Path) -> int:
    return len(list(out.glob("*/runs/*.parquet")))


def ended(process: subprocess.Popen[str]) -> str:
    """Wait for a process; what it told of its progress and errors."""
    _, errors = process.communicate(timeout=PATIENCE_S * 2)
    return errors


def assert_same_content(out: Path, undisturbed: Path) -> None:
    assert run_bytes(out) == run_bytes(undisturbed)
    assert hidden(out) == []
    for path in undisturbed.glob("*/*.parquet"):  # outcomes, plan
        assert (out / path.relative_to(undisturbed)).read_bytes() == path.read_bytes()
    pd.testing.assert_frame_equal(load(out), load(undisturbed), check_exact=True)


def killed_again_and_again(study: Path, out: Path, kills: int, seed: int) -> int:
    """Kill a sweep's process group at random moments, and start it again; then let it end.

    Returns:
        How many sweeps were killed while they lived.
    """
    chance, done = random.Random(seed), 0
    for number in range(kills * 3):
        process = command("sweep", study, "--out", out, hash_seed=number)
        if number % 2:
            time.sleep(chance.uniform(0.0, 2.0))
        else:
            before = count(out)
            until(lambda before=before: count(out) > before, process)  # type: ignore[misc]
            time.sleep(chance.uniform(0.0, 0.05))
        if process.poll() is None:
            done += 1
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if done == kills:
            break
    assert command_ends_well(study, out)
    return done


def command_ends_well(study: Path, out: Path) -> bool:
    process = command("sweep", study, "--out", out)
    errors = ended(process)
    assert process.returncode == 0, errors
    return True


def test_a_sweep_that_is_killed_with_its_group_goes_on(undisturbed: Path, tmp_path: Path) -> None:
    study, out = write_study(tmp_path, count=10), tmp_path / "out"
    assert killed_again_and_again(study, out, QUICK_KILLS, seed=1) == QUICK_KILLS
    assert len(run_bytes(out)) == 30
    assert_same_content(out, undisturbed)


@pytest.mark.endurance
def test_fifty_kills_leave_the_content_of_an_undisturbed_sweep(tmp_path: Path) -> None:
    study, alone, out = write_study(tmp_path, count=600), tmp_path / "alone", tmp_path / "out"
    assert killed_again_and_again(study, out, KILLS, seed=2) == KILLS
    command_ends_well(study, alone)
    assert_same_content(out, alone)


@pytest.mark.endurance
def test_ten_workers_that_are_killed_from_outside_cost_nothing(tmp_path: Path) -> None:
    study, alone, out = write_study(tmp_path, count=150), tmp_path / "alone", tmp_path / "out"
    process = command("sweep", study, "--out", out, "--workers", 2)
    chance, killed = random.Random(3), 0
    while killed < WORKER_KILLS:
        before = count(out)
        assert until(lambda before=before: count(out) > before + 3, process)  # type: ignore[misc]
        time.sleep(chance.uniform(0.0, 0.05))
        victims = workers_of(process.pid)
        if victims:
            chance.choice(victims).kill()
            killed += 1
    errors = ended(process)
    assert process.returncode == 0, errors
    command_ends_well(study, alone)
    assert_same_content(out, alone)


def test_workers_and_hash_seeds_change_no_byte(undisturbed: Path, tmp_path: Path) -> None:
    process = command(
        *("sweep", write_study(tmp_path, count=10), "--out", tmp_path / "out", "--workers", 1),
        hash_seed=1,
    )
    errors = ended(process)
    assert process.returncode == 0, errors
    assert_same_content(tmp_path / "out", undisturbed)


def test_workers_end_with_a_killed_driver_and_status_says_so(tmp_path: Path) -> None:
    study, out = write_study(tmp_path, count=300), tmp_path / "out"
    process = command("sweep", study, "--out", out, "--workers", 2)
    assert until(lambda: count(out) > 0, process)
    during = status(out)
    assert (during.ended, during.planned) == ("", 900)
    assert f"process {process.pid}" in during.running
    workers = workers_of(process.pid)
    assert workers
    process.kill()
    process.communicate()
    psutil.wait_procs(workers, timeout=10)
    assert not any(one.is_running() for one in workers)
    after = status(out)
    assert (after.running, after.ended) == ("", "killed")
    assert 0 < after.done < after.planned


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(tmp_path: Path) -> None:
    study, out = write_study(tmp_path, count=300), tmp_path / "out"
    process = command("sweep", study, "--out", out, "--workers", 2)
    assert until(lambda: count(out) > 0, process)
    os.killpg(process.pid, signal.SIGINT)
    errors = ended(process)
    assert process.returncode == 130, errors
    assert f"go on with: weal sweep {study} --out {out}" in errors
    assert "Traceback" not in errors
    assert hidden(out) == []
    assert (status(out).ended, status(out).done) == ("interrupted", count(out))


@pytest.mark.parametrize(
    "level", ["raise", *(pytest.param(one, marks=pytest.mark.slow) for one in ("die", "sleep"))]
)
def test_a_run_that_does_harm_costs_no_other_run(level: str, tmp_path: Path) -> None:
    trouble, out = trouble_in(tmp_path, count=1), tmp_path / "out"
    levels = f"levers.0.levels=['none', '{level}']"
    options = ("--plugin", trouble.plugin, "--set", levels, "--set", "replications.count=2")
    process = command(
        *("sweep", trouble.study, "--out", out, "--workers", 2, "--timeout", 10), *options
    )
    errors = ended(process)
    assert process.returncode == 1, errors
    found = status(out)
    assert (found.planned, found.done) == (4, 2)
    gave_up = {"die": found.set_aside, "raise": found.failed, "sleep": found.failed}[level]
    told = {"die": "SIGKILL", "raise": "RuntimeError: as it should", "sleep": "longer than 10 s"}
    assert len(gave_up) == 2
    assert {one.tries for one in gave_up} == {3 if level == "die" else 1}
    assert all(told[level] in one.told for one in gave_up)
    assert hidden(out) == []


@pytest.mark.endurance
def test_compact_that_is_killed_loses_nothing_and_leaves_nothing_twice(tmp_path: Path) -> None:
    chance = random.Random(4)
    study = write_study(tmp_path, count=200)
    command_ends_well(study, tmp_path / "alone")
    expected, killed = load(tmp_path / "alone"), 0
    for number in range(20):
        out = tmp_path / f"out{number}"
        shutil.copytree(tmp_path / "alone", out)
        process = command("compact", out)
        first = lambda out=out: bool(list(out.glob("*/shards/*")))  # type: ignore[misc]  # noqa: E731
        until(first, process)
        time.sleep(chance.uniform(0.0, 0.02))
        if process.poll() is None:
            killed += 1
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        for cache in out.glob("*/outcomes.parquet"):
            cache.unlink()
        pd.testing.assert_frame_equal(load(out), expected, check_exact=True)
        again = command("compact", out)
        assert ended(again) == ""
        assert again.returncode == 0
        assert (count(out), hidden(out)) == (0, [])
        pd.testing.assert_frame_equal(load(out), expected, check_exact=True)
        shutil.rmtree(out)
    assert killed > 0
