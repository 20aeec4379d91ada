"""A log in Parquet, read in shards, teaches what the same log in memory does."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from planted_tastes import ITEMS, MAKERS, USERS, planted_log
from pyarrow import parquet

from models.interactions import Interactions
from models.ranking_metrics import ranking_quality
from models.training.adam import Adam
from models.training.descent import Objective, one_pass
from models.training.pair_filter import PairFilter
from models.training.shards import LogColumns, ShardedLog, ShardError


def written(path: Path, log: Interactions, rows: int = 500) -> Path:
    table = pa.table({"user": log.users, "item": log.items})
    parquet.write_table(table, path, row_group_size=rows)
    return path


@pytest.fixture(scope="module")
def log() -> Interactions:
    return planted_log()


@pytest.fixture(scope="module")
def file(log: Interactions, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("log") / "log.parquet", log)


def pairs_of(log: ShardedLog, rank: int = 0, of: int = 1, seed: int = 3) -> np.ndarray:
    batches = [one for one in log.batches(64, seed, rank=rank, of=of) if one is not None]
    return np.concatenate([one.users * ITEMS + one.items for one in batches])


def test_every_row_comes_by_once_a_pass_in_an_order_of_the_seed(
    file: Path, log: Interactions
) -> None:
    sharded = ShardedLog([file], held_out_share=0.0)
    assert (sharded.rows, sharded.n_users, sharded.n_items) == (len(log), USERS, ITEMS)
    first, again, other = pairs_of(sharded), pairs_of(sharded), pairs_of(sharded, seed=4)
    assert np.array_equal(np.sort(first), np.sort(log.users * ITEMS + log.items))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    # Neighbours in the file are apart: they were shuffled beyond their own place.
    assert np.abs(np.diff(first // ITEMS)).mean() > 10


def test_processes_share_the_rows_out_and_take_equally_many_steps(file: Path) -> None:
    sharded = ShardedLog([file])
    alone = pairs_of(sharded)
    shares = [pairs_of(sharded, rank, 3) for rank in range(3)]
    assert np.array_equal(np.sort(np.concatenate(shares)), np.sort(alone))
    steps = {len(list(sharded.batches(64, 3, rank=rank, of=3))) for rank in range(3)}
    assert len(steps) == 1


def test_what_is_held_out_is_in_no_batch(file: Path) -> None:
    sharded = ShardedLog([file], held_out_share=0.2)
    users = sharded.users_held_out(10_000, 0)
    histories, held_out = sharded.of_users(users)
    hidden = np.unique(users[held_out.users] * ITEMS + held_out.items)
    assert not np.isin(hidden, pairs_of(sharded)).any()
    assert 0.15 < 1 - sharded.training_rows / sharded.rows < 0.25
    assert np.array_equal(histories.lengths, sharded.events_of_user[users])


@pytest.mark.parametrize("name", ["bpr", "ranking_net"])
def test_shards_teach_what_the_log_in_memory_does(file: Path, name: str) -> None:
    sharded = ShardedLog([file], held_out_share=0.2)
    users = sharded.users_held_out(10_000, 0)
    histories, held_out = sharded.of_users(users)
    quality = {}
    for how in ("memory", "shards"):
        model = MAKERS[name]()
        if how == "memory":
            model.fit(sharded.whole(), seed=4)
        else:
            assert model.fit_shards(sharded, seed=4).events == sharded.training_rows
        ranked = model.top_k(users, 10, histories=histories)
        quality[how] = ranking_quality(ranked, held_out).ndcg
    assert quality["shards"] == pytest.approx(quality["memory"], abs=0.03)
    assert quality["shards"] > 0.25


def test_a_process_without_rows_left_takes_no_step_of_its_own() -> None:
    rows = torch.randn(7, 3, generator=torch.Generator().manual_seed(0))
    after = []
    for batches in ([rows], [rows, None], [None]):
        weight = torch.ones(3, requires_grad=True)
        cost = one_pass(
            Adam([weight], 0.1),
            batches,
            lambda batch, weight=weight: Objective((batch @ weight).square().mean(), len(batch)),
        )
        after.append((weight.tolist(), cost))
    assert after[0] == after[1]
    assert after[2][0] == [1.0, 1.0, 1.0]
    assert after[2][1] == 0.0  # and not nan, which would be taken for divergence


def test_models_that_need_the_whole_log_say_so(file: Path) -> None:
    with pytest.raises(ShardError, match="ease: needs the whole log in memory; bpr and ranking"):
        MAKERS["ease"]().fit_shards(ShardedLog([file]))


def test_the_filter_forgets_no_pair_and_lets_most_others_through() -> None:
    rng = np.random.default_rng(0)
    users, items = rng.integers(0, 500, 4000), rng.integers(0, 300, 4000)
    known = PairFilter(4000, 300)
    known.tell(users, items)
    assert known.knows(users, items).all()
    assert known.knows(users + 500, items).mean() < 0.004


def test_what_neighbours_took_is_not_taken_for_known() -> None:
    known = PairFilter(63 * 20, 20)
    everyone, items = (one.ravel() for one in np.meshgrid(np.arange(64), np.arange(20)))
    took = everyone != 17
    known.tell(everyone[took], items[took])
    assert known.knows(np.full(20, 17), np.arange(20)).sum() == 0


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ({"user": [0, None, 2]}, "column 'user' is empty in row 1 of row group 0"),
        ({"user": [0, -4, 2]}, "column 'user' holds -4 in row 1 of row group 0; ids count from 0"),
        ({"user": ["a", "b", "c"]}, "column 'user' must hold whole numbers, but is"),
        ({"uesr": [0, 1, 2]}, "no column 'user'; it has uesr, item; did you mean 'uesr'"),
        ({"user": [0, 1, 10**9]}, "user ids up to 1000000000 in 3 rows; number them from 0"),
    ],
)
def test_bad_rows_are_named(tmp_path: Path, column: dict[str, list[object]], message: str) -> None:
    path = tmp_path / "log.parquet"
    parquet.write_table(pa.table({**column, "item": [0, 1, 2]}), path)
    with pytest.raises(ShardError, match=message):
        ShardedLog([path])


def test_files_that_hold_no_log_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ShardError, match="no Parquet file in this folder"):
        ShardedLog([tmp_path])
    with pytest.raises(ShardError, match="no such file"):
        ShardedLog([tmp_path / "none.parquet"])
    (tmp_path / "text.parquet").write_text("user,item")
    with pytest.raises(ShardError, match="not a Parquet file"):
        ShardedLog([tmp_path / "text.parquet"])
    with pytest.raises(ShardError, match="held_out_share: must lie in"):
        ShardedLog([tmp_path], held_out_share=0.9)
    assert LogColumns(time="day").names == ["user", "item", "day"]
