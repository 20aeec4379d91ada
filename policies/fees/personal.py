"""Personal prices: what a platform guesses that an account is willing to pay, and asks of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from policies.arrays import IntArray
from policies.observations import ListingsView, PersonalPriceObservation, PersonalPrices
from policies.params import PolicyParams

DOUBT = 2.0
"""Purchases' worth of weight that a guess gives to an account being like all others."""


class FeeParams(PolicyParams):
    """Parameters that all fee policies share."""

    personal: float = Field(
        0.0,
        ge=0.0,
        le=0.5,
        description="largest personal markup or discount by what an account is guessed to be "
        "willing to pay, share of the price; 0: everybody pays the same",
    )
    personal_disclosed: bool = Field(
        False,
        description="true: buyers are told of personal prices and refuse to pay more than others, "
        "so that discounts alone remain",
    )


class PersonalPricing:
    """Asks more of accounts that buy the dear goods of their categories, and less of the others.

    An account's guess is the mean logarithm of the prices of what it bought over its categories'
    usual prices, drawn towards that of everybody while purchases are few. Its markup goes by the
    guess's place among all accounts in the platform's log, from `-personal` to `+personal`;
    accounts without purchases in the log pay the posted price.

    Source: Dubé & Misra (2023), "Personalized pricing and consumer welfare", Journal of Political
    Economy 131(1).
    """

    params: FeeParams

    @property
    def quotes_personally(self) -> bool:
        """Whether accounts are asked different prices."""
        return self.params.personal > 0.0

    def quote(self, observation: PersonalPriceObservation) -> PersonalPrices:
        """What each session is asked beside the posted price."""
        account, guess = willingness(observation.buyer, observation.bought, observation.listings)
        visitor = observation.sessions.visitor
        markup = np.zeros(len(visitor))
        if len(account) > 1:
            below = np.searchsorted(np.sort(guess), guess, side="left")
            above = len(guess) - np.searchsorted(np.sort(guess), guess, side="right")
            place = (below - above) / (len(account) - 1.0)
            row = np.minimum(np.searchsorted(account, visitor), len(account) - 1)
            known = account[row] == visitor
            markup[known] = self.params.personal * place[row[known]]
        return PersonalPrices(markup, self.params.personal_disclosed)


def willingness(
    buyer: IntArray, bought: IntArray, listings: ListingsView
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Guesses at what accounts are willing to pay, from what they bought.

    Args:
        buyer: (P,) key of the account of each past purchase.
        bought: (P,) its listing.
        listings: all listings.

    Returns:
        (A,) keys of the accounts, ascending, and (A,) guesses; 0 is what everybody usually pays.
    """
    usual = listings.category_reference_price[listings.category[bought]]
    dearness = np.log(listings.price[bought] / usual)
    account, row, count = np.unique(buyer, return_inverse=True, return_counts=True)
    guess = np.bincount(row, dearness, minlength=len(account)) / (count + DOUBT)
    return account.astype(np.int64), guess
