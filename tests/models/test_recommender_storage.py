import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from models.recommender import ModelFileError, NeuralRecommender, RecommenderConfig

LOG = (np.arange(60) % 12, np.arange(60) % 7, (np.arange(60) % 3 == 0).astype(float))
FILE = "recommender.safetensors"
HEADER = "weal_recommender"


@pytest.fixture
def trained() -> NeuralRecommender:
    model = NeuralRecommender(RecommenderConfig(embedding_size=4, hidden_units=3, max_epochs=3))
    model.fit(*LOG, n_users=15, n_items=9, seed=8)
    return model


def rewrite(folder: Path, **changes: object) -> None:
    """Save the weights again under a header with some entries changed."""
    weights = load_file(folder / FILE)
    header = {
        "format": 1,
        "config": {"embedding_size": 4, "hidden_units": 3},
        "n_users": 15,
        "n_items": 9,
        **changes,
    }
    save_file(weights, folder / FILE, metadata={HEADER: json.dumps(header)})


def test_what_is_saved_is_loaded(trained, tmp_path) -> None:
    trained.save(tmp_path / "new" / "folder")
    again = NeuralRecommender.load(tmp_path / "new" / "folder")
    assert again.config == trained.config
    np.testing.assert_array_equal(
        again.score_matrix(np.arange(20)), trained.score_matrix(np.arange(20))
    )
    np.testing.assert_array_equal(again.top_k(np.arange(20), 1), trained.top_k(np.arange(20), 1))


def test_a_loaded_model_learns_on_as_the_saved_one_would(trained, tmp_path) -> None:
    trained.save(tmp_path)
    again = NeuralRecommender.load(tmp_path)
    for model in (trained, again):
        model.fit(*LOG, n_users=20, n_items=9, seed=5)
    np.testing.assert_array_equal(
        again.score_matrix(np.arange(20)), trained.score_matrix(np.arange(20))
    )


def test_the_same_model_is_saved_as_the_same_bytes_and_nothing_else(trained, tmp_path) -> None:
    first = trained.save(tmp_path).read_bytes()
    assert trained.save(tmp_path).read_bytes() == first
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_save_that_fails_leaves_the_older_model(trained, tmp_path, monkeypatch) -> None:
    older = trained.save(tmp_path).read_bytes()
    trained.fit(*LOG, n_users=30, n_items=9, seed=1)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        trained.save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert (tmp_path / FILE).read_bytes() == older


def test_an_untrained_model_is_not_saved(tmp_path) -> None:
    with pytest.raises(ValueError, match="fit first"):
        NeuralRecommender().save(tmp_path)


def test_a_folder_without_a_model_is_refused(tmp_path) -> None:
    with pytest.raises(ModelFileError, match=r"recommender\.safetensors: no such file"):
        NeuralRecommender.load(tmp_path)


@pytest.mark.parametrize("kept", [0, 5, 300, -1])
def test_a_truncated_file_is_refused(trained, tmp_path, kept: int) -> None:
    path = trained.save(tmp_path)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ModelFileError, match="not a whole safetensors file"):
        NeuralRecommender.load(tmp_path)


def test_weights_of_something_else_are_refused(trained, tmp_path) -> None:
    save_file(load_file(trained.save(tmp_path)), tmp_path / FILE)
    with pytest.raises(ModelFileError, match="holds no model of this kind"):
        NeuralRecommender.load(tmp_path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": 99}, "format 99, but this version reads 1"),
        ({"n_users": 14}, r"user_embedding is torch.float32 \(15, 4\), but its settings call for"),
        ({"n_items": -3}, "n_items must be a whole number above 0, not -3"),
        ({"config": {"embedding_size": 8, "hidden_units": 3}}, "settings call for"),
        ({"config": {"embedding_size": 4, "layers": 3}}, "layers"),
        ({"config": None}, "settings are not valid"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(trained, tmp_path, changes, said) -> None:
    trained.save(tmp_path)
    rewrite(tmp_path, **changes)
    with pytest.raises(ModelFileError, match=said):
        NeuralRecommender.load(tmp_path)


def test_weights_that_are_not_numbers_are_refused(trained, tmp_path) -> None:
    trained.save(tmp_path)
    weights = load_file(tmp_path / FILE)
    weights["item_bias"][2] = float("nan")
    save_file(weights, tmp_path / FILE)
    header = {
        "format": 1,
        "config": {"embedding_size": 4, "hidden_units": 3},
        "n_users": 15,
        "n_items": 9,
    }
    save_file(weights, tmp_path / FILE, metadata={HEADER: json.dumps(header)})
    with pytest.raises(ModelFileError, match="item_bias holds numbers that are not finite"):
        NeuralRecommender.load(tmp_path)
