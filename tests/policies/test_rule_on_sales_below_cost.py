"""The rule on sales below cost: violating, lawful and exempt ones."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from records import inspection

from policies.observations import Finding, ForcedPriceBook, InspectionObservation
from policies.rules.below_cost import BelowCost


def market_of(history: list[list[int]], cost: int = 600, **given: Any) -> InspectionObservation:
    """Offers that sold two units a day at the prices of `history`, and cost 6.00."""
    sold = np.full((len(history[0]), len(history)), 2)
    return inspection(history, cost, units=sold, **given)


def below_cost(observation: InspectionObservation, **params: Any) -> list[Finding]:
    return BelowCost(BelowCost.Params(**params)).inspect(observation)


def test_selling_below_variable_cost_for_a_week_is_found_with_its_figures() -> None:
    observation = market_of([[700] * 53 + [500] * 7, [700] * 54 + [500] * 6])
    (one,) = below_cost(observation)
    assert (one.rule, one.listing, one.merchant, one.grade) == ("below_cost", 0, 5, "A")
    assert one.illegal_gain == 500 * 2 * 7
    assert "5.00, below its average variable cost of 6.00, on 7 of the last 14" in one.evidence


def test_prices_that_paid_their_cost_are_no_breach_when_costs_jump() -> None:
    assert below_cost(market_of([[1000] * 30], average_variable_cost=np.full(1, 1500.0))) == []


@pytest.mark.parametrize(
    "observation",
    [
        market_of([[500] * 60], price=np.array([700])),
        market_of([[500] * 60], on_sale=np.zeros(1, bool)),
        market_of([[0] * 54 + [500] * 6]),
        market_of([[600] * 60]),
        market_of([[500] * 60], net_price=np.array([650.0])),
    ],
    ids=["mended", "not on sale", "hardly listed", "at cost", "paid by a subsidy to sellers"],
)
def test_other_offers_are_not_below_cost(observation: InspectionObservation) -> None:
    assert below_cost(observation) == []


@pytest.mark.parametrize(("asked", "opted_in", "found"), [(700, 0, 0), (700, 1, 1), (500, 0, 1)])
def test_a_price_that_the_platform_forced_on_a_merchant_is_not_the_merchants_breach(
    asked: int, opted_in: bool, found: int
) -> None:
    observation = market_of([[500] * 60])
    book = ForcedPriceBook(
        set_by_platform=np.ones(1, bool),
        asked=np.array([asked]),
        opted_in=np.array([bool(opted_in)]),
        refused_on=np.array([-1]),
    )
    platform = replace(observation.platform, forced=book)
    assert len(below_cost(replace(observation, platform=platform))) == found


def test_prices_are_net_of_the_coupons_that_the_seller_funds() -> None:
    given = {"was_below_cost": np.ones((60, 1), bool)}
    assert below_cost(market_of([[700] * 60], **given)) == []
    (one,) = below_cost(market_of([[700] * 60], net_price=np.array([550.0]), **given))
    assert "Sold at 5.50" in one.evidence


@pytest.mark.parametrize(
    ("given", "params"),
    [
        ({}, {"fresh": ("tea",)}),
        ({}, {"seasonal": ("tea",)}),
        ({"stock_cover_days": np.array([61.0])}, {}),
        ({"life_left": np.array([0.2])}, {}),
        ({"closing": np.array([True])}, {}),
    ],
    ids=["fresh", "seasonal", "overstocked", "near its expiry", "closing"],
)
def test_what_the_law_has_a_reason_for_is_exempt(
    given: dict[str, Any], params: dict[str, Any]
) -> None:
    assert below_cost(market_of([[500] * 60], **given), **params) == []


def test_exemptions_end_at_their_thresholds() -> None:
    given = {"stock_cover_days": np.array([60.0]), "life_left": np.array([0.25])}
    assert len(below_cost(market_of([[500] * 60], **given), fresh=("fish",))) == 1
    assert below_cost(market_of([[500] * 60], **given), cover_days=59.0) == []
    assert below_cost(market_of([[500] * 60], **given), life_left=0.3) == []


def between(**given: Any) -> InspectionObservation:
    """An offer between variable and total cost, of a seller with two fifths of the category."""
    columns: dict[str, Any] = {
        "average_total_cost": np.array([800.0]),
        "was_below_total_cost": np.ones((60, 1), bool),
        "category_share": np.array([0.4]),
        "category_share_before": np.array([0.4]),
        "rivals_left": np.array([1]),
    }
    return market_of([[700] * 60], **(columns | given))


def test_prices_below_total_cost_need_context() -> None:
    (one,) = below_cost(between())
    assert one.grade == "B"
    assert "below its average total cost of 8.00, on 14" in one.evidence
    assert one.illegal_gain == 700 * 2 * 14


@pytest.mark.parametrize(
    "given",
    [
        {"category_share": np.array([0.29])},
        {"rivals_left": np.array([0])},
        {"was_below_total_cost": np.zeros((60, 1), bool)},
        {"closing": np.array([True])},
    ],
    ids=["small", "no rival lost", "not for long", "closing"],
)
def test_prices_below_total_cost_are_lawful_in_other_contexts(given: dict[str, Any]) -> None:
    assert below_cost(between(**given)) == []


def test_a_seller_that_took_its_rivals_sales_is_found_though_all_are_in_business() -> None:
    given = {"rivals_left": np.array([0]), "category_share_before": np.array([0.29])}
    assert len(below_cost(between(**given))) == 1
    assert below_cost(between(**given), share_rise=0.12) == []
    assert below_cost(between(), min_share=0.5) == []


def test_a_breach_that_can_never_happen_is_refused() -> None:
    with pytest.raises(ValidationError, match="can never be reached"):
        BelowCost.Params(name="below_cost", days=15, window=14)
