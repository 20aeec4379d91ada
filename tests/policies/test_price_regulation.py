"""The cap on subsidies."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from records import listings_view

from policies.observations import RegulationObservation, Ruling
from policies.price_regulation.cap import Cap
from policies.price_regulation.none import NoPriceRegulation


def market_of(
    *prices: int, gmv: float = 1e6, subsidy: float = 0.0, day: int = 60, so_far: int = 0
) -> RegulationObservation:
    """Offers at the given prices."""
    return RegulationObservation(
        day=day,
        listings=listings_view(len(prices), price=np.array(prices)),
        gmv_recently=gmv,
        subsidy_recently=subsidy,
        revenue_recently=0.15 * gmv,
        subsidy_so_far=so_far,
    )


def limit(observation: RegulationObservation, **params: object) -> list[int]:
    ruling = Cap(Cap.Params(name="cap", **params)).regulate(observation)
    assert ruling.max_subsidy is not None
    return ruling.max_subsidy.tolist()


def test_no_regulation_limits_and_finds_nothing() -> None:
    ruling = NoPriceRegulation(NoPriceRegulation.Params()).regulate(market_of(1))
    assert ruling.max_subsidy is None
    assert ruling.findings == ()


def test_the_tightest_limit_binds() -> None:
    offers = market_of(1_000, 10_000)
    assert limit(offers, max_per_unit=20.0, max_share_of_price=0.5) == [500, 2_000]


def test_a_share_of_gmv_is_kept_by_keeping_every_unit_within_it() -> None:
    within = market_of(1_000, gmv=1000.0, subsidy=150.0)
    beyond = market_of(1_000, gmv=1000.0, subsidy=151.0)
    assert limit(within, max_share_of_gmv=0.15) == [500]
    assert limit(beyond, max_share_of_gmv=0.15) == [150]


@given(price=st.integers(1, 10**7), share=st.floats(0, 1), amount=st.floats(0, 1e5))
def test_no_limit_exceeds_the_share_of_the_price(price: int, share: float, amount: float) -> None:
    (cents,) = limit(market_of(price), max_share_of_price=share, max_per_unit=amount)
    assert 0 <= cents <= price * share


def ruled(observation: RegulationObservation, **params: object) -> Ruling:
    return Cap(Cap.Params(name="cap", **params)).regulate(observation)


def test_a_share_of_revenue_is_a_budget_a_day() -> None:
    assert ruled(market_of(1_000), max_share_of_revenue=0.5).max_per_day == 75_000
    assert ruled(market_of(1_000)).max_per_day is None
    first_day = market_of(1_000, gmv=0.0, day=0)
    assert ruled(first_day, max_share_of_revenue=0.5).max_per_day is None


def test_a_total_leaves_what_has_not_been_paid_yet() -> None:
    assert ruled(market_of(1_000, so_far=30_000), total_budget=400.0).max_in_all == 10_000
    assert ruled(market_of(1_000, so_far=50_000), total_budget=400.0).max_in_all == 0
    assert ruled(market_of(1_000)).max_in_all is None


def test_nothing_is_limited_before_its_day() -> None:
    assert ruled(market_of(1_000, day=9), from_day=10).max_subsidy is None
    assert ruled(market_of(1_000, day=10), from_day=10).max_subsidy is not None


def test_limits_tighten_in_a_straight_line_until_they_hold_in_full() -> None:
    terms = {
        "from_day": 10,
        "phase_in_days": 20,
        "phase_in_factor": 3.0,
        "max_share_of_price": 0.2,
        "max_per_unit": 5.0,
        "max_share_of_revenue": 0.1,
    }
    by_day = {
        day: ruled(market_of(1_000, 10_000, day=day), **terms) for day in (10, 20, 25, 30, 99)
    }
    assert {day: one.max_subsidy.tolist() for day, one in by_day.items()} == {
        10: [600, 1500],
        20: [400, 1000],
        25: [300, 750],
        30: [200, 500],
        99: [200, 500],
    }
    assert [one.max_per_day for one in by_day.values()] == [45_000, 30_000, 22_500, 15_000, 15_000]


def test_a_loose_phase_never_allows_more_than_the_price() -> None:
    terms = {"phase_in_days": 100, "phase_in_factor": 50.0, "max_per_unit": 1e6}
    assert ruled(market_of(1_000, day=1), **terms).max_subsidy.tolist() == [1_000]
