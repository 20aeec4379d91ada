"""Rules on gouging in an emergency, and the screen for collusion."""

from typing import Any

import numpy as np
import pytest
from records import inspection

from policies.observations import NO_LISTING, Finding, InspectionObservation
from policies.rules.collusion import Collusion
from policies.rules.gouging import Gouging


def gouging(observation: InspectionObservation, **params: Any) -> list[Finding]:
    return Gouging(Gouging.Params(**params)).inspect(observation)


def emergency(price: int, before: int = 1000, cost: int = 600, **given: Any) -> Any:
    """An offer in the tenth day of an emergency, at a price since its first, one unit a day."""
    columns: dict[str, Any] = {
        "declared": np.array([True]),
        "since": np.array([50]),
        "price_before": np.array([before]),
        "cost_before": np.array([600]),
        "units": np.ones((60, 1), int),
    }
    return inspection([[1000] * 50 + [price] * 10], cost, **(columns | given))


def test_asking_more_than_a_tenth_above_the_price_before_is_gouging() -> None:
    (one,) = gouging(emergency(1500))
    assert (one.rule, one.listing, one.merchant, one.grade) == ("gouging", 0, 5, "A")
    assert one.illegal_gain == (1500 - 1100) * 10
    assert one.evidence == (
        "Asks 15.00 in an emergency; 10.00 before and a unit cost of 6.00 allow 11.00."
    )


@pytest.mark.parametrize(
    "observation",
    [
        emergency(1100),
        emergency(1500, declared=np.array([False])),
        emergency(1500, since=np.array([30])),
        emergency(1500, on_sale=np.zeros(1, bool)),
    ],
    ids=["a tenth", "no emergency", "long ago", "not on sale"],
)
def test_other_prices_in_an_emergency_are_lawful(observation: InspectionObservation) -> None:
    assert gouging(observation) == []


def test_costs_that_rose_may_be_passed_on_with_the_margin_of_before() -> None:
    assert gouging(emergency(1540, cost=1000)) == []
    (one,) = gouging(emergency(1541, cost=1000))
    assert one.illegal_gain == 10
    assert len(gouging(emergency(1540, cost=999))) == 1


def test_what_was_not_offered_before_may_ask_half_as_much_again_as_it_costs() -> None:
    assert gouging(emergency(900, before=0)) == []
    (one,) = gouging(emergency(901, before=0))
    assert "no price before and a unit cost of 6.00 allow 9.00" in one.evidence


def test_limits_in_an_emergency_are_the_scenarios() -> None:
    assert gouging(emergency(1500), max_rise=0.5) == []
    assert gouging(emergency(1500), days=10) == []
    assert len(gouging(emergency(1500), days=11)) == 1
    assert gouging(emergency(1200, before=0), new_item_markup=1.0) == []


DAYS = 90


def collusion(observation: InspectionObservation, **params: Any) -> list[Finding]:
    return Collusion(Collusion.Params(**params)).inspect(observation)


def market(
    few: np.ndarray, cost_index: np.ndarray | None = None, **given: Any
) -> InspectionObservation:
    """A category of few sellers beside one of twelve that asks 8.00; a unit costs 6.00 today.

    Args:
        few: (k, D + 1) cents that the few asked, today last.
        cost_index: (D + 1,) of the former category.
        given: other fields of the records.
    """
    k, many = len(few), 12
    history = np.concatenate([few[:, :-1], np.full((many, DAYS), 800)])
    index = np.ones((DAYS + 1, 2))
    if cost_index is not None:
        index[:, 0] = cost_index
    category = np.repeat([0, 1], [k, many])
    columns = {
        "price": np.append(few[:, -1], np.full(many, 800)),
        "category": category,
        "category_names": ("salt", "tea"),
        "category_reference_price": np.array([1000, 1000]),
        "cost_index": index,
    }
    return inspection(history, 600, **(columns | given))


def steady(sellers: int = 3, price: int = 1200) -> np.ndarray:
    return np.full((sellers, DAYS + 1), price)


def noisy(seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.rint(1200 * np.exp(0.1 * rng.standard_normal((3, DAYS + 1)))).astype(int)


def punished() -> np.ndarray:
    """One cuts, the others answer two days later, and all return after a week."""
    prices = steady()
    prices[0, 40:48] = 900
    prices[1:, 42:48] = 900
    return prices


def test_high_margins_and_still_prices_are_signs_against_all_sellers() -> None:
    found = collusion(market(steady()))
    assert [(one.merchant, one.listing, one.grade) for one in found] == [
        (5, NO_LISTING, "C"),
        (6, NO_LISTING, "C"),
        (7, NO_LISTING, "C"),
    ]
    assert {one.illegal_gain for one in found} == {0}
    assert "with 3 sellers, margins were 50% over 90 days, 25% where there" in found[0].evidence


@pytest.mark.parametrize(
    "few",
    [steady(price=850), steady(sellers=9), steady(sellers=1), noisy()],
    ids=["ordinary margin", "many sellers", "one seller", "prices that move"],
)
def test_categories_that_compete_are_not_suspected(few: np.ndarray) -> None:
    assert collusion(market(few)) == []


def test_a_punished_cut_is_a_sign() -> None:
    found = collusion(market(punished()), signs=3)
    assert "a cut was punished" in found[0].evidence
    assert collusion(market(steady()), signs=3) == []
    alone = steady()
    alone[0, 40:48] = 900
    assert collusion(market(alone), signs=3) == []
    together = steady()
    together[:, 40:48] = 900
    assert collusion(market(together), signs=3) == []
    for_good = punished()
    for_good[:, 48:] = 900
    assert collusion(market(for_good), signs=3) == []


def test_a_common_cost_shock_is_no_sign() -> None:
    rng = np.random.default_rng(3)
    index = np.exp(np.cumsum(0.03 * rng.standard_normal(DAYS + 1)))
    index /= index[-1]
    passed_on = np.rint(1200 * index).astype(int) * np.ones((3, 1), int)
    told = collusion(market(passed_on, index))
    assert len(told) == 3, "prices that only follow costs stand still otherwise"
    slump = np.ones(DAYS + 1)
    slump[:-1] = 2.0
    assert collusion(market(steady(), slump)) == [], "the margin is that of a sudden fall of costs"


def test_young_markets_and_those_without_a_yardstick_are_not_screened() -> None:
    short = market(steady())
    young = np.where(np.arange(DAYS) < DAYS - 27, 0, short.prices.checkout.T).T
    assert collusion(market(steady(), checkout=young)) == []
    lonely = inspection(np.full((3, DAYS), 1200), 600)
    assert collusion(lonely) == []
    assert len(collusion(lonely, benchmark_margin=0.25)) == 3


def test_thresholds_of_the_screen_are_the_scenarios() -> None:
    assert collusion(market(steady()), excess_margin=0.3) == []
    assert collusion(market(steady()), max_sellers=2) == []
    assert len(collusion(market(noisy()), signs=1)) == 3
    assert len(collusion(market(noisy()), max_variation=0.5)) == 3
    assert collusion(market(punished()), signs=3, cut=0.3) == []
    assert collusion(market(punished()), signs=3, answer_days=1) == []
    early = punished()
    assert len(collusion(market(early), signs=3, window=60)) == 3
    assert collusion(market(early), signs=3, window=40) == []
