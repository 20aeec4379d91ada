"""When buyers are told that their parcels will come: a promise, or a time window they chose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from policies.arrays import BoolArray, FloatArray, IntArray
from sim.delivery.jobs import Shifts
from sim.event_tables import OrderStatus

if TYPE_CHECKING:
    from sim.market import Marketplace

DAYS = 14
"""Days of the past that an adaptive promise looks at."""

ALIKE = 100
"""Recent parcels, those with the most similar load, that an adaptive promise is made from."""

LEAD = 30.0
"""Minutes before a time window at which its parcel is to be ready."""


def promised_minutes(market: Marketplace, begins: FloatArray, shifts: Shifts) -> FloatArray:
    """Minutes from the beginning of preparation to the door that are promised.

    The adaptive promise is a quantile of what the recent parcels took that met the most similar
    load, which is the parcels begun in the hour before for each courier on shift. Parcels that
    never came count as longer than any. It knows of earlier orders alone.

    Args:
        market: the market, whose deliveries are those of the days before.
        begins: (n,) minutes at which shops begin to prepare today's parcels.
        shifts: who works today.

    Returns:
        (n,) minutes.

    Source: a nearest-neighbour estimate of a conditional quantile (Stone 1977, "Consistent
    nonparametric regression", Annals of Statistics 5(4)).
    """
    delivery = market.settings.delivery
    plain = np.full(len(begins), delivery.promise_minutes)
    if delivery.promise == "fixed":
        return plain
    jobs, worked = market.deliveries, market.shifts
    since = (market.day - DAYS) * 1440.0
    known = np.flatnonzero((jobs["begins"] >= since) & (jobs["not_before"] == 0.0))
    ended = known[jobs["status"][known] != OrderStatus.OPEN]
    if len(ended) < ALIKE:
        return plain
    start = np.concatenate([worked["start"], shifts.start])
    end = np.concatenate([worked["end"], shifts.end])
    all_begun = np.sort(np.concatenate([jobs["begins"][known], begins]))
    minutes = np.nan_to_num(jobs["delivered"][ended] - jobs["begins"][ended], nan=np.inf)
    promise = _of_the_most_alike(
        _load(jobs["begins"][ended], all_begun, start, end),
        minutes,
        _load(begins, all_begun, start, end),
        delivery.promise_quantile,
    )
    return np.clip(promise, delivery.promise_least_minutes, delivery.promise_most_minutes)


def _load(
    minute: FloatArray, begun: FloatArray, shift_start: FloatArray, shift_end: FloatArray
) -> FloatArray:
    """(n,) parcels begun in the hour up to a minute for each courier on shift then, or for one."""
    work = np.searchsorted(begun, minute, "right") - np.searchsorted(begun, minute - 60.0, "right")
    on_shift = np.searchsorted(np.sort(shift_start), minute, "right")
    on_shift = on_shift - np.searchsorted(np.sort(shift_end), minute, "right")
    load: FloatArray = work / np.maximum(on_shift, 1)
    return load


def _of_the_most_alike(
    known: FloatArray, value: FloatArray, asked: FloatArray, quantile: float
) -> FloatArray:
    """(n,) quantile of the values of the `ALIKE` known ones around each that is asked for."""
    order = np.argsort(known, kind="stable")
    first = np.searchsorted(known[order], asked) - ALIKE // 2
    first = np.clip(first, 0, len(known) - ALIKE)
    distinct, back = np.unique(first, return_inverse=True)
    near = value[order][distinct[:, None] + np.arange(ALIKE)]
    found: FloatArray = np.quantile(near, quantile, axis=1, method="higher")[back]
    return found


def chosen_windows(
    market: Marketplace, start: FloatArray, consumer: IntArray, pickup: IntArray
) -> tuple[BoolArray, FloatArray]:
    """Which buyers choose a time window, and when it begins.

    Windows begin on the hour and lie within opening hours; each that the parcel can make today is
    as likely as any other, and tomorrow's if there is none.

    Args:
        market: the market.
        start: (n,) minutes at which shops could begin to prepare.
        consumer: (n,) rows.
        pickup: (n,) places.

    Returns:
        (n,) whether a window was chosen, and (n,) the minute at which it begins.
    """
    settings, merchants = market.settings.delivery, market.settings.merchants
    if settings.window_share == 0.0:
        return np.zeros(len(start), dtype=np.bool_), np.zeros(len(start))
    wants = market.streams.uniform("wants_window", market.day, consumer, pickup)
    draw = market.streams.uniform("which_window", market.day, consumer, pickup)
    opening, closing = merchants.opening_hour * 60.0, merchants.closing_hour * 60.0
    midnight = start // 1440.0 * 1440.0
    ready = start + merchants.preparation_minutes
    late = midnight + closing - settings.window_minutes < np.ceil(ready / 60.0) * 60.0
    midnight = np.where(late, midnight + 1440.0, midnight)
    first = np.ceil(np.maximum(ready, midnight + opening) / 60.0)
    last = np.floor((midnight + closing - settings.window_minutes) / 60.0)
    fits = first <= last
    begins = (first + np.floor(draw * (last - first + 1.0))) * 60.0
    return (wants < settings.window_share) & fits, begins
