"""A market's own log, as a platform has it, for the measurement of models."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.running import resolve
from models.array_checks import IdArray
from policies.observations import InteractionLog
from scenarios.build import build

SETTINGS = (
    "events=[]",
    "consumers.count=2000",
    "merchants.stock_cover_days=30.0",
    "policies.dispatch.decide_every=30.0",
    "couriers.count=25",
    'policies.subsidy={name = "none"}',
    "policies.rules={}",
    'policies.privacy={name = "keep_all"}',
    "platform.log_days=1000",
)
"""Of `tiny`, so that its consumers are many enough to learn from."""


@dataclass(frozen=True, slots=True)
class MarketLog:
    """What a market logged. L listings."""

    log: InteractionLog
    consumers: int
    listings: int
    category: IdArray  # (L,)


def lived(days: int, *overrides: str, seed: int = 1) -> MarketLog:
    """Let a market live and return its log."""
    scenario, folder = resolve("tiny", overrides=[*SETTINGS, f"seed={seed}", *overrides])
    market = build(scenario, folder=folder)
    for _ in range(days):
        market.step()
    return MarketLog(
        market.log.view(market.queries.text),
        len(market.consumers),
        len(market.listings),
        market.listings.category.astype(np.int64),
    )
