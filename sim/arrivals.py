"""Who comes today, when, and with which needs. Activation: synchronous."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from numpy.typing import NDArray

from policies.arrays import FloatArray, IntArray
from sim.homing import shops_here
from sim.streams import poisson_from_uniform, rows_below

if TYPE_CHECKING:
    from sim.market import Marketplace

LINES = 16
"""Most needs of one visit; also the stride that keys a need's own draws."""


def arrive(market: Marketplace) -> None:
    """Draw today's visits and their sessions, in the order in which they happen.

    A consumer visits with probability `T^w (1 - exp(-rate))`, the rate being her own, times the
    weekday's factor and that of any surge, unless she shops at the rival alone; T is her trust and
    w the scenario's `visit_trust`. A visit has one or more needs (lines); each need is a session in
    one category, for an item bought before or for something new, with or without a search query.
    """
    today, crowd, day = market.today, market.crowd, market.day
    if market.settings.consumers.choice.demand == "expected":
        visitor = np.flatnonzero(crowd.active & shops_here(market)).astype(np.int32)
    else:
        weekday = market.weekday_profile[day % 7]
        rate = crowd.visits_per_day * (weekday * market.demand_factor)
        # 1 - exp(-rate) is below the rate: only those whose draw lies below it need a closer look.
        maybe = rows_below(market.streams.key("visit", day), rate)
        draw = market.streams.uniform("visit", day, maybe)
        here = (crowd.active & shops_here(market))[maybe]
        chance = -np.expm1(-rate[maybe])
        power = market.settings.consumers.choice.visit_trust
        if power > 0.0:
            chance *= crowd.trust[maybe].astype(np.float64) ** power
        visitor = maybe[here & (draw < chance)]
    minute = _minute_of_day(market, visitor)
    order = np.lexsort((visitor, minute))
    visitor, minute = visitor[order], minute[order]
    mean = np.maximum(crowd.lines_per_visit[visitor].astype(np.float64) - 1.0, 0.0)
    more = poisson_from_uniform(market.streams.uniform("lines", day, visitor), mean)
    lines = np.minimum(1 + more, LINES)
    today.visitors = visitor.astype(np.int64)
    today.session_consumer = np.repeat(visitor, lines)
    first = np.cumsum(lines) - lines
    today.session_line = (np.arange(lines.sum()) - np.repeat(first, lines)).astype(np.int32)
    today.session_minute = np.repeat(minute, lines)
    _needs(market)


def _minute_of_day(market: Marketplace, visitor: IntArray) -> FloatArray:
    cumulative = np.cumsum(market.hour_profile)
    draw = market.streams.uniform("hour", market.day, visitor) * cumulative[-1]
    hour = np.minimum(np.searchsorted(cumulative, draw, side="right"), 23)
    within = market.streams.uniform("minute", market.day, visitor)
    minute: FloatArray = (hour + within) * 60.0
    return minute


def _needs(market: Marketplace) -> None:
    today, crowd, streams = market.today, market.crowd, market.streams
    consumer, line = today.session_consumer, today.session_line
    draw = streams.uniform("category", market.day, consumer, line)
    category = category_of(crowd.category_cumulative, consumer, draw)
    today.session_repeat = _wanted_again(market)
    again = today.session_repeat >= 0
    category[again] = market.listings.category[today.session_repeat[again]]
    today.session_category = category
    today.session_query = _queries(market)
    today.examined = _examined(market)


@njit(cache=True)
def category_of(cumulative, consumer, draw):  # type: ignore[no-untyped-def]
    """(S,) int32 category of each need: the first whose cumulative share exceeds the draw.

    Args:
        cumulative: (N, C) cumulative share of needs by category.
        consumer: (S,) whose need it is.
        draw: (S,) in (0, 1).
    """
    category = np.empty(len(consumer), dtype=np.int32)
    last = cumulative.shape[1] - 1
    for s in range(len(consumer)):
        c = 0
        while c < last and cumulative[consumer[s], c] <= draw[s]:
            c += 1
        category[s] = c
    return category


def _wanted_again(market: Marketplace) -> IntArray:
    """(S,) the item bought before that a session wants again, or -1."""
    today, crowd, streams = market.today, market.crowd, market.streams
    consumer, line = today.session_consumer, today.session_line
    memory = crowd.memory[consumer]
    known = (memory >= 0).sum(axis=1)
    repeats = streams.uniform("repeat", market.day, consumer, line) < crowd.repeat_share[consumer]
    slot = (streams.uniform("repeat_item", market.day, consumer, line) * known).astype(np.int64)
    item = memory[np.arange(len(memory)), np.minimum(slot, memory.shape[1] - 1)]
    wanted: NDArray[np.int32] = np.where(repeats & (known > 0), item, -1).astype(np.int32)
    return wanted


def _queries(market: Marketplace) -> IntArray:
    """(S,) the query that a session starts with, or -1; drawn from its category's queries."""
    today, streams = market.today, market.streams
    consumer, line = today.session_consumer, today.session_line
    share = market.settings.consumers.choice.search_share
    searches = streams.uniform("search", market.day, consumer, line) < share
    first, count = market.queries.first, market.queries.count
    category = today.session_category
    pick = streams.uniform("query", market.day, consumer, line) * count[category]
    query = first[category] + pick.astype(np.int64)
    chosen: NDArray[np.int32] = np.where(searches & (count[category] > 0), query, -1).astype(
        np.int32
    )
    return chosen


def _examined(market: Marketplace) -> IntArray:
    """(S,) results a session looks at: geometric with the mean of the scenario, at least one."""
    today = market.today
    mean = market.settings.consumers.choice.examined_mean
    draw = market.streams.uniform(
        "patience", market.day, today.session_consumer, today.session_line
    )
    if mean <= 1.0:
        return np.ones(len(draw), dtype=np.int32)
    further = np.floor(np.log(draw) / np.log1p(-1.0 / mean))
    examined: IntArray = (1 + np.minimum(further, 1000)).astype(np.int32)
    return examined
