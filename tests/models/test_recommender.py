import numpy as np
import pytest
import torch

from models.recommender import NeuralRecommender, RecommenderConfig, recommender
from models.recommender.training import held_out_rows
from models.reproducible import reproducible_torch

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


def choice_log(
    rng: np.random.Generator, utility: np.ndarray, *, slates: int, places: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of random slates of which each user takes the one of highest utility, or nothing."""
    users = rng.integers(0, len(utility), slates)
    slate = rng.random((slates, utility.shape[1])).argsort(axis=1)[:, :places]
    value = np.column_stack([utility[users[:, None], slate], np.full(slates, 1.5)])
    taken = (value + rng.gumbel(size=value.shape)).argmax(axis=1)
    labels = (np.arange(places) == taken[:, None]).astype(float)
    return np.repeat(users, places), slate.ravel(), labels.ravel()


def test_planted_tastes_are_ranked_better_than_by_popularity(world, trained) -> None:
    gain = np.exp(world["utility"])
    popularity = np.bincount(world["items"], world["labels"], minlength=ITEMS)
    popular = np.tile(np.argsort(-popularity)[:10], (USERS, 1))
    learned = trained.top_k(np.arange(USERS), 10)
    assert ndcg_at_10(learned, gain) > ndcg_at_10(popular, gain) + 0.2


def test_a_thin_log_of_one_week_is_ranked_hardly_worse_than_by_popularity() -> None:
    """Three slates a user cannot tell tastes: the priors must keep the biases in charge."""
    rng = np.random.default_rng(3)
    taste, trait = rng.standard_normal((2000, 4)), rng.standard_normal((800, 4))
    utility = rng.standard_normal(800) + taste @ trait.T / 2
    users, items, labels = choice_log(rng, utility, slates=6000, places=10)
    model = NeuralRecommender()
    model.fit(users, items, labels, n_users=2000, n_items=800, seed=1)
    bought, shown = np.bincount(items, labels, 800), np.bincount(items, minlength=800)
    popular = np.tile(np.argsort(-(bought + 1) / (shown + 10))[:10], (200, 1))
    gain = np.exp(utility[:200])
    learned = ndcg_at_10(model.top_k(np.arange(200), 10), gain)
    assert learned > ndcg_at_10(popular, gain) - 0.02


def test_choices_from_slates_teach_tastes_beyond_popularity() -> None:
    rng = np.random.default_rng(7)
    taste, trait = rng.standard_normal((150, 4)), rng.standard_normal((120, 4))
    utility = rng.standard_normal(120) + taste @ trait.T
    users, items, labels = choice_log(rng, utility, slates=9000, places=10)
    model = NeuralRecommender()
    model.fit(users, items, labels, n_users=150, n_items=120, seed=1)
    popular = np.tile(np.argsort(-np.bincount(items, labels, 120))[:10], (150, 1))
    gain = np.exp(utility)
    assert ndcg_at_10(model.top_k(np.arange(150), 10), gain) > ndcg_at_10(popular, gain) + 0.2


def test_a_network_that_one_log_left_mute_learns_tastes_from_a_later_log() -> None:
    rng = np.random.default_rng(7)
    taste, trait = rng.standard_normal((150, 4)), rng.standard_normal((120, 4))
    utility = rng.standard_normal(120) + taste @ trait.T
    model = NeuralRecommender(RecommenderConfig(validation_share=0.0, max_epochs=10))
    users, items, labels = choice_log(rng, utility, slates=9000, places=10)
    model.fit(users, items, rng.permutation(labels), n_users=150, n_items=120, seed=1)
    assert model._network.user_embedding.abs().max() < 0.01
    model.fit(users, items, labels, n_users=150, n_items=120, seed=2)
    popular = np.tile(np.argsort(-np.bincount(items, labels, 120))[:10], (150, 1))
    gain = np.exp(utility)
    assert ndcg_at_10(model.top_k(np.arange(150), 10), gain) > ndcg_at_10(popular, gain) + 0.2


def test_without_tastes_the_score_is_popularity() -> None:
    rng = np.random.default_rng(2)
    chance = rng.uniform(0.05, 0.6, 40)
    users, items = rng.integers(0, 200, 20_000), rng.integers(0, 40, 20_000)
    model = NeuralRecommender()
    model.fit(users, items, rng.random(20_000) < chance[items], seed=1)
    newcomer = model.predict(np.full(40, 999), np.arange(40))
    assert np.corrcoef(newcomer, chance)[0, 1] > 0.98


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


def test_those_who_are_absent_from_the_next_log_keep_their_embeddings(world) -> None:
    model = NeuralRecommender(RecommenderConfig(embedding_size=8, max_epochs=3))
    model.fit(world["users"], world["items"], world["labels"], seed=1)
    before = model._network.user_embedding.detach().numpy().copy()
    some = world["users"] < 100
    model.fit(world["users"][some], world["items"][some], world["labels"][some], seed=2)
    after = model._network.user_embedding.detach().numpy()
    np.testing.assert_array_equal(before[100:], after[100:])


def test_a_second_training_is_never_worse_on_the_pairs_held_out(world) -> None:
    model = NeuralRecommender(RecommenderConfig(embedding_size=8, max_epochs=4))
    log = (world["users"], world["items"], world["labels"])
    first, second = model.fit(*log, seed=1), model.fit(*log, seed=2)
    assert second.initial_validation_loss == pytest.approx(min(first.validation_loss), rel=1e-6)
    after = min((second.initial_validation_loss, *second.validation_loss))
    assert (second.best_epoch == 0) == (after == second.initial_validation_loss)


def test_a_pair_is_held_out_in_every_training_or_in_none(world) -> None:
    users, items = world["users"], world["items"]
    whole = held_out_rows(users, items, 0.1, key=3).numpy()
    np.testing.assert_array_equal(held_out_rows(users[5000:], items[5000:], 0.1, 3), whole[5000:])
    pair = users * ITEMS + items
    assert not np.intersect1d(pair[whole], pair[~whole]).size
    assert 0.08 < whole.mean() < 0.12
    assert (held_out_rows(users, items, 0.1, key=4).numpy() != whole).any()


def test_without_held_out_pairs_every_row_is_trained_on_to_the_end(world) -> None:
    model = NeuralRecommender(RecommenderConfig(max_epochs=2, validation_share=0.0))
    report = model.fit(world["users"], world["items"], world["labels"])
    assert (report.rows_trained, report.rows_held_out) == (30_000, 0)
    assert (len(report.training_loss), report.best_epoch) == (2, 2)


def test_a_log_of_one_row_can_be_learned() -> None:
    model = NeuralRecommender(RecommenderConfig(max_epochs=5))
    assert model.fit([0], [0], [1.0]).rows_trained == 1
    assert model.top_k([0, 5], 2).tolist() == [[0, -1], [0, -1]]


def test_training_leaves_pytorch_as_it_was(world) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    chance = torch.get_rng_state()
    some = slice(0, 500)
    model = NeuralRecommender(RecommenderConfig(max_epochs=1))
    model.fit(world["users"][some], world["items"][some], world["labels"][some])
    model.predict([0], [0])
    threads = torch.get_num_threads()
    torch.set_num_threads(before)
    assert threads == 2
    assert not torch.are_deterministic_algorithms_enabled()
    assert torch.utils.deterministic.fill_uninitialized_memory
    assert torch.equal(torch.get_rng_state(), chance)


def test_an_error_too_leaves_pytorch_as_it_was() -> None:
    before = torch.get_num_threads()
    within = []

    def fail() -> None:
        with reproducible_torch():
            within.append((torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert within == [(1, True)]
    assert torch.get_num_threads() == before
    assert not torch.are_deterministic_algorithms_enabled()


def test_the_matrix_and_the_pairs_agree(trained) -> None:
    users, items = np.array([3, 0, USERS + 1, 77, 9]), np.array([5, 119, ITEMS + 4])
    logits = trained.score_matrix(users, items)
    p = trained.predict(np.repeat(users, 3), np.tile(items, 5)).reshape(5, 3)
    np.testing.assert_allclose(np.log(p / (1 - p)), logits, atol=1e-4)


def test_strangers_are_scored_like_the_mean_of_those_known(trained) -> None:
    scores = trained.score_matrix([USERS + 7, USERS + 99])
    np.testing.assert_array_equal(scores[0], scores[1])


def test_only_candidates_are_ranked(trained) -> None:
    top = trained.top_k([0, 1], 5, candidates=[7, 3, 90])
    assert set(top.ravel().tolist()) <= {7, 3, 90, -1}
    assert (top[:, 3:] == -1).all()


def test_the_order_of_candidates_does_not_matter(trained) -> None:
    pool = np.arange(100)
    top = trained.top_k(np.arange(20), 4, candidates=pool)
    np.testing.assert_array_equal(trained.top_k(np.arange(20), 4, candidates=pool[::-1]), top)


@pytest.mark.parametrize("count", [3, 37])
def test_new_items_that_nothing_tells_apart_come_by_id(trained, count: int) -> None:
    new = ITEMS + np.arange(count)
    for pool in (new, np.append(new, [4, 50])):
        top = trained.top_k(np.arange(60), 3, candidates=pool[::-1])
        for row in top:
            of_new = row[row >= ITEMS]
            assert of_new.tolist() == new[: len(of_new)].tolist()


def test_many_users_are_ranked_in_blocks_as_at_once(trained, monkeypatch) -> None:
    users = np.arange(USERS)
    at_once = trained.top_k(users, 5)
    monkeypatch.setattr(recommender, "_SCORES_A_BLOCK", 32 * ITEMS)
    np.testing.assert_array_equal(trained.top_k(users, 5), at_once)


def test_a_candidate_named_twice_is_refused(trained) -> None:
    with pytest.raises(ValueError, match="id 4 is named more than once"):
        trained.top_k([0], 2, candidates=[4, 1, 4])


def test_the_shortlist_holds_the_best(trained) -> None:
    exact = np.argsort(-trained.score_matrix(np.arange(50)), axis=1)[:, :3]
    top = trained.top_k(np.arange(50), 3)
    assert (top == exact).mean() > 0.95


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
