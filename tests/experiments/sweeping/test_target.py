"""Replications are added until the target is met, and the decision is that of the runs alone."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from swept import InThisProcess, run_bytes, write_study

from experiments import load, load_results, sweep
from experiments.statistics.intervals import paired
from experiments.sweeping.status import status

Choose = Callable[..., InThisProcess]
WORLD = '\n[[uncertainties]]\nkey = "delivery.addresses"\nlevels = [30]\n'


def target(folder: Path, half_width: float, at_most: int = 40, more: str = "", **keys: str) -> Path:
    lines = [f"half_width = {half_width}", "batch = 4", f"at_most = {at_most}"]
    lines += [f"{key} = {value}" for key, value in keys.items()]
    text = "\n" + "\n".join(lines) + "\n" + more
    return write_study(folder, levels=(0.0, 0.2), count=20, more=text, days=1)


def half_width(folder: Path) -> float:
    gmv = load_results(folder).matrix("gmv")
    return paired(gmv[0], gmv[1]).half_width


def test_a_wide_target_is_met_at_the_first_look(tmp_path: Path, executor: Choose) -> None:
    swept = sweep(target(tmp_path, 1e6), out=tmp_path / "out")
    assert swept.planned == swept.made == 40
    assert swept.target.startswith("target met after 20 replications")
    assert status(tmp_path / "out").target == swept.target


def test_a_target_that_is_never_met_ends_at_the_cap(tmp_path: Path, executor: Choose) -> None:
    swept = sweep(target(tmp_path, 1e-6, at_most=26), out=tmp_path / "out")
    assert swept.planned == swept.made == 52
    assert swept.target.startswith("target not met after 26 replications, the most")


def test_batches_are_added_until_the_interval_is_narrow_enough(
    tmp_path: Path, executor: Choose
) -> None:
    sweep(target(tmp_path, 1e6), out=tmp_path / "first")
    wanted = half_width(tmp_path / "first") * 0.85
    swept = sweep(target(tmp_path, wanted, at_most=400), out=tmp_path / "out")
    runs = swept.planned // 2
    assert runs > 20
    assert (runs - 20) % 4 == 0
    assert half_width(tmp_path / "out") <= wanted
    gmv = load_results(tmp_path / "out").matrix("gmv")
    before = paired(gmv[0, : runs - 4], gmv[1, : runs - 4]).half_width
    assert before > wanted


def test_a_sweep_that_is_cut_short_or_made_backwards_decides_the_same(
    tmp_path: Path, executor: Choose
) -> None:
    sweep(target(tmp_path, 1e6), out=tmp_path / "first")
    study = target(tmp_path, half_width(tmp_path / "first") * 0.9, at_most=100)
    whole = sweep(study, out=tmp_path / "whole")
    for stop in (7, 30, 45, 0):
        executor(backwards=True, stop_after=stop or None)
        cut = sweep(study, out=tmp_path / "cut")
    assert (cut.planned, cut.target) == (whole.planned, whole.target)
    assert run_bytes(tmp_path / "cut") == run_bytes(tmp_path / "whole")
    frames = [load(study, out=tmp_path / name) for name in ("cut", "whole")]
    pd.testing.assert_frame_equal(*frames, check_exact=True)


def test_other_worlds_follow_the_nominal_one_up_to_their_own_number(
    tmp_path: Path, executor: Choose
) -> None:
    more = f'{WORLD}\n[design]\nmethod = "grid"\nworld_replications = 5\n'
    sweep(target(tmp_path, 1e-6, at_most=24, more=more), out=tmp_path / "out")
    results = load_results(tmp_path / "out")
    assert results.matrix("gmv", 0).shape == (2, 24)
    assert results.matrix("gmv", 1).shape == (2, 5)
    assert np.isfinite(results.matrix("gmv", 1)).all()


@pytest.mark.parametrize("of", ["difference", "mean"])
def test_a_relative_target_is_a_share_of_a_mean(of: str, tmp_path: Path, executor: Choose) -> None:
    tight = target(tmp_path, 1e-6, at_most=21, relative="true", of=f'"{of}"')
    assert sweep(tight, out=tmp_path / "out").planned == 42
    loose = target(tmp_path, 50.0, relative="true", of=f'"{of}"')
    swept = sweep(loose, out=tmp_path / "out")
    assert (swept.planned, swept.made) == (40, 0)
    assert f"of {1 if of == 'difference' else 2} intervals of {of}s of gmv" in swept.target
