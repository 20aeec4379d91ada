"""Sentiment and aspects by lexicons, and agreement beyond chance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.sentiment import ASPECTS, aspect_sentiment, clauses_of, cohen_kappa, polarity

LABELS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40)


def test_praise_is_positive_and_blame_negative() -> None:
    good, bad, neither = polarity(["I love it, excellent.", "A horrible failure.", "A box."])
    assert good > 0.5
    assert bad < -0.5
    assert neither == 0.0


def test_a_clause_has_its_own_sentiment_and_the_next_another() -> None:
    told = aspect_sentiment(["The screen is great, but the courier was terrible."])
    about = dict(zip(ASPECTS, told.sentiment[0], strict=True))
    assert about["quality"] > 0.3
    assert about["delivery"] < -0.3
    assert np.isnan([about["price"], about["service"], about["authenticity"]]).all()
    assert told.mentioned[0].sum() == 2


def test_a_clause_without_feeling_takes_that_of_the_whole_text() -> None:
    texts = ["Excellent. It arrived at nine.", "Awful. It arrived at nine."]
    delivery = aspect_sentiment(texts).sentiment[:, ASPECTS.index("delivery")]
    assert delivery.tolist() == polarity(texts).tolist()
    assert delivery[0] > 0 > delivery[1]


def test_texts_are_cut_at_stops_and_contrasts() -> None:
    assert clauses_of("It works. Cheap, however the seller lied!") == [
        "It works", "Cheap", "the seller lied"
    ]  # fmt: skip


def test_no_text_says_nothing() -> None:
    assert aspect_sentiment([]).sentiment.shape == (0, len(ASPECTS))
    assert len(polarity([])) == 0


@pytest.mark.parametrize("texts", ["one text", [b"bytes"], [None]])
def test_what_is_no_list_of_texts_is_refused(texts: object) -> None:
    with pytest.raises(ValueError, match="texts"):
        polarity(texts)  # type: ignore[arg-type]


def test_kappa_of_the_textbook() -> None:
    # 20 both yes, 5 and 10 apart, 15 both no: (.7 - .5) / (1 - .5)
    one = [1] * 25 + [0] * 25
    other = [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15
    assert cohen_kappa(one, other) == pytest.approx(0.4)


@given(LABELS)
def test_kappa_is_symmetric_and_at_most_one(pairs: list[tuple[int, int]]) -> None:
    one, other = zip(*pairs, strict=True)
    kappa = cohen_kappa(one, other)
    assert kappa == pytest.approx(cohen_kappa(other, one), nan_ok=True)
    assert np.isnan(kappa) or -1.0 - 1e-9 <= kappa <= 1.0 + 1e-9
    assert cohen_kappa(one, one) == pytest.approx(1.0 if len(set(one)) > 1 else np.nan, nan_ok=True)
