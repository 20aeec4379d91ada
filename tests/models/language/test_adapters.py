"""LoRA adapters on a tiny language model: they learn, repeat, and come back from disk."""

from pathlib import Path

import numpy as np
import pytest
from tiny_bert import WORDS, tiny_bert

from models.language.backbone import Backbone
from models.language.config import AdapterConfig, RankingConfig
from models.language.encoding import TextEncoder
from models.language.ranking import RankingAdapter
from models.language.sentiment import SentimentAdapter
from models.language.storage import file_name
from models.weight_files import ModelFileError

GOOD, BAD = WORDS[:4], WORDS[4:8]
THINGS = ("kettle", "rice", "phone", "drill", "tea", "pan", "oats", "case", "saw", "cup")

QUICK = AdapterConfig(rank=4, learning_rate=0.02, batch_size=16, epochs=1, least_steps=40)
QUICK_RANKING = RankingConfig(rank=4, learning_rate=0.02, batch_size=10, epochs=1, least_steps=120)


@pytest.fixture(scope="module")
def backbone() -> Backbone:
    return tiny_bert()


def praise_and_blame(things: tuple[str, ...]) -> tuple[list[str], list[float]]:
    texts = [f"the {thing} is very {word}" for thing in things for word in (*GOOD, *BAD)]
    return texts, [float(text.split()[-1] in GOOD) for text in texts]


@pytest.fixture(scope="module")
def trained(backbone: Backbone) -> SentimentAdapter:
    adapter = SentimentAdapter(backbone, QUICK)
    adapter.fit(*praise_and_blame(THINGS[:6]), seed=3)
    return adapter


def test_sentiment_is_learned_and_holds_for_things_never_named(trained: SentimentAdapter) -> None:
    texts, label = praise_and_blame(THINGS[6:])
    assert ((trained.predict(texts) > 0.5) == np.array(label)).mean() > 0.95


def test_only_small_matrices_and_the_head_are_kept_and_the_backbone_stays(
    backbone: Backbone, trained: SentimentAdapter, tmp_path: Path
) -> None:
    # rank 4 times (32 in + 32 out), query and value of two layers; 32 weights of the head and 1
    numbers = 4 * (4 * 32 + 4 * 32) + 33
    size = trained.save(tmp_path).stat().st_size
    assert 4 * numbers < size < 4 * numbers + 4000
    assert tiny_bert().fingerprint == Backbone("same", backbone.model, None).fingerprint


def test_same_seed_same_bytes_and_another_seed_others(
    backbone: Backbone, trained: SentimentAdapter, tmp_path: Path
) -> None:
    saved = trained.save(tmp_path / "first").read_bytes()
    for seed, alike in ((3, True), (4, False)):
        again = SentimentAdapter(backbone, QUICK)
        again.fit(*praise_and_blame(THINGS[:6]), seed=seed)
        assert (again.save(tmp_path / str(seed)).read_bytes() == saved) is alike


def test_an_adapter_comes_back_as_it_was(
    backbone: Backbone, trained: SentimentAdapter, tmp_path: Path
) -> None:
    trained.save(tmp_path)
    texts, _ = praise_and_blame(THINGS)
    again = SentimentAdapter.load(tmp_path, backbone)
    assert again.predict(texts).tolist() == trained.predict(texts).tolist()
    assert again.config == QUICK


def test_an_adapter_of_other_weights_or_of_another_kind_is_refused(
    backbone: Backbone, trained: SentimentAdapter, tmp_path: Path
) -> None:
    saved = trained.save(tmp_path)
    with pytest.raises(ModelFileError, match="trained on other weights"):
        SentimentAdapter.load(tmp_path, tiny_bert(1))
    saved.rename(tmp_path / file_name("ranking"))
    with pytest.raises(ModelFileError, match="an adapter for 'sentiment', not for ranking"):
        RankingAdapter.load(tmp_path, backbone)
    with pytest.raises(ModelFileError, match="no such file"):
        SentimentAdapter.load(tmp_path, backbone)


def test_pairs_are_learned_that_no_common_word_tells(backbone: Backbone, tmp_path: Path) -> None:
    queries, items = list(THINGS), list(WORDS[-10:])
    places = np.arange(len(THINGS))
    plain = TextEncoder(backbone)
    before = (plain.embed(queries) @ plain.embed(items).T).argmax(axis=1)
    adapter = RankingAdapter(backbone, QUICK_RANKING)
    report = adapter.fit(queries, items, places, places, seed=0)
    assert report.losses[-1] < report.losses[0] / 2
    found = adapter.scores(queries, items).argmax(axis=1)
    assert (found == places).sum() > max(7, (before == places).sum())
    adapter.save(tmp_path)
    again = RankingAdapter.load(tmp_path, backbone)
    assert again.scores(queries, items).tolist() == adapter.scores(queries, items).tolist()


def test_vectors_have_length_one_and_do_not_depend_on_company(backbone: Backbone) -> None:
    encoder = TextEncoder(backbone)
    texts = ["good", "the kettle is very broken", "good", "red tea"]
    together = encoder.embed(texts)
    assert together.shape == (4, 32)
    assert together.dtype == np.float32
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    assert together[0].tolist() == together[2].tolist()
    alone = np.concatenate([encoder.embed([text]) for text in texts])
    assert np.abs(alone - together).max() < 1e-5
    assert encoder.embed([]).shape == (0, 32)


def test_what_cannot_be_learned_from_is_refused(backbone: Backbone) -> None:
    sentiment, ranking = SentimentAdapter(backbone, QUICK), RankingAdapter(backbone, QUICK_RANKING)
    with pytest.raises(ValueError, match="at least one labelled text"):
        sentiment.fit([], [])
    with pytest.raises(ValueError, match="labels"):
        sentiment.fit(["good"], [2.0])
    with pytest.raises(ValueError, match="texts has 1"):
        sentiment.fit(["good"], [1.0, 0.0])
    with pytest.raises(ValueError, match="not trained yet"):
        sentiment.predict(["good"])
    with pytest.raises(ValueError, match="past the last of the 1 texts"):
        ranking.fit(["good"], ["tea"], [0], [1])
    with pytest.raises(ValueError, match="not trained yet"):
        ranking.scores(["good"], ["tea"])
