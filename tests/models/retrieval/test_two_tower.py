"""Items that nobody has taken yet are placed by what is known of them."""

from pathlib import Path

import numpy as np
import pytest

from models.interactions import Interactions
from models.ranking_metrics import ranking_quality
from models.retrieval.two_tower import TwoTower, TwoTowerConfig, item_features
from models.weight_files import ModelFileError

USERS, ITEMS = 200, 60
COLD = np.arange(ITEMS - 12, ITEMS)
KIND = np.arange(ITEMS) % 3
CONFIG = TwoTowerConfig(size=8, units=8, epochs=15, batch_size=64, learning_rate=0.01)


def looks(seed: int = 0) -> np.ndarray:
    """A noisy picture of each item's kind."""
    return np.eye(3)[KIND] + 0.3 * np.random.default_rng(seed).standard_normal((ITEMS, 3))


@pytest.fixture(scope="module")
def logs() -> tuple[Interactions, Interactions]:
    """What users took of all items but the cold ones, and what they took of those."""
    rng = np.random.default_rng(1)
    users = np.repeat(np.arange(USERS), 20)
    items = np.where(
        rng.random(len(users)) < 0.85,
        rng.integers(0, ITEMS // 3, len(users)) * 3 + users % 3,
        rng.integers(0, ITEMS, len(users)),
    )
    log = Interactions.of(users, items, n_users=USERS, n_items=ITEMS)
    cold = np.isin(items, COLD)
    return log.rows(~cold), log.rows(cold)


@pytest.fixture(scope="module")
def model(logs: tuple[Interactions, Interactions]) -> TwoTower:
    model = TwoTower(CONFIG, looks())
    model.fit(logs[0], seed=1)
    return model


def test_what_nobody_has_taken_is_shown_to_those_who_will_like_it(
    model: TwoTower, logs: tuple[Interactions, Interactions]
) -> None:
    shown = model.top_k(np.arange(USERS), 4, candidates=COLD)
    assert (KIND[shown] == (np.arange(USERS) % 3)[:, None]).mean() > 0.85
    blind = TwoTower(CONFIG, np.ones((ITEMS, 1)))
    blind.fit(logs[0], seed=1)
    by_chance = ranking_quality(blind.top_k(np.arange(USERS), 4, candidates=COLD), logs[1])
    assert ranking_quality(shown, logs[1]).ndcg > by_chance.ndcg + 0.2


def test_items_that_come_after_the_training_find_their_place_too(
    logs: tuple[Interactions, Interactions], tmp_path: Path
) -> None:
    training, _ = logs
    early = Interactions.of(
        training.users, training.items, n_users=USERS, n_items=ITEMS - len(COLD)
    )
    model = TwoTower(CONFIG, looks()[: ITEMS - len(COLD)])
    model.fit(early, seed=1)
    before = model.scores(np.arange(5))
    model.add_items(looks()[COLD])
    assert model.n_items == ITEMS
    np.testing.assert_allclose(model.scores(np.arange(5))[:, : -len(COLD)], before, rtol=1e-5)
    shown = model.top_k(np.arange(USERS), 4, candidates=COLD)
    assert (KIND[shown] == (np.arange(USERS) % 3)[:, None]).mean() > 0.85
    model.save(tmp_path)
    assert TwoTower.load(tmp_path).scores([3]).tobytes() == model.scores([3]).tobytes()


def test_a_file_of_another_size_is_refused(model: TwoTower, tmp_path: Path) -> None:
    path = model.save(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content.replace(b'\\"units\\": 8', b'\\"units\\": 9'))
    with pytest.raises(ModelFileError, match="settings call for"):
        TwoTower.load(tmp_path)


def test_features_must_fit_the_log(logs: tuple[Interactions, Interactions]) -> None:
    with pytest.raises(ValueError, match="of 3 items, but the log has 60"):
        TwoTower(CONFIG, np.eye(3)).fit(logs[0])
    with pytest.raises(ValueError, match="features"):
        TwoTower(CONFIG, [[np.inf]])


def test_kinds_of_features_weigh_alike() -> None:
    features = item_features(
        vectors=(1000.0 * looks(), looks(3)),
        category=KIND,
        categories=3,
        log_price=np.linspace(2.0, 9.0, ITEMS),
    )
    parts = np.split(features**2, [3, 6, 9], axis=1)
    assert [part.sum(axis=1).mean() for part in parts] == pytest.approx([1.0] * 4, rel=1e-5)
    with pytest.raises(ValueError, match="features"):
        item_features(vectors=(looks(), np.ones((2, 2))))
