"""Reading the market of the scenario `duopoly` in units of theory.

One unit is 1000 currency units, or 100,000 cents; quantities and profits are a buyer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.market import Marketplace

Floats = NDArray[np.float64]

CURRENCY = 1_000
UNIT = 100_000  # cents
MU = 0.25
BUYERS = 1_000_000


def firms(
    values: Sequence[float],
    costs: Sequence[float],
    prices: Sequence[float],
    *,
    one_owner: bool = False,
) -> str:
    """`KEY=VALUE` for a market of the given products.

    Args:
        values: (n,) what each is worth to a buyer, in units.
        costs: (n,) unit costs.
        prices: (n,) opening prices.
        one_owner: one merchant sells them all, instead of one each.
    """
    rows = ", ".join(
        f'{{merchant = "Firm {0 if one_owner else n}", title = "Product {n}", '
        f"value = {v * CURRENCY:.2f}, unit_cost = {c * CURRENCY:.2f}, price = {p * CURRENCY:.2f}}}"
        for n, (v, c, p) in enumerate(zip(values, costs, prices, strict=True))
    )
    return f"commerce.written.listings=[{rows}]"


@dataclass(frozen=True, slots=True)
class LastDay:
    """What a market of expected demand came to on its last day. n listings."""

    price: Floats  # (n,) that sellers ask
    subsidy: Floats  # (n,) a unit
    to_seller: bool  # who gets the subsidy
    share: Floats  # (n,) quantities a buyer
    profit: Floats  # (n,) sellers' profits a buyer, before fixed costs
    commission: float  # what the platform took, a buyer
    surplus: float  # of consumers, a buyer
    bill: float  # subsidies paid, a buyer

    @property
    def net_price(self) -> Floats:
        """(n,) prices that buyers bear."""
        return self.price - (0.0 if self.to_seller else self.subsidy)

    @property
    def welfare(self) -> float:
        """Consumer surplus, sellers' profits and commission less the subsidies."""
        return self.surplus + float(self.profit.sum()) + self.commission - self.bill


def last_day(market: Marketplace) -> LastDay:
    """Read a market's last day from its orders."""
    buyers = market.settings.consumers.choice.buyers_per_consumer * len(market.crowd)
    orders, n = market.orders, len(market.listings)
    today = market.today.orders
    listing, units = orders["listing"][today], orders["quantity"][today].astype(float)
    to_merchants = orders["seller_subsidy"][today].astype(float)
    per_unit = orders["unit_subsidy"][today] + to_merchants
    received = orders["unit_price"][today] + to_merchants
    margin = (received - orders["unit_cost"][today]) * units - orders["commission"][today]

    def of_listing(amount: Floats) -> Floats:
        return np.bincount(listing, amount, minlength=n).astype(np.float64)

    sold = np.maximum(of_listing(units), 1.0)
    return LastDay(
        price=market.listings.price / UNIT,
        subsidy=of_listing(per_unit * units) / sold / UNIT,
        to_seller=bool(to_merchants.any()),
        share=of_listing(units) / buyers,
        profit=of_listing(margin) / UNIT / buyers,
        commission=float(orders["commission"][today].sum()) / UNIT / buyers,
        surplus=float(market.today.session_surplus.mean()) / UNIT,
        bill=market.today.subsidy_paid / UNIT / buyers,
    )
