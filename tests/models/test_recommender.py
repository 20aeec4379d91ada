import json

import numpy as np
import pytest
import torch

from models.recommender import ModelFileError, NeuralRecommender, RecommenderConfig

USERS, ITEMS, FACTORS = 300, 120, 4


@pytest.fixture(scope="module")
def world() -> dict[str, np.ndarray]:
    """Choices of users with planted tastes: shown and taken, or shown and not."""
    rng = np.random.default_rng(5)
    taste = rng.standard_normal((USERS, FACTORS))
    trait = rng.standard_normal((ITEMS, FACTORS))
    utility = taste @ trait.T
    users = rng.integers(0, USERS, 30_000)
    items = rng.integers(0, ITEMS, 30_000)
    chance = 1.0 / (1.0 + np.exp(1.0 - 2.0 * utility[users, items]))
    labels = (rng.random(30_000) < chance).astype(float)
    return {"users": users, "items": items, "labels": labels, "utility": utility}


@pytest.fixture(scope="module")
def trained(world: dict[str, np.ndarray]) -> NeuralRecommender:
    model = NeuralRecommender(RecommenderConfig(embedding_size=16, max_epochs=60, patience=6))
    model.fit(world["users"], world["items"], world["labels"], seed=2)
    return model


def ndcg_at_10(ranking: np.ndarray, gain: np.ndarray) -> float:
    discount = 1.0 / np.log2(np.arange(10) + 2.0)
    shown = np.take_along_axis(gain, ranking, axis=1) @ discount
    ideal = -np.sort(-gain, axis=1)[:, :10] @ discount
    return float((shown / ideal).mean())


def test_planted_tastes_are_ranked_better_than_by_popularity(world, trained) -> None:
    gain = np.exp(world["utility"])
    popularity = np.bincount(world["items"], world["labels"], minlength=ITEMS)
    popular = np.tile(np.argsort(-popularity)[:10], (USERS, 1))
    learned = trained.top_k(np.arange(USERS), 10)
    assert ndcg_at_10(learned, gain) > ndcg_at_10(popular, gain) + 0.2


def test_the_same_seed_gives_the_same_model_on_any_number_of_threads(world) -> None:
    def probabilities(threads: int) -> np.ndarray:
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        model = NeuralRecommender(RecommenderConfig(embedding_size=8, max_epochs=2))
        model.fit(world["users"], world["items"], world["labels"], seed=4)
        torch.set_num_threads(before)
        return model.predict(np.arange(50), np.arange(50))

    np.testing.assert_array_equal(probabilities(1), probabilities(2))


def test_probabilities_are_probabilities(trained) -> None:
    p = trained.predict(np.arange(USERS), np.arange(USERS) % ITEMS)
    assert ((p > 0) & (p < 1)).all()


def test_training_goes_on_when_ids_are_added(world, trained) -> None:
    model = NeuralRecommender(RecommenderConfig(embedding_size=8, max_epochs=3))
    model.fit(world["users"], world["items"], world["labels"], seed=1)
    model.fit(world["users"], world["items"], world["labels"], n_users=USERS + 5, n_items=ITEMS + 3)
    assert model.score_matrix([USERS + 4], [ITEMS + 2]).shape == (1, 1)


def test_strangers_are_scored_like_the_mean_of_those_known(trained) -> None:
    scores = trained.score_matrix([USERS + 7, USERS + 99])
    np.testing.assert_array_equal(scores[0], scores[1])


def test_only_candidates_are_ranked(trained) -> None:
    top = trained.top_k([0, 1], 5, candidates=[7, 3, 90])
    assert set(top.ravel().tolist()) <= {7, 3, 90, -1}
    assert (top[:, 3:] == -1).all()


def test_the_shortlist_holds_the_best(trained) -> None:
    exact = np.argsort(-trained.score_matrix(np.arange(50)), axis=1)[:, :3]
    top = trained.top_k(np.arange(50), 3)
    assert (top == exact).mean() > 0.95


def test_what_is_saved_is_loaded(trained, tmp_path) -> None:
    trained.save(tmp_path)
    again = NeuralRecommender.load(tmp_path)
    np.testing.assert_array_equal(
        again.score_matrix(np.arange(20)), trained.score_matrix(np.arange(20))
    )


def test_a_folder_without_a_model_is_refused(tmp_path) -> None:
    with pytest.raises(ModelFileError, match="no readable recommender"):
        NeuralRecommender.load(tmp_path)


def test_another_format_is_refused(trained, tmp_path) -> None:
    trained.save(tmp_path)
    meta = json.loads((tmp_path / "recommender.json").read_text())
    (tmp_path / "recommender.json").write_text(json.dumps({**meta, "format": 99}))
    with pytest.raises(ModelFileError, match="format 99"):
        NeuralRecommender.load(tmp_path)


def test_damaged_weights_are_refused(trained, tmp_path) -> None:
    trained.save(tmp_path)
    (tmp_path / "recommender.safetensors").write_bytes(b"nonsense")
    with pytest.raises(ModelFileError):
        NeuralRecommender.load(tmp_path)


@pytest.mark.parametrize(
    ("users", "items", "labels", "said"),
    [
        ([0], [0], [1.5], "labels"),
        ([0], [0], [np.nan], "labels"),
        ([0, 1], [0], [1.0], "users"),
        ([-1], [0], [1.0], "users"),
        ([], [], [], "users"),
        ([0.5], [0], [1.0], "users"),
    ],
)
def test_wrong_logs_are_refused_by_name(users, items, labels, said) -> None:
    with pytest.raises(ValueError, match=said):
        NeuralRecommender().fit(users, items, labels)


def test_an_untrained_model_says_so() -> None:
    with pytest.raises(ValueError, match="fit first"):
        NeuralRecommender().predict([0], [0])
