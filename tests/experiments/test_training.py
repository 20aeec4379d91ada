"""`weal train`: from a log in Parquet to a saved model and what is known about it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from planted_tastes import planted_log
from pyarrow import parquet
from typer.testing import CliRunner

from experiments.cli import app
from models.retrieval.bpr import Bpr
from models.retrieval.ease import Ease
from models.retrieval.kinds import kind_named

SMALL_BPR = ("--set", "factors=8", "--set", "batch_size=512", "--set", "l2=0.002")


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("log") / "log.parquet"
    events = planted_log()
    parquet.write_table(
        pa.table({"who": events.users, "item": events.items}), path, row_group_size=700
    )
    return path


def train(*options: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["train", *map(str, options)])
    return result.exit_code, result.stdout, result.stderr


def trained(*options: str | Path) -> dict:
    code, said, told = train(*options, "--json")
    assert code == 0, told
    return json.loads(said)


def test_a_model_is_trained_judged_and_saved(log: Path, tmp_path: Path) -> None:
    told = trained(log, "--model", "ease", "--set", "l2=20", "--column", "user=who",
                   "--out", tmp_path, "--int8")  # fmt: skip
    assert told["config"]["l2"] == 20.0
    assert told["log"]["rows"] == 6000
    assert told["log"]["rows_trained_on"] < 6000
    figures = told["evaluation"]
    assert figures["model"]["ndcg"] > figures["popularity"]["ndcg"] + 0.05
    assert figures["int8"]["ndcg"] == pytest.approx(figures["model"]["ndcg"], abs=0.02)
    assert told["weight_bytes_int8"] < 0.3 * told["weight_bytes"]
    assert Ease.load(tmp_path).n_users == 300


def test_training_goes_on_where_it_ended(log: Path, tmp_path: Path) -> None:
    common = (log, "--column", "user=who", "--in-shards")
    first = trained(*common, *SMALL_BPR, "--passes", "6", "--out", tmp_path / "first")
    more = trained(*common, "--from", tmp_path / "first", "--passes", "1", "--out", tmp_path / "b")
    assert more["losses"][0] < first["losses"][0]
    assert more["config"] == first["config"]
    assert Bpr.load(tmp_path / "b").n_items == 60


def test_a_summary_is_printed_without_json(log: Path, tmp_path: Path) -> None:
    code, said, told = train(
        log, "--column", "user=who", *SMALL_BPR, "--passes", "2", "--out", tmp_path
    )
    assert code == 0
    assert "NDCG@10" in said
    assert str(tmp_path / "bpr.safetensors") in said
    assert told.startswith("pass 1: loss ")


def test_settings_are_searched_first(log: Path, tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    told = trained(log, "--model", "ease", "--set", "l2=1e8", "--column", "user=who", "--tune", "3",
                   "--out", tmp_path)  # fmt: skip
    assert told["search"]["ndcg"] > told["search"]["ndcg_as_given"]
    assert told["config"]["l2"] < 3000


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--model", "eas"), "did you mean 'ease'?"),
        (("--model", "ease", "--set", "l3=1"), "unknown key; known here: l2"),
        (("--model", "ease", "--in-shards"), "ease: needs the whole log in memory"),
        (("--column", "who=user"), "column: 'who' is not one of user, item, time"),
        (("--column", "user=whom"), "did you mean 'who'?"),
        (("--device", "gpu"), "device: 'gpu' is not one of cpu"),
        (("--from", "nowhere", "--set", "l2=1"), "a model goes on with its own settings"),
        (("--from", "nowhere"), "no such file; pass the folder that Bpr.save wrote to"),
    ],
)
def test_what_cannot_be_done_is_refused(log: Path, options: tuple[str, ...], message: str) -> None:
    known = () if "--column" in options else ("--column", "user=who")
    code, said, told = train(log, *known, *options)
    assert code == 2
    assert message in told
    assert said == ""


@pytest.mark.slow
def test_tensorboard_gets_the_losses(log: Path, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    told = trained(log, "--column", "user=who", *SMALL_BPR, "--passes", "3",
                   "--out", tmp_path, "--tensorboard", tmp_path / "board")  # fmt: skip
    found = EventAccumulator(str(tmp_path / "board"))
    found.Reload()
    shown = [event.value for event in found.Scalars("loss")]
    assert np.allclose(shown, told["losses"])


@pytest.mark.slow
def test_two_processes_learn_what_one_learns(log: Path, tmp_path: Path) -> None:
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node"]
    told = {}
    for processes in ("1", "2"):
        done = subprocess.run(
            [*torchrun, processes, "-m", "experiments.cli", "train", str(log), "--column",
             "user=who", "--in-shards", "--passes", "20", *SMALL_BPR, "--json", "--out",
             str(tmp_path / processes)],
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        told[processes] = json.loads(done.stdout)
    assert told["2"]["processes"] == 2
    one, two = (told[which]["evaluation"]["model"]["ndcg"] for which in "12")
    assert two == pytest.approx(one, abs=0.04)
    assert two > told["2"]["evaluation"]["popularity"]["ndcg"] + 0.05
    assert told["2"]["losses"][-1] == pytest.approx(told["1"]["losses"][-1], rel=0.1)
    assert Bpr.load(tmp_path / "2").n_users == 300


def write_log(path: Path, users: list[int], items: list[int]) -> Path:
    parquet.write_table(pa.table({"user": users, "item": items}), path)
    return path


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--model", "sasrec"), "no user of the log took two items"),
        (("--model", "sasrec", "--set", "heads=3"), "heads = 3 must divide size = 64"),
        (("--model", "ease", "--tune", "1"), "too few to search settings with"),
        (("--model", "ease", "--out", "FILE"), "is a file; name a folder"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_words(
    tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    log = write_log(tmp_path / "log.parquet", [0, 1, 2], [0, 0, 0])
    code, _, told = train(
        log, *(str(log) if one == "FILE" else one for one in options), "--held-out-share", "0"
    )
    assert code == 2
    assert message in told


def test_where_everybody_took_everything_nothing_is_lost(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.parquet", [0, 1, 2], [0, 0, 0])
    told = trained(log, "--model", "bpr", "--passes", "2", "--out", tmp_path / "model")
    assert told["losses"] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("model", "in_shards"),
    [(name, False) for name in ("bpr", "ease", "als", "softmax_dot", "sasrec", "ranking_net")]
    + [("bpr", True), ("ranking_net", True)],
)
def test_a_later_log_need_not_name_everybody(tmp_path: Path, model: str, in_shards: bool) -> None:
    users, items = [0, 0, 1, 1, 2, 2, 3, 3] * 3, [0, 1, 1, 2, 2, 3, 3, 0, 4, 0, 1, 2] * 2
    first = write_log(tmp_path / "first.parquet", users, items)
    later = write_log(tmp_path / "later.parquet", [0, 0, 1, 1], [0, 1, 1, 0])
    options = ("--model", model, "--passes", "1", "--held-out-share", "0")
    shards = ("--in-shards",) if in_shards else ()
    trained(first, *options, *shards, "--out", tmp_path / "a")
    trained(later, *options, *shards, "--from", tmp_path / "a", "--out", tmp_path / "b")
    went_on = kind_named(model).load(tmp_path / "b")
    assert (went_on.n_users, went_on.n_items) == (4, 5)
