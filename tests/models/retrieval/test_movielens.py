"""The bars on MovieLens-100k, every rating a positive, all items ranked."""

import numpy as np
import pytest

from benchmarks.movielens import WHERE, find_movielens, read_movielens, read_movies
from benchmarks.search_ranking import cold_items
from models.fairness.exposure import group_exposure, item_exposure, long_tail
from models.fairness.reranking import with_share
from models.interactions import Interactions, leave_last_out, random_split
from models.ranking_metrics import ranking_quality
from models.retrieval.als import Als, AlsConfig
from models.retrieval.bpr import Bpr
from models.retrieval.ease import Ease
from models.retrieval.fair_softmax import FairSoftmax, FairSoftmaxConfig
from models.retrieval.popularity import Popularity
from models.retrieval.ranking_net import RankingNet
from models.retrieval.retriever import Retriever
from models.retrieval.sasrec import Sasrec
from models.retrieval.softmax_dot import SoftmaxDot


@pytest.fixture(scope="module")
def log() -> Interactions:
    path = find_movielens()
    if path is None:
        pytest.skip(WHERE)
    return read_movielens(path)


def ndcg(model: Retriever, training: Interactions, held_out: Interactions) -> float:
    model.fit(training, seed=1)
    return ranking_quality(model.top_k(np.arange(training.n_users), 10), held_out).ndcg


@pytest.mark.parametrize(("model", "bar"), [(Ease(), 0.445), (Popularity(), 0.22)])
def test_a_fifth_held_out(log: Interactions, model: Retriever, bar: float) -> None:
    assert ndcg(model, *random_split(log, 0.2, 42)) >= bar


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "bar"),
    [
        (Als(), 0.43),
        (Als(AlsConfig(unobserved_weight=0.3, l2=8.0, frequency_exponent=0.0)), 0.445),
        (Bpr(), 0.40),
        (SoftmaxDot(), 0.39),
        (RankingNet(), 0.35),
    ],
)
def test_a_fifth_held_out_of_models_that_take_seconds(
    log: Interactions, model: Retriever, bar: float
) -> None:
    assert ndcg(model, *random_split(log, 0.2, 42)) >= bar


@pytest.mark.slow
def test_the_order_of_what_was_taken_tells_what_comes_next(log: Interactions) -> None:
    training, held_out = leave_last_out(log)
    blind = ndcg(Ease(), training, held_out)
    assert blind < 0.084
    assert ndcg(Sasrec(), training, held_out) >= 0.105


@pytest.mark.slow
def test_movies_that_nobody_has_seen_yet_find_who_will_like_them(log: Interactions) -> None:
    path = find_movielens()
    assert path is not None
    movies = read_movies(path)
    if movies is None:
        pytest.skip("no file of items beside the ratings")
    ndcg = {row["ranked_by"]: row["ndcg"] for row in cold_items(log, movies)}
    assert ndcg["two towers"] >= 0.38
    assert ndcg["two towers"] > ndcg["likeness of features to what was taken"] + 0.1
    assert ndcg["random"] < 0.1


def tail_exposure(ranked: np.ndarray, training: Interactions) -> float:
    exposure = item_exposure(ranked, training.n_items)
    return group_exposure(exposure, long_tail(training.popularity())).share


@pytest.mark.slow
@pytest.mark.parametrize(("share", "bar"), [(0.16, 0.411), (0.28, 0.381)])
def test_a_constraint_in_training_beats_a_bonus_at_the_same_exposure_of_the_tail(
    log: Interactions, share: float, bar: float
) -> None:
    """The same network, once with the tail's vectors trained for it, once with a bonus after."""
    training, held_out = random_split(log, 0.2, 42)
    everyone = np.arange(training.n_users)
    constrained = FairSoftmax(FairSoftmaxConfig(share=share))
    constrained.fit(training, seed=1)
    fair = constrained.top_k(everyone, 10)
    free = FairSoftmax(FairSoftmaxConfig(share=0.0, group_l2=FairSoftmaxConfig().l2))
    free.fit(training, seed=1)
    known = training.matrix().toarray() > 0
    with_bonus = with_share(
        np.where(known, -1, np.arange(training.n_items)),
        free.scores(everyone),
        np.broadcast_to(long_tail(training.popularity()), known.shape),
        10,
        share,
        np.random.default_rng(1),
    )
    assert tail_exposure(fair, training) == pytest.approx(share, abs=0.002)
    assert with_bonus.share == pytest.approx(share, abs=0.002)
    found = ranking_quality(fair, held_out).ndcg
    assert found >= bar
    assert found > ranking_quality(with_bonus.slates, held_out).ndcg + 0.002
