"""A training that goes on from an earlier one, with users and items that came since."""

from pathlib import Path

import numpy as np
import pytest
from planted_tastes import ITEMS, MAKERS, USERS, planted_log

from models.interactions import Interactions, random_split
from models.ranking_metrics import ranking_quality
from models.retrieval.retriever import Retriever

LEARN_BY_GRADIENT = (
    "bpr",
    "softmax_dot",
    "fair_softmax",
    "two_tower",
    "sasrec",
    "ranking_net",
)


@pytest.fixture(scope="module")
def log() -> Interactions:
    return planted_log()


@pytest.fixture(scope="module")
def fitted(log: Interactions, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    training, _ = random_split(log, 0.2, 0)
    folder = tmp_path_factory.mktemp("models")
    for make in MAKERS.values():
        model = make()
        model.fit(training, seed=4)
        model.save(folder)
    return dict.fromkeys(MAKERS, folder)


def loaded(name: str, fitted: dict[str, Path]) -> Retriever:
    return type(MAKERS[name]()).load(fitted[name])


@pytest.mark.parametrize("name", LEARN_BY_GRADIENT)
def test_one_warm_pass_ranks_better_than_one_from_nothing(
    name: str, log: Interactions, fitted: dict[str, Path]
) -> None:
    training, held_out = random_split(log, 0.2, 0)
    warm, cold = loaded(name, fitted), MAKERS[name]()
    assert warm.fit(training, seed=9, warm=True, passes=1).passes == 1
    cold.fit(training, seed=9, passes=1)
    users = np.arange(USERS)
    better = ranking_quality(warm.top_k(users, 10), held_out).ndcg
    assert better > ranking_quality(cold.top_k(users, 10), held_out).ndcg + 0.05


@pytest.mark.parametrize("name", MAKERS)
def test_new_users_and_items_join_those_that_are_known(
    name: str, log: Interactions, fitted: dict[str, Path], tmp_path: Path
) -> None:
    """Two users of the first kind come, and an item that only the first kind takes."""
    takers = np.append(np.arange(0, USERS, 3), [USERS, USERS + 1])
    users = np.concatenate([log.users, takers, np.repeat([USERS, USERS + 1], 6)])
    items = np.concatenate(
        [log.items, np.full(len(takers), ITEMS), np.tile(np.arange(0, 18, 3), 2)]
    )
    grown = Interactions.of(users, items)
    model = loaded(name, fitted)
    model.fit(grown, seed=1, warm=True)
    assert (model.n_users, model.n_items) == (USERS + 2, ITEMS + 1)
    again = type(model).load(model.save(tmp_path).parent)
    scores = again.scores(np.arange(USERS + 2))
    assert scores.shape == (USERS + 2, ITEMS + 1)
    if name != "popularity":
        place = (scores[:USERS] > scores[:USERS, ITEMS:]).sum(axis=1)
        kind = np.arange(USERS) % 3
        assert place[kind == 0].mean() < place[kind != 0].mean() - 10


@pytest.mark.parametrize("name", MAKERS)
def test_a_warm_start_refuses_to_lose_items(
    name: str, fitted: dict[str, Path], log: Interactions
) -> None:
    few = Interactions.of(log.users, log.items % 50)
    model = loaded(name, fitted)
    before = model.scores([0]).tobytes()
    with pytest.raises(ValueError, match="50 items, but the model knows 60"):
        model.fit(few, warm=True)
    assert model.scores([0]).tobytes() == before


@pytest.mark.parametrize("name", MAKERS)
def test_a_first_training_is_the_same_warm_or_not(name: str) -> None:
    rng = np.random.default_rng(0)
    log = Interactions.of(rng.integers(0, 20, 200), rng.integers(0, 15, 200), n_items=ITEMS)
    scores = []
    for warm in (False, True):
        model = MAKERS[name]()
        model.fit(log, seed=2, warm=warm, passes=2)
        scores.append(model.scores(np.arange(20)))
    assert np.array_equal(*scores)


@pytest.mark.parametrize("name", LEARN_BY_GRADIENT)
def test_every_pass_is_told(name: str) -> None:
    rng = np.random.default_rng(0)
    log = Interactions.of(rng.integers(0, 20, 200), rng.integers(0, 15, 200), n_items=ITEMS)
    told: list[tuple[int, float]] = []
    report = MAKERS[name]().fit(
        log, passes=2, watch=lambda number, losses: told.append((number, losses["loss"]))
    )
    assert told == list(enumerate(report.losses, start=1))


def test_a_device_that_is_not_there_is_refused(log: Interactions) -> None:
    model = MAKERS["bpr"]()
    with pytest.raises(ValueError, match="'gpu' is not one of cpu, cuda, mps, auto"):
        model.fit(log, device="gpu")
    with pytest.raises(ValueError, match="this machine has no cuda:99; it has cpu"):
        model.fit(log, device="cuda:99")
