"""A merchant: who it is and what it is up to; its books are columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesa import Agent

from sim.ledger import Owner
from sim.merchants.conduct import Character

if TYPE_CHECKING:
    from sim.market import Marketplace

MISCONDUCT = ("counterfeit", "fake_list_price", "bait", "bought_reviews", "below_cost")
"""The ways in which a merchant may cheat beside its pricing strategy, which may add its own."""

PRICE_MISCONDUCT = frozenset({"below_cost", "fake_list_price", "gouging"})
"""Kinds of misconduct that move prices, which monitoring is meant to notice."""


class Merchant(Character, Agent):
    """One shop. `row` is its row in the books, its listings' `merchant` column and the ledger."""

    def __init__(
        self,
        market: Marketplace,
        row: int,
        strategy: str,
        misconduct: frozenset[str],
        by_strategy: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(market)
        self.row = row
        self._conduct = market.conduct
        entered = market.conduct.enter(strategy, misconduct | by_strategy, by_strategy)
        if entered != row:
            raise ValueError(f"merchant {row} must open after {row} others, not {entered}")

    @property
    def name(self) -> str:
        """What the shop is called."""
        name: str = self.model.merchant_names[self.row]
        return name

    @property
    def is_open(self) -> bool:
        """Whether the shop is in business."""
        return bool(self.model.books.is_open[self.row])

    @property
    def capital(self) -> int:
        """Cents on its account."""
        ledger = self.model.ledger
        return int(ledger.balance[ledger.account(Owner.MERCHANT, self.row)])
