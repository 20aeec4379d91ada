"""The platform and the regulator as agents: who they are, not what they decide.

Their decisions are policies; their money stands in the ledger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesa import Agent

from sim.ledger import Owner, Purpose

if TYPE_CHECKING:
    from sim.market import Marketplace


class Platform(Agent):
    """The platform that the market is held on."""

    def __init__(self, market: Marketplace) -> None:
        super().__init__(market)

    @property
    def balance(self) -> int:
        """Cents that the platform holds, orders not yet delivered included."""
        ledger = self.model.ledger
        return int(ledger.balance[ledger.account(Owner.PLATFORM)])

    def pay_running_cost(self) -> None:
        """Staff, servers and offices of a day, whatever is sold."""
        market, ledger = self.model, self.model.ledger
        ledger.transfer(
            market.day,
            ledger.account(Owner.PLATFORM),
            ledger.account(Owner.OUTSIDE),
            market.cents(market.settings.platform.running_cost_per_day),
            Purpose.OPERATION,
        )


class Regulator(Agent):
    """The regulator, with its record of the platform; fines go to the treasury."""

    def __init__(self, market: Marketplace) -> None:
        super().__init__(market)
        self.platform_level = 0  # rung of the ladder on which the platform stands
        self.platform_last_offence = -1  # day of its last sanction

    @property
    def treasury(self) -> int:
        """Cents in the treasury."""
        ledger = self.model.ledger
        return int(ledger.balance[ledger.account(Owner.TREASURY)])
