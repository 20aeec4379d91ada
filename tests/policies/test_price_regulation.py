"""The cap on subsidies."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from records import listings_view

from policies.observations import RegulationObservation
from policies.price_regulation.cap import Cap
from policies.price_regulation.none import NoPriceRegulation


def market_of(*prices: int, gmv: float = 1e6, subsidy: float = 0.0) -> RegulationObservation:
    """Offers at the given prices."""
    return RegulationObservation(
        day=60,
        listings=listings_view(len(prices), price=np.array(prices)),
        gmv_recently=gmv,
        subsidy_recently=subsidy,
        revenue_recently=0.15 * gmv,
        subsidy_so_far=0,
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
