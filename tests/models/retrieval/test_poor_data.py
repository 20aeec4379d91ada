"""Logs as they come: rows twice, users without rows, values that are missing, profiles for hire."""

import numpy as np
import pytest
from planted_tastes import ITEMS, MAKERS, USERS, planted_log

from benchmarks.poor_data import ATTACKS, FILLERS, KINDS_OF_POOR_DATA, attacked, spoiled
from models.interactions import Interactions
from models.recommender import NeuralRecommender


@pytest.mark.parametrize("name", MAKERS)
def test_rows_twice_empty_users_and_items_nobody_took_are_learned_from(name: str) -> None:
    log = planted_log()
    twice = np.concatenate([np.arange(400), np.arange(400), np.zeros(50, dtype=int)])
    thin = Interactions.of(
        log.users[twice] + 3, log.items[twice], n_users=USERS + 3, n_items=ITEMS + 5
    )
    model = MAKERS[name]()
    model.fit(thin, passes=2)
    assert np.isfinite(model.scores(np.arange(USERS + 3))).all()
    assert (model.top_k([0, 1, USERS + 2], 10) >= 0).all()


@pytest.mark.parametrize("name", ["popularity", "ease", "als"])
def test_closed_forms_take_a_row_twice_as_a_row(name: str) -> None:
    log = planted_log()
    doubled = log.rows(np.concatenate([np.arange(len(log)), np.arange(0, len(log), 7)]))
    scores = []
    for rows in (log, doubled):
        model = MAKERS[name]()
        model.fit(rows, seed=1)
        scores.append(model.scores(np.arange(50)))
    assert np.array_equal(*scores)


def test_a_missing_rating_is_refused_by_its_row() -> None:
    ratings = np.array([4.0, 2.0, np.nan, 5.0])
    with pytest.raises(ValueError, match="weights: NaN at position 2; drop or fill"):
        Interactions.of([0, 1, 2, 3], [0, 1, 2, 3], weights=ratings)
    with pytest.raises(ValueError, match="labels: NaN at position 2; drop or fill"):
        NeuralRecommender().fit([0, 1, 2, 3], [0, 1, 2, 3], ratings / 5)
    with pytest.raises(ValueError, match="ids must have an integer dtype, got float64"):
        Interactions.of(np.array([0.0, np.nan]), [0, 1])


@pytest.mark.parametrize("kind", KINDS_OF_POOR_DATA)
def test_a_share_of_the_rows_is_bad(kind: str) -> None:
    log = planted_log()
    poor = spoiled(log, kind, 0.25)
    if kind == "missing":
        assert len(poor) == 0.75 * len(log)
        return
    assert len(log) / len(poor) == pytest.approx(0.75, abs=0.001)
    assert np.array_equal(poor.users[: len(log)], log.users)
    new = poor.rows(np.arange(len(log), len(poor)))
    known = np.isin(new.users * ITEMS + new.items, log.users * ITEMS + log.items)
    assert known.all() == (kind != "noise")
    if kind == "imbalance":
        assert len(np.unique(new.users)) <= USERS // 10


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_adds_profiles_that_take_the_target(attack: str) -> None:
    log = planted_log()
    hired = attacked(log, attack, 0.1, target=59)
    assert hired.n_users == USERS + 30
    new = hired.rows(hired.users >= USERS)
    assert (np.bincount(new.users, minlength=hired.n_users)[USERS:] <= FILLERS + 1).all()
    assert len(np.unique(new.users[new.items == 59])) == 30
    assert attacked(log, attack, 0.0, target=59) is log
