"""A merchant: who it is and what it is up to; its books are columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesa import Agent

from sim.ledger import Owner

if TYPE_CHECKING:
    from sim.market import Marketplace

MISCONDUCT = ("counterfeit", "fake_list_price", "bait", "bought_reviews", "below_cost")
"""The ways in which a merchant may cheat beside its pricing strategy, which may add its own."""

PRICE_MISCONDUCT = frozenset({"below_cost", "fake_list_price", "gouging"})
"""Kinds of misconduct that move prices, which monitoring is meant to notice."""


class Merchant(Agent):
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
        self.strategy = strategy
        self.misconduct = misconduct | by_strategy
        self.by_strategy = by_strategy  # kinds that its strategy does when it sets prices
        self.war_chest = 0  # cents that it may still lose by selling below cost
        self.deterred_until = 0  # first day on which it dares to cheat again

    @property
    def is_deterred(self) -> bool:
        """Whether it keeps to the rules today, for fear of sanctions."""
        return bool(self.model.day < self.deterred_until)

    def cheats(self, kind: str) -> bool:
        """Whether it does one kind of misconduct today, beside what its strategy does itself."""
        beside = kind in self.misconduct and kind not in self.by_strategy
        return beside and not self.is_deterred

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
