"""Repeat purchase: frequency and recency in one number, and discovery beside it."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.journey import purchases, read_journey
from models.histories import Histories
from models.interactions import Interactions, newest_held_out
from models.ranking_metrics import ranking_quality
from models.retrieval.ease import Ease, EaseConfig
from models.retrieval.popularity import Popularity
from models.retrieval.repeat import (
    WEIGHTS_TRIED,
    Repeat,
    RepeatAndDiscovery,
    RepeatAndDiscoveryConfig,
    RepeatConfig,
    recent_purchases,
)
from scenarios.commerce.faults import CommerceError

USERS, ITEMS, KINDS = 200, 40, 4


@pytest.fixture(scope="module")
def log() -> Interactions:
    """Users who buy three own goods again and again, and now and then another of their kind."""
    rng = np.random.default_rng(5)
    kind = np.arange(USERS) % KINDS
    own = rng.integers(0, ITEMS // KINDS, (USERS, 3))
    users = np.repeat(np.arange(USERS), 25)
    again = own[users, rng.integers(0, 3, len(users))]
    new = rng.integers(0, ITEMS // KINDS, len(users))
    item = np.where(rng.random(len(users)) < 0.6, again, new) * KINDS + kind[users]
    return Interactions.of(
        users, item, n_users=USERS, n_items=ITEMS, times=np.tile(np.arange(25), USERS)
    )


def mixture(**settings: float) -> RepeatAndDiscovery:
    return RepeatAndDiscovery(RepeatAndDiscoveryConfig(discovery=EaseConfig(l2=20.0), **settings))


rows_of_items = st.lists(st.lists(st.integers(0, 5), max_size=12), min_size=1, max_size=5)


@given(rows_of_items, st.floats(0.1, 50.0))
def test_each_purchase_counts_half_as_much_every_half_life(
    rows: list[list[int]], half_life: float
) -> None:
    counted = recent_purchases(Histories.of(rows, 6), half_life)
    for row, items in enumerate(rows):
        expected = np.zeros(6)
        for age, item in enumerate(reversed(items)):
            expected[item] += 0.5 ** (age / half_life)
        assert counted[row] == pytest.approx(expected, rel=1e-5, abs=1e-30)


@given(rows_of_items)
def test_without_forgetting_purchases_are_counted(rows: list[list[int]]) -> None:
    counted = recent_purchases(Histories.of(rows, 6), None)
    assert (counted == [np.bincount(np.array(row, int), minlength=6) for row in rows]).all()


def test_what_was_bought_most_comes_first_and_what_was_never_bought_by_popularity() -> None:
    log = Interactions.of([0, 0, 0, 1, 1, 2, 2, 2], [3, 3, 1, 0, 2, 2, 0, 2], n_items=5)
    model = Repeat(RepeatConfig(half_life=None))
    model.fit(log)
    assert model.top_k([0], 5, exclude_known=False).tolist() == [[3, 1, 0, 2, 4]]
    assert model.top_k([9], 3, exclude_known=False).tolist() == [[0, 2, 1]]


def test_what_changed_lately_outweighs_what_was_bought_long_ago() -> None:
    history = Histories.of([[0] * 6 + [1] * 4], 2)
    log = Interactions.of([0] * 10, history.items)
    by_half_life = {}
    for half_life in (None, 2.0):
        model = Repeat(RepeatConfig(half_life=half_life))
        model.fit(log)
        by_half_life[half_life] = model.top_k([0], 1, exclude_known=False)[0, 0]
    assert by_half_life == {None: 0, 2.0: 1}


def test_the_mixture_beats_both_of_its_parts_where_both_matter(log: Interactions) -> None:
    older, newest = newest_held_out(log, 0.2)
    users = np.arange(USERS)
    quality = {}
    for model in (Popularity(), Ease(EaseConfig(l2=20.0)), Repeat(), mixture()):
        model.fit(older)
        ranked = model.top_k(users, 10, exclude_known=False)
        quality[model.name] = ranking_quality(ranked, newest).ndcg
    assert quality["popularity"] < quality["ease"] < quality["repeat"]
    assert quality["repeat"] < quality["repeat_and_discovery"]


def test_the_weight_is_the_best_on_the_newest_part_of_the_log_alone(log: Interactions) -> None:
    model = mixture()
    report = model.fit(log)
    assert len(report.validation) == len(WEIGHTS_TRIED)
    assert model.discovery_weight == WEIGHTS_TRIED[int(np.argmax(report.validation))] > 0
    older, newest = newest_held_out(log, model.config.validation_share)
    for weight, found in zip(WEIGHTS_TRIED, report.validation, strict=True):
        fixed = mixture(discovery_weight=weight)
        fixed.fit(older)
        ranked = fixed.top_k(np.arange(USERS), 10, exclude_known=False)
        assert ranking_quality(ranked, newest).ndcg == pytest.approx(found)


def test_a_weight_that_is_given_is_kept_and_scores_are_the_sum_of_the_parts(
    log: Interactions,
) -> None:
    model, repeat, ease = mixture(discovery_weight=3.0), Repeat(), Ease(EaseConfig(l2=20.0))
    for one in (model, repeat, ease):
        one.fit(log)
    users, pool = np.array([3, 8, USERS]), np.array([1, 5, 30])
    expected = repeat.scores(users, pool) + 3.0 * ease.scores(users, pool)
    assert np.allclose(model.scores(users, pool), expected, atol=1e-5)


@pytest.mark.parametrize("make", [Repeat, mixture])
def test_a_saved_model_scores_as_before(
    make: type[Repeat], log: Interactions, tmp_path: Path
) -> None:
    model = make()
    model.fit(log)
    model.save(tmp_path)
    users = np.arange(USERS + 1)
    assert type(model).load(tmp_path).scores(users).tobytes() == model.scores(users).tobytes()


def test_events_of_one_time_are_held_out_together() -> None:
    log = Interactions.of([0, 1, 2, 3, 4], [0, 0, 0, 0, 0], times=[5, 1, 3, 3, 2])
    older, newest = newest_held_out(log, 0.3)
    assert (older.times.tolist(), newest.times.tolist()) == ([1, 2], [5, 3, 3])
    with pytest.raises(ValueError, match="must lie between 0 and 1"):
        newest_held_out(log, 1.0)


@pytest.mark.slow
def test_repeat_purchase_of_households_is_as_measured() -> None:
    """NDCG@10 of .41 by what was bought most, about .25 by EASE alone, .42 by both."""
    try:
        journey = read_journey()
    except CommerceError as error:
        pytest.skip(str(error))
    training, held_out = purchases(journey, 2000, journey.days - 30, journey.days)
    quality = {}
    models = (Repeat(RepeatConfig(half_life=None)), Ease(), RepeatAndDiscovery())
    for name, model in zip(("bought_most", "ease", "both"), models, strict=True):
        model.fit(training)
        ranked = model.top_k(np.arange(training.n_users), 10, exclude_known=False)
        quality[name] = ranking_quality(ranked, held_out).ndcg
    assert quality["bought_most"] == pytest.approx(0.41, abs=0.01)
    assert quality["ease"] == pytest.approx(0.24, abs=0.015)
    assert quality["both"] >= 0.42
