"""Rules against merchants: sales below cost, false discounts."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from records import inspection

from policies.observations import Finding, InspectionObservation
from policies.rules.below_cost import BelowCost
from policies.rules.false_discount import FalseDiscount, prior_price


def market_of(
    history: list[list[int]],
    cost: int = 600,
    list_price: int | None = None,
    price: int | None = None,
    on_sale: bool = True,
) -> InspectionObservation:
    """Offers whose past prices are the rows of `history`; without `price` they ask the last one."""
    n = len(history)
    given = {} if list_price is None else {"list_price": np.full(n, list_price)}
    given |= {} if price is None else {"price": np.full(n, price)}
    return inspection(history, cost, on_sale=np.full(n, on_sale), **given)


def below_cost(observation: InspectionObservation) -> list[Finding]:
    return BelowCost(BelowCost.Params(name="below_cost", days=7, window=14)).inspect(observation)


def found_false(observation: InspectionObservation) -> list[Finding]:
    params = FalseDiscount.Params(name="false_discount", tolerance=0.05)
    return FalseDiscount(params).inspect(observation)


def test_prices_that_paid_their_cost_are_no_breach_when_costs_jump() -> None:
    before = market_of([[1000] * 30], cost=600)
    after = replace(before, books=replace(before.books, unit_cost=np.full(1, 1500)))
    assert below_cost(after) == []


def test_selling_below_cost_for_a_week_is_found_with_its_figures() -> None:
    observation = market_of([[700] * 53 + [500] * 7, [700] * 54 + [500] * 6])
    (one,) = below_cost(observation)
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
def test_other_offers_are_not_below_cost(observation: InspectionObservation) -> None:
    assert below_cost(observation) == []


def false_discounts(observation: InspectionObservation) -> list[int]:
    return [one.listing for one in found_false(observation)]


def test_a_price_before_discount_that_was_never_asked_is_found() -> None:
    observation = market_of([[1000] * 60], list_price=1500)
    (one,) = found_false(observation)
    assert one.rule == "false_discount"
    assert "15.00" in one.evidence
    assert "10.00" in one.evidence
    assert one.illegal_gain == 0


def test_raising_a_price_shortly_before_lowering_it_is_found() -> None:
    history = [1000] * 50 + [1500] * 5 + [1100] * 5
    (one,) = found_false(market_of([history], list_price=1500))
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


def test_only_what_is_inspected_is_found() -> None:
    both = inspection([[500] * 60, [500] * 60], list_price=np.full(2, 900))
    one = replace(both, rows=np.array([1]))
    assert [finding.listing for finding in below_cost(both)] == [0, 1]
    assert [finding.listing for finding in (*below_cost(one), *found_false(one))] == [1, 1]


def test_a_breach_that_can_never_happen_is_refused() -> None:
    with pytest.raises(ValidationError, match="can never be reached"):
        BelowCost.Params(name="below_cost", days=15, window=14)
