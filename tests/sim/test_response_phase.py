"""A day's responses, in a stand-in of the market."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.event_tables import ComplaintKind, OrderStatus
from sim.response import respond
from sim.response.deliveries import delivered_today
from sim.response.review_texts import review_texts
from sim.settings.consumers import ResponseSettings

Make = Callable[..., SimpleNamespace]
Deliver = Callable[..., NDArray[np.int64]]

SILENT = {"word_of_mouth": 0.0, "churn_rate": 0.0, "comeback_rate": 0.0}
"""Responses of the buyers alone."""


def day_with(
    make: Make,
    deliver: Deliver,
    n: int = 400,
    response: dict[str, Any] | None = None,
    prepare: Callable[[SimpleNamespace], None] | None = None,
    **order: Any,
) -> SimpleNamespace:
    market = make(consumers=n, response=ResponseSettings(**(response or {})))
    if prepare:
        prepare(market)
    deliver(market, np.arange(n), np.arange(n) % len(market.listings), **order)
    respond(market)
    return market


def test_money_is_conserved_and_goods_return_to_the_shelf(
    market_stand_in: Make, deliver: Deliver
) -> None:
    market = day_with(market_stand_in, deliver, response={"return_rate": 0.5})
    back = len(market.returns)
    assert back > 50
    assert market.ledger.total() == 0
    assert market.listings.stock.sum() == 100 * len(market.listings) + back
    assert market.returns["refund"].tolist() == [1000] * back
    assert (market.orders["status"][market.returns["order"]] == OrderStatus.REFUNDED).all()
    assert market.listings.returns_recently.sum() == back


def test_ratings_on_the_listing_are_those_of_its_reviews(
    market_stand_in: Make, deliver: Deliver
) -> None:
    market = day_with(market_stand_in, deliver)
    reviews, listings = market.reviews, market.listings
    assert 40 < len(reviews) < 160
    count = np.bincount(reviews["listing"], minlength=len(listings))
    stars = np.bincount(reviews["listing"], weights=reviews["stars"], minlength=len(listings))
    assert listings.rating_count.tolist() == count.tolist()
    assert listings.rating_sum.tolist() == stars.tolist()
    assert not reviews["bought"].any()
    assert market.texts == list(review_texts())
    assert reviews["text"].max() < len(market.texts)


def test_many_ratings_reveal_true_quality(market_stand_in: Make, deliver: Deliver) -> None:
    market = day_with(
        market_stand_in,
        deliver,
        n=4000,
        response={"review_rate": 1.0, "rating_noise": 0.3},
        expected_quality=0.7,
        true_quality=0.7,
    )
    assert market.reviews["stars"].mean() == pytest.approx(1 + 4 * 0.7, abs=0.05)


def test_content_buyers_hardly_complain_and_their_complaints_are_unjustified(
    market_stand_in: Make, deliver: Deliver
) -> None:
    market = day_with(market_stand_in, deliver, n=2000, response={"false_complaint_rate": 0.01})
    assert 0 < len(market.complaints) < 60
    assert not market.complaints["justified"].any()


def test_counterfeits_are_recognised_complained_about_and_put_on_record(
    market_stand_in: Make, deliver: Deliver
) -> None:
    def counterfeit_the_first(market: SimpleNamespace) -> None:
        market.listings.counterfeit = np.arange(len(market.listings)) == 0
        market.listings.quality = np.where(market.listings.counterfeit, 0.1, 0.7)

    market = day_with(
        market_stand_in,
        deliver,
        n=1200,
        prepare=counterfeit_the_first,
        response={"false_complaint_rate": 0.0, "complaint_rate": 0.5},
    )
    table = market.complaints
    assert set(table["listing"].tolist()) == {0}
    assert table["justified"].all()
    genuine_doubt = table["kind"] == ComplaintKind.NOT_GENUINE
    assert 0.4 < genuine_doubt.mean() < 0.8
    assert market.listings.complaints.tolist() == [len(table), 0, 0, 0, 0, 0]
    assert market.listings.counterfeit_complaints[0] == genuine_doubt.sum()
    assert market.crowd.complaints.sum() == len(table)


def test_without_detection_nobody_says_that_a_counterfeit_is_one(
    market_stand_in: Make, deliver: Deliver
) -> None:
    market = day_with(
        market_stand_in,
        deliver,
        response={"counterfeit_detection": 0.0, "false_complaint_rate": 0.0},
        counterfeit=True,
        true_quality=0.1,
    )
    assert len(market.complaints) > 50
    assert not (market.complaints["kind"] == ComplaintKind.NOT_GENUINE).any()


def test_late_parcels_make_complaints_about_lateness(
    market_stand_in: Make, deliver: Deliver
) -> None:
    market = day_with(
        market_stand_in,
        deliver,
        response={"false_complaint_rate": 0.0},
        due=10 * 1440.0 - 180.0,
    )
    assert len(market.complaints) > 50
    assert (market.complaints["kind"] == ComplaintKind.LATE).all()
    assert market.complaints["justified"].all()


def test_parcels_without_a_promise_are_never_late(market_stand_in: Make, deliver: Deliver) -> None:
    market = day_with(market_stand_in, deliver, response={"false_complaint_rate": 0.0}, due=np.nan)
    assert len(market.complaints) == 0


def test_who_complains_awaits_the_decision_and_does_not_return(
    market_stand_in: Make, deliver: Deliver
) -> None:
    market = day_with(
        market_stand_in,
        deliver,
        response={"complaint_rate": 1.0, "return_rate": 1.0},
        true_quality=0.1,
    )
    assert len(market.complaints) == 400
    assert len(market.returns) == 0


def test_a_bait_is_noticed_although_the_advert_has_changed_since(
    market_stand_in: Make, deliver: Deliver
) -> None:
    market = day_with(
        market_stand_in,
        deliver,
        response={"false_complaint_rate": 0.0, "complaint_rate": 1.0},
        advertised=500,
    )
    assert (market.complaints["kind"] == ComplaintKind.CHECKOUT_PRICE).all()
    assert len(market.complaints) == 400


def test_a_price_that_rises_after_the_order_deceives_nobody(
    market_stand_in: Make, deliver: Deliver
) -> None:
    market = market_stand_in()
    deliver(market, [1], [0], advertised=1000, list_price=1000)
    for column in (market.listings.price, market.listings.advertised, market.listings.list_price):
        column[0] = 1500
    parcel = delivered_today(market)
    assert parcel.exaggeration.tolist() == [0.0]
    assert parcel.overcharge.tolist() == [0.0]


def test_a_false_discount_is_one_although_it_is_gone_since(
    market_stand_in: Make, deliver: Deliver
) -> None:
    market = market_stand_in()
    deliver(market, [1], [0], list_price=1500)
    assert delivered_today(market).exaggeration.tolist() == [0.5]


def test_good_days_build_trust_and_bad_days_cost_more(
    market_stand_in: Make, deliver: Deliver
) -> None:
    good = day_with(market_stand_in, deliver, response=SILENT, true_quality=1.0)
    bad = day_with(market_stand_in, deliver, response=SILENT, true_quality=0.0)
    rise, fall = good.crowd.trust.mean() - 0.7, 0.7 - bad.crowd.trust.mean()
    assert 0 < rise < fall
    assert good.crowd.satisfaction.mean() > 0 > bad.crowd.satisfaction.mean()


@pytest.mark.parametrize("failure", ["cancelled", "bait", "sold out"])
def test_trips_that_bring_nothing_cost_trust(
    market_stand_in: Make, deliver: Deliver, failure: str
) -> None:
    market = market_stand_in(response=ResponseSettings(**SILENT))
    order = deliver(market, [3], [0])
    today = market.today
    today.delivered = order[:0]
    today.session_consumer = np.array([3])
    today.bait_abandoned = np.array([failure == "bait"])
    today.session_lost = np.array([failure == "sold out"])
    if failure == "cancelled":
        today.closed = order
    respond(market)
    assert np.flatnonzero(market.crowd.trust < np.float32(0.7)).tolist() == [3]


def test_a_day_without_deliveries_changes_nobody_but_leavers(market_stand_in: Make) -> None:
    market = market_stand_in(consumers=5000, response=ResponseSettings(churn_rate=0.5))
    respond(market)
    assert (market.crowd.trust == np.float32(0.7)).all()
    assert (~market.crowd.active).mean() == pytest.approx(0.5 * 0.3, abs=0.02)
    assert len(market.reviews) == len(market.complaints) == len(market.returns) == 0


def test_friends_hear_of_a_bad_day(market_stand_in: Make, deliver: Deliver) -> None:
    market = market_stand_in(response=ResponseSettings(word_of_mouth=0.1, churn_rate=0.0))
    deliver(market, [3], [0], true_quality=0.0)
    respond(market)
    fell = set(np.flatnonzero(market.crowd.trust < np.float32(0.7)).tolist())
    assert fell == {3, *market.friends.friends_of(3).tolist()}


def test_one_consumers_response_does_not_depend_on_the_other_orders(
    market_stand_in: Make, deliver: Deliver
) -> None:
    alone, together = market_stand_in(consumers=400), market_stand_in(consumers=400)
    deliver(together, np.arange(400), np.zeros(400, int), true_quality=0.4)
    deliver(alone, np.arange(0, 400, 7), np.zeros(58, int), true_quality=0.4)
    respond(together)
    respond(alone)

    def stars(market: SimpleNamespace) -> dict[int, int]:
        reviews = market.reviews
        return dict(zip(reviews["consumer"].tolist(), reviews["stars"].tolist(), strict=True))

    everybody = stars(together)
    assert stars(alone) == {who: s for who, s in everybody.items() if who % 7 == 0}


def test_the_same_day_lived_twice_is_the_same_day(market_stand_in: Make, deliver: Deliver) -> None:
    first, second = (day_with(market_stand_in, deliver, true_quality=0.5) for _ in range(2))
    for table in ("reviews", "complaints", "returns"):
        one, other = getattr(first, table).to_dict(), getattr(second, table).to_dict()
        assert all(one[name].tolist() == other[name].tolist() for name in one)
    assert first.crowd.trust.tolist() == second.crowd.trust.tolist()


def test_who_is_disappointed_with_an_item_does_not_want_it_again(
    market_stand_in: Make, deliver: Deliver
) -> None:
    def remembered(true_quality: float) -> int:
        def know(market: SimpleNamespace) -> None:
            market.crowd.memory[:, 0] = np.arange(400) % len(market.listings)

        market = day_with(
            market_stand_in, deliver, prepare=know, true_quality=true_quality, expected_quality=0.7
        )
        return int((market.crowd.memory >= 0).sum())

    assert remembered(0.7) == 400
    assert remembered(0.1) == 0
