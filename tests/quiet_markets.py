"""Small markets on which no event falls."""

from __future__ import annotations

from experiments.running import resolve
from scenarios.build import build
from sim.market import Marketplace

SELDOM = "policies.dispatch.decide_every=15.0"
"""Where deliveries are not what is tested: decisions a minute apart take half of a market's time.
"""


def founded(*overrides: str) -> Marketplace:
    """The scenario `tiny` without its events, on the eve of its first day."""
    scenario, folder = resolve("tiny", overrides=["events=[]", *overrides])
    return build(scenario, folder=folder)


def lived(days: int, *overrides: str) -> Marketplace:
    """The same market after some days."""
    market = founded(*overrides)
    for _ in range(days):
        market.step()
    return market
