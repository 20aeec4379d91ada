"""Weights as 8-bit numbers: what is lost, and what is gained."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from planted_tastes import MAKERS, USERS, planted_log

from models.compression import CompressionError, compressed, decompressed, quantised, restored
from models.interactions import random_split
from models.ranking_metrics import ranking_quality
from models.weight_files import ModelFileError


@given(
    arrays(
        np.float32,
        st.tuples(st.integers(1, 6), st.integers(0, 9)),
        elements=st.floats(-1e6, 1e6, width=32),
    )
)
def test_an_entry_is_off_by_half_a_step_of_its_row_at_most(table: np.ndarray) -> None:
    numbers, scale = quantised(torch.from_numpy(table))
    back = restored(numbers, scale).numpy()
    largest = np.abs(table).max(axis=1, initial=0.0)
    assert (np.abs(back - table) <= largest[:, None] * (0.5001 / 127.0) + 1e-30).all()
    assert numbers.dtype == torch.int8


def test_only_tables_are_packed_and_all_come_back() -> None:
    weights = {
        "item": torch.randn(5, 8, generator=torch.Generator().manual_seed(0)),
        "bias": torch.arange(5.0),
        "trained": torch.ones(5, dtype=torch.bool),
    }
    packed = compressed(weights)
    assert set(packed) == {"item.int8", "item.scale", "bias", "trained"}
    back = decompressed(packed)
    assert back.keys() == weights.keys()
    assert torch.equal(back["bias"], weights["bias"])
    assert torch.allclose(back["item"], weights["item"], atol=0.02)
    with pytest.raises(CompressionError, match="item: no scale for each of its rows"):
        decompressed({"item.int8": packed["item.int8"]})


@pytest.mark.parametrize("name", [name for name in MAKERS if name != "popularity"])
def test_a_compressed_model_ranks_nearly_as_well_in_a_quarter_of_the_bytes(
    name: str, tmp_path: Path
) -> None:
    training, held_out = random_split(planted_log(), 0.2, 0)
    model = MAKERS[name]()
    model.fit(training, seed=4, passes=8)
    model.save(tmp_path, int8=True)
    small = type(model).load(tmp_path)
    users = np.arange(USERS)
    before = ranking_quality(model.top_k(users, 10), held_out).ndcg
    after = ranking_quality(small.top_k(users, 10), held_out).ndcg
    assert after == pytest.approx(before, abs=0.01)
    assert not np.array_equal(model.scores(users), small.scores(users))
    assert model.weight_bytes(int8=True) < 0.6 * model.weight_bytes()


def test_a_compressed_file_without_its_scales_is_refused(tmp_path: Path) -> None:
    from safetensors import safe_open
    from safetensors.torch import load_file, save_file

    model = MAKERS["als"]()
    model.fit(planted_log())
    path = model.save(tmp_path, int8=True)
    with safe_open(path, framework="pt") as file:
        header = file.metadata()
    tensors = load_file(path)
    del tensors["item_factors.scale"]
    save_file(tensors, path, metadata=header)
    with pytest.raises(ModelFileError, match="no scale for each of its rows"):
        type(model).load(tmp_path)
