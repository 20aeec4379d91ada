"""The bars on MovieLens-100k, every rating a positive, all items ranked."""

import numpy as np
import pytest

from benchmarks.movielens import WHERE, find_movielens, read_movielens, read_movies
from benchmarks.search_ranking import cold_items
from models.interactions import Interactions, leave_last_out, random_split
from models.ranking_metrics import ranking_quality
from models.retrieval.als import Als
from models.retrieval.bpr import Bpr
from models.retrieval.ease import Ease
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
    ("model", "bar"), [(Als(), 0.43), (Bpr(), 0.40), (SoftmaxDot(), 0.39), (RankingNet(), 0.35)]
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
