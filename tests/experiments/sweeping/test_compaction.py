"""Merged run files give the same results; a crash in the middle loses nothing."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
from swept import InThisProcess, hidden, run_bytes, write_study

from experiments import load, sweep
from experiments.sweeping import compaction
from experiments.sweeping.compaction import compact
from experiments.sweeping.finished import finished_runs
from experiments.sweeping.shards import ShardError, runs_of, shards

Choose = Callable[..., InThisProcess]


@pytest.fixture
def swept(tmp_path: Path, executor: Choose) -> Path:
    """A study's folder with six runs."""
    sweep(write_study(tmp_path, levels=(0.0, 0.2), count=3), out=tmp_path / "out")
    return tmp_path / "out"


def everything(folder: Path) -> list[pd.DataFrame]:
    """Outcomes and daily values, read anew."""
    for kept in folder.glob("*/outcomes.parquet"):
        kept.unlink()
    return [load(folder), load(folder, daily=True)]


def assert_equal(found: list[pd.DataFrame], expected: list[pd.DataFrame]) -> None:
    for one, other in zip(found, expected, strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)


def stored(folder: Path) -> list[str]:
    """The runs in all shards and files, as often as they are there."""
    [model] = {path.parent.parent.name for path in folder.glob("*/shards/*.parquet")}
    names = [run for shard in shards(folder, model) for run in runs_of(shard)]
    return sorted([*names, *(path.stem for path in folder.glob("*/runs/*.parquet"))])


def test_results_stay_the_same_and_the_sweep_goes_on(
    swept: Path, tmp_path: Path, executor: Choose
) -> None:
    before = everything(swept)
    [done] = compact(swept, runs_a_shard=4)
    assert (done.merged, done.shards, done.runs, run_bytes(swept)) == (6, 2, 6, {})
    assert_equal(everything(swept), before)
    assert hidden(swept) == []
    idle = executor()
    study = write_study(tmp_path, levels=(0.0, 0.2), count=3)
    assert sweep(study, out=swept).made == 0
    assert idle.asked == []
    more = write_study(tmp_path, levels=(0.0, 0.2), count=5)
    assert sweep(more, out=swept).made == 4
    longer = everything(swept)
    [done] = compact(swept, runs_a_shard=4)  # the shard that is not full is filled
    assert (done.merged, done.shards, done.runs) == (4, 3, 10)
    assert_equal(everything(swept), longer)
    assert len(stored(swept)) == len(set(stored(swept))) == 10
    [done] = compact(swept, runs_a_shard=4)
    assert (done.merged, done.runs) == (0, 10)


class Crashed(BaseException):
    """What a test stops a process with."""


def test_a_crash_at_any_step_loses_nothing_and_leaves_nothing_twice(
    swept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, step, crashes = everything(swept), 0, 0
    runs = set(stored_runs(swept))
    while True:
        out = tmp_path / f"crash{step}"
        shutil.copytree(swept, out)
        left = [step]
        with monkeypatch.context() as patch:
            for owner, name in ((Path, "unlink"), (compaction, "write_file_atomically")):
                patch.setattr(owner, name, crashing(getattr(owner, name), left))
            try:
                compact(out, runs_a_shard=4)
            except Crashed:
                crashes += 1
            else:
                break
        assert_equal(everything(out), before)
        compact(out, runs_a_shard=4)
        assert_equal(everything(out), before)
        assert set(stored(out)) == runs
        assert len(stored(out)) == len(runs)
        step += 1
    assert crashes >= 8  # two shards are written, six files removed


def stored_runs(folder: Path) -> list[str]:
    return [path.stem for path in folder.glob("*/runs/*.parquet")]


def crashing(step: Callable[..., Any], left: list[int]) -> Callable[..., Any]:
    def taken(*args: Any, **options: Any) -> Any:
        if left[0] == 0:
            raise Crashed
        left[0] -= 1
        return step(*args, **options)

    return taken


def test_a_shard_that_another_holds_whole_is_removed(swept: Path) -> None:
    before = everything(swept)
    compact(swept, runs_a_shard=4)
    [first, second] = swept.glob("*/shards/*.parquet")
    shutil.copy(first, first.with_name("00007.parquet"))
    assert_equal(everything(swept), before)
    compact(swept, runs_a_shard=4)
    assert sorted(stored(swept)) == sorted(
        {*runs_of(first.with_name("00007.parquet")), *runs_of(second)}
    )


def test_a_damaged_shard_is_named(swept: Path) -> None:
    compact(swept)
    [shard] = swept.glob("*/shards/*.parquet")
    whole = shard.read_bytes()
    changed = bytes(255 - one for one in whole[1000:1064])
    shard.write_bytes(whole[:1000] + changed + whole[1064:])
    with pytest.raises(ShardError, match="is damaged"):
        everything(swept)
    shard.write_bytes(whole[:1000])
    with pytest.raises(ShardError, match="is damaged"):
        finished_runs(swept, shard.parent.parent.name)


def test_a_damaged_run_file_stays_for_the_sweep(swept: Path) -> None:
    first = sorted(swept.glob("*/runs/*.parquet"))[0]
    first.write_bytes(first.read_bytes()[:100])
    [done] = compact(swept)
    assert (done.merged, done.damaged) == (5, (first.stem,))
    assert first.is_file()


def test_shards_and_outcomes_are_queried_with_duckdb(swept: Path) -> None:
    runs = load(swept)
    compact(swept)
    shard, kept, plan = (
        str(next(swept.glob(f"*/{name}")))
        for name in ("shards/*.parquet", "outcomes.parquet", "plan.parquet")
    )
    found = duckdb.sql(
        f"""select point, replication, sum(days.gmv) as gmv, any_value(outcomes.gmv) as kept
        from '{plan}' join '{shard}' days using (run) join '{kept}' outcomes using (run)
        group by all order by all"""
    ).df()
    assert list(found["kept"]) == list(runs["gmv"])
    assert found["gmv"].to_numpy() == pytest.approx(runs["gmv"].to_numpy(), rel=1e-12)
    assert pq.read_schema(shard).names[:2] == ["run", "day"]
