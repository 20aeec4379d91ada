"""Attention by place is told apart from what stood there, and rankers profit from knowing it."""

import numpy as np
import pytest
from search_worlds import LOOKS, PLACES, world

from models.search_ranking.evaluation import page_ndcg
from models.search_ranking.neural import NeuralRanker, NeuralRankerConfig
from models.search_ranking.pages import SearchPages, choice_lists
from models.search_ranking.position_bias import examination_by_place


def test_planted_attention_is_recovered() -> None:
    estimated = examination_by_place(world(4_000, 1).clicked)
    assert estimated[0] == 1.0
    np.testing.assert_allclose(estimated, LOOKS, atol=0.06)


def test_equal_attention_is_recovered_though_upper_places_are_clicked_more() -> None:
    """Where the order is good, upper places are clicked more for what stands there."""
    rng = np.random.default_rng(2)
    x = -np.sort(-rng.standard_normal((3_000, PLACES)), axis=1)
    clicked = rng.random(x.shape) < 1.0 / (1.0 + np.exp(-x))
    pages = SearchPages.of(
        x.reshape(-1, 1),
        np.repeat(np.arange(3_000), PLACES),
        np.tile(np.arange(PLACES), 3_000),
        clicked.ravel().astype(float),
    )
    rate = clicked.mean(axis=0)
    assert rate[-1] < 0.4 * rate[0]
    assert examination_by_place(pages).min() > 0.85


@pytest.mark.parametrize("loss", ["softmax", "lambdarank"])
def test_correcting_for_it_ranks_better_by_true_relevance(loss: str) -> None:
    """The log's order rests on a feature worth nothing; uncorrected, it is learned as worth."""
    seen, later = world(3_000, 3).clicked, world(400, 4).truth
    config = NeuralRankerConfig(loss=loss, epochs=6)
    plain, corrected = NeuralRanker(config), NeuralRanker(config)
    plain.fit(seen, seed=1)
    corrected.fit(seen, examination=examination_by_place(seen), seed=1)
    better = page_ndcg(corrected.scores(later.features), later)
    assert better > page_ndcg(plain.scores(later.features), later) + 0.005
    assert better > 0.97


def test_a_click_counts_by_its_chance_to_have_happened() -> None:
    """Over many pages, weighted clicks at each place are as many as if all had been looked at."""
    seen = world(6_000, 5).clicked
    lists = choice_lists(seen, LOOKS)
    place = seen.position[lists.row[:, 0]]
    everyone = choice_lists(world(6_000, 5, looks=np.ones(PLACES)).clicked)
    would_be = seen.position[everyone.row[:, 0]]
    share = np.bincount(place, lists.weight) / lists.weight.sum()
    np.testing.assert_allclose(share, np.bincount(would_be) / len(would_be), atol=0.02)


def test_a_place_that_nobody_saw_is_no_reason_to_fail() -> None:
    pages = SearchPages.of(np.zeros((2, 1)), [0, 0], [0, 3], [1.0, 0.0])
    estimated = examination_by_place(pages)
    assert len(estimated) == 4
    assert ((estimated > 0) & (estimated <= 1)).all()


def test_nothing_seen_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one result"):
        examination_by_place(SearchPages.of(np.zeros((0, 1)), [], [], []))
