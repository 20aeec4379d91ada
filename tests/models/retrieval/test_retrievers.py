"""What all retrieval models do, on choices with planted tastes."""

from pathlib import Path

import numpy as np
import pytest
from planted_tastes import ITEMS, KNOW_HISTORIES, MAKERS, USERS, planted_log

from models.histories import Histories
from models.interactions import Interactions, random_split
from models.ranking_metrics import ranking_quality
from models.retrieval.als import Als, AlsConfig
from models.retrieval.ease import Ease, EaseConfig
from models.retrieval.retriever import Retriever
from models.weight_files import ModelFileError


@pytest.fixture(scope="module")
def log() -> Interactions:
    return planted_log()


@pytest.fixture(scope="module")
def fitted(log: Interactions) -> dict[str, Retriever]:
    training, _ = random_split(log, 0.2, 0)
    models = {name: make() for name, make in MAKERS.items()}
    for model in models.values():
        model.fit(training, seed=4)
    return models


@pytest.mark.parametrize("name", [name for name in MAKERS if name != "popularity"])
def test_planted_tastes_are_found(
    name: str, log: Interactions, fitted: dict[str, Retriever]
) -> None:
    _, held_out = random_split(log, 0.2, 0)
    users = np.arange(USERS)
    found = ranking_quality(fitted[name].top_k(users, 10), held_out)
    popular = ranking_quality(fitted["popularity"].top_k(users, 10), held_out)
    assert found.ndcg > popular.ndcg + 0.05


@pytest.mark.parametrize("name", MAKERS)
def test_the_best_have_the_highest_scores_and_known_items_are_left_out(
    name: str, log: Interactions, fitted: dict[str, Retriever]
) -> None:
    users = np.array([5, 0, 17])
    model = fitted[name]
    scores = model.scores(users).copy()
    training, _ = random_split(log, 0.2, 0)
    known = training.matrix()[users].toarray() > 0
    assert not np.take_along_axis(known, model.top_k(users, 5).astype(int), axis=1).any()
    scores[known] = -np.inf
    best = np.take_along_axis(scores, model.top_k(users, 5).astype(int), axis=1)
    assert (np.diff(best, axis=1) <= 0).all()
    assert np.allclose(best[:, -1], -np.sort(-scores, axis=1)[:, 4], atol=1e-4)


@pytest.mark.parametrize("name", MAKERS)
def test_candidates_are_ranked_as_among_all(name: str, fitted: dict[str, Retriever]) -> None:
    model, users = fitted[name], np.arange(12)
    pool = np.arange(1, ITEMS, 2)
    assert np.allclose(
        model.scores(users, pool), model.scores(users)[:, pool], rtol=1e-4, atol=1e-4
    )
    chosen = model.top_k(users, 4, candidates=pool)
    assert np.isin(chosen, [*pool, -1]).all()


@pytest.mark.parametrize("name", MAKERS)
def test_the_same_seed_gives_the_same_bytes(
    name: str, log: Interactions, fitted: dict[str, Retriever]
) -> None:
    again = MAKERS[name]()
    again.fit(random_split(log, 0.2, 0)[0], seed=4)
    users = np.arange(USERS)
    assert again.scores(users).tobytes() == fitted[name].scores(users).tobytes()


@pytest.mark.parametrize("name", KNOW_HISTORIES)
def test_what_one_takes_now_counts_before_the_next_training(
    name: str, fitted: dict[str, Retriever]
) -> None:
    """A stranger who took items of one kind is shown more of it, and another one of another."""
    histories = Histories.of([[kind + 3 * one for one in range(5, 15)] for kind in range(3)], ITEMS)
    shown = fitted[name].top_k([USERS + 5] * 3, 8, histories=histories)
    for kind, row in enumerate(shown):
        assert (row % 3 == kind).mean() > 0.5


@pytest.mark.parametrize("name", MAKERS)
def test_newcomers_are_ranked_for_without_an_error(name: str, fitted: dict[str, Retriever]) -> None:
    shown = fitted[name].top_k([USERS, USERS + 100], 6)
    assert (shown >= 0).all()
    assert np.array_equal(shown[0], shown[1])


@pytest.mark.parametrize("name", MAKERS)
def test_what_cannot_be_asked_is_refused(name: str, fitted: dict[str, Retriever]) -> None:
    model = fitted[name]
    with pytest.raises(ValueError, match="not trained yet"):
        MAKERS[name]().scores([0])
    with pytest.raises(ValueError, match="at least one event"):
        MAKERS[name]().fit(Interactions.of(np.empty(0, int), np.empty(0, int)))
    with pytest.raises(ValueError, match="named more than once"):
        model.top_k([0], 2, candidates=[3, 3])
    with pytest.raises(ValueError, match=f"id {ITEMS}, but the training had {ITEMS} items"):
        model.scores([0], [ITEMS])
    with pytest.raises(ValueError, match="1 rows over 60 items, but there are 2 users"):
        model.scores([0, 1], histories=Histories.of([[1]], ITEMS))


def test_ease_is_the_regression_it_says_it_is(log: Interactions) -> None:
    """Each column of weights solves its own ridge regression without the item itself."""
    model = Ease(EaseConfig(l2=7.0))
    model.fit(log)
    taken = log.matrix().toarray().astype(float)
    for item in (0, 31):
        others = np.delete(np.arange(ITEMS), item)
        gram = taken[:, others].T @ taken[:, others] + 7.0 * np.eye(ITEMS - 1)
        expected = np.linalg.solve(gram, taken[:, others].T @ taken[:, item])
        assert np.allclose(model.weights[others, item], expected, atol=1e-4)
        assert model.weights[item, item] == 0.0


def test_als_ends_where_no_user_can_be_explained_better(log: Interactions) -> None:
    config = AlsConfig(factors=5, sweeps=4, unobserved_weight=0.2, l2=0.05)
    model = Als(config)
    model.fit(log)
    items = model.item_factors.numpy().astype(float)
    taken = log.matrix().toarray()[7]
    weight = 0.2 + taken
    penalty = 0.05 * (taken.sum() + 0.2 * ITEMS)
    system = (items * weight[:, None]).T @ items + penalty * np.eye(5)
    expected = items @ np.linalg.solve(system, items.T @ taken)
    assert np.allclose(model.scores([7])[0], expected, atol=1e-4)


def test_ease_refuses_more_items_than_it_was_allowed() -> None:
    with pytest.raises(ValueError, match="60 items, but most_items is 50"):
        Ease(EaseConfig(most_items=50)).fit(Interactions.of([0], [0], n_items=60))


@pytest.mark.parametrize("name", MAKERS)
def test_what_is_saved_is_loaded(name: str, fitted: dict[str, Retriever], tmp_path: Path) -> None:
    model = fitted[name]
    path = model.save(tmp_path / "models")
    again = type(model).load(tmp_path / "models")
    users = np.arange(USERS + 2)
    assert again.scores(users).tobytes() == model.scores(users).tobytes()
    assert again.top_k(users, 5).tobytes() == model.top_k(users, 5).tobytes()
    first = path.read_bytes()
    assert again.save(tmp_path / "models").read_bytes() == first


@pytest.mark.parametrize("name", MAKERS)
def test_a_damaged_file_is_refused(name: str, fitted: dict[str, Retriever], tmp_path: Path) -> None:
    model = fitted[name]
    path = model.save(tmp_path)
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(ModelFileError, match="not a whole safetensors file"):
        type(model).load(tmp_path)


def test_a_file_of_another_model_is_refused(fitted: dict[str, Retriever], tmp_path: Path) -> None:
    fitted["als"].save(tmp_path).rename(tmp_path / "ease.safetensors")
    with pytest.raises(ModelFileError, match="holds a 'als', not a 'ease'"):
        Ease.load(tmp_path)
