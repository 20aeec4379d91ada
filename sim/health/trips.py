"""Indicators of couriers' trips that others make as well, and of the vehicles they put on roads."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.delivery.records import StopKind
from sim.health.formulas import NAN, mean
from sim.health.indicator import Indicator

if TYPE_CHECKING:
    from sim.market import Marketplace

AT_ONCE = 15.0
"""Minutes within which two couriers' arrivals at one place count as one trip too many."""


def repeated(
    place: NDArray[Any], minute: NDArray[Any], courier: NDArray[Any], within: float
) -> NDArray[np.bool_]:
    """Which arrivals have one of another courier at the same place shortly before or after.

    Args:
        place: (n,) where each arrives.
        minute: (n,) when.
        courier: (n,) who.
        within: minutes between two arrivals that are at once.

    Returns:
        (n,) whether it is repeated.
    """
    order = np.lexsort((minute, place))
    at, when, who = place[order], minute[order], courier[order]
    found = np.zeros(len(order), dtype=np.bool_)
    for gap in range(1, len(order)):
        near = (at[gap:] == at[:-gap]) & (when[gap:] - when[:-gap] <= within)
        if not near.any():
            break
        near &= who[gap:] != who[:-gap]
        found[gap:] |= near
        found[:-gap] |= near
    result = np.empty(len(order), dtype=np.bool_)
    result[order] = found
    return result


def duplicate_trips(market: Marketplace) -> float:
    """Trips to shops and doors at which another courier arrives within a quarter of an hour."""
    return mean(_repeated_today(market, StopKind.PICKUP, StopKind.DROPOFF))


def duplicate_pickups(market: Marketplace) -> float:
    """Trips to shops at which another courier arrives within a quarter of an hour."""
    return mean(_repeated_today(market, StopKind.PICKUP))


def vehicles_at_peak(market: Marketplace) -> float:
    """Couriers who drive at a time, on the mean of the hour of the day with most of them."""
    legs = _legs(market)
    if len(legs["start"]) == 0:
        return NAN
    # Two days of hours, as shifts may end after midnight.
    hours = pairwise(market.day * 1440.0 + 60.0 * hour for hour in range(49))
    driven = [np.clip(legs["end"], *one) - np.clip(legs["start"], *one) for one in hours]
    return float(max(minutes.sum() for minutes in driven) / 60.0)


def _repeated_today(market: Marketplace, *kinds: StopKind) -> NDArray[np.bool_]:
    """Whether each of today's trips is repeated, for each kind of stop on its own."""
    legs, found = _legs(market), []
    for kind in kinds:
        own = legs["kind"] == kind
        place, arrival, courier = (legs[name][own] for name in ("destination", "end", "courier"))
        found.append(repeated(place, arrival, courier, AT_ONCE))
    return np.concatenate(found)


def _legs(market: Marketplace) -> dict[str, NDArray[Any]]:
    """Columns of what was driven today."""
    names = ("courier", "kind", "destination", "start", "end")
    return {name: market.legs[name][market.today.first_leg :] for name in names}


INDICATORS = (
    Indicator(
        "duplicate_trips", "delivery", "share of trips", "lower",
        "trips to shops and doors with another courier's arrival there within 15 minutes / such "
        "trips", "definition", duplicate_trips,
    ),
    Indicator(
        "duplicate_pickups", "delivery", "share of trips", "lower",
        "trips to shops with another courier's arrival there within 15 minutes / trips to shops",
        "definition", duplicate_pickups,
    ),
    Indicator(
        "vehicles_at_peak", "delivery", "vehicles", "lower",
        "largest of minutes driven in an hour of the day / 60", "definition", vehicles_at_peak,
    ),
)  # fmt: skip
