"""What the platform's fee policy is shown, and the fees of a day."""

from __future__ import annotations

from dataclasses import dataclass

from policies.arrays import FloatArray
from policies.observations.commerce import ListingsView


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
