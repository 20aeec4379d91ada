"""Closed roads: what is left of a network while streets around its centre are closed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from policies.arrays import IntArray
from sim.roads import RoadNetwork
from sim.settings.events import RoadClosure


class Closure(NamedTuple):
    """One closure in force."""

    share: float  # of the links, those nearest to the centre
    slowdown: float  # factor on minutes there, for those who must pass
    closed: bool  # whether only they pass who cannot go round


class RoadsToday(NamedTuple):
    """The roads as they are."""

    open_roads: RoadNetwork
    detour: RoadNetwork | None  # with closed links as they can be passed; None: none is closed


def closures_on(events: Iterable[object], day: int) -> tuple[Closure, ...]:
    """The closures in force on a day.

    Args:
        events: of a scenario, of any kind.
        day: which.
    """
    return tuple(
        Closure(event.share, event.slowdown, event.closed)
        for event in events
        if isinstance(event, RoadClosure)
        and event.day <= day
        and (event.until is None or day < event.until)
    )


def links_from_centre(network: RoadNetwork) -> IntArray:
    """The links (L,), nearest to the centre of the network first."""
    # Test networks may have no coordinates: all their nodes count as equally central.
    x, y = np.nan_to_num(network.x), np.nan_to_num(network.y)
    far = np.hypot(x - np.median(x), y - np.median(y))
    return np.argsort(far[network.tail], kind="stable")


def roads_today(
    network: RoadNetwork, from_centre: IntArray, closures: tuple[Closure, ...]
) -> RoadsToday:
    """The network with closures in force.

    Args:
        network: roads without any.
        from_centre: (L,) links, those first that closures hit first.
        closures: in force today; where several hit a link, the slowest holds.
    """
    if not closures:
        return RoadsToday(network, None)
    slowed, passed = np.ones(network.n_links), np.ones(network.n_links)
    closed = np.zeros(network.n_links, dtype=np.bool_)
    for closure in closures:
        hit = from_centre[: int(np.ceil(closure.share * network.n_links))]
        passed[hit] = np.maximum(passed[hit], closure.slowdown)
        if closure.closed:
            closed[hit] = True
        else:
            slowed[hit] = np.maximum(slowed[hit], closure.slowdown)
    roads = network.with_minutes(slowed)
    if not closed.any():
        return RoadsToday(roads, None)
    return RoadsToday(roads.closed(np.flatnonzero(closed)), network.with_minutes(passed))
