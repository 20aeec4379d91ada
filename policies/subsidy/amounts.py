"""How large a subsidy is, and how much may be spent in a day."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.observations import ListingsView
from policies.params import PolicyParams


class SubsidyParams(PolicyParams):
    """What all subsidies of the platform share."""

    amount: float = Field(
        0.0, ge=0.0, le=1e6, description="subsidy a unit, currency units; added to the share"
    )
    share: float = Field(
        0.0,
        ge=0.0,
        le=1.0,
        description="subsidy a unit as a share of the price; added to the amount",
    )
    to_seller: bool = Field(
        False, description="true: paid to the merchant; false: taken off the buyer's price"
    )
    daily_budget: float | None = Field(
        None, ge=0.0, le=1e9, description="currency units that may be spent a day; absent: no limit"
    )

    categories: tuple[str, ...] = Field(
        (), description="names of the categories that are subsidised; empty: all"
    )

    def per_unit(self, listings: ListingsView) -> NDArray[np.int64]:
        """(L,) cents a unit, never more than the price, advertised or at checkout."""
        wanted = np.rint(self.amount * 100 + self.share * listings.checkout_price)
        most = np.minimum(listings.checkout_price, listings.price)
        subsidy: NDArray[np.int64] = np.minimum(wanted, most).astype(np.int64)
        if self.categories:
            chosen = np.array([name in self.categories for name in listings.category_names])
            subsidy = np.where(chosen[listings.category], subsidy, 0)
        return subsidy

    def budget(self) -> int | None:
        """Cents that may be spent today."""
        return None if self.daily_budget is None else round(self.daily_budget * 100)
