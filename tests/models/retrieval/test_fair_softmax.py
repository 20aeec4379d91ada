"""The softmax under a constraint of exposure."""

from pathlib import Path

import numpy as np
import pytest
from planted_tastes import ITEMS, USERS, planted_log

from models.fairness.exposure import group_exposure, item_exposure, long_tail
from models.interactions import Interactions, random_split
from models.ranking_metrics import ranking_quality
from models.retrieval.fair_softmax import FairSoftmax, FairSoftmaxConfig

EVERYONE = np.arange(USERS)


@pytest.fixture(scope="module")
def log() -> Interactions:
    return random_split(planted_log(), 0.2, 0)[0]


def settings(**changes: float) -> FairSoftmaxConfig:
    return FairSoftmaxConfig.model_validate(
        {"size": 8, "epochs": 15, "batch_size": 64, "l2": 0.02, "group_l2": 0.02, **changes}
    )


def tail_share(model: FairSoftmax, group: np.ndarray) -> float:
    shown = item_exposure(model.top_k(EVERYONE, 10), ITEMS)
    return group_exposure(shown, group).share


@pytest.mark.parametrize("share", [0.3, 0.8])
def test_the_group_has_its_share_in_the_rankings_of_the_training(
    log: Interactions, share: float
) -> None:
    group = long_tail(log.popularity())
    free = FairSoftmax(settings(share=0.0, head=0.2))
    free.fit(log, seed=1)
    model = FairSoftmax(settings(share=share, head=0.2))
    model.fit(log, seed=1)
    assert (model.members == group).all()
    assert tail_share(model, group) == pytest.approx(max(share, tail_share(free, group)), abs=0.01)


def test_any_group_can_be_named_and_the_others_have_the_rest(log: Interactions) -> None:
    group = np.arange(ITEMS) % 5 == 0
    model = FairSoftmax(settings(share=0.4), group)
    model.fit(log, seed=1)
    assert model.multiplier > 0.0
    assert tail_share(model, group) == pytest.approx(0.4, abs=0.01)
    with pytest.raises(ValueError, match="true or false for each of 60 items"):
        FairSoftmax(settings(), group[:10]).fit(log)


def test_the_share_is_met_within_pools_where_only_one_competes(log: Interactions) -> None:
    """Every fourth item is of another pool; the group is the first half of all items."""
    group, pools = np.arange(ITEMS) < ITEMS // 2, np.arange(ITEMS) % 4
    model = FairSoftmax(settings(share=0.8, places=4), ~group)
    model.pools = pools
    model.fit(log, seed=1)
    ordered = log.sequences()
    last = np.zeros(USERS, dtype=int)
    last[ordered.users] = pools[ordered.items]
    exposure = np.zeros(ITEMS)
    for pool in range(4):
        users = np.flatnonzero(last == pool)
        shown = model.top_k(users, 4, candidates=np.flatnonzero(pools == pool))
        exposure += item_exposure(shown, ITEMS)
    assert group_exposure(exposure, ~group).share == pytest.approx(0.8, abs=0.03)
    model.pools = pools[:5]
    with pytest.raises(ValueError, match="one for each of 60 items"):
        model.fit(log)


def test_a_share_that_the_group_has_by_itself_changes_nothing(log: Interactions) -> None:
    group = np.ones(ITEMS, dtype=np.bool_)
    model = FairSoftmax(settings(share=0.9), group)
    model.fit(log, seed=1)
    assert model.multiplier == 0.0


def test_scores_are_the_items_that_a_user_is_expected_to_take(log: Interactions) -> None:
    """Over all that is new to her they add up to as many as she took."""
    model = FairSoftmax(settings(share=0.0))
    model.fit(log, seed=1)
    known = log.matrix().toarray() > 0
    expected = np.where(known, 0.0, model.scores(EVERYONE)).sum(axis=1)
    assert expected == pytest.approx(known.sum(axis=1), rel=1e-4)


def test_who_knows_everything_or_nothing_is_scored_too() -> None:
    users = np.concatenate([np.zeros(6, dtype=int), np.arange(1, 20).repeat(2)])
    items = np.concatenate([np.arange(6), np.tile(np.arange(6), 7)[:38]])
    model = FairSoftmax(settings(share=0.2, ease_share=0.5))
    model.fit(Interactions.of(users, items))
    assert np.isfinite(model.scores([0, 99])).all()
    assert (model.top_k([0], 3) == -1).all()
    assert (model.top_k([99], 3) >= 0).all()


def test_less_penalty_on_the_group_gives_it_more_exposure_before_any_multiplier(
    log: Interactions,
) -> None:
    group = long_tail(log.popularity())
    shares = []
    for penalty in (0.4, 0.02):
        model = FairSoftmax(settings(share=0.0, l2=0.4, group_l2=penalty))
        model.fit(log, seed=1)
        shares.append(tail_share(model, group))
    assert shares[1] > shares[0] + 0.02


def test_group_and_multiplier_are_saved(log: Interactions, tmp_path: Path) -> None:
    model = FairSoftmax(settings(share=0.5, ease_share=0.3))
    model.fit(log, seed=1)
    again = FairSoftmax.load(model.save(tmp_path).parent)
    assert (again.multiplier, again.members.tolist()) == (model.multiplier, model.members.tolist())
    assert again.scores(EVERYONE).tobytes() == model.scores(EVERYONE).tobytes()


def test_tastes_are_found_under_the_constraint(log: Interactions) -> None:
    _, held_out = random_split(planted_log(), 0.2, 0)
    model = FairSoftmax(settings(share=0.7))
    model.fit(log, seed=1)
    ranked = model.top_k(EVERYONE, 10)
    kind = ranked % 3 == EVERYONE[:, None] % 3
    assert kind.mean() > 0.6
    assert ranking_quality(ranked, held_out).ndcg > 0.1
