"""The one ledger: every payment is a transfer between accounts, in integer cents.

The sum of all balances is constant (it starts at zero: what anybody owns came from `outside`), and
only accounts of kinds that may go into debt can be overdrawn.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.tables import Column, Table

IntColumn = NDArray[np.int64]


class Owner(IntEnum):
    """Who owns an account."""

    OUTSIDE = 0  # the rest of the economy: wages, rents, capital
    SUPPLIERS = 1
    TREASURY = 2
    PLATFORM = 3
    CONSUMER = 4
    MERCHANT = 5
    COURIER = 6


class Purpose(IntEnum):
    """Why money moved."""

    CAPITAL = 0  # start-up capital of merchants and platform
    INCOME = 1  # what consumers may spend
    PAYMENT = 2  # buyer to platform, for goods
    DELIVERY_FEE = 3  # buyer to platform
    PAYOUT = 4  # platform to merchant, net of commission
    SELLER_SUBSIDY = 5  # platform to merchant
    REFUND = 6  # platform to buyer
    CLAWBACK = 7  # merchant to platform, for a refund that it caused
    STOCK = 8  # merchant to suppliers
    FIXED_COST = 9  # merchant to outside: rent, staff
    COURIER_PAY = 10  # platform to courier
    COURIER_SPENDING = 11  # courier to outside
    FINE = 12  # merchant or platform to treasury
    BOUGHT_REVIEW = 13  # merchant to outside
    CLOSURE = 14  # what a closing merchant takes out, or its debts that are written off
    POSTAGE = 15  # platform to outside, where parcels go by post
    OPERATION = 16  # platform to outside: running costs, complaint desk
    RETURN_CREDIT = 17  # supplier to merchant with unlimited stock, for returned goods
    CAMPAIGN_SHARE = 18  # merchant to platform, its part of buyers' subsidies; back on refunds
    RESTITUTION = 19  # merchant to buyers who overpaid; back to it: overturned, or order cancelled
    VEHICLE_COST = 20  # platform to outside: fuel, wear and whatever else a kilometre costs


MAY_OWE = frozenset({Owner.OUTSIDE, Owner.SUPPLIERS, Owner.PLATFORM, Owner.MERCHANT})

TRANSFERS = {
    "day": Column(np.int32, "day", "day of the transfer"),
    "payer": Column(np.int64, "account", "account that pays"),
    "payee": Column(np.int64, "account", "account that receives"),
    "amount": Column(np.int64, "cent", "amount, > 0"),
    "purpose": Column(np.int8, "Purpose", "why the money moved"),
    "order": Column(np.int64, "order", "order it belongs to, -1 if none"),
}


class OverdraftError(RuntimeError):
    """An account that may not owe would have been overdrawn."""


class Ledger:
    """Balances of all accounts and the day's transfers."""

    def __init__(self, consumers: int, merchants: int, couriers: int) -> None:
        """Open one account each, all empty; more can be opened later."""
        self._blocks: dict[Owner, IntColumn] = {}
        self._owner = np.empty(0, dtype=np.int8)
        self.balance: IntColumn = np.empty(0, dtype=np.int64)
        self.transfers = Table(TRANSFERS)
        for owner, count in (
            (Owner.OUTSIDE, 1),
            (Owner.SUPPLIERS, 1),
            (Owner.TREASURY, 1),
            (Owner.PLATFORM, 1),
            (Owner.CONSUMER, consumers),
            (Owner.MERCHANT, merchants),
            (Owner.COURIER, couriers),
        ):
            self.open_accounts(owner, count)

    def open_accounts(self, owner: Owner, count: int) -> IntColumn:
        """Open `count` empty accounts; returns their numbers."""
        numbers = np.arange(len(self.balance), len(self.balance) + count, dtype=np.int64)
        self.balance = np.concatenate([self.balance, np.zeros(count, dtype=np.int64)])
        self._owner = np.concatenate([self._owner, np.full(count, owner, dtype=np.int8)])
        known = self._blocks.get(owner, np.empty(0, dtype=np.int64))
        self._blocks[owner] = np.concatenate([known, numbers])
        return numbers

    def account(self, owner: Owner, row: ArrayLike = 0) -> IntColumn:
        """The account numbers of the given rows of one kind of owner."""
        numbers: IntColumn = self._blocks[owner][np.asarray(row)]
        return numbers

    def balance_of(self, owner: Owner) -> IntColumn:
        """(n,) balances in cents of all accounts of one kind, by row (a copy)."""
        return self.balance[self._blocks[owner]]

    def total(self) -> int:
        """The sum of all balances: constant, whatever happens."""
        return int(self.balance.sum())

    def transfer(
        self,
        day: int,
        payer: ArrayLike,
        payee: ArrayLike,
        amount: ArrayLike,
        purpose: Purpose,
        order: ArrayLike = -1,
    ) -> None:
        """Move money; amounts of 0 leave no trace.

        Args:
            day: the day it happens.
            payer: account numbers, broadcast against the others.
            payee: account numbers.
            amount: cents, >= 0.
            purpose: why.
            order: orders that the payments belong to, -1 if none.

        Raises:
            ValueError: if an amount is negative or not an integer.
            OverdraftError: if an account that may not owe would be overdrawn; nothing is moved.
        """
        amounts = np.asarray(amount)
        if amounts.dtype.kind not in "iu":
            raise ValueError(f"amounts are integer cents, not {amounts.dtype}")
        payers, payees, amounts, orders = np.broadcast_arrays(
            np.asarray(payer), np.asarray(payee), amounts, np.asarray(order)
        )
        moved = np.atleast_1d(amounts != 0)
        if not moved.any():
            return
        payers, payees, amounts, orders = (
            np.atleast_1d(column)[moved].astype(np.int64, copy=False)
            for column in (payers, payees, amounts, orders)
        )
        if amounts.min() < 0:
            raise ValueError(f"amounts must be >= 0, not {amounts.min()} ({purpose.name})")
        if len(amounts) == 1:
            self._move_one(int(payers[0]), int(payees[0]), int(amounts[0]), purpose)
        else:
            self._move_all(payers, payees, amounts, purpose)
        self.transfers.append(
            day=day, payer=payers, payee=payees, amount=amounts, purpose=int(purpose), order=orders
        )

    def _move_one(self, payer: int, payee: int, amount: int, purpose: Purpose) -> None:
        left = self.balance[payer] - amount
        if left < 0 and Owner(int(self._owner[payer])) not in MAY_OWE:
            raise OverdraftError(
                f"account {payer} holds {self.balance[payer]} cents and cannot pay {amount} "
                f"({purpose.name})"
            )
        self.balance[payer] = left
        self.balance[payee] += amount

    def _move_all(
        self, payers: IntColumn, payees: IntColumn, amounts: IntColumn, purpose: Purpose
    ) -> None:
        """Move in place, and back again if that would overdraw: a copy costs a million rows."""
        balance = self.balance
        np.subtract.at(balance, payers, amounts)
        np.add.at(balance, payees, amounts)
        overdrawn = payers[balance[payers] < 0]
        refused = overdrawn[~np.isin(self._owner[overdrawn], [int(kind) for kind in MAY_OWE])]
        if len(refused):
            account = refused[0]
            left = balance[account]
            np.subtract.at(balance, payees, amounts)
            np.add.at(balance, payers, amounts)
            raise OverdraftError(
                f"account {account} holds {balance[account]} cents and would be left with "
                f"{left} ({purpose.name})"
            )
