"""Rules on announced discounts: false prices before, their base, and bait."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from look_back import began_days_ago
from records import inspection

from policies.observations import Finding, InspectionObservation, PriceRecord
from policies.rules.bait_price import BaitPrice
from policies.rules.discount_base import DiscountBase
from policies.rules.false_discount import FalseDiscount
from policies.rules.reductions import FREE, days_before, lowest_before

LONG = 120


def offer(
    before: list[int],
    now: list[int],
    was: int,
    units: list[int] | None = None,
    **given: Any,
) -> InspectionObservation:
    """One offer that asked `before` unannounced and announces a reduction while it asks `now`.

    Args:
        before: cents on the days before the reduction, oldest first.
        now: cents on the days of the reduction, today last.
        was: cents announced as the price before.
        units: sold on the days before today; four a day unless given.
        given: other fields of the records.
    """
    asked = [*before, *now[:-1]]
    announced = [*before, *[was] * (len(now) - 1)]
    padding = [0] * (LONG - len(asked))
    history = np.array([padding + asked])
    sold = padding + ([4] * len(asked) if units is None else units)
    given.setdefault("units", np.array([sold]).T)
    return inspection(
        history,
        price=np.array(now[-1:]),
        list_price=np.array([was]),
        announced=np.array([padding + announced]).T,
        **given,
    )


def false_discounts(observation: InspectionObservation, **params: Any) -> list[Finding]:
    return FalseDiscount(FalseDiscount.Params(**params)).inspect(observation)


def wrong_bases(observation: InspectionObservation, **params: Any) -> list[Finding]:
    return DiscountBase(DiscountBase.Params(**params)).inspect(observation)


def test_a_price_before_that_was_never_asked_is_found_with_its_figures() -> None:
    (one,) = false_discounts(offer([1000] * 60, [900] * 3, was=1500))
    assert (one.rule, one.listing, one.merchant, one.grade) == ("false_discount", 0, 5, "A")
    assert "40% off 15.00" in one.evidence
    assert "the lowest of the 30 days before the reduction was 10.00" in one.evidence
    assert one.illegal_gain == 0


def test_the_gain_is_what_buyers_paid_above_the_lowest_price() -> None:
    (one,) = false_discounts(offer([1000] * 50 + [1500] * 5, [1100] * 6, was=1500))
    assert one.illegal_gain == (1100 - 1000) * 4 * 5


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ([1500] * 60, [1000]),
        ([1500] * 60, [1000] * 40),
        ([1500] * 60, [1300] * 5 + [1200] * 5 + [1000] * 10),
        ([1500] * 60, [1000] * 5 + [1010] * 5),
        ([900] * 20 + [1500] * 30, [1000] * 10),
    ],
    ids=["today", "for a month", "step by step", "dearer again", "cheaper long ago"],
)
def test_reductions_from_the_lowest_price_are_lawful(before: list[int], now: list[int]) -> None:
    assert false_discounts(offer(before, now, was=1500)) == []


def test_a_cut_after_a_rise_is_a_reduction_of_its_own() -> None:
    up_and_down = [1000] * 5 + [1400] * 5 + [1200]
    (one,) = false_discounts(offer([1500] * 60, up_and_down, was=1500))
    assert "was 10.00" in one.evidence


def test_a_reduction_that_was_made_before_it_is_announced_gives_no_price_before() -> None:
    observation = offer([1500] * 50 + [1000] * 10, [1000], was=1500)
    assert len(false_discounts(observation)) == 1


def test_the_percentage_must_go_by_the_lowest_price_as_well() -> None:
    honest = {"was": np.array([1000]), "price": np.array([800])}
    history = np.full((1, 60), 1000)
    assert false_discounts(inspection(history, share=np.array([0.20]), **honest)) == []
    (one,) = false_discounts(inspection(history, share=np.array([0.35]), **honest))
    assert "35% off 10.00" in one.evidence
    assert false_discounts(inspection(history, share=np.array([0.205]), **honest)) == []
    tolerant = {"percentage_tolerance": 0.2}
    assert false_discounts(inspection(history, share=np.array([0.35]), **honest), **tolerant) == []


def test_perishable_goods_are_exempt() -> None:
    observation = offer([1000] * 60, [900], was=1500)
    assert false_discounts(observation, perishable=("tea",)) == []
    assert len(false_discounts(observation, perishable=("fish",))) == 1


def test_young_offers_go_by_what_there_is() -> None:
    assert false_discounts(offer([1000] * 6, [900], was=1500)) == []
    (one,) = false_discounts(offer([1000] * 7, [900], was=1500))
    assert one.grade == "B"
    assert false_discounts(offer([1500] * 10, [900], was=1500)) == []


def test_a_discount_since_the_first_day_from_what_was_never_asked_is_found() -> None:
    assert false_discounts(offer([], [1000] * 7, was=1500)) == []
    (one,) = false_discounts(offer([], [1000] * 8, was=1500))
    assert one.grade == "B"
    assert "never asked more than 10.00" in one.evidence
    assert false_discounts(offer([1500] * 3, [1000] * 8, was=1500)) == []


def test_the_tolerance_and_the_window_are_the_scenarios() -> None:
    observation = offer([1000] * 60, [900], was=1005)
    assert false_discounts(observation) == []
    assert len(false_discounts(observation, tolerance=0.004)) == 1
    cheaper_once = offer([1000] * 30 + [1500] * 20, [1400], was=1500)
    assert len(false_discounts(cheaper_once)) == 1
    assert false_discounts(cheaper_once, window=20) == []


def test_the_base_is_the_lowest_sale_of_the_week_before() -> None:
    before = [1200] * 60 + [1000, 1200, 1200]
    (one,) = wrong_bases(offer(before, [1100] * 3, was=1200))
    assert (one.rule, one.grade) == ("discount_base", "A")
    assert "the lowest sale of the 7 days before was at 10.00" in one.evidence
    assert one.illegal_gain == (1100 - 1000) * 4 * 2


def test_a_discount_from_the_lowest_sale_is_lawful() -> None:
    assert wrong_bases(offer([1200] * 60, [1000] * 9, was=1200)) == []


def test_without_a_sale_in_the_week_the_last_one_is_the_base() -> None:
    before = [1000] * 50 + [1200] * 10
    unsold = [4] * 50 + [0] * 10
    (one,) = wrong_bases(offer(before, [1100], was=1200, units=unsold))
    assert one.grade == "B"
    assert "the last sale before was at 10.00" in one.evidence


def test_where_nothing_was_ever_sold_there_is_no_base() -> None:
    assert wrong_bases(offer([1000] * 60, [900], was=1500, units=[0] * 60)) == []


def test_raising_a_price_for_the_discount_is_found() -> None:
    before = [1000] * 60 + [1300] * 10
    (one,) = wrong_bases(offer(before, [1050] * 5, was=1300))
    assert one.grade == "B"
    assert "Raised its price to 13.00" in one.evidence
    assert "usually it asked 10.00" in one.evidence
    assert one.illegal_gain == (10 * 300 + 4 * 50) * 4


def test_what_was_not_gained_by_a_raise_is_exempt() -> None:
    before = [1000] * 60 + [1300] * 3 + [1000] * 7
    assert wrong_bases(offer(before, [900], was=1000)) == []
    assert wrong_bases(offer([1000] * 60 + [1040] * 10, [900], was=1040)) == []
    assert wrong_bases(offer([1300] * 10, [1050], was=1300)) == []


def test_days_and_raise_of_the_base_are_the_scenarios() -> None:
    raised = offer([1000] * 60 + [1300] * 10, [1050], was=1300)
    assert wrong_bases(raised, max_raise=0.4) == []
    assert wrong_bases(raised, raised_days=5, usual_days=7) == []
    assert wrong_bases(raised, raised_days=5, usual_days=60) != []
    assert len(wrong_bases(raised, deal_days=11)) == 1
    assert wrong_bases(raised, deal_days=11)[0].grade == "A"
    assert wrong_bases(offer([1000] * 60, [900], was=1500), tolerance=0.5) == []


def baits(observation: InspectionObservation, **params: Any) -> list[Finding]:
    return BaitPrice(BaitPrice.Params(**params)).inspect(observation)


def lure(advertised: int, checkout: int, **given: Any) -> InspectionObservation:
    history = np.full((1, LONG), advertised)
    asked = np.full((LONG, 1), checkout)
    units = np.full((LONG, 1), 2)
    return inspection(
        history, checkout=asked, checkout_price=np.array([checkout]), units=units, **given
    )


def test_a_checkout_price_above_the_advertised_one_is_found() -> None:
    (one,) = baits(lure(800, 1000))
    assert (one.rule, one.grade) == ("bait_price", "A")
    assert one.illegal_gain == 200 * 2 * 30
    assert "Advertises 8.00 and asks 10.00" in one.evidence
    assert baits(lure(800, 1000), window=10)[0].illegal_gain == 200 * 2 * 10


def test_who_asks_what_it_advertises_or_less_is_lawful() -> None:
    assert baits(lure(1000, 1000)) == []
    assert baits(lure(1000, 900)) == []


def test_disclosed_fees_and_rounding_are_exempt() -> None:
    assert baits(lure(800, 1000), disclosed_fee=2.0) == []
    assert len(baits(lure(800, 1000), disclosed_fee=1.99)) == 1
    assert baits(lure(800, 1000), tolerance=0.25) == []
    assert baits(lure(800, 1000, on_sale=np.zeros(1, bool))) == []


@given(
    prices=st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=50),
    today=st.integers(1, 4),
)
def test_a_reduction_begins_on_a_day_since_when_it_was_announced(
    prices: list[tuple[int, bool]], today: int
) -> None:
    asked = np.array([[price for price, _ in prices]]).T
    told = np.array([[price + told for price, told in prices]]).T
    record = PriceRecord(asked, asked, told, np.zeros_like(asked), np.zeros(asked.shape[1], int))
    (began,) = began_days_ago(record, np.array([0]), np.array([today])).tolist()
    assert 0 <= began <= len(prices)
    since = slice(len(prices) - began, None)
    assert ((told[since] > asked[since]) & (asked[since] > 0)).all()


@given(began=st.integers(0, 12), first=st.integers(1, 5), more=st.integers(0, 8))
def test_days_before_a_reduction_are_counted_back_from_its_first(
    began: int, first: int, more: int
) -> None:
    column = np.arange(1, 11)[:, None]
    days = days_before(column, np.array([0]), np.array([began]), first, first + more)[:, 0]
    expected = [max(11 - began - back, 0) for back in range(first, first + more + 1)]
    assert days.tolist() == expected


@pytest.mark.parametrize("offers", [3, 60])
@pytest.mark.parametrize(("first", "last"), [(1, 30), (15, 60), (1, 100)])
def test_the_lowest_price_before_is_that_of_the_days_before(
    offers: int, first: int, last: int
) -> None:
    rng = np.random.default_rng(7)
    column = rng.integers(1, 10**6, (90, 60)) * (rng.random((90, 60)) < 0.1)
    listing = np.sort(rng.choice(60, offers, replace=False))
    began = rng.integers(0, 50, offers)
    began[::2] = 2
    lowest, known = lowest_before(column, listing, began, first, last)
    asked = days_before(column, listing, began, first, last)
    assert known.tolist() == (asked > 0).sum(axis=0).tolist()
    assert lowest.tolist() == np.where(asked > 0, asked, FREE).min(axis=0).tolist()
