"""What the platform's fee policy is shown, and the fees of a day."""

from __future__ import annotations

from dataclasses import dataclass

from policies.arrays import FloatArray, IntArray
from policies.observations.commerce import ListingsView, SessionsView


@dataclass(frozen=True, slots=True)
class FeesObservation:
    """Handed to the fee policy each morning, before merchants set their prices."""

    day: int
    listings: ListingsView  # as they stood last evening
    commission: float  # share of the price, as the scenario sets it today
    delivery_fee: int  # cents a visit that orders, as the scenario sets it today
    orders_recently: float  # orders a day, exponentially weighted
    orders_yesterday: int
    couriers_expected: float  # couriers on shift on an ordinary day; 0: parcels go by post


@dataclass(frozen=True, slots=True)
class FeeSchedule:
    """A day's fees."""

    commission: FloatArray  # (L,) share of each listing's price, in [0, 0.9]
    delivery_fee: int  # cents a visit that orders, >= 0


@dataclass(frozen=True, slots=True)
class PersonalPriceObservation:
    """Handed to a fee policy that quotes personal prices, before sessions are shown prices.

    P past purchases, as far as the privacy policy lets the platform keep them.
    """

    day: int
    sessions: SessionsView
    listings: ListingsView
    buyer: IntArray  # (P,) int64 key of the account
    bought: IntArray  # (P,) listing


@dataclass(frozen=True, slots=True)
class PersonalPrices:
    """What each session is asked beside the posted price; the platform keeps or bears it."""

    markup: FloatArray  # (S,) share of the price, in [-0.9, 9]; below 0: a discount
    disclosed: bool = False  # buyers are told, so that they refuse to pay more than others
