"""What all rankers of search results do."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from search_worlds import PLACES, world

from models.search_ranking.boosted import BoostedRanker, BoostedRankerConfig
from models.search_ranking.evaluation import page_ndcg
from models.search_ranking.neural import NeuralRanker, NeuralRankerConfig
from models.search_ranking.pages import SearchPages, choice_lists
from models.search_ranking.ranker import SearchRanker
from models.weight_files import ModelFileError


def boosted() -> SearchRanker:
    pytest.importorskip("lightgbm", reason="LightGBM is not installed")
    return BoostedRanker(BoostedRankerConfig(trees=40))


MAKERS: dict[str, Callable[[], SearchRanker]] = {
    "softmax": lambda: NeuralRanker(NeuralRankerConfig(epochs=4)),
    "lambdarank": lambda: NeuralRanker(NeuralRankerConfig(loss="lambdarank", epochs=4)),
    "boosted": boosted,
}
EVERYTHING_SEEN = np.ones(PLACES)


@pytest.mark.parametrize("name", MAKERS)
def test_planted_relevance_is_found(name: str) -> None:
    seen = world(1_000, 7, looks=EVERYTHING_SEEN).clicked
    later = world(300, 8).truth
    ranker = MAKERS[name]()
    report = ranker.fit(seen, seed=1)
    assert report.lists > 1_000
    assert report.losses[-1] < report.losses[0]
    by_chance = page_ndcg(np.zeros(len(later.gain)), later)
    assert page_ndcg(ranker.scores(later.features), later) > by_chance + 0.1


@pytest.mark.parametrize("name", MAKERS)
def test_same_seed_same_scores_and_what_is_saved_scores_alike(name: str, tmp_path: Path) -> None:
    seen = world(300, 9).clicked
    one, other = MAKERS[name](), MAKERS[name]()
    one.fit(seen, seed=3)
    other.fit(seen, seed=3)
    scores = one.scores(seen.features)
    assert scores.tobytes() == other.scores(seen.features).tobytes()
    path = one.save(tmp_path)
    assert one.save(tmp_path / "again").read_bytes() == path.read_bytes()
    loaded = type(one).load(tmp_path)
    assert loaded.scores(seen.features).tobytes() == scores.tobytes()
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ModelFileError):
        type(one).load(tmp_path)


def test_a_second_training_goes_on_from_the_first() -> None:
    seen = world(600, 10, looks=EVERYTHING_SEEN).clicked
    ranker = NeuralRanker(NeuralRankerConfig(epochs=2))
    first = ranker.fit(seen, seed=1).losses
    assert ranker.fit(seen, seed=2).losses[0] < first[0]


@pytest.mark.parametrize("name", MAKERS)
def test_pages_on_which_nothing_was_taken_leave_a_ranker_as_it_was(name: str) -> None:
    ranker = MAKERS[name]()
    nothing = SearchPages.of(np.zeros((3, 4)), [0, 0, 1], [0, 1, 0], [0.0, 0.0, 1.0])
    assert ranker.fit(nothing).lists == 0
    assert not ranker.trained
    with pytest.raises(ValueError, match="not trained yet"):
        ranker.scores(np.zeros((1, 4)))


def test_other_features_than_those_of_the_training_are_refused() -> None:
    ranker = NeuralRanker(NeuralRankerConfig(epochs=1))
    ranker.fit(world(50, 11).clicked)
    with pytest.raises(ValueError, match="trained on 4"):
        ranker.scores(np.zeros((1, 5)))
    with pytest.raises(ValueError, match="trained on 4"):
        ranker.fit(SearchPages.of(np.zeros((2, 5)), [0, 0], [0, 1], [1.0, 0.0]))


def test_choices_hold_what_was_taken_against_what_was_worth_less() -> None:
    pages = SearchPages.of(
        np.arange(5.0)[:, None], [4, 4, 4, 9, 9], [2, 0, 1, 0, 1], [0.0, 3.0, 1.0, 0.0, 0.0]
    )
    lists = choice_lists(pages)
    assert pages.features[:, 0].tolist() == [1.0, 2.0, 0.0, 3.0, 4.0]
    assert lists.row.tolist() == [[0, 1, 2], [1, 2, -1]]
    assert lists.weight.tolist() == [1.5, 0.5]


def test_ndcg_by_hand() -> None:
    pages = SearchPages.of(np.zeros((5, 1)), [0, 0, 0, 1, 1], [0, 1, 2, 0, 1], [0, 1.0, 0, 0, 0])
    assert page_ndcg([0.0, 1.0, 0.0, 1.0, 0.0], pages) == 1.0
    assert page_ndcg(np.zeros(5), pages) == pytest.approx(1.0 / np.log2(3.0))
    assert np.isnan(page_ndcg([0.0, 0.0], pages.pages(np.array([False, True]))))
