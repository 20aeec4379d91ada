"""The platform steers: which listings consumers may come across, and which come first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from policies.arrays import BoolArray, read_only
from policies.observations import ListingsView, Steering, SteeringObservation
from sim.policy_results import PolicyResultError

if TYPE_CHECKING:
    from sim.market import Marketplace


def steer(market: Marketplace, view: ListingsView) -> None:
    """Let the steering policy decide what is shown today, of all that the view holds."""
    policy, listings = market.policies.steering, len(market.listings)
    steering = policy.steer(
        SteeringObservation(
            day=market.day,
            listings=view,
            own_brand=read_only(own_brand(market)),
            seed=int(market.streams.key("steering", market.day)),
        )
    )
    _refuse_invalid(policy, steering, listings)
    market.today.steering = steering


def own_brand(market: Marketplace) -> BoolArray:
    """(L,) sold by the platform itself: by the merchants that had most listings on day 0."""
    listings, count = market.listings, market.settings.platform.own_brand_merchants
    if count == 0:
        return np.zeros(len(listings), dtype=np.bool_)
    size = np.bincount(listings.merchant[listings.listed_on == 0], minlength=len(market.books))
    own = np.zeros(len(size), dtype=np.bool_)
    own[np.argsort(-size, kind="stable")[:count]] = True
    brand: BoolArray = own[listings.merchant]
    return brand


def with_first_ones_first(slate: NDArray[np.int32], first: BoolArray) -> NDArray[np.int32]:
    """(S, K) slates with the listings that come first at the top, otherwise in their order."""
    if not first.any():
        return slate
    rank = np.where(slate < 0, 2, np.where(first[slate], 0, 1))
    return np.take_along_axis(slate, np.argsort(rank, axis=1, kind="stable"), axis=1)


def _refuse_invalid(policy: Any, steering: Any, listings: int) -> None:
    who = f"steering policy {policy.name!r}"
    if not isinstance(steering, Steering):
        raise PolicyResultError(f"{who} must return a Steering, not {type(steering).__name__}")
    for name in ("shown", "first"):
        array = np.asarray(getattr(steering, name))
        if array.shape != (listings,) or array.dtype != np.bool_:
            raise PolicyResultError(
                f"{who}: {name} must be true or false for each of {listings} listings, not "
                f"{array.dtype} of shape {array.shape}"
            )
