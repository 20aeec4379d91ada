"""Rules that watch the market: abnormal moves of prices, and concentration."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from records import inspection

from policies.observations import NO_LISTING, PLATFORM, Finding, InspectionObservation
from policies.rules import price_monitor
from policies.rules.concentration import Concentration
from policies.rules.price_monitor import PriceMonitor

DAYS = 120


def monitor(**params: Any) -> PriceMonitor:
    return PriceMonitor(PriceMonitor.Params(name="price_monitor", **{"turns": 1} | params))


def offers(n: int = 20, **given: Any) -> InspectionObservation:
    """Offers at 9.50 to 10.50 that never moved, but for `moves`: (days up to today, factor)."""
    price = np.linspace(950, 1050, n).round().astype(int)
    days_and_today = np.tile(price[:, None], (1, DAYS + 1))
    for listing, moves in given.pop("moves", {}).items():
        for days, factor in moves:
            days_and_today[listing, -days:] = round(price[listing] * factor)
    return inspection(days_and_today[:, :-1], **{"price": days_and_today[:, -1]} | given)


def flagged(observation: InspectionObservation, **params: Any) -> list[int]:
    return [one.listing for one in monitor(**params).inspect(observation)]


def test_a_sudden_rise_is_flagged_with_its_figures() -> None:
    (one,) = monitor().inspect(offers(moves={3: [(5, 1.6)]}))
    assert (one.rule, one.listing, one.merchant) == ("price_monitor", 3, 8)
    assert one.grade == "B"  # out of line with its peers as well
    assert one.illegal_gain == 0
    assert "from 9.66 to 15.46 within 30 days, a factor of 1.60" in one.evidence
    assert "more than 19 of 19 peers" in one.evidence


def test_a_slow_rise_is_flagged_as_a_drift() -> None:
    steps = [(days, 1.0 + 0.35 * (80 - days) / 80) for days in range(80, 0, -1)]
    (one,) = monitor().inspect(offers(moves={4: steps}))
    assert one.listing == 4
    assert "within 90 days" in one.evidence
    assert "against its category +" in one.evidence


def test_a_move_that_ends_among_its_peers_is_a_screen_only() -> None:
    spread = np.linspace(500, 2000, 20).round().astype(int)
    history = np.tile(spread[:, None], (1, DAYS))
    history[2, -5:] = 1500
    (one,) = monitor().inspect(inspection(history))
    assert (one.listing, one.grade) == (2, "C")


@pytest.mark.parametrize(
    "observation",
    [
        offers(),
        offers(moves={listing: [(10, 1.6)] for listing in range(20)}),
        offers(moves={3: [(12, 0.85), (5, 1.0)]}),
        offers(moves={3: [(5, 1.6)]}, on_sale=np.arange(20) != 3),
        offers(moves={3: [(5, 1.6)]}, rows=[0, 1, 2, 4]),
    ],
    ids=["still", "a cost that all pass on", "a promotion", "not on sale", "not inspected"],
)
def test_ordinary_prices_are_not_flagged(observation: InspectionObservation) -> None:
    assert flagged(observation) == []


def test_each_listing_has_its_turn_once_in_so_many_inspections() -> None:
    rule = monitor(turns=3)
    observation = offers(moves={listing: [(5, 1.6)] for listing in (0, 1, 2, 3)})
    days = [[one.listing for one in rule.inspect(observation)] for _ in range(3)]
    assert days == [[0, 3], [2], [1]]


def test_a_move_is_reported_once_until_it_has_been_quiet() -> None:
    rule, moved = monitor(quiet_days=10), offers(moves={3: [(5, 1.6)]})

    def found(observation: InspectionObservation, day: int) -> int:
        return len(rule.inspect(replace(observation, day=day)))

    assert [found(moved, day) for day in (60, 61, 70)] == [1, 0, 0]
    assert [found(offers(), 71), found(moved, 80), found(moved, 91)] == [0, 0, 1]


@pytest.mark.parametrize(
    ("params", "moves"),
    [
        ({"max_range": 0.6}, {3: [(5, 1.6)]}),
        ({"max_drift": 0.5}, {3: [(40, 1.3)]}),
        ({"detector": "step", "max_step": 0.6}, {3: [(1, 1.6)]}),
        ({"detector": "hampel", "max_deviation": 100.0}, {3: [(1, 1.6)]}),
        ({"detector": "kernel_change", "penalty": 60.0}, {3: [(40, 1.6)]}),
    ],
)
def test_a_threshold_decides(params: dict[str, Any], moves: dict[int, Any]) -> None:
    detector = {"detector": params["detector"]} if "detector" in params else {}
    assert flagged(offers(moves=moves), **detector) == [3]
    assert flagged(offers(moves=moves), **params) == []


def test_a_detector_that_is_not_installed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(price_monitor, "is_installed", lambda: False)
    with pytest.raises(ValidationError, match=r"pip install -e '\.\[monitoring\]'"):
        PriceMonitor.Params(name="price_monitor", detector="kernel_change")


def sales(
    now: list[int], then: list[int], categories: list[int] | None = None, **given: Any
) -> InspectionObservation:
    """Listings at 1.00 of a merchant each that sold so many units a day lately, and before."""
    n = len(now)
    units = np.tile(np.array(then), (DAYS, 1))
    units[-30:] = now
    kinds = np.array(categories or [0] * n)
    given |= {"category": kinds, "category_names": ("tea", "rice")[: kinds.max() + 1]}
    day = given.pop("day", 140)
    shares = {"platform_share": 1.0} | given
    return inspection(np.full((n, DAYS), 100), units=units, day=day, **shares)


def alerts(observation: InspectionObservation, **params: Any) -> list[Finding]:
    return Concentration(Concentration.Params(name="concentration", **params)).inspect(observation)


def test_a_category_that_became_concentrated_is_alerted_with_its_figures() -> None:
    found = alerts(sales([50, 30, 20], [34, 33, 33]))
    assert {(one.merchant, one.listing, one.grade) for one in found} == {
        (PLATFORM, NO_LISTING, "C")
    }
    rise = 3800 - (34**2 + 2 * 33**2)
    expected = (
        f"In the category 'tea' the index of concentration is 3800, +{rise} against 90 days "
        "before; merchant 5 has 50% of the sales."
    )
    assert [one.evidence for one in found] == [
        expected,
        expected.replace("category 'tea'", "platform"),
    ]


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ([34, 33, 33], [50, 30, 20]),
        ([50, 30, 20], [50, 30, 20]),
        ([50, 30, 20], [49, 31, 20]),
        ([12] * 3 + [8] * 8, [9] * 11),
        ([0, 0, 0], [1, 1, 1]),
        ([5, 1, 1], [0, 0, 0]),
    ],
    ids=["falling", "as it was", "hardly rising", "below both thresholds", "no sales", "none then"],
)
def test_other_markets_are_not_alerted(now: list[int], then: list[int]) -> None:
    assert alerts(sales(now, then)) == []


def test_a_large_seller_in_a_market_of_many_is_alerted() -> None:
    observation = sales([32, *[1] * 68, *[0] * 12], [20, *[1] * 80])
    found = alerts(observation)
    assert len(found) == 2
    assert "merchant 5 has 32% of the sales" in found[0].evidence
    assert alerts(observation, large_share=0.4) == []


def test_one_category_does_not_stand_for_another() -> None:
    observation = sales([50, 50, 100, 0], [50, 50, 50, 50], [0, 0, 1, 1])
    (category, whole) = alerts(observation)
    assert "category 'rice'" in category.evidence
    assert "In the platform" in whole.evidence


def test_thresholds_of_concentration_decide() -> None:
    observation = sales([50, 30, 20], [34, 33, 33])
    assert alerts(observation, rise=500.0) == []
    assert alerts(observation, high_index=3900.0, large_share=0.6) == []
    assert alerts(observation, compare_days=1) == []
    assert alerts(replace(observation, day=141)) == []
    assert len(alerts(replace(observation, day=141), every_days=1)) == 2


def test_a_young_market_is_compared_with_its_first_days() -> None:
    assert alerts(sales([50, 30, 20], [34, 33, 33], day=28)) == []
    older = sales([50, 30, 20], [34, 33, 33], day=56)
    assert "against 28 days before" in alerts(older)[0].evidence
    assert alerts(older, window=60) == []


def test_a_market_that_tips_to_one_platform_is_alerted_once() -> None:
    rule = Concentration(Concentration.Params(name="concentration"))
    found = []
    for day in range(0, 140, 7):
        share = 0.5 + 0.003 * day
        observation = sales([1, 1], [1, 1], platform_share=share, day=day)
        found += [(day, one.evidence) for one in rule.inspect(observation)]
    ((day, evidence),) = found
    # On day 28 the shares are .584 and .416, 5141 points after 5000; on day 21 5079.
    assert day == 28
    assert "our platform has 58%" in evidence
