"""What is read in reviews follows what was delivered: true quality, lateness, fakes."""

import numpy as np
import pytest
from quiet_markets import SELDOM, lived

from sim.market import Marketplace
from sim.response.review_sentiment import aspect_of_texts, grievances, text_sentiment
from sim.response.review_texts import VARIANTS, Aspect, review_texts


@pytest.fixture(scope="module")
def market() -> Marketplace:
    return lived(
        12,
        SELDOM,
        "couriers.count=2",
        "consumers.response.review_rate=1.0",
        "consumers.response.counterfeit_detection=1.0",
        "merchants.misconduct.counterfeit_share=0.3",
    )


def reviewed(market: Marketplace, column: str) -> np.ndarray:
    """A column of the order that each honest review is about."""
    return market.orders[column][market.reviews["order"][honest(market)]]


def honest(market: Marketplace) -> np.ndarray:
    return np.flatnonzero(~market.reviews["bought"])


def test_texts_of_more_stars_read_better() -> None:
    of_stars = text_sentiment().reshape(5, -1).mean(axis=1)
    assert (of_stars[:2] < -0.05).all()
    assert (of_stars[3:] > 0.3).all()


def test_the_aspect_that_a_text_was_written_about_is_found() -> None:
    names = {"quality": Aspect.QUALITY, "delivery": Aspect.DELIVERY, "price": Aspect.PRICE,
             "authenticity": Aspect.GENUINENESS}  # fmt: skip
    about = np.tile(np.repeat(np.arange(len(Aspect)), VARIANTS), 5)
    assert len(about) == len(review_texts())
    for name, aspect in names.items():
        mentioned = np.isfinite(aspect_of_texts(name))
        assert mentioned[about == aspect].mean() > 0.8, name
        assert mentioned[about != aspect].mean() < 0.2, name


def test_buyers_of_good_quality_write_better_reviews(market: Marketplace) -> None:
    said = text_sentiment()[market.reviews["text"][honest(market)]]
    quality = reviewed(market, "true_quality")
    good, poor = said[quality > np.median(quality)], said[quality <= np.median(quality)]
    assert good.mean() > poor.mean() + 0.05


def test_late_parcels_are_what_the_delivery_is_blamed_for(market: Marketplace) -> None:
    said = aspect_of_texts("delivery")[market.reviews["text"][honest(market)]]
    late = reviewed(market, "closed") > reviewed(market, "due")
    assert late.any()
    assert not late.all()
    assert np.mean(said[late] < -0.05) > 3 * np.mean(said[~late] < -0.05)


def test_reviews_of_fakes_are_of_listings_that_sold_fakes(market: Marketplace) -> None:
    count = grievances(market, "authenticity")
    assert len(count) == len(market.listings)
    assert count.sum() > 0
    orders = market.orders
    sold_fakes = np.unique(orders["listing"][orders["counterfeit"]])
    assert count[sold_fakes].sum() >= 0.9 * count.sum()


def test_the_indicator_is_the_mean_over_the_days_reviews(market: Marketplace) -> None:
    today = market.reviews["text"][market.reviews["day"] == market.day - 1]
    assert len(today) > 0
    values = dict(zip(market.health.names, market.health.values()[-1], strict=True))
    assert values["review_sentiment"] == pytest.approx(text_sentiment()[today].mean())
    delivery = aspect_of_texts("delivery")[today]
    assert values["delivery_sentiment"] == pytest.approx(np.nanmean(delivery))
