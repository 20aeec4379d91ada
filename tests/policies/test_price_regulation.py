"""The cap on subsidies, and the findings of below-cost sales and false discounts."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from policies.price_regulation.below_cost import below_cost_findings
from policies.price_regulation.false_discount import false_discount_findings, prior_price
from pydantic import ValidationError

from policies.observations import ListingsView, RegulationObservation
from policies.price_regulation.cap import Cap
from policies.price_regulation.none import NoPriceRegulation


def market_of(
    history: list[list[int]],
    cost: int = 600,
    list_price: int | None = None,
    price: int | None = None,
    on_sale: bool = True,
    gmv: float = 1e6,
    subsidy: float = 0.0,
) -> RegulationObservation:
    """Offers whose past prices are the rows of `history`; without `price` they ask the last one."""
    past = np.array(history).T
    n = past.shape[1]
    now = past[-1] if price is None else np.full(n, price)
    return RegulationObservation(
        day=60,
        listings=ListingsView(
            title=("",) * n,
            description=("",) * n,
            merchant=np.arange(n) + 5,
            merchant_size=np.zeros(n, int),
            category=np.zeros(n, int),
            category_names=("tea",),
            category_reference_price=np.array([1000]),
            price=now,
            checkout_price=now,
            list_price=now if list_price is None else np.full(n, list_price),
            on_sale=np.full(n, on_sale),
            rating_mean=np.full(n, np.nan),
            rating_count=np.zeros(n, int),
            sold_recently=np.full(n, 4.0),
            complaints_recently=np.zeros(n),
            returns_recently=np.zeros(n),
            age_days=np.full(n, 60),
        ),
        unit_cost=np.full(n, cost),
        gmv_recently=gmv,
        subsidy_recently=subsidy,
        price_history=past,
        was_below_cost=(past > 0) & (past < cost),
    )


def limit(observation: RegulationObservation, **params: object) -> list[int]:
    ruling = Cap(Cap.Params(name="cap", **params)).regulate(observation)
    assert ruling.max_subsidy is not None
    return ruling.max_subsidy.tolist()


def test_no_regulation_limits_and_finds_nothing() -> None:
    ruling = NoPriceRegulation(NoPriceRegulation.Params()).regulate(market_of([[1] * 60]))
    assert ruling.max_subsidy is None
    assert ruling.findings == ()


def test_the_tightest_limit_binds() -> None:
    offers = market_of([[1_000] * 60, [10_000] * 60])
    assert limit(offers, max_per_unit=20.0, max_share_of_price=0.5) == [500, 2_000]


def test_a_share_of_gmv_is_kept_by_keeping_every_unit_within_it() -> None:
    within = market_of([[1_000] * 60], gmv=1000.0, subsidy=150.0)
    beyond = market_of([[1_000] * 60], gmv=1000.0, subsidy=151.0)
    assert limit(within, max_share_of_gmv=0.15) == [500]
    assert limit(beyond, max_share_of_gmv=0.15) == [150]


@given(price=st.integers(1, 10**7), share=st.floats(0, 1), amount=st.floats(0, 1e5))
def test_no_limit_exceeds_the_share_of_the_price(price: int, share: float, amount: float) -> None:
    (cents,) = limit(market_of([[price] * 60]), max_share_of_price=share, max_per_unit=amount)
    assert 0 <= cents <= price * share


def test_prices_that_paid_their_cost_are_no_breach_when_costs_jump() -> None:
    before = market_of([[1000] * 30], cost=600)
    after = replace(before, unit_cost=np.full(1, 1500))
    assert below_cost_findings(after, days=7, window=14) == []


def test_selling_below_cost_for_a_week_is_found_with_its_figures() -> None:
    observation = market_of([[700] * 53 + [500] * 7, [700] * 54 + [500] * 6])
    (one,) = below_cost_findings(observation, days=7, window=14)
    assert (one.rule, one.listing, one.merchant, one.grade) == ("below_cost", 0, 5, "A")
    assert one.illegal_gain == 500 * 4
    assert "5.00" in one.evidence
    assert "7 of the last 14 days" in one.evidence


@pytest.mark.parametrize(
    "observation",
    [
        market_of([[500] * 60], price=700),
        market_of([[500] * 60], on_sale=False),
        market_of([[0] * 54 + [500] * 6]),
        market_of([[600] * 60]),
    ],
    ids=["mended", "not on sale", "hardly listed", "at cost"],
)
def test_other_offers_are_not_below_cost(observation: RegulationObservation) -> None:
    assert below_cost_findings(observation, days=7, window=14) == []


def false_discounts(observation: RegulationObservation) -> list[int]:
    return [one.listing for one in false_discount_findings(observation, tolerance=0.05)]


def test_a_price_before_discount_that_was_never_asked_is_found() -> None:
    observation = market_of([[1000] * 60], list_price=1500)
    (one,) = false_discount_findings(observation, tolerance=0.05)
    assert one.rule == "false_discount"
    assert "15.00" in one.evidence
    assert "10.00" in one.evidence
    assert one.illegal_gain == 0


def test_raising_a_price_shortly_before_lowering_it_is_found() -> None:
    history = [1000] * 50 + [1500] * 5 + [1100] * 5
    (one,) = false_discount_findings(market_of([history], list_price=1500), tolerance=0.05)
    assert one.illegal_gain == (1100 - 1000) * 4


@pytest.mark.parametrize(
    "history",
    [
        [1500] * 60 + [1000],
        [1500] * 50 + [1000] * 10,
        [1500] * 40 + [1300] * 10 + [1000] * 10,
        [900] * 20 + [1500] * 30 + [1000] * 10,
    ],
    ids=["reduced today", "reduced for days", "reduced step by step", "cheaper long ago"],
)
def test_honest_reductions_are_no_false_discounts(history: list[int]) -> None:
    observation = market_of([history[:-1]], price=history[-1], list_price=1500)
    assert false_discounts(observation) == []


def test_offers_without_history_are_given_the_benefit_of_the_doubt() -> None:
    assert false_discounts(market_of([[0] * 54 + [1000] * 6], list_price=1500)) == []
    assert false_discounts(market_of([[0] * 53 + [1000] * 7], list_price=1500)) == [0]


def test_small_excesses_are_tolerated() -> None:
    assert false_discounts(market_of([[1000] * 60], list_price=1050)) == []
    assert false_discounts(market_of([[1000] * 60], list_price=1051)) == [0]


@given(history=st.lists(st.integers(0, 5), min_size=1, max_size=60), price=st.integers(1, 5))
def test_the_prior_price_is_one_of_the_prices_before(history: list[int], price: int) -> None:
    prior, known = prior_price(np.array([history]).T, np.array([price]))
    if known[0]:
        assert prior[0] in history
        assert prior[0] > 0
    else:
        assert prior[0] == 0


def test_the_cap_reports_both_kinds_of_breach() -> None:
    ruling = Cap(Cap.Params(name="cap")).regulate(market_of([[500] * 60], list_price=900))
    assert [one.rule for one in ruling.findings] == ["below_cost", "false_discount"]


def test_a_breach_that_can_never_happen_is_refused() -> None:
    with pytest.raises(ValidationError, match="can never be reached"):
        Cap.Params(name="cap", below_cost_days=15, below_cost_window=14)
