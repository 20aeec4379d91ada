"""The consumer phase as a plain model writes it: one Mesa agent a consumer, Python in each step.

The same rates of visits, logit weights and best-sellers as in `sim.shopping`, computed in Python
one agent after the other. It does less: slates are fixed, shelves never run empty, purses are not
refilled, and there is no search, repeat purchase, subsidy or ledger. It is here to be compared
with, and is not used by Weal.
"""

from __future__ import annotations

import math
from typing import Any

import mesa
import numpy as np

from sim.choice import Weights
from sim.consumers import believed_quality
from sim.market import Marketplace
from sim.shopping import choice_weights


class PlainConsumer(mesa.Agent):
    """A consumer that visits, looks at a slate, chooses by logit and pays."""

    def __init__(self, model: PlainMarket, market: Marketplace, row: int) -> None:
        super().__init__(model)
        crowd = market.crowd
        self.visit_chance = 1.0 - math.exp(-float(crowd.visits_per_day[row]))
        self.category_cumulative = crowd.category_cumulative[row].tolist()
        self.taste = crowd.taste[row].tolist()
        self.sensitivity = float(crowd.price_sensitivity[row])
        self.trust = float(crowd.trust[row])
        self.purse = int(crowd.income[row]) * 7
        self.memory: list[int] = []

    def shop(self) -> None:
        """One day of this consumer."""
        model = self.model
        if model.random.random() >= self.visit_chance:
            return
        model.visits += 1
        draw = model.random.random()
        category = next(c for c, upto in enumerate(self.category_cumulative) if draw < upto)
        slope = self.sensitivity / model.reference_price[category]
        examined = 1 + int(math.log(model.random.random()) / math.log(1.0 - 1.0 / 8.0))
        best, chosen = model.outside_utility + gumbel(model.random), None
        rival = model.rival_utility - self.sensitivity - model.weights.trust * (self.trust - 0.5)
        u = rival + gumbel(model.random)
        if u > best:
            best = u
        for listing in model.slates[category][:examined]:
            u = self.utility(listing, slope) + gumbel(model.random)
            affordable = listing["price"] <= self.purse and listing["stock"] > 0
            if u > best and affordable:
                best, chosen = u, listing
        if chosen is not None:
            self.buy(chosen)

    def utility(self, listing: dict[str, Any], slope: float) -> float:
        """The logit utility of `sim.choice`, without subsidy."""
        weights = self.model.weights
        match = sum(a * b for a, b in zip(self.taste, listing["attributes"], strict=True))
        price = listing["price"]
        return (
            weights.base
            + weights.trust * (self.trust - 0.5)
            + weights.appeal * listing["appeal"]
            + weights.taste * match
            + weights.quality * (listing["expected_quality"] - 0.5)
            - slope * (price + self.model.delivery_fee)
            + weights.reference * slope * (listing["reference_price"] - price)
            + (weights.loyalty if listing["id"] in self.memory else 0.0)
        )

    def buy(self, listing: dict[str, Any]) -> None:
        """Pay, take from the shelf, remember."""
        self.purse -= listing["price"]
        listing["stock"] -= 1
        self.memory = [listing["id"], *[one for one in self.memory if one != listing["id"]]][:8]
        self.model.sales.append((self.unique_id, listing["id"], listing["price"]))


class PlainMarket(mesa.Model):
    """Consumers as agents; what is on sale is taken from a Weal market."""

    def __init__(self, market: Marketplace, seed: int = 1) -> None:
        super().__init__(rng=seed)
        self.weights: Weights = choice_weights(market)
        self.reference_price = market.reference_price.tolist()
        self.outside_utility = market.settings.consumers.choice.outside_utility
        self.delivery_fee = market.cents(market.settings.platform.delivery_fee)
        self.rival_utility = market.settings.rival.utility
        self.visits = 0
        self.sales: list[tuple[int, int, int]] = []
        self.slates = _slates(market)
        for row in range(len(market.crowd)):
            PlainConsumer(self, market, row)

    def step(self) -> None:
        """One day."""
        self.agents.shuffle_do("shop")


def gumbel(random: Any) -> float:
    """A standard Gumbel draw."""
    return -math.log(-math.log(random.random()))


def _slates(market: Marketplace) -> list[list[dict[str, Any]]]:
    """The twelve best-sellers of each category as records."""
    listings = market.listings
    quality = believed_quality(listings, market.settings.consumers.response)
    slates = []
    for category in range(len(market.category_names)):
        rows = np.flatnonzero(listings.category == category)
        best = rows[np.argsort(-listings.sold_recently[rows], kind="stable")][:12]
        slates.append(
            [
                {
                    "id": int(row),
                    "price": int(listings.price[row]),
                    "reference_price": float(listings.reference_price[row]),
                    "appeal": float(listings.appeal[row]),
                    "expected_quality": float(quality[row]),
                    "attributes": listings.attributes[row].tolist(),
                    "stock": 1_000_000,
                }
                for row in best
            ]
        )
    return slates
